/*
 * Hexadecimal patterns. See hex_pattern.h.
 */
#include "checkers/hex_pattern.h"

static int value_of(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

size_t hex_bytes(const char *digits, uint8_t *out, size_t size)
{
    size_t count = 0;

    for (; digits[0] != '\0' && digits[1] != '\0' && count < size; digits += 2) {
        if (value_of(digits[0]) < 0 || value_of(digits[1]) < 0)
            return count;
        out[count++] = (uint8_t)(value_of(digits[0]) << 4 | value_of(digits[1]));
    }
    return count;
}

static bool half_matches(char digit, int half)
{
    return value_of(digit) < 0 || value_of(digit) == half;
}

bool hex_matches(const char *digits, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length && digits[0] != '\0' && digits[1] != '\0'; i++, digits += 2) {
        if (!half_matches(digits[0], bytes[i] >> 4) || !half_matches(digits[1], bytes[i] & 0x0f))
            return false;
    }
    return true;
}
