/* VRRP packets: vectors computed by hand, every refusal, every truncation, what is built is what is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/vrrp/packet.h"

static struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    assert_true(ip_address_parse(text, &parsed));
    return parsed;
}

/* An IPv4 header of 20 bytes: TOS c0, TTL 255, protocol 112; checksum and identification are the kernel's. */
#define IPV4(total, source, destination)                                                                     \
    0x45, 0xc0, 0x00, (total), 0, 0, 0, 0, 0xff, 0x70, 0, 0, source, destination
#define FROM_198_51_100_10 198, 51, 100, 10
#define TO_224_0_0_18      224, 0, 0, 18

/*
 * Version 3, VRID 51 (33h), priority 200 (c8h), 1 address 192.0.2.100, interval 100 cs, plain checksum:
 *   3133 + c801 + 0064 + 0000 + c000 + 0264 = 1bbfc -> bbfc + 1 = bbfd -> inverted 4402
 */
static const uint8_t v3_plain[] = {IPV4(32, FROM_198_51_100_10, TO_224_0_0_18),
                                   0x31,
                                   0x33,
                                   0xc8,
                                   0x01,
                                   0x00,
                                   0x64,
                                   0x44,
                                   0x02,
                                   0xc0,
                                   0x00,
                                   0x02,
                                   0x64};

/*
 * The same with the pseudo-header 198.51.100.10 (c633 640a), 224.0.0.18 (e000 0012), length 12 (000c),
 * protocol 112 (0070): c633 + 640a + e000 + 0012 + 000c + 0070 = 20acb; 20acb + 1bbfc = 3c6c7 -> c6c7 + 3 =
 * c6ca -> inverted 3935
 */
static const uint8_t v3_pseudo[] = {IPV4(32, FROM_198_51_100_10, TO_224_0_0_18),
                                    0x31,
                                    0x33,
                                    0xc8,
                                    0x01,
                                    0x00,
                                    0x64,
                                    0x39,
                                    0x35,
                                    0xc0,
                                    0x00,
                                    0x02,
                                    0x64};

/*
 * Version 2, VRID 51, priority 100 (64h), 1 address 192.0.2.100, no authentication, interval 1 s, 8 zero
 * bytes: 2133 + 6401 + 0001 + 0000 + c000 + 0264 = 14799 -> 4799 + 1 = 479a -> inverted b865
 */
static const uint8_t v2_open[] = {IPV4(40, FROM_198_51_100_10, TO_224_0_0_18),
                                  0x21,
                                  0x33,
                                  0x64,
                                  0x01,
                                  0x00,
                                  0x01,
                                  0xb8,
                                  0x65,
                                  0xc0,
                                  0x00,
                                  0x02,
                                  0x64,
                                  0,
                                  0,
                                  0,
                                  0,
                                  0,
                                  0,
                                  0,
                                  0};

/*
 * The same with authentication type 1 (0101 instead of 0001) and the password "1111" (3131 3131 0000 0000):
 *   14799 + 0100 + 3131 + 3131 = 1aafb -> aafb + 1 = aafc -> inverted 5503
 */
static const uint8_t v2_pass[] = {IPV4(40, FROM_198_51_100_10, TO_224_0_0_18),
                                  0x21,
                                  0x33,
                                  0x64,
                                  0x01,
                                  0x01,
                                  0x01,
                                  0x55,
                                  0x03,
                                  0xc0,
                                  0x00,
                                  0x02,
                                  0x64,
                                  0x31,
                                  0x31,
                                  0x31,
                                  0x31,
                                  0,
                                  0,
                                  0,
                                  0};

/*
 * Version 3 over IPv6 from fe80::10 to ff02::12, VRID 51, priority 200, fe80::100, 100 cs, length 24 (18h):
 *   message 3133 + c801 + 0064 + 0000 + fe80 + 0100 = 1f918
 *   pseudo-header fe80 + 0010 + ff02 + 0012 + 0018 + 0070 = 1fe2c
 *   1f918 + 1fe2c = 3f744 -> f744 + 3 = f747 -> inverted 08b8
 */
