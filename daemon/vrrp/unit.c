/*
 * Units: groups of instances and their timer. See unit.h; resuming is in resume.c.
 */
#include "daemon/vrrp/unit.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/process.h"
#include "daemon/vrrp/timing.h"

/* A timer served that late may have let adverts of other sockets wait. */
#define LATE span_ms(2)

static void timer_fired(void *data);

/* ------------------------------------------------------------------ life */

struct vrrp_unit *unit_new(struct vrrp_process *process, const struct conf_sync_group *conf,
                           struct vrrp_instance *const *instances, unsigned int count)
{
    struct vrrp_unit *unit = calloc(1, sizeof(*unit));

    if (unit == NULL)
        abort();
    unit->process = process;
    unit->conf = conf;
    unit->count = count;
    unit->instances = calloc(count, sizeof(struct vrrp_instance *));
    unit->routers = calloc(count, sizeof(struct vrrp_router *));
    unit->actions.room = VRRP_GROUP_ROOM(count);
    unit->actions.items = calloc(unit->actions.room, sizeof(*unit->actions.items));
    if (unit->instances == NULL || unit->routers == NULL || unit->actions.items == NULL)
        abort();
    for (unsigned int i = 0; i < count; i++) {
        unit->instances[i] = instances[i];
        unit->routers[i] = &instances[i]->router;
        instances[i]->unit = unit;
        instances[i]->member = i;
    }
    vrrp_group_init(&unit->group, unit->routers, count);
    unit->timer = loop_timer_new(child_loop(process->child), timer_fired, unit);
    LIST_INSERT_HEAD(&process->units, unit, next);
    return unit;
}

void unit_free(struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        if (unit->instances[i]->unit == unit)
            unit->instances[i]->unit = NULL;
    }
    LIST_REMOVE(unit, next);
    loop_timer_free(unit->timer);
    free(unit->instances);
    free(unit->routers);
    free(unit->actions.items);
    free(unit);
}

/* ------------------------------------------------------------------ steps */

static void group_changed(struct vrrp_unit *unit)
{
    if (unit->conf == NULL)
        return;
    log_notice("group %s: %s", unit->conf->name, vrrp_state_name(unit->group.state));
    if (unit->group.state != VRRP_INIT)
        unit_notify(unit, unit->group.state);
}

void unit_notify(struct vrrp_unit *unit, enum vrrp_state state)
{
    struct notify_instance notice = {.state = instance_notify_state(state)};

    if (unit->conf == NULL || unit->told == state)
        return;
    unit->told = state;
    notice.key = unit->conf->key;
    channel_send(child_peer(unit->process->child, ROLE_SCRIPTS, 0), NOTIFY_GROUP, &notice);
}

void unit_notify_again(struct vrrp_unit *unit)
{
    struct notify_instance notice = {.state = instance_notify_state(unit->told)};

    for (unsigned int i = 0; i < unit->count; i++)
        instance_notify_again(unit->instances[i]);
    if (unit->conf == NULL || unit->told == VRRP_INIT)
        return;
    notice.key = unit->conf->key;
    channel_send(child_peer(unit->process->child, ROLE_SCRIPTS, 0), NOTIFY_GROUP_STATE, &notice);
}

/* In which order the actions of one step are carried out. */
enum turn {
    TURN_TAKE, /* links works on the addresses while we speak */
    TURN_NETWORK,
    TURN_TELL, /* the board, scripts, the log */
};

static enum turn turn_of(enum vrrp_action_type type)
{
    switch (type) {
    case ACTION_TAKE:
    case ACTION_ADOPT:
        return TURN_TAKE;
    case ACTION_SEND_ADVERT:
    case ACTION_SEND_ZERO:
    case ACTION_RELEASE:
    case ACTION_ANNOUNCE:
    case ACTION_TYPE_COUNT:
        break;
    case ACTION_STATE_CHANGED:
    case ACTION_PRIORITY_CHANGED:
        return TURN_TELL;
    }
    return TURN_NETWORK;
}

static void carry_out(struct vrrp_unit *unit, enum turn turn, struct mono decided)
{
    for (unsigned int i = 0; i < unit->actions.count; i++) {
        const struct vrrp_group_action *action = &unit->actions.items[i];

        if (turn_of(action->type) != turn)
            continue;
        if (action->member == VRRP_GROUP_ITSELF)
            group_changed(unit);
        else
            instance_act(unit->instances[action->member], action->type, decided);
    }
}

