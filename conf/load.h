/*
 * The door to the configuration language: a file in, a model and everything worth saying about it out.
 *
 * Used by the reader process, by tandemctl check, and by tests. Nothing here touches the kernel or keeps
 * state.
 */
#ifndef TANDEM_CONF_LOAD_H
#define TANDEM_CONF_LOAD_H

#include "conf/diagnostics.h"
#include "conf/host.h"
#include "conf/model.h"

struct conf_load_request {
    const char *path;             /* file, or pattern of files; the default is the caller's business */
    const char *config_id;        /* -i; NULL = host name up to the first dot */
    bool check_all_includes;      /* -e */
    size_t text_bytes_max;        /* of conf_expander_options: for tests; 0 = as usual */
    bool verdict_only;            /* what is wrong is all that matters: the model has no virtual servers */
    bool replaces_running;        /* a reload: text that looks half written is refused, not complained of */
    const struct conf_host *host; /* NULL = conf_host_system; the result asks it for source lines */
};

/* What a caller does with a configuration; the exit status of a check. */
enum conf_outcome {
    CONF_OUTCOME_GOOD = 0,       /* nothing, or notes */
    CONF_OUTCOME_COMPLAINTS = 1, /* runs; keepalived would complain too */
    CONF_OUTCOME_REFUSED = 2,    /* does not start */
};

struct conf_result;

/* Never NULL but without memory. */
struct conf_result *conf_load(const struct conf_load_request *request);
void conf_result_free(struct conf_result *result);

/* With "strict" in global_defs complaints count as refusals. */
enum conf_outcome conf_result_outcome(const struct conf_result *result);

/* True of a refused configuration against which nothing stands but effects not built yet: its model is
 * whole, so that it can be printed and compared. */
bool conf_result_lacks_effects_only(const struct conf_result *result);

/* What could be built; also of a refused configuration, for those who only look. Stays the result's. */
const struct conf_model *conf_result_model(const struct conf_result *result);

/* Takes the model out of the result; the caller frees it. NULL if the configuration is refused. */
struct conf_model *conf_result_take_model(struct conf_result *result);

/* How much of what a text may have of lines and words (CONF_TREE_SIZE_MAX) this one has. */
uint32_t conf_result_size(const struct conf_result *result);

struct conf_diagnostics *conf_result_diagnostics(struct conf_result *result);

/* The files that were read, in order: for a daemon that watches them. Their number is
 * conf_sources_count(). */
const struct conf_sources *conf_result_sources(const struct conf_result *result);

#endif
