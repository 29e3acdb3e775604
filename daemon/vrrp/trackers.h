/*
 * The tracked scripts, files and processes of the vrrp process: when scripts are asked to run, what was heard
 * of all of them, and the board's record of it, from which a successor goes on. What a result means is in
 * track_state.h.
 *
 * The scripts process runs scripts and watches files and processes. As long as it says nothing, nothing
 * changes: its death, its hanging and our own lateness are no script's failure.
 */
#ifndef TANDEM_VRRP_TRACKERS_H
#define TANDEM_VRRP_TRACKERS_H

#include "daemon/core/child.h"
#include "daemon/vrrp/track_state.h"

struct trackers;

/* key: of what changed. */
typedef void trackers_changed(uint64_t key, void *data);

/* Without any yet. */
struct trackers *trackers_new(struct child *child, trackers_changed *changed, void *data);

/* The model must live until the next call. What stays keeps its state and its rhythm; what is new, if a
 * predecessor knew it (the board), goes on there. */
void trackers_load(struct trackers *trackers, const struct conf_model *model);

/* SCRIPT_RAN, TRACKED_FILE or TRACKED_PROCESS with its payload. */
void trackers_message(struct trackers *trackers, enum message_type type, const void *payload);

/* The scripts process began anew, or ended: no run that was asked for will be answered. */
void trackers_scripts_lost(struct trackers *trackers);

/* NULL if nothing of that key is tracked: as vrrp_surroundings wants it. */
const struct track_state *trackers_find(const void *trackers, uint64_t key);

/* How a script of that key may be waited for, at its start: its timeout. Unset for what is no script. */
struct span trackers_patience(const struct trackers *trackers, uint64_t key);

/* Asks for no more runs. */
void trackers_stop(struct trackers *trackers);

#endif
