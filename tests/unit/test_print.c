/*
 * The canonical text of a model: each row of the layout has its place in it, and what is printed and read
 * again has the same digest, for the samples, for the blocks below, and for the corpus where it is at hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/digest.h"
#include "conf/load.h"
#include "conf/print.h"

/* ------------------------------------------------------------------ the table */

static void check_layout(const struct layout *layout)
{
    const struct conf_print_object *about = conf_print_object(layout);
    size_t rules = 0;

    if (about == NULL)
        fail_msg("no print rules for the layout %s", layout->name);
    for (size_t i = 0; i < layout->count; i++) {
        if (conf_print_rule(about, &layout->fields[i]) == NULL)
            fail_msg("%s.%s has no print rule", layout->name, layout->fields[i].name);
        if (layout->fields[i].layout != NULL)
            check_layout(layout->fields[i].layout);
    }
    for (const struct conf_print_rule *rule = about->rules; rule->field != NULL; rule++)
        rules++;
    if (rules != layout->count)
        fail_msg("%s has %zu rows and %zu print rules", layout->name, layout->count, rules);
}

static void test_every_row_has_a_rule(void **state)
{
    (void)state;
    check_layout(&layout_of_model);
}

/* ------------------------------------------------------------------ there and back */

static struct conf_result *load(const char *path)
{
    static struct conf_host host;
    const struct conf_load_request request = {.path = path, .config_id = "node1", .host = &host};

