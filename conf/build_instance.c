/*
 * Builder: vrrp_instance, from its draft to the model (semantics.md: Defaults, Timers, Preemption).
 */
#include "conf/build.h"

#include <string.h>

#include "conf/arena.h"
#include "conf/key.h"
#include "conf/lint.h"

#define OWNER_PRIORITY   255
#define DEFAULT_PRIORITY 100

/* An advert has to fit a packet of the usual 1500 bytes; its count of addresses is one byte. */
#define ADVERT_ADDRESSES_4 255
#define ADVERT_ADDRESSES_6 90

#define V2_INTERVAL_MAX_US 255000000LL
#define V3_INTERVAL_MAX_US 40950000LL
#define V3_INTERVAL_STEP   10000LL

/* ------------------------------------------------------------------ begin */

const struct conf_node *conf_instance_node(struct conf_builder *builder, struct known_instance *known)
{
    struct conf_node *root = (struct conf_node *)(uintptr_t)builder->root;

    if (known->node == NULL)
        known->node = conf_tree_node(builder->tree, known->place, root, builder->kept);
    return known->node;
}

void *conf_begin_instance(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct instance_draft *draft;
    struct known_instance *first, *known;
    const char *name;

    (void)parent;
    if (!conf_need_word(builder, node, 1, "the name of the instance"))
        return NULL;
    name = node->words[1].text;
    HASH_FIND(by_name, builder->instances_by_name, name, node->words[1].length, first);
    if (first != NULL) {
        conf_complain_twice(builder, "vrrp_instance", node, conf_instance_node(builder, first));
        return NULL;
    }
    draft = conf_draft_new(builder, CONF_BLOCK_INSTANCE, sizeof(*draft));
    conf_draft_reset(builder, CONF_BLOCK_AUTHENTICATION, draft);
    draft->node = node;
    draft->instance = conf_model_alloc(builder->model, sizeof(*draft->instance));
    draft->instance->name = conf_model_strdup(builder->model, name);
    draft->addresses_end = &draft->addresses;
    known = conf_arena_alloc(builder->kept, sizeof(*known));
    known->instance = draft->instance;
    known->place = node->place;
    draft->known = known;
    builder->instances = conf_arena_room(builder->kept, builder->instances, sizeof(*builder->instances),
                                         builder->instance_count, &builder->instance_room);
    builder->instances[builder->instance_count++] = known;
    HASH_ADD_KEYPTR(by_name, builder->instances_by_name, known->instance->name, node->words[1].length, known);
    return draft;
}

void conf_handle_notify_deleted(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;

    draft->instance->reports_deletion = true;
    if (node->word_count > 1)
        conf_read_script(builder, node, &draft->notify.deleted);
}

void conf_handle_vip_lease(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;
    int64_t lease_us = 0;

    if (!conf_need_word(builder, node, 1, "on, off or seconds"))
        return;
    if (strcmp(node->words[1].text, "on") == 0)
        lease_us = -1;
    else if (strcmp(node->words[1].text, "off") != 0 &&
             !conf_read_seconds(builder, node, 1, 1000000, 3600000000LL, &lease_us))
        return;
    draft->lease_given = true;
    draft->lease_us = lease_us;
}

/* ------------------------------------------------------------------ what the instance is */

/* A complaint about a keyword of the instance, at that keyword. */
#define COMPLAIN(keyword, problem, ...)                                                                      \
    conf_complain(builder, CONF_COMPLAINT, problem, conf_node_find(draft->node, keyword),                    \
                  conf_node_find(draft->node, keyword) == draft->node ? 1 : 0, __VA_ARGS__)

static uint8_t find_family(const struct instance_draft *draft)
{
    if (conf_value_or(draft->native_ipv6, 0) != 0)
        return AF_INET6;
    for (const struct address_draft *address = draft->addresses; address != NULL; address = address->next) {
        if (!address->vip.excluded)
            return address->vip.address.family;
    }
    if (ip_address_is_set(&draft->unicast_source))
        return draft->unicast_source.family;
    if (ip_address_is_set(&draft->multicast_source))
        return draft->multicast_source.family;
    if (ip_address_is_set(&draft->device.device.address))
        return draft->device.device.address.family;
    if (draft->instance->unicast_peers.count > 0)
        return draft->instance->unicast_peers.items[0]->address.family;
    if (draft->addresses != NULL)
        return draft->addresses->vip.address.family;
    return AF_INET;
}

