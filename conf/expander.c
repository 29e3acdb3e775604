/*
 * The expander: see expander.h.
 *
 * process() is the heart: it takes one stripped line and either uses it up (condition, definition, include)
 * or expands it until nothing is left to expand, then emits it. A definition of several lines and a sequence
 * make many lines of one, so it calls itself. Every expansion is recorded in the sources, which gives
 * messages their "in expansion of" and shows a definition that uses itself: its name is already in the chain.
 *
 * Both depth and work are limited, so that no text, however made, keeps the reader busy for long.
 */
#include "conf/expander.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/definitions.h"
#include "conf/include.h"
#include "conf/lexer.h"
#include "conf/sequence.h"
#include "conf/text.h"

#define DEPTH_MAX         100
#define INCLUDE_DEPTH_MAX 50
#define FILES_MAX         10000
#define LINE_BYTES_MAX    (1U << 20)
#define CHAIN_MAX         1000 /* definitions of definitions */
#define STEP_BYTES        64   /* what one expansion counts at least, however short its text */

/* A file that is being read; up is the one that includes it. */
struct file {
    const char *path;
    const struct file *up;
    struct conf_position included_at;
    unsigned int checks; /* of include_check */
    int depth;
    struct conf_line line; /* the one being read */
};

struct expander {
    const struct conf_expander_options *options;
    struct conf_arena *arena;
    struct conf_sources *sources;
    struct conf_diagnostics *diagnostics;
    struct conf_definitions *definitions;
    conf_line_sink *sink;
    void *context;
    struct file *file;
    struct conf_definition *open; /* a definition whose further lines follow */
    size_t text_bytes_max;
    size_t expanded; /* bytes that came out of definitions and sequences so far */
    size_t included; /* bytes of included files */
    bool exhausted;  /* a limit was hit and reported: stop */
    int depth;
    uint64_t random;
};

static void process(struct expander *expander, struct conf_line *line);

static struct conf_diagnostic *report(struct expander *expander, enum conf_severity severity,
                                      enum conf_problem problem, struct conf_position position, size_t width,
                                      const char *text)
{
    return conf_report(expander->diagnostics, severity, problem, position, width, "%s", text);
}

/* True if length more bytes may be made; reports once when they may not. */
static bool spend(struct expander *expander, size_t length, struct conf_position position)
{
    expander->expanded += length;
    if (!expander->exhausted && expander->expanded > expander->text_bytes_max) {
        expander->exhausted = true;
        conf_report(expander->diagnostics, CONF_REFUSAL, CONF_PROBLEM_DEFINITION, position, 1,
                    "definitions and sequences make more than %zu KiB of text",
                    expander->text_bytes_max >> 10);
    }
    return !expander->exhausted;
}

/* The same for a file: a few that include each other could be read very often. */
static bool spend_file(struct expander *expander, size_t length, struct conf_position position)
{
    expander->included += length;
    if (!expander->exhausted && expander->included > expander->text_bytes_max) {
        expander->exhausted = true;
        conf_report(expander->diagnostics, CONF_REFUSAL, CONF_PROBLEM_INCLUDE, position, 1,
                    "included files make more than %zu KiB of text", expander->text_bytes_max >> 10);
    }
    return !expander->exhausted;
}

static void strip(struct expander *expander, struct conf_line *line)
{
    if (conf_lexer_strip(line) == CONF_LEXER_OPEN_QUOTE) {
        const char *quote = strrchr(line->text, '"');
        size_t at = quote == NULL ? 0 : (size_t)(quote - line->text);

        report(expander, CONF_COMPLAINT, CONF_PROBLEM_TEXT, conf_line_position(line, at), 1,
               "this double quote is not closed on its line");
    }
}

/* ------------------------------------------------------------------ @id lines */

/* Removes "@id " if the line is meant for us; false if it is not. */
static bool condition_holds(struct expander *expander, struct conf_line *line)
{
    const char *id = expander->options->config_id;
    bool reverse = line->length > 1 && line->text[1] == '^';
    size_t start = reverse ? 2 : 1;
    size_t end = start;
    bool same;

    while (end < line->length && !conf_lexer_is_blank(line->text[end]))
        end++;
    if (end == line->length)
        return false;
    same = strlen(id) == end - start && strncmp(line->text + start, id, end - start) == 0;
    while (end < line->length && conf_lexer_is_blank(line->text[end]))
        end++;
    conf_line_cut(line, 0, end);
    return same != reverse;
}

