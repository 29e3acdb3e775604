/* The command line: keepalived's letters and names, defaults, mistakes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/options.h"

#define PARSE(options, ...)                                                                                  \
    options_parse((int)(sizeof((char *[]){"tandemd", __VA_ARGS__}) / sizeof(char *)),                        \
                  (char *[]){"tandemd", __VA_ARGS__, NULL}, options)

static void test_letters_and_names(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "-n", "-l", "-D", "-f", "/a", "-p", "/b.pid", "-i", "left"),
                     OPTIONS_RUN);
    assert_true(options.foreground && options.log_to_stderr && options.log_debug);
    assert_string_equal(options.configuration, "/a");
    assert_string_equal(options.pid_file, "/b.pid");
    assert_string_equal(options.configuration_id, "left");
    assert_false(options.configuration_test);
    assert_int_equal(PARSE(&options, "--dont-fork", "--use-file=/c", "--log-console"), OPTIONS_RUN);
    assert_true(options.foreground && options.log_to_stderr);
    assert_string_equal(options.configuration, "/c");
}

static void test_configuration_test_takes_an_optional_file(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "-t"), OPTIONS_RUN);
    assert_true(options.configuration_test);
    assert_null(options.test_log);
    assert_int_equal(PARSE(&options, "--config-test=/tmp/log"), OPTIONS_RUN);
    assert_string_equal(options.test_log, "/tmp/log");
}

static void test_defaults(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "-n"), OPTIONS_RUN);
    assert_non_null(options.configuration);
    assert_string_equal(options.pid_file, "/run/tandem/tandemd.pid");
    assert_null(options.configuration_id);
}

static void test_mistakes(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "--no-such-option"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-n", "stray"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-f"), OPTIONS_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_and_names),
        cmocka_unit_test(test_configuration_test_takes_an_optional_file),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
