/*
 * What every fuzz target has: libFuzzer's entry, and a demand that ends the program where it is not met.
 *
 * Linked with libFuzzer (configure --enable-fuzzing) a target is driven by it; otherwise by replay.c.
 */
#ifndef TANDEM_TESTS_FUZZ_TARGET_H
#define TANDEM_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define fuzz_require(condition)                                                                              \
    do {                                                                                                     \
        if (!(condition)) {                                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                          \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

/* A copy of exactly that length, so that a sanitizer sees every byte that is read beyond it. The caller frees
 * it. */
static inline uint8_t *fuzz_exact(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length == 0 ? 1 : length);

    fuzz_require(copy != NULL);
    if (length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

/* The same as a string. */
static inline char *fuzz_text(const uint8_t *bytes, size_t length)
{
    char *copy = malloc(length + 1);

    fuzz_require(copy != NULL);
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

/* Damages what was good: each three bytes of orders are a place and what to turn over there. So the fuzzer
 * begins behind magic numbers and lengths. */
static inline void fuzz_damage(uint8_t *bytes, size_t length, const uint8_t *orders, size_t order_bytes)
{
    for (; length > 0 && order_bytes >= 3; orders += 3, order_bytes -= 3)
        bytes[((size_t)orders[0] << 8 | orders[1]) % length] ^= orders[2];
}

#endif
