/*
 * Watches links and addresses: a dump at first, then the kernel's events; a dump again when events were lost.
 *
 * Callbacks only note what they hear. settled() runs when nothing is left unread: then what was noted is the
 * kernel's state, and the time to act on it.
 */
#ifndef TANDEM_KERNEL_LINK_MONITOR_H
#define TANDEM_KERNEL_LINK_MONITOR_H

#include <stdbool.h>

#include "daemon/core/loop.h"
#include "daemon/kernel/address_codec.h"
#include "daemon/kernel/link_codec.h"
#include "daemon/kernel/rtnetlink.h"

struct link_monitor;

struct link_monitor_callbacks {
    void (*link)(const struct kernel_link *link, bool exists, void *data);
    void (*address)(const struct kernel_address *address, bool exists, void *data);
    /* A dump of all links begins and ends, then all addresses are forgotten and dumped. */
    void (*links_begin)(void *data);
    void (*links_end)(void *data);
    void (*addresses_begin)(void *data);
    void (*settled)(void *data);
    /* A route or rule was removed (RTM_DELROUTE, RTM_DELRULE); only while link_monitor_watch_routes says so.
     */
    void (*route_removed)(const struct nlmsghdr *message, void *data);
};

/* Dumps ask through requests, which stays the caller's, as do the callbacks. NULL with errno. */
struct link_monitor *link_monitor_new(struct loop *loop, struct rtnetlink *requests,
                                      const struct link_monitor_callbacks *callbacks, void *data);
void link_monitor_free(struct link_monitor *monitor); /* NULL allowed */

/* Whether to listen to what happens to routes and rules. */
void link_monitor_watch_routes(struct link_monitor *monitor, bool watch);

/* Dumps everything now, then settles. False if the kernel refused (logged). */
bool link_monitor_resync(struct link_monitor *monitor);

/* Reads what is unread, without calling settled(); false if that was more than a wake may read. */
bool link_monitor_drain(struct link_monitor *monitor);

#endif