/* ------------------------------------------------------------------ definitions */

/* If the line ends in a backslash, removes it and the blanks before it. */
static bool cut_continuation(struct conf_line *line)
{
    size_t end = line->length;

    if (end == 0 || line->text[end - 1] != '\\')
        return false;
    end--;
    while (end > 0 && conf_lexer_is_blank(line->text[end - 1]))
        end--;
    conf_line_cut(line, end, line->length - end);
    return true;
}

static void define(struct expander *expander, struct conf_line *line, size_t name_length, size_t value)
{
    struct conf_definition *definition;

    definition = conf_definition_set(expander->definitions, line->text + 1, name_length);
    definition->multiline = cut_continuation(line);
    if (value > line->length)
        value = line->length;
    conf_line_copy(&definition->body, line, value, line->length);
    if (definition->multiline)
        expander->open = definition;
}

/* Adds a line to the definition that is open; a line without backslash is its last. */
static void continue_definition(struct expander *expander, struct conf_line *line)
{
    struct conf_definition *definition = expander->open;
    struct conf_line separator = {0};

    if (!cut_continuation(line))
        expander->open = NULL;
    if (line->length == 0 || !spend(expander, line->length, conf_line_position(line, 0)))
        return;
    if (definition->body.length > 0) {
        conf_line_set(&separator, "\n", 1, conf_line_position(line, 0), true);
        conf_line_append(&definition->body, &separator);
        conf_line_free(&separator);
    }
    conf_line_append(&definition->body, line);
}

/* ------------------------------------------------------------------ predefined names */

static void directory_of(const char *path, char buffer[PATH_MAX])
{
    char absolute[PATH_MAX];
    char *slash;

    if (realpath(path, absolute) == NULL)
        snprintf(absolute, sizeof(absolute), "%s", path);
    slash = strrchr(absolute, '/');
    if (slash == NULL)
        snprintf(buffer, PATH_MAX, ".");
    else
        snprintf(buffer, PATH_MAX, "%.*s", slash == absolute ? 1 : (int)(slash - absolute), absolute);
}

static uint64_t next_random(struct expander *expander)
{
    expander->random ^= expander->random << 13;
    expander->random ^= expander->random >> 7;
    expander->random ^= expander->random << 17;
    return expander->random;
}

/* ${_RANDOM MIN MAX}: both optional, 0 and 32767. False if the parameters make no sense. */
static bool random_text(struct expander *expander, const char *parameters, char buffer[PATH_MAX])
{
    unsigned long low = 0;
    unsigned long high = 32767;
    char *end;

    if (*parameters != '\0') {
        low = strtoul(parameters, &end, 10);
        if (end == parameters)
            return false;
        parameters = end + strspn(end, " \t");
        if (*parameters != '\0') {
            high = strtoul(parameters, &end, 10);
            if (end == parameters || *end != '\0')
                return false;
        }
    }
    if (high < low || high - low == ULONG_MAX)
        return false;
    snprintf(buffer, PATH_MAX, "%lu", low + (unsigned long)(next_random(expander) % (high - low + 1)));
    return true;
}

static bool is_named(const struct conf_use *use, const char *name)
{
    return strlen(name) == use->name_length && strncmp(name, use->name, use->name_length) == 0;
}

/* The text of a predefined name; NULL if it is none or misused. buffer may hold the text. */
static const char *predefined(struct expander *expander, const struct conf_use *use, char buffer[PATH_MAX])
{
    char parameters[256];
    const char *value;

    snprintf(
        parameters, sizeof(parameters), "%.*s",
        (int)(use->parameters_length < sizeof(parameters) ? use->parameters_length : sizeof(parameters) - 1),
        use->parameters);
    if (is_named(use, "_RANDOM"))
        return random_text(expander, parameters, buffer) ? buffer : NULL;
    if (is_named(use, "_ENV") && parameters[0] != '\0') {
        value = expander->options->host->environment(expander->options->host->context, parameters);
        return value == NULL ? "" : value;
    }
    if (use->parameters_length > 0)
        return NULL;
    if (is_named(use, "_HASH"))
        return "#";
    if (is_named(use, "_BANG"))
        return "!";
    if (is_named(use, "_INSTANCE"))
        return expander->options->config_id;
    if (!is_named(use, "_PWD"))
        return NULL;
    directory_of(expander->file->path, buffer);
    return buffer;
}

