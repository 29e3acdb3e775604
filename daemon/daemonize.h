/*
 * Going into the background, so that the command that started us ends when we are really up.
 */
#ifndef TANDEM_DAEMON_DAEMONIZE_H
#define TANDEM_DAEMON_DAEMONIZE_H

#include <stdbool.h>

/* Forks; returns only in the child, in a session of its own. The parent waits for daemonize_finish and exits
 * with the status given there, or with 1 if the child dies first. */
void daemonize_begin(void);

/* Lets the parent exit with that status; with 0, stdin, stdout and stderr become /dev/null. Does nothing if
 * daemonize_begin was not called or this was done. */
void daemonize_finish(int status);

#endif
