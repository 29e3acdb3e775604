/*
 * The program that reads a FIFO: started with the FIFO's path as its last argument, started again when it
 * ends, told to end when it is not wanted any more.
 *
 * It outlives this process: our successor finds it through the descriptor (pidfd) that the supervisor holds,
 * and does not start a second one, which would take half of the lines.
 */
#ifndef TANDEM_NOTIFY_FIFO_READER_H
#define TANDEM_NOTIFY_FIFO_READER_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "notify/custody.h"

/* How long it waits before it starts again: after one that ran for run, having waited for delay before (0 =
 * never): FIFO_READER_DELAY, doubled for each that did not last FIFO_READER_STEADY, up to a minute. Pure. */
#define FIFO_READER_DELAY  span_s(1)
#define FIFO_READER_STEADY span_s(10)
struct span fifo_reader_delay(struct span delay, struct span run);

struct fifo_reader;

/* Starts it, or goes on with that of our predecessor. conf is copied. */
struct fifo_reader *fifo_reader_new(struct loop *loop, const struct conf_fifo *conf, bool must_be_safe,
                                    struct custody *custody);

/* Tells it to end, after patience, and two seconds later kills it; then ended is called (at once if it does
 * not run) and it is freed. */
void fifo_reader_end(struct fifo_reader *reader, struct span patience, void (*ended)(void *data), void *data);

/* Tells the process behind a descriptor of a predecessor to end that nobody wants, and closes it; a
 * descriptor of another kind is only closed. */
void fifo_reader_end_unwanted(int fd);

#endif
