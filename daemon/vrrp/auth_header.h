/*
 * The IPsec authentication header (AH) in front of version 2 adverts over IPv4: RFC 2338 5.3.6.3, header RFC
 * 2402, HMAC-MD5-96 RFC 2403. Pure: bytes in, bytes or a verdict out.
 *
 * The form on the wire is keepalived's, which all who speak this share: the security parameters index is the
 * sender's address, the key is the 8 bytes of auth_pass, and of the IP header type of service, fragment
 * offset and checksum count as zero, the TTL only for unicast.
 *
 *   0 next header 112 | 1 length in words less 2 = 4 | 2 zero | 4 index | 8 sequence | 12 HMAC, 12 bytes
 */
#ifndef TANDEM_VRRP_AUTH_HEADER_H
#define TANDEM_VRRP_AUTH_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"
#include "daemon/core/board_records.h"

#define VRRP_AH_PROTOCOL 51
#define VRRP_AH_BYTES    24
#define VRRP_AH_KEY      8

/* Fills in the header of a complete packet: IPv4 header of 20 bytes, room for this one, sealed VRRP message.
 * The IP identification is under the HMAC as well, and set here. */
void vrrp_ah_sign(uint8_t *packet, size_t length, const uint8_t key[static VRRP_AH_KEY], uint32_t sequence);

/* True if the packet, whose IPv4 header has ip_header bytes and which is at least VRRP_AH_BYTES longer than
 * that, was signed with that key and not changed; *sequence is its number then. */
bool vrrp_ah_verify(const uint8_t *packet, size_t length, size_t ip_header,
                    const uint8_t key[static VRRP_AH_KEY], uint32_t *sequence);

/* ------------------------------------------------------------------ replay: vrrp_ah_marks are on the board
 */

/* True, and noted, if the number is beyond all that sender (IPv4) used; false: a copy of an old packet. */
bool vrrp_ah_is_new(struct vrrp_ah_marks *marks, const struct ip_address *sender, uint32_t sequence);

/*
 * The number for the next packet of ours: beyond all that we sent or believed, for keepalived counts both in
 * one. At least wall_s, the seconds since 1970: a machine that lost its marks goes on above what it used.
 */
uint32_t vrrp_ah_next(struct vrrp_ah_marks *marks, int64_t wall_s);

#endif
