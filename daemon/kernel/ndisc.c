/*
 * Unsolicited neighbour advertisement. See ndisc.h.
 */
#include "daemon/kernel/ndisc.h"

#include <stddef.h>
#include <string.h>

#define IPV6_SOURCE      22
#define IPV6_DESTINATION 38
#define ICMP             54
#define ICMP_LENGTH      32
#define ICMP_CHECKSUM    (ICMP + 2)
#define NA_FLAGS         (ICMP + 4)
#define NA_TARGET        (ICMP + 8)
#define OPTION_MAC       (ICMP + 26)
#define NEXT_HEADER_ICMP 58

#define NA_ROUTER   0x80
#define NA_OVERRIDE 0x20

/* Everything that is the same in all of them; our own addresses and the checksum are zero. */
static const uint8_t blank[NDISC_FRAME_LENGTH] = {
    [0] = 0x33,
    0x33,
    0x00,
    0x00,
    0x00,
    0x01, /* the group's Ethernet address */
    [12] = 0x86,
    0xdd, /* IPv6 */
    [14] = 0x60,
    [19] = ICMP_LENGTH,
    [20] = NEXT_HEADER_ICMP,
    [21] = 255, /* version, length, next, hop limit */
    [IPV6_DESTINATION] = 0xff,
    0x02,
    [IPV6_DESTINATION + 15] = 1, /* ff02::1, all nodes */
    [ICMP] = 136,                /* neighbour advertisement */
    [ICMP + 24] = 2,
    1, /* target link-layer address, 8 bytes */
};

static uint32_t sum_words(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < length; i += 2)
        sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    return sum;
}

/* RFC 4443 2.3: over the pseudo header (both addresses, length, next header) and the message. */
static uint16_t icmp_checksum(const uint8_t *frame)
{
    uint32_t sum = sum_words(frame + IPV6_SOURCE, 32) + ICMP_LENGTH + NEXT_HEADER_ICMP;

    sum += sum_words(frame + ICMP, ICMP_LENGTH);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

void ndisc_announcement(uint8_t frame[static NDISC_FRAME_LENGTH],
                        const uint8_t mac[static ETHERNET_ADDRESS_LENGTH], const uint8_t ipv6[static 16],
                        bool router)
{
    uint16_t checksum;

    memcpy(frame, blank, sizeof(blank));
    memcpy(frame + ETHERNET_ADDRESS_LENGTH, mac, ETHERNET_ADDRESS_LENGTH);
    memcpy(frame + IPV6_SOURCE, ipv6, 16);
    frame[NA_FLAGS] = (uint8_t)(NA_OVERRIDE | (router ? NA_ROUTER : 0));
    memcpy(frame + NA_TARGET, ipv6, 16);
    memcpy(frame + OPTION_MAC, mac, ETHERNET_ADDRESS_LENGTH);
    checksum = icmp_checksum(frame);
    frame[ICMP_CHECKSUM] = (uint8_t)(checksum >> 8);
    frame[ICMP_CHECKSUM + 1] = (uint8_t)checksum;
}
