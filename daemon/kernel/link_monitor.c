/*
 * Watches links and addresses. See link_monitor.h.
 */
#include "daemon/kernel/link_monitor.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/core/log.h"

#define RECEIVE_BUFFER   (4 * 1024 * 1024) /* a few thousand events */
#define DATAGRAM_BYTES   (32 * 1024)
#define DATAGRAMS_A_WAKE 4096
#define DUMP_ATTEMPTS    5
#define GROUPS           (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR)

struct link_monitor {
    struct mnl_socket *socket;
    struct loop_watch *watch;
    struct rtnetlink *requests;
    const struct link_monitor_callbacks *callbacks;
    void *data;
    bool watches_routes;
    unsigned char datagram[DATAGRAM_BYTES] __attribute__((aligned(8)));
};

/* ------------------------------------------------------------------ messages */

static void link_message(struct link_monitor *monitor, const struct nlmsghdr *message, bool exists)
{
    struct kernel_link link;

    if (link_decode(message, &link))
        monitor->callbacks->link(&link, exists, monitor->data);
}

static void address_message(struct link_monitor *monitor, const struct nlmsghdr *message, bool exists)
{
    struct kernel_address address;

    if (address_decode(message, &address))
        monitor->callbacks->address(&address, exists, monitor->data);
}

static void any_message(const struct nlmsghdr *message, void *data)
{
    struct link_monitor *monitor = data;

    switch (message->nlmsg_type) {
    case RTM_NEWLINK:
        link_message(monitor, message, true);
        break;
    case RTM_DELLINK:
        link_message(monitor, message, false);
        break;
    case RTM_NEWADDR:
        address_message(monitor, message, true);
        break;
    case RTM_DELADDR:
        address_message(monitor, message, false);
        break;
    case RTM_DELROUTE:
    case RTM_DELRULE:
        monitor->callbacks->route_removed(message, monitor->data);
        break;
    default: /* additions of routes and rules; a type of a newer kernel */
        break;
    }
}

/* ------------------------------------------------------------------ dumps */

static bool dump(struct link_monitor *monitor, uint16_t type, const char *what)
{
    int error = EINTR;

    for (int attempt = 0; attempt < DUMP_ATTEMPTS && error == EINTR; attempt++)
        error = rtnetlink_dump(monitor->requests, type, any_message, monitor);
    if (error == 0 || error == EINTR) /* a list that never stands still: the events mend what is missing */
        return true;
    log_error("the kernel's list of %s cannot be read: %s", what, strerror(error));
    return false;
}

static bool dump_all(struct link_monitor *monitor)
{
    bool sound;

    monitor->callbacks->links_begin(monitor->data);
    sound = dump(monitor, RTM_GETLINK, "interfaces");
    if (sound)
        monitor->callbacks->links_end(monitor->data);
    monitor->callbacks->addresses_begin(monitor->data);
    return dump(monitor, RTM_GETADDR, "addresses") && sound;
}

/* ------------------------------------------------------------------ events */

enum drained {
    DRAINED_ALL,
    DRAINED_SOME,
    DRAINED_OVERRUN,
};

static enum drained read_events(struct link_monitor *monitor)
{
    for (int i = 0; i < DATAGRAMS_A_WAKE; i++) {
        ssize_t length = mnl_socket_recvfrom(monitor->socket, monitor->datagram, sizeof(monitor->datagram));
        int left = (int)length;

        if (length < 0 && errno == EINTR)
            continue;
        if (length < 0)
            return errno == EAGAIN ? DRAINED_ALL : DRAINED_OVERRUN;
        for (const struct nlmsghdr *message = (const struct nlmsghdr *)monitor->datagram;
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
            any_message(message, monitor);
    }
    return DRAINED_SOME;
}

bool link_monitor_drain(struct link_monitor *monitor)
{
    enum drained drained = read_events(monitor);

    if (drained == DRAINED_OVERRUN) {
        log_debug("interface events were lost (%s): looking at everything again", strerror(errno));
        dump_all(monitor);
        drained = read_events(monitor);
    }
    return drained == DRAINED_ALL;
}

static void events_ready(int fd, unsigned int ready, void *data)
{
    struct link_monitor *monitor = data;

    (void)fd;
    (void)ready;
    if (link_monitor_drain(monitor))
        monitor->callbacks->settled(monitor->data);
}

void link_monitor_watch_routes(struct link_monitor *monitor, bool watch)
{
    static const int groups[] = {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_RULE,
                                 RTNLGRP_IPV6_RULE};

    if (watch == monitor->watches_routes)
        return;
    monitor->watches_routes = watch;
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        int group = groups[i];

        if (mnl_socket_setsockopt(monitor->socket, watch ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP,
                                  &group, sizeof(group)) != 0)
            log_warning("the kernel's events of routes cannot be heard: %s", strerror(errno));
    }
}

bool link_monitor_resync(struct link_monitor *monitor)
{
    bool sound = dump_all(monitor);

    if (link_monitor_drain(monitor))
        monitor->callbacks->settled(monitor->data);
    return sound;
}

/* ------------------------------------------------------------------ life */

struct link_monitor *link_monitor_new(struct loop *loop, struct rtnetlink *requests,
                                      const struct link_monitor_callbacks *callbacks, void *data)
{
    struct link_monitor *monitor = calloc(1, sizeof(*monitor));
    int receive_buffer = RECEIVE_BUFFER;
    int fd;

    if (monitor == NULL)
        return NULL;
    monitor->requests = requests;
    monitor->callbacks = callbacks;
    monitor->data = data;
    monitor->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (monitor->socket == NULL || mnl_socket_bind(monitor->socket, GROUPS, MNL_SOCKET_AUTOPID) != 0) {
        link_monitor_free(monitor);
        return NULL;
    }
    fd = mnl_socket_get_fd(monitor->socket);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer, sizeof(receive_buffer));
    monitor->watch = loop_watch_new(loop, fd, LOOP_READ, events_ready, monitor);
    return monitor;
}

void link_monitor_free(struct link_monitor *monitor)
{
    if (monitor == NULL)
        return;
    loop_watch_free(monitor->watch);
    if (monitor->socket != NULL)
        mnl_socket_close(monitor->socket);
    free(monitor);
}
