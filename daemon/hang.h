/*
 * Whether a child that has not beaten for a while hangs, or only waits for its turn on a machine that is
 * overloaded: to kill the latter would make things worse. Pure; watching.c looks and acts.
 */
#ifndef TANDEM_DAEMON_HANG_H
#define TANDEM_DAEMON_HANG_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/core/time.h"

/* A process that wants the processor and does not get it is given so many times the limit. */
#define HANG_STARVED_TIMES 5

/* What the kernel says of a process at one moment. */
struct activity {
    bool wants_to_run; /* running, runnable, or in a wait of the kernel's own, for a page or a lock */
    struct span processor_time;
};

/* Reads /proc/PID/stat (proc_pid_stat(5)); text need not end with NUL. false if it is not of that form. */
bool activity_parse(const char *text, size_t length, long ticks_per_s, struct activity *activity);

/* A silence that is being watched; all zero = none. */
struct hang_watch {
    struct mono since;          /* the first look */
    struct span processor_time; /* used by then */
    bool wanted_to_run;         /* at one look at least */
    bool told;                  /* the caller's: it has logged that the process starves */
};

enum hang_verdict {
    HANG_NONE,    /* silent for less than the limit, or looked at for the first time */
    HANG_STARVED, /* it wants to run and cannot */
    HANG_SURE,
};

/* Judges one look. Sure of a hang is who is asleep or stopped at every look, who has had at least half the
 * processor time since the first one and still has not beaten, or whose starving lasts HANG_STARVED_TIMES the
 * limit. activity: NULL = the kernel did not say, which counts as asleep. */
enum hang_verdict hang_look(struct hang_watch *watch, struct mono now, struct span silence, struct span limit,
                            const struct activity *activity);

#endif