static void finish_version(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    int64_t version = conf_value_or(draft->version, conf_value_or(builder->global.version, 2));

    if (instance->family == AF_INET6 && version == 2) {
        if (draft->version == 2)
            COMPLAIN("version", CONF_PROBLEM_CONFLICT, "VRRP version 2 has no IPv6; version 3 is used");
        version = 3;
    }
    instance->version = (uint8_t)version;
}

static void finish_priority(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    bool master = draft->wanted_state == CONF_WANTED_MASTER;

    instance->base_priority =
        (uint8_t)conf_value_or(draft->priority, master ? OWNER_PRIORITY : DEFAULT_PRIORITY);
    if (instance->base_priority == OWNER_PRIORITY && draft->wanted_state == CONF_WANTED_BACKUP) {
        COMPLAIN("state", CONF_PROBLEM_CONFLICT,
                 "priority 255 makes this the owner of its addresses, so its state is MASTER");
        master = true;
    }
    if (instance->base_priority == OWNER_PRIORITY)
        master = true;
    instance->wanted_state = master ? CONF_WANTED_MASTER : CONF_WANTED_BACKUP;
}

static void complain_of_nopreempt(struct conf_builder *builder, const struct instance_draft *draft)
{
    bool owner = draft->priority == OWNER_PRIORITY; /* not because of state MASTER alone */
    struct conf_diagnostic *diagnostic =
        COMPLAIN("nopreempt", CONF_PROBLEM_CONFLICT, "nopreempt does not go with %s; it is ignored",
                 owner ? "priority 255" : "state MASTER");

    conf_diagnostic_advise(builder->diagnostics, diagnostic,
                           owner
                               ? "an owner of its addresses always takes over: lower the priority, or remove "
                                 "nopreempt"
                               : "write 'state BACKUP' on both machines: the first that is up becomes master "
                                 "and stays it");
}

static void finish_preemption(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    bool master = instance->wanted_state == CONF_WANTED_MASTER;

    instance->preempt = conf_value_or(draft->preempt, 1) != 0;
    instance->preempt_delay_us = conf_value_or(draft->preempt_delay_us, 0);
    if (!instance->preempt && master) {
        complain_of_nopreempt(builder, draft);
        instance->preempt = true;
    }
    if (instance->preempt_delay_us > 0 && (master || !instance->preempt)) {
        COMPLAIN("preempt_delay", CONF_PROBLEM_CONFLICT, "preempt_delay does not go with %s; it is ignored",
                 master ? "state MASTER" : "nopreempt");
        instance->preempt_delay_us = 0;
    }
}

static void finish_interval(struct conf_builder *builder, struct instance_draft *draft)
{
    bool two = draft->instance->version == 2;
    int64_t most = two ? V2_INTERVAL_MAX_US : V3_INTERVAL_MAX_US;
    int64_t step = two ? 1000000 : V3_INTERVAL_STEP;
    int64_t interval = conf_value_or(draft->advert_interval_us, 1000000);

    if (interval > most) {
        COMPLAIN("advert_int", CONF_PROBLEM_VALUE, "VRRP version %d cannot do more than %s s; that is used",
                 two ? 2 : 3, two ? "255" : "40.95");
        interval = most;
    }
    if (interval % step != 0) {
        interval = (interval + step / 2) / step * step;
        if (interval == 0)
            interval = step;
        COMPLAIN("advert_int", CONF_PROBLEM_VALUE,
                 "VRRP version %d counts in steps of %s; %lld.%02lld s is used", two ? 2 : 3,
                 two ? "1 s" : "10 ms", (long long)(interval / 1000000),
                 (long long)(interval % 1000000 / 10000));
    }
    draft->instance->advert_interval_us = interval;
    draft->instance->down_timer_adverts = (uint8_t)conf_value_or(
        draft->down_timer_adverts, conf_value_or(builder->global.down_timer_adverts, 3));
}

