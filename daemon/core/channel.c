/*
 * Channels: typed messages over SOCK_SEQPACKET. See channel.h.
 */
#include "daemon/core/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/descriptor.h"
#include "daemon/core/log.h"

#define MESSAGES_A_WAKE 64 /* then other descriptors get their turn */

struct packet {
    uint32_t type;
    uint32_t zero; /* puts the payload on an 8 byte boundary */
    unsigned char payload[MESSAGE_PAYLOAD_MAX];
} __attribute__((aligned(8)));
#define PACKET_HEAD offsetof(struct packet, payload)

struct queued {
    STAILQ_ENTRY(queued) next;
    struct packet packet;
    int fd; /* -1 = none; ours to close */
};

struct channel {
    struct loop *loop;
    struct loop_watch *watch;
    int fd;
    enum role own;
    enum role other;
    const struct channel_callbacks *callbacks;
    void *data;
    STAILQ_HEAD(, queued) queue;
    struct loop_timer *rest;      /* NULL = it never rested */
    bool resting;                 /* nobody watches for messages */
    uint64_t awaited_incarnation; /* 0 = acquainted */
    bool in_callbacks;            /* channel_free then only marks it */
    bool freed;
};

static void channel_ready(int fd, unsigned int ready, void *data);

static void watch_what_is_due(struct channel *channel)
{
    unsigned int want = channel->resting ? 0 : LOOP_READ;

    if (!STAILQ_EMPTY(&channel->queue))
        want |= LOOP_WRITE;
    loop_watch_want(channel->watch, want);
}

struct channel *channel_new(struct loop *loop, int fd, enum role own, enum role other,
                            const struct channel_callbacks *callbacks, void *data)
{
    struct channel *channel = calloc(1, sizeof(*channel));

    if (channel == NULL)
        abort();
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    channel->loop = loop;
    channel->fd = fd;
    channel->own = own;
    channel->other = other;
    channel->callbacks = callbacks;
    channel->data = data;
    STAILQ_INIT(&channel->queue);
    channel->watch = loop_watch_new(loop, fd, LOOP_READ, channel_ready, channel);
    return channel;
}

static void drop_first(struct channel *channel)
{
    struct queued *first = STAILQ_FIRST(&channel->queue);

    STAILQ_REMOVE_HEAD(&channel->queue, next);
    if (first->fd >= 0)
        close(first->fd);
    free(first);
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    while (!STAILQ_EMPTY(&channel->queue))
        drop_first(channel);
    loop_watch_free(channel->watch);
    channel->watch = NULL;
    loop_timer_free(channel->rest);
    channel->rest = NULL;
    channel->freed = true;
    if (channel->in_callbacks)
        return;
    close(channel->fd);
    free(channel);
}

enum role channel_other(const struct channel *channel)
{
    return channel->other;
}

int channel_fd(const struct channel *channel)
{
    return channel->fd;
}

bool channel_is_flushed(const struct channel *channel)
{
    return STAILQ_EMPTY(&channel->queue);
}

bool channel_control_is_given(void)
{
    int type = 0;
    socklen_t length = sizeof(type);

    return getsockopt(CHANNEL_CONTROL_FD, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_SEQPACKET;
}

int channel_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);
}

/* ------------------------------------------------------------------ sending */

static ssize_t send_packet(int socket, const struct packet *packet, int fd)
{
    return descriptor_send(socket, packet, PACKET_HEAD + message_row(packet->type)->size, fd,
                           MSG_DONTWAIT | MSG_NOSIGNAL);
}

static bool would_wait(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS || error == ENOMEM ||
           error == ETOOMANYREFS || error == EINTR;
}

static void enqueue(struct channel *channel, const struct packet *packet, int fd)
{
    struct queued *entry = calloc(1, sizeof(*entry));

    if (entry == NULL)
        abort();
    entry->packet = *packet;
    entry->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
    STAILQ_INSERT_TAIL(&channel->queue, entry, next);
    watch_what_is_due(channel);
}

static void send_or_queue(struct channel *channel, enum message_type type, const void *payload, int fd)
{
    const struct message_row *row = message_row(type);
    struct packet packet = {.type = type};

    if (channel == NULL || channel->freed)
        return;
    if (row == NULL || (row->with_fd != 0) != (fd >= 0) || (row->from & (1U << channel->own)) == 0)
        abort(); /* a mistake of ours, not of the other side */
    if (row->size > 0)
        memcpy(packet.payload, payload, row->size);
    if (!STAILQ_EMPTY(&channel->queue)) {
        enqueue(channel, &packet, fd);
        return;
    }
    if (send_packet(channel->fd, &packet, fd) < 0 && would_wait(errno))
        enqueue(channel, &packet, fd);
    /* Any other error means the other end is gone; the reading side reports that. */
}

void channel_send(struct channel *channel, enum message_type type, const void *payload)
{
    send_or_queue(channel, type, payload, -1);
}

void channel_send_fd(struct channel *channel, enum message_type type, const void *payload, int fd)
{
    send_or_queue(channel, type, payload, fd);
}

static void flush_queue(struct channel *channel)
{
    while (!STAILQ_EMPTY(&channel->queue)) {
        struct queued *first = STAILQ_FIRST(&channel->queue);

        if (send_packet(channel->fd, &first->packet, first->fd) < 0 && would_wait(errno))
            return;
        drop_first(channel);
    }
    watch_what_is_due(channel);
}

void channel_hello_as_heir(struct channel *channel, uint64_t incarnation)
{
    struct peer_hello hello = {incarnation};

    channel_send(channel, PEER_HELLO, &hello);
}

