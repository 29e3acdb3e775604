/*
 * The command line of tandemd: one table feeds getopt_long and --help. See options.h.
 *
 * Letters and long names are keepalived's.
 */
#include "daemon/options.h"

#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#define OWN_CONFIGURATION     TANDEM_SYSCONFDIR "/tandem/tandem.conf"
#define FOREIGN_CONFIGURATION "/etc/keepalived/keepalived.conf"
#define FOREIGN_RUNDIR        "/run"
/* Whose language and command line these are. */
#define KEEPALIVED_VERSION "2.4.3"

/* Options without a letter. */
enum long_only {
    ONLY_ALL = 256,
    ONLY_FLUSH_LOG_FILE,
    ONLY_SIGNUM,
    ONLY_CONFIG_FD,
    ONLY_IGNORE_SIGINT,
    ONLY_NO_MEM_CHECK,
    ONLY_PERF,
    ONLY_DEBUG,
};

enum group {
    GROUP_CONFIGURATION,
    GROUP_PROCESSES,
    GROUP_STOP,
    GROUP_LOG,
    GROUP_FILES,
    GROUP_ANSWER,
    GROUP_INEFFECTIVE,
    GROUP_COUNT,
};

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_CONFIGURATION] = "Configuration",
    [GROUP_PROCESSES] = "Processes",
    [GROUP_STOP] = "What a stop leaves",
    [GROUP_LOG] = "Log",
    [GROUP_FILES] = "Files",
    [GROUP_ANSWER] = "Answered at once",
    [GROUP_INEFFECTIVE] = "Accepted, as keepalived has them, without an effect",
};

struct row {
    int code; /* a letter or enum long_only */
    enum group group;
    int argument;
    const char *name;
    const char *placeholder;
    const char *text; /* of GROUP_INEFFECTIVE: why it has none */
    size_t flag;      /* offset of the bool to set; 0 = none */
};

#define FLAG(member) .flag = offsetof(struct options, member)

#define OPTION(code_, group_, argument_, name_, placeholder_, text_, ...)                                    \
    {                                                                                                        \
        .code = code_, .group = GROUP_##group_, .argument = argument_##_argument, .name = name_,             \
        .placeholder = placeholder_, .text = text_, __VA_ARGS__                                              \
    }