static void complain_of_password(struct conf_builder *builder, const struct instance_draft *draft)
{
    const struct conf_node *block = conf_node_find(draft->node, "authentication");
    struct conf_diagnostic *diagnostic =
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, conf_node_find(block, "auth_pass"), 1,
                      "only the first 8 characters of auth_pass count");

    conf_diagnostic_advise(builder->diagnostics, diagnostic,
                           "write no more than 8, the same on both machines");
}

static void finish_authentication(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    size_t length;

    if (draft->auth_type == CONF_UNSET)
        return;
    if (instance->version == 3) {
        COMPLAIN("authentication", CONF_PROBLEM_CONFLICT,
                 "VRRP version 3 has no authentication; this block is ignored");
        return;
    }
    if (draft->auth_pass == NULL) {
        COMPLAIN("authentication", CONF_PROBLEM_MISSING, "there is no auth_pass; this block is ignored");
        return;
    }
    length = strlen(draft->auth_pass);
    if (length > sizeof(instance->auth_data)) {
        complain_of_password(builder, draft);
        length = sizeof(instance->auth_data);
    }
    memcpy(instance->auth_data, draft->auth_pass, length);
    instance->auth_type = (enum conf_auth_type)draft->auth_type;
    if (instance->auth_type == CONF_AUTH_AH && instance->wanted_state == CONF_WANTED_MASTER &&
        instance->base_priority != OWNER_PRIORITY) {
        COMPLAIN("state", CONF_PROBLEM_CONFLICT,
                 "with auth_type AH a router listens to the master's numbers first: state BACKUP is used");
        instance->wanted_state = CONF_WANTED_BACKUP;
    }
}

/* ------------------------------------------------------------------ who it speaks with */

static void drop_foreign_peers(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < instance->unicast_peers.count; i++) {
        struct conf_unicast_peer *peer = instance->unicast_peers.items[i];
        char text[IP_ADDRESS_TEXT];

        if (peer->address.family == instance->family)
            instance->unicast_peers.items[kept++] = peer;
        else
            COMPLAIN("unicast_peer", CONF_PROBLEM_CONFLICT,
                     "peer %s is of another address family than the instance; it is ignored",
                     ip_address_text(&peer->address, text));
    }
    instance->unicast_peers.count = kept;
}

static void finish_source(struct conf_builder *builder, struct instance_draft *draft, bool unicast)
{
    bool takes_unicast =
        unicast ? ip_address_is_set(&draft->unicast_source) : !ip_address_is_set(&draft->multicast_source);
    const char *keyword = takes_unicast ? "unicast_src_ip" : "mcast_src_ip";
    const struct ip_address *source = takes_unicast ? &draft->unicast_source : &draft->multicast_source;

    draft->instance->source = draft->instance->device.address; /* an ipvlan's, if nothing else is said */
    if (!ip_address_is_set(source))
        return;
    if (source->family != draft->instance->family) {
        COMPLAIN(keyword, CONF_PROBLEM_CONFLICT,
                 "this address is of another family than the instance; it is ignored");
        return;
    }
    draft->instance->source = *source;
}

static void finish_multicast(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;

    instance->multicast_group = instance->family == AF_INET ? builder->global.group4 : builder->global.group6;
    if (!ip_address_is_set(&draft->multicast_group))
        return;
    if (draft->multicast_group.family != instance->family ||
        !ip_address_is_multicast(&draft->multicast_group)) {
        COMPLAIN("mcast_dst_ip", CONF_PROBLEM_VALUE,
                 "this is not a multicast address of the instance's family; it is ignored");
        return;
    }
    instance->multicast_group = draft->multicast_group;
}

static void finish_unicast(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;

    if (ip_address_is_set(&draft->multicast_group))
        COMPLAIN("mcast_dst_ip", CONF_PROBLEM_CONFLICT,
                 "a multicast destination does not go with unicast peers; it is ignored");
    instance->unicast_ttl =
        (uint8_t)conf_value_or(draft->unicast_ttl, instance->family == AF_INET ? 255 : 64);
    instance->check_unicast_source =
        draft->ttl_given || conf_value_or(draft->check_unicast_source,
                                          conf_value_or(builder->global.check_unicast_source, 0)) != 0;
}

