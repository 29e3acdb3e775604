/*
 * Documentation of one keyword from its rows. See keyword_help.h.
 */
#include "conf/keyword_help.h"

#include <string.h>

#include "conf/diagnostics.h"
#include "conf/keywords.h"

static void print_part(FILE *out, const char *label, const char *text)
{
    if (text != NULL && *text != '\0')
        fprintf(out, "    %-10s %s\n", label, text);
}

static void print_state(FILE *out, const struct conf_keyword *row)
{
    switch (row->state) {
    case CONF_BUILT:
        break;
    case CONF_ACCEPTED:
        print_part(out, "no effect:", row->reason);
        break;
    case CONF_NOT_BUILT:
        print_part(out, "not built:", row->reason != NULL ? row->reason : "tandem refuses to start with it");
        break;
    }
    if (row->deprecation != CONF_CURRENT)
        print_part(out, "note:", "deprecated");
    if (row->ours)
        print_part(out, "note:", "tandem's own; keepalived does not know it");
    if (row->repeats)
        print_part(out, "note:", "may stand several times");
}

static void print_row(FILE *out, const struct conf_block_info *block, const struct conf_keyword *row)
{
    const char *arguments = strcmp(row->arguments, "(none)") == 0 ? "" : row->arguments;

    fprintf(out, "%s%s%s\n", row->name, *arguments == '\0' ? "" : " ", arguments);
    print_part(out, "what:", row->purpose);
    print_part(out, "block:", block->path == NULL || *block->path == '\0' ? "(top level)" : block->path);
    print_part(out, "default:", row->standard);
    print_part(out, "range:", row->range);
    print_state(out, row);
}

bool conf_keyword_help(const char *word, FILE *out, const char **nearest)
{
    struct conf_suggestion suggestion = {.written = word};
    bool found = false;

    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_COUNT; block++) {
        const struct conf_block_info *info = conf_block_info(block);

        for (const struct conf_keyword *row = info->rows; row->name != NULL; row++) {
            conf_suggestion_offer(&suggestion, row->name);
            if (strcmp(row->name, word) != 0)
                continue;
            if (found)
                putc('\n', out);
            print_row(out, info, row);
            found = true;
        }
    }
    *nearest = found ? NULL : suggestion.best;
    return found;
}

/* ------------------------------------------------------------------ what is not built */

static bool is_in_unbuilt_block(enum conf_block block)
{
    const struct conf_block_info *info = conf_block_info(block);

    if (info->parent == CONF_BLOCK_NONE)
        return false;
    for (const struct conf_keyword *row = conf_block_info(info->parent)->rows; row->name != NULL; row++) {
        if (row->opens == block)
            return row->state == CONF_NOT_BUILT;
    }
    return false;
}

void conf_keyword_unbuilt(conf_unbuilt_function *told, void *data)
{
    for (enum conf_block block = CONF_BLOCK_ROOT; block < CONF_BLOCK_COUNT; block++) {
        for (const struct conf_keyword *row = conf_block_info(block)->rows; row->name != NULL; row++) {
            if (row->state == CONF_NOT_BUILT && !is_in_unbuilt_block(block))
                told(block, row, data);
        }
    }
}

const char *conf_keyword_place(enum conf_block block)
{
    if (block == CONF_BLOCK_ENTRY_ADDRESS)
        return "lines of addresses";
    if (block == CONF_BLOCK_ENTRY_ROUTE)
        return "lines of routes";
    return block == CONF_BLOCK_ENTRY_RULE ? "lines of rules" : conf_block_info(block)->path;
}

static void print_unbuilt(enum conf_block block, const struct conf_keyword *row, void *data)
{
    fprintf(data, "%s: %s\n", conf_keyword_place(block), row->name);
}

void conf_keyword_print_unbuilt(FILE *out)
{
    conf_keyword_unbuilt(print_unbuilt, out);
}
