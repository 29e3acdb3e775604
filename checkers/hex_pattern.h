/*
 * Bytes written as hexadecimal digits, of which an x stands for any (UDP_CHECK). Pure.
 */
#ifndef TANDEM_CHECKERS_HEX_PATTERN_H
#define TANDEM_CHECKERS_HEX_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes that digits, an even number without x, stand for; how many, at most size. */
size_t hex_bytes(const char *digits, uint8_t *out, size_t size);

/* True if the bytes begin as the digits say; the shorter of the two counts. */
bool hex_matches(const char *digits, const uint8_t *bytes, size_t length);

#endif
