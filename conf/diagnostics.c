/*
 * Diagnostics: see diagnostics.h.
 */
#include "conf/diagnostics.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIAGNOSTICS_MAX 2000
#define NOTES_MAX       1000 /* of them: a complaint is not crowded out by notes */
#define REFUSALS_MORE   100  /* and a refusal by neither */

/* Words longer than this are not looked up for a suggestion. */
#define WORD_MAX 40

struct conf_diagnostics {
    struct conf_arena *arena;
    const struct conf_sources *sources;
    struct conf_diagnostic **items;
    size_t count;
    size_t room;
    size_t totals[CONF_REFUSAL + 1];
    struct conf_diagnostic dropped; /* what the callers of the dropped ones refine */
};

struct conf_diagnostics *conf_diagnostics_new(struct conf_arena *arena, const struct conf_sources *sources)
{
    struct conf_diagnostics *diagnostics = conf_arena_alloc(arena, sizeof(*diagnostics));

    diagnostics->arena = arena;
    diagnostics->sources = sources;
    return diagnostics;
}

__attribute__((format(printf, 2, 0))) static const char *format_text(struct conf_arena *arena,
                                                                     const char *format, va_list arguments)
{
    char *text = NULL;
    int length = vasprintf(&text, format, arguments);
    const char *copy;

    if (length < 0)
        return "out of memory";
    copy = conf_arena_text(arena, text, (size_t)length);
    free(text);
    return copy;
}

static struct conf_diagnostic *add_item(struct conf_diagnostics *diagnostics)
{
    struct conf_diagnostic *item = conf_arena_alloc(diagnostics->arena, sizeof(*item));

    diagnostics->items = conf_arena_room(diagnostics->arena, diagnostics->items, sizeof(*diagnostics->items),
                                         diagnostics->count, &diagnostics->room);
    item->order = (uint32_t)diagnostics->count;
    diagnostics->items[diagnostics->count++] = item;
    return item;
}

/* How many more of that severity are listed, the one that has just been counted included. The last says that
 * there are more. */
static size_t places_left(const struct conf_diagnostics *diagnostics, enum conf_severity severity)
{
    size_t most = DIAGNOSTICS_MAX + 1 + (severity == CONF_REFUSAL ? REFUSALS_MORE : 0);
    size_t left = diagnostics->count < most ? most - diagnostics->count : 0;
    size_t notes = diagnostics->totals[CONF_NOTE];

    if (severity != CONF_NOTE)
        return left;
    if (notes > NOTES_MAX + 1)
        return 0;
    return NOTES_MAX + 2 - notes < left ? NOTES_MAX + 2 - notes : left;
}

struct conf_diagnostic *conf_report_list(struct conf_diagnostics *diagnostics, enum conf_severity severity,
                                         enum conf_problem problem, struct conf_position position,
                                         size_t width, const char *format, va_list arguments)
{
    struct conf_diagnostic *item = &diagnostics->dropped;
    size_t left;

    diagnostics->totals[severity]++;
    memset(item, 0, sizeof(*item));
    left = places_left(diagnostics, severity);
    if (left == 0)
        return item;
    item = add_item(diagnostics);
    item->severity = severity;
    item->position = position;
    item->width = width == 0 ? 1 : (uint32_t)width;
    if (left == 1) {
        item->problem = CONF_PROBLEM_TOO_MANY;
        item->text = severity == CONF_NOTE ? "too many notes: the rest of them is only counted"
                                           : "too many problems: the rest of them is only counted";
        return &diagnostics->dropped;
    }
    item->problem = problem;
    item->text = format_text(diagnostics->arena, format, arguments);
    return item;
}

struct conf_diagnostic *conf_report(struct conf_diagnostics *diagnostics, enum conf_severity severity,
                                    enum conf_problem problem, struct conf_position position, size_t width,
                                    const char *format, ...)
{
    struct conf_diagnostic *item;
    va_list arguments;

    va_start(arguments, format);
    item = conf_report_list(diagnostics, severity, problem, position, width, format, arguments);
    va_end(arguments);
    return item;
}

void conf_diagnostic_expect(struct conf_diagnostics *diagnostics, struct conf_diagnostic *diagnostic,
                            const char *format, ...)
{
    va_list arguments;

    if (diagnostic == &diagnostics->dropped)
        return;
    va_start(arguments, format);
    diagnostic->expected = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);
}

void conf_diagnostic_advise(struct conf_diagnostics *diagnostics, struct conf_diagnostic *diagnostic,
                            const char *format, ...)
{
    va_list arguments;

    if (diagnostic == &diagnostics->dropped)
        return;
    va_start(arguments, format);
    diagnostic->advice = format_text(diagnostics->arena, format, arguments);
    va_end(arguments);
}

void conf_diagnostic_relate(struct conf_diagnostics *diagnostics, struct conf_diagnostic *diagnostic,
                            struct conf_position position, const char *text)
{
    struct conf_related *related;

