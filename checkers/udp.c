/*
 * UDP_CHECK: a datagram is sent. The server is bad if its host says that nobody listens (ICMP), or, with
 * require_reply, if no reply comes within connect_timeout or another than wanted. Without it, silence is
 * good.
 */
#include <errno.h>
#include <sys/socket.h>

#include "checkers/check.h"
#include "checkers/connection.h"
#include "checkers/hex_pattern.h"

#define DATAGRAM_MAX 65536

static void udp_start(struct check *check)
{
    static uint8_t payload[DATAGRAM_MAX];
    const char *digits = check->conf->payload;
    size_t length = digits == NULL ? 0 : hex_bytes(digits, payload, sizeof(payload));
    struct sockaddr_storage address;
    socklen_t address_length = connection_address(check, &address);

    check->phase = PHASE_REPLY;
    if (connect(check->fd, (struct sockaddr *)&address, address_length) != 0 ||
        send(check->fd, payload, length, MSG_NOSIGNAL) < 0)
        engine_report(check, connection_local_finding(errno));
    else
        engine_watch(check);
}

static bool is_wanted(const struct conf_checker *conf, const uint8_t *bytes, size_t length)
{
    return !conf->require_reply ||
           (length >= conf->reply_min && (conf->reply_max == 0 || length <= conf->reply_max) &&
            (conf->reply == NULL || hex_matches(conf->reply, bytes, length)));
}

static void udp_ready(struct check *check, unsigned int ready)
{
    static uint8_t reply[DATAGRAM_MAX];
    ssize_t length;

    if ((ready & LOOP_READ) == 0)
        return;
    length = recv(check->fd, reply, sizeof(reply), 0);
    if (length >= 0)
        engine_report(check, is_wanted(check->conf, reply, (size_t)length)
                                 ? finding_of(VERDICT_OK, PHASE_REPLY, 0)
                                 : finding_of(VERDICT_UDP_REPLY, PHASE_REPLY, (int32_t)length));
    else if (errno != EAGAIN)
        engine_report(check, connection_finding(errno, PHASE_REPLY));
}

static struct finding udp_out_of_time(const struct check *check)
{
    if (check->conf->require_reply)
        return finding_of(VERDICT_TIMEOUT, PHASE_REPLY, 0);
    return finding_of(VERDICT_OK, PHASE_SEND, 0);
}

const struct check_type check_udp = {
    .name = "UDP", .start = udp_start, .ready = udp_ready, .out_of_time = udp_out_of_time};
