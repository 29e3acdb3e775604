/*
 * Recurring scripts: run when vrrp or a checker asks (SCRIPT_RUN in messages.h), answered when they have
 * ended or taken too long.
 *
 * A script runs at most once at a time. Those whose askers are patient (SCRIPT_RUN) run one after the other,
 * which finds warm caches: each begins when the one before it has ended or its patience has; a script that
 * nobody is patient for begins at once.
 *
 * After its timeout a script's process group gets SIGTERM, and SIGKILL two seconds later. Time in which we
 * stood still ourselves is no script's fault: a timeout that is noticed late begins anew, and one that has
 * ended by then ended in time. A run costs no log line; only what changes between "can be executed" and
 * "cannot" does.
 */
#ifndef TANDEM_NOTIFY_RECURRING_H
#define TANDEM_NOTIFY_RECURRING_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

struct recurring;

/* Who asked, and gets the answer. */
struct recurring_asker {
    enum role role;
    uint16_t index;
};

typedef void recurring_answer(const struct recurring_asker *asker, const struct script_ran *ran, void *data);

struct recurring *recurring_new(struct loop *loop, recurring_answer *answer, void *data);
void recurring_free(struct recurring *recurring); /* what runs goes on unwatched */

/* The model must live until the next call. A script that runs while it is removed runs to its end. */
void recurring_load(struct recurring *recurring, const struct conf_model *model);

/* Starts a run, or answers at once why not. */
void recurring_run(struct recurring *recurring, const struct script_run *run,
                   const struct recurring_asker *asker);

/* The daemon stops: ends what runs, without an answer, and calls done, once, when nothing is left: at once if
 * that is so now. */
void recurring_finish(struct recurring *recurring, void (*done)(void *data), void *data);

#endif
