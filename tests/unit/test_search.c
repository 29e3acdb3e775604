/*
 * Searching bodies in pieces finds what a search of the whole body finds, wherever the pieces are cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/search.h"

static struct search search_of(const struct pattern *pattern, uint64_t least, uint64_t end)
{
    const struct search_settings settings = {pattern, least, end};
    struct search search;

    search_begin(&search, &settings);
    return search;
}

/* All bodies here are short enough to try every piece size. */
static void assert_found(const char *text, uint32_t options, const char *body, uint64_t least, uint64_t end,
                         bool found)
{
    struct pattern *pattern = pattern_get(text, options);
    size_t length = strlen(body);

    assert_non_null(pattern);
    for (size_t step = 1; step <= length + 1; step++) {
        struct search search = search_of(pattern, least, end);

        for (size_t at = 0; at < length; at += step)
            search_piece(&search, (const uint8_t *)body + at, length - at < step ? length - at : step);
        search_last(&search);
        if (search.found != found)
            fail_msg("/%s/ in '%s' from %u to %u, pieces of %zu: %d", text, body, (unsigned int)least,
                     (unsigned int)end, step, search.found);
        assert_false(search.gave_up);
        search_end(&search);
    }
    pattern_put(pattern);
}

static const struct {
    const char *text;
    uint32_t options;
    const char *body;
    uint64_t least;
    uint64_t end;
    bool found;
} cases[] = {
    {"ok", 0, "it is ok now", 0, 0, true},
    {"ok", 0, "it is not", 0, 0, false},
    {"ok", 0, "", 0, 0, false},
    {"^$", 0, "", 0, 0, true},
    {"^it", 0, "it is", 0, 0, true},
    {"^is", 0, "it is", 0, 0, false},
    {"\\Ais", 0, "it is", 0, 0, false},
    {"is$", 0, "it is", 0, 0, true},
    {"it$", 0, "it is", 0, 0, false},
    {"a+b", 0, "aaaaaaaaaaab", 0, 0, true},
    {"a+", 0, "baaaa", 0, 0, true},
    {"OK", PCRE2_CASELESS, "it is ok", 0, 0, true},
    {"^second", PCRE2_MULTILINE, "first\nsecond\n", 0, 0, true},
    {"^second", 0, "first\nsecond\n", 0, 0, false},
    {"(?<=status: )up", 0, "the status: up", 0, 0, true},
    {"(?<=status: )up", 0, "the status= up", 0, 0, false},
    {"(?<!no )up", 0, "no up", 0, 0, false},
    {"\\bup\\b", 0, "it sums up well", 0, 0, true},
    {"\\bup\\b", 0, "supper", 0, 0, false},
    {"IBM.*up", 0, "IBM 7090\nup", 0, 0, false},
    {"IBM.*up", PCRE2_DOTALL, "IBM 7090\nup", 0, 0, true},
    {"ab", 0, "ab..ab", 1, 0, true},
    {"ab", 0, "ab....", 1, 0, false},
    {"ab", 0, "....ab", 4, 0, true},
    {"ab", 0, "....ab", 5, 0, false},
    {"ab", 0, "....ab", 0, 4, false}, /* it would have to begin before 4 */
    {"ab", 0, "....ab", 0, 5, true},
    {"ab", 0, "....ab", 3, 5, true},
    {"ab", 0, "....ab", 90, 0, false},
    {"^ab", 0, "....ab", 4, 0, false},
    {"(?<=x)ab", 0, "...xab", 4, 0, true}, /* what comes before the least place may be looked at */
    {"\xc3\xa4\xc3\xb6", PCRE2_UTF, "x\xc3\xa4\xc3\xb6y", 0, 0, true},
    {"^.{3}$", PCRE2_UTF, "\xe2\x82\xac\xc3\xa4y", 0, 0, true},
    {"y", PCRE2_UTF, "\xff\xfe y", 0, 0, true}, /* no UTF-8 before it */
};

static void test_every_cut_finds_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_found(cases[i].text, cases[i].options, cases[i].body, cases[i].least, cases[i].end,
                     cases[i].found);
}

static void feed(struct search *search, char byte, size_t count)
{
    uint8_t piece[4096];

    memset(piece, byte, sizeof(piece));
    for (; count > 0; count -= count < sizeof(piece) ? count : sizeof(piece))
        search_piece(search, piece, count < sizeof(piece) ? count : sizeof(piece));
}

/* However long the body, a window is all that is kept; what lies far behind is found as well. */
static void test_long_bodies(void **state)
{
    struct pattern *pattern = pattern_get("needle", 0);
    struct search search = search_of(pattern, 0, 0);

    (void)state;
    feed(&search, 'n', 1000000);
    assert_true(search.length <= SEARCH_WINDOW);
    assert_false(search.found);
    search_piece(&search, (const uint8_t *)"eedle", 5);
    assert_true(search.found);
    search_end(&search);
    search = search_of(pattern, 500000, 0);
    search_piece(&search, (const uint8_t *)"needle", 6);
    feed(&search, '.', 600000);
    search_last(&search);
    assert_false(search.found);
    search_end(&search);
    pattern_put(pattern);
}

/* A match may be as long as the window; longer ones are not found, and what follows still is. */
static void test_the_window(void **state)
{
    struct pattern *pattern = pattern_get("<[^>]*>", 0);
    struct search search = search_of(pattern, 0, 0);

    (void)state;
    search_piece(&search, (const uint8_t *)"<", 1);
    feed(&search, 'x', SEARCH_WINDOW / 2);
    search_piece(&search, (const uint8_t *)">", 1);
    assert_true(search.found);
    search_end(&search);
    search = search_of(pattern, 0, 0);
    search_piece(&search, (const uint8_t *)"<", 1);
    feed(&search, 'x', SEARCH_WINDOW);
    search_piece(&search, (const uint8_t *)">", 1);
    assert_false(search.found);
    search_piece(&search, (const uint8_t *)" <b>", 4);
    assert_true(search.found);
    search_end(&search);
    pattern_put(pattern);
}

/* An expression that would keep us busy for hours is given up. */
static void test_what_costs_too_much_is_given_up(void **state)
{
    struct pattern *pattern = pattern_get("^(a+)+$", 0);
    struct search search = search_of(pattern, 0, 0);

    (void)state;
    feed(&search, 'a', 100);
    search_piece(&search, (const uint8_t *)"!", 1);
    search_last(&search);
    assert_true(search.gave_up);
    assert_false(search.found);
    search_end(&search);
    pattern_put(pattern);
}

static void test_patterns_are_shared(void **state)
{
    struct pattern *one = pattern_get("a", 0), *same = pattern_get("a", 0);
    struct pattern *other = pattern_get("a", PCRE2_CASELESS);

    (void)state;
    assert_ptr_equal(one, same);
    assert_ptr_not_equal(one, other);
    assert_null(pattern_get("(", 0));
    pattern_put(one);
    pattern_put(same);
    pattern_put(other);
    pattern_put(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_cut_finds_the_same),
        cmocka_unit_test(test_long_bodies),
        cmocka_unit_test(test_the_window),
        cmocka_unit_test(test_what_costs_too_much_is_given_up),
        cmocka_unit_test(test_patterns_are_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
