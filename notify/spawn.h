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

/* Starts it. 0 with *pid, for the caller to wait for. Else an errno; *refusal says why in words. */
int spawn(const struct program *program, pid_t *pid, struct program_refusal *refusal);

#endif
