/* The command line: every option of keepalived's, defaults, mistakes, answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "daemon/options.h"

#define WORDS(...)                                                                                           \
    (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)), (char *[])                                      \
    {                                                                                                        \
        __VA_ARGS__, NULL                                                                                    \
    }
#define PARSE(options, ...) options_parse(WORDS("tandemd", __VA_ARGS__), options)

/* What a call prints on a descriptor; static memory. */
static const char *printed(int descriptor, enum options_verdict expected, int argc, char **argv)
{
    static char text[16384];
    struct options options;
    int kept = dup(descriptor), fds[2];
    ssize_t length;

    assert_int_equal(pipe(fds), 0);
    fflush(NULL);
    dup2(fds[1], descriptor);
    assert_int_equal(options_parse(argc, argv, &options), expected);
    fflush(NULL);
    dup2(kept, descriptor);
    close(fds[1]);
    length = read(fds[0], text, sizeof(text) - 1);
    text[length < 0 ? 0 : length] = '\0';
    close(kept);
    close(fds[0]);
    return text;
}

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

static void test_letters_stand_together(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "-nlDdGPRVImas", "front", "-g/log", "-S3", "-u022"), OPTIONS_RUN);
    assert_true(options.foreground && options.log_to_stderr && options.log_debug);
    assert_true(options.dump_configuration && options.no_syslog && options.only_vrrp && options.dont_respawn);
    assert_true(options.keep_addresses && options.keep_ipvs && options.core_dump && options.log_addresses);
    assert_string_equal(options.network_namespace, "front");
    assert_string_equal(options.log_file, "/log");
    assert_int_equal(options.syslog_facility, LOG_LOCAL3);
    assert_int_equal(options.umask, 022);
    assert_int_equal(PARSE(&options, "-DD"), OPTIONS_RUN);
}

static char *const keepalived_options[] = {
    "-P",
    "--vrrp",
    "-C",
    "--check",
    "-B",
    "--no_bfd",
    "--all",
    "-l",
    "--log-console",
    "-D",
    "--log-detail",
    "-S0",
    "--log-facility=local7",
    "--log-facility=user",
    "-g",
    "-gF",
    "--log-file",
    "--log-file=F",
    "-e",
    "--all-config",
    "--flush-log-file",
    "-G",
    "--no-syslog",
    "-u0",
    "--umask=0777",
    "-X",
    "--release-vips",
    "-V",
    "--dont-release-vrrp",
    "-I",
    "--dont-release-ipvs",
    "-R",
    "--dont-respawn",
    "-n",
    "--dont-fork",
    "-d",
    "--dump-conf",
    "-pF",
    "--pid=F",
    "-rF",
    "--vrrp_pid=F",
    "-cF",
    "--checkers_pid=F",
    "-bF",
    "--bfd_pid=F",
    "-a",
    "--address-monitoring",
    "-x",
    "--snmp",
    "-AF",
    "--snmp-agent-socket=F",
    "-m",
    "--core-dump",
    "-M",
    "-MF",
    "--core-dump-pattern",
    "--core-dump-pattern=F",
    "--no-mem-check",
    "-L",
    "--mem-check-log",
    "-O",
    "--openssl-mem-check",
    "-sN",
    "--namespace=N",
    "-iI",
    "--config-id=I",
    "-t",
    "-tF",
    "--config-test",
    "--config-test=F",
    "--config-fd=3",
    "--ignore-sigint",
    "--perf",
    "--perf=all",
    "--debug",
    "--debug=TpMEvcp",
    "-fF",
    "--use-file=F",
};

/* One of each, as keepalived 2.4.3 lists them, with the member that must change. */
static void test_every_option_of_keepalived_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(keepalived_options) / sizeof(keepalived_options[0]); i++) {
        struct options options, none;

        assert_int_equal(options_parse(WORDS("tandemd"), &none), OPTIONS_RUN);
        if (options_parse(WORDS("tandemd", keepalived_options[i]), &options) != OPTIONS_RUN)
            fail_msg("%s is not taken", keepalived_options[i]);
        if (memcmp(&options, &none, sizeof(options)) == 0)
            fail_msg("%s changes nothing", keepalived_options[i]);
    }
}

