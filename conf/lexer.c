/*
 * Lexer: see lexer.h.
 */
#include "conf/lexer.h"

#include <ctype.h>
#include <string.h>

const uint16_t conf_byte_kinds[256] = {
    [0] = CONF_BYTE_NUL,
    [' '] = CONF_BYTE_BLANK,
    ['\t'] = CONF_BYTE_BLANK,
    ['\f'] = CONF_BYTE_BLANK,
    ['\v'] = CONF_BYTE_BLANK,
    ['\r'] = CONF_BYTE_BLANK,
    ['\n'] = CONF_BYTE_BLANK,
    ['"'] = CONF_BYTE_QUOTE,
    ['{'] = CONF_BYTE_BRACE,
    ['}'] = CONF_BYTE_BRACE,
    ['$'] = CONF_BYTE_DOLLAR,
    ['\\'] = CONF_BYTE_ESCAPE,
    ['#'] = CONF_BYTE_COMMENT,
    ['!'] = CONF_BYTE_COMMENT,
    ['x'] = CONF_BYTE_CROSS,
    ['X'] = CONF_BYTE_CROSS,
    [0x80 ... 0xff] = CONF_BYTE_FOREIGN,
};

bool conf_lexer_is_name(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

void conf_lexer_trim(struct conf_line *line)
{
    size_t start = 0;
    size_t end = line->length;

    while (end > 0 && conf_lexer_is_blank(line->text[end - 1]))
        end--;
    conf_line_cut(line, end, line->length - end);
    while (start < end && conf_lexer_is_blank(line->text[start]))
        start++;
    if (start > 0)
        conf_line_cut(line, 0, start);
}

static bool begins_comment(char byte)
{
    return byte == '#' || byte == '!';
}

enum conf_lexer_fault conf_lexer_strip(struct conf_line *line)
{
    const unsigned int kinds = CONF_BYTE_QUOTE | CONF_BYTE_ESCAPE | CONF_BYTE_COMMENT;
    struct conf_line rest = {0}; /* what is left, if a backslash went */
    bool quoted = false;
    size_t kept = 0, at = 0;

    for (; (at = conf_lexer_find(line->text, line->length, at, kinds)) < line->length; at++) {
        char byte = line->text[at];

        if (byte == '"') {
            quoted = !quoted;
        } else if (byte != '\\') {
            if (!quoted)
                break;
        } else if (at + 1 < line->length) {
            if (!quoted && begins_comment(line->text[at + 1])) {
                conf_line_append_part(&rest, line, kept, at);
                kept = at + 1;
            }
            at++;
        }
    }
    conf_line_cut(line, at, line->length - at);
    if (kept > 0) {
        conf_line_append_part(&rest, line, kept, at);
        conf_line_free(line);
        *line = rest;
    }
    conf_lexer_trim(line);
    return quoted ? CONF_LEXER_OPEN_QUOTE : CONF_LEXER_GOOD;
}

size_t conf_lexer_quoted(const char *text, size_t length, size_t at, struct conf_lexer_found *word)
{
    const char *close = memchr(text + at + 1, '"', length - at - 1);

    word->start = at + 1;
    word->end = close == NULL ? length : (size_t)(close - text);
    word->kinds = 0;
    word->fault = close == NULL ? CONF_LEXER_OPEN_QUOTE : CONF_LEXER_GOOD;
    return close == NULL ? length : word->end + 1;
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

static bool is_octal(char byte)
{
    return byte >= '0' && byte <= '7';
}

static char plain_escape(char byte)
{
    static const char letters[] = "abEfnrtv";
    static const char bytes[] = "\a\b\x1b\f\n\r\t\v";
    const char *found = strchr(letters, byte);

    return found == NULL || byte == '\0' ? byte : bytes[found - letters];
}

/* The byte that the escape at text[*at], just after the backslash, stands for; moves *at past it. */
static char read_escape(const char *text, size_t length, size_t *at)
{
    char byte = text[(*at)++];
    unsigned int value = 0;

    if (byte == 'x' && *at < length && hex_digit(text[*at]) >= 0) {
        for (int digits = 0; digits < 2 && *at < length && hex_digit(text[*at]) >= 0; digits++)
            value = value * 16 + (unsigned int)hex_digit(text[(*at)++]);
        return (char)value;
    }
    if ((byte == 'c' || byte == 'C') && *at < length)
        return (char)(text[(*at)++] & 0x1f);
    if (!is_octal(byte))
        return plain_escape(byte);
    value = (unsigned int)(byte - '0');
    for (int digits = 1; digits < 3 && *at < length && is_octal(text[*at]); digits++)
        value = value * 8 + (unsigned int)(text[(*at)++] - '0');
    return (char)value;
}

/* True if the word ends here. */
static bool ends_word(char byte, char quote)
{
    return quote == '\0' && conf_lexer_is_blank(byte);
}

bool conf_lexer_script_word(const char *text, size_t length, bool escapes, size_t *at, size_t *start,
                            char *out, enum conf_lexer_fault *fault)
{
    char quote = '\0';
    size_t i = *at;

    *fault = CONF_LEXER_GOOD;
    while (i < length && conf_lexer_is_blank(text[i]))
        i++;
    *start = i;
    *at = i;
    if (i == length)
        return false;
    while (i < length && !ends_word(text[i], quote)) {
        char byte = text[i++];

        if (byte == '\\' && i == length) {
            *fault = CONF_LEXER_LONE_ESCAPE;
            return false;
        }
        if (byte == '\\' && escapes)
            *out++ = read_escape(text, length, &i);
        else if (byte == '\\') {
            *out++ = byte;
            *out++ = text[i++];
        } else if (byte == quote)
            quote = '\0';
        else if (quote == '\0' && (byte == '"' || byte == '\''))
            quote = byte;
        else
            *out++ = byte;
    }
    *out = '\0';
    *at = i;
    if (quote != '\0')
        *fault = CONF_LEXER_OPEN_QUOTE;
    return quote == '\0';
}

void conf_lexer_unescape(const char *text, size_t length, char *out)
{
    for (size_t i = 0; i < length;) {
        char byte = text[i++];

        *out++ = byte == '\\' && i < length ? read_escape(text, length, &i) : byte;
    }
    *out = '\0';
}

size_t conf_lexer_brace(const char *text, size_t length, size_t at)
{
    const unsigned int kinds = CONF_BYTE_QUOTE | CONF_BYTE_DOLLAR | CONF_BYTE_BRACE;

    for (; (at = conf_lexer_find(text, length, at, kinds)) < length; at++) {
        if (text[at] == '"') {
            const char *close = memchr(text + at + 1, '"', length - at - 1);

            if (close == NULL)
                return length;
            at = (size_t)(close - text);
        } else if (text[at] == '$' && at + 1 < length && text[at + 1] == '{') {
            const char *close = memchr(text + at + 2, '}', length - at - 2);

            if (close == NULL)
                return at + 1;
            at = (size_t)(close - text);
        } else if (text[at] == '{' || text[at] == '}') {
            return at;
        }
    }
    return length;
}
