/*
 * Starts of checks: never more than the limit a slot, and even in the first round, shown by simulated time.
 *
 * The bound is computed here anew from what was configured, not taken from the schedule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "checkers/schedule.h"

#define SLOT_MS    10
#define GRAIN      ((struct schedule_grain){span_ms(SLOT_MS), span_ms(8)})
#define CHECKS_MAX 3000
#define SLOTS_MAX  20000

struct fake_check {
    struct schedule_entry entry;
    int64_t interval_ms;
    int64_t last_start_ms;
    bool seen;
};

struct world {
    struct schedule schedule;
    struct fake_check checks[CHECKS_MAX];
    size_t count;
    struct mono now;
    uint16_t starts[SLOTS_MAX];
    uint16_t starts_a_ms[SLOTS_MAX];
    uint64_t random;
    int64_t longest_gap_excess_ms; /* over the interval */
    unsigned int rounds;           /* in which it was asked what may start */
};

static uint64_t next_random(struct world *world)
{
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return world->random >> 33;
}

static struct world *new_world(uint64_t seed)
{
    struct world *world = calloc(1, sizeof(*world));

    assert_non_null(world);
    world->now = (struct mono){1000 * NS_PER_S};
    world->random = seed;
    world->schedule.grain = GRAIN;
    return world;
}

static void free_world(struct world *world)
{
    schedule_free(&world->schedule);
    free(world);
}

static void add_checks(struct world *world, size_t count, int64_t interval_ms, int64_t warmup_ms)
{
    for (size_t i = 0; i < count; i++) {
        struct fake_check *check = &world->checks[world->count++];

        check->interval_ms = interval_ms;
        check->last_start_ms = -1;
        schedule_first(&world->schedule, &check->entry, world->now,
                       warmup_ms < 0 ? span_ns(-1) : span_ms(warmup_ms), span_ms(interval_ms));
    }
}

static int64_t world_ms(const struct world *world)
{
    return (world->now.ns - 1000 * NS_PER_S) / NS_PER_MS;
}

static void start_check(struct world *world, struct fake_check *check)
{
    int64_t excess = world_ms(world) - check->last_start_ms - check->interval_ms;

    world->starts[world_ms(world) / SLOT_MS]++;
    if (world_ms(world) < SLOTS_MAX)
        world->starts_a_ms[world_ms(world)]++;
    if (check->last_start_ms >= 0 && excess > world->longest_gap_excess_ms)
        world->longest_gap_excess_ms = excess;
    check->last_start_ms = world_ms(world);
    check->seen = true;
    schedule_interval(&world->schedule, &check->entry, world->now, span_ms(check->interval_ms));
}

/* Runs like the engine: wakes when told, a little late. */
static void run_until(struct world *world, int64_t end_ms)
{
    while (world_ms(world) < end_ms) {
        struct mono wake = schedule_wake(&world->schedule, world->now);
        struct schedule_entry *entry;

        assert_true(mono_is_set(wake));
        if (mono_before(world->now, wake))
            world->now = wake;
        world->now = mono_add(world->now, span_us((int64_t)(next_random(world) % 300)));
        if (world_ms(world) >= end_ms)
            return;
        world->rounds++;
        while ((entry = schedule_take(&world->schedule, world->now)) != NULL)
            start_check(world, (struct fake_check *)entry);
    }
}

static double mean_a_slot(const struct world *world)
{
    double mean = 0;

    for (size_t i = 0; i < world->count; i++)
        mean += (double)SLOT_MS / (double)world->checks[i].interval_ms;
    return mean;
}

static unsigned int bound(double mean)
{
    if (mean <= 0.5)
        return 1;
    return mean < 1 ? 2 : (unsigned int)(2 * mean + 1e-6);
}

static unsigned int fullest_slot(const struct world *world, size_t from, size_t to)
{
    unsigned int most = 0;

    for (size_t i = from; i < to; i++)
        most = world->starts[i] > most ? world->starts[i] : most;
    return most;
}

/* In any 10 ms, wherever they begin. */
static unsigned int fullest_window(const struct world *world)
{
    unsigned int most = 0, sum = 0;

    for (size_t i = 0; i < SLOTS_MAX; i++) {
        sum += world->starts_a_ms[i];
        if (i >= SLOT_MS)
            sum -= world->starts_a_ms[i - SLOT_MS];
        most = sum > most ? sum : most;
    }
    return most;
}

