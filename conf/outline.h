/*
 * The outline of a text: its blocks at the top level, found without reading what is in them.
 *
 * Each can be read apart from the others only if nothing outside of it has a say in what it means. So this is
 * narrower than the language: a text with definitions, sequences, conditions, includes or escapes has no
 * outline, nor one whose lines are not plainly cut into blocks. Comments, quotes and braces are the lexer's
 * and the tree's (lexer.h, tree.c): where the tree complains of nothing, both see the same blocks.
 */
#ifndef TANDEM_CONF_OUTLINE_H
#define TANDEM_CONF_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

enum conf_outline_kind {
    CONF_OUTLINE_END,
    CONF_OUTLINE_SERVER, /* a virtual_server block */
    CONF_OUTLINE_OTHER,  /* any other */
    CONF_OUTLINE_UNSURE, /* the text has no outline */
};

/* Whole lines: from the keyword's to that of the brace that closes its block, with the line's end. */
struct conf_outline_block {
    enum conf_outline_kind kind;
    size_t start;
    size_t end;
};

/* Where the first line begins at or after at that is neither blank nor only a comment; at is the beginning of
 * a line. length if there is none. */
size_t conf_outline_skip(const char *text, size_t length, size_t at);

/* The first block at or after at, the beginning of a line between two blocks. What it finds depends on
 * nothing but the bytes from there to the block's end. */
struct conf_outline_block conf_outline_next(const char *text, size_t length, size_t at);

#endif
