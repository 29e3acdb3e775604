/*
 * Regular expressions. See pattern.h. The only file that knows PCRE2.
 *
 * No JIT: this process parses what strangers send and has no memory that is both written and executed.
 * Time and memory of a match are bounded, for one check must not hold up the others.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "checkers/pattern.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#define MATCH_LIMIT    1000000U /* steps of matching */
#define HEAP_LIMIT_KIB 8192U    /* for backtracking */
#define UTF_BYTES      4U

struct pattern {
    char *name; /* options and text */
    unsigned int users;
    uint32_t options;
    uint32_t lookbehind; /* characters */
    pcre2_code *code;
    UT_hash_handle by_name;
};

/* Matches are made one at a time, so these are shared. */
static struct pattern *patterns;
static pcre2_match_data *match_data;
static pcre2_match_context *match_context;

static void make_shared(void)
{
    if (match_data != NULL)
        return;
    match_data = pcre2_match_data_create(1, NULL);
    match_context = pcre2_match_context_create(NULL);
    if (match_data == NULL || match_context == NULL)
        abort();
    pcre2_set_match_limit(match_context, MATCH_LIMIT);
    pcre2_set_heap_limit(match_context, HEAP_LIMIT_KIB);
}

/* In UTF mode a body that is no UTF-8 simply does not match there. */
static struct pattern *compile(const char *text, uint32_t options)
{
    struct pattern *pattern;
    pcre2_code *code;
    PCRE2_SIZE at;
    int error;

    if (options & PCRE2_UTF)
        options |= PCRE2_MATCH_INVALID_UTF;
    code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &error, &at, NULL);
    if (code == NULL)
        return NULL;
    pattern = calloc(1, sizeof(*pattern));
    if (pattern == NULL)
        abort();
    pattern->code = code;
    pattern->options = options;
    pcre2_pattern_info(code, PCRE2_INFO_MAXLOOKBEHIND, &pattern->lookbehind);
    return pattern;
}

static char *name_of(const char *text, uint32_t options)
{
    size_t size = strlen(text) + 12;
    char *name = malloc(size);

    if (name == NULL)
        abort();
    snprintf(name, size, "%08x:%s", options, text);
    return name;
}

struct pattern *pattern_get(const char *text, uint32_t options)
{
    char *name = name_of(text, options);
    struct pattern *pattern;

    make_shared();
    HASH_FIND(by_name, patterns, name, strlen(name), pattern);
    if (pattern != NULL) {
        free(name);
    } else {
        pattern = compile(text, options);
        if (pattern == NULL) {
            free(name);
            return NULL;
        }
        pattern->name = name;
        HASH_ADD_KEYPTR(by_name, patterns, pattern->name, strlen(pattern->name), pattern);
    }
    pattern->users++;
    return pattern;
}

void pattern_put(struct pattern *pattern)
{
    if (pattern == NULL || --pattern->users > 0)
        return;
    HASH_DELETE(by_name, patterns, pattern);
    pcre2_code_free(pattern->code);
    free(pattern->name);
    free(pattern);
}

enum pattern_result pattern_match(const struct pattern *pattern, const uint8_t *bytes, size_t length,
                                  size_t start, bool final, size_t *begin)
{
    int result = pcre2_match(pattern->code, bytes, length, start, final ? 0 : PCRE2_PARTIAL_HARD, match_data,
                             match_context);

    if (result == PCRE2_ERROR_NOMATCH)
        return PATTERN_MATCHES_NOT;
    if (result < 0 && result != PCRE2_ERROR_PARTIAL)
        return PATTERN_GAVE_UP;
    *begin = pcre2_get_ovector_pointer(match_data)[0];
    return result == PCRE2_ERROR_PARTIAL ? PATTERN_IS_OPEN : PATTERN_MATCHES;
}

size_t pattern_lookbehind(const struct pattern *pattern)
{
    return pattern_is_utf(pattern) ? pattern->lookbehind * UTF_BYTES : pattern->lookbehind;
}

bool pattern_is_utf(const struct pattern *pattern)
{
    return (pattern->options & PCRE2_UTF) != 0;
}
