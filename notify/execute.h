/*
 * Starting a program as another user, with nothing of ours but its words and the environment.
 *
 * The new process has its own session, default signals, /dev/null for stdin, stdout and stderr and no other
 * descriptor, the ordinary scheduling class, the limits the daemon was started with, umask 0177 (what
 * keepalived's scripts have), directory "/", no supplementary groups. It may gain privileges by exec as any
 * process of that user: sudo and ip work.
 */
#ifndef TANDEM_NOTIFY_EXECUTE_H
#define TANDEM_NOTIFY_EXECUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct program {
    char *const *words; /* NULL-terminated; a first word without a slash is looked for (script_path.h) */
    uint32_t uid;
    uint32_t gid;
    bool must_be_safe; /* refuse what somebody other than root could have changed */
};

/* What is said about a program that did not run fits into this. */
#define EXECUTE_REASON_BYTES 4352

/* Remembers limits and environment as they are, before the daemon changes them for itself. Once, at start. */
void execute_prepare(void);

/* Starts it. 0 with *pid and *report, a descriptor for execute_why, which the caller closes; else an errno.
 */
int execute(const struct program *program, pid_t *pid, int *report);

/* Once the process has ended: why the program did not run at all, or NULL if it did. */
const char *execute_why(int report, char buffer[static EXECUTE_REASON_BYTES]);

#endif
