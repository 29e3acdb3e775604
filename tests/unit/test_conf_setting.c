/*
 * Keywords that are taken without effect: their values have types and ranges as others have, they are in the
 * model, print back and show in a difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/digest.h"
#include "conf/print.h"
#include "fake_host.h"

#define ADDRESSES "virtual_ipaddress {\n192.0.2.1/24\n}\n"

/* ------------------------------------------------------------------ there and back */

/* Where lines are put: before them, and behind. */
struct place {
    const char *before;
    const char *behind;
};

static const struct place root = {"",
                                  "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n" ADDRESSES "}\n"};
static const struct place global = {
    "global_defs {\n", "}\nvrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n" ADDRESSES "}\n"};
static const struct place instance = {"vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n" ADDRESSES,
                                      "}\n"};
static const struct place server = {
    "virtual_server 192.0.2.1 80 {\nprotocol TCP\nlvs_sched sh\nlvs_method NAT\n",
    "real_server 10.0.0.1 80 {\nTCP_CHECK {\n}\n}\n}\n"};
static const struct place ping = {"virtual_server 192.0.2.1 80 {\nprotocol TCP\nlvs_sched rr\nlvs_method "
                                  "NAT\nreal_server 10.0.0.1 80 {\nPING_CHECK {\n",
                                  "}\n}\n}\n"};
static const struct place http = {
    "virtual_server 192.0.2.1 80 {\nprotocol TCP\nlvs_sched rr\nlvs_method NAT\nreal_server 10.0.0.1 80 "
    "{\nHTTP_GET {\nurl {\npath /\n}\n",
    "}\n}\n}\n"};
static const struct place url = {"virtual_server 192.0.2.1 80 {\nprotocol TCP\nlvs_sched rr\nlvs_method "
                                 "NAT\nreal_server 10.0.0.1 80 {\nHTTP_GET {\nurl {\npath /\n",
                                 "}\n}\n}\n}\n"};

static char *text_with(const struct place *place, const char *line)
{
    char *text;

    if (asprintf(&text, "%s%s\n%s", place->before, line, place->behind) < 0)
        abort();
    return text;
}

/* What tandemctl config prints of it. */
static char *printed(const char *text, uint8_t digest[static 16])
{
    const struct conf_model *model = fake_model(text);
    char *back;

    if (conf_result_outcome(fake_result) != CONF_OUTCOME_GOOD)
        fail_msg("%s%s", text, fake_print(fake_result));
    conf_digest(model, digest);
    back = conf_print(model);
    assert_non_null(back);
    return back;
}

/* The line prints as wanted, and what is printed is the same configuration. */
static void prints_as(const struct place *place, const char *line, const char *wanted)
{
    uint8_t first[16], second[16];
    char *text = text_with(place, line), *back = printed(text, first), *again = printed(back, second);
    char *found = strstr(back, wanted);

    if (found == NULL || (found != back && strchr(" \n", found[-1]) == NULL) || found[strlen(wanted)] != '\n')
        fail_msg("'%s' is not in\n%s", wanted, back);
    assert_string_equal(back, again);
    assert_memory_equal(first, second, sizeof(first));
    free(text);
    free(back);
    free(again);
}