/* False if there is no way to speak with anybody. */
static bool finish_peers(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    bool unicast;

    drop_foreign_peers(builder, draft);
    unicast = instance->unicast_peers.count > 0;
    if (unicast && conf_strict_forbids_unicast(builder, draft))
        return false;
    finish_source(builder, draft, unicast);
    instance->lacks_peer = !unicast && conf_value_or(draft->fault_no_peer, 0) != 0;
    if (!unicast && conf_node_find(draft->node, "unicast_src_ip") != draft->node)
        COMPLAIN("unicast_src_ip", CONF_PROBLEM_CONFLICT,
                 "unicast_src_ip without a unicast_peer: the instance uses multicast");
    instance->interface = draft->interface;
    if (instance->interface == NULL && (!unicast || !ip_address_is_set(&instance->source))) {
        COMPLAIN("", CONF_PROBLEM_MISSING, "vrrp_instance %s has no interface%s; it is left out",
                 instance->name, unicast ? " and no unicast_src_ip" : "");
        return false;
    }
    if (unicast)
        finish_unicast(builder, draft);
    else
        finish_multicast(builder, draft);
    return true;
}

/* ------------------------------------------------------------------ its addresses */

static bool place_address(struct conf_builder *builder, struct instance_draft *draft,
                          struct address_draft *address)
{
    const char *interface = draft->interface != NULL ? draft->interface : builder->global.default_interface;
    struct conf_vip *vip = &address->vip;

    if (!vip->excluded && vip->address.family != draft->instance->family) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, address->node, 0,
                      "the addresses of an advert are of one family; this one belongs into "
                      "virtual_ipaddress_excluded and is ignored");
        return false;
    }
    conf_settle_vmac(builder, draft, address);
    if (vip->interface == NULL && interface == NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, address->node, 0,
                      "neither this address nor the instance names an interface; it is ignored");
        return false;
    }
    if (vip->interface == NULL)
        vip->interface = conf_model_strdup(builder->model, interface);
    return true;
}

struct seen_address {
    struct ip_address address;
    char interface[IF_NAMESIZE];
};

struct seen_entry {
    struct seen_address key;
    const struct conf_node *node;
    UT_hash_handle hh;
};

/* True if the address is there already; reports it. */
static bool is_repeated(struct conf_builder *builder, struct seen_entry **seen,
                        const struct address_draft *address)
{
    struct seen_entry *entry = conf_arena_alloc(builder->arena, sizeof(*entry));
    struct seen_entry *first;

    entry->key.address = address->vip.address;
    strncpy(entry->key.interface, address->vip.interface, IF_NAMESIZE - 1);
    entry->node = address->node;
    HASH_FIND(hh, *seen, &entry->key, sizeof(entry->key), first);
    if (first == NULL) {
        HASH_ADD(hh, *seen, key, sizeof(entry->key), entry);
        return false;
    }
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, address->node, 0,
                                         "address %s is given twice; the second is ignored",
                                         address->node->words[0].text),
                           first->node->words[0].position, "first given here");
    return true;
}

static void add_addresses(struct conf_builder *builder, struct instance_draft *draft, bool excluded,
                          struct seen_entry **seen)
{
    for (struct address_draft *address = draft->addresses; address != NULL; address = address->next) {
        struct conf_vip *vip;

        if (address->vip.excluded != excluded || address->vip.address.family == AF_UNSPEC ||
            !place_address(builder, draft, address) || is_repeated(builder, seen, address))
            continue;
        vip = conf_model_alloc(builder->model, sizeof(*vip));
        *vip = address->vip;
        conf_list_add(builder->model, &draft->instance->vips, vip);
    }
}

static void limit_addresses(struct conf_builder *builder, struct instance_draft *draft)
{
    uint32_t most = draft->instance->family == AF_INET ? ADVERT_ADDRESSES_4 : ADVERT_ADDRESSES_6;
    uint32_t count = draft->instance->vips.count;

    if (count <= most)
        return;
    COMPLAIN("virtual_ipaddress", CONF_PROBLEM_VALUE,
             "an advert has room for %u addresses, these are %u: the rest is treated as "
             "virtual_ipaddress_excluded",
             most, count);
    for (uint32_t i = most; i < count; i++)
        draft->instance->vips.items[i]->excluded = true;
}