static void test_a_thousand_checks_of_one_interval_are_even_from_the_first_round(void **state)
{
    struct world *world = new_world(1);

    (void)state;
    add_checks(world, 1000, 1000, -1);
    run_until(world, 20000);
    assert_true(fullest_slot(world, 0, 2000) <= 20); /* twice the mean of 10 */
    assert_true(fullest_slot(world, 0, 100) >= 10);
    assert_true(fullest_window(world) <= 20);
    for (size_t i = 0; i < 100; i++) /* no hole in the first round either */
        assert_true(world->starts[i] >= 5);
    for (size_t i = 0; i < world->count; i++)
        assert_true(world->checks[i].seen);
    assert_true(world->longest_gap_excess_ms <= 10);
    free_world(world);
}

/* As the engine does with scripts. */
static void test_a_coarser_grain_starts_more_together_and_keeps_its_bound(void **state)
{
    struct world *world = new_world(6);

    (void)state;
    world->schedule.grain = (struct schedule_grain){span_ms(4 * SLOT_MS), span_ms(32)};
    add_checks(world, 150, 1000, -1); /* mean 6 */
    run_until(world, 20000);
    for (size_t i = 0; i < 2000; i += 4)
        assert_in_range(world->starts[i] + world->starts[i + 1] + world->starts[i + 2] + world->starts[i + 3],
                        0, 12);
    assert_true(world->rounds <= 20000 / 32);
    for (size_t i = 0; i < world->count; i++)
        assert_true(world->checks[i].seen);
    assert_true(world->longest_gap_excess_ms <= 40);
    free_world(world);
}

static void test_few_checks_never_share_a_slot(void **state)
{
    struct world *world = new_world(2);

    (void)state;
    add_checks(world, 30, 1000, -1); /* mean 0.3 */
    run_until(world, 60000);
    assert_int_equal(fullest_slot(world, 0, 6000), 1);
    free_world(world);
}

static void test_any_mixture_keeps_the_bound(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++) {
        struct world *world = new_world(seed);
        size_t classes = 1 + next_random(world) % 6;

        for (size_t i = 0; i < classes; i++)
            add_checks(world, 1 + next_random(world) % 400, 100 + (int64_t)(next_random(world) % 9000), -1);
        run_until(world, 30000);
        assert_true(fullest_slot(world, 0, 3000) <= bound(mean_a_slot(world)));
        assert_true(world->longest_gap_excess_ms < 1000); /* nobody starves */
        for (size_t i = 0; i < world->count; i++)
            assert_true(world->checks[i].seen);
        free_world(world);
    }
}

static void test_checks_added_by_reloads_keep_the_bound(void **state)
{
    struct world *world = new_world(3);

    (void)state;
    add_checks(world, 500, 1000, -1); /* mean 5 */
    run_until(world, 3333);
    assert_true(fullest_slot(world, 0, 333) <= 10);
    for (int reload = 0; reload < 100; reload++) { /* one at a time */
        add_checks(world, 1, 1000, -1);
        run_until(world, 3333 + 20 * (reload + 1));
    }
    add_checks(world, 600, 2000, -1); /* mean 5 + 1 + 3 */
    run_until(world, 20000);
    assert_true(fullest_slot(world, 333, 534) <= 12);
    assert_true(fullest_slot(world, 534, 2000) <= 18);
    free_world(world);
}

static void test_a_short_warmup_is_kept_and_then_spread(void **state)
{
    struct world *world = new_world(4);

    (void)state;
    add_checks(world, 1000, 20000, 1000); /* mean 10 while warming up, 0.5 later */
    run_until(world, 1100);
    for (size_t i = 0; i < world->count; i++)
        assert_true(world->checks[i].seen);
    assert_true(fullest_slot(world, 0, 110) <= 20);
    run_until(world, 100000);
    assert_true(fullest_slot(world, 2000, 10000) <= 1); /* the second round is cut to twice the mean */
    free_world(world);
}

static void test_after_a_pause_there_is_no_burst(void **state)
{
    struct world *world = new_world(5);

    (void)state;
    add_checks(world, 1000, 1000, -1);
    run_until(world, 5000);
    world->now = mono_add(world->now, span_ms(3000));
    run_until(world, 15000);
    assert_true(fullest_slot(world, 0, 1500) <= 20);
    free_world(world);
}

