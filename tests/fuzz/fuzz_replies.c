/*
 * Fuzzes the small parsers of checks: the first byte says which (DNS answer, SMTP reply, echo reply, pattern
 * of digits). Built by clang -fsanitize=fuzzer,address,undefined as a libFuzzer target, or with
 * -DFUZZ_STANDALONE as a program that runs files given as arguments.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checkers/dns_message.h"
#include "checkers/hex_pattern.h"
#include "checkers/ping_packet.h"
#include "checkers/smtp_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Any steps must come to the same as all at once. */
static void try_smtp(const uint8_t *bytes, size_t length)
{
    struct smtp_reply whole = {.state = SMTP_REPLY_OPEN}, stepped = whole;
    size_t taken = smtp_reply_take(&whole, bytes, length), at = 0;

    while (at < length && stepped.state == SMTP_REPLY_OPEN)
        at += smtp_reply_take(&stepped, bytes + at, 1);
    if (whole.state != stepped.state || whole.code != stepped.code || taken != at)
        abort();
    if (whole.state == SMTP_REPLY_WHOLE && (whole.code < 100 || whole.code > 999))
        abort();
}

static void try_digits(const uint8_t *bytes, size_t length)
{
    char *digits = malloc(length + 1);
    uint8_t out[16];

    if (digits == NULL)
        abort();
    memcpy(digits, bytes, length);
    digits[length] = '\0';
    if (hex_bytes(digits, out, sizeof(out)) > sizeof(out))
        abort();
    hex_matches(digits, bytes, length);
    free(digits);
}

static void try_name(const uint8_t *bytes, size_t length)
{
    char *name = malloc(length + 1);
    uint8_t query[DNS_QUERY_BYTES];

    if (name == NULL)
        abort();
    memcpy(name, bytes, length);
    name[length] = '\0';
    if (dns_query_write(1, name, 1, query) > sizeof(query))
        abort();
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct ping_echo echo = {.family = AF_INET6, .sequence = 1, .token = 2};
    uint8_t *rest, code;

    if (length < 2)
        return 0;
    rest = malloc(length - 1); /* exact, for the sanitizer to see */
    if (rest == NULL)
        abort();
    memcpy(rest, bytes + 1, length - 1);
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