/* ------------------------------------------------------------------ uses of definitions */

/* True if name is among the expansions that led to position: it would expand for ever. Also if there are so
 * many of them that nobody means it. */
static bool is_looping(struct expander *expander, const char *name, struct conf_position position,
                       size_t width)
{
    const struct conf_expansion *expansion = conf_source_expansion(expander->sources, position.expansion);
    struct conf_diagnostic *diagnostic;
    int steps = 0;

    for (; expansion != NULL && expansion->name != name && steps < CHAIN_MAX; steps++)
        expansion = conf_source_expansion(expander->sources, expansion->used_at.expansion);
    if (expansion == NULL)
        return false;
    if (expansion->name != name) {
        conf_report(expander->diagnostics, CONF_REFUSAL, CONF_PROBLEM_DEFINITION, position, width,
                    "definition %s is used within more than %d others", name, CHAIN_MAX);
        return true;
    }
    diagnostic = conf_report(expander->diagnostics, CONF_REFUSAL, CONF_PROBLEM_DEFINITION, position, width,
                             "definition %s uses itself", name);
    conf_diagnostic_relate(expander->diagnostics, diagnostic, expansion->used_at, "the loop begins here");
    return true;
}

static void report_unusable(struct expander *expander, const struct conf_line *line, size_t at,
                            const struct conf_use *use, const struct conf_definition *definition)
{
    if (definition != NULL) {
        conf_report(expander->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_DEFINITION,
                    conf_line_position(line, at), use->length,
                    definition->multiline
                        ? "%s has several lines, so it can only be used at the end of a line"
                        : "%s takes no parameters",
                    definition->name);
        return;
    }
    conf_report(expander->diagnostics, CONF_NOTE, CONF_PROBLEM_DEFINITION, conf_line_position(line, at),
                use->length, "'%.*s' is not defined; it is taken as written", (int)use->length,
                line->text + at);
}

/* What one look at the line did. */
enum outcome {
    OUTCOME_NOTHING, /* nothing to replace */
    OUTCOME_AGAIN,   /* replaced: look at the line from the start */
    OUTCOME_SPLIT,   /* replaced by several lines */
    OUTCOME_DROP,    /* the line is lost (reported) */
};

static enum outcome replace_use(struct expander *expander, struct conf_line *line, size_t at,
                                const struct conf_use *use, const struct conf_definition *definition)
{
    struct conf_position position = conf_line_position(line, at);

    if (is_looping(expander, definition->name, position, use->length))
        return OUTCOME_DROP;
    conf_line_replace(line, at, use->length, &definition->body,
                      conf_sources_expand(expander->sources, definition->name, position));
    if (!spend(expander, line->length + line->span_count * sizeof(*line->spans) + STEP_BYTES, position))
        return OUTCOME_DROP;
    return memchr(line->text, '\n', line->length) != NULL ? OUTCOME_SPLIT : OUTCOME_AGAIN;
}

/* Replaces the first use at or after *at; *at becomes where the search goes on. */
static enum outcome replace_next(struct expander *expander, struct conf_line *line, size_t *at)
{
    const struct conf_definition *definition;
    char buffer[PATH_MAX];
    struct conf_line made = {0};
    struct conf_use use;
    const char *value;
    const char *dollar;

    while (*at < line->length && (dollar = memchr(line->text + *at, '$', line->length - *at)) != NULL) {
        *at = (size_t)(dollar - line->text);
        if (!conf_definition_use(line->text, line->length, *at, &use)) {
            (*at)++;
            continue;
        }
        definition = conf_definition_find(expander->definitions, use.name, use.name_length);
        if (definition != NULL && use.parameters_length == 0 &&
            (!definition->multiline || *at + use.length == line->length))
            return replace_use(expander, line, *at, &use, definition);
        value = predefined(expander, &use, buffer);
        if (definition != NULL || value == NULL) {
            report_unusable(expander, line, *at, &use, definition);
            *at += use.length;
            continue;
        }
        if (!spend(expander, line->length + STEP_BYTES, conf_line_position(line, *at)))
            return OUTCOME_DROP;
        conf_line_set(&made, value, strlen(value), conf_line_position(line, *at), true);
        conf_line_replace(line, *at, use.length, &made, 0);
        conf_line_free(&made);
        *at += strlen(value);
    }
    return OUTCOME_NOTHING;
}