    if (diagnostic == &diagnostics->dropped || diagnostic->related_count == CONF_RELATED_MAX)
        return;
    related = &diagnostic->related[diagnostic->related_count++];
    related->position = position;
    related->text = text;
}

/* ------------------------------------------------------------------ the nearest word */

static unsigned int least(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap of neighbours) that turn one word into the other; more than most, if it
 * takes more than that. */
static unsigned int edit_distance(const char *one, size_t one_length, const char *other, size_t other_length,
                                  unsigned int most)
{
    unsigned int rows[3][WORD_MAX + 1], nearest = 0, nearest_above;

    for (size_t j = 0; j <= other_length; j++)
        rows[0][j] = (unsigned int)j;
    for (size_t i = 1; i <= one_length; i++) {
        unsigned int *row = rows[i % 3];
        const unsigned int *above = rows[(i - 1) % 3];

        nearest_above = nearest;
        row[0] = nearest = (unsigned int)i;
        for (size_t j = 1; j <= other_length; j++) {
            unsigned int cost = one[i - 1] == other[j - 1] ? 0 : 1;

            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                row[j] = least(row[j], rows[(i - 2) % 3][j - 2] + 1);
            nearest = least(nearest, row[j]);
        }
        if (nearest > most && nearest_above > most)
            return nearest; /* what follows only adds to one of the two */
    }
    return rows[one_length % 3][other_length];
}

void conf_diagnostic_suggest(struct conf_diagnostics *diagnostics, struct conf_diagnostic *diagnostic,
                             const struct conf_suggestion *suggestion)
{
    if (diagnostic != &diagnostics->dropped && suggestion->best != NULL)
        diagnostic->suggestion =
            conf_arena_text(diagnostics->arena, suggestion->best, strlen(suggestion->best));
}

struct conf_suggestion conf_suggestion_begin(const struct conf_diagnostics *diagnostics, const char *written)
{
    return (struct conf_suggestion){.written = diagnostics->count > DIAGNOSTICS_MAX ? "" : written};
}

void conf_suggestion_offer(struct conf_suggestion *suggestion, const char *word)
{
    size_t written_length = strlen(suggestion->written);
    size_t word_length = strlen(word);
    unsigned int allowed = 1 + (unsigned int)written_length / 4, distance;

    if (written_length > WORD_MAX || word_length > WORD_MAX || written_length < 2)
        return;
    if (word_length > written_length + allowed || written_length > word_length + allowed)
        return; /* that many letters are missing or too many */
    distance = edit_distance(suggestion->written, written_length, word, word_length, allowed);
    if (strcasecmp(suggestion->written, word) == 0)
        distance = 1;
    if (distance > allowed)
        return;
    if (suggestion->best == NULL || distance < suggestion->distance) {
        suggestion->best = word;
        suggestion->distance = distance;
    }
}

/* ------------------------------------------------------------------ reading them */

size_t conf_diagnostics_count(const struct conf_diagnostics *diagnostics)
{
    return diagnostics->count;
}

const struct conf_diagnostic *conf_diagnostics_item(const struct conf_diagnostics *diagnostics, size_t index)
{
    return diagnostics->items[index];
}

size_t conf_diagnostics_total(const struct conf_diagnostics *diagnostics, enum conf_severity severity)
{
    return diagnostics->totals[severity];
}

struct conf_diagnostic *conf_diagnostics_complaint_at(const struct conf_diagnostics *diagnostics,
                                                      struct conf_position position)
{
    for (size_t i = diagnostics->count; i > 0; i--) {
        struct conf_diagnostic *item = diagnostics->items[i - 1];

        if (item->severity != CONF_NOTE && item->position.source == position.source &&
            item->position.line == position.line && item->position.column == position.column &&
            item->position.expansion == position.expansion)
            return item;
    }
    return NULL;
}

const char *conf_severity_word(enum conf_severity severity)
{
    switch (severity) {
    case CONF_NOTE:
        return "note";
    case CONF_COMPLAINT:
        return "warning";
    case CONF_REFUSAL:
        return "error";
    }
    return "error";
}

static void print_place(const struct conf_sources *sources, struct conf_position position, FILE *stream)
{
    if (position.line == 0)
        fputs(conf_source_name(sources, position.source), stream);
    else
        fprintf(stream, "%s:%u:%u", conf_source_name(sources, position.source), position.line,
                position.column);
}

/* Control characters of a source line, but not its tabs, would disturb a terminal. */
static void print_line(const char *text, size_t length, FILE *stream)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];

        fputc(byte == '\t' || (byte >= 0x20 && byte != 0x7f) ? byte : '?', stream);
    }
    fputc('\n', stream);
}

#define SHOWN_BYTES  400 /* of a line that is longer than that */
#define SHOWN_BEFORE 200 /* the place in question */

