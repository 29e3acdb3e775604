/*
 * Where log lines leave the daemon: stderr, the journal (through stderr), syslog, a file.
 *
 * Only the supervisor calls this. Nothing here waits for a reader: when the other side does not read, lines
 * are lost and counted, and the first line that gets through again says how many.
 */
#ifndef TANDEM_DAEMON_LOG_OUTPUT_H
#define TANDEM_DAEMON_LOG_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/core/log.h"

struct log_output {
    bool to_stderr;  /* instead of syslog */
    bool foreground; /* to stderr where there is no syslog */
    bool no_syslog;
    int facility;     /* as in syslog(3) */
    const char *file; /* to this file too; NULL = none; must stay valid */
    mode_t umask;     /* of the file */
};

/* Opens the ways out. A file that cannot be opened is reported on the others. */
void log_output_open(const struct log_output *choice);

/* Opens the file anew: it was rotated. */
void log_output_reopen(void);

/* Until the start is over, errors and warnings also go to stderr for whoever typed the command. */
void log_output_start_is_over(void);

/* One line of a process: "vrrp", "links"; "" for the supervisor itself. length bytes, not terminated. */
void log_output_line(enum log_level level, const char *process, const char *text, int length);

#endif
