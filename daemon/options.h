/*
 * The command line of tandemd, which is keepalived's.
 *
 * Every option of keepalived is known: it does its work, or options_ineffective() says why it does none.
 * Started under the name keepalived (a link to tandemd), the defaults and --version are those that programs
 * around keepalived expect.
 */
#ifndef TANDEM_DAEMON_OPTIONS_H
#define TANDEM_DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum options_verdict {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help, --version or --signum was answered: exit 0 */
    OPTIONS_WRONG, /* explained on stderr: exit 2 */
};

struct options {
    const char *configuration;    /* never NULL after options_parse */
    const char *configuration_id; /* NULL = host name up to the first dot */
    const char *test_log;         /* of --config-test=FILE; NULL = stderr */
    const char *pid_file;         /* NULL = options_pid_file() */
    const char *vrrp_pid_file;    /* NULL = none */
    const char *checkers_pid_file;
    const char *network_namespace; /* -s; NULL = the configuration's */
    const char *log_file;          /* -g; NULL = none, "" = keepalived.log among the temporary files */
    int syslog_facility;           /* as in syslog(3): LOG_DAEMON, ... */
    uint32_t umask;                /* of files the daemon writes, if umask_given */
    uint64_t ineffective; /* options given that have no effect: a bit a row, see options_ineffective */
    bool umask_given;
    bool called_keepalived; /* the name of the program says so */
    bool configuration_test;
    bool all_includes;       /* -e */
    bool only_vrrp;          /* -P */
    bool only_checkers;      /* -C; never both */
    bool foreground;         /* -n */
    bool log_to_stderr;      /* -l */
    bool log_debug;          /* -D */
    bool no_syslog;          /* -G */
    bool dump_configuration; /* -d */
    bool log_addresses;      /* -a */
    bool keep_addresses;     /* -V */
    bool keep_ipvs;          /* -I */
    bool dont_respawn;       /* -R */
    bool core_dump;          /* -m */
    bool ignore_sigint;
};

/* Fills options from the arguments (strings are pointed to, not copied). */
enum options_verdict options_parse(int argc, char **argv, struct options *options);

/* The default pid file: TANDEM_RUNDIR/tandemd.pid, or keepalived's under that name; with an instance name or
 * network namespace (either may be NULL) one of its own, so that several daemons do not collide. The caller
 * frees it. */
char *options_pid_file(const struct options *options, const char *instance, const char *network_namespace);

/* Calls say for each option given that has no effect, with its name and the reason. */
void options_ineffective(const struct options *options, void (*say)(const char *name, const char *reason));

/* The directory for temporary files, as keepalived finds it: $TMPDIR if absolute, else /tmp. */
const char *options_temporary_directory(void);

#endif
