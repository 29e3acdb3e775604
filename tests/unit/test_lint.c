/* The linter: each finding is where it belongs, says what to do, and is not in a file that is good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

/* Lines 1 to 3 of an instance. */
#define INSTANCE "vrrp_instance V {\n interface eth0\n virtual_router_id 5\n"
#define SCRIPT                                                                                               \
    "global_defs {\n script_user root\n enable_script_security\n}\n"                                         \
    "vrrp_track_process P {\n process nginx\n}\n"
#define SERVER                                                                                               \
    "virtual_server 192.0.2.1 80 {\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n"                         \
    " real_server 192.0.2.10 80 {\n"

static const struct conf_diagnostic *find_advice(struct conf_result *result, const char *words)
{
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);

    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(diagnostics, i);

        if (item->advice != NULL && strstr(item->advice, words) != NULL)
            return item;
    }
    return NULL;
}

/* There is advice with these words, at that line, of that severity. */
static void assert_advises(const char *text, enum conf_severity severity, uint32_t line, const char *words)
{
    struct conf_result *result = fake_load(text);
    const struct conf_diagnostic *item = find_advice(result, words);

    if (item == NULL || item->position.line != line || item->severity != severity) {
        char *all = fake_print(result);

        print_error("not in line %u of\n%s:\n%s", line, text, all);
        free(all);
    }
    assert_non_null(item);
    assert_int_equal(item->position.line, line);
    assert_int_equal(item->severity, severity);
    conf_result_free(result);
}

static void assert_silent(const char *text)
{
    struct conf_result *result = fake_load(text);
    const struct conf_diagnostic *item = find_advice(result, "");

    if (item != NULL)
        print_error("line %u: %s; %s\n", item->position.line, item->text, item->advice);
    assert_null(item);
    conf_result_free(result);
}

/* ------------------------------------------------------------------ virtual routers */

static void test_weight_that_has_no_room(void **state)
{
    (void)state;
    assert_advises(SCRIPT INSTANCE " priority 250\n track_process {\n P weight 20\n }\n}\n", CONF_NOTE, 13,
                   "lower the priority");
    assert_advises(SCRIPT INSTANCE " priority 1\n track_process {\n P weight -20\n }\n}\n", CONF_NOTE, 13,
                   "raise the priority");
    assert_advises(SCRIPT INSTANCE " priority 1\n track_process {\n P weight 20 reverse\n }\n}\n", CONF_NOTE,
                   13, "raise the priority");
    assert_advises(INSTANCE " priority 254\n track_interface {\n eth1 weight 2\n }\n}\n", CONF_NOTE, 6,
                   "lower the priority");
    assert_silent(SCRIPT INSTANCE " priority 234\n track_process {\n P weight 20\n }\n}\n");
    assert_silent(SCRIPT INSTANCE " priority 100\n track_process {\n P weight -20\n }\n}\n");
    assert_silent(SCRIPT INSTANCE " priority 1\n track_process {\n P\n }\n}\n");
}

static void test_weight_with_nopreempt(void **state)
{
    (void)state;
    assert_advises(SCRIPT INSTANCE " nopreempt\n track_process {\n P weight -20\n }\n}\n", CONF_NOTE, 13,
                   "leave the weight out");
    assert_silent(SCRIPT INSTANCE " nopreempt\n track_process {\n P\n }\n}\n");
}

static void test_prefix_lengths(void **state)
{
    (void)state;
    assert_advises(INSTANCE " virtual_ipaddress {\n 192.0.2.0/24\n }\n}\n", CONF_NOTE, 5, "that clients use");
    assert_advises(INSTANCE " virtual_ipaddress {\n 192.0.2.7/29\n }\n}\n", CONF_NOTE, 5, "that clients use");
    assert_advises(INSTANCE " virtual_ipaddress {\n fe80::1\n 2001:db8::/64\n }\n}\n", CONF_NOTE, 6,
                   "that clients use");
    assert_advises(INSTANCE " virtual_ipaddress {\n 192.0.2.1/24\n 192.0.2.2/25\n }\n}\n", CONF_NOTE, 6,
                   "give both");
    assert_silent(INSTANCE " virtual_ipaddress {\n 192.0.2.1/24\n 192.0.2.2\n 198.51.100.1/25\n }\n}\n");
    assert_silent(INSTANCE " virtual_ipaddress {\n 192.0.2.0/31\n 192.0.3.0/32\n }\n}\n");
    assert_silent(INSTANCE " virtual_ipaddress {\n 192.0.2.1/24\n 192.0.2.2/25 dev eth1\n }\n}\n");
}