/* False if the instance cannot be without addresses. */
static bool finish_addresses(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    struct seen_entry *seen = NULL;
    bool allowed = conf_value_or(draft->no_addresses, 0) != 0;

    add_addresses(builder, draft, false, &seen);
    limit_addresses(builder, draft);
    if (instance->vips.count == 0 && !allowed) {
        bool required = instance->version == 3 || conf_is_strict(builder, draft);

        COMPLAIN("", CONF_PROBLEM_MISSING, "vrrp_instance %s has no virtual_ipaddress%s", instance->name,
                 required ? "; version 3 and strict VRRP require one, so it is left out" : "");
        allowed = !required;
    } else {
        allowed = true;
    }
    if (instance->family == AF_INET6 && instance->vips.count > 0 &&
        !ip_address_is_link_local(&instance->vips.items[0]->address))
        conf_complain(builder, conf_is_strict(builder, draft) ? CONF_COMPLAINT : CONF_NOTE,
                      CONF_PROBLEM_VALUE, conf_node_find(draft->node, "virtual_ipaddress"), 0,
                      "the first IPv6 address of an advert should be link-local (RFC 9568, 5.2.9)");
    add_addresses(builder, draft, true, &seen);
    HASH_CLEAR(hh, seen);
    return allowed;
}

/* ------------------------------------------------------------------ the rest */

static int64_t inherit(int64_t own, int64_t global, int64_t otherwise)
{
    return conf_value_or(own, conf_value_or(global, otherwise));
}

static uint32_t at_least_one(int64_t count)
{
    return count == 0 ? 1 : (uint32_t)count;
}

static void finish_garp(const struct conf_builder *builder, struct instance_draft *draft)
{
    const struct garp_draft *own = &draft->garp;
    const struct garp_draft *global = &builder->global.garp;
    bool least = conf_value_or(builder->global.min_garp, 0) != 0;
    int64_t delay_s = conf_value_or(global->master_delay_s, least ? 0 : 5);
    int64_t repeat = at_least_one(conf_value_or(global->master_repeat, least ? 1 : 5));
    struct conf_garp *garp = &draft->instance->garp;

    garp->master_delay_s = (uint32_t)conf_value_or(own->master_delay_s, delay_s);
    garp->master_repeat = at_least_one(conf_value_or(own->master_repeat, repeat));
    garp->master_refresh_s = (uint32_t)inherit(own->master_refresh_s, global->master_refresh_s, 0);
    garp->master_refresh_repeat =
        at_least_one(inherit(own->master_refresh_repeat, global->master_refresh_repeat, 1));
    garp->lower_prio_delay_s =
        (uint32_t)inherit(own->lower_prio_delay_s, global->lower_prio_delay_s, delay_s);
    garp->lower_prio_repeat = (uint32_t)inherit(own->lower_prio_repeat, global->lower_prio_repeat, repeat);
    garp->extra_s = (uint32_t)(draft->extra_given ? draft->extra_s : builder->global.extra_s);
}

void conf_handle_old_checksum(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;

    if (node->word_count == 1)
        draft->old_checksum = CONF_OLD_CHECKSUM_ALWAYS;
    else if (strcmp(node->words[1].text, "never") == 0)
        draft->old_checksum = CONF_OLD_CHECKSUM_NEVER;
    else
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not known here; only 'never' is", node->words[1].text);
}

static void finish_checksum(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    bool matters = instance->version == 3 && instance->family == AF_INET && instance->unicast_peers.count > 0;

    instance->v3_checksum_as_v2 =
        inherit(draft->v3_checksum_as_v2, builder->global.v3_checksum_as_v2, 0) != 0;
    if (!matters) {
        if (draft->old_checksum == CONF_OLD_CHECKSUM_ALWAYS)
            conf_complain(builder, CONF_NOTE, CONF_PROBLEM_NO_EFFECT,
                          conf_node_find(draft->node, "old_unicast_checksum"), 0,
                          "only version 3 adverts for IPv4 unicast peers have the old checksum");
        return;
    }
    instance->old_checksum = draft->old_checksum;
    if (draft->old_checksum != CONF_OLD_CHECKSUM_NEVER)
        instance->old_checksum_group = builder->global.group4;
}

