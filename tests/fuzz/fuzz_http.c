/*
 * Fuzzes the HTTP answer parser: the first byte says in how large steps the rest arrives.
 */
#include "checkers/http_parse.h"

#include "fuzz_target.h"

static size_t feed_block(struct http_parser *parser, const uint8_t *bytes, size_t length)
{
    uint8_t *block = fuzz_exact(bytes, length);
    struct http_piece piece = {0};
    size_t used = http_parse(parser, block, length, &piece);

    fuzz_require(used <= length && piece.length <= used);
    fuzz_require(piece.length == 0 || piece.bytes + piece.length <= block + length);
    fuzz_require(used > 0 || parser->state == HTTP_DONE ||
                 parser->state == HTTP_FAULTY); /* else it would spin */
    free(block);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct http_parser parser;
    size_t step, at = 1;

    if (length < 2)
        return 0;
    step = bytes[0] % 64 + 1u;
    http_parser_init(&parser);
    while (at < length && parser.state != HTTP_DONE && parser.state != HTTP_FAULTY)
        at += feed_block(&parser, bytes + at, length - at < step ? length - at : step);
    http_parse_end(&parser);
    fuzz_require(parser.state != HTTP_FAULTY || parser.fault != HTTP_FAULT_NONE);
    return 0;
}
