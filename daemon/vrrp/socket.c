/*
 * The sockets adverts travel by. See socket.h.
 */
#include "daemon/vrrp/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/vrrp/auth_header.h"

#define PACKETS_A_DRAIN  4096 /* a flood must not keep us from our timers */
#define CHECKSUM_OFFSET  6
#define IPPROTO_VRRP     112
#define PRIORITY_CONTROL 6 /* TC_PRIO_INTERACTIVE: the most a process without privileges may ask for */
#define TRAFFIC_CLASS    0xc0

void vrrp_socket_spec_of(const struct conf_instance *conf, struct vrrp_socket_spec *spec)
{
    memset(spec, 0, sizeof(*spec));
    spec->family = conf->family;
    spec->protocol = conf->auth_type == CONF_AUTH_AH ? VRRP_AH_PROTOCOL : IPPROTO_VRRP;
    spec->multicast = conf->unicast_peers.count == 0;
    spec->address = spec->multicast ? conf->multicast_group : conf->source;
    if (conf->interface != NULL)
        strncpy(spec->interface, conf->interface, sizeof(spec->interface) - 1);
}

bool vrrp_socket_spec_is_same(const struct vrrp_socket_spec *a, const struct vrrp_socket_spec *b)
{
    return a->family == b->family && a->protocol == b->protocol && a->multicast == b->multicast &&
           strcmp(a->interface, b->interface) == 0 && ip_address_compare(&a->address, &b->address) == 0;
}

/* FNV-1a. */
static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t spec_key(const struct vrrp_socket_spec *spec)
{
    uint8_t kind[3] = {spec->family, spec->multicast, spec->protocol};
    uint64_t hash = hash_bytes(0xcbf29ce484222325u, kind, sizeof(kind));

    hash = hash_bytes(hash, spec->interface, sizeof(spec->interface));
    return hash_bytes(hash, spec->address.bytes, ip_address_length(&spec->address));
}

struct vrrp_socket *vrrp_socket_acquire(struct vrrp_sockets *sockets, const struct vrrp_socket_spec *spec,
                                        const struct vrrp_socket_hooks *hooks, void *data)
{
    struct vrrp_socket *socket;

    LIST_FOREACH(socket, sockets, next)
    {
        if (vrrp_socket_spec_is_same(&socket->spec, spec)) {
            socket->users++;
            return socket;
        }
    }
    socket = calloc(1, sizeof(*socket));
    if (socket == NULL)
        abort();
    socket->spec = *spec;
    socket->key = spec_key(spec);
    socket->fd = -1;
    socket->users = 1;
    socket->hooks = hooks;
    socket->data = data;
    LIST_INSERT_HEAD(sockets, socket, next);
    return socket;
}

bool vrrp_socket_release(struct vrrp_socket *socket)
{
    if (--socket->users > 0)
        return false;
    vrrp_socket_close(socket);
    LIST_REMOVE(socket, next);
    free(socket);
    return true;
}

/* ------------------------------------------------------------------ opening */

struct option {
    int level;
    int name;
    int value;
    bool needed;
};

static bool set_options(int fd, const struct option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (setsockopt(fd, options[i].level, options[i].name, &options[i].value, sizeof(options[i].value)) !=
                0 &&
            options[i].needed)
            return false;
    }
    return true;
}

/* Packets of other groups and our own stay out; the header is ours to write and to read. */
static bool set_ipv4_options(int fd)
{
    static const struct option options[] = {
        {SOL_SOCKET, SO_TIMESTAMPNS, 1, false},   {SOL_SOCKET, SO_PRIORITY, PRIORITY_CONTROL, false},
        {IPPROTO_IP, IP_HDRINCL, 1, true},        {IPPROTO_IP, IP_MULTICAST_LOOP, 0, true},
        {IPPROTO_IP, IP_MULTICAST_ALL, 0, false},
    };

    return set_options(fd, options, sizeof(options) / sizeof(options[0]));
}

static bool set_ipv6_options(int fd)
{
    static const struct option options[] = {
        {SOL_SOCKET, SO_TIMESTAMPNS, 1, false},
        {SOL_SOCKET, SO_PRIORITY, PRIORITY_CONTROL, false},
        {IPPROTO_IPV6, IPV6_CHECKSUM, CHECKSUM_OFFSET, true},
        {IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, true},
        {IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, true},
        {IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, true},
        {IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0, false},
        {IPPROTO_IPV6, IPV6_TCLASS, TRAFFIC_CLASS, false},
    };

    return set_options(fd, options, sizeof(options) / sizeof(options[0]));
}

static bool option_is(int fd, int name, int wanted)
{
    int value = 0;
    socklen_t length = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 && value == wanted;
}

static bool is_raw_of(int fd, const struct vrrp_socket_spec *spec)
{
    return option_is(fd, SO_DOMAIN, spec->family) && option_is(fd, SO_TYPE, SOCK_RAW) &&
           option_is(fd, SO_PROTOCOL, spec->protocol);
}

static void packets_wait(int fd, unsigned int ready, void *data)
{
    struct vrrp_socket *socket = data;

    (void)fd;
    (void)ready;
    if (socket->hooks->before_receiving != NULL)
        socket->hooks->before_receiving(socket->data);
    vrrp_socket_drain(socket);
}

