/* A real server's state from its checks, and its place in the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/core/messages.h"
#include "daemon/director/real_server.h"

static void test_up_only_if_no_check_failed(void **state)
{
    struct real_server_check both_good[] = {{.key = 1, .spoken = true, .up = true},
                                            {.key = 2, .spoken = true, .up = true}};
    struct real_server_check one_bad[] = {{.key = 1, .spoken = true, .up = true},
                                          {.key = 2, .spoken = true, .up = false}};

    (void)state;
    assert_true(real_server_is_up(NULL, 0));
    assert_true(real_server_is_up(both_good, 2));
    assert_false(real_server_is_up(one_bad, 2));
    assert_true(real_server_is_up(one_bad, 1));
}

static void test_what_silence_means(void **state)
{
    (void)state;
    assert_true(real_server_presumption(REAL_SERVER_UNKNOWN, false));
    assert_false(real_server_presumption(REAL_SERVER_UNKNOWN, true));
    assert_true(real_server_presumption(REAL_SERVER_WAS_UP, true));
    assert_true(real_server_presumption(REAL_SERVER_WAS_UP, false));
    assert_false(real_server_presumption(REAL_SERVER_WAS_DOWN, true));
    assert_false(real_server_presumption(REAL_SERVER_WAS_DOWN, false));
}

static void test_weights_that_checks_say(void **state)
{
    static const struct {
        uint16_t configured;
        struct real_server_check one, two;
        uint16_t weight;
    } rows[] = {
        {3, {.weight_kind = VERDICT_WEIGHT_NONE, .weight = 99}, {0}, 3},
        {3, {.weight_kind = VERDICT_WEIGHT_IS, .weight = 0}, {0}, 0},
        {3, {.weight_kind = VERDICT_WEIGHT_IS, .weight = 253}, {0}, 253},
        {3, {.weight_kind = VERDICT_WEIGHT_ADDED, .weight = 4}, {0}, 7},
        {3, {.weight_kind = VERDICT_WEIGHT_ADDED, .weight = -4}, {0}, 0},
        {65535, {.weight_kind = VERDICT_WEIGHT_ADDED, .weight = 1}, {0}, 65535},
        {0, {.weight_kind = VERDICT_WEIGHT_ADDED, .weight = INT32_MAX}, {0}, 65535},
        {10,
         {.weight_kind = VERDICT_WEIGHT_IS, .weight = 15},
         {.weight_kind = VERDICT_WEIGHT_IS, .weight = 8},
         13}, /* 10 + 5 - 2 */
        {10,
         {.weight_kind = VERDICT_WEIGHT_IS, .weight = 15},
         {.weight_kind = VERDICT_WEIGHT_ADDED, .weight = -20},
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct real_server_check checks[] = {rows[i].one, rows[i].two};

        assert_int_equal(real_server_weight(rows[i].configured, checks, 2), rows[i].weight);
    }
}

static void expect_place(bool up, bool gives_way, uint16_t weight, bool inhibit, bool in_table,
                         uint16_t want_weight)
{
    struct real_server_place place = real_server_place(up, gives_way, weight, inhibit);

    assert_int_equal(place.in_table, in_table);
    assert_int_equal(place.weight, want_weight);
}

static void test_place_in_the_table(void **state)
{
    (void)state;
    expect_place(true, false, 3, false, true, 3);
    expect_place(true, false, 0, false, true, 0); /* weight 0 is a place: existing connections stay */
    expect_place(false, false, 3, false, false, 0);
    expect_place(false, false, 3, true, true, 0);
    expect_place(true, true, 3, false, false, 0);
    expect_place(true, true, 3, true, true, 0);
    expect_place(false, true, 3, false, false, 0);
    expect_place(false, true, 3, true, true, 0);
}

static void expect_sorry(bool in_use, bool inhibit, bool in_table, uint16_t weight)
{
    struct real_server_place place = sorry_server_place(in_use, inhibit);

    assert_int_equal(place.in_table, in_table);
    assert_int_equal(place.weight, weight);
}

static void test_place_of_the_sorry_server(void **state)
{
    (void)state;
    expect_sorry(false, false, false, 0);
    expect_sorry(false, true, true, 0);
    expect_sorry(true, false, true, 1);
    expect_sorry(true, true, true, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_only_if_no_check_failed), cmocka_unit_test(test_what_silence_means),
        cmocka_unit_test(test_weights_that_checks_say),    cmocka_unit_test(test_place_in_the_table),
        cmocka_unit_test(test_place_of_the_sorry_server),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