static void test_empty_peers(void **state)
{
    (void)state;
    assert_advises(INSTANCE " unicast_peer {\n }\n}\n", CONF_NOTE, 4, "the other machine's address");
    assert_silent(INSTANCE " unicast_peer {\n 192.0.2.9\n }\n}\n");
}

/* ------------------------------------------------------------------ virtual servers */

static void test_sorry_server(void **state)
{
    (void)state;
    assert_advises(SERVER " }\n sorry_server 192.0.2.10 80\n}\n", CONF_NOTE, 7, "do not");
    assert_silent(SERVER " }\n sorry_server 192.0.2.10 81\n}\n");
}

#define TUNNEL                                                                                               \
    "virtual_server 192.0.2.1 80 {\n protocol TCP\n lvs_sched rr\n lvs_method TUN\n delay_loop 9\n"          \
    " real_server 2001:db8::1 80 {\n TCP_CHECK {\n }\n }\n}\n"

static void test_families_beside_a_sync_daemon(void **state)
{
    (void)state;
    assert_advises("global_defs {\n lvs_sync_daemon eth1\n}\n" TUNNEL, CONF_NOTE, 4,
                   "leave lvs_sync_daemon out");
    assert_advises(INSTANCE " lvs_sync_daemon_interface eth1\n}\n" TUNNEL, CONF_NOTE, 6,
                   "leave lvs_sync_daemon out");
    assert_advises("global_defs {\n lvs_sync_daemon eth1\n}\n" SERVER
                   " }\n lvs_method TUN\n sorry_server 2001:db8::1 80\n}\n",
                   CONF_NOTE, 4, "leave lvs_sync_daemon out");
    assert_silent(TUNNEL);
    assert_silent("global_defs {\n lvs_sync_daemon eth1\n}\n" SERVER " TCP_CHECK {\n }\n }\n}\n");
}

static void test_times_of_checks(void **state)
{
    (void)state;
    assert_advises(SERVER " TCP_CHECK {\n connect_timeout 3\n delay_loop 2\n }\n }\n}\n", CONF_NOTE, 6,
                   "make delay_loop longer");
    assert_advises(SERVER " TCP_CHECK {\n }\n }\n delay_loop 4\n}\n", CONF_NOTE, 6, "5 s unless it is set");
    assert_silent(SERVER " TCP_CHECK {\n connect_timeout 3\n delay_loop 3\n }\n }\n}\n");
}

/* ------------------------------------------------------------------ slips of the pen */

static void test_foreign_comments(void **state)
{
    (void)state;
    assert_advises(INSTANCE "//  priority 5\n}\n", CONF_COMPLAINT, 4, "a comment begins with");
    assert_silent(INSTANCE "#  priority 5\n! nopreempt\n}\n");
}

static void test_foreign_blanks(void **state)
{
    (void)state;
    assert_advises(INSTANCE " priority\xc2\xa0"
                            "5\n}\n",
                   CONF_COMPLAINT, 4, "ordinary blank");
    assert_advises(INSTANCE " virtual_ipaddress {\n\xc2\xa0\xc2\xa0"
                            "192.0.2.1\n }\n}\n",
                   CONF_COMPLAINT, 5, "ordinary blank");
}

static void test_placeholders(void **state)
{
    (void)state;
    assert_advises(INSTANCE " virtual_ipaddress {\n x.x.x.x/24\n }\n}\n", CONF_COMPLAINT, 5, "placeholder");
    assert_advises(INSTANCE " virtual_ipaddress {\n 192.168.1.xxx\n }\n}\n", CONF_COMPLAINT, 5,
                   "placeholder");
    assert_advises(INSTANCE " unicast_src_ip YOUR_PRIVATE_IP\n}\n", CONF_COMPLAINT, 4, "placeholder");
    assert_advises("global_defs {\n router_id <name>\n}\n", CONF_NOTE, 2, "placeholder");
    assert_advises("global_defs {\n router_id [NAME]\n}\n", CONF_NOTE, 2, "placeholder");
    assert_advises(INSTANCE " authentication {\n auth_type PASS\n auth_pass (secret)\n }\n}\n", CONF_NOTE, 6,
                   "placeholder");
    assert_silent("global_defs {\n router_id xxx\n notification_email_from <a@example.org>\n}\n");
    assert_silent("global_defs {\n router_id \"<name>\"\n}\n");
}

