/*
 * The difference of two models: which steps turn one into the other, and no others.
 *
 * A pure function over the rows of layout.c. Objects are the same if their keys are (key.h); items of a list
 * without keys if the fields that identify them are (FIELD_IDENTITY rows); else by their place in the list.
 * So a renamed instance is a changed field, and a moved real server one removed and one added. The cost is
 * linear in the size of both models.
 *
 * What a process does at a reload follows from its own slice; this is what tandemctl plan shows, and what a
 * reload reports (difference_text.h).
 */
#ifndef TANDEM_CONF_DIFFERENCE_H
#define TANDEM_CONF_DIFFERENCE_H

#include "conf/layout.h"

enum conf_step_kind {
    CONF_STEP_ADD,    /* the item .after, at place .index of the list .field of .owner */
    CONF_STEP_REMOVE, /* the item .before from that list */
    CONF_STEP_CHANGE, /* the field .field of .owner, from .before's value to .after's */
    CONF_STEP_ORDER,  /* the items that stay in that list stand in another order */
};

/* An object that is in both models, and those around it. The embedded structs of an object count as objects.
 */
struct conf_pair {
    const struct conf_pair *parent; /* NULL: the model itself */
    const struct field *field;      /* of the parent: where it stands; NULL for the model */
    const struct layout *layout;
    const void *before;
    const void *after;
};

struct conf_step {
    enum conf_step_kind kind;
    const struct conf_pair *owner;
    const struct field *field;
    const void *before; /* ADD: NULL; CHANGE and ORDER: owner->before */
    const void *after;  /* REMOVE: NULL; CHANGE and ORDER: owner->after */
    uint32_t index;     /* ADD: in the list of the new model */
    void *const *order; /* ORDER: the items of the old list that stay, as they stand in the new one */
    uint32_t staying;   /* ORDER: how many */
};

/* The steps in the order of the new model, what goes before what comes. They point into both models, which
 * must outlive them. */
struct conf_difference {
    struct conf_arena *arena;
    struct conf_step *steps;
    size_t count;
    size_t room;
};

/* Never NULL: the process ends when memory does. conf_difference_free(NULL) is allowed. */
struct conf_difference *conf_difference_new(const struct conf_model *before, const struct conf_model *after);
void conf_difference_free(struct conf_difference *difference);

#endif
