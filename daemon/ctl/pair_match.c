/*
 * Which instances of two machines are one virtual router, and what they disagree about. See pair.h.
 */
#include "daemon/ctl/pair.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pair_match_name(const struct pair_match *match)
{
    return match->of[0] != NULL ? match->of[0]->name : match->of[1]->name;
}

static bool is_unicast(const struct conf_instance *instance)
{
    return instance->unicast_peers.count > 0;
}

static bool names_peer(const struct conf_instance *instance, const struct ip_address *address)
{
    for (uint32_t i = 0; i < instance->unicast_peers.count; i++) {
        if (ip_address_compare(&instance->unicast_peers.items[i]->address, address) == 0)
            return true;
    }
    return false;
}

static const char *way_of_adverts(const struct conf_instance *receiver, const struct conf_instance *sender)
{
    if (is_unicast(sender) != is_unicast(receiver))
        return "one speaks unicast, the other multicast";
    if (!is_unicast(sender))
        return ip_address_compare(&sender->multicast_group, &receiver->multicast_group) == 0
                   ? NULL
                   : "they speak to different multicast groups";
    if (ip_address_is_set(&receiver->source) && !names_peer(sender, &receiver->source))
        return "a unicast_peer block does not name the other's unicast_src_ip";
    if (receiver->check_unicast_source && ip_address_is_set(&sender->source) &&
        !names_peer(receiver, &sender->source))
        return "a unicast_peer block does not name the other's unicast_src_ip";
    return NULL;
}

/* Why one does not obey the other; those of both directions together. */
struct reasons {
    const char *items[16];
    size_t count;
};

static void add_reason(struct reasons *reasons, const char *reason)
{
    for (size_t i = 0; i < reasons->count; i++) {
        if (strcmp(reasons->items[i], reason) == 0)
            return;
    }
    if (reasons->count < sizeof(reasons->items) / sizeof(reasons->items[0]))
        reasons->items[reasons->count++] = reason;
}

static void compare_version_2(const struct conf_instance *receiver, const struct conf_instance *sender,
                              struct reasons *reasons)
{
    if (receiver->auth_type != sender->auth_type)
        add_reason(reasons, "their kinds of authentication differ");
    else if (receiver->auth_type != CONF_AUTH_NONE &&
             memcmp(receiver->auth_data, sender->auth_data, sizeof(receiver->auth_data)) != 0)
        add_reason(reasons, "their passwords differ");
    if (receiver->advert_interval_us != sender->advert_interval_us)
        add_reason(reasons, "their advert_ints differ, which version 2 does not forgive");
}

static void add_reasons(const struct conf_instance *receiver, const struct conf_instance *sender,
                        struct reasons *reasons)
{
    const char *way;

    if (receiver->family != sender->family) {
        add_reason(reasons, "their address families differ");
        return; /* and with them all else */
    }
    if (receiver->vrid != sender->vrid)
        add_reason(reasons, "their virtual_router_ids differ");
    if (receiver->version != sender->version)
        add_reason(reasons, "their VRRP versions differ");
    else if (receiver->version == 2)
        compare_version_2(receiver, sender, reasons);
    if (ip_address_is_set(&receiver->source) && ip_address_compare(&receiver->source, &sender->source) == 0)
        add_reason(reasons, "both send from the same address");
    way = way_of_adverts(receiver, sender);
    if (way != NULL)
        add_reason(reasons, way);
}

bool pair_is_deaf(const struct conf_instance *receiver, const struct conf_instance *sender)
{
    struct reasons reasons = {.count = 0};

    add_reasons(receiver, sender, &reasons);
    return reasons.count > 0;
}

/* ------------------------------------------------------------------ findings */

__attribute__((format(printf, 4, 5))) static void find(struct pair *pair, size_t match, const char *advice,
                                                       const char *format, ...)
{
    struct pair_finding *finding;
    va_list arguments;

    pair->findings = realloc(pair->findings, (pair->finding_count + 1) * sizeof(*pair->findings));
    if (pair->findings == NULL)
        abort();
    finding = &pair->findings[pair->finding_count++];
    *finding = (struct pair_finding){.match = match, .advice = advice};
    va_start(arguments, format);
    if (vasprintf(&finding->text, format, arguments) < 0)
        abort();
    va_end(arguments);
}

static bool has_vip(const struct conf_instance *instance, const struct conf_vip *vip)
{
    for (uint32_t i = 0; i < instance->vips.count; i++) {
        const struct conf_vip *own = instance->vips.items[i];

        if (ip_address_compare(&own->address, &vip->address) == 0 && own->excluded == vip->excluded)
            return own->prefix_length == vip->prefix_length;
    }
    return false;
}

