/*
 * The outline of a text. See outline.h.
 */
#include "conf/outline.h"

#include <string.h>

#include "conf/lexer.h"

#define SERVER_KEYWORD "virtual_server"

/* A block that is being read, line by line. */
struct reading {
    int depth;
    bool opened; /* its first brace was found */
    bool unsure;
};

static bool begins_comment(char byte)
{
    return (conf_byte_kinds[(unsigned char)byte] & CONF_BYTE_COMMENT) != 0;
}

/* Of the line that begins at at: its newline, or the text's end. */
static size_t line_end(const char *text, size_t length, size_t at)
{
    const char *newline = memchr(text + at, '\n', length - at);

    return newline == NULL ? length : (size_t)(newline - text);
}

static size_t after_line(size_t end, size_t length)
{
    return end < length ? end + 1 : length;
}

/* Says nothing, or is only a comment, which is complained of if it has a NUL. first: its first byte that is
 * no blank. */
static bool is_idle(const char *text, size_t first, size_t end)
{
    return first == end || (begins_comment(text[first]) && memchr(text + first, '\0', end - first) == NULL);
}

size_t conf_outline_skip(const char *text, size_t length, size_t at)
{
    while (at < length) {
        size_t end = line_end(text, length, at);

        if (!is_idle(text, conf_lexer_pass_blanks(text, end, at), end))
            return at;
        at = after_line(end, length);
    }
    return length;
}

static bool begins_with(const char *text, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(text, word, strlen(word)) == 0;
}

/* What the expander would look at: conditions, sequences, directives. */
static bool is_directive(const char *line, size_t length)
{
    return line[0] == '@' || line[0] == '~' || begins_with(line, length, "include") ||
           begins_with(line, length, "random_seed");
}

/* Nothing that is no keyword: a brace, a quote, a byte order mark. */
static bool begins_keyword(char byte)
{
    return (conf_byte_kinds[(unsigned char)byte] & ~(unsigned int)CONF_BYTE_CROSS) == 0;
}

/* The braces of a line, in text[at..end), until its comment. */
static void read_braces(struct reading *reading, const char *text, size_t at, size_t end)
{
    const unsigned int kinds = CONF_BYTE_QUOTE | CONF_BYTE_BRACE | CONF_BYTE_DOLLAR | CONF_BYTE_ESCAPE |
                               CONF_BYTE_COMMENT | CONF_BYTE_NUL;

    for (; (at = conf_lexer_find(text, end, at, kinds)) < end && !begins_comment(text[at]); at++) {
        if (reading->opened && reading->depth == 0) {
            reading->unsure = true; /* there is more behind the block */
            return;
        }
        if (text[at] == '"') {
            const char *close = memchr(text + at + 1, '"', end - at - 1);

            reading->unsure = close == NULL;
            if (close == NULL)
                return;
            at = (size_t)(close - text);
        } else if (text[at] == '{') {
            reading->opened = true;
            reading->depth++;
        } else if (text[at] == '}' && reading->depth > 0) {
            reading->depth--;
        } else {
            reading->unsure = true;
            return;
        }
    }
}

/* The block's last line has nothing behind the brace but a comment. */
static bool ends_clean(const char *text, size_t at, size_t end)
{
    size_t brace = end;

    for (size_t i = at; i < end; i++) {
        if (text[i] == '"')
            i = (size_t)((const char *)memchr(text + i + 1, '"', end - i - 1) - text); /* it is closed */
        else if (begins_comment(text[i]))
            end = i;
        else if (text[i] == '}')
            brace = i;
    }
    return conf_lexer_pass_blanks(text, end, brace + 1) == end;
}

static bool is_over(const struct reading *reading)
{
    return reading->unsure || (reading->opened && reading->depth == 0);
}

/* A line that is not idle. */
static void read_line(struct reading *reading, const char *text, size_t first, size_t end, bool is_head)
{
    bool brace_is_due = !is_head && !reading->opened;

    if (is_directive(text + first, end - first) || (is_head && !begins_keyword(text[first])) ||
        (brace_is_due && text[first] != '{'))
        reading->unsure = true;
    else
        read_braces(reading, text, first, end);
    if (!reading->unsure && is_over(reading))
        reading->unsure = !ends_clean(text, first, end);
}

static enum conf_outline_kind kind_of(const char *line, size_t length)
{
    size_t keyword = strlen(SERVER_KEYWORD);

    return begins_with(line, length, SERVER_KEYWORD) && length > keyword && conf_lexer_is_blank(line[keyword])
               ? CONF_OUTLINE_SERVER
               : CONF_OUTLINE_OTHER;
}

struct conf_outline_block conf_outline_next(const char *text, size_t length, size_t at)
{
    struct conf_outline_block block = {.start = conf_outline_skip(text, length, at)};
    struct reading reading = {0};

    block.end = block.start;
    while (block.end < length && !is_over(&reading)) {
        size_t end = line_end(text, length, block.end);
        size_t first = conf_lexer_pass_blanks(text, end, block.end);
        bool is_head = block.end == block.start;

        if (is_head)
            block.kind = kind_of(text + first, end - first);
        if (!is_idle(text, first, end))
            read_line(&reading, text, first, end, is_head);
        block.end = after_line(end, length);
    }
    if (block.kind != CONF_OUTLINE_END && (reading.unsure || !is_over(&reading)))
        block.kind = CONF_OUTLINE_UNSURE;
    return block;
}
