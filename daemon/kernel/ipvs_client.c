/*
 * The IPVS client. See ipvs_client.h.
 *
 * A netlink send runs the commands in the kernel before it returns, so the number of commands in flight is
 * only bounded by the room for their answers. Dumps go one at a time: a socket has one dump slot, which is
 * free only after the end of the last dump was read; the next request follows within the same wake.
 */
#include "daemon/kernel/ipvs_client.h"

#include <errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "daemon/core/log.h"
#include "daemon/kernel/ipvs_message.h"

#define IN_FLIGHT_MAX    128
#define BATCH_BYTES      (32 * 1024)
#define RECEIVE_BYTES    (32 * 1024) /* the kernel cuts its dumps to this */
#define SOCKET_BYTES     (1024 * 1024)
#define DATAGRAMS_A_WAKE 32 /* then other descriptors get their turn */
#define SEND_AGAIN       span_ms(10)

enum request_kind {
    REQUEST_FAMILY,
    REQUEST_SERVICES,
    REQUEST_DESTINATIONS,
    REQUEST_CHANGE,
    REQUEST_DAEMONS,
    REQUEST_ORDER,
};

struct request {
    STAILQ_ENTRY(request) next;
    enum request_kind kind;
    uint32_t sequence;
    void *tag;
    struct ipvs_change change; /* of REQUEST_DESTINATIONS only the service's identity */
    struct ipvs_order order;
};
STAILQ_HEAD(requests, request);

struct ipvs_client {
    struct loop *loop;
    const struct ipvs_client_callbacks *callbacks;
    void *data;
    struct nl_sock *socket;
    struct loop_watch *watch;
    struct loop_timer *again;
    uint16_t family; /* 0 = not found yet */
    uint32_t sequence;
    struct requests waiting;
    struct requests in_flight;
    unsigned int in_flight_count;
    bool dumping; /* one of those in flight is a dump */
    char batch[BATCH_BYTES] __attribute__((aligned(8)));
    char received[RECEIVE_BYTES] __attribute__((aligned(8)));
};

static void socket_ready(int fd, unsigned int ready, void *data);
static void send_again(void *data);

/* ------------------------------------------------------------------ life */

static bool open_socket(struct ipvs_client *client)
{
    int bytes = SOCKET_BYTES, on = 1, fd;

    client->socket = nl_socket_alloc();
    if (client->socket == NULL)
        return false;
    if (genl_connect(client->socket) < 0 || nl_socket_set_nonblocking(client->socket) < 0) {
        nl_socket_free(client->socket);
        client->socket = NULL;
        return false;
    }
    fd = nl_socket_get_fd(client->socket);
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
    client->watch = loop_watch_new(client->loop, fd, LOOP_READ, socket_ready, client);
    return true;
}

static void close_socket(struct ipvs_client *client)
{
    loop_watch_free(client->watch);
    client->watch = NULL;
    if (client->socket != NULL)
        nl_socket_free(client->socket);
    client->socket = NULL;
}

struct ipvs_client *ipvs_client_new(struct loop *loop, const struct ipvs_client_callbacks *callbacks,
                                    void *data)
{
    struct ipvs_client *client = calloc(1, sizeof(*client));

    if (client == NULL)
        abort();
    client->loop = loop;
    client->callbacks = callbacks;
    client->data = data;
    STAILQ_INIT(&client->waiting);
    STAILQ_INIT(&client->in_flight);
    if (!open_socket(client)) {
        free(client);
        return NULL;
    }
    client->again = loop_timer_new(loop, send_again, client);
    return client;
}

static void forget(struct requests *requests)
{
    while (!STAILQ_EMPTY(requests)) {
        struct request *first = STAILQ_FIRST(requests);

        STAILQ_REMOVE_HEAD(requests, next);
        free(first);
    }
}

static void forget_all(struct ipvs_client *client)
{
    forget(&client->waiting);
    forget(&client->in_flight);
    client->in_flight_count = 0;
    client->dumping = false;
}

void ipvs_client_free(struct ipvs_client *client)
{
    if (client == NULL)
        return;
    forget_all(client);
    close_socket(client);
    loop_timer_free(client->again);
    free(client);
}

bool ipvs_client_is_idle(const struct ipvs_client *client)
{
    return STAILQ_EMPTY(&client->waiting) && STAILQ_EMPTY(&client->in_flight);
}