static const uint8_t v3_ipv6[] = {0x31, 0x33, 0xc8, 0x01, 0x00, 0x64, 0x08, 0xb8, 0xfe, 0x80, 0, 0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    1, 0};

static const uint8_t password[8] = {'1', '1', '1', '1'};

static struct vrrp_expectations expect(uint8_t family, uint8_t version)
{
    return (struct vrrp_expectations){
        .family = family,
        .version = version,
        .vrid = 51,
        .min_ttl = 255,
        .max_ttl = 255,
        .auth_data = password,
        .interval = span_s(1),
    };
}

static struct vrrp_outside outside(void)
{
    return (struct vrrp_outside){address("fe80::10"), address("ff02::12"), 255};
}

static enum vrrp_refusal parse_v4(const uint8_t *bytes, size_t length,
                                  const struct vrrp_expectations *expected)
{
    struct vrrp_advert advert;

    return vrrp_packet_parse(bytes, length, NULL, expected, &advert);
}

static void assert_common(const struct vrrp_advert *advert, uint8_t version, uint8_t priority)
{
    assert_int_equal(advert->version, version);
    assert_int_equal(advert->vrid, 51);
    assert_int_equal(advert->priority, priority);
    assert_int_equal(advert->address_count, 1);
    assert_int_equal(advert->ttl, 255);
    assert_int_equal(advert->interval.ns, NS_PER_S);
}

static void test_vectors_are_read(void **state)
{
    struct vrrp_expectations v3 = expect(AF_INET, 3), v2 = expect(AF_INET, 2), v6 = expect(AF_INET6, 3);
    struct ip_address sender = address("198.51.100.10");
    struct vrrp_outside beside = outside();
    struct vrrp_advert advert;

    (void)state;
    assert_int_equal(vrrp_packet_parse(v3_plain, sizeof(v3_plain), NULL, &v3, &advert), VRRP_ACCEPTED);
    assert_common(&advert, 3, 200);
    assert_int_equal(advert.checksum_form, VRRP_CHECKSUM_PLAIN);
    assert_int_equal(ip_address_compare(&advert.source, &sender), 0);
    assert_memory_equal(advert.addresses, "\xc0\x00\x02\x64", 4);
    assert_int_equal(vrrp_packet_parse(v3_pseudo, sizeof(v3_pseudo), NULL, &v3, &advert), VRRP_ACCEPTED);
    assert_common(&advert, 3, 200);
    assert_int_equal(advert.checksum_form, VRRP_CHECKSUM_PSEUDO_HEADER);
    assert_int_equal(vrrp_packet_parse(v2_open, sizeof(v2_open), NULL, &v2, &advert), VRRP_ACCEPTED);
    assert_common(&advert, 2, 100);
    v2.auth_type = CONF_AUTH_PASS;
    assert_int_equal(vrrp_packet_parse(v2_pass, sizeof(v2_pass), NULL, &v2, &advert), VRRP_ACCEPTED);
    assert_common(&advert, 2, 100);
    assert_int_equal(vrrp_packet_parse(v3_ipv6, sizeof(v3_ipv6), &beside, &v6, &advert), VRRP_ACCEPTED);
    assert_common(&advert, 3, 200);
    assert_int_equal(ip_address_compare(&advert.source, &beside.source), 0);
}

static struct vrrp_packet_plan plan(const struct ip_address *vip, uint8_t version, uint8_t priority)
{
    return (struct vrrp_packet_plan){
        .family = AF_INET,
        .version = version,
        .vrid = 51,
        .priority = priority,
        .interval = span_s(1),
        .checksum_form = VRRP_CHECKSUM_PSEUDO_HEADER,
        .source = address("198.51.100.10"),
        .destination = address("224.0.0.18"),
        .ttl = 255,
        .addresses = vip,
        .address_count = 1,
    };
}

