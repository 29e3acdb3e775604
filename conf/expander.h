/*
 * From files to logical lines: comments, @id lines, $definitions, ~SEQ and ~LST, includes.
 *
 * The order of work on a line is that of keepalived: comment, @id, definition, sequence, replacement of
 * $NAMEs (and again from the start), include. What is left goes to the sink, one line at a time, in order.
 */
#ifndef TANDEM_CONF_EXPANDER_H
#define TANDEM_CONF_EXPANDER_H

#include "conf/diagnostics.h"
#include "conf/host.h"
#include "conf/line.h"

struct conf_expander_options {
    const char *path;      /* file, or pattern of files */
    const char *config_id; /* what @id lines are compared with, and ${_INSTANCE} */
    bool check_all_includes;
    size_t text_bytes_max; /* that definitions and sequences may make, and included files have; 0 = as usual */
    const struct conf_host *host;
};

/* More than anybody needs, less than hurts: a few lines could otherwise ask for all the memory there is. */
#define CONF_TEXT_BYTES_MAX ((size_t)64 << 20)

typedef void conf_line_sink(void *context, const struct conf_line *line);

/* Reads everything. Problems go to diagnostics; the arena holds names they speak of. */
void conf_expand(const struct conf_expander_options *options, struct conf_arena *arena,
                 struct conf_sources *sources, struct conf_diagnostics *diagnostics, conf_line_sink *sink,
                 void *context);

#endif
