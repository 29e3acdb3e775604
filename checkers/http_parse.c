/*
 * The HTTP answer parser: a state machine over lines and counted bytes. See http_parse.h.
 *
 * Lenient where servers are sloppy and it does no harm (bare line feeds, header lines without a colon, any
 * HTTP version); strict where the end of the answer would be guessed.
 */
#include "checkers/http_parse.h"

#include <string.h>
#include <strings.h>

void http_parser_init(struct http_parser *parser)
{
    *parser = (struct http_parser){.state = HTTP_IN_STATUS_LINE};
}

static void fail(struct http_parser *parser, enum http_fault fault)
{
    parser->state = HTTP_FAULTY;
    parser->fault = fault;
}

static size_t smaller(uint64_t a, size_t b)
{
    return a < b ? (size_t)a : b;
}

/* ------------------------------------------------------------------ lines */

static void keep(struct http_parser *parser, const uint8_t *bytes, size_t length)
{
    size_t room = HTTP_LINE_KEPT - 1;
    size_t start = smaller(parser->line_length, room);

    memcpy(parser->line + start, bytes, smaller(length, room - start));
    parser->line_length += (uint32_t)length;
}

/* Collects the current line; *used bytes were taken. True once it is complete, terminated, in parser->line.
 */
static bool take_line(struct http_parser *parser, const uint8_t *bytes, size_t length, size_t *used)
{
    size_t allowed = smaller(HTTP_HEAD_MAX - parser->head_bytes, length);
    const uint8_t *end = memchr(bytes, '\n', allowed);
    size_t taken = end != NULL ? (size_t)(end - bytes) : allowed;
    size_t kept;

    keep(parser, bytes, taken);
    *used = end != NULL ? taken + 1 : taken;
    parser->head_bytes += (uint32_t)*used;
    if (end == NULL) {
        if (parser->head_bytes == HTTP_HEAD_MAX)
            fail(parser, HTTP_FAULT_TOO_LONG);
        return false;
    }
    kept = smaller(parser->line_length, HTTP_LINE_KEPT - 1);
    if (kept == parser->line_length && kept > 0 && parser->line[kept - 1] == '\r')
        kept--;
    parser->line[kept] = '\0';
    parser->line_length = 0;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits and nothing but blanks behind them. */
static bool read_length(const char *text, uint64_t *value)
{
    uint64_t sum = 0;

    text += strspn(text, " \t");
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++) {
        if (sum > (UINT64_MAX - 9) / 10)
            return false;
        sum = sum * 10 + (uint64_t)(*text - '0');
    }
    *value = sum;
    return text[strspn(text, " \t")] == '\0';
}

/* ------------------------------------------------------------------ status line */

static const char status_line_start[] = "HTTP/";

/* What does not begin like HTTP is refused before its line ends. */
static bool may_be_status_line(const struct http_parser *parser)
{
    return memcmp(parser->line, status_line_start,
                  smaller(parser->line_length, sizeof(status_line_start) - 1)) == 0;
}

