/*
 * The life of a child process, the same for all roles: receive everything from the supervisor,
 * confine, say ready, run, stop.
 *
 * A program's main() is: child_main(ROLE_X, &callbacks, argc, argv). Descriptor 3 is the control channel.
 * Before CONTROL_START the child still is root and single-minded: it collects log, boards, channels, held
 * sockets, files and its slice. prepare() may then use root's powers for the last time (open a socket,
 * raise a limit); after it the process is confined, says hello to its peers, and start() builds the
 * objects and arms the timers. CHILD_READY is sent by child_ready(), called from start() or later.
 *
 * The end of the control channel (the supervisor died) and CONTROL_STOP both call stop(), once; the program
 * puts things away in its own time, calls child_stopped(), and the loop ends when all is sent.
 */
#ifndef TANDEM_CORE_CHILD_H
#define TANDEM_CORE_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/board.h"
#include "daemon/core/channel.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

struct child;

struct child_callbacks {
    /* Root's last chance; NULL = nothing to do. */
    void (*prepare)(struct child *child);
    /* Confined. Build from child_take_slice(); afterwards call child_ready() when due. */
    void (*start)(struct child *child);
    /* A new slice (take it with child_take_slice). Answer with child_reloaded(). */
    void (*reload)(struct child *child);
    /* A message from a peer; fd as in channel.h. NULL = its peers have nothing to say. */
    void (*message)(struct child *child, struct channel *from, enum message_type type, const void *payload,
                    int fd);
    /* That peer (re)started: say what it must know. NULL = nothing. */
    void (*peer_started)(struct child *child, struct channel *peer);
    /* That peer ended and will not come back (the supervisor is gone too). NULL = nothing. */
    void (*peer_ended)(struct child *child, enum role peer);
    /* CONTROL_GO, CONTROL_TELL, CONTROL_ADVANCE and CONTROL_HELD; fd as in channel.h. NULL = ignored. */
    void (*control)(struct child *child, enum message_type type, const void *payload, int fd);
    /* Put away; supervisor_gone = nobody orders the others to stop, see peer_ended. */
    void (*stop)(struct child *child, bool supervisor_gone);
    /* Events, not state: what peers told a predecessor that did not live to read it is for us (channel.h). */
    bool hears_as_heir;
    void *data; /* yours; also set by child_set_data */
};

/* Runs the program; returns the exit status. */
int child_main(enum role role, const struct child_callbacks *callbacks, int argc, char **argv);

struct loop *child_loop(struct child *child);       /* never NULL */
struct channel *child_control(struct child *child); /* NULL once the supervisor is gone */
/* The channel to a peer, NULL if the configuration has none: channel_send allows that. */
struct channel *child_peer(struct child *child, enum role role, uint16_t index);
/* Which of several processes of its role is at the other end of a peer's channel. */
uint16_t child_peer_index(const struct child *child, const struct channel *peer);
const struct control_identity *child_identity(const struct child *child);
struct board *child_board(struct child *child); /* own, writable; never NULL */
struct board *child_board_of(struct child *child, enum role role, uint16_t index); /* to read, or NULL */
/* The sealed memfd of the newest slice, for conf_slice_take; the caller owns it. -1 if none is waiting. */
int child_take_slice(struct child *child);
/* The newest file of that kind that was opened for us; the caller owns it. -1 if none is waiting. */
int child_take_file(struct child *child, enum control_file_kind kind);
void *child_data(struct child *child);
void child_set_data(struct child *child, void *data);

/* It runs (director: and its first table is complete): the daemon's start waits for this. */
void child_ready(struct child *child);
/* The answer to reload(): the slice is in force, or could not be used and the old one stays. */
void child_reloaded(struct child *child, bool ok);
/* Everything is put away: the process ends as soon as what it said is sent. */
void child_stopped(struct child *child);
/* Custody: the supervisor keeps the socket for our successor, which gets CONTROL_HELD before start(). */
void child_hold(struct child *child, uint64_t key, int fd);
void child_release(struct child *child, uint64_t key);

#endif
