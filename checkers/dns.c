/*
 * DNS_CHECK: the server is good if it answers a query, over UDP, without an error. What the answer holds is
 * not looked at.
 */
#include <errno.h>
#include <sys/socket.h>

#include "checkers/check.h"
#include "checkers/connection.h"
#include "checkers/dns_message.h"

#define ANSWER_BYTES 4096

/* Not a secret: the socket is connected, so that only the server and its path could forge an answer. */
static uint16_t id_of(const struct check *check)
{
    return (uint16_t)(check->conf->key ^ check->serial * 40503U);
}

static void dns_start(struct check *check)
{
    uint8_t query[DNS_QUERY_BYTES];
    size_t length = dns_query_write(id_of(check), check->conf->dns_name, check->conf->dns_type, query);
    struct sockaddr_storage address;
    socklen_t address_length = connection_address(check, &address);

    check->phase = PHASE_REPLY;
    if (connect(check->fd, (struct sockaddr *)&address, address_length) != 0 ||
        send(check->fd, query, length, MSG_NOSIGNAL) < 0)
        engine_report(check, connection_local_finding(errno));
    else
        engine_watch(check);
}

static void dns_ready(struct check *check, unsigned int ready)
{
    uint8_t bytes[ANSWER_BYTES], code;
    ssize_t length;

    if ((ready & LOOP_READ) == 0)
        return;
    while ((length = recv(check->fd, bytes, sizeof(bytes), 0)) >= 0) {
        if (!dns_answer_read(bytes, (size_t)length, id_of(check), &code))
            continue; /* late, for an earlier query */
        engine_report(check, code == 0 ? finding_of(VERDICT_OK, PHASE_REPLY, 0)
                                       : finding_of(VERDICT_DNS, PHASE_REPLY, code));
        return;
    }
    if (errno != EAGAIN)
        engine_report(check, connection_finding(errno, PHASE_REPLY));
}

static const char *dns_subject(const struct check *check)
{
    return check->conf->dns_name;
}

const struct check_type check_dns = {
    .name = "DNS", .start = dns_start, .ready = dns_ready, .subject = dns_subject};
