/*
 * Definitions: see definitions.h.
 */
#include "conf/definitions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "conf/lexer.h"

struct entry {
    struct conf_definition definition;
    UT_hash_handle hh;
};

struct conf_definitions {
    struct conf_arena *arena;
    struct entry *entries;
};

struct conf_definitions *conf_definitions_new(struct conf_arena *arena)
{
    struct conf_definitions *definitions = conf_arena_alloc(arena, sizeof(*definitions));

    definitions->arena = arena;
    return definitions;
}

void conf_definitions_free(struct conf_definitions *definitions)
{
    struct entry *entry;
    struct entry *next;

    HASH_ITER(hh, definitions->entries, entry, next)
    {
        HASH_DEL(definitions->entries, entry);
        conf_line_free(&entry->definition.body);
        free(entry);
    }
}

struct conf_definition *conf_definition_find(const struct conf_definitions *definitions, const char *name,
                                             size_t length)
{
    struct entry *entry;

    HASH_FIND(hh, definitions->entries, name, length, entry);
    return entry == NULL ? NULL : &entry->definition;
}

struct conf_definition *conf_definition_set(struct conf_definitions *definitions, const char *name,
                                            size_t length)
{
    struct conf_definition *definition = conf_definition_find(definitions, name, length);
    struct entry *entry;
    char *shown;

    if (definition != NULL) {
        conf_line_free(&definition->body);
        definition->multiline = false;
        return definition;
    }
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        abort();
    shown = conf_arena_alloc(definitions->arena, length + 2);
    shown[0] = '$';
    memcpy(shown + 1, name, length);
    entry->definition.name = shown;
    HASH_ADD_KEYPTR(hh, definitions->entries, shown + 1, length, entry);
    return &entry->definition;
}

static bool is_first(char byte)
{
    return isalpha((unsigned char)byte) || byte == '_';
}

static size_t name_end(const char *text, size_t length, size_t at)
{
    while (at < length && conf_lexer_is_name(text[at]))
        at++;
    return at;
}

size_t conf_definition_head(const char *text, size_t length, size_t *value)
{
    size_t end;

    if (length < 3 || text[0] != '$' || !is_first(text[1]))
        return 0;
    end = name_end(text, length, 1);
    if (end == length || text[end] != '=')
        return 0;
    *value = end + 1;
    while (*value < length && conf_lexer_is_blank(text[*value]))
        (*value)++;
    return end - 1;
}

static bool braced_use(const char *text, size_t length, size_t at, struct conf_use *use)
{
    size_t name = at + 2;
    size_t end;
    size_t close;

    if (name >= length || !is_first(text[name]))
        return false;
    end = name_end(text, length, name);
    close = end;
    while (close < length && (conf_lexer_is_name(text[close]) || text[close] == ' ' || text[close] == '\t'))
        close++;
    if (close == length || text[close] != '}')
        return false;
    use->name = text + name;
    use->name_length = end - name;
    while (end < close && conf_lexer_is_blank(text[end]))
        end++;
    use->parameters = text + end;
    use->parameters_length = close - end;
    use->length = close + 1 - at;
    return true;
}

bool conf_definition_use(const char *text, size_t length, size_t at, struct conf_use *use)
{
    size_t end;

    if (at + 1 >= length)
        return false;
    if (text[at + 1] == '{')
        return braced_use(text, length, at, use);
    if (!is_first(text[at + 1]))
        return false;
    end = name_end(text, length, at + 1);
    if (end < length && text[end] != ' ' && text[end] != '\t' && text[end] != ',' && text[end] != ')')
        return false;
    use->name = text + at + 1;
    use->name_length = end - at - 1;
    use->parameters = text + end;
    use->parameters_length = 0;
    use->length = end - at;
    return true;
}
