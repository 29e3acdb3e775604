/*
 * What must hold at every step of one router, as an onlooker knows who has read the RFCs but not router.c.
 *
 * It hears what the router hears, and notes when by RFC 9568 6.4.2 a backup's wait began, of what kind it is
 * and what interval its master has; so it can say when a takeover is due, to the nanosecond. Of a master it
 * knows when the next advert is due, and whether its addresses are on.
 */
#ifndef TANDEM_SIM_WATCH_H
#define TANDEM_SIM_WATCH_H

#include "tests/sim/world.h"

/* A step was made: from *before, by *event, to member->router as it is now. */
void sim_watch_step(struct sim_member *member, const struct vrrp_router *before,
                    const struct vrrp_event *event, struct mono now, const struct vrrp_actions *actions);

#endif
