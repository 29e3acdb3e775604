/*
 * One child process as the supervisor sees it: spawned, watched, its log lines forwarded, its sockets and
 * board held for its successor. What the child is told is composed in children.c; here is only how.
 */
#ifndef TANDEM_DAEMON_PROCESS_H
#define TANDEM_DAEMON_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/core/channel.h"
#include "daemon/core/loop.h"
#include "daemon/hang.h"
#include "daemon/inheritance.h"
#include "daemon/respawn.h"

struct process;

struct process_callbacks {
    /* A message of the child; fd as in channel.h. CHILD_HOLD and CHILD_RELEASE do not come here. */
    void (*message)(struct process *process, enum message_type type, const void *payload, int fd, void *data);
    /* It ended; status as wait(2) gives it. The process may be spawned again. */
    void (*ended)(struct process *process, int status, void *data);
};

/* One that does not run yet. callbacks and data must stay valid as long as it exists. */
struct process *process_new(struct loop *loop, enum role role, uint16_t index,
                            const struct process_callbacks *callbacks, void *data);
void process_free(struct process *process); /* of one that does not run; NULL allowed */

/* Starts its program from directory with the given arguments after the program's name (NULL-terminated, or
 * NULL). False (logged) if that fails. The child has got CONTROL_LOG; the rest is the caller's to send. */
bool process_spawn(struct process *process, const char *directory, char *const *arguments);

/* Sends the sockets its predecessor asked us to hold. */
void process_send_held(struct process *process);

/* Has us hold a socket for the process, which gets it with process_send_held. Takes over fd. */
void process_hold(struct process *process, uint64_t key, int fd);

/* Adds the process, and what we hold for it, to what the next supervisor gets. */
void process_bequeath(struct process *process, struct inheritance *inheritance);

/* A process that the version before started. It is watched and its lines are forwarded, but it speaks that
 * version's language: nothing it says is read, and it is told nothing but by process_let_go. */
struct process *process_inherit(struct loop *loop, const struct inherited_process *inherited,
                                const struct process_callbacks *callbacks, void *data);

/* Closes its control channel: the order to stop gracefully, in the language of any version. */
void process_let_go(struct process *process);

/* SIGKILL; the end is reported as usual. */
void process_kill(struct process *process);

/* Kills it, if it runs, and waits for the end, of which nobody is told. Only for one that does nothing more,
 * or whose work is not wanted. */
void process_put_down(struct process *process);

/* Looks whether it has ended: after SIGCHLD. */
void process_reap(struct process *process);

enum role process_role(const struct process *process);
uint16_t process_index(const struct process *process);   /* which of several of the role; 0 = the first */
const char *process_name(const struct process *process); /* "vrrp", "checker 2" */
bool process_runs(const struct process *process);
pid_t process_pid(const struct process *process);
struct channel *process_control(struct process *process); /* NULL when it does not run or closed it */
struct mono process_started(const struct process *process);

/* What the supervisor keeps about it. */
struct process_memory {
    enum process_state state;
    struct board *board;
    struct respawn respawn;
    uint32_t respawns;
    int slice; /* newest slice; -1 = the configuration does not need it */
    int whole; /* ctl: what goes with it for clients; else -1 */
    bool awaiting_reload;
    struct mono restart_due;
    struct hang_watch hang;
    int last_status;
};
struct process_memory *process_memory(struct process *process);

#endif
