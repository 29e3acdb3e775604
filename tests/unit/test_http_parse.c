/* HTTP answers, whole and byte by byte: both ways must come to the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "checkers/http_parse.h"

struct answer {
    const char *bytes;
    enum http_state state;
    uint16_t status;
    enum http_fault fault;
    const char *body;
    size_t surplus; /* bytes behind the end of the answer */
    enum http_state at_close;
};

static const struct answer answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", HTTP_DONE, 200, 0, "hello", 0, HTTP_DONE},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1", HTTP_DONE, 200, 0, "hello", 8, HTTP_DONE},
    {"HTTP/1.0 503 Service Unavailable\r\n\r\nbusy", HTTP_IN_BODY, 503, 0, "busy", 0, HTTP_DONE},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", HTTP_DONE, 200, 0, "", 0, HTTP_DONE},
    {"HTTP/1.1 200 OK\ncontent-length:3\t\n\nabc", HTTP_DONE, 200, 0, "abc", 0, HTTP_DONE},
    {"HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", HTTP_DONE, 204, 0, "", 0, HTTP_DONE},
    {"HTTP/1.1 304 Not Modified\r\n\r\n", HTTP_DONE, 304, 0, "", 0, HTTP_DONE},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 No\r\nContent-Length: 1\r\n\r\nx", HTTP_DONE, 404, 0, "x", 0,
     HTTP_DONE},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwiki\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
     HTTP_DONE, 200, 0, "wiki0123456789", 0, HTTP_DONE},
    {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: gzip, Chunked \r\n\r\n1\r\nz\r\n0\r\nT: "
     "1\r\n\r\n",
     HTTP_DONE, 200, 0, "z", 0, HTTP_DONE},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel", HTTP_IN_BODY, 200, 0, "hel", 0, HTTP_IN_BODY},
    {"HTTP/1.1 200 OK\r\nContent-Len", HTTP_IN_HEADERS, 200, 0, "", 0, HTTP_IN_HEADERS},
    {"HTTP/1.1 20", HTTP_IN_STATUS_LINE, 0, 0, "", 0, HTTP_IN_STATUS_LINE},
    {"", HTTP_IN_STATUS_LINE, 0, 0, "", 0, HTTP_IN_STATUS_LINE},
    {"HTTP/1.1 200 OK\r\nno colon here\r\n folded\r\nContent-Length: 1\r\n\r\n1", HTTP_DONE, 200, 0, "1", 0,
     HTTP_DONE},
    {"SSH-2.0-OpenSSH_9.2p1 Debian\r\n", HTTP_FAULTY, 0, HTTP_FAULT_STATUS_LINE, "", 0, HTTP_FAULTY},
    {"HTTP/1.1 2000 OK\r\n", HTTP_FAULTY, 0, HTTP_FAULT_STATUS_LINE, "", 0, HTTP_FAULTY},
    {"HTTP/1.1 099 OK\r\n", HTTP_FAULTY, 0, HTTP_FAULT_STATUS_LINE, "", 0, HTTP_FAULTY},
    {"HTTP/1.1\r\n", HTTP_FAULTY, 0, HTTP_FAULT_STATUS_LINE, "", 0, HTTP_FAULTY},
    {"HTTP\n", HTTP_FAULTY, 0, HTTP_FAULT_STATUS_LINE, "", 0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nContent-Length: five\r\n", HTTP_FAULTY, 200, HTTP_FAULT_LENGTH, "", 0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", HTTP_FAULTY, 200, HTTP_FAULT_LENGTH, "", 0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n", HTTP_FAULTY, 200, HTTP_FAULT_LENGTH, "",
     0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n", HTTP_FAULTY, 200, HTTP_FAULT_LENGTH, "",
     0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", HTTP_FAULTY, 200, HTTP_FAULT_CHUNK, "",
     0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", HTTP_FAULTY, 200, HTTP_FAULT_CHUNK,
     "a", 0, HTTP_FAULTY},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11112222333344445\r\n", HTTP_FAULTY, 200,
     HTTP_FAULT_CHUNK, "", 0, HTTP_FAULTY},
};

