/*
 * What must hold at every step of one router. See watch.h.
 */
#include "tests/sim/watch.h"

/* One step, for the checks below. */
struct seen {
    struct sim_member *member;
    const struct vrrp_router *before;
    const struct vrrp_router *after;
    const struct vrrp_event *event;
    struct mono now;
    const struct vrrp_actions *actions;
};

static void violated(const struct seen *seen, enum sim_invariant invariant)
{
    sim_violate(seen->member->node->world, (struct sim_violation){.invariant = invariant,
                                                                  .node = seen->member->node->index,
                                                                  .net = seen->member->net});
}

static unsigned int count_of(const struct seen *seen, enum vrrp_action_type type)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < seen->actions->count; i++)
        count += seen->actions->items[i] == type;
    return count;
}

static bool enters(const struct seen *seen, enum vrrp_state state)
{
    return seen->before->state != state && seen->after->state == state;
}

static bool leaves(const struct seen *seen, enum vrrp_state state)
{
    return seen->before->state == state && seen->after->state != state;
}

static bool stays(const struct seen *seen, enum vrrp_state state)
{
    return seen->before->state == state && seen->after->state == state;
}

/* ------------------------------------------------------------------ actions */

/* A predecessor's addresses are on when a router resumes, and come off if it may not. */
static void check_holding(const struct seen *seen)
{
    bool *holds = &seen->member->notes.holds;

    for (unsigned int i = 0; i < seen->actions->count; i++) {
        enum vrrp_action_type type = seen->actions->items[i];

        if ((type == ACTION_TAKE && *holds) || (type == ACTION_ADOPT && !*holds) ||
            (type == ACTION_RELEASE && !*holds))
            violated(seen, SIM_ACTIONS);
        if (type == ACTION_TAKE || type == ACTION_ADOPT)
            *holds = true;
        if (type == ACTION_RELEASE)
            *holds = false;
    }
    if (seen->after->state != VRRP_INIT && *holds != (seen->after->state == VRRP_MASTER))
        violated(seen, SIM_ACTIONS);
}

static bool goes_by_itself(const struct seen *seen)
{
    if (seen->event->type == EVENT_RESUME)
        return enters(seen, VRRP_FAULT);
    return seen->before->state == VRRP_MASTER &&
           (seen->after->state == VRRP_INIT || seen->after->state == VRRP_FAULT);
}

static void check_actions(const struct seen *seen)
{
    unsigned int transitions = seen->before->state != seen->after->state ? 1 : 0;
    bool was_or_is_master = seen->before->state == VRRP_MASTER || seen->after->state == VRRP_MASTER;

    check_holding(seen);
    if (count_of(seen, ACTION_STATE_CHANGED) != transitions)
        violated(seen, SIM_ACTIONS);
    if (count_of(seen, ACTION_SEND_ADVERT) > 0 && !was_or_is_master)
        violated(seen, SIM_ADVERT_OF_MASTER);
    if (enters(seen, VRRP_MASTER) && count_of(seen, ACTION_SEND_ADVERT) != 1)
        violated(seen, SIM_RHYTHM);
    if (count_of(seen, ACTION_SEND_ZERO) != (goes_by_itself(seen) ? 1U : 0U))
        violated(seen, SIM_ZERO_AT_END);
}

static void check_state(const struct seen *seen)
{
    bool serves = seen->after->state == VRRP_MASTER || seen->after->state == VRRP_BACKUP;

    if (seen->event->type == EVENT_PAUSED && seen->after->state == VRRP_MASTER)
        violated(seen, SIM_PAUSED_IS_BACKUP);
    if (serves && (seen->after->faults > 0 || seen->after->group_fault))
        violated(seen, SIM_FAULT_IS_OUT);
    if (serves && (seen->event->type == EVENT_FAULT || seen->event->type == EVENT_GROUP_FAULT))
        violated(seen, SIM_FAULT_IS_OUT);
}

/* ------------------------------------------------------------------ what an advert means, RFC 9568 6.4 */

static bool is_owner(const struct vrrp_settings *settings)
{
    return settings->base_priority == VRRP_PRIORITY_OWNER;
}

static bool is_heard(const struct seen *seen)
{
    const struct vrrp_router *router = seen->before;

    if (router->settings.owner_ignore_adverts && router->effective_priority == VRRP_PRIORITY_OWNER)
        return false;
    return ip_address_compare(&seen->event->advert.source, &router->source) != 0;
}

