/*
 * One virtual router's state machine. See router.h; RFC 9568 section 6.4, RFC 3768 section 6.4.
 *
 * vrrp_router_step looks its handler up in `handlers`, one row a state and one column an event; an empty cell
 * means that the event has nothing to say in that state. Handlers decide and arm timers, change_state changes
 * .state and emits what belongs to every transition of its kind:
 *
 *     to MASTER      SEND_ADVERT, TAKE (or ADOPT), STATE_CHANGED    the old master must fall silent first
 *     from MASTER    [SEND_ZERO,] RELEASE, STATE_CHANGED            zero only if we go, not if somebody came
 *     else           STATE_CHANGED
 *
 * Beyond the RFCs: preempt_delay, the short wait of state MASTER, a second owner, FAULT, pauses and resumes,
 * and that a worse master does not shorten the wait for a better one.
 */
#include "daemon/vrrp/router.h"

#include <assert.h>
#include <string.h>

#define PRIORITY_MIN       1
#define PRIORITY_BELOW_OWN 254 /* the highest that is not an owner's */

/* What the handlers of one step share. */
struct step {
    struct vrrp_router *router;
    const struct vrrp_event *event;
    struct mono now;
    struct vrrp_actions *actions;
};

typedef void (*handler)(struct step *step);

/* ------------------------------------------------------------------ arithmetic */

struct span vrrp_skew_time(uint8_t version, uint8_t priority, struct span master_interval)
{
    struct span unit = version == 3 ? master_interval : span_s(1);

    return span_ns(unit.ns * (256 - priority) / 256);
}

struct span vrrp_master_down_interval(uint8_t version, uint8_t priority, struct span master_interval,
                                      uint8_t down_timer_adverts)
{
    struct span skew = vrrp_skew_time(version, priority, master_interval);

    return span_ns(master_interval.ns * down_timer_adverts + skew.ns);
}

struct span vrrp_shortest_peer_down_interval(const struct vrrp_settings *settings)
{
    return vrrp_master_down_interval(settings->version, PRIORITY_BELOW_OWN, settings->advert_interval,
                                     settings->down_timer_adverts);
}

static struct span skew_of(const struct vrrp_router *router)
{
    return vrrp_skew_time(router->settings.version, router->effective_priority, router->master_interval);
}

static struct span down_interval_of(const struct vrrp_router *router)
{
    return vrrp_master_down_interval(router->settings.version, router->effective_priority,
                                     router->master_interval, router->settings.down_timer_adverts);
}

/* State MASTER without being the owner: long enough to hear a living master, no longer. */
static struct span start_wait_of(const struct vrrp_router *router)
{
    struct span skew = vrrp_skew_time(router->settings.version, VRRP_PRIORITY_OWNER, router->master_interval);

    return span_ns(router->master_interval.ns + skew.ns);
}

/* After a pause: a living master is heard within its interval; our skew puts us behind better ones that
 * listen too. */
static struct span listening_wait_of(const struct vrrp_router *router)
{
    return span_ns(router->master_interval.ns + skew_of(router).ns);
}

static bool is_owner(const struct vrrp_settings *settings)
{
    return settings->base_priority == VRRP_PRIORITY_OWNER;
}

static bool may_preempt(const struct vrrp_settings *settings)
{
    return settings->preempt || settings->wants_master || is_owner(settings);
}

static bool delays_preemption(const struct vrrp_settings *settings)
{
    return settings->preempt_delay.ns > 0 && settings->preempt && !settings->wants_master &&
           !is_owner(settings);
}

bool vrrp_router_is_at_fault(const struct vrrp_router *router)
{
    return router->faults > 0 || router->group_fault;
}

static enum vrrp_cause fault_cause(const struct vrrp_router *router)
{
    return router->faults > 0 ? CAUSE_FAULT : CAUSE_GROUP;
}

