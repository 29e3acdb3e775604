/*
 * Keywords whose effect is not built: their values are read, checked and printed all the same, and tandem
 * refuses to start with them by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/digest.h"
#include "conf/key.h"
#include "conf/print.h"
#include "conf/script_path.h"
#include "fake_host.h"

#define HEAD           "vrrp_instance V {\n interface eth0\n virtual_router_id 51\n"
#define ADDRESSES      " virtual_ipaddress {\n 192.0.2.1/24\n }\n"
#define INSTANCE(more) HEAD ADDRESSES more "}\n"

static struct conf_result *result;

static int release(void **state)
{
    (void)state;
    conf_result_free(result);
    result = NULL;
    return 0;
}

/* Loads the text, which complains so often, and is refused for what is not built alone. */
static const struct conf_model *load(const char *text, size_t complaints)
{
    conf_result_free(result);
    result = fake_load(text);
    if (conf_diagnostics_total(conf_result_diagnostics(result), CONF_COMPLAINT) != complaints ||
        !conf_result_lacks_effects_only(result)) {
        char *all = fake_print(result);

        fail_msg("%zu complaints expected, and refusals for effects only: %s", complaints, all);
    }
    assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
    return conf_result_model(result);
}

static const struct conf_instance *load_instance(const char *text, size_t complaints)
{
    const struct conf_model *model = load(text, complaints);

    assert_int_equal(model->instances.count, 1);
    return model->instances.items[0];
}

/* The text complains once, at that place and with those words. */
static void complains(const char *text, unsigned int line, unsigned int column, const char *words)
{
    const struct conf_diagnostic *item = NULL;

    load(text, 1);
    for (size_t i = 0; i < conf_diagnostics_count(conf_result_diagnostics(result)); i++) {
        const struct conf_diagnostic *other = conf_diagnostics_item(conf_result_diagnostics(result), i);

        if (other->severity == CONF_COMPLAINT)
            item = other;
    }
    assert_non_null(item);
    if (item->position.line != line || item->position.column != column || strstr(item->text, words) == NULL)
        fail_msg("%u:%u: %s", item->position.line, item->position.column, item->text);
}

/* Printed and read again, the model is the same. */
static void survives(const char *text, size_t complaints)
{
    uint8_t before[16], after[16];
    char *printed, *canonical;

    conf_digest(load(text, complaints), before);
    printed = conf_print(conf_result_model(result));
    canonical = conf_canonical_text(conf_result_model(result), NULL);
    conf_digest(load(printed, 0), after);
    if (memcmp(before, after, sizeof(before)) != 0) {
        char *again = conf_canonical_text(conf_result_model(result), NULL);

        fail_msg("printed as\n%s\nit was\n%s\nand is\n%s", printed, canonical, again);
    }
    free(canonical);
    free(printed);
}

static void refuses(const char *text, const char *keyword)
{
    const struct conf_diagnostic *item;

    load(text, 0);
    item = fake_find(result, CONF_PROBLEM_NOT_BUILT, 0);
    assert_non_null(item);
    assert_non_null(strstr(item->text, keyword));
    assert_non_null(strstr(item->text, "does not do it yet"));
}

/* ------------------------------------------------------------------ use_vmac */

static void test_a_vmac_and_its_defaults(void **state)
{
    const struct conf_instance *instance = load_instance(INSTANCE(" use_vmac\n"), 0);

    (void)state;
    assert_int_equal(instance->device.kind, CONF_DEVICE_VMAC);
    assert_null(instance->device.name);
    assert_string_equal(instance->device.mac, "00:00:5e:00:01:33");
    assert_int_equal(instance->device.group, 0);
    assert_false(instance->device.netlink_notify);
    assert_false(instance->device.transmits_from_base);
    assert_false(instance->vmac_addresses);
    instance = load_instance(HEAD " use_vmac\n virtual_ipaddress {\n fe80::1\n }\n}\n", 0);
    assert_string_equal(instance->device.mac, "00:00:5e:00:02:33");
}

static void test_a_vmac_with_everything(void **state)
{
    const struct conf_instance *instance = load_instance(
        INSTANCE(" use_vmac name front0 02:AB:0:0:7 netlink_notify_msg group 7\n use_vmac_addr\n "
                 "vmac_xmit_base\n"),
        0);

    (void)state;
    assert_string_equal(instance->device.name, "front0");
    assert_string_equal(instance->device.mac, "02:ab:00:00:07:33");
    assert_int_equal(instance->device.group, 7);
    assert_true(instance->device.netlink_notify);
    assert_true(instance->device.transmits_from_base);
    assert_true(instance->vmac_addresses);
    instance = load_instance(INSTANCE(" use_vmac front0 02:ab:00:00:07:09\n"), 0);
    assert_string_equal(instance->device.mac, "02:ab:00:00:07:09");
}