/*
 * Being woken takes the kernel some 100 us, and a virtual machine's host now and then up to 10 ms. A backup's
 * timer hardly ever fires, as every advert moves it, so it can afford to wake that much sooner, to stay awake
 * until the moment and to have links stand by: a takeover is not later than the protocol asks. A master's
 * timer fires for every advert and is not woken sooner.
 *
 * links waits on our processor, behind us, until we sleep; so one processor is enough, and no other one has
 * to wake. With many instances, whose adverts are sent first, it would wait too long: then it is only woken.
 */
#define WAKES_SOONER  span_ms(8)
#define LINKS_WAKES   span_us(200) /* that much ahead: long enough to wake, too short to sleep again */
#define LAST_WAIT     span_us(50)  /* too short to serve others in */
#define FEW_INSTANCES 8

static bool wakes_sooner(const struct vrrp_unit *unit)
{
    return unit->group.state == VRRP_BACKUP;
}

static void arm_timer(struct vrrp_unit *unit)
{
    struct mono due = vrrp_group_deadline(&unit->group);

    if (mono_is_set(due) && wakes_sooner(unit))
        due = mono_add(due, span_ns(-WAKES_SOONER.ns));
    unit->links_stands_by = false;
    loop_timer_set(unit->timer, due);
}

static bool links_waits_here(const struct vrrp_unit *unit)
{
    return HASH_COUNT(unit->process->instances) <= FEW_INSTANCES;
}

/* left: until the moment. */
static void let_links_stand_by(struct vrrp_unit *unit, struct span left)
{
    struct links_stand_by stand_by = {.cpu = STAND_BY_ANYWHERE};

    if (unit->links_stands_by || (!links_waits_here(unit) && left.ns > LINKS_WAKES.ns))
        return;
    if (links_waits_here(unit))
        stand_by.cpu = (uint32_t)sched_getcpu();
    unit->links_stands_by = true;
    channel_send(process_links(unit->process), LINKS_STAND_BY, &stand_by);
}

/* True if there is time left: the loop is to go round without a sleep, as others may be due before. The last
 * of it is spent here. */
static bool stays_awake(struct vrrp_unit *unit, struct mono due)
{
    struct mono now = mono_now();
    struct span left = mono_since(due, now);

    if (!wakes_sooner(unit) || left.ns <= 0 || left.ns > WAKES_SOONER.ns)
        return false;
    let_links_stand_by(unit, left);
    if (left.ns > LAST_WAIT.ns) {
        loop_timer_set(unit->timer, now);
        return true;
    }
    while (mono_before(now, due))
        now = mono_now();
    return false;
}

static void guard_masters(struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++)
        process_guard_master(unit->process, unit->instances[i]);
}

/* The network first, for all members; then those who are told. No step takes and releases the same addresses.
 */
static void step_unguarded(struct vrrp_unit *unit, unsigned int member, const struct vrrp_event *event,
                           struct mono when)
{
    if (mono_before(when, unit->last_event))
        when = unit->last_event;
    unit->last_event = when;
    vrrp_group_step(&unit->group, member, event, when, &unit->actions);
    carry_out(unit, TURN_TAKE, when);
    carry_out(unit, TURN_NETWORK, when);
    guard_masters(unit);
    carry_out(unit, TURN_TELL, when);
    arm_timer(unit);
}

void unit_step(struct vrrp_unit *unit, unsigned int member, const struct vrrp_event *event, struct mono when)
{
    process_guard(unit->process, mono_now());
    step_unguarded(unit, member, event, when);
}

static const char *name_of(const struct vrrp_unit *unit)
{
    return unit->conf == NULL ? unit->instances[0]->conf->name : unit->conf->name;
}

void unit_pause(struct vrrp_unit *unit, struct mono now)
{
    log_warning("%s %s: we stood still so long that %s", unit->conf == NULL ? "instance" : "group",
                name_of(unit),
                unit->group.state == VRRP_MASTER ? "a peer may have taken over"
                                                 : "the master's silence proves nothing: listening anew");
    step_unguarded(unit, 0, &(struct vrrp_event){.type = EVENT_PAUSED}, now);
}