static void test_vectors_are_built(void **state)
{
    struct ip_address vip = address("192.0.2.100"), vip6 = address("fe80::100");
    struct vrrp_packet_plan what = plan(&vip, 3, 200);
    uint8_t bytes[VRRP_PACKET_MAX];
    uint8_t unsummed[sizeof(v3_ipv6)];

    (void)state;
    assert_int_equal(vrrp_packet_build(&what, bytes, sizeof(bytes)), sizeof(v3_pseudo));
    assert_memory_equal(bytes, v3_pseudo, sizeof(v3_pseudo));
    what.checksum_form = VRRP_CHECKSUM_PLAIN;
    assert_int_equal(vrrp_packet_build(&what, bytes, sizeof(bytes)), sizeof(v3_plain));
    assert_memory_equal(bytes, v3_plain, sizeof(v3_plain));
    what = plan(&vip, 2, 100);
    assert_int_equal(vrrp_packet_build(&what, bytes, sizeof(bytes)), sizeof(v2_open));
    assert_memory_equal(bytes, v2_open, sizeof(v2_open));
    what.auth_type = CONF_AUTH_PASS;
    what.auth_data = password;
    assert_int_equal(vrrp_packet_build(&what, bytes, sizeof(bytes)), sizeof(v2_pass));
    assert_memory_equal(bytes, v2_pass, sizeof(v2_pass));
    what = plan(&vip6, 3, 200);
    what.family = AF_INET6;
    memcpy(unsummed, v3_ipv6, sizeof(unsummed));
    unsummed[6] = unsummed[7] = 0; /* the kernel's part */
    assert_int_equal(vrrp_packet_build(&what, bytes, sizeof(bytes)), sizeof(v3_ipv6));
    assert_memory_equal(bytes, unsummed, sizeof(unsummed));
}

static void test_a_changed_packet_is_sealed_again(void **state)
{
    struct ip_address vip = address("192.0.2.100"), peer = address("203.0.113.7");
    struct vrrp_packet_plan what = plan(&vip, 3, 200);
    struct vrrp_expectations expected = expect(AF_INET, 3);
    uint8_t bytes[VRRP_PACKET_MAX];
    size_t length = vrrp_packet_build(&what, bytes, sizeof(bytes));
    struct vrrp_advert advert;

    (void)state;
    vrrp_packet_set_priority(AF_INET, bytes, 0);
    vrrp_packet_set_destination(bytes, &peer, 64);
    assert_int_equal(parse_v4(bytes, length, &expected), VRRP_REFUSED_TTL);
    expected.min_ttl = 0;
    assert_int_equal(parse_v4(bytes, length, &expected), VRRP_REFUSED_CHECKSUM);
    vrrp_packet_seal(AF_INET, VRRP_CHECKSUM_PSEUDO_HEADER, NULL, bytes, length);
    assert_int_equal(vrrp_packet_parse(bytes, length, NULL, &expected, &advert), VRRP_ACCEPTED);
    assert_int_equal(advert.priority, 0);
    assert_int_equal(advert.ttl, 64);
    assert_int_equal(ip_address_compare(&advert.destination, &peer), 0);
    assert_int_equal(advert.checksum_form, VRRP_CHECKSUM_PSEUDO_HEADER);
}