static const struct {
    const struct place *place;
    const char *line;
    const char *wanted; /* NULL = the line */
} kept[] = {
    {&root, "linkbeat_use_polling", NULL},
    {&root, "namespace_with_ipsets", NULL},
    {&root, "use_pid_dir", NULL},
    {&root, "linkbeat_interfaces {\neth0 MII\neth1\neth0 IOCTL\n}",
     "linkbeat_interfaces {\n    eth0 IOCTL\n    eth1\n}"},
    {&global, "process_names", NULL},
    {&global, "bfd_process_name fast", NULL},
    {&global, "max_auto_priority -1", NULL},
    {&global, "max_auto_priority", NULL},
    {&global, "min_auto_priority_delay 0007", "min_auto_priority_delay 7"},
    {&global, "dynamic_interfaces", NULL},
    {&global, "dynamic_interfaces allow_if_changes", NULL},
    {&global, "vrrp_iptables", NULL},
    {&global, "vrrp_iptables IN OUT", NULL},
    {&global, "vrrp_ipsets a b c d e f", NULL},
    {&global, "nftables_ifindex", NULL},
    {&global, "vrrp_priority -20", NULL},
    {&global, "vrrp_priority 3\nvrrp_priority 4", "vrrp_priority 4"},
    {&global, "vrrp_no_swap", NULL},
    {&global, "vrrp_rlimit_rttime 4294967295", NULL},
    {&global, "checker_rlimit_rttime 1", NULL},
    {&global, "nftables_ipvs marks", NULL},
    {&global, "nftables_ipvs_priority -2147483648", NULL},
    {&global, "nftables_ipvs_start_fwmark 1", NULL},
    {&global, "bfd_priority 19", NULL},
    {&global, "bfd_no_swap", NULL},
    {&global, "bfd_rt_priority 99", NULL},
    {&global, "bfd_cpu_affinity 3 1", "bfd_cpu_affinity 1 3"},
    {&global, "bfd_rlimit_rttime 5", NULL},
    {&global, "vrrp_netlink_cmd_rcv_bufs 0", NULL},
    {&global, "vrrp_netlink_monitor_rcv_bufs_force", "vrrp_netlink_monitor_rcv_bufs_force true"},
    {&global, "process_monitor_rcv_bufs_force no", "process_monitor_rcv_bufs_force false"},
    {&global, "lvs_netlink_monitor_rcv_bufs 1048576", NULL},
    {&global, "no_checker_emails", "no_checker_emails true"},
    {&global, "vrrp_rx_bufs_policy mtu", "vrrp_rx_bufs_policy MTU"},
    {&global, "vrrp_rx_bufs_policy 65536", NULL},
    {&global, "vrrp_rx_bufs_multiplier 3", NULL},
    {&global, "log_unknown_vrids", NULL},
    {&global, "config_save_dir \"/a b\"", NULL},
    {&global, "tmp_config_directory /tmp", NULL},
    {&instance, "promote_secondaries", NULL},
    {&instance, "debug 4", NULL},
    {&instance, "timer_expired_backup", NULL},
    {&instance, "timer_expired_backup 254", NULL},
    {&instance, "kernel_rx_buf_size 65536", NULL},
    {&server, "hashed", NULL},
    {&ping, "connect_port 65535", NULL},
    {&http, "enable_sni on", "enable_sni true"},
    {&http, "sni_name www.example.net", NULL},
    {&url, "regex_stack 32768 524288", NULL},
};

static void test_lines_are_kept(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        prints_as(kept[i].place, kept[i].line, kept[i].wanted == NULL ? kept[i].line : kept[i].wanted);
}

/* The order of lines that have no effect makes no other configuration. */
static void test_order_does_not_count(void **state)
{
    uint8_t first[16], second[16];

    (void)state;
    conf_digest(fake_model("global_defs {\nvrrp_priority 3\nconfig_save_dir /a\nlog_unknown_vrids\n}\n"),
                first);
    conf_digest(fake_model("global_defs {\nlog_unknown_vrids\nvrrp_priority 3\nconfig_save_dir /a\n}\n"),
                second);
    assert_memory_equal(first, second, sizeof(first));
    conf_digest(fake_model("global_defs {\nlog_unknown_vrids\nvrrp_priority 4\nconfig_save_dir /a\n}\n"),
                second);
    assert_memory_not_equal(first, second, sizeof(first));
}

/* ------------------------------------------------------------------ what is wrong */

