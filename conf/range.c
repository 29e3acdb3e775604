/*
 * Ranges of addresses. See range.h.
 */
#include "conf/range.h"

#include <stdlib.h>
#include <string.h>

#include "conf/model.h"
#include "conf/values.h"

/* The part of text before the separator, as an address. */
static bool read_start(const char *text, size_t length, struct ip_address *start)
{
    char copy[IP_ADDRESS_TEXT];

    if (length >= sizeof(copy))
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return ip_address_parse(copy, start);
}

/* The last octet in decimal, or the last 16 bits in hexadecimal, in place of the start's own. */
static bool read_last_part(const char *text, const struct ip_address *start, struct ip_address *end)
{
    bool six = start->family == AF_INET6;
    size_t digits = strspn(text, six ? "0123456789abcdefABCDEF" : "0123456789");
    unsigned long part;

    if (digits == 0 || digits > (six ? 4 : 3) || text[digits] != '\0')
        return false;
    part = strtoul(text, NULL, six ? 16 : 10);
    if (!six && part > UINT8_MAX)
        return false;
    *end = *start;
    if (six)
        end->bytes[14] = (uint8_t)(part >> 8);
    end->bytes[six ? 15 : 3] = (uint8_t)part;
    return true;
}

static bool read_end(const char *text, const struct ip_address *start, struct ip_address *end)
{
    if (strchr(text, start->family == AF_INET6 ? ':' : '.') == NULL)
        return read_last_part(text, start, end);
    return ip_address_parse(text, end) && end->family == start->family;
}

/* The last address of the network; false if the start has bits behind the prefix. */
static bool last_of_network(const struct ip_address *start, unsigned int length, struct ip_address *end)
{
    *end = *start;
    for (unsigned int bit = length; bit < ip_address_bits(start); bit++) {
        uint8_t mask = (uint8_t)(0x80 >> bit % 8);

        if (start->bytes[bit / 8] & mask)
            return false;
        end->bytes[bit / 8] |= mask;
    }
    return true;
}

enum conf_range_fault conf_parse_range(const char *text, struct ip_address *first, uint32_t *count)
{
    size_t start_length = strcspn(text, "-/");
    struct ip_address start = {0}, end;
    int64_t prefix_length;
    uint32_t addresses;

    if (!read_start(text, start_length, &start))
        return CONF_RANGE_NO_ADDRESS;
    end = start;
    if (text[start_length] == '-' && !read_end(text + start_length + 1, &start, &end))
        return CONF_RANGE_BAD_END;
    if (text[start_length] == '/') {
        if (conf_parse_integer(text + start_length + 1, 1, ip_address_bits(&start), &prefix_length) !=
            CONF_VALUE_GOOD)
            return CONF_RANGE_BAD_LENGTH;
        if (!last_of_network(&start, (unsigned int)prefix_length, &end))
            return CONF_RANGE_HOST_BITS;
    }
    addresses = ip_address_count(&start, &end);
    if (addresses == 0)
        return CONF_RANGE_BACKWARDS;
    if (addresses > CONF_SERVICE_ADDRESSES_MAX)
        return CONF_RANGE_TOO_MANY;
    *first = start;
    *count = addresses;
    return CONF_RANGE_GOOD;
}

const char *conf_range_fault_text(enum conf_range_fault fault)
{
    switch (fault) {
    case CONF_RANGE_GOOD:
        return "nothing is wrong";
    case CONF_RANGE_NO_ADDRESS:
        return "it does not begin with an IP address";
    case CONF_RANGE_BAD_END:
        return "its end is neither an address of the same family nor the last part of one";
    case CONF_RANGE_BACKWARDS:
        return "its end is before its start";
    case CONF_RANGE_BAD_LENGTH:
        return "its prefix length is none of that address family";
    case CONF_RANGE_HOST_BITS:
        return "its address has bits behind the prefix length";
    case CONF_RANGE_TOO_MANY:
        return "it has more than 65536 addresses, each of which would be a service of the kernel";
    }
    return "?";
}
