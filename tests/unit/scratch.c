/*
 * What tests leave behind. See scratch.h.
 */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

static struct {
    enum log_level least_urgent;
    char *text;
    size_t size;
} kept;

static void keep_line(enum log_level level, const char *line, void *data)
{
    size_t used = strlen(kept.text);

    (void)data;
    if (level <= kept.least_urgent)
        snprintf(kept.text + used, kept.size - used, "%s\n", line);
}

void scratch_log(enum log_level least_urgent, char *text, size_t size)
{
    kept.least_urgent = least_urgent;
    kept.text = text;
    kept.size = size;
    log_to_sink(text == NULL ? NULL : keep_line, NULL);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void scratch_remove(const char *directory)
{
    nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
