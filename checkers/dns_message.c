/*
 * DNS messages. See dns_message.h.
 */
#include "checkers/dns_message.h"

#include <string.h>

#define HEAD_BYTES        12
#define NAME_BYTES        255
#define LABEL_BYTES       63
#define FLAG_ANSWER       0x80 /* of the third byte */
#define RECURSION_DESIRED 0x01
#define CODE_MASK         0x0f /* of the fourth */
#define CLASS_INTERNET    1

static void put_16(uint8_t *place, uint16_t value)
{
    place[0] = (uint8_t)(value >> 8);
    place[1] = (uint8_t)value;
}

/* Its length on the wire, or 0. */
static size_t write_name(const char *name, uint8_t *place)
{
    size_t used = 0;

    if (strcmp(name, ".") == 0)
        name = "";
    while (*name != '\0') {
        size_t length = strcspn(name, ".");

        if (length == 0 || length > LABEL_BYTES || used + length + 2 > NAME_BYTES)
            return 0;
        place[used] = (uint8_t)length;
        memcpy(place + used + 1, name, length);
        used += length + 1;
        name += length;
        name += *name == '.';
    }
    place[used] = 0;
    return used + 1;
}

size_t dns_query_write(uint16_t id, const char *name, uint16_t type, uint8_t query[static DNS_QUERY_BYTES])
{
    size_t length;

    memset(query, 0, DNS_QUERY_BYTES);
    put_16(query, id);
    query[2] = RECURSION_DESIRED;
    put_16(query + 4, 1); /* one question */
    length = write_name(name, query + HEAD_BYTES);
    if (length == 0)
        return 0;
    put_16(query + HEAD_BYTES + length, type);
    put_16(query + HEAD_BYTES + length + 2, CLASS_INTERNET);
    return HEAD_BYTES + length + 4;
}

bool dns_answer_read(const uint8_t *bytes, size_t length, uint16_t id, uint8_t *code)
{
    if (length < HEAD_BYTES || (bytes[0] << 8 | bytes[1]) != id || (bytes[2] & FLAG_ANSWER) == 0)
        return false;
    *code = bytes[3] & CODE_MASK;
    return true;
}