/* Hands each line of a text to process(). */
static void process_lines(struct expander *expander, const struct conf_line *lines)
{
    size_t start = 0;

    while (start <= lines->length && !expander->exhausted) {
        const char *newline = memchr(lines->text + start, '\n', lines->length - start);
        size_t end = newline == NULL ? lines->length : (size_t)(newline - lines->text);
        struct conf_line line = {0};

        conf_line_copy(&line, lines, start, end);
        conf_lexer_trim(&line);
        if (line.length > 0 && line.text[0] != '#' && line.text[0] != '!')
            process(expander, &line);
        conf_line_free(&line);
        start = end + 1;
    }
}

/* ------------------------------------------------------------------ sequences */

/* Replaces the definitions between the variable of a ~SEQ and its ')'. */
static void replace_arguments(struct expander *expander, struct conf_line *line)
{
    struct conf_line arguments = {0};
    size_t start;
    size_t end;
    size_t at = 0;
    int rounds = 0;

    if (!conf_sequence_arguments(line->text, line->length, &start, &end) ||
        memchr(line->text + start, '$', end - start) == NULL)
        return;
    conf_line_copy(&arguments, line, start, end);
    while (replace_next(expander, &arguments, &at) == OUTCOME_AGAIN && rounds++ < DEPTH_MAX)
        at = 0;
    conf_line_replace(line, start, end - start, &arguments, 0);
    conf_line_free(&arguments);
}

static void set_variable(struct expander *expander, const struct conf_line *line,
                         const struct conf_sequence_word *name, const char *value, size_t length,
                         struct conf_position position)
{
    struct conf_definition *definition =
        conf_definition_set(expander->definitions, line->text + name->start, name->length);

    conf_line_set(&definition->body, value, length, position, true);
}

static void run_round(struct expander *expander, const struct conf_line *line,
                      const struct conf_sequence *sequence)
{
    struct conf_line text = {0};

    conf_line_copy(&text, line, sequence->text, line->length);
    if (text.length > 0 && spend(expander, text.length + STEP_BYTES, conf_line_position(line, 0)))
        process(expander, &text);
    conf_line_free(&text);
}

static void run_numbers(struct expander *expander, const struct conf_line *line,
                        const struct conf_sequence *sequence)
{
    struct conf_position position = conf_line_position(line, 0);
    uint64_t rounds = conf_sequence_rounds(sequence);
    int64_t value = sequence->first;
    char text[32];

    for (uint64_t i = 0; i < rounds && spend(expander, STEP_BYTES, position); i++) {
        int length = snprintf(text, sizeof(text), sequence->hex ? "%lx" : "%ld", (long)value);

        set_variable(expander, line, &sequence->variables[0], text, (size_t)length, position);
        run_round(expander, line, sequence);
        if (i + 1 < rounds)
            value += sequence->step;
    }
}

static const char *run_list(struct expander *expander, const struct conf_line *line,
                            const struct conf_sequence *sequence)
{
    struct conf_sequence_word values[CONF_SEQUENCE_VARIABLES_MAX];
    size_t at = sequence->values_start;
    const char *why = NULL;
    int result;

    while ((result = conf_sequence_values(line->text, sequence, &at, values, &why)) > 0) {
        for (size_t i = 0; i < sequence->variable_count; i++)
            set_variable(expander, line, &sequence->variables[i], line->text + values[i].start,
                         values[i].length, conf_line_position(line, values[i].start));
        run_round(expander, line, sequence);
        if (expander->exhausted)
            break;
    }
    return result < 0 ? why : NULL;
}

static void run_sequence(struct expander *expander, struct conf_line *line)
{
    struct conf_position position = conf_line_position(line, 0);
    struct conf_sequence sequence;
    const char *why;

    replace_arguments(expander, line);
    why = conf_sequence_parse(line->text, line->length, &sequence);
    if (why == NULL && sequence.counts)
        run_numbers(expander, line, &sequence);
    else if (why == NULL)
        why = run_list(expander, line, &sequence);
    if (why != NULL)
        conf_report(expander->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_SEQUENCE, position,
                    conf_sequence_word(line->text, line->length), "not a good sequence: %s", why);
}

