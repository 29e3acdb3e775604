/*
 * Sends gratuitous ARPs and unsolicited neighbour advertisements. See announcer.h.
 */
#include "daemon/kernel/announcer.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>

#include "daemon/core/log.h"
#include "daemon/kernel/arp.h"
#include "daemon/kernel/interface_sysctl.h"
#include "daemon/kernel/ndisc.h"

#define FRAMES_A_SEND 64
#define FRAMES_A_TURN 128 /* of one queue; then the others get theirs */
#define SEND_BUFFER   (1024 * 1024)
#define FULL_PAUSE    span_ms(1) /* until a full interface queue is tried again */

enum protocol {
    PROTOCOL_ARP,
    PROTOCOL_NDISC,
    PROTOCOL_COUNT,
};

struct port {
    struct kernel_link link;
    bool router;
    struct announce_queue queues[PROTOCOL_COUNT];
    UT_hash_handle hh; /* by link.ifindex */
};

/* A garp_group. */
struct shared_pace {
    struct announce_gate gates[PROTOCOL_COUNT];
    char (*interfaces)[IFNAMSIZ];
    uint32_t count;
};

struct announcer {
    int socket;
    struct port *ports;
    struct shared_pace *paces;
    uint32_t pace_count;
    struct loop_timer *timer;
    void (*sent)(void *data);
    void *data;
};

static void timer_fired(void *data)
{
    announcer_pump(data);
}

struct announcer *announcer_new(struct loop *loop, void (*sent)(void *data), void *data)
{
    struct announcer *announcer = calloc(1, sizeof(*announcer));
    int send_buffer = SEND_BUFFER;

    if (announcer == NULL)
        return NULL;
    announcer->sent = sent;
    announcer->data = data;
    announcer->socket = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (announcer->socket < 0) {
        free(announcer);
        return NULL;
    }
    setsockopt(announcer->socket, SOL_SOCKET, SO_SNDBUFFORCE, &send_buffer, sizeof(send_buffer));
    announcer->timer = loop_timer_new(loop, timer_fired, announcer);
    return announcer;
}

/* ------------------------------------------------------------------ interfaces */

static struct port *find_port(const struct announcer *announcer, uint32_t ifindex)
{
    struct port *port;

    HASH_FIND(hh, announcer->ports, &ifindex, sizeof(ifindex), port);
    return port;
}

static void clear_port(struct port *port)
{
    for (int i = 0; i < PROTOCOL_COUNT; i++)
        announce_queue_clear(&port->queues[i]);
}

/* ------------------------------------------------------------------ shared paces */

static struct shared_pace *find_pace(const struct announcer *announcer, const char *interface)
{
    for (uint32_t i = 0; i < announcer->pace_count; i++) {
        for (uint32_t j = 0; j < announcer->paces[i].count; j++) {
            if (strcmp(announcer->paces[i].interfaces[j], interface) == 0)
                return &announcer->paces[i];
        }
    }
    return NULL;
}

static void choose_pace(const struct announcer *announcer, struct port *port)
{
    struct shared_pace *pace = find_pace(announcer, port->link.name);

    for (int i = 0; i < PROTOCOL_COUNT; i++)
        announce_queue_share(&port->queues[i], pace == NULL ? NULL : &pace->gates[i]);
}

static void fill_pace(struct shared_pace *pace, const struct conf_garp_group *group)
{
    pace->interfaces = calloc(group->interfaces.count + 1, sizeof(*pace->interfaces));
    if (pace->interfaces == NULL)
        abort();
    pace->count = group->interfaces.count;
    for (uint32_t i = 0; i < pace->count; i++)
        snprintf(pace->interfaces[i], IFNAMSIZ, "%s", group->interfaces.items[i]);
}

static void free_paces(struct shared_pace *paces, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        free(paces[i].interfaces);
    free(paces);
}

void announcer_set_groups(struct announcer *announcer, struct conf_garp_group *const *groups, uint32_t count)
{
    struct shared_pace *before = announcer->paces;
    uint32_t count_before = announcer->pace_count;
    struct port *port, *next;

    announcer->paces = calloc(count + 1, sizeof(*announcer->paces));
    if (announcer->paces == NULL)
        abort();
    announcer->pace_count = count;
    for (uint32_t i = 0; i < count; i++)
        fill_pace(&announcer->paces[i], groups[i]);
    HASH_ITER(hh, announcer->ports, port, next)
    {
        choose_pace(announcer, port);
    }
    free_paces(before, count_before);
}

/* True if announcements on that interface go anywhere. */
static bool reaches(const struct announcer *announcer, uint32_t ifindex)
{
    const struct port *port = find_port(announcer, ifindex);

    return port != NULL && (port->link.flags & IFF_UP) && link_can_announce(&port->link);
}

void announcer_set_link(struct announcer *announcer, const struct kernel_link *link)
{
    struct port *port = find_port(announcer, link->ifindex);

    if (port == NULL) {
        port = calloc(1, sizeof(*port));
        if (port == NULL)
            abort();
        for (int i = 0; i < PROTOCOL_COUNT; i++)
            announce_queue_init(&port->queues[i]);
        port->link.ifindex = link->ifindex;
        HASH_ADD(hh, announcer->ports, link.ifindex, sizeof(port->link.ifindex), port);
    }
    port->link = *link;
    choose_pace(announcer, port);
    if (!reaches(announcer, link->ifindex))
        clear_port(port);
}

static void free_port(struct announcer *announcer, struct port *port)
{
    clear_port(port);
    HASH_DEL(announcer->ports, port);
    free(port);
}