/* What keepalived before 1.3.7 sent to a unicast peer has the checksum of a multicast advert. */
static void test_the_old_unicast_checksum(void **state)
{
    struct ip_address vip = address("192.0.2.100"), peer = address("203.0.113.7");
    struct vrrp_packet_plan what = plan(&vip, 3, 200);
    struct vrrp_expectations expected = expect(AF_INET, 3);
    uint8_t bytes[VRRP_PACKET_MAX];
    struct vrrp_advert advert;
    size_t length;

    (void)state;
    what.destination = peer;
    what.checksum_form = VRRP_CHECKSUM_OLD_UNICAST;
    what.old_group = address("224.0.0.18");
    length = vrrp_packet_build(&what, bytes, sizeof(bytes));
    assert_int_equal(length, sizeof(v3_pseudo));
    assert_memory_equal(bytes + 20, v3_pseudo + 20, sizeof(v3_pseudo) - 20);
    assert_int_equal(parse_v4(bytes, length, &expected), VRRP_REFUSED_CHECKSUM);
    expected.old_group = address("224.0.0.19");
    assert_int_equal(parse_v4(bytes, length, &expected), VRRP_REFUSED_CHECKSUM);
    expected.old_group = what.old_group;
    assert_int_equal(vrrp_packet_parse(bytes, length, NULL, &expected, &advert), VRRP_ACCEPTED);
    assert_int_equal(advert.checksum_form, VRRP_CHECKSUM_OLD_UNICAST);
    vrrp_packet_seal(AF_INET, VRRP_CHECKSUM_PSEUDO_HEADER, NULL, bytes, length);
    assert_int_equal(vrrp_packet_parse(bytes, length, NULL, &expected, &advert), VRRP_ACCEPTED);
    assert_int_equal(advert.checksum_form, VRRP_CHECKSUM_PSEUDO_HEADER);
    vrrp_packet_seal(AF_INET, VRRP_CHECKSUM_PLAIN, NULL, bytes, length);
    assert_int_equal(vrrp_packet_parse(bytes, length, NULL, &expected, &advert), VRRP_ACCEPTED);
    assert_int_equal(advert.checksum_form, VRRP_CHECKSUM_PLAIN);
}

static void test_every_truncation_is_refused(void **state)
{
    struct vrrp_expectations v3 = expect(AF_INET, 3), v2 = expect(AF_INET, 2), v6 = expect(AF_INET6, 3);
    struct vrrp_outside beside = outside();
    struct vrrp_advert advert;

    (void)state;
    v2.auth_type = CONF_AUTH_PASS;
    for (size_t length = 0; length < sizeof(v2_pass); length++) {
        uint8_t *exact = malloc(length == 0 ? 1 : length); /* so that a sanitizer sees a read beyond it */

        assert_non_null(exact);
        memcpy(exact, v2_pass, length);
        assert_int_equal(parse_v4(exact, length, &v2), VRRP_REFUSED_SHORT);
        free(exact);
    }
    for (size_t length = 0; length < sizeof(v3_pseudo); length++)
        assert_int_equal(parse_v4(v3_pseudo, length, &v3), VRRP_REFUSED_SHORT);
    for (size_t length = 0; length < sizeof(v3_ipv6); length++) {
        enum vrrp_refusal wanted = length < 8 ? VRRP_REFUSED_SHORT : VRRP_REFUSED_LENGTH;

        assert_int_equal(vrrp_packet_parse(v3_ipv6, length, &beside, &v6, &advert), wanted);
    }
}

/* One byte of a good packet changed, and what it must be refused for. */
struct damage {
    size_t offset;
    uint8_t value;
    enum vrrp_refusal refusal;
};

static void assert_damages(const uint8_t *good, size_t length, const struct vrrp_expectations *expected,
                           const struct damage *damages, size_t count)
{
    uint8_t bytes[64];

    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, good, length);
        assert_int_not_equal(bytes[damages[i].offset], damages[i].value);
        bytes[damages[i].offset] = damages[i].value;
        assert_int_equal(parse_v4(bytes, length, expected), damages[i].refusal);
    }
}

