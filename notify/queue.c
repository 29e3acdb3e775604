/*
 * A lane an object, and a list of the lanes that have something to run and are not running. See queue.h.
 */
#include "notify/queue.h"

#include <stdbool.h>
#include <stdlib.h>

#include <uthash.h>

struct queue_lane {
    UT_hash_handle by_object;
    TAILQ_ENTRY(queue_lane) next_ready;
    STAILQ_HEAD(, queue_entry) entries;
    uint64_t object;
    bool running;
};

struct queue {
    struct queue_lane *lanes;
    TAILQ_HEAD(, queue_lane) ready; /* not running, not empty; longest ready first */
    size_t side_by_side;
    size_t waiting;
    size_t running;
};

struct queue *queue_new(size_t side_by_side)
{
    struct queue *queue = calloc(1, sizeof(*queue));

    if (queue == NULL)
        abort();
    TAILQ_INIT(&queue->ready);
    queue->side_by_side = side_by_side;
    return queue;
}

static struct queue_lane *lane_of(struct queue *queue, uint64_t object)
{
    struct queue_lane *lane;

    HASH_FIND(by_object, queue->lanes, &object, sizeof(object), lane);
    if (lane != NULL)
        return lane;
    lane = calloc(1, sizeof(*lane));
    if (lane == NULL)
        abort();
    lane->object = object;
    STAILQ_INIT(&lane->entries);
    HASH_ADD(by_object, queue->lanes, object, sizeof(lane->object), lane);
    return lane;
}

static void free_lane(struct queue *queue, struct queue_lane *lane)
{
    HASH_DELETE(by_object, queue->lanes, lane);
    free(lane);
}

void queue_free(struct queue *queue)
{
    struct queue_lane *lane, *next;

    HASH_ITER(by_object, queue->lanes, lane, next)
    {
        free_lane(queue, lane);
    }
    free(queue);
}

void queue_add(struct queue *queue, uint64_t object, struct queue_entry *entry)
{
    struct queue_lane *lane = lane_of(queue, object);

    if (!lane->running && STAILQ_EMPTY(&lane->entries))
        TAILQ_INSERT_TAIL(&queue->ready, lane, next_ready);
    entry->lane = lane;
    STAILQ_INSERT_TAIL(&lane->entries, entry, next);
    queue->waiting++;
}

static struct queue_entry *take_first(struct queue *queue, struct queue_lane *lane)
{
    struct queue_entry *entry = STAILQ_FIRST(&lane->entries);

    STAILQ_REMOVE_HEAD(&lane->entries, next);
    queue->waiting--;
    return entry;
}

struct queue_entry *queue_take(struct queue *queue)
{
    struct queue_lane *lane = TAILQ_FIRST(&queue->ready);

    if (lane == NULL || queue->running == queue->side_by_side)
        return NULL;
    TAILQ_REMOVE(&queue->ready, lane, next_ready);
    lane->running = true;
    queue->running++;
    return take_first(queue, lane);
}

void queue_done(struct queue *queue, struct queue_entry *entry)
{
    struct queue_lane *lane = entry->lane;

    lane->running = false;
    queue->running--;
    if (STAILQ_EMPTY(&lane->entries))
        free_lane(queue, lane);
    else
        TAILQ_INSERT_TAIL(&queue->ready, lane, next_ready);
}

struct queue_entry *queue_drop(struct queue *queue)
{
    struct queue_lane *lane, *next;

    HASH_ITER(by_object, queue->lanes, lane, next)
    {
        struct queue_entry *entry;

        if (STAILQ_EMPTY(&lane->entries))
            continue;
        entry = take_first(queue, lane);
        if (STAILQ_EMPTY(&lane->entries) && !lane->running) {
            TAILQ_REMOVE(&queue->ready, lane, next_ready);
            free_lane(queue, lane);
        }
        return entry;
    }
    return NULL;
}

size_t queue_waiting(const struct queue *queue)
{
    return queue->waiting;
}

size_t queue_running(const struct queue *queue)
{
    return queue->running;
}
