/* The command line of tandemctl. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/commands.h"

static struct tandemctl_options options;

static enum tandemctl_parsed parse(const char *words)
{
    static char copy[200];
    char *argv[16] = {(char *)"tandemctl"}, *rest = copy, *word;
    int argc = 1;

    strcpy(copy, words);
    while ((word = strsep(&rest, " ")) != NULL) {
        if (word[0] != '\0')
            argv[argc++] = word;
    }
    return tandemctl_parse(argc, argv, &options);
}

static void test_defaults(void **state)
{
    (void)state;
    assert_int_equal(parse(""), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_STATUS);
    assert_string_equal(options.pid_file, "/run/tandem/tandemd.pid");
    assert_null(options.socket);
    assert_false(options.json);
}

static void test_each_command(void **state)
{
    (void)state;
    assert_int_equal(parse("status --json"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_STATUS);
    assert_true(options.json);
    assert_int_equal(parse("-p /run/left.pid reload"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_DO_RELOAD);
    assert_string_equal(options.pid_file, "/run/left.pid");
    assert_int_equal(parse("version --socket=/run/x.sock"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_VERSION);
    assert_string_equal(options.socket, "/run/x.sock");
    assert_int_equal(parse("plan -a /etc/old.conf /etc/new.conf"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_PLAN);
    assert_string_equal(options.against, "/etc/old.conf");
    assert_string_equal(options.file, "/etc/new.conf");
    assert_int_equal(parse("plan /etc/new.conf"), TANDEMCTL_RUN);
    assert_null(options.against);
    assert_false(options.against_kernel);
    assert_int_equal(parse("plan --against-kernel"), TANDEMCTL_RUN);
    assert_true(options.against_kernel);
    assert_null(options.file);
    assert_int_equal(parse("plan -k /etc/new.conf"), TANDEMCTL_RUN);
    assert_string_equal(options.file, "/etc/new.conf");
    assert_int_equal(parse("config"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_CONFIG);
    assert_int_equal(parse("keyword advert_int"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_KEYWORD);
    assert_string_equal(options.file, "advert_int");
    assert_int_equal(parse("keyword --not-built"), TANDEMCTL_RUN);
    assert_true(options.not_built);
    assert_null(options.file);
    assert_int_equal(parse("check -i lb1 /etc/tandem/tandem.conf -j"), TANDEMCTL_RUN);
    assert_int_equal(options.command, COMMAND_CHECK);
    assert_string_equal(options.file, "/etc/tandem/tandem.conf");
    assert_string_equal(options.id, "lb1");
    assert_true(options.json);
    assert_null(options.other_file);
    assert_int_equal(parse("check a.conf b.conf"), TANDEMCTL_RUN);
    assert_string_equal(options.file, "a.conf");
    assert_string_equal(options.other_file, "b.conf");
}

static void test_what_is_wrong(void **state)
{
    static const char *const wrong[] = {
        "keyword",     "keyword -n advert_int", "statsu",   "status now",  "check",    "plan",
        "plan -k a b", "plan -k -a a b",        "config x", "check a b c", "--colour", "-p",
        "reload x"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(parse(wrong[i]), TANDEMCTL_WRONG);
}

static void test_help_names_every_command_and_option(void **state)
{
    static const char *const words[] = {"status",         "reload",
                                        "check FILE",     "version",
                                        "-j, --json",     "-s, --socket=PATH",
                                        "-p, --pid=FILE", "-i, --config-id=ID",
                                        "-h, --help",     "-v, --version",
                                        "Exit status"};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    tandemctl_print_help(out);
    fclose(out);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_non_null(strstr(text, words[i]));
    free(text);
    assert_int_equal(parse("--help"), TANDEMCTL_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_each_command),
        cmocka_unit_test(test_what_is_wrong),
        cmocka_unit_test(test_help_names_every_command_and_option),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
