/* The expander: @id lines, definitions, sequences, includes, and what stops them from running for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "conf/expander.h"
#include "fake_host.h"

struct collected {
    char text[16384];
    struct conf_sources *sources;
    struct conf_diagnostics *diagnostics;
    struct conf_arena *arena;
    struct conf_position last; /* of the last line's first byte */
};

static void collect(void *context, const struct conf_line *line)
{
    struct collected *collected = context;

    size_t used = strlen(collected->text);

    snprintf(collected->text + used, sizeof(collected->text) - used, "%s\n", line->text);
    collected->last = conf_line_position(line, 0);
}

static void expand_files(struct collected *collected, const struct fake_file *files)
{
    const struct conf_expander_options options = {
        .path = files[0].path, .config_id = "node1", .host = &fake_host};

    memset(collected, 0, sizeof(*collected));
    collected->arena = conf_arena_new();
    collected->sources = conf_sources_new(collected->arena, &fake_host);
    collected->diagnostics = conf_diagnostics_new(collected->arena, collected->sources);
    fake_host_files(files);
    conf_expand(&options, collected->arena, collected->sources, collected->diagnostics, collect, collected);
}

static void expand(struct collected *collected, const char *text)
{
    const struct fake_file files[] = {{"/c/main", text}, {0}};

    expand_files(collected, files);
}

static void release(struct collected *collected)
{
    conf_arena_free(collected->arena);
}

static size_t total(const struct collected *collected, enum conf_severity severity)
{
    return conf_diagnostics_total(collected->diagnostics, severity);
}

static void assert_expands(const char *text, const char *expected)
{
    struct collected collected;

    expand(&collected, text);
    assert_string_equal(collected.text, expected);
    assert_int_equal(conf_diagnostics_count(collected.diagnostics), 0);
    release(&collected);
}

static void test_plain_lines(void **state)
{
    (void)state;
    assert_expands("a b # c\r\n\r\n  d\t\r\nlast", "a b\nd\nlast\n");
    assert_expands("\xef\xbb\xbf"
                   "a\n",
                   "a\n");
}

static void test_config_id(void **state)
{
    (void)state;
    assert_expands("@node1 a\n@node2 b\n@^node1 c\n@^node2 d\n@node1\n", "a\nd\n");
    assert_expands("$X=@node1\n$X yes\n$Y=@node2\n$Y no\n", "yes\n");
}

static void test_definitions_bind_late(void **state)
{
    (void)state;
    assert_expands("$A=${B}\n$B=1\nx $A\n$B=2\nx ${A}y\n", "x 1\nx 2y\n");
    assert_expands("$EMPTY=\na ${EMPTY}b\n", "a b\n");
    assert_expands("$A=1\n$A=2\n$A\n", "2\n");
    assert_expands("$N=5\na $N,$N) b\n", "a 5,5) b\n");
}

static void test_name_must_end(void **state)
{
    struct collected collected;

    (void)state;
    expand(&collected, "$A=1\nx $A.b $Ab $UNKNOWN\n");
    assert_string_equal(collected.text, "x $A.b $Ab $UNKNOWN\n");
    assert_int_equal(total(&collected, CONF_NOTE), 2);
    release(&collected);
}

static void test_multiline_definitions(void **state)
{
    (void)state;
    assert_expands("$B= \\\n  one $X \\\n  { two } \\\n three\nafter\n$X=7\np $B\n",
                   "after\np one 7\n{ two }\nthree\n");
    assert_expands("$B= first \\\n second \\\n\nx\n$B\n", "x\nfirst\nsecond\n");
    assert_expands("$I= \\\n inner\n$O= \\\n a \\\n $I \\\n b\n$O\n", "a\ninner\nb\n");
    assert_expands("$O= \\\n $X=3 \\\n @node1 a $X \\\n @other b\n$O\n", "a 3\n");
}

static void test_multiline_only_at_the_end(void **state)
{
    struct collected collected;

    (void)state;
    expand(&collected, "$B= \\\n one \\\n two\n$B x\n");
    assert_int_equal(total(&collected, CONF_COMPLAINT), 1);
    release(&collected);
}

