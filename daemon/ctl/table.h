/*
 * Aligned tables on a terminal: cells are collected, then printed as wide as their columns need.
 *
 * Text that comes from a configuration or a network cannot harm a terminal: control characters are shown as
 * '?'.
 */
#ifndef TANDEM_CTL_TABLE_H
#define TANDEM_CTL_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum table_colour {
    TABLE_PLAIN,
    TABLE_GOOD,
    TABLE_BAD,
    TABLE_WARNING,
};

struct table;

/* titles ends with NULL and must stay valid. */
struct table *table_new(const char *const *titles);
void table_free(struct table *table);

/* Appends a cell to the last row, after a full row to a new one. */
void table_cell(struct table *table, enum table_colour colour, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* indent is in columns; colour says whether the terminal understands them. */
void table_print(const struct table *table, FILE *out, int indent, bool colour);

#endif
