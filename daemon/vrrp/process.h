/*
 * The vrrp process: what its parts share. process.c has the callbacks of child.h, reload.c the change from
 * one configuration to the next, process_sockets.c the sockets, process_interfaces.c the interfaces, unit.c
 * what moves together, guard.c the look around after having stood still.
 */
#ifndef TANDEM_VRRP_PROCESS_H
#define TANDEM_VRRP_PROCESS_H

#include <stdbool.h>
#include <sys/queue.h>

#include "daemon/core/child.h"
#include "daemon/vrrp/instance.h"
#include "daemon/vrrp/interfaces.h"
#include "daemon/vrrp/trackers.h"
#include "daemon/vrrp/unit.h"

/* A socket our predecessor left with the supervisor. */
struct held_socket {
    STAILQ_ENTRY(held_socket) next;
    uint64_t key;
    int fd;
};

struct vrrp_process {
    struct child *child;
    struct conf_model *model;
    struct vrrp_instance *instances; /* by key */
    struct vrrp_units units;
    struct vrrp_sockets sockets;
    struct interfaces *interfaces;
    struct trackers *trackers;
    STAILQ_HEAD(, held_socket) held;
    bool go;         /* instances may leave INIT */
    bool told_all;   /* links had time to speak of every interface: what it did not name does not exist */
    bool synced;     /* links was told that it knows every master */
    bool links_lost; /* it died so often that the supervisor waits before the next start */
    bool stopping;
    bool ended;                   /* all was put away */
    struct mono begun;            /* when start() was called */
    struct mono start_at;         /* vrrp_startup_delay: nobody leaves INIT before; unset = at once */
    struct mono guard_at;         /* no master can have been superseded before; unset = there is no master */
    struct loop_timer *patience;  /* for what should have come by now: GO, answers of links */
    struct loop_timer *delay;     /* the end of start_at */
    struct loop_timer *links_due; /* a change of a link has lasted long enough to count */
    struct loop_timer *end;       /* the stop waits for links no longer than this */
};

extern const struct child_callbacks vrrp_process_callbacks;

/* NULL if no instance has that key. */
struct vrrp_instance *process_find(struct vrrp_process *process, uint64_t key);

/* Makes an instance with its socket (shared, held or to be asked for) and adds it to the table. */
struct vrrp_instance *process_add(struct vrrp_process *process, const struct conf_instance *conf);

/* Removes a stopped instance that is in no unit. */
void process_remove(struct vrrp_process *process, struct vrrp_instance *instance);

/* Gives links time to speak of what the configuration names, before what it does not know counts as absent.
 */
void process_be_patient(struct vrrp_process *process);

struct channel *process_links(struct vrrp_process *process); /* NULL if it ended */

/* Sockets, process_sockets.c. Asks links for every one that is missing and not asked for. */
void process_ask_for_sockets(struct vrrp_process *process);
/* links began anew and owes no answers. */
void process_forget_questions(struct vrrp_process *process);
/* Gives the instance the socket that its new configuration needs, if that is another one (auth_type AH came
 * or went); until links has opened it, nothing is sent or heard, which is no fault yet. */
void process_change_socket(struct vrrp_process *process, struct vrrp_instance *instance,
                           const struct conf_instance *conf);
/* links answered for that instance; takes fd over. */
void process_socket_arrived(struct vrrp_process *process, uint64_t key, int fd);
void process_socket_failed(struct vrrp_process *process, const struct links_error *failure);
/* The supervisor brings one our predecessor had; takes fd over. */
void process_keep_held(struct vrrp_process *process, uint64_t key, int fd);
/* The socket of that spec for one user more: shared, held by our predecessor, or still to be asked for. */
struct vrrp_socket *process_acquire_socket(struct vrrp_process *process, const struct vrrp_socket_spec *spec);
/* Gives up what no instance needed. */
void process_drop_held(struct vrrp_process *process);

/* links told of an interface (process_interfaces.c). */
void process_interface_news(struct vrrp_process *process, const struct links_interface *news);
/* For the timer .links_due. */
void process_links_are_due(void *process);

/* What an instance's tracking is judged by. */
struct vrrp_surroundings process_surroundings(const struct vrrp_process *process);

/* Looks at the started instances that depend on that interface; NULL = at all. */
void process_look(struct vrrp_process *process, const char *interface);

/* Starts the units whose time has come, and tells links when all are. */
void process_start_units(struct vrrp_process *process);

/* The model in the newest slice; NULL (logged) if there is none or it is not sound. */
struct conf_model *process_read_slice(struct vrrp_process *process);

/* Puts the units in place that the model wants; those whose members stay the same are not touched (reload.c).
 */
void process_arrange_units(struct vrrp_process *process);

/* Takes the newest slice over; false if it cannot be read. */
bool process_reload(struct vrrp_process *process);

/*
 * The pause guard. To be called before anything is done in the name of a master: those that a peer may have
 * superseded while we stood still are given EVENT_PAUSED, all before any of them can speak.
 */
void process_guard(struct vrrp_process *process, struct mono now);

/* The instance is master since now. */
void process_guard_master(struct vrrp_process *process, const struct vrrp_instance *instance);

/* Hears everything that has arrived. */
void process_drain(struct vrrp_process *process);

#endif
