/*
 * Which synchronisation daemons of the kernel should run, and what it takes to get there. Pure.
 *
 * With an instance to follow, its master sends connections and its backup receives them; without one, a
 * director does both.
 */
#ifndef TANDEM_DIRECTOR_SYNC_DAEMON_H
#define TANDEM_DIRECTOR_SYNC_DAEMON_H

#include "conf/model.h"
#include "daemon/kernel/ipvs_entry.h"

enum sync_duty {
    SYNC_UNKNOWN, /* the instance was not heard of: nothing is changed */
    SYNC_MASTER,
    SYNC_BACKUP,
    SYNC_BOTH,
    SYNC_NEITHER,
};

#define SYNC_ORDERS_MAX 4

/* Fills orders with what turns the running daemons (one a role at most) into the wanted ones, stops first;
 * returns their number. A daemon is replaced if its settings differ. */
uint32_t sync_daemon_orders(enum sync_duty duty, const struct conf_sync_daemon *conf,
                            const struct ipvs_daemon *running, uint32_t running_count,
                            struct ipvs_order orders[static SYNC_ORDERS_MAX]);

#endif
