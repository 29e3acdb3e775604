/*
 * Telling a hang from hunger. See hang.h.
 */
#include "daemon/hang.h"

#include <stdio.h>
#include <string.h>

#define LONGEST_STAT 1024 /* two dozen numbers and a name of 15 characters are far less */

bool activity_parse(const char *text, size_t length, long ticks_per_s, struct activity *activity)
{
    char line[LONGEST_STAT];
    const char *after_name;
    char state;
    unsigned long long user, system;

    if (length >= sizeof(line) || ticks_per_s <= 0)
        return false;
    memcpy(line, text, length);
    line[length] = '\0';
    after_name = strrchr(line, ')'); /* the name may hold anything, brackets too */
    if (after_name == NULL || sscanf(after_name + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu",
                                     &state, &user, &system) != 3)
        return false;
    activity->wants_to_run = state == 'R' || state == 'D';
    activity->processor_time = span_ns((int64_t)(user + system) * (NS_PER_S / ticks_per_s));
    return true;
}

static void begin(struct hang_watch *watch, struct mono now, const struct activity *activity)
{
    *watch = (struct hang_watch){.since = now};
    if (activity != NULL)
        watch->processor_time = activity->processor_time;
}

/* It runs, and long enough to have beaten: an endless loop. */
static bool is_busy(const struct hang_watch *watch, struct mono now, const struct activity *activity)
{
    return (activity->processor_time.ns - watch->processor_time.ns) * 2 >= mono_since(now, watch->since).ns;
}

enum hang_verdict hang_look(struct hang_watch *watch, struct mono now, struct span silence, struct span limit,
                            const struct activity *activity)
{
    bool first = !mono_is_set(watch->since);

    if (first)
        begin(watch, now, activity);
    if (activity != NULL && activity->wants_to_run)
        watch->wanted_to_run = true;
    if (first || silence.ns <= limit.ns)
        return HANG_NONE;
    if (activity == NULL || !watch->wanted_to_run || is_busy(watch, now, activity))
        return HANG_SURE;
    return silence.ns > limit.ns * HANG_STARVED_TIMES ? HANG_SURE : HANG_STARVED;
}
