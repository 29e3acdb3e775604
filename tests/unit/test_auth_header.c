/* The authentication header of version 2 adverts: vectors computed with Python's hmac, changes, replays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/vrrp/auth_header.h"
#include "daemon/vrrp/packet.h"

static const uint8_t password[8] = {'s', 'e', 'c', 'r', 'e', 't'};

/*
 * VRID 51, priority 100, 192.0.2.100, authentication type 2, number 42, from 198.51.100.10 to 224.0.0.18; the
 * HMAC is that of Python's hmac.new(b"secret\0\0", ..., "md5") over these bytes with TOS, fragment, checksum
 * and HMAC zero.
 */
static const uint8_t multicast[] = {
    0x45, 0xc0, 0,    64,   0,    42,   0,    0,    255,  51,   0,    0,    198,  51,   100,  10,
    224,  0,    0,    18,   112,  4,    0,    0,    198,  51,   100,  10,   0,    0,    0,    42,
    0xd1, 0x6e, 0x15, 0x7f, 0x54, 0xd8, 0x5c, 0x18, 0xab, 0x62, 0x33, 0x29, 0x21, 0x33, 0x64, 0x01,
    0x02, 0x01, 0xb6, 0x65, 192,  0,    2,    100,  0,    0,    0,    0,    0,    0,    0,    0,
};

/* The same to 203.0.113.7, where the TTL, which routers lower, is zero in the sum. */
static const uint8_t unicast_hmac[] = {0x3f, 0x3a, 0x19, 0xf2, 0xb7, 0xa8,
                                       0x03, 0x8a, 0x97, 0xce, 0x58, 0x50};

static struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    assert_true(ip_address_parse(text, &parsed));
    return parsed;
}

static struct vrrp_expectations expect_ah(void)
{
    return (struct vrrp_expectations){
        .family = AF_INET,
        .version = 2,
        .vrid = 51,
        .min_ttl = 0,
        .max_ttl = 255,
        .auth_type = CONF_AUTH_AH,
        .auth_data = password,
        .interval = span_s(1),
    };
}

static size_t build(uint8_t *bytes, size_t room)
{
    struct ip_address vip = address("192.0.2.100");
    struct vrrp_packet_plan plan = {
        .family = AF_INET,
        .version = 2,
        .vrid = 51,
        .priority = 100,
        .interval = span_s(1),
        .auth_type = CONF_AUTH_AH,
        .source = address("198.51.100.10"),
        .destination = address("224.0.0.18"),
        .ttl = 255,
        .addresses = &vip,
        .address_count = 1,
    };

    return vrrp_packet_build(&plan, bytes, room);
}

static void test_the_vector_is_read(void **state)
{
    struct vrrp_expectations expected = expect_ah();
    struct vrrp_advert advert;

    (void)state;
    assert_int_equal(vrrp_packet_parse(multicast, sizeof(multicast), NULL, &expected, &advert),
                     VRRP_ACCEPTED);
    assert_int_equal(advert.priority, 100);
    assert_int_equal(advert.sequence, 42);
    assert_memory_equal(advert.addresses, "\xc0\x00\x02\x64", 4);
    assert_int_equal(vrrp_packet_vrid(AF_INET, multicast, sizeof(multicast)), 51);
    for (size_t length = 20; length < 52; length++)
        assert_int_equal(vrrp_packet_vrid(AF_INET, multicast, length), -1);
}

static void test_the_vector_is_built(void **state)
{
    uint8_t bytes[128];
    size_t length = build(bytes, sizeof(bytes));
    struct ip_address peer = address("203.0.113.7");

    (void)state;
    assert_int_equal(length, sizeof(multicast));
    vrrp_ah_sign(bytes, length, password, 42);
    assert_memory_equal(bytes, multicast, length);
    vrrp_packet_set_destination(bytes, &peer, 64);
    vrrp_ah_sign(bytes, length, password, 42);
    assert_memory_equal(bytes + 32, unicast_hmac, sizeof(unicast_hmac));
    vrrp_packet_set_destination(bytes, &peer, 61); /* three routers on */
    assert_true(vrrp_ah_verify(bytes, length, 20, password, &(uint32_t){0}));
}

static void test_any_change_is_noticed(void **state)
{
    static const uint8_t mutable_bytes[] = {1, 6, 7, 10, 11}; /* TOS, fragment, checksum */
    struct vrrp_expectations expected = expect_ah();
    struct vrrp_advert advert;
    uint8_t bytes[sizeof(multicast)];

    (void)state;
    for (size_t at = 0; at < sizeof(multicast); at++) {
        bool may_change = memchr(mutable_bytes, (int)at, sizeof(mutable_bytes)) != NULL;

        memcpy(bytes, multicast, sizeof(bytes));
        bytes[at] ^= 0x10;
        assert_int_equal(vrrp_packet_parse(bytes, sizeof(bytes), NULL, &expected, &advert) == VRRP_ACCEPTED,
                         may_change);
    }
}

