/*
 * What is known of a tracked script, file or process, and what that means for who tracks it. Pure.
 *
 *     script    up or down by its results: rise successes in a row, fall failures in a row; the first result
 *               decides alone. A run without a result changes nothing
 *     file      a number; none is 0
 *     process   up while as many run as are wanted
 *
 * Nothing known means nothing: no weight, no FAULT. (semantics.md: Priority, Scripts.)
 */
#ifndef TANDEM_VRRP_TRACK_STATE_H
#define TANDEM_VRRP_TRACK_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"
#include "daemon/core/vrrp_state.h"

struct track_state {
    enum track_verdict verdict;
    uint32_t contrary; /* script: results in a row that do not agree with the verdict */
    int32_t value;     /* of a file; how many processes */
};

/* A script that has not run yet. */
void track_script_begin(struct track_state *state, const struct conf_track_script *conf);

/* It ended; true if the verdict is another one now. */
bool track_script_result(struct track_state *state, const struct conf_track_script *conf, bool success);

/* The file's number was read; true if it is news. */
bool track_file_value(struct track_state *state, int32_t value);

/* count processes run, and that is what is wanted, or is not; true if the verdict is another one now. */
bool track_process_count(struct track_state *state, int32_t count, bool as_wanted);

/* What it does to one that tracks it. */
struct track_effect {
    int32_t weight; /* to be added to the priority */
    bool fault;
    bool undecided; /* a script that could mean FAULT and has no result yet */
};

struct track_effect track_effect(const struct conf_tracked *tracked, const struct track_state *state);

#endif
