/* vrrp_instance, vrrp_sync_group and global_defs: defaults, inheritance, what contradicts what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

/* An instance with what it needs at least, and more. */
#define INSTANCE(name, vrid, more)                                                                           \
    "vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid                                    \
    "\n virtual_ipaddress {\n 192.0.2." vrid "\n }\n" more "}\n"

/* The first instance of a text. */
static const struct conf_instance *load_instance(const char *text)
{
    const struct conf_model *model = fake_model(text);

    if (model->instances.count == 0) {
        char *all = fake_print(fake_result);

        print_error("%s", all);
        free(all);
    }
    assert_true(model->instances.count > 0);
    return model->instances.items[0];
}

static void assert_complaints(size_t count)
{
    if (conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_COMPLAINT) != count) {
        char *all = fake_print(fake_result);

        print_error("%s", all);
        free(all);
    }
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_COMPLAINT), count);
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_REFUSAL), 0);
}

static bool is_address(const struct ip_address *address, const char *text)
{
    char buffer[IP_ADDRESS_TEXT];

    return strcmp(ip_address_text(address, buffer), text) == 0;
}

static void test_defaults(void **state)
{
    const struct conf_instance *instance = load_instance(INSTANCE("V", "7", ""));

    (void)state;
    assert_complaints(0);
    assert_string_equal(instance->name, "V");
    assert_string_equal(instance->interface, "eth0");
    assert_int_equal(instance->family, AF_INET);
    assert_int_equal(instance->vrid, 7);
    assert_int_equal(instance->version, 2);
    assert_int_equal(instance->base_priority, 100);
    assert_int_equal(instance->wanted_state, CONF_WANTED_BACKUP);
    assert_int_equal(instance->advert_interval_us, 1000000);
    assert_int_equal(instance->down_timer_adverts, 3);
    assert_true(instance->preempt);
    assert_true(instance->accept);
    assert_int_equal(instance->preempt_delay_us, 0);
    assert_int_equal(instance->source.family, AF_UNSPEC);
    assert_true(is_address(&instance->multicast_group, "224.0.0.18"));
    assert_int_equal(instance->auth_type, CONF_AUTH_NONE);
    assert_int_equal(instance->lease_us, -1);
    assert_int_equal(instance->garp.master_delay_s, 5);
    assert_int_equal(instance->garp.master_repeat, 5);
    assert_int_equal(instance->garp.master_refresh_s, 0);
    assert_int_equal(instance->garp.master_refresh_repeat, 1);
    assert_int_equal(instance->garp.lower_prio_delay_s, 5);
    assert_int_equal(instance->garp.lower_prio_repeat, 5);
    assert_int_not_equal(instance->key, 0);
    assert_int_equal(instance->vips.count, 1);
    assert_int_equal(instance->vips.items[0]->prefix_length, 32);
    assert_string_equal(instance->vips.items[0]->interface, "eth0");
}

static void test_everything_set(void **state)
{
    const struct conf_instance *instance = load_instance(
        "vrrp_instance V {\n state BACKUP\n interface eth1\n mcast_src_ip 192.0.2.9\n mcast_dst_ip "
        "224.0.0.99\n"
        " virtual_router_id 9\n version 3\n priority 120\n advert_int 0.25\n nopreempt\n down_timer_adverts "
        "5\n"
        " garp_master_delay 1\n garp_master_repeat 2\n garp_master_refresh 60\n garp_master_refresh_repeat "
        "3\n"
        " garp_lower_prio_delay 4\n garp_lower_prio_repeat 0\n lower_prio_no_advert\n "
        "higher_prio_send_advert yes\n"
        " skip_check_adv_addr\n v3_checksum_as_v2\n track_src_ip\n dont_track_primary\n vip_lease 2.5\n"
        " virtual_ipaddress {\n 192.0.2.1\n }\n track_interface {\n eth0 weight -20\n eth2 weight 10 "
        "reverse\n }\n}\n");

    (void)state;
    assert_complaints(0);
    assert_int_equal(instance->version, 3);
    assert_int_equal(instance->base_priority, 120);
    assert_int_equal(instance->advert_interval_us, 250000);
    assert_false(instance->preempt);
    assert_int_equal(instance->down_timer_adverts, 5);
    assert_true(is_address(&instance->source, "192.0.2.9"));
    assert_true(is_address(&instance->multicast_group, "224.0.0.99"));
    assert_int_equal(instance->garp.master_delay_s, 1);
    assert_int_equal(instance->garp.master_repeat, 2);
    assert_int_equal(instance->garp.master_refresh_s, 60);
    assert_int_equal(instance->garp.master_refresh_repeat, 3);
    assert_int_equal(instance->garp.lower_prio_delay_s, 4);
    assert_int_equal(instance->garp.lower_prio_repeat, 0);
    assert_true(instance->lower_prio_no_advert && instance->higher_prio_send_advert);
    assert_true(instance->skip_check_adv_addr && instance->v3_checksum_as_v2);
    assert_true(instance->track_source && instance->dont_track_primary);
    assert_int_equal(instance->lease_us, 2500000);
    assert_int_equal(instance->tracked_interfaces.count, 2);
    assert_int_equal(instance->tracked_interfaces.items[0]->weight, -20);
    assert_true(instance->tracked_interfaces.items[1]->reverse);
}

