/*
 * Addresses, routes and rules: what there should be of them and what the kernel has. See drift.h.
 *
 * An item is a line of the configuration. Those of the wanted configuration that an instance holds now, or
 * that are static, should be there; all others of both configurations should not.
 */
#include "daemon/ctl/drift_parts.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/printer.h"
#include "daemon/kernel/address_codec.h"
#include "daemon/kernel/route_codec.h"
#include "daemon/kernel/rtnetlink.h"
#include "daemon/kernel/rule_codec.h"

#define DUMP_ATTEMPTS  5
#define OWNER_PRIORITY 255 /* its addresses are the machine's own */

/* Where the kernel has an address. Compared as bytes. */
struct place {
    uint32_t ifindex;
    uint8_t family;
    uint8_t prefix_length;
    uint8_t bytes[16];
    uint8_t zero[2];
};

struct present {
    struct place place;
    bool claimed; /* an item says that it should be there */
    UT_hash_handle hh;
};

struct item {
    const struct conf_model *model;
    const char *owner; /* an instance; NULL = static */
    const struct conf_vip *vip;
    const struct conf_route *route;
    const struct conf_rule *rule;
    bool wanted;
    enum route_match found; /* ROUTE_SAME: it is there */
};

struct comparison {
    const struct drift *drift;
    struct rtnetlink *netlink;
    struct item *items;
    size_t count;
    size_t room;
    struct present *present;
    bool is_somebodys; /* the route being looked at is wanted as it is */
};

/* ------------------------------------------------------------------ items */

static void add_item(struct comparison *comparison, struct item item)
{
    if (comparison->count == comparison->room) {
        comparison->room = comparison->room * 2 + 64;
        comparison->items = realloc(comparison->items, comparison->room * sizeof(item));
        if (comparison->items == NULL)
            abort();
    }
    comparison->items[comparison->count++] = item;
}

static void add_routes(struct comparison *comparison, struct item item, struct conf_route *const *routes,
                       uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        item.route = routes[i];
        add_item(comparison, item);
    }
}

static void add_rules(struct comparison *comparison, struct item item, struct conf_rule *const *rules,
                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        item.rule = rules[i];
        add_item(comparison, item);
    }
}

static void add_instance(struct comparison *comparison, const struct conf_model *model,
                         const struct conf_instance *instance)
{
    const struct drift_state *state = drift_state_of(comparison->drift, instance->key);
    struct item item = {.model = model, .owner = instance->name};

    item.wanted = model == comparison->drift->wanted && state != NULL && state->up;
    for (uint32_t i = 0; i < instance->vips.count; i++) {
        item.vip = instance->vips.items[i];
        if (item.wanted || instance->base_priority != OWNER_PRIORITY)
            add_item(comparison, item);
    }
    item.vip = NULL;
    add_routes(comparison, item, instance->routes.items, instance->routes.count);
    add_rules(comparison, item, instance->rules.items, instance->rules.count);
}

static void add_model(struct comparison *comparison, const struct conf_model *model)
{
    struct item item = {.model = model, .wanted = model == comparison->drift->wanted};

    for (uint32_t i = 0; i < model->static_addresses.count; i++) {
        item.vip = model->static_addresses.items[i];
        add_item(comparison, item);
    }
    item.vip = NULL;
    add_routes(comparison, item, model->static_routes.items, model->static_routes.count);
    add_rules(comparison, item, model->static_rules.items, model->static_rules.count);
    for (uint32_t i = 0; i < model->instances.count; i++)
        add_instance(comparison, model, model->instances.items[i]);
}

/* ------------------------------------------------------------------ addresses */

static struct place place_of(const struct kernel_address *address)
{
    struct place place;

    memset(&place, 0, sizeof(place));
    place.ifindex = address->ifindex;
    place.family = address->address.family;
    place.prefix_length = address->prefix_length;
    memcpy(place.bytes, address->address.bytes, ip_address_length(&address->address));
    return place;
}

static struct present *find_present(const struct comparison *comparison, const struct conf_vip *vip)
{
    struct kernel_address address = address_of_vip(vip);
    struct present *found = NULL;
    struct place place;

    address.ifindex = if_nametoindex(vip->interface);
    place = place_of(&address);
    HASH_FIND(hh, comparison->present, &place, sizeof(place), found);
    return found;
}

