/*
 * Sends gratuitous ARPs and unsolicited neighbour advertisements, each interface at its own pace.
 *
 * One packet socket serves all interfaces and never waits: what the kernel does not take now stays queued. A
 * frame is built when it is sent, so that none is ever stale.
 */
#ifndef TANDEM_KERNEL_ANNOUNCER_H
#define TANDEM_KERNEL_ANNOUNCER_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/kernel/announce_queue.h"
#include "daemon/kernel/link_codec.h"

struct announcer;

/* sent() runs after frames left that counters speak of. NULL with errno. */
struct announcer *announcer_new(struct loop *loop, void (*sent)(void *data), void *data);

/* The interface as it is now; what is queued for one that cannot announce is dropped. */
void announcer_set_link(struct announcer *announcer, const struct kernel_link *link);
void announcer_remove_link(struct announcer *announcer, uint32_t ifindex);

/* Interfaces of one group share a pace: after what one of them sends all wait. Replaces the groups before. */
void announcer_set_groups(struct announcer *announcer, struct conf_garp_group *const *groups, uint32_t count);

/* Queues the announcement to be sent that many times by that interface, urgent ones before those that wait;
 * see announcer_pump. */
void announcer_request(struct announcer *announcer, uint32_t ifindex, struct announcement *announcement,
                       uint32_t times, bool urgent);

/* Reads anew whether we are a router on that interface: before a burst of neighbour advertisements. */
void announcer_refresh_router_flag(struct announcer *announcer, uint32_t ifindex);

/* Sends what may leave now, up to a turn for each queue, and arms a timer for the rest. */
void announcer_pump(struct announcer *announcer);

#endif
