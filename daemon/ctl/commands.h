/*
 * tandemctl: its command line and its commands. See tandemctl(1).
 */
#ifndef TANDEM_CTL_COMMANDS_H
#define TANDEM_CTL_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

enum tandemctl_exit {
    TANDEMCTL_GOOD = 0,
    TANDEMCTL_COMPLAINTS = 1, /* check, reload: it runs, with complaints */
    TANDEMCTL_DRIFT = 1,      /* plan --against-kernel: something would change */
    TANDEMCTL_REFUSED = 2,    /* check, plan, reload: it would not start, or was not taken over */
    TANDEMCTL_FAILED = 3,     /* the daemon could not be asked, or the command line is wrong */
};

enum tandemctl_command {
    COMMAND_STATUS,
    COMMAND_STATS,
    COMMAND_DO_RELOAD,
    COMMAND_CHECK,
    COMMAND_PLAN,
    COMMAND_CONFIG,
    COMMAND_KEYWORD,
    COMMAND_VERSION,
    COMMAND_DO_UPGRADE,
    COMMAND_COUNT,
};

struct tandemctl_options {
    enum tandemctl_command command;
    const char *socket;     /* -s; NULL = beside the pid file */
    const char *pid_file;   /* never NULL after parsing */
    const char *file;       /* of check and plan, NULL = none; the word of keyword */
    const char *other_file; /* of check: the other machine's; NULL = none */
    const char *against;    /* -a, of plan; NULL = the configuration in force */
    bool against_kernel;    /* -k, of plan */
    const char *id;         /* -i, of check and plan; NULL = the host's name */
    bool not_built;         /* -n, of keyword, which then has no word */
    bool json;
};

enum tandemctl_parsed {
    TANDEMCTL_RUN,
    TANDEMCTL_DONE,  /* help or the version was printed */
    TANDEMCTL_WRONG, /* explained on stderr */
};

/* Fills options from the arguments (strings are pointed to, not copied). */
enum tandemctl_parsed tandemctl_parse(int argc, char **argv, struct tandemctl_options *options);
void tandemctl_print_help(FILE *out);

/* Parses, carries out, prints; returns the exit status. */
int tandemctl_run(int argc, char **argv);

#endif
