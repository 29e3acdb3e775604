/*
 * Reading the manual. See manual.h. Of mdoc(7) it knows what the page uses.
 */
#include "manual.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 8

/* What is being read. */
struct reading {
    struct manual *manual;
    size_t line;
    unsigned int section;
    bool wanted;            /* the section describes keywords */
    bool after_example;     /* the line before was "Example:" */
    unsigned int depth;     /* of lists */
    size_t open[DEPTH_MAX]; /* the entry of each, counted from 1; 0 = none */
    bool literal;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static void append(char **text, const char *line)
{
    size_t length = *text == NULL ? 0 : strlen(*text);

    *text = must(realloc(*text, length + strlen(line) + 2));
    snprintf(*text + length, strlen(line) + 2, "%s\n", line);
}

/* In place: "\-" is "-", "\e" a backslash, "\(dq" a quote, "\&" nothing. */
static void resolve(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\\') {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from == 'e')
            *to++ = '\\';
        else if (strncmp(from, "(dq", 3) == 0)
            *to++ = '"', from += 2;
        else if (*from != '&')
            *to++ = *from;
    }
    *to = '\0';
}

static bool begins(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* ------------------------------------------------------------------ headings */

static bool is_macro(const char *word)
{
    return strlen(word) == 2 && isupper((unsigned char)word[0]) && islower((unsigned char)word[1]);
}

/* The keywords of ".It Cm a , b Ar x , Cm c Op Cm d": a, b and c. In each part between commas they are what
 * the first Cm has. */
static char *names_of(const char *heading)
{
    char *copy = must(strdup(heading)), *rest = copy, *names = must(calloc(1, strlen(heading) + 3)), *word;
    bool in_names = false, had_names = false;

    strcat(names, " ");
    strsep(&rest, " ");
    while ((word = strsep(&rest, " ")) != NULL) {
        if (strcmp(word, ",") == 0) {
            had_names = false;
        } else if (is_macro(word)) {
            had_names = had_names || in_names;
            in_names = strcmp(word, "Cm") == 0 && !had_names;
        } else if (in_names) {
            strcat(strcat(names, word), " ");
        }
    }
    free(copy);
    return names;
}

/* ------------------------------------------------------------------ line by line */

static void begin_entry(struct reading *reading, const char *heading)
{
    struct manual *manual = reading->manual;

    if (!reading->wanted || reading->depth == 0)
        return;
    manual->entries = must(realloc(manual->entries, (manual->entry_count + 1) * sizeof(*manual->entries)));
    manual->entries[manual->entry_count++] =
        (struct manual_entry){.names = names_of(heading), .line = reading->line, .section = reading->section};
    reading->open[reading->depth - 1] = manual->entry_count;
}

static void begin_example(struct reading *reading, const char *first_line)
{
    struct manual *manual = reading->manual;

    if (!reading->wanted)
        return;
    manual->examples =
        must(realloc(manual->examples, (manual->example_count + 1) * sizeof(*manual->examples)));
    manual->examples[manual->example_count++] =
        (struct manual_example){.text = must(strdup("")), .line = reading->line, .section = reading->section};
    if (first_line != NULL)
        append(&manual->examples[manual->example_count - 1].text, first_line);
}

static void begin_section(struct reading *reading, const char *line)
{
    reading->section++;
    if (begins(line, ".Sh GLOBAL SETTINGS"))
        reading->wanted = true;
    if (begins(line, ".Sh FINDINGS") || begins(line, ".Sh NOT BUILT YET"))
        reading->wanted = false;
    if (begins(line, ".Sh ACCEPTED WITHOUT EFFECT"))
        reading->wanted = true;
}

static void read_list(struct reading *reading, const char *line)
{
    if (begins(line, ".Bl") && reading->depth < DEPTH_MAX)
        reading->open[reading->depth++] = 0;
    else if (begins(line, ".El") && reading->depth > 0)
        reading->depth--;
    else if (begins(line, ".It"))
        begin_entry(reading, line);
}

static void read_example(struct reading *reading, const char *line)
{
    if (begins(line, ".Bd -literal")) {
        reading->literal = true;
        begin_example(reading, NULL);
    } else if (begins(line, ".Dl ")) {
        begin_example(reading, line + 4);
    } else if (begins(line, ".Li ") && reading->after_example) {
        begin_example(reading, line + 4);
    }
    reading->after_example = strcmp(line, "Example:") == 0;
}

static void read_line(struct reading *reading, const char *line)
{
    struct manual *manual = reading->manual;

    reading->line++;
    if (begins(line, ".Ed"))
        reading->literal = false;
    if (reading->literal) {
        if (reading->wanted)
            append(&manual->examples[manual->example_count - 1].text, line);
        return;
    }
    if (begins(line, ".Sh") || begins(line, ".Ss"))
        begin_section(reading, line);
    read_list(reading, line);
    read_example(reading, line);
    for (unsigned int i = 0; i < reading->depth; i++) {
        if (reading->open[i] > 0)
            append(&manual->entries[reading->open[i] - 1].text, line);
    }
}

struct manual *manual_read(const char *source)
{
    struct reading reading = {.manual = must(calloc(1, sizeof(struct manual)))};
    char *copy, *rest, *line;

    reading.manual->text = must(strdup(source));
    resolve(reading.manual->text);
    rest = copy = must(strdup(reading.manual->text));
    while ((line = strsep(&rest, "\n")) != NULL)
        read_line(&reading, line);
    free(copy);
    return reading.manual;
}

void manual_free(struct manual *manual)
{
    for (size_t i = 0; i < manual->entry_count; i++) {
        free(manual->entries[i].names);
        free(manual->entries[i].text);
    }
    for (size_t i = 0; i < manual->example_count; i++)
        free(manual->examples[i].text);
    free(manual->entries);
    free(manual->examples);
    free(manual->text);
    free(manual);
}

/* ------------------------------------------------------------------ looking */

static bool is_part_of_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

bool manual_mentions(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = text; (at = strstr(at, word)) != NULL; at++) {
        if ((at == text || !is_part_of_word(at[-1])) && !is_part_of_word(at[length]))
            return true;
    }
    return false;
}

bool manual_names(const struct manual_entry *entry, const char *keyword)
{
    size_t length = strlen(keyword);

    for (const char *at = entry->names; (at = strstr(at, keyword)) != NULL; at++) {
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    }
    return false;
}
