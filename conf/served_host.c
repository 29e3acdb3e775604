/*
 * A machine of which one file is given. See served_host.h.
 */
#include "conf/served_host.h"

#include <stdlib.h>
#include <string.h>

#include "conf/fnv.h"

/* Which function was called; goes into the fingerprint. */
enum question {
    QUESTION_FILE = 1,
    QUESTION_MATCH,
    QUESTION_USER,
    QUESTION_GROUP,
    QUESTION_GROUPS,
    QUESTION_INTERFACE,
    QUESTION_MULTICAST,
    QUESTION_ENVIRONMENT,
    QUESTION_LOOK,
    QUESTION_LINK,
    QUESTION_NAME,
};

/* The question and its text, with the text's end. */
static void note(struct conf_served_host *served, enum question question, const char *text)
{
    uint8_t kind = (uint8_t)question;

    served->asked = fnv_add(fnv_add(served->asked, &kind, sizeof(kind)), text, strlen(text) + 1);
}

static char *read_file(void *context, const char *path, size_t *length)
{
    struct conf_served_host *served = context;
    char *text;

    if (strcmp(path, served->path) != 0) {
        note(served, QUESTION_FILE, path);
        return served->below->read_file(served->below->context, path, length);
    }
    text = malloc(served->length + 1);
    if (text == NULL)
        return NULL;
    memcpy(text, served->text, served->length);
    text[served->length] = '\0';
    *length = served->length;
    return text;
}

static int match(void *context, const char *pattern, struct conf_paths *paths)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_MATCH, pattern);
    return served->below->match(served->below->context, pattern, paths);
}

static void match_free(void *context, struct conf_paths *paths)
{
    const struct conf_served_host *served = context;

    served->below->match_free(served->below->context, paths);
}

static bool find_user(void *context, const char *name, uint32_t *uid, uint32_t *gid)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_USER, name);
    return served->below->find_user(served->below->context, name, uid, gid);
}

static bool find_group(void *context, const char *name, uint32_t *gid)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_GROUP, name);
    return served->below->find_group(served->below->context, name, gid);
}

static uint32_t *find_groups(void *context, const char *user, uint32_t gid, size_t *count)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_GROUPS, user);
    return served->below->find_groups(served->below->context, user, gid, count);
}

static bool has_interface(void *context, const char *name)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_INTERFACE, name);
    return served->below->has_interface(served->below->context, name);
}

static bool speaks_multicast(void *context, const char *name)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_MULTICAST, name);
    return served->below->speaks_multicast(served->below->context, name);
}

static const char *environment(void *context, const char *name)
{
    struct conf_served_host *served = context;

    note(served, QUESTION_ENVIRONMENT, name);
    return served->below->environment(served->below->context, name);
}

/* ------------------------------------------------------------------ where scripts are looked for */

static int look(const char *path, struct stat *status, void *data)
{
    struct conf_served_host *served = data;

    note(served, QUESTION_LOOK, path);
    return served->below->script_files->look(path, status, served->below->script_files->data);
}

static ssize_t read_link(const char *path, char *target, size_t size, void *data)
{
    struct conf_served_host *served = data;

    note(served, QUESTION_LINK, path);
    return served->below->script_files->read_link(path, target, size, served->below->script_files->data);
}

static void user_name(uint32_t uid, char *name, size_t size, void *data)
{
    struct conf_served_host *served = data;

    note(served, QUESTION_NAME, "user");
    served->below->script_files->user_name(uid, name, size, served->below->script_files->data);
}

static void group_name(uint32_t gid, char *name, size_t size, void *data)
{
    struct conf_served_host *served = data;

    note(served, QUESTION_NAME, "group");
    served->below->script_files->group_name(gid, name, size, served->below->script_files->data);
}

void conf_served_host_begin(struct conf_served_host *served, const struct conf_host *below, const char *path,
                            const char *text, size_t length)
{
    *served = (struct conf_served_host){
        .host = *below,
        .below = below,
        .script_files = {look, read_link, user_name, group_name, served},
        .path = path,
        .text = text,
        .length = length,
        .asked = FNV_BEGIN,
    };
    served->host.context = served;
    served->host.read_file = read_file;
    served->host.open_file = NULL; /* the text is in memory already */
    served->host.match = match;
    served->host.match_free = match_free;
    served->host.find_user = find_user;
    served->host.find_group = find_group;
    served->host.environment = environment;
    if (below->find_groups != NULL)
        served->host.find_groups = find_groups;
    if (below->has_interface != NULL)
        served->host.has_interface = has_interface;
    if (below->speaks_multicast != NULL)
        served->host.speaks_multicast = speaks_multicast;
    if (below->script_files != NULL)
        served->host.script_files = &served->script_files;
}
