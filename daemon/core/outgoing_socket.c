/*
 * Sockets for checks. See outgoing_socket.h.
 */
#include "daemon/core/outgoing_socket.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

static int make_socket(const struct outgoing_settings *settings)
{
    const int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

    switch (settings->kind) {
    case OUTGOING_STREAM:
        return socket(settings->family, SOCK_STREAM | flags, IPPROTO_TCP);
    case OUTGOING_DATAGRAM:
        return socket(settings->family, SOCK_DGRAM | flags, IPPROTO_UDP);
    case OUTGOING_PING:
        return socket(settings->family, SOCK_DGRAM | flags,
                      settings->family == AF_INET ? (int)IPPROTO_ICMP : (int)IPPROTO_ICMPV6);
    }
    errno = EINVAL;
    return -1;
}

static bool bind_source(int fd, const struct outgoing_settings *settings)
{
    struct ip_endpoint endpoint = settings->bind;
    struct sockaddr_storage address;
    unsigned int scope = 0;
    socklen_t length;
    int on = 1;

    if (settings->kind == OUTGOING_PING)
        endpoint.port = 0;
    if (!ip_address_is_set(&endpoint.address) && endpoint.port == 0)
        return true;
    if (!ip_address_is_set(&endpoint.address))
        endpoint.address.family = settings->family; /* any address, that port */
    if (endpoint.port == 0) /* the port is chosen at connect, when the destination makes it unique */
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    else /* our own last connection may still be in TIME_WAIT */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (settings->interface != NULL && ip_address_is_link_local(&endpoint.address))
        scope = if_nametoindex(settings->interface);
    length = ip_endpoint_to_sockaddr(&endpoint, scope, &address);
    return bind(fd, (struct sockaddr *)&address, length) == 0;
}

static bool prepare(int fd, const struct outgoing_settings *settings)
{
    const char *interface = settings->interface;

    if (interface != NULL &&
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) != 0)
        return false;
    if (settings->mark != 0 &&
        setsockopt(fd, SOL_SOCKET, SO_MARK, &settings->mark, sizeof(settings->mark)) != 0)
        return false;
    return bind_source(fd, settings);
}

int outgoing_socket_open(const struct outgoing_settings *settings)
{
    int fd = make_socket(settings);
    int error;

    if (fd < 0 || prepare(fd, settings))
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}