static const struct row rows[] = {
    OPTION('f', CONFIGURATION, required, "use-file", "FILE",
           "read FILE, or the files a pattern matches (default:\n" OWN_CONFIGURATION
           ", or where that is absent\n" FOREIGN_CONFIGURATION ")"),
    OPTION('i', CONFIGURATION, required, "config-id", "ID",
           "the identity that lines beginning with @ID ask for"),
    OPTION('e', CONFIGURATION, no, "all-config", "", "every include must find its file, as with includea",
           FLAG(all_includes)),
    OPTION('t', CONFIGURATION, optional, "config-test", "[=FILE]",
           "check the configuration, print what is wrong (to FILE), and\n"
           "exit: 0 good, 1 runs with complaints, 2 would not start"),
    OPTION('d', CONFIGURATION, no, "dump-conf", "",
           "log the configuration as understood, at start and at a reload", FLAG(dump_configuration)),

    OPTION('n', PROCESSES, no, "dont-fork", "", "stay in the foreground", FLAG(foreground)),
    OPTION('P', PROCESSES, no, "vrrp", "", "only VRRP: balance nothing", FLAG(only_vrrp)),
    OPTION('C', PROCESSES, no, "check", "", "only checkers and IPVS: no VRRP", FLAG(only_checkers)),
    OPTION('R', PROCESSES, no, "dont-respawn", "", "stop when a process dies, instead of starting it again",
           FLAG(dont_respawn)),
    OPTION('s', PROCESSES, required, "namespace", "NAME",
           "run in that network namespace (ip netns); run files are\nnamed after it"),
    OPTION('m', PROCESSES, no, "core-dump", "", "let processes that crash leave a core", FLAG(core_dump)),
    OPTION(ONLY_IGNORE_SIGINT, PROCESSES, no, "ignore-sigint", "", "SIGINT does not stop the daemon",
           FLAG(ignore_sigint)),

    OPTION('V', STOP, no, "dont-release-vrrp", "", "no priority 0; the virtual addresses stay, for ever",
           FLAG(keep_addresses)),
    OPTION('I', STOP, no, "dont-release-ipvs", "", "the IPVS table stays", FLAG(keep_ipvs)),

    OPTION('l', LOG, no, "log-console", "", "log to stderr instead of syslog", FLAG(log_to_stderr)),
    OPTION('D', LOG, no, "log-detail", "", "log debug lines too", FLAG(log_debug)),
    OPTION(ONLY_DEBUG, LOG, optional, "debug", "[=...]", "the same", FLAG(log_debug)),
    OPTION('a', LOG, no, "address-monitoring", "", "log every address that comes or goes",
           FLAG(log_addresses)),
    OPTION('S', LOG, required, "log-facility", "NAME",
           "of syslog: daemon (default), user, local0 to local7 or 0 to 7"),
    OPTION('g', LOG, optional, "log-file", "[=FILE]",
           "log to FILE also (default: keepalived.log in $TMPDIR or /tmp);\nSIGHUP opens it anew"),
    OPTION('G', LOG, no, "no-syslog", "", "do not log to syslog", FLAG(no_syslog)),

    OPTION('p', FILES, required, "pid", "FILE",
           "pid file (default: " TANDEM_RUNDIR "/tandemd.pid); the control\n"
           "socket and the journal lie beside it"),
    OPTION('r', FILES, required, "vrrp_pid", "FILE", "pid file of the vrrp process"),
    OPTION('c', FILES, required, "checkers_pid", "FILE", "pid file of the process that keeps the IPVS table"),
    OPTION('u', FILES, required, "umask", "MASK",
           "of the files that signals have written, and of the log file\n(default: 0177)"),

    OPTION(ONLY_SIGNUM, ANSWER, required, "signum", "NAME",
           "print the number of the signal for STOP, RELOAD, DATA,\nSTATS, STATS_CLEAR or JSON"),
    OPTION('v', ANSWER, no, "version", "", "print the version"),
    OPTION('h', ANSWER, no, "help", "", "print this"),

    OPTION('X', INEFFECTIVE, no, "release-vips", "", "whoever is not master gives its addresses up anyway"),
    OPTION(ONLY_ALL, INEFFECTIVE, no, "all", "",
           "the processes a configuration needs are started, also by a reload"),
    OPTION('B', INEFFECTIVE, no, "no_bfd", "", "there is no BFD yet"),
    OPTION('b', INEFFECTIVE, required, "bfd_pid", "FILE", "there is no BFD process yet"),
    OPTION(ONLY_FLUSH_LOG_FILE, INEFFECTIVE, no, "flush-log-file", "",
           "every line is written at once anyway"),
    OPTION('x', INEFFECTIVE, no, "snmp", "", "there is no SNMP agent yet"),
    OPTION('A', INEFFECTIVE, required, "snmp-agent-socket", "FILE", "there is no SNMP agent yet"),
    OPTION('M', INEFFECTIVE, optional, "core-dump-pattern", "[=P]",
           "core files are left as with -m; their pattern is the machine's\n(sysctl kernel.core_pattern)",
           FLAG(core_dump)),
    OPTION(ONLY_NO_MEM_CHECK, INEFFECTIVE, no, "no-mem-check", "",
           "memory is checked in builds of configure --enable-sanitizers"),
    OPTION('L', INEFFECTIVE, no, "mem-check-log", "",
           "memory is checked in builds of configure --enable-sanitizers"),
    OPTION('O', INEFFECTIVE, no, "openssl-mem-check", "",
           "memory is checked in builds of configure --enable-sanitizers"),
    OPTION(ONLY_PERF, INEFFECTIVE, optional, "perf", "[=all|run|end]",
           "perf(1) can be attached to any process at any time"),
    OPTION(ONLY_CONFIG_FD, INEFFECTIVE, required, "config-fd", "FD",
           "configurations travel between the processes in memory"),
    OPTION('T', ANSWER, no, "genhash", "",
           "not built: curl -s http://SERVER:PORT/PATH | md5sum prints\nthe digest of a page"),
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS <= 64, "a bit a row in options.ineffective");

static const struct {
    const char *name;
    int number; /* 0 = SIGRTMIN or SIGRTMAX and offset */
    int from_first;
    int before_last;
} signals[] = {
    {"STOP", SIGTERM, 0, 0},  {"RELOAD", SIGHUP, 0, 0}, {"DATA", SIGUSR1, 0, 0},
    {"STATS", SIGUSR2, 0, 0}, {"STATS_CLEAR", 0, 0, 1}, {"JSON", 0, 2, 0},
};

/* ------------------------------------------------------------------ help and other answers */

static void print_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        putc(*text, out);
        if (*text == '\n')
            fprintf(out, "%31s", "");
    }
    putc('\n', out);
}

static void print_row(FILE *out, const struct row *row)
{
    char name[48];

    snprintf(name, sizeof(name), "%s%s%s", row->name, row->argument == required_argument ? "=" : "",
             row->placeholder);
    if (row->code < ONLY_ALL)
        fprintf(out, "  -%c, --%-22s ", row->code, name);
    else
        fprintf(out, "      --%-22s ", name);
    print_text(out, row->text);
}

