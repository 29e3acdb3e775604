/*
 * Routes and policy rules of instances, and static ones: wanted against present.
 *
 * An instance's are put on when its addresses are on, routes before rules, and taken away before they go.
 * What the kernel has already is taken over; what is configured otherwise now is replaced in place. What
 * others remove is put back, unless no_track says that it does not matter. The kernel tells of little: of
 * routes that go with an interface or a source address it says nothing. So whenever such a thing happens, the
 * tables concerned are read and compared, and only they: routes of other protocols may be very many.
 *
 *     route_manager.c          orders and configuration
 *     route_look.c             reading the kernel's tables, comparing, mending
 */
#ifndef TANDEM_KERNEL_ROUTE_MANAGER_H
#define TANDEM_KERNEL_ROUTE_MANAGER_H

#include <linux/netlink.h>

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/kernel/interface_table.h"
#include "daemon/kernel/rtnetlink.h"

/* The key of what is static, where others have their instance's. */
#define ROUTE_STATIC 0

struct route_counts {
    uint32_t routes_wanted;
    uint32_t routes_present;
    uint32_t rules_wanted;
    uint32_t rules_present;
};

struct route_manager_callbacks {
    /* The instance's addresses are on, and vrrp lives and says that it is master: what is missing may be put
     * back. */
    bool (*stands)(uint64_t key, void *data);
    /* What there is now of the instance's. */
    void (*counted)(uint64_t key, const struct route_counts *counts, void *data);
};

struct route_manager;

/* netlink and table stay the caller's. Never NULL. */
struct route_manager *route_manager_new(struct loop *loop, struct rtnetlink *netlink,
                                        const struct interface_table *table,
                                        const struct route_manager_callbacks *callbacks, void *data);

/* The first or a new configuration; the one before must still be there, and model must stay. To be followed
 * by route_manager_settled. */
void route_manager_configure(struct route_manager *manager, const struct conf_model *model);

/* There is something whose removal by others matters: the kernel's events should be listened to. */
bool route_manager_watches(const struct route_manager *manager);

/* vrrp says that the instance is master: what is on already is not a leftover. */
void route_manager_expect(struct route_manager *manager, uint64_t key);

/* Its addresses are on. For ROUTE_STATIC: the static addresses. */
void route_manager_take(struct route_manager *manager, uint64_t key);

/* It is no longer master; its routes and rules are gone when this returns. */
void route_manager_release(struct route_manager *manager, uint64_t key);

/* vrrp started anew; and: it has named all masters since, what else is on is a leftover. */
void route_manager_vrrp_started(struct route_manager *manager);
void route_manager_synced(struct route_manager *manager);

/* Releases all instances', until vrrp takes them again. */
void route_manager_withdraw(struct route_manager *manager);

/* The same, and what is static: for good. */
void route_manager_stop(struct route_manager *manager);

/* An interface changed, an address went: routes may have gone with it. */
void route_manager_doubt(struct route_manager *manager);

/* An event of the kernel: RTM_DELROUTE or RTM_DELRULE. */
void route_manager_heard(struct route_manager *manager, const struct nlmsghdr *message);

/* No event is left unread: acts on what was heard. */
void route_manager_settled(struct route_manager *manager);

#endif
