/*
 * Echo requests and replies of ICMP (RFC 792) and ICMPv6 (RFC 4443), as ping sockets want them: identifier
 * and checksum are the kernel's. Pure.
 */
#ifndef TANDEM_CHECKERS_PING_PACKET_H
#define TANDEM_CHECKERS_PING_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PING_PACKET_BYTES 64

/* What tells one request from another. */
struct ping_echo {
    uint8_t family;
    uint16_t sequence;
    uint64_t token;
};

/* Writes the request. */
void ping_packet_write(const struct ping_echo *echo, uint8_t packet[static PING_PACKET_BYTES]);

/* True if the bytes are the reply to that request. */
bool ping_packet_answers(const struct ping_echo *echo, const uint8_t *bytes, size_t length);

#endif
