/*
 * Runs jobs in the order of queue.h, watches them, ends those that take too long, logs how each ended.
 *
 * A job is one run of one script. After RUNNER_TIMEOUT its process group gets SIGTERM, and SIGKILL two
 * seconds later; what a script left in the background under another group is its own affair.
 */
#ifndef TANDEM_NOTIFY_RUNNER_H
#define TANDEM_NOTIFY_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/model.h"
#include "daemon/core/loop.h"

/* Scripts may promote databases and mount disks; a hanging one must not hold up its object's news for ever.
 */
#define RUNNER_TIMEOUT      span_s(300)
#define RUNNER_SIDE_BY_SIDE 32

struct runner;

struct runner_settings {
    struct span timeout; /* RUNNER_TIMEOUT, but for tests */
    size_t side_by_side;
};

struct runner *runner_new(struct loop *loop, const struct runner_settings *settings);
void runner_free(struct runner *runner); /* running processes go on unwatched */

/* One run of one script; everything is copied. */
struct runner_order {
    uint64_t object; /* whose turn it is (queue.h) */
    const struct conf_script *script;
    const char *const *extra; /* words to append */
    size_t extra_count;
    bool must_be_safe;
    const char *what;    /* which script of which object this is, for the log */
    struct span timeout; /* 0 = the runner's */
    void (*begun)(uint32_t ticket,
                  void *data); /* it runs, or cannot: a new process need not try; may be NULL */
    void (*ended)(uint32_t ticket, void *data); /* may be NULL */
    uint32_t ticket;
    void *data;
};

/* Queues a run. False if the user wrote no script: then nothing will be called. */
bool runner_add(struct runner *runner, const struct runner_order *order);

/* The daemon stops: what is queued still runs, but no script for longer than one, and none begins after all;
 * calls done, once, when nothing is left: at once if that is so now. */
void runner_finish(struct runner *runner, struct span one, struct span all, void (*done)(void *data),
                   void *data);

bool runner_is_idle(const struct runner *runner);

#endif