static void test_vmac_errors_say_where(void **state)
{
    (void)state;
    complains(INSTANCE(" use_vmac name front/0\n"), 7, 16, "cannot be the name of an interface");
    complains(INSTANCE(" use_vmac a b\n"), 7, 13, "is a second name");
    complains(INSTANCE(" use_vmac 01:00:00:00:00:01\n"), 7, 11, "is a multicast address");
    complains(INSTANCE(" use_vmac 02:00:00:00\n"), 7, 11, "is not a MAC address");
    complains(INSTANCE(" use_vmac 02:00:00:00:00:00:01\n"), 7, 11, "is not a MAC address");
    complains(INSTANCE(" use_vmac 02:00:0g:00:00\n"), 7, 11, "is not a MAC address");
    complains(INSTANCE(" use_vmac 00:00:5e:00:01:09\n"), 7, 11, "that the virtual_router_id chooses from");
    complains(INSTANCE(" use_vmac 02:00:00:00:01 02:00:00:00:02\n"), 7, 26, "is a second MAC address");
    complains(INSTANCE(" use_vmac group nobody\n"), 7, 17, "neither the number nor the name of");
    complains(INSTANCE(" use_vmac\n use_ipvlan 192.0.2.9\n"), 8, 2, "has one use_vmac or use_ipvlan");
    complains(INSTANCE(" use_ipvlan 192.0.2.9\n vmac_xmit_base\n"), 8, 2, "is for use_vmac only");
    complains(INSTANCE(" use_vmac\n unicast_peer {\n 192.0.2.8\n }\n"), 7, 2,
              "needs vmac_xmit_base; it is set");
    complains(INSTANCE(" use_vmac 02:00:00:00:01\n strict_mode\n"), 7, 2, "does not go with strict VRRP");
    complains(INSTANCE(" use_vmac\n vmac_xmit_base\n strict_mode\n"), 8, 2, "does not go with strict VRRP");
    complains(INSTANCE(" use_vmac front0\n") "vrrp_instance W {\n interface eth1\n virtual_router_id 52\n "
                                             "use_vmac front0\n virtual_ipaddress {\n 192.0.2.2\n }\n}\n",
              12, 11, "is the name of another instance's interface");
}

static void test_what_a_vmac_is_to_the_key(void **state)
{
    uint64_t plain, vmac, ipvlan;

    (void)state;
    conf_result_free(result);
    result = fake_load(INSTANCE(""));
    plain = conf_result_model(result)->instances.items[0]->key;
    vmac = load_instance(INSTANCE(" use_vmac\n"), 0)->key;
    assert_int_equal(load_instance(INSTANCE(" use_vmac other\n"), 0)->key, vmac);
    ipvlan = load_instance(INSTANCE(" use_ipvlan 192.0.2.9\n"), 0)->key;
    assert_true(plain != vmac && vmac != ipvlan && plain != ipvlan);
    /* on the link they are one virtual router */
    complains(INSTANCE(" use_vmac\n") "vrrp_instance W {\n interface eth0\n virtual_router_id 51\n"
                                      " virtual_ipaddress {\n 192.0.2.2\n }\n}\n",
              11, 20, "is used twice");
}

static void test_addresses_with_vmacs(void **state)
{
    const struct conf_instance *instance = load_instance(
        HEAD " virtual_ipaddress {\n 192.0.2.1/24 dev eth1 use_vmac\n 192.0.2.2/24\n }\n}\n", 0);

    (void)state;
    assert_int_equal(instance->vips.items[0]->flags, CONF_VIP_USE_VMAC);
    assert_int_equal(instance->vips.items[1]->flags, 0);
    complains(HEAD " use_vmac\n virtual_ipaddress {\n 192.0.2.1/24 use_vmac\n }\n}\n", 6, 2,
              "the instance says use_vmac already");
    assert_int_equal(conf_result_model(result)->instances.items[0]->vips.items[0]->flags, 0);
    complains(HEAD " use_vmac_addr\n virtual_ipaddress {\n 192.0.2.1/24 dev eth1 use_vmac\n }\n}\n", 6, 2,
              "the instance says use_vmac_addr already");
    conf_result_free(result);
    result = fake_load("static_ipaddress {\n 192.0.2.1/24 dev eth0 use_vmac\n}\n");
    assert_non_null(fake_find(result, CONF_PROBLEM_UNKNOWN_KEYWORD, 0));
}