void unit_received(void *data, const struct vrrp_datagram *datagram)
{
    struct vrrp_instance *instance = data;
    struct vrrp_event event;
    struct mono arrival;

    if (instance->unit == NULL || !instance->unit->started ||
        !instance_receive(instance, datagram, &event, &arrival))
        return;
    unit_step(instance->unit, instance->member, &event, arrival);
    instance_note_master(instance);
}

/* ------------------------------------------------------------------ the timer */

static void note_lateness(struct vrrp_unit *unit, struct span late)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        struct vrrp_record *record = &unit->instances[i]->record;

        if (late.ns > 0 && (uint64_t)late.ns > record->late_max_ns)
            record->late_max_ns = (uint64_t)late.ns;
    }
}

static void drain_unit(struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++)
        vrrp_socket_drain(unit->instances[i]->socket);
}

static struct span longest_interval(const struct vrrp_unit *unit)
{
    struct span longest = {0};

    for (unsigned int i = 0; i < unit->count; i++) {
        struct span interval = unit->routers[i]->master_interval;

        longest = interval.ns > longest.ns ? interval : longest;
    }
    return longest;
}

/* Served late, the first thing is to hear what came meanwhile; it may have moved the deadline. */
static void timer_fired(void *data)
{
    struct vrrp_unit *unit = data;
    struct mono due = vrrp_group_deadline(&unit->group);
    struct mono now;
    struct span late;

    if (stays_awake(unit, due))
        return;
    now = mono_now();
    late = mono_since(now, due);
    note_lateness(unit, late);
    process_guard(unit->process, now);
    if (late.ns > LATE.ns)
        process_drain(unit->process);
    else
        drain_unit(unit);
    due = vrrp_group_deadline(&unit->group);
    now = mono_now();
    if (!mono_is_set(due) || mono_before(now, due)) {
        arm_timer(unit);
        return;
    }
    if (unit->group.state != VRRP_MASTER && vrrp_silence_proves_nothing(now, due, longest_interval(unit)))
        unit_pause(unit, now);
    else
        unit_step(unit, 0, &(struct vrrp_event){.type = EVENT_TIMER}, now);
}

/* ------------------------------------------------------------------ what it depends on */

static void look_at_source(struct vrrp_instance *instance, const struct vrrp_track *track, struct mono now)
{
    struct vrrp_event event = {.type = EVENT_SOURCE, .source = track->source};

    if (!ip_address_is_set(&track->source) ||
        ip_address_compare(&track->source, &instance->advert.source) == 0)
        return;
    instance_set_source(instance, &track->source);
    unit_step(instance->unit, instance->member, &event, now);
}

static void look_at_faults(struct vrrp_instance *instance, uint32_t faults, struct mono now)
{
    uint32_t before = instance->faults;
    struct vrrp_event event = {.type = faults != 0 ? EVENT_FAULT : EVENT_FAULT_OVER};

    if (faults == before)
        return;
    instance->faults = faults;
    if ((faults != 0) != (before != 0))
        unit_step(instance->unit, instance->member, &event, now);
}

void unit_look(struct vrrp_instance *instance)
{
    struct mono now = mono_now();
    struct vrrp_event priority = {.type = EVENT_PRIORITY};
    struct vrrp_surroundings surroundings;
    struct vrrp_track track;

    surroundings = process_surroundings(instance->unit->process);
    vrrp_track_look(instance->conf, instance->unit->conf, &surroundings, &track);
    if (instance->socket->fd < 0 && (!instance->socket->asked || instance->socket->error != 0))
        track.faults |= VRRP_FAULT_NO_SOCKET;
    if (instance->unit->process->links_lost)
        track.faults |= VRRP_FAULT_NO_LINKS;
    instance->ifindex = track.ifindex;
    snprintf(instance->tracked, sizeof(instance->tracked), "%s", track.tracked == NULL ? "" : track.tracked);
    look_at_source(instance, &track, now);
    priority.weight_sum = track.weight_sum;
    if (track.weight_sum != instance->router.weight_sum)
        unit_step(instance->unit, instance->member, &priority, now);
    look_at_faults(instance, track.faults, now);
}

void unit_start(struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++)
        unit_look(unit->instances[i]);
    unit->started = true;
    unit_step(unit, 0, &(struct vrrp_event){.type = EVENT_START}, mono_now());
}
