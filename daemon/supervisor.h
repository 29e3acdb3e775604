/*
 * The supervisor: starts, watches, replaces, reloads and stops the other processes.
 */
#ifndef TANDEM_DAEMON_SUPERVISOR_H
#define TANDEM_DAEMON_SUPERVISOR_H

#include "daemon/options.h"

/* Runs until the stop is complete; returns the exit status: 0 stopped, 1 a failure, 2 a configuration that
 * would not start. */
int supervisor_run(const struct options *options);

/* The directory that holds the other programs: that of our own executable if they lie beside it (a build
 * tree), else the installed one. Static memory. */
const char *supervisor_program_directory(void);

#endif
