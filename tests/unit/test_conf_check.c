/* Checks in the configuration: what each type takes, from where, and what is said about what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

#define PEM "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

static void load(const char *before, const char *check)
{
    static const struct fake_file none = {0};
    static char text[4096];
    const struct fake_file files[] = {
        {"/etc/tandem/tandem.conf", text}, {"/cert.pem", PEM}, {"/key.pem", PEM}, {"/odd.pem", "x"}, none};

    snprintf(
        text, sizeof(text),
        "%s\nvirtual_server 192.0.2.1 80 {\n lvs_sched rr\n lvs_method NAT\n protocol TCP\n delay_loop 7\n"
        " virtualhost of.server\n real_server 10.0.0.1 80 {\n %s\n }\n}\n",
        before, check);
    conf_result_free(fake_result);
    fake_host_files(files);
    fake_result = fake_load(NULL);
    fake_host_files(&none);
}

static void assert_said(size_t complaints, size_t refusals)
{
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(fake_result);

    if (conf_diagnostics_total(diagnostics, CONF_COMPLAINT) != complaints ||
        conf_diagnostics_total(diagnostics, CONF_REFUSAL) != refusals) {
        char *all = fake_print(fake_result);

        print_error("%s", all);
        free(all);
    }
    assert_int_equal(conf_diagnostics_total(diagnostics, CONF_COMPLAINT), complaints);
    assert_int_equal(conf_diagnostics_total(diagnostics, CONF_REFUSAL), refusals);
}

static const struct conf_real_server *real_server(void)
{
    const struct conf_model *model = conf_result_model(fake_result);

    assert_int_equal(model->virtual_servers.count, 1);
    return model->virtual_servers.items[0]->real_servers.items[0];
}

static const struct conf_checker *first_check(void)
{
    assert_true(real_server()->checkers.count > 0);
    return real_server()->checkers.items[0];
}

/* ------------------------------------------------------------------ MISC_CHECK */

static void test_misc(void **state)
{
    const struct conf_recurring_script *recurring;
    const struct conf_checker *check;

    (void)state;
    load("", "MISC_CHECK {\n misc_path \"/bin/check 'a b' c\"\n misc_timeout 3\n misc_dynamic\n user alice "
             "wheel\n }");
    assert_said(0, 0);
    check = first_check();
    assert_int_equal(check->type, CONF_CHECK_MISC);
    assert_int_equal(check->retry, 0);
    assert_int_equal(check->delay_before_retry_us, 1000000);
    assert_int_equal(check->script_timeout_us, 3000000);
    assert_true(check->dynamic);
    assert_string_equal(check->script_name, "/bin/check");
    assert_int_equal(check->connect.port, 80); /* the server's, for messages */
    assert_int_equal(conf_result_model(fake_result)->recurring_scripts.count, 1);
    recurring = conf_result_model(fake_result)->recurring_scripts.items[0];
    assert_int_equal(recurring->key, check->key);
    assert_string_equal(recurring->name, "check MISC 10.0.0.1:80");
    assert_int_equal(recurring->timeout_us, 3000000);
    assert_int_equal(recurring->script.words.count, 3);
    assert_string_equal(recurring->script.words.items[1], "a b");
    assert_int_equal(recurring->script.uid, 1000);
    assert_int_equal(recurring->script.gid, 10);
    load("", "MISC_CHECK {\n misc_path /bin/check\n }");
    assert_said(0, 0);
    assert_int_equal(first_check()->script_timeout_us, 7000000); /* delay_loop */
    assert_false(first_check()->dynamic);
    assert_int_equal(conf_result_model(fake_result)->recurring_scripts.items[0]->script.uid, 33);
}

static void test_misc_without_a_script(void **state)
{
    (void)state;
    load("", "MISC_CHECK {\n misc_timeout 3\n }");
    assert_said(1, 0);
    assert_int_equal(real_server()->checkers.count, 0);
    load("", "MISC_CHECK {\n misc_path /bin/check\n user nobody_knows\n }");
    assert_said(2, 0);
    assert_int_equal(real_server()->checkers.count, 0);
    assert_int_equal(conf_result_model(fake_result)->recurring_scripts.count, 0);
}

/* ------------------------------------------------------------------ sockets */

static void test_what_links_makes(void **state)
{
    (void)state;
    load("",
         "TCP_CHECK {\n fwmark 17\n }\n TCP_CHECK {\n bind_port 1023\n }\n TCP_CHECK {\n bind_port 1024\n }\n"
         " PING_CHECK {\n }\n MISC_CHECK {\n misc_path /x\n }");
    assert_said(0, 0);
    assert_int_equal(real_server()->checkers.count, 5);
    assert_int_equal(real_server()->checkers.items[0]->fwmark, 17);
    assert_true(conf_checker_needs_links(real_server()->checkers.items[0]));
    assert_true(conf_checker_needs_links(real_server()->checkers.items[1]));
    assert_false(conf_checker_needs_links(real_server()->checkers.items[2]));
    assert_true(conf_checker_needs_links(real_server()->checkers.items[3]));
    assert_false(conf_checker_needs_links(real_server()->checkers.items[4]));
}

