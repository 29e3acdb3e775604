/*
 * When each check's next attempt starts: spread evenly, and never too many at once. Pure; the caller has the
 * clock.
 *
 * Two mechanisms:
 * 1. First attempts are laid over the warm-up (or the interval) by the golden ratio: the fractions of k * phi
 * are even for any number of checks, whether they come at once or one at a time by reloads.
 * 2. Time is cut into slots. A slot admits at most schedule_limit() starts; what is due beyond that
 *    waits for the next slot. The limit follows the mean number of starts a slot:
 *
 *        mean <= 0.5: 1        0.5 < mean < 1: 2        else: the whole part of 2 * mean
 *
 *    so that no slot ever has more than twice the mean where the mean is at least one, whatever mixture of
 *    intervals, reloads, retries and lateness of ours; and as the mean is at most about 3/4 of the limit,
 *    what waits is soon admitted.
 *
 * Every check adds to the mean what it will really need next: slot / delay, with the delay it now waits, be
 * that its interval, its retry delay or its warm-up. Servers that all fail together are therefore retried as
 * soon as their configuration says.
 */
#ifndef TANDEM_CHECKERS_SCHEDULE_H
#define TANDEM_CHECKERS_SCHEDULE_H

#include <stdint.h>

#include "checkers/agenda.h"

struct schedule_grain {
    struct span slot;
    struct span slack; /* starts that near are taken together, which saves waking up for each */
};

/* Embedded in a check; zeroed = not scheduled. */
struct schedule_entry {
    struct agenda_entry start;  /* first member: when the next attempt is due */
    struct agenda_entry warmed; /* when its warm-up ends, if that is shorter than the interval */
    struct mono phase;          /* when the last one was due: intervals count from here */
    int64_t need;               /* starts a slot that it needs, in billionths */
    int64_t share;              /* what it now adds to the mean: need, or more while warming up */
};

struct schedule {
    struct schedule_grain grain; /* set before anything else is done with it */
    struct agenda waiting;
    struct agenda warming;
    int64_t share_sum;
    int64_t slot; /* the one that started_in_slot counts */
    uint32_t started_in_slot;
    uint64_t placed; /* first attempts laid out so far */
};

void schedule_free(struct schedule *schedule);

/* A new check: its first attempt falls within warmup from now; a negative warmup means within the interval.
 */
void schedule_first(struct schedule *schedule, struct schedule_entry *entry, struct mono now,
                    struct span warmup, struct span interval);

/* The next attempt, an interval after the last was due; a whole number of intervals if that is already past.
 */
void schedule_interval(struct schedule *schedule, struct schedule_entry *entry, struct mono now,
                       struct span interval);

/* The next attempt, that long from now. */
void schedule_after(struct schedule *schedule, struct schedule_entry *entry, struct mono now,
                    struct span delay);

/* The next attempt of a check whose last was made by a predecessor: delay after that, or now if that is past.
 */
void schedule_resume(struct schedule *schedule, struct schedule_entry *entry, struct mono last,
                     struct mono now, struct span delay);

void schedule_remove(struct schedule *schedule, struct schedule_entry *entry);

/* The next check that may start now, or NULL. It keeps its share until it is scheduled again or removed. */
struct schedule_entry *schedule_take(struct schedule *schedule, struct mono now);

/* When schedule_take is worth calling again; unset if nothing waits. */
struct mono schedule_wake(const struct schedule *schedule, struct mono now);

/* How many may start in a slot now. */
uint32_t schedule_limit(const struct schedule *schedule);

#endif
