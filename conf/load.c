/*
 * Loading: text to lines to tree to model. See load.h.
 */
#include "conf/load.h"

#include <stdlib.h>

#include "conf/builder.h"
#include "conf/expander.h"
#include "conf/keywords.h"
#include "conf/tree.h"

struct conf_result {
    struct conf_arena *arena; /* texts, tree, messages */
    struct conf_sources *sources;
    struct conf_diagnostics *diagnostics;
    struct conf_model *model;
    uint32_t size;
    bool strict;
};

static void read_model(struct conf_result *result, const struct conf_load_request *request,
                       const struct conf_keyword_index *index)
{
    struct conf_tree *tree =
        conf_tree_new(result->arena, index, result->diagnostics, request->replaces_running);
    char name[256];
    struct conf_expander_options options = {
        .path = request->path,
        .config_id = request->config_id != NULL ? request->config_id : conf_host_name(name, sizeof(name)),
        .check_all_includes = request->check_all_includes,
        .text_bytes_max = request->text_bytes_max,
        .host = request->host != NULL ? request->host : &conf_host_system,
    };

    conf_expand(&options, result->arena, result->sources, result->diagnostics, conf_tree_add, tree);
    conf_tree_finish(tree);
    if (!conf_tree_is_exhausted(tree))
        conf_build(tree, options.host, index, result->diagnostics, result->model, request->verdict_only);
    result->size = conf_tree_size(tree);
    conf_tree_free(tree);
    result->strict = result->model->global.strict;
}

struct conf_result *conf_load(const struct conf_load_request *request)
{
    struct conf_result *result = calloc(1, sizeof(*result));
    struct conf_keyword_index *index = conf_keyword_index_new();

    if (result != NULL && index != NULL) {
        result->arena = conf_arena_new();
        result->model = conf_model_new();
    }
    if (result == NULL || result->arena == NULL || result->model == NULL) {
        conf_keyword_index_free(index);
        conf_result_free(result);
        return NULL;
    }
    result->sources =
        conf_sources_new(result->arena, request->host != NULL ? request->host : &conf_host_system);
    result->diagnostics = conf_diagnostics_new(result->arena, result->sources);
    read_model(result, request, index);
    conf_keyword_index_free(index);
    return result;
}

void conf_result_free(struct conf_result *result)
{
    if (result == NULL)
        return;
    conf_model_free(result->model);
    conf_arena_free(result->arena);
    free(result);
}

enum conf_outcome conf_result_outcome(const struct conf_result *result)
{
    size_t complaints = conf_diagnostics_total(result->diagnostics, CONF_COMPLAINT);

    if (conf_diagnostics_total(result->diagnostics, CONF_REFUSAL) > 0 || (result->strict && complaints > 0))
        return CONF_OUTCOME_REFUSED;
    return complaints > 0 ? CONF_OUTCOME_COMPLAINTS : CONF_OUTCOME_GOOD;
}

bool conf_result_lacks_effects_only(const struct conf_result *result)
{
    size_t unbuilt = 0;

    for (size_t i = 0; i < conf_diagnostics_count(result->diagnostics); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(result->diagnostics, i);

        unbuilt += item->severity == CONF_REFUSAL && item->problem == CONF_PROBLEM_NOT_BUILT;
    }
    if (result->strict && conf_diagnostics_total(result->diagnostics, CONF_COMPLAINT) > 0)
        return false;
    return unbuilt > 0 && unbuilt == conf_diagnostics_total(result->diagnostics, CONF_REFUSAL);
}

const struct conf_model *conf_result_model(const struct conf_result *result)
{
    return result->model;
}

struct conf_model *conf_result_take_model(struct conf_result *result)
{
    struct conf_model *model = result->model;

    if (conf_result_outcome(result) == CONF_OUTCOME_REFUSED)
        return NULL;
    result->model = NULL;
    return model;
}

uint32_t conf_result_size(const struct conf_result *result)
{
    return result->size;
}

struct conf_diagnostics *conf_result_diagnostics(struct conf_result *result)
{
    return result->diagnostics;
}

const struct conf_sources *conf_result_sources(const struct conf_result *result)
{
    return result->sources;
}