static void print_help(FILE *out)
{
    fputs("usage: tandemd [OPTION]...\n\n"
          "Makes this machine one half of a pair that shares virtual addresses (VRRP) and balances\n"
          "connections over real servers (IPVS). Reads keepalived's configuration language and takes\n"
          "its options; letters may stand together, as in -nlD.\n",
          out);
    for (enum group group = 0; group < GROUP_COUNT; group++) {
        fprintf(out, "\n%s:\n", group_titles[group]);
        for (size_t i = 0; i < ROWS; i++) {
            if (rows[i].group == group)
                print_row(out, &rows[i]);
        }
    }
    fputs("\nSignals: HUP reloads the configuration; TERM and INT stop gracefully; USR1, USR2 and those of\n"
          "--signum=JSON and STATS_CLEAR have keepalived.data, .stats and .json written in $TMPDIR or /tmp.\n"
          "tandemctl(1) asks and commands a running daemon. Manual: tandemd(8), tandem.conf(5).\n",
          out);
}

/* Programs around keepalived look for "Keepalived vX.Y.Z" in the first line, and for --enable-json, on
 * stderr. */
static void print_version(const struct options *options)
{
    if (options->called_keepalived)
        fputs("Keepalived v" KEEPALIVED_VERSION " (tandem " TANDEM_VERSION ")\n\n"
              "This is tandemd " TANDEM_VERSION
              " under another name: it reads the configuration language of\n"
              "keepalived " KEEPALIVED_VERSION " and takes its options and signals.\n\n"
              "configure options: --enable-json\n",
              stderr);
    else
        puts("tandemd " TANDEM_VERSION "\n"
             "reads the configuration language of keepalived " KEEPALIVED_VERSION
             " and takes its options and signals");
}

static enum options_verdict print_signal(const char *name)
{
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        int number = signals[i].number;

        if (strcmp(signals[i].name, name) != 0)
            continue;
        if (number == 0)
            number = signals[i].before_last > 0 ? SIGRTMAX - signals[i].before_last
                                                : SIGRTMIN + signals[i].from_first;
        printf("%d\n", number);
        return OPTIONS_DONE;
    }
    fprintf(stderr, "tandemd: there is no signal for '%s': --signum takes", name);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", signals[i].name);
    fputs(strcmp(name, "TDUMP") == 0 ? " (there are no threads to dump)\n" : "\n", stderr);
    return OPTIONS_WRONG;
}

static enum options_verdict explain_genhash(void)
{
    fputs("tandemd: genhash is not built. The digest of a page is that of its body:\n"
          "    curl -s http://SERVER:PORT/PATH | md5sum\n"
          "with -H 'Host: NAME' for a virtual host, https:// and -k for SSL_GET.\n",
          stderr);
    return OPTIONS_WRONG;
}

/* ------------------------------------------------------------------ arguments */

static enum options_verdict wrong_argument(const char *option, const char *argument, const char *expected)
{
    fprintf(stderr, "tandemd: '%s' is nothing for --%s: %s\n", argument, option, expected);
    return OPTIONS_WRONG;
}

static enum options_verdict take_umask(const char *text, struct options *options)
{
    char *end;
    long mask = strtol(text, &end, 0);

    if (*text == '\0' || *end != '\0' || mask < 0 || mask > 0777)
        return wrong_argument("umask", text, "a number from 0 to 0777, octal with a leading 0");
    options->umask = (uint32_t)mask;
    options->umask_given = true;
    return OPTIONS_RUN;
}

static enum options_verdict take_facility(const char *text, struct options *options)
{
    const char *digit = strncmp(text, "local", 5) == 0 ? text + 5 : text;

    if (digit[0] >= '0' && digit[0] <= '7' && digit[1] == '\0')
        options->syslog_facility = LOG_LOCAL0 + ((digit[0] - '0') << 3);
    else if (strcmp(text, "user") == 0)
        options->syslog_facility = LOG_USER;
    else if (strcmp(text, "daemon") == 0)
        options->syslog_facility = LOG_DAEMON;
    else
        return wrong_argument("log-facility", text, "daemon, user, local0 to local7 or 0 to 7");
    return OPTIONS_RUN;
}

