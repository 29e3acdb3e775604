/*
 * VRRP adverts as bytes: RFC 9568 section 5 (version 3), RFC 3768 section 5 with the authentication of RFC
 * 2338 5.3.6 (version 2). Pure: bytes in, a struct or a reason out; no socket, clock or log.
 *
 * An IPv4 packet carries its IP header in front, both ways: a raw socket delivers it so, and sends it so with
 * IP_HDRINCL. An IPv6 packet is the bare VRRP message; its source, destination and hop limit come from
 * the socket's control messages.
 */
#ifndef TANDEM_VRRP_PACKET_H
#define TANDEM_VRRP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"
#include "conf/model.h"
#include "daemon/core/time.h"

#define VRRP_ADDRESSES_MAX 255
/* The longest IPv4 header, and an IPv6 message with 255 addresses. */
#define VRRP_PACKET_MAX (60 + 8 + VRRP_ADDRESSES_MAX * 16) /* an IPv4 one with AH is shorter */

/* How a version 3 message over IPv4 is summed up. RFC 9568 5.2.8 leaves the pseudo-header out for
 * IPv4, RFC 5798 was read both ways, and most implementations include it. keepalived before 1.3.7 gave the
 * pseudo-header of a unicast advert the multicast group for a destination. */
enum vrrp_checksum_form {
    VRRP_CHECKSUM_UNKNOWN,
    VRRP_CHECKSUM_PSEUDO_HEADER,
    VRRP_CHECKSUM_PLAIN,
    VRRP_CHECKSUM_OLD_UNICAST,
};

/* Why a packet is not obeyed, in the order of the checks. */
enum vrrp_refusal {
    VRRP_ACCEPTED,
    VRRP_REFUSED_SHORT,
    VRRP_REFUSED_IP_HEADER,
    VRRP_REFUSED_TTL,
    VRRP_REFUSED_VERSION,
    VRRP_REFUSED_VRID,
    VRRP_REFUSED_AUTH_TYPE,
    VRRP_REFUSED_AUTH_DATA,
    VRRP_REFUSED_AUTH_HEADER,
    VRRP_REFUSED_INTERVAL,
    VRRP_REFUSED_TYPE,
    VRRP_REFUSED_LENGTH,
    VRRP_REFUSED_CHECKSUM,
    /* by whoever knows more than the packet (instance.c) */
    VRRP_REFUSED_KIND,
    VRRP_REFUSED_STRANGER,
    VRRP_REFUSED_OWN_ADDRESS,
    VRRP_REFUSED_REPLAY,
    VRRP_REFUSAL_COUNT,
};

/* What the receiving instance demands of a packet. */
struct vrrp_expectations {
    uint8_t family;  /* AF_INET or AF_INET6 */
    uint8_t version; /* 2 or 3; 2 only with AF_INET */
    uint8_t vrid;
    uint8_t min_ttl; /* 255 and 255 for multicast */
    uint8_t max_ttl;
    enum conf_auth_type auth_type; /* version 2 */
    const uint8_t *auth_data;      /* 8 bytes */
    struct span interval;          /* version 2: another one is refused */
    struct ip_address old_group;   /* of VRRP_CHECKSUM_OLD_UNICAST; AF_UNSPEC = that is refused */
};

/* What an IPv6 socket says beside the message. */
struct vrrp_outside {
    struct ip_address source;
    struct ip_address destination;
    uint8_t hop_limit;
};

struct vrrp_advert {
    uint8_t version;
    uint8_t vrid;
    uint8_t priority;
    uint8_t address_count;
    uint8_t ttl;
    enum vrrp_checksum_form checksum_form;
    struct span interval; /* as the sender states it */
    uint32_t sequence;    /* of an authentication header; whether it is new is for the caller to know */
    struct ip_address source;
    struct ip_address destination;
    const uint8_t *addresses; /* address_count addresses, network order, within the packet's bytes */
};

/* The VRID of a packet, for finding the instance; -1 if it is too short to have one. */
int vrrp_packet_vrid(uint8_t family, const uint8_t *bytes, size_t length);

/* The source address in an IPv4 packet's header; false if it has none. */
bool vrrp_packet_source(const uint8_t *bytes, size_t length, struct ip_address *source);

/*
 * Reads a packet. outside is for IPv6 and NULL for IPv4. Bytes behind the IP header's total length (Ethernet
 * padding) are ignored. *advert is complete only when VRRP_ACCEPTED is returned.
 */
enum vrrp_refusal vrrp_packet_parse(const uint8_t *bytes, size_t length, const struct vrrp_outside *outside,
                                    const struct vrrp_expectations *expected, struct vrrp_advert *advert);

/* "the checksum is wrong" */
const char *vrrp_refusal_text(enum vrrp_refusal refusal);

/* What a packet to be sent says. */
struct vrrp_packet_plan {
    uint8_t family;
    uint8_t version;
    uint8_t vrid;
    uint8_t priority;
    struct span interval; /* version 2: cut to whole seconds, version 3: to centiseconds of 12 bits */
    enum conf_auth_type auth_type;
    const uint8_t *auth_data; /* the password's 8 bytes; NULL = zeros */
    enum vrrp_checksum_form checksum_form;
    struct ip_address old_group; /* of VRRP_CHECKSUM_OLD_UNICAST */
    struct ip_address source;
    struct ip_address destination;
    uint8_t ttl;
    const struct ip_address *addresses; /* of that family */
    size_t address_count;               /* at most VRRP_ADDRESSES_MAX */
};

/* Bytes vrrp_packet_build will write. */
size_t vrrp_packet_size(const struct vrrp_packet_plan *plan);

/* Writes the packet, with its checksum (IPv4; the kernel fills the one of IPv6), and returns its length; 0 if
 * room is too small or there are too many addresses. An authentication header gets its place, and is zero
 * until vrrp_ah_sign (auth_header.h). */
size_t vrrp_packet_build(const struct vrrp_packet_plan *plan, uint8_t *bytes, size_t room);

/* Changes of a built packet: sealing it afterwards makes the checksum right again. old_group may be NULL but
 * for VRRP_CHECKSUM_OLD_UNICAST. */
void vrrp_packet_set_priority(uint8_t family, uint8_t *bytes, uint8_t priority);
void vrrp_packet_set_destination(uint8_t *ipv4_bytes, const struct ip_address *destination, uint8_t ttl);
void vrrp_packet_seal(uint8_t family, enum vrrp_checksum_form form, const struct ip_address *old_group,
                      uint8_t *bytes, size_t length);

/* The addresses within a built packet, as they lie in vrrp_advert.addresses of the peer's. */
const uint8_t *vrrp_packet_addresses(uint8_t family, const uint8_t *bytes);
uint8_t vrrp_packet_address_count(uint8_t family, const uint8_t *bytes);

#endif
