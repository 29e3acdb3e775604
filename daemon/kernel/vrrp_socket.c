/*
 * The sockets adverts travel over. See vrrp_socket.h.
 */
#include "daemon/kernel/vrrp_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROTOCOL_VRRP    112
#define PROTOCOL_AH      51   /* an authentication header stands in front of the advert */
#define TOS_CONTROL      0xc0 /* internetwork control */
#define PRIORITY_CONTROL 6    /* the same class for qdiscs and VLAN maps */
#define CHECKSUM_OFFSET  6    /* of a VRRP packet */
#define HOPS             255
#define RECEIVE_BUFFER   (512 * 1024)

struct option {
    int level;
    int name;
    const void *value;
    socklen_t length;
    const char *what;
};

/* Sets them in order; false with errno and *what at the first that fails. */
static bool set_options(int fd, const struct option *options, size_t count, const char **what)
{
    for (size_t i = 0; i < count; i++) {
        if (setsockopt(fd, options[i].level, options[i].name, options[i].value, options[i].length) == 0)
            continue;
        *what = options[i].what;
        return false;
    }
    return true;
}

#define OPTION(level, name, value, what)                                                                     \
    {                                                                                                        \
        level, name, &(value), sizeof(value), what                                                           \
    }
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int unicast_hops(const struct conf_instance *instance)
{
    return instance->unicast_ttl == 0 ? HOPS : instance->unicast_ttl;
}

/* ------------------------------------------------------------------ IPv4 */

static bool prepare_ipv4(int fd, const struct conf_instance *instance, const char **what)
{
    const int tos = TOS_CONTROL, hops = HOPS, unicast = unicast_hops(instance), yes = 1, no = 0;
    const struct option options[] = {
        OPTION(IPPROTO_IP, IP_TOS, tos, "type of service"),
        OPTION(IPPROTO_IP, IP_MULTICAST_TTL, hops, "multicast TTL"),
        OPTION(IPPROTO_IP, IP_TTL, unicast, "TTL"),
        OPTION(IPPROTO_IP, IP_MULTICAST_LOOP, no, "multicast loop"),
        OPTION(IPPROTO_IP, IP_MULTICAST_ALL, no, "only its own multicast groups"),
        OPTION(IPPROTO_IP, IP_PKTINFO, yes, "packet information"),
    };

    return set_options(fd, options, COUNT(options), what);
}

static bool join_ipv4(int fd, const struct conf_instance *instance, uint32_t ifindex, const char **what)
{
    struct ip_mreqn group = {.imr_ifindex = (int)ifindex};
    const struct ip_mreqn outgoing = {.imr_ifindex = (int)ifindex};
    const struct option options[] = {
        OPTION(IPPROTO_IP, IP_MULTICAST_IF, outgoing, "multicast interface"),
        OPTION(IPPROTO_IP, IP_ADD_MEMBERSHIP, group, "joining the multicast group"),
    };

    memcpy(&group.imr_multiaddr, instance->multicast_group.bytes, sizeof(group.imr_multiaddr));
    return set_options(fd, options, COUNT(options), what);
}

/* ------------------------------------------------------------------ IPv6 */

static bool prepare_ipv6(int fd, const struct conf_instance *instance, const char **what)
{
    const int class = TOS_CONTROL, hops = HOPS, unicast = unicast_hops(instance), yes = 1, no = 0;
    const int checksum = CHECKSUM_OFFSET;
    const struct option options[] = {
        OPTION(IPPROTO_IPV6, IPV6_CHECKSUM, checksum, "checksum"),
        OPTION(IPPROTO_IPV6, IPV6_TCLASS, class, "traffic class"),
        OPTION(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops, "multicast hop limit"),
        OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS, unicast, "hop limit"),
        OPTION(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, no, "multicast loop"),
        OPTION(IPPROTO_IPV6, IPV6_MULTICAST_ALL, no, "only its own multicast groups"),
        OPTION(IPPROTO_IPV6, IPV6_RECVHOPLIMIT, yes, "received hop limit"),
        OPTION(IPPROTO_IPV6, IPV6_RECVPKTINFO, yes, "packet information"),
    };

    return set_options(fd, options, COUNT(options), what);
}

static bool join_ipv6(int fd, const struct conf_instance *instance, uint32_t ifindex, const char **what)
{
    struct ipv6_mreq group = {.ipv6mr_interface = ifindex};
    const int outgoing = (int)ifindex;
    const struct option options[] = {
        OPTION(IPPROTO_IPV6, IPV6_MULTICAST_IF, outgoing, "multicast interface"),
        OPTION(IPPROTO_IPV6, IPV6_JOIN_GROUP, group, "joining the multicast group"),
    };

    memcpy(&group.ipv6mr_multiaddr, instance->multicast_group.bytes, sizeof(group.ipv6mr_multiaddr));
    return set_options(fd, options, COUNT(options), what);
}

/* ------------------------------------------------------------------ both */

static bool prepare_any(int fd, const struct conf_instance *instance, const char **what)
{
    const int receive_buffer = RECEIVE_BUFFER, yes = 1, priority = PRIORITY_CONTROL;
    const struct option options[] = {
        OPTION(SOL_SOCKET, SO_RCVBUFFORCE, receive_buffer, "receive buffer"),
        OPTION(SOL_SOCKET, SO_TIMESTAMPNS, yes, "time stamps"),
        OPTION(SOL_SOCKET, SO_PRIORITY, priority, "priority"), /* after the TOS, which changes it too */
    };
    bool sound =
        instance->family == AF_INET ? prepare_ipv4(fd, instance, what) : prepare_ipv6(fd, instance, what);

    if (!sound || !set_options(fd, options, COUNT(options), what))
        return false;
    if (instance->interface == NULL)
        return true;
    *what = "binding to the interface";
    return setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, instance->interface,
                      (socklen_t)strlen(instance->interface)) == 0;
}

static bool join_group(int fd, const struct conf_instance *instance, uint32_t ifindex, const char **what)
{
    if (instance->family == AF_INET)
        return join_ipv4(fd, instance, ifindex, what);
    return join_ipv6(fd, instance, ifindex, what);
}

/* Only adverts to our own address are for us; the bound address also is the source of what we send. */
static bool bind_source(int fd, const struct conf_instance *instance, uint32_t ifindex, const char **what)
{
    struct ip_endpoint source = {.address = instance->source};
    struct sockaddr_storage address;
    socklen_t length = ip_endpoint_to_sockaddr(&source, ifindex, &address);

    *what = "binding to the source address";
    return length == 0 || bind(fd, (const struct sockaddr *)&address, length) == 0;
}

int vrrp_socket_open(const struct conf_instance *instance, uint32_t ifindex, const char **what)
{
    bool unicast = instance->unicast_peers.count > 0;
    int protocol = instance->auth_type == CONF_AUTH_AH ? PROTOCOL_AH : PROTOCOL_VRRP;
    int fd = socket(instance->family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    bool sound;
    int error;

    *what = "opening a raw socket";
    if (fd < 0)
        return -1;
    sound = prepare_any(fd, instance, what) &&
            (unicast ? bind_source(fd, instance, ifindex, what) : join_group(fd, instance, ifindex, what));
    if (sound)
        return fd;
    error = errno;
    close(fd);
    errno = error;
    return -1;
}