static unsigned int said;

static void count_reasons(const char *name, const char *reason)
{
    said++;
    assert_true(strlen(name) > 1 && strlen(reason) > 10);
}

static void test_what_has_no_effect_says_why(void **state)
{
    struct options options;

    (void)state;
    said = 0;
    assert_int_equal(PARSE(&options, "-nlDP", "-f", "/a"), OPTIONS_RUN);
    options_ineffective(&options, count_reasons);
    assert_int_equal(said, 0);
    assert_int_equal(PARSE(&options, "-xXB", "--all", "-M", "--perf"), OPTIONS_RUN);
    options_ineffective(&options, count_reasons);
    assert_int_equal(said, 6);
    assert_true(options.core_dump);
}

static void test_vrrp_and_checkers_together_are_all(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "-P", "-C"), OPTIONS_RUN);
    assert_false(options.only_vrrp || options.only_checkers);
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
    assert_null(options.pid_file);
    assert_null(options.configuration_id);
    assert_null(options.log_file);
    assert_null(options.network_namespace);
    assert_int_equal(options.syslog_facility, LOG_DAEMON);
    assert_false(options.umask_given || options.called_keepalived);
}

static void assert_pid_file(const struct options *options, const char *instance, const char *namespace,
                            const char *expected)
{
    char *path = options_pid_file(options, instance, namespace);

    assert_string_equal(path, expected);
    free(path);
}

static void test_pid_files_do_not_collide(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "-n"), OPTIONS_RUN);
    assert_pid_file(&options, NULL, NULL, TANDEM_RUNDIR "/tandemd.pid");
    assert_pid_file(&options, "left", NULL, TANDEM_RUNDIR "/tandemd_left.pid");
    assert_pid_file(&options, NULL, "front", TANDEM_RUNDIR "/tandemd_front.pid");
    assert_pid_file(&options, "left", "front", TANDEM_RUNDIR "/tandemd_left_front.pid");
}

static void test_under_keepalived_s_name(void **state)
{
    struct options options;
    const char *version;

    (void)state;
    assert_int_equal(options_parse(WORDS("/usr/sbin/keepalived", "-n"), &options), OPTIONS_RUN);
    assert_true(options.called_keepalived);
    assert_string_equal(options.configuration, "/etc/keepalived/keepalived.conf");
    assert_pid_file(&options, NULL, NULL, "/run/keepalived.pid");
    /* second word of the first line, without its first letter, is a version; the word that says JSON is there
     */
    version = printed(STDERR_FILENO, OPTIONS_DONE, WORDS("keepalived", "-v"));
    assert_int_equal(strncmp(version, "Keepalived v2.4.3 ", 18), 0);
    assert_non_null(strstr(version, "--enable-json"));
    assert_non_null(strstr(version, "tandem " TANDEM_VERSION));
}

static void test_version_and_help_go_to_stdout(void **state)
{
    const char *text = printed(STDOUT_FILENO, OPTIONS_DONE, WORDS("tandemd", "--version"));

    (void)state;
    assert_int_equal(strncmp(text, "tandemd " TANDEM_VERSION "\n", strlen("tandemd " TANDEM_VERSION "\n")),
                     0);
    text = printed(STDOUT_FILENO, OPTIONS_DONE, WORDS("tandemd", "-h"));
    assert_non_null(strstr(text, "  -f, --use-file=FILE "));
    assert_non_null(strstr(text, "      --signum=NAME "));
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");

        if (length > 100 && memmem(line, length, TANDEM_SYSCONFDIR, strlen(TANDEM_SYSCONFDIR)) == NULL)
            fail_msg("longer than a terminal: %.*s", (int)strcspn(line, "\n"), line);
    }
}

