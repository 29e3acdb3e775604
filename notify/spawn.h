/*
 * Starting a program as another user (program.h) cheaply, for what runs many times a second.
 *
 * The new process borrows our memory until exec and we wait for that, so nothing is copied and what goes
 * wrong is known at once. We wait for the file system of the program, too: execute.h is for those that must
 * not.
 */
#ifndef TANDEM_NOTIFY_SPAWN_H
#define TANDEM_NOTIFY_SPAWN_H

#include <sys/types.h>

#include "notify/program.h"

/* What the kernel could not give us just now: whose fault a refusal is. */
bool spawn_lacks_resources(int error);

/*
 * Starts it. 0 with *pid and *pid_fd, which becomes readable when the process has ended and is the caller's
 * to close. Else an errno; *refusal says why in words.
 */
int spawn(const struct program *program, pid_t *pid, int *pid_fd, struct program_refusal *refusal);

#endif
