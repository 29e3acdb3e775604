/*
 * Who may make ping sockets: net.ipv4.ping_group_range (it holds for IPv6 too).
 */
#ifndef TANDEM_KERNEL_PING_RANGE_H
#define TANDEM_KERNEL_PING_RANGE_H

/* Widens the range so that it has our own group. 0, also if it had, or an errno. Needs CAP_NET_ADMIN. */
int ping_range_admit_us(void);

#endif
