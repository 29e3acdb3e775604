/*
 * The work queue of the address manager: what is to be told the kernel about VIPs, in batches that take
 * turns.
 *
 * Instances take turns, one send each, so that a thousand addresses of one do not delay the first of another.
 * A step is one send (batch_pace.h); between steps the event loop runs.
 */
#ifndef TANDEM_KERNEL_VIP_WORK_H
#define TANDEM_KERNEL_VIP_WORK_H

#include "daemon/core/loop.h"
#include "daemon/kernel/rtnetlink.h"
#include "daemon/kernel/vip.h"

struct vip_work_queue;

struct vip_work_callbacks {
    /* The kernel answered what was asked of that VIP; vip->present is as before. May free an orphan. */
    void (*outcome)(struct vip *vip, enum vip_work work, int error, const char *why, void *data);
    /* A send of that instance, which took so much processor time, is through. */
    void (*sent)(struct vip_instance *instance, struct span cost, void *data);
    /* Nothing is left to do for the instance. May free it. */
    void (*finished)(struct vip_instance *instance, void *data);
    /* Answers were lost. */
    void (*uncertain)(void *data);
};

/* An empty queue that sends through netlink; callbacks and data must stay valid. Never NULL. */
struct vip_work_queue *vip_work_queue_new(struct loop *loop, struct rtnetlink *netlink,
                                          const struct vip_work_callbacks *callbacks, void *data);

/* Puts work on the queue; replaces what was to be done with that VIP and is not done yet. VIP_IDLE takes it
 * off. */
void vip_work_set(struct vip_work_queue *queue, struct vip *vip, enum vip_work work);

/* Gives the instance its turn now, then goes on from the event loop. Without work it is finished at once. */
void vip_work_begin(struct vip_work_queue *queue, struct vip_instance *instance);

/* Before the instance, which has no work left or loses it, is freed. */
void vip_work_forget(struct vip_work_queue *queue, struct vip_instance *instance);

#endif
