/*
 * The bytes of the IPVS generic netlink family (linux/ip_vs.h, "IPVS Generic Netlink interface"), by libnl.
 *
 * Pure: requests are appended to a buffer, answers are parsed from bytes with every length checked. What the
 * kernel sends that we do not understand is a refusal to parse, never a guess.
 */
#ifndef TANDEM_KERNEL_IPVS_MESSAGE_H
#define TANDEM_KERNEL_IPVS_MESSAGE_H

#include <linux/netlink.h>

#include "daemon/kernel/ipvs_entry.h"

/* A request never takes more than this, padding included. */
#define IPVS_REQUEST_MAX 512

/* Each writes one request at buffer, which has IPVS_REQUEST_MAX bytes on a 4 byte boundary, and returns its
 * length. */
size_t ipvs_message_family(void *buffer, uint32_t sequence);
size_t ipvs_message_dump_services(void *buffer, uint16_t family, uint32_t sequence);
size_t ipvs_message_dump_destinations(void *buffer, uint16_t family, uint32_t sequence,
                                      const struct ipvs_service_id *service);
size_t ipvs_message_change(void *buffer, uint16_t family, uint32_t sequence,
                           const struct ipvs_change *change);

/* The id of the IPVS family in the answer to ipvs_message_family; 0 if it is not in there. */
uint16_t ipvs_message_parse_family(const struct nlmsghdr *message);

size_t ipvs_message_order(void *buffer, uint16_t family, uint32_t sequence, const struct ipvs_order *order);
size_t ipvs_message_dump_daemons(void *buffer, uint16_t family, uint32_t sequence);

/* One entry of a dump. False if the message is of another kind or damaged. */
bool ipvs_message_parse_service(const struct nlmsghdr *message, struct ipvs_service *service);
/* service_family stands in for kernels that do not say the destination's own (before 3.18). */
bool ipvs_message_parse_destination(const struct nlmsghdr *message, uint8_t service_family,
                                    struct ipvs_destination *destination);

bool ipvs_message_parse_daemon(const struct nlmsghdr *message, struct ipvs_daemon *daemon);

/* The errno (0 = success) of an NLMSG_ERROR or NLMSG_DONE message, EPROTO if it is too short to have one. */
int ipvs_message_error(const struct nlmsghdr *message);

#endif
