/*
 * VRRP adverts as bytes. See packet.h.
 *
 * Version 2 (RFC 3768 5.1)             Version 3 (RFC 9568 5.1)
 *   0 version | type                     0 version | type
 *   1 VRID                               1 VRID
 *   2 priority                           2 priority
 *   3 count of addresses                 3 count of addresses
 *   4 authentication type                4 0 | interval, 12 bits, centiseconds
 *   5 interval, seconds
 *   6 checksum                           6 checksum
 *   8 addresses, then 8 bytes password   8 addresses
 *
 * With authentication type AH, the authentication header stands between the IPv4 header and the message.
 */
#include "daemon/vrrp/packet.h"

#include <nettle/memops.h>
#include <netinet/ip.h>
#include <string.h>

#include "daemon/vrrp/auth_header.h"

#define IPV4_HEADER     20
#define VRRP_HEADER     8
#define AUTH_BYTES      8
#define PROTOCOL_VRRP   112
#define OFFSET_PROTOCOL 9
#define TYPE_ADVERT     1
#define NS_PER_CENTI    (10 * NS_PER_MS)
#define INTERVAL_CS_MAX 4095
#define TOS_NETWORK     0xc0 /* internetwork control */
#define OFFSET_PRIORITY 2
#define OFFSET_COUNT    3
#define OFFSET_CHECKSUM 6

/* Authentication types of RFC 2338 5.3.6. */
#define AUTH_TYPE_NONE   0
#define AUTH_TYPE_SIMPLE 1
#define AUTH_TYPE_AH     2

static const char *const refusal_texts[VRRP_REFUSAL_COUNT] = {
    [VRRP_ACCEPTED] = "accepted",
    [VRRP_REFUSED_SHORT] = "it is cut short",
    [VRRP_REFUSED_IP_HEADER] = "its IP header is not sound",
    [VRRP_REFUSED_TTL] = "its TTL is outside what is allowed (255 for multicast)",
    [VRRP_REFUSED_VERSION] = "its VRRP version is not the configured one",
    [VRRP_REFUSED_VRID] = "it is for another virtual router ID",
    [VRRP_REFUSED_AUTH_TYPE] = "its authentication type is not the configured one",
    [VRRP_REFUSED_AUTH_DATA] = "its password is wrong",
    [VRRP_REFUSED_AUTH_HEADER] = "its authentication header was not made with our password",
    [VRRP_REFUSED_INTERVAL] = "its advert interval is not the configured one",
    [VRRP_REFUSED_TYPE] = "it is no advert",
    [VRRP_REFUSED_LENGTH] = "its length does not fit its number of addresses",
    [VRRP_REFUSED_CHECKSUM] = "its checksum is wrong",
    [VRRP_REFUSED_KIND] =
        "it was sent to another address than this instance listens to (multicast or unicast?)",
    [VRRP_REFUSED_STRANGER] = "its sender is not in unicast_peer",
    [VRRP_REFUSED_OWN_ADDRESS] = "it claims to come from our own address",
    [VRRP_REFUSED_REPLAY] = "it is a copy of one that came before (the number in its authentication header)",
};

const char *vrrp_refusal_text(enum vrrp_refusal refusal)
{
    return refusal_texts[refusal];
}

/* ------------------------------------------------------------------ bytes */

static uint16_t get16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static size_t address_bytes(uint8_t family)
{
    return family == AF_INET ? 4 : 16;
}

/* What stands before the message in a packet of ours. */
static size_t header_in_front(uint8_t family, const uint8_t *bytes)
{
    if (family != AF_INET)
        return 0;
    return bytes[OFFSET_PROTOCOL] == VRRP_AH_PROTOCOL ? IPV4_HEADER + VRRP_AH_BYTES : IPV4_HEADER;
}

/* The 16 bit one's complement sum of RFC 1071, not yet folded or inverted. */
static uint32_t sum_words(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (; length > 1; length -= 2, bytes += 2)
        sum += get16(bytes);
    if (length == 1)
        sum += (uint32_t)(bytes[0] << 8);
    return sum;
}