/* A new socket knows nothing of unread answers and unfinished dumps. */
static void lose(struct ipvs_client *client, int error)
{
    forget_all(client);
    close_socket(client);
    if (!open_socket(client))
        log_fatal("no new socket to the kernel's IPVS: %s", strerror(errno));
    client->callbacks->lost(error, client->data);
}

/* ------------------------------------------------------------------ requests */

static struct request *enqueue(struct ipvs_client *client, enum request_kind kind,
                               const struct ipvs_change *change, void *tag)
{
    struct request *request = calloc(1, sizeof(*request));

    if (request == NULL)
        abort();
    request->kind = kind;
    request->tag = tag;
    if (change != NULL)
        request->change = *change;
    STAILQ_INSERT_TAIL(&client->waiting, request, next);
    return request;
}

void ipvs_client_find(struct ipvs_client *client)
{
    client->family = 0;
    enqueue(client, REQUEST_FAMILY, NULL, NULL);
}

void ipvs_client_dump_services(struct ipvs_client *client)
{
    enqueue(client, REQUEST_SERVICES, NULL, NULL);
}

void ipvs_client_dump_destinations(struct ipvs_client *client, const struct ipvs_service_id *service,
                                   void *tag)
{
    enqueue(client, REQUEST_DESTINATIONS, &(struct ipvs_change){.service.id = *service}, tag);
}

void ipvs_client_change(struct ipvs_client *client, const struct ipvs_change *change, void *tag)
{
    enqueue(client, REQUEST_CHANGE, change, tag);
}

void ipvs_client_dump_daemons(struct ipvs_client *client)
{
    enqueue(client, REQUEST_DAEMONS, NULL, NULL);
}

void ipvs_client_order(struct ipvs_client *client, const struct ipvs_order *order)
{
    enqueue(client, REQUEST_ORDER, NULL, NULL)->order = *order;
}

static size_t write_request(struct ipvs_client *client, const struct request *request, void *buffer)
{
    switch (request->kind) {
    case REQUEST_FAMILY:
        return ipvs_message_family(buffer, request->sequence);
    case REQUEST_SERVICES:
        return ipvs_message_dump_services(buffer, client->family, request->sequence);
    case REQUEST_DESTINATIONS:
        return ipvs_message_dump_destinations(buffer, client->family, request->sequence,
                                              &request->change.service.id);
    case REQUEST_CHANGE:
        return ipvs_message_change(buffer, client->family, request->sequence, &request->change);
    case REQUEST_DAEMONS:
        return ipvs_message_dump_daemons(buffer, client->family, request->sequence);
    case REQUEST_ORDER:
        return ipvs_message_order(buffer, client->family, request->sequence, &request->order);
    }
    abort();
}

static bool is_dump(const struct request *request)
{
    return request->kind == REQUEST_SERVICES || request->kind == REQUEST_DESTINATIONS ||
           request->kind == REQUEST_DAEMONS;
}

/* Writes as many waiting requests as may go now; their number becomes *count. */
static size_t fill_batch(struct ipvs_client *client, unsigned int *count)
{
    bool dumping = client->dumping;
    struct request *request;
    size_t used = 0;

    *count = 0;
    STAILQ_FOREACH(request, &client->waiting, next)
    {
        if (used + IPVS_REQUEST_MAX > BATCH_BYTES || client->in_flight_count + *count >= IN_FLIGHT_MAX)
            break;
        if (is_dump(request) && dumping)
            break;
        dumping |= is_dump(request);
        request->sequence = ++client->sequence;
        used += write_request(client, request, client->batch + used);
        ++*count;
    }
    return used;
}

static void first_are_in_flight(struct ipvs_client *client, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct request *request = STAILQ_FIRST(&client->waiting);

        STAILQ_REMOVE_HEAD(&client->waiting, next);
        STAILQ_INSERT_TAIL(&client->in_flight, request, next);
        client->in_flight_count++;
        client->dumping |= is_dump(request);
    }
}

void ipvs_client_send(struct ipvs_client *client)
{
    for (;;) {
        unsigned int count;
        size_t bytes = fill_batch(client, &count);

        if (count == 0)
            return;
        if (nl_sendto(client->socket, client->batch, bytes) < 0) {
            loop_timer_in(client->again, SEND_AGAIN); /* no memory for it in the kernel: not a byte went */
            return;
        }
        first_are_in_flight(client, count);
    }
}

static void send_again(void *data)
{
    ipvs_client_send(data);
}

/* ------------------------------------------------------------------ answers */

static struct request *find_request(struct ipvs_client *client, uint32_t sequence)
{
    struct request *request;