/* Feeds the answer in steps of that size, each from a heap block of its own so that overruns are seen. */
static void check_answer(const struct answer *answer, size_t step)
{
    struct http_parser parser;
    char body[256];
    size_t body_length = 0, total = strlen(answer->bytes), at = 0;

    http_parser_init(&parser);
    while (at < total && parser.state != HTTP_DONE && parser.state != HTTP_FAULTY) {
        size_t length = total - at < step ? total - at : step;
        uint8_t *block = malloc(length);
        struct http_piece piece;
        size_t used;

        assert_non_null(block);
        memcpy(block, answer->bytes + at, length);
        used = http_parse(&parser, block, length, &piece);
        assert_in_range(used, 1, length);
        memcpy(body + body_length, piece.bytes != NULL ? piece.bytes : block, piece.length);
        body_length += piece.length;
        at += used;
        free(block);
    }
    body[body_length] = '\0';
    assert_int_equal(parser.state, answer->state);
    assert_int_equal(parser.status, answer->status);
    assert_int_equal(parser.fault, answer->fault);
    assert_string_equal(body, answer->body);
    assert_int_equal(parser.body_bytes, body_length);
    if (answer->state == HTTP_DONE)
        assert_int_equal(total - at, answer->surplus);
    http_parse_end(&parser);
    assert_int_equal(parser.state, answer->at_close);
}

static void test_answers_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        for (size_t step = 1; step <= strlen(answers[i].bytes) + 1; step++)
            check_answer(&answers[i], step);
    }
}

static void feed(struct http_parser *parser, const char *text)
{
    size_t length = strlen(text), at = 0;
    struct http_piece piece;

    while (at < length && parser->state != HTTP_FAULTY && parser->state != HTTP_DONE)
        at += http_parse(parser, (const uint8_t *)text + at, length - at, &piece);
}

static void test_endless_heads_are_refused(void **state)
{
    struct http_parser parser;

    (void)state;
    http_parser_init(&parser);
    feed(&parser, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 5000 && parser.state == HTTP_IN_HEADERS; i++)
        feed(&parser, "X-Header: again and again\r\n");
    assert_int_equal(parser.state, HTTP_FAULTY);
    assert_int_equal(parser.fault, HTTP_FAULT_TOO_LONG);

    http_parser_init(&parser);
    feed(&parser, "HTTP/1.1 200 ");
    for (int i = 0; i < 5000 && parser.state == HTTP_IN_STATUS_LINE; i++)
        feed(&parser, "a status line without an end ");
    assert_int_equal(parser.fault, HTTP_FAULT_TOO_LONG);

    http_parser_init(&parser);
    feed(&parser, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
    for (int i = 0; i < 5000 && parser.state == HTTP_IN_BODY; i++)
        feed(&parser, "Trailer: again and again\r\n");
    assert_int_equal(parser.fault, HTTP_FAULT_TOO_LONG);
}

static void test_a_long_header_line_is_read_past(void **state)
{
    struct http_parser parser;

    (void)state;
    http_parser_init(&parser);
    feed(&parser, "HTTP/1.1 200 OK\r\nSet-Cookie: ");
    for (int i = 0; i < 1000; i++)
        feed(&parser, "0123456789");
    feed(&parser, "\r\nContent-Length: 2\r\n\r\nok");
    assert_int_equal(parser.state, HTTP_DONE);
    assert_int_equal(parser.body_bytes, 2);
}

static void test_a_body_of_many_chunks_has_no_limit(void **state)
{
    struct http_parser parser;

    (void)state;
    http_parser_init(&parser);
    feed(&parser, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 50000; i++)
        feed(&parser, "1\r\nx\r\n");
    feed(&parser, "0\r\n\r\n");
    assert_int_equal(parser.state, HTTP_DONE);
    assert_int_equal(parser.body_bytes, 50000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers_in_pieces_of_any_size),
        cmocka_unit_test(test_endless_heads_are_refused),
        cmocka_unit_test(test_a_long_header_line_is_read_past),
        cmocka_unit_test(test_a_body_of_many_chunks_has_no_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
