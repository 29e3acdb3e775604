/*
 * Files for signals. See dump_file.h.
 */
#include "daemon/dump_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/options.h"

struct dump_file {
    int directory;
    char *name;      /* within it */
    char *temporary; /* NULL once it is in place */
};

/* ------------------------------------------------------------------ a file */

static struct dump_file *give_up(struct dump_file *file)
{
    int error = errno;

    dump_file_free(file);
    errno = error;
    return NULL;
}

static char *text_copy(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        abort();
    return copy;
}

struct dump_file *dump_file_new(const char *path, unsigned int mode, int *fd)
{
    struct dump_file *file = calloc(1, sizeof(*file));
    char *for_directory = text_copy(path), *for_name = text_copy(path);
    uint64_t number = 0;

    if (file == NULL || getrandom(&number, sizeof(number), 0) < 0)
        abort();
    file->directory = open(dirname(for_directory), O_PATH | O_DIRECTORY | O_CLOEXEC);
    file->name = text_copy(basename(for_name));
    free(for_directory);
    free(for_name);
    if (file->directory < 0)
        return give_up(file);
    if (asprintf(&file->temporary, ".%s.%016" PRIx64, file->name, number) < 0)
        abort();
    *fd =
        openat(file->directory, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (*fd < 0 || fchmod(*fd, mode) != 0)
        return give_up(file);
    return file;
}

bool dump_file_commit(struct dump_file *file)
{
    if (renameat(file->directory, file->temporary, file->directory, file->name) != 0)
        return false;
    free(file->temporary);
    file->temporary = NULL;
    return true;
}

void dump_file_free(struct dump_file *file)
{
    if (file == NULL)
        return;
    if (file->temporary != NULL)
        unlinkat(file->directory, file->temporary, 0);
    if (file->directory >= 0)
        close(file->directory);
    free(file->temporary);
    free(file->name);
    free(file);
}

/* ------------------------------------------------------------------ its name */

static const char *configured_path(enum dump_kind kind, const struct conf_daemon *settings)
{
    switch (kind) {
    case DUMP_DATA:
    case DUMP_BALANCER:
        return settings->data_file;
    case DUMP_STATS:
        return settings->stats_file;
    case DUMP_JSON:
        return settings->json_file;
    case DUMP_KINDS:
        break;
    }
    return NULL;
}

static const char *usual_name(enum dump_kind kind)
{
    switch (kind) {
    case DUMP_STATS:
        return "keepalived.stats";
    case DUMP_JSON:
        return "keepalived.json";
    case DUMP_DATA:
    case DUMP_BALANCER:
    case DUMP_KINDS:
        break;
    }
    return "keepalived.data";
}

/* A directory ends in a slash; without one in front the path is among the temporary files. */
static char *whole_path(enum dump_kind kind, const char *configured)
{
    const char *path = configured == NULL ? "" : configured;
    const char *last = path[0] == '\0' ? "/" : path + strlen(path) - 1;
    const char *directory = path[0] == '/' ? "" : options_temporary_directory();
    char *whole = NULL;

    if (asprintf(&whole, "%s%s%s%s", directory, directory[0] == '\0' ? "" : "/", path,
                 *last == '/' ? usual_name(kind) : "") < 0)
        abort();
    return whole;
}

/* How much of a path is before the last dot of its name. */
static size_t stem_length(const char *path)
{
    size_t length = strlen(path), at = length;

    while (at > 0 && path[at - 1] != '.' && path[at - 1] != '/')
        at--;
    return at > 0 && path[at - 1] == '.' ? at - 1 : length;
}

char *dump_path(enum dump_kind kind, const struct conf_daemon *settings, const char *network_namespace)
{
    const char *instance = settings->dump_names_instance ? settings->instance : NULL;
    const char *front = settings->dump_names_instance ? network_namespace : NULL;
    char *whole = whole_path(kind, configured_path(kind, settings)), *path = NULL;
    size_t stem = stem_length(whole);

    if (asprintf(&path, "%.*s%s%s%s%s%s%s", (int)stem, whole, kind == DUMP_BALANCER ? "_check" : "",
                 front != NULL || instance != NULL ? "." : "", front == NULL ? "" : front,
                 front != NULL && instance != NULL ? "_" : "", instance == NULL ? "" : instance,
                 whole + stem) < 0)
        abort();
    free(whole);
    return path;
}
