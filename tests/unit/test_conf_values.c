/* Values: numbers, times, words, prefixes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "conf/values.h"

static void test_integers(void **state)
{
    int64_t value = 0;

    (void)state;
    assert_int_equal(conf_parse_integer("255", 1, 255, &value), CONF_VALUE_GOOD);
    assert_int_equal(value, 255);
    assert_int_equal(conf_parse_integer("-254", -254, 254, &value), CONF_VALUE_GOOD);
    assert_int_equal(value, -254);
    assert_int_equal(conf_parse_integer("+7", 0, 9, &value), CONF_VALUE_GOOD);
    assert_int_equal(conf_parse_integer("256", 1, 255, &value), CONF_VALUE_OUT_OF_RANGE);
    assert_int_equal(conf_parse_integer("0", 1, 255, &value), CONF_VALUE_OUT_OF_RANGE);
    assert_int_equal(conf_parse_integer("99999999999999999999999", 0, 255, &value), CONF_VALUE_OUT_OF_RANGE);
    assert_int_equal(conf_parse_integer("12x", 0, 255, &value), CONF_VALUE_MALFORMED);
    assert_int_equal(conf_parse_integer("0x10", 0, 255, &value), CONF_VALUE_MALFORMED);
    assert_int_equal(conf_parse_integer("", 0, 255, &value), CONF_VALUE_MALFORMED);
    assert_int_equal(conf_parse_integer("-", 0, 255, &value), CONF_VALUE_MALFORMED);
    assert_int_equal(value, 7);
}

static void assert_seconds(const char *text, int64_t expected)
{
    int64_t value = -1;

    assert_int_equal(conf_parse_seconds(text, 0, 1000000000, &value), CONF_VALUE_GOOD);
    assert_int_equal(value, expected);
}

static void test_seconds(void **state)
{
    int64_t value;

    (void)state;
    assert_seconds("1", 1000000);
    assert_seconds("0.01", 10000);
    assert_seconds("1.5", 1500000);
    assert_seconds(".25", 250000);
    assert_seconds("3.", 3000000);
    assert_seconds("0.0000005", 1);
    assert_seconds("0.00000049", 0);
    assert_seconds("1.1234567", 1123457);
    assert_int_equal(conf_parse_seconds("1001", 0, 1000000000, &value), CONF_VALUE_OUT_OF_RANGE);
    assert_int_equal(conf_parse_seconds("0.009", 10000, 1000000000, &value), CONF_VALUE_OUT_OF_RANGE);
    assert_int_equal(conf_parse_seconds("9999999999999999999", 0, 5, &value), CONF_VALUE_OUT_OF_RANGE);
    assert_int_equal(conf_parse_seconds("-1", 0, 5, &value), CONF_VALUE_MALFORMED);
    assert_int_equal(conf_parse_seconds("1s", 0, 5, &value), CONF_VALUE_MALFORMED);
    assert_int_equal(conf_parse_seconds(".", 0, 5, &value), CONF_VALUE_MALFORMED);
}

static void test_bools(void **state)
{
    bool value = false;

    (void)state;
    assert_true(conf_parse_bool("yes", &value) && value);
    assert_true(conf_parse_bool("off", &value) && !value);
    assert_true(conf_parse_bool("true", &value) && value);
    assert_false(conf_parse_bool("ON", &value));
    assert_false(conf_parse_bool("1", &value));
}

static void test_prefixes(void **state)
{
    struct ip_address address;
    uint8_t length;
    bool given;

    (void)state;
    assert_int_equal(conf_parse_prefix("192.0.2.1/24", &address, &length, &given), CONF_VALUE_GOOD);
    assert_int_equal(length, 24);
    assert_true(given);
    assert_int_equal(conf_parse_prefix("2001:db8::1", &address, &length, &given), CONF_VALUE_GOOD);
    assert_int_equal(length, 128);
    assert_false(given);
    address = (struct ip_address){0};
    assert_int_equal(conf_parse_prefix("192.0.2.1/33", &address, &length, &given), CONF_VALUE_OUT_OF_RANGE);
    assert_false(ip_address_is_set(&address)); /* what was not taken leaves no trace */
    assert_int_equal(conf_parse_prefix("192.0.2.1/", &address, &length, &given), CONF_VALUE_MALFORMED);
    assert_int_equal(conf_parse_prefix("192.0.2/24", &address, &length, &given), CONF_VALUE_MALFORMED);
    assert_int_equal(
        conf_parse_prefix("192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1.192.0.2.1/8", &address, &length, &given),
        CONF_VALUE_MALFORMED);
}

static void test_interface_names(void **state)
{
    (void)state;
    assert_true(conf_is_interface_name("eth0.100"));
    assert_true(conf_is_interface_name("123456789012345"));
    assert_false(conf_is_interface_name("1234567890123456"));
    assert_false(conf_is_interface_name("eth0:1"));
    assert_false(conf_is_interface_name("a/b"));
    assert_false(conf_is_interface_name(".."));
    assert_false(conf_is_interface_name(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integers), cmocka_unit_test(test_seconds),         cmocka_unit_test(test_bools),
        cmocka_unit_test(test_prefixes), cmocka_unit_test(test_interface_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
