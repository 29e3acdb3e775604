/*
 * Planted faults. See mutants.h.
 */
#include "tests/sim/mutants.h"

const char *sim_mutant_text(enum sim_mutant mutant)
{
    static const char *const texts[MUTANT_COUNT] = {
        [MUTANT_NONE] = "none",
        [MUTANT_SKEW_UPSIDE_DOWN] = "a low priority has the small skew",
        [MUTANT_SKEW_FORGOTTEN] = "the down interval has no skew",
        [MUTANT_DEAF_TO_ZERO] = "a backup ignores priority 0",
        [MUTANT_OBEYS_LOWER] = "a backup accepts a lower priority as master",
        [MUTANT_KEEPS_FROM_HIGHER] = "a master does not yield to a higher priority",
        [MUTANT_TIE_BY_LOWER_ADDRESS] = "the lower address wins a tie",
        [MUTANT_NO_ZERO_AT_END] = "no priority 0 when a master goes",
        [MUTANT_DOWN_TIMER_RUNS_ON] = "an advert does not restart the down timer",
        [MUTANT_STALE_TIMER_AFTER_PAUSE] = "a backup's timer from before a pause fires",
        [MUTANT_MASTER_AFTER_PAUSE] = "a master stays master over a pause",
        [MUTANT_ADVERTS_IN_FAULT] = "a master goes on in FAULT",
        [MUTANT_PREEMPTS_ALWAYS] = "nopreempt is ignored",
        [MUTANT_NO_PREEMPT_DELAY] = "preempt_delay is ignored",
        [MUTANT_KEEPS_ADDRESSES] = "addresses stay when a master yields",
        [MUTANT_RHYTHM_DRIFTS] = "adverts come a hundredth late",
        [MUTANT_LEARNS_NOTHING] = "the master's interval is not learned",
        [MUTANT_KEEPS_LEARNED_INTERVAL] = "a new master keeps the interval it learned",
        [MUTANT_NO_ANSWER_TO_LOWER] = "a master does not answer a lower one",
        [MUTANT_SILENT_TAKEOVER] = "no advert on takeover",
        [MUTANT_TELLS_TWICE] = "a transition is told twice",
        [MUTANT_LEAVES_ITS_GROUP] = "a member stays master when its group goes",
        [MUTANT_TWO_OWNERS_FIGHT] = "of two owners neither yields",
        [MUTANT_TIMER_IGNORES_PRIORITY] = "a change of priority does not move a backup's timer",
        [MUTANT_NO_RESULT_IS_FAILURE] = "a script that did not run counts as failed",
        [MUTANT_FALLS_AT_ONCE] = "the first failure of a script decides, whatever fall says",
        [MUTANT_REVERSE_FORGOTTEN] = "reverse is ignored",
        [MUTANT_FILE_NEVER_FAULTS] = "a tracked file never means FAULT",
    };

    return texts[mutant];
}

/* ------------------------------------------------------------------ before the step */

static bool is_advert_to(const struct vrrp_router *router, const struct vrrp_event *event,
                         enum vrrp_state state)
{
    return router->state == state && event->type == EVENT_ADVERT;
}

static bool is_lower(const struct vrrp_router *router, const struct vrrp_event *event)
{
    return event->advert.priority > 0 && event->advert.priority < router->effective_priority;
}

static bool is_tie(const struct vrrp_router *router, const struct vrrp_event *event)
{
    return event->advert.priority == router->effective_priority;
}

static bool may_preempt(const struct vrrp_settings *settings)
{
    return settings->preempt || settings->wants_master || settings->base_priority == VRRP_PRIORITY_OWNER;
}

static bool hears_as_backup(enum sim_mutant mutant, const struct vrrp_router *router, struct mono now,
                            struct vrrp_event *event)
{
    bool is_delayed = mono_is_set(router->preempt_due) && mono_before(now, router->preempt_due);

    if (mutant == MUTANT_DEAF_TO_ZERO)
        return event->advert.priority != 0;
    if (mutant == MUTANT_OBEYS_LOWER && is_lower(router, event))
        event->advert.priority = router->effective_priority;
    if (mutant == MUTANT_PREEMPTS_ALWAYS)
        return !is_lower(router, event) || may_preempt(&router->settings);
    if (mutant == MUTANT_NO_PREEMPT_DELAY)
        return !is_lower(router, event) || !is_delayed;
    if (mutant == MUTANT_LEARNS_NOTHING)
        event->advert.interval = router->settings.advert_interval;
    return true;
}

static bool hears_as_master(enum sim_mutant mutant, const struct vrrp_router *router,
                            struct vrrp_event *event)
{
    bool is_higher = event->advert.priority > router->effective_priority;

