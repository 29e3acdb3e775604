/*
 * Where log lines leave the daemon: stderr, the journal (through stderr) or syslog.
 *
 * Only the supervisor calls this. Nothing here ever waits: when the other side does not read, lines are lost
 * and counted, and the first line that gets through again says how many.
 */
#ifndef TANDEM_DAEMON_LOG_OUTPUT_H
#define TANDEM_DAEMON_LOG_OUTPUT_H

#include <stdbool.h>

#include "daemon/core/log.h"

/* Lines go to stderr, or to /dev/log (and to stderr where there is none and foreground is set). */
void log_output_open(bool to_stderr, bool foreground);

/* Until the start is over, errors and warnings also go to stderr for whoever typed the command. */
void log_output_start_is_over(void);

/* One line of a process: "vrrp", "links"; "" for the supervisor itself. length bytes, not terminated. */
void log_output_line(enum log_level level, const char *process, const char *text, int length);

#endif
