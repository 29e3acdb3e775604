/*
 * Sequences: see sequence.h.
 */
#include "conf/sequence.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lexer.h"

static size_t skip_blanks(const char *text, size_t length, size_t at)
{
    while (at < length && conf_lexer_is_blank(text[at]))
        at++;
    return at;
}

size_t conf_sequence_word(const char *text, size_t length)
{
    if (length >= 5 && strncmp(text, "~SEQx", 5) == 0)
        return 5;
    if (length >= 4 && (strncmp(text, "~SEQ", 4) == 0 || strncmp(text, "~LST", 4) == 0))
        return 4;
    return 0;
}

/* Reads a word up to a blank or one of the stop bytes. */
static size_t read_word(const char *text, size_t length, size_t at, const char *stops,
                        struct conf_sequence_word *word)
{
    word->start = at;
    while (at < length && !conf_lexer_is_blank(text[at]) && strchr(stops, text[at]) == NULL)
        at++;
    word->length = at - word->start;
    return skip_blanks(text, length, at);
}

bool conf_sequence_arguments(const char *text, size_t length, size_t *start, size_t *end)
{
    const char *comma = memchr(text, ',', length);
    const char *close = memchr(text, ')', length);

    if (comma == NULL || close == NULL || comma > close)
        return false;
    *start = (size_t)(comma - text) + 1;
    *end = (size_t)(close - text);
    return true;
}

/* One to three C integers, up to the closing parenthesis. */
static const char *read_numbers(const char *text, size_t length, size_t at, int64_t numbers[3], int *count,
                                size_t *close)
{
    for (*count = 0; *count < 3; (*count)++) {
        char *end;

        at = skip_blanks(text, length, at);
        errno = 0;
        numbers[*count] = strtol(text + at, &end, 0);
        if (end == text + at || errno != 0)
            return "a number was expected";
        at = skip_blanks(text, length, (size_t)(end - text));
        if (at < length && text[at] == ')') {
            (*count)++;
            *close = at;
            return NULL;
        }
        if (at == length || text[at] != ',')
            return "',' or ')' was expected after a number";
        at++;
    }
    return "there are more than three numbers";
}

static const char *parse_numbers(const char *text, size_t length, size_t at, struct conf_sequence *sequence)
{
    int64_t numbers[3] = {0};
    const char *why;
    int count;

    why = read_numbers(text, length, at, numbers, &count, &sequence->close);
    if (why != NULL)
        return why;
    sequence->last = numbers[count - 1];
    sequence->first = count == 1 ? (sequence->last < 0 ? -1 : 1) : numbers[0];
    if (count == 3)
        sequence->step = numbers[1];
    else
        sequence->step = sequence->first <= sequence->last ? 1 : -1;
    if (sequence->step == 0 || (sequence->first < sequence->last && sequence->step < 0) ||
        (sequence->first > sequence->last && sequence->step > 0))
        return "the step does not lead from the first number to the last";
    if (sequence->hex && (sequence->first < 0 || sequence->last < 0))
        return "hexadecimal sequences cannot be negative";
    return NULL;
}

/* "{A, B}" or "A". */
static const char *read_variables(const char *text, size_t length, size_t *at, struct conf_sequence *sequence)
{
    bool several = *at < length && text[*at] == '{';

    if (several)
        *at = skip_blanks(text, length, *at + 1);
    for (;;) {
        struct conf_sequence_word *word = &sequence->variables[sequence->variable_count];

        *at = read_word(text, length, *at, ",})", word);
        if (word->length == 0)
            return "a variable name was expected";
        for (size_t i = 0; i < word->length; i++) {
            if (!conf_lexer_is_name(text[word->start + i]))
                return "a variable name consists of letters, digits and '_'";
        }
        sequence->variable_count++;
        if (!several)
            return NULL;
        if (*at < length && text[*at] == '}')
            break;
        if (*at == length || text[*at] != ',')
            return "',' or '}' was expected after a variable name";
        if (sequence->variable_count == CONF_SEQUENCE_VARIABLES_MAX)
            return "there are too many variables";
        *at = skip_blanks(text, length, *at + 1);
    }
    *at = skip_blanks(text, length, *at + 1);
    return NULL;
}

const char *conf_sequence_parse(const char *text, size_t length, struct conf_sequence *sequence)
{
    size_t word = conf_sequence_word(text, length);
    size_t at = skip_blanks(text, length, word);
    const char *why;

    memset(sequence, 0, sizeof(*sequence));
    sequence->counts = text[1] == 'S';
    sequence->hex = word == 5;
    if (at == length || text[at] != '(')
        return "'(' was expected";
    at = skip_blanks(text, length, at + 1);
    if (sequence->counts && at < length && text[at] == '{')
        return "~SEQ has one variable; only ~LST has several";
    why = read_variables(text, length, &at, sequence);
    if (why != NULL)
        return why;
    if (at == length || text[at] != ',')
        return "',' was expected after the variable";
    at++;
    if (sequence->counts) {
        why = parse_numbers(text, length, at, sequence);
    } else {
        const char *close = memchr(text + at, ')', length - at);

        sequence->values_start = skip_blanks(text, length, at);
        sequence->close = close == NULL ? 0 : (size_t)(close - text);
        why = close == NULL ? "')' is missing" : NULL;
    }
    sequence->text = skip_blanks(text, length, sequence->close + 1);
    return why;
}

uint64_t conf_sequence_rounds(const struct conf_sequence *sequence)
{
    uint64_t distance = sequence->first <= sequence->last
                            ? (uint64_t)sequence->last - (uint64_t)sequence->first
                            : (uint64_t)sequence->first - (uint64_t)sequence->last;
    uint64_t step = sequence->step > 0 ? (uint64_t)sequence->step : (uint64_t)0 - (uint64_t)sequence->step;

    distance /= step;
    return distance == UINT64_MAX ? distance : distance + 1;
}

int conf_sequence_values(const char *text, const struct conf_sequence *sequence, size_t *at,
                         struct conf_sequence_word values[CONF_SEQUENCE_VARIABLES_MAX], const char **why)
{
    size_t end = sequence->close;
    size_t count = 0;
    bool several;

    memset(values, 0, CONF_SEQUENCE_VARIABLES_MAX * sizeof(values[0]));
    if (*at > end)
        return 0;
    several = *at < end && text[*at] == '{';
    if (several)
        *at = skip_blanks(text, end, *at + 1);
    for (;;) {
        if (count == sequence->variable_count) {
            *why = "there are more values than variables";
            return -1;
        }
        *at = read_word(text, end, *at, ",}", &values[count++]);
        if (!several || *at >= end || text[*at] != ',')
            break;
        *at = skip_blanks(text, end, *at + 1);
    }
    if (several && (*at >= end || text[*at] != '}')) {
        *why = "'}' was expected after a group of values";
        return -1;
    }
    if (several)
        *at = skip_blanks(text, end, *at + 1);
    if (*at < end && text[*at] != ',') {
        *why = "',' or ')' was expected after a value";
        return -1;
    }
    *at = *at == end ? end + 1 : skip_blanks(text, end, *at + 1);
    return 1;
}