    host = conf_host_system;
    host.has_interface = NULL;
    host.speaks_multicast = NULL;
    host.script_files = NULL;
    return conf_load(&request);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void show_difference(const struct conf_model *before, const struct conf_model *after)
{
    char *old = conf_canonical_text(before, NULL), *new = conf_canonical_text(after, NULL);
    size_t at = 0;

    while (old[at] != '\0' && old[at] == new[at])
        at++;
    while (at > 0 && old[at - 1] != '\n')
        at--;
    fprintf(stderr, "was: %.200s\nis: %.200s\n", old + at, new + at);
    free(old);
    free(new);
}

static bool has_same_digest(const struct conf_model *before, const struct conf_model *after)
{
    uint8_t old[16], new[16];

    conf_digest(before, old);
    conf_digest(after, new);
    return memcmp(old, new, sizeof(old)) == 0;
}

/* False if the digest is another one after printing and reading. */
static bool survives(const char *path)
{
    struct conf_result *first = load(path), *second;
    const struct conf_model *model = conf_result_model(first), *again;
    char copy[] = "/tmp/test_print.XXXXXX";
    bool good = true;
    char *text;

    if (conf_result_outcome(first) != CONF_OUTCOME_REFUSED || conf_result_lacks_effects_only(first)) {
        close(mkstemp(copy));
        text = conf_print(model);
        assert_non_null(text);
        write_file(copy, text);
        second = load(copy);
        again = conf_result_model(second);
        good = has_same_digest(model, again);
        if (!good) {
            fprintf(stderr, "%s is something else after printing\n", path);
            show_difference(model, again);
        }
        unlink(copy);
        conf_result_free(second);
        free(text);
    }
    conf_result_free(first);
    return good;
}

static int check_directory(const char *path, const char *ending)
{
    DIR *entries = opendir(path);
    const struct dirent *entry;
    char file[4096];
    int bad = 0;

    if (entries == NULL)
        return -1;
    while ((entry = readdir(entries)) != NULL) {
        size_t length = strlen(entry->d_name);

        if (entry->d_name[0] == '.' || length < strlen(ending) ||
            strcmp(entry->d_name + length - strlen(ending), ending) != 0)
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        bad += !survives(file);
    }
    closedir(entries);
    return bad;
}

static const char *below_source(const char *path, char *buffer, size_t size)
{
    const char *source = getenv("srcdir");

    snprintf(buffer, size, "%s/%s", source == NULL ? "." : source, path);
    return buffer;
}

static void test_the_samples_survive(void **state)
{
    char path[2048];

    (void)state;
    assert_int_equal(check_directory(below_source("conf/samples", path, sizeof(path)), ".conf"), 0);
}

static void test_the_corpus_survives(void **state)
{
    char path[2048];
    int bad = check_directory(below_source("../shared/corpus/conf", path, sizeof(path)), "");

    (void)state;
    if (bad < 0) {
        fprintf(stderr, "SKIPPED: there is no corpus of configurations at %s\n", path);
        skip();
    }
    assert_int_equal(bad, 0);
}

/* ------------------------------------------------------------------ what the samples lack */

static const char *const texts[] = {
    "instance left\nnet_namespace blue\nchild_wait_time 7\n"
    "global_defs {\n router_id \"the left one\"\n umask 022\n json_version 2\n process_name lb\n"
    " vrrp_priority -5\n vrrp_rt_priority 40\n vrrp_no_swap\n checker_cpu_affinity 1 3\n"
    " vrrp_garp_interval 0.001\n vrrp_gna_interval 0.0005\n nftables mine\n nftables_priority 3\n"
    " nftables_counters\n lvs_timeouts tcp 100 udp 3\n lvs_flush\n lvs_flush_on_stop\n"
    " vrrp_startup_delay 1.5\n smtp_server 192.0.2.25 2525\n smtp_user me\n smtp_password secret\n"
    " smtp_tls starttls\n notification_email {\n a@example.net\n b@example.net\n }\n smtp_alert\n"
    " startup_script \"/bin/echo 'a b' c\\$d\" root root\n startup_script_timeout 3\n"
    " notify_fifo /run/a root\n notify_fifo_script \"/bin/cat -n\" root\n"
    " lvs_sync_daemon eth1 inst V id 7 ttl 3 group 224.0.0.81\n}\n"
    "vrrp_instance V {\n interface eth0\n virtual_router_id 9\n virtual_ipaddress {\n 192.0.2.1/24\n }\n}\n",

    "garp_group {\n garp_interval 0.2\n interfaces {\n eth1 eth2\n }\n}\nstatic_ipaddress {\n 192.0.2.9/24 "
    "dev eth1 scope link broadcast + label eth1:x\n"
    " 2001:db8::9/128 dev eth1 preferred_lft 70 -nodad home\n 192.0.2.10 peer 192.0.2.11/32 dev eth2\n}\n"
    "static_routes {\n default via 192.0.2.254 metric 5 mtu lock 1400 features ecn rtt 30ms congctl lock "
    "bbr\n"
    " inet6 2001:db8:1::/48 via 2001:db8::1 dev eth0 expires 60 pref high\n"
    " 198.51.100.0/24 table 70 nexthop via 192.0.2.3 weight 5 nexthop via 192.0.2.4 dev eth1 onlink realms "
    "3/4\n"
    " blackhole 203.0.113.0/24 append no_track protocol static tos 0x10\n"
    " 198.51.101.0/24 encap ip id 7 dst 192.0.2.5 src 192.0.2.6 tos 1 ttl 2 flags 3 dev eth1 src 192.0.2.9 "
    "tos 4\n"
    " 198.51.102.0/24 dev eth1 encap ip6 dst 2001:db8::1 src 2001:db8::2 tc 1 hoplimit 2 hoplimit 9\n"
    " 198.51.103.0/24 nexthop via 192.0.2.3 encap mpls 100/0/1048575 weight 5 nexthop via 192.0.2.4\n"
    " 2001:db8:2::/48 dev eth1 encap ila 2001:db8:0:f\n}\n"
    "static_rules {\n from 192.0.2.0/24 to default table 70 priority 100 fwmark 0x10/0xff iif eth0\n"
    " inet6 not to 2001:db8::/32 blackhole priority 7 uidrange 5-9 ipproto tcp sport 80-81 dport 443\n"
    " goto 200 preference 150 tunnel-id 8\n"
    " table main suppress_prefixlength 0 priority 31000 no_track protocol 4\n}\n",

    "vrrp_script s {\n script \"/bin/test -e '/tmp/a b' \\\"x#y\\\"\"\n interval 0.5\n rise 2\n fall 3\n "
    "user root\n"
    " weight -20\n init_fail\n}\nvrrp_script t {\n script \"</dev/null\"\n}\n"
    "track_file f {\n file /tmp/f\n weight 3\n init_file 5 overwrite\n}\n"
    "vrrp_track_process p {\n process /usr/bin/named -u bind\n param_match initial\n quorum 2\n delay "
    "0.25\n}\n"
    "vrrp_track_process q {\n process bad\n quorum_max 0\n}\n"
    "vrrp_sync_group G {\n group {\n A\n B\n }\n sync_group_tracking_weight\n track_script {\n t weight 5 "
    "reverse\n"
    " }\n notify \"/bin/echo it's\" root\n smtp_alert\n notify_priority_changes\n}\n"
    "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n state MASTER\n priority 150\n advert_int 2\n"
    " authentication {\n auth_type PASS\n auth_pass hunter2\n }\n virtual_ipaddress {\n 192.0.2.1/24\n }\n"
    " virtual_ipaddress_excluded {\n 2001:db8::1/64 dev eth1 no_track\n }\n"
    " track_script {\n s\n }\n track_file {\n f weight 2\n }\n track_process {\n p\n q weight 4\n }\n"
    " track_interface {\n eth2 weight -10 reverse\n eth3\n }\n notify_master \"/bin/a b\" root\n no_accept\n"
    " garp_master_delay 1\n garp_lower_prio_repeat 0\n vip_lease 5\n virtual_routes {\n 198.51.100.0/24\n "
    "}\n}\n"
    "vrrp_instance B {\n interface eth1\n virtual_router_id 2\n nopreempt\n version 3\n advert_int 0.25\n"
    " unicast_src_ip 2001:db8::5\n unicast_peer {\n 2001:db8::6 min_ttl 3 max_ttl 64\n }\n unicast_ttl 0\n"
    " virtual_ipaddress {\n fe80::1\n }\n vip_lease off\n preempt_delay 5\n notify_deleted\n garp_extra_if "
    "all 7\n unicast_fault_no_peer\n}\n"
    "vrrp_instance C {\n interface eth1\n virtual_router_id 3\n native_ipv6\n no_virtual_ipaddress\n"
    " mcast_dst_ip ff02::99\n}\n",

    "global_defs {\n vrrp_garp_interval 0.25\n vrrp_gna_interval 0.002\n}\n"
    "garp_group {\n garp_interval 0.5\n gna_interval 0.0001\n interface eth0\n interfaces {\n eth1 eth2\n "
    "}\n}\n"
    "garp_group {\n garp_interval 2\n interface eth4\n}\n"
    "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n garp_extra_if all 30\n unicast_src_ip "
    "192.0.2.9\n unicast_fault_no_peer\n notify_deleted \"/bin/echo gone\" root\n"
    " virtual_ipaddress {\n 192.0.2.1/24\n 192.0.2.2/32 dev eth3\n }\n"
    " virtual_ipaddress_excluded {\n 2001:db8::1/64 dev eth3\n 2001:db8::2/64 dev eth4\n }\n}\n"
    "vrrp_instance B {\n interface eth0\n virtual_router_id 2\n notify_deleted\n"
    " virtual_ipaddress {\n 192.0.2.3/24\n }\n}\n",

    "virtual_server_group g {\n 192.0.2.10-20 80\n 192.0.2.64/30 443\n fwmark 5\n}\n"
    "virtual_server group g {\n lvs_sched sh\n sh-port\n sh-fallback\n protocol TCP\n quorum 2\n hysteresis "
    "1\n"
    " persistence_timeout 50\n persistence_granularity 255.255.255.0\n retry 7\n delay_loop 3.5\n alpha\n"
    " virtualhost www.example.net\n quorum_up \"/bin/x\" root\n"
    " sorry_server 10.0.0.9 80\n sorry_server_lvs_method TUN type gue port 6080 csum\n sorry_server_inhibit\n"
    " real_server 10.0.0.1 80 {\n weight 3\n lvs_method NAT\n alpha off\n smtp_alert off\n uthreshold 9\n"
    "  TCP_CHECK {\n connect_port 81\n connect_ip 10.0.0.7\n bindto 10.0.0.100\n bind_if eth0\n fwmark 3\n"
    "   warmup 0\n alpha\n }\n"
    "  HTTP_GET {\n http_protocol 1.1\n url {\n path /x?a=b\n status_code 200 301-302\n"
    "    digest 0123456789abcdef0123456789ABCDEF\n regex \"a\\\\d+ 'b'\"\n regex_options caseless dotall\n"
    "    regex_min_offset 2\n regex_max_offset 20\n }\n url {\n path /y\n virtualhost b.example\n }\n }\n"
    "  SSL_GET {\n enable_sni\n tls_compliant\n url {\n path /x\n }\n url {\n path /y\n virtualhost b\n }\n "
    "}\n"
    "  SSL_GET {\n sni_name one.example\n url {\n path /x\n }\n }\n"
    "  MISC_CHECK {\n misc_path \"/bin/true 1 '2 3'\"\n misc_timeout 4\n misc_dynamic\n user root\n }\n"
    "  PING_CHECK {\n connect_timeout 2\n }\n }\n real_server 10.0.0.2 80 {\n inhibit_on_failure\n }\n}\n"
    "virtual_server fwmark 7 {\n ip_family inet6\n lvs_sched wlc\n lvs_method DR\n ops\n connect_timeout 3\n"
    " real_server 2001:db8::1 80 {\n MISC_CHECK {\n misc_path /bin/true\n }\n }\n}\n"
    "virtual_server 192.0.2.99 0 {\n lvs_sched mh\n mh-port\n lvs_method DR\n protocol UDP\n omega\n "
    "smtp_alert\n"
    " persistence_engine sip\n real_server 10.0.0.1 {\n PING_CHECK\n { }\n }\n}\n",

    "global_defs {\n use_symlink_paths\n script_user root :\n}\n"
    "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 192.0.2.1\n }\n"
    " notify_master \"/bin/true 1\"\n notify_backup /bin/true root root\n}\n",

    "interface_up_down_delays {\n eth0 0.5 2\n eth1 1.000001\n}\n"
    "global_defs {\n vrrp_mcast_group4 224.0.0.77\n vrrp_version 3\n}\n"
    "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 192.0.2.1\n }\n"
    " mcast_dst_ip 224.0.0.18\n}\n"
    "vrrp_instance B {\n interface eth0\n virtual_router_id 2\n virtual_ipaddress {\n 192.0.2.2\n }\n"
    " old_unicast_checksum never\n unicast_peer {\n 192.0.2.9\n }\n}\n"
    "vrrp_instance C {\n interface eth0\n virtual_router_id 3\n virtual_ipaddress {\n 192.0.2.3\n }\n"
    " old_unicast_checksum\n unicast_peer {\n 192.0.2.9\n }\n}\n",

    /* what is left of a group to a server of it: no one server has all */
    "virtual_server_group g {\n 192.0.2.1 80\n 192.0.2.2 80\n 192.0.2.3 80\n 192.0.2.4-9 80\n}\n"
    "virtual_server 192.0.2.1 80 {\n protocol TCP\n real_server 10.0.0.1 80\n}\n"
    "virtual_server 192.0.2.3 80 {\n protocol UDP\n real_server 10.0.0.1 80\n}\n"
    "virtual_server 192.0.2.2 80 {\n protocol SCTP\n real_server 10.0.0.1 80\n}\n"
    "virtual_server group g {\n protocol TCP\n real_server 10.0.0.1 80\n}\n"
    "virtual_server group g {\n protocol UDP\n real_server 10.0.0.1 80\n}\n"
    "virtual_server group g {\n protocol SCTP\n real_server 10.0.0.1 80\n}\n",

    /* a firewall mark that each server of the group gives another family */
    "virtual_server_group g {\n fwmark 9 inet6\n fwmark 5\n 192.0.2.1 80\n fwmark 6\n}\n"
    "virtual_server group g {\n protocol TCP\n lvs_method TUN\n ip_family inet\n}\n"
    "virtual_server group g {\n protocol UDP\n lvs_method TUN\n ip_family inet6\n}\n",

    "track_file load {\n file /run/load\n weight -2 reverse\n}\n"
    "virtual_server fwmark 8 {\n lvs_sched wlc\n lvs_method NAT\n alpha\n delay_loop 5\n"
    " real_server 10.0.0.1 80 {\n alpha\n FILE_CHECK {\n track_file load\n }\n"
    " FILE_CHECK {\n weight 7\n track_file load\n }\n }\n}\n",
};

static void test_what_the_samples_lack_survives(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char path[] = "/tmp/test_print.XXXXXX";
        struct conf_result *result;

        close(mkstemp(path));
        write_file(path, texts[i]);
        result = load(path);
        if (conf_result_outcome(result) == CONF_OUTCOME_REFUSED)
            conf_diagnostics_print(conf_result_diagnostics(result), stderr);
        assert_int_not_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
        conf_result_free(result);
        assert_true(survives(path));
        unlink(path);
    }
}