static void test_global_settings_are_inherited(void **state)
{
    const char *global =
        "global_defs {\n vrrp_version 3\n vrrp_garp_master_delay 2\n vrrp_garp_master_repeat 0\n"
        " vrrp_garp_interval 0.001\n vrrp_gna_interval 0.5\n vrrp_down_timer_adverts 4\n"
        " vrrp_mcast_group4 224.0.0.77\n vrrp_lower_prio_no_advert\n router_id R\n}\n";
    const struct conf_instance *instance;
    char text[2048];

    (void)state;
    /* global_defs hold for all of the text, wherever they stand */
    snprintf(text, sizeof(text), "%s%s",
             INSTANCE("V", "7",
                      " garp_master_delay 9\n lower_prio_no_advert no\n"
                      " virtual_ipaddress_excluded {\n 2001:db8::1\n }\n"),
             global);
    instance = load_instance(text);
    assert_complaints(0);
    assert_int_equal(instance->version, 3);
    assert_int_equal(instance->garp.master_delay_s, 9);
    assert_int_equal(instance->garp.lower_prio_delay_s, 2); /* that of all, not the instance's own */
    assert_int_equal(instance->garp.master_repeat, 1);
    assert_int_equal(instance->vips.items[0]->announce_interval_us, 1000);
    assert_int_equal(instance->vips.items[1]->announce_interval_us, 500000);
    assert_int_equal(instance->down_timer_adverts, 4);
    assert_true(is_address(&instance->multicast_group, "224.0.0.77"));
    assert_false(instance->lower_prio_no_advert);
    assert_string_equal(conf_result_model(fake_result)->global.router_id, "R");
}

#define UNICAST " unicast_src_ip 192.0.2.9\n unicast_peer {\n 192.0.2.8\n }\n"

static void test_old_unicast_checksum(void **state)
{
    const struct conf_instance *instance;

    (void)state;
    instance = load_instance(INSTANCE("V", "7", " version 3\n" UNICAST));
    assert_complaints(0);
    assert_int_equal(instance->old_checksum, CONF_OLD_CHECKSUM_LEARNED);
    assert_true(is_address(&instance->old_checksum_group, "224.0.0.18"));
    instance = load_instance("global_defs {\n vrrp_mcast_group4 224.0.0.77\n}\n" INSTANCE(
        "V", "7", " version 3\n old_unicast_checksum\n" UNICAST));
    assert_complaints(0);
    assert_int_equal(instance->old_checksum, CONF_OLD_CHECKSUM_ALWAYS);
    assert_true(is_address(&instance->old_checksum_group, "224.0.0.77"));
    instance = load_instance(INSTANCE("V", "7", " version 3\n old_unicast_checksum never\n" UNICAST));
    assert_complaints(0);
    assert_int_equal(instance->old_checksum, CONF_OLD_CHECKSUM_NEVER);
    assert_false(ip_address_is_set(&instance->old_checksum_group));
    instance = load_instance(INSTANCE("V", "7", " version 3\n old_unicast_checksum often\n" UNICAST));
    assert_complaints(1);
    assert_int_equal(instance->old_checksum, CONF_OLD_CHECKSUM_LEARNED);
    instance = load_instance(INSTANCE("V", "7", " version 2\n old_unicast_checksum\n" UNICAST));
    assert_complaints(0);
    assert_int_equal(instance->old_checksum, CONF_OLD_CHECKSUM_LEARNED);
    assert_false(ip_address_is_set(&instance->old_checksum_group));
    instance = load_instance(INSTANCE("V", "7", " version 3\n old_unicast_checksum\n"));
    assert_false(ip_address_is_set(&instance->old_checksum_group)); /* multicast */
}

