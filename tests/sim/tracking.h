/*
 * What a simulated box tracks: a script, a file and a process, judged by the daemon's own track_state.c.
 *
 * An onlooker counts for itself what the results mean (streaks instead of counters, a table instead of
 * signs); the routers' priorities and faults must agree with it. Runs without a result happen and must mean
 * nothing.
 */
#ifndef TANDEM_SIM_TRACKING_H
#define TANDEM_SIM_TRACKING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/vrrp/track_state.h"

struct sim_world;
struct sim_node;

enum sim_tracked {
    SIM_SCRIPT,
    SIM_FILE,
    SIM_PROCESS,
    SIM_TRACKED_COUNT,
};

struct sim_tracking {
    struct conf_track_script script;
    struct conf_tracked tracked[SIM_TRACKED_COUNT];
    struct track_state states[SIM_TRACKED_COUNT];
    int32_t weight; /* of all together */
    bool fault;
    /* the onlooker's */
    int streak;  /* of the script: successes, or failures as a negative number */
    int seen_up; /* 1, 0, or -1 while nothing is known */
    int32_t value;
    int enough; /* processes: 1, 0, -1 */
};

/* Draws what the box tracks; nothing is known of it yet. */
void sim_tracking_draw(struct sim_world *world, struct sim_tracking *tracking);

/* Something is heard of one of them: a result, no result, another number. True if the effect changed. */
bool sim_tracking_news(struct sim_world *world, struct sim_tracking *tracking);

/* All is well again. */
bool sim_tracking_mend(struct sim_world *world, struct sim_tracking *tracking);

/* Whether weight, fault and what the node's routers make of them are what the onlooker expects. */
bool sim_tracking_agrees(const struct sim_node *node);

#endif