static bool holds_off_preemption(const struct seen *seen)
{
    const struct vrrp_settings *settings = &seen->after->settings;
    struct mono *due = &seen->member->notes.preempt_due;

    if (settings->preempt_delay.ns == 0 || settings->wants_master || is_owner(settings))
        return false;
    if (!mono_is_set(*due))
        *due = mono_add(seen->now, settings->preempt_delay);
    return mono_before(seen->now, *due);
}

static bool is_obeyed(const struct seen *seen)
{
    const struct vrrp_settings *settings = &seen->after->settings;

    if (seen->event->advert.priority >= seen->after->effective_priority) {
        seen->member->notes.preempt_due = (struct mono){0};
        return true;
    }
    if (!settings->preempt && !settings->wants_master && !is_owner(settings))
        return true;
    return holds_off_preemption(seen);
}

static void note_wait(const struct seen *seen, enum sim_wait wait)
{
    seen->member->notes.wait = wait;
    seen->member->notes.armed = seen->now;
}

static void learn(const struct seen *seen)
{
    if (seen->after->settings.version == 3)
        seen->member->notes.interval = seen->event->advert.interval;
}

static int64_t skew_ns(uint8_t version, uint8_t priority, struct span interval)
{
    int64_t unit = version == 2 ? NS_PER_S : interval.ns;

    return (256 - priority) * unit / 256;
}

static struct mono takeover_due(const struct sim_member *member, const struct vrrp_router *router)
{
    const struct sim_notes *notes = &member->notes;
    uint8_t version = router->settings.version;
    int64_t skew = skew_ns(version, router->effective_priority, notes->interval);
    int64_t wait = 0;

    switch (notes->wait) {
    case WAIT_DOWN:
        wait = router->settings.down_timer_adverts * notes->interval.ns + skew;
        break;
    case WAIT_ZERO:
        wait = skew;
        break;
    case WAIT_LISTEN:
        wait = notes->interval.ns + skew;
        break;
    case WAIT_START:
        wait = notes->interval.ns + skew_ns(version, VRRP_PRIORITY_OWNER, notes->interval);
        break;
    }
    return mono_add(notes->armed, span_ns(wait));
}

/* router.c's own addition to the RFC: a worse master than the one known shortens no wait. */
static bool is_worse_than_known(const struct seen *seen)
{
    const struct vrrp_router *router = seen->before;
    int order = ip_address_compare(&seen->event->advert.source, &router->master);

    if (!ip_address_is_set(&router->master) || order == 0)
        return false;
    if (seen->event->advert.priority != router->master_priority)
        return seen->event->advert.priority < router->master_priority;
    return order < 0;
}

static void note_advert_to_backup(const struct seen *seen)
{
    struct sim_notes *notes = &seen->member->notes;
    struct sim_notes known;
    struct mono due;

    if (!is_heard(seen))
        return;
    if (seen->event->advert.priority == VRRP_PRIORITY_STOP) {
        note_wait(seen, WAIT_ZERO);
        return;
    }
    if (!is_obeyed(seen))
        return;
    known = *notes;
    due = takeover_due(seen->member, seen->after);
    learn(seen);
    note_wait(seen, WAIT_DOWN);
    if (is_worse_than_known(seen) && mono_before(takeover_due(seen->member, seen->after), due))
        *notes = known;
}

/* ------------------------------------------------------------------ backups */

static bool has_new_rhythm(const struct seen *seen)
{
    const struct vrrp_settings *old = &seen->before->settings;
    const struct vrrp_settings *new = &seen->after->settings;

    return old->advert_interval.ns != new->advert_interval.ns || old->version != new->version ||
           old->down_timer_adverts != new->down_timer_adverts;
}

/* Which interval a reload leaves in force, and what it makes of a running delay, is the router's own affair.
 */
static void note_settings_of_backup(const struct seen *seen)
{
    struct sim_notes *notes = &seen->member->notes;

    notes->preempt_due = seen->after->preempt_due;
    if (!has_new_rhythm(seen))
        return;
    notes->interval = seen->after->master_interval;
    note_wait(seen, WAIT_DOWN);
}

static enum sim_wait wait_of_entry(const struct seen *seen)
{
    if (seen->event->type == EVENT_PAUSED)
        return WAIT_LISTEN;
    if (seen->event->type == EVENT_START && seen->after->settings.wants_master)
        return WAIT_START;
    return WAIT_DOWN;
}

static void note_entry_to_backup(const struct seen *seen)
{
    struct sim_notes *notes = &seen->member->notes;

    notes->interval = seen->after->settings.advert_interval;
    notes->preempt_due = (struct mono){0};
    if (seen->event->type == EVENT_ADVERT)
        learn(seen);
    note_wait(seen, wait_of_entry(seen));
}

