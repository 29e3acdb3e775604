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

/* Queues a run of script for that object. extra are words to append; what says which script of which object
 * this is, for the log. All are copied. Nothing happens if the user wrote no script. */
void runner_add(struct runner *runner, uint64_t object, const struct conf_script *script,
                const char *const *extra, size_t extra_count, bool must_be_safe, const char *what);

/* Lets what is queued run for patience, then drops what waits and ends what runs; calls done, once, when
 * nothing is left: at once if that is so now. */
void runner_finish(struct runner *runner, struct span patience, void (*done)(void *data), void *data);

bool runner_is_idle(const struct runner *runner);

#endif
