/*
 * The addresses of all instances: configuration, orders, answers of the kernel. See address_manager.h.
 */
#include "daemon/kernel/address_manager_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/log.h"

/* ------------------------------------------------------------------ state of an instance */

static const char *hold_name(enum hold hold)
{
    switch (hold) {
    case HOLD_NOTHING:
        return "holds nothing";
    case HOLD_TAKING:
        return "takes its addresses";
    case HOLD_ALL:
        return "holds its addresses";
    case HOLD_RELEASING:
        return "releases its addresses";
    }
    return "?";
}

/* The only place where .hold changes. */
static void set_hold(struct vip_instance *instance, enum hold hold, const char *because)
{
    if (instance->hold == hold)
        return;
    log_debug("%s: %s -> %s: %s", instance->name, hold_name(instance->hold), hold_name(hold), because);
    instance->hold = hold;
}

static struct vip_instance *find_instance(const struct address_manager *manager, uint64_t key)
{
    struct vip_instance *instance;

    HASH_FIND(hh, manager->instances, &key, sizeof(key), instance);
    return instance;
}

static bool vip_any(const struct vip *vip)
{
    (void)vip;
    return true;
}

bool vip_is_present(const struct vip *vip)
{
    return vip->present;
}

void address_manager_queue(struct address_manager *manager, struct vip_instance *instance, enum vip_work work,
                           bool (*which)(const struct vip *vip))
{
    for (uint32_t i = 0; i < instance->count; i++) {
        struct vip *vip = instance->vips[work == VIP_REMOVE ? instance->count - 1 - i : i];

        vip_work_set(manager->queue, vip, which(vip) ? work : VIP_IDLE);
    }
}

static uint32_t count_failed(const struct vip_instance *instance, int *error)
{
    uint32_t failed = 0;

    *error = 0;
    for (uint32_t i = 0; i < instance->count; i++) {
        if (instance->vips[i]->error == 0)
            continue;
        *error = instance->vips[i]->error;
        failed++;
    }
    return failed;
}

static uint32_t count_present(const struct vip_instance *instance)
{
    uint32_t present = 0;

    for (uint32_t i = 0; i < instance->count; i++)
        present += instance->vips[i]->present;
    return present;
}

void address_manager_record(struct address_manager *manager, struct vip_instance *instance)
{
    struct links_record *record = &instance->record;
    int error;

    record->addresses_wanted = instance->count;
    record->addresses_present = count_present(instance);
    record->addresses_failed = count_failed(instance, &error);
    if (error != 0)
        record->last_error = error;
    record->lease_ns = 0;
    if (vip_instance_is_held(instance) && lease_in_force(&instance->lease))
        record->lease_ns = (int64_t)instance->lease.lifetime_s * NS_PER_S;
    record->lease_refreshed_ns = record->lease_ns == 0 ? 0 : instance->lease.renewed.ns;
    record->lease_refused = instance->lease.refused;
    record->announcing = instance->counters.queued > 0 || mono_is_set(instance->announce_again);
    record->garps_sent = instance->counters.garps;
    record->nas_sent = instance->counters.nas;
    if (instance->announce_all && mono_is_set(instance->counters.first_sent) && instance->decided_ns != 0)
        record->first_announced_ns = instance->counters.first_sent.ns - instance->decided_ns;
    board_write(manager->callbacks->board(manager->data), instance->key, record);
}

static void frames_left(void *data)
{
    struct address_manager *manager = data;
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (instance->counters.garps != instance->record.garps_sent ||
            instance->counters.nas != instance->record.nas_sent)
            address_manager_record(manager, instance);
    }
}

static void free_instance(struct address_manager *manager, struct vip_instance *instance)
{
    vip_work_forget(manager->queue, instance);
    for (uint32_t i = 0; i < instance->count; i++)
        address_manager_unplace(manager, instance->vips[i]);
    board_remove(manager->callbacks->board(manager->data), instance->key);
    HASH_DEL(manager->instances, instance);
    vip_instance_free(instance);
}

