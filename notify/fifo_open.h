/*
 * Making and opening a FIFO where only root may: a short-lived process of ours becomes root, opens it and
 * passes the descriptor back, so that neither a slow file system holds anybody up nor is anybody root for
 * longer.
 */
#ifndef TANDEM_NOTIFY_FIFO_OPEN_H
#define TANDEM_NOTIFY_FIFO_OPEN_H

#include "conf/model.h"
#include "daemon/core/loop.h"

struct fifo_opening;

/* fd, for reading and writing without waiting, is the callback's to close; -1 with the reason in why. The
 * opening has ended. */
typedef void fifo_opened(int fd, const char *why, void *data);

/* Opens conf's FIFO; makes it, for conf's user alone, if it is not there. Refused is what is no FIFO, or
 * belongs to somebody else than root, that user and us. NULL with errno if it cannot even begin. */
struct fifo_opening *fifo_open(struct loop *loop, const struct conf_fifo *conf, fifo_opened *opened,
                               void *data);

/* The callback will not be called. NULL allowed. */
void fifo_open_cancel(struct fifo_opening *opening);

#endif