static void test_ping(void **state)
{
    (void)state;
    load("", "PING_CHECK {\n connect_ip 10.0.0.9\n connect_port 9\n fwmark 3\n bind_if eth1\n retry 4\n }");
    assert_said(0, 0);
    assert_int_equal(first_check()->type, CONF_CHECK_PING);
    assert_int_equal(first_check()->connect.port, 0);
    assert_int_equal(first_check()->connect.address.bytes[3], 9);
    assert_int_equal(first_check()->fwmark, 3);
    assert_int_equal(first_check()->retry, 4);
    assert_non_null(fake_find(fake_result, CONF_PROBLEM_NO_EFFECT, 0)); /* connect_port */
}

/* ------------------------------------------------------------------ small protocols */

static void test_udp(void **state)
{
    (void)state;
    load("", "UDP_CHECK {\n payload 00 fF 1a\n require_reply \"0X xx\"\n min_reply_length 2\n }");
    assert_said(0, 0);
    assert_int_equal(first_check()->type, CONF_CHECK_UDP);
    assert_string_equal(first_check()->payload, "00ff1a");
    assert_true(first_check()->require_reply);
    assert_string_equal(first_check()->reply, "0xxx");
    assert_int_equal(first_check()->reply_min, 2);
    assert_int_equal(first_check()->reply_max, 255);
    load("", "UDP_CHECK {\n require_reply\n }");
    assert_said(0, 0);
    assert_true(first_check()->require_reply);
    assert_null(first_check()->reply);
    assert_int_equal(first_check()->reply_max, 0);
    load("", "UDP_CHECK {\n payload 0g\n }");
    assert_said(1, 0);
    load("", "UDP_CHECK {\n payload 0x\n }"); /* only a reply may be of any bytes */
    assert_said(1, 0);
    load("", "UDP_CHECK {\n payload 000\n }");
    assert_said(1, 0);
    load("", "UDP_CHECK {\n require_reply\n min_reply_length 9\n max_reply_length 8\n }");
    assert_said(1, 0);
    assert_int_equal(first_check()->reply_min, 0);
}

static void test_dns(void **state)
{
    (void)state;
    load("", "DNS_CHECK {\n type AAAA\n name www.example.org\n }\n DNS_CHECK {\n }");
    assert_said(0, 0);
    assert_int_equal(first_check()->type, CONF_CHECK_DNS);
    assert_int_equal(first_check()->dns_type, 28);
    assert_string_equal(first_check()->dns_name, "www.example.org");
    assert_int_equal(first_check()->retry, 3);
    assert_int_equal(first_check()->delay_before_retry_us, 7000000); /* delay_loop */
    assert_int_equal(real_server()->checkers.items[1]->dns_type, 6);
    assert_string_equal(real_server()->checkers.items[1]->dns_name, ".");
    load("", "DNS_CHECK {\n name a..b\n type X\n }");
    assert_said(2, 0);
}

static void test_smtp(void **state)
{
    const struct conf_real_server *server;

    (void)state;
    load("", "SMTP_CHECK {\n helo_name me.example.org\n connect_port 26\n }");
    assert_said(0, 0);
    assert_int_equal(first_check()->type, CONF_CHECK_SMTP);
    assert_string_equal(first_check()->helo_name, "me.example.org");
    assert_int_equal(first_check()->connect.port, 26);
    load("",
         "SMTP_CHECK {\n host {\n connect_ip 10.0.0.8\n }\n host {\n connect_ip 10.0.0.9\n connect_port 27\n"
         " retry 5\n }\n connect_port 26\n helo_name me\n retry 2\n }");
    assert_said(0, 0);
    server = real_server();
    assert_int_equal(server->checkers.count, 2); /* one for each host, none for the block itself */
    for (uint32_t i = 0; i < 2; i++) {
        const struct conf_checker *check = server->checkers.items[i];
        bool second = check->connect.address.bytes[3] == 9;

        assert_int_equal(check->connect.port, second ? 27 : 26);
        assert_int_equal(check->retry, second ? 5 : 2);
        assert_string_equal(check->helo_name, "me");
    }
    assert_int_not_equal(server->checkers.items[0]->key, server->checkers.items[1]->key);
}

/* ------------------------------------------------------------------ files */

#define LOAD_FILE "track_file load {\n file /run/load\n weight -2 reverse\n}\n"

