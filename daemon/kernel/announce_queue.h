/*
 * Which announcement may leave an interface, and when: the pacing of GARPs and unsolicited NAs.
 *
 * Pure: no socket, no clock. An announcement is one address; it is queued once however often it is still to
 * be sent, and goes to the end after each sending, so that a burst of three over a thousand addresses names
 * each address once before any twice.
 */
#ifndef TANDEM_KERNEL_ANNOUNCE_QUEUE_H
#define TANDEM_KERNEL_ANNOUNCE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "conf/address.h"
#include "daemon/core/time.h"

/* What several announcements count together. */
struct announce_counters {
    uint64_t garps;
    uint64_t nas;
    uint32_t queued;        /* announcements with something due */
    struct mono first_sent; /* since last unset by the owner */
};

struct announce_queue;

/* Part of its owner; zeroed, with the first three fields filled, before first use. */
struct announcement {
    struct ip_address address;
    struct span interval; /* until the next on the same interface */
    struct announce_counters *counters;
    /* the queue's own */
    uint32_t due; /* how often still to be sent; 0 = not queued */
    struct announce_queue *queue;
    TAILQ_ENTRY(announcement) next;
};

/* When the next may leave: of one queue, or of several that share a pace. */
struct announce_gate {
    struct mono not_before; /* unset = at once */
};

struct announce_queue {
    TAILQ_HEAD(, announcement) waiting;
    struct announce_gate *gate; /* own, or one that outlives the queue or its being set to another */
    struct announce_gate own;
};

/* An empty one, with a pace of its own. */
void announce_queue_init(struct announce_queue *queue);

/* Shares that pace from now on; NULL = its own again. */
void announce_queue_share(struct announce_queue *queue, struct announce_gate *gate);

/* Adds times to what is due of it. If it was not queued, or in another queue, it comes in at the end; an
 * urgent one, the first of a takeover, at the head. */
void announce_queue_add(struct announce_queue *queue, struct announcement *announcement, uint32_t times,
                        bool urgent);

/* Nothing is due of it any more. Allowed if it is in no queue. */
void announce_queue_drop(struct announcement *announcement);

/* Drops all. */
void announce_queue_clear(struct announce_queue *queue);

/* Collects up to room announcements that may leave now, without marking them sent; returns how many. With an
 * interval set that is at most one. */
size_t announce_queue_ready(const struct announce_queue *queue, struct mono now, struct announcement **out,
                            size_t room);

/* The announcement, one of those ready, was sent. */
void announce_queue_sent(struct announcement *announcement, struct mono now);

/* When something may leave: now or later; unset if nothing is queued. */
struct mono announce_queue_due(const struct announce_queue *queue, struct mono now);

#endif
