/* vrrp_strict and strict_mode: one row a rule of semantics.md, and who is concerned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

/* What a strict instance comes out as. */
struct outcome {
    enum conf_wanted_state state;
    enum conf_auth_type auth_type;
    int64_t preempt_delay_us;
    uint8_t down_timer_adverts;
    bool accept;
    bool lower_prio_no_advert;
    bool higher_prio_send_advert;
    bool owner_ignore_adverts;
    uint32_t lower_prio_repeat;
    uint32_t lower_prio_delay_s;
};

static const struct conf_instance *load(const char *global, const char *lines)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "global_defs {\n%s\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 7\n%s\n"
             " virtual_ipaddress {\n 192.0.2.1\n }\n}\n",
             global, lines);
    fake_model(text);
    return conf_result_model(fake_result)->instances.count == 0
               ? NULL
               : conf_result_model(fake_result)->instances.items[0];
}

static size_t complaints(void)
{
    return conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_COMPLAINT);
}

static void assert_outcome(const struct conf_instance *instance, const struct outcome *wanted)
{
    assert_non_null(instance);
    assert_int_equal(instance->wanted_state, wanted->state);
    assert_int_equal(instance->auth_type, wanted->auth_type);
    assert_int_equal(instance->preempt_delay_us, wanted->preempt_delay_us);
    assert_int_equal(instance->down_timer_adverts, wanted->down_timer_adverts);
    assert_int_equal(instance->accept, wanted->accept);
    assert_int_equal(instance->lower_prio_no_advert, wanted->lower_prio_no_advert);
    assert_int_equal(instance->higher_prio_send_advert, wanted->higher_prio_send_advert);
    assert_int_equal(instance->owner_ignore_adverts, wanted->owner_ignore_adverts);
    assert_int_equal(instance->garp.lower_prio_repeat, wanted->lower_prio_repeat);
    assert_int_equal(instance->garp.lower_prio_delay_s, wanted->lower_prio_delay_s);
}

static const struct outcome strict_backup = {
    CONF_WANTED_BACKUP, CONF_AUTH_NONE, 0, 3, false, true, false, false, 0, 0};

static void test_defaults_of_a_strict_instance(void **state)
{
    struct outcome owner = strict_backup;

    (void)state;
    assert_outcome(load("vrrp_strict", ""), &strict_backup);
    assert_int_equal(complaints(), 0);
    assert_outcome(load("", " strict_mode on"), &strict_backup);
    assert_int_equal(complaints(), 0);
    owner.state = CONF_WANTED_MASTER;
    owner.accept = true;
    owner.owner_ignore_adverts = true;
    assert_outcome(load("vrrp_strict", " priority 255"), &owner);
    assert_outcome(load("vrrp_strict", " state MASTER"), &owner); /* without a priority: 255 */
    assert_int_equal(complaints(), 0);
}

static void test_what_it_may_not_have_is_reported(void **state)
{
    static const char *const lines[] = {
        " state MASTER\n priority 100",
        " authentication {\n auth_type PASS\n auth_pass a\n }",
        " preempt_delay 5",
        " down_timer_adverts 4",
        " accept",
        " garp_lower_prio_repeat 2",
        " garp_lower_prio_delay 2",
        " lower_prio_no_advert off",
        " higher_prio_send_advert on",
        " no_virtual_ipaddress",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_outcome(load("vrrp_strict", lines[i]), &strict_backup);
        assert_int_equal(complaints(), 1);
    }
    assert_non_null(load("vrrp_strict", " priority 255\n owner_ignore_adverts off"));
    assert_int_equal(complaints(), 1);
    assert_true(conf_result_model(fake_result)->instances.items[0]->owner_ignore_adverts);
}

static void test_global_settings_do_not_count(void **state)
{
    (void)state;
    assert_outcome(load("vrrp_strict\n vrrp_higher_prio_send_advert on\n vrrp_lower_prio_no_advert off\n"
                        " vrrp_garp_lower_prio_repeat 7\n vrrp_garp_lower_prio_delay 7",
                        ""),
                   &strict_backup);
    assert_int_equal(complaints(), 0);
    assert_outcome(load("vrrp_strict\n vrrp_down_timer_adverts 5", ""), &strict_backup);
    assert_int_equal(complaints(), 1);
}

static void test_the_instance_decides_for_itself(void **state)
{
    struct outcome lax = {CONF_WANTED_MASTER, CONF_AUTH_PASS, 0, 4, true, false, false, false, 5, 5};

    (void)state;
    assert_outcome(load("vrrp_strict",
                        " strict_mode off\n state MASTER\n priority 100\n down_timer_adverts 4\n"
                        " authentication {\n auth_type PASS\n auth_pass a\n }"),
                   &lax);
    assert_int_equal(complaints(), 0);
}

static void test_accept_mode_is_for_version_3(void **state)
{
    struct outcome accepting = strict_backup;

    (void)state;
    accepting.accept = true;
    assert_outcome(load("vrrp_strict", " version 3\n accept"), &accepting);
    assert_int_equal(complaints(), 0);
    assert_outcome(load("vrrp_strict", " version 3\n no_accept"), &strict_backup);
    assert_outcome(load("", " no_accept"), &(struct outcome){CONF_WANTED_BACKUP, CONF_AUTH_NONE, 0, 3, false,
                                                             false, false, false, 5, 5});
    assert_true(load("", " no_accept\n priority 255")->accept); /* the addresses are its own */
}

static void test_unicast_is_for_interfaces_without_multicast(void **state)
{
    static const char unicast[] = " unicast_peer {\n 192.0.2.9\n }";

    (void)state;
    assert_null(load("vrrp_strict", unicast));
    assert_int_equal(complaints(), 1);
    fake_host_has_no_multicast = true;
    assert_non_null(load("vrrp_strict", unicast));
    assert_int_equal(complaints(), 0);
    fake_host_has_no_multicast = false;
}

static void test_addresses_are_required(void **state)
{
    (void)state;
    conf_result_free(fake_result);
    fake_result = fake_load("global_defs {\n vrrp_strict\n}\n"
                            "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n}\n");
    assert_int_equal(conf_result_model(fake_result)->instances.count, 0);
    assert_int_equal(complaints(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_defaults_of_a_strict_instance, fake_release),
        cmocka_unit_test_teardown(test_what_it_may_not_have_is_reported, fake_release),
        cmocka_unit_test_teardown(test_global_settings_do_not_count, fake_release),
        cmocka_unit_test_teardown(test_the_instance_decides_for_itself, fake_release),
        cmocka_unit_test_teardown(test_accept_mode_is_for_version_3, fake_release),
        cmocka_unit_test_teardown(test_unicast_is_for_interfaces_without_multicast, fake_release),
        cmocka_unit_test_teardown(test_addresses_are_required, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
