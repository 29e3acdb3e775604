/*
 * From one configuration to the next: instances are matched by key, and what stays the same is left alone: no
 * timer is moved, no socket opened anew, no advert delayed. See process.h.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/process.h"
#include "daemon/vrrp/settings.h"

/* ------------------------------------------------------------------ units */

static bool is_the_same(const struct vrrp_unit *unit, const struct conf_sync_group *conf,
                        struct vrrp_instance *const *instances, unsigned int count)
{
    if (unit == NULL || unit->count != count || (unit->conf == NULL) != (conf == NULL))
        return false;
    if (conf != NULL && conf->key != unit->conf->key)
        return false;
    return memcmp(unit->instances, instances, count * sizeof(struct vrrp_instance *)) == 0;
}

static enum vrrp_state told_of_group(const struct vrrp_process *process, const struct conf_sync_group *conf)
{
    const struct vrrp_unit *unit;

    if (conf == NULL)
        return VRRP_INIT;
    LIST_FOREACH(unit, &process->units, next)
    {
        if (unit->conf != NULL && unit->conf->key == conf->key)
            return unit->told;
    }
    return VRRP_INIT;
}

static void place(struct vrrp_process *process, const struct conf_sync_group *conf,
                  struct vrrp_instance *const *instances, unsigned int count)
{
    enum vrrp_state told = told_of_group(process, conf);

    if (is_the_same(instances[0]->unit, conf, instances, count))
        return;
    unit_new(process, conf, instances, count)->told = told;
}

static void place_group(struct vrrp_process *process, const struct conf_sync_group *conf)
{
    struct vrrp_instance **members = calloc(conf->members.count, sizeof(struct vrrp_instance *));
    unsigned int count = 0;

    if (members == NULL)
        abort();
    for (uint32_t i = 0; i < conf->members.count; i++) {
        struct vrrp_instance *member = process_find(process, conf->members.items[i]->key);

        if (member == NULL)
            continue;
        member->grouped = true;
        members[count++] = member;
    }
    if (count > 0)
        place(process, conf, members, count);
    free(members);
}

/* Some member moved to another unit, or is removed. */
static bool is_stale(const struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        if (unit->instances[i]->unit != unit)
            return true;
    }
    return false;
}

static void free_stale_units(struct vrrp_process *process)
{
    struct vrrp_unit *unit, *next;

    for (unit = LIST_FIRST(&process->units); unit != NULL; unit = next) {
        next = LIST_NEXT(unit, next);
        if (is_stale(unit))
            unit_free(unit);
    }
}

/* The old model is about to go; the group of the same key takes its place. */
static void point_to_model(struct vrrp_unit *unit, const struct conf_model *model)
{
    for (uint32_t i = 0; unit->conf != NULL && i < model->sync_groups.count; i++) {
        if (model->sync_groups.items[i]->key == unit->conf->key) {
            unit->conf = model->sync_groups.items[i];
            return;
        }
    }
}

void process_arrange_units(struct vrrp_process *process)
{
    const struct conf_model *model = process->model;
    struct vrrp_unit *unit;

    for (struct vrrp_instance *instance = process->instances; instance != NULL; instance = instance->hh.next)
        instance->grouped = false;
    for (uint32_t i = 0; i < model->sync_groups.count; i++)
        place_group(process, model->sync_groups.items[i]);
    for (uint32_t i = 0; i < model->instances.count; i++) {
        struct vrrp_instance *instance = process_find(process, model->instances.items[i]->key);

        if (instance != NULL && !instance->grouped)
            place(process, NULL, &instance, 1);
    }
    free_stale_units(process);
    LIST_FOREACH(unit, &process->units, next)
    point_to_model(unit, model);
}

/* A new unit of instances that already run: brings them together. */
static void start_joined_units(struct vrrp_process *process)
{
    struct vrrp_unit *unit;

    LIST_FOREACH(unit, &process->units, next)
    {
        bool runs = false;

        for (unsigned int i = 0; i < unit->count; i++)
            runs = runs || unit->routers[i]->state != VRRP_INIT;
        if (unit->started || !runs)
            continue;
        unit_start(unit);
        if (unit->group.state != VRRP_INIT)
            unit_notify(unit, unit->group.state);
    }
}

/* ------------------------------------------------------------------ instances */

