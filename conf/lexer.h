/*
 * Characters to words: comments, quotes, escapes. Pure functions on bytes.
 *
 * Two ways to split exist in the language. Ordinary lines know only blanks and "double quotes". Lines of
 * script keywords are split as a shell would: both quotes, and backslash escapes (semantics.md, block
 * (language)).
 */
#ifndef TANDEM_CONF_LEXER_H
#define TANDEM_CONF_LEXER_H

#include "conf/line.h"

enum conf_lexer_fault {
    CONF_LEXER_GOOD,
    CONF_LEXER_OPEN_QUOTE, /* a quote without its end */
    CONF_LEXER_LONE_ESCAPE /* a backslash at the very end */
};

/* What a byte may mean; most mean nothing, and are passed over quickly. */
enum conf_byte_kind {
    CONF_BYTE_BLANK = 1 << 0, /* between words */
    CONF_BYTE_QUOTE = 1 << 1, /* the double one */
    CONF_BYTE_BRACE = 1 << 2,
    CONF_BYTE_DOLLAR = 1 << 3,
    CONF_BYTE_ESCAPE = 1 << 4,
    CONF_BYTE_COMMENT = 1 << 5,
    CONF_BYTE_CROSS = 1 << 6,   /* x, X: of a masked address */
    CONF_BYTE_FOREIGN = 1 << 7, /* not ASCII */
    CONF_BYTE_NUL = 1 << 8,
};
extern const uint16_t conf_byte_kinds[256]; /* enum conf_byte_kind, ored */

/* Of all bytes together. */
static inline unsigned int conf_lexer_kinds(const char *text, size_t length)
{
    unsigned int kinds = 0;

    for (size_t i = 0; i < length; i++)
        kinds |= conf_byte_kinds[(unsigned char)text[i]];
    return kinds;
}

/* The first byte at or after at that is one of these kinds, or length. */
static inline size_t conf_lexer_find(const char *text, size_t length, size_t at, unsigned int kinds)
{
    while (at < length && (conf_byte_kinds[(unsigned char)text[at]] & kinds) == 0)
        at++;
    return at;
}

/* A blank between words. */
static inline bool conf_lexer_is_blank(char byte)
{
    return (conf_byte_kinds[(unsigned char)byte] & CONF_BYTE_BLANK) != 0;
}

/* The first byte at or after at that is no blank, or length. */
static inline size_t conf_lexer_pass_blanks(const char *text, size_t length, size_t at)
{
    while (at < length && conf_lexer_is_blank(text[at]))
        at++;
    return at;
}

/* The letters, digits and '_' of a definition's name. */
bool conf_lexer_is_name(char byte);

/* Removes leading and trailing blanks. */
void conf_lexer_trim(struct conf_line *line);

/* Removes leading and trailing blanks and the comment: from the first # or ! outside double quotes that is
 * not escaped. \# and \! become # and !. A backslash at the end is kept as the last byte. */
enum conf_lexer_fault conf_lexer_strip(struct conf_line *line);

/* A word of an ordinary line: text[start..end), without its quotes. */
struct conf_lexer_found {
    size_t start;
    size_t end;
    unsigned int kinds; /* of its bytes, but 0 of one in quotes */
    bool quoted;
    enum conf_lexer_fault fault;
};

/* The word in quotes that begins at at; returns where to go on. */
size_t conf_lexer_quoted(const char *text, size_t length, size_t at, struct conf_lexer_found *word);

/* Finds the next word at or after *at and advances *at past it. False at the end of the line. */
static inline bool conf_lexer_word(const char *text, size_t length, size_t *at, struct conf_lexer_found *word)
{
    size_t i = conf_lexer_pass_blanks(text, length, *at);
    unsigned int kinds = 0;

    *at = i;
    word->fault = CONF_LEXER_GOOD;
    if (i == length)
        return false;
    word->quoted = text[i] == '"';
    if (word->quoted) {
        *at = conf_lexer_quoted(text, length, i, word);
        return true;
    }
    word->start = i;
    for (; i < length; i++) {
        unsigned int kind = conf_byte_kinds[(unsigned char)text[i]];

        if ((kind & (CONF_BYTE_BLANK | CONF_BYTE_QUOTE)) != 0)
            break;
        kinds |= kind;
    }
    word->end = i;
    word->kinds = kinds;
    *at = i;
    return true;
}

/* Next word of a script line into out, which has room for length + 1 bytes; a string is terminated. With
 * escapes, \n \t \x41 \101 \cA and the like become their bytes; without, a backslash keeps itself and what
 * follows it. False at the end of the line or at a fault. */
bool conf_lexer_script_word(const char *text, size_t length, bool escapes, size_t *at, size_t *start,
                            char *out, enum conf_lexer_fault *fault);

/* A word of a script line that was split without escapes: now they become their bytes. out has room for
 * length
 * + 1 bytes and is terminated. */
void conf_lexer_unescape(const char *text, size_t length, char *out);

/* The offset of the first brace outside double quotes at or after at, or length. The braces of ${NAME} do not
 * count. */
size_t conf_lexer_brace(const char *text, size_t length, size_t at);

#endif