/* ------------------------------------------------------------------ use_ipvlan, vrf */

static void test_an_ipvlan(void **state)
{
    const struct conf_instance *instance = load_instance(INSTANCE(" use_ipvlan 192.0.2.9/24\n"), 0);

    (void)state;
    assert_int_equal(instance->device.kind, CONF_DEVICE_IPVLAN);
    assert_int_equal(instance->device.mode, CONF_IPVLAN_BRIDGE);
    assert_int_equal(instance->device.address_length, 24);
    assert_string_equal(instance->device.mac, "");
    assert_int_equal(ip_address_compare(&instance->source, &instance->device.address), 0);
    instance = load_instance(INSTANCE(" use_ipvlan name front0 192.0.2.9 vepa group 3\n mcast_src_ip "
                                      "192.0.2.7\n"),
                             0);
    assert_string_equal(instance->device.name, "front0");
    assert_int_equal(instance->device.mode, CONF_IPVLAN_VEPA);
    assert_int_equal(instance->device.group, 3);
    assert_int_not_equal(ip_address_compare(&instance->source, &instance->device.address), 0);
    complains(INSTANCE(" use_ipvlan private\n"), 7, 2, "an ipvlan needs an IPv4 address");
    complains(INSTANCE(" use_ipvlan 192.0.2.9 bridge vepa\n"), 7, 30, "is a second mode");
    complains(INSTANCE(" use_ipvlan 192.0.2.9 192.0.2.8\n"), 7, 23, "is a second address");
    complains(INSTANCE(" mcast_src_ip 192.0.2.9\n use_ipvlan 2001:db8::1\n"), 8, 2, "of another family");
}

static void test_a_vrf(void **state)
{
    static const char unicast[] = "vrrp_instance V {\n virtual_router_id 51\n unicast_src_ip 192.0.2.9\n"
                                  " unicast_peer {\n 192.0.2.8\n }\n vrf eth2\n"
                                  " virtual_ipaddress {\n 192.0.2.1/24 dev eth1\n }\n}\n";

    (void)state;
    assert_string_equal(load_instance(unicast, 0)->vrf, "eth2");
    survives(unicast, 0);
    complains(INSTANCE(" vrf eth2\n"), 7, 2, "is for instances without an interface");
    complains("vrrp_instance V {\n virtual_router_id 51\n unicast_src_ip 192.0.2.9\n use_vmac\n"
              " unicast_peer {\n 192.0.2.8\n }\n virtual_ipaddress {\n 192.0.2.1/24 dev eth1\n }\n}\n",
              4, 2, "needs the instance's interface");
}

static void test_what_vmacs_are_called(void **state)
{
    const struct conf_global *global =
        &load("global_defs {\n vmac_prefix front\n vmac_addr_prefix side\n disable_local_igmp\n}\n" INSTANCE(
                  " use_vmac\n"),
              0)
             ->global;

    (void)state;
    assert_string_equal(global->vmac_prefix, "front");
    assert_string_equal(global->vmac_addr_prefix, "side");
    assert_true(global->disable_local_igmp);
    complains("global_defs {\n vmac_prefix a\n vmac_prefix b\n}\n" INSTANCE(" use_vmac\n"), 3, 2,
              "is set already");
    assert_string_equal(conf_result_model(result)->global.vmac_prefix, "a");
    complains("global_defs {\n vmac_prefix a/b\n}\n" INSTANCE(" use_vmac\n"), 2, 14, "cannot begin with");
}

static void test_devices_survive_printing(void **state)
{
    (void)state;
    survives(INSTANCE(" use_vmac\n"), 0);
    survives("global_defs {\n vmac_prefix front\n vmac_addr_prefix side\n disable_local_igmp\n}\n" INSTANCE(
                 " use_vmac front0 02:ab:0:0:7 netlink_notify_msg group 7\n use_vmac_addr\n vmac_xmit_base\n"
                 " virtual_ipaddress_excluded {\n 2001:db8::1/64 dev eth1\n }\n"),
             0);
    survives(INSTANCE(" use_vmac 00:00:5e:00:03:01\n"), 0);
    survives(INSTANCE(" use_ipvlan 192.0.2.9/24 private\n"), 0);
    survives(INSTANCE(" use_ipvlan front0\n mcast_src_ip 192.0.2.9\n"), 0);
    survives(HEAD " use_ipvlan 2001:db8::9/64 vepa group 2\n virtual_ipaddress {\n fe80::1\n }\n}\n", 0);
    survives(HEAD " virtual_ipaddress {\n 192.0.2.1/24 dev eth1 use_vmac\n }\n}\n", 0);
}