/* The name of a definition ends at a blank, ',' or ')'. Only where something is wrong: a password may look
 * so. */
static void test_definitions_that_run_on(void **state)
{
    (void)state;
    assert_advises("$NET=192.0.2.10\n" INSTANCE " virtual_ipaddress {\n $NET/24\n }\n}\n", CONF_COMPLAINT, 6,
                   "write '${NET}/24'");
    assert_advises(INSTANCE " virtual_ipaddress {\n ~SEQ(N, 1, 2) 192.0.2.$N/24\n }\n}\n", CONF_COMPLAINT, 5,
                   "write '192.0.2.${N}/24'");
    assert_silent("$NET=192.0.2.10\n" INSTANCE " virtual_ipaddress {\n ${NET}/24\n }\n}\n");
    assert_silent(INSTANCE " version 2\n authentication {\n auth_type PASS\n auth_pass pa$s/x\n }\n}\n");
}

static void test_missing_blank(void **state)
{
    (void)state;
    assert_advises(INSTANCE " priority100\n}\n", CONF_COMPLAINT, 4, "write 'priority 100'");
    assert_advises(INSTANCE " advert_int1.5\n}\n", CONF_COMPLAINT, 4, "write 'advert_int 1.5'");
    assert_silent(INSTANCE " priority 100\n}\nvirtual_server_group G1{\n 192.0.2.1 80\n}\n");
}

static void test_words_of_long_ago_and_of_others(void **state)
{
    (void)state;
    assert_advises(SERVER " }\n nat_mask 255.255.255.0\n}\n", CONF_COMPLAINT, 7, "remove the line");
    assert_advises(INSTANCE " state SLAVE\n}\n", CONF_COMPLAINT, 4, "write 'state BACKUP'");
    assert_silent(INSTANCE " state BACKUP\n}\n");
}

static void test_pasted_prompt(void **state)
{
    (void)state;
    assert_advises("me@lb1:/etc/keepalived$ cat keepalived.conf\n" INSTANCE "}\n", CONF_COMPLAINT, 1,
                   "prompt");
    assert_advises("[root@lb1 ~]# cat keepalived.conf\n" INSTANCE "}\n", CONF_COMPLAINT, 1, "prompt");
}

static void test_words_in_another_case(void **state)
{
    struct conf_result *result = fake_load(INSTANCE " state Master\n}\n");

    (void)state;
    assert_string_equal(fake_find(result, CONF_PROBLEM_VALUE, 0)->suggestion, "MASTER");
    conf_result_free(result);
}

/* Advice is printed under the complaint that it belongs to, which stays one. */
static void test_advice_is_printed(void **state)
{
    struct conf_result *result = fake_load(INSTANCE " priority100\n}\n");
    char *text = fake_print(result);

    (void)state;
    assert_non_null(strstr(text, ":4:2: warning: unknown keyword 'priority100' in vrrp_instance"));
    assert_non_null(strstr(text, "    a blank is missing before the number: write 'priority 100'\n"));
    assert_null(fake_find(result, CONF_PROBLEM_UNKNOWN_KEYWORD, 1));
    assert_null(fake_find(result, CONF_PROBLEM_TEXT, 0));
    free(text);
    conf_result_free(result);
}

/* ------------------------------------------------------------------ found as the configuration is built */

/* A diagnostic with these words, at that line, which says what to do about it. */
static void assert_found(const char *text, enum conf_severity severity, uint32_t line, const char *words,
                         const char *advice)
{
    struct conf_result *result = fake_load(text);
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);
    const struct conf_diagnostic *found = NULL;

    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        if (strstr(conf_diagnostics_item(diagnostics, i)->text, words) != NULL)
            found = conf_diagnostics_item(diagnostics, i);
    }
    assert_non_null(found);
    assert_int_equal(found->position.line, line);
    assert_int_equal(found->severity, severity);
    assert_non_null(found->advice);
    assert_non_null(strstr(found->advice, advice));
    conf_result_free(result);
}

