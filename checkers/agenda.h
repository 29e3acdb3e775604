/*
 * An agenda: things to be done, the earliest first. An intrusive binary heap: setting, moving and removing
 * cost O(log n) and no memory once it has grown. Pure.
 */
#ifndef TANDEM_CHECKERS_AGENDA_H
#define TANDEM_CHECKERS_AGENDA_H

#include <stddef.h>

#include "daemon/core/time.h"

/* Embedded in whatever is to be done; zeroed = not on any agenda. */
struct agenda_entry {
    struct mono when;
    size_t place; /* 1 + its place in the heap; 0 = not on it */
};

struct agenda {
    struct agenda_entry **entries;
    size_t count;
    size_t room;
};

void agenda_free(struct agenda *agenda); /* the entries stay their owners' */

/* Puts the entry on the agenda, or moves it. */
void agenda_set(struct agenda *agenda, struct agenda_entry *entry, struct mono when);

/* Takes it off, if it is on. */
void agenda_remove(struct agenda *agenda, struct agenda_entry *entry);

/* The earliest, which stays on it; NULL when there is none. */
struct agenda_entry *agenda_first(const struct agenda *agenda);

/* Moves everything by the same span. */
void agenda_shift(struct agenda *agenda, struct span by);

#endif
