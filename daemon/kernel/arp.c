/*
 * Gratuitous ARP. See arp.h.
 */
#include "daemon/kernel/arp.h"

#include <string.h>

#define SENDER_MAC  22
#define SENDER_IPV4 28
#define TARGET_IPV4 38

/* Everything that is the same in all of them; addresses are zero. */
static const uint8_t blank[ARP_FRAME_LENGTH] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* to everybody */
    0,    0,    0,    0,    0,    0,    /* from us */
    0x08, 0x06,                         /* ARP */
    0x00, 0x01,                         /* hardware: Ethernet */
    0x08, 0x00,                         /* protocol: IPv4 */
    6,    4,                            /* lengths of their addresses */
    0x00, 0x01,                         /* request */
};

void arp_announcement(uint8_t frame[static ARP_FRAME_LENGTH],
                      const uint8_t mac[static ETHERNET_ADDRESS_LENGTH], const uint8_t ipv4[static 4])
{
    memcpy(frame, blank, sizeof(blank));
    memcpy(frame + ETHERNET_ADDRESS_LENGTH, mac, ETHERNET_ADDRESS_LENGTH);
    memcpy(frame + SENDER_MAC, mac, ETHERNET_ADDRESS_LENGTH);
    memcpy(frame + SENDER_IPV4, ipv4, 4);
    memcpy(frame + TARGET_IPV4, ipv4, 4);
}
