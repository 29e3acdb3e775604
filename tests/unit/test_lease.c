/* The VIP lease: lifetimes, intervals, what the machine can afford, and who may vouch for an instance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "conf/model.h"
#include "daemon/kernel/batch_pace.h"
#include "daemon/kernel/lease.h"

static const struct mono start = {1000 * NS_PER_S};

static struct lease make(int64_t lease_ns, struct span cost, unsigned int times)
{
    struct lease lease = {0};

    lease_begin(&lease, lease_ns, start);
    for (unsigned int i = 0; i < times; i++)
        lease_measured(&lease, cost);
    return lease;
}

static void test_lifetimes_are_whole_seconds(void **state)
{
    (void)state;
    assert_int_equal(make(3900 * NS_PER_MS, span_ns(0), 0).lifetime_s, 3);
    assert_int_equal(make(200 * NS_PER_MS, span_ns(0), 0).lifetime_s, 1);
    assert_int_equal(make(0, span_ns(0), 0).lifetime_s, 0);
    assert_int_equal(make(3 * NS_PER_S, span_ns(0), 0).due.ns, start.ns + NS_PER_S);
    assert_false(mono_is_set(make(0, span_ns(0), 0).due));
}

static void test_cheap_leases_are_renewed_every_third(void **state)
{
    struct lease lease = make(3 * NS_PER_S, span_ms(5), 3); /* 0.5 % */
    struct lease *all[] = {&lease};

    (void)state;
    assert_null(lease_plan(all, 1));
    assert_int_equal(lease.interval.ns, NS_PER_S);
    assert_true(lease_in_force(&lease));
}

static void test_dear_ones_are_stretched_to_a_half_at_most(void **state)
{
    struct lease a = make(3 * NS_PER_S, span_ms(8), 3),
                 b = make(6 * NS_PER_S, span_ms(8), 3); /* 0.8 + 0.4 % */
    struct lease *all[] = {&a, &b};

    (void)state;
    assert_null(lease_plan(all, 2));
    assert_in_range(a.interval.ns, 1199 * NS_PER_MS, 1201 * NS_PER_MS);
    assert_in_range(b.interval.ns, 2399 * NS_PER_MS, 2401 * NS_PER_MS);
    a = make(3 * NS_PER_S, span_ms(14), 3);
    assert_ptr_equal(lease_plan(all, 2), &a); /* 1.8 %: the dearest goes */
    assert_in_range(b.interval.ns, 2999 * NS_PER_MS, 3000 * NS_PER_MS);
    assert_false(lease_in_force(&a));
    assert_true(a.refused);
    assert_false(mono_is_set(a.due));
    assert_null(lease_plan(all, 2));
    assert_int_equal(b.interval.ns, 2 * NS_PER_S);
}

static void test_one_disturbed_measurement_refuses_nothing(void **state)
{
    struct lease lease = make(3 * NS_PER_S, span_ms(30), 1);
    struct lease *all[] = {&lease};

    (void)state;
    assert_null(lease_plan(all, 1));
    assert_int_equal(lease.interval.ns, 1500 * NS_PER_MS);
    lease_measured(&lease, span_ms(3));
    lease_measured(&lease, span_ms(30));
    assert_null(lease_plan(all, 1));
    assert_int_equal(lease.interval.ns, NS_PER_S); /* the cheapest counts */
    lease = make(3 * NS_PER_S, span_ms(350), 1);
    assert_ptr_equal(lease_plan(all, 1), &lease); /* beyond doubt */
    lease_begin(&lease, 3 * NS_PER_S, start);
    assert_false(lease_in_force(&lease)); /* the same again would cost the same */
    lease_begin(&lease, 60 * NS_PER_S, start);
    assert_true(lease_in_force(&lease));
}

static void test_preferred_lifetimes(void **state)
{
    (void)state;
    assert_int_equal(lease_preferred_s(CONF_LIFETIME_FOREVER, CONF_LIFETIME_FOREVER, span_s(9)),
                     CONF_LIFETIME_FOREVER);
    assert_int_equal(lease_preferred_s(CONF_LIFETIME_FOREVER, 3, span_s(9)), 3);
    assert_int_equal(lease_preferred_s(0, 3, span_s(0)), 0);
    assert_int_equal(lease_preferred_s(100, 3, span_s(0)), 3);
    assert_int_equal(lease_preferred_s(100, 3, span_s(98)), 2);
    assert_int_equal(lease_preferred_s(100, 3, span_s(200)), 0);
    assert_int_equal(lease_preferred_s(100, CONF_LIFETIME_FOREVER, span_s(40)), 60);
}

static void test_who_may_vouch(void **state)
{
    struct lease_witness good = {.is_master = true,
                                 .last_beat = {start.ns - 900 * NS_PER_MS},
                                 .last_advert = {start.ns - 700 * NS_PER_MS}};
    struct lease_witness witness = good;

    (void)state;
    assert_true(lease_may_renew(&witness, 3, start));
    assert_false(lease_may_renew(&witness, 1, start)); /* older than half the lifetime */
    witness.is_master = false;
    assert_false(lease_may_renew(&witness, 3, start));
    witness = good;
    witness.last_beat.ns -= 200 * NS_PER_MS;
    assert_false(lease_may_renew(&witness, 3, start));
    witness.last_beat = (struct mono){0};
    assert_false(lease_may_renew(&witness, 3, start));
    witness = good;
    witness.paused_at = (struct mono){start.ns - 600 * NS_PER_MS}; /* after its last advert */
    assert_false(lease_may_renew(&witness, 3, start));
    witness.paused_at = (struct mono){start.ns - 800 * NS_PER_MS};
    assert_true(lease_may_renew(&witness, 3, start));
}

static void test_batches_fit_into_a_millisecond(void **state)
{
    (void)state;
    assert_int_equal(batch_pace(1, span_us(20)), 4); /* room for 40, but it grows step by step */
    assert_int_equal(batch_pace(16, span_us(320)), 40);
    assert_int_equal(batch_pace(100, span_ms(2)), 40);
    assert_int_equal(batch_pace(10, span_ms(50)), 1);
    assert_int_equal(batch_pace(200, span_us(100)), BATCH_MAX);
    assert_int_equal(batch_pace(0, span_us(0)), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lifetimes_are_whole_seconds),
        cmocka_unit_test(test_cheap_leases_are_renewed_every_third),
        cmocka_unit_test(test_dear_ones_are_stretched_to_a_half_at_most),
        cmocka_unit_test(test_one_disturbed_measurement_refuses_nothing),
        cmocka_unit_test(test_preferred_lifetimes),
        cmocka_unit_test(test_who_may_vouch),
        cmocka_unit_test(test_batches_fit_into_a_millisecond),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
