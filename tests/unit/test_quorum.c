/* Quorum: the truth table with hysteresis, and what an odd configuration is made into. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/director/quorum.h"

static void test_truth_table(void **state)
{
    static const struct {
        uint32_t quorum, hysteresis, live;
        bool was_up, is_up;
    } rows[] = {
        /* without hysteresis: up from the quorum on, else down */
        {1, 0, 0, true, false},
        {1, 0, 0, false, false},
        {1, 0, 1, true, true},
        {1, 0, 1, false, true},
        {3, 0, 2, true, false},
        {3, 0, 3, false, true},
        /* with: up from 5 + 2 on, down below 5 - 2, between as it was */
        {5, 2, 7, false, true},
        {5, 2, 6, false, false},
        {5, 2, 6, true, true},
        {5, 2, 3, true, true},
        {5, 2, 3, false, false},
        {5, 2, 2, true, false},
        {5, 2, 0, true, false},
        /* nothing live is down, whatever the hysteresis */
        {1, 0, 0, true, false},
        {4, 3, 1, true, true},
        {4, 3, 0, true, false},
        /* no overflow */
        {UINT32_MAX, UINT32_MAX - 1, UINT32_MAX, false, false},
        {UINT32_MAX, UINT32_MAX - 1, UINT32_MAX, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct quorum quorum = {rows[i].quorum, rows[i].hysteresis};

        assert_int_equal(quorum_next(quorum, rows[i].was_up, rows[i].live), rows[i].is_up);
    }
}

static void test_at_start_only_the_upper_limit_counts(void **state)
{
    struct quorum quorum = {5, 2};

    (void)state;
    assert_false(quorum_at_start(quorum, 6));
    assert_true(quorum_at_start(quorum, 7));
}

static void expect_sane(uint32_t quorum, uint32_t hysteresis, uint32_t total, uint32_t want_quorum,
                        uint32_t want_hysteresis)
{
    struct quorum sane = quorum_sane(quorum, hysteresis, total);

    assert_int_equal(sane.quorum, want_quorum);
    assert_int_equal(sane.hysteresis, want_hysteresis);
}

static void test_odd_configurations_become_sane(void **state)
{
    (void)state;
    expect_sane(2, 1, 4, 2, 1);
    expect_sane(9, 0, 4, 4, 0);  /* more than all weigh */
    expect_sane(9, 8, 4, 4, 3);  /* capped, then the hysteresis below it */
    expect_sane(3, 3, 10, 3, 2); /* hysteresis not below the quorum */
    expect_sane(1, 0, 0, 1, 0);  /* nothing weighs anything: down, and no wrap-around */
    expect_sane(0, 7, 0, 1, 0);
    assert_false(quorum_at_start(quorum_sane(1, 5, 0), 0));
    assert_false(quorum_next(quorum_sane(1, 5, 0), true, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_truth_table),
        cmocka_unit_test(test_at_start_only_the_upper_limit_counts),
        cmocka_unit_test(test_odd_configurations_become_sane),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
