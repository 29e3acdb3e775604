/*
 * links standing by for a takeover: it waits on the processor that vrrp keeps busy until the moment, behind
 * it in the queue, and runs as soon as vrrp sleeps. Were it asleep, another processor would have to be woken
 * for it, which takes a virtual machine's host up to 10 ms now and then.
 */
#ifndef TANDEM_KERNEL_STAND_BY_H
#define TANDEM_KERNEL_STAND_BY_H

#include <stdint.h>

#include "daemon/core/loop.h"

struct stand_by;

struct stand_by *stand_by_new(struct loop *loop); /* never NULL */

/* Moves this process to that processor until stand_by_end, for 50 ms at most. It stays where it is if it may
 * not run there, or if there is no such processor. */
void stand_by_begin(struct stand_by *stand_by, uint32_t cpu);

/* What was waited for has come: from now on the process may run where it could before. */
void stand_by_end(struct stand_by *stand_by);

#endif
