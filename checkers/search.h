/*
 * Looking for a regular expression in a body that arrives in pieces, of which only a window is kept.
 *
 * A match is found wherever pieces begin and end, as long as it is not longer than SEARCH_WINDOW bytes.
 * Offsets are those of the body. Pure but for the window's memory.
 */
#ifndef TANDEM_CHECKERS_SEARCH_H
#define TANDEM_CHECKERS_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checkers/pattern.h"

#define SEARCH_WINDOW 65536u

struct search_settings {
    const struct pattern *pattern;
    uint64_t least; /* no match begins before */
    uint64_t end;   /* nor at or after; 0 = anywhere */
};

/* Read found and gave_up; the rest is the search's own. */
struct search {
    struct search_settings settings;
    bool found;
    bool gave_up;    /* the expression costs too much with this body */
    bool over;       /* what is still to come changes nothing */
    uint8_t *window; /* NULL = nothing kept */
    size_t length;
    uint64_t offset; /* of the window's first byte in the body */
    uint64_t next;   /* where in the body the next match may begin */
};

void search_begin(struct search *search, const struct search_settings *settings);
void search_piece(struct search *search, const uint8_t *bytes, size_t length);
void search_last(struct search *search); /* nothing follows */
void search_end(struct search *search);  /* gives its memory back */

#endif
