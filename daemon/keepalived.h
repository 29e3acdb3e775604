/*
 * Is keepalived running beside us, with one of our virtual routers? Two daemons that speak for the same
 * router on one machine would fight over its addresses, so tandem refuses to start and says what to stop.
 */
#ifndef TANDEM_DAEMON_KEEPALIVED_H
#define TANDEM_DAEMON_KEEPALIVED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "conf/model.h"

#define KEEPALIVED_MAX 8

struct keepalived_process {
    pid_t pid;
    char file[PATH_MAX]; /* its configuration, as an absolute path */
};

/* Finds the keepalived daemons that run VRRP in our network namespace; of one daemon's several processes only
 * one. proc is "/proc". Needs root's right to look at the namespaces of root's processes. Returns their
 * number. */
size_t keepalived_find(const char *proc, struct keepalived_process found[static KEEPALIVED_MAX]);

/* The instance of ours that is one of theirs too (virtual router id, family and interface), or NULL. */
const struct conf_instance *keepalived_conflict(const struct conf_model *ours,
                                                const struct conf_model *theirs);

#endif
