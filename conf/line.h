/*
 * A line of text that remembers where each of its characters was written.
 *
 * Lines are cut, expanded and spliced before they are words. A line is its bytes and a short list of spans:
 * from this offset on, the text was written at that position. Also the bodies of definitions are lines
 * (those of several lines contain '\n').
 */
#ifndef TANDEM_CONF_LINE_H
#define TANDEM_CONF_LINE_H

#include "conf/source.h"

struct conf_span {
    size_t at; /* offset in the text where the span begins */
    struct conf_position position;
    bool fixed; /* made text (a number of a sequence): every byte of it has the same position */
};

/* Zeroed memory is an empty line. text is always terminated once something was set. */
struct conf_line {
    char *text;
    size_t length;
    size_t room;
    struct conf_span *spans;
    size_t span_count;
    size_t span_room;
    bool plain; /* neither a quote nor a '$' nor a backslash is in it; false: perhaps not */
};

void conf_line_free(struct conf_line *line);

/* Makes the line length bytes of text, written at position. */
void conf_line_set(struct conf_line *line, const char *text, size_t length, struct conf_position position,
                   bool fixed);

/* Makes the line bytes from..to of another one. */
void conf_line_copy(struct conf_line *line, const struct conf_line *from, size_t start, size_t end);

/* Appends a line. */
void conf_line_append(struct conf_line *line, const struct conf_line *tail);

/* Appends bytes from..to of another one. */
void conf_line_append_part(struct conf_line *line, const struct conf_line *from, size_t start, size_t end);

/* Replaces length bytes at offset by another line. The new text keeps its own positions; if expansion is not
 * 0 they count as brought here by that use. */
void conf_line_replace(struct conf_line *line, size_t offset, size_t length, const struct conf_line *by,
                       uint32_t expansion);

/* Cuts length bytes at offset out. */
void conf_line_cut(struct conf_line *line, size_t offset, size_t length);

/* Of a line with many spans, or none. */
struct conf_position conf_line_position_among(const struct conf_line *line, size_t offset);

static inline struct conf_position conf_line_position(const struct conf_line *line, size_t offset)
{
    struct conf_position position;

    if (line->span_count != 1 || line->spans[0].fixed)
        return conf_line_position_among(line, offset);
    position = line->spans[0].position;
    position.column += (uint32_t)(offset - line->spans[0].at);
    return position;
}

#endif
