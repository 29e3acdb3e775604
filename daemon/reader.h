/*
 * The reader: a short-lived process that parses the configuration for the supervisor.
 *
 * It gets its identity and the order to start over descriptor 3, drops every capability (keeping only root's
 * view of files), loads the files, and answers with a slice for each process the configuration needs and a
 * report. If it crashes on what it reads, that is a failed reload and nothing else.
 */
#ifndef TANDEM_DAEMON_READER_H
#define TANDEM_DAEMON_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"

struct reader_request {
    const char *file;
    const char *id;     /* NULL = the host's name */
    bool all_includes;  /* -e */
    bool only_vrrp;     /* -P: hand no balancer over */
    bool only_checkers; /* -C: hand no virtual routers over */
    bool send_text;     /* -d: READER_TEXT too */
};

/* Serves the supervisor on descriptor 3; returns the exit status. */
int reader_serve(const struct reader_request *request);

/* How long the checks keep a CPU busy in each second, roughly. */
uint64_t reader_checks_busy_us(const struct conf_model *model);

/* How many checker processes that many checks, so busy, get: one for 5,000 or a fifth of a CPU, no more than
 * there are processors, nor than 8. Few wake up seldom, and each time have many checks to begin. */
uint16_t reader_checker_processes(uint32_t checks, uint64_t busy_us, long processors);

#endif
