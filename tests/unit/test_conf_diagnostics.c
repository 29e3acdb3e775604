/* Diagnostics: every kind has its place, its severity, and the words that help. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/tree.h"
#include "fake_host.h"

#define GOOD_INSTANCE                                                                                        \
    "vrrp_instance V {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress {\n 192.0.2.1/24\n }\n"

/* The first diagnostic of that kind is at line:column, has that severity, and says that. */
static void assert_says(const char *text, enum conf_problem problem, enum conf_severity severity,
                        uint32_t line, uint32_t column, const char *words)
{
    struct conf_result *result = fake_load(text);
    const struct conf_diagnostic *item = fake_find(result, problem, 0);

    if (item == NULL) {
        char *all = fake_print(result);

        print_error("no such problem among:\n%s", all);
        free(all);
    }
    assert_non_null(item);
    if (strstr(item->text, words) == NULL)
        print_error("it says: %s\n", item->text);
    assert_non_null(strstr(item->text, words));
    assert_int_equal(item->severity, severity);
    assert_int_equal(item->position.line, line);
    assert_int_equal(item->position.column, column);
    conf_result_free(result);
}

static void test_kinds(void **state)
{
    (void)state;
    assert_says(GOOD_INSTANCE " prioritty 5\n}\n", CONF_PROBLEM_UNKNOWN_KEYWORD, CONF_COMPLAINT, 7, 2,
                "prioritty");
    assert_says("state MASTER\n", CONF_PROBLEM_MISPLACED, CONF_COMPLAINT, 1, 1, "does not belong");
    assert_says(GOOD_INSTANCE " use_vmac\n}\n", CONF_PROBLEM_NOT_BUILT, CONF_REFUSAL, 7, 2, "use_vmac");
    assert_says(GOOD_INSTANCE " debug 4\n}\n", CONF_PROBLEM_NO_EFFECT, CONF_NOTE, 7, 2, "no effect");
    assert_says(GOOD_INSTANCE " priority\n}\n", CONF_PROBLEM_ARGUMENT, CONF_REFUSAL, 7, 2, "lacks");
    assert_says(GOOD_INSTANCE " priority 256\n}\n", CONF_PROBLEM_VALUE, CONF_COMPLAINT, 7, 11,
                "out of range");
    assert_says(GOOD_INSTANCE " priority ten\n}\n", CONF_PROBLEM_VALUE, CONF_COMPLAINT, 7, 11,
                "whole number");
    assert_says(GOOD_INSTANCE " priority 5\n priority 6\n}\n", CONF_PROBLEM_DUPLICATE, CONF_NOTE, 8, 2,
                "last one");
    assert_says(GOOD_INSTANCE "}\n" GOOD_INSTANCE "}\n", CONF_PROBLEM_DUPLICATE, CONF_COMPLAINT, 8, 15,
                "twice");
    assert_says("vrrp_instance V {\n interface eth0\n}\n", CONF_PROBLEM_MISSING, CONF_COMPLAINT, 1, 15,
                "virtual_router_id");
    assert_says(GOOD_INSTANCE " state MASTER\n nopreempt\n}\n", CONF_PROBLEM_CONFLICT, CONF_COMPLAINT, 8, 2,
                "nopreempt");
    assert_says(GOOD_INSTANCE "}\nvrrp_sync_group G {\n group {\n W\n }\n}\n", CONF_PROBLEM_REFERENCE,
                CONF_COMPLAINT, 10, 2, "no vrrp_instance 'W'");
    assert_says(
        "virtual_server 192.0.2.1 80 {\n lvs_sched rr\n lvs_method DR\n real_server 192.0.2.2 80 {\n }\n}\n",
        CONF_PROBLEM_DEFAULT, CONF_COMPLAINT, 1, 16, "UDP");
    assert_says("vrrp_instance V {\n interface \"eth0\n}\n", CONF_PROBLEM_TEXT, CONF_COMPLAINT, 2, 12,
                "quote");
    assert_says("vrrp_track_file f {\n}\n", CONF_PROBLEM_DEPRECATED, CONF_NOTE, 1, 1, "deprecated");
}

