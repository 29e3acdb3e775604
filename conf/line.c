/*
 * Lines with positions: see line.h.
 */
#include "conf/line.h"

#include <stdlib.h>
#include <string.h>

static void *grow(void *items, size_t item_size, size_t wanted, size_t *room)
{
    if (wanted <= *room)
        return items;
    *room = wanted + wanted / 2 + 8;
    items = realloc(items, *room * item_size);
    if (items == NULL)
        abort();
    return items;
}

void conf_line_free(struct conf_line *line)
{
    free(line->text);
    free(line->spans);
    memset(line, 0, sizeof(*line));
}

static void make_room(struct conf_line *line, size_t length, size_t spans)
{
    line->text = grow(line->text, 1, length + 1, &line->room);
    line->spans = grow(line->spans, sizeof(*line->spans), spans, &line->span_room);
}

void conf_line_set(struct conf_line *line, const char *text, size_t length, struct conf_position position,
                   bool fixed)
{
    make_room(line, length, 1);
    memcpy(line->text, text, length);
    line->text[length] = '\0';
    line->length = length;
    line->spans[0] = (struct conf_span){.at = 0, .position = position, .fixed = fixed};
    line->span_count = 1;
}

/* The span that holds offset: the last one that begins at or before it. */
static size_t find_span(const struct conf_line *line, size_t offset)
{
    size_t low = 0;
    size_t high = line->span_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (line->spans[middle].at <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct conf_position conf_line_position_among(const struct conf_line *line, size_t offset)
{
    const struct conf_span *span;
    struct conf_position position = {0};

    if (line->span_count == 0)
        return position;
    span = &line->spans[find_span(line, offset)];
    position = span->position;
    if (!span->fixed)
        position.column += (uint32_t)(offset - span->at);
    return position;
}

/* Appends the spans of from that cover start..end, moved so that start lands on at. */
static void append_spans(struct conf_line *line, const struct conf_line *from, size_t start, size_t end,
                         size_t at)
{
    size_t i;

    if (from->span_count == 0 || start == end)
        return;
    for (i = find_span(from, start); i < from->span_count && from->spans[i].at < end; i++) {
        struct conf_span span = from->spans[i];
        size_t begin = span.at < start ? start : span.at;

        span.position = conf_line_position(from, begin);
        span.at = begin - start + at;
        line->spans = grow(line->spans, sizeof(*line->spans), line->span_count + 1, &line->span_room);
        line->spans[line->span_count++] = span;
    }
}

void conf_line_append_part(struct conf_line *line, const struct conf_line *from, size_t start, size_t end)
{
    size_t at = line->length;

    make_room(line, at + (end - start), line->span_count + 1);
    append_spans(line, from, start, end, at);
    if (end > start)
        memcpy(line->text + at, from->text + start, end - start);
    line->length = at + (end - start);
    line->text[line->length] = '\0';
}

void conf_line_copy(struct conf_line *line, const struct conf_line *from, size_t start, size_t end)
{
    line->length = 0;
    line->span_count = 0;
    conf_line_append_part(line, from, start, end);
}

void conf_line_append(struct conf_line *line, const struct conf_line *tail)
{
    conf_line_append_part(line, tail, 0, tail->length);
}

void conf_line_replace(struct conf_line *line, size_t offset, size_t length, const struct conf_line *by,
                       uint32_t expansion)
{
    struct conf_line result = {0};
    size_t first;

    conf_line_append_part(&result, line, 0, offset);
    first = result.span_count;
    conf_line_append_part(&result, by, 0, by->length);
    for (; expansion != 0 && first < result.span_count; first++)
        result.spans[first].position.expansion = expansion;
    conf_line_append_part(&result, line, offset + length, line->length);
    conf_line_free(line);
    *line = result;
}

/* Spans that end before offset go, the others move there by as much. */
static void cut_front(struct conf_line *line, size_t length)
{
    size_t first = find_span(line, length), kept = line->span_count - first;

    line->spans[first].position = conf_line_position(line, length);
    line->spans[first].at = length;
    memmove(line->spans, line->spans + first, kept * sizeof(*line->spans));
    line->span_count = kept;
    for (size_t i = 0; i < kept; i++)
        line->spans[i].at -= length;
    line->length -= length;
    memmove(line->text, line->text + length, line->length + 1);
}

void conf_line_cut(struct conf_line *line, size_t offset, size_t length)
{
    static const struct conf_line nothing;

    if (length == 0)
        return;
    if (offset + length >= line->length) { /* the common case: the tail goes */
        line->length = offset;
        if (line->text != NULL)
            line->text[offset] = '\0';
    } else if (offset == 0) {
        cut_front(line, length);
    } else {
        conf_line_replace(line, offset, length, &nothing, 0);
    }
}
