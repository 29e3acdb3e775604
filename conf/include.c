/*
 * Includes: see include.h.
 */
#include "conf/include.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lexer.h"

/* {a,b}{c,d}... multiplies: more alternatives than this are a mistake. */
#define ALTERNATIVES_MAX 1000

struct keyword {
    const char *name;
    unsigned int checks;
};

static const struct keyword keywords[] = {
    {"include", 0},
    {"includer", CONF_INCLUDE_READ},
    {"includem", CONF_INCLUDE_READ | CONF_INCLUDE_MATCH},
    {"includew", CONF_INCLUDE_READ | CONF_INCLUDE_MATCH | CONF_INCLUDE_WILDCARD},
    {"includeb", CONF_INCLUDE_READ | CONF_INCLUDE_BRACE},
    {"includea", CONF_INCLUDE_ALL},
};

bool conf_include_line(const char *text, size_t length, unsigned int *checks, size_t *pattern)
{
    size_t word = 0;

    if (length < strlen("include") || memcmp(text, "include", strlen("include")) != 0)
        return false;
    while (word < length && !conf_lexer_is_blank(text[word]))
        word++;
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (strlen(keywords[i].name) != word || strncmp(keywords[i].name, text, word) != 0)
            continue;
        *checks = keywords[i].checks;
        while (word < length && conf_lexer_is_blank(text[word]))
            word++;
        *pattern = word;
        return true;
    }
    return false;
}

bool conf_include_check_words(const char *const words[], size_t count, unsigned int *checks, size_t *word)
{
    static const struct keyword names[] = {
        {"read", CONF_INCLUDE_READ},
        {"match", CONF_INCLUDE_MATCH},
        {"wildcard_match", CONF_INCLUDE_WILDCARD},
        {"brace_match", CONF_INCLUDE_BRACE},
    };
    unsigned int result = *checks;

    if (count == 0)
        result = CONF_INCLUDE_ALL;
    for (*word = 0; *word < count; (*word)++) {
        const char *text = words[*word];
        bool is_signed = text[0] == '+' || text[0] == '-';
        size_t i;

        if (!is_signed && *word > 0)
            return false;
        if (!is_signed)
            result = 0;
        for (i = 0; i < 4 && strcmp(names[i].name, text + is_signed) != 0; i++)
            ;
        if (i == 4)
            return false;
        if (text[0] == '-')
            result &= ~names[i].checks;
        else
            result |= names[i].checks;
    }
    *checks = result;
    return true;
}

static void add_path(struct conf_include *found, const char *path)
{
    if (found->paths.count == found->room) {
        char **larger;

        found->room = found->room * 2 + 8;
        larger = realloc(found->paths.items, found->room * sizeof(*larger));
        if (larger == NULL)
            abort();
        found->paths.items = larger;
    }
    found->paths.items[found->paths.count] = strdup(path);
    if (found->paths.items[found->paths.count] == NULL)
        abort();
    found->paths.count++;
}

/* The end of the brace group that begins at pattern[open], or 0 if it is no group of alternatives. */
static size_t group_end(const char *pattern, size_t open)
{
    bool comma = false;
    int depth = 0;

    for (size_t i = open; pattern[i] != '\0'; i++) {
        if (pattern[i] == '{')
            depth++;
        else if (pattern[i] == '}' && --depth == 0)
            return comma ? i : 0;
        else if (pattern[i] == ',' && depth == 1)
            comma = true;
    }
    return 0;
}

static void match_one(const struct conf_host *host, const char *pattern, bool alternative,
                      struct conf_include *found)
{
    struct conf_paths paths = {0};
    int error = host->match(host->context, pattern, &paths);

    if (error != 0)
        found->error = error;
    for (size_t i = 0; i < paths.count; i++)
        add_path(found, paths.items[i]);
    if (paths.count == 0) {
        if (alternative)
            found->missing |= CONF_INCLUDE_BRACE;
        else if (strpbrk(pattern, "*?[") != NULL)
            found->missing |= CONF_INCLUDE_WILDCARD;
        else
            found->missing |= CONF_INCLUDE_MATCH;
    }
    host->match_free(host->context, &paths);
}

/* Matches pattern with its first brace group replaced by each alternative in turn. */
static void match_braces(const struct conf_host *host, const char *pattern, bool alternative, int *budget,
                         struct conf_include *found)
{
    size_t open = strcspn(pattern, "{");
    size_t length = strlen(pattern);
    size_t start = open + 1;
    size_t close;
    int depth = 0;

    close = open < length ? group_end(pattern, open) : 0;
    if (close == 0) {
        match_one(host, pattern, alternative, found);
        return;
    }
    for (size_t i = open + 1; i <= close && *budget > 0; i++) {
        char *one;

        if (pattern[i] == '{')
            depth++;
        else if (i < close && pattern[i] == '}')
            depth--;
        if (i < close && (pattern[i] != ',' || depth > 0))
            continue;
        one = calloc(1, length + 1);
        if (one == NULL)
            abort();
        memcpy(one, pattern, open);
        memcpy(one + open, pattern + start, i - start);
        memcpy(one + open + (i - start), pattern + close + 1, length - close - 1);
        start = i + 1;
        (*budget)--;
        match_braces(host, one, true, budget, found);
        free(one);
    }
}

void conf_include_find(const struct conf_host *host, const char *directory, const char *pattern,
                       struct conf_include *found)
{
    char *full = NULL;
    int budget = ALTERNATIVES_MAX;

    memset(found, 0, sizeof(*found));
    if (asprintf(&full, "%s%s", pattern[0] == '/' ? "" : directory, pattern) < 0)
        abort();
    match_braces(host, full, false, &budget, found);
    if (budget == 0)
        found->error = E2BIG;
    free(full);
}

void conf_include_free(struct conf_include *found)
{
    for (size_t i = 0; i < found->paths.count; i++)
        free(found->paths.items[i]);
    free(found->paths.items);
    memset(found, 0, sizeof(*found));
}