static void test_braces(void **state)
{
    (void)state;
    assert_says("global_defs {\n router_id a\n}\n}\n", CONF_PROBLEM_BRACE, CONF_COMPLAINT, 4, 1, "extra");
    assert_says("vrrp_instance V {\n interface eth0\n", CONF_PROBLEM_BRACE, CONF_COMPLAINT, 1, 17,
                "block vrrp_instance V is never closed");
    assert_says("global_defs {\n router_id a {\n b\n }\n}\n", CONF_PROBLEM_BRACE, CONF_COMPLAINT, 2, 14,
                "'router_id' has no block");
    assert_says("{\n}\n", CONF_PROBLEM_BRACE, CONF_COMPLAINT, 1, 1, "no keyword before it");
    assert_says("vrrp_instance V\n interface eth0\n}\n", CONF_PROBLEM_BRACE, CONF_COMPLAINT, 1, 15,
                "'{' of block vrrp_instance is missing");
    assert_says("global_defs {\n", CONF_PROBLEM_BRACE, CONF_COMPLAINT, 1, 13, "never closed");
}

/* A file that is being written ends anywhere: a running daemon must not take its beginning for the whole. */
static void test_a_reload_takes_no_half_written_file(void **state)
{
    static const char whole[] = "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n}\n";
    char part[sizeof(whole)];
    struct conf_result *result;

    (void)state;
    for (size_t length = strcspn(whole, "{") + 1; length < sizeof(whole); length++) {
        memcpy(part, whole, length);
        part[length] = '\0';
        result = fake_reload(part);
        assert_int_equal(conf_result_outcome(result) == CONF_OUTCOME_REFUSED, strchr(part, '}') == NULL);
        conf_result_free(result);
    }
    result = fake_reload("");
    assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
    conf_result_free(result);
    result = fake_reload("vrrp_instance V {\n interface eth0\n");
    assert_int_equal(fake_find(result, CONF_PROBLEM_BRACE, 0)->position.line, 1);
    conf_result_free(result);
    result = fake_load("vrrp_instance V {\n interface eth0\n virtual_router_id 7\n");
    assert_int_equal(conf_result_outcome(result),
                     CONF_OUTCOME_COMPLAINTS); /* a start runs with it, as keepalived */
    conf_result_free(result);
}

/* A block without its end brings the next block into it: the message says which '}' to look for. */
static void test_missing_end_is_explained(void **state)
{
    struct conf_result *result = fake_load("vrrp_instance A {\n interface eth0\n\nvrrp_instance B {\n}\n");
    const struct conf_diagnostic *item = fake_find(result, CONF_PROBLEM_MISPLACED, 0);

    (void)state;
    assert_non_null(item);
    assert_int_equal(item->position.line, 4);
    assert_int_equal(item->related_count, 1);
    assert_int_equal(item->related[0].position.line, 1);
    assert_non_null(strstr(item->related[0].text, "missing"));
    conf_result_free(result);
}

/* A list without its end takes the next block for one of its entries. */
static void test_missing_end_of_a_list_is_explained(void **state)
{
    struct conf_result *result =
        fake_load("vrrp_instance A {\n interface eth0\n virtual_ipaddress {\n  192.0.2.1\n\n"
                  " track_interface {\n  eth1\n }\n}\n");
    const struct conf_diagnostic *item = fake_find(result, CONF_PROBLEM_BRACE, 0);

    (void)state;
    assert_non_null(item);
    assert_int_equal(item->position.line, 6);
    assert_int_equal(item->related_count, 1);
    assert_int_equal(item->related[0].position.line, 3);
    assert_non_null(strstr(item->related[0].text, "missing"));
    conf_result_free(result);
}

static void assert_suggests(const char *text, const char *word)
{
    struct conf_result *result = fake_load(text);
    const struct conf_diagnostic *item = conf_diagnostics_item(conf_result_diagnostics(result), 0);

    if (word == NULL)
        assert_null(item->suggestion);
    else
        assert_string_equal(item->suggestion, word);
    conf_result_free(result);
}

static void test_suggestions(void **state)
{
    (void)state;
    assert_suggests("global_defs {\n ruter_id x\n}\n", "router_id");
    assert_suggests("vrrp_instnace V {\n}\n", "vrrp_instance");
    assert_suggests(GOOD_INSTANCE " stat MASTER\n}\n", "state");
    assert_suggests(GOOD_INSTANCE " state MATSER\n}\n", "MASTER");
    assert_suggests("global_defs {\n completely_different x\n}\n", NULL);
}

static void test_all_problems_in_one_run(void **state)
{
    struct conf_result *result =
        fake_load("globl_defs {\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 900\n"
                  " priority x\n virtual_ipaddress { 1.2.3 }\n use_vmac\n}\n");

    (void)state;
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(result), CONF_COMPLAINT), 5);
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(result), CONF_REFUSAL), 1);
    conf_result_free(result);
}

