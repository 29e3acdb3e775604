/*
 * The addresses of all instances: wanted against present.
 *
 * vrrp says which instances are master (take, release); this puts their addresses on, announces them while
 * they come on, renews their lease, puts back what others remove, and takes them away again. What is in the
 * kernel already is taken over, never deleted and added anew.
 *
 *     address_manager.c          configuration, take, release, answers of the kernel
 *     address_events.c           links and addresses as the kernel reports them
 *     address_upkeep.c           what falls due: leases, later announcements, second attempts
 */
#ifndef TANDEM_KERNEL_ADDRESS_MANAGER_H
#define TANDEM_KERNEL_ADDRESS_MANAGER_H

#include "conf/model.h"
#include "daemon/core/board.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"
#include "daemon/kernel/address_codec.h"
#include "daemon/kernel/interface_table.h"
#include "daemon/kernel/lease.h"
#include "daemon/kernel/route_manager.h"
#include "daemon/kernel/rtnetlink.h"

struct address_manager;

/* What vrrp's board says of an instance. */
struct master_record {
    struct lease_witness witness; /* paused_at unset */
    struct span peer_down;        /* time after which a peer takes over from us */
};

struct address_manager_callbacks {
    /* All addresses are on, but for failed of them, the last with that errno; and the same for off. */
    void (*taken)(uint64_t key, int error, uint32_t failed, void *data);
    void (*released)(uint64_t key, int error, uint32_t failed, void *data);
    struct master_record (*master)(uint64_t key, void *data);
    struct board *(*board)(void *data);
    /* Reads all events the kernel has for us. */
    void (*drain)(void *data);
    /* Reads everything anew. */
    void (*resync)(void *data);
    /* Nothing is held and no work is left. */
    void (*idle)(void *data);
};

/* table and netlink stay the caller's. NULL with errno. */
struct address_manager *address_manager_new(struct loop *loop, struct rtnetlink *netlink,
                                            const struct interface_table *table,
                                            const struct address_manager_callbacks *callbacks, void *data);

/* The key of the static addresses, which are held from the configuration on. */
#define ADDRESS_STATIC ROUTE_STATIC

/* The first or a new configuration: addresses of instances held are added and removed as it differs. To be
 * followed by a resync. */
void address_manager_configure(struct address_manager *manager, const struct conf_model *model);

/* Puts the static addresses on, once the kernel's are known; taken() tells with ADDRESS_STATIC. False if
 * there is nothing to wait for: there are none, or they are held. */
bool address_manager_take_static(struct address_manager *manager);

/* vrrp's orders; false if there is no such instance. */
bool address_manager_take(struct address_manager *manager, const struct links_take *take);
bool address_manager_release(struct address_manager *manager, uint64_t key);
bool address_manager_announce(struct address_manager *manager, uint64_t key);

/* Its addresses are on, and vrrp lives and says that it is master; always true of what is static. */
bool address_manager_stands(struct address_manager *manager, uint64_t key);

/* How many routes and rules there are beside the instance's addresses: for its record on the board. */
void address_manager_note_routes(struct address_manager *manager, uint64_t key,
                                 const struct route_counts *counts);

/* vrrp started anew; and: it has named all masters since, what else is on is a leftover. */
void address_manager_vrrp_started(struct address_manager *manager);
void address_manager_synced(struct address_manager *manager);

/* Releases everything that is held, until vrrp takes it again. */
void address_manager_withdraw(struct address_manager *manager);

/* The same for good; idle() tells the end, possibly at once. */
void address_manager_stop(struct address_manager *manager);

/* Leaves what is held to whoever comes, with lifetimes without end; idle() tells that the kernel knows. */
void address_manager_leave(struct address_manager *manager);

/* What the link monitor hears. address returns true if the address is a VIP, and not the interface's own, as
 * those of an address owner are. */
void address_manager_link(struct address_manager *manager, const struct kernel_link *link, bool exists);
bool address_manager_address(struct address_manager *manager, const struct kernel_address *address,
                             bool exists);
void address_manager_forget(struct address_manager *manager);
void address_manager_settled(struct address_manager *manager);

#endif
