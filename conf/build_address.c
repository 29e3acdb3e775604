/*
 * Builder: the lines of virtual_ipaddress, unicast_peer and track_interface.
 */
#include "conf/build.h"

#include <linux/rtnetlink.h>
#include <string.h>

#include "conf/values.h"

/* ------------------------------------------------------------------ options of an address */

struct option_reader {
    struct conf_builder *builder;
    const struct conf_node *node;
    size_t word; /* the option's; readers move it to the last word they use */
    struct conf_vip *vip;
    bool lifetime_given;
    bool is_static;
};

static bool next_word(struct option_reader *reader, const char *what)
{
    if (reader->word + 1 >= reader->node->word_count) {
        conf_need_word(reader->builder, reader->node, reader->node->word_count, what);
        return false;
    }
    reader->word++;
    return true;
}

static const char *current_word(const struct option_reader *reader)
{
    return reader->node->words[reader->word].text;
}

static bool read_dev(struct option_reader *reader)
{
    if (!next_word(reader, "an interface") ||
        !conf_check_interface(reader->builder, reader->node, reader->word))
        return false;
    if (reader->vip->interface != NULL) {
        conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, reader->node, reader->word,
                      "the interface of this address is given twice");
        return false;
    }
    reader->vip->interface = conf_model_strdup(reader->builder->model, current_word(reader));
    return true;
}

static bool read_scope(struct option_reader *reader)
{
    static const struct conf_choice names[] = {
        {"global", RT_SCOPE_UNIVERSE}, {"link", RT_SCOPE_LINK},       {"host", RT_SCOPE_HOST},
        {"site", RT_SCOPE_SITE},       {"nowhere", RT_SCOPE_NOWHERE}, {0},
    };
    const char *expected = "global, site, link, host, nowhere or a number from 0 to 255";
    int64_t number;

    if (!next_word(reader, expected))
        return false;
    for (const struct conf_choice *name = names; name->word != NULL; name++) {
        if (strcmp(name->word, current_word(reader)) == 0) {
            reader->vip->scope = (uint8_t)name->value;
            return true;
        }
    }
    if (conf_parse_integer(current_word(reader), 0, 255, &number) == CONF_VALUE_GOOD) {
        reader->vip->scope = (uint8_t)number;
        return true;
    }
    conf_diagnostic_expect(reader->builder->diagnostics,
                           conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, reader->node,
                                         reader->word, "'%s' is not a scope", current_word(reader)),
                           "%s", expected);
    return false;
}

static void set_broadcast(struct conf_vip *vip, enum conf_broadcast kind, struct ip_address address)
{
    vip->broadcast_kind = kind;
    vip->broadcast = address;
}

static bool read_broadcast(struct option_reader *reader)
{
    struct conf_vip *vip = reader->vip;
    struct ip_address address = {0};

    if (!next_word(reader, "an IPv4 address, + or -"))
        return false;
    if (vip->address.family != AF_INET) {
        conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, reader->node, reader->word,
                      "an IPv6 address has no broadcast address");
        return false;
    }
    if (strcmp(current_word(reader), "+") == 0) {
        set_broadcast(vip, CONF_BROADCAST_ONES, address);
        return true;
    }
    if (strcmp(current_word(reader), "-") == 0) {
        set_broadcast(vip, CONF_BROADCAST_ZEROS, address);
        return true;
    }
    if (!conf_read_address(reader->builder, reader->node, reader->word, &address))
        return false;
    if (address.family != AF_INET) {
        conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, reader->node, reader->word,
                      "a broadcast address is an IPv4 address");
        return false;
    }
    set_broadcast(vip, CONF_BROADCAST_GIVEN, address);
    return true;
}

static bool read_label(struct option_reader *reader)
{
    if (!next_word(reader, "a label"))
        return false;
    if (reader->vip->address.family != AF_INET || strlen(current_word(reader)) >= IF_NAMESIZE) {
        conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, reader->node, reader->word,
                      "a label has at most 15 characters and belongs to an IPv4 address");
        return false;
    }
    reader->vip->label = conf_model_strdup(reader->builder->model, current_word(reader));
    return true;
}

static bool read_peer(struct option_reader *reader)
{
    struct conf_vip *vip = reader->vip;
    bool given;

    if (!next_word(reader, "an IP address"))
        return false;
    if (!conf_read_prefix(reader->builder, reader->node, reader->word, &vip->peer, &vip->peer_prefix_length,
                          &given))
        return false;
    if (vip->peer.family == vip->address.family)
        return true;
    conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, reader->node, reader->word,
                  "the peer is of another address family than the address");
    memset(&vip->peer, 0, sizeof(vip->peer));
    vip->peer_prefix_length = 0;
    return false;
}