static uint16_t fold(uint32_t sum)
{
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

/* RFC 8200 8.1 for IPv6; the same fields for IPv4. */
static uint32_t sum_pseudo_header(const uint8_t *source, const uint8_t *destination, size_t address_length,
                                  size_t message_length)
{
    uint32_t sum = sum_words(0, source, address_length);

    sum = sum_words(sum, destination, address_length);
    return sum + (uint32_t)message_length + PROTOCOL_VRRP;
}

/* ------------------------------------------------------------------ reading */

/* A packet cut into its parts. */
struct parts {
    const uint8_t *bytes; /* the whole packet, of so many bytes */
    size_t total;
    size_t ip_header;
    const uint8_t *message; /* the VRRP message */
    size_t length;          /* what the IP layer says it has */
    const uint8_t *source;
    const uint8_t *destination;
    uint8_t ttl;
};

static enum vrrp_refusal split_ipv4(const uint8_t *bytes, size_t length, bool with_ah, struct parts *parts)
{
    size_t header, total, behind = with_ah ? VRRP_AH_BYTES : 0;

    if (length < IPV4_HEADER)
        return VRRP_REFUSED_SHORT;
    header = (size_t)(bytes[0] & 0x0f) * 4;
    total = get16(bytes + 2);
    if (bytes[0] >> 4 != 4 || header < IPV4_HEADER || total < header ||
        bytes[OFFSET_PROTOCOL] != (with_ah ? VRRP_AH_PROTOCOL : PROTOCOL_VRRP))
        return VRRP_REFUSED_IP_HEADER;
    if (total > length || total < header + behind + VRRP_HEADER)
        return VRRP_REFUSED_SHORT;
    parts->bytes = bytes;
    parts->total = total;
    parts->ip_header = header;
    parts->message = bytes + header + behind;
    parts->length = total - header - behind;
    parts->source = bytes + 12;
    parts->destination = bytes + 16;
    parts->ttl = bytes[8];
    return VRRP_ACCEPTED;
}

static enum vrrp_refusal split_ipv6(const uint8_t *bytes, size_t length, const struct vrrp_outside *outside,
                                    struct parts *parts)
{
    if (length < VRRP_HEADER)
        return VRRP_REFUSED_SHORT;
    parts->message = bytes;
    parts->length = length;
    parts->source = outside->source.bytes;
    parts->destination = outside->destination.bytes;
    parts->ttl = outside->hop_limit;
    return VRRP_ACCEPTED;
}

static uint8_t auth_type_on_wire(enum conf_auth_type type)
{
    switch (type) {
    case CONF_AUTH_NONE:
        return AUTH_TYPE_NONE;
    case CONF_AUTH_PASS:
        return AUTH_TYPE_SIMPLE;
    case CONF_AUTH_AH:
        return AUTH_TYPE_AH;
    }
    return AUTH_TYPE_NONE;
}

static enum vrrp_refusal check_authentication(const struct parts *parts,
                                              const struct vrrp_expectations *expected, uint32_t *sequence)
{
    switch (expected->auth_type) {
    case CONF_AUTH_NONE:
        break;
    case CONF_AUTH_PASS:
        if (parts->length < VRRP_HEADER + AUTH_BYTES)
            return VRRP_REFUSED_SHORT;
        if (!memeql_sec(parts->message + parts->length - AUTH_BYTES, expected->auth_data, AUTH_BYTES))
            return VRRP_REFUSED_AUTH_DATA;
        break;
    case CONF_AUTH_AH:
        if (!vrrp_ah_verify(parts->bytes, parts->total, parts->ip_header, expected->auth_data, sequence))
            return VRRP_REFUSED_AUTH_HEADER;
        break;
    }
    return VRRP_ACCEPTED;
}

/* What version 2 has and version 3 has not: authentication, and an interval all must agree on. */
static enum vrrp_refusal check_version_2(const struct parts *parts, const struct vrrp_expectations *expected,
                                         uint32_t *sequence)
{
    const uint8_t *message = parts->message;
    enum vrrp_refusal refusal;

    if (message[4] != auth_type_on_wire(expected->auth_type))
        return VRRP_REFUSED_AUTH_TYPE;
    refusal = check_authentication(parts, expected, sequence);
    if (refusal != VRRP_ACCEPTED)
        return refusal;
    if (message[5] * NS_PER_S != expected->interval.ns)
        return VRRP_REFUSED_INTERVAL;
    return VRRP_ACCEPTED;
}

static size_t message_size(uint8_t family, uint8_t version, size_t address_count)
{
    return VRRP_HEADER + address_count * address_bytes(family) + (version == 2 ? AUTH_BYTES : 0);
}

/* Version 2 sums up the whole message without pseudo-header, the password included (RFC 2338 5.3.8). */
static enum vrrp_checksum_form checksum_form_of(const struct parts *parts,
                                                const struct vrrp_expectations *expected)
{
    uint32_t plain = sum_words(0, parts->message, parts->length);
    uint32_t pseudo =
        sum_pseudo_header(parts->source, parts->destination, address_bytes(expected->family), parts->length);

    if (expected->version == 3 && fold(plain + pseudo) == 0xffff)
        return VRRP_CHECKSUM_PSEUDO_HEADER;
    if (expected->family == AF_INET && fold(plain) == 0xffff)
        return VRRP_CHECKSUM_PLAIN;
    if (expected->version != 3 || expected->old_group.family != AF_INET || expected->family != AF_INET)
        return VRRP_CHECKSUM_UNKNOWN;
    pseudo = sum_pseudo_header(parts->source, expected->old_group.bytes, 4, parts->length);
    return fold(plain + pseudo) == 0xffff ? VRRP_CHECKSUM_OLD_UNICAST : VRRP_CHECKSUM_UNKNOWN;
}

static enum vrrp_refusal check_message(const struct parts *parts, const struct vrrp_expectations *expected,
                                       enum vrrp_checksum_form *form, uint32_t *sequence)
{
    const uint8_t *message = parts->message;
    enum vrrp_refusal refusal;

    if (parts->ttl < expected->min_ttl || parts->ttl > expected->max_ttl)
        return VRRP_REFUSED_TTL;
    if (message[0] >> 4 != expected->version)
        return VRRP_REFUSED_VERSION;
    if (message[1] != expected->vrid)
        return VRRP_REFUSED_VRID;
    if (expected->version == 2) {
        refusal = check_version_2(parts, expected, sequence);
        if (refusal != VRRP_ACCEPTED)
            return refusal;
    }
    if ((message[0] & 0x0f) != TYPE_ADVERT)
        return VRRP_REFUSED_TYPE;
    if (parts->length != message_size(expected->family, expected->version, message[OFFSET_COUNT]))
        return VRRP_REFUSED_LENGTH;
    *form = checksum_form_of(parts, expected);
    return *form == VRRP_CHECKSUM_UNKNOWN ? VRRP_REFUSED_CHECKSUM : VRRP_ACCEPTED;
}

static struct ip_address address_from(uint8_t family, const uint8_t *bytes)
{
    struct ip_address address = {.family = family};

    memcpy(address.bytes, bytes, address_bytes(family));
    return address;
}

static struct span interval_from(const uint8_t *message)
{
    if (message[0] >> 4 == 2)
        return span_s(message[5]);
    return span_ns((get16(message + 4) & INTERVAL_CS_MAX) * NS_PER_CENTI);
}

enum vrrp_refusal vrrp_packet_parse(const uint8_t *bytes, size_t length, const struct vrrp_outside *outside,
                                    const struct vrrp_expectations *expected, struct vrrp_advert *advert)
{
    bool with_ah = expected->version == 2 && expected->auth_type == CONF_AUTH_AH;
    enum vrrp_checksum_form form = VRRP_CHECKSUM_UNKNOWN;
    uint32_t sequence = 0;
    struct parts parts = {0};
    enum vrrp_refusal refusal = expected->family == AF_INET ? split_ipv4(bytes, length, with_ah, &parts)
                                                            : split_ipv6(bytes, length, outside, &parts);

    if (refusal == VRRP_ACCEPTED)
        refusal = check_message(&parts, expected, &form, &sequence);
    if (refusal != VRRP_ACCEPTED)
        return refusal;
    *advert = (struct vrrp_advert){
        .version = parts.message[0] >> 4,
        .vrid = parts.message[1],
        .priority = parts.message[OFFSET_PRIORITY],
        .address_count = parts.message[OFFSET_COUNT],
        .ttl = parts.ttl,
        .checksum_form = form,
        .interval = interval_from(parts.message),
        .sequence = sequence,
        .source = address_from(expected->family, parts.source),
        .destination = address_from(expected->family, parts.destination),
        .addresses = parts.message + VRRP_HEADER,
    };
    return VRRP_ACCEPTED;
}

int vrrp_packet_vrid(uint8_t family, const uint8_t *bytes, size_t length)
{
    size_t front = 0;

    if (family == AF_INET) {
        if (length < IPV4_HEADER)
            return -1;
        front = (size_t)(bytes[0] & 0x0f) * 4;
        front += bytes[OFFSET_PROTOCOL] == VRRP_AH_PROTOCOL ? VRRP_AH_BYTES : 0;
    }
    return length < front + VRRP_HEADER ? -1 : bytes[front + 1];
}

bool vrrp_packet_source(const uint8_t *bytes, size_t length, struct ip_address *source)
{
    if (length < IPV4_HEADER)
        return false;
    *source = address_from(AF_INET, bytes + 12);
    return true;
}

/* ------------------------------------------------------------------ building */

static bool uses_ah(const struct vrrp_packet_plan *plan)
{
    return plan->version == 2 && plan->auth_type == CONF_AUTH_AH;
}

size_t vrrp_packet_size(const struct vrrp_packet_plan *plan)
{
    size_t message = message_size(plan->family, plan->version, plan->address_count);

    if (plan->family != AF_INET)
        return message;
    return message + (uses_ah(plan) ? IPV4_HEADER + VRRP_AH_BYTES : IPV4_HEADER);
}

/* The kernel fills in the header's checksum and identification. */
static void put_ipv4_header(const struct vrrp_packet_plan *plan, uint8_t *bytes, size_t size)
{
    bytes[0] = 4 << 4 | IPV4_HEADER / 4;
    bytes[1] = TOS_NETWORK;
    put16(bytes + 2, (uint16_t)size);
    bytes[8] = plan->ttl;
    bytes[OFFSET_PROTOCOL] = uses_ah(plan) ? VRRP_AH_PROTOCOL : PROTOCOL_VRRP;
    memcpy(bytes + 12, plan->source.bytes, 4);
    memcpy(bytes + 16, plan->destination.bytes, 4);
}

static uint16_t centiseconds(struct span interval)
{
    int64_t value = interval.ns / NS_PER_CENTI;

    if (value < 1)
        return 1;
    return value > INTERVAL_CS_MAX ? INTERVAL_CS_MAX : (uint16_t)value;
}

static uint8_t whole_seconds(struct span interval)
{
    int64_t value = interval.ns / NS_PER_S;

    if (value < 1)
        return 1;
    return value > UINT8_MAX ? UINT8_MAX : (uint8_t)value;
}

static void put_message(const struct vrrp_packet_plan *plan, uint8_t *message)
{
    size_t width = address_bytes(plan->family);

    message[0] = (uint8_t)(plan->version << 4 | TYPE_ADVERT);
    message[1] = plan->vrid;
    message[OFFSET_PRIORITY] = plan->priority;
    message[OFFSET_COUNT] = (uint8_t)plan->address_count;
    for (size_t i = 0; i < plan->address_count; i++)
        memcpy(message + VRRP_HEADER + i * width, plan->addresses[i].bytes, width);
    if (plan->version == 3) {
        put16(message + 4, centiseconds(plan->interval));
        return;
    }
    message[4] = auth_type_on_wire(plan->auth_type);
    message[5] = whole_seconds(plan->interval);
    if (plan->auth_data != NULL)
        memcpy(message + VRRP_HEADER + plan->address_count * width, plan->auth_data, AUTH_BYTES);
}

size_t vrrp_packet_build(const struct vrrp_packet_plan *plan, uint8_t *bytes, size_t room)
{
    size_t size = vrrp_packet_size(plan);

    if (plan->address_count > VRRP_ADDRESSES_MAX || size > room)
        return 0;
    memset(bytes, 0, size);
    if (plan->family == AF_INET)
        put_ipv4_header(plan, bytes, size);
    put_message(plan, bytes + header_in_front(plan->family, bytes));
    vrrp_packet_seal(plan->family, plan->checksum_form, &plan->old_group, bytes, size);
    return size;
}

void vrrp_packet_set_priority(uint8_t family, uint8_t *bytes, uint8_t priority)
{
    bytes[header_in_front(family, bytes) + OFFSET_PRIORITY] = priority;
}

void vrrp_packet_set_destination(uint8_t *ipv4_bytes, const struct ip_address *destination, uint8_t ttl)
{
    ipv4_bytes[8] = ttl;
    memcpy(ipv4_bytes + 16, destination->bytes, 4);
}

void vrrp_packet_seal(uint8_t family, enum vrrp_checksum_form form, const struct ip_address *old_group,
                      uint8_t *bytes, size_t length)
{
    uint8_t *message = bytes + header_in_front(family, bytes);
    size_t message_length = length - header_in_front(family, bytes);
    uint32_t sum = 0;

    put16(message + OFFSET_CHECKSUM, 0);
    if (family == AF_INET6)
        return;
    if (form == VRRP_CHECKSUM_PSEUDO_HEADER && message[0] >> 4 == 3)
        sum = sum_pseudo_header(bytes + 12, bytes + 16, 4, message_length);
    else if (form == VRRP_CHECKSUM_OLD_UNICAST && message[0] >> 4 == 3)
        sum = sum_pseudo_header(bytes + 12, old_group->bytes, 4, message_length);
    put16(message + OFFSET_CHECKSUM, (uint16_t)~fold(sum_words(sum, message, message_length)));
}

const uint8_t *vrrp_packet_addresses(uint8_t family, const uint8_t *bytes)
{
    return bytes + header_in_front(family, bytes) + VRRP_HEADER;
}

uint8_t vrrp_packet_address_count(uint8_t family, const uint8_t *bytes)
{
    return bytes[header_in_front(family, bytes) + OFFSET_COUNT];
}
