/* Keys: an object keeps its key whatever is set on it, and another object has another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/key.h"

static struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    assert_true(ip_address_parse(text, &parsed));
    return parsed;
}

static struct conf_instance instance(void)
{
    struct conf_instance made = {
        .vrid = 51, .family = AF_INET, .interface = (char *)"eth0", .name = (char *)"VI_1"};

    made.multicast_group = address("224.0.0.18");
    return made;
}

static void test_settings_and_name_do_not_count(void **state)
{
    struct conf_instance a = instance(), b = instance();

    (void)state;
    b.name = (char *)"renamed";
    b.base_priority = 200;
    b.source = address("192.0.2.9"); /* of a multicast instance: a setting */
    assert_int_equal(conf_key_instance(&a), conf_key_instance(&b));
}

static void test_each_part_of_the_identity_counts(void **state)
{
    struct conf_instance a = instance(), b;
    struct conf_unicast_peer peer = {.address = address("192.0.2.2")}, *peers[] = {&peer, &peer};

    (void)state;
    b = a;
    b.vrid = 52;
    assert_int_not_equal(conf_key_instance(&a), conf_key_instance(&b));
    b = a;
    b.family = AF_INET6;
    assert_int_not_equal(conf_key_instance(&a), conf_key_instance(&b));
    b = a;
    b.interface = (char *)"eth1";
    assert_int_not_equal(conf_key_instance(&a), conf_key_instance(&b));
    b.interface = NULL;
    assert_int_not_equal(conf_key_instance(&a), conf_key_instance(&b));
    b = a;
    b.multicast_group = address("224.0.0.19");
    assert_int_not_equal(conf_key_instance(&a), conf_key_instance(&b));
    a.unicast_peers.items = b.unicast_peers.items = peers;
    a.unicast_peers.count = 1;
    b.unicast_peers.count = 2;
    assert_int_equal(conf_key_instance(&a), conf_key_instance(&b)); /* a peer more is no other instance */
    b.source = address("192.0.2.1");
    assert_int_not_equal(conf_key_instance(&a), conf_key_instance(&b));
}

static void test_padding_does_not_count(void **state)
{
    struct conf_virtual_server a, b;
    struct ip_endpoint endpoint = {address("192.0.2.10"), 80};

    (void)state;
    memset(&a, 0x00, sizeof(a));
    memset(&b, 0xa5, sizeof(b));
    a.kind = b.kind = CONF_SERVER_ADDRESS;
    a.protocol = b.protocol = CONF_PROTOCOL_TCP;
    a.endpoint.port = b.endpoint.port = 80;
    a.endpoint.address.family = b.endpoint.address.family = AF_INET;
    memcpy(a.endpoint.address.bytes, endpoint.address.bytes, 4); /* and 12 bytes that IPv4 does not use */
    memcpy(b.endpoint.address.bytes, endpoint.address.bytes, 4);
    assert_int_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    b.protocol = CONF_PROTOCOL_UDP;
    assert_int_not_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    b.protocol = CONF_PROTOCOL_TCP;
    b.endpoint.port = 81;
    assert_int_not_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
}

/* A firewall mark is itself by number and family, whatever protocol was written; a group by name and
 * protocol. */
static void test_marks_and_groups(void **state)
{
    struct conf_service four = {.first.address.family = AF_INET}, six = {.first.address.family = AF_INET6};
    struct conf_service *of_four[] = {&four}, *of_six[] = {&six};
    struct conf_virtual_server a = {.kind = CONF_SERVER_FWMARK, .fwmark = 7};
    struct conf_virtual_server b;

    (void)state;
    a.services.items = of_four;
    a.services.count = 1;
    b = a;
    b.protocol = CONF_PROTOCOL_UDP;
    assert_int_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    b.services.items = of_six;
    assert_int_not_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    b = a;
    b.fwmark = 8;
    assert_int_not_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    a = (struct conf_virtual_server){.kind = CONF_SERVER_GROUP, .group = (char[]){"web"}};
    b = a;
    assert_int_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    b.protocol = CONF_PROTOCOL_UDP;
    assert_int_not_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
    b = a;
    b.group = (char[]){"mail"};
    assert_int_not_equal(conf_key_virtual_server(&a), conf_key_virtual_server(&b));
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return *left < *right ? -1 : *left > *right;
}

/* Dealing 20,000 neighbouring addresses out to 8 processes by key: nobody gets a tenth more than the mean. */
static void test_neighbours_differ_and_spread(void **state)
{
    static uint64_t keys[20000];
    unsigned int shares[8] = {0};
    struct ip_endpoint endpoint = {address("10.0.0.0"), 80};

    (void)state;
    for (unsigned int i = 0; i < 20000; i++) {
        uint64_t real_server;

        endpoint.address.bytes[2] = (uint8_t)(i >> 8);
        endpoint.address.bytes[3] = (uint8_t)i;
        real_server = conf_key_real_server(7, &endpoint);
        keys[i] = conf_key_checker(real_server, CONF_CHECK_TCP, 0);
        assert_int_not_equal(keys[i], conf_key_checker(real_server, CONF_CHECK_TCP, 1));
        assert_int_not_equal(keys[i], conf_key_checker(real_server, CONF_CHECK_HTTP, 0));
        shares[keys[i] % 8]++;
    }
    qsort(keys, 20000, sizeof(keys[0]), compare_keys);
    for (unsigned int i = 1; i < 20000; i++)
        assert_int_not_equal(keys[i], keys[i - 1]);
    for (unsigned int i = 0; i < 8; i++)
        assert_in_range(shares[i], 2250, 2750);
}

static void test_keys_stay_what_they_are(void **state)
{
    (void)state;
    /* A change would make a running pair's boards unreadable to an upgraded daemon. FNV-1a over 02, the
     * length 02 00 00 00 and "VG", finalised; computed apart from this program. */
    assert_int_equal(conf_key_sync_group("VG"), 0xef09c0820088c351ULL);
    assert_int_not_equal(conf_key_sync_group(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings_and_name_do_not_count),
        cmocka_unit_test(test_each_part_of_the_identity_counts),
        cmocka_unit_test(test_padding_does_not_count),
        cmocka_unit_test(test_marks_and_groups),
        cmocka_unit_test(test_neighbours_differ_and_spread),
        cmocka_unit_test(test_keys_stay_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