bool vrrp_socket_open(struct vrrp_socket *socket, struct loop *loop, int fd)
{
    int ifindex = 0;
    socklen_t length = sizeof(ifindex);

    errno = EPROTOTYPE;
    if (!is_raw_of(fd, &socket->spec) ||
        !(socket->spec.family == AF_INET ? set_ipv4_options(fd) : set_ipv6_options(fd))) {
        socket->error = errno;
        close(fd);
        return false;
    }
    getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &ifindex, &length); /* before 5.0: stays 0 */
    vrrp_socket_close(socket);
    socket->fd = fd;
    socket->error = 0;
    socket->asked = false;
    socket->ifindex = (unsigned int)ifindex;
    socket->watch = loop_watch_new(loop, fd, LOOP_READ, packets_wait, socket);
    return true;
}

void vrrp_socket_close(struct vrrp_socket *socket)
{
    if (socket->fd < 0)
        return;
    loop_watch_free(socket->watch);
    close(socket->fd);
    socket->watch = NULL;
    socket->fd = -1;
    socket->ifindex = 0;
}

/* ------------------------------------------------------------------ receiving */

static void read_control(struct msghdr *message, struct vrrp_datagram *datagram)
{
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        const void *content = CMSG_DATA(header);

        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec stamp;

            memcpy(&stamp, content, sizeof(stamp));
            datagram->stamp_ns = stamp.tv_sec * NS_PER_S + stamp.tv_nsec;
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;

            memcpy(&info, content, sizeof(info));
            datagram->outside.destination.family = AF_INET6;
            memcpy(datagram->outside.destination.bytes, &info.ipi6_addr, 16);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_HOPLIMIT) {
            int hops;

            memcpy(&hops, content, sizeof(hops));
            datagram->outside.hop_limit = (uint8_t)hops;
        }
    }
}

static int64_t wall_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* False when nothing waits. */
static bool receive_one(struct vrrp_socket *socket)
{
    static uint8_t bytes[VRRP_PACKET_MAX + 64];
    struct sockaddr_storage sender;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct in6_pktinfo)) +
                   CMSG_SPACE(sizeof(int)) + 64];
    } control;
    struct iovec part = {bytes, sizeof(bytes)};
    struct msghdr message = {.msg_name = &sender,
                             .msg_namelen = sizeof(sender),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct vrrp_datagram datagram = {.bytes = bytes};
    ssize_t length = recvmsg(socket->fd, &message, MSG_DONTWAIT);
    struct ip_endpoint from = {0};
    int vrid;

    if (length < 0)
        return errno != EAGAIN && errno != EWOULDBLOCK;
    vrid = vrrp_packet_vrid(socket->spec.family, bytes, (size_t)length);
    if (vrid < 0 || socket->by_vrid[vrid] == NULL)
        return true; /* another pair's */
    datagram.length = (size_t)length;
    datagram.now = mono_now();
    datagram.wall_now_ns = wall_now_ns();
    read_control(&message, &datagram);
    if (ip_endpoint_from_sockaddr((struct sockaddr *)&sender, message.msg_namelen, &from))
        datagram.outside.source = from.address;
    socket->hooks->received(socket->by_vrid[vrid], &datagram);
    return true;
}

void vrrp_socket_drain(struct vrrp_socket *socket)
{
    for (int i = 0; i < PACKETS_A_DRAIN && socket->fd >= 0; i++) {
        if (!receive_one(socket))
            return;
    }
}

/* ------------------------------------------------------------------ sending */

static void *add_control(struct msghdr *message, struct cmsghdr *header, int level, int type, size_t length)
{
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(length);
    message->msg_controllen += CMSG_SPACE(length);
    return CMSG_DATA(header);
}

static void put_ipv4_control(struct msghdr *message, unsigned int ifindex, const struct ip_address *source)
{
    struct in_pktinfo info = {.ipi_ifindex = (int)ifindex};

    memcpy(&info.ipi_spec_dst, source->bytes, 4);
    memcpy(add_control(message, message->msg_control, IPPROTO_IP, IP_PKTINFO, sizeof(info)), &info,
           sizeof(info));
}

static void put_ipv6_control(struct msghdr *message, unsigned int ifindex, const struct ip_address *source,
                             int hop_limit)
{
    struct in6_pktinfo info = {.ipi6_ifindex = ifindex};
    char *behind;

    memcpy(&info.ipi6_addr, source->bytes, 16);
    memcpy(add_control(message, message->msg_control, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(info)), &info,
           sizeof(info));
    behind = (char *)message->msg_control + CMSG_SPACE(sizeof(info));
    memcpy(add_control(message, (struct cmsghdr *)behind, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(hop_limit)),
           &hop_limit, sizeof(hop_limit));
}

int vrrp_socket_send(const struct vrrp_socket *socket, const uint8_t *bytes, size_t length,
                     unsigned int ifindex, const struct ip_address *source,
                     const struct ip_address *destination, uint8_t hop_limit)
{
    struct ip_endpoint endpoint = {.address = *destination};
    struct sockaddr_storage to;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)bytes, length};
    struct msghdr message = {.msg_name = &to,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = 0};

    if (socket->fd < 0)
        return ENOTCONN;
    message.msg_namelen = ip_endpoint_to_sockaddr(&endpoint, ifindex, &to);
    if (socket->spec.family == AF_INET)
        put_ipv4_control(&message, ifindex, source);
    else
        put_ipv6_control(&message, ifindex, source, hop_limit);
    return sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
}
