/*
 * From the tree to the typed model: defaults, ranges, inheritance, references.
 */
#ifndef TANDEM_CONF_BUILDER_H
#define TANDEM_CONF_BUILDER_H

#include "conf/diagnostics.h"
#include "conf/host.h"
#include "conf/keywords.h"
#include "conf/model.h"
#include "conf/tree.h"

/* Fills an empty model from a finished tree, which is forgotten piece by piece. What is wrong is reported and
 * left out or corrected; whether the model may be used is for the caller to decide from the severities
 * reported. For the verdict alone the model is left without virtual servers and their scripts. */
void conf_build(struct conf_tree *tree, const struct conf_host *host, const struct conf_keyword_index *index,
                struct conf_diagnostics *diagnostics, struct conf_model *model, bool verdict_only);

#endif
