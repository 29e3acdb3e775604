/*
 * The keyword table: it knows every keyword of the language (data/keywords.tsv) and is consistent. That the
 * manual has them is in test_manual.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/keywords.h"
#include "fake_host.h"
#include "keyword_list.h"

static void test_every_keyword_is_known(void **state)
{
    struct conf_keyword_index *index = conf_keyword_index_new();
    char *text = keyword_list_read();
    char *rest = text, *line;
    size_t rows = 0, unknown = 0;

    (void)state;
    strsep(&rest, "\n"); /* the heading */
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        char *block = strsep(&line, "\t");
        char *keyword = strsep(&line, "\t");

        rows++;
        if (keyword_list_block(block) == CONF_BLOCK_NONE ||
            conf_keyword_find(index, keyword_list_block(block), keyword) == NULL) {
            print_error("not in the table: %s %s\n", block, keyword);
            unknown++;
        }
    }
    assert_true(rows > 700);
    assert_int_equal(unknown, 0);
    free(text);
    conf_keyword_index_free(index);
}

/* What build_setting.c can read: no value of a keyword without effect goes unchecked. */
static bool is_kind_of_setting(enum conf_value_kind kind)
{
    return kind == CONF_VALUE_SET || kind == CONF_VALUE_BOOL || kind == CONF_VALUE_INTEGER ||
           kind == CONF_VALUE_TEXT || kind == CONF_VALUE_CHOICE || kind == CONF_VALUE_HANDLER;
}

static void test_rows_are_sound(void **state)
{
    (void)state;
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_COUNT; block++) {
        const struct conf_block_info *info = conf_block_info(block);

        assert_non_null(info->path);
        assert_non_null(info->rows);
        for (const struct conf_keyword *row = info->rows; row->name != NULL; row++) {
            if (row->state == CONF_ACCEPTED)
                assert_non_null(row->reason);
            if (row->state == CONF_ACCEPTED && !row->modelled && row->name[0] != '(')
                assert_true(is_kind_of_setting(row->kind));
            assert_true(row->lack != CONF_LACK_GOOD || (row->state == CONF_ACCEPTED && !row->modelled));
            if (row->kind == CONF_VALUE_HANDLER)
                assert_non_null(row->handler);
            if (row->kind == CONF_VALUE_CHOICE)
                assert_non_null(row->choices);
            assert_true(row->low <= row->high || row->kind == CONF_VALUE_NONE);
            if (row->opens != CONF_BLOCK_NONE)
                assert_int_equal(conf_block_info(row->opens)->parent, block);
            if (row->opens != CONF_BLOCK_NONE && row->state == CONF_BUILT &&
                conf_block_info(row->opens)->list)
                assert_non_null(conf_block_info(row->opens)->entry);
        }
    }
}

static void test_no_keyword_is_there_twice(void **state)
{
    struct conf_keyword_index *index = conf_keyword_index_new();

    (void)state;
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_LANGUAGE; block++) {
        for (const struct conf_keyword *row = conf_block_info(block)->rows; row->name != NULL; row++)
            assert_ptr_equal(conf_keyword_find(index, block, row->name), row);
    }
    assert_null(conf_keyword_find(index, CONF_BLOCK_INSTANCE, "nothing"));
    assert_null(conf_keyword_find(index, CONF_BLOCK_GLOBAL, "state"));
    conf_keyword_index_free(index);
}

/* Each keyword that is not built yet refuses, and names itself. */
static void test_what_is_not_built_refuses(void **state)
{
    char text[256];
    size_t tried = 0;

    (void)state;
    for (const struct conf_keyword *row = conf_block_info(CONF_BLOCK_INSTANCE)->rows; row->name != NULL;
         row++) {
        struct conf_result *result;
        const struct conf_diagnostic *item;

        if (row->state != CONF_NOT_BUILT)
            continue;
        snprintf(
            text, sizeof(text),
            "vrrp_instance V {\n virtual_router_id 1\n interface eth0\n virtual_ipaddress { 192.0.2.1 }\n "
            "%s%s\n}\n",
            row->name, row->opens != CONF_BLOCK_NONE ? " {\n}" : "");
        result = fake_load(text);
        item = fake_find(result, CONF_PROBLEM_NOT_BUILT, 0);
        assert_non_null(item);
        assert_non_null(strstr(item->text, row->name));
        assert_int_equal(item->position.line, 5);
        assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
        conf_result_free(result);
        tried++;
    }
    print_message("%zu keywords of vrrp_instance are not built yet\n", tried);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_keyword_is_known),
        cmocka_unit_test(test_rows_are_sound),
        cmocka_unit_test(test_no_keyword_is_there_twice),
        cmocka_unit_test(test_what_is_not_built_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
