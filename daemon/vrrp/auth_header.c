/*
 * The IPsec authentication header of version 2 adverts. See auth_header.h.
 */
#include "daemon/vrrp/auth_header.h"

#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <netinet/in.h>
#include <string.h>

#define IPV4_HEADER        20
#define IPV4_HEADER_MAX    60
#define OFFSET_TOS         1
#define OFFSET_ID          4
#define OFFSET_FRAGMENT    6
#define OFFSET_TTL         8
#define OFFSET_CHECKSUM    10
#define OFFSET_SOURCE      12
#define OFFSET_DESTINATION 16
#define PROTOCOL_VRRP      112
#define LENGTH_IN_WORDS    (VRRP_AH_BYTES / 4 - 2)
#define AH_INDEX           4
#define AH_SEQUENCE        8
#define AH_HMAC            12
#define HMAC_BYTES         12

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 24);
    bytes[1] = (uint8_t)(value >> 16);
    bytes[2] = (uint8_t)(value >> 8);
    bytes[3] = (uint8_t)value;
}

/* What routers may change on the way is no part of what is signed (RFC 2402 3.3.3.1.1). */
static void blank_mutable_fields(uint8_t *ip_header)
{
    bool multicast = (ip_header[OFFSET_DESTINATION] & 0xf0) == 0xe0;

    ip_header[OFFSET_TOS] = 0;
    memset(ip_header + OFFSET_FRAGMENT, 0, 2);
    memset(ip_header + OFFSET_CHECKSUM, 0, 2);
    if (!multicast)
        ip_header[OFFSET_TTL] = 0;
}

static void sum_up(const uint8_t *packet, size_t length, size_t ip_header, const uint8_t *key,
                   uint8_t digest[static HMAC_BYTES])
{
    static const uint8_t zeros[HMAC_BYTES];
    uint8_t blanked[IPV4_HEADER_MAX];
    struct hmac_md5_ctx hmac;

    memcpy(blanked, packet, ip_header);
    blank_mutable_fields(blanked);
    hmac_md5_set_key(&hmac, VRRP_AH_KEY, key);
    hmac_md5_update(&hmac, ip_header, blanked);
    hmac_md5_update(&hmac, AH_HMAC, packet + ip_header);
    hmac_md5_update(&hmac, HMAC_BYTES, zeros);
    hmac_md5_update(&hmac, length - ip_header - VRRP_AH_BYTES, packet + ip_header + VRRP_AH_BYTES);
    hmac_md5_digest(&hmac, HMAC_BYTES, digest);
}

/* The kernel would choose an identification of its own for zero, after the HMAC was made. */
static void put_identification(uint8_t *packet, uint32_t sequence)
{
    uint16_t identification = (uint16_t)sequence == 0 ? 1 : (uint16_t)sequence;

    packet[OFFSET_ID] = (uint8_t)(identification >> 8);
    packet[OFFSET_ID + 1] = (uint8_t)identification;
}

void vrrp_ah_sign(uint8_t *packet, size_t length, const uint8_t key[static VRRP_AH_KEY], uint32_t sequence)
{
    uint8_t *header = packet + IPV4_HEADER;

    put_identification(packet, sequence);
    header[0] = PROTOCOL_VRRP;
    header[1] = LENGTH_IN_WORDS;
    memset(header + 2, 0, 2);
    memcpy(header + AH_INDEX, packet + OFFSET_SOURCE, 4);
    put32(header + AH_SEQUENCE, sequence);
    sum_up(packet, length, IPV4_HEADER, key, header + AH_HMAC);
}

bool vrrp_ah_verify(const uint8_t *packet, size_t length, size_t ip_header,
                    const uint8_t key[static VRRP_AH_KEY], uint32_t *sequence)
{
    const uint8_t *header = packet + ip_header;
    uint8_t digest[HMAC_BYTES];

    if (header[0] != PROTOCOL_VRRP || header[1] != LENGTH_IN_WORDS ||
        memcmp(header + AH_INDEX, packet + OFFSET_SOURCE, 4) != 0)
        return false;
    sum_up(packet, length, ip_header, key, digest);
    if (!memeql_sec(digest, header + AH_HMAC, HMAC_BYTES))
        return false;
    *sequence = get32(header + AH_SEQUENCE);
    return true;
}

/* ------------------------------------------------------------------ replay */

/* The sender's place; for a new one that of the sender heard longest ago. */
static size_t place_of(const struct vrrp_ah_marks *marks, const uint8_t *address)
{
    size_t oldest = 0;

    for (size_t i = 0; i < VRRP_AH_SENDERS; i++) {
        if (memcmp(marks->senders[i].address, address, 4) == 0)
            return i;
        if (marks->clock - marks->senders[i].heard > marks->clock - marks->senders[oldest].heard)
            oldest = i;
    }
    return oldest;
}

bool vrrp_ah_is_new(struct vrrp_ah_marks *marks, const struct ip_address *sender, uint32_t sequence)
{
    size_t place = place_of(marks, sender->bytes);
    bool known = memcmp(marks->senders[place].address, sender->bytes, 4) == 0;

    if (known && sequence <= marks->senders[place].sequence)
        return false;
    memcpy(marks->senders[place].address, sender->bytes, 4);
    marks->senders[place].sequence = sequence;
    marks->senders[place].heard = ++marks->clock;
    if (sequence > marks->highest)
        marks->highest = sequence;
    return true;
}

uint32_t vrrp_ah_next(struct vrrp_ah_marks *marks, int64_t wall_s)
{
    if (wall_s > marks->highest && wall_s < UINT32_MAX)
        marks->highest = (uint32_t)wall_s;
    else if (marks->highest < UINT32_MAX)
        marks->highest++;
    return marks->highest;
}
