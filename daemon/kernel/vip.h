/*
 * What links knows of an instance and of each of its virtual addresses (VIPs): built from the configuration,
 * changed by the address manager only.
 */
#ifndef TANDEM_KERNEL_VIP_H
#define TANDEM_KERNEL_VIP_H

#include <stdbool.h>
#include <sys/queue.h>
#include <uthash.h>

#include "conf/model.h"
#include "daemon/core/board_records.h"
#include "daemon/kernel/address_codec.h"
#include "daemon/kernel/announce_queue.h"
#include "daemon/kernel/batch_pace.h"
#include "daemon/kernel/lease.h"

/* What is to be sent to the kernel about an address. */
enum vip_work {
    VIP_IDLE,
    VIP_ADD,   /* put on, or take over as it is; gives it its lifetimes */
    VIP_RENEW, /* new lifetimes, if it is still there */
    VIP_REMOVE,
};

/* Identifies an address to the kernel. */
struct vip_place {
    uint32_t ifindex;
    uint8_t family;
    uint8_t prefix_length;
    uint8_t bytes[16];
    uint8_t zero[2];
};

struct vip_instance;

struct vip {
    struct vip_instance *instance;
    struct kernel_address address; /* as it is to be; ifindex 0 = its interface does not exist */
    char interface[IFNAMSIZ];
    uint32_t preferred_s; /* as the user wants it */
    bool guarded;         /* put back when somebody removes it (no_track unset) */
    bool present;         /* in the kernel, as far as was read */
    bool lost;            /* it was on and is gone, by no doing of ours */
    bool awaits_dad;      /* announced only after the kernel's duplicate address detection */
    bool orphan;          /* no longer configured: freed once removed */
    int error;            /* of the last attempt to put it on; 0 = none */
    struct mono restored; /* when it was last put back */
    enum vip_work work;
    enum vip_work sent; /* what the batch that is under way does to it */
    TAILQ_ENTRY(vip) next_work;
    struct announcement announcement;
    struct vip_place place;
    UT_hash_handle by_place; /* while ifindex is not 0 */
};

/* Where an instance stands. Changed by one function of the address manager. */
enum hold {
    HOLD_NOTHING,
    HOLD_TAKING,    /* addresses are being put on */
    HOLD_ALL,       /* all are on, or failed */
    HOLD_RELEASING, /* addresses are being removed */
};

struct vip_instance {
    uint64_t key;
    char *name;
    bool is_owner;            /* priority 255: the addresses are the machine's own */
    bool is_static;           /* not an instance: the static addresses, neither announced nor leased */
    char interface[IFNAMSIZ]; /* its adverts'; "" = none */
    struct conf_garp garp;
    struct vip **vips; /* without orphans */
    uint32_t count;
    enum hold hold;
    bool confirmed;    /* vrrp named it master since it started */
    bool doomed;       /* no longer configured: freed once nothing of it is left */
    bool wants_answer; /* vrrp waits for LINKS_RELEASED */
    bool announce_all; /* of this take: also the addresses that were there already */
    bool uneven;       /* some address may not be as it should: look at all */
    bool renewing;
    bool leaving;            /* being given lifetimes without end, as the last thing */
    bool lease_after_adding; /* so many IPv6 addresses that adding them with a lifetime takes far longer */
    struct lease lease;
    struct span renewal_cost; /* so far */
    struct mono taken;        /* when it became master */
    int64_t decided_ns;
    struct mono mending_told; /* when the log last said that addresses were put back */
    struct announce_counters counters;
    struct mono announce_again; /* second burst; unset = none */
    uint32_t announce_again_count;
    struct mono announce_refresh; /* next of the endless ones; unset = none */
    struct mono announce_extra;   /* the same of addresses on other interfaces */
    struct links_record record;
    /* the work queue's */
    TAILQ_HEAD(, vip) work;
    size_t batch; /* size of the next */
    bool has_turn;
    TAILQ_ENTRY(vip_instance) next_turn;
    UT_hash_handle hh; /* by key */
};

/* Builds both from the configuration; nothing of it is referred to later. Never NULL. */
struct vip_instance *vip_instance_new(const struct conf_instance *configured);
void vip_instance_free(struct vip_instance *instance);
struct vip *vip_new(struct vip_instance *instance, const struct conf_vip *configured);
void vip_free(struct vip *vip);

/* Takes over what does not identify the instance or single addresses: the name, the announcements' settings.
 */
void vip_instance_adopt_settings(struct vip_instance *instance, const struct conf_instance *configured);

/* To be called when the list of addresses is a new one. */
void vip_instance_count_ipv6(struct vip_instance *instance);

/* True if both ask for the same address in all particulars. */
bool vip_is_same(const struct vip *a, const struct vip *b);

/* Where the kernel has that address. */
struct vip_place vip_place_of(const struct kernel_address *address);

/* True if the address is announced only after duplicate address detection. */
bool vip_wants_dad(const struct vip *vip);

/* Valid lifetime to send with that work. */
uint32_t vip_valid_s(const struct vip *vip, enum vip_work work);

/* True if the instance holds addresses or is on the way there. */
bool vip_instance_is_held(const struct vip_instance *instance);

#endif
