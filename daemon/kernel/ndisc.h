/*
 * Unsolicited neighbour advertisement: RFC 4861 sections 4.4 and 7.2.6, as RFC 9568 section 6.4.2 wants it
 * from a new master.
 */
#ifndef TANDEM_KERNEL_NDISC_H
#define TANDEM_KERNEL_NDISC_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/link_codec.h"

#define NDISC_FRAME_LENGTH 86 /* Ethernet, IPv6, the advertisement, its link-layer address option */

/*
 * Writes an advertisement of the IPv6 address (network order) to all nodes, sent from that address, with the
 * override flag, and the router flag if this machine forwards.
 */
void ndisc_announcement(uint8_t frame[static NDISC_FRAME_LENGTH],
                        const uint8_t mac[static ETHERNET_ADDRESS_LENGTH], const uint8_t ipv6[static 16],
                        bool router);

#endif