static const struct {
    const struct place *place;
    const char *line;
    size_t word; /* that is pointed at */
    enum conf_severity severity;
    const char *expected; /* NULL = nothing is said of it */
} wrong[] = {
    {&root, "linkbeat_interfaces { eth0 FOO }", 3, CONF_COMPLAINT, "MII, ETHTOOL or IOCTL"},
    {&root, "linkbeat_interfaces { eth0 MII more }", 4, CONF_COMPLAINT, NULL},
    {&root, "linkbeat_interfaces { averyveryverylong }", 2, CONF_COMPLAINT, "at most 15 characters"},
    {&global, "bfd_process_name abcdefghijklmnop", 1, CONF_COMPLAINT, NULL},
    {&global, "max_auto_priority 100", 1, CONF_COMPLAINT, "a whole number from -1 to 99"},
    {&global, "min_auto_priority_delay 0", 1, CONF_COMPLAINT, "a whole number from 1 to 10000000"},
    {&global, "min_auto_priority_delay", 0, CONF_COMPLAINT, "a whole number"},
    {&global, "dynamic_interfaces always", 1, CONF_COMPLAINT, "[allow_if_changes]"},
    {&global, "vrrp_iptables abcdefghijklmnopqrstuvwxyz012", 1, CONF_COMPLAINT, NULL},
    {&global, "vrrp_ipsets a abcdefghijklmnopqrstuvwxyz012345", 2, CONF_COMPLAINT, NULL},
    {&global, "vrrp_ipsets a b c d e f g", 7, CONF_NOTE, NULL},
    {&global, "vrrp_priority 20", 1, CONF_COMPLAINT, "a whole number from -20 to 19"},
    {&global, "vrrp_priority", 0, CONF_COMPLAINT, "a whole number"},
    {&global, "vrrp_rlimit_rttime 0", 1, CONF_COMPLAINT, "a whole number from 1 to 4294967295"},
    {&global, "vrrp_rlimit_rttime", 0, CONF_REFUSAL, "a whole number"},
    {&global, "checker_rlimit_rttime soon", 1, CONF_COMPLAINT, "a whole number from 1 to 4294967295"},
    {&global, "nftables_ipvs abcdefghijklmnopqrstuvwxyz012345", 1, CONF_COMPLAINT, NULL},
    {&global, "nftables_ipvs_priority 2147483648", 1, CONF_COMPLAINT, "from -2147483648 to 2147483647"},
    {&global, "nftables_ipvs_start_fwmark 0", 1, CONF_COMPLAINT, "a whole number from 1 to 4294967295"},
    {&global, "bfd_priority -21", 1, CONF_COMPLAINT, "a whole number from -20 to 19"},
    {&global, "bfd_rt_priority 100", 1, CONF_COMPLAINT, "a whole number from 1 to 99"},
    {&global, "bfd_cpu_affinity 1 128", 2, CONF_COMPLAINT, "a whole number from 0 to 127"},
    {&global, "bfd_rlimit_rttime x", 1, CONF_COMPLAINT, "a whole number from 1 to 4294967295"},
    {&global, "vrrp_netlink_cmd_rcv_bufs -1", 1, CONF_COMPLAINT, "a whole number from 0 to 4294967295"},
    {&global, "lvs_netlink_cmd_rcv_bufs_force maybe", 1, CONF_COMPLAINT, "on, true, yes"},
    {&global, "no_checker_emails 0", 1, CONF_COMPLAINT, "on, true, yes"},
    {&global, "vrrp_rx_bufs_policy lots", 1, CONF_COMPLAINT, "a whole number from 0 to 4294967295"},
    {&global, "vrrp_rx_bufs_policy MTU ADVERT", 1, CONF_COMPLAINT, NULL},
    {&global, "vrrp_rx_bufs_policy", 0, CONF_COMPLAINT, "MTU, ADVERT or a number of bytes"},
    {&global, "vrrp_rx_bufs_multiplier 0", 1, CONF_COMPLAINT, "a whole number from 1 to 4294967295"},
    {&global, "config_save_dir", 0, CONF_REFUSAL, "<DIR>"},
    {&global, "tmp_config_directory", 0, CONF_COMPLAINT, "<DIR>"},
    {&global, "log_unknown_vrids loudly", 1, CONF_NOTE, NULL},
    {&instance, "debug 5", 1, CONF_COMPLAINT, "a whole number from 0 to 4"},
    {&instance, "debug", 0, CONF_REFUSAL, "a whole number"},
    {&instance, "timer_expired_backup 255", 1, CONF_COMPLAINT, "a whole number from 1 to 254"},
    {&instance, "kernel_rx_buf_size big", 1, CONF_COMPLAINT, "a whole number from 0 to 4294967295"},
    {&ping, "connect_port 0", 1, CONF_COMPLAINT, "a whole number from 1 to 65535"},
    {&http, "enable_sni maybe", 1, CONF_COMPLAINT, "on, true, yes"},
    {&url, "regex_stack 1", 1, CONF_NOTE, "<START> <MAX>"},
    {&url, "regex_stack few 2", 1, CONF_NOTE, "<START> <MAX>"},
    {&url, "regex_stack 2 1", 1, CONF_NOTE, NULL},
};