/* ------------------------------------------------------------------ BFD */

#define SESSION(name, more) "bfd_instance " name " {\n neighbor_ip 192.0.2.7\n" more "}\n"

static void test_a_session_and_its_defaults(void **state)
{
    const struct conf_model *model = load(SESSION("gate", ""), 0);
    const struct conf_bfd_session *session = model->bfd_sessions.items[0];
    char text[IP_ADDRESS_TEXT];

    (void)state;
    assert_int_equal(model->bfd_sessions.count, 1); /* though nothing tracks it */
    assert_string_equal(session->name, "gate");
    assert_int_equal(session->key, conf_key_tracked(CONF_TRACKED_BFD, "gate"));
    assert_string_equal(ip_address_text(&session->neighbour, text), "192.0.2.7");
    assert_false(ip_address_is_set(&session->source));
    assert_int_equal(session->min_rx_us, 10000);
    assert_int_equal(session->min_tx_us, 10000);
    assert_int_equal(session->idle_tx_us, 1000000);
    assert_int_equal(session->multiplier, 5);
    assert_int_equal(session->ttl, 255);
    assert_int_equal(session->max_hops, 0);
    assert_false(session->passive || session->multihop);
    assert_true(session->informs_vrrp && session->informs_checkers);
    assert_int_equal(
        load("bfd_instance six {\n neighbour_ip 2001:db8::7\n}\n", 0)->bfd_sessions.items[0]->ttl, 64);
}

static void test_a_session_with_everything(void **state)
{
    const struct conf_bfd_session *session =
        load(SESSION("gate", " source_ip 192.0.2.9\n min_rx 1.5\n min_tx 50\n idle_tx 2000\n multiplier 3\n"
                             " passive\n hoplimit 7\n max_hops -1\n multihop\n weight 10\n checker\n"),
             0)
            ->bfd_sessions.items[0];

    (void)state;
    assert_true(ip_address_is_set(&session->source));
    assert_int_equal(session->min_rx_us, 1500);
    assert_int_equal(session->min_tx_us, 50000);
    assert_int_equal(session->idle_tx_us, 2000000);
    assert_int_equal(session->multiplier, 3);
    assert_int_equal(session->ttl, 7);
    assert_int_equal(session->max_hops, -1);
    assert_true(session->passive && session->multihop && session->informs_checkers);
    assert_false(session->informs_vrrp);
}

static void test_session_errors_say_where(void **state)
{
    (void)state;
    complains(SESSION("a", " min_rx 0.9\n"), 3, 9, "'0.9' is out of range");
    complains(SESSION("a", " min_tx soon\n"), 3, 9, "'soon' is not a time");
    complains(SESSION("a", " idle_tx 999\n"), 3, 10, "'999' is out of range");
    complains(SESSION("a", " multiplier 256\n"), 3, 13, "'256' is out of range");
    complains(SESSION("a", " ttl 0\n"), 3, 6, "'0' is out of range");
    complains(SESSION("a", " max_hops 256\n"), 3, 11, "'256' is out of range");
    complains(SESSION("a", " ttl 10\n max_hops 20\n"), 4, 11, "max_hops is more than ttl; 10 is used");
    complains(SESSION("a", " weight 255\n"), 3, 9, "'255' is out of range");
    complains(SESSION("a", " weight 254\n"), 3, 9, "from -253 to 253");
    complains("bfd_instance a {\n}\n", 1, 14, "has no neighbor_ip");
    complains(SESSION("a", " source_ip 2001:db8::1\n"), 1, 14, "of another address family");
    complains(SESSION("a", "") SESSION("b", ""), 4, 14, "is a second session between the same addresses");
    complains(SESSION("a", "") SESSION("a", ""), 4, 14, "is defined twice");
    complains(SESSION("a23456789012345678901234567890123", ""), 1, 14, "at most 31 characters");
    assert_int_equal(conf_result_model(result)->bfd_sessions.count, 0);
}