    if (mutant == MUTANT_KEEPS_FROM_HIGHER)
        return !is_higher;
    if (mutant == MUTANT_NO_ANSWER_TO_LOWER)
        return !is_lower(router, event);
    if (mutant == MUTANT_TWO_OWNERS_FIGHT)
        return !is_tie(router, event) || event->advert.priority != VRRP_PRIORITY_OWNER;
    if (mutant == MUTANT_TIE_BY_LOWER_ADDRESS && is_tie(router, event))
        event->advert.priority =
            (uint8_t)(event->advert.priority +
                      (ip_address_compare(&event->advert.source, &router->source) < 0 ? 1 : -1));
    return true;
}

bool sim_mutant_hears(enum sim_mutant mutant, const struct vrrp_router *router, struct mono now,
                      struct vrrp_event *event)
{
    if (is_advert_to(router, event, VRRP_BACKUP))
        return hears_as_backup(mutant, router, now, event);
    if (is_advert_to(router, event, VRRP_MASTER))
        return hears_as_master(mutant, router, event);
    if (mutant == MUTANT_STALE_TIMER_AFTER_PAUSE && router->state == VRRP_BACKUP)
        return event->type != EVENT_PAUSED;
    if (mutant == MUTANT_MASTER_AFTER_PAUSE && router->state == VRRP_MASTER)
        return event->type != EVENT_PAUSED;
    if (mutant == MUTANT_ADVERTS_IN_FAULT && router->state == VRRP_MASTER)
        return event->type != EVENT_FAULT;
    if (mutant == MUTANT_LEAVES_ITS_GROUP)
        return event->type != EVENT_GROUP_BACKUP;
    return true;
}

/* ------------------------------------------------------------------ after the step */

static void drop(struct vrrp_actions *actions, enum vrrp_action_type type)
{
    unsigned int kept = 0;

    for (unsigned int i = 0; i < actions->count; i++) {
        if (actions->items[i] != type)
            actions->items[kept++] = actions->items[i];
    }
    actions->count = kept;
}

static void move_down_timer(struct vrrp_router *router, struct span by)
{
    router->master_down_due = mono_add(router->master_down_due, by);
}

static struct span skew_of(const struct vrrp_router *router, uint8_t priority)
{
    return vrrp_skew_time(router->settings.version, priority, router->master_interval);
}

static void acts_as_backup(enum sim_mutant mutant, const struct vrrp_router *before,
                           const struct vrrp_event *event, struct vrrp_router *router)
{
    uint8_t priority = router->effective_priority;
    bool was_armed = router->master_down_due.ns != before->master_down_due.ns;

    if (mutant == MUTANT_TIMER_IGNORES_PRIORITY && before->state == VRRP_BACKUP &&
        event->type == EVENT_PRIORITY)
        router->master_down_due = before->master_down_due;
    if (!was_armed || event->type == EVENT_PRIORITY || router->start_wait)
        return;
    if (mutant == MUTANT_SKEW_UPSIDE_DOWN)
        move_down_timer(
            router, span_ns(skew_of(router, (uint8_t)(255 - priority)).ns - skew_of(router, priority).ns));
    if (mutant == MUTANT_SKEW_FORGOTTEN)
        move_down_timer(router, span_ns(-skew_of(router, priority).ns));
    if (mutant == MUTANT_DOWN_TIMER_RUNS_ON && before->state == VRRP_BACKUP && event->type == EVENT_ADVERT)
        router->master_down_due = before->master_down_due;
}

static void acts_as_master(enum sim_mutant mutant, const struct vrrp_router *before,
                           const struct vrrp_event *event, struct vrrp_router *router,
                           struct vrrp_actions *actions)
{
    bool is_new = before->state != VRRP_MASTER;

    if (mutant == MUTANT_RHYTHM_DRIFTS && event->type == EVENT_TIMER && !is_new)
        router->advert_due = mono_add(router->advert_due, span_ns(router->settings.advert_interval.ns / 100));
    if (mutant == MUTANT_SILENT_TAKEOVER && is_new)
        drop(actions, ACTION_SEND_ADVERT);
    if (mutant == MUTANT_KEEPS_LEARNED_INTERVAL && is_new && before->state == VRRP_BACKUP) {
        router->master_interval = before->master_interval;
        router->advert_due = mono_add(router->state_since, router->master_interval);
    }
}

void sim_mutant_acts(enum sim_mutant mutant, const struct vrrp_router *before, const struct vrrp_event *event,
                     struct vrrp_router *router, struct vrrp_actions *actions)
{
    if (router->state == VRRP_BACKUP)
        acts_as_backup(mutant, before, event, router);
    if (router->state == VRRP_MASTER)
        acts_as_master(mutant, before, event, router, actions);
    if (mutant == MUTANT_NO_ZERO_AT_END)
        drop(actions, ACTION_SEND_ZERO);
    if (mutant == MUTANT_KEEPS_ADDRESSES && router->state == VRRP_BACKUP)
        drop(actions, ACTION_RELEASE);
    if (mutant == MUTANT_TELLS_TWICE && router->state != before->state)
        actions->items[actions->count++] = ACTION_STATE_CHANGED;
}
