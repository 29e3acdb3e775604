/*
 * Ends of child processes, noticed by one SIGCHLD watch for all of them: nothing is opened, watched and
 * closed for each, as a pidfd would be. For those that come and go many times a second (recurring.h).
 *
 * It collects only what it was given, and other children of this process remain for those who wait for them.
 * One reaper a process: it has SIGCHLD blocked from its birth on, and programs are started with no signal
 * blocked (program.h).
 */
#ifndef TANDEM_NOTIFY_REAPER_H
#define TANDEM_NOTIFY_REAPER_H

#include <stdbool.h>
#include <sys/types.h>

#include <uthash.h>

#include "daemon/core/loop.h"

struct reaper;

/* Embedded in what is known of a process. */
struct reaper_entry {
    pid_t pid;
    void (*ended)(int status, void *data); /* once; the entry is out of the reaper by then */
    void *data;
    UT_hash_handle by_pid;
};

/* NULL with errno if the system has no descriptor for it. */
struct reaper *reaper_new(struct loop *loop);
void reaper_free(struct reaper *reaper); /* those that still run go on unnoticed; NULL allowed */

/* From now on the end of that child is noticed, be it that it has ended already. */
void reaper_add(struct reaper *reaper, struct reaper_entry *entry);

/* Looks now: if that child has ended, ended() was called and this is true. */
bool reaper_look(struct reaper *reaper, struct reaper_entry *entry);

#endif