static void test_who_tracks_sessions(void **state)
{
    const struct conf_model *model =
        load(SESSION("gate", " weight -20 reverse\n") "vrrp_sync_group G {\n group {\n V\n }\n track_bfd {\n "
                                                      "gate weight 5\n }\n}\n" INSTANCE(""),
             0);
    const struct conf_tracked *tracked = model->sync_groups.items[0]->tracked.items[0];

    (void)state;
    assert_int_equal(tracked->kind, CONF_TRACKED_BFD);
    assert_int_equal(tracked->key, model->bfd_sessions.items[0]->key);
    assert_int_equal(tracked->weight, 5);
    assert_true(tracked->reverse);
    tracked = load_instance(SESSION("gate", " weight -20 reverse\n") INSTANCE(" track_bfd {\n gate\n }\n"), 0)
                  ->tracked.items[0];
    assert_int_equal(tracked->weight, -20);
    assert_true(tracked->reverse);
    complains(SESSION("gate", "") INSTANCE(" track_bfd {\n gat\n }\n"), 11, 2,
              "there is no bfd_instance 'gat' above this line");
    complains(SESSION("gate", " checker\n") INSTANCE(" track_bfd {\n gate\n }\n"), 12, 2,
              "is for checks only; it is not tracked");
    complains("bfd_instance gate {\n}\n" INSTANCE(" track_bfd {\n gate\n }\n"), 1, 14, "has no neighbor_ip");
    assert_int_equal(conf_result_model(result)->instances.items[0]->tracked.count, 0);
}

#define SERVER(checks)                                                                                       \
    "virtual_server 192.0.2.1 80 {\n lvs_method DR\n protocol TCP\n lvs_sched wlc\n real_server 192.0.2.2 "  \
    "80 {\n" checks " }\n}\n"

static void test_checks_that_follow_sessions(void **state)
{
    const struct conf_model *model =
        load(SESSION("gate", "") SERVER(" BFD_CHECK {\n name gate\n alpha\n }\n TCP_CHECK {\n }\n"), 0);
    const struct conf_real_server *server = model->virtual_servers.items[0]->real_servers.items[0];
    const struct conf_checker *check = server->checkers.items[0];

    (void)state;
    assert_int_equal(server->checkers.count, 2);
    assert_int_equal(check->type, CONF_CHECK_BFD);
    assert_string_equal(check->bfd_name, "gate");
    assert_int_equal(check->bfd_session, model->bfd_sessions.items[0]->key);
    assert_true(check->alpha);
    assert_false(server->checkers.items[1]->alpha);
    complains(SESSION("gate", "") SERVER(" BFD_CHECK {\n }\n"), 9, 2, "has no bfd_instance to follow");
    load(SESSION("gate", "") SERVER(" BFD_CHECK {\n name gat\n }\n"), 2);
    assert_non_null(fake_find(result, CONF_PROBLEM_REFERENCE, 0));
    load(SESSION("gate", " vrrp\n") SERVER(" BFD_CHECK {\n name gate\n }\n"), 2);
    load(SESSION("gate", "") SERVER(" BFD_CHECK {\n name gate\n }\n BFD_CHECK {\n name gate\n }\n"), 2);
    assert_int_equal(
        conf_result_model(result)->virtual_servers.items[0]->real_servers.items[0]->checkers.count, 1);
}

static void test_sessions_survive_printing(void **state)
{
    (void)state;
    survives(SESSION("gate", ""), 0);
    survives(SESSION("gate", " source_ip 192.0.2.9\n min_rx 1.5\n min_tx 50.025\n idle_tx 2000\n multiplier "
                             "3\n passive\n ttl 7\n max_hops -1\n multihop\n checker\n"),
             0);
    survives(SESSION("gate", " weight -20 reverse\n") SESSION(
                 "other", " multihop\n vrrp\n") "vrrp_sync_group G {\n group {\n V\n W\n }\n track_bfd "
                                                "{\n gate weight 5\n }\n}\n" INSTANCE(
                                                    "") "vrrp_instance W {\n interface eth1\n "
                                                        "virtual_router_id 52\n track_bfd {\n other\n }\n "
                                                        "virtual_ipaddress {\n 192.0.2.2\n }\n}\n",
             0);
    survives(SESSION("gate", "")
                 SERVER(" alpha\n BFD_CHECK {\n name gate\n alpha off\n }\n TCP_CHECK {\n }\n"),
             0);
}

/* ------------------------------------------------------------------ auth_hmac */

#define KEY_32     "0123456789abcdefghijklmnopqrstuv"
#define HEX_32     "00010203040506070809a0b0C0D0E0f0000102030405060708090a0b0c0d0e0f"
#define HMAC(more) INSTANCE(" auth_hmac {\n" more " }\n")