static void test_files(void **state)
{
    const struct conf_checker *check;

    (void)state;
    load(LOAD_FILE, "FILE_CHECK {\n track_file load\n }");
    assert_said(0, 0);
    check = first_check();
    assert_int_equal(check->type, CONF_CHECK_FILE);
    assert_int_equal(conf_result_model(fake_result)->track_files.count, 1); /* so it is watched */
    assert_int_equal(check->file, conf_result_model(fake_result)->track_files.items[0]->key);
    assert_string_equal(check->file_name, "load");
    assert_int_equal(check->file_weight, -2);
    assert_true(check->file_reverse);
    load(LOAD_FILE, "alpha\n retry 3\n FILE_CHECK {\n weight 2147483647\n track_file load\n }");
    assert_said(0, 0);
    check = first_check();
    assert_int_equal(check->file_weight, INT32_MAX);
    assert_false(check->file_reverse);
    assert_false(check->alpha); /* the file is read at once, and there is nothing to try again */
    assert_int_equal(check->retry, 0);
    load(LOAD_FILE, "FILE_CHECK {\n track_file load\n weight 0 reverse\n }");
    assert_int_equal(first_check()->file_weight, 0);
    assert_true(first_check()->file_reverse);
}

static void test_bad_files(void **state)
{
    static const char *const lines[] = {"weight 1", "track_file road", "track_file"};

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char check[64];

        snprintf(check, sizeof(check), "FILE_CHECK {\n %s\n }", lines[i]);
        load(LOAD_FILE, check);
        assert_int_equal(real_server()->checkers.count, 0);
        assert_int_equal(conf_result_model(fake_result)->track_files.count, 0);
    }
    load(LOAD_FILE, "FILE_CHECK {\n track_file road\n }");
    assert_said(2, 0);
    assert_string_equal(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->suggestion, "load");
    load("track_file load {\n file run/load\n}\n", "FILE_CHECK {\n track_file load\n }");
    assert_int_equal(real_server()->checkers.count, 0);
    load(LOAD_FILE, "FILE_CHECK {\n track_file load\n weight 2147483648\n }");
    assert_said(1, 0);
    assert_int_equal(first_check()->file_weight, -2);
    load(LOAD_FILE, "FILE_CHECK {\n track_file load\n weight 3 backwards\n }");
    assert_said(1, 0);
    assert_int_equal(first_check()->file_weight, -2);
}

/* ------------------------------------------------------------------ bodies */

static const struct conf_url *load_url(const char *lines)
{
    char check[1024];

    snprintf(check, sizeof(check), "HTTP_GET {\n url {\n path /\n %s\n }\n }", lines);
    load("", check);
    return first_check()->urls.items[0];
}

static void test_digests(void **state)
{
    (void)state;
    assert_string_equal(load_url("digest 640205B7B0FC66C1EA91C463FAC6334D")->digest,
                        "640205b7b0fc66c1ea91c463fac6334d");
    assert_said(0, 0);
    assert_null(load_url("digest 640205b7")->digest);
    assert_said(1, 0);
    assert_null(load_url("digest 640205b7b0fc66c1ea91c463fac6334x")->digest);
    assert_said(1, 0);
}

static void test_regex(void **state)
{
    const struct conf_url *url =
        load_url("regex \"BUILD: rpm-.{3,50}\"\n regex_no_match\n regex_options caseless dotall\n"
                 " regex_options utf\n regex_min_offset 5\n regex_max_offset 100\n regex_stack 1 2");

    (void)state;
    assert_said(0, 0);
    assert_string_equal(url->regex, "BUILD: rpm-.{3,50}");
    assert_true(url->regex_no_match);
    assert_int_equal(url->regex_options, PCRE2_CASELESS | PCRE2_DOTALL | PCRE2_UTF);
    assert_int_equal(url->regex_min_offset, 5);
    assert_int_equal(url->regex_end_offset, 101); /* the last place may still begin a match */
    assert_string_equal(load_url("regex \"a\\\\d 'b'\"")->regex,
                        "a\\d 'b'"); /* the language's escape, then PCRE2's */
    assert_said(0, 0);
    assert_string_equal(load_url("regex up")->regex, "up");
    assert_int_equal(load_url("regex up\n regex_max_offset 0")->regex_end_offset, 1);
    assert_null(load_url("regex_no_match")->regex);
    assert_said(0, 0);
}