static void compare_vips(struct pair *pair, size_t index, unsigned int box)
{
    const struct pair_match *match = &pair->matches[index];
    char text[IP_ADDRESS_TEXT];

    for (uint32_t i = 0; i < match->of[box]->vips.count; i++) {
        const struct conf_vip *vip = match->of[box]->vips.items[i];

        if (!has_vip(match->of[1 - box], vip))
            find(pair, index, "write the same addresses into both files",
                 "%s/%u is held by %c and not, or not so, by %c", ip_address_text(&vip->address, text),
                 vip->prefix_length, "AB"[box], "BA"[box]);
    }
}

static void compare(struct pair *pair, size_t index)
{
    const struct conf_instance *a = pair->matches[index].of[0], *b = pair->matches[index].of[1];
    struct reasons reasons = {.count = 0};

    add_reasons(b, a, &reasons);
    add_reasons(a, b, &reasons);
    for (size_t i = 0; i < reasons.count; i++)
        find(pair, index, "make them agree: as they are, each takes itself for the only one",
             "A and B do not obey each other: %s", reasons.items[i]);
    if (a->version == 3 && a->advert_interval_us != b->advert_interval_us)
        find(pair, index, "write the same advert_int into both files",
             "advert_int is %g s in A and %g s in B", (double)a->advert_interval_us / 1e6,
             (double)b->advert_interval_us / 1e6);
    if (a->base_priority == b->base_priority)
        find(pair, index, "give the one that should be master the higher priority",
             "both have priority %u: the higher address decides", a->base_priority);
    compare_vips(pair, index, 0);
    compare_vips(pair, index, 1);
}

/* ------------------------------------------------------------------ matching */

/* From the surest sign to the faintest. */
enum likeness {
    LIKE_ALL,
    LIKE_IDENTITY,
    LIKE_VRID,
    LIKE_NAME,
    LIKENESSES,
};

static bool is_like(const struct conf_instance *a, const struct conf_instance *b, enum likeness likeness)
{
    bool same_vrid = a->vrid == b->vrid && a->family == b->family;
    bool same_name = strcmp(a->name, b->name) == 0;

    switch (likeness) {
    case LIKE_ALL:
        return same_vrid && same_name;
    case LIKE_IDENTITY:
        return same_vrid && a->interface != NULL && b->interface != NULL &&
               strcmp(a->interface, b->interface) == 0;
    case LIKE_VRID:
        return same_vrid;
    case LIKE_NAME:
        return same_name;
    case LIKENESSES:
        break;
    }
    return false;
}

static struct pair_match *find_half(struct pair *pair, size_t halves, const struct conf_instance *instance,
                                    enum likeness likeness)
{
    for (size_t i = 0; i < halves; i++) {
        if (pair->matches[i].of[1] == NULL && is_like(pair->matches[i].of[0], instance, likeness))
            return &pair->matches[i];
    }
    return NULL;
}

static void match_all(struct pair *pair)
{
    const struct conf_model *a = pair->models[0], *b = pair->models[1];
    bool *taken = calloc(b->instances.count + 1, sizeof(*taken));

    if (taken == NULL)
        abort();
    for (uint32_t i = 0; i < a->instances.count; i++)
        pair->matches[pair->match_count++].of[0] = a->instances.items[i];
    for (enum likeness likeness = LIKE_ALL; likeness < LIKENESSES; likeness++) {
        for (uint32_t i = 0; i < b->instances.count; i++) {
            struct pair_match *half =
                taken[i] ? NULL : find_half(pair, a->instances.count, b->instances.items[i], likeness);

            if (half == NULL)
                continue;
            half->of[1] = b->instances.items[i];
            taken[i] = true;
        }
    }
    for (uint32_t i = 0; i < b->instances.count; i++) {
        if (!taken[i])
            pair->matches[pair->match_count++].of[1] = b->instances.items[i];
    }
    free(taken);
}

struct pair *pair_new(const struct conf_model *a, const struct conf_model *b)
{
    struct pair *pair = calloc(1, sizeof(*pair));

    if (pair == NULL)
        abort();
    pair->models[0] = a;
    pair->models[1] = b;
    pair->matches = calloc((size_t)a->instances.count + b->instances.count + 1, sizeof(*pair->matches));
    if (pair->matches == NULL)
        abort();
    match_all(pair);
    for (size_t i = 0; i < pair->match_count; i++) {
        const struct pair_match *match = &pair->matches[i];

        if (match->of[0] != NULL && match->of[1] != NULL)
            compare(pair, i);
        else
            find(pair, i, "write it into both files: nobody takes its addresses over",
                 "only %c has this vrrp_instance", match->of[0] != NULL ? 'A' : 'B');
    }
    return pair;
}

void pair_free(struct pair *pair)
{
    for (size_t i = 0; i < pair->finding_count; i++)
        free(pair->findings[i].text);
    free(pair->findings);
    free(pair->matches);
    free(pair);
}
