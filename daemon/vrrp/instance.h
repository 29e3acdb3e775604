/*
 * One VRRP instance of the configuration at work: the router (state machine) with its configuration, socket,
 * advert and board record, and the carrying out of the router's actions. What decides is router.c and
 * group.c; what gives events is unit.c.
 */
#ifndef TANDEM_VRRP_INSTANCE_H
#define TANDEM_VRRP_INSTANCE_H

#include <uthash.h>

#include "conf/model.h"
#include "daemon/core/board_records.h"
#include "daemon/core/child.h"
#include "daemon/vrrp/advert.h"
#include "daemon/vrrp/packet.h"
#include "daemon/vrrp/router.h"
#include "daemon/vrrp/socket.h"
#include "daemon/vrrp/track.h"

struct vrrp_unit;

/* Warnings of one kind, at most one a minute. */
struct warning_pace {
    uint64_t suppressed;
    struct mono next;
};

struct vrrp_instance {
    UT_hash_handle hh;
    uint64_t key;
    const struct conf_instance *conf; /* in the process's model */
    struct child *child;
    struct vrrp_unit *unit; /* what it moves together with */
    unsigned int member;    /* its place there */
    struct vrrp_router router;
    struct vrrp_expectations expected;
    struct vrrp_socket *socket;
    struct advert advert;
    unsigned int ifindex;
    uint32_t faults;      /* enum vrrp_fault, as the router was told: 0 or one EVENT_FAULT */
    char tracked[64];     /* what is behind the first of VRRP_FAULTS_NAMED */
    enum vrrp_state told; /* scripts know this state; VRRP_INIT = nothing yet */
    bool wanted;          /* while reloading: the new model has it */
    bool grouped;         /* while units are arranged: a sync group has it */
    bool releasing;       /* links owes LINKS_RELEASED */
    int send_error;       /* of the last advert; logged when it changes */
    struct vrrp_record record;
    struct warning_pace refusals[VRRP_REFUSAL_COUNT];
    struct warning_pace mismatches;
    struct warning_pace forms;         /* of checksums */
    struct ip_address list_checked_of; /* skip_check_adv_addr */
};

/* A new one in INIT, with an empty record; the socket is the caller's to release with the instance. */
struct vrrp_instance *instance_new(struct child *child, const struct conf_instance *conf,
                                   struct vrrp_socket *socket);
void instance_free(struct vrrp_instance *instance);

/* Points it to the same instance's configuration in a new model, and readies the advert. */
void instance_configure(struct vrrp_instance *instance, const struct conf_instance *conf);

/* It sends from there now; readies the advert. */
void instance_set_source(struct vrrp_instance *instance, const struct ip_address *source);

/* Carries out one of the router's actions; decided is when the event happened. */
void instance_act(struct vrrp_instance *instance, enum vrrp_action_type action, struct mono decided);

/* Says to links that the addresses are ours and should be on. */
void instance_send_take(struct vrrp_instance *instance, uint32_t flags, struct mono decided);

/* Tells the FIFOs once more what scripts know of its state, if anything. */
void instance_notify_again(struct vrrp_instance *instance);

/* Writes the record to the board. */
void instance_publish(struct vrrp_instance *instance);

/* The word of notify scripts for a state of an instance or group. */
enum notify_state instance_notify_state(enum vrrp_state state);

/* Tells scripts that a reload removed it: DELETED, or FAULT if it has no notify_deleted. */
void instance_notify_deleted(struct vrrp_instance *instance);

/* Tells scripts, once, that it is in that state. */
void instance_notify(struct vrrp_instance *instance, enum vrrp_state state);

/* Tells the director, if it is this instance that decides which box sends connections to the other. */
void instance_tell_sync_role(const struct vrrp_instance *instance, enum vrrp_state state);

/*
 * Looks at a received packet. True if it is to be obeyed: *event is filled and *arrival is when it came. A
 * refused one is counted, and logged at most once a minute for each reason.
 */
bool instance_receive(struct vrrp_instance *instance, const struct vrrp_datagram *datagram,
                      struct vrrp_event *event, struct mono *arrival);

/* Takes note on the board of whom the router obeys now. */
void instance_note_master(struct vrrp_instance *instance);

/* MASTER: when a peer may be taken to have superseded it, had it been silent since its last advert; else
 * unset. */
struct mono instance_superseded_at(const struct vrrp_instance *instance);

#endif
