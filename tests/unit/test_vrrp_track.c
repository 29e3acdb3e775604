/* What an instance depends on: its interface, its address, tracked interfaces with weights, reverse, groups.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/vrrp/track.h"

#define UP   (INTERFACE_EXISTS | INTERFACE_UP | INTERFACE_RUNNING)
#define DOWN (INTERFACE_EXISTS | INTERFACE_UP)

static void tell(struct interfaces *interfaces, const char *name, uint32_t flags, const char *address)
{
    struct links_interface word = {.flags = flags, .ifindex = flags != 0 ? 7 : 0};

    snprintf(word.name, sizeof(word.name), "%s", name);
    if (address != NULL)
        assert_true(ip_address_parse(address, &word.primary_ipv4));
    interfaces_update(interfaces, &word);
}

static struct vrrp_track look(const struct conf_instance *conf, const struct conf_sync_group *group,
                              const struct interfaces *interfaces)
{
    struct vrrp_track track;

    vrrp_track_look(conf, group, interfaces, &track);
    return track;
}

static void test_the_own_interface(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};
    struct ip_address primary;
    struct vrrp_track track;

    (void)state;
    assert_int_equal(look(&conf, NULL, interfaces).faults,
                     VRRP_FAULT_INTERFACE_ABSENT | VRRP_FAULT_NO_ADDRESS);
    tell(interfaces, "eth0", DOWN, "10.0.0.1");
    assert_int_equal(look(&conf, NULL, interfaces).faults, VRRP_FAULT_INTERFACE_DOWN);
    conf.dont_track_primary = true;
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0);
    conf.dont_track_primary = false;
    tell(interfaces, "eth0", UP, "10.0.0.1");
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0);
    assert_true(ip_address_parse("10.0.0.1", &primary));
    track = look(&conf, NULL, interfaces);
    assert_int_equal(ip_address_compare(&track.source, &primary), 0);
    assert_int_equal(track.ifindex, 7);
    tell(interfaces, "eth0", 0, NULL);
    assert_int_equal(look(&conf, NULL, interfaces).faults,
                     VRRP_FAULT_INTERFACE_ABSENT | VRRP_FAULT_NO_ADDRESS);
    interfaces_free(interfaces);
}

static void test_a_configured_source(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};

    (void)state;
    assert_true(ip_address_parse("10.0.0.9", &conf.source));
    tell(interfaces, "eth0", UP, NULL);
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0); /* no address needed */
    tell(interfaces, "eth0", UP, "10.0.0.1");
    conf.track_source = true;
    assert_int_equal(look(&conf, NULL, interfaces).faults, VRRP_FAULT_SOURCE_GONE);
    tell(interfaces, "eth0", UP, "10.0.0.9");
    assert_int_equal(look(&conf, NULL, interfaces).faults, 0);
    interfaces_free(interfaces);
}

static void test_weights(void **state)
{
    static const struct {
        int16_t weight;
        bool reverse, up;
        int32_t sum;
        uint32_t faults;
    } cases[] = {
        {10, false, true, 10, 0},
        {10, false, false, 0, 0},
        {-10, false, true, 0, 0},
        {-10, false, false, -10, 0},
        {10, true, true, -10, 0},
        {10, true, false, 0, 0},
        {-10, true, true, 0, 0},
        {-10, true, false, 10, 0},
        {0, false, true, 0, 0},
        {0, false, false, 0, VRRP_FAULT_TRACKED},
        {0, true, true, 0, VRRP_FAULT_TRACKED},
        {0, true, false, 0, 0},
    };
    struct conf_tracked_interface tracked = {.interface = "eth1"};
    struct conf_tracked_interface *items[] = {&tracked};
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};

    (void)state;
    conf.tracked_interfaces.items = items;
    conf.tracked_interfaces.count = 1;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct interfaces *interfaces = interfaces_new();
        struct vrrp_track track;

        tell(interfaces, "eth0", UP, "10.0.0.1");
        tell(interfaces, "eth1", cases[i].up ? UP : DOWN, NULL);
        tracked.weight = cases[i].weight;
        tracked.reverse = cases[i].reverse;
        track = look(&conf, NULL, interfaces);
        assert_int_equal(track.weight_sum, cases[i].sum);
        assert_int_equal(track.faults, cases[i].faults);
        interfaces_free(interfaces);
    }
}

static void test_members_of_a_group(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct conf_tracked_interface own = {.interface = "eth1", .weight = -10};
    struct conf_tracked_interface common = {.interface = "eth2", .weight = 0};
    struct conf_tracked_interface *own_items[] = {&own}, *common_items[] = {&common};
    struct conf_instance conf = {.family = AF_INET, .interface = "eth0"};
    struct conf_sync_group group = {0};

    (void)state;
    conf.tracked_interfaces.items = own_items;
    conf.tracked_interfaces.count = 1;
    group.tracked_interfaces.items = common_items;
    group.tracked_interfaces.count = 1;
    tell(interfaces, "eth0", UP, "10.0.0.1");
    tell(interfaces, "eth1", DOWN, NULL);
    tell(interfaces, "eth2", UP, NULL);
    assert_int_equal(look(&conf, &group, interfaces).faults,
                     VRRP_FAULT_TRACKED); /* the weight does not count */
    assert_int_equal(look(&conf, &group, interfaces).weight_sum, 0);
    group.tracking_weight = true;
    assert_int_equal(look(&conf, &group, interfaces).faults, 0);
    assert_int_equal(look(&conf, &group, interfaces).weight_sum, -10);
    tell(interfaces, "eth2", DOWN, NULL);
    assert_int_equal(look(&conf, &group, interfaces).faults, VRRP_FAULT_TRACKED);
    assert_string_equal(look(&conf, &group, interfaces).tracked, "eth2");
    interfaces_free(interfaces);
}

static void test_old_news_is_no_news(void **state)
{
    struct interfaces *interfaces = interfaces_new();
    struct links_interface word = {.name = "eth0", .flags = UP};

    (void)state;
    assert_true(interfaces_update(interfaces, &word));
    assert_false(interfaces_update(interfaces, &word));
    word.flags = DOWN;
    assert_true(interfaces_update(interfaces, &word));
    memset(word.name, 'x', sizeof(word.name)); /* no terminator */
    assert_true(interfaces_update(interfaces, &word));
    assert_non_null(interfaces_find(interfaces, "xxxxxxxxxxxxxxx"));
    interfaces_free(interfaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_own_interface),
        cmocka_unit_test(test_a_configured_source),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_members_of_a_group),
        cmocka_unit_test(test_old_news_is_no_news),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
