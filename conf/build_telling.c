/*
 * Builder: whom global_defs has told of events: FIFOs with their readers, the scripts of start and stop.
 */
#include "conf/build.h"

#include <string.h>

#define SCRIPT_TIMEOUT_S 10

/* ------------------------------------------------------------------ FIFOs */

/* PATH [USER [GROUP]] */
static void read_fifo(struct conf_builder *builder, const struct conf_node *node, struct conf_fifo *fifo)
{
    const struct global_draft *global = &builder->global;

    if (!conf_need_word(builder, node, 1, "the path of a FIFO, and a user and a group if need be"))
        return;
    if (node->words[1].text[0] != '/') {
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                             "'%s' is not an absolute path; this %s is ignored",
                                             node->words[1].text, node->words[0].text),
                               "a path that begins with '/'");
        return;
    }
    fifo->uid = global->script_uid;
    fifo->gid = global->script_gid;
    if (node->word_count > 2 && !conf_read_user(builder, node, 2, &fifo->uid, &fifo->gid))
        return;
    fifo->path = conf_model_strdup(builder->model, node->words[1].text);
}

void conf_handle_fifo(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_fifo(builder, node, &((struct global_draft *)draft)->fifo);
}

void conf_handle_vrrp_fifo(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_fifo(builder, node, &((struct global_draft *)draft)->vrrp_fifo);
}

void conf_handle_lvs_fifo(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_fifo(builder, node, &((struct global_draft *)draft)->lvs_fifo);
}

/* Whom it belongs to may have been said after it. */
static void settle_user(const struct global_draft *global, uint32_t *uid, uint32_t *gid)
{
    if (*uid == CONF_USER_LATER)
        *uid = global->script_uid;
    if (*gid == CONF_USER_LATER)
        *gid = global->script_gid;
}

static void settle_script(const struct global_draft *global, struct conf_script *script)
{
    bool nobody = global->script_user_given && !global->script_user_known;

    if (script->words.count > 0 && script->uid == CONF_USER_LATER && nobody)
        *script = (struct conf_script){0}; /* the script_user that does not exist was complained of */
    settle_user(global, &script->uid, &script->gid);
}

static struct conf_fifo finish_fifo(const struct global_draft *global, const struct conf_fifo *draft)
{
    struct conf_fifo fifo = *draft;

    if (fifo.path == NULL)
        return (struct conf_fifo){0};
    settle_user(global, &fifo.uid, &fifo.gid);
    settle_script(global, &fifo.reader);
    return fifo;
}

static bool is_same_pipe(const struct conf_fifo *a, const struct conf_fifo *b)
{
    return a->path != NULL && b->path != NULL && strcmp(a->path, b->path) == 0;
}

/* One pipe has one reader, and no line twice. */
static void finish_fifos(struct conf_builder *builder)
{
    const struct global_draft *global = &builder->global;
    struct conf_global *model = &builder->model->global;

    model->fifo = finish_fifo(global, &global->fifo);
    model->vrrp_fifo = finish_fifo(global, &global->vrrp_fifo);
    model->lvs_fifo = finish_fifo(global, &global->lvs_fifo);
    if (is_same_pipe(&model->fifo, &model->vrrp_fifo))
        model->vrrp_fifo = (struct conf_fifo){0};
    if (is_same_pipe(&model->fifo, &model->lvs_fifo))
        model->lvs_fifo = (struct conf_fifo){0};
    if (is_same_pipe(&model->vrrp_fifo, &model->lvs_fifo) && model->vrrp_fifo.reader.words.count > 0)
        model->lvs_fifo.reader = (struct conf_script){0};
    model->fifo_write_states_on_reload = conf_value_or(global->fifo_write_states_on_reload, 0) != 0;
}

/* ------------------------------------------------------------------ start and stop */

static void finish_start_and_stop(struct conf_builder *builder)
{
    struct global_draft *global = &builder->global;
    struct conf_global *model = &builder->model->global;

    settle_script(global, &global->startup_script);
    settle_script(global, &global->shutdown_script);
    model->startup_script = global->startup_script;
    model->shutdown_script = global->shutdown_script;
    model->startup_script_timeout_s =
        (uint32_t)conf_value_or(global->startup_script_timeout_s, SCRIPT_TIMEOUT_S);
    model->shutdown_script_timeout_s =
        (uint32_t)conf_value_or(global->shutdown_script_timeout_s, SCRIPT_TIMEOUT_S);
}

void conf_finish_telling(struct conf_builder *builder)
{
    finish_fifos(builder);
    finish_start_and_stop(builder);
}
