/*
 * Aligned tables. See table.h.
 */
#include "daemon/ctl/table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 16
#define GAP         2

struct cell {
    enum table_colour colour;
    char *text;
};

struct table {
    const char *const *titles;
    size_t columns;
    struct cell *cells; /* row after row */
    size_t count;
    size_t room;
};

static const char *const codes[] = {
    [TABLE_PLAIN] = "",
    [TABLE_GOOD] = "\033[32m",
    [TABLE_BAD] = "\033[31m",
    [TABLE_WARNING] = "\033[33m",
};

struct table *table_new(const char *const *titles)
{
    struct table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        abort();
    table->titles = titles;
    while (table->columns < COLUMNS_MAX && titles[table->columns] != NULL)
        table->columns++;
    return table;
}

void table_free(struct table *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i].text);
    free(table->cells);
    free(table);
}

static void blank_controls(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
    }
}

void table_cell(struct table *table, enum table_colour colour, const char *format, ...)
{
    struct cell *cell;
    va_list arguments;

    if (table->count == table->room) {
        table->room = table->room * 2 + 32;
        table->cells = realloc(table->cells, table->room * sizeof(*table->cells));
        if (table->cells == NULL)
            abort();
    }
    cell = &table->cells[table->count++];
    cell->colour = colour;
    va_start(arguments, format);
    if (vasprintf(&cell->text, format, arguments) < 0)
        abort();
    va_end(arguments);
    blank_controls(cell->text);
}

/* Columns a text takes: UTF-8 sequences count once. */
static size_t width_of(const char *text)
{
    size_t width = 0;

    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xc0) != 0x80;
    return width;
}

static void measure(const struct table *table, size_t widths[static COLUMNS_MAX])
{
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = width_of(table->titles[i]);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i].text), *widest = &widths[i % table->columns];

        if (width > *widest)
            *widest = width;
    }
}

static void print_cell(FILE *out, const char *text, const char *code, size_t padding)
{
    fprintf(out, "%s%s%s%*s", code, text, *code == '\0' ? "" : "\033[0m", (int)padding, "");
}

void table_print(const struct table *table, FILE *out, int indent, bool colour)
{
    size_t widths[COLUMNS_MAX];

    measure(table, widths);
    fprintf(out, "%*s", indent, "");
    for (size_t i = 0; i < table->columns; i++) {
        bool last = i + 1 == table->columns;

        print_cell(out, table->titles[i], colour ? "\033[1m" : "",
                   last ? 0 : widths[i] + GAP - width_of(table->titles[i]));
    }
    for (size_t i = 0; i < table->count; i++) {
        const struct cell *cell = &table->cells[i];
        size_t column = i % table->columns;
        bool last = column + 1 == table->columns;

        if (column == 0)
            fprintf(out, "\n%*s", indent, "");
        print_cell(out, cell->text, colour ? codes[cell->colour] : "",
                   last ? 0 : widths[column] + GAP - width_of(cell->text));
    }
    putc('\n', out);
}
