/* Lexer and lines: comments, quotes, escapes, braces, and positions that survive cutting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "conf/lexer.h"

static const struct conf_position start = {.source = 1, .line = 7, .column = 1};

static void set(struct conf_line *line, const char *text)
{
    conf_line_set(line, text, strlen(text), start, false);
}

static void assert_stripped(const char *text, const char *expected)
{
    struct conf_line line = {0};

    set(&line, text);
    conf_lexer_strip(&line);
    assert_string_equal(line.text, expected);
    conf_line_free(&line);
}

static void test_comments(void **state)
{
    (void)state;
    assert_stripped("  state MASTER  # first", "state MASTER");
    assert_stripped("state!x", "state");
    assert_stripped("# all", "");
    assert_stripped("a \"b # c\" ! d", "a \"b # c\"");
    assert_stripped("auth_pass a\\#b\\!c # d", "auth_pass a#b!c");
    assert_stripped("a \"\\#\" b", "a \"\\#\" b");
    assert_stripped("$X= \\", "$X= \\");
}

static void test_open_quote_is_reported(void **state)
{
    struct conf_line line = {0};

    (void)state;
    set(&line, "a \"b c");
    assert_int_equal(conf_lexer_strip(&line), CONF_LEXER_OPEN_QUOTE);
    conf_line_free(&line);
}

static void test_words(void **state)
{
    const char *text = " one\ttwo\"three four\"five \"\"";
    const char *expected[] = {"one", "two", "three four", "five", ""};
    struct conf_lexer_found word;
    size_t at = 0, count = 0;

    (void)state;
    while (conf_lexer_word(text, strlen(text), &at, &word)) {
        assert_true(count < 5);
        assert_int_equal(word.end - word.start, strlen(expected[count]));
        assert_memory_equal(text + word.start, expected[count], word.end - word.start);
        assert_int_equal(word.quoted, count == 2 || count == 4);
        assert_int_equal(word.fault, CONF_LEXER_GOOD);
        count++;
    }
    assert_int_equal(count, 5);
}

static void assert_script(const char *text, bool escapes, const char *const *expected, size_t expected_count)
{
    char word[128];
    enum conf_lexer_fault fault;
    size_t at = 0, from, count = 0;

    while (conf_lexer_script_word(text, strlen(text), escapes, &at, &from, word, &fault)) {
        assert_true(count < expected_count);
        assert_string_equal(word, expected[count++]);
    }
    assert_int_equal(fault, CONF_LEXER_GOOD);
    assert_int_equal(count, expected_count);
}

static void test_script_words(void **state)
{
    const char *quotes[] = {"/bin/sh", "-c", "echo \"a b\"  c", "xyz"};
    const char *escapes[] = {"a\tb", "A", "!", "\x1b", "\x03", "'", "q"};
    const char *kept[] = {"a\\tb", "c\\ d"};

    (void)state;
    assert_script("/bin/sh -c 'echo \"a b\"  c' x'y'\"z\"", true, quotes, 4);
    assert_script("a\\tb \\x41 \\041 \\E \\cC \\' \\q", true, escapes, 7);
    assert_script("a\\tb c\\ d", false, kept, 2);
}

static void test_script_faults(void **state)
{
    char word[32];
    enum conf_lexer_fault fault;
    size_t at = 0, from;

    (void)state;
    assert_false(conf_lexer_script_word("'abc", 4, true, &at, &from, word, &fault));
    assert_int_equal(fault, CONF_LEXER_OPEN_QUOTE);
    at = 0;
    assert_false(conf_lexer_script_word("abc\\", 4, true, &at, &from, word, &fault));
    assert_int_equal(fault, CONF_LEXER_LONE_ESCAPE);
}

static void assert_brace(const char *text, size_t expected)
{
    assert_int_equal(conf_lexer_brace(text, strlen(text), 0), expected);
}

static void test_braces(void **state)
{
    (void)state;
    assert_brace("url {", 4);
    assert_brace("a \"{\" }", 6);
    assert_brace("a ${X} b", 8);
    assert_brace("a ${X} {", 7);
    assert_brace("a ${X", 3);
    assert_brace("a \"{", 4);
    assert_brace("", 0);
}

static void test_positions_survive_cutting_and_replacing(void **state)
{
    struct conf_line line = {0}, body = {0};
    const struct conf_position elsewhere = {.source = 1, .line = 2, .column = 10};

    (void)state;
    set(&line, "  a\\#b $X c");
    conf_lexer_strip(&line);
    assert_string_equal(line.text, "a#b $X c");
    assert_int_equal(conf_line_position(&line, 0).column, 3);
    assert_int_equal(conf_line_position(&line, 1).column, 5);
    conf_line_set(&body, "long body", 9, elsewhere, false);
    conf_line_replace(&line, 4, 2, &body, 9);
    assert_string_equal(line.text, "a#b long body c");
    assert_int_equal(conf_line_position(&line, 9).line, 2);
    assert_int_equal(conf_line_position(&line, 9).column, 15);
    assert_int_equal(conf_line_position(&line, 9).expansion, 9);
    assert_int_equal(conf_line_position(&line, 14).line, 7);
    assert_int_equal(conf_line_position(&line, 14).column, 11);
    assert_int_equal(conf_line_position(&line, 14).expansion, 0);
    conf_line_free(&line);
    conf_line_free(&body);
}

static void test_made_text_has_one_position(void **state)
{
    struct conf_line line = {0};

    (void)state;
    conf_line_set(&line, "12345", 5, start, true);
    assert_int_equal(conf_line_position(&line, 4).column, 1);
    conf_line_free(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_open_quote_is_reported),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_script_words),
        cmocka_unit_test(test_script_faults),
        cmocka_unit_test(test_braces),
        cmocka_unit_test(test_positions_survive_cutting_and_replacing),
        cmocka_unit_test(test_made_text_has_one_position),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