static void test_predefined(void **state)
{
    struct collected collected;
    int value;

    (void)state;
    assert_expands("${_INSTANCE} ${_ENV COLOUR} [${_ENV NONE}] a${_HASH}b ${_BANG}\n",
                   "node1 blue [] a#b !\n");
    assert_expands("$C=${_HASH}\n$C not this\nbut this\n", "but this\n");
    assert_expands("$_HASH=x\na ${_HASH}\n", "a x\n");
    assert_expands("${_RANDOM 4 4}\n", "4\n");
    for (int i = 0; i < 20; i++) {
        expand(&collected, "${_RANDOM 10 12}\n");
        value = atoi(collected.text);
        assert_in_range(value, 10, 12);
        release(&collected);
    }
}

static void test_directory(void **state)
{
    const struct fake_file files[] = {
        {"/c/main", "${_PWD}\ninclude sub/x\n"}, {"/c/sub/x", "${_PWD}\n"}, {0}};
    struct collected collected;

    (void)state;
    expand_files(&collected, files);
    assert_string_equal(collected.text, "/c\n/c/sub\n");
    release(&collected);
}

static void test_sequences(void **state)
{
    (void)state;
    assert_expands("~SEQ(N, 1, 3) a $N\n", "a 1\na 2\na 3\n");
    assert_expands("~SEQ(N,3) a${N}b\n", "a1b\na2b\na3b\n");
    assert_expands("~SEQ(N, 10, -4, 1) $N\n", "10\n6\n2\n");
    assert_expands("~SEQ(N, -2) $N\n", "-1\n-2\n");
    assert_expands("~SEQx(N, 0x9, 11) $N\n", "9\na\nb\n");
    assert_expands("$LAST=2\n~SEQ(N, 1, $LAST) $N\n", "1\n2\n");
}

static void test_nested_sequences_multiply(void **state)
{
    (void)state;
    assert_expands("~SEQ(A, 1, 2) ~LST(B, x, y) ${A}$B\n", "1x\n1y\n2x\n2y\n");
    assert_expands("$V= \\\n one $N \\\n two $N\n~SEQ(N, 1, 2) $V\n", "one 1\ntwo 1\none 2\ntwo 2\n");
}

static void test_lists(void **state)
{
    (void)state;
    assert_expands("~LST(N, a, b) x $N\n", "x a\nx b\n");
    assert_expands("~LST({A,B}, {1,2}, {3}) ${A}-${B}.\n", "1-2.\n3-.\n");
}

static void assert_bad_sequence(const char *text)
{
    struct collected collected;
    const struct conf_diagnostic *item;

    expand(&collected, text);
    assert_int_equal(conf_diagnostics_count(collected.diagnostics), 1);
    item = conf_diagnostics_item(collected.diagnostics, 0);
    assert_int_equal(item->problem, CONF_PROBLEM_SEQUENCE);
    assert_int_equal(item->position.line, 1);
    release(&collected);
}

static void test_bad_sequences(void **state)
{
    (void)state;
    assert_bad_sequence("~SEQ(N, 1, 0, 3) x\n");
    assert_bad_sequence("~SEQ(N, 3, 1, 1) x\n");
    assert_bad_sequence("~SEQ N 1 x\n");
    assert_bad_sequence("~SEQ(N, 1\n");
    assert_bad_sequence("~SEQ(N, a, 3) x\n");
    assert_bad_sequence("~SEQ(N, 1, 2, 3, 4) x\n");
    assert_bad_sequence("~SEQx(N, -3, 3) x\n");
    assert_bad_sequence("~SEQ({A,B}, 1, 3) x\n");
    assert_bad_sequence("~LST(A x\n");
    assert_bad_sequence("~LST({A,B}, {1,2,3}) x\n");
}

static void test_definition_loop_is_refused(void **state)
{
    struct collected collected;
    const struct conf_diagnostic *item;

    (void)state;
    expand(&collected, "$A=x $B\n$B=y $A\nuse $A\nafter\n");
    assert_string_equal(collected.text, "after\n");
    assert_int_equal(total(&collected, CONF_REFUSAL), 1);
    item = conf_diagnostics_item(collected.diagnostics, 0);
    assert_string_equal(item->text, "definition $A uses itself");
    assert_int_equal(item->position.line, 2);
    assert_int_equal(item->related[0].position.line, 3);
    release(&collected);
}