/* ------------------------------------------------------------------ announcing */

static void announce(struct address_manager *manager, struct vip *vip, uint32_t times)
{
    struct announce_counters *counters = vip->announcement.counters;
    bool urgent = !mono_is_set(counters->first_sent) && counters->queued == 0;

    if (vip->instance->is_static)
        return;
    announcer_request(manager->announcer, vip->address.ifindex, &vip->announcement, times, urgent);
}

void address_manager_burst(struct address_manager *manager, struct vip_instance *instance, uint32_t times)
{
    for (uint32_t i = 0; i < instance->count; i++) {
        if (instance->vips[i]->present && !instance->vips[i]->awaits_dad)
            announce(manager, instance->vips[i], times);
    }
    announcer_pump(manager->announcer);
}

void address_manager_announce_others(struct address_manager *manager, struct vip_instance *instance)
{
    for (uint32_t i = 0; i < instance->count; i++) {
        struct vip *vip = instance->vips[i];

        if (vip->present && !vip->awaits_dad && strcmp(vip->interface, instance->interface) != 0)
            announce(manager, vip, 1);
    }
    announcer_pump(manager->announcer);
}

static void refresh_router_flags(struct address_manager *manager, const struct vip_instance *instance)
{
    uint32_t last = 0;

    for (uint32_t i = 0; i < instance->count; i++) {
        const struct vip *vip = instance->vips[i];

        if (vip->address.address.family == AF_INET && vip->address.ifindex != last)
            continue;
        if (vip->address.ifindex == last)
            continue;
        last = vip->address.ifindex;
        announcer_refresh_router_flag(manager->announcer, last);
    }
}

/* All addresses were announced once as they came on. */
static void announce_the_rest(struct address_manager *manager, struct vip_instance *instance)
{
    const struct conf_garp *garp = &instance->garp;
    struct mono now = mono_now();

    if (garp->master_refresh_s > 0)
        instance->announce_refresh = mono_add(now, span_s(garp->master_refresh_s));
    if (garp->extra_s > 0)
        instance->announce_extra = mono_add(now, span_s((int64_t)garp->master_delay_s + garp->extra_s));
    if (!instance->announce_all)
        return;
    if (garp->master_repeat > 1)
        address_manager_burst(manager, instance, garp->master_repeat - 1);
    if (garp->master_delay_s == 0)
        return;
    instance->announce_again = mono_add(now, span_s(garp->master_delay_s));
    instance->announce_again_count = garp->master_repeat;
}

static void stop_announcing(struct vip_instance *instance)
{
    instance->announce_again = (struct mono){0};
    instance->announce_refresh = (struct mono){0};
    instance->announce_extra = (struct mono){0};
    for (uint32_t i = 0; i < instance->count; i++)
        announce_queue_drop(&instance->vips[i]->announcement);
}

/* ------------------------------------------------------------------ the kernel's answers */

static void log_failure(const struct vip *vip, const char *verb, int error, const char *why)
{
    char text[IP_ADDRESS_TEXT];

    log_error("%s: address %s/%u cannot be %s %s: %s%s%s", vip->instance->name,
              ip_address_text(&vip->address.address, text), vip->address.prefix_length, verb, vip->interface,
              strerror(error), why[0] == '\0' ? "" : ": ", why);
}

static void count_restored(struct vip *vip)
{
    if (!vip->lost)
        return;
    vip->lost = false;
    vip->restored = mono_now();
    vip->instance->record.addresses_restored++;
}

static void is_on(struct address_manager *manager, struct vip *vip)
{
    bool was_present = vip->present;

    vip->present = true;
    vip->error = 0;
    count_restored(vip);
    if (!was_present)
        vip->awaits_dad = vip_wants_dad(vip);
    if (vip->awaits_dad || (was_present && !vip->instance->announce_all))
        return;
    announce(manager, vip, 1);
}

