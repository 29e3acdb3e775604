/*
 * The set of child processes: which the configuration needs, and what each is told when it starts.
 */
#ifndef TANDEM_DAEMON_CHILDREN_H
#define TANDEM_DAEMON_CHILDREN_H

#include "conf/model.h"
#include "daemon/configuration.h"
#include "daemon/process.h"
#include "daemon/run_files.h"
#include "daemon/wiring.h"

struct children {
    struct loop *loop;
    const char *directory; /* of the programs */
    struct wiring *wiring;
    struct process *items[CONFIGURATION_PROCESSES_MAX];
    size_t count;
    struct board *board; /* the supervisor's own: one record a process */
    const struct run_files *files;
    uint32_t uid;
    uint32_t gid;
    uint32_t control_gid;
    uint32_t identity_flags;
    const struct conf_daemon *settings; /* NULL before the first configuration */
    int own_namespace;                  /* of the network, that we and all others are in; -1 unless needed */
    int ipvs_namespace;                 /* that of the director; -1 = the same */
    bool go;                            /* vrrp may leave INIT */
    bool scripts_behind;                /* a reload under way: scripts may not have its part of it yet */
    const struct process_callbacks *callbacks;
    void *data;
};

/* NULL if there is none. index: which of several of the role. */
struct process *children_find(const struct children *children, enum role role, uint16_t index);

/* The process of a part of a new configuration, made if it is new; takes the part's slice over and gives it a
 * board large enough. *grown says that a running one must be told of a new board. */
struct process *children_adopt_part(struct children *children, struct configuration_part *part, bool *grown);

/* Starts one process with everything it must know. False (logged) if it cannot be started. */
bool children_launch(struct children *children, struct process *process);

/* Sends the process's board to itself, if it runs, and to those who may look at it. */
void children_send_board(struct children *children, struct process *process);

/* Sends its newest slice to a running process. */
void children_send_slice(struct process *process);

/* Orders a running process to stop gracefully. */
void children_order_stop(struct children *children, struct process *process);

/* Lets vrrp leave INIT, now and after any respawn. */
void children_go(struct children *children);

/* scripts has its part of the configuration, or none is needed: director may tell it what happens, now and
 * after any respawn. */
void children_scripts_know(struct children *children);

/* Takes note of a state on the supervisor's board. */
void children_set_state(struct children *children, struct process *process, enum process_state state);

/* Removes a process that has ended and is not needed. */
void children_remove(struct children *children, struct process *process);

/* SIGCHLD: looks at all of them. */
void children_reap(struct children *children);

/* Whether every process has said that it runs. */
bool children_all_ready(const struct children *children);

#endif