static void test_all_retries_of_failed_servers_come_in_time(void **state)
{
    struct schedule schedule = {.grain = GRAIN};
    struct schedule_entry entries[1000] = {0};
    struct mono now = {1000 * NS_PER_S};
    struct mono end = mono_add(now, span_ms(1100));
    unsigned int taken = 0;

    (void)state;
    for (size_t i = 0; i < 1000; i++)
        schedule_first(&schedule, &entries[i], now, span_ns(-1), span_s(60));
    assert_int_equal(schedule_limit(&schedule), 1); /* 0.17 a slot */
    for (size_t i = 0; i < 1000; i++)
        schedule_after(&schedule, &entries[i], now, span_s(1)); /* all failed at once */
    assert_in_range(schedule_limit(&schedule), 19, 20);
    for (now = mono_add(now, span_s(1)); mono_before(now, end) && taken < 1000;
         now = schedule_wake(&schedule, now)) {
        struct schedule_entry *entry;

        while ((entry = schedule_take(&schedule, now)) != NULL) {
            taken++;
            schedule_after(&schedule, entry, now, span_s(60));
        }
    }
    assert_in_range(taken, 50, 1000); /* the limit falls as they go back to 60 s */
    schedule_free(&schedule);
}

static void test_removing_gives_back_the_share(void **state)
{
    struct schedule schedule = {.grain = GRAIN};
    struct schedule_entry entries[200] = {0};
    struct mono now = {1000 * NS_PER_S};

    (void)state;
    for (size_t i = 0; i < 200; i++)
        schedule_first(&schedule, &entries[i], now, span_ns(-1), span_ms(777));
    assert_int_equal(schedule_limit(&schedule), 5); /* 2 * 200 * 10 / 777 = 5.1 */
    for (size_t i = 0; i < 200; i++)
        schedule_remove(&schedule, &entries[i]);
    assert_int_equal(schedule.share_sum, 0);
    assert_false(mono_is_set(schedule_wake(&schedule, now)));
    assert_null(schedule_take(&schedule, now));
    schedule_free(&schedule);
}

static void test_an_interval_keeps_its_phase(void **state)
{
    struct schedule schedule = {.grain = GRAIN};
    struct schedule_entry entry = {0};
    struct mono now = {1000 * NS_PER_S};

    (void)state;
    schedule_after(&schedule, &entry, now, span_s(1));
    now = mono_add(now, span_ms(1003)); /* 3 ms late */
    assert_ptr_equal(schedule_take(&schedule, now), &entry);
    schedule_interval(&schedule, &entry, mono_add(now, span_ms(500)), span_s(1));
    assert_int_equal(entry.start.when.ns, 1002 * NS_PER_S);
    now = (struct mono){1002 * NS_PER_S};
    assert_ptr_equal(schedule_take(&schedule, now), &entry);
    schedule_interval(&schedule, &entry, mono_add(now, span_ms(2500)), span_s(1)); /* a long attempt */
    assert_int_equal(entry.start.when.ns, 1005 * NS_PER_S);
    schedule_free(&schedule);
}

static void test_an_agenda_is_in_order_whatever_happens_to_it(void **state)
{
    struct agenda agenda = {0};
    struct agenda_entry entries[500] = {0};
    struct world *world = new_world(6);
    struct mono last = {0};
    size_t taken = 0;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct agenda_entry *entry = &entries[next_random(world) % 500];

        if (next_random(world) % 4 == 0)
            agenda_remove(&agenda, entry);
        else
            agenda_set(&agenda, entry, (struct mono){(int64_t)(1 + next_random(world) % 1000)});
    }
    agenda_shift(&agenda, span_ns(7));
    for (struct agenda_entry *first; (first = agenda_first(&agenda)) != NULL; taken++) {
        assert_true(first->when.ns >= 8);
        assert_false(mono_before(first->when, last));
        last = first->when;
        agenda_remove(&agenda, first);
        assert_int_equal(first->place, 0);
    }
    assert_true(taken > 100);
    agenda_free(&agenda);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thousand_checks_of_one_interval_are_even_from_the_first_round),
        cmocka_unit_test(test_a_coarser_grain_starts_more_together_and_keeps_its_bound),
        cmocka_unit_test(test_few_checks_never_share_a_slot),
        cmocka_unit_test(test_any_mixture_keeps_the_bound),
        cmocka_unit_test(test_checks_added_by_reloads_keep_the_bound),
        cmocka_unit_test(test_a_short_warmup_is_kept_and_then_spread),
        cmocka_unit_test(test_after_a_pause_there_is_no_burst),
        cmocka_unit_test(test_all_retries_of_failed_servers_come_in_time),
        cmocka_unit_test(test_removing_gives_back_the_share),
        cmocka_unit_test(test_an_interval_keeps_its_phase),
        cmocka_unit_test(test_an_agenda_is_in_order_whatever_happens_to_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
