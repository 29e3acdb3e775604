/*
 * Fuzzes what an HTTP answer goes through: parser, digest, search. The first byte says in how large steps the
 * answer arrives, the second which regular expression is looked for.
 *
 * Whatever the steps, the verdict must be that of the answer in one piece.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "checkers/content.h"
#include "checkers/http_parse.h"

#include "fuzz_target.h"

static const struct {
    const char *text;
    uint32_t options;
    uint64_t least;
    uint64_t end;
} patterns[] = {
    {"ok", 0, 0, 0},
    {"^(a+)+$", PCRE2_MULTILINE, 0, 0},
    {"(?<=x.)y.*z", PCRE2_DOTALL, 0, 0},
    {"\\bup\\b", PCRE2_CASELESS, 3, 40},
    {".{2}\\x{20ac}", PCRE2_UTF, 0, 0},
    {"^$", 0, 0, 0},
};

struct verdict_of {
    enum http_state state;
    enum verdict_reason reason;
    int32_t detail;
};

static void feed(struct http_parser *parser, struct content *content, const struct conf_url *url,
                 const uint8_t *bytes, size_t length)
{
    uint8_t *block = fuzz_exact(bytes, length);

    for (size_t at = 0; at < length && parser->state != HTTP_DONE && parser->state != HTTP_FAULTY;) {
        struct http_piece piece;

        at += http_parse(parser, block + at, length - at, &piece);
        if (piece.length > 0)
            content_piece(content, url, piece.bytes, piece.length);
    }
    free(block);
}

static struct verdict_of judge(const struct conf_url *url, const struct pattern *pattern,
                               const uint8_t *bytes, size_t length, size_t step)
{
    struct content_judgement judgement;
    struct http_parser parser;
    struct content content;

    http_parser_init(&parser);
    content_begin(&content, url, pattern);
    for (size_t at = 0; at < length; at += step)
        feed(&parser, &content, url, bytes + at, length - at < step ? length - at : step);
    http_parse_end(&parser);
    judgement = content_judge(&content, url);
    content_end(&content);
    return (struct verdict_of){parser.state, judgement.reason, judgement.detail};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct conf_url url = {.digest = "d41d8cd98f00b204e9800998ecf8427e"};
    struct verdict_of stepped, whole;
    struct pattern *pattern;
    size_t which;

    if (length < 3)
        return 0;
    which = bytes[1] % (sizeof(patterns) / sizeof(patterns[0]));
    if (bytes[1] & 0x80)
        url.digest = NULL; /* else the search is reached by an empty body only */
    pattern = pattern_get(patterns[which].text, patterns[which].options);
    url.regex_min_offset = patterns[which].least;
    url.regex_end_offset = patterns[which].end;
    stepped = judge(&url, pattern, bytes + 2, length - 2, bytes[0] % 64 + 1u);
    whole = judge(&url, pattern, bytes + 2, length - 2, length);
    fuzz_require(stepped.state == whole.state);
    if (stepped.reason != VERDICT_REGEX_COST && whole.reason != VERDICT_REGEX_COST)
        fuzz_require(stepped.reason == whole.reason && stepped.detail == whole.detail);
    pattern_put(pattern);
    return 0;
}
