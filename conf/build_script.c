/*
 * Builder: commands of scripts and the users they run as (semantics.md, "Script security").
 */
#include "conf/build.h"

#include <stdlib.h>
#include <string.h>

#include "conf/lexer.h"
#include "conf/script_path.h"

void conf_find_groups(struct conf_builder *builder, const char *name, bool always, struct user_draft *user)
{
    const struct conf_host *host = builder->host;
    uint32_t *found = NULL;
    size_t count = 0;

    memset(&user->groups, 0, sizeof(user->groups));
    if ((always || builder->global.supplementary_groups) && host->find_groups != NULL)
        found = host->find_groups(host->context, name, user->gid, &count);
    for (size_t i = 0; found != NULL && i < count; i++) {
        struct conf_group *group = conf_model_alloc(builder->model, sizeof(*group));

        group->gid = found[i];
        conf_list_add(builder->model, &user->groups, group);
    }
    free(found);
}

void conf_run_as(struct conf_script *script, const struct user_draft *user)
{
    script->uid = user->uid;
    script->gid = user->gid;
    memcpy(&script->groups, &user->groups, sizeof(script->groups));
}

struct conf_script *conf_keep_script(struct conf_builder *builder, const struct conf_script *script)
{
    struct conf_script *kept;

    if (script->words.count == 0)
        return NULL;
    kept = conf_model_alloc(builder->model, sizeof(*kept));
    *kept = *script;
    return kept;
}

struct conf_notify *conf_keep_notify(struct conf_builder *builder, const struct conf_notify *notify)
{
    struct conf_notify *kept;

    if (conf_notify_count(notify) == 0)
        return NULL;
    kept = conf_model_alloc(builder->model, sizeof(*kept));
    *kept = *notify;
    return kept;
}

static bool read_group(struct conf_builder *builder, const struct conf_node *node, size_t word,
                       const char *name, uint32_t *gid)
{
    if (builder->host->find_group(builder->host->context, name, gid))
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node, word,
                  "there is no group '%s' on this machine", name);
    return false;
}

bool conf_read_user(struct conf_builder *builder, const struct conf_node *node, size_t word,
                    struct user_draft *user)
{
    const struct conf_host *host = builder->host;
    const char *name = node->words[word].text, *group;
    bool all = false;

    if (!host->find_user(host->context, name, &user->uid, &user->gid)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node, word,
                      "there is no user '%s' on this machine", name);
        return false;
    }
    if (word + 1 < node->word_count) {
        group = node->words[word + 1].text;
        all = *group == ':';
        group += all;
        if (*group != '\0' && !read_group(builder, node, word + 1, group, &user->gid))
            return false;
    }
    conf_find_groups(builder, name, all, user);
    return true;
}

void conf_handle_script_user(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct global_draft *global = draft;

    if (!conf_need_word(builder, node, 1, "a user, and a group if need be"))
        return;
    global->script_user_given = true;
    global->script_user_lack = conf_read_user(builder, node, 1, &global->script_user)
                                   ? NULL
                                   : "the user of script_user does not exist";
}

/* The command is one word of the line; within it the shell's rules hold once more. */
bool conf_read_command(struct conf_builder *builder, const struct conf_node *node, struct conf_script *script)
{
    const struct conf_word *command = &node->words[1];
    char *room = conf_arena_alloc(builder->arena, command->length + 1);
    enum conf_lexer_fault fault;
    size_t at = 0;
    size_t start;

    memset(script, 0, sizeof(*script));
    script->keep_links = builder->global.use_symlink_paths;
    while (conf_lexer_script_word(command->text, command->length, true, &at, &start, room, &fault)) {
        char *word = conf_model_strdup(builder->model, room);

        conf_list_add(builder->model, &script->words, word);
    }
    if (fault != CONF_LEXER_GOOD || script->words.count == 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "this command %s; it will not run",
                      fault == CONF_LEXER_OPEN_QUOTE ? "has a quote that is not closed" : "is not complete");
        return false;
    }
    return true;
}

bool conf_read_script(struct conf_builder *builder, const struct conf_node *node, struct conf_script *script)
{
    const struct global_draft *global = &builder->global;
    struct user_draft user = global->script_user;
    struct conf_script read;

    if (!conf_need_word(builder, node, 1, "a command; in quotes if it has arguments"))
        return false;
    if (!conf_read_command(builder, node, &read))
        return false;
    if (node->word_count > 2) {
        if (!conf_read_user(builder, node, 2, &user))
            return false;
    } else if (global->script_user_lack != NULL && node->block != CONF_BLOCK_MISC_CHECK) { /* has "user" */
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node, 1,
                      "%s; this script will not run", global->script_user_lack);
        return false;
    }
    conf_run_as(&read, &user);
    *script = read;
    return true;
}

static void tell_of_security(struct conf_builder *builder, const struct conf_node *node)
{
    if (builder->model->global.enable_script_security || builder->told_of_security)
        return;
    builder->told_of_security = true;
    conf_complain(
        builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, node, 1,
        "scripts are run, and enable_script_security is not set in global_defs: one that others can change "
        "would run even as root");
}

static bool is_runnable(const struct conf_builder *builder, const struct conf_script *script,
                        const struct script_path_finding *finding)
{
    switch (finding->fault) {
    case SCRIPT_PATH_GOOD:
    case SCRIPT_PATH_UNKNOWN: /* only its user may look there */
        return true;
    case SCRIPT_PATH_UNSAFE:
        return !builder->model->global.enable_script_security || script->uid != 0;
    case SCRIPT_PATH_MISSING:
    case SCRIPT_PATH_NOT_EXECUTABLE:
        break;
    }
    return false;
}

static const uint32_t *list_groups(struct conf_builder *builder, const struct conf_script *script,
                                   size_t *count)
{
    uint32_t *groups = conf_arena_alloc(builder->arena, (script->groups.count + 1) * sizeof(*groups));

    for (uint32_t i = 0; i < script->groups.count; i++)
        groups[i] = script->groups.items[i]->gid;
    *count = script->groups.count;
    return groups;
}

bool conf_check_program(struct conf_builder *builder, const struct conf_node *node,
                        const struct conf_script *script, enum conf_severity severity,
                        const char *consequence)
{
    const struct script_path_files *files = builder->host->script_files;
    struct script_path_user user = {.uid = script->uid, .gid = script->gid};
    struct script_path_finding finding;
    char buffer[PATH_MAX];
    const char *path;

    if (files == NULL)
        return true;
    path = script_path_find(script->words.items[0], files, buffer);
    if (path == NULL) {
        conf_complain(builder, severity, CONF_PROBLEM_REFERENCE, node, 1, "there is no program '%s'; %s",
                      script->words.items[0], consequence);
        return false;
    }
    user.groups = list_groups(builder, script, &user.group_count);
    script_path_check(path, &user, files, &finding);
    if (!is_runnable(builder, script, &finding)) {
        conf_complain(builder, severity, CONF_PROBLEM_REFERENCE, node, 1, "%s; %s", finding.message,
                      consequence);
        return false;
    }
    tell_of_security(builder, node);
    return true;
}
