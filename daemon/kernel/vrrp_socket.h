/*
 * The sockets adverts travel over: IP protocol 112 (RFC 9568 section 5.1), opened here for the vrrp process.
 */
#ifndef TANDEM_KERNEL_VRRP_SOCKET_H
#define TANDEM_KERNEL_VRRP_SOCKET_H

#include <stdint.h>

#include "conf/model.h"

/*
 * Opens a non-blocking raw socket as the instance needs it: its family, its interface (whose index is
 * ifindex; 0 only for unicast without an interface), and its multicast group, joined, or its unicast source,
 * bound. All adverts of that description arrive on it, whatever their virtual router: instances may share it.
 * Sends leave with TTL or hop limit 255 (unicast: the instance's), internetwork control precedence, and by
 * the interface. Returns the descriptor, or -1 with errno and the step that failed in *what (static words).
 */
int vrrp_socket_open(const struct conf_instance *instance, uint32_t ifindex, const char **what);

#endif
