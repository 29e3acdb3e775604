/*
 * Builder: how the daemon's processes run, and where what they write goes (keywords of the top level and of
 * global_defs).
 */
#include "conf/build.h"

#include <stdlib.h>
#include <string.h>

#define CPUS_MAX    128
#define UMASK_MOST  0777
#define UMASK_USUAL 0177 /* keepalived's */

/* ------------------------------------------------------------------ names */

/* It becomes part of a path. */
static char *read_name(struct conf_builder *builder, const struct conf_node *node, const char *what)
{
    const char *name;

    if (!conf_need_word(builder, node, 1, what))
        return NULL;
    name = node->words[1].text;
    if (name[0] != '\0' && name[0] != '.' && strchr(name, '/') == NULL)
        return conf_model_strdup(builder->model, name);
    conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_VALUE, node, 1,
                  "'%s' cannot be part of a file's name: no '/', and no '.' in front", name);
    return NULL;
}

void conf_handle_instance(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    (void)draft;
    builder->global.daemon.instance = read_name(builder, node, "a name for this daemon");
}

void conf_handle_net_namespace(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    (void)draft;
    builder->global.daemon.network_namespace = read_name(builder, node, "the name of a network namespace");
}

void conf_handle_net_namespace_ipvs(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct daemon_draft *daemon = &builder->global.daemon;

    (void)draft;
    daemon->ipvs_where_started = node->word_count < 2;
    daemon->ipvs_namespace =
        node->word_count < 2 ? NULL : read_name(builder, node, "the name of a network namespace");
}

/* ------------------------------------------------------------------ numbers */

void conf_handle_child_wait_time(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    int64_t seconds;

    (void)draft;
    if (conf_read_integer(builder, node, 1, 0, UINT32_MAX, &seconds))
        builder->global.daemon.child_wait_s = seconds;
}

static void read_cpus(struct conf_builder *builder, const struct conf_node *node, struct tuning_draft *tuning)
{
    int64_t cpu;

    if (!conf_need_word(builder, node, 1, "numbers of CPUs"))
        return;
    for (size_t word = 1; word < node->word_count; word++) {
        if (conf_read_integer(builder, node, word, 0, CPUS_MAX - 1, &cpu))
            tuning->cpus[cpu / 64] |= 1ULL << (cpu % 64);
    }
}

void conf_handle_vrrp_cpus(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_cpus(builder, node, &((struct global_draft *)draft)->daemon.vrrp);
}

void conf_handle_checker_cpus(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_cpus(builder, node, &((struct global_draft *)draft)->daemon.checker);
}

void conf_handle_bfd_cpus(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_cpus(builder, node, &((struct global_draft *)draft)->daemon.bfd);
}

/* ------------------------------------------------------------------ umask */

/* Names of permission bits as in <sys/stat.h>, without the S_. */
static const struct {
    const char *name;
    uint16_t bits;
} permission_bits[] = {
    {"IRUSR", 0400}, {"IWUSR", 0200}, {"IXUSR", 0100}, {"IRWXU", 0700}, {"IRGRP", 0040}, {"IWGRP", 0020},
    {"IXGRP", 0010}, {"IRWXG", 0070}, {"IROTH", 0004}, {"IWOTH", 0002}, {"IXOTH", 0001}, {"IRWXO", 0007},
};

static bool add_permission(const char *name, size_t length, uint16_t *mask)
{
    for (size_t i = 0; i < sizeof(permission_bits) / sizeof(permission_bits[0]); i++) {
        if (strlen(permission_bits[i].name) != length || strncmp(permission_bits[i].name, name, length) != 0)
            continue;
        *mask = (uint16_t)(*mask | permission_bits[i].bits);
        return true;
    }
    return false;
}

/* "IRWXG|IWOTH", "|" at either end of a word too; a word without a name is good between others. */
static bool add_permissions(const char *text, uint16_t *mask)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "|");

        if (length > 0 && !add_permission(text, length, mask))
            return false;
        text += length + (text[length] == '|');
    }
    return true;
}

