/*
 * The order in which scripts run: those of one object one after the other, in the order of its events; those
 * of different objects side by side, up to a number. Nothing is ever dropped. Pure.
 */
#ifndef TANDEM_NOTIFY_QUEUE_H
#define TANDEM_NOTIFY_QUEUE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct queue;
struct queue_lane;

/* Embedded in whatever is queued. */
struct queue_entry {
    STAILQ_ENTRY(queue_entry) next;
    struct queue_lane *lane;
};

/* side_by_side = how many may run at once. */
struct queue *queue_new(size_t side_by_side);
void queue_free(struct queue *queue); /* entries still in it stay their owners' */

/* object names whose turn it is: a key (conf/model.h). */
void queue_add(struct queue *queue, uint64_t object, struct queue_entry *entry);

/* The next entry that may run now, or NULL. It runs until queue_done. */
struct queue_entry *queue_take(struct queue *queue);
void queue_done(struct queue *queue, struct queue_entry *entry);

/* Takes an entry off that has not run, oldest object first; NULL when there is none. */
struct queue_entry *queue_drop(struct queue *queue);

size_t queue_waiting(const struct queue *queue);
size_t queue_running(const struct queue *queue);

#endif
