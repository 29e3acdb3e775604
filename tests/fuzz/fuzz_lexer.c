/*
 * Fuzzes what cuts a line of the configuration into words and words into values: lexer, sequences,
 * definitions, includes, numbers, times, addresses, ranges. A line has neither a NUL nor a newline.
 *
 * What must hold: whatever is found lies within the line, every call gets on, and what is a value prints as
 * one that reads the same.
 */
#include "conf/definitions.h"
#include "conf/include.h"
#include "conf/lexer.h"
#include "conf/model.h"
#include "conf/range.h"
#include "conf/sequence.h"
#include "conf/values.h"

#include "fuzz_target.h"

#define LINE_BYTES 400 /* longer ones teach nothing and take long */

static void try_words(const char *text, size_t length)
{
    struct conf_lexer_found word;
    size_t at = 0, before = 0;

    while (conf_lexer_word(text, length, &at, &word)) {
        fuzz_require(at > before && at <= length && word.start <= word.end && word.end <= length);
        before = at;
    }
}

static void try_script(const char *text, size_t length, bool escapes)
{
    char *word = malloc(length + 1), *plain = malloc(length + 1);
    enum conf_lexer_fault fault;
    size_t at = 0, start;

    fuzz_require(word != NULL && plain != NULL);
    while (conf_lexer_script_word(text, length, escapes, &at, &start, word, &fault)) {
        fuzz_require(start < at && at <= length && strlen(word) <= at - start);
        conf_lexer_unescape(word, strlen(word), plain);
        fuzz_require(strlen(plain) <= strlen(word));
    }
    free(plain);
    free(word);
}

static void try_braces(const char *text, size_t length)
{
    for (size_t at = 0; at < length; at++) {
        size_t brace = conf_lexer_brace(text, length, at);

        fuzz_require(brace >= at && brace <= length);
        at = brace;
    }
}

static void try_line(const char *text, size_t length)
{
    const struct conf_position start = {.source = 1, .line = 1, .column = 1};
    struct conf_line line = {0};

    conf_line_set(&line, text, length, start, false);
    conf_lexer_strip(&line);
    fuzz_require(line.length <= length && strlen(line.text) == line.length);
    for (size_t at = 0; at < line.length; at++) { /* each byte knows where it was written */
        struct conf_position position = conf_line_position(&line, at);

        fuzz_require(position.column > at && position.column <= length);
        fuzz_require(text[position.column - 1] == line.text[at]);
    }
    conf_line_free(&line);
}

static void try_sequence(const char *text, size_t length)
{
    struct conf_sequence_word values[CONF_SEQUENCE_VARIABLES_MAX];
    struct conf_sequence sequence;
    const char *why = NULL;
    size_t start, end, at, before;
    int result;

    if (conf_sequence_word(text, length) == 0)
        return;
    if (conf_sequence_arguments(text, length, &start, &end))
        fuzz_require(start <= end && end < length);
    if (conf_sequence_parse(text, length, &sequence) != NULL)
        return;
    fuzz_require(sequence.close < length && text[sequence.close] == ')' && sequence.text <= length);
    for (size_t i = 0; i < sequence.variable_count; i++)
        fuzz_require(sequence.variables[i].start + sequence.variables[i].length <= sequence.close);
    if (sequence.counts) {
        fuzz_require(conf_sequence_rounds(&sequence) > 0);
        return;
    }
    at = before = sequence.values_start;
    while ((result = conf_sequence_values(text, &sequence, &at, values, &why)) > 0) {
        fuzz_require(at > before);
        before = at;
        for (size_t i = 0; i < sequence.variable_count; i++)
            fuzz_require(values[i].start + values[i].length <= length);
    }
    fuzz_require((result < 0) == (why != NULL));
}

static void try_definitions(const char *text, size_t length)
{
    size_t value, name = conf_definition_head(text, length, &value);
    struct conf_use use;

    if (name > 0)
        fuzz_require(name + 1 < value && value <= length);
    for (size_t at = 0; at < length; at++) {
        if (text[at] != '$' || !conf_definition_use(text, length, at, &use))
            continue;
        fuzz_require(use.length > 0 && at + use.length <= length);
        fuzz_require(use.name >= text && use.name + use.name_length <= text + length);
        fuzz_require(use.parameters >= text && use.parameters + use.parameters_length <= text + length);
    }
}

static void try_include(const char *text, size_t length)
{
    unsigned int checks;
    size_t pattern;

    if (conf_include_line(text, length, &checks, &pattern))
        fuzz_require(pattern <= length && checks <= CONF_INCLUDE_ALL);
}

static void try_address(const char *text)
{
    char shown[IP_ADDRESS_TEXT];
    struct ip_address address, again;
    uint8_t bits;
    bool given;

    if (ip_address_parse(text, &address)) {
        ip_address_text(&address, shown);
        fuzz_require(ip_address_parse(shown, &again) && ip_address_compare(&address, &again) == 0);
    }
    if (conf_parse_prefix(text, &address, &bits, &given) == CONF_VALUE_GOOD)
        fuzz_require(bits <= ip_address_bits(&address));
}

static void try_values(const char *text)
{
    struct ip_address first;
    uint32_t count;
    int64_t value;
    bool flag;

    if (conf_parse_integer(text, -1000, INT64_MAX, &value) == CONF_VALUE_GOOD)
        fuzz_require(value >= -1000);
    if (conf_parse_seconds(text, 0, 1000000, &value) == CONF_VALUE_GOOD)
        fuzz_require(value >= 0 && value <= 1000000);
    conf_parse_bool(text, &flag);
    if (conf_is_interface_name(text))
        fuzz_require(*text != '\0' && strlen(text) < 16);
    if (conf_parse_range(text, &first, &count) == CONF_RANGE_GOOD)
        fuzz_require(count > 0 && count <= CONF_SERVICE_ADDRESSES_MAX);
    try_address(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text;

    if (length > LINE_BYTES)
        length = LINE_BYTES;
    text = fuzz_text(bytes, length);

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\0' || text[i] == '\n')
            text[i] = ' ';
    }
    try_words(text, length);
    try_script(text, length, false);
    try_script(text, length, true);
    try_braces(text, length);
    if (length > 0)
        try_line(text, length);
    try_sequence(text, length);
    try_definitions(text, length);
    try_include(text, length);
    try_values(text);
    free(text);
    return 0;
}