static bool read_umask(const struct conf_node *node, uint16_t *mask)
{
    char *end;
    long number = strtol(node->words[1].text, &end, 0);

    *mask = 0;
    if (*end == '\0' && node->word_count == 2) {
        *mask = (uint16_t)number;
        return number >= 0 && number <= UMASK_MOST;
    }
    for (size_t word = 1; word < node->word_count; word++) {
        if (!add_permissions(node->words[word].text, mask))
            return false;
    }
    return true;
}

void conf_handle_umask(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct daemon_draft *daemon = &((struct global_draft *)draft)->daemon;
    uint16_t mask;

    if (!conf_need_word(builder, node, 1, "a number such as 022, or names of bits"))
        return;
    if (!read_umask(node, &mask)) {
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                             "'%s' is no umask; it is ignored", node->words[1].text),
                               "0 to 0777, or names of bits such as IRWXG|IRWXO");
        return;
    }
    daemon->umask = mask;
    daemon->umask_given = true;
}

/* ------------------------------------------------------------------ reloads */

/* NULL (complained of) if it is not absolute: the daemon's working directory is the root. */
static char *read_path(struct conf_builder *builder, const struct conf_node *node)
{
    const char *path = node->words[1].text;

    if (path[0] == '/')
        return conf_model_strdup(builder->model, path);
    conf_diagnostic_expect(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                         "'%s' is not an absolute path; this %s is ignored", path,
                                         node->words[0].text),
                           "a path that begins with '/'");
    return NULL;
}

void conf_handle_reload_check(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct daemon_draft *daemon = &((struct global_draft *)draft)->daemon;

    daemon->reload_check = true;
    daemon->reload_log = NULL;
    if (node->word_count > 1 && strcmp(node->words[1].text, "/dev/null") != 0)
        daemon->reload_log = read_path(builder, node);
}

void conf_handle_reload_time_file(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    if (conf_need_word(builder, node, 1, "the path of the file that says when"))
        ((struct global_draft *)draft)->daemon.reload_time_file = read_path(builder, node);
}

void conf_handle_reload_file(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct daemon_draft *daemon = &((struct global_draft *)draft)->daemon;

    daemon->reload_flag_file = node->word_count > 1 ? read_path(builder, node) : NULL;
    daemon->reload_flag = node->word_count == 1 || daemon->reload_flag_file != NULL;
}

/* ------------------------------------------------------------------ into the model */

static void finish_tuning(const struct tuning_draft *draft, struct conf_tuning *tuning)
{
    tuning->name = draft->name;
    tuning->nice = (int16_t)conf_value_or(draft->nice, 0);
    tuning->realtime_priority = (uint8_t)conf_value_or(draft->realtime_priority, 0);
    tuning->lock_memory = conf_value_or(draft->lock_memory, 0) != 0;
    tuning->cpus_low = draft->cpus[0];
    tuning->cpus_high = draft->cpus[1];
}

void conf_finish_daemon(struct conf_builder *builder)
{
    const struct daemon_draft *draft = &builder->global.daemon;
    struct conf_daemon *daemon = &builder->model->daemon;

    daemon->instance = draft->instance;
    daemon->network_namespace = draft->network_namespace;
    daemon->ipvs_namespace = draft->ipvs_namespace;
    daemon->ipvs_where_started = draft->ipvs_where_started;
    daemon->child_wait_s = (uint32_t)draft->child_wait_s;
    daemon->umask = draft->umask_given ? draft->umask : UMASK_USUAL;
    daemon->json_version = (uint8_t)conf_value_or(draft->json_version, 1);
    daemon->dump_names_instance = conf_value_or(draft->data_use_instance, 0) != 0;
    daemon->data_file = draft->data_file;
    daemon->stats_file = draft->stats_file;
    daemon->json_file = draft->json_file;
    daemon->reload_check = draft->reload_check;
    daemon->reload_log = draft->reload_log;
    daemon->reload_time_file = draft->reload_time_file;
    daemon->reload_repeat = conf_value_or(draft->reload_repeat, 0) != 0;
    daemon->reload_flag = draft->reload_flag;
    daemon->reload_flag_file = draft->reload_flag_file;
    daemon->name = draft->name;
    finish_tuning(&draft->vrrp, &daemon->vrrp);
    finish_tuning(&draft->checker, &daemon->checker);
    finish_tuning(&draft->bfd, &daemon->bfd);
    daemon->settings = draft->settings;
}
