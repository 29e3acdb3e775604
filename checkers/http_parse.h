/*
 * HTTP answers, parsed as they arrive: status line, headers, body (RFC 9112).
 *
 * Pure: bytes and length in; no socket, no clock, no memory of its own beyond struct http_parser. The body is
 * handed on in pieces, for whoever digests or searches it, and never kept. Fuzzed by tests/fuzz/fuzz_http.c.
 */
#ifndef TANDEM_CHECKERS_HTTP_PARSE_H
#define TANDEM_CHECKERS_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What made an answer malformed; verdict.c has the words. */
enum http_fault {
    HTTP_FAULT_NONE,
    HTTP_FAULT_STATUS_LINE, /* does not begin with "HTTP/x.y nnn" */
    HTTP_FAULT_LENGTH,      /* Content-Length is no number, or two differ */
    HTTP_FAULT_CHUNK,       /* a chunk's size or end is damaged */
    HTTP_FAULT_TOO_LONG,    /* status line and headers above HTTP_HEAD_MAX, or endless trailers */
    HTTP_FAULT_COUNT,
};

enum http_state {
    HTTP_IN_STATUS_LINE,
    HTTP_IN_HEADERS,
    HTTP_IN_BODY, /* of known length, in chunks, or until the connection is closed */
    HTTP_DONE,
    HTTP_FAULTY,
};

/* Bytes of status line and headers (and of a chunked body's trailers) that are accepted. */
#define HTTP_HEAD_MAX 65536u

/* How much of a line is looked at; what is longer is read past. */
#define HTTP_LINE_KEPT 96u

enum http_framing {
    HTTP_UNTIL_CLOSE,
    HTTP_BY_LENGTH,
    HTTP_CHUNK_SIZE, /* the line with the next chunk's size */
    HTTP_CHUNK_DATA,
    HTTP_CHUNK_END, /* the line end after a chunk's data */
    HTTP_TRAILERS,
};

/* Read state, fault and status; the rest is the parser's own. */
struct http_parser {
    enum http_state state;
    enum http_fault fault;
    uint16_t status;     /* 100..999 once the status line was read, else 0 */
    uint64_t body_bytes; /* received so far */
    enum http_framing framing;
    bool has_length;
    bool chunked;
    uint64_t remaining; /* of the body or of the chunk */
    uint32_t head_bytes;
    uint32_t line_length; /* of the current line, also what was not kept */
    char line[HTTP_LINE_KEPT];
};

/* A piece of the body inside the caller's bytes; length 0 = none. */
struct http_piece {
    const uint8_t *bytes;
    size_t length;
};

void http_parser_init(struct http_parser *parser);

/*
 * Takes bytes up to the end of the next piece of body, or of the answer, and returns how many it took (at
 * least one unless length is 0). Call again with the rest until all are taken or state is HTTP_DONE or
 * HTTP_FAULTY.
 */
size_t http_parse(struct http_parser *parser, const uint8_t *bytes, size_t length, struct http_piece *piece);

/* The server closed the connection: state becomes HTTP_DONE if that ends the body, and stays what it was if
 * the answer is not whole. */
void http_parse_end(struct http_parser *parser);

#endif
