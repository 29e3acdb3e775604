/* virtual_server, real_server and checks: defaults, inheritance, what contradicts what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <linux/ip_vs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

#define BASICS " lvs_sched rr\n lvs_method NAT\n protocol TCP\n"

/* The model of a virtual server with these lines in it. */
static const struct conf_model *load(const char *head, const char *lines)
{
    char text[4096];

    snprintf(text, sizeof(text), "virtual_server %s {\n%s}\n", head, lines);
    return fake_model(text);
}

static const struct conf_virtual_server *load_server(const char *lines)
{
    const struct conf_model *model = load("192.0.2.1 80", lines);

    if (model->virtual_servers.count != 1) {
        char *all = fake_print(fake_result);

        print_error("%s", all);
        free(all);
    }
    assert_int_equal(model->virtual_servers.count, 1);
    return model->virtual_servers.items[0];
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

static void assert_endpoint(const struct ip_endpoint *endpoint, const char *expected)
{
    char text[IP_ENDPOINT_TEXT];

    assert_string_equal(ip_endpoint_text(endpoint, text), expected);
}

static void test_defaults(void **state)
{
    const struct conf_virtual_server *server =
        load_server(" real_server 10.0.0.1 8080 {\n TCP_CHECK {\n }\n }\n");
    const struct conf_real_server *real = server->real_servers.items[0];
    const struct conf_checker *checker = real->checkers.items[0];

    (void)state;
    assert_complaints(3);
    assert_non_null(fake_find(fake_result, CONF_PROBLEM_DEFAULT, 2));
    assert_endpoint(&server->endpoint, "192.0.2.1:80");
    assert_int_equal(server->protocol, CONF_PROTOCOL_UDP);
    assert_string_equal(server->scheduler, "wlc");
    assert_int_equal(server->flags, 0);
    assert_int_equal(server->quorum, 1);
    assert_int_equal(server->hysteresis, 0);
    assert_endpoint(&real->endpoint, "10.0.0.1:8080");
    assert_int_equal(real->weight, 1);
    assert_int_equal(real->method.forwarding, CONF_FORWARD_NAT);
    assert_int_equal(checker->type, CONF_CHECK_TCP);
    assert_endpoint(&checker->connect, "10.0.0.1:8080");
    assert_int_equal(checker->connect_timeout_us, 5000000);
    assert_int_equal(checker->delay_loop_us, 60000000);
    assert_int_equal(checker->delay_before_retry_us, 1000000);
    assert_int_equal(checker->warmup_us, -1);
    assert_int_equal(checker->retry, 1);
    assert_int_not_equal(server->key, 0);
    assert_int_not_equal(real->key, 0);
    assert_int_not_equal(checker->key, 0);
}

static void test_http_defaults(void **state)
{
    const struct conf_virtual_server *server =
        load_server(BASICS " real_server 10.0.0.1 80 {\n HTTP_GET {\n url {\n path /\n }\n }\n }\n");
    const struct conf_checker *checker = server->real_servers.items[0]->checkers.items[0];

    (void)state;
    assert_complaints(0);
    assert_int_equal(checker->type, CONF_CHECK_HTTP);
    assert_int_equal(checker->delay_before_retry_us, 3000000);
    assert_int_equal(checker->retry, 1);
    assert_int_equal(checker->http_version, CONF_HTTP_1_0);
    assert_int_equal(checker->urls.count, 1);
    assert_string_equal(checker->urls.items[0]->path, "/");
    assert_int_equal(checker->urls.items[0]->statuses.count, 1);
    assert_int_equal(checker->urls.items[0]->statuses.items[0]->low, 200);
    assert_int_equal(checker->urls.items[0]->statuses.items[0]->high, 299);
    assert_null(checker->virtualhost);
}

static void test_inheritance(void **state)
{
    const struct conf_virtual_server *server = load_server(
        BASICS " real_server 10.0.0.1 80 {\n delay_loop 4\n retry 9\n TCP_CHECK {\n retry 2\n "
               "connect_timeout 0.5\n }\n"
               " HTTP_GET {\n url { path /x }\n }\n }\n"
               " real_server 10.0.0.2 80 {\n inhibit_on_failure no\n alpha no\n weight 0\n TCP_CHECK {\n "
               "alpha\n }\n }\n"
               " delay_loop 10\n connect_timeout 7\n delay_before_retry 2\n warmup 3\n retry 5\n alpha\n"
               " inhibit_on_failure\n weight 20\n virtualhost h.example\n");
    const struct conf_real_server *one = server->real_servers.items[0], *two = server->real_servers.items[1];
    const struct conf_checker *tcp = one->checkers.items[0], *http = one->checkers.items[1];

    (void)state;
    assert_complaints(0);
    assert_int_equal(tcp->retry, 2);
    assert_int_equal(tcp->connect_timeout_us, 500000);
    assert_int_equal(tcp->delay_loop_us, 4000000);
    assert_int_equal(tcp->delay_before_retry_us, 2000000);
    assert_int_equal(tcp->warmup_us, 3000000);
    assert_true(tcp->alpha);
    assert_int_equal(http->retry, 9);
    assert_int_equal(http->connect_timeout_us, 7000000);
    assert_int_equal(http->delay_before_retry_us, 2000000);
    assert_string_equal(http->virtualhost, "h.example");
    assert_true(one->inhibit_on_failure && one->alpha);
    assert_int_equal(one->weight, 20);
    assert_false(two->inhibit_on_failure || two->alpha);
    assert_int_equal(two->weight, 0);
    assert_int_equal(two->checkers.items[0]->retry, 5);
    assert_true(two->checkers.items[0]->alpha);
    assert_int_equal(two->checkers.items[0]->delay_loop_us, 10000000);
    assert_true(server->alpha);
}

static void test_check_settings(void **state)
{
    const struct conf_virtual_server *server = load_server(
        BASICS
        " real_server 10.0.0.1 80 {\n HTTP_GET {\n connect_ip 10.9.9.9\n connect_port 81\n bindto 10.0.0.5\n"
        " bind_port 1000\n bind_if eth1\n http_protocol 1.1\n fast_recovery\n virtualhost a\n"
        " log_all_failures\n url {\n path /1\n status_code 200 301-302\n status_code 404\n virtualhost b\n "
        "}\n"
        " url {\n path /2\n }\n }\n TCP_CHECK {\n }\n TCP_CHECK {\n connect_port 443\n }\n }\n");
    const struct conf_real_server *real = server->real_servers.items[0];
    const struct conf_checker *checker = real->checkers.items[0];

    (void)state;
    assert_complaints(0);
    assert_endpoint(&checker->connect, "10.9.9.9:81");
    assert_endpoint(&checker->bind, "10.0.0.5:1000");
    assert_string_equal(checker->bind_interface, "eth1");
    assert_int_equal(checker->http_version, CONF_HTTP_1_1);
    assert_true(checker->fast_recovery && checker->log_all_failures);
    assert_int_equal(checker->urls.count, 2);
    assert_int_equal(checker->urls.items[0]->statuses.count, 3);
    assert_int_equal(checker->urls.items[0]->statuses.items[1]->high, 302);
    assert_string_equal(checker->urls.items[0]->virtualhost, "b");
    assert_null(checker->urls.items[1]->virtualhost);
    assert_int_equal(real->checkers.count, 3);
    assert_int_not_equal(real->checkers.items[1]->key, real->checkers.items[2]->key);
    assert_endpoint(&real->checkers.items[2]->connect, "10.0.0.1:443");
}

static void assert_http(const char *url, size_t checks, size_t complaints)
{
    char lines[1024];

    snprintf(lines, sizeof(lines), BASICS " real_server 10.0.0.1 80 {\n HTTP_GET {\n %s\n }\n }\n", url);
    assert_int_equal(load_server(lines)->real_servers.items[0]->checkers.count, checks);
    assert_complaints(complaints);
}

static void test_bad_checks(void **state)
{
    (void)state;
    assert_http("", 0, 1);
    assert_http("url {\n }", 0, 2);
    assert_http("url {\n path x\n }", 0, 2);
    assert_http("url {\n path /\n status_code 99\n }", 1, 1);
    assert_http("url {\n path /\n status_code 300-200\n }", 1, 1);
    assert_http("url {\n path /\n }\n http_protocol 2", 1, 1);
    assert_http("url {\n path /\n }\n bindto 2001:db8::1", 1, 1);
    assert_http("url {\n path /\n }\n nb_get_retry 4", 1, 1);
}

static void test_ports(void **state)
{
    const struct conf_virtual_server *server =
        load_server(BASICS " real_server 10.0.0.1 {\n }\n real_server 10.0.0.2 8080 {\n lvs_method DR\n }\n");

    (void)state;
    assert_complaints(1);
    assert_endpoint(&server->real_servers.items[0]->endpoint, "10.0.0.1:80");
    assert_endpoint(&server->real_servers.items[1]->endpoint, "10.0.0.2:80");
    assert_int_equal(server->real_servers.items[1]->method.forwarding, CONF_FORWARD_DR);
}

static void test_all_ports_need_persistence(void **state)
{
    const struct conf_model *model =
        load("192.0.2.1", BASICS " real_server 10.0.0.1 {\n TCP_CHECK {\n }\n }\n");
    const struct conf_virtual_server *server = model->virtual_servers.items[0];

    (void)state;
    assert_complaints(2); /* persistence, and the check has no port to go to */
    assert_int_equal(server->persistence_timeout_s, 360);
    assert_int_equal(server->flags, IP_VS_SVC_F_PERSISTENT);
    assert_int_equal(server->real_servers.items[0]->checkers.count, 0);
}

static void test_persistence(void **state)
{
    const struct conf_virtual_server *server;
    const uint8_t mask[] = {255, 255, 255, 0};

    (void)state;
    server = load_server(BASICS " persistence_timeout\n real_server 10.0.0.1 80 {\n }\n");
    assert_int_equal(server->persistence_timeout_s, 360);
    assert_int_equal(server->persistence_netmask, UINT32_MAX);
    server = load_server(BASICS " persistence_timeout 50\n persistence_granularity 255.255.255.0\n"
                                " real_server 10.0.0.1 80 {\n }\n");
    assert_int_equal(server->persistence_timeout_s, 50);
    assert_memory_equal(&server->persistence_netmask, mask, 4);
    assert_complaints(0);
    load_server(BASICS " persistence_timeout 0\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
    load_server(BASICS " persistence_granularity 255.0.255.0\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
    server = load("2001:db8::1 80", BASICS " persistence_granularity 64\n real_server 2001:db8::2 80 {\n }\n")
                 ->virtual_servers.items[0];
    assert_int_equal(server->persistence_prefix_length, 64);
    assert_int_equal(server->persistence_timeout_s, 360);
}

static void test_flags(void **state)
{
    (void)state;
    assert_int_equal(
        load_server(" lb_algo sh\n lb_kind DR\n protocol tcp\n sh-port\n sh-fallback\n real_server "
                    "10.0.0.1 80 {\n }\n")
            ->flags,
        IP_VS_SVC_F_SCHED_SH_PORT | IP_VS_SVC_F_SCHED_SH_FALLBACK);
    assert_complaints(0);
    assert_int_equal(load_server(BASICS " sh-port\n ops\n flag-3\n real_server 10.0.0.1 80 {\n }\n")->flags,
                     IP_VS_SVC_F_SCHED3);
    assert_complaints(2);
    assert_int_equal(
        load_server(" lvs_sched rr\n lvs_method DR\n protocol UDP\n ops\n real_server 10.0.0.1 80 {\n }\n")
            ->flags,
        IP_VS_SVC_F_ONEPACKET);
    load_server(" lvs_sched foo\n lvs_method DR\n protocol TCP\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
}

static void test_quorum(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = load_server(
        BASICS " quorum 3\n hysteresis 1\n real_server 10.0.0.1 80 {\n weight 2\n }\n real_server "
               "10.0.0.2 80 {\n weight 2\n }\n quorum_up \"/bin/up now\"\n quorum_down /bin/down\n omega\n");
    assert_complaints(0);
    assert_int_equal(server->quorum, 3);
    assert_int_equal(server->hysteresis, 1);
    assert_true(server->omega);
    assert_int_equal(server->quorum_up->words.count, 2);
    server = load_server(BASICS " quorum 30\n hysteresis 7\n real_server 10.0.0.1 80 {\n weight 2\n }\n");
    assert_complaints(2);
    assert_int_equal(server->quorum, 2);
    assert_int_equal(server->hysteresis, 1);
    server = load_server(BASICS " real_server 10.0.0.1 80 {\n weight 0\n }\n");
    assert_complaints(0);
    assert_int_equal(server->quorum, 0);
    assert_int_equal(server->hysteresis, 0);
}

static void test_servers_that_are_left_out(void **state)
{
    (void)state;
    assert_int_equal(load("192.0.2.1 80", BASICS)->virtual_servers.count, 0);
    assert_complaints(1);
    assert_int_equal(load("192.0.2.300 80", BASICS)->virtual_servers.count, 0);
    assert_complaints(1);
    assert_int_equal(
        load_server(BASICS " real_server 10.0.0.1 80 {\n }\n real_server 10.0.0.1 80 {\n }\n real_server "
                           "2001:db8::1 80 {\n }\n real_server x 80 {\n }\n")
            ->real_servers.count,
        1);
    assert_complaints(3);
}

static void test_one_server_twice(void **state)
{
    (void)state;
    conf_result_free(fake_result);
    fake_result = fake_load(
        "virtual_server 192.0.2.1 80 {\n" BASICS " real_server 10.0.0.1 80 {\n }\n}\n"
        "virtual_server 192.0.2.1 80 {\n" BASICS " real_server 10.0.0.2 80 {\n }\n}\n"
        "virtual_server 192.0.2.1 80 {\n lvs_sched rr\n lvs_method NAT\n protocol UDP\n real_server "
        "10.0.0.2 80 {\n }\n}\n");
    assert_complaints(1);
    assert_int_equal(conf_result_model(fake_result)->virtual_servers.count, 2);
}

/* ------------------------------------------------------------------ methods */

static struct conf_method method_of(const char *words)
{
    char lines[256];

    snprintf(lines, sizeof(lines),
             " lvs_sched rr\n protocol TCP\n lvs_method DR\n real_server 10.0.0.1 80 {\n lvs_method %s\n }\n",
             words);
    return load_server(lines)->real_servers.items[0]->method;
}

static void test_tunnels(void **state)
{
    struct conf_method method;

    (void)state;
    method = method_of("TUN");
    assert_int_equal(method.forwarding, CONF_FORWARD_TUN);
    assert_int_equal(method.tunnel, CONF_TUNNEL_IPIP);
    method = method_of("TUN type ipip nocsum");
    assert_int_equal(method.tunnel, CONF_TUNNEL_IPIP);
    method = method_of("TUN type gue port 6080 remcsum");
    assert_int_equal(method.tunnel, CONF_TUNNEL_GUE);
    assert_int_equal(method.tunnel_port, 6080);
    assert_int_equal(method.tunnel_checksum, CONF_TUNNEL_REMOTE_CHECKSUM);
    method = method_of("TUN csum type gre");
    assert_int_equal(method.tunnel, CONF_TUNNEL_GRE);
    assert_int_equal(method.tunnel_checksum, CONF_TUNNEL_CHECKSUM);
    assert_complaints(0);
}

static void test_bad_methods_leave_the_inherited_one(void **state)
{
    static const char *const bad[] = {
        "FNAT",           "TUN type", "TUN type ip",          "TUN type gue",
        "TUN port 6080",  "TUN csum", "TUN type gre remcsum", "TUN type gue port 0",
        "TUN type gue x",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(method_of(bad[i]).forwarding, CONF_FORWARD_DR);
        assert_complaints(1);
    }
    assert_int_equal(method_of("NAT type gre").forwarding, CONF_FORWARD_NAT);
    assert_complaints(1);
}

/* ------------------------------------------------------------------ firewall marks and groups */

static void test_marks(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = load("fwmark 7", " lvs_sched rr\n lvs_method NAT\n ops\n real_server 10.0.0.1 {\n }\n"
                              " real_server 10.0.0.2 8080 {\n }\n")
                 ->virtual_servers.items[0];
    assert_complaints(0);
    assert_int_equal(server->kind, CONF_SERVER_FWMARK);
    assert_int_equal(server->services.count, 1);
    assert_int_equal(server->services.items[0]->fwmark, 7);
    assert_int_equal(server->services.items[0]->first.address.family, AF_INET);
    assert_int_equal(server->flags, IP_VS_SVC_F_ONEPACKET);
    assert_int_equal(server->persistence_timeout_s, 0);
    assert_endpoint(&server->real_servers.items[0]->endpoint, "10.0.0.1:0");
    assert_endpoint(&server->real_servers.items[1]->endpoint, "10.0.0.2:8080");
    load("fwmark 0", " lvs_sched rr\n lvs_method NAT\n real_server 10.0.0.1 {\n }\n");
    assert_complaints(1);
    load("fwmark 7", BASICS " real_server 10.0.0.1 {\n }\n");
    assert_complaints(1); /* its protocol */
}

static void assert_mark_family(const char *lines, int family, size_t complaints)
{
    char text[512];

    snprintf(text, sizeof(text), " lvs_sched rr\n lvs_method TUN\n%s", lines);
    assert_int_equal(
        load("fwmark 7", text)->virtual_servers.items[0]->services.items[0]->first.address.family, family);
    assert_complaints(complaints);
}

static void test_family_of_a_mark(void **state)
{
    (void)state;
    assert_mark_family(" real_server 2001:db8::1 {\n }\n", AF_INET6, 0);
    assert_mark_family(" real_server 2001:db8::1 {\n }\n real_server 10.0.0.1 {\n }\n", AF_INET, 0);
    assert_mark_family(" real_server 2001:db8::1 {\n }\n sorry_server 10.0.0.1\n", AF_INET, 0);
    assert_mark_family(" real_server 10.0.0.1 {\n }\n real_server 2001:db8::1 {\n lvs_method DR\n }\n",
                       AF_INET6, 0);
    assert_mark_family(" ip_family inet\n real_server 2001:db8::1 {\n }\n", AF_INET, 0);
    assert_mark_family(" ip_family inet6\n real_server 10.0.0.1 {\n }\n", AF_INET6, 0);
    load_server(BASICS " ip_family inet6\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
}

/* Behind a mark DR keeps the client's port; what was written still says where to check. */
static void test_ports_behind_a_mark(void **state)
{
    const struct conf_real_server *real =
        load("fwmark 7",
             " lvs_sched rr\n lvs_method DR\n real_server 10.0.0.1 8080 {\n TCP_CHECK {\n }\n }\n")
            ->virtual_servers.items[0]
            ->real_servers.items[0];

    (void)state;
    assert_complaints(1);
    assert_endpoint(&real->endpoint, "10.0.0.1:0");
    assert_endpoint(&real->checkers.items[0]->connect, "10.0.0.1:8080");
}

static const struct conf_model *load_group(const char *entries, const char *rest)
{
    char text[4096];

    snprintf(text, sizeof(text), "virtual_server_group G {\n%s}\nvirtual_server group G {\n%s}\n", entries,
             rest);
    return fake_model(text);
}

static void test_groups(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = load_group(" 192.0.2.1 80\n 192.0.2.3-10 81\n 198.51.100.0/29 82\n fwmark 3\n fwmark 4 inet6\n"
                        " 2001:db8::fff0-2001:db8::1:f 443\n",
                        " lvs_sched rr\n lvs_method TUN\n protocol TCP\n real_server 10.0.0.1 80 {\n }\n")
                 ->virtual_servers.items[0];
    assert_complaints(1); /* the port, which not all entries have */
    assert_string_equal(server->group, "G");
    assert_int_equal(server->services.count, 6);
    assert_int_equal(server->services.items[1]->count, 8);
    assert_int_equal(server->services.items[2]->count, 8);
    assert_int_equal(server->services.items[3]->fwmark, 3);
    assert_int_equal(server->services.items[3]->first.address.family, AF_INET);
    assert_int_equal(server->services.items[4]->first.address.family, AF_INET6);
    assert_int_equal(server->services.items[5]->count, 32);
    assert_endpoint(&server->services.items[5]->first, "[2001:db8::fff0]:443");
}

static void test_groups_of_both_families(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = load_group(" 192.0.2.1 53\n 2001:db8::1 53\n",
                        BASICS " real_server 10.0.0.1 53 {\n }\n real_server 2001:db8::2 53 {\n }\n"
                               " persistence_granularity 64\n")
                 ->virtual_servers.items[0];
    assert_complaints(0);
    assert_int_equal(server->real_servers.count, 2);
    assert_int_equal(server->persistence_prefix_length, 64);
    assert_int_equal(server->persistence_netmask, UINT32_MAX);
    server =
        load_group(" 192.0.2.1\n", BASICS " real_server 10.0.0.1 53 {\n }\n real_server 2001:db8::2 {\n }\n")
            ->virtual_servers.items[0];
    assert_complaints(2); /* all ports need persistence; the IPv6 server is left out */
    assert_int_equal(server->persistence_timeout_s, 360);
    assert_int_equal(server->real_servers.count, 1);
}

#define GROUP(entries)  "virtual_server_group G {\n" entries "}\n"
#define OF_GROUP(lines) "virtual_server group G {\n lvs_sched rr\n lvs_method NAT\n" lines "}\n"
#define REAL(address)   " real_server " address " 80 {\n }\n"
#define FIRST           "virtual_server 192.0.2.1 80 {\n" BASICS REAL("10.0.0.1") "}\n"

static void test_an_entry_that_another_has(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = fake_model(GROUP(" 192.0.2.1 80\n 2001:db8::1 80\n")
                            FIRST OF_GROUP(" protocol TCP\n" REAL("10.0.0.1") REAL("2001:db8::9")))
                 ->virtual_servers.items[1];
    assert_complaints(2); /* the entry, and the IPv4 server that has no service any more */
    assert_int_equal(server->services.count, 1);
    assert_endpoint(&server->services.items[0]->first, "[2001:db8::1]:80");
    assert_int_equal(server->real_servers.count, 1);
    server = fake_model(GROUP(" 192.0.2.1 80\n fwmark 7\n")
                            FIRST OF_GROUP(" protocol TCP\n quorum 1\n" REAL("10.0.0.1")))
                 ->virtual_servers.items[1];
    assert_complaints(1);
    assert_int_equal(server->services.items[0]->fwmark, 7);
    server = fake_model(GROUP(" 192.0.2.1 80\n fwmark 7\n") FIRST OF_GROUP(
                            " protocol SCTP\n" REAL("10.0.0.1")) OF_GROUP(" protocol TCP\n" REAL("10.0.0.1")))
                 ->virtual_servers.items[1];
    assert_int_equal(server->protocol, CONF_PROTOCOL_SCTP);
    assert_int_equal(fake_model(GROUP(" 192.0.2.1 80\n") FIRST OF_GROUP(" protocol TCP\n" REAL("10.0.0.1")))
                         ->virtual_servers.count,
                     1);
    assert_complaints(2); /* the entry, and that nothing is left */
}

/* One without real servers has nothing that others could not have. */
static void test_an_entry_of_one_that_is_left_out(void **state)
{
    const struct conf_model *model = fake_model(GROUP(" 192.0.2.1 80\n") OF_GROUP(" protocol TCP\n") FIRST);

    (void)state;
    assert_complaints(1);
    assert_int_equal(model->virtual_servers.count, 1);
    assert_endpoint(&model->virtual_servers.items[0]->endpoint, "192.0.2.1:80");
    model = fake_model("virtual_server 192.0.2.1 80 {\n" BASICS "}\n" FIRST);
    assert_complaints(1);
    assert_int_equal(model->virtual_servers.count, 1);
}

static void assert_bad_entry(const char *entry)
{
    char entries[128];

    snprintf(entries, sizeof(entries), " 192.0.2.1 80\n %s\n", entry);
    assert_int_equal(load_group(entries, BASICS " real_server 10.0.0.1 80 {\n }\n")
                         ->virtual_servers.items[0]
                         ->services.count,
                     1);
    assert_complaints(1);
}

static void test_bad_groups(void **state)
{
    (void)state;
    assert_bad_entry("192.0.2.10-9 80");
    assert_bad_entry("192.0.2.10-256 80");
    assert_bad_entry("192.0.2.10/24 80");
    assert_bad_entry("192.0.2.10-x 80");
    assert_bad_entry("192.0.2.10 99999");
    assert_bad_entry("10.0.0.0/8 80");
    assert_bad_entry("example.org 80");
    assert_bad_entry("fwmark 0");
    assert_bad_entry("fwmark 3 inet5");
    assert_bad_entry("192.0.2.1 80"); /* again */
    assert_bad_entry("192.0.2.0-5 80");
    assert_int_equal(load_group("", BASICS " real_server 10.0.0.1 80 {\n }\n")->virtual_servers.count, 0);
    assert_complaints(1);
    assert_int_equal(load("group X", BASICS " real_server 10.0.0.1 80 {\n }\n")->virtual_servers.count, 0);
    assert_complaints(1);
    conf_result_free(fake_result);
    fake_result = fake_load("virtual_server_group G {\n 192.0.2.1 80\n}\nvirtual_server_group G {\n}\n");
    assert_complaints(1);
}

static void test_a_group_for_two_protocols(void **state)
{
    const struct conf_model *model;

    (void)state;
    conf_result_free(fake_result);
    fake_result = fake_load("virtual_server group G {\n" BASICS " real_server 10.0.0.1 53 {\n }\n}\n"
                            "virtual_server group G {\n lvs_sched rr\n lvs_method NAT\n protocol UDP\n"
                            " real_server 10.0.0.1 53 {\n }\n}\n"
                            "virtual_server 192.0.2.2 53 {\n" BASICS " real_server 10.0.0.1 53 {\n }\n}\n"
                            "virtual_server_group G {\n 192.0.2.1-3 53\n}\n");
    assert_complaints(2); /* the third is in the group, and then nothing is left of it */
    model = conf_result_model(fake_result);
    assert_int_equal(model->virtual_servers.count, 2);
    assert_int_not_equal(model->virtual_servers.items[0]->key, model->virtual_servers.items[1]->key);
}

/* ------------------------------------------------------------------ sorry servers */

static void test_sorry_servers(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = load_server(BASICS " sorry_server 10.0.0.9 8080\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(0);
    assert_endpoint(&server->sorry.endpoint, "10.0.0.9:8080");
    assert_int_equal(server->sorry.method.forwarding, CONF_FORWARD_NAT);
    assert_false(server->sorry.inhibit);
    server = load_server(BASICS " sorry_server 2001:db8::9\n sorry_server_lvs_method TUN type gre\n"
                                " sorry_server_inhibit\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(0);
    assert_endpoint(&server->sorry.endpoint, "[2001:db8::9]:80");
    assert_int_equal(server->sorry.method.tunnel, CONF_TUNNEL_GRE);
    assert_true(server->sorry.inhibit);
    server = load_server(" lvs_sched rr\n protocol TCP\n lvs_method DR\n sorry_server 10.0.0.9 8080\n"
                         " real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1); /* DR cannot change the port */
    assert_endpoint(&server->sorry.endpoint, "10.0.0.9:80");
    server = load_server(BASICS " sorry_server 2001:db8::9\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
    assert_false(ip_address_is_set(&server->sorry.endpoint.address));
    load_server(BASICS
                " sorry_server_inhibit\n sorry_server_lvs_method DR\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(2);
}

static void test_a_sorry_server_that_is_a_real_server(void **state)
{
    const struct conf_virtual_server *server;

    (void)state;
    server = load_server(BASICS
                         " sorry_server 10.0.0.1 80\n inhibit_on_failure\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
    assert_true(server->sorry.inhibit);
    server = load_server(
        BASICS " sorry_server 10.0.0.1 80\n sorry_server_inhibit\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(1);
    assert_false(server->sorry.inhibit);
    load_server(BASICS " sorry_server 10.0.0.1 80\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(0);
}

static void test_persistence_engine(void **state)
{
    (void)state;
    assert_string_equal(load_server(" lvs_sched rr\n lvs_method NAT\n protocol UDP\n persistence_engine sip\n"
                                    " persistence_timeout 60\n real_server 10.0.0.1 80 {\n }\n")
                            ->persistence_engine,
                        "sip");
    assert_complaints(0);
    load_server(BASICS " persistence_engine sip\n real_server 10.0.0.1 80 {\n }\n");
    assert_complaints(2);
}

static void test_ha_suspend(void **state)
{
    (void)state;
    assert_true(load_server(BASICS " ha_suspend\n real_server 10.0.0.1 80 {\n }\n")->ha_suspend);
    assert_complaints(0);
    assert_false(
        load("fwmark 7", " lvs_sched rr\n lvs_method NAT\n ha_suspend\n real_server 10.0.0.1 {\n }\n")
            ->virtual_servers.items[0]
            ->ha_suspend);
    assert_complaints(1);
}

/* ------------------------------------------------------------------ IPVS as a whole */

static const struct conf_global *load_globals(const char *lines)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "global_defs {\n%s}\nvrrp_instance V {\n interface eth0\n virtual_router_id 51\n priority 100\n"
             " virtual_ipaddress {\n 192.0.2.1\n }\n}\n",
             lines);
    fake_model(text);
    return &conf_result_model(fake_result)->global;
}

static void test_sync_daemon(void **state)
{
    const struct conf_global *global;
    char text[IP_ADDRESS_TEXT];

    (void)state;
    global = load_globals(" lvs_sync_daemon eth1 inst V id 7 maxlen 1000 port 8849 ttl 3 group 224.0.0.82\n");
    assert_complaints(0);
    assert_string_equal(global->sync_daemon.interface, "eth1");
    assert_int_equal(global->sync_daemon.id, 7);
    assert_int_equal(global->sync_daemon.maxlen, 1000);
    assert_int_equal(global->sync_daemon.port, 8849);
    assert_int_equal(global->sync_daemon.ttl, 3);
    assert_string_equal(ip_address_text(&global->sync_daemon.group, text), "224.0.0.82");
    assert_int_equal(global->sync_daemon.instance, conf_result_model(fake_result)->instances.items[0]->key);
    assert_true(conf_result_model(fake_result)->instances.items[0]->leads_sync_daemon);
    global = load_globals(" lvs_sync_daemon eth1 V\n");
    assert_complaints(0);
    assert_int_equal(global->sync_daemon.id, 51);
    global = load_globals(" lvs_sync_daemon eth1 V 12 ttl 2\n");
    assert_complaints(1);
    assert_int_equal(global->sync_daemon.id, 12);
    assert_int_equal(global->sync_daemon.ttl, 2);
    global = load_globals(" lvs_sync_daemon eth1\n");
    assert_complaints(0);
    assert_int_equal(global->sync_daemon.instance, 0);
    assert_int_equal(global->sync_daemon.id, 0);
    global = load_globals(" lvs_sync_daemon eth1 inst W\n");
    assert_complaints(1);
    assert_null(global->sync_daemon.interface);
    load_globals(" lvs_sync_daemon eth1 id 256 maxlen 120000 group 10.0.0.1 what 3\n");
    assert_complaints(4);
}

static void test_sync_daemon_of_an_instance(void **state)
{
    const struct conf_global *global;

    (void)state;
    conf_result_free(fake_result);
    fake_result = fake_load("vrrp_instance V {\n interface eth0\n virtual_router_id 51\n priority 100\n"
                            " lvs_sync_daemon_interface eth1\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n");
    global = &conf_result_model(fake_result)->global;
    assert_complaints(1); /* deprecated */
    assert_string_equal(global->sync_daemon.interface, "eth1");
    assert_int_equal(global->sync_daemon.id, 51);
    assert_int_equal(global->sync_daemon.instance, conf_result_model(fake_result)->instances.items[0]->key);
}

static void test_timeouts_and_flushes(void **state)
{
    const struct conf_global *global;

    (void)state;
    global = load_globals(" lvs_timeouts tcp 900 tcpfin 120 udp 300\n lvs_flush\n lvs_flush_on_stop\n"
                          " rs_init_notifies\n");
    assert_complaints(0);
    assert_int_equal(global->ipvs_timeouts.tcp_s, 900);
    assert_int_equal(global->ipvs_timeouts.tcp_fin_s, 120);
    assert_int_equal(global->ipvs_timeouts.udp_s, 300);
    assert_int_equal(global->flush_at_start, CONF_FLUSH_ALL);
    assert_int_equal(global->flush_on_stop, CONF_FLUSH_ALL);
    assert_true(global->rs_init_notifies);
    global = load_globals(" lvs_flush_onstop VS\n lvs_timeouts udp 15\n");
    assert_complaints(0);
    assert_int_equal(global->flush_on_stop, CONF_FLUSH_OURS);
    assert_int_equal(global->ipvs_timeouts.udp_s, 15);
    assert_int_equal(global->ipvs_timeouts.tcp_s, 0);
    load_globals(" lvs_flush_on_stop RS\n lvs_timeouts udp 2678401 tcp 5\n");
    assert_complaints(2);
    load_globals(" lvs_timeouts sctp 5\n");
    assert_complaints(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_defaults, fake_release),
        cmocka_unit_test_teardown(test_http_defaults, fake_release),
        cmocka_unit_test_teardown(test_inheritance, fake_release),
        cmocka_unit_test_teardown(test_check_settings, fake_release),
        cmocka_unit_test_teardown(test_bad_checks, fake_release),
        cmocka_unit_test_teardown(test_ports, fake_release),
        cmocka_unit_test_teardown(test_all_ports_need_persistence, fake_release),
        cmocka_unit_test_teardown(test_persistence, fake_release),
        cmocka_unit_test_teardown(test_flags, fake_release),
        cmocka_unit_test_teardown(test_quorum, fake_release),
        cmocka_unit_test_teardown(test_servers_that_are_left_out, fake_release),
        cmocka_unit_test_teardown(test_one_server_twice, fake_release),
        cmocka_unit_test_teardown(test_tunnels, fake_release),
        cmocka_unit_test_teardown(test_bad_methods_leave_the_inherited_one, fake_release),
        cmocka_unit_test_teardown(test_marks, fake_release),
        cmocka_unit_test_teardown(test_family_of_a_mark, fake_release),
        cmocka_unit_test_teardown(test_ports_behind_a_mark, fake_release),
        cmocka_unit_test_teardown(test_groups, fake_release),
        cmocka_unit_test_teardown(test_groups_of_both_families, fake_release),
        cmocka_unit_test_teardown(test_an_entry_that_another_has, fake_release),
        cmocka_unit_test_teardown(test_an_entry_of_one_that_is_left_out, fake_release),
        cmocka_unit_test_teardown(test_bad_groups, fake_release),
        cmocka_unit_test_teardown(test_a_group_for_two_protocols, fake_release),
        cmocka_unit_test_teardown(test_sorry_servers, fake_release),
        cmocka_unit_test_teardown(test_a_sorry_server_that_is_a_real_server, fake_release),
        cmocka_unit_test_teardown(test_persistence_engine, fake_release),
        cmocka_unit_test_teardown(test_ha_suspend, fake_release),
        cmocka_unit_test_teardown(test_sync_daemon, fake_release),
        cmocka_unit_test_teardown(test_sync_daemon_of_an_instance, fake_release),
        cmocka_unit_test_teardown(test_timeouts_and_flushes, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