static void test_the_first_definition_is_shown(void **state)
{
    struct conf_result *result = fake_load(GOOD_INSTANCE "}\nvrrp_instance V {\n}\n");
    const struct conf_diagnostic *item = fake_find(result, CONF_PROBLEM_DUPLICATE, 0);

    (void)state;
    assert_int_equal(item->related_count, 1);
    assert_int_equal(item->related[0].position.line, 1);
    assert_int_equal(item->related[0].position.column, 15);
    conf_result_free(result);
}

static void test_print(void **state)
{
    struct conf_result *result = fake_load("global_defs {\n\trouter_idd x y\n}\n");
    char *text = fake_print(result);

    (void)state;
    assert_string_equal(
        text, "/etc/tandem/tandem.conf:2:2: warning: unknown keyword 'router_idd' in global_defs; it is "
              "skipped\n"
              "    \trouter_idd x y\n"
              "    \t^~~~~~~~~~\n"
              "    did you mean 'router_id'?\n");
    free(text);
    conf_result_free(result);
}

static void test_the_first_in_one_line(void **state)
{
    struct conf_result *result =
        fake_load(GOOD_INSTANCE " no_such_word\n use_ipvlan_too\n priority 300\n}\n");
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);
    char line[200], *all = fake_print(result);

    (void)state;
    conf_diagnostics_first(diagnostics, CONF_COMPLAINT, line, sizeof(line));
    assert_non_null(strstr(line, ":7:2: warning: "));
    assert_non_null(strstr(line, "no_such_word"));
    assert_null(strchr(line, '\n'));
    assert_non_null(strstr(all, line));
    conf_diagnostics_first(diagnostics, CONF_COMPLAINT, line, 20);
    assert_int_equal(strlen(line), 19);
    assert_string_equal(line + 16, "...");
    conf_result_free(result);
    free(all);
    result = fake_load(GOOD_INSTANCE "}\n");
    conf_diagnostics_first(conf_result_diagnostics(result), CONF_REFUSAL, line, sizeof(line));
    assert_string_equal(line, "");
    conf_result_free(result);
}

static void test_print_names_the_expansion(void **state)
{
    struct conf_result *result = fake_load(
        "$BODY= \\\n virtual_router_id $ID \\\n interface eth0\n\n$ID=999\nvrrp_instance V {\n $BODY\n}\n");
    char *text = fake_print(result);

    (void)state;
    assert_non_null(strstr(text, "tandem.conf:5:5: warning: '999' is out of range"));
    assert_non_null(strstr(text, "    $ID=999\n        ^~~\n"));
    assert_non_null(strstr(text, "in expansion of $ID, used at /etc/tandem/tandem.conf:2:20\n"
                                 "    in expansion of $BODY, used at /etc/tandem/tandem.conf:7:2\n"));
    free(text);
    conf_result_free(result);
}

static void test_print_is_in_the_order_of_the_file(void **state)
{
    struct conf_result *result =
        fake_load("vrrp_instance V {\n interface eth0\n oops\n}\nglobal_defs {\n oops\n}\n");
    char *text = fake_print(result);

    (void)state;
    assert_true(strstr(text, ":3:2:") < strstr(text, ":6:2:"));
    free(text);
    conf_result_free(result);
}

static void test_control_characters_are_not_printed(void **state)
{
    struct conf_result *result = fake_load("oo\033[2Jps x\n");
    char *text = fake_print(result);

    (void)state;
    assert_null(strchr(strchr(text, '\n'), '\033'));
    free(text);
    conf_result_free(result);
}

static void assert_outcome(const char *text, enum conf_outcome outcome)
{
    struct conf_result *result = fake_load(text);
    struct conf_model *model;

    assert_int_equal(conf_result_outcome(result), outcome);
    model = conf_result_take_model(result);
    if (outcome == CONF_OUTCOME_REFUSED)
        assert_null(model);
    else
        assert_non_null(model);
    conf_model_free(model);
    conf_result_free(result);
}

static void test_outcomes(void **state)
{
    (void)state;
    assert_outcome("", CONF_OUTCOME_GOOD);
    assert_outcome(GOOD_INSTANCE "}\n", CONF_OUTCOME_GOOD);
    assert_outcome(GOOD_INSTANCE " debug 1\n}\n", CONF_OUTCOME_GOOD);
    assert_outcome(GOOD_INSTANCE " oops\n}\n", CONF_OUTCOME_COMPLAINTS);
    assert_outcome("global_defs {\n strict\n}\n" GOOD_INSTANCE " oops\n}\n", CONF_OUTCOME_REFUSED);
    assert_outcome("global_defs {\n strict off\n}\n" GOOD_INSTANCE " oops\n}\n", CONF_OUTCOME_COMPLAINTS);
    assert_outcome("global_defs {\n strict\n}\n" GOOD_INSTANCE "}\n", CONF_OUTCOME_GOOD);
    assert_outcome("global_defs {\n rs_init_notifies off\n}\n", CONF_OUTCOME_GOOD);
    assert_outcome("global_defs {\n enable_dbus\n}\n", CONF_OUTCOME_REFUSED);
    assert_outcome("bfd_instance f {\n}\n", CONF_OUTCOME_REFUSED);
}

