/*
 * The reader: a short-lived process that parses the configuration for the supervisor.
 *
 * It gets its identity and the order to start over descriptor 3, drops every capability (keeping only root's
 * view of files), loads the files, and answers with a slice for each process the configuration needs and a
 * report. If it crashes on what it reads, that is a failed reload and nothing else.
 */
#ifndef TANDEM_DAEMON_READER_H
#define TANDEM_DAEMON_READER_H

#include <stdint.h>

/* Serves the supervisor on descriptor 3; returns the exit status. id NULL = the host's name. */
int reader_serve(const char *file, const char *id);

/* How many checker processes that many checks get: one for 500, no more than there are processors, nor
 * than 8. */
uint16_t reader_checker_processes(uint32_t checks, long processors);

#endif