static void test_what_it_is_refused_for(void **state)
{
    static const uint8_t other[8] = {'S', 'e', 'c', 'r', 'e', 't'};
    struct vrrp_expectations expected = expect_ah();
    struct vrrp_advert advert;
    uint8_t bytes[sizeof(multicast)];

    (void)state;
    for (size_t length = 0; length < sizeof(multicast); length++)
        assert_int_equal(vrrp_packet_parse(multicast, length, NULL, &expected, &advert), VRRP_REFUSED_SHORT);
    expected.auth_data = other;
    assert_int_equal(vrrp_packet_parse(multicast, sizeof(multicast), NULL, &expected, &advert),
                     VRRP_REFUSED_AUTH_HEADER);
    expected.auth_type = CONF_AUTH_PASS; /* an authentication header where a password is expected */
    assert_int_equal(vrrp_packet_parse(multicast, sizeof(multicast), NULL, &expected, &advert),
                     VRRP_REFUSED_IP_HEADER);
    expected = expect_ah();
    memcpy(bytes, multicast, sizeof(bytes));
    bytes[24] = 197; /* the index is not the sender's address, though signed */
    vrrp_ah_sign(bytes, sizeof(bytes), password, 42);
    assert_int_equal(bytes[24], 198);
    bytes[20] = 6; /* TCP behind it */
    assert_int_equal(vrrp_packet_parse(bytes, sizeof(bytes), NULL, &expected, &advert),
                     VRRP_REFUSED_AUTH_HEADER);
}

static void test_the_identification_is_never_left_to_the_kernel(void **state)
{
    uint8_t bytes[128];
    size_t length = build(bytes, sizeof(bytes));

    (void)state;
    vrrp_ah_sign(bytes, length, password, 0x10000);
    assert_int_equal(bytes[4] << 8 | bytes[5], 1);
    vrrp_ah_sign(bytes, length, password, 0x1ffff);
    assert_int_equal(bytes[4] << 8 | bytes[5], 0xffff);
}

static void test_a_number_counts_once(void **state)
{
    struct ip_address a = address("192.0.2.1"), b = address("192.0.2.2");
    struct vrrp_ah_marks marks = {0};

    (void)state;
    assert_true(vrrp_ah_is_new(&marks, &a, 1000));
    assert_false(vrrp_ah_is_new(&marks, &a, 1000));
    assert_false(vrrp_ah_is_new(&marks, &a, 999));
    assert_true(vrrp_ah_is_new(&marks, &b, 10)); /* each sender counts by itself */
    assert_false(vrrp_ah_is_new(&marks, &b, 10));
    assert_true(vrrp_ah_is_new(&marks, &a, 1001));
    assert_int_equal(marks.highest, 1001);
}

static void test_the_sender_heard_longest_ago_is_forgotten(void **state)
{
    struct ip_address senders[VRRP_AH_SENDERS + 1];
    struct vrrp_ah_marks marks = {0};

    (void)state;
    for (uint8_t i = 0; i <= VRRP_AH_SENDERS; i++)
        senders[i] = (struct ip_address){AF_INET, {192, 0, 2, (uint8_t)(i + 1)}};
    for (size_t i = 0; i < VRRP_AH_SENDERS; i++)
        assert_true(vrrp_ah_is_new(&marks, &senders[i], 100));
    assert_true(vrrp_ah_is_new(&marks, &senders[0], 101));
    assert_true(vrrp_ah_is_new(&marks, &senders[VRRP_AH_SENDERS], 100)); /* in place of the second */
    assert_false(vrrp_ah_is_new(&marks, &senders[0], 101));
    assert_false(vrrp_ah_is_new(&marks, &senders[2], 100));
    assert_true(vrrp_ah_is_new(&marks, &senders[1], 1));
}

static void test_our_numbers_go_beyond_all_others(void **state)
{
    struct ip_address peer = address("192.0.2.1");
    struct vrrp_ah_marks marks = {0};

    (void)state;
    assert_int_equal(vrrp_ah_next(&marks, 1800000000), 1800000000);
    assert_int_equal(vrrp_ah_next(&marks, 1800000000), 1800000001);
    assert_int_equal(vrrp_ah_next(&marks, 1700000000), 1800000002); /* the clock was set back */
    assert_true(vrrp_ah_is_new(&marks, &peer, 1900000000));
    assert_int_equal(vrrp_ah_next(&marks, 1800000005), 1900000001);
    assert_true(vrrp_ah_is_new(&marks, &peer, UINT32_MAX));
    assert_int_equal(vrrp_ah_next(&marks, 1800000005), UINT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_vector_is_read),
        cmocka_unit_test(test_the_vector_is_built),
        cmocka_unit_test(test_any_change_is_noticed),
        cmocka_unit_test(test_what_it_is_refused_for),
        cmocka_unit_test(test_the_identification_is_never_left_to_the_kernel),
        cmocka_unit_test(test_a_number_counts_once),
        cmocka_unit_test(test_the_sender_heard_longest_ago_is_forgotten),
        cmocka_unit_test(test_our_numbers_go_beyond_all_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
