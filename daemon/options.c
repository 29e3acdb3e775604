/*
 * The command line of tandemd: one table feeds getopt_long and --help. See options.h.
 *
 * Letters and long names are keepalived's wherever the option does the same.
 */
#include "daemon/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PID_FILE      TANDEM_RUNDIR "/tandemd.pid"
#define OWN_CONFIGURATION     TANDEM_SYSCONFDIR "/tandem/tandem.conf"
#define FOREIGN_CONFIGURATION "/etc/keepalived/keepalived.conf"

static const struct {
    char letter;
    int argument;
    const char *name;
    const char *placeholder;
    const char *text;
} rows[] = {
    {'f', required_argument, "use-file", "FILE",
     "the configuration (default: " OWN_CONFIGURATION ",\n"
     "                             or " FOREIGN_CONFIGURATION " where that is absent)"},
    {'i', required_argument, "config-id", "ID", "the identity that lines beginning with @ID ask for"},
    {'t', optional_argument, "config-test", "[=FILE]",
     "check the configuration, print what is wrong (to FILE), and\n"
     "                             exit: 0 good, 1 runs with complaints, 2 would not start"},
    {'n', no_argument, "dont-fork", "", "stay in the foreground"},
    {'l', no_argument, "log-console", "", "log to stderr instead of syslog"},
    {'D', no_argument, "log-detail", "", "log debug lines too"},
    {'p', required_argument, "pid", "FILE",
     "pid file (default: " DEFAULT_PID_FILE "); the control socket\n"
     "                             and the journal lie beside it"},
    {'v', no_argument, "version", "", "print the version"},
    {'h', no_argument, "help", "", "print this"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void print_help(FILE *out)
{
    fputs("usage: tandemd [OPTION]...\n\n"
          "Makes this machine one half of a pair that shares virtual addresses (VRRP) and balances\n"
          "connections over real servers (IPVS). Reads keepalived's configuration language.\n\n",
          out);
    for (size_t i = 0; i < ROWS; i++) {
        char name[40];

        snprintf(name, sizeof(name), "%s%s%s", rows[i].name, rows[i].argument == required_argument ? "=" : "",
                 rows[i].placeholder);
        fprintf(out, "  -%c, --%-20s %s\n", rows[i].letter, name, rows[i].text);
    }
    fputs("\nSignals: HUP reloads the configuration, TERM and INT stop gracefully.\n"
          "tandemctl(1) asks and commands a running daemon. Manual: tandemd(8), tandem.conf(5).\n",
          out);
}

static void set_defaults(struct options *options)
{
    memset(options, 0, sizeof(*options));
    options->pid_file = DEFAULT_PID_FILE;
    options->configuration = access(OWN_CONFIGURATION, F_OK) == 0 || access(FOREIGN_CONFIGURATION, F_OK) != 0
                                 ? OWN_CONFIGURATION
                                 : FOREIGN_CONFIGURATION;
}

static enum options_verdict apply(int letter, const char *argument, struct options *options)
{
    switch (letter) {
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
    case 'n':
        options->foreground = true;
        return OPTIONS_RUN;
    case 'l':
        options->log_to_stderr = true;
        return OPTIONS_RUN;
    case 'D':
        options->log_debug = true;
        return OPTIONS_RUN;
    case 'p':
        options->pid_file = argument;
        return OPTIONS_RUN;
    case 'v':
        puts("tandemd " TANDEM_VERSION);
        return OPTIONS_DONE;
    case 'h':
        print_help(stdout);
        return OPTIONS_DONE;
    }
    fputs("tandemd: see tandemd --help\n", stderr);
    return OPTIONS_WRONG;
}

enum options_verdict options_parse(int argc, char **argv, struct options *options)
{
    struct option long_options[ROWS + 1] = {0};
    char letters[3 * ROWS + 1];
    size_t used = 0;
    int letter;

    for (size_t i = 0; i < ROWS; i++) {
        long_options[i] = (struct option){rows[i].name, rows[i].argument, NULL, rows[i].letter};
        letters[used++] = rows[i].letter;
        for (int colons = 0; colons < rows[i].argument; colons++)
            letters[used++] = ':';
    }
    letters[used] = '\0';
    set_defaults(options);
    optind = 0; /* glibc: begin anew, for tests that parse more than once */
    while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        enum options_verdict verdict = apply(letter, optarg, options);

        if (verdict != OPTIONS_RUN)
            return verdict;
    }
    if (optind < argc) {
        fprintf(stderr, "tandemd: '%s' is not an option; see tandemd --help\n", argv[optind]);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}