/* ------------------------------------------------------------------ includes */

static void read_file(struct expander *expander, const char *path, struct conf_position included_at,
                      enum conf_severity severity);

static bool is_being_read(struct expander *expander, const char *path, struct conf_position position)
{
    const struct file *file = expander->file;
    struct conf_diagnostic *diagnostic;

    while (file != NULL && strcmp(file->path, path) != 0)
        file = file->up;
    if (file == NULL && (expander->file == NULL || expander->file->depth < INCLUDE_DEPTH_MAX))
        return false;
    diagnostic =
        conf_report(expander->diagnostics, CONF_REFUSAL, CONF_PROBLEM_INCLUDE, position, 1,
                    file != NULL ? "'%s' includes itself" : "'%s': includes are nested too deep", path);
    for (const struct file *step = expander->file; step != NULL && step->up != NULL; step = step->up) {
        conf_diagnostic_relate(expander->diagnostics, diagnostic, step->included_at, "included from here");
        if (step == file)
            break;
    }
    return true;
}

static const char *missing_words(unsigned int missing)
{
    if ((missing & CONF_INCLUDE_BRACE) != 0)
        return "an alternative of this pattern matches no file";
    if ((missing & CONF_INCLUDE_WILDCARD) != 0)
        return "no file matches this pattern";
    return "there is no such file";
}

static void include(struct expander *expander, const struct conf_line *line, unsigned int checks, size_t at)
{
    struct conf_position position = conf_line_position(line, at);
    enum conf_severity severity;
    struct conf_include found;
    char directory[PATH_MAX];
    size_t end;

    if (at == line->length) {
        report(expander, CONF_REFUSAL, CONF_PROBLEM_ARGUMENT, conf_line_position(line, 0), line->length,
               "include needs the name of a file or a pattern");
        return;
    }
    checks |= expander->file->checks;
    end = strlen(expander->file->path);
    while (end > 0 && expander->file->path[end - 1] != '/')
        end--;
    snprintf(directory, sizeof(directory), "%.*s", (int)end, expander->file->path);
    conf_include_find(expander->options->host, directory, line->text + at, &found);
    if (found.error != 0)
        conf_report(expander->diagnostics, CONF_COMPLAINT, CONF_PROBLEM_INCLUDE, position, line->length - at,
                    "the files of this pattern cannot be listed: %s", strerror(found.error));
    if (found.missing != 0) {
        severity = (found.missing & checks) != 0 ? CONF_REFUSAL : CONF_NOTE;
        report(expander, severity, CONF_PROBLEM_INCLUDE, position, line->length - at,
               missing_words(found.missing));
    }
    severity = (checks & CONF_INCLUDE_READ) != 0 ? CONF_REFUSAL : CONF_COMPLAINT;
    for (size_t i = 0; i < found.paths.count && !expander->exhausted; i++) {
        if (!is_being_read(expander, found.paths.items[i], position))
            read_file(expander, found.paths.items[i], position, severity);
    }
    conf_include_free(&found);
}

/* ------------------------------------------------------------------ the line that is left */

/* include_check and random_seed work while the text is read, so they are seen here as well as in the tree. */
static void obey_directive(struct expander *expander, const struct conf_line *line)
{
    const char *words[8] = {0};
    char *text = strdup(line->text);
    size_t count = 0;
    size_t wrong;
    char *rest = text;
    char *word;

    if (text == NULL)
        abort();
    while (count < 8 && (word = strsep(&rest, " \t")) != NULL) {
        if (*word != '\0')
            words[count++] = word;
    }
    if (strcmp(words[0], "random_seed") == 0 && count == 2)
        expander->random = strtoul(words[1], NULL, 10) * 2 + 1;
    else if (strcmp(words[0], "include_check") == 0)
        conf_include_check_words(words + 1, count - 1, &expander->file->checks, &wrong);
    free(text);
}

static void emit(struct expander *expander, const struct conf_line *line)
{
    unsigned int checks;
    size_t pattern;

    if (conf_include_line(line->text, line->length, &checks, &pattern)) {
        include(expander, line, checks, pattern);
        return;
    }
    if (strncmp(line->text, "include_check", 13) == 0 || strncmp(line->text, "random_seed ", 12) == 0)
        obey_directive(expander, line);
    expander->sink(expander->context, line);
}

