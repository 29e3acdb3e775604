/*
 * A simulated network of VRRP routers: what its parts share.
 *
 *     main.c         seeds, mutants, the summary
 *     world.c        one run: time, and the order of everything that happens
 *     scenario.c     draws the run from its seed; disturbs and calms it
 *     node.c         one box: clock, process, what the vrrp process does around router.c and group.c
 *     network.c      links between boxes: delay, loss, partitions
 *     tracking.c     the script, file and process a box tracks
 *     tap.c          every vrrp_router_step passes here: plants a fault, counts the cell, asks watch.c
 *     mutants.c      the planted faults
 *     watch.c        what must hold at every step of one router
 *     convergence.c  what must hold among routers that can hear each other
 *
 * Two clocks: true time (int64_t ..._ns, one for the world) and a node's own (struct mono), which has an
 * offset and a rate of its own. Routers see only their node's.
 */
#ifndef TANDEM_SIM_WORLD_H
#define TANDEM_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/vrrp/group.h"
#include "tests/sim/random.h"
#include "tests/sim/tracking.h"

#define SIM_NODES_MAX   5
#define SIM_MEMBERS_MAX 2 /* of a node's sync group; member m of all nodes meets on network m */
#define SIM_QUEUE_MAX   64
#define SIM_NEVER       INT64_MAX

/* Two conversions between clocks, each to whole nanoseconds. */
#define SIM_ROUNDING_NS 4

/* ------------------------------------------------------------------ what is found */

enum sim_invariant {
    SIM_HOLDS,            /* nothing is violated */
    SIM_ACTIONS,          /* TAKE and RELEASE alternate, one STATE_CHANGED a transition */
    SIM_ADVERT_OF_MASTER, /* adverts come from masters only */
    SIM_ZERO_AT_END,      /* priority 0 exactly when a master goes by its own will */
    SIM_PAUSED_IS_BACKUP, /* nobody is master straight after a pause */
    SIM_FAULT_IS_OUT,     /* nobody with a reason for FAULT is in service */
    SIM_TAKEOVER_EARLY,   /* no takeover before the timers of RFC 9568 6.1 allow it */
    SIM_TAKEOVER_LATE,    /* nor after */
    SIM_RHYTHM,           /* adverts an interval apart */
    SIM_TIMER_MOVES,      /* a timer that fired is not due again at once */
    SIM_TRACKING,         /* priority or FAULT is not what tracked scripts, files and processes say */
    SIM_GROUP_TOGETHER,   /* members of a sync group are in one state */
    SIM_TWO_MASTERS,      /* longer than the bound */
    SIM_NO_MASTER,        /* longer than the bound */
    SIM_WRONG_MASTER,     /* a better one did not preempt in time */
    SIM_RESTLESS,         /* a change of state in a network that has had time to settle */
    SIM_INVARIANT_COUNT,
};

struct sim_violation {
    enum sim_invariant invariant;
    int64_t at_ns;
    unsigned int node;
    unsigned int net;
    int64_t measured_ns; /* of a spell */
    int64_t bound_ns;
};

/* A kind of spell over all runs: how near it came to its bound. */
struct sim_spell {
    uint64_t count;
    int64_t longest_ns;
    int64_t longest_bound_ns; /* the bound of the longest */
    double worst_share;       /* of its bound */
};

enum sim_spell_kind {
    SPELL_TWO_MET,   /* two masters that were masters before they could hear each other */
    SPELL_TWO_FRESH, /* two masters of which one has just taken over */
    SPELL_NONE,      /* no master */
    SPELL_NONE_ZERO, /* no master, after a master sent priority 0 */
    SPELL_INVERSION, /* a master that a better router is to preempt */
    SPELL_KIND_COUNT,
};

struct sim_totals {
    uint64_t runs;
    uint64_t steps;
    uint64_t packets;
    uint64_t lost;
    uint64_t calms;
    uint64_t transitions;
    uint64_t cells[VRRP_STATE_COUNT][EVENT_TYPE_COUNT];
    struct sim_spell spells[SPELL_KIND_COUNT];
    uint64_t hash;
};

/* ------------------------------------------------------------------ nodes */

enum sim_wait {
    WAIT_DOWN,   /* the master down interval */
    WAIT_ZERO,   /* the skew, after priority 0 */
    WAIT_LISTEN, /* an interval and the skew, after a pause */
    WAIT_START,  /* an interval and the smallest skew, state MASTER */
};

/* What an onlooker who knows the RFC notes about a router: watch.c. */
struct sim_notes {
    bool holds; /* addresses are on */
    enum sim_wait wait;
    struct span interval;    /* of the master, as heard */
    struct mono armed;       /* BACKUP: when the wait began */
    struct mono moved;       /* BACKUP: when the wait last changed length */
    struct mono preempt_due; /* BACKUP */
    struct mono advert_due;  /* MASTER */
};