static void is_not_on(struct vip *vip, int error, const char *why)
{
    if (error != vip->error)
        log_failure(vip, "put on", error, why);
    vip->error = error;
}

static void is_off(struct address_manager *manager, struct vip *vip)
{
    vip->present = false;
    vip->error = 0;
    vip->lost = false;
    if (!vip->orphan)
        return;
    address_manager_unplace(manager, vip);
    vip_free(vip);
}

static void is_not_off(struct address_manager *manager, struct vip *vip, int error, const char *why)
{
    if (error == EADDRNOTAVAIL || error == ENODEV) { /* gone by itself */
        is_off(manager, vip);
        return;
    }
    log_failure(vip, "removed from", error, why);
    vip->error = error;
    if (vip->orphan)
        is_off(manager, vip);
}

static void kernel_answered(struct vip *vip, enum vip_work work, int error, const char *why, void *data)
{
    struct address_manager *manager = data;

    switch (work) {
    case VIP_IDLE:
        break;
    case VIP_ADD:
        if (error == 0)
            is_on(manager, vip);
        else
            is_not_on(vip, error, why);
        break;
    case VIP_RENEW:
        if (error != 0)
            log_failure(vip, "renewed on", error, why);
        break;
    case VIP_REMOVE:
        if (error == 0)
            is_off(manager, vip);
        else
            is_not_off(manager, vip, error, why);
        break;
    }
}

static void batch_sent(struct vip_instance *instance, struct span cost, void *data)
{
    struct address_manager *manager = data;

    if (instance->renewing)
        instance->renewal_cost.ns += cost.ns;
    announcer_pump(manager->announcer);
}

static void answers_lost(void *data)
{
    struct address_manager *manager = data;

    manager->callbacks->resync(manager->data);
}

static void all_taken(struct address_manager *manager, struct vip_instance *instance)
{
    struct mono now = mono_now();
    uint32_t failed;
    int error;

    set_hold(instance, HOLD_ALL, "the kernel has answered for all");
    failed = count_failed(instance, &error);
    if (instance->announce_all && instance->decided_ns != 0)
        instance->record.taken_ns = now.ns - instance->decided_ns;
    if (instance->lease_after_adding && lease_in_force(&instance->lease))
        instance->lease.due = now;
    announce_the_rest(manager, instance);
    address_manager_record(manager, instance);
    manager->callbacks->taken(instance->key, error, failed, manager->data);
}

static bool is_all_idle(const struct address_manager *manager)
{
    const struct vip_instance *instance;

    for (instance = manager->instances; instance != NULL; instance = instance->hh.next) {
        if (instance->hold != HOLD_NOTHING || !TAILQ_EMPTY(&instance->work))
            return false;
    }
    return true;
}

static void all_released(struct address_manager *manager, struct vip_instance *instance)
{
    uint64_t key = instance->key;
    bool wants_answer = instance->wants_answer;
    int error;
    uint32_t failed = count_failed(instance, &error);

    set_hold(instance, HOLD_NOTHING, "the kernel has confirmed");
    instance->wants_answer = false;
    address_manager_record(manager, instance);
    if (instance->doomed)
        free_instance(manager, instance);
    if (wants_answer)
        manager->callbacks->released(key, error, failed, manager->data);
    if (manager->stopping && is_all_idle(manager))
        manager->callbacks->idle(manager->data);
}

/* Its lifetimes without end have reached the kernel, or it was released meanwhile. */
static bool is_all_left(const struct address_manager *manager)
{
    const struct vip_instance *instance;

    for (instance = manager->instances; instance != NULL; instance = instance->hh.next) {
        if (instance->leaving || instance->hold == HOLD_RELEASING)
            return false;
    }
    return true;
}

