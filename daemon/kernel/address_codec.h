/*
 * Interface addresses to and from rtnetlink messages (RTM_NEWADDR, RTM_DELADDR), both ways by one codec.
 *
 * Pure: bytes in, struct out, and the reverse. The address manager sends what this encodes, and the link
 * monitor decodes the kernel's dumps and events with it.
 */
#ifndef TANDEM_KERNEL_ADDRESS_CODEC_H
#define TANDEM_KERNEL_ADDRESS_CODEC_H

#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"
#include "conf/model.h"

/* An address as the kernel has it, or shall have it. */
struct kernel_address {
    uint32_t ifindex;
    uint8_t prefix_length; /* of the peer, if there is one */
    uint8_t scope;         /* RT_SCOPE_* */
    struct ip_address address;
    struct ip_address peer;      /* AF_UNSPEC = none */
    struct ip_address broadcast; /* AF_UNSPEC = none */
    uint32_t flags;              /* IFA_F_* */
    uint32_t valid_s;            /* CONF_LIFETIME_FOREVER or seconds left */
    uint32_t preferred_s;
    char label[IFNAMSIZ]; /* "" = none */
};

/* No message of ours is longer. */
#define ADDRESS_MESSAGE_MAX 192

/*
 * Writes a request of that type (RTM_NEWADDR, RTM_DELADDR) with these NLM_F_* flags beside NLM_F_REQUEST into
 * buffer, which has ADDRESS_MESSAGE_MAX bytes and is aligned for a header, and returns it. The sequence
 * number is the sender's affair. RTM_DELADDR carries only what identifies the address.
 */
struct nlmsghdr *address_encode(void *buffer, uint16_t type, uint16_t flags,
                                const struct kernel_address *address);

/* Reads an RTM_NEWADDR or RTM_DELADDR message; false if it is neither sound nor of a family we know. */
bool address_decode(const struct nlmsghdr *message, struct kernel_address *out);

/* The address a line of virtual_ipaddress asks for; ifindex stays 0 and both lifetimes forever. */
struct kernel_address address_of_vip(const struct conf_vip *vip);

#endif