struct sim_member {
    struct vrrp_router router; /* first: tap.c finds the member by its router */
    struct sim_node *node;
    unsigned int net;
    struct vrrp_settings settings; /* as configured now */
    struct ip_address source;
    int32_t weight_sum;
    unsigned int faults;
    struct mono last_advert; /* sent; survives a crash, as on the board */
    struct sim_notes notes;
};

struct sim_packet {
    int64_t at_ns;
    uint64_t order;
    uint8_t net;
    uint8_t from;
    uint8_t to;
    uint8_t priority;
    struct span interval;
    struct ip_address source;
};

enum sim_life {
    LIFE_DEAD,    /* the process crashed */
    LIFE_RUNNING, /* its routers may be in INIT */
    LIFE_STOPPED, /* SIGSTOP: what arrives waits in the socket */
    LIFE_ASLEEP,  /* the machine is suspended: what arrives is lost */
};

struct sim_node {
    struct sim_world *world;
    unsigned int index;
    enum sim_life life;
    int64_t offset_ns; /* own clock = true time + offset + rate */
    int64_t rate_ppm;
    int64_t timer_at_ns; /* next timer, or when it wakes */
    int64_t frozen_at_ns;
    struct mono woke;
    bool resumable;               /* was master when it crashed */
    struct sim_tracking tracking; /* survives a crash, as on the board */
    int32_t outside_weight;       /* of what is not in there, such as interfaces */
    struct sim_member members[SIM_MEMBERS_MAX];
    struct vrrp_router *routers[SIM_MEMBERS_MAX];
    struct vrrp_group group;
    struct sim_packet queue[SIM_QUEUE_MAX];
    unsigned int queued;
};

/* ------------------------------------------------------------------ the network */

struct sim_network {
    struct sim_packet *heap; /* by at_ns, then order */
    unsigned int count;
    unsigned int room;
    uint64_t next_order;
    int64_t max_delay_ns;
    unsigned int loss_percent;
    unsigned int loss_run_max; /* at most so many losses in a row on a link; UINT32_MAX = any */
    bool multicast;            /* a loss may hit all receivers of an advert */
    bool linked[SIM_MEMBERS_MAX][SIM_NODES_MAX][SIM_NODES_MAX];
    uint8_t loss_run[SIM_MEMBERS_MAX][SIM_NODES_MAX][SIM_NODES_MAX];
    int64_t last_arrival_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX][SIM_NODES_MAX];
};

/* ------------------------------------------------------------------ the run */

struct sim_scenario {
    unsigned int node_count;
    unsigned int member_count;
    bool mixed_intervals; /* v3 nodes of different advert_int */
    bool ipv6;
    struct span interval;     /* the shortest */
    struct span interval_max; /* the longest any node may have */
    int64_t rate_max_ppm;
    unsigned int calm_loss_run; /* losses in a row while the network is called calm */
};

/* convergence.c: spells among routers that hear each other, since the network is calm. */
struct sim_convergence {
    bool calm;
    int64_t since_ns;
    int64_t settled_ns;                    /* from here on nothing may change */
    bool zero_was_sent;                    /* the calm began with a master going by priority 0 */
    unsigned int component[SIM_NODES_MAX]; /* nodes of one component hear each other on all networks */
    int64_t two_since_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX][SIM_NODES_MAX];
    int64_t two_bound_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX][SIM_NODES_MAX];
    enum sim_spell_kind two_kind[SIM_MEMBERS_MAX][SIM_NODES_MAX][SIM_NODES_MAX];
    int64_t none_since_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX]; /* by component */
    int64_t none_bound_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX]; /* SIM_NEVER: nobody is healthy */
    bool none_after_zero[SIM_MEMBERS_MAX][SIM_NODES_MAX];
    int64_t inversion_since_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX];
    int64_t inversion_bound_ns[SIM_MEMBERS_MAX][SIM_NODES_MAX];
};

struct sim_plan {
    uint64_t seed;
    uint64_t steps;      /* router steps, at least */
    unsigned int mutant; /* 0 = none; mutants.h */
    bool network_only;   /* convergence.c judges, watch.c does not */
    bool tracing;
};

struct sim_world {
    struct sim_plan plan;
    struct sim_random random;
    int64_t now_ns;
    int64_t script_at_ns;      /* when scenario.c acts next */
    unsigned int disturbances; /* left before the next calm */
    bool had_settled;          /* the last calm lasted until nothing may change */
    bool changed;              /* a state changed since convergence.c looked */
    uint64_t steps;
    uint64_t hash;
    struct sim_scenario scenario;
    struct sim_network network;
    struct sim_node nodes[SIM_NODES_MAX];
    struct sim_convergence convergence;
    struct sim_violation violation;
    struct sim_totals *totals;
};

/* Runs one seed to the end, or to the first violation. Adds to *totals. */
struct sim_violation sim_run(const struct sim_plan *plan, struct sim_totals *totals);

const char *sim_invariant_text(enum sim_invariant invariant);

/* Keeps the first violation. */
void sim_violate(struct sim_world *world, struct sim_violation violation);

#endif
