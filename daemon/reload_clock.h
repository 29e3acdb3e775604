/*
 * Scheduled reloads: the file of reload_time_file is followed, and at the time it names a reload is asked
 * for.
 *
 * The file is read when it comes, changes or goes; it holds one line of a fixed form (reload_time.h). Where
 * its directory cannot be watched it is looked for every second. The timer is the machine's clock: one that
 * is set takes the reload with it. Before the reload the file is removed, unless it is to be repeated.
 */
#ifndef TANDEM_DAEMON_RELOAD_CLOCK_H
#define TANDEM_DAEMON_RELOAD_CLOCK_H

#include "daemon/core/loop.h"

struct reload_clock;

struct reload_clock_callbacks {
    void (*planned)(int64_t due_s, void *data); /* since 1970; 0 = not any more */
    void (*due)(void *data);                    /* now */
};

/* Ends the process if the kernel gives no timer. */
struct reload_clock *reload_clock_new(struct loop *loop, const struct reload_clock_callbacks *callbacks,
                                      void *data);
void reload_clock_free(struct reload_clock *clock); /* NULL allowed */

/* Follows that file from now on; NULL = none. repeat: a time without a date comes every day. */
void reload_clock_follow(struct reload_clock *clock, const char *path, bool repeat);

#endif