void channel_hello(struct channel *channel, uint64_t incarnation)
{
    if (channel == NULL)
        return;
    channel->awaited_incarnation = incarnation;
    channel_hello_as_heir(channel, incarnation);
}

/* ------------------------------------------------------------------ receiving */

enum received {
    RECEIVED_MESSAGE,
    RECEIVED_REFUSED,
    RECEIVED_NOTHING,
    RECEIVED_END,
};

static const char *refusal(const struct channel *channel, const struct packet *packet, size_t length, int fd,
                           bool damaged)
{
    const struct message_row *row;

    if (damaged)
        return "was cut short or carried too many descriptors";
    if (length < PACKET_HEAD || packet->zero != 0)
        return "has no proper head";
    row = message_row(packet->type);
    if (row == NULL)
        return "has an unknown type";
    if ((row->from & (1U << channel->other)) == 0)
        return "may not come from that process";
    if ((row->to & (1U << channel->own)) == 0)
        return "is not for this process";
    if (length != PACKET_HEAD + row->size)
        return "has the wrong size";
    if ((fd >= 0) != (row->with_fd != 0))
        return "comes with or without a descriptor against the rules";
    return NULL;
}

static enum received receive(struct channel *channel, struct packet *packet, int *fd)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec part = {packet, sizeof(*packet)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t length = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    const char *why;
    bool surplus;

    /* Said once if the other end closed before it read everything of ours: what it sent is still there. */
    if (length < 0 && errno == ECONNRESET)
        length = recvmsg(channel->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0)
        return would_wait(errno) ? RECEIVED_NOTHING : RECEIVED_END;
    if (length == 0)
        return RECEIVED_END;
    *fd = descriptor_take(&message, &surplus);
    why = refusal(channel, packet, (size_t)length, *fd,
                  surplus || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0);
    if (why == NULL)
        return RECEIVED_MESSAGE;
    log_error("a message from %s was refused: it %s", role_name(channel->other), why);
    if (*fd >= 0)
        close(*fd);
    return RECEIVED_REFUSED;
}

static void acknowledge_hello(struct channel *channel, const struct peer_hello *hello)
{
    channel_send(channel, PEER_HELLO_ACK, hello);
    if (channel->callbacks->hello != NULL)
        channel->callbacks->hello(channel, channel->data);
}

static void dispatch(struct channel *channel, const struct packet *packet, int fd)
{
    const struct peer_hello *hello = (const struct peer_hello *)packet->payload;

    if (packet->type == PEER_HELLO) {
        acknowledge_hello(channel, hello);
        return;
    }
    if (packet->type == PEER_HELLO_ACK) {
        if (hello->incarnation == channel->awaited_incarnation)
            channel->awaited_incarnation = 0;
        return;
    }
    if (channel->awaited_incarnation != 0) {
        if (fd >= 0)
            close(fd);
        return;
    }
    channel->callbacks->message(channel, (enum message_type)packet->type, packet->payload, fd, channel->data);
}

/* Receives one message and hands it over. */
static enum received take_one(struct channel *channel)
{
    struct packet packet = {0};
    int fd = -1;
    enum received what = receive(channel, &packet, &fd);

    if (what == RECEIVED_MESSAGE)
        dispatch(channel, &packet, fd);
    return what;
}

static void channel_ready(int socket, unsigned int ready, void *data)
{
    struct channel *channel = data;

    (void)socket;
    if (ready & LOOP_WRITE)
        flush_queue(channel);
    if ((ready & LOOP_READ) == 0)
        return;
    channel->in_callbacks = true;
    for (int i = 0; i < MESSAGES_A_WAKE && !channel->freed; i++) {
        enum received what = take_one(channel);

        if (what == RECEIVED_NOTHING)
            break;
        if (what == RECEIVED_END) {
            loop_watch_want(channel->watch, 0);
            if (channel->rest != NULL)
                loop_timer_stop(channel->rest);
            if (channel->callbacks->closed != NULL)
                channel->callbacks->closed(channel, channel->data);
            break;
        }
    }
    channel->in_callbacks = false;
    if (channel->freed)
        channel_free(channel);
}

static void rest_is_over(void *data)
{
    struct channel *channel = data;

    channel->resting = false;
    watch_what_is_due(channel);
    channel_ready(channel->fd, LOOP_READ, channel);
}

void channel_rest(struct channel *channel, struct span span)
{
    if (channel == NULL || channel->freed)
        return;
    if (channel->rest == NULL)
        channel->rest = loop_timer_new(channel->loop, rest_is_over, channel);
    loop_timer_in(channel->rest, span);
    if (!channel->resting) {
        channel->resting = true;
        watch_what_is_due(channel);
    }
    if (!channel->in_callbacks) /* else it is being read */
        channel_ready(channel->fd, LOOP_READ, channel);
}

bool channel_receive_blocking(struct channel *channel)
{
    struct pollfd wait = {.fd = channel->fd, .events = POLLIN};

    for (;;) {
        switch (take_one(channel)) {
        case RECEIVED_MESSAGE:
            return true;
        case RECEIVED_END:
            return false;
        case RECEIVED_REFUSED:
            break;
        case RECEIVED_NOTHING:
            poll(&wait, 1, -1);
            break;
        }
    }
}

bool channel_receive_now(struct channel *channel)
{
    enum received what = take_one(channel);

    return what == RECEIVED_MESSAGE || what == RECEIVED_REFUSED;
}
