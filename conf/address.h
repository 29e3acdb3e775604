/*
 * IP addresses as values.
 *
 * The bottom of the tree: the configuration model, the VRRP and IPVS code and the checkers all
 * carry addresses in this form. Bytes are in network order, ports in host order.
 */
#ifndef TANDEM_CONF_ADDRESS_H
#define TANDEM_CONF_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* family is AF_UNSPEC (no address), AF_INET (4 bytes used) or AF_INET6 (16 bytes used). */
struct ip_address {
    uint8_t family;
    uint8_t bytes[16];
};

struct ip_endpoint {
    struct ip_address address;
    uint16_t port; /* 0 = any / not given */
};

/* Longest text: "[" address "]:" port, and the terminator. */
#define IP_ADDRESS_TEXT  46
#define IP_ENDPOINT_TEXT 56

/* Parses dotted IPv4 or any RFC 4291 form of IPv6. False, and *out untouched, if text is neither. */
bool ip_address_parse(const char *text, struct ip_address *out);

/* Writes the canonical text (RFC 5952 for IPv6; "none" for AF_UNSPEC) and returns buffer. */
const char *ip_address_text(const struct ip_address *address, char buffer[static IP_ADDRESS_TEXT]);

/* "192.0.2.1:80", "[2001:db8::1]:80". Returns buffer. */
const char *ip_endpoint_text(const struct ip_endpoint *endpoint, char buffer[static IP_ENDPOINT_TEXT]);

/* <0, 0, >0 in the order of family, then the address as an unsigned number (RFC 9568 6.4.3 compares so). */
int ip_address_compare(const struct ip_address *a, const struct ip_address *b);

/* The address that many further on; past the last one it starts over. AF_UNSPEC stays so. */
struct ip_address ip_address_plus(const struct ip_address *address, uint32_t steps);

/* How many addresses lie from first to last, both counted; UINT32_MAX if more, 0 if last is before first or
 * of another family. */
uint32_t ip_address_count(const struct ip_address *first, const struct ip_address *last);

/* Has a family. */
bool ip_address_is_set(const struct ip_address *address);

/* Number of bytes an address of that family has: 4, 16, or 0 for AF_UNSPEC. */
size_t ip_address_length(const struct ip_address *address);

/* Bits of a full prefix: 32, 128, or 0. */
uint8_t ip_address_bits(const struct ip_address *address);

bool ip_address_is_multicast(const struct ip_address *address);  /* 224.0.0.0/4, ff00::/8 */
bool ip_address_is_link_local(const struct ip_address *address); /* 169.254.0.0/16, fe80::/10 */

/* Fills a sockaddr; ifindex becomes the scope of a link-local IPv6 address. Returns its length, 0 for
 * AF_UNSPEC. */
socklen_t ip_endpoint_to_sockaddr(const struct ip_endpoint *endpoint, unsigned int ifindex,
                                  struct sockaddr_storage *out);

/* The reverse; false if the sockaddr is of another family or too short. */
bool ip_endpoint_from_sockaddr(const struct sockaddr *sockaddr, socklen_t length, struct ip_endpoint *out);

#endif