static void finish_flags(struct conf_builder *builder, struct instance_draft *draft)
{
    const struct global_draft *global = &builder->global;
    struct conf_instance *instance = draft->instance;

    finish_checksum(builder, draft);
    instance->lower_prio_no_advert =
        inherit(draft->lower_prio_no_advert, global->lower_prio_no_advert, 0) != 0;
    instance->higher_prio_send_advert =
        inherit(draft->higher_prio_send_advert, global->higher_prio_send_advert, 0) != 0;
    instance->owner_ignore_adverts =
        inherit(draft->owner_ignore_adverts, global->owner_ignore_adverts, 0) != 0 &&
        instance->base_priority == OWNER_PRIORITY;
    if (draft->owner_ignore_adverts == 1 && instance->base_priority != OWNER_PRIORITY)
        COMPLAIN("owner_ignore_adverts", CONF_PROBLEM_CONFLICT,
                 "owner_ignore_adverts is for priority 255; it is ignored");
    instance->skip_check_adv_addr = inherit(draft->skip_check_adv_addr, global->skip_check_adv_addr, 0) != 0;
    instance->track_source = conf_value_or(draft->track_source, 0) != 0;
    instance->dont_track_primary = conf_value_or(draft->dont_track_primary, 0) != 0;
    instance->accept = conf_value_or(draft->accept, 1) != 0 || instance->base_priority == OWNER_PRIORITY;
    instance->lease_us = draft->lease_given ? draft->lease_us : -1;
    instance->settings = draft->settings;
    instance->notify = conf_keep_notify(builder, &draft->notify);
    instance->smtp_alert = conf_wants_alert(builder, draft->smtp_alert, global->smtp_alert_vrrp, false);
    instance->notify_priority_changes =
        inherit(draft->notify_priority_changes, global->notify_priority_changes, 0) != 0;
}

/* The instance's own interface is watched anyway, unless dont_track_primary says it is not to count. */
static void drop_own_interface(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < instance->tracked_interfaces.count; i++) {
        struct conf_tracked_interface *tracked = instance->tracked_interfaces.items[i];

        if (instance->interface != NULL && strcmp(tracked->interface, instance->interface) == 0)
            COMPLAIN("track_interface", CONF_PROBLEM_DUPLICATE,
                     "%s is the instance's own interface, which needs no line here; it is ignored",
                     tracked->interface);
        else
            instance->tracked_interfaces.items[kept++] = tracked;
    }
    instance->tracked_interfaces.count = kept;
}

/* False if the instance cannot run; that is reported. */
static bool finish_instance(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;

    if (draft->vrid == CONF_UNSET) {
        COMPLAIN("", CONF_PROBLEM_MISSING, "vrrp_instance %s has no virtual_router_id; it is left out",
                 instance->name);
        return false;
    }
    instance->vrid = (uint8_t)draft->vrid;
    instance->family = find_family(draft);
    finish_version(builder, draft);
    if (conf_is_strict(builder, draft))
        conf_make_strict(builder, draft, instance->version);
    finish_priority(builder, draft);
    finish_preemption(builder, draft);
    finish_interval(builder, draft);
    finish_authentication(builder, draft);
    conf_finish_hmac(builder, draft);
    conf_finish_device(builder, draft);
    if (!finish_peers(builder, draft) || !finish_addresses(builder, draft))
        return false;
    finish_garp(builder, draft);
    finish_flags(builder, draft);
    drop_own_interface(builder, draft);
    conf_finish_routes(instance);
    conf_track_what_is_used(builder, instance);
    instance->key = conf_key_instance(instance);
    return true;
}

void conf_end_instance(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;

    (void)node;
    draft->known->tells_priority_changes = draft->notify_priority_changes != CONF_UNSET;
    draft->known->dropped = !finish_instance(builder, draft);
    if (draft->known->dropped)
        return;
    conf_list_add(builder->model, &builder->model->instances, draft->instance);
    conf_lint_instance(builder, draft);
}