    STAILQ_FOREACH(request, &client->in_flight, next)
    {
        if (request->sequence == sequence)
            return request;
    }
    return NULL;
}

static void take_from_flight(struct ipvs_client *client, struct request *request)
{
    STAILQ_REMOVE(&client->in_flight, request, request, next);
    client->in_flight_count--;
    client->dumping &= !is_dump(request);
}

static void report(struct ipvs_client *client, const struct request *request, int error)
{
    switch (request->kind) {
    case REQUEST_FAMILY:
        if (error == 0 && client->family == 0)
            error = ENOENT;
        client->callbacks->found(error, client->data);
        return;
    case REQUEST_SERVICES:
        client->callbacks->services_end(error, client->data);
        return;
    case REQUEST_DESTINATIONS:
        client->callbacks->destinations_end(request->tag, error, client->data);
        return;
    case REQUEST_CHANGE:
        client->callbacks->answered(request->tag, &request->change, error, client->data);
        return;
    case REQUEST_DAEMONS:
        client->callbacks->daemons_end(error, client->data);
        return;
    case REQUEST_ORDER:
        client->callbacks->ordered(&request->order, error, client->data);
        return;
    }
}

static void complete(struct ipvs_client *client, struct request *request, int error)
{
    take_from_flight(client, request);
    report(client, request, error);
    free(request);
}

static void take_entry(struct ipvs_client *client, const struct request *request,
                       const struct nlmsghdr *message)
{
    struct ipvs_destination destination;
    struct ipvs_service service;
    struct ipvs_daemon daemon;

    switch (request->kind) {
    case REQUEST_FAMILY:
        client->family = ipvs_message_parse_family(message);
        return;
    case REQUEST_SERVICES:
        if (ipvs_message_parse_service(message, &service))
            client->callbacks->service(&service, client->data);
        return;
    case REQUEST_DESTINATIONS:
        if (ipvs_message_parse_destination(message, request->change.service.id.family, &destination))
            client->callbacks->destination(request->tag, &destination, client->data);
        return;
    case REQUEST_DAEMONS:
        if (ipvs_message_parse_daemon(message, &daemon))
            client->callbacks->daemon(&daemon, client->data);
        return;
    case REQUEST_CHANGE:
    case REQUEST_ORDER:
        return;
    }
}

/* A request that has got none when a later one is answered gets none any more. */
static struct request *find_unanswered(struct ipvs_client *client, uint32_t sequence)
{
    struct request *request;

    STAILQ_FOREACH(request, &client->in_flight, next)
    {
        if (request->sequence >= sequence)
            return NULL;
        if (!is_dump(request))
            return request;
    }
    return NULL;
}

static void take_message(struct ipvs_client *client, const struct nlmsghdr *message)
{
    struct request *request = find_request(client, message->nlmsg_seq), *unanswered;

    if (request == NULL)
        return;
    while ((unanswered = find_unanswered(client, request->sequence)) != NULL)
        complete(client, unanswered, EINTR);
    if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE)
        complete(client, request, ipvs_message_error(message));
    else
        take_entry(client, request, message);
}

/* False when nothing is left to read; *lost becomes an errno if answers were lost. */
static bool receive_datagram(struct ipvs_client *client, int *lost)
{
    struct sockaddr_nl from = {0};
    struct iovec part = {client->received, sizeof(client->received)};
    struct msghdr head = {.msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1};
    ssize_t length = recvmsg(nl_socket_get_fd(client->socket), &head, MSG_DONTWAIT);
    struct nlmsghdr *message = (struct nlmsghdr *)client->received;
    int left = (int)length;

    if (length < 0) {
        *lost = errno == EAGAIN || errno == EINTR ? 0 : errno;
        return false;
    }
    if (from.nl_pid != 0) /* not the kernel */
        return true;
    if (head.msg_flags & MSG_TRUNC) {
        *lost = EMSGSIZE;
        return false;
    }
    for (; nlmsg_ok(message, left); message = nlmsg_next(message, &left))
        take_message(client, message);
    return true;
}

static void socket_ready(int fd, unsigned int ready, void *data)
{
    struct ipvs_client *client = data;
    bool was_idle = ipvs_client_is_idle(client);
    int lost = 0;

    (void)fd;
    (void)ready;
    for (int i = 0; i < DATAGRAMS_A_WAKE && receive_datagram(client, &lost); i++)
        ipvs_client_send(client);
    if (lost != 0) {
        lose(client, lost);
        return;
    }
    if (!was_idle && ipvs_client_is_idle(client))
        client->callbacks->idle(client->data);
}