static void note_wanted(struct vrrp_process *process, const struct conf_model *model)
{
    for (struct vrrp_instance *instance = process->instances; instance != NULL; instance = instance->hh.next)
        instance->wanted = false;
    for (uint32_t i = 0; i < model->instances.count; i++) {
        struct vrrp_instance *instance = process_find(process, model->instances.items[i]->key);

        if (instance != NULL)
            instance->wanted = true;
    }
}

/* By itself, without its group, which goes on without it. */
static void stop_alone(struct vrrp_instance *instance)
{
    struct mono now = mono_now();
    struct vrrp_actions actions;

    vrrp_router_step(&instance->router, &(struct vrrp_event){.type = EVENT_STOP}, now, &actions);
    for (unsigned int i = 0; i < actions.count; i++)
        instance_act(instance, actions.items[i], now);
    if (instance->told != VRRP_INIT)
        instance_notify_deleted(instance);
    instance->unit = NULL;
}

/* Puts the removed ones into *removed, chained by their hash handle's order. */
static unsigned int stop_unwanted(struct vrrp_process *process, struct vrrp_instance **removed)
{
    unsigned int count = 0;

    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        if (instance->wanted)
            continue;
        stop_alone(instance);
        removed[count++] = instance;
    }
    return count;
}

static bool same_vip(const struct conf_vip *a, const struct conf_vip *b)
{
    return ip_address_compare(&a->address, &b->address) == 0 && a->prefix_length == b->prefix_length &&
           a->scope == b->scope && a->flags == b->flags && a->broadcast_kind == b->broadcast_kind &&
           ip_address_compare(&a->broadcast, &b->broadcast) == 0 &&
           ip_address_compare(&a->peer, &b->peer) == 0 && a->peer_prefix_length == b->peer_prefix_length &&
           a->preferred_lifetime_s == b->preferred_lifetime_s && strcmp(a->interface, b->interface) == 0 &&
           strcmp(a->label == NULL ? "" : a->label, b->label == NULL ? "" : b->label) == 0;
}

static bool same_addresses(const struct conf_instance *a, const struct conf_instance *b)
{
    if (a->vips.count != b->vips.count || a->lease_us != b->lease_us)
        return false;
    for (uint32_t i = 0; i < a->vips.count; i++) {
        if (!same_vip(a->vips.items[i], b->vips.items[i]))
            return false;
    }
    return true;
}

static void adapt(struct vrrp_process *process, struct vrrp_instance *instance,
                  const struct conf_instance *conf)
{
    struct vrrp_settings settings = instance_settings(conf);
    struct vrrp_event event = {.type = EVENT_SETTINGS, .settings = &settings};
    bool other_settings = memcmp(&settings, &instance->router.settings, sizeof(settings)) != 0;
    bool other_addresses = !same_addresses(instance->conf, conf);

    process_change_socket(process, instance, conf);
    instance_configure(instance, conf);
    if (other_settings)
        unit_step(instance->unit, instance->member, &event, mono_now());
    if ((other_settings || other_addresses) && instance->router.state == VRRP_MASTER)
        instance_send_take(instance, TAKE_ADOPT, mono_now());
}

static void add_or_adapt(struct vrrp_process *process, const struct conf_model *model)
{
    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *conf = model->instances.items[i];
        struct vrrp_instance *instance = process_find(process, conf->key);

        if (instance == NULL)
            process_add(process, conf);
        else
            adapt(process, instance, conf);
    }
}

static void tell_states_again(struct vrrp_process *process)
{
    struct vrrp_unit *unit;

    if (!process->model->global.fifo_write_states_on_reload)
        return;
    LIST_FOREACH(unit, &process->units, next)
    unit_notify_again(unit);
}

bool process_reload(struct vrrp_process *process)
{
    struct conf_model *model = process_read_slice(process), *old = process->model;
    struct vrrp_instance **removed;
    unsigned int count;

    if (model == NULL)
        return false;
    removed = calloc(HASH_COUNT(process->instances) + 1, sizeof(struct vrrp_instance *));
    if (removed == NULL)
        abort();
    note_wanted(process, model);
    count = stop_unwanted(process, removed);
    add_or_adapt(process, model);
    process->model = model;
    trackers_load(process->trackers, model);
    process_arrange_units(process);
    for (unsigned int i = 0; i < count; i++)
        process_remove(process, removed[i]);
    free(removed);
    tell_states_again(process);
    process_be_patient(process);
    start_joined_units(process);
    process_ask_for_sockets(process);
    process_look(process, NULL);
    process_start_units(process);
    conf_model_free(old);
    return true;
}