static void work_finished(struct vip_instance *instance, void *data)
{
    struct address_manager *manager = data;

    instance->leaving = false;
    switch (instance->hold) {
    case HOLD_TAKING:
        all_taken(manager, instance);
        break;
    case HOLD_ALL:
        if (instance->renewing)
            address_manager_renewed(manager, instance);
        address_manager_record(manager, instance);
        break;
    case HOLD_NOTHING:
    case HOLD_RELEASING:
        all_released(manager, instance);
        break;
    }
    address_manager_plan(manager);
    if (manager->leaving && is_all_left(manager))
        manager->callbacks->idle(manager->data);
}

/* ------------------------------------------------------------------ vrrp's orders */

bool address_manager_take(struct address_manager *manager, const struct links_take *take)
{
    struct vip_instance *instance = find_instance(manager, take->key);
    bool adopt = (take->flags & TAKE_ADOPT) != 0;
    struct mono now = mono_now();

    if (instance == NULL || instance->doomed)
        return false;
    if (!vip_instance_is_held(instance))
        instance->taken = now;
    instance->confirmed = true;
    instance->wants_answer = false;
    instance->renewing = false;
    instance->announce_all = !adopt;
    instance->decided_ns = take->decided_ns;
    if (!adopt)
        instance->counters.first_sent = (struct mono){0};
    lease_begin(&instance->lease, take->lease_ns, now);
    refresh_router_flags(manager, instance);
    address_manager_queue(manager, instance, VIP_ADD, vip_any);
    set_hold(instance, HOLD_TAKING, adopt ? "vrrp resumed as master" : "vrrp became master");
    vip_work_begin(manager->queue, instance);
    return true;
}

static void release(struct address_manager *manager, struct vip_instance *instance, const char *because)
{
    stop_announcing(instance);
    lease_end(&instance->lease);
    instance->renewing = false;
    instance->uneven = false;
    address_manager_queue(manager, instance, VIP_REMOVE, vip_is_present);
    set_hold(instance, HOLD_RELEASING, because);
    vip_work_begin(manager->queue, instance);
}

bool address_manager_release(struct address_manager *manager, uint64_t key)
{
    struct vip_instance *instance = find_instance(manager, key);

    if (instance == NULL)
        return false;
    instance->wants_answer = true;
    release(manager, instance, "vrrp is not master");
    return true;
}

bool address_manager_announce(struct address_manager *manager, uint64_t key)
{
    struct vip_instance *instance = find_instance(manager, key);

    if (instance == NULL)
        return false;
    if (!vip_instance_is_held(instance))
        return true;
    address_manager_burst(manager, instance, instance->garp.lower_prio_repeat);
    if (instance->garp.lower_prio_delay_s > 0) {
        instance->announce_again = mono_add(mono_now(), span_s(instance->garp.lower_prio_delay_s));
        instance->announce_again_count = instance->garp.lower_prio_repeat;
    }
    address_manager_plan(manager);
    return true;
}

bool address_manager_stands(struct address_manager *manager, uint64_t key)
{
    const struct vip_instance *instance = find_instance(manager, key);

    if (key == ADDRESS_STATIC)
        return true;
    return instance != NULL && instance->hold == HOLD_ALL &&
           address_manager_is_vouched_for(manager, instance);
}

void address_manager_note_routes(struct address_manager *manager, uint64_t key,
                                 const struct route_counts *counts)
{
    struct vip_instance *instance = find_instance(manager, key);
    struct links_record *record;

    if (instance == NULL)
        return;
    record = &instance->record;
    if (record->routes_wanted == counts->routes_wanted && record->routes_present == counts->routes_present &&
        record->rules_wanted == counts->rules_wanted && record->rules_present == counts->rules_present)
        return;
    record->routes_wanted = counts->routes_wanted;
    record->routes_present = counts->routes_present;
    record->rules_wanted = counts->rules_wanted;
    record->rules_present = counts->rules_present;
    address_manager_record(manager, instance);
}

