/*
 * The sockets adverts travel by. links makes them (they need CAP_NET_RAW), the supervisor keeps copies for a
 * successor; here they are shared: all instances of one family on one interface with one multicast group, or
 * one unicast source, use one socket, and a received packet is handed to the instance with its VRID.
 */
#ifndef TANDEM_VRRP_SOCKET_H
#define TANDEM_VRRP_SOCKET_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "conf/address.h"
#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/vrrp/packet.h"

/* What makes two instances share. */
struct vrrp_socket_spec {
    uint8_t family;
    uint8_t protocol; /* 112, or 51 where an authentication header stands in front */
    bool multicast;
    char interface[IFNAMSIZ];  /* "" = any, unicast only */
    struct ip_address address; /* the multicast group, or the unicast source (AF_UNSPEC = the interface's) */
};

struct vrrp_datagram {
    const uint8_t *bytes;
    size_t length;
    struct vrrp_outside outside; /* IPv6 */
    struct mono now;             /* when it was read */
    int64_t wall_now_ns;
    int64_t stamp_ns; /* when it arrived, CLOCK_REALTIME; 0 = unknown */
};

typedef void vrrp_receiver(void *user, const struct vrrp_datagram *datagram);

struct vrrp_socket {
    LIST_ENTRY(vrrp_socket) next;
    struct vrrp_socket_spec spec;
    uint64_t key;         /* hash of spec: the name under which the supervisor holds it */
    int fd;               /* -1 = not open */
    int error;            /* why not, errno; 0 = no answer yet */
    unsigned int ifindex; /* it is bound to; 0 = none */
    unsigned int users;
    bool asked; /* links owes an answer */
    void *by_vrid[256];
    struct loop_watch *watch;
    const struct vrrp_socket_hooks *hooks;
    void *data;
};
LIST_HEAD(vrrp_sockets, vrrp_socket);

struct vrrp_socket_hooks {
    /* A packet for the user registered under its VRID. */
    vrrp_receiver *received;
    /* Packets wait: look first whether we stood still. May be NULL. */
    void (*before_receiving)(void *data);
};

/* The socket an instance of that configuration needs; equal specs share one. */
void vrrp_socket_spec_of(const struct conf_instance *conf, struct vrrp_socket_spec *spec);
bool vrrp_socket_spec_is_same(const struct vrrp_socket_spec *a, const struct vrrp_socket_spec *b);

/* The socket of that spec, made (closed) if it is new; one user more. */
struct vrrp_socket *vrrp_socket_acquire(struct vrrp_sockets *sockets, const struct vrrp_socket_spec *spec,
                                        const struct vrrp_socket_hooks *hooks, void *data);

/* One user less; true if it was the last and the socket is closed and freed. */
bool vrrp_socket_release(struct vrrp_socket *socket);

/* Takes fd over: sets the options and watches it. False (errno) if it is no socket for adverts; fd is closed.
 */
bool vrrp_socket_open(struct vrrp_socket *socket, struct loop *loop, int fd);

/* Closes the descriptor; the users stay. */
void vrrp_socket_close(struct vrrp_socket *socket);

/* Hands over all packets that wait. */
void vrrp_socket_drain(struct vrrp_socket *socket);

/* Sends a packet: for IPv4 with its header (HDRINCL), for IPv6 with the given source and hop limit. 0 or
 * errno. */
int vrrp_socket_send(const struct vrrp_socket *socket, const uint8_t *bytes, size_t length,
                     unsigned int ifindex, const struct ip_address *source,
                     const struct ip_address *destination, uint8_t hop_limit);

#endif
