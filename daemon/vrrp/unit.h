/*
 * A unit: a sync group, or an instance that is in none. It moves as a whole and has one timer. Every event
 * for an instance passes through its unit; group.c decides, and the instances carry out what it says.
 */
#ifndef TANDEM_VRRP_UNIT_H
#define TANDEM_VRRP_UNIT_H

#include <stdbool.h>
#include <sys/queue.h>

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/vrrp/group.h"
#include "daemon/vrrp/instance.h"

struct vrrp_process;

struct vrrp_unit {
    LIST_ENTRY(vrrp_unit) next;
    struct vrrp_process *process;
    const struct conf_sync_group *conf; /* in the process's model; NULL = one instance alone */
    struct vrrp_instance **instances;
    struct vrrp_router **routers;
    unsigned int count;
    struct vrrp_group group;
    struct vrrp_group_actions actions;
    struct loop_timer *timer;
    bool links_stands_by; /* was told of the takeover that may come */
    struct mono last_event;
    enum vrrp_state told; /* scripts know the group in this state; VRRP_INIT = nothing yet */
    bool started;         /* EVENT_START or EVENT_RESUME was given */
};
LIST_HEAD(vrrp_units, vrrp_unit);

/* Takes the instances in; they must be in no other unit. Not started. */
struct vrrp_unit *unit_new(struct vrrp_process *process, const struct conf_sync_group *conf,
                           struct vrrp_instance *const *instances, unsigned int count);
/* The instances stay. */
void unit_free(struct vrrp_unit *unit);

/* Gives an event that happened at when; carries out what follows from it. */
void unit_step(struct vrrp_unit *unit, unsigned int member, const struct vrrp_event *event, struct mono when);

/* EVENT_PAUSED, from the guard. */
void unit_pause(struct vrrp_unit *unit, struct mono now);

/* A packet for an instance: the sockets' receiver. */
void unit_received(void *instance, const struct vrrp_datagram *datagram);

/* Looks at what an instance depends on, and gives the events that follow from a change. */
void unit_look(struct vrrp_instance *instance);

/* Leaves INIT. */
void unit_start(struct vrrp_unit *unit);

/*
 * After a respawn: goes on from the board's records, as master if no peer can have taken over, as backup with
 * the time already waited. False if it has to start anew; then what a predecessor held is released.
 */
bool unit_resume(struct vrrp_unit *unit);

/* Tells scripts that the group is in that state, once. */
void unit_notify(struct vrrp_unit *unit, enum vrrp_state state);

/* Tells the FIFOs once more what scripts know of the group's and its members' states. */
void unit_notify_again(struct vrrp_unit *unit);

#endif
