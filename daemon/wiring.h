/*
 * Who talks to whom: the channels between children.
 *
 * The supervisor makes each pair once and keeps copies of both ends, so that a respawned child finds
 * the same channel with everything its peer sent meanwhile. messages.h lists the pairs.
 */
#ifndef TANDEM_DAEMON_WIRING_H
#define TANDEM_DAEMON_WIRING_H

#include "daemon/inheritance.h"
#include "daemon/process.h"

struct wiring;

struct wiring *wiring_new(void);         /* without a channel; never NULL */
void wiring_free(struct wiring *wiring); /* closes our copies; NULL allowed */

/* Makes the pairs between process and every other one in processes[count] that needs one; a peer that
 * already runs is given its end now. Pairs that exist are kept. */
void wiring_connect(struct wiring *wiring, struct process *process, struct process *const *processes,
                    size_t count);

/* Sends a starting process all its ends. */
void wiring_send_ends(struct wiring *wiring, struct process *process);

/* Closes our copies of a process's channels: its peers see the end. wiring_connect makes new ones. */
void wiring_disconnect(struct wiring *wiring, const struct process *process);

/* Adds all ends to what the next supervisor gets, which keeps them open as long as the processes that have
 * them run. */
void wiring_bequeath(const struct wiring *wiring, struct inheritance *inheritance);

#endif