static char *read_manual(void)
{
    const char *directory = getenv("srcdir");
    static char path[4096], text[65536];
    FILE *file;

    snprintf(path, sizeof(path), "%s/man/tandemd.8", directory == NULL ? "." : directory);
    file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* The manual writes "-NAME" behind a blank, mandoc's "Fl -NAME" or ", -NAME". */
static bool is_in(const char *manual, const char *name, size_t length)
{
    for (const char *at = strstr(manual, " -"); at != NULL; at = strstr(at + 1, " -")) {
        if (strncmp(at + 2, name, length) == 0 && strchr(" \n", at[2 + length]) != NULL)
            return true;
    }
    return false;
}

static void test_the_manual_has_every_option(void **state)
{
    const char *manual = read_manual();
    const char *help = printed(STDOUT_FILENO, OPTIONS_DONE, WORDS("tandemd", "-h"));
    unsigned int options = 0;

    (void)state;
    /* "  -f, --use-file=FILE" or "      --signum=NAME" */
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const char *name = line + 8;
        size_t length =
            strcspn(line, "\n") < 8 || strncmp(line + 6, "--", 2) != 0 ? 0 : strcspn(name, " =[\n");

        if (length == 0)
            continue;
        options++;
        if (!is_in(manual, name, length))
            fail_msg("tandemd(8) lacks --%.*s", (int)length, name);
    }
    assert_true(options > 40);
}

static void test_signal_numbers(void **state)
{
    static const struct {
        char *name;
        int offset; /* of SIGRTMIN if above 0, of SIGRTMAX if below */
        int number;
    } cases[] = {{"STOP", 0, SIGTERM},  {"RELOAD", 0, SIGHUP},  {"DATA", 0, SIGUSR1},
                 {"STATS", 0, SIGUSR2}, {"STATS_CLEAR", -1, 0}, {"JSON", 2, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int number = cases[i].number;
        const char *text = printed(STDOUT_FILENO, OPTIONS_DONE, WORDS("tandemd", "--signum", cases[i].name));

        if (number == 0)
            number = (cases[i].offset > 0 ? SIGRTMIN : SIGRTMAX) + cases[i].offset;
        assert_int_equal(atoi(text), number);
    }
    assert_non_null(
        strstr(printed(STDERR_FILENO, OPTIONS_WRONG, WORDS("tandemd", "--signum=NONE")), "STATS_CLEAR"));
}

static void test_genhash_is_explained(void **state)
{
    (void)state;
    assert_non_null(strstr(printed(STDERR_FILENO, OPTIONS_WRONG, WORDS("genhash", "-s", "a")), "md5sum"));
    assert_non_null(
        strstr(printed(STDERR_FILENO, OPTIONS_WRONG, WORDS("tandemd", "-T", "-s", "a")), "md5sum"));
}

static void test_mistakes(void **state)
{
    struct options options;

    (void)state;
    assert_int_equal(PARSE(&options, "--no-such-option"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-n", "stray"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-f"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "--use-file="), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-S", "local8"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-S", "mail"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-u", "0888"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-u", "01000"), OPTIONS_WRONG);
    assert_int_equal(PARSE(&options, "-u", "-1"), OPTIONS_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_and_names),
        cmocka_unit_test(test_letters_stand_together),
        cmocka_unit_test(test_every_option_of_keepalived_is_taken),
        cmocka_unit_test(test_what_has_no_effect_says_why),
        cmocka_unit_test(test_vrrp_and_checkers_together_are_all),
        cmocka_unit_test(test_configuration_test_takes_an_optional_file),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_pid_files_do_not_collide),
        cmocka_unit_test(test_under_keepalived_s_name),
        cmocka_unit_test(test_version_and_help_go_to_stdout),
        cmocka_unit_test(test_the_manual_has_every_option),
        cmocka_unit_test(test_signal_numbers),
        cmocka_unit_test(test_genhash_is_explained),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
