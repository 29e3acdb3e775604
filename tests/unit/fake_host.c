/* The machine made for tests: see fake_host.h. */
#include "fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 64

static struct fake_file files[FILES_MAX]; /* they are read again for messages, so the list is kept */
bool fake_host_has_no_multicast;
bool fake_host_has_script_user;

void fake_host_files(const struct fake_file *list)
{
    size_t count = 0;

    while (list[count].text != NULL)
        count++;
    if (count >= FILES_MAX)
        abort();
    memcpy(files, list, (count + 1) * sizeof(*files));
}

static char *read_file(void *context, const char *path, size_t *length)
{
    (void)context;
    for (const struct fake_file *file = files; file->text != NULL; file++) {
        if (strcmp(file->path, path) == 0) {
            *length = strlen(file->text);
            return strdup(file->text);
        }
    }
    errno = ENOENT;
    return NULL;
}

static int match(void *context, const char *pattern, struct conf_paths *paths)
{
    (void)context;
    paths->items = calloc(64, sizeof(*paths->items));
    paths->count = 0;
    for (const struct fake_file *file = files; file->text != NULL; file++) {
        if (fnmatch(pattern, file->path, FNM_PATHNAME) == 0)
            paths->items[paths->count++] = strdup(file->path);
    }
    return 0;
}

static void match_free(void *context, struct conf_paths *paths)
{
    (void)context;
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
}

static bool find_user(void *context, const char *name, uint32_t *uid, uint32_t *gid)
{
    (void)context;
    if (strcmp(name, "root") == 0)
        *uid = *gid = 0;
    else if (strcmp(name, "alice") == 0)
        *uid = *gid = 1000;
    else if (strcmp(name, "keepalived_script") == 0 && fake_host_has_script_user)
        *uid = *gid = 900;
    else
        return false;
    return true;
}

static bool find_group(void *context, const char *name, uint32_t *gid)
{
    (void)context;
    *gid = 10;
    return strcmp(name, "wheel") == 0;
}

static uint32_t *find_groups(void *context, const char *user, uint32_t gid, size_t *count)
{
    uint32_t *groups = calloc(2, sizeof(*groups));

    (void)context;
    groups[0] = gid;
    groups[1] = 77;
    *count = strcmp(user, "alice") == 0 ? 2 : 1;
    return groups;
}

static bool has_interface(void *context, const char *name)
{
    (void)context;
    return strcmp(name, "eth0") == 0 || strcmp(name, "eth1") == 0 || strcmp(name, "eth2") == 0 ||
           strcmp(name, "lo") == 0;
}

static bool speaks_multicast(void *context, const char *name)
{
    return !fake_host_has_no_multicast && has_interface(context, name);
}

static const char *environment(void *context, const char *name)
{
    (void)context;
    return strcmp(name, "COLOUR") == 0 ? "blue" : NULL;
}

struct conf_host fake_host = {
    .read_file = read_file,
    .match = match,
    .match_free = match_free,
    .find_user = find_user,
    .find_group = find_group,
    .find_groups = find_groups,
    .has_interface = has_interface,
    .speaks_multicast = speaks_multicast,
    .environment = environment,
    .own_uid = 33,
    .own_gid = 34,
};

static struct conf_result *load(const char *text, bool replaces_running)
{
    static char *kept; /* messages read it again, when the caller's may be gone */
    const struct conf_load_request request = {.path = "/etc/tandem/tandem.conf",
                                              .config_id = "node1",
                                              .replaces_running = replaces_running,
                                              .host = &fake_host};

    if (text != NULL) {
        free(kept);
        kept = strdup(text);
        fake_host_files((const struct fake_file[]){{"/etc/tandem/tandem.conf", kept}, {0}});
    }
    return conf_load(&request);
}

struct conf_result *fake_load(const char *text)
{
    return load(text, false);
}

struct conf_result *fake_reload(const char *text)
{
    return load(text, true);
}

struct conf_result *fake_result;

const struct conf_model *fake_model(const char *text)
{
    conf_result_free(fake_result);
    fake_result = fake_load(text);
    return conf_result_model(fake_result);
}

int fake_release(void **state)
{
    (void)state;
    conf_result_free(fake_result);
    fake_result = NULL;
    fake_host_has_script_user = false;
    fake_host.script_files = NULL;
    return 0;
}

const struct conf_diagnostic *fake_find(struct conf_result *result, enum conf_problem problem, size_t n)
{
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);

    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(diagnostics, i);

        if (item->problem == problem && n-- == 0)
            return item;
    }
    return NULL;
}

char *fake_print(struct conf_result *result)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);

    conf_diagnostics_print(conf_result_diagnostics(result), stream);
    fclose(stream);
    return text;
}

char *fake_source(const char *name)
{
    const char *directory = getenv("srcdir");
    size_t length = 0;
    char path[4096], *text;

    snprintf(path, sizeof(path), "%s/%s", directory == NULL ? "." : directory, name);
    text = conf_host_system.read_file(NULL, path, &length);
    if (text == NULL)
        fail_msg("%s cannot be read", path);
    return text;
}