static uint8_t wanted_priority(const struct vrrp_router *router)
{
    int64_t total = (int64_t)router->settings.base_priority + router->weight_sum;

    if (is_owner(&router->settings))
        return router->owner_yields ? PRIORITY_BELOW_OWN : VRRP_PRIORITY_OWNER;
    if (total < PRIORITY_MIN)
        return PRIORITY_MIN;
    return total > PRIORITY_BELOW_OWN ? PRIORITY_BELOW_OWN : (uint8_t)total;
}

/* ------------------------------------------------------------------ actions, timers, state */

static void act(struct step *step, enum vrrp_action_type type)
{
    assert(step->actions->count < VRRP_ACTIONS_MAX);
    step->actions->items[step->actions->count++] = type;
}

/* A better priority has a smaller skew: a running down timer moves by the difference. */
static void refresh_priority(struct step *step)
{
    struct vrrp_router *router = step->router;
    struct span before = skew_of(router);
    uint8_t priority = wanted_priority(router);

    if (priority == router->effective_priority)
        return;
    router->effective_priority = priority;
    act(step, ACTION_PRIORITY_CHANGED);
    if (router->state == VRRP_BACKUP && !router->start_wait)
        router->master_down_due = mono_add(router->master_down_due, span_ns(skew_of(router).ns - before.ns));
}

static void arm_down_timer(struct step *step, struct span wait, enum vrrp_cause takeover_cause)
{
    step->router->master_down_due = mono_add(step->now, wait);
    step->router->takeover_cause = takeover_cause;
    step->router->start_wait = false;
}

static void arm_advert_timer(struct step *step)
{
    step->router->advert_due = mono_add(step->now, step->router->settings.advert_interval);
}

/* The one door: nothing else assigns .state. */
static void change_state(struct step *step, enum vrrp_state state, enum vrrp_cause cause)
{
    struct vrrp_router *router = step->router;

    if (router->state == VRRP_MASTER)
        act(step, ACTION_RELEASE);
    if (state == VRRP_MASTER) {
        act(step, ACTION_SEND_ADVERT);
        act(step, cause == CAUSE_RESUMED ? ACTION_ADOPT : ACTION_TAKE);
    }
    router->state = state;
    router->cause = cause;
    router->state_since = step->now;
    router->advert_due = (struct mono){0};
    router->master_down_due = (struct mono){0};
    router->preempt_due = (struct mono){0};
    router->start_wait = false;
    router->master = (struct ip_address){0};
    router->master_priority = 0;
    act(step, ACTION_STATE_CHANGED);
}

static void become_master(struct step *step, enum vrrp_cause cause)
{
    struct vrrp_router *router = step->router;

    router->owner_yields = false;
    refresh_priority(step);
    change_state(step, VRRP_MASTER, cause);
    router->master_interval = router->settings.advert_interval;
    router->advert_due =
        mono_add(step->now, span_ns(router->settings.advert_interval.ns - router->settings.advert_phase.ns));
}

static void become_backup(struct step *step, enum vrrp_cause cause, struct span wait)
{
    change_state(step, VRRP_BACKUP, cause);
    arm_down_timer(step, wait, CAUSE_MASTER_DOWN);
}

/* Leaves INIT or FAULT, or stays out of service if a reason for FAULT holds. */
static void begin(struct step *step, enum vrrp_cause cause)
{
    struct vrrp_router *router = step->router;

    router->owner_yields = false;
    refresh_priority(step);
    if (vrrp_router_is_at_fault(router))
        change_state(step, VRRP_FAULT, fault_cause(router));
    else if (is_owner(&router->settings) && !router->start_as_backup)
        become_master(step, CAUSE_OWNER);
    else
        become_backup(step, cause, down_interval_of(router));
}

/* ------------------------------------------------------------------ adverts */

/* Our own advert, come back through a loop in the network, says nothing; some owners listen to nobody. */
static bool is_deaf_to_advert(const struct step *step)
{
    const struct vrrp_router *router = step->router;

    if (router->settings.owner_ignore_adverts && router->effective_priority == VRRP_PRIORITY_OWNER)
        return true;
    return ip_address_is_set(&router->source) &&
           ip_address_compare(&step->event->advert.source, &router->source) == 0;
}