static void test_flags_have_the_names_of_their_scheduler(void **state)
{
    static const struct {
        const char *scheduler;
        const char *fallback;
        const char *port;
    } rows[] = {
        {"sh", "    sh-fallback\n", "    sh-port\n"},
        {"mh", "    mh-fallback\n", "    mh-port\n"},
        {"wlc", "    flag-1\n", "    flag-2\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[] = "/tmp/test_print.XXXXXX", written[512], *text;
        struct conf_result *result;

        snprintf(written, sizeof(written),
                 "virtual_server 192.0.2.1 80 {\n protocol TCP\n lvs_method DR\n lvs_sched %s\n flag-1\n"
                 " flag-2\n real_server 192.0.2.2 80 {\n TCP_CHECK {\n }\n }\n}\n",
                 rows[i].scheduler);
        close(mkstemp(path));
        write_file(path, written);
        result = load(path);
        text = conf_print(conf_result_model(result));
        assert_non_null(strstr(text, rows[i].fallback));
        assert_non_null(strstr(text, rows[i].port));
        assert_true(survives(path));
        free(text);
        conf_result_free(result);
        unlink(path);
    }
}

static void test_secrets_are_blanked(void **state)
{
    char path[] = "/tmp/test_print.XXXXXX";
    struct conf_result *result;
    char *text;

    (void)state;
    close(mkstemp(path));
    write_file(path, texts[2]);
    result = load(path);
    text = conf_print(conf_result_model(result));
    assert_null(strstr(text, "hunter2"));
    assert_non_null(strstr(text, "        auth_pass (secret)\n"));
    assert_non_null(strstr(text, "    advert_int 0.25\n"));
    assert_non_null(strstr(text, "vrrp_instance A {\n    interface eth0\n    virtual_router_id 1\n"));
    free(text);
    conf_result_free(result);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_row_has_a_rule),
        cmocka_unit_test(test_the_samples_survive),
        cmocka_unit_test(test_what_the_samples_lack_survives),
        cmocka_unit_test(test_flags_have_the_names_of_their_scheduler),
        cmocka_unit_test(test_secrets_are_blanked),
        cmocka_unit_test(test_the_corpus_survives),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
