/*
 * The VIP lease: how long an instance's addresses live in the kernel, and how often that is renewed.
 *
 * Pure arithmetic; the address manager sends the messages. A lease is renewed every third of its lifetime,
 * and less often, down to every half, when renewing all leases would cost more than a hundredth of a core. If
 * that is not enough, the costliest lease is refused: its addresses then live for ever.
 */
#ifndef TANDEM_KERNEL_LEASE_H
#define TANDEM_KERNEL_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/core/time.h"

#define LEASE_COSTS 4 /* the cheapest of so many renewals counts: the others were disturbed */

struct lease {
    uint32_t lifetime_s; /* 0 = none */
    bool refused;        /* too costly: lifetime_s is not in force */
    struct span interval;
    struct mono renewed; /* start of the last renewal */
    struct mono due;     /* next one; unset = none */
    struct span costs[LEASE_COSTS];
    unsigned int measured; /* how often, in all */
};

/* The lease vrrp asked for, from now on: whole seconds, at least one; 0 = none. The measurements are kept. */
void lease_begin(struct lease *lease, int64_t lease_ns, struct mono now);
void lease_end(struct lease *lease);

/* True if addresses are to have a finite lifetime. */
bool lease_in_force(const struct lease *lease);

/* One renewal took so much of a processor. */
void lease_measured(struct lease *lease, struct span cost);

/*
 * Sets the interval of every lease, and refuses what the machine cannot afford; returns the one it refused,
 * of which there is at most one a call, or NULL.
 */
struct lease *lease_plan(struct lease *const *leases, size_t count);

/* Preferred lifetime to send: what the user wants of it (CONF_LIFETIME_FOREVER or seconds since the address
 * was taken), cut to the valid lifetime. valid_s may be CONF_LIFETIME_FOREVER. */
uint32_t lease_preferred_s(uint32_t wanted_s, uint32_t valid_s, struct span since_taken);

/* What we know of the process that decides whether we are master. */
struct lease_witness {
    bool is_master;          /* its board says so of the instance */
    struct mono last_beat;   /* of its event loop */
    struct mono last_advert; /* of the instance, sent */
    struct mono paused_at;   /* end of the last pause we noticed in ourselves; unset = none */
};

/*
 * True if the witness is alive and says master: its loop beat within a second, which no lifetime is shorter
 * than, and if we were paused, it sent an advert since: it may have slept as long as we did, and not know yet
 * what happened.
 */
bool lease_may_renew(const struct lease_witness *witness, uint32_t lifetime_s, struct mono now);

#endif
