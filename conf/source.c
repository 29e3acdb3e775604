/*
 * Texts and positions: see source.h.
 */
#include "conf/source.h"

#include <string.h>

struct source {
    const char *name;
    const char *text;
    size_t length;
    const size_t *starts; /* where each line begins */
    uint32_t lines;
};

struct conf_sources {
    struct conf_arena *arena;
    struct source *items;
    size_t count;
    size_t room;
    struct conf_expansion *expansions;
    size_t expansion_count;
    size_t expansion_room;
};

struct conf_sources *conf_sources_new(struct conf_arena *arena)
{
    struct conf_sources *sources = conf_arena_alloc(arena, sizeof(*sources));

    sources->arena = arena;
    return sources;
}

static uint32_t count_lines(const char *text, size_t length)
{
    const char *end = text + length;
    uint32_t lines = 0;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));

        lines++;
        text = newline == NULL ? end : newline + 1;
    }
    return lines;
}

static const size_t *find_starts(struct conf_arena *arena, const char *text, size_t length, uint32_t lines)
{
    size_t *starts = conf_arena_alloc(arena, (lines + 1) * sizeof(*starts));
    size_t at = 0;
    uint32_t i;

    for (i = 0; i < lines; i++) {
        const char *newline = memchr(text + at, '\n', length - at);

        starts[i] = at;
        at = newline == NULL ? length : (size_t)(newline - text) + 1;
    }
    starts[lines] = length;
    return starts;
}

uint32_t conf_sources_add(struct conf_sources *sources, const char *name, const char *text, size_t length)
{
    struct source *source;

    sources->items =
        conf_arena_room(sources->arena, sources->items, sizeof(*source), sources->count, &sources->room);
    source = &sources->items[sources->count++];
    source->name = conf_arena_text(sources->arena, name, strlen(name));
    source->text = conf_arena_text(sources->arena, text, length);
    source->length = length;
    source->lines = count_lines(source->text, length);
    source->starts = find_starts(sources->arena, source->text, length, source->lines);
    return (uint32_t)sources->count;
}

uint32_t conf_sources_count(const struct conf_sources *sources)
{
    return (uint32_t)sources->count;
}

const char *conf_source_name(const struct conf_sources *sources, uint32_t source)
{
    return source == 0 || source > sources->count ? "configuration" : sources->items[source - 1].name;
}

bool conf_source_line(const struct conf_sources *sources, uint32_t source, uint32_t line, const char **text,
                      size_t *length)
{
    const struct source *item;
    size_t end;

    if (source == 0 || source > sources->count || line == 0)
        return false;
    item = &sources->items[source - 1];
    if (line > item->lines)
        return false;
    end = item->starts[line];
    *text = item->text + item->starts[line - 1];
    while (end > item->starts[line - 1] && (item->text[end - 1] == '\n' || item->text[end - 1] == '\r'))
        end--;
    *length = end - item->starts[line - 1];
    return true;
}

uint32_t conf_sources_expand(struct conf_sources *sources, const char *name, struct conf_position used_at)
{
    struct conf_expansion *expansion;

    sources->expansions = conf_arena_room(sources->arena, sources->expansions, sizeof(*expansion),
                                          sources->expansion_count, &sources->expansion_room);
    expansion = &sources->expansions[sources->expansion_count++];
    expansion->name = name;
    expansion->used_at = used_at;
    return (uint32_t)sources->expansion_count;
}

const struct conf_expansion *conf_source_expansion(const struct conf_sources *sources, uint32_t expansion)
{
    if (expansion == 0 || expansion > sources->expansion_count)
        return NULL;
    return &sources->expansions[expansion - 1];
}