static void test_hmac_and_its_defaults(void **state)
{
    const struct conf_hmac *hmac =
        &load_instance(HMAC(" key 7 " KEY_32 "\n key 255 hex:" HEX_32 "\n active_key 255\n"), 0)->hmac;

    (void)state;
    assert_int_equal(hmac->active_key, 255);
    assert_int_equal(hmac->mode, CONF_HMAC_ENFORCE);
    assert_int_equal(hmac->anti_replay, CONF_REPLAY_TIME);
    assert_int_equal(hmac->time_window_s, 5);
    assert_int_equal(hmac->keys.count, 2);
    assert_int_equal(hmac->keys.items[0]->id, 7);
    assert_int_equal(hmac->keys.items[0]->length, 32);
    assert_memory_equal(hmac->keys.items[0]->secret, KEY_32, 32);
    assert_int_equal(hmac->keys.items[1]->length, 32);
    assert_memory_equal(hmac->keys.items[1]->secret, "\0\1\2\3\4\5\6\7\x08\x09\xa0\xb0\xc0\xd0\xe0\xf0", 16);
}

static void test_hmac_with_everything(void **state)
{
    const struct conf_hmac *hmac =
        &load_instance(HMAC(" key 1 " KEY_32 "\n active_key 1\n time_window 300\n anti_replay monotonic\n "
                            "mode receive-only\n"),
                       0)
             ->hmac;

    (void)state;
    assert_int_equal(hmac->mode, CONF_HMAC_RECEIVE_ONLY);
    assert_int_equal(hmac->anti_replay, CONF_REPLAY_MONOTONIC);
    assert_int_equal(hmac->time_window_s, 300);
    hmac = &load_instance(INSTANCE(" advert_int 40\n auth_hmac {\n key 1 " KEY_32 "\n active_key 1\n }\n"), 0)
                ->hmac;
    assert_int_equal(hmac->time_window_s, 120);
    hmac =
        &load_instance(INSTANCE(" advert_int 200\n auth_hmac {\n key 1 " KEY_32 "\n active_key 1\n }\n"), 0)
             ->hmac;
    assert_int_equal(hmac->time_window_s, 300);
    hmac = &load_instance(HMAC(" key 1 " KEY_32 "\n active_key 1\n anti_replay monotonic\n"), 0)->hmac;
    assert_int_equal(hmac->time_window_s, 0);
}

#define GOOD " key 1 " KEY_32 "\n active_key 1\n"

static void test_hmac_errors_say_where(void **state)
{
    (void)state;
    complains(HMAC(GOOD " key 0 " KEY_32 "\n"), 10, 6, "'0' is out of range");
    complains(HMAC(GOOD " key 1 hex:" HEX_32 "\n"), 10, 6, "there is a key 1 already");
    complains(HMAC(GOOD " key 2 tooshort\n"), 10, 8, "no key of 32 to 64 bytes");
    assert_null(strstr(fake_find(result, CONF_PROBLEM_VALUE, 0)->text, "tooshort"));
    complains(HMAC(GOOD " key 2 " KEY_32 KEY_32 "x\n"), 10, 8, "no key of 32 to 64 bytes");
    complains(HMAC(GOOD " key 2 hex:" HEX_32 "0\n"), 10, 8, "no key of 32 to 64 bytes");
    complains(HMAC(GOOD " key 2 hex:" HEX_32 "0g\n"), 10, 8, "no key of 32 to 64 bytes");
    complains(HMAC(GOOD " key 2 hex:" HEX_32 HEX_32 "00\n"), 10, 8, "no key of 32 to 64 bytes");
    complains(HMAC(GOOD " key 2 file:/etc/missing\n"), 10, 8, "'/etc/missing' cannot be read");
    complains(HMAC(GOOD " active_key 256\n"), 10, 13, "'256' is out of range");
    complains(HMAC(GOOD " time_window 301\n"), 10, 14, "'301' is out of range");
    complains(HMAC(GOOD " time_window 0\n"), 10, 14, "'0' is out of range");
    complains(HMAC(GOOD " anti_replay never\n"), 10, 14, "'never' is not known here");
    complains(HMAC(GOOD " mode lax\n"), 10, 7, "'lax' is not known here");
    complains(INSTANCE(" strict_mode\n auth_hmac {\n" GOOD " mode permissive\n }\n"), 11, 7,
              "strict VRRP wants mode enforce");
    assert_int_equal(conf_result_model(result)->instances.items[0]->hmac.mode, CONF_HMAC_ENFORCE);
    complains(
        INSTANCE(" authentication {\n auth_type PASS\n auth_pass secret\n }\n auth_hmac {\n" GOOD " }\n"), 7,
        2, "authentication does not go with auth_hmac");
    assert_int_equal(conf_result_model(result)->instances.items[0]->auth_type, CONF_AUTH_NONE);
}

