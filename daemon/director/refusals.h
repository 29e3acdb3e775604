/*
 * What the kernel refused, so that an operator is told once and not with every audit round.
 */
#ifndef TANDEM_DIRECTOR_REFUSALS_H
#define TANDEM_DIRECTOR_REFUSALS_H

#include <stdbool.h>

#include "daemon/kernel/ipvs_entry.h"

struct refusals;

struct refusals *refusals_new(void);
void refusals_free(struct refusals *refusals);

/* Notes the refusal; true if it is news: the first for that service or destination, or for another errno. */
bool refusals_note(struct refusals *refusals, const struct ipvs_change *change, int error);

/* The kernel accepted a change of that object: a later refusal is news again. True if there was one before.
 */
bool refusals_clear(struct refusals *refusals, const struct ipvs_change *change);

#endif
