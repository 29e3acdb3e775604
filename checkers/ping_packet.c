/*
 * Echo packets. See ping_packet.h.
 */
#include "checkers/ping_packet.h"

#include <string.h>
#include <sys/socket.h>

#define HEAD_BYTES 8 /* type, code, checksum, identifier, sequence number */

enum icmp_type {
    ICMP4_REPLY = 0,
    ICMP4_REQUEST = 8,
    ICMP6_REQUEST = 128,
    ICMP6_REPLY = 129,
};

void ping_packet_write(const struct ping_echo *echo, uint8_t packet[static PING_PACKET_BYTES])
{
    memset(packet, 0, PING_PACKET_BYTES);
    packet[0] = echo->family == AF_INET ? ICMP4_REQUEST : ICMP6_REQUEST;
    packet[6] = (uint8_t)(echo->sequence >> 8);
    packet[7] = (uint8_t)echo->sequence;
    memcpy(packet + HEAD_BYTES, &echo->token, sizeof(echo->token));
}

bool ping_packet_answers(const struct ping_echo *echo, const uint8_t *bytes, size_t length)
{
    uint8_t wanted[PING_PACKET_BYTES];

    if (length != PING_PACKET_BYTES)
        return false;
    ping_packet_write(echo, wanted);
    return bytes[0] == (echo->family == AF_INET ? ICMP4_REPLY : ICMP6_REPLY) && bytes[1] == 0 &&
           memcmp(bytes + 6, wanted + 6, PING_PACKET_BYTES - 6) == 0;
}