void address_manager_vrrp_started(struct address_manager *manager)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        instance->confirmed = false;
    }
}

void address_manager_synced(struct address_manager *manager)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        uint32_t present = count_present(instance);

        if (instance->confirmed || instance->hold == HOLD_RELEASING || present == 0 || instance->is_owner ||
            instance->is_static)
            continue;
        log_notice("%s: removes %u addresses left from before: it is not master", instance->name, present);
        release(manager, instance, "left from before");
    }
}

static void release_all(struct address_manager *manager, bool statics, const char *because)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (vip_instance_is_held(instance) && (statics || !instance->is_static))
            release(manager, instance, because);
    }
}

void address_manager_withdraw(struct address_manager *manager)
{
    release_all(manager, false, "vrrp has ended");
}

void address_manager_stop(struct address_manager *manager)
{
    manager->stopping = true;
    release_all(manager, true, "the daemon stops");
    if (is_all_idle(manager))
        manager->callbacks->idle(manager->data);
}

static void leave(struct address_manager *manager, struct vip_instance *instance)
{
    stop_announcing(instance);
    lease_begin(&instance->lease, 0, mono_now()); /* from now on none */
    instance->renewing = false;
    instance->uneven = false;
    instance->leaving = true;
    address_manager_queue(manager, instance, VIP_RENEW, vip_is_present);
}

void address_manager_leave(struct address_manager *manager)
{
    struct vip_instance *instance, *next;

    loop_timer_stop(manager->upkeep);
    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (vip_instance_is_held(instance))
            leave(manager, instance);
    }
    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (instance->leaving)
            vip_work_begin(manager->queue, instance);
    }
    manager->leaving = true;
    if (is_all_left(manager))
        manager->callbacks->idle(manager->data);
}

/* ------------------------------------------------------------------ configuration */

/* The address is no longer configured: it goes, if it is ours. It is no more among the instance's own. */
static void orphan_vip(struct address_manager *manager, struct vip *vip)
{
    address_manager_unplace(manager, vip);
    vip_work_set(manager->queue, vip, VIP_IDLE);
    announce_queue_drop(&vip->announcement);
    vip->orphan = true;
    if (vip->present && vip->instance->hold != HOLD_NOTHING)
        vip_work_set(manager->queue, vip, VIP_REMOVE);
    else
        vip_free(vip);
}

/* The address among old ones that is the same as wanted, which is taken out of them; NULL if there is none.
 * It usually is the one after the last found. */
static struct vip *pick_same(struct vip **old, uint32_t count, uint32_t *cursor, const struct vip *wanted)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (*cursor + i) % count;
        struct vip *found = old[at];

        if (found == NULL || !vip_is_same(found, wanted))
            continue;
        old[at] = NULL;
        *cursor = at + 1;
        return found;
    }
    return NULL;
}

/* Replaces what is new in the instance's list by the old of the same kind; the rest of the old is orphaned.
 */
static void merge_vips(struct address_manager *manager, struct vip_instance *instance, struct vip **old,
                       uint32_t old_count)
{
    uint32_t cursor = 0;

    for (uint32_t i = 0; i < instance->count; i++) {
        struct vip *same = pick_same(old, old_count, &cursor, instance->vips[i]);

        if (same == NULL)
            continue;
        vip_free(instance->vips[i]);
        instance->vips[i] = same;
    }
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i] != NULL)
            orphan_vip(manager, old[i]);
    }
}

static void reconfigure(struct address_manager *manager, struct vip_instance *instance,
                        const struct conf_instance *configured)
{
    struct vip **old = instance->vips;
    uint32_t old_count = instance->count;

    instance->doomed = false;
    instance->vips = calloc(configured->vips.count + 1, sizeof(*instance->vips));
    if (instance->vips == NULL)
        abort();
    instance->count = configured->vips.count;
    for (uint32_t i = 0; i < instance->count; i++)
        instance->vips[i] = vip_new(instance, configured->vips.items[i]);
    merge_vips(manager, instance, old, old_count);
    free(old);
    vip_instance_count_ipv6(instance);
    vip_instance_adopt_settings(instance, configured);
    instance->uneven = vip_instance_is_held(instance);
}

