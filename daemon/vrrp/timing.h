/*
 * Decisions about time that the vrrp process takes around the state machine: how long a VIP may live without
 * us, whether a successor may go on as master, whether we stood still too long. Pure, so that they can be
 * tested.
 */
#ifndef TANDEM_VRRP_TIMING_H
#define TANDEM_VRRP_TIMING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/time.h"

/* How much before a peer can take over we stop believing that we still are the master: what an advert needs
 * from the decision to the peer's receiving it. A twentieth of the interval, at least a millisecond. */
struct span vrrp_safety_margin(struct span advert_interval);

/* A place within the interval for each key, spread evenly: how much sooner than an interval its router's
 * second advert goes (vrrp_settings.advert_phase). Less than an interval. */
struct span vrrp_advert_phase(uint64_t key, struct span advert_interval);

/*
 * Lifetime of an instance's addresses in the kernel, in whole seconds; 0 = no lease. configured_us is
 * conf_instance.lease_us: 0 = none, -1 = computed: the shortest time after which a peer takes over less
 * 0.3 s, rounded down, but at least 1 s. Another value is rounded up to whole seconds.
 */
struct span vrrp_lease(int64_t configured_us, struct span shortest_peer_down);

/* When a peer that waits for peer_down may be taken to be master, if our last advert left at last_sent. From
 * then on a master that stood still, or the successor of one that died, must not speak as master. */
struct mono vrrp_superseded_at(struct mono last_sent, struct span peer_down, struct span advert_interval);

/* How long the virtual routers are to wait at the start: startup_us from now, and until the machine, which
 * runs for uptime, has run for after_boot_us; the longer of both. */
struct span vrrp_start_delay(int64_t startup_us, int64_t after_boot_us, struct span uptime);

/* True if a backup's master-down timer is served so late that adverts which came meanwhile may be lost (a
 * machine that slept receives nothing): then silence proves nothing. */
bool vrrp_silence_proves_nothing(struct mono now, struct mono master_down_due, struct span master_interval);

/*
 * When a packet arrived, from the kernel's stamp (CLOCK_REALTIME, 0 = none) and both clocks as they are now.
 * now itself where that makes no sense: a stamp in the future, or older than longest (the clock was set, or
 * we slept).
 */
struct mono vrrp_arrival(struct mono now, int64_t wall_now_ns, int64_t stamp_ns, struct span longest);

#endif
