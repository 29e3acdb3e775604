/*
 * The command line of tandemd.
 */
#ifndef TANDEM_DAEMON_OPTIONS_H
#define TANDEM_DAEMON_OPTIONS_H

#include <stdbool.h>

enum options_verdict {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was printed: exit 0 */
    OPTIONS_WRONG, /* explained on stderr: exit 2 */
};

struct options {
    const char *configuration;    /* never NULL after options_parse */
    const char *configuration_id; /* NULL = host name up to the first dot */
    const char *pid_file;
    const char *test_log; /* of --config-test=FILE; NULL = stderr */
    bool configuration_test;
    bool foreground;    /* -n */
    bool log_to_stderr; /* -l */
    bool log_debug;     /* -D */
};

/* Fills options from the arguments (strings are pointed to, not copied). */
enum options_verdict options_parse(int argc, char **argv, struct options *options);

#endif