/* Replaces uses until none is left; a line that becomes several lines goes to process_lines(). */
static enum outcome expand_uses(struct expander *expander, struct conf_line *line)
{
    enum outcome outcome;
    size_t at = 0;

    for (;;) {
        outcome = replace_next(expander, line, &at);
        if (outcome == OUTCOME_SPLIT) {
            process_lines(expander, line);
            return OUTCOME_SPLIT;
        }
        if (outcome != OUTCOME_AGAIN)
            return outcome;
        if (line->length > LINE_BYTES_MAX) {
            report(expander, CONF_REFUSAL, CONF_PROBLEM_DEFINITION, conf_line_position(line, 0), 1,
                   "definitions make this line longer than 1 MiB");
            return OUTCOME_DROP;
        }
        /* The new text may bring a condition, a sequence or a comment of its own. */
        conf_lexer_trim(line);
        if (line->length == 0 || line->text[0] == '#' || line->text[0] == '!')
            return OUTCOME_DROP;
        if (line->text[0] == '@' || line->text[0] == '~')
            return OUTCOME_AGAIN;
        at = at > line->length ? line->length : at;
    }
}

static void process_once(struct expander *expander, struct conf_line *line)
{
    size_t name_length;
    size_t value;

    for (;;) {
        if (line->text[0] == '@' && !condition_holds(expander, line))
            return;
        if (line->length == 0)
            return;
        name_length = conf_definition_head(line->text, line->length, &value);
        if (name_length > 0) {
            define(expander, line, name_length, value);
            return;
        }
        if (line->text[0] == '~' && conf_sequence_word(line->text, line->length) > 0) {
            run_sequence(expander, line);
            return;
        }
        switch (expand_uses(expander, line)) {
        case OUTCOME_NOTHING:
            /* ${_HASH} at the start of a line is how some switch lines off. */
            if (line->text[0] != '#' && line->text[0] != '!')
                emit(expander, line);
            return;
        case OUTCOME_AGAIN:
            break;
        case OUTCOME_SPLIT:
        case OUTCOME_DROP:
            return;
        }
    }
}

static void process(struct expander *expander, struct conf_line *line)
{
    if (expander->exhausted)
        return;
    if (expander->open != NULL) {
        continue_definition(expander, line);
        return;
    }
    if (expander->depth == DEPTH_MAX) {
        expander->exhausted = true;
        report(expander, CONF_REFUSAL, CONF_PROBLEM_DEFINITION, conf_line_position(line, 0), line->length,
               "definitions and sequences are nested too deep");
        return;
    }
    expander->depth++;
    process_once(expander, line);
    expander->depth--;
}

/* ------------------------------------------------------------------ files */

static bool may_be_directive(const char *text)
{
    return text[0] == '@' || text[0] == '~' || (text[0] == 'i' && strncmp(text, "include", 7) == 0) ||
           (text[0] == 'r' && strncmp(text, "random_seed", 11) == 0);
}

/* The text may be written to, but keeps its length; its end is terminated or the end of a line. */
static void take_simple(struct expander *expander, char *text, size_t length, struct conf_position position)
{
    struct conf_span span = {.position = position};
    struct conf_line line = {.text = text, .spans = &span, .span_count = 1, .plain = true};

    while (conf_lexer_is_blank(text[length - 1]))
        length--;
    text[length] = '\0';
    line.length = length;
    expander->sink(expander->context, &line);
}

static void read_line(struct expander *expander, const struct conf_text_line *read,
                      struct conf_position position)
{
    size_t blanks = conf_lexer_pass_blanks(read->text, read->length, 0), length = read->length - blanks;
    struct conf_line *line = &expander->file->line;
    char *text = read->text + blanks;

    if (read->length == 0)
        expander->open = NULL;
    if (length == 0)
        return;
    if (!read->plain && memchr(text, '\0', length) != NULL) {
        report(expander, CONF_COMPLAINT, CONF_PROBLEM_TEXT, position, read->length,
               "this line contains a NUL byte and is ignored");
        return;
    }
    position.column += (uint32_t)blanks;
    if (read->plain && expander->open == NULL && !may_be_directive(text)) {
        take_simple(expander, text, length, position);
        return;
    }
    conf_line_set(line, text, length, position, false);
    strip(expander, line);
    if (line->length > 0)
        process(expander, line);
}

