/*
 * Numbers as decimal digits, without printf: the digest and a reload of thousands of servers write many.
 */
#ifndef TANDEM_CONF_DECIMAL_H
#define TANDEM_CONF_DECIMAL_H

#include <stdint.h>
#include <string.h>

#define DECIMAL_MAX 20 /* digits of a uint64_t */

/* Returns the place behind the last digit; there is no terminator. */
static inline char *decimal_put(char *at, uint64_t number)
{
    char digits[DECIMAL_MAX];
    size_t first = sizeof(digits);

    do
        digits[--first] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    memcpy(at, digits + first, sizeof(digits) - first);
    return at + sizeof(digits) - first;
}

#endif
