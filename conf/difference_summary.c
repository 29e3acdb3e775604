/*
 * Counting the steps of a difference by what they are about. See difference_summary.h.
 */
#include "conf/difference_summary.h"

#include <stdio.h>
#include <string.h>

/* What operators count; the last row is for all the rest. */
static const struct {
    const char *layout; /* of the item that comes or goes, or whose field changes */
    const char *field;  /* NULL: it comes or goes */
    const char *one;
    const char *many;
} rows[] = {
    {"instance", NULL, "virtual router", "virtual routers"},
    {"vip", NULL, "virtual address", "virtual addresses"},
    {"route", NULL, "route", "routes"},
    {"rule", NULL, "rule", "rules"},
    {"sync_group", NULL, "sync group", "sync groups"},
    {"virtual_server", NULL, "virtual server", "virtual servers"},
    {"real_server", NULL, "real server", "real servers"},
    {"checker", NULL, "check", "checks"},
    {"instance", "base_priority", "priority", "priorities"},
    {"real_server", "weight", "weight", "weights"},
    {NULL, NULL, "other setting", "other settings"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

enum deed {
    DEED_ADDED,
    DEED_REMOVED,
    DEED_CHANGED,
    DEEDS,
};

static enum deed deed_of(const struct conf_step *step, size_t row)
{
    if (rows[row].layout == NULL)
        return DEED_CHANGED;
    switch (step->kind) {
    case CONF_STEP_ADD:
        return DEED_ADDED;
    case CONF_STEP_REMOVE:
        return DEED_REMOVED;
    case CONF_STEP_CHANGE:
    case CONF_STEP_ORDER:
        return DEED_CHANGED;
    }
    return DEED_CHANGED;
}

static bool is_about(const struct conf_step *step, size_t row)
{
    bool item = step->kind == CONF_STEP_ADD || step->kind == CONF_STEP_REMOVE;
    const struct layout *layout = item ? step->field->layout : step->owner->layout;

    if (rows[row].layout == NULL)
        return true;
    if (strcmp(layout->name, rows[row].layout) != 0)
        return false;
    return item ? rows[row].field == NULL
                : rows[row].field != NULL && strcmp(step->field->name, rows[row].field) == 0;
}

static void count_steps(const struct conf_difference *difference, uint32_t counts[static ROWS][DEEDS])
{
    for (size_t i = 0; i < difference->count; i++) {
        const struct conf_step *step = &difference->steps[i];
        size_t row = 0;

        while (!is_about(step, row))
            row++;
        counts[row][deed_of(step, row)]++;
    }
}

const char *conf_difference_summary(const struct conf_difference *difference,
                                    char buffer[static CONF_SUMMARY_TEXT])
{
    static const char *const deeds[DEEDS] = {
        [DEED_ADDED] = "added", [DEED_REMOVED] = "removed", [DEED_CHANGED] = "changed"};
    uint32_t counts[ROWS][DEEDS] = {0};
    size_t length = 0;

    buffer[0] = '\0';
    count_steps(difference, counts);
    for (size_t i = 0; i < ROWS * DEEDS; i++) {
        size_t row = i / DEEDS, deed = i % DEEDS;
        uint32_t count = counts[row][deed];

        if (count == 0 || length >= CONF_SUMMARY_TEXT)
            continue;
        length += (size_t)snprintf(buffer + length, CONF_SUMMARY_TEXT - length, "%s%u %s %s",
                                   length == 0 ? "" : ", ", count,
                                   count == 1 ? rows[row].one : rows[row].many, deeds[deed]);
    }
    return buffer;
}
