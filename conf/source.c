/*
 * Texts and positions: see source.h.
 */
#include "conf/source.h"

#include <stdlib.h>
#include <string.h>

struct source {
    const char *name;
    const char *text; /* NULL while nobody asks for it */
    size_t length;
    bool lost;     /* it cannot be read any more, or has changed */
    uint32_t line; /* the line looked at last, and where it begins: they are mostly asked for in order */
    size_t begins_at;
    uint32_t measured; /* the line of which .ends_at is the end; 0 = none */
    size_t ends_at;
};

struct conf_sources {
    struct conf_arena *arena;
    const struct conf_host *host;
    struct source *items;
    size_t count;
    size_t room;
    struct conf_expansion *expansions;
    size_t expansion_count;
    size_t expansion_room;
};

struct conf_sources *conf_sources_new(struct conf_arena *arena, const struct conf_host *host)
{
    struct conf_sources *sources = conf_arena_alloc(arena, sizeof(*sources));

    sources->arena = arena;
    sources->host = host;
    return sources;
}

uint32_t conf_sources_add(struct conf_sources *sources, const char *name, size_t length)
{
    struct source *source;

    sources->items =
        conf_arena_room(sources->arena, sources->items, sizeof(*source), sources->count, &sources->room);
    source = &sources->items[sources->count++];
    source->name = conf_arena_text(sources->arena, name, strlen(name));
    source->length = length;
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

/* The text once more. False if it cannot be had, or is another one by now. */
static bool read_again(const struct conf_sources *sources, struct source *source)
{
    size_t length = 0;
    char *text;

    if (source->text != NULL || source->lost)
        return !source->lost;
    text = sources->host->read_file(sources->host->context, source->name, &length);
    source->lost = text == NULL || length != source->length;
    if (!source->lost)
        source->text = conf_arena_text(sources->arena, text, length);
    free(text);
    source->line = 1;
    source->begins_at = 0;
    return !source->lost;
}

static size_t end_of_line(const struct source *source, size_t at)
{
    const char *newline = memchr(source->text + at, '\n', source->length - at);

    return newline == NULL ? source->length : (size_t)(newline - source->text);
}

bool conf_source_line(const struct conf_sources *sources, uint32_t number, uint32_t line, const char **text,
                      size_t *length)
{
    struct source *source;
    size_t end;

    if (number == 0 || number > sources->count || line == 0)
        return false;
    source = &sources->items[number - 1];
    if (!read_again(sources, source))
        return false;
    if (line < source->line) {
        source->line = 1;
        source->begins_at = 0;
    }
    for (; source->begins_at < source->length && source->line < line; source->line++)
        source->begins_at = end_of_line(source, source->begins_at) + 1;
    if (source->begins_at >= source->length)
        return false;
    if (source->measured != line) { /* problems come many to a line, and lines may be long */
        source->measured = line;
        source->ends_at = end_of_line(source, source->begins_at);
    }
    end = source->ends_at;
    while (end > source->begins_at && source->text[end - 1] == '\r')
        end--;
    *text = source->text + source->begins_at;
    *length = end - source->begins_at;
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