void announcer_remove_link(struct announcer *announcer, uint32_t ifindex)
{
    struct port *port = find_port(announcer, ifindex);

    if (port != NULL)
        free_port(announcer, port);
}

void announcer_refresh_router_flag(struct announcer *announcer, uint32_t ifindex)
{
    struct port *port = find_port(announcer, ifindex);

    if (port != NULL)
        port->router = interface_forwards_ipv6(port->link.name);
}

/* ------------------------------------------------------------------ sending */

void announcer_request(struct announcer *announcer, uint32_t ifindex, struct announcement *announcement,
                       uint32_t times, bool urgent)
{
    enum protocol protocol = announcement->address.family == AF_INET ? PROTOCOL_ARP : PROTOCOL_NDISC;

    if (reaches(announcer, ifindex))
        announce_queue_add(&find_port(announcer, ifindex)->queues[protocol], announcement, times, urgent);
}

struct frames {
    struct mmsghdr messages[FRAMES_A_SEND];
    struct iovec parts[FRAMES_A_SEND];
    uint8_t bytes[FRAMES_A_SEND][NDISC_FRAME_LENGTH];
    struct sockaddr_ll to;
};

static size_t build_frame(const struct port *port, const struct ip_address *address, uint8_t *frame)
{
    if (address->family == AF_INET) {
        arp_announcement(frame, port->link.mac, address->bytes);
        return ARP_FRAME_LENGTH;
    }
    ndisc_announcement(frame, port->link.mac, address->bytes, port->router);
    return NDISC_FRAME_LENGTH;
}

static void build_frames(const struct port *port, enum protocol protocol, struct announcement *const *ready,
                         size_t count, struct frames *frames)
{
    frames->to = (struct sockaddr_ll){
        .sll_family = AF_PACKET,
        .sll_ifindex = (int)port->link.ifindex,
        .sll_protocol = htons(protocol == PROTOCOL_ARP ? ETH_P_ARP : ETH_P_IPV6),
        .sll_halen = ETHERNET_ADDRESS_LENGTH,
    };
    for (size_t i = 0; i < count; i++) {
        frames->parts[i].iov_base = frames->bytes[i];
        frames->parts[i].iov_len = build_frame(port, &ready[i]->address, frames->bytes[i]);
        frames->messages[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &frames->to,
                                                           .msg_namelen = sizeof(frames->to),
                                                           .msg_iov = &frames->parts[i],
                                                           .msg_iovlen = 1}};
    }
}

static void count_sent(struct announcement *announcement, struct mono now)
{
    struct announce_counters *counters = announcement->counters;

    if (announcement->address.family == AF_INET)
        counters->garps++;
    else
        counters->nas++;
    if (!mono_is_set(counters->first_sent))
        counters->first_sent = now;
    announce_queue_sent(announcement, now);
}

enum send_result {
    SEND_NOTHING_READY,
    SEND_DONE,
    SEND_FULL,
};

/* Sends up to room frames of one queue, and adds their number to *sent. */
static enum send_result send_some(struct announcer *announcer, struct port *port, enum protocol protocol,
                                  size_t room, size_t *sent)
{
    struct announcement *ready[FRAMES_A_SEND];
    struct mono now = mono_now();
    struct frames frames;
    size_t count = announce_queue_ready(&port->queues[protocol], now, ready,
                                        room < FRAMES_A_SEND ? room : FRAMES_A_SEND);
    int taken;

    if (count == 0)
        return SEND_NOTHING_READY;
    build_frames(port, protocol, ready, count, &frames);
    taken = sendmmsg(announcer->socket, frames.messages, (unsigned int)count, MSG_DONTWAIT);
    now = mono_now();
    for (int i = 0; i < taken; i++)
        count_sent(ready[i], now);
    if (taken > 0)
        *sent += (size_t)taken;
    if (taken > 0 || errno == EINTR)
        return SEND_DONE;
    if (errno == EAGAIN || errno == ENOBUFS)
        return SEND_FULL;
    log_debug("announcing on %s failed: %s", port->link.name, strerror(errno));
    announce_queue_clear(&port->queues[protocol]); /* the interface went down under us */
    return SEND_DONE;
}

/* Sends from one queue until it has nothing ready or had its turn; false if the kernel took no more. */
static bool pump_queue(struct announcer *announcer, struct port *port, enum protocol protocol, size_t *total)
{
    size_t sent = 0;
    bool full = false;

    while (sent < FRAMES_A_TURN && !full) {
        enum send_result result = send_some(announcer, port, protocol, FRAMES_A_TURN - sent, &sent);

        if (result == SEND_NOTHING_READY)
            break;
        full = result == SEND_FULL;
    }
    *total += sent;
    return !full;
}

static void arm_timer(struct announcer *announcer, bool full)
{
    struct mono now = mono_now(), due = {0};
    struct port *port, *next;

    HASH_ITER(hh, announcer->ports, port, next)
    {
        for (int i = 0; i < PROTOCOL_COUNT; i++)
            due = mono_earliest(due, announce_queue_due(&port->queues[i], now));
    }
    if (full && mono_is_set(due) && mono_before(due, mono_add(now, FULL_PAUSE)))
        due = mono_add(now, FULL_PAUSE);
    loop_timer_set(announcer->timer, due);
}

void announcer_pump(struct announcer *announcer)
{
    struct port *port, *next;
    bool full = false;
    size_t sent = 0;

    HASH_ITER(hh, announcer->ports, port, next)
    {
        for (int i = 0; i < PROTOCOL_COUNT; i++)
            full |= !pump_queue(announcer, port, (enum protocol)i, &sent);
    }
    arm_timer(announcer, full);
    if (sent > 0)
        announcer->sent(announcer->data);
}
