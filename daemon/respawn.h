/*
 * When a dead child is started again: at once, unless it dies three times in ten seconds. Pure.
 */
#ifndef TANDEM_DAEMON_RESPAWN_H
#define TANDEM_DAEMON_RESPAWN_H

#include <stdbool.h>

#include "daemon/core/time.h"

#define RESPAWN_DEATHS 3

struct respawn {
    struct mono deaths[RESPAWN_DEATHS]; /* the last ones, newest first */
    struct span delay;                  /* of the next restart; 0 = at once */
    bool poisoned;                      /* died three times in ten seconds, and has not run well since */
};

/* Takes note of a death; returns when to start again: now or later. */
struct mono respawn_after_death(struct respawn *respawn, struct mono now);

/* The process has run for that long: a minute clears the poison. */
void respawn_has_run(struct respawn *respawn, struct span alive);

#endif