static void note_backup(const struct seen *seen)
{
    if (seen->before->effective_priority != seen->after->effective_priority ||
        seen->event->type == EVENT_SETTINGS)
        seen->member->notes.moved = seen->now;
    if (enters(seen, VRRP_BACKUP))
        note_entry_to_backup(seen);
    else if (seen->event->type == EVENT_ADVERT)
        note_advert_to_backup(seen);
    else if (seen->event->type == EVENT_PAUSED)
        note_wait(seen, WAIT_DOWN);
    else if (seen->event->type == EVENT_SETTINGS)
        note_settings_of_backup(seen);
}

static struct mono latest(struct mono a, struct mono b)
{
    return mono_before(a, b) ? b : a;
}

/* Late is excused if the node slept over it, or if a wait, ours or a fellow member's that held us, was cut
 * short after the fact. */
static bool is_late(const struct seen *seen, struct mono due)
{
    const struct sim_node *node = seen->member->node;
    struct mono excused = node->woke;

    for (unsigned int i = 0; i < node->group.member_count; i++)
        excused = latest(excused, node->members[i].notes.moved);
    return mono_since(seen->now, latest(due, excused)).ns > SIM_ROUNDING_NS;
}

static void check_takeover(const struct seen *seen)
{
    struct mono due = takeover_due(seen->member, seen->before);

    if (mono_before(seen->now, due))
        violated(seen, SIM_TAKEOVER_EARLY);
    if (seen->event->type == EVENT_TIMER && is_late(seen, due))
        violated(seen, SIM_TAKEOVER_LATE);
}

/* A member that joins a group which is master does not wait; nor does a resumed one. */
static void check_backup(const struct seen *seen)
{
    if (seen->before->state == VRRP_BACKUP && seen->after->state == VRRP_MASTER)
        check_takeover(seen);
    if (stays(seen, VRRP_BACKUP) && seen->event->type == EVENT_TIMER &&
        !mono_before(seen->now, takeover_due(seen->member, seen->before)))
        violated(seen, SIM_TAKEOVER_LATE);
}

/* ------------------------------------------------------------------ masters */

static void check_regular_advert(const struct seen *seen)
{
    struct sim_notes *notes = &seen->member->notes;
    struct span interval = seen->after->settings.advert_interval;

    if (count_of(seen, ACTION_SEND_ADVERT) == 0) {
        if (!mono_before(seen->now, notes->advert_due))
            violated(seen, SIM_RHYTHM);
        return;
    }
    if (mono_before(seen->now, notes->advert_due))
        violated(seen, SIM_RHYTHM);
    notes->advert_due = mono_add(notes->advert_due, interval);
    if (!mono_before(seen->now, notes->advert_due))
        notes->advert_due = mono_add(seen->now, interval);
}

static bool is_overdue(const struct seen *seen)
{
    struct mono due = latest(seen->member->notes.advert_due, seen->member->node->woke);

    return mono_since(seen->now, due).ns > SIM_ROUNDING_NS;
}

static void note_master(const struct seen *seen)
{
    struct sim_notes *notes = &seen->member->notes;
    struct mono next = mono_add(seen->now, seen->after->settings.advert_interval);
    bool zero_heard = seen->event->type == EVENT_ADVERT && is_heard(seen) &&
                      seen->event->advert.priority == VRRP_PRIORITY_STOP;

    if (stays(seen, VRRP_MASTER) && is_overdue(seen))
        violated(seen, SIM_RHYTHM);
    if (stays(seen, VRRP_MASTER) && seen->event->type == EVENT_TIMER)
        check_regular_advert(seen);
    if (enters(seen, VRRP_MASTER) || zero_heard)
        notes->advert_due = next;
    if (enters(seen, VRRP_MASTER))
        notes->advert_due.ns -= seen->after->settings.advert_phase.ns;
    if (stays(seen, VRRP_MASTER) && seen->event->type == EVENT_SETTINGS)
        notes->advert_due = mono_earliest(notes->advert_due, next);
}

/* ------------------------------------------------------------------ all of it */

void sim_watch_step(struct sim_member *member, const struct vrrp_router *before,
                    const struct vrrp_event *event, struct mono now, const struct vrrp_actions *actions)
{
    const struct seen seen = {
        .member = member,
        .before = before,
        .after = &member->router,
        .event = event,
        .now = now,
        .actions = actions,
    };

    check_actions(&seen);
    check_state(&seen);
    check_backup(&seen);
    if (seen.after->state == VRRP_BACKUP)
        note_backup(&seen);
    if (seen.after->state == VRRP_MASTER)
        note_master(&seen);
    if (leaves(&seen, VRRP_MASTER))
        member->notes.advert_due = (struct mono){0};
}
