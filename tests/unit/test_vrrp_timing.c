/* Decisions about time: lease, who may still be master, what silence proves, when a packet arrived. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/vrrp/timing.h"

static void test_the_lease_ends_before_a_peer_takes_over(void **state)
{
    static const struct {
        int64_t configured_us, peer_down_ms, lease_s;
    } cases[] = {
        {-1, 3007, 2},                          /* interval 1 s: 3.007 - 0.3 = 2.7 */
        {-1, 3300, 3},                          /* exactly whole */
        {-1, 3299, 2},      {-1, 30, 1},        /* interval 10 ms: never below 1 s */
        {-1, 120000, 119},                      /* interval 40 s */
        {0, 3007, 0},                           /* switched off */
        {5000000, 3007, 5}, {1500000, 3007, 2}, /* whole seconds, rounded up */
        {1, 3007, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(vrrp_lease(cases[i].configured_us, span_ms(cases[i].peer_down_ms)).ns,
                         cases[i].lease_s * NS_PER_S);
}

static void test_a_master_is_superseded_a_margin_early(void **state)
{
    struct mono sent = {50 * NS_PER_S};

    (void)state;
    assert_int_equal(vrrp_safety_margin(span_s(1)).ns, 50 * NS_PER_MS);
    assert_int_equal(vrrp_safety_margin(span_ms(10)).ns, NS_PER_MS);
    assert_int_equal(vrrp_superseded_at(sent, span_ms(3007), span_s(1)).ns, 50 * NS_PER_S + 2957 * NS_PER_MS);
    assert_int_equal(vrrp_superseded_at(sent, span_ms(30), span_ms(10)).ns, 50 * NS_PER_S + 29 * NS_PER_MS);
}

static void test_silence_proves_nothing_after_a_missed_interval(void **state)
{
    struct mono due = {50 * NS_PER_S};

    (void)state;
    assert_false(vrrp_silence_proves_nothing(due, due, span_s(1)));
    assert_false(vrrp_silence_proves_nothing(mono_add(due, span_ms(999)), due, span_s(1)));
    assert_true(vrrp_silence_proves_nothing(mono_add(due, span_ms(1000)), due, span_s(1)));
    assert_true(vrrp_silence_proves_nothing(mono_add(due, span_s(6)), due, span_s(1)));
    assert_false(vrrp_silence_proves_nothing(due, (struct mono){0}, span_s(1)));
}

static void test_arrival_is_the_kernels_word_where_it_makes_sense(void **state)
{
    struct mono now = {1000 * NS_PER_S};
    int64_t wall = 1700000000 * NS_PER_S;

    (void)state;
    assert_int_equal(vrrp_arrival(now, wall, wall - 3 * NS_PER_MS, span_s(1)).ns, now.ns - 3 * NS_PER_MS);
    assert_int_equal(vrrp_arrival(now, wall, wall, span_s(1)).ns, now.ns);
    assert_int_equal(vrrp_arrival(now, wall, 0, span_s(1)).ns, now.ns);                /* no stamp */
    assert_int_equal(vrrp_arrival(now, wall, wall + NS_PER_MS, span_s(1)).ns, now.ns); /* set back */
    assert_int_equal(vrrp_arrival(now, wall, wall - 2 * NS_PER_S, span_s(1)).ns,
                     now.ns); /* set on, or slept */
}

static void test_phases_are_spread_over_the_interval(void **state)
{
    unsigned int slots[10] = {0};

    (void)state;
    for (uint64_t key = 1; key <= 1000; key++) {
        int64_t phase = vrrp_advert_phase(key, span_s(40)).ns;

        assert_true(phase >= 0 && phase < 40 * NS_PER_S);
        slots[phase / (4 * NS_PER_S)]++;
    }
    for (int i = 0; i < 10; i++)
        assert_true(slots[i] > 50 && slots[i] < 200);
    assert_int_equal(vrrp_advert_phase(77, span_ms(10)).ns, vrrp_advert_phase(77, span_ms(10)).ns);
}

static void test_the_longer_delay_counts(void **state)
{
    (void)state;
    assert_int_equal(vrrp_start_delay(0, 0, span_s(100)).ns, 0);
    assert_int_equal(vrrp_start_delay(2000000, 0, span_s(100)).ns, 2 * NS_PER_S);
    assert_int_equal(vrrp_start_delay(0, 60000000, span_s(100)).ns, 0); /* long past */
    assert_int_equal(vrrp_start_delay(0, 60000000, span_s(50)).ns, 10 * NS_PER_S);
    assert_int_equal(vrrp_start_delay(15000000, 60000000, span_s(50)).ns, 15 * NS_PER_S);
    assert_int_equal(vrrp_start_delay(2000000, 60000000, span_s(50)).ns, 10 * NS_PER_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_lease_ends_before_a_peer_takes_over),
        cmocka_unit_test(test_a_master_is_superseded_a_margin_early),
        cmocka_unit_test(test_phases_are_spread_over_the_interval),
        cmocka_unit_test(test_the_longer_delay_counts),
        cmocka_unit_test(test_silence_proves_nothing_after_a_missed_interval),
        cmocka_unit_test(test_arrival_is_the_kernels_word_where_it_makes_sense),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
