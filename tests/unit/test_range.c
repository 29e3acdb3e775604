/* Ranges of addresses, and the arithmetic of addresses below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "conf/range.h"

static void expect_range(const char *text, const char *first, uint32_t count, const char *last)
{
    struct ip_address start, end;
    char buffer[IP_ADDRESS_TEXT];
    uint32_t found;

    assert_int_equal(conf_parse_range(text, &start, &found), CONF_RANGE_GOOD);
    assert_string_equal(ip_address_text(&start, buffer), first);
    assert_int_equal(found, count);
    end = ip_address_plus(&start, count - 1);
    assert_string_equal(ip_address_text(&end, buffer), last);
}

static void test_good_ranges(void **state)
{
    (void)state;
    expect_range("10.0.0.1", "10.0.0.1", 1, "10.0.0.1");
    expect_range("10.0.0.1-1", "10.0.0.1", 1, "10.0.0.1");
    expect_range("10.0.0.1-20", "10.0.0.1", 20, "10.0.0.20");
    expect_range("10.0.0.250-10.0.1.5", "10.0.0.250", 12, "10.0.1.5");
    expect_range("10.0.0.0/28", "10.0.0.0", 16, "10.0.0.15");
    expect_range("10.0.0.1/32", "10.0.0.1", 1, "10.0.0.1");
    expect_range("10.1.0.0/16", "10.1.0.0", 65536, "10.1.255.255");
    expect_range("2001:db8::3-6", "2001:db8::3", 4, "2001:db8::6");
    expect_range("2001:db8::9-10", "2001:db8::9", 8, "2001:db8::10"); /* hexadecimal */
    expect_range("2001:db8::-FFFF", "2001:db8::", 65536, "2001:db8::ffff");
    expect_range("2001:db8::fffe-2001:db8::1:1", "2001:db8::fffe", 4,
                 "2001:db8::1:1"); /* no wrap at 16 bits */
    expect_range("2001:db8::/120", "2001:db8::", 256, "2001:db8::ff");
}

static void expect_fault(const char *text, enum conf_range_fault fault)
{
    struct ip_address start;
    uint32_t count = 4711;

    assert_int_equal(conf_parse_range(text, &start, &count), fault);
    assert_int_equal(count, 4711);
}

static void test_bad_ranges(void **state)
{
    (void)state;
    expect_fault("", CONF_RANGE_NO_ADDRESS);
    expect_fault("-5", CONF_RANGE_NO_ADDRESS);
    expect_fault("10.0.0-5", CONF_RANGE_NO_ADDRESS);
    expect_fault("10.0.0.1000000000000000000000000000000000000000000000000000-5", CONF_RANGE_NO_ADDRESS);
    expect_fault("10.0.0.1-", CONF_RANGE_BAD_END);
    expect_fault("10.0.0.1-a", CONF_RANGE_BAD_END);
    expect_fault("10.0.0.1-256", CONF_RANGE_BAD_END);
    expect_fault("10.0.0.1-5x", CONF_RANGE_BAD_END);
    expect_fault("10.0.0.1-2001:db8::1", CONF_RANGE_BAD_END);
    expect_fault("2001:db8::1-10000", CONF_RANGE_BAD_END);
    expect_fault("2001:db8::1-g", CONF_RANGE_BAD_END);
    expect_fault("10.0.0.5-4", CONF_RANGE_BACKWARDS);
    expect_fault("10.0.1.5-10.0.0.6", CONF_RANGE_BACKWARDS);
    expect_fault("10.0.0.0/0", CONF_RANGE_BAD_LENGTH);
    expect_fault("10.0.0.0/33", CONF_RANGE_BAD_LENGTH);
    expect_fault("10.0.0.0/x", CONF_RANGE_BAD_LENGTH);
    expect_fault("10.0.0.1/24", CONF_RANGE_HOST_BITS);
    expect_fault("2001:db8::1/64", CONF_RANGE_HOST_BITS);
    expect_fault("10.0.0.0/15", CONF_RANGE_TOO_MANY);
    expect_fault("10.0.0.0-10.1.0.0", CONF_RANGE_TOO_MANY);
    expect_fault("::/1", CONF_RANGE_TOO_MANY);
    expect_fault("2001:db8::/64", CONF_RANGE_TOO_MANY);
}

static void test_every_fault_has_words(void **state)
{
    (void)state;
    for (enum conf_range_fault fault = CONF_RANGE_GOOD; fault <= CONF_RANGE_TOO_MANY; fault++)
        assert_string_not_equal(conf_range_fault_text(fault), "?");
}

static uint32_t count_between(const char *first, const char *last)
{
    struct ip_address a, b;

    assert_true(ip_address_parse(first, &a) && ip_address_parse(last, &b));
    return ip_address_count(&a, &b);
}

static void test_counting(void **state)
{
    (void)state;
    assert_int_equal(count_between("0.0.0.0", "255.255.255.254"), UINT32_MAX);
    assert_int_equal(count_between("0.0.0.0", "255.255.255.255"), UINT32_MAX);
    assert_int_equal(count_between("1.0.0.0", "0.255.255.255"), 0);
    assert_int_equal(count_between("1.0.0.0", "::1"), 0);
    assert_int_equal(count_between("::ffff:ffff:ffff", "::1:0:0:0"), 2);
    assert_int_equal(count_between("::", "ffff::"), UINT32_MAX);
    assert_int_equal(count_between("::", "::1:0:0"), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_ranges),
        cmocka_unit_test(test_bad_ranges),
        cmocka_unit_test(test_every_fault_has_words),
        cmocka_unit_test(test_counting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
