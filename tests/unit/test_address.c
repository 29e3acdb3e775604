/* Addresses: text forms, order (RFC 9568 6.4.3), kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "conf/address.h"

static struct ip_address parsed(const char *text)
{
    struct ip_address address = {0};

    assert_true(ip_address_parse(text, &address));
    return address;
}

static void test_text_round_trip(void **state)
{
    static const char *const texts[] = {"192.0.2.1", "2001:db8::1", "::", "255.255.255.255"};
    char buffer[IP_ADDRESS_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct ip_address address = parsed(texts[i]);

        assert_string_equal(ip_address_text(&address, buffer), texts[i]);
    }
}

static void test_refused_text_leaves_the_value(void **state)
{
    static const char *const texts[] = {"", "192.0.2", "192.0.2.256", "1::2::3", "eth0", "192.0.2.1/24"};
    struct ip_address address = {.family = AF_INET, .bytes = {1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_false(ip_address_parse(texts[i], &address));
    assert_int_equal(address.bytes[3], 4);
}

static void test_order_is_numeric(void **state)
{
    struct ip_address low = parsed("10.0.0.9"), high = parsed("10.0.0.10"), other = parsed("::1");

    (void)state;
    assert_true(ip_address_compare(&low, &high) < 0);
    assert_true(ip_address_compare(&high, &low) > 0);
    assert_int_equal(ip_address_compare(&low, &low), 0);
    assert_int_not_equal(ip_address_compare(&low, &other), 0);
}

static void test_endpoint_text_and_sockaddr(void **state)
{
    struct ip_endpoint endpoint = {.address = parsed("2001:db8::1"), .port = 80}, back = {0};
    struct sockaddr_storage storage;
    char buffer[IP_ENDPOINT_TEXT];
    socklen_t length = ip_endpoint_to_sockaddr(&endpoint, 0, &storage);

    (void)state;
    assert_string_equal(ip_endpoint_text(&endpoint, buffer), "[2001:db8::1]:80");
    assert_true(ip_endpoint_from_sockaddr((struct sockaddr *)&storage, length, &back));
    assert_int_equal(ip_address_compare(&endpoint.address, &back.address), 0);
    assert_int_equal(back.port, 80);
    assert_false(ip_endpoint_from_sockaddr((struct sockaddr *)&storage, 4, &back));
}

static void test_kinds(void **state)
{
    struct ip_address group = parsed("224.0.0.18"), group6 = parsed("ff02::12"), local = parsed("fe80::1");

    (void)state;
    assert_true(ip_address_is_multicast(&group));
    assert_true(ip_address_is_multicast(&group6));
    assert_true(ip_address_is_link_local(&local));
    assert_false(ip_address_is_multicast(&local));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_round_trip),
        cmocka_unit_test(test_refused_text_leaves_the_value),
        cmocka_unit_test(test_order_is_numeric),
        cmocka_unit_test(test_endpoint_text_and_sockaddr),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
