/*
 * A real tandem-links process in a network namespace of its own, with the test as its supervisor and as vrrp.
 *
 * The namespace has a veth pair: "va", where the addresses go, and "vb", where frames are captured. Root
 * only.
 */
#ifndef TANDEM_TESTS_LINKS_RIG_H
#define TANDEM_TESTS_LINKS_RIG_H

#include <stdbool.h>
#include <sys/types.h>

#include "conf/model.h"
#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/core/channel.h"
#include "daemon/core/loop.h"
#include "daemon/kernel/rtnetlink.h"

#define RIG_ADDRESSES 4096

/* Frames captured for one address: IPv4 by its last two bytes, IPv6 by its last two. */
struct rig_captured {
    unsigned int frames;
    struct mono first;
};

struct rig {
    struct loop *loop;
    pid_t pid;
    struct channel *control;
    struct channel *vrrp;
    int vrrp_socket_ends[2]; /* copies, as the supervisor holds them */
    struct board *links_board;
    struct board *vrrp_board;
    struct loop_timer *beat; /* of the vrrp board */
    bool beating;
    struct rtnetlink *netlink;
    struct loop_watch *capture_watch;
    int capture;
    int events;
    int log;
    /* what links said */
    unsigned int ready;
    unsigned int stopped;
    unsigned int reloaded;
    unsigned int hellos;
    struct links_error taken, released, socket_error;
    unsigned int takens, releaseds, socket_errors;
    int socket;                       /* of LINKS_SOCKET */
    struct links_interface interface; /* newest of va */
    struct mono taken_at;
    /* what the network and the kernel showed */
    struct rig_captured captured[65536];
    unsigned int frames;
    struct mono first_frame;
    unsigned int deleted; /* RTM_DELADDR events */
    unsigned int added;   /* RTM_NEWADDR events */
    struct mono first_added;
};

/* New namespace, veth pair, capture. Called once, by main. */
struct rig *rig_new(void);

/* Starts links with that configuration; boards are new unless again is set (links was killed). */
void rig_start(struct rig *rig, const struct conf_model *model, bool again);
void rig_reload(struct rig *rig, const struct conf_model *model);
void rig_kill(struct rig *rig);
/* Orders the stop, waits for the end, and returns the exit status. */
int rig_stop(struct rig *rig);
int rig_wait_for_exit(struct rig *rig);
/* Forgets captures, events and answers. */
void rig_forget(struct rig *rig);

/* Runs the loop until the condition holds; false after that time. */
bool rig_wait(struct rig *rig, bool (*condition)(struct rig *rig), struct span at_most);
void rig_run(struct rig *rig, struct span time);

/* vrrp's voice. state is that on its board. */
void rig_become(struct rig *rig, uint64_t key, uint32_t state);
void rig_take(struct rig *rig, uint64_t key, uint32_t flags, struct span lease);
void rig_release(struct rig *rig, uint64_t key);

/* How many addresses in 10.77.0.0/16 or fd77::/16 are on va. */
unsigned int rig_count_addresses(struct rig *rig);
/* Valid lifetime of the address, 0 if it is absent. */
uint32_t rig_lifetime(struct rig *rig, const char *address);

struct links_record rig_record(struct rig *rig, uint64_t key);

/* A model of one instance, key, with count VIPs from 10.77.0.0/32 (or fd77::/128) up on va. */
struct conf_model *rig_model(uint64_t key, uint8_t family, unsigned int first, unsigned int count);

#endif
