/* The restart policy: at once, backing off after three deaths in ten seconds, healed after a minute. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/respawn.h"

static struct mono at(double seconds)
{
    return (struct mono){(int64_t)(seconds * 1e9)};
}

static void test_single_deaths_are_repaired_at_once(void **state)
{
    struct respawn respawn = {0};

    (void)state;
    for (int i = 1; i <= 20; i++) {
        struct mono now = at(i * 6);

        assert_int_equal(respawn_after_death(&respawn, now).ns, now.ns);
        assert_false(respawn.poisoned);
    }
}

static void test_three_deaths_in_ten_seconds_are_a_poison(void **state)
{
    struct respawn respawn = {0};

    (void)state;
    respawn_after_death(&respawn, at(100));
    assert_int_equal(respawn_after_death(&respawn, at(105)).ns, at(105).ns);
    assert_int_equal(respawn_after_death(&respawn, at(110)).ns, at(111).ns);
    assert_true(respawn.poisoned);
    assert_int_equal(respawn_after_death(&respawn, at(112)).ns, at(114).ns);
}

static void test_just_over_ten_seconds_is_none(void **state)
{
    struct respawn respawn = {0};

    (void)state;
    respawn_after_death(&respawn, at(100));
    respawn_after_death(&respawn, at(105));
    assert_int_equal(respawn_after_death(&respawn, at(110.1)).ns, at(110.1).ns);
    assert_false(respawn.poisoned);
}

static void test_the_delay_ends_at_a_minute_and_a_minute_heals(void **state)
{
    struct respawn respawn = {0};
    struct mono now = at(100);

    (void)state;
    for (int i = 0; i < 12; i++)
        now = respawn_after_death(&respawn, now);
    assert_int_equal(respawn.delay.ns, span_s(60).ns);
    respawn_has_run(&respawn, span_s(59));
    assert_true(respawn.poisoned);
    respawn_has_run(&respawn, span_s(60));
    assert_false(respawn.poisoned);
    now = mono_add(now, span_s(100));
    assert_int_equal(respawn_after_death(&respawn, now).ns, now.ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_deaths_are_repaired_at_once),
        cmocka_unit_test(test_three_deaths_in_ten_seconds_are_a_poison),
        cmocka_unit_test(test_just_over_ten_seconds_is_none),
        cmocka_unit_test(test_the_delay_ends_at_a_minute_and_a_minute_heals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
