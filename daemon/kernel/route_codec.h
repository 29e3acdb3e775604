/*
 * Routes to and from rtnetlink messages (RTM_NEWROUTE, RTM_DELROUTE). Pure: the configuration's route in,
 * bytes out, and a message of the kernel compared with a route of the configuration.
 */
#ifndef TANDEM_KERNEL_ROUTE_CODEC_H
#define TANDEM_KERNEL_ROUTE_CODEC_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/model.h"

/* No message of ours is longer; a route with more ways than fit is refused. */
#define ROUTE_MESSAGE_MAX 4096

/* The index of the interface of that name, 0 if there is none now. */
typedef uint32_t route_ifindex(const char *name, const void *data);

/*
 * Writes a request of that type with these NLM_F_* flags beside NLM_F_REQUEST into buffer, which has
 * ROUTE_MESSAGE_MAX bytes and is aligned for a header, and returns it. NULL with errno: ENODEV if an
 * interface is not there, EMSGSIZE if the route does not fit.
 */
struct nlmsghdr *route_encode(void *buffer, uint16_t type, uint16_t flags, const struct conf_route *route,
                              route_ifindex *ifindex, const void *data);

/* A request for the routes of the table, family and protocol of that one; what the kernel answers it to is
 * RTM_GETROUTE with NLM_F_DUMP (rtnetlink_dump_some). buffer has ROUTE_DUMP_MAX bytes and is aligned. */
#define ROUTE_DUMP_MAX 64
struct nlmsghdr *route_encode_dump(void *buffer, const struct conf_route *route);

enum route_match {
    ROUTE_OTHER,
    ROUTE_IN_PLACE, /* of our protocol, at the same destination, table, TOS and metric, but otherwise another
                     */
    ROUTE_SAME,
};

/* Compares a route the kernel reports with one of the configuration. What the configuration leaves to the
 * kernel may be anything. */
enum route_match route_compare(const struct nlmsghdr *message, const struct conf_route *route,
                               route_ifindex *ifindex, const void *data);

/* True if both would take the same place in the kernel's table. */
bool route_shares_place(const struct conf_route *a, const struct conf_route *b);

/* "192.0.2.0/24 via 198.51.100.1 dev eth0 table 7", cut if need be. Returns buffer. */
#define ROUTE_TEXT 192
const char *route_text(const struct conf_route *route, char buffer[static ROUTE_TEXT]);

#endif
