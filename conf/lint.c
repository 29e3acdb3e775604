/*
 * The linter's reporting. See lint.h.
 */
#include "conf/lint.h"

#include <stdarg.h>

void conf_lint_find(struct conf_builder *builder, const struct conf_node *node, size_t word,
                    enum conf_problem problem, const char *advice, const char *format, ...)
{
    const struct conf_word *where = &node->words[word < node->word_count ? word : node->word_count - 1];
    struct conf_diagnostic *diagnostic = conf_diagnostics_complaint_at(builder->diagnostics, where->position);
    va_list arguments;

    if (diagnostic == NULL) {
        va_start(arguments, format);
        diagnostic = conf_report_list(builder->diagnostics, CONF_NOTE, problem, where->position,
                                      where->length, format, arguments);
        va_end(arguments);
    }
    conf_diagnostic_advise(builder->diagnostics, diagnostic, "%s", advice);
}

void conf_lint(struct conf_builder *builder, const struct conf_node *root)
{
    conf_lint_instances(builder);
    conf_lint_words(builder, root);
}