/* Who is the better master: <0 the sender is worse than us, >0 it is better. RFC 9568 6.4.3. */
static int compare_with_sender(const struct step *step)
{
    int difference = step->event->advert.priority - step->router->effective_priority;

    if (difference != 0)
        return difference;
    return ip_address_compare(&step->event->advert.source, &step->router->source);
}

/* <0 the sender is worse than the master we know, >0 it is better, 0 it is the same. */
static int compare_with_master(const struct step *step)
{
    const struct vrrp_router *router = step->router;
    int order = ip_address_compare(&step->event->advert.source, &router->master);
    int difference = step->event->advert.priority - router->master_priority;

    return order == 0 || difference == 0 ? order : difference;
}

static struct span interval_of_sender(const struct step *step)
{
    if (step->router->settings.version == 3 && step->event->advert.interval.ns > 0)
        return step->event->advert.interval;
    return step->router->master_interval;
}

/*
 * A worse master beside the one we know is about to give way, and its shorter interval must not become ours:
 * with different intervals two backups would take over in turns for ever, each teaching the other.
 */
static bool would_shorten_the_wait(const struct step *step)
{
    const struct vrrp_router *router = step->router;
    struct span wait =
        vrrp_master_down_interval(router->settings.version, router->effective_priority,
                                  interval_of_sender(step), router->settings.down_timer_adverts);

    return ip_address_is_set(&router->master) && compare_with_master(step) < 0 &&
           mono_before(mono_add(step->now, wait), router->master_down_due);
}

static void obey_sender(struct step *step)
{
    struct vrrp_router *router = step->router;

    if (would_shorten_the_wait(step))
        return;
    router->master_interval = interval_of_sender(step);
    router->master = step->event->advert.source;
    router->master_priority = step->event->advert.priority;
    arm_down_timer(step, down_interval_of(router), CAUSE_MASTER_DOWN);
}

/* A second owner that is gone, or gave way itself, ends our own giving way. */
static void reconsider_yielding(struct step *step)
{
    if (!step->router->owner_yields || step->event->advert.priority == VRRP_PRIORITY_OWNER)
        return;
    step->router->owner_yields = false;
    refresh_priority(step);
}

/* A master of lower priority: obeyed if we do not preempt, or not yet. */
static bool tolerates_lower_master(struct step *step)
{
    struct vrrp_router *router = step->router;

    if (!may_preempt(&router->settings))
        return true;
    if (!delays_preemption(&router->settings))
        return false;
    if (!mono_is_set(router->preempt_due))
        router->preempt_due = mono_add(step->now, router->settings.preempt_delay);
    return mono_before(step->now, router->preempt_due);
}

static void backup_advert(struct step *step)
{
    struct vrrp_router *router = step->router;

    if (is_deaf_to_advert(step))
        return;
    if (step->event->advert.priority == VRRP_PRIORITY_STOP) {
        arm_down_timer(step, skew_of(router), CAUSE_MASTER_STOPPED);
        return;
    }
    reconsider_yielding(step);
    if (step->event->advert.priority >= router->effective_priority) {
        router->preempt_due = (struct mono){0};
        obey_sender(step);
        return;
    }
    if (tolerates_lower_master(step)) {
        obey_sender(step);
        return;
    }
    router->master = step->event->advert.source;
    router->master_priority = step->event->advert.priority;
    router->takeover_cause = CAUSE_PREEMPTED_LOWER;
}

/* Two owners, and the other has the higher address: 254 until it is gone. */
static void yield_to_second_owner(struct step *step)
{
    if (step->event->advert.priority != VRRP_PRIORITY_OWNER)
        return;
    step->router->owner_yields = is_owner(&step->router->settings);
    refresh_priority(step);
}

