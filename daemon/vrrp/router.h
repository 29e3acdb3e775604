/*
 * One virtual router's state machine: RFC 9568 section 6.4 (and RFC 3768 6.4), without I/O.
 *
 * A function of (state, event, time) to (state, actions). No socket, clock, log or kernel in here: the vrrp
 * process (process.c) and the simulator (tests/sim) run the same code. vrrp_router_step is the only entry,
 * and inside it one function changes .state.
 *
 * Times are struct mono as the caller gives them; the caller arms one timer for vrrp_router_deadline()
 * and sends EVENT_TIMER when it is reached (an early one does nothing). Actions are to be carried out in the
 * order given.
 *
 * After a pause the caller sends EVENT_PAUSED first, then the adverts that were queued meanwhile, then
 * timers: in that order no advert of ours leaves before we know whether somebody took over.
 *
 * Sync groups are a layer above (group.h): it holds members back and moves them together.
 */
#ifndef TANDEM_VRRP_ROUTER_H
#define TANDEM_VRRP_ROUTER_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/address.h"
#include "daemon/core/time.h"
#include "daemon/core/vrrp_state.h"

#define VRRP_PRIORITY_STOP  0
#define VRRP_PRIORITY_OWNER 255

struct vrrp_settings {
    uint8_t version; /* 2 or 3 */
    uint8_t base_priority;
    bool wants_master; /* state MASTER */
    bool preempt;
    struct span preempt_delay;
    struct span advert_interval;
    struct span advert_phase; /* 0 .. advert_interval: so much sooner than an interval goes the second advert
                                 of a new master. Routers that became master together then do not go on
                                 speaking together */
    uint8_t down_timer_adverts; /* 3 */
    bool lower_prio_no_advert;
    bool higher_prio_send_advert;
    bool owner_ignore_adverts;
};

enum vrrp_event_type {
    EVENT_START,      /* leave INIT. No action says so, but nothing is held then: addresses a crash left
                         behind are to be taken off unless the next action is ACTION_TAKE. A backup that goes
                         on where its predecessor ended hears the last EVENT_ADVERT again after this */
    EVENT_STOP,       /* graceful end: priority 0, to INIT */
    EVENT_ADVERT,     /* a valid advert arrived */
    EVENT_TIMER,      /* the deadline was reached */
    EVENT_PRIORITY,   /* tracking changed the sum of weights */
    EVENT_FAULT,      /* one more reason for FAULT */
    EVENT_FAULT_OVER, /* one reason less */
    EVENT_PAUSED,     /* the process, or machine, stood still so long that a peer may have taken over */
    EVENT_RESUME,     /* this process replaces one that was master (state is VRRP_INIT), and no peer can have
                         taken over yet */
    EVENT_GROUP_MASTER,     /* the sync group goes master: so do we, now */
    EVENT_GROUP_BACKUP,     /* the sync group goes backup */
    EVENT_GROUP_FAULT,      /* another member of the sync group is in FAULT */
    EVENT_GROUP_FAULT_OVER, /* none is any more */
    EVENT_SETTINGS,         /* a reload changed settings; state and timers adapt in place */
    EVENT_SOURCE,           /* our own address changed */
    EVENT_TYPE_COUNT,
};

struct vrrp_event {
    enum vrrp_event_type type;
    union {
        struct {
            uint8_t priority;
            struct span interval; /* as the sender states it; unset for v2 */
            struct ip_address source;
        } advert;
        int32_t weight_sum;                   /* EVENT_PRIORITY */
        const struct vrrp_settings *settings; /* EVENT_SETTINGS */
        struct ip_address source;             /* EVENT_SOURCE */
    };
};

enum vrrp_action_type {
    ACTION_SEND_ADVERT,      /* with the effective priority */
    ACTION_SEND_ZERO,        /* with priority 0 */
    ACTION_TAKE,             /* addresses on, GARP / NA */
    ACTION_ADOPT,            /* as TAKE, after a resume: they should be there */
    ACTION_RELEASE,          /* addresses off */
    ACTION_ANNOUNCE,         /* GARP / NA again: a lower priority master spoke */
    ACTION_STATE_CHANGED,    /* .state is new: notify, log, board. Exactly one a transition, also after a
                                resume, where scripts have nothing to hear (cause is CAUSE_RESUMED) */
    ACTION_PRIORITY_CHANGED, /* effective priority is new */
    ACTION_TYPE_COUNT,
};

#define VRRP_ACTIONS_MAX 8

struct vrrp_actions {
    enum vrrp_action_type items[VRRP_ACTIONS_MAX];
    unsigned int count;
};

struct vrrp_router {
    /* read by anybody, written only in router.c */
    enum vrrp_state state;
    enum vrrp_cause cause;
    struct vrrp_settings settings;
    int32_t weight_sum;
    uint8_t effective_priority; /* clamp(base + weight_sum, 1, 254); 255 if base is 255 */
    bool owner_yields;        /* 255 by configuration, 254 in fact: a second owner of higher address speaks */
    bool start_as_backup;     /* its sync group does not let it begin as master */
    bool group_fault;         /* another member of the sync group is in FAULT */
    unsigned int faults;      /* reasons for FAULT of its own that hold */
    struct ip_address source; /* ours: decides between equal priorities */
    struct span master_interval; /* v3: learned from the master; else ours */
    struct ip_address master;    /* BACKUP: who was last heard as master; AF_UNSPEC = nobody */
    uint8_t master_priority;
    struct mono state_since;
    struct mono advert_due;         /* MASTER */
    struct mono master_down_due;    /* BACKUP */
    struct mono preempt_due;        /* BACKUP: until then a living master of lower priority is left alone */
    enum vrrp_cause takeover_cause; /* BACKUP: what it means if master_down_due is reached */
    bool start_wait; /* BACKUP: master_down_due is the short wait of state MASTER, without our skew in it */
};

/* A router in INIT. source may be AF_UNSPEC until EVENT_SOURCE. */
void vrrp_router_init(struct vrrp_router *router, const struct vrrp_settings *settings,
                      const struct ip_address *source);

/* For group.c: an owner (priority 255) in a group that is not all owners begins as BACKUP. */
void vrrp_router_start_as_backup(struct vrrp_router *router, bool as_backup);

/* Carries out one event; *actions is overwritten. */
void vrrp_router_step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now,
                      struct vrrp_actions *actions);

/* When EVENT_TIMER is due; unset = never. */
struct mono vrrp_router_deadline(const struct vrrp_router *router);

/* BACKUP, and silence lasted long enough: EVENT_TIMER would make it master. */
bool vrrp_router_is_ready(const struct vrrp_router *router, struct mono now);

/* Own reasons for FAULT, or the group's. */
bool vrrp_router_is_at_fault(const struct vrrp_router *router);

/* RFC 9568 6.1 / RFC 3768 6.1. master_interval is the interval of the router that is master; v2's skew does
 * not depend on it. */
struct span vrrp_skew_time(uint8_t version, uint8_t priority, struct span master_interval);
struct span vrrp_master_down_interval(uint8_t version, uint8_t priority, struct span master_interval,
                                      uint8_t down_timer_adverts);

/* The shortest time after our last advert at which any peer may take over: that of a backup of priority 254.
 * The VIP lease and the pause guard are derived from it. */
struct span vrrp_shortest_peer_down_interval(const struct vrrp_settings *settings);

const char *vrrp_event_name(enum vrrp_event_type type);   /* "ADVERT" */
const char *vrrp_action_name(enum vrrp_action_type type); /* "SEND_ADVERT" */

#endif
