/*
 * One FIFO that gets lines. Writing never waits: what a full pipe does not take is lost and counted, and the
 * log says so once, and how many they were when it is read again.
 */
#ifndef TANDEM_NOTIFY_FIFO_H
#define TANDEM_NOTIFY_FIFO_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "notify/custody.h"

struct fifo;

/* The pipe is there, for a reader to open. */
typedef void fifo_ready(void *data);

/* Opens conf's pipe, or goes on with that of our predecessor; lines are kept meanwhile. ready is called, also
 * from within, unless it cannot be opened (logged). conf is copied. */
struct fifo *fifo_new(struct loop *loop, const struct conf_fifo *conf, struct custody *custody,
                      fifo_ready *ready, void *data);

/* Closes it for good: a reader sees the end. NULL allowed. */
void fifo_free(struct fifo *fifo);

void fifo_write(struct fifo *fifo, const char *line);

#endif