static void master_advert(struct step *step)
{
    struct vrrp_router *router = step->router;
    const struct vrrp_settings *settings = &router->settings;
    int order = compare_with_sender(step);

    if (is_deaf_to_advert(step))
        return;
    if (step->event->advert.priority == VRRP_PRIORITY_STOP) {
        act(step, ACTION_SEND_ADVERT);
        arm_advert_timer(step);
        return;
    }
    if (order <= 0) {
        if (!settings->lower_prio_no_advert)
            act(step, ACTION_SEND_ADVERT);
        act(step, ACTION_ANNOUNCE);
        return;
    }
    if (settings->higher_prio_send_advert)
        act(step, ACTION_SEND_ADVERT);
    bool by_priority = step->event->advert.priority > router->effective_priority;

    yield_to_second_owner(step);
    change_state(step, VRRP_BACKUP, by_priority ? CAUSE_HIGHER_PRIORITY : CAUSE_HIGHER_ADDRESS);
    obey_sender(step);
}

/* ------------------------------------------------------------------ timers */

bool vrrp_router_is_ready(const struct vrrp_router *router, struct mono now)
{
    return router->state == VRRP_BACKUP && !mono_before(now, router->master_down_due);
}

static void backup_timer(struct step *step)
{
    if (vrrp_router_is_ready(step->router, step->now))
        become_master(step, step->router->takeover_cause);
}

/* Adverts keep their rhythm: the next is due an interval after this one was due, not after it was sent. */
static void master_timer(struct step *step)
{
    struct vrrp_router *router = step->router;

    if (mono_before(step->now, router->advert_due))
        return;
    act(step, ACTION_SEND_ADVERT);
    router->advert_due = mono_add(router->advert_due, router->settings.advert_interval);
    if (!mono_before(step->now, router->advert_due))
        arm_advert_timer(step);
}

struct mono vrrp_router_deadline(const struct vrrp_router *router)
{
    switch (router->state) {
    case VRRP_MASTER:
        return router->advert_due;
    case VRRP_BACKUP:
        return router->master_down_due;
    case VRRP_INIT:
    case VRRP_FAULT:
    case VRRP_STATE_COUNT:
        break;
    }
    return (struct mono){0};
}

/* ------------------------------------------------------------------ start and stop */

static void init_start(struct step *step)
{
    struct vrrp_router *router = step->router;

    router->master_interval = router->settings.advert_interval;
    begin(step, CAUSE_START);
    if (router->state != VRRP_BACKUP || !router->settings.wants_master)
        return;
    arm_down_timer(step, start_wait_of(router), CAUSE_MASTER_DOWN);
    router->start_wait = true;
}

/* The addresses are still on from our predecessor: whoever may not go on takes them off. */
static void init_resume(struct step *step)
{
    struct vrrp_router *router = step->router;

    if (!vrrp_router_is_at_fault(router)) {
        become_master(step, CAUSE_RESUMED);
        return;
    }
    act(step, ACTION_SEND_ZERO);
    act(step, ACTION_RELEASE);
    begin(step, CAUSE_RESUMED);
}

static void stop(struct step *step)
{
    change_state(step, VRRP_INIT, CAUSE_STOP);
}

static void master_stop(struct step *step)
{
    act(step, ACTION_SEND_ZERO);
    stop(step);
}

/* ------------------------------------------------------------------ FAULT */

static void count_fault(struct step *step)
{
    if (step->event->type == EVENT_GROUP_FAULT)
        step->router->group_fault = true;
    else
        step->router->faults++;
}

static void count_fault_over(struct step *step)
{
    if (step->event->type == EVENT_GROUP_FAULT_OVER)
        step->router->group_fault = false;
    else if (step->router->faults > 0)
        step->router->faults--;
}

static void backup_fault(struct step *step)
{
    count_fault(step);
    change_state(step, VRRP_FAULT, fault_cause(step->router));
}

static void master_fault(struct step *step)
{
    act(step, ACTION_SEND_ZERO);
    backup_fault(step);
}

static void fault_fault_over(struct step *step)
{
    count_fault_over(step);
    if (vrrp_router_is_at_fault(step->router))
        return;
    step->router->master_interval = step->router->settings.advert_interval;
    begin(step, CAUSE_FAULT_OVER);
}

/* ------------------------------------------------------------------ pauses, groups */

