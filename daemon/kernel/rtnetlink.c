/*
 * One rtnetlink socket for requests. See rtnetlink.h.
 */
#include "daemon/kernel/rtnetlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH_BYTES    (192 * BATCH_MAX)
#define ANSWER_BYTES   (64 * 1024)
#define RECEIVE_BUFFER (1024 * 1024) /* a batch in which each request fails fits in */
#define DUMP_WAIT_MS   1000
#define WHY_BYTES      80

struct request {
    void *cookie;
    int error;
    char why[WHY_BYTES];
};

struct rtnetlink {
    struct mnl_socket *socket;
    uint32_t sequence; /* of the batch's first request, or of the dump */
    size_t count;
    size_t bytes;
    size_t last_at; /* offset of the last request */
    struct request requests[BATCH_MAX];
    unsigned char batch[BATCH_BYTES] __attribute__((aligned(8)));
    unsigned char answers[ANSWER_BYTES] __attribute__((aligned(8)));
};

struct rtnetlink *rtnetlink_new(void)
{
    struct rtnetlink *netlink = calloc(1, sizeof(*netlink));
    int receive_buffer = RECEIVE_BUFFER, yes = 1;

    if (netlink == NULL)
        return NULL;
    netlink->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (netlink->socket == NULL || mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) != 0) {
        rtnetlink_free(netlink);
        return NULL;
    }
    setsockopt(mnl_socket_get_fd(netlink->socket), SOL_SOCKET, SO_RCVBUFFORCE, &receive_buffer,
               sizeof(receive_buffer));
    mnl_socket_setsockopt(netlink->socket, NETLINK_CAP_ACK, &yes, sizeof(yes));
    mnl_socket_setsockopt(netlink->socket, NETLINK_EXT_ACK, &yes, sizeof(yes));
    netlink->sequence = 1;
    return netlink;
}

void rtnetlink_free(struct rtnetlink *netlink)
{
    if (netlink == NULL)
        return;
    if (netlink->socket != NULL)
        mnl_socket_close(netlink->socket);
    free(netlink);
}

/* ------------------------------------------------------------------ batches */

bool rtnetlink_add(struct rtnetlink *netlink, const struct nlmsghdr *request, void *cookie)
{
    struct nlmsghdr *copy;

    if (netlink->count == BATCH_MAX || netlink->bytes + NLMSG_ALIGN(request->nlmsg_len) > BATCH_BYTES)
        return false;
    netlink->last_at = netlink->bytes;
    copy = (struct nlmsghdr *)(netlink->batch + netlink->bytes);
    memcpy(copy, request, request->nlmsg_len);
    copy->nlmsg_seq = netlink->sequence + (uint32_t)netlink->count;
    netlink->requests[netlink->count++] = (struct request){.cookie = cookie};
    netlink->bytes += NLMSG_ALIGN(request->nlmsg_len);
    return true;
}

struct extended_answer {
    char *why;
};

static int take_words(const struct nlattr *attribute, void *data)
{
    struct extended_answer *answer = data;

    if (mnl_attr_get_type(attribute) != NLMSGERR_ATTR_MSG)
        return MNL_CB_OK;
    strncpy(answer->why, mnl_attr_get_str(attribute), WHY_BYTES - 1);
    return MNL_CB_STOP;
}

/* Requests are not echoed (NETLINK_CAP_ACK): the kernel's words follow the fixed part. */
static void note_answer(struct rtnetlink *netlink, const struct nlmsghdr *message)
{
    const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);
    uint32_t index = message->nlmsg_seq - netlink->sequence;
    struct extended_answer extended;

    if (message->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(message) < sizeof(*answer) ||
        index >= netlink->count)
        return;
    netlink->requests[index].error = -answer->error;
    extended.why = netlink->requests[index].why;
    if (message->nlmsg_flags & NLM_F_ACK_TLVS)
        mnl_attr_parse(message, sizeof(*answer), take_words, &extended);
}

/* Errors come for each request that failed, and an acknowledgement for the last one in any case. */
static bool read_answers(struct rtnetlink *netlink)
{
    uint32_t last = netlink->sequence + (uint32_t)netlink->count - 1;

    for (;;) {
        ssize_t length = mnl_socket_recvfrom(netlink->socket, netlink->answers, sizeof(netlink->answers));
        int left = (int)length;

        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
            return false;
        for (const struct nlmsghdr *message = (const struct nlmsghdr *)netlink->answers;
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
            note_answer(netlink, message);
            if (message->nlmsg_seq == last)
                return true;
        }
    }
}

