/* Differences in the words of the language, and what the keyword table says of a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/difference_summary.h"
#include "conf/difference_text.h"
#include "conf/keyword_help.h"
#include "fake_host.h"

#define INSTANCE(priority, rest)                                                                             \
    "vrrp_instance V {\n interface eth0\n virtual_router_id 1\n priority " priority "\n" rest                \
    " virtual_ipaddress {\n 192.0.2.1/24\n }\n}\n"
#define AUTH(word) " authentication {\n auth_type PASS\n auth_pass " word "\n }\n"
#define SERVER(weight, two)                                                                                  \
    "virtual_server 192.0.2.1 80 {\n protocol TCP\n lvs_sched rr\n real_server 10.0.0.1 80 {\n "             \
    "weight " weight "\n lvs_method NAT\n }\n" two "}\n"

static void put_change(const struct conf_change *change, void *data)
{
    fprintf(data, "%s: %s => %s\n", change->object, change->before == NULL ? "" : change->before,
            change->after == NULL ? "" : change->after);
}

static void check(const char *before, const char *after, const char *expected)
{
    struct conf_result *old = fake_load(before), *new = fake_load(after);
    const struct conf_model *from = conf_result_model(old), *to = conf_result_model(new);
    struct conf_difference *difference = conf_difference_new(from, to);
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    conf_difference_tell(difference, from, to, put_change, out);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
    conf_difference_free(difference);
    conf_result_free(new);
    conf_result_free(old);
}

static void check_summary(const char *before, const char *after, const char *expected)
{
    struct conf_result *old = fake_load(before), *new = fake_load(after);
    struct conf_difference *difference = conf_difference_new(conf_result_model(old), conf_result_model(new));
    char text[CONF_SUMMARY_TEXT];

    assert_string_equal(conf_difference_summary(difference, text), expected);
    conf_difference_free(difference);
    conf_result_free(new);
    conf_result_free(old);
}

static void test_the_summary_counts(void **state)
{
    (void)state;
    check_summary(INSTANCE("100", ""), INSTANCE("100", ""), "");
    check_summary(INSTANCE("100", ""), INSTANCE("150", " garp_master_delay 1\n"),
                  "1 priority changed, 1 other setting changed");
    check_summary(INSTANCE("100", " virtual_ipaddress_excluded {\n 192.0.2.7/24\n 192.0.2.8/24\n }\n"),
                  INSTANCE("100", ""), "2 virtual addresses removed");
    check_summary(SERVER("1", ""), SERVER("3", " real_server 10.0.0.2 80 {\n }\n"),
                  "1 real server added, 1 weight changed");
}

static void test_nothing_changes(void **state)
{
    (void)state;
    check(INSTANCE("100", AUTH("abc")) SERVER("1", ""), INSTANCE("100", AUTH("abc")) SERVER("1", ""), "");
}

static void test_a_value_changes(void **state)
{
    (void)state;
    check(INSTANCE("100", ""), INSTANCE("150", ""), "vrrp_instance V: priority 100 => priority 150\n");
    check(INSTANCE("100", ""), INSTANCE("100", " garp_master_delay 1\n"),
          "vrrp_instance V:  => garp_master_delay 1\n");
    check(SERVER("1", ""), SERVER("3", ""),
          "virtual_server 192.0.2.1 80 tcp, real_server 10.0.0.1 80: weight 1 => weight 3\n");
}

static void test_what_has_no_effect_changes_too(void **state)
{
    (void)state;
    check(INSTANCE("100", " debug 1\n promote_secondaries\n"),
          INSTANCE("100", " debug 2\n timer_expired_backup\n"),
          "vrrp_instance V: promote_secondaries => \n"
          "vrrp_instance V: debug 1 => debug 2\n"
          "vrrp_instance V:  => timer_expired_backup\n");
}

static void test_a_secret_is_only_changed(void **state)
{
    (void)state;
    check(INSTANCE("100", AUTH("abc")), INSTANCE("100", AUTH("abd")),
          "vrrp_instance V: auth_pass => auth_pass (changed)\n");
}

static void test_an_object_comes_and_goes(void **state)
{
    (void)state;
    check(SERVER("1", ""), SERVER("1", " real_server 10.0.0.2 80 {\n weight 2\n lvs_method NAT\n }\n"),
          "virtual_server 192.0.2.1 80 tcp:  => real_server 10.0.0.2 80 {\n    weight 2\n    lvs_method "
          "NAT\n}\n");
    check(INSTANCE("100", " virtual_ipaddress_excluded {\n 192.0.2.7/24\n }\n"), INSTANCE("100", ""),
          "vrrp_instance V: virtual_ipaddress_excluded 192.0.2.7/24 dev eth0 => \n");
}

static void test_a_line_changes(void **state)
{
    (void)state;
    check(INSTANCE("100", " virtual_ipaddress_excluded {\n 192.0.2.7/24\n }\n"),
          INSTANCE("100", " virtual_ipaddress_excluded {\n 192.0.2.7/25 scope link\n }\n"),
          "vrrp_instance V: virtual_ipaddress_excluded 192.0.2.7/24 dev eth0 => "
          "virtual_ipaddress_excluded 192.0.2.7/25 dev eth0 scope 253\n");
}

static void test_a_keyword_explains_itself(void **state)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    const char *nearest;

    (void)state;
    assert_true(conf_keyword_help("preempt_delay", out, &nearest));
    assert_null(nearest);
    assert_false(conf_keyword_help("prempt_delay", out, &nearest));
    assert_string_equal(nearest, "preempt_delay");
    fclose(out);
    assert_non_null(strstr(text, "preempt_delay <DECIMAL>\n"));
    assert_non_null(strstr(text, "    block:     vrrp_instance\n"));
    assert_non_null(strstr(text, "    range:     s, 0..1000\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_summary_counts),
        cmocka_unit_test(test_nothing_changes),
        cmocka_unit_test(test_a_value_changes),
        cmocka_unit_test(test_what_has_no_effect_changes_too),
        cmocka_unit_test(test_a_secret_is_only_changed),
        cmocka_unit_test(test_an_object_comes_and_goes),
        cmocka_unit_test(test_a_line_changes),
        cmocka_unit_test(test_a_keyword_explains_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
