/*
 * The event loop on libevent. See loop.h.
 *
 * Memory: watches and timers end the process when there is no memory; a daemon that cannot arm a
 * timer must not go on, and the supervisor will start it afresh.
 */
#include "daemon/core/loop.h"

#include <event2/event.h>
#include <stdbool.h>
#include <stdlib.h>

struct loop {
    struct event_base *base;
    bool stopped; /* before or during a run */
};

struct loop_watch {
    struct loop *loop;
    struct event *event;
    int fd;
    loop_watch_callback *callback;
    void *data;
};

struct loop_timer {
    struct event *event;
    struct mono deadline;
    loop_timer_callback *callback;
    void *data;
};

struct loop_signal {
    struct event *event;
    loop_signal_callback *callback;
    void *data;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

struct loop *loop_new(void)
{
    struct event_config *config = event_config_new();
    struct loop *loop = calloc(1, sizeof(*loop));

    if (config == NULL || loop == NULL)
        goto failed;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_IGNORE_ENV |
                                      EVENT_BASE_FLAG_NO_CACHE_TIME | EVENT_BASE_FLAG_PRECISE_TIMER);
    loop->base = event_base_new_with_config(config);
    if (loop->base == NULL)
        goto failed;
    event_config_free(config);
    return loop;

failed:
    if (config != NULL)
        event_config_free(config);
    free(loop);
    return NULL;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    event_base_free(loop->base);
    free(loop);
}

void loop_run(struct loop *loop)
{
    if (!loop->stopped)
        event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
    loop->stopped = false;
}

void loop_stop(struct loop *loop)
{
    loop->stopped = true; /* libevent would forget an order that comes before the run */
    event_base_loopbreak(loop->base);
}

/* ------------------------------------------------------------------ descriptors */

static void watch_ready(evutil_socket_t fd, short what, void *data)
{
    struct loop_watch *watch = data;
    unsigned int ready = 0;

    if (what & EV_READ)
        ready |= LOOP_READ;
    if (what & EV_WRITE)
        ready |= LOOP_WRITE;
    watch->callback(fd, ready, watch->data);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, unsigned int want, loop_watch_callback *callback,
                                  void *data)
{
    struct loop_watch *watch = must(calloc(1, sizeof(*watch)));

    watch->loop = loop;
    watch->fd = fd;
    watch->callback = callback;
    watch->data = data;
    loop_watch_want(watch, want);
    return watch;
}

void loop_watch_want(struct loop_watch *watch, unsigned int want)
{
    short what = EV_PERSIST;

    if (watch->event != NULL)
        event_free(watch->event);
    watch->event = NULL;
    if (want == 0)
        return;
    if (want & LOOP_READ)
        what |= EV_READ;
    if (want & LOOP_WRITE)
        what |= EV_WRITE;
    if (want & LOOP_EDGE)
        what |= EV_ET;
    watch->event = must(event_new(watch->loop->base, watch->fd, what, watch_ready, watch));
    if (event_add(watch->event, NULL) != 0)
        abort();
}

void loop_watch_free(struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    if (watch->event != NULL)
        event_free(watch->event);
    free(watch);
}

/* ------------------------------------------------------------------ timers */

static void timer_fired(evutil_socket_t fd, short what, void *data)
{
    struct loop_timer *timer = data;

    (void)fd;
    (void)what;
    timer->callback(timer->data);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_timer_callback *callback, void *data)
{
    struct loop_timer *timer = must(calloc(1, sizeof(*timer)));

    timer->callback = callback;
    timer->data = data;
    timer->event = must(evtimer_new(loop->base, timer_fired, timer));
    return timer;
}

void loop_timer_set(struct loop_timer *timer, struct mono deadline)
{
    int64_t left_us;
    struct timeval tv;

    if (!mono_is_set(deadline)) {
        loop_timer_stop(timer);
        return;
    }
    /* Rounded up: a timer that fires early would find nothing to do and spin. */
    left_us = (deadline.ns - mono_now().ns + NS_PER_US - 1) / NS_PER_US;
    if (left_us < 0)
        left_us = 0;
    tv.tv_sec = left_us / 1000000;
    tv.tv_usec = left_us % 1000000;
    timer->deadline = deadline;
    if (evtimer_add(timer->event, &tv) != 0)
        abort();
}

void loop_timer_in(struct loop_timer *timer, struct span delay)
{
    loop_timer_set(timer, mono_add(mono_now(), delay));
}

void loop_timer_stop(struct loop_timer *timer)
{
    timer->deadline = (struct mono){0};
    evtimer_del(timer->event);
}

struct mono loop_timer_deadline(const struct loop_timer *timer)
{
    return timer->deadline;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    event_free(timer->event);
    free(timer);
}

/* ------------------------------------------------------------------ signals */

static void signal_arrived(evutil_socket_t signo, short what, void *data)
{
    struct loop_signal *signal = data;

    (void)what;
    signal->callback((int)signo, signal->data);
}

struct loop_signal *loop_signal_new(struct loop *loop, int signo, loop_signal_callback *callback, void *data)
{
    struct loop_signal *signal = must(calloc(1, sizeof(*signal)));

    signal->callback = callback;
    signal->data = data;
    signal->event = must(evsignal_new(loop->base, signo, signal_arrived, signal));
    if (event_add(signal->event, NULL) != 0)
        abort();
    return signal;
}

void loop_signal_free(struct loop_signal *signal)
{
    if (signal == NULL)
        return;
    event_free(signal->event);
    free(signal);
}
