/*
 * The pacing of announcements. See announce_queue.h.
 */
#include "daemon/kernel/announce_queue.h"

void announce_queue_init(struct announce_queue *queue)
{
    TAILQ_INIT(&queue->waiting);
    queue->own = (struct announce_gate){0};
    queue->gate = &queue->own;
}

void announce_queue_share(struct announce_queue *queue, struct announce_gate *gate)
{
    queue->gate = gate == NULL ? &queue->own : gate;
}

void announce_queue_drop(struct announcement *announcement)
{
    if (announcement->due == 0)
        return;
    TAILQ_REMOVE(&announcement->queue->waiting, announcement, next);
    announcement->due = 0;
    announcement->queue = NULL;
    announcement->counters->queued--;
}

static void enqueue(struct announce_queue *queue, struct announcement *announcement, bool urgent)
{
    if (urgent)
        TAILQ_INSERT_HEAD(&queue->waiting, announcement, next);
    else
        TAILQ_INSERT_TAIL(&queue->waiting, announcement, next);
    announcement->queue = queue;
    announcement->counters->queued++;
}

void announce_queue_add(struct announce_queue *queue, struct announcement *announcement, uint32_t times,
                        bool urgent)
{
    if (times == 0)
        return;
    if (announcement->queue != queue)
        announce_queue_drop(announcement);
    if (announcement->due == 0)
        enqueue(queue, announcement, urgent);
    announcement->due += times;
}

void announce_queue_clear(struct announce_queue *queue)
{
    struct announcement *announcement;

    while ((announcement = TAILQ_FIRST(&queue->waiting)) != NULL)
        announce_queue_drop(announcement);
}

size_t announce_queue_ready(const struct announce_queue *queue, struct mono now, struct announcement **out,
                            size_t room)
{
    struct announcement *announcement;
    size_t count = 0;

    if (mono_before(now, queue->gate->not_before))
        return 0;
    TAILQ_FOREACH(announcement, &queue->waiting, next)
    {
        if (count == room)
            break;
        out[count++] = announcement;
        if (announcement->interval.ns > 0)
            break;
    }
    return count;
}

void announce_queue_sent(struct announcement *announcement, struct mono now)
{
    struct announce_queue *queue = announcement->queue;

    if (announcement->interval.ns > 0)
        queue->gate->not_before = mono_add(now, announcement->interval);
    if (announcement->due == 1) {
        announce_queue_drop(announcement);
        return;
    }
    announcement->due--;
    TAILQ_REMOVE(&queue->waiting, announcement, next);
    TAILQ_INSERT_TAIL(&queue->waiting, announcement, next);
}

struct mono announce_queue_due(const struct announce_queue *queue, struct mono now)
{
    if (TAILQ_EMPTY(&queue->waiting))
        return (struct mono){0};
    return mono_before(now, queue->gate->not_before) ? queue->gate->not_before : now;
}
