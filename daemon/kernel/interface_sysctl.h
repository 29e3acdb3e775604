/*
 * Network settings of one interface under /proc/sys/net.
 */
#ifndef TANDEM_KERNEL_INTERFACE_SYSCTL_H
#define TANDEM_KERNEL_INTERFACE_SYSCTL_H

#include <stdbool.h>

/* With it, the kernel keeps the other addresses of a network when it removes the first. Returns 0 or an
 * errno. */
int interface_promote_secondaries(const char *interface);

/* True if the interface forwards IPv6: its neighbour advertisements then carry the router flag. */
bool interface_forwards_ipv6(const char *interface);

#endif
