/*
 * $NAME definitions: a table of names and bodies, late bound (the body is looked at when it is used).
 */
#ifndef TANDEM_CONF_DEFINITIONS_H
#define TANDEM_CONF_DEFINITIONS_H

#include "conf/line.h"

struct conf_definition {
    const char *name;      /* with its '$' */
    struct conf_line body; /* lines separated by '\n' if there are several */
    bool multiline;        /* written over several lines: may only be used at the end of a line */
};

struct conf_definitions;

/* Names live in the arena, as messages speak of them later. */
struct conf_definitions *conf_definitions_new(struct conf_arena *arena);
void conf_definitions_free(struct conf_definitions *definitions);

/* Makes a definition, or replaces the body of the one of that name by an empty one. name without '$'. */
struct conf_definition *conf_definition_set(struct conf_definitions *definitions, const char *name,
                                            size_t length);

/* NULL if there is none. */
struct conf_definition *conf_definition_find(const struct conf_definitions *definitions, const char *name,
                                             size_t length);

/* If text begins with "$NAME=", the length of the name and, in *value, the offset of what follows and its
 * blanks. 0 if it does not. */
size_t conf_definition_head(const char *text, size_t length, size_t *value);

/* What stands at a '$': a use of a definition. */
struct conf_use {
    const char *name; /* without '$' and brace */
    size_t name_length;
    const char *parameters; /* of ${_RANDOM 1 6}: from the first to the last character; length 0 if none */
    size_t parameters_length;
    size_t length; /* of the whole use, from '$' on */
};

/* True if text[at], a '$', begins $NAME or ${NAME}. $NAME must end at a blank, ',' , ')' or the end. */
bool conf_definition_use(const char *text, size_t length, size_t at, struct conf_use *use);

#endif