static void address_dumped(const struct nlmsghdr *message, void *data)
{
    struct comparison *comparison = data;
    struct kernel_address address;
    struct present *present, *known;
    struct place place;

    if (!address_decode(message, &address))
        return;
    place = place_of(&address);
    HASH_FIND(hh, comparison->present, &place, sizeof(place), known);
    if (known != NULL)
        return;
    present = calloc(1, sizeof(*present));
    if (present == NULL)
        abort();
    present->place = place;
    HASH_ADD(hh, comparison->present, place, sizeof(place), present);
}

static void find_addresses(struct comparison *comparison)
{
    for (size_t pass = 0; pass < 2; pass++) { /* who wants one comes before who does not */
        for (size_t i = 0; i < comparison->count; i++) {
            struct item *item = &comparison->items[i];
            struct present *present;

            if (item->vip == NULL || item->wanted != (pass == 0))
                continue;
            present = find_present(comparison, item->vip);
            if (present == NULL || (!item->wanted && present->claimed))
                continue;
            present->claimed = true;
            item->found = ROUTE_SAME;
        }
    }
}

/* ------------------------------------------------------------------ routes and rules */

static uint32_t ifindex_of(const char *name, const void *data)
{
    (void)data;
    return if_nametoindex(name);
}

/* Looks among the items that are wanted, or the others; of those the first will do. */
static void find_route(struct comparison *comparison, const struct nlmsghdr *message, enum route_match match,
                       bool wanted)
{
    for (size_t i = 0; i < comparison->count; i++) {
        struct item *item = &comparison->items[i];

        if (item->route == NULL || item->wanted != wanted || item->found == ROUTE_SAME ||
            route_compare(message, item->route, ifindex_of, NULL) != match)
            continue;
        item->found = match;
        comparison->is_somebodys = true;
        if (!wanted)
            return;
    }
}

static void route_dumped(const struct nlmsghdr *message, void *data)
{
    struct comparison *comparison = data;

    if (message->nlmsg_type != RTM_NEWROUTE)
        return;
    comparison->is_somebodys = false;
    find_route(comparison, message, ROUTE_SAME, true);
    if (!comparison->is_somebodys)
        find_route(comparison, message, ROUTE_SAME, false);
    if (!comparison->is_somebodys)
        find_route(comparison, message, ROUTE_IN_PLACE, true);
}

static void rule_dumped(const struct nlmsghdr *message, void *data)
{
    struct comparison *comparison = data;
    bool claimed = false;

    if (message->nlmsg_type != RTM_NEWRULE)
        return;
    for (size_t pass = 0; pass < 2 && !claimed; pass++) {
        for (size_t i = 0; i < comparison->count; i++) {
            struct item *item = &comparison->items[i];

            if (item->rule == NULL || item->wanted != (pass == 0) || !rule_is_same(message, item->rule))
                continue;
            item->found = ROUTE_SAME;
            claimed = true;
            if (!item->wanted)
                break;
        }
    }
}

/* ------------------------------------------------------------------ reading */

/* 0, or an errno. */
static int dump(struct comparison *comparison, struct nlmsghdr *request, rtnetlink_dumped *dumped)
{
    int error = EINTR;

    for (int attempt = 0; attempt < DUMP_ATTEMPTS && error == EINTR; attempt++)
        error = request == NULL ? rtnetlink_dump(comparison->netlink, RTM_GETADDR, dumped, comparison)
                                : rtnetlink_dump_some(comparison->netlink, request, dumped, comparison);
    return error == ENOENT || error == EAFNOSUPPORT ? 0 : error; /* no such table yet */
}

static bool is_same_table(const struct conf_route *a, const struct conf_route *b)
{
    return b != NULL && a->family == b->family && a->table == b->table && a->protocol == b->protocol;
}

/* The first item of each table has it read. */
static bool is_first_of_table(const struct comparison *comparison, size_t index)
{
    const struct item *item = &comparison->items[index];

    for (size_t i = 0; i < index; i++) {
        const struct item *before = &comparison->items[i];

        if (item->route != NULL && is_same_table(item->route, before->route))
            return false;
        if (item->rule != NULL && before->rule != NULL && item->rule->family == before->rule->family)
            return false;
    }
    return item->route != NULL || item->rule != NULL;
}