static void test_each_check_has_its_refusal(void **state)
{
    static const struct damage version_3[] = {
        {0, 0x55, VRRP_REFUSED_IP_HEADER}, /* IP version 5 */
        {0, 0x44, VRRP_REFUSED_IP_HEADER}, /* a header of 16 bytes */
        {0, 0x4f, VRRP_REFUSED_IP_HEADER}, /* a header longer than the packet */
        {3, 19, VRRP_REFUSED_IP_HEADER},   /* total shorter than the header */
        {3, 27, VRRP_REFUSED_SHORT},       /* no room for a VRRP header */
        {3, 33, VRRP_REFUSED_SHORT},       /* longer than what arrived */
        {9, 51, VRRP_REFUSED_IP_HEADER},   /* another protocol */
        {8, 254, VRRP_REFUSED_TTL},        /* routed */
        {20, 0x21, VRRP_REFUSED_VERSION},  /* version 2 */
        {21, 52, VRRP_REFUSED_VRID},       /* another router */
        {20, 0x32, VRRP_REFUSED_TYPE},     /* type 2 */
        {23, 2, VRRP_REFUSED_LENGTH},      /* one address more than there are */
        {23, 0, VRRP_REFUSED_LENGTH},      /* one less */
        {22, 201, VRRP_REFUSED_CHECKSUM},  /* priority */
        {31, 0x65, VRRP_REFUSED_CHECKSUM}, /* address */
        {12, 197, VRRP_REFUSED_CHECKSUM},  /* the source, in the pseudo-header */
    };
    static const struct damage version_2[] = {
        {24, 0, VRRP_REFUSED_AUTH_TYPE},   {24, 2, VRRP_REFUSED_AUTH_TYPE}, {32, '2', VRRP_REFUSED_AUTH_DATA},
        {39, '1', VRRP_REFUSED_AUTH_DATA}, {25, 2, VRRP_REFUSED_INTERVAL},  {20, 0x31, VRRP_REFUSED_VERSION},
        {26, 0, VRRP_REFUSED_CHECKSUM},
    };
    struct vrrp_expectations v3 = expect(AF_INET, 3), v2 = expect(AF_INET, 2);

    (void)state;
    v2.auth_type = CONF_AUTH_PASS;
    assert_damages(v3_pseudo, sizeof(v3_pseudo), &v3, version_3, sizeof(version_3) / sizeof(version_3[0]));
    assert_damages(v2_pass, sizeof(v2_pass), &v2, version_2, sizeof(version_2) / sizeof(version_2[0]));
    v2.auth_type = CONF_AUTH_NONE; /* a password where none is configured */
    assert_int_equal(parse_v4(v2_pass, sizeof(v2_pass), &v2), VRRP_REFUSED_AUTH_TYPE);
    v2.auth_type = CONF_AUTH_PASS; /* none where one is */
    assert_int_equal(parse_v4(v2_open, sizeof(v2_open), &v2), VRRP_REFUSED_AUTH_TYPE);
}

static void test_unicast_ttl_has_bounds(void **state)
{
    struct vrrp_expectations expected = expect(AF_INET, 3);
    uint8_t bytes[sizeof(v3_pseudo)];

    (void)state;
    memcpy(bytes, v3_pseudo, sizeof(bytes));
    expected.min_ttl = 60;
    expected.max_ttl = 64;
    for (unsigned int ttl = 0; ttl < 256; ttl++) {
        bytes[8] = (uint8_t)ttl;
        assert_int_equal(parse_v4(bytes, sizeof(bytes), &expected),
                         ttl >= 60 && ttl <= 64 ? VRRP_ACCEPTED : VRRP_REFUSED_TTL);
    }
}

static void test_padding_and_ip_options_are_tolerated(void **state)
{
    struct vrrp_expectations expected = expect(AF_INET, 3);
    uint8_t padded[60] = {0};
    uint8_t with_options[sizeof(v3_pseudo) + 4];

    (void)state;
    memcpy(padded, v3_pseudo, sizeof(v3_pseudo));
    memset(padded + sizeof(v3_pseudo), 0xee, sizeof(padded) - sizeof(v3_pseudo));
    assert_int_equal(parse_v4(padded, sizeof(padded), &expected), VRRP_ACCEPTED);
    memcpy(with_options, v3_pseudo, 20);
    memset(with_options + 20, 1, 4); /* four no-operations */
    memcpy(with_options + 24, v3_pseudo + 20, sizeof(v3_pseudo) - 20);
    with_options[0] = 0x46;
    with_options[3] = sizeof(with_options);
    assert_int_equal(parse_v4(with_options, sizeof(with_options), &expected), VRRP_ACCEPTED);
    assert_int_equal(vrrp_packet_vrid(AF_INET, with_options, sizeof(with_options)), 51);
}

