/*
 * One rtnetlink socket for requests: batches of changes in one send, and dumps.
 *
 * The kernel carries out a send before it returns, so a batch's answers are there at once and reading them
 * never waits. Who owns a change is the caller's cookie. Events come on another socket: link_monitor.h.
 */
#ifndef TANDEM_KERNEL_RTNETLINK_H
#define TANDEM_KERNEL_RTNETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/batch_pace.h"

struct rtnetlink;

/* NULL with errno. */
struct rtnetlink *rtnetlink_new(void);
void rtnetlink_free(struct rtnetlink *netlink); /* NULL allowed */

/* Adds a copy of the request to the batch. At most BATCH_MAX fit, of 192 bytes on average; false beyond. */
bool rtnetlink_add(struct rtnetlink *netlink, const struct nlmsghdr *request, void *cookie);

/* Outcome of one request of a batch: error is 0 or an errno, why the kernel's own words or "". */
typedef void rtnetlink_outcome(void *cookie, int error, const char *why, void *data);

/*
 * Sends the batch and tells the outcome of each request in order. False if some answers were lost (the caller
 * should look again at what the kernel has); those requests are told as done.
 */
bool rtnetlink_send(struct rtnetlink *netlink, rtnetlink_outcome *outcome, void *data);

/* Asks for all objects of a type (RTM_GETLINK, RTM_GETADDR) and hands each message to the callback. 0, or an
 * errno; EINTR = the kernel's list changed meanwhile, ask again. */
typedef void rtnetlink_dumped(const struct nlmsghdr *message, void *data);
int rtnetlink_dump(struct rtnetlink *netlink, uint16_t type, rtnetlink_dumped *callback, void *data);

/* The same by a request of the caller's (NLM_F_DUMP and the number are put in); the kernel looks at its
 * header and attributes for which objects are meant. */
int rtnetlink_dump_some(struct rtnetlink *netlink, struct nlmsghdr *request, rtnetlink_dumped *callback,
                        void *data);

#endif