static void test_interfaces_of_a_garp_group_share_its_pace(void **state)
{
    const struct conf_instance *instance = load_instance(
        "global_defs {\n vrrp_garp_interval 0.5\n}\n"
        "garp_group {\n garp_interval 0.002\n gna_interval 0.003\n interface eth1\n"
        " interfaces {\n eth2 eth1\n }\n}\n"
        "garp_group {\n garp_interval 1\n interface eth1\n}\n"
        "garp_group {\n interface eth0\n}\n" INSTANCE(
            "V", "7", " virtual_ipaddress_excluded {\n 192.0.2.9 dev eth1\n 2001:db8::1 dev eth2\n }\n"));
    const struct conf_model *model = conf_result_model(fake_result);

    (void)state;
    /* eth1 twice in one, and in two, which leaves the second without; the third has no interval */
    assert_complaints(4);
    assert_int_equal(model->garp_groups.count, 1);
    assert_int_equal(model->garp_groups.items[0]->interfaces.count, 2);
    assert_int_equal(instance->vips.items[0]->announce_interval_us, 500000);
    assert_int_equal(instance->vips.items[1]->announce_interval_us, 2000);
    assert_int_equal(instance->vips.items[2]->announce_interval_us, 3000);
}

static void test_interface_delays(void **state)
{
    const struct conf_model *model;

    (void)state;
    load_instance("interface_up_down_delays {\n eth0 0.5 2\n eth1 1.000001\n}\n" INSTANCE("V", "7", ""));
    assert_complaints(0);
    model = conf_result_model(fake_result);
    assert_int_equal(model->interface_delays.count, 2);
    assert_string_equal(model->interface_delays.items[0]->interface, "eth0");
    assert_int_equal(model->interface_delays.items[0]->down_us, 500000);
    assert_int_equal(model->interface_delays.items[0]->up_us, 2000000);
    assert_int_equal(model->interface_delays.items[1]->down_us, 1000001);
    assert_int_equal(model->interface_delays.items[1]->up_us, 0);
    assert_null(fake_find(fake_result, CONF_PROBLEM_CONFLICT, 0));
    load_instance("interface_up_down_delays {\n eth0 2 2\n}\n" INSTANCE("V", "7", ""));
    assert_complaints(0);
    assert_non_null(
        fake_find(fake_result, CONF_PROBLEM_CONFLICT, 0)); /* too long for 3 adverts of 1 s: a note */
    load_instance(
        "interface_up_down_delays {\n eth0\n eth0 256\n eth0 1 256\n eth0 x\n}\n" INSTANCE("V", "7", ""));
    assert_int_equal(conf_result_model(fake_result)->interface_delays.count, 0);
    load_instance("interface_up_down_delays {\n eth0\n}\n" INSTANCE("V", "7", ""));
    assert_complaints(0);
    assert_non_null(fake_find(fake_result, CONF_PROBLEM_ARGUMENT, 0)); /* a note */
    load_instance("interface_up_down_delays {\n eth0 1 1 1\n eth0 2\n}\n" INSTANCE("V", "7", ""));
    assert_complaints(1); /* the second line; what is too much is only a note */
    assert_int_equal(conf_result_model(fake_result)->interface_delays.count, 1);
    assert_int_equal(conf_result_model(fake_result)->interface_delays.items[0]->down_us, 1000000);
}

static void test_small_settings(void **state)
{
    const struct conf_instance *instance =
        load_instance("global_defs {\n vrrp_garp_extra_if all 30\n}\n" INSTANCE("V", "7", ""));

    (void)state;
    assert_int_equal(instance->garp.extra_s, 30);
    assert_false(instance->reports_deletion || instance->lacks_peer);
    instance = load_instance(INSTANCE("V", "7", " garp_extra_if 30\n notify_deleted\n"));
    assert_complaints(0);
    assert_int_equal(instance->garp.extra_s, 0); /* for VMACs only */
    assert_true(instance->reports_deletion);
    instance = load_instance(INSTANCE("V", "7", " garp_extra_if all 7\n notify_deleted /bin/true\n"));
    assert_int_equal(instance->garp.extra_s, 7);
    assert_int_equal(instance->notify->deleted.words.count, 1);
    assert_true(load_instance(INSTANCE("V", "7", " unicast_fault_no_peer\n"))->lacks_peer);
    assert_false(
        load_instance(INSTANCE("V", "7", " unicast_fault_no_peer\n unicast_peer {\n 192.0.2.99\n }\n"))
            ->lacks_peer);
}

static void test_a_gap_of_nothing_is_no_gap(void **state)
{
    const struct conf_instance *instance = load_instance(
        "global_defs {\n vrrp_garp_interval 0\n vrrp_gna_interval 0\n}\n" INSTANCE("V", "7", ""));

    (void)state;
    assert_complaints(2);
    assert_int_equal(instance->vips.items[0]->announce_interval_us, 0);
}