static void test_a_flood_is_cut(void **state)
{
    struct conf_result *result = fake_load("~SEQ(N, 1, 5000) oops$N\n~SEQ(N, 1, 5000) oops\n");
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);

    (void)state;
    assert_in_range(conf_diagnostics_count(diagnostics), 1000, 3000);
    assert_true(conf_diagnostics_total(diagnostics, CONF_COMPLAINT) >= 5000);
    assert_non_null(fake_find(result, CONF_PROBLEM_TOO_MANY, 0));
    assert_null(fake_find(result, CONF_PROBLEM_TOO_MANY, 1));
    conf_result_free(result);
}

static void test_notes_do_not_crowd_out_complaints(void **state)
{
    struct conf_result *result =
        fake_load("global_defs {\n~SEQ(N, 1, 5000) enable_traps\n}\n~SEQ(N, 1, 10) oops$N\n");

    (void)state;
    assert_true(conf_diagnostics_total(conf_result_diagnostics(result), CONF_NOTE) >= 5000);
    assert_non_null(fake_find(result, CONF_PROBLEM_TOO_MANY, 0));
    assert_non_null(fake_find(result, CONF_PROBLEM_UNKNOWN_KEYWORD, 9));
    conf_result_free(result);
}

/* What is too large is refused where it becomes so, and nothing else is said of blocks left open. */
static void assert_too_large(const char *part, size_t times, unsigned int column, const char *limit)
{
    size_t length = strlen(part);
    char *text = malloc(times * length + 1);
    struct conf_result *result;
    const struct conf_diagnostic *item = NULL;

    assert_non_null(text);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * length, part, length + 1);
    result = fake_load(text);
    free(text);
    assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
    assert_int_equal(conf_diagnostics_total(conf_result_diagnostics(result), CONF_REFUSAL), 1);
    for (size_t i = 0; i < conf_diagnostics_count(conf_result_diagnostics(result)); i++) {
        const struct conf_diagnostic *other = conf_diagnostics_item(conf_result_diagnostics(result), i);

        if (other->severity == CONF_REFUSAL)
            item = other;
    }
    assert_non_null(item);
    assert_non_null(strstr(item->text, limit));
    assert_int_equal(item->position.column, column);
    conf_result_free(result);
}

static void test_what_is_too_large_is_refused(void **state)
{
    (void)state;
    assert_too_large("a {\n", CONF_TREE_DEPTH_MAX + 1, 3, "deeper than 1000");
    assert_too_large("{\n", 1 << 21, 1, "deeper than 1000");
    assert_too_large("{ }\n", CONF_TREE_SIZE_MAX / 8 + 1, 1, "more than 16777216"); /* and complaints */
    assert_too_large("a\n", CONF_TREE_SIZE_MAX / 8 + 1, 1, "more than 16777216");
    assert_too_large("b b b b b b b b ", CONF_TREE_SIZE_MAX / 8 + 1, 1, "more than 16777216");
}

static void test_of_a_long_line_a_part_is_shown(void **state)
{
    char text[5000], *all;
    struct conf_result *result;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "track_script s ", 15);
    memcpy(text + 4500, " { oops", 7);
    text[4998] = '\n';
    text[4999] = '\0';
    result = fake_load(text);
    all = fake_print(result);
    assert_non_null(strstr(all, "oops"));
    assert_in_range(strlen(all), 400, 4000);
    free(all);
    conf_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_too_large_is_refused),
        cmocka_unit_test(test_of_a_long_line_a_part_is_shown),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_braces),
        cmocka_unit_test(test_a_reload_takes_no_half_written_file),
        cmocka_unit_test(test_missing_end_is_explained),
        cmocka_unit_test(test_missing_end_of_a_list_is_explained),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_all_problems_in_one_run),
        cmocka_unit_test(test_the_first_definition_is_shown),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_the_first_in_one_line),
        cmocka_unit_test(test_print_names_the_expansion),
        cmocka_unit_test(test_print_is_in_the_order_of_the_file),
        cmocka_unit_test(test_control_characters_are_not_printed),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_a_flood_is_cut),
        cmocka_unit_test(test_notes_do_not_crowd_out_complaints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
