/*
 * Even starts of checks. See schedule.h.
 */
#include "checkers/schedule.h"

#define SHARE_ONE 1000000000LL /* one start a slot */

/* 2^64 divided by the golden ratio: the multiples modulo 2^64 are the fractions of k * phi. */
#define GOLDEN 0x9e3779b97f4a7c15u

void schedule_free(struct schedule *schedule)
{
    agenda_free(&schedule->waiting);
    agenda_free(&schedule->warming);
}

static int64_t need_of(const struct schedule *schedule, struct span delay)
{
    int64_t slot_ns = schedule->grain.slot.ns;

    return delay.ns <= slot_ns ? SHARE_ONE : slot_ns * SHARE_ONE / delay.ns;
}

static void set_share(struct schedule *schedule, struct schedule_entry *entry, int64_t share)
{
    schedule->share_sum += share - entry->share;
    entry->share = share;
}

static void place(struct schedule *schedule, struct schedule_entry *entry, struct mono when,
                  struct span delay)
{
    bool warming = entry->warmed.place != 0;

    entry->need = need_of(schedule, delay);
    if (!warming || entry->need > entry->share)
        set_share(schedule, entry, entry->need);
    agenda_set(&schedule->waiting, &entry->start, when);
}

static struct schedule_entry *entry_of_warmed(struct agenda_entry *warmed)
{
    return (struct schedule_entry *)((char *)warmed - offsetof(struct schedule_entry, warmed));
}

static void end_warmups(struct schedule *schedule, struct mono now)
{
    struct agenda_entry *first;

    while ((first = agenda_first(&schedule->warming)) != NULL && !mono_before(now, first->when)) {
        struct schedule_entry *entry = entry_of_warmed(first);

        agenda_remove(&schedule->warming, first);
        set_share(schedule, entry, entry->need);
    }
}

/* A point within the span: the next of an even sequence. */
static struct span next_offset(struct schedule *schedule, struct span within)
{
    uint64_t fraction = (schedule->placed++ * GOLDEN) >> 32;

    return span_ns((int64_t)(((unsigned __int128)fraction * (uint64_t)within.ns) >> 32));
}

void schedule_first(struct schedule *schedule, struct schedule_entry *entry, struct mono now,
                    struct span warmup, struct span interval)
{
    struct span within = warmup.ns >= 0 ? warmup : interval;

    place(schedule, entry, mono_add(now, next_offset(schedule, within)), within);
    if (within.ns < interval.ns)
        agenda_set(&schedule->warming, &entry->warmed, mono_add(now, within));
}

void schedule_interval(struct schedule *schedule, struct schedule_entry *entry, struct mono now,
                       struct span interval)
{
    struct mono next = mono_add(entry->phase, interval);
    struct span missed = mono_since(now, next);

    if (missed.ns >= 0 && interval.ns > 0)
        next = mono_add(next, span_ns((missed.ns / interval.ns + 1) * interval.ns));
    place(schedule, entry, next, interval);
}

void schedule_after(struct schedule *schedule, struct schedule_entry *entry, struct mono now,
                    struct span delay)
{
    place(schedule, entry, mono_add(now, delay), delay);
}

void schedule_resume(struct schedule *schedule, struct schedule_entry *entry, struct mono last,
                     struct mono now, struct span delay)
{
    struct mono due = mono_add(last, delay);

    place(schedule, entry, mono_before(due, now) ? now : due, delay);
}

void schedule_remove(struct schedule *schedule, struct schedule_entry *entry)
{
    agenda_remove(&schedule->waiting, &entry->start);
    agenda_remove(&schedule->warming, &entry->warmed);
    set_share(schedule, entry, 0);
}

uint32_t schedule_limit(const struct schedule *schedule)
{
    if (schedule->share_sum <= SHARE_ONE / 2)
        return 1;
    if (schedule->share_sum < SHARE_ONE)
        return 2;
    return (uint32_t)(2 * schedule->share_sum / SHARE_ONE);
}

static int64_t slot_of(const struct schedule *schedule, struct mono when)
{
    return when.ns / schedule->grain.slot.ns;
}

static bool slot_is_full(const struct schedule *schedule, struct mono now)
{
    return schedule->slot == slot_of(schedule, now) && schedule->started_in_slot >= schedule_limit(schedule);
}

struct schedule_entry *schedule_take(struct schedule *schedule, struct mono now)
{
    struct schedule_entry *entry = (struct schedule_entry *)agenda_first(&schedule->waiting);

    end_warmups(schedule, now);
    if (entry == NULL || entry->start.when.ns > now.ns + schedule->grain.slack.ns ||
        slot_is_full(schedule, now))
        return NULL;
    agenda_remove(&schedule->waiting, &entry->start);
    if (schedule->slot != slot_of(schedule, now)) {
        schedule->slot = slot_of(schedule, now);
        schedule->started_in_slot = 0;
    }
    schedule->started_in_slot++;
    /* Small lateness must not move the phase, or checks would drift together; what had to wait for room
     * keeps the place it found. */
    entry->phase = entry->start.when;
    if (now.ns - entry->phase.ns >= schedule->grain.slot.ns)
        entry->phase = now;
    return entry;
}

struct mono schedule_wake(const struct schedule *schedule, struct mono now)
{
    const struct agenda_entry *first = agenda_first(&schedule->waiting);

    if (first == NULL)
        return (struct mono){0};
    if (slot_is_full(schedule, now) && slot_of(schedule, first->when) <= schedule->slot)
        return (struct mono){(schedule->slot + 1) * schedule->grain.slot.ns};
    return first->when;
}