/* Whatever its weight: otherwise two boxes of which one runs keepalived would disagree about the priority. */
static void test_the_own_interface_is_not_tracked_twice(void **state)
{
    const struct conf_instance *instance =
        load_instance(INSTANCE("V", "7", " track_interface {\n eth0 weight 60\n eth1 weight 10\n }\n"));

    (void)state;
    assert_complaints(1);
    assert_int_equal(instance->tracked_interfaces.count, 1);
    assert_string_equal(instance->tracked_interfaces.items[0]->interface, "eth1");
}

static void test_min_garp(void **state)
{
    const struct conf_instance *instance =
        load_instance("global_defs {\n vrrp_min_garp\n}\n" INSTANCE("V", "7", " garp_master_repeat 3\n"));

    (void)state;
    assert_int_equal(instance->garp.master_delay_s, 0);
    assert_int_equal(instance->garp.master_repeat, 3);
}

static void test_state_and_priority(void **state)
{
    const struct conf_instance *instance;

    (void)state;
    instance = load_instance(INSTANCE("V", "7", " state MASTER\n"));
    assert_int_equal(instance->base_priority, 255);
    assert_int_equal(instance->wanted_state, CONF_WANTED_MASTER);
    instance = load_instance(INSTANCE("V", "7", " state MASTER\n priority 150\n"));
    assert_int_equal(instance->base_priority, 150);
    instance = load_instance(INSTANCE("V", "7", " priority 255\n"));
    assert_int_equal(instance->wanted_state, CONF_WANTED_MASTER);
    assert_complaints(0);
    instance = load_instance(INSTANCE("V", "7", " state BACKUP\n priority 255\n"));
    assert_int_equal(instance->wanted_state, CONF_WANTED_MASTER);
    assert_complaints(1);
    instance =
        load_instance(INSTANCE("V", "7", " state MASTER\n priority 150\n nopreempt\n preempt_delay 5\n"));
    assert_true(instance->preempt);
    assert_int_equal(instance->preempt_delay_us, 0);
    assert_complaints(2);
    instance = load_instance(INSTANCE("V", "7", " nopreempt\n preempt_delay 5\n"));
    assert_false(instance->preempt);
    assert_int_equal(instance->preempt_delay_us, 0);
    assert_complaints(1);
    instance = load_instance(INSTANCE("V", "7", " preempt_delay 5.5\n"));
    assert_int_equal(instance->preempt_delay_us, 5500000);
}

static void assert_interval(const char *more, int64_t expected, size_t complaints)
{
    char text[512];

    snprintf(text, sizeof(text),
             "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress { 192.0.2.1 }\n "
             "%s\n}\n",
             more);
    assert_int_equal(load_instance(text)->advert_interval_us, expected);
    assert_complaints(complaints);
}

static void test_intervals(void **state)
{
    (void)state;
    assert_interval("advert_int 5", 5000000, 0);
    assert_interval("advert_int 255", 255000000, 0);
    assert_interval("advert_int 0.5", 1000000, 1);
    assert_interval("advert_int 0.1", 1000000, 1);
    assert_interval("advert_int 1.5", 2000000, 1);
    assert_interval("version 3\n advert_int 0.01", 10000, 0);
    assert_interval("version 3\n advert_int 0.014", 10000, 1);
    assert_interval("version 3\n advert_int 40.95", 40950000, 0);
    assert_interval("version 3\n advert_int 41", 40950000, 1);
    assert_interval("advert_int 0.001", 1000000, 1);
}

static void test_authentication(void **state)
{
    const struct conf_instance *instance;

    (void)state;
    instance =
        load_instance(INSTANCE("V", "7", " authentication {\n auth_type PASS\n auth_pass secret\n }\n"));
    assert_int_equal(instance->auth_type, CONF_AUTH_PASS);
    assert_memory_equal(instance->auth_data, "secret\0\0", 8);
    assert_complaints(0);
    instance =
        load_instance(INSTANCE("V", "7", " authentication { auth_type PASS\n auth_pass 123456789 }\n"));
    assert_memory_equal(instance->auth_data, "12345678", 8);
    assert_complaints(1);
    instance = load_instance(
        INSTANCE("V", "7", " version 3\n authentication {\n auth_type PASS\n auth_pass secret\n }\n"));
    assert_int_equal(instance->auth_type, CONF_AUTH_NONE);
    assert_complaints(1);
    instance = load_instance(INSTANCE("V", "7", " authentication {\n auth_type PASS\n }\n"));
    assert_int_equal(instance->auth_type, CONF_AUTH_NONE);
    assert_complaints(1);
    instance = load_instance(INSTANCE("V", "7", " authentication {\n auth_type AH\n auth_pass a\n }\n"));
    assert_int_equal(instance->auth_type, CONF_AUTH_AH);
    assert_memory_equal(instance->auth_data, "a\0\0\0\0\0\0\0", 8);
    assert_complaints(0);
    instance = load_instance(INSTANCE(
        "V", "7", " state MASTER\n priority 50\n authentication {\n auth_type AH\n auth_pass a\n }\n"));
    assert_int_equal(instance->wanted_state, CONF_WANTED_BACKUP);
    assert_complaints(1);
}

