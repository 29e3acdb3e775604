/*
 * The work queue of the address manager. See vip_work.h.
 */
#include "daemon/kernel/vip_work.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <time.h>

struct vip_work_queue {
    struct rtnetlink *netlink;
    const struct vip_work_callbacks *callbacks;
    void *data;
    struct loop_timer *timer;
    TAILQ_HEAD(, vip_instance) turns;
};

/* ------------------------------------------------------------------ queueing */

static void take_turn(struct vip_work_queue *queue, struct vip_instance *instance)
{
    if (instance->has_turn)
        return;
    instance->has_turn = true;
    TAILQ_INSERT_TAIL(&queue->turns, instance, next_turn);
}

static void lose_turn(struct vip_work_queue *queue, struct vip_instance *instance)
{
    if (!instance->has_turn)
        return;
    instance->has_turn = false;
    TAILQ_REMOVE(&queue->turns, instance, next_turn);
}

void vip_work_set(struct vip_work_queue *queue, struct vip *vip, enum vip_work work)
{
    struct vip_instance *instance = vip->instance;

    if (vip->work != VIP_IDLE)
        TAILQ_REMOVE(&instance->work, vip, next_work);
    vip->work = work;
    if (work == VIP_IDLE)
        return;
    TAILQ_INSERT_TAIL(&instance->work, vip, next_work);
    take_turn(queue, instance);
    if (!mono_is_set(loop_timer_deadline(queue->timer)))
        loop_timer_in(queue->timer, span_ms(0));
}

void vip_work_forget(struct vip_work_queue *queue, struct vip_instance *instance)
{
    while (!TAILQ_EMPTY(&instance->work))
        vip_work_set(queue, TAILQ_FIRST(&instance->work), VIP_IDLE);
    lose_turn(queue, instance);
}

/* ------------------------------------------------------------------ a step */

static struct span processor_time(void)
{
    struct timespec used;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return span_ns(used.tv_sec * NS_PER_S + used.tv_nsec);
}

static void encode_work(struct rtnetlink *netlink, struct vip *vip, enum vip_work work)
{
    unsigned char buffer[ADDRESS_MESSAGE_MAX] __attribute__((aligned(8)));
    const struct vip_instance *instance = vip->instance;
    struct kernel_address address = vip->address;

    if (work == VIP_REMOVE) {
        rtnetlink_add(netlink, address_encode(buffer, RTM_DELADDR, 0, &address), vip);
        return;
    }
    address.valid_s = vip_valid_s(vip, work);
    address.preferred_s =
        lease_preferred_s(vip->preferred_s, address.valid_s, mono_since(mono_now(), instance->taken));
    rtnetlink_add(netlink,
                  address_encode(buffer, RTM_NEWADDR,
                                 work == VIP_ADD ? NLM_F_CREATE | NLM_F_REPLACE : NLM_F_REPLACE, &address),
                  vip);
}

/* False if there is nothing to tell the kernel: the outcome is known. */
static bool needs_the_kernel(struct vip_work_queue *queue, struct vip *vip, enum vip_work work)
{
    int error;

    if (work == VIP_RENEW && !vip->present)
        return false;
    if (vip->address.ifindex != 0)
        return true;
    error = work == VIP_REMOVE ? 0 : ENODEV;
    queue->callbacks->outcome(vip, work, error, "", queue->data);
    return false;
}

static size_t fill_batch(struct vip_work_queue *queue, struct vip_instance *instance)
{
    struct vip *vip;
    size_t count = 0;

    while (count < instance->batch && (vip = TAILQ_FIRST(&instance->work)) != NULL) {
        enum vip_work work = vip->work;

        vip_work_set(queue, vip, VIP_IDLE);
        if (!needs_the_kernel(queue, vip, work))
            continue;
        vip->sent = work;
        encode_work(queue->netlink, vip, work);
        count++;
    }
    return count;
}

static void answered(void *cookie, int error, const char *why, void *data)
{
    struct vip_work_queue *queue = data;
    struct vip *vip = cookie;

    queue->callbacks->outcome(vip, vip->sent, error, why, queue->data);
}

static void step(struct vip_work_queue *queue, struct vip_instance *instance)
{
    struct span processor = processor_time();
    struct mono began = mono_now();
    size_t count = fill_batch(queue, instance);
    bool complete = rtnetlink_send(queue->netlink, answered, queue);

    if (count > 0)
        instance->batch = batch_pace(count, mono_since(mono_now(), began));
    processor.ns = processor_time().ns - processor.ns;
    queue->callbacks->sent(instance, processor, queue->data);
    if (!complete)
        queue->callbacks->uncertain(queue->data);
    if (!TAILQ_EMPTY(&instance->work)) {
        lose_turn(queue, instance);
        take_turn(queue, instance);
        return;
    }
    lose_turn(queue, instance);
    instance->batch = 1;
    queue->callbacks->finished(instance, queue->data);
}

static void go_on(struct vip_work_queue *queue)
{
    if (TAILQ_EMPTY(&queue->turns))
        loop_timer_stop(queue->timer);
    else
        loop_timer_in(queue->timer, span_ms(0));
}

static void timer_fired(void *data)
{
    struct vip_work_queue *queue = data;

    if (!TAILQ_EMPTY(&queue->turns))
        step(queue, TAILQ_FIRST(&queue->turns));
    go_on(queue);
}

void vip_work_begin(struct vip_work_queue *queue, struct vip_instance *instance)
{
    take_turn(queue, instance);
    step(queue, instance);
    go_on(queue);
}

/* ------------------------------------------------------------------ life */

struct vip_work_queue *vip_work_queue_new(struct loop *loop, struct rtnetlink *netlink,
                                          const struct vip_work_callbacks *callbacks, void *data)
{
    struct vip_work_queue *queue = calloc(1, sizeof(*queue));

    if (queue == NULL)
        abort();
    queue->netlink = netlink;
    queue->callbacks = callbacks;
    queue->data = data;
    queue->timer = loop_timer_new(loop, timer_fired, queue);
    TAILQ_INIT(&queue->turns);
    return queue;
}