static void test_intervals_on_the_wire(void **state)
{
    static const struct {
        uint8_t version;
        int64_t us, read_us;
    } cases[] = {
        {3, 10000, 10000}, {3, 1234567, 1230000}, {3, 40950000, 40950000},   {3, 99000000, 40950000},
        {3, 1, 10000},     {2, 1000000, 1000000}, {2, 255000000, 255000000},
    };
    struct ip_address vip = address("192.0.2.1");

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct vrrp_packet_plan what = plan(&vip, cases[i].version, 7);
        struct vrrp_expectations expected = expect(AF_INET, cases[i].version);
        uint8_t bytes[VRRP_PACKET_MAX];
        struct vrrp_advert advert;
        size_t length;

        what.interval = expected.interval = span_us(cases[i].us);
        length = vrrp_packet_build(&what, bytes, sizeof(bytes));
        assert_int_equal(vrrp_packet_parse(bytes, length, NULL, &expected, &advert), VRRP_ACCEPTED);
        assert_int_equal(advert.interval.ns, cases[i].read_us * NS_PER_US);
    }
}

static void test_as_many_addresses_as_fit(void **state)
{
    static struct ip_address vips[VRRP_ADDRESSES_MAX + 1];
    struct vrrp_packet_plan what = plan(vips, 3, 100);
    struct vrrp_expectations expected = expect(AF_INET, 3);
    uint8_t bytes[VRRP_PACKET_MAX];
    struct vrrp_advert advert;
    size_t length;

    (void)state;
    for (size_t i = 0; i <= VRRP_ADDRESSES_MAX; i++)
        vips[i] = (struct ip_address){AF_INET, {10, 0, (uint8_t)(i >> 8), (uint8_t)i}};
    what.address_count = VRRP_ADDRESSES_MAX + 1;
    assert_int_equal(vrrp_packet_build(&what, bytes, sizeof(bytes)), 0);
    what.address_count = VRRP_ADDRESSES_MAX;
    length = vrrp_packet_build(&what, bytes, sizeof(bytes));
    assert_int_equal(length, 20 + 8 + 255 * 4);
    assert_int_equal(vrrp_packet_build(&what, bytes, length - 1), 0);
    assert_int_equal(vrrp_packet_build(&what, bytes, length), length);
    assert_int_equal(vrrp_packet_parse(bytes, length, NULL, &expected, &advert), VRRP_ACCEPTED);
    assert_int_equal(advert.address_count, 255);
    assert_memory_equal(advert.addresses, vrrp_packet_addresses(AF_INET, bytes), 255 * 4);
    assert_memory_equal(advert.addresses + 254 * 4, "\x0a\x00\x00\xfe", 4);
}

static void test_finding_the_instance_reads_nothing_beyond(void **state)
{
    (void)state;
    for (size_t length = 0; length < 28; length++)
        assert_int_equal(vrrp_packet_vrid(AF_INET, v3_plain, length), -1);
    assert_int_equal(vrrp_packet_vrid(AF_INET, v3_plain, 28), 51);
    for (size_t length = 0; length < 8; length++)
        assert_int_equal(vrrp_packet_vrid(AF_INET6, v3_ipv6, length), -1);
    assert_int_equal(vrrp_packet_vrid(AF_INET6, v3_ipv6, 8), 51);
}

static void test_every_refusal_has_words(void **state)
{
    (void)state;
    for (int refusal = 0; refusal < VRRP_REFUSAL_COUNT; refusal++)
        assert_non_null(vrrp_refusal_text((enum vrrp_refusal)refusal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_are_read),
        cmocka_unit_test(test_vectors_are_built),
        cmocka_unit_test(test_a_changed_packet_is_sealed_again),
        cmocka_unit_test(test_the_old_unicast_checksum),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_each_check_has_its_refusal),
        cmocka_unit_test(test_unicast_ttl_has_bounds),
        cmocka_unit_test(test_padding_and_ip_options_are_tolerated),
        cmocka_unit_test(test_intervals_on_the_wire),
        cmocka_unit_test(test_as_many_addresses_as_fit),
        cmocka_unit_test(test_finding_the_instance_reads_nothing_beyond),
        cmocka_unit_test(test_every_refusal_has_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