static void test_address_options(void **state)
{
    const struct conf_instance *instance = load_instance(
        "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n"
        " 192.0.2.1/24 dev eth1 scope link brd + label eth1:0 no_track preferred_lft 30\n"
        " 192.0.2.2/24 broadcast 192.0.2.255\n"
        " 192.0.2.3 peer 192.0.2.4/30 scope 7 noprefixroute\n}\n"
        " virtual_ipaddress_excluded {\n 2001:db8::1/64 -nodad home mngtmpaddr autojoin\n 2001:db8::2\n"
        " 2001:db8::3 preferred_lft forever\n }\n}\n");
    struct conf_vip *const *vips = instance->vips.items;

    (void)state;
    assert_complaints(0);
    assert_int_equal(instance->vips.count, 6);
    assert_string_equal(vips[0]->interface, "eth1");
    assert_int_equal(vips[0]->scope, RT_SCOPE_LINK);
    assert_int_equal(vips[0]->broadcast_kind, CONF_BROADCAST_ONES);
    assert_string_equal(vips[0]->label, "eth1:0");
    assert_int_equal(vips[0]->flags, CONF_VIP_NO_TRACK);
    assert_int_equal(vips[0]->preferred_lifetime_s, 30);
    assert_int_equal(vips[1]->broadcast_kind, CONF_BROADCAST_GIVEN);
    assert_true(is_address(&vips[1]->broadcast, "192.0.2.255"));
    assert_int_equal(vips[1]->preferred_lifetime_s, CONF_LIFETIME_FOREVER);
    assert_true(is_address(&vips[2]->peer, "192.0.2.4"));
    assert_int_equal(vips[2]->peer_prefix_length, 30);
    assert_int_equal(vips[2]->scope, 7);
    assert_true(vips[3]->excluded);
    assert_int_equal(vips[3]->flags, CONF_VIP_DAD | CONF_VIP_HOME | CONF_VIP_MNGTMPADDR | CONF_VIP_AUTOJOIN);
    assert_int_equal(vips[4]->preferred_lifetime_s, 0);
    assert_int_equal(vips[5]->preferred_lifetime_s, CONF_LIFETIME_FOREVER);
}

static void assert_address_complaint(const char *line, uint32_t kept)
{
    char text[512];

    snprintf(text, sizeof(text),
             "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n 192.0.2.1\n "
             "%s\n }\n}\n",
             line);
    assert_int_equal(load_instance(text)->vips.count, kept);
    assert_complaints(1);
}

static void test_bad_addresses(void **state)
{
    (void)state;
    assert_address_complaint("192.0.2", 1);
    assert_address_complaint("192.0.2.2/33", 1);
    assert_address_complaint("2001:db8::1", 1);
    assert_address_complaint("192.0.2.1", 1);
    assert_address_complaint("192.0.2.2 scope nothing", 2);
    assert_address_complaint("192.0.2.2 label abcdefghijklmnop", 2);
    assert_address_complaint("192.0.2.2 peer 2001:db8::1", 2);
    assert_address_complaint("192.0.2.2 peer 192.0.2.3 brd +", 2);
    assert_address_complaint("192.0.2.2 brd 2001:db8::ff", 2);
    assert_address_complaint("192.0.2.2 brd ::ffff:192.0.2.255", 2);
    assert_address_complaint("192.0.2.2 dev a/b", 2);
    assert_address_complaint("192.0.2.2 dev eth9", 2);
}

/* The last one counts, and nothing of another is left. */
static void test_broadcast_given_twice(void **state)
{
    const struct conf_instance *instance =
        load_instance("vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n"
                      " 192.0.2.1/24 brd 192.0.2.255 brd -\n 192.0.2.2/24 brd + brd 192.0.2.255\n }\n}\n");
    struct conf_vip *const *vips = instance->vips.items;

    (void)state;
    assert_complaints(0);
    assert_int_equal(vips[0]->broadcast_kind, CONF_BROADCAST_ZEROS);
    assert_int_equal(vips[0]->broadcast.family, AF_UNSPEC);
    assert_int_equal(vips[1]->broadcast_kind, CONF_BROADCAST_GIVEN);
    assert_true(is_address(&vips[1]->broadcast, "192.0.2.255"));
}

