/*
 * Fuzzes the VRRP packet parser, the authentication header included. The first byte says what is expected,
 * and whether the rest is a packet or orders for damaging a good one, whose sums are then made right again.
 *
 * What is accepted must be sound: its parts inside the input, its numbers as expected, and building a packet
 * from them must give one that is accepted again.
 */
#include "daemon/vrrp/auth_header.h"
#include "daemon/vrrp/packet.h"

#include "fuzz_target.h"

static const uint8_t password[8] = {'s', 'e', 'c', 'r', 'e', 't'};

static void check_rebuilt(const struct vrrp_expectations *expected, const struct vrrp_advert *advert)
{
    static struct ip_address addresses[VRRP_ADDRESSES_MAX];
    static uint8_t bytes[VRRP_PACKET_MAX];
    size_t width = expected->family == AF_INET ? 4 : 16;
    struct vrrp_packet_plan plan = {
        .family = expected->family,
        .version = advert->version,
        .vrid = advert->vrid,
        .priority = advert->priority,
        .interval = advert->interval,
        .auth_type = expected->auth_type,
        .auth_data = expected->auth_data,
        .checksum_form = advert->checksum_form,
        .source = advert->source,
        .destination = advert->destination,
        .ttl = advert->ttl,
        .addresses = addresses,
        .address_count = advert->address_count,
    };
    struct vrrp_advert again;
    size_t length;

    for (size_t i = 0; i < advert->address_count; i++) {
        addresses[i].family = expected->family;
        memcpy(addresses[i].bytes, advert->addresses + i * width, width);
    }
    length = vrrp_packet_build(&plan, bytes, sizeof(bytes));
    fuzz_require(length == vrrp_packet_size(&plan));
    if (plan.version == 2 && plan.auth_type == CONF_AUTH_AH)
        vrrp_ah_sign(bytes, length, password, advert->sequence);
    if (expected->family == AF_INET6)
        return; /* its checksum is the kernel's */
    fuzz_require(vrrp_packet_parse(bytes, length, NULL, expected, &again) == VRRP_ACCEPTED);
    fuzz_require(again.priority == advert->priority && again.address_count == advert->address_count);
    fuzz_require(again.sequence == advert->sequence);
}

static void parse_as(const uint8_t *bytes, size_t length, const struct vrrp_expectations *expected,
                     const struct vrrp_outside *outside)
{
    size_t width = expected->family == AF_INET ? 4 : 16;
    struct vrrp_advert advert;

    vrrp_packet_vrid(expected->family, bytes, length);
    if (vrrp_packet_parse(bytes, length, outside, expected, &advert) != VRRP_ACCEPTED)
        return;
    fuzz_require(advert.version == expected->version && advert.vrid == expected->vrid);
    fuzz_require(advert.ttl >= expected->min_ttl && advert.ttl <= expected->max_ttl);
    fuzz_require(advert.addresses >= bytes &&
                 advert.addresses + advert.address_count * width <= bytes + length);
    check_rebuilt(expected, &advert);
}

static enum conf_auth_type auth_type_of(uint8_t choice)
{
    static const enum conf_auth_type types[] = {CONF_AUTH_NONE, CONF_AUTH_PASS, CONF_AUTH_AH, CONF_AUTH_AH};

    return types[choice >> 4 & 3];
}

/* The first byte chooses what is expected, so that every branch is in reach. */
static struct vrrp_expectations expectations(uint8_t choice, uint8_t vrid)
{
    struct vrrp_expectations expected = {
        .auth_data = password, .interval = span_s(1), .max_ttl = 255, .vrid = vrid};

    expected.family = choice & 1 ? AF_INET6 : AF_INET;
    expected.version = (choice & 2) && expected.family == AF_INET ? 2 : 3;
    expected.auth_type = auth_type_of(choice);
    expected.min_ttl = choice & 8 ? 0 : 255;
    return expected;
}

/* A packet such as the peer would send. */
static size_t good_packet(const struct vrrp_expectations *expected, uint8_t number, uint8_t *bytes,
                          size_t room)
{
    static const struct ip_address vips[8];
    const struct vrrp_packet_plan plan = {
        .family = expected->family,
        .version = expected->version,
        .vrid = expected->vrid,
        .priority = number,
        .interval = span_s(1),
        .auth_type = expected->auth_type,
        .auth_data = expected->auth_type == CONF_AUTH_PASS ? password : NULL,
        .checksum_form = number & 1 ? VRRP_CHECKSUM_PLAIN : VRRP_CHECKSUM_PSEUDO_HEADER,
        .source = {AF_INET, {10, 0, 0, 1}},
        .destination = {AF_INET, {224, 0, 0, 18}},
        .ttl = 255,
        .addresses = vips,
        .address_count = number % 8,
    };

    return vrrp_packet_build(&plan, bytes, room);
}

/* Else no damaged packet would pass checksum and authentication header, and what lies behind be reached. */
static void seal_again(const struct vrrp_expectations *expected, uint8_t *bytes, size_t length)
{
    bool with_ah = expected->family == AF_INET && length >= 20 && bytes[9] == VRRP_AH_PROTOCOL;
    size_t front = expected->family == AF_INET ? 20 : 0;

    if (length < front + (with_ah ? VRRP_AH_BYTES : 0) + 8)
        return;
    vrrp_packet_seal(expected->family, VRRP_CHECKSUM_PLAIN, NULL, bytes, length);
    if (with_ah)
        vrrp_ah_sign(bytes, length, password, 7);
}

/* The orders after the first bytes damage a good packet, and may cut it. */
static void parse_damaged(const struct vrrp_expectations *expected, const struct vrrp_outside *outside,
                          uint8_t number, const uint8_t *orders, size_t order_bytes)
{
    uint8_t room[512], *bytes;
    size_t length = good_packet(expected, number, room, sizeof(room));

    fuzz_damage(room, length, orders, order_bytes);
    if (order_bytes % 3 == 1)
        length = orders[order_bytes - 1] % (length + 1);
    bytes = fuzz_exact(room, length);
    if (order_bytes % 3 != 2)
        seal_again(expected, bytes, length);
    parse_as(bytes, length, expected, outside);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct vrrp_outside outside = {.source = {.family = AF_INET6, .bytes = {0xfe, 0x80}},
                                         .destination = {.family = AF_INET6, .bytes = {0xff, 0x02}},
                                         .hop_limit = 255};
    struct vrrp_expectations expected;
    uint8_t *exact;

    if (length < 3)
        return 0;
    expected = expectations(bytes[0], bytes[1]);
    if (bytes[0] & 0x80) {
        parse_damaged(&expected, &outside, bytes[2], bytes + 3, length - 3);
        return 0;
    }
    exact = fuzz_exact(bytes + 2, length - 2);
    parse_as(exact, length - 2, &expected, &outside);
    free(exact);
    return 0;
}
