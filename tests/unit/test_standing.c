/* Rise and fall: sequences of outcomes (g = good, b = bad, n = none) and what each leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "checkers/standing.h"

#define INTERVAL 10
#define RETRY    3

/* One step: outcome, then the expected changed, up, next url, seconds to wait, counted from the start or the
 * end. */
struct row {
    char outcome;
    bool changed;
    bool up;
    uint32_t url;
    int wait_s;
    bool from_start;
};

static void play(struct standing *standing, const struct standing_rules *rules, const struct row *rows,
                 size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = rows[i].outcome == 'g'   ? OUTCOME_GOOD
                               : rows[i].outcome == 'b' ? OUTCOME_BAD
                                                        : OUTCOME_NONE;
        struct standing_step step = standing_take(standing, rules, outcome);

        if (step.changed != rows[i].changed || (standing->known && standing->up) != rows[i].up ||
            standing->url != rows[i].url || step.wait.ns != span_s(rows[i].wait_s).ns ||
            step.from_start != rows[i].from_start)
            fail_msg("row %zu: changed %d, up %d, url %u, wait %.0f s, from start %d", i, step.changed,
                     standing->known && standing->up, standing->url, span_seconds(step.wait),
                     step.from_start);
    }
}

#define PLAY(standing, rules, rows) play((standing), (rules), (rows), sizeof(rows) / sizeof((rows)[0]))

static struct standing_rules rules_of(uint32_t retry, uint32_t urls, bool fast)
{
    return (struct standing_rules){retry, urls, fast, span_s(INTERVAL), span_s(RETRY)};
}

static void test_the_first_failure_is_enough_at_first(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(3, 0, false);
    const struct row rows[] = {
        {'b', true, false, 0, INTERVAL, true},
        {'b', false, false, 0, INTERVAL, true},
        {'g', true, true, 0, INTERVAL, true},
    };

    (void)state;
    PLAY(&standing, &rules, rows);
}

static void test_later_retry_plus_one_failures(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(2, 0, false);
    const struct row rows[] = {
        {'g', true, true, 0, INTERVAL, true},
        {'b', false, true, 0, RETRY, false},
        {'b', false, true, 0, RETRY, false},
        {'g', false, true, 0, INTERVAL, true}, /* the count begins anew */
        {'b', false, true, 0, RETRY, false},
        {'b', false, true, 0, RETRY, false},
        {'b', true, false, 0, INTERVAL, true},
        {'b', false, false, 0, INTERVAL, true},
        {'g', true, true, 0, INTERVAL, true},
        {'g', false, true, 0, INTERVAL, true},
    };

    (void)state;
    PLAY(&standing, &rules, rows);
    assert_int_equal(standing.failures, 0);
}

static void test_no_retry_means_down_at_once(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(0, 0, false);
    const struct row rows[] = {
        {'g', true, true, 0, INTERVAL, true},
        {'b', true, false, 0, INTERVAL, true},
    };

    (void)state;
    PLAY(&standing, &rules, rows);
    assert_int_equal(standing.failures, 1);
}

static void test_no_outcome_changes_nothing(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(1, 2, false);
    const struct row rows[] = {
        {'n', false, false, 0, INTERVAL, true}, {'g', false, false, 1, INTERVAL, true},
        {'n', false, false, 1, INTERVAL, true}, {'g', true, true, 0, INTERVAL, true},
        {'b', false, true, 0, RETRY, false},    {'n', false, true, 0, INTERVAL, true},
        {'b', true, false, 0, INTERVAL, true},
    };

    (void)state;
    PLAY(&standing, &rules, rows);
}

static void test_urls_take_turns_and_all_must_pass(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(1, 3, false);
    const struct row rows[] = {
        {'g', false, false, 1, INTERVAL, true}, {'g', false, false, 2, INTERVAL, true},
        {'g', true, true, 0, INTERVAL, true},   {'g', false, true, 1, INTERVAL, true},
        {'b', false, true, 1, RETRY, false}, /* the same url again */
        {'g', false, true, 2, INTERVAL, true},  {'g', false, true, 0, INTERVAL, true},
        {'b', false, true, 0, RETRY, false},    {'b', true, false, 0, INTERVAL, true},
        {'b', false, false, 0, INTERVAL, true}, /* alone */
        {'g', false, false, 0, INTERVAL, true}, /* passed: all again */
        {'g', false, false, 1, INTERVAL, true}, {'b', false, false, 1, INTERVAL, true}, /* alone again */
        {'g', false, false, 0, INTERVAL, true}, {'g', false, false, 1, INTERVAL, true},
        {'g', false, false, 2, INTERVAL, true}, {'g', true, true, 0, INTERVAL, true},
    };

    (void)state;
    PLAY(&standing, &rules, rows);
}

static void test_a_failed_url_waits_the_longer_of_the_two(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(0, 1, false);
    const struct row rows[] = {
        {'b', true, false, 0, 25, true},
        {'g', false, false, 0, INTERVAL, true},
        {'g', true, true, 0, INTERVAL, true},
    };

    (void)state;
    rules.retry_delay = span_s(25);
    PLAY(&standing, &rules, rows);
}

static void test_fast_recovery_does_not_wait_on_the_way_up(void **state)
{
    struct standing standing = {0};
    struct standing_rules rules = rules_of(0, 2, true);
    const struct row rows[] = {
        {'g', false, false, 1, 0, false},       {'g', true, true, 0, INTERVAL, true},
        {'b', true, false, 0, INTERVAL, true},  {'b', false, false, 0, INTERVAL, true},
        {'g', false, false, 0, 0, false},       {'g', false, false, 1, 0, false},
        {'b', false, false, 1, INTERVAL, true}, {'g', false, false, 0, 0, false},
        {'g', false, false, 1, 0, false},       {'g', true, true, 0, INTERVAL, true},
    };

    (void)state;
    PLAY(&standing, &rules, rows);
}

static void test_a_restart_keeps_what_is_known(void **state)
{
    struct standing standing = {.known = true, .up = true, .alone = true, .failures = 1, .url = 4};

    (void)state;
    standing_restart(&standing);
    assert_true(standing.known && standing.up);
    assert_false(standing.alone);
    assert_int_equal(standing.url, 0);
    assert_int_equal(standing.failures, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_failure_is_enough_at_first),
        cmocka_unit_test(test_later_retry_plus_one_failures),
        cmocka_unit_test(test_no_retry_means_down_at_once),
        cmocka_unit_test(test_no_outcome_changes_nothing),
        cmocka_unit_test(test_urls_take_turns_and_all_must_pass),
        cmocka_unit_test(test_a_failed_url_waits_the_longer_of_the_two),
        cmocka_unit_test(test_fast_recovery_does_not_wait_on_the_way_up),
        cmocka_unit_test(test_a_restart_keeps_what_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