static int read_kernel(struct comparison *comparison)
{
    int error = dump(comparison, NULL, address_dumped);

    for (size_t i = 0; i < comparison->count && error == 0; i++) {
        unsigned char buffer[ROUTE_DUMP_MAX] __attribute__((aligned(8)));
        const struct item *item = &comparison->items[i];

        if (!is_first_of_table(comparison, i))
            continue;
        if (item->route != NULL)
            error = dump(comparison, route_encode_dump(buffer, item->route), route_dumped);
        else
            error = dump(comparison, rule_encode_dump(buffer, item->rule->family), rule_dumped);
    }
    return error;
}

_Static_assert(ROUTE_DUMP_MAX >= RULE_DUMP_MAX, "one buffer is for both");

/* ------------------------------------------------------------------ telling */

static const char *keyword_of(const struct item *item)
{
    if (item->vip != NULL && item->owner != NULL)
        return item->vip->excluded ? "virtual_ipaddress_excluded" : "virtual_ipaddress";
    if (item->vip != NULL)
        return "static_ipaddress";
    if (item->route != NULL)
        return item->owner != NULL ? "virtual_routes" : "static_routes";
    return item->owner != NULL ? "virtual_rules" : "static_rules";
}

/* As tandemctl plan shows it; the caller frees it. */
static char *text_of(const struct item *item)
{
    struct conf_printer printer = {.model = item->model};
    size_t length;
    char *text;

    printer.out = open_memstream(&text, &length);
    if (printer.out == NULL)
        abort();
    fputs(keyword_of(item), printer.out);
    if (item->vip != NULL)
        printer_vip(&printer, item->vip);
    else if (item->route != NULL)
        printer_route(&printer, item->route);
    else
        printer_rule(&printer, item->rule);
    if (fclose(printer.out) != 0)
        abort();
    return text;
}

/* The address that is missing is on another interface or in another network; the caller frees the text. */
static char *misplaced(const struct comparison *comparison, const struct item *item)
{
    for (const struct present *present = comparison->present; present != NULL; present = present->hh.next) {
        struct ip_address address = {.family = present->place.family};
        char interface[IF_NAMESIZE], ip[IP_ADDRESS_TEXT], *text;

        memcpy(address.bytes, present->place.bytes, sizeof(address.bytes));
        if (present->claimed || ip_address_compare(&address, &item->vip->address) != 0)
            continue;
        if (asprintf(&text, "%s %s/%u dev %s", keyword_of(item), ip_address_text(&address, ip),
                     present->place.prefix_length,
                     if_indextoname(present->place.ifindex, interface) == NULL ? "?" : interface) < 0)
            abort();
        return text;
    }
    return NULL;
}

static void tell(const struct comparison *comparison, const struct item *item)
{
    char *object, *text, *before = NULL;

    if (item->wanted == (item->found == ROUTE_SAME))
        return;
    text = text_of(item);
    if (item->wanted && item->vip != NULL)
        before = misplaced(comparison, item);
    if (item->wanted && item->found == ROUTE_IN_PLACE &&
        asprintf(&before, "%s with other settings in its place", keyword_of(item)) < 0)
        abort();
    if (asprintf(&object, "%s%s", item->owner == NULL ? keyword_of(item) : "vrrp_instance ",
                 item->owner == NULL ? "" : item->owner) < 0)
        abort();
    comparison->drift->told(
        &(struct conf_change){object, item->wanted ? before : text, item->wanted ? text : NULL},
        comparison->drift->data);
    free(object);
    free(before);
    free(text);
}

static void forget(struct comparison *comparison)
{
    struct present *present, *next;

    HASH_ITER(hh, comparison->present, present, next)
    {
        HASH_DEL(comparison->present, present);
        free(present);
    }
    free(comparison->items);
    rtnetlink_free(comparison->netlink);
}

bool drift_links(const struct drift *drift)
{
    struct comparison comparison = {.drift = drift, .netlink = rtnetlink_new()};
    int error;

    add_model(&comparison, drift->wanted);
    if (drift->running != drift->wanted)
        add_model(&comparison, drift->running);
    error = comparison.netlink == NULL ? errno : read_kernel(&comparison);
    if (error == 0) {
        find_addresses(&comparison);
        for (size_t i = 0; i < comparison.count; i++)
            tell(&comparison, &comparison.items[i]);
    } else {
        fprintf(stderr, "tandemctl: the kernel's addresses and routes cannot be read: %s\n", strerror(error));
    }
    forget(&comparison);
    return error == 0;
}
