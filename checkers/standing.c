/*
 * Rise and fall of a check. See standing.h.
 */
#include "checkers/standing.h"

static struct standing_step after_interval(const struct standing_rules *rules)
{
    return (struct standing_step){.from_start = true, .wait = rules->interval};
}

static bool is_up(const struct standing *standing)
{
    return standing->known && standing->up;
}

static bool round_is_complete(struct standing *standing, const struct standing_rules *rules)
{
    if (standing->alone) {
        standing->alone = false;
        standing->url = 0;
        return false;
    }
    standing->url++;
    if (standing->url < rules->urls)
        return false;
    standing->url = 0;
    return true;
}

static struct standing_step take_success(struct standing *standing, const struct standing_rules *rules)
{
    struct standing_step step = after_interval(rules);

    standing->failures = 0;
    if (round_is_complete(standing, rules) && !is_up(standing)) {
        standing->known = true;
        standing->up = true;
        step.changed = true;
    }
    if (rules->fast_recovery && !is_up(standing))
        step = (struct standing_step){.wait = span_ns(0)};
    return step;
}

static struct standing_step take_failure(struct standing *standing, const struct standing_rules *rules)
{
    struct standing_step step = after_interval(rules);

    standing->failures++;
    if (is_up(standing) && standing->failures <= rules->retry)
        return (struct standing_step){.wait = rules->retry_delay};
    step.changed = !standing->known || standing->up;
    standing->known = true;
    standing->up = false;
    if (rules->urls > 0) {
        standing->alone = true;
        if (rules->retry_delay.ns > rules->interval.ns)
            step.wait = rules->retry_delay;
    }
    return step;
}

struct standing_step standing_take(struct standing *standing, const struct standing_rules *rules,
                                   enum outcome outcome)
{
    switch (outcome) {
    case OUTCOME_GOOD:
        return take_success(standing, rules);
    case OUTCOME_BAD:
        return take_failure(standing, rules);
    case OUTCOME_NONE:
        break;
    }
    return after_interval(rules);
}

void standing_restart(struct standing *standing)
{
    standing->alone = false;
    standing->url = 0;
}
