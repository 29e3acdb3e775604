/*
 * ~SEQ(VAR, START, STEP, END), ~SEQx(...) and ~LST(...): what is inside the parentheses, as rounds of values.
 * Pure: text in, a struct or a reason out.
 */
#ifndef TANDEM_CONF_SEQUENCE_H
#define TANDEM_CONF_SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_SEQUENCE_VARIABLES_MAX 32

/* A piece of the line. */
struct conf_sequence_word {
    size_t start;
    size_t length;
};

struct conf_sequence {
    struct conf_sequence_word variables[CONF_SEQUENCE_VARIABLES_MAX];
    size_t variable_count;
    /* numbers */
    bool counts; /* ~SEQ or ~SEQx; otherwise ~LST */
    bool hex;
    int64_t first;
    int64_t step;
    int64_t last;
    /* lists: values_start..close holds the values, read with conf_sequence_values() */
    size_t values_start;
    size_t close; /* offset of ')' */
    size_t text;  /* offset of what is repeated */
};

/* Length of the word that introduces a sequence ("~SEQ", "~SEQx", "~LST"), 0 if the text has none. */
size_t conf_sequence_word(const char *text, size_t length);

/* Offset just behind the variable of a ~SEQ, where its numbers begin, and of the closing parenthesis: the
 * part in which definitions are replaced before it is parsed. False if there is no such part. */
bool conf_sequence_arguments(const char *text, size_t length, size_t *start, size_t *end);

/* Reads a sequence at the start of text. NULL, or why it is not one (static text). */
const char *conf_sequence_parse(const char *text, size_t length, struct conf_sequence *sequence);

/* Number of rounds of a ~SEQ. */
uint64_t conf_sequence_rounds(const struct conf_sequence *sequence);

/* Next round of a ~LST: *at runs from values_start. Missing values are empty. 1: a round; 0: no more; -1: it
 * is not well formed, *why says how. */
int conf_sequence_values(const char *text, const struct conf_sequence *sequence, size_t *at,
                         struct conf_sequence_word values[CONF_SEQUENCE_VARIABLES_MAX], const char **why);

#endif
