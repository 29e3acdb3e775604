/*
 * Tracked processes: how many run, told when that changes.
 *
 * /proc is looked through every second, or less often where that would take more than a hundredth of one
 * processor; each process that was found is watched by a descriptor of its own (pidfd), so that its end is
 * known at once. The kernel's process connector would tell of a start sooner, but also of every other start
 * on the machine, loses news when it is busy, does not work in a network namespace, and wants CAP_NET_ADMIN;
 * this needs no capability, and lives in the scripts process, which is not real-time.
 */
#ifndef TANDEM_NOTIFY_PROCESS_WATCH_H
#define TANDEM_NOTIFY_PROCESS_WATCH_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

struct process_watch;

typedef void process_watch_news(const struct tracked_process *process, void *data);

struct process_watch *process_watch_new(struct loop *loop, process_watch_news *news, void *data);
void process_watch_free(struct process_watch *watch); /* NULL allowed */

/* The model must live until the next call. Looks at once. */
void process_watch_load(struct process_watch *watch, const struct conf_model *model);

/* Tells of every one: to somebody who has just come. */
void process_watch_tell_all(const struct process_watch *watch);

#endif
