/*
 * Fuzzes the HTTP answer parser: the first byte says in how large steps the rest arrives.
 *
 * Built by clang -fsanitize=fuzzer,address,undefined as a libFuzzer target, or with -DFUZZ_STANDALONE as a
 * program that runs files given as arguments.
 */
#include <stdlib.h>
#include <string.h>

#include "checkers/http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static size_t feed_block(struct http_parser *parser, const uint8_t *bytes, size_t length)
{
    uint8_t *block = malloc(length);
    struct http_piece piece = {0};
    size_t used;

    if (block == NULL)
        abort();
    memcpy(block, bytes, length);
    used = http_parse(parser, block, length, &piece);
    if (used > length || piece.length > used ||
        (piece.length > 0 && piece.bytes + piece.length > block + length))
        abort();
    if (used == 0 && parser->state != HTTP_DONE && parser->state != HTTP_FAULTY)
        abort(); /* would spin */
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
    if (parser.state == HTTP_FAULTY && parser.fault == HTTP_FAULT_NONE)
        abort();
    return 0;
}

#ifdef FUZZ_STANDALONE
#include <stdio.h>

int main(int argc, char **argv)
{
    static uint8_t bytes[1 << 20];

    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");

        if (file == NULL)
            return EXIT_FAILURE;
        LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof(bytes), file));
        fclose(file);
    }
    return EXIT_SUCCESS;
}
#endif