static void test_ipv6(void **state)
{
    const struct conf_instance *instance = load_instance(
        "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n fe80::1/64\n "
        "2001:db8::1/64\n }\n}\n");

    (void)state;
    assert_complaints(0);
    assert_int_equal(instance->family, AF_INET6);
    assert_int_equal(instance->version, 3);
    assert_true(is_address(&instance->multicast_group, "ff02::12"));
    load_instance(
        "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n version 2\n virtual_ipaddress {\n "
        "fe80::1/64\n }\n}\n");
    assert_complaints(1);
}

static void test_unicast(void **state)
{
    const struct conf_instance *instance = load_instance(INSTANCE(
        "V", "7",
        " unicast_src_ip 192.0.2.10\n unicast_peer {\n 192.0.2.11\n 192.0.2.12 min_ttl 2 max_ttl 9\n }\n"));

    (void)state;
    assert_complaints(0);
    assert_true(is_address(&instance->source, "192.0.2.10"));
    assert_int_equal(instance->multicast_group.family, AF_UNSPEC);
    assert_int_equal(instance->unicast_peers.count, 2);
    assert_int_equal(instance->unicast_peers.items[0]->max_ttl, 255);
    assert_int_equal(instance->unicast_peers.items[1]->min_ttl, 2);
    assert_int_equal(instance->unicast_peers.items[1]->max_ttl, 9);
    assert_true(instance->check_unicast_source);
    assert_int_equal(instance->unicast_ttl, 255);
    instance = load_instance(
        INSTANCE("V", "7", " unicast_peer {\n 192.0.2.11\n 192.0.2.11\n 2001:db8::1\n }\n unicast_ttl 3\n"));
    assert_complaints(2);
    assert_int_equal(instance->unicast_peers.count, 1);
    assert_int_equal(instance->unicast_ttl, 3);
    load_instance(INSTANCE("V", "7", " unicast_src_ip 192.0.2.10\n"));
    assert_complaints(1);
    instance = load_instance(
        "vrrp_instance V {\n virtual_router_id 7\n unicast_src_ip 192.0.2.10\n unicast_peer {\n "
        "192.0.2.11\n }\n virtual_ipaddress {\n 192.0.2.1 dev eth1\n }\n}\n");
    assert_complaints(0);
    assert_null(instance->interface);
}

static void assert_left_out(const char *text, size_t complaints)
{
    assert_int_equal(fake_model(text)->instances.count, 0);
    assert_complaints(complaints);
}

static void test_instances_that_cannot_run(void **state)
{
    (void)state;
    assert_left_out(
        "vrrp_instance V {\n virtual_router_id 7\n virtual_ipaddress {\n 192.0.2.1 dev eth0\n }\n}\n", 1);
    assert_left_out("vrrp_instance V {\n interface eth0\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n", 1);
    assert_left_out("vrrp_instance V {\n interface eth0\n virtual_router_id 7\n version 3\n}\n", 1);
    assert_int_equal(
        load_instance("vrrp_instance V {\n interface eth0\n virtual_router_id 7\n}\n")->vips.count, 0);
    assert_complaints(1);
    load_instance(
        "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n version 3\n no_virtual_ipaddress\n}\n");
    assert_complaints(0);
}

static void test_one_router_twice(void **state)
{
    const struct conf_model *model;

    (void)state;
    model = fake_model(INSTANCE("A", "7", "") INSTANCE("B", "7", ""));
    assert_int_equal(model->instances.count, 1);
    assert_string_equal(model->instances.items[0]->name, "A");
    assert_non_null(fake_find(fake_result, CONF_PROBLEM_DUPLICATE, 0));
    model = fake_model(INSTANCE(
        "A", "7", "") "vrrp_instance B {\n interface eth1\n virtual_router_id 7\n virtual_ipaddress {\n "
                      "192.0.2.9\n }\n}\n");
    assert_int_equal(model->instances.count, 2);
    assert_complaints(0);
}

static void test_too_many_addresses_for_an_advert(void **state)
{
    const struct conf_instance *instance =
        load_instance("vrrp_instance V {\n interface eth0\n virtual_router_id 7\n $A= \\\n 10.0.$X.$Y \\\n\n"
                      " virtual_ipaddress {\n ~SEQ(X, 0, 2) ~SEQ(Y, 1, 100) 10.0.${X}.${Y}\n }\n}\n");

    (void)state;
    assert_int_equal(instance->vips.count, 300);
    assert_false(instance->vips.items[254]->excluded);
    assert_true(instance->vips.items[255]->excluded);
    assert_complaints(1);
}

