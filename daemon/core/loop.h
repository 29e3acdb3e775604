/*
 * The event loop: the only header of ours behind which libevent stands.
 *
 * One loop a process, one thread, nothing that blocks. Callbacks may free the watch or timer that
 * called them. A watch is level triggered. Timers are one-shot and precise (timerfd).
 */
#ifndef TANDEM_CORE_LOOP_H
#define TANDEM_CORE_LOOP_H

#include "daemon/core/time.h"

struct loop;
struct loop_watch;
struct loop_timer;
struct loop_signal;

enum loop_ready {
    LOOP_READ = 1 << 0,
    LOOP_WRITE = 1 << 1,
    LOOP_EDGE = 1 << 2, /* only to want: told once a change, so read or write until EAGAIN */
};

/* ready is the set of enum loop_ready bits that hold now. */
typedef void loop_watch_callback(int fd, unsigned int ready, void *data);
typedef void loop_timer_callback(void *data);
typedef void loop_signal_callback(int signo, void *data);

/* NULL if the kernel refuses an epoll or timer descriptor (errno set). */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Runs until loop_stop; not at all if that came first. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* Watches fd, which stays the caller's, for the given enum loop_ready bits (0 = none for now). */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, unsigned int want, loop_watch_callback *callback,
                                  void *data);
void loop_watch_want(struct loop_watch *watch, unsigned int want);
void loop_watch_free(struct loop_watch *watch); /* NULL allowed */

/* A timer that is not running yet. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_callback *callback, void *data);
/* Runs, or moves, the timer; a deadline in the past fires at once; an unset deadline stops it. */
void loop_timer_set(struct loop_timer *timer, struct mono deadline);
void loop_timer_in(struct loop_timer *timer, struct span delay);
void loop_timer_stop(struct loop_timer *timer);
/* When it will fire, or fired last; unset if never set or stopped. */
struct mono loop_timer_deadline(const struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* NULL allowed */

/* From now on the signal calls back from the loop, not from a handler. */
struct loop_signal *loop_signal_new(struct loop *loop, int signo, loop_signal_callback *callback, void *data);
void loop_signal_free(struct loop_signal *signal); /* NULL allowed */

#endif