/* keepalived would go on without any; that is no choice for an authentication. */
static void test_hmac_without_a_key_to_sign_with(void **state)
{
    (void)state;
    conf_result_free(result);
    result = fake_load(HMAC(" key 1 " KEY_32 "\n active_key 2\n"));
    assert_non_null(strstr(fake_find(result, CONF_PROBLEM_REFERENCE, 0)->text, "there is no key 2"));
    assert_int_equal(fake_find(result, CONF_PROBLEM_REFERENCE, 0)->severity, CONF_REFUSAL);
    assert_false(conf_result_lacks_effects_only(result));
    conf_result_free(result);
    result = fake_load(HMAC(" key 1 " KEY_32 "\n"));
    assert_int_equal(fake_find(result, CONF_PROBLEM_MISSING, 0)->severity, CONF_REFUSAL);
    assert_false(conf_result_lacks_effects_only(result));
}

static mode_t mode_of_files;

static int look(const char *path, struct stat *status, void *data)
{
    (void)path;
    (void)data;
    memset(status, 0, sizeof(*status));
    status->st_mode = S_IFREG | mode_of_files;
    return 0;
}

static void test_keys_in_files(void **state)
{
    static const struct script_path_files files = {.look = look};
    const struct fake_file texts[] = {
        {"/etc/tandem/tandem.conf", HMAC(" key 1 file:/etc/one\n key 2 file:/etc/two\n active_key 1\n")},
        {"/etc/one", KEY_32 "\r\n\n"},
        {"/etc/two", "hex:" HEX_32 "\n"},
        {0}};
    const struct conf_hmac *hmac;

    (void)state;
    fake_host_files(texts);
    fake_host.script_files = &files;
    mode_of_files = 0600;
    hmac = &load_instance(NULL, 0)->hmac;
    assert_int_equal(hmac->keys.count, 2);
    assert_int_equal(hmac->keys.items[0]->length, 32);
    assert_memory_equal(hmac->keys.items[0]->secret, KEY_32, 32);
    assert_int_equal(hmac->keys.items[1]->secret[1], 1);
    mode_of_files = 0640;
    load(NULL, 2);
    assert_non_null(
        strstr(fake_find(result, CONF_PROBLEM_VALUE, 0)->text, "others than its owner may read it"));
    fake_host.script_files = NULL;
}

static void test_hmac_keeps_its_secrets(void **state)
{
    uint8_t one[16], other[16];
    char *text;

    (void)state;
    survives(HMAC(" key 7 " KEY_32 "\n key 9 hex:" HEX_32 "00\n active_key 9\n"), 0);
    survives(HMAC(GOOD " time_window 300\n anti_replay monotonic\n mode receive-only\n"), 0);
    survives(HMAC(GOOD " anti_replay monotonic\n mode permissive\n"), 0);
    conf_digest(load(HMAC(" key 7 " KEY_32 "\n active_key 7\n"), 0), one);
    text = conf_print(conf_result_model(result));
    assert_null(strstr(text, KEY_32));
    free(text);
    text = conf_canonical_text(conf_result_model(result), NULL);
    assert_null(strstr(text, KEY_32));
    assert_non_null(strstr(text, "secret (secret)\n"));
    free(text);
    conf_digest(load(HMAC(" key 7 hex:" HEX_32 "0011\n active_key 7\n"), 0), other);
    assert_memory_equal(one, other, sizeof(one));
}

/* ------------------------------------------------------------------ SNMP, D-Bus */