static void test_interface_that_is_not_there(void **state)
{
    (void)state;
    load_instance(INSTANCE("A", "7", " track_interface {\n eth7\n eth7 weight 3\n }\n"));
    assert_complaints(1);
    assert_string_equal(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->text,
                        "there is no interface 'eth7' on this machine now; tandem waits for it");
}

static void test_groups(void **state)
{
    const struct conf_model *model = fake_model(
        "vrrp_sync_group G {\n group {\n A B\n C\n }\n track_interface {\n eth1\n }\n notify "
        "/bin/n\n}\n" INSTANCE("A", "1", "")
            INSTANCE("B", "2", " track_interface {\n eth2 weight 5\n eth1\n }\n") INSTANCE("C", "3", ""));
    const struct conf_sync_group *group = model->sync_groups.items[0];

    (void)state;
    assert_complaints(1); /* B's weight */
    assert_int_equal(group->members.count, 3);
    assert_ptr_equal(group->members.items[1], model->instances.items[1]);
    assert_int_equal(group->tracked_interfaces.count, 1);
    assert_int_equal(model->instances.items[1]->tracked_interfaces.count, 2);
    assert_int_equal(model->instances.items[1]->tracked_interfaces.items[0]->weight, 0);
    assert_string_equal(group->notify->any.words.items[0], "/bin/n");
    assert_int_not_equal(group->key, 0);
}

static void test_bad_groups(void **state)
{
    (void)state;
    fake_model("vrrp_sync_group G {\n group {\n A\n X\n }\n}\n" INSTANCE("A", "1", ""));
    assert_complaints(1);
    assert_int_equal(conf_result_model(fake_result)->sync_groups.count, 1);
    fake_model("vrrp_sync_group G {\n group {\n X\n }\n}\n");
    assert_complaints(2);
    assert_int_equal(conf_result_model(fake_result)->sync_groups.count, 0);
    fake_model(
        "vrrp_sync_group G {\n group {\n A B\n }\n}\nvrrp_sync_group H {\n group {\n A B\n }\n}\n" INSTANCE(
            "A", "1", "") INSTANCE("B", "2", ""));
    assert_complaints(3);
    assert_int_equal(conf_result_model(fake_result)->sync_groups.count, 1);
}

static const struct conf_script *load_script(const char *global, const char *line)
{
    static const struct conf_notify none;
    const struct conf_notify *notify;
    char text[1024];

    snprintf(text, sizeof(text),
             "%s vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress { 192.0.2.1 "
             "}\n %s\n}\n",
             global, line);
    notify = load_instance(text)->notify;
    return notify == NULL ? &none.master : &notify->master;
}

static void test_scripts(void **state)
{
    const struct conf_script *script;

    (void)state;
    script = load_script("", "notify_master \"/bin/sh -c 'echo  a' \\\"q\\\"\"");
    assert_complaints(0);
    assert_int_equal(script->words.count, 4);
    assert_string_equal(script->words.items[2], "echo  a");
    assert_string_equal(script->words.items[3], "\"q\"");
    assert_int_equal(script->uid, 33);
    assert_int_equal(script->gid, 34);
    script = load_script("", "notify_master /bin/x alice wheel");
    assert_int_equal(script->words.count, 1);
    assert_int_equal(script->uid, 1000);
    assert_int_equal(script->gid, 10);
    script = load_script("global_defs {\n script_user alice\n}\n", "notify_master /bin/x");
    assert_int_equal(script->gid, 1000);
    fake_host_has_script_user = true;
    script = load_script("", "notify_master /bin/x");
    assert_int_equal(script->uid, 900);
    assert_complaints(0);
}

static void test_groups_of_scripts(void **state)
{
    const struct conf_script *script;

    (void)state;
    assert_int_equal(load_script("", "notify_master /bin/x alice wheel")->groups.count, 0);
    script = load_script("", "notify_master /bin/x alice :wheel");
    assert_complaints(0);
    assert_int_equal(script->gid, 10);
    assert_int_equal(script->groups.count, 2);
    assert_int_equal(script->groups.items[0]->gid, 10);
    assert_int_equal(script->groups.items[1]->gid, 77);
    script = load_script("", "notify_master /bin/x alice :");
    assert_complaints(0);
    assert_int_equal(script->gid, 1000);
    assert_int_equal(script->groups.count, 2);
    /* for all scripts, wherever it stands in global_defs */
    script = load_script("global_defs {\n script_user alice\n set_supplementary_groups\n}\n",
                         "notify_master /bin/x");
    assert_int_equal(script->groups.count, 2);
    script = load_script(
        "global_defs {\n startup_script /bin/x\n script_user alice\n set_supplementary_groups\n}\n",
        "notify_master /bin/x root");
    assert_int_equal(script->groups.count, 1);
    assert_int_equal(conf_result_model(fake_result)->global.startup_script.groups.count, 2);
    script = load_script("global_defs {\n set_supplementary_groups off\n script_user alice\n}\n",
                         "notify_master /bin/x");
    assert_int_equal(script->groups.count, 0);
}