static void test_bad_regex(void **state)
{
    const struct conf_diagnostic *item;

    (void)state;
    assert_null(load_url("regex \"a(b\"")->regex);
    assert_said(0, 1);
    item = fake_find(fake_result, CONF_PROBLEM_VALUE, 0);
    assert_non_null(strstr(item->text, "at its character 4"));
    assert_null(load_url("regex a b")->regex);
    assert_said(1, 0);
    load_url("regex a\n regex_options caselss");
    assert_said(1, 0);
    assert_string_equal(fake_find(fake_result, CONF_PROBLEM_VALUE, 0)->suggestion, "caseless");
    assert_int_equal(load_url("regex a\n regex_min_offset 9\n regex_max_offset 3")->regex_min_offset, 0);
    assert_said(1, 0);
}

/* ------------------------------------------------------------------ SSL_GET */

static void test_server_names(void **state)
{
    (void)state;
    load("", "SSL_GET {\n virtualhost of.check\n enable_sni\n url {\n path /\n }\n url {\n path /2\n "
             "virtualhost of.url\n"
             " }\n }\n SSL_GET {\n url {\n path /\n }\n }\n"
             " SSL_GET {\n sni_name given\n url {\n path /\n virtualhost of.url\n tls_compliant\n }\n url "
             "{\n path /\n }\n }"
             " SSL_GET {\n enable_sni\n tls_compliant\n url {\n path /\n }\n }");
    assert_said(0, 0);
    assert_int_equal(first_check()->type, CONF_CHECK_SSL);
    assert_int_equal(first_check()->delay_before_retry_us, 3000000);
    assert_string_equal(first_check()->urls.items[0]->server_name, "of.check");
    assert_string_equal(first_check()->urls.items[1]->server_name, "of.url");
    assert_false(first_check()->urls.items[0]->tls_compliant);
    assert_null(real_server()->checkers.items[1]->urls.items[0]->server_name);
    assert_string_equal(real_server()->checkers.items[1]->virtualhost, "of.server");
    assert_string_equal(real_server()->checkers.items[2]->urls.items[0]->server_name, "given");
    assert_true(real_server()->checkers.items[2]->urls.items[0]->tls_compliant);
    assert_false(real_server()->checkers.items[2]->urls.items[1]->tls_compliant);
    assert_string_equal(real_server()->checkers.items[3]->urls.items[0]->server_name, "of.server");
    assert_true(real_server()->checkers.items[3]->urls.items[0]->tls_compliant);
}

#define SSL_CHECK "SSL_GET {\n url {\n path /\n }\n }"

static void test_block_ssl(void **state)
{
    const struct conf_tls *tls;

    (void)state;
    load("SSL {\n certificate /cert.pem\n key /key.pem\n ca /cert.pem\n password sesame\n}", SSL_CHECK);
    assert_said(0, 0);
    tls = &conf_result_model(fake_result)->global.tls;
    assert_string_equal(tls->certificate, PEM);
    assert_string_equal(tls->private_key, PEM);
    assert_string_equal(tls->authorities, PEM);
    assert_string_equal(tls->password, "sesame");
    load("SSL {\n certificate /cert.pem\n key /missing\n}", SSL_CHECK);
    assert_said(0, 1);
    load("SSL {\n certificate /cert.pem\n key /odd.pem\n}", SSL_CHECK);
    assert_said(0, 1);
    load("SSL {\n certificate /cert.pem\n}", SSL_CHECK);
    assert_said(0, 1);
    load("SSL {\n certificate /missing\n}", "TCP_CHECK {\n }"); /* nobody uses it */
    assert_said(0, 0);
    assert_null(conf_result_model(fake_result)->global.tls.certificate);
}

static void test_verifying_needs_authorities(void **state)
{
    (void)state;
    load("SSL {\n ca /cert.pem\n}", "SSL_GET {\n tls_verify\n url {\n path /\n }\n }");
    assert_said(0, 0);
    assert_true(first_check()->tls_verify);
    load("", "SSL_GET {\n tls_verify\n url {\n path /\n }\n }");
    assert_said(0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_misc, fake_release),
        cmocka_unit_test_teardown(test_misc_without_a_script, fake_release),
        cmocka_unit_test_teardown(test_what_links_makes, fake_release),
        cmocka_unit_test_teardown(test_ping, fake_release),
        cmocka_unit_test_teardown(test_udp, fake_release),
        cmocka_unit_test_teardown(test_dns, fake_release),
        cmocka_unit_test_teardown(test_smtp, fake_release),
        cmocka_unit_test_teardown(test_files, fake_release),
        cmocka_unit_test_teardown(test_bad_files, fake_release),
        cmocka_unit_test_teardown(test_digests, fake_release),
        cmocka_unit_test_teardown(test_regex, fake_release),
        cmocka_unit_test_teardown(test_bad_regex, fake_release),
        cmocka_unit_test_teardown(test_server_names, fake_release),
        cmocka_unit_test_teardown(test_block_ssl, fake_release),
        cmocka_unit_test_teardown(test_verifying_needs_authorities, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