/* The column of a word of the line, from 1. */
static unsigned int column_of(const char *line, size_t word)
{
    const char *at = line;

    for (; word > 0; word--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    return (unsigned int)(at - line) + 1;
}

static unsigned int line_of(const struct place *place)
{
    unsigned int line = 1;

    for (const char *at = place->before; *at != '\0'; at++)
        line += *at == '\n';
    return line;
}

/* The gravest that is said at that place, besides that the keyword has no effect. */
static const struct conf_diagnostic *find_at(unsigned int line, unsigned int column)
{
    const struct conf_diagnostics *all = conf_result_diagnostics(fake_result);
    const struct conf_diagnostic *found = NULL;

    for (size_t i = 0; i < conf_diagnostics_count(all); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(all, i);

        if (item->problem != CONF_PROBLEM_NO_EFFECT && item->position.line == line &&
            item->position.column == column && (found == NULL || item->severity > found->severity))
            found = item;
    }
    return found;
}

static void test_wrong_values_are_reported(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char *text = text_with(wrong[i].place, wrong[i].line);
        const struct conf_diagnostic *item;

        fake_model(text);
        item = find_at(line_of(wrong[i].place), column_of(wrong[i].line, wrong[i].word));
        if (item == NULL || item->severity != wrong[i].severity ||
            (wrong[i].expected != NULL &&
             (item->expected == NULL || strstr(item->expected, wrong[i].expected) == NULL)))
            fail_msg("'%s': %s", wrong[i].line, fake_print(fake_result));
        if (item->severity == CONF_NOTE && conf_result_outcome(fake_result) != CONF_OUTCOME_GOOD)
            fail_msg("'%s': %s", wrong[i].line, fake_print(fake_result));
        free(text);
    }
}

/* hashed is for the schedulers that hash. */
static void test_hashed_needs_its_scheduler(void **state)
{
    (void)state;
    fake_model("virtual_server 192.0.2.1 80 {\nlvs_sched rr\nlvs_method NAT\nhashed\n"
               "real_server 10.0.0.1 80 {\nTCP_CHECK {\n}\n}\n}\n");
    assert_non_null(fake_find(fake_result, CONF_PROBLEM_CONFLICT, 0));
    fake_model("virtual_server 192.0.2.1 80 {\nhashed\nlvs_sched mh\nlvs_method NAT\n"
               "real_server 10.0.0.1 80 {\nTCP_CHECK {\n}\n}\n}\n");
    assert_null(fake_find(fake_result, CONF_PROBLEM_CONFLICT, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_lines_are_kept, fake_release),
        cmocka_unit_test_teardown(test_order_does_not_count, fake_release),
        cmocka_unit_test_teardown(test_wrong_values_are_reported, fake_release),
        cmocka_unit_test_teardown(test_hashed_needs_its_scheduler, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
