/*
 * What an IPVS table consists of, as values: virtual services, their destinations, and the changes one can
 * ask the kernel for (linux/ip_vs.h). No socket and no library here: the director computes with these,
 * ipvs_message.h turns them into bytes, ipvs_client.h carries them.
 *
 * Ports are in host order, addresses in network order. Identities have no padding: they are compared and
 * hashed as bytes, so whoever makes one starts from zero.
 */
#ifndef TANDEM_KERNEL_IPVS_ENTRY_H
#define TANDEM_KERNEL_IPVS_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPVS_SCHEDULER_BYTES 16
#define IPVS_ENGINE_BYTES    16

/* Which virtual service: address, port and protocol, or a firewall mark. */
struct ipvs_service_id {
    uint8_t family;   /* AF_INET or AF_INET6 */
    uint8_t protocol; /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP; 0 with a mark */
    uint16_t port;    /* 0 with a mark */
    uint32_t fwmark;  /* 0 = none */
    uint8_t address[16];
};

struct ipvs_service {
    struct ipvs_service_id id;
    char scheduler[IPVS_SCHEDULER_BYTES];
    char engine[IPVS_ENGINE_BYTES]; /* of persistence; "" = none */
    uint32_t flags;                 /* IP_VS_SVC_F_*; never IP_VS_SVC_F_HASHED, which is the kernel's own */
    uint32_t timeout_s;             /* of persistence */
    uint32_t netmask; /* of persistence. IPv4: mask in network order; IPv6: prefix length, 1..128 */
};

struct ipvs_destination_id {
    uint8_t family;
    uint8_t reserved; /* 0 */
    uint16_t port;
    uint8_t address[16];
};

struct ipvs_destination {
    struct ipvs_destination_id id;
    uint32_t method; /* IP_VS_CONN_F_MASQ, _DROUTE, _TUNNEL */
    uint32_t weight;
    uint32_t upper_threshold; /* connections; 0 = none */
    uint32_t lower_threshold;
    uint16_t tunnel_type; /* IP_VS_CONN_F_TUNNEL_TYPE_* */
    uint16_t tunnel_port; /* GUE */
    uint16_t tunnel_flags;
};

enum ipvs_verb {
    IPVS_ADD_SERVICE,
    IPVS_EDIT_SERVICE,
    IPVS_DELETE_SERVICE,
    IPVS_ADD_DESTINATION,
    IPVS_EDIT_DESTINATION,
    IPVS_DELETE_DESTINATION,
};

/* One command. Of service only the identity counts for anything but adding and editing services. */
struct ipvs_change {
    enum ipvs_verb verb;
    struct ipvs_service service;
    struct ipvs_destination destination; /* zero for services */
};

/* A synchronisation daemon of the kernel: it sends our connections to the other director, or takes the
 * other's.
 */
#define IPVS_INTERFACE_BYTES 16
struct ipvs_daemon {
    bool master; /* sends; else it receives */
    uint8_t sync_id;
    char interface[IPVS_INTERFACE_BYTES];
    uint16_t maxlen; /* bytes a datagram; 0 = the kernel chooses, as of the next two */
    uint16_t port;
    uint8_t ttl;
    uint8_t group_family; /* AF_UNSPEC = the kernel chooses */
    uint8_t group[16];
};

/* How long connection entries without traffic live; 0 leaves the kernel's value. */
struct ipvs_timeouts {
    uint32_t tcp_s;
    uint32_t tcp_fin_s;
    uint32_t udp_s;
};

enum ipvs_order_kind {
    IPVS_ORDER_TIMEOUTS,
    IPVS_ORDER_START_DAEMON,
    IPVS_ORDER_STOP_DAEMON, /* of the daemon only master counts */
    IPVS_ORDER_FLUSH,       /* all services, whoever made them */
};

/* One command about IPVS as a whole. */
struct ipvs_order {
    enum ipvs_order_kind kind;
    struct ipvs_daemon daemon;
    struct ipvs_timeouts timeouts;
};

/* <0, 0, >0: any total order. */
int ipvs_service_id_compare(const struct ipvs_service_id *a, const struct ipvs_service_id *b);
int ipvs_destination_id_compare(const struct ipvs_destination_id *a, const struct ipvs_destination_id *b);

/* Same identity and same settings. */
bool ipvs_service_equal(const struct ipvs_service *a, const struct ipvs_service *b);
bool ipvs_destination_equal(const struct ipvs_destination *a, const struct ipvs_destination *b);

/* True for the verbs about a destination. */
bool ipvs_verb_is_destination(enum ipvs_verb verb);

/* "192.0.2.10:80 TCP", "[2001:db8::1]:53 UDP", "firewall mark 7 (IPv6)". Returns buffer. */
#define IPVS_SERVICE_TEXT 72
const char *ipvs_service_text(const struct ipvs_service_id *id, char buffer[static IPVS_SERVICE_TEXT]);

/* "10.0.0.5:80". Returns buffer. */
#define IPVS_DESTINATION_TEXT 56
const char *ipvs_destination_text(const struct ipvs_destination_id *id,
                                  char buffer[static IPVS_DESTINATION_TEXT]);

/* Why the kernel refused the change, naming the object: "real server 10.0.0.5:80 of 192.0.2.10:80 TCP cannot
 * be added: ..."; error is a positive errno. Returns buffer. */
#define IPVS_REFUSAL_TEXT 320
const char *ipvs_refusal_text(const struct ipvs_change *change, int error,
                              char buffer[static IPVS_REFUSAL_TEXT]);

#endif
