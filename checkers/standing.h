/*
 * What an attempt's outcome means for its check: retries, up and down, which url is next, how long to wait.
 * Pure; the rules are keepalived's (tandem.conf(5), "Checks").
 *
 * - Nothing known yet: the first failure means down; up when all urls passed once in a row.
 * - Up: down after retry failures more than the first, retry_delay apart.
 * - Down: a check without urls is up at the first success. With urls, the one that failed is asked alone
 * until it passes; then all are asked again, and the check is up when all passed in a row.
 * - One url a turn. fast_recovery asks the next at once while the check is not up and no url is known bad.
 * - An attempt that this machine could not make is no outcome: nothing changes, it is made again later.
 */
#ifndef TANDEM_CHECKERS_STANDING_H
#define TANDEM_CHECKERS_STANDING_H

#include <stdbool.h>
#include <stdint.h>

#include "checkers/verdict.h"
#include "daemon/core/time.h"

struct standing {
    bool known; /* up is a result, not an assumption */
    bool up;
    bool alone;        /* only the failed url is asked */
    uint32_t failures; /* in a row */
    uint32_t url;      /* the next to ask */
};

struct standing_rules {
    uint32_t retry;
    uint32_t urls; /* 0 = a check without urls */
    bool fast_recovery;
    struct span interval;
    struct span retry_delay;
};

struct standing_step {
    bool changed;     /* up changed, or became known */
    bool from_start;  /* wait counts from when the attempt was due, else from its end */
    struct span wait; /* until the next attempt */
};

/* The one door through which a standing changes. */
struct standing_step standing_take(struct standing *standing, const struct standing_rules *rules,
                                   enum outcome outcome);

/* Other urls or a new start: what is known stays, the round of urls begins anew. */
void standing_restart(struct standing *standing);

#endif