static void test_nopreempt_with_master(void **state)
{
    (void)state;
    assert_found(INSTANCE " state MASTER\n nopreempt\n}\n", CONF_COMPLAINT, 5, "nopreempt does not go with",
                 "write 'state BACKUP' on both machines");
    assert_found(INSTANCE " priority 255\n nopreempt\n}\n", CONF_COMPLAINT, 5, "nopreempt does not go with",
                 "lower the priority");
    assert_silent(INSTANCE " state BACKUP\n nopreempt\n}\n");
}

static void test_what_nothing_tracks(void **state)
{
    (void)state;
    assert_found(SCRIPT INSTANCE "}\n", CONF_NOTE, 5, "nothing tracks",
                 "name it in a track_process of a vrrp_instance or vrrp_sync_group");
    assert_silent(SCRIPT INSTANCE " track_process {\n P\n }\n}\n");
}

static void test_long_password(void **state)
{
    (void)state;
    assert_found(INSTANCE " version 2\n authentication {\n auth_type PASS\n auth_pass 123456789\n }\n}\n",
                 CONF_COMPLAINT, 7, "first 8 characters", "write no more than 8, the same on both machines");
    assert_silent(INSTANCE " version 2\n authentication {\n auth_type PASS\n auth_pass 12345678\n }\n}\n");
}

static void test_change_of_port(void **state)
{
    (void)state;
    assert_found("virtual_server 192.0.2.1 80 {\n lvs_method DR\n real_server 192.0.2.10 81 {\n }\n}\n",
                 CONF_COMPLAINT, 3, "only NAT can change the port", "write port 80 here, or lvs_method NAT");
    assert_found("virtual_server fwmark 7 {\n lvs_method DR\n real_server 192.0.2.10 81 {\n }\n}\n",
                 CONF_COMPLAINT, 3, "only NAT can change the port", "or lvs_method NAT");
    assert_found("virtual_server_group G {\n 192.0.2.1 80\n}\nvirtual_server group G {\n lvs_method DR\n"
                 " real_server 192.0.2.10 81 {\n }\n}\n",
                 CONF_COMPLAINT, 6, "only NAT can change the port", "or lvs_method NAT");
    assert_silent("virtual_server 192.0.2.1 80 {\n lvs_method NAT\n real_server 192.0.2.10 81 {\n }\n}\n");
}

static void test_one_router_id_twice(void **state)
{
    (void)state;
    assert_found(INSTANCE "}\nvrrp_instance W {\n interface eth0\n virtual_router_id 5\n}\n", CONF_COMPLAINT,
                 7, "is used twice on the same interface", "give each a virtual_router_id of its own");
    assert_found(INSTANCE
                 "}\nvrrp_instance W {\n interface eth0\n virtual_router_id 5\n virtual_router_id\n}\n",
                 CONF_COMPLAINT, 7, "virtual_router_id 5 is used twice", "give each");
    assert_silent(INSTANCE "}\nvrrp_instance W {\n interface eth1\n virtual_router_id 5\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weight_that_has_no_room),
        cmocka_unit_test(test_weight_with_nopreempt),
        cmocka_unit_test(test_prefix_lengths),
        cmocka_unit_test(test_empty_peers),
        cmocka_unit_test(test_sorry_server),
        cmocka_unit_test(test_families_beside_a_sync_daemon),
        cmocka_unit_test(test_times_of_checks),
        cmocka_unit_test(test_foreign_comments),
        cmocka_unit_test(test_foreign_blanks),
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_definitions_that_run_on),
        cmocka_unit_test(test_missing_blank),
        cmocka_unit_test(test_words_of_long_ago_and_of_others),
        cmocka_unit_test(test_pasted_prompt),
        cmocka_unit_test(test_words_in_another_case),
        cmocka_unit_test(test_advice_is_printed),
        cmocka_unit_test(test_nopreempt_with_master),
        cmocka_unit_test(test_what_nothing_tracks),
        cmocka_unit_test(test_long_password),
        cmocka_unit_test(test_change_of_port),
        cmocka_unit_test(test_one_router_id_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