static enum options_verdict apply_argument(const struct row *row, const char *argument,
                                           struct options *options)
{
    switch (row->code) {
    case 'f':
        options->configuration = argument;
        return OPTIONS_RUN;
    case 'i':
        options->configuration_id = argument;
        return OPTIONS_RUN;
    case 't':
        options->configuration_test = true;
        options->test_log = argument;
        return OPTIONS_RUN;
    case 's':
        options->network_namespace = argument;
        return OPTIONS_RUN;
    case 'S':
        return take_facility(argument, options);
    case 'g':
        options->log_file = argument == NULL ? "" : argument;
        return OPTIONS_RUN;
    case 'p':
        options->pid_file = argument;
        return OPTIONS_RUN;
    case 'r':
        options->vrrp_pid_file = argument;
        return OPTIONS_RUN;
    case 'c':
        options->checkers_pid_file = argument;
        return OPTIONS_RUN;
    case 'u':
        return take_umask(argument, options);
    case ONLY_SIGNUM:
        return print_signal(argument);
    case 'v':
        print_version(options);
        return OPTIONS_DONE;
    case 'h':
        print_help(stdout);
        return OPTIONS_DONE;
    case 'T':
        return explain_genhash();
    }
    return OPTIONS_RUN;
}

static enum options_verdict apply(const struct row *row, const char *argument, struct options *options)
{
    if (row->argument == required_argument && *argument == '\0')
        return wrong_argument(row->name, argument, "it needs an argument");
    if (row->flag != 0)
        *(bool *)((char *)options + row->flag) = true;
    if (row->group == GROUP_INEFFECTIVE)
        options->ineffective |= 1ULL << (row - rows);
    return apply_argument(row, argument, options);
}

/* ------------------------------------------------------------------ parsing */

static const struct row *row_of(int code)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

static bool is_called(const char *program, const char *name)
{
    const char *slash = strrchr(program, '/');

    return strcmp(slash == NULL ? program : slash + 1, name) == 0;
}

static void set_defaults(struct options *options, const char *program)
{
    memset(options, 0, sizeof(*options));
    options->called_keepalived = is_called(program, "keepalived");
    options->syslog_facility = LOG_DAEMON;
    options->configuration = FOREIGN_CONFIGURATION;
    if (!options->called_keepalived &&
        (access(OWN_CONFIGURATION, F_OK) == 0 || access(FOREIGN_CONFIGURATION, F_OK) != 0))
        options->configuration = OWN_CONFIGURATION;
}

/* What getopt_long wants, from the table; letters has room for three characters a row and the end. */
static void describe_rows(struct option *long_options, char *letters)
{
    for (size_t i = 0; i < ROWS; i++) {
        long_options[i] = (struct option){rows[i].name, rows[i].argument, NULL, rows[i].code};
        if (rows[i].code >= ONLY_ALL)
            continue;
        *letters++ = (char)rows[i].code;
        for (int colons = 0; colons < rows[i].argument; colons++)
            *letters++ = ':';
    }
    *letters = '\0';
}

enum options_verdict options_parse(int argc, char **argv, struct options *options)
{
    struct option long_options[ROWS + 1] = {0};
    char letters[3 * ROWS + 1];
    int code;

    describe_rows(long_options, letters);
    set_defaults(options, argv[0]);
    if (is_called(argv[0], "genhash"))
        return explain_genhash();
    optind = 0; /* glibc: begin anew, for tests that parse more than once */
    while ((code = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        const struct row *row = row_of(code);
        enum options_verdict verdict = row == NULL ? OPTIONS_WRONG : apply(row, optarg, options);

        if (row == NULL)
            fputs("tandemd: see tandemd --help\n", stderr);
        if (verdict != OPTIONS_RUN)
            return verdict;
    }
    if (optind < argc) {
        fprintf(stderr, "tandemd: '%s' is not an option; see tandemd --help\n", argv[optind]);
        return OPTIONS_WRONG;
    }
    if (options->only_vrrp && options->only_checkers)
        options->only_vrrp = options->only_checkers = false; /* as long ago: both are wanted */
    return OPTIONS_RUN;
}

/* ------------------------------------------------------------------ what follows from them */

char *options_pid_file(const struct options *options, const char *instance, const char *network_namespace)
{
    const char *directory = options->called_keepalived ? FOREIGN_RUNDIR : TANDEM_RUNDIR;
    const char *name = options->called_keepalived ? "keepalived" : "tandemd";
    char *path;

    if (asprintf(&path, "%s/%s%s%s%s%s.pid", directory, name, instance == NULL ? "" : "_",
                 instance == NULL ? "" : instance, network_namespace == NULL ? "" : "_",
                 network_namespace == NULL ? "" : network_namespace) < 0)
        abort();
    return path;
}

void options_ineffective(const struct options *options, void (*say)(const char *name, const char *reason))
{
    for (size_t i = 0; i < ROWS; i++) {
        if (options->ineffective & 1ULL << i)
            say(rows[i].name, rows[i].text);
    }
}

const char *options_temporary_directory(void)
{
    const char *directory = getenv("TMPDIR");
    struct stat status;

    if (directory != NULL && directory[0] == '/' && stat(directory, &status) == 0 && S_ISDIR(status.st_mode))
        return directory;
    return "/tmp";
}
