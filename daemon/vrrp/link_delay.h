/*
 * Debounce of a link (interface_up_down_delays): that it works, or does not, counts once it has lasted. Pure.
 *
 * - What is heard first counts at once, and so does that a link comes up for the first time.
 * - A change back before the time is over means that nothing has happened.
 */
#ifndef TANDEM_VRRP_LINK_DELAY_H
#define TANDEM_VRRP_LINK_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/time.h"

/* How long a change must last. Zeros = it counts at once. */
struct link_patience {
    struct span down;
    struct span up;
};

/* Zeroed: nothing was heard. */
struct link_delay {
    bool known;
    bool works; /* as it counts */
    bool was_up;
    struct mono due; /* when the opposite of works will count; unset = no change is pending */
};

/* The link works, or it does not. True if that changes what counts. */
bool link_delay_take(struct link_delay *delay, bool works, const struct link_patience *patience,
                     struct mono now);

/* Time has passed. True if that changes what counts. */
bool link_delay_pass(struct link_delay *delay, struct mono now);

/* The patience that a virtual router may have which takes over after so many intervals of silence: it must be
 * at fault itself before it hears the silence of its own dead link. A delay for up that is the same as the
 * one for down is cut with it. */
struct link_patience link_patience_within(struct link_patience wanted, uint8_t down_timer_adverts,
                                          struct span master_interval);

#endif
