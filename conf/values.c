/*
 * Values: see values.h.
 */
#include "conf/values.h"

#include <ctype.h>
#include <net/if.h>
#include <string.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

enum conf_value_fault conf_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value)
{
    bool negative = *text == '-';
    int64_t number = 0;

    if (*text == '-' || *text == '+')
        text++;
    if (!is_digit(*text))
        return CONF_VALUE_MALFORMED;
    for (; is_digit(*text); text++) {
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, *text - '0', &number))
            number = INT64_MAX;
    }
    if (*text != '\0')
        return CONF_VALUE_MALFORMED;
    if (negative)
        number = -number;
    if (number < low || number > high)
        return CONF_VALUE_OUT_OF_RANGE;
    *value = number;
    return CONF_VALUE_GOOD;
}

/* Digits after the point as microseconds, rounded. */
static const char *read_fraction(const char *text, int64_t *microseconds)
{
    int64_t unit = 100000;

    for (; is_digit(*text) && unit > 0; text++, unit /= 10)
        *microseconds += (*text - '0') * unit;
    if (is_digit(*text) && *text >= '5')
        (*microseconds)++;
    while (is_digit(*text))
        text++;
    return text;
}

enum conf_value_fault conf_parse_seconds(const char *text, int64_t low_us, int64_t high_us, int64_t *value_us)
{
    int64_t seconds = 0;
    int64_t fraction = 0;
    bool digits = false;

    if (*text == '+')
        text++;
    for (; is_digit(*text); text++, digits = true) {
        if (seconds < INT64_MAX / 100000000)
            seconds = seconds * 10 + (*text - '0');
    }
    if (*text == '.') {
        digits = digits || is_digit(text[1]);
        text = read_fraction(text + 1, &fraction);
    }
    if (!digits || *text != '\0')
        return CONF_VALUE_MALFORMED;
    if (seconds >= INT64_MAX / 1000000 - 1)
        return CONF_VALUE_OUT_OF_RANGE;
    seconds = seconds * 1000000 + fraction;
    if (seconds < low_us || seconds > high_us)
        return CONF_VALUE_OUT_OF_RANGE;
    *value_us = seconds;
    return CONF_VALUE_GOOD;
}

bool conf_parse_bool(const char *text, bool *value)
{
    if (strcmp(text, "on") == 0 || strcmp(text, "true") == 0 || strcmp(text, "yes") == 0) {
        *value = true;
        return true;
    }
    if (strcmp(text, "off") == 0 || strcmp(text, "false") == 0 || strcmp(text, "no") == 0) {
        *value = false;
        return true;
    }
    return false;
}

enum conf_value_fault conf_parse_prefix(const char *text, struct ip_address *address, uint8_t *length,
                                        bool *length_given)
{
    const char *slash = strchr(text, '/');
    size_t size = slash == NULL ? strlen(text) : (size_t)(slash - text);
    char buffer[IP_ADDRESS_TEXT];
    struct ip_address found;
    enum conf_value_fault fault = CONF_VALUE_GOOD;
    int64_t bits;

    if (size >= sizeof(buffer))
        return CONF_VALUE_MALFORMED;
    memcpy(buffer, text, size);
    buffer[size] = '\0';
    if (!ip_address_parse(buffer, &found))
        return CONF_VALUE_MALFORMED;
    bits = ip_address_bits(&found);
    if (slash != NULL)
        fault = conf_parse_integer(slash + 1, 0, ip_address_bits(&found), &bits);
    if (fault != CONF_VALUE_GOOD)
        return fault;
    *address = found;
    *length = (uint8_t)bits;
    *length_given = slash != NULL;
    return CONF_VALUE_GOOD;
}

bool conf_is_interface_name(const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length >= IF_NAMESIZE || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '/' || text[i] == ':' || isspace((unsigned char)text[i]))
            return false;
    }
    return true;
}