static void fail_all(struct rtnetlink *netlink, int error)
{
    for (size_t i = 0; i < netlink->count; i++)
        netlink->requests[i].error = error;
}

bool rtnetlink_send(struct rtnetlink *netlink, rtnetlink_outcome *outcome, void *data)
{
    size_t count = netlink->count;
    bool complete = true;

    if (count == 0)
        return true;
    ((struct nlmsghdr *)(netlink->batch + netlink->last_at))->nlmsg_flags |= NLM_F_ACK;
    if (mnl_socket_sendto(netlink->socket, netlink->batch, netlink->bytes) < 0)
        fail_all(netlink, errno);
    else
        complete = read_answers(netlink);
    netlink->sequence += (uint32_t)count;
    netlink->count = 0; /* an outcome may already add to the next batch, but not send it */
    netlink->bytes = 0;
    for (size_t i = 0; i < count; i++) {
        struct request request = netlink->requests[i];

        outcome(request.cookie, request.error, request.why, data);
    }
    return complete;
}

/* ------------------------------------------------------------------ dumps */

struct dump {
    uint32_t sequence;
    rtnetlink_dumped *callback;
    void *data;
    bool changed;
    int result; /* -1 = not at the end */
};

static void dump_message(struct dump *dump, const struct nlmsghdr *message)
{
    if (message->nlmsg_seq != dump->sequence)
        return;
    if (message->nlmsg_flags & NLM_F_DUMP_INTR)
        dump->changed = true;
    if (message->nlmsg_type == NLMSG_DONE) {
        dump->result = dump->changed ? EINTR : 0;
    } else if (message->nlmsg_type == NLMSG_ERROR) {
        const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);

        dump->result = answer->error == 0 ? EPROTO : -answer->error;
    } else if (message->nlmsg_type >= NLMSG_MIN_TYPE) {
        dump->callback(message, dump->data);
    }
}

/* Answers to a dump are there at once too; the wait is for a kernel that is short of memory. */
static ssize_t receive_dump(struct rtnetlink *netlink)
{
    struct pollfd wait = {.fd = mnl_socket_get_fd(netlink->socket), .events = POLLIN};

    for (;;) {
        ssize_t length = mnl_socket_recvfrom(netlink->socket, netlink->answers, sizeof(netlink->answers));

        if (length >= 0 || (errno != EAGAIN && errno != EINTR))
            return length;
        if (poll(&wait, 1, DUMP_WAIT_MS) == 0) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
}

static int send_dump_request(struct rtnetlink *netlink, uint16_t type, uint32_t sequence)
{
    unsigned char buffer[64] __attribute__((aligned(8)));
    struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);

    request->nlmsg_type = type;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = sequence;
    if (type == RTM_GETLINK) {
        mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
        mnl_attr_put_u32(request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    } else {
        mnl_nlmsg_put_extra_header(request, sizeof(struct ifaddrmsg));
    }
    return mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0 ? errno : 0;
}

static int receive_answers(struct rtnetlink *netlink, struct dump *dump)
{
    while (dump->result < 0) {
        ssize_t length = receive_dump(netlink);
        int left = (int)length;

        if (length <= 0)
            return length < 0 ? errno : EPROTO;
        for (const struct nlmsghdr *message = (const struct nlmsghdr *)netlink->answers;
             mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
            dump_message(dump, message);
    }
    return dump->result;
}

int rtnetlink_dump(struct rtnetlink *netlink, uint16_t type, rtnetlink_dumped *callback, void *data)
{
    struct dump dump = {.sequence = netlink->sequence++, .callback = callback, .data = data, .result = -1};
    int error = send_dump_request(netlink, type, dump.sequence);

    return error != 0 ? error : receive_answers(netlink, &dump);
}

/* The kernel heeds what a request asks for only from who promises to ask properly. */
static void be_strict(struct rtnetlink *netlink, int strict)
{
    mnl_socket_setsockopt(netlink->socket, NETLINK_GET_STRICT_CHK, &strict, sizeof(strict));
}

int rtnetlink_dump_some(struct rtnetlink *netlink, struct nlmsghdr *request, rtnetlink_dumped *callback,
                        void *data)
{
    struct dump dump = {.sequence = netlink->sequence++, .callback = callback, .data = data, .result = -1};
    int error = 0;

    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = dump.sequence;
    be_strict(netlink, 1);
    if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
        error = errno;
    if (error == 0)
        error = receive_answers(netlink, &dump);
    be_strict(netlink, 0);
    return error;
}