static void backup_paused(struct step *step)
{
    arm_down_timer(step, down_interval_of(step->router), CAUSE_MASTER_DOWN);
}

/* No priority 0: a peer that took over must not be asked to, and one that did not must not begin to. */
static void master_paused(struct step *step)
{
    become_backup(step, CAUSE_PAUSED, listening_wait_of(step->router));
}

static void backup_group_master(struct step *step)
{
    become_master(step, CAUSE_GROUP);
}

static void master_group_backup(struct step *step)
{
    become_backup(step, CAUSE_GROUP, down_interval_of(step->router));
}

/* ------------------------------------------------------------------ settings */

static void change_priority(struct step *step)
{
    step->router->weight_sum = step->event->weight_sum;
    refresh_priority(step);
}

static void change_source(struct step *step)
{
    step->router->source = step->event->source;
}

static void apply_settings(struct step *step)
{
    struct vrrp_router *router = step->router;

    router->settings = *step->event->settings;
    router->owner_yields = router->owner_yields && is_owner(&router->settings);
    refresh_priority(step);
}

static void idle_settings(struct step *step)
{
    apply_settings(step);
    step->router->master_interval = step->router->settings.advert_interval;
}

/* The next advert comes when the backups expect it, or sooner. */
static void master_settings(struct step *step)
{
    struct vrrp_router *router = step->router;

    apply_settings(step);
    router->master_interval = router->settings.advert_interval;
    router->advert_due =
        mono_earliest(router->advert_due, mono_add(step->now, router->settings.advert_interval));
}

static void adapt_preempt_delay(struct vrrp_router *router, struct span old_delay)
{
    if (!mono_is_set(router->preempt_due))
        return;
    if (delays_preemption(&router->settings))
        router->preempt_due =
            mono_add(router->preempt_due, span_ns(router->settings.preempt_delay.ns - old_delay.ns));
    else
        router->preempt_due = (struct mono){0};
}

static bool is_same_rhythm(const struct vrrp_settings *a, const struct vrrp_settings *b)
{
    return a->version == b->version && a->advert_interval.ns == b->advert_interval.ns &&
           a->down_timer_adverts == b->down_timer_adverts;
}

/* A new rhythm begins now, as the master may still be on the old one. What a v3 master taught us stays. */
static void backup_settings(struct step *step)
{
    struct vrrp_router *router = step->router;
    struct vrrp_settings old = router->settings;
    bool taught = ip_address_is_set(&router->master) && old.version == 3;

    apply_settings(step);
    adapt_preempt_delay(router, old.preempt_delay);
    if (is_same_rhythm(&old, &router->settings))
        return;
    if (!taught || router->settings.version != 3)
        router->master_interval = router->settings.advert_interval;
    arm_down_timer(step, down_interval_of(router), CAUSE_MASTER_DOWN);
}

/* ------------------------------------------------------------------ the table */

