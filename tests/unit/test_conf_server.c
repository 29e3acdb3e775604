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

static struct conf_result *result;

static int release(void **state)
{
    (void)state;
    conf_result_free(result);
    result = NULL;
    return 0;
}

/* The model of a virtual server with these lines in it. */
static const struct conf_model *load(const char *head, const char *lines)
{
    char text[4096];

    snprintf(text, sizeof(text), "virtual_server %s {\n%s}\n", head, lines);
    conf_result_free(result);
    result = fake_load(text);
    return conf_result_model(result);
}

static const struct conf_virtual_server *load_server(const char *lines)
{
    const struct conf_model *model = load("192.0.2.1 80", lines);

    if (model->virtual_servers.count != 1) {
        char *all = fake_print(result);

        print_error("%s", all);
        free(all);
    }
    assert_int_equal(model->virtual_servers.count, 1);
    return model->virtual_servers.items[0];
}

static void assert_complaints(size_t count)
{
    if (conf_diagnostics_total(conf_result_diagnostics(result), CONF_COMPLAINT) != count) {
        char *all = fake_print(result);

        print_error("%s", all);
        free(all);
    }
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(result), CONF_COMPLAINT), count);
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(result), CONF_REFUSAL), 0);
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
    assert_non_null(fake_find(result, CONF_PROBLEM_DEFAULT, 2));
    assert_endpoint(&server->endpoint, "192.0.2.1:80");
    assert_int_equal(server->protocol, CONF_PROTOCOL_UDP);
    assert_string_equal(server->scheduler, "wlc");
    assert_int_equal(server->flags, 0);
    assert_int_equal(server->quorum, 1);
    assert_int_equal(server->hysteresis, 0);
    assert_endpoint(&real->endpoint, "10.0.0.1:8080");
    assert_int_equal(real->weight, 1);
    assert_int_equal(real->forwarding, CONF_FORWARD_NAT);
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
    assert_int_equal(server->real_servers.items[1]->forwarding, CONF_FORWARD_DR);
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
    assert_int_equal(server->persistence_netmask, 64);
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
    assert_int_equal(server->quorum_up.words.count, 2);
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
    conf_result_free(result);
    result = fake_load(
        "virtual_server 192.0.2.1 80 {\n" BASICS " real_server 10.0.0.1 80 {\n }\n}\n"
        "virtual_server 192.0.2.1 80 {\n" BASICS " real_server 10.0.0.2 80 {\n }\n}\n"
        "virtual_server 192.0.2.1 80 {\n lvs_sched rr\n lvs_method NAT\n protocol UDP\n real_server "
        "10.0.0.2 80 {\n }\n}\n");
    assert_complaints(1);
    assert_int_equal(conf_result_model(result)->virtual_servers.count, 2);
}

static void assert_refused(const char *head, const char *lines)
{
    load(head, lines);
    assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
    assert_non_null(fake_find(result, CONF_PROBLEM_NOT_BUILT, 0));
}

static void test_what_is_not_built(void **state)
{
    (void)state;
    assert_refused("fwmark 3", BASICS);
    assert_refused("group G", BASICS);
    assert_refused("192.0.2.1 80", BASICS " sorry_server 10.0.0.9 80\n real_server 10.0.0.1 80 {\n }\n");
    assert_refused("192.0.2.1 80",
                   " lvs_sched rr\n protocol TCP\n lvs_method TUN type gue port 5\n real_server "
                   "10.0.0.1 80 {\n }\n");
    assert_refused("192.0.2.1 80",
                   " lvs_sched rr\n protocol TCP\n lvs_method TUN\n real_server 2001:db8::1 80 {\n }\n");
}

static void test_tunnel(void **state)
{
    (void)state;
    assert_int_equal(
        load_server(" lvs_sched rr\n protocol TCP\n lvs_method TUN type ipip\n real_server 10.0.0.1 80 "
                    "{\n }\n")
            ->real_servers.items[0]
            ->forwarding,
        CONF_FORWARD_TUN);
    assert_complaints(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_defaults, release),
        cmocka_unit_test_teardown(test_http_defaults, release),
        cmocka_unit_test_teardown(test_inheritance, release),
        cmocka_unit_test_teardown(test_check_settings, release),
        cmocka_unit_test_teardown(test_bad_checks, release),
        cmocka_unit_test_teardown(test_ports, release),
        cmocka_unit_test_teardown(test_all_ports_need_persistence, release),
        cmocka_unit_test_teardown(test_persistence, release),
        cmocka_unit_test_teardown(test_flags, release),
        cmocka_unit_test_teardown(test_quorum, release),
        cmocka_unit_test_teardown(test_servers_that_are_left_out, release),
        cmocka_unit_test_teardown(test_one_server_twice, release),
        cmocka_unit_test_teardown(test_what_is_not_built, release),
        cmocka_unit_test_teardown(test_tunnel, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
