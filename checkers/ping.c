/*
 * PING_CHECK: the server is good if it answers an ICMP echo request within connect_timeout.
 *
 * links makes the socket (conf_checker_needs_links). One request an attempt; losing one packet is what retry
 * is for.
 */
#include <errno.h>
#include <sys/socket.h>

#include "checkers/check.h"
#include "checkers/connection.h"
#include "checkers/ping_packet.h"

static struct ping_echo echo_of(const struct check *check)
{
    return (struct ping_echo){.family = check->conf->connect.address.family,
                              .sequence = (uint16_t)check->serial,
                              .token = check->conf->key ^ check->serial};
}

/* Connected, so that replies of others and errors of other destinations do not come here. */
static void ping_start(struct check *check)
{
    const struct ping_echo echo = echo_of(check);
    uint8_t packet[PING_PACKET_BYTES];
    struct sockaddr_storage address;
    socklen_t length = connection_address(check, &address);

    check->phase = PHASE_REPLY;
    ping_packet_write(&echo, packet);
    if (connect(check->fd, (struct sockaddr *)&address, length) != 0 ||
        send(check->fd, packet, sizeof(packet), MSG_NOSIGNAL) < 0)
        engine_report(check, connection_local_finding(errno));
    else
        engine_watch(check);
}

static void ping_ready(struct check *check, unsigned int ready)
{
    const struct ping_echo echo = echo_of(check);
    uint8_t bytes[2 * PING_PACKET_BYTES];
    ssize_t length;

    if ((ready & LOOP_READ) == 0)
        return;
    while ((length = recv(check->fd, bytes, sizeof(bytes), 0)) >= 0) {
        if (ping_packet_answers(&echo, bytes, (size_t)length)) {
            engine_report(check, finding_of(VERDICT_OK, PHASE_REPLY, 0));
            return;
        }
    }
    if (errno != EAGAIN)
        engine_report(check, connection_finding(errno, PHASE_REPLY));
}

const struct check_type check_ping = {.name = "PING", .start = ping_start, .ready = ping_ready};