static const handler handlers[VRRP_STATE_COUNT][EVENT_TYPE_COUNT] = {
    [VRRP_INIT] =
        {
            [EVENT_START] = init_start,
            [EVENT_RESUME] = init_resume,
            [EVENT_FAULT] = count_fault,
            [EVENT_FAULT_OVER] = count_fault_over,
            [EVENT_GROUP_FAULT] = count_fault,
            [EVENT_GROUP_FAULT_OVER] = count_fault_over,
            [EVENT_PRIORITY] = change_priority,
            [EVENT_SETTINGS] = idle_settings,
            [EVENT_SOURCE] = change_source,
        },
    [VRRP_BACKUP] =
        {
            [EVENT_STOP] = stop,
            [EVENT_ADVERT] = backup_advert,
            [EVENT_TIMER] = backup_timer,
            [EVENT_PAUSED] = backup_paused,
            [EVENT_GROUP_MASTER] = backup_group_master,
            [EVENT_FAULT] = backup_fault,
            [EVENT_FAULT_OVER] = count_fault_over,
            [EVENT_GROUP_FAULT] = backup_fault,
            [EVENT_GROUP_FAULT_OVER] = count_fault_over,
            [EVENT_PRIORITY] = change_priority,
            [EVENT_SETTINGS] = backup_settings,
            [EVENT_SOURCE] = change_source,
        },
    [VRRP_MASTER] =
        {
            [EVENT_STOP] = master_stop,
            [EVENT_ADVERT] = master_advert,
            [EVENT_TIMER] = master_timer,
            [EVENT_PAUSED] = master_paused,
            [EVENT_GROUP_BACKUP] = master_group_backup,
            [EVENT_FAULT] = master_fault,
            [EVENT_FAULT_OVER] = count_fault_over,
            [EVENT_GROUP_FAULT] = master_fault,
            [EVENT_GROUP_FAULT_OVER] = count_fault_over,
            [EVENT_PRIORITY] = change_priority,
            [EVENT_SETTINGS] = master_settings,
            [EVENT_SOURCE] = change_source,
        },
    [VRRP_FAULT] =
        {
            [EVENT_STOP] = stop,
            [EVENT_FAULT] = count_fault,
            [EVENT_FAULT_OVER] = fault_fault_over,
            [EVENT_GROUP_FAULT] = count_fault,
            [EVENT_GROUP_FAULT_OVER] = fault_fault_over,
            [EVENT_PRIORITY] = change_priority,
            [EVENT_SETTINGS] = idle_settings,
            [EVENT_SOURCE] = change_source,
        },
};

void vrrp_router_step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now,
                      struct vrrp_actions *actions)
{
    struct step step = {.router = router, .event = event, .now = now, .actions = actions};
    handler handle = handlers[router->state][event->type];

    actions->count = 0;
    if (handle)
        handle(&step);
}

void vrrp_router_init(struct vrrp_router *router, const struct vrrp_settings *settings,
                      const struct ip_address *source)
{
    memset(router, 0, sizeof(*router));
    router->settings = *settings;
    router->source = *source;
    router->master_interval = settings->advert_interval;
    router->effective_priority = wanted_priority(router);
}

void vrrp_router_start_as_backup(struct vrrp_router *router, bool as_backup)
{
    router->start_as_backup = as_backup;
}

/* ------------------------------------------------------------------ names */

const char *vrrp_event_name(enum vrrp_event_type type)
{
    static const char *const names[EVENT_TYPE_COUNT] = {
        [EVENT_START] = "START",
        [EVENT_STOP] = "STOP",
        [EVENT_ADVERT] = "ADVERT",
        [EVENT_TIMER] = "TIMER",
        [EVENT_PRIORITY] = "PRIORITY",
        [EVENT_FAULT] = "FAULT",
        [EVENT_FAULT_OVER] = "FAULT_OVER",
        [EVENT_PAUSED] = "PAUSED",
        [EVENT_RESUME] = "RESUME",
        [EVENT_GROUP_MASTER] = "GROUP_MASTER",
        [EVENT_GROUP_BACKUP] = "GROUP_BACKUP",
        [EVENT_GROUP_FAULT] = "GROUP_FAULT",
        [EVENT_GROUP_FAULT_OVER] = "GROUP_FAULT_OVER",
        [EVENT_SETTINGS] = "SETTINGS",
        [EVENT_SOURCE] = "SOURCE",
    };

    return type < EVENT_TYPE_COUNT ? names[type] : "?";
}

const char *vrrp_action_name(enum vrrp_action_type type)
{
    static const char *const names[ACTION_TYPE_COUNT] = {
        [ACTION_SEND_ADVERT] = "SEND_ADVERT",
        [ACTION_SEND_ZERO] = "SEND_ZERO",
        [ACTION_TAKE] = "TAKE",
        [ACTION_ADOPT] = "ADOPT",
        [ACTION_RELEASE] = "RELEASE",
        [ACTION_ANNOUNCE] = "ANNOUNCE",
        [ACTION_STATE_CHANGED] = "STATE_CHANGED",
        [ACTION_PRIORITY_CHANGED] = "PRIORITY_CHANGED",
    };

    return type < ACTION_TYPE_COUNT ? names[type] : "?";
}