/* Of a very long line only what is around the column. */
static void cut_around(const char **text, size_t *length, size_t *column)
{
    size_t skipped = *column > SHOWN_BEFORE ? *column - SHOWN_BEFORE : 0;

    if (*length <= SHOWN_BYTES)
        return;
    *text += skipped;
    *length -= skipped;
    *column -= skipped;
    if (*length > SHOWN_BYTES)
        *length = SHOWN_BYTES;
}

static void print_source(const struct conf_sources *sources, struct conf_position position, uint32_t width,
                         FILE *stream)
{
    const char *text;
    size_t length;
    size_t column;

    if (!conf_source_line(sources, position.source, position.line, &text, &length))
        return;
    column = position.column == 0 ? 0 : position.column - 1;
    if (column > length)
        column = length;
    cut_around(&text, &length, &column);
    fputs("    ", stream);
    print_line(text, length, stream);
    fputs("    ", stream);
    for (size_t i = 0; i < column; i++)
        fputc(text[i] == '\t' ? '\t' : ' ', stream);
    fputc('^', stream);
    for (size_t i = 1; i < width && column + i < length; i++)
        fputc('~', stream);
    fputc('\n', stream);
}

/* Newest use first: "in expansion of $VI, used at FILE:LINE:COLUMN". */
static void print_expansions(const struct conf_sources *sources, uint32_t number, FILE *stream)
{
    const struct conf_expansion *expansion;
    int shown = 0;

    while ((expansion = conf_source_expansion(sources, number)) != NULL && shown++ < 8) {
        fprintf(stream, "    in expansion of %s, used at ", expansion->name);
        print_place(sources, expansion->used_at, stream);
        fputc('\n', stream);
        number = expansion->used_at.expansion;
    }
}

static void print_head(const struct conf_sources *sources, const struct conf_diagnostic *item, FILE *stream)
{
    print_place(sources, item->position, stream);
    fprintf(stream, ": %s: %s", conf_severity_word(item->severity), item->text);
}

static void print_item(const struct conf_sources *sources, const struct conf_diagnostic *item, FILE *stream)
{
    print_head(sources, item, stream);
    fputc('\n', stream);
    print_source(sources, item->position, item->width, stream);
    if (item->expected != NULL)
        fprintf(stream, "    expected %s\n", item->expected);
    if (item->suggestion != NULL)
        fprintf(stream, "    did you mean '%s'?\n", item->suggestion);
    if (item->advice != NULL)
        fprintf(stream, "    %s\n", item->advice);
    print_expansions(sources, item->position.expansion, stream);
    for (uint32_t i = 0; i < item->related_count; i++) {
        fputs("    ", stream);
        print_place(sources, item->related[i].position, stream);
        fprintf(stream, ": %s\n", item->related[i].text);
    }
}

/* Where it stands in the main text: the outermost use of an expansion. */
static struct conf_position outermost(const struct conf_sources *sources, struct conf_position position)
{
    const struct conf_expansion *expansion;

    while ((expansion = conf_source_expansion(sources, position.expansion)) != NULL)
        position = expansion->used_at;
    return position;
}

static int compare_items(const void *left, const void *right, void *context)
{
    const struct conf_diagnostic *const *a = left;
    const struct conf_diagnostic *const *b = right;
    struct conf_position one = outermost(context, (*a)->position);
    struct conf_position other = outermost(context, (*b)->position);

    if (one.source != other.source)
        return one.source < other.source ? -1 : 1;
    if (one.line != other.line)
        return one.line < other.line ? -1 : 1;
    if (one.column != other.column)
        return one.column < other.column ? -1 : 1;
    return (*a)->order < (*b)->order ? -1 : 1;
}

void conf_diagnostics_sort(struct conf_diagnostics *diagnostics)
{
    if (diagnostics->count > 0)
        qsort_r(diagnostics->items, diagnostics->count, sizeof(*diagnostics->items), compare_items,
                (void *)(uintptr_t)diagnostics->sources);
}

static void print_first(const struct conf_diagnostics *diagnostics, enum conf_severity severity, FILE *stream)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        if (diagnostics->items[i]->severity != severity)
            continue;
        print_head(diagnostics->sources, diagnostics->items[i], stream);
        return;
    }
}

void conf_diagnostics_first(struct conf_diagnostics *diagnostics, enum conf_severity severity, char *buffer,
                            size_t size)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);

    buffer[0] = '\0';
    if (stream == NULL)
        return;
    conf_diagnostics_sort(diagnostics);
    print_first(diagnostics, severity, stream);
    if (fclose(stream) == 0 && snprintf(buffer, size, "%s", text) >= (int)size)
        strcpy(buffer + size - 4, "...");
    free(text);
}

void conf_diagnostics_print(struct conf_diagnostics *diagnostics, FILE *stream)
{
    conf_diagnostics_sort(diagnostics);
    for (size_t i = 0; i < diagnostics->count; i++)
        print_item(diagnostics->sources, diagnostics->items[i], stream);
}
