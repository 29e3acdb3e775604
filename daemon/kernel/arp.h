/*
 * Gratuitous ARP: RFC 5227 section 3 / RFC 826, as RFC 9568 section 6.4.2 wants it from a new master.
 */
#ifndef TANDEM_KERNEL_ARP_H
#define TANDEM_KERNEL_ARP_H

#include <stdint.h>

#include "daemon/kernel/link_codec.h"

#define ARP_FRAME_LENGTH 42 /* Ethernet header and ARP packet; the driver pads */

/* Writes a broadcast ARP request whose sender and target both are the IPv4 address (network order). */
void arp_announcement(uint8_t frame[static ARP_FRAME_LENGTH],
                      const uint8_t mac[static ETHERNET_ADDRESS_LENGTH], const uint8_t ipv4[static 4]);

#endif
