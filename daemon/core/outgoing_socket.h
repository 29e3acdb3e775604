/*
 * A socket for a check, as the check's settings say where its packets come from.
 *
 * Made by the checker itself, or by links where that is a privilege (conf_checker_needs_links).
 */
#ifndef TANDEM_CORE_OUTGOING_SOCKET_H
#define TANDEM_CORE_OUTGOING_SOCKET_H

#include <stdint.h>

#include "conf/address.h"

enum outgoing_kind {
    OUTGOING_STREAM,   /* TCP */
    OUTGOING_DATAGRAM, /* UDP */
    OUTGOING_PING,     /* ICMP or ICMPv6 echo: the kernel chooses the identifier */
};

struct outgoing_settings {
    enum outgoing_kind kind;
    uint8_t family;          /* of the destination */
    struct ip_endpoint bind; /* source; unset = the kernel chooses */
    const char *interface;   /* NULL = by the routes */
    uint32_t mark;           /* SO_MARK; 0 = none */
};

/* A non-blocking socket, not connected; -1 with errno. */
int outgoing_socket_open(const struct outgoing_settings *settings);

#endif