static void test_links_of_scripts(void **state)
{
    (void)state;
    assert_false(load_script("", "notify_master /bin/x")->keep_links);
    assert_true(load_script("global_defs {\n use_symlink_paths\n}\n", "notify_master /bin/x")->keep_links);
    assert_complaints(0);
    assert_true(load_script("global_defs {\n startup_script /bin/x\n use_symlink_paths on\n}\n",
                            "notify_master /bin/x")
                    ->keep_links);
    assert_true(conf_result_model(fake_result)->global.startup_script.keep_links);
    load_script("global_defs {\n use_symlink_paths\n startup_script /bin/x\n use_symlink_paths off\n}\n",
                "notify_master /bin/x");
    assert_false(conf_result_model(fake_result)->global.startup_script.keep_links);
    assert_false(
        load_script("global_defs {\n use_symlink_paths no\n}\n", "notify_master /bin/x")->keep_links);
}

static void test_bad_scripts(void **state)
{
    (void)state;
    assert_int_equal(load_script("", "notify_master /bin/x bob")->words.count, 0);
    assert_complaints(1);
    assert_int_equal(load_script("", "notify_master /bin/x alice nobody")->words.count, 0);
    assert_complaints(1);
    assert_int_equal(load_script("global_defs {\n script_user bob\n}\n", "notify_master /bin/x")->words.count,
                     0);
    assert_complaints(2);
    assert_int_equal(load_script("", "notify_master \"'/bin/x\"")->words.count, 0);
    assert_complaints(1);
    assert_int_equal(load_script("", "notify_master \"\"")->words.count, 0);
    assert_complaints(1);
}

static void test_lease(void **state)
{
    (void)state;
    assert_int_equal(load_instance(INSTANCE("V", "7", " vip_lease off\n"))->lease_us, 0);
    assert_int_equal(load_instance(INSTANCE("V", "7", " vip_lease on\n"))->lease_us, -1);
    assert_int_equal(load_instance(INSTANCE("V", "7", " vip_lease 3\n"))->lease_us, 3000000);
    assert_complaints(0);
    assert_int_equal(load_instance(INSTANCE("V", "7", " vip_lease 0.5\n"))->lease_us, -1);
    assert_complaints(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_defaults, fake_release),
        cmocka_unit_test_teardown(test_everything_set, fake_release),
        cmocka_unit_test_teardown(test_global_settings_are_inherited, fake_release),
        cmocka_unit_test_teardown(test_old_unicast_checksum, fake_release),
        cmocka_unit_test_teardown(test_interface_delays, fake_release),
        cmocka_unit_test_teardown(test_interfaces_of_a_garp_group_share_its_pace, fake_release),
        cmocka_unit_test_teardown(test_small_settings, fake_release),
        cmocka_unit_test_teardown(test_a_gap_of_nothing_is_no_gap, fake_release),
        cmocka_unit_test_teardown(test_the_own_interface_is_not_tracked_twice, fake_release),
        cmocka_unit_test_teardown(test_min_garp, fake_release),
        cmocka_unit_test_teardown(test_state_and_priority, fake_release),
        cmocka_unit_test_teardown(test_intervals, fake_release),
        cmocka_unit_test_teardown(test_authentication, fake_release),
        cmocka_unit_test_teardown(test_address_options, fake_release),
        cmocka_unit_test_teardown(test_broadcast_given_twice, fake_release),
        cmocka_unit_test_teardown(test_bad_addresses, fake_release),
        cmocka_unit_test_teardown(test_ipv6, fake_release),
        cmocka_unit_test_teardown(test_unicast, fake_release),
        cmocka_unit_test_teardown(test_instances_that_cannot_run, fake_release),
        cmocka_unit_test_teardown(test_one_router_twice, fake_release),
        cmocka_unit_test_teardown(test_too_many_addresses_for_an_advert, fake_release),
        cmocka_unit_test_teardown(test_interface_that_is_not_there, fake_release),
        cmocka_unit_test_teardown(test_groups, fake_release),
        cmocka_unit_test_teardown(test_bad_groups, fake_release),
        cmocka_unit_test_teardown(test_scripts, fake_release),
        cmocka_unit_test_teardown(test_groups_of_scripts, fake_release),
        cmocka_unit_test_teardown(test_links_of_scripts, fake_release),
        cmocka_unit_test_teardown(test_bad_scripts, fake_release),
        cmocka_unit_test_teardown(test_lease, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