static bool read_lifetime(struct option_reader *reader)
{
    int64_t seconds;

    if (!next_word(reader, "seconds, or forever"))
        return false;
    reader->lifetime_given = true;
    if (strcmp(current_word(reader), "forever") == 0) {
        reader->vip->preferred_lifetime_s = CONF_LIFETIME_FOREVER;
        return true;
    }
    if (!conf_read_integer(reader->builder, reader->node, reader->word, 0, UINT32_MAX - 1, &seconds))
        return false;
    reader->vip->preferred_lifetime_s = (uint32_t)seconds;
    return true;
}

struct option {
    const char *name;
    bool (*read)(struct option_reader *reader); /* NULL: a flag */
    enum conf_vip_flag flag;
};

static const struct option options[] = {
    {"dev", read_dev, 0},
    {"scope", read_scope, 0},
    {"broadcast", read_broadcast, 0},
    {"brd", read_broadcast, 0},
    {"label", read_label, 0},
    {"peer", read_peer, 0},
    {"preferred_lft", read_lifetime, 0},
    {"home", NULL, CONF_VIP_HOME},
    {"-nodad", NULL, CONF_VIP_DAD},
    {"mngtmpaddr", NULL, CONF_VIP_MNGTMPADDR},
    {"noprefixroute", NULL, CONF_VIP_NOPREFIXROUTE},
    {"autojoin", NULL, CONF_VIP_AUTOJOIN},
    {"no_track", NULL, CONF_VIP_NO_TRACK},
    {"use_vmac", NULL, CONF_VIP_USE_VMAC},
    {0},
};

static void refuse_if_unbuilt(const struct option_reader *reader)
{
    const struct conf_keyword *row =
        conf_keyword_find(reader->builder->index, CONF_BLOCK_ENTRY_ADDRESS, current_word(reader));

    if (row != NULL && row->state == CONF_NOT_BUILT)
        conf_refuse_unbuilt(reader->builder, reader->node, reader->word, row);
}

static void report_option(struct option_reader *reader)
{
    struct conf_suggestion suggestion =
        conf_suggestion_begin(reader->builder->diagnostics, current_word(reader));
    struct conf_diagnostic *diagnostic;

    diagnostic =
        conf_complain(reader->builder, CONF_COMPLAINT, CONF_PROBLEM_UNKNOWN_KEYWORD, reader->node,
                      reader->word, "'%s' is no option of an address; it is skipped", current_word(reader));
    for (const struct option *option = options; option->name != NULL; option++)
        conf_suggestion_offer(&suggestion, option->name);
    diagnostic->suggestion = suggestion.best;
}

static void read_track_group(struct option_reader *reader)
{
    struct static_track *track;

    if (!next_word(reader, "the name of a track_group"))
        return;
    track = conf_arena_alloc(reader->builder->arena, sizeof(*track));
    track->node = reader->node;
    track->word = reader->word;
    track->interface = &reader->vip->interface;
    track->next = reader->builder->static_tracks;
    reader->builder->static_tracks = track;
}

/* Of static addresses there is no VMAC. */
static bool is_for_us(const struct option_reader *reader, const struct option *option)
{
    return !reader->is_static || option->flag != CONF_VIP_USE_VMAC;
}

static void read_option(struct option_reader *reader)
{
    const struct option *option = options;

    if (reader->is_static && strcmp(current_word(reader), "track_group") == 0) {
        read_track_group(reader);
        return;
    }

    while (option->name != NULL && strcmp(option->name, current_word(reader)) != 0)
        option++;
    if (option->name == NULL || !is_for_us(reader, option)) {
        report_option(reader);
        return;
    }
    refuse_if_unbuilt(reader);
    if (option->read == NULL)
        reader->vip->flags |= option->flag;
    else
        option->read(reader);
}

/* ------------------------------------------------------------------ addresses */

/* False if the line has no address. */
static bool read_address_line(struct conf_builder *builder, const struct conf_node *node,
                              struct conf_vip *vip, bool is_static)
{
    struct option_reader reader = {.builder = builder, .node = node, .vip = vip, .is_static = is_static};
    bool given;

