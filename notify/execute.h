/*
 * Starting a program as another user (program.h) in a process of its own from the first instruction: whatever
 * its path leads to, a file system that hangs holds up nobody else.
 */
#ifndef TANDEM_NOTIFY_EXECUTE_H
#define TANDEM_NOTIFY_EXECUTE_H

#include <sys/types.h>

#include "notify/program.h"

/* Starts it. 0 with *pid and *report, a descriptor for execute_why, which the caller closes; else an errno.
 */
int execute(const struct program *program, pid_t *pid, int *report);

/* Once the process has ended: why the program did not run at all, or NULL if it did. */
const char *execute_why(int report, char buffer[static PROGRAM_REASON_BYTES]);

#endif