static void test_growth_is_limited(void **state)
{
    struct collected collected;

    (void)state;
    expand(&collected, "$A=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
                       "$B=${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}${A}\n"
                       "$C=${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}${B}\n"
                       "$D=${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}${C}\n"
                       "$E=${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}${D}\n"
                       "$F=${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}${E}\n"
                       "$F\n");
    assert_int_equal(total(&collected, CONF_REFUSAL), 1);
    release(&collected);
    expand(&collected, "~SEQ(A, 1, 1000000000) ~SEQ(B, 1, 1000000000) x\n");
    assert_int_equal(total(&collected, CONF_REFUSAL), 1);
    release(&collected);
}

static void test_includes(void **state)
{
    const struct fake_file files[] = {
        {"/c/main", "a\ninclude d/*.conf\ninclude d/{1,2}.conf\ninclude /c/d/1.conf\nz\n"},
        {"/c/d/1.conf", "one\n"},
        {"/c/d/2.conf", "two\ninclude 1.conf\n"},
        {0},
    };
    struct collected collected;

    (void)state;
    expand_files(&collected, files);
    assert_string_equal(collected.text, "a\none\ntwo\none\none\ntwo\none\none\nz\n");
    assert_int_equal(conf_diagnostics_count(collected.diagnostics), 0);
    assert_int_equal(conf_sources_count(collected.sources), 8);
    release(&collected);
}

static void assert_include(const char *line, enum conf_severity severity)
{
    const struct fake_file files[] = {{"/c/main", line}, {"/c/a", "one\n"}, {0}};
    struct collected collected;

    expand_files(&collected, files);
    assert_int_equal(conf_diagnostics_count(collected.diagnostics), 1);
    assert_int_equal(conf_diagnostics_item(collected.diagnostics, 0)->severity, severity);
    assert_int_equal(conf_diagnostics_item(collected.diagnostics, 0)->problem, CONF_PROBLEM_INCLUDE);
    release(&collected);
}

static void test_include_checks(void **state)
{
    (void)state;
    assert_include("include none", CONF_NOTE);
    assert_include("includer none", CONF_NOTE);
    assert_include("includem none", CONF_REFUSAL);
    assert_include("includem none*", CONF_NOTE);
    assert_include("includew none*", CONF_REFUSAL);
    assert_include("includeb {a,none}", CONF_REFUSAL);
    assert_include("includem {a,none}", CONF_NOTE);
    assert_include("includea none", CONF_REFUSAL);
    assert_include("include_check\ninclude none", CONF_REFUSAL);
    assert_include("include_check read match\ninclude none", CONF_NOTE);
    assert_include("include_check read +match\ninclude none", CONF_REFUSAL);
}

static void test_include_loop(void **state)
{
    const struct fake_file files[] = {
        {"/c/main", "include a\n"}, {"/c/a", "x\ninclude b\n"}, {"/c/b", "include a\n"}, {0}};
    const struct conf_diagnostic *item;
    struct collected collected;

    (void)state;
    expand_files(&collected, files);
    assert_string_equal(collected.text, "x\n");
    assert_int_equal(total(&collected, CONF_REFUSAL), 1);
    item = conf_diagnostics_item(collected.diagnostics, 0);
    assert_non_null(strstr(item->text, "'/c/a' includes itself"));
    assert_int_equal(item->related_count, 2);
    release(&collected);
}

static void test_long_lines_and_nul(void **state)
{
    char text[20000];
    struct collected collected;

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    expand(&collected, text);
    assert_int_equal(strlen(collected.text), sizeof(collected.text) - 1);
    assert_int_equal(conf_diagnostics_count(collected.diagnostics), 0);
    release(&collected);
}

/* Loads files with a limit of 100 KiB; what refuses them must have a place, and begin so. */
static void assert_too_much(const struct fake_file *files, const char *begin)
{
    const struct conf_load_request request = {
        .path = "/c/main", .config_id = "x", .text_bytes_max = 100 << 10, .host = &fake_host};
    const struct conf_diagnostic *item = NULL;
    struct conf_diagnostics *diagnostics;
    struct conf_result *result;

    fake_host_files(files);
    result = conf_load(&request);
    diagnostics = conf_result_diagnostics(result);
    if (conf_diagnostics_total(diagnostics, CONF_REFUSAL) != 1)
        fail_msg("%s is not too much", files[0].text);
    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        if (conf_diagnostics_item(diagnostics, i)->severity == CONF_REFUSAL)
            item = conf_diagnostics_item(diagnostics, i);
    }
    assert_non_null(item);
    assert_int_equal(strncmp(item->text, begin, strlen(begin)), 0);
    assert_int_not_equal(item->position.line, 0);
    conf_result_free(result);
}

