/* Requests of the control socket: what is one, and who may make it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/request.h"

static const char *parse(const char *line, enum ctl_verb *verb)
{
    *verb = CTL_VERB_COUNT;
    return ctl_request_parse(line, strlen(line), verb);
}

static void test_each_verb_is_understood(void **state)
{
    enum ctl_verb verb;

    (void)state;
    assert_null(parse("{\"verb\":\"status\"}", &verb));
    assert_int_equal(verb, CTL_STATUS);
    assert_null(parse(" { \"verb\" : \"reload\" } ", &verb));
    assert_int_equal(verb, CTL_RELOAD);
    assert_null(parse("{\"verb\":\"version\"}", &verb));
    assert_int_equal(verb, CTL_VERSION);
    assert_null(parse("{\"verb\":\"config\"}", &verb));
    assert_int_equal(verb, CTL_CONFIG);
}

static void test_anything_else_is_refused_in_words(void **state)
{
    static const char *const lines[] = {
        "",
        "status",
        "{",
        "[]",
        "null",
        "\"status\"",
        "{\"verb\":1}",
        "{\"verb\":\"explode\"}",
        "{\"verb\":\"status\"} {\"verb\":\"reload\"}",
        "{\"verb\":\"status\",\"path\":\"/etc/shadow\"}",
        "{\"verb\":\"status\"",
        "{'verb':'status'}",
        "[[[[[[[[[[[[[[[[",
        "{\"verb\":\"status\\u0000\"}x",
    };
    enum ctl_verb verb;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_non_null(parse(lines[i], &verb));
        assert_int_equal(verb, CTL_VERB_COUNT);
    }
    assert_non_null(ctl_request_parse("{\"verb\":\"status\"}\0", 18, &verb)); /* a zero byte */
}

static void test_an_overlong_request_is_refused(void **state)
{
    char *line = malloc(CTL_REQUEST_MAX + 1);
    enum ctl_verb verb;

    (void)state;
    memset(line, ' ', CTL_REQUEST_MAX + 1);
    memcpy(line, "{\"verb\":\"status\"}", 17);
    assert_string_equal(ctl_request_parse(line, CTL_REQUEST_MAX + 1, &verb), "the request is too long");
    free(line);
}

static void test_random_bytes_never_crash(void **state)
{
    enum ctl_verb verb;

    (void)state;
    srandom(20260102);
    for (unsigned int round = 0; round < 20000; round++) {
        static const char alphabet[] = "{}[]\":,verbstatu\\n0 ";
        size_t length = (size_t)random() % 40;
        char *line = malloc(length + 1);

        for (size_t i = 0; i < length; i++)
            line[i] = round % 2 != 0 ? (char)random() : alphabet[(size_t)random() % (sizeof(alphabet) - 1)];
        (void)ctl_request_parse(line, length, &verb);
        free(line);
    }
}

static void test_root_acts_and_the_group_looks(void **state)
{
    const gid_t groups[] = {100, 994};
    const struct ctl_user root = {0, 0, NULL, 0}, by_own_group = {1000, 994, NULL, 0},
                          by_extra_group = {1000, 1000, groups, 2}, stranger = {1001, 1001, groups, 1};

    (void)state;
    for (enum ctl_verb verb = 0; verb < CTL_VERB_COUNT; verb++) {
        assert_null(ctl_refusal(&root, 994, verb));
        assert_non_null(ctl_refusal(&stranger, 994, verb));
    }
    assert_null(ctl_refusal(&by_own_group, 994, CTL_STATUS));
    assert_null(ctl_refusal(&by_extra_group, 994, CTL_STATUS));
    assert_null(ctl_refusal(&by_extra_group, 994, CTL_VERSION));
    assert_string_equal(ctl_refusal(&by_own_group, 994, CTL_RELOAD), "only root may do that; try sudo");
    assert_non_null(ctl_refusal(&by_extra_group, 994, CTL_RELOAD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_verb_is_understood),
        cmocka_unit_test(test_anything_else_is_refused_in_words),
        cmocka_unit_test(test_an_overlong_request_is_refused),
        cmocka_unit_test(test_random_bytes_never_crash),
        cmocka_unit_test(test_root_acts_and_the_group_looks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