static const char *read_failure(int error)
{
    if (error == EISDIR)
        return "it is not a regular file";
    if (error == ENOEXEC)
        return "it is executable, so hardly a configuration";
    return strerror(error);
}

/* A byte order mark is not part of the first word. */
static void pass_mark(struct conf_text_line *line)
{
    if (line->length >= 3 && memcmp(line->text, "\xef\xbb\xbf", 3) == 0) {
        line->text += 3;
        line->length -= 3;
    }
}

static void read_text(struct expander *expander, struct conf_text *text, uint32_t source)
{
    struct conf_position position = {.source = source, .line = 1, .column = 1};
    struct conf_text_line line;

    for (; !expander->exhausted && conf_text_next(text, &line); position.line++) {
        if (position.line == 1)
            pass_mark(&line);
        read_line(expander, &line, position);
    }
    expander->open = NULL;
}

static void report_unread(struct expander *expander, enum conf_severity severity, const char *path,
                          struct conf_position included_at, int error)
{
    conf_report(expander->diagnostics, severity, CONF_PROBLEM_FILE, included_at, 1, "'%s' cannot be read: %s",
                path, read_failure(error));
}

/* False if there may not be another one; reported. */
static bool may_read(struct expander *expander, const struct file *file, size_t length, uint32_t *source)
{
    if (file->up != NULL && !spend_file(expander, length + STEP_BYTES, file->included_at))
        return false;
    *source = conf_sources_add(expander->sources, file->path, length);
    if (*source <= FILES_MAX)
        return true;
    expander->exhausted = true;
    conf_report(expander->diagnostics, CONF_REFUSAL, CONF_PROBLEM_INCLUDE, file->included_at, 1,
                "more than %d files are included", FILES_MAX);
    return false;
}

static void read_file(struct expander *expander, const char *path, struct conf_position included_at,
                      enum conf_severity severity)
{
    struct file file = {.path = path, .up = expander->file, .included_at = included_at};
    struct conf_text text;
    size_t length = 0;
    uint32_t source;
    int error;

    if (!conf_text_open(&text, expander->options->host, path, &length)) {
        report_unread(expander, severity, path, included_at, errno);
        return;
    }
    if (file.up != NULL) {
        file.depth = file.up->depth + 1;
        file.checks = file.up->checks;
    } else if (expander->options->check_all_includes) {
        file.checks = CONF_INCLUDE_ALL;
    }
    if (may_read(expander, &file, length, &source)) {
        expander->file = &file;
        read_text(expander, &text, source);
        expander->file = (struct file *)(uintptr_t)file.up;
        conf_line_free(&file.line);
    }
    error = conf_text_close(&text);
    if (error != 0) /* what has been read of it is half a file */
        report_unread(expander, CONF_REFUSAL, path, included_at, error);
}

void conf_expand(const struct conf_expander_options *options, struct conf_arena *arena,
                 struct conf_sources *sources, struct conf_diagnostics *diagnostics, conf_line_sink *sink,
                 void *context)
{
    struct expander expander = {
        .options = options,
        .arena = arena,
        .sources = sources,
        .diagnostics = diagnostics,
        .definitions = conf_definitions_new(arena),
        .sink = sink,
        .context = context,
        .random = (uint64_t)time(NULL) * 2 + 1,
        .text_bytes_max = options->text_bytes_max != 0 ? options->text_bytes_max : CONF_TEXT_BYTES_MAX,
    };
    struct conf_position nowhere = {0};
    struct conf_include found;

    conf_include_find(options->host, "", options->path, &found);
    if (found.paths.count == 0)
        conf_report(diagnostics, CONF_REFUSAL, CONF_PROBLEM_FILE, nowhere, 1,
                    "there is no configuration file '%s'", options->path);
    if (found.paths.count > 1)
        conf_report(diagnostics, CONF_COMPLAINT, CONF_PROBLEM_FILE, nowhere, 1,
                    "'%s' matches %zu files; all are read, '%s' first", options->path, found.paths.count,
                    found.paths.items[0]);
    for (size_t i = 0; i < found.paths.count; i++)
        read_file(&expander, found.paths.items[i], nowhere, CONF_REFUSAL);
    conf_include_free(&found);
    conf_definitions_free(expander.definitions);
}
