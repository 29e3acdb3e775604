/*
 * Network interfaces from rtnetlink messages (RTM_NEWLINK, RTM_DELLINK). Pure, as address_codec.h.
 */
#ifndef TANDEM_KERNEL_LINK_CODEC_H
#define TANDEM_KERNEL_LINK_CODEC_H

#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ETHERNET_ADDRESS_LENGTH 6

struct kernel_link {
    uint32_t ifindex;
    uint32_t flags; /* IFF_* */
    uint32_t mtu;
    uint16_t type; /* ARPHRD_* */
    bool has_mac;  /* mac is an Ethernet address */
    uint8_t mac[ETHERNET_ADDRESS_LENGTH];
    char name[IFNAMSIZ];
};

/* False if the message is not sound or describes no interface of its own (a bridge port's state, AF_BRIDGE).
 */
bool link_decode(const struct nlmsghdr *message, struct kernel_link *out);

/* True if the interface speaks Ethernet and resolves addresses: GARP and unsolicited NA make sense on it. */
bool link_can_announce(const struct kernel_link *link);

#endif
