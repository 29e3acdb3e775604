/*
 * Fuzzing the VRRP packet parser.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address,undefined -DWITH_LIBFUZZER -D_GNU_SOURCE -I. \
 *     tests/fuzz/fuzz_vrrp_packet.c daemon/vrrp/packet.c daemon/vrrp/auth_header.c conf/address.c -lnettle
 * Without it the program mutates good packets by a seeded generator, and is part of make check.
 *
 * What is accepted must be sound: its parts inside the input, its numbers as expected, and building
 * a packet from them must give one that is accepted again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/vrrp/auth_header.h"
#include "daemon/vrrp/packet.h"

static const uint8_t password[8] = {'s', 'e', 'c', 'r', 'e', 't'};

static void require(int condition)
{
    if (!condition)
        abort();
}

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
    require(length == vrrp_packet_size(&plan));
    if (plan.version == 2 && plan.auth_type == CONF_AUTH_AH)
        vrrp_ah_sign(bytes, length, password, advert->sequence);
    if (expected->family == AF_INET6)
        return; /* its checksum is the kernel's */
    require(vrrp_packet_parse(bytes, length, NULL, expected, &again) == VRRP_ACCEPTED);
    require(again.priority == advert->priority && again.address_count == advert->address_count);
    require(again.sequence == advert->sequence);
}

static void parse_as(const uint8_t *bytes, size_t length, const struct vrrp_expectations *expected,
                     const struct vrrp_outside *outside)
{
    size_t width = expected->family == AF_INET ? 4 : 16;
    struct vrrp_advert advert;

    vrrp_packet_vrid(expected->family, bytes, length);
    if (vrrp_packet_parse(bytes, length, outside, expected, &advert) != VRRP_ACCEPTED)
        return;
    require(advert.version == expected->version && advert.vrid == expected->vrid);
    require(advert.ttl >= expected->min_ttl && advert.ttl <= expected->max_ttl);
    require(advert.addresses >= bytes && advert.addresses + advert.address_count * width <= bytes + length);
    check_rebuilt(expected, &advert);
}

static enum conf_auth_type auth_type_of(uint8_t choice)
{
    static const enum conf_auth_type types[] = {CONF_AUTH_NONE, CONF_AUTH_PASS, CONF_AUTH_AH, CONF_AUTH_AH};

    return types[choice >> 4 & 3];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The first bytes choose what is expected, so that every branch is in reach. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct vrrp_outside outside = {.source = {.family = AF_INET6, .bytes = {0xfe, 0x80}},
                                   .destination = {.family = AF_INET6, .bytes = {0xff, 0x02}},
                                   .hop_limit = 255};
    struct vrrp_expectations expected = {.auth_data = password, .interval = span_s(1)};

    if (length < 2)
        return 0;
    expected.family = bytes[0] & 1 ? AF_INET6 : AF_INET;
    expected.version = (bytes[0] & 2) && expected.family == AF_INET ? 2 : 3;
    expected.auth_type = auth_type_of(bytes[0]);
    expected.min_ttl = bytes[0] & 8 ? 0 : 255;
    expected.max_ttl = 255;
    expected.vrid = bytes[1];
    parse_as(bytes + 2, length - 2, &expected, &outside);
    return 0;
}

#ifndef WITH_LIBFUZZER

#define ROUNDS 2000000

static uint64_t generator = 0x9e3779b97f4a7c15u;

static uint32_t draw(uint32_t below)
{
    generator ^= generator << 13;
    generator ^= generator >> 7;
    generator ^= generator << 17;
    return (uint32_t)(generator >> 32) % below;
}

static size_t good_packet(uint8_t *bytes, size_t room)
{
    static struct ip_address vips[8];
    struct vrrp_packet_plan plan = {
        .vrid = 7, .priority = (uint8_t)draw(256), .interval = span_s(1), .ttl = 255};
    uint8_t choice = (uint8_t)draw(64);

    plan.family = choice & 1 ? AF_INET6 : AF_INET;
    plan.version = (choice & 2) && plan.family == AF_INET ? 2 : 3;
    plan.auth_type = auth_type_of(choice);
    plan.auth_data = plan.auth_type == CONF_AUTH_PASS ? password : NULL;
    plan.checksum_form = draw(2) ? VRRP_CHECKSUM_PLAIN : VRRP_CHECKSUM_PSEUDO_HEADER;
    plan.source = (struct ip_address){AF_INET, {10, 0, 0, 1}};
    plan.destination = (struct ip_address){AF_INET, {224, 0, 0, 18}};
    plan.addresses = vips;
    plan.address_count = draw(8);
    bytes[0] = choice;
    bytes[1] = plan.vrid;
    return 2 + vrrp_packet_build(&plan, bytes + 2, room - 2);
}

static size_t mutate(uint8_t *bytes, size_t length)
{
    for (uint32_t changes = draw(4); changes > 0; changes--)
        bytes[draw((uint32_t)length)] = (uint8_t)draw(256);
    return draw(4) == 0 ? draw((uint32_t)length + 1) : length;
}

/* Else no damaged packet would pass the authentication header, and what lies behind it be reached. */
static void sign_again(uint8_t *bytes, size_t length)
{
    if (length >= 2 + 20 + VRRP_AH_BYTES && bytes[2 + 9] == VRRP_AH_PROTOCOL && draw(2) == 0)
        vrrp_ah_sign(bytes + 2, length - 2, password, draw(UINT32_MAX));
}

int main(void)
{
    static uint8_t bytes[512];

    for (int round = 0; round < ROUNDS; round++) {
        size_t length = mutate(bytes, good_packet(bytes, sizeof(bytes)));
        uint8_t *exact = malloc(length == 0 ? 1 : length);

        require(exact != NULL);
        sign_again(bytes, length);
        memcpy(exact, bytes, length);
        LLVMFuzzerTestOneInput(exact, length);
        free(exact);
    }
    return EXIT_SUCCESS;
}

#endif
