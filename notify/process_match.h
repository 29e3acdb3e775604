/*
 * Which processes a vrrp_track_process means, and whether as many run as are wanted. Pure.
 */
#ifndef TANDEM_NOTIFY_PROCESS_MATCH_H
#define TANDEM_NOTIFY_PROCESS_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/model.h"
#include "daemon/core/time.h"

/* name is the process's /proc/PID/comm without its newline. For those without full_command. */
bool process_match_name(const struct conf_track_process *conf, const char *name);

/* command[length] is /proc/PID/cmdline: words, each with its terminator. For those with full_command. */
bool process_match_command(const struct conf_track_process *conf, const char *command, size_t length);

/* How many run, and since when that is not what was said of it. */
struct process_quorum {
    bool known;
    uint32_t count;
    bool as_wanted;  /* as told */
    struct mono due; /* when the contrary may be told; unset = it agrees */
};

/* Both: true if as_wanted is another one now, or known for the first time. */
bool process_quorum_count(struct process_quorum *quorum, const struct conf_track_process *conf,
                          uint32_t count, struct mono now);
bool process_quorum_time(struct process_quorum *quorum, struct mono now);

#endif