static void doom(struct address_manager *manager, struct vip_instance *instance)
{
    if (instance->hold == HOLD_NOTHING && TAILQ_EMPTY(&instance->work)) {
        free_instance(manager, instance);
        return;
    }
    instance->doomed = true;
    if (vip_instance_is_held(instance))
        release(manager, instance, "no longer configured");
}

/* What a predecessor of this process counted goes on. */
static void add_instance(struct address_manager *manager, const struct conf_instance *configured)
{
    struct vip_instance *instance = vip_instance_new(configured);

    if (board_read(manager->callbacks->board(manager->data), instance->key, &instance->record)) {
        instance->counters.garps = instance->record.garps_sent;
        instance->counters.nas = instance->record.nas_sent;
    }
    HASH_ADD(hh, manager->instances, key, sizeof(instance->key), instance);
}

static void configure_one(struct address_manager *manager, const struct conf_instance *configured)
{
    struct vip_instance *instance = find_instance(manager, configured->key);

    if (instance != NULL)
        reconfigure(manager, instance, configured);
    else
        add_instance(manager, configured);
}

/* An instance made up of them, also where it has only routes or rules. */
static void configure_static(struct address_manager *manager, const struct conf_model *model)
{
    static char name[] = "static";
    struct conf_instance together = {.key = ADDRESS_STATIC, .name = name};
    struct vip_instance *instance;

    together.vips.items = model->static_addresses.items;
    together.vips.count = model->static_addresses.count;
    if (together.vips.count + model->static_routes.count + model->static_rules.count == 0)
        return;
    configure_one(manager, &together);
    instance = find_instance(manager, ADDRESS_STATIC);
    instance->is_static = true;
}

bool address_manager_take_static(struct address_manager *manager)
{
    const struct links_take take = {.key = ADDRESS_STATIC, .flags = TAKE_ADOPT};
    struct vip_instance *instance = find_instance(manager, ADDRESS_STATIC);

    if (instance == NULL || vip_instance_is_held(instance))
        return false;
    return address_manager_take(manager, &take);
}

void address_manager_configure(struct address_manager *manager, const struct conf_model *model)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        instance->doomed = true;
    }
    for (uint32_t i = 0; i < model->instances.count; i++)
        configure_one(manager, model->instances.items[i]);
    configure_static(manager, model);
    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (instance->doomed)
            doom(manager, instance);
    }
    announcer_set_groups(manager->announcer, model->garp_groups.items, model->garp_groups.count);
    address_manager_find_interfaces(manager);
    HASH_ITER(hh, manager->instances, instance, next)
    {
        address_manager_record(manager, instance);
    }
}

/* ------------------------------------------------------------------ life */

static const struct vip_work_callbacks work_callbacks = {kernel_answered, batch_sent, work_finished,
                                                         answers_lost};

struct address_manager *address_manager_new(struct loop *loop, struct rtnetlink *netlink,
                                            const struct interface_table *table,
                                            const struct address_manager_callbacks *callbacks, void *data)
{
    struct address_manager *manager = calloc(1, sizeof(*manager));

    if (manager == NULL)
        return NULL;
    manager->callbacks = callbacks;
    manager->data = data;
    manager->table = table;
    manager->announcer = announcer_new(loop, frames_left, manager);
    if (manager->announcer == NULL) {
        free(manager);
        return NULL;
    }
    manager->queue = vip_work_queue_new(loop, netlink, &work_callbacks, manager);
    manager->upkeep = loop_timer_new(loop, address_manager_upkeep, manager);
    return manager;
}
