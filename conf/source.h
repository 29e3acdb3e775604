/*
 * The texts a configuration was read from, and places in them.
 *
 * Every character the parser works on knows where the user wrote it: file, line and column, and, if it came
 * out of a $DEFINITION, which use of which definition brought it here. The lexer, the tree and the messages
 * carry a struct conf_position; this file turns it back into words and source lines.
 */
#ifndef TANDEM_CONF_SOURCE_H
#define TANDEM_CONF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/arena.h"
#include "conf/host.h"

/* Lines and columns count from 1; a column is a byte. source 0: nowhere. expansion 0: written there directly.
 */
struct conf_position {
    uint32_t source;
    uint32_t line;
    uint32_t column;
    uint32_t expansion;
};

/* One use of a definition or one round of a sequence. used_at may itself lie in an expansion. */
struct conf_expansion {
    const char *name; /* "$VI", "~SEQ" */
    struct conf_position used_at;
};

struct conf_sources;

/* All memory comes from the arena. */
struct conf_sources *conf_sources_new(struct conf_arena *arena, const struct conf_host *host);

/* A file of that length; its path is what messages call it. Returns its number, from 1. The text is not kept:
 * for a message it is read again. */
uint32_t conf_sources_add(struct conf_sources *sources, const char *path, size_t length);

uint32_t conf_sources_count(const struct conf_sources *sources);
const char *conf_source_name(const struct conf_sources *sources, uint32_t source);

/* Line number line of the source without its line end, not terminated; false after the last one, and if the
 * file is gone or has another length now. */
bool conf_source_line(const struct conf_sources *sources, uint32_t source, uint32_t line, const char **text,
                      size_t *length);

/* Records a use; returns the number for conf_position.expansion. */
uint32_t conf_sources_expand(struct conf_sources *sources, const char *name, struct conf_position used_at);

/* NULL for expansion 0. */
const struct conf_expansion *conf_source_expansion(const struct conf_sources *sources, uint32_t expansion);

#endif