/* A few lines that ask for more than a machine has. */
static void test_work_is_limited(void **state)
{
    static const char made[] = "definitions and sequences make more than 100 KiB";
    static const char wide[] = "x ${_HASH}${_HASH}${_HASH}${_HASH}${_HASH}${_HASH}${_HASH}${_HASH}\n";
    const struct fake_file doubled[] = {{"/c/main",
                                         "$A=x x x x x x x x\n$B=$A $A $A $A $A $A\n$C=$B $B $B $B $B $B\n"
                                         "$D=$C $C $C $C $C\n$D $D\n"},
                                        {0}};
    const struct fake_file nested[] = {{"/c/main", "~SEQ(A,1,9999) ~SEQ(B,1,9999) ~SEQ(C,1,9999) x $A $B\n"},
                                       {0}};
    const struct fake_file names[] = {{"/c/main", "~SEQ(A,1,999) include b\n"}, {"/c/b", wide}, {0}};
    const struct fake_file files[] = {
        {"/c/main", "include a\ninclude a\ninclude a\ninclude a\n"},
        {"/c/a", "include b\ninclude b\ninclude b\ninclude b\n"},
        {"/c/b", "include c\ninclude c\ninclude c\ninclude c\n"},
        {"/c/c", "include d\ninclude d\ninclude d\ninclude d\ninclude d\ninclude d\ninclude d\n"},
        {"/c/d", "word word word word word word word word word word word word word word\n"
                 "word word word word word word word word word word word word word word\n"
                 "word word word word word word word word word word word word word word\n"
                 "word word word word word word word word word word word word word word\n"},
        {0}};

    (void)state;
    assert_too_much(doubled, made);
    assert_too_much(nested, made);
    assert_too_much(names, made);
    assert_too_much(files, "included files make more than 100 KiB");
}

static void test_long_chain_of_definitions(void **state)
{
    size_t room = 100000, length = 0;
    char *text = malloc(room);
    struct collected collected;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i < 1100; i++)
        length += (size_t)snprintf(text + length, room - length, "$A%d=x $A%d\n", i, i + 1);
    snprintf(text + length, room - length, "$A0\n");
    expand(&collected, text);
    assert_int_equal(total(&collected, CONF_REFUSAL), 1);
    assert_non_null(
        strstr(conf_diagnostics_item(collected.diagnostics, 0)->text, "used within more than 1000 others"));
    release(&collected);
    free(text);
}

static void test_missing_main_file(void **state)
{
    const struct fake_file none[] = {{0}};
    const struct conf_load_request request = {.path = "/c/none", .config_id = "x", .host = &fake_host};
    struct conf_result *result;

    (void)state;
    fake_host_files(none);
    result = conf_load(&request);
    assert_int_equal(conf_result_outcome(result), CONF_OUTCOME_REFUSED);
    assert_non_null(fake_find(result, CONF_PROBLEM_FILE, 0));
    conf_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_lines),
        cmocka_unit_test(test_config_id),
        cmocka_unit_test(test_definitions_bind_late),
        cmocka_unit_test(test_name_must_end),
        cmocka_unit_test(test_multiline_definitions),
        cmocka_unit_test(test_multiline_only_at_the_end),
        cmocka_unit_test(test_predefined),
        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_nested_sequences_multiply),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_bad_sequences),
        cmocka_unit_test(test_definition_loop_is_refused),
        cmocka_unit_test(test_growth_is_limited),
        cmocka_unit_test(test_includes),
        cmocka_unit_test(test_include_checks),
        cmocka_unit_test(test_include_loop),
        cmocka_unit_test(test_long_lines_and_nul),
        cmocka_unit_test(test_work_is_limited),
        cmocka_unit_test(test_long_chain_of_definitions),
        cmocka_unit_test(test_missing_main_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
