/*
 * The linter: what a configuration says correctly and hardly means. Every finding is a note with advice, so
 * that none of them changes an exit status; where the builder has complained of the same word already, the
 * advice joins that complaint.
 *
 *   lint.c           reporting, and the order of the parts
 *   lint_instance.c  virtual routers: weights, peers, prefix lengths
 *   lint_server.c    virtual servers: the sorry server, a check's times, families beside a sync daemon
 *   lint_words.c     slips of the pen: placeholders, foreign comments, blanks that are none
 */
#ifndef TANDEM_CONF_LINT_H
#define TANDEM_CONF_LINT_H

#include "conf/build.h"

/* Looks at what was built from the tree; the drafts are finished. Blocks that are apart are looked at one by
 * one (conf_lint_words, conf_lint_server). */
void conf_lint(struct conf_builder *builder, const struct conf_node *root);

/* ------------------------------------------------------------------ its parts */

void conf_lint_instances(struct conf_builder *builder);
void conf_lint_words(struct conf_builder *builder, const struct conf_node *root);

/* An instance that was built, while its nodes are there. */
void conf_lint_instance(struct conf_builder *builder, const struct instance_draft *draft);

/* A virtual server that was built. */
void conf_lint_server(struct conf_builder *builder, const struct server_draft *draft);

/* A check and what it became; called as each is finished. */
void conf_lint_check(struct conf_builder *builder, const struct checker_draft *draft,
                     const struct conf_checker *checker);

/* A finding about one word of a node, and what to do about it. Only the advice counts where that word has
 * been complained of. */
void conf_lint_find(struct conf_builder *builder, const struct conf_node *node, size_t word,
                    enum conf_problem problem, const char *advice, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#endif