    if (!conf_read_prefix(builder, node, 0, &vip->address, &vip->prefix_length, &given))
        return false;
    vip->preferred_lifetime_s = CONF_LIFETIME_FOREVER;
    for (reader.word = 1; reader.word < node->word_count; reader.word++)
        read_option(&reader);
    if (!reader.lifetime_given && vip->address.family == AF_INET6 && vip->prefix_length == 128)
        vip->preferred_lifetime_s = 0;
    if (vip->peer.family != AF_UNSPEC && vip->broadcast_kind != CONF_BROADCAST_NONE) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 0,
                      "an address with a peer has no broadcast address; it is ignored");
        set_broadcast(vip, CONF_BROADCAST_NONE, (struct ip_address){0});
    }
    return true;
}

static void read_vip(struct conf_builder *builder, const struct conf_node *node,
                     struct instance_draft *instance, bool excluded)
{
    struct address_draft *address = conf_arena_alloc(builder->arena, sizeof(*address));

    if (!read_address_line(builder, node, &address->vip, false))
        return;
    address->node = node;
    address->vip.excluded = excluded;
    *instance->addresses_end = address;
    instance->addresses_end = &address->next;
}

void conf_entry_vip(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_vip(builder, node, draft, false);
}

void conf_entry_vip_excluded(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_vip(builder, node, draft, true);
}

void conf_entry_static_address(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_vip *vip = conf_model_alloc(builder->model, sizeof(*vip));

    (void)data;
    if (!read_address_line(builder, node, vip, true))
        return;
    if (vip->interface == NULL)
        vip->interface = builder->global.default_interface;
    if (vip->interface == NULL)
        vip->interface = conf_model_strdup(builder->model, "eth0"); /* as keepalived */
    conf_list_add(builder->model, &builder->model->static_addresses, vip);
}

/* ------------------------------------------------------------------ peers */

static void read_ttls(struct conf_builder *builder, const struct conf_node *node,
                      struct instance_draft *instance, struct conf_unicast_peer *peer)
{
    int64_t value;

    for (size_t word = 1; word < node->word_count; word += 2) {
        bool least = strcmp(node->words[word].text, "min_ttl") == 0;

        if (!least && strcmp(node->words[word].text, "max_ttl") != 0) {
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_UNKNOWN_KEYWORD, node, word,
                          "'%s' is not known here; only min_ttl and max_ttl are", node->words[word].text);
            return;
        }
        if (!conf_read_integer(builder, node, word + 1, 0, 255, &value))
            return;
        if (least)
            peer->min_ttl = (uint8_t)value;
        else
            peer->max_ttl = (uint8_t)value;
        instance->ttl_given = true;
    }
    if (peer->min_ttl > peer->max_ttl) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 1,
                      "min_ttl is above max_ttl; they are exchanged");
        value = peer->min_ttl;
        peer->min_ttl = peer->max_ttl;
        peer->max_ttl = (uint8_t)value;
    }
}

void conf_entry_peer(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct instance_draft *instance = draft;
    struct conf_unicast_peer *peer;
    struct ip_address address;

    if (!conf_read_address(builder, node, 0, &address))
        return;
    if (!conf_note_member(builder, instance->instance, &address, sizeof(address))) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                      "peer %s is given twice; the second is ignored", node->words[0].text);
        return;
    }
    peer = conf_model_alloc(builder->model, sizeof(*peer));
    peer->address = address;
    peer->max_ttl = 255;
    read_ttls(builder, node, instance, peer);
    conf_list_add(builder->model, &instance->instance->unicast_peers, peer);
}

/* ------------------------------------------------------------------ tracked interfaces */

static struct conf_tracked_interface *read_tracked(struct conf_builder *builder, const struct conf_node *node)
{
    struct conf_tracked_interface *tracked;
    int16_t weight;
    bool reverse;

    if (!conf_check_interface(builder, node, 0) ||
        !conf_read_weight(builder, node, 1, 253, &weight, &reverse))
        return NULL;
    tracked = conf_model_alloc(builder->model, sizeof(*tracked));
    tracked->interface = conf_model_strdup(builder->model, node->words[0].text);
    tracked->weight = weight;
    tracked->reverse = reverse;
    return tracked;
}

void conf_entry_instance_interface(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct instance_draft *instance = draft;
    struct conf_tracked_interface *tracked = read_tracked(builder, node);

    if (tracked != NULL)
        conf_list_add(builder->model, &instance->instance->tracked_interfaces, tracked);
}

void conf_entry_group_interface(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct group_draft *group = draft;
    struct conf_tracked_interface *tracked = read_tracked(builder, node);

    if (tracked != NULL)
        conf_list_add(builder->model, &group->group->tracked_interfaces, tracked);
}