/* "HTTP/1.1 200 OK" */
static void read_status_line(struct http_parser *parser)
{
    const char *line = parser->line;
    const char *code = line + 9;

    if (strncmp(line, status_line_start, 5) != 0 || !is_digit(line[5]) || line[6] != '.' ||
        !is_digit(line[7]) || line[8] != ' ' || !is_digit(code[0]) || code[0] == '0' || !is_digit(code[1]) ||
        !is_digit(code[2]) || (code[3] != ' ' && code[3] != '\0')) {
        fail(parser, HTTP_FAULT_STATUS_LINE);
        return;
    }
    parser->status = (uint16_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
    parser->state = HTTP_IN_HEADERS;
}

/* ------------------------------------------------------------------ headers */

static const char *value_of(const char *line, const char *name)
{
    size_t length = strlen(name);

    if (strncasecmp(line, name, length) != 0 || line[length] != ':')
        return NULL;
    return line + length + 1;
}

/* The last transfer coding decides the framing (RFC 9112, 6.3). */
static bool ends_with_chunked(const char *value)
{
    size_t length = strlen(value);

    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        length--;
    return length >= 7 && strncasecmp(value + length - 7, "chunked", 7) == 0;
}

static void read_header(struct http_parser *parser)
{
    const char *length = value_of(parser->line, "Content-Length");
    const char *coding = value_of(parser->line, "Transfer-Encoding");
    uint64_t bytes = 0;

    if (coding != NULL)
        parser->chunked = ends_with_chunked(coding);
    if (length == NULL)
        return;
    if (!read_length(length, &bytes) || (parser->has_length && bytes != parser->remaining)) {
        fail(parser, HTTP_FAULT_LENGTH);
        return;
    }
    parser->has_length = true;
    parser->remaining = bytes;
}

static void end_headers(struct http_parser *parser)
{
    if (parser->status < 200 && parser->status != 101) { /* an interim answer: the real one follows */
        parser->state = HTTP_IN_STATUS_LINE;
        parser->has_length = false;
        parser->chunked = false;
        return;
    }
    parser->state = HTTP_IN_BODY;
    if (parser->status == 204 || parser->status == 304) {
        parser->state = HTTP_DONE;
    } else if (parser->chunked) {
        parser->framing = HTTP_CHUNK_SIZE;
    } else if (parser->has_length) {
        parser->framing = HTTP_BY_LENGTH;
        if (parser->remaining == 0)
            parser->state = HTTP_DONE;
    } else {
        parser->framing = HTTP_UNTIL_CLOSE;
    }
}

/* ------------------------------------------------------------------ body */

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "1a2b;extension" */
static void read_chunk_size(struct http_parser *parser)
{
    const char *text = parser->line;
    uint64_t size = 0;

    if (hex_digit(*text) < 0) {
        fail(parser, HTTP_FAULT_CHUNK);
        return;
    }
    for (; hex_digit(*text) >= 0; text++) {
        if (size >> 60 != 0) {
            fail(parser, HTTP_FAULT_CHUNK);
            return;
        }
        size = size << 4 | (uint64_t)hex_digit(*text);
    }
    text += strspn(text, " \t");
    if (*text != '\0' && *text != ';') {
        fail(parser, HTTP_FAULT_CHUNK);
        return;
    }
    parser->head_bytes = 0; /* a body may have any number of chunks; each line is bounded */
    parser->remaining = size;
    parser->framing = size > 0 ? HTTP_CHUNK_DATA : HTTP_TRAILERS;
}

static size_t take_counted(struct http_parser *parser, const uint8_t *bytes, size_t length,
                           struct http_piece *piece)
{
    size_t taken = smaller(parser->remaining, length);

    *piece = (struct http_piece){bytes, taken};
    parser->body_bytes += taken;
    parser->remaining -= taken;
    if (parser->remaining > 0)
        return taken;
    if (parser->framing == HTTP_CHUNK_DATA)
        parser->framing = HTTP_CHUNK_END;
    else
        parser->state = HTTP_DONE;
    return taken;
}

static size_t take_body_line(struct http_parser *parser, const uint8_t *bytes, size_t length)
{
    size_t used;

    if (!take_line(parser, bytes, length, &used))
        return used;
    if (parser->framing == HTTP_CHUNK_SIZE) {
        read_chunk_size(parser);
    } else if (parser->framing == HTTP_TRAILERS) {
        if (parser->line[0] == '\0')
            parser->state = HTTP_DONE;
    } else if (parser->line[0] == '\0') {
        parser->framing = HTTP_CHUNK_SIZE;
    } else {
        fail(parser, HTTP_FAULT_CHUNK);
    }
    return used;
}

static size_t take_body(struct http_parser *parser, const uint8_t *bytes, size_t length,
                        struct http_piece *piece)
{
    switch (parser->framing) {
    case HTTP_UNTIL_CLOSE:
        *piece = (struct http_piece){bytes, length};
        parser->body_bytes += length;
        return length;
    case HTTP_BY_LENGTH:
    case HTTP_CHUNK_DATA:
        return take_counted(parser, bytes, length, piece);
    case HTTP_CHUNK_SIZE:
    case HTTP_CHUNK_END:
    case HTTP_TRAILERS:
        break;
    }
    return take_body_line(parser, bytes, length);
}

/* ------------------------------------------------------------------ the whole */

static size_t take_status_line(struct http_parser *parser, const uint8_t *bytes, size_t length)
{
    size_t used;

    if (take_line(parser, bytes, length, &used))
        read_status_line(parser);
    else if (parser->state == HTTP_IN_STATUS_LINE && !may_be_status_line(parser))
        fail(parser, HTTP_FAULT_STATUS_LINE);
    return used;
}

static size_t take_header(struct http_parser *parser, const uint8_t *bytes, size_t length)
{
    size_t used;

    if (!take_line(parser, bytes, length, &used))
        return used;
    if (parser->line[0] == '\0')
        end_headers(parser);
    else
        read_header(parser);
    return used;
}

size_t http_parse(struct http_parser *parser, const uint8_t *bytes, size_t length, struct http_piece *piece)
{
    size_t used = 0;

    *piece = (struct http_piece){0};
    while (used < length && piece->length == 0) {
        switch (parser->state) {
        case HTTP_IN_STATUS_LINE:
            used += take_status_line(parser, bytes + used, length - used);
            break;
        case HTTP_IN_HEADERS:
            used += take_header(parser, bytes + used, length - used);
            break;
        case HTTP_IN_BODY:
            used += take_body(parser, bytes + used, length - used, piece);
            break;
        case HTTP_DONE:
        case HTTP_FAULTY:
            return used;
        }
    }
    return used;
}

void http_parse_end(struct http_parser *parser)
{
    if (parser->state == HTTP_IN_BODY && parser->framing == HTTP_UNTIL_CLOSE)
        parser->state = HTTP_DONE;
}
