/*
 * Fuzzes the small parsers of checks: the first byte says which (DNS answer, SMTP reply, echo reply, pattern
 * of digits, name to ask for).
 */
#include <sys/socket.h>

#include "checkers/dns_message.h"
#include "checkers/hex_pattern.h"
#include "checkers/ping_packet.h"
#include "checkers/smtp_reply.h"

#include "fuzz_target.h"

/* Any steps must come to the same as all at once. */
static void try_smtp(const uint8_t *bytes, size_t length)
{
    struct smtp_reply whole = {.state = SMTP_REPLY_OPEN}, stepped = whole;
    size_t taken = smtp_reply_take(&whole, bytes, length), at = 0;

    while (at < length && stepped.state == SMTP_REPLY_OPEN)
        at += smtp_reply_take(&stepped, bytes + at, 1);
    fuzz_require(whole.state == stepped.state && whole.code == stepped.code && taken == at);
    fuzz_require(whole.state != SMTP_REPLY_WHOLE || (whole.code >= 100 && whole.code <= 999));
}

static void try_digits(const uint8_t *bytes, size_t length)
{
    char *digits = fuzz_text(bytes, length);
    uint8_t out[16];

    fuzz_require(hex_bytes(digits, out, sizeof(out)) <= sizeof(out));
    hex_matches(digits, bytes, length);
    free(digits);
}

static void try_name(const uint8_t *bytes, size_t length)
{
    char *name = fuzz_text(bytes, length);
    uint8_t query[DNS_QUERY_BYTES];

    fuzz_require(dns_query_write(1, name, 1, query) <= sizeof(query));
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct ping_echo echo = {.family = AF_INET6, .sequence = 1, .token = 2};
    uint8_t *rest, code;

    if (length < 2)
        return 0;
    rest = fuzz_exact(bytes + 1, length - 1);
    switch (bytes[0] % 5) {
    case 0:
        dns_answer_read(rest, length - 1, 0x1234, &code);
        break;
    case 1:
        try_smtp(rest, length - 1);
        break;
    case 2:
        ping_packet_answers(&echo, rest, length - 1);
        break;
    case 3:
        try_digits(rest, length - 1);
        break;
    case 4:
        try_name(rest, length - 1);
        break;
    }
    free(rest);
    return 0;
}