static void test_what_an_agent_would_show(void **state)
{
    static const char all[] =
        "global_defs {\n snmp_socket tcp:127.0.0.1:705\n enable_traps\n enable_snmp_vrrp\n enable_snmp_rfc\n"
        " enable_snmp_checker\n snmp_vs_stats_update_interval 0.5\n snmp_rs_stats_update_interval 30\n"
        " enable_dbus\n dbus_service_name org.example\n dbus_no_interface_name none\n}\n";
    const struct conf_global *global = &load(all, 0)->global;

    (void)state;
    assert_string_equal(global->snmp.socket, "tcp:127.0.0.1:705");
    assert_true(global->snmp.traps && global->snmp.vrrp && global->snmp.rfc2787 && global->snmp.rfc6527 &&
                global->snmp.checker);
    assert_int_equal(global->snmp.virtual_interval_us, 500000);
    assert_int_equal(global->snmp.real_interval_us, 30000000);
    assert_true(global->dbus.enabled);
    assert_string_equal(global->dbus.service_name, "org.example");
    assert_string_equal(global->dbus.no_interface_name, "none");
    survives(all, 0);
    global = &load("global_defs {\n enable_snmp_checker\n enable_snmp_rfcv3\n enable_dbus\n}\n", 0)->global;
    assert_int_equal(global->snmp.virtual_interval_us, 5000000);
    assert_int_equal(global->snmp.real_interval_us, 5000000);
    assert_true(global->snmp.rfc6527 && !global->snmp.rfc2787 && !global->snmp.vrrp && !global->snmp.traps);
    survives("global_defs {\n enable_snmp_checker\n enable_snmp_rfcv2\n enable_dbus\n}\n", 0);
    complains("global_defs {\n enable_dbus\n snmp_vs_stats_update_interval 31\n}\n", 3, 32,
              "'31' is out of range");
    survives("global_defs {\n enable_dbus\n}\n"
             "virtual_server 192.0.2.1 80 {\n lvs_method DR\n protocol TCP\n lvs_sched wlc\n snmp_name web\n"
             " real_server 192.0.2.2 80 {\n snmp_name one\n TCP_CHECK {\n }\n }\n}\n",
             0);
    assert_string_equal(conf_result_model(result)->virtual_servers.items[0]->snmp_name, "web");
    assert_string_equal(conf_result_model(result)->virtual_servers.items[0]->real_servers.items[0]->snmp_name,
                        "one");
}

/* ------------------------------------------------------------------ routes */

#define ROUTES(lines) "static_routes {\n" lines "}\n"

static void test_routes_of_a_vrf(void **state)
{
    static const char text[] = ROUTES(" 198.51.100.0/24 dev eth0 vrf eth1\n");

    (void)state;
    assert_string_equal(load(text, 0)->static_routes.items[0]->vrf, "eth1");
    survives(text, 0);
}

/* ------------------------------------------------------------------ refusals */

static void test_they_refuse_by_name(void **state)
{
    (void)state;
    refuses(INSTANCE(" use_vmac\n"), "'use_vmac'");
    refuses(INSTANCE(" use_vmac_addr\n"), "'use_vmac_addr'");
    refuses(INSTANCE(" use_ipvlan 192.0.2.9\n"), "'use_ipvlan'");
    refuses(HEAD " virtual_ipaddress {\n 192.0.2.1/24 dev eth1 use_vmac\n }\n}\n", "'use_vmac'");
    refuses(HMAC(GOOD), "'auth_hmac'");
    refuses(ROUTES(" 198.51.100.0/24 dev eth0 vrf eth1\n"), "'vrf'");
    refuses("global_defs {\n enable_dbus\n}\n", "'enable_dbus'");
    refuses(SESSION("a", " multihop\n"), "'bfd_instance'");
    assert_null(fake_find(result, CONF_PROBLEM_NOT_BUILT, 1)); /* once for the block */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_vmac_and_its_defaults, release),
        cmocka_unit_test_teardown(test_a_vmac_with_everything, release),
        cmocka_unit_test_teardown(test_vmac_errors_say_where, release),
        cmocka_unit_test_teardown(test_what_a_vmac_is_to_the_key, release),
        cmocka_unit_test_teardown(test_addresses_with_vmacs, release),
        cmocka_unit_test_teardown(test_an_ipvlan, release),
        cmocka_unit_test_teardown(test_a_vrf, release),
        cmocka_unit_test_teardown(test_what_vmacs_are_called, release),
        cmocka_unit_test_teardown(test_devices_survive_printing, release),
        cmocka_unit_test_teardown(test_a_session_and_its_defaults, release),
        cmocka_unit_test_teardown(test_a_session_with_everything, release),
        cmocka_unit_test_teardown(test_session_errors_say_where, release),
        cmocka_unit_test_teardown(test_who_tracks_sessions, release),
        cmocka_unit_test_teardown(test_checks_that_follow_sessions, release),
        cmocka_unit_test_teardown(test_sessions_survive_printing, release),
        cmocka_unit_test_teardown(test_hmac_and_its_defaults, release),
        cmocka_unit_test_teardown(test_hmac_with_everything, release),
        cmocka_unit_test_teardown(test_hmac_errors_say_where, release),
        cmocka_unit_test_teardown(test_hmac_without_a_key_to_sign_with, release),
        cmocka_unit_test_teardown(test_keys_in_files, release),
        cmocka_unit_test_teardown(test_hmac_keeps_its_secrets, release),
        cmocka_unit_test_teardown(test_what_an_agent_would_show, release),
        cmocka_unit_test_teardown(test_routes_of_a_vrf, release),
        cmocka_unit_test_teardown(test_they_refuse_by_name, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
