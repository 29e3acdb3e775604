/*
 * IP addresses as values: parsing, printing, ordering. See address.h.
 */
#include "conf/address.h"

#include <arpa/inet.h>
#include <string.h>

#include "conf/decimal.h"

bool ip_address_parse(const char *text, struct ip_address *out)
{
    struct ip_address parsed = {.family = AF_INET};

    if (inet_pton(AF_INET, text, parsed.bytes) != 1) {
        parsed.family = AF_INET6;
        if (inet_pton(AF_INET6, text, parsed.bytes) != 1)
            return false;
    }
    *out = parsed;
    return true;
}

static void put_ipv4(const struct ip_address *address, char *at)
{
    for (size_t i = 0; i < 4; i++) {
        if (i > 0)
            *at++ = '.';
        at = decimal_put(at, address->bytes[i]);
    }
    *at = '\0';
}

const char *ip_address_text(const struct ip_address *address, char buffer[static IP_ADDRESS_TEXT])
{
    if (address->family == AF_INET)
        put_ipv4(address, buffer);
    else if (!ip_address_is_set(address) ||
             inet_ntop(address->family, address->bytes, buffer, IP_ADDRESS_TEXT) == NULL)
        strcpy(buffer, "none");
    return buffer;
}

const char *ip_endpoint_text(const struct ip_endpoint *endpoint, char buffer[static IP_ENDPOINT_TEXT])
{
    bool brackets = endpoint->address.family == AF_INET6;
    char *at = buffer;

    if (brackets)
        *at++ = '[';
    ip_address_text(&endpoint->address, at);
    at += strlen(at);
    if (brackets)
        *at++ = ']';
    *at++ = ':';
    at = decimal_put(at, endpoint->port);
    *at = '\0';
    return buffer;
}

int ip_address_compare(const struct ip_address *a, const struct ip_address *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, ip_address_length(a));
}

bool ip_address_is_set(const struct ip_address *address)
{
    return address->family != AF_UNSPEC;
}

size_t ip_address_length(const struct ip_address *address)
{
    switch (address->family) {
    case AF_INET:
        return 4;
    case AF_INET6:
        return 16;
    }
    return 0;
}

uint8_t ip_address_bits(const struct ip_address *address)
{
    return (uint8_t)(ip_address_length(address) * 8);
}

struct ip_address ip_address_plus(const struct ip_address *address, uint32_t steps)
{
    struct ip_address sum = *address;
    uint64_t carry = steps;

    for (size_t i = ip_address_length(address); i > 0 && carry > 0; i--) {
        carry += sum.bytes[i - 1];
        sum.bytes[i - 1] = (uint8_t)carry;
        carry >>= 8;
    }
    return sum;
}

uint32_t ip_address_count(const struct ip_address *first, const struct ip_address *last)
{
    size_t length = ip_address_length(first);
    uint64_t distance = 0;

    if (length == 0 || first->family != last->family || ip_address_compare(first, last) > 0)
        return 0;
    for (size_t i = 0; i < length; i++) {
        distance = (distance << 8) + last->bytes[i] - first->bytes[i];
        if (distance >= UINT64_C(1) << 40) /* it never comes back below 32 bits */
            return UINT32_MAX;
    }
    return distance >= UINT32_MAX ? UINT32_MAX : (uint32_t)distance + 1;
}

bool ip_address_is_multicast(const struct ip_address *address)
{
    if (address->family == AF_INET)
        return (address->bytes[0] & 0xf0) == 0xe0;
    return address->family == AF_INET6 && address->bytes[0] == 0xff;
}

bool ip_address_is_link_local(const struct ip_address *address)
{
    if (address->family == AF_INET)
        return address->bytes[0] == 169 && address->bytes[1] == 254;
    return address->family == AF_INET6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

socklen_t ip_endpoint_to_sockaddr(const struct ip_endpoint *endpoint, unsigned int ifindex,
                                  struct sockaddr_storage *out)
{
    memset(out, 0, sizeof(*out));
    if (endpoint->address.family == AF_INET) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;

        in->sin_family = AF_INET;
        in->sin_port = htons(endpoint->port);
        memcpy(&in->sin_addr, endpoint->address.bytes, 4);
        return sizeof(*in);
    }
    if (endpoint->address.family == AF_INET6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(endpoint->port);
        memcpy(&in6->sin6_addr, endpoint->address.bytes, 16);
        if (ip_address_is_link_local(&endpoint->address) || ip_address_is_multicast(&endpoint->address))
            in6->sin6_scope_id = ifindex;
        return sizeof(*in6);
    }
    return 0;
}

bool ip_endpoint_from_sockaddr(const struct sockaddr *sockaddr, socklen_t length, struct ip_endpoint *out)
{
    struct ip_endpoint endpoint = {0};

    if (length >= sizeof(struct sockaddr_in) && sockaddr->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)sockaddr;

        endpoint.address.family = AF_INET;
        endpoint.port = ntohs(in->sin_port);
        memcpy(endpoint.address.bytes, &in->sin_addr, 4);
    } else if (length >= sizeof(struct sockaddr_in6) && sockaddr->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sockaddr;

        endpoint.address.family = AF_INET6;
        endpoint.port = ntohs(in6->sin6_port);
        memcpy(endpoint.address.bytes, &in6->sin6_addr, 16);
    } else {
        return false;
    }
    *out = endpoint;
    return true;
}
