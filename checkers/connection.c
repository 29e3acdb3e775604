/*
 * Connecting to a real server. See connection.h.
 *
 * The connection is closed in the ordinary way (FIN), as keepalived does, and not reset: many servers log a
 * reset as an error and some block hosts that cause them (MySQL's max_connect_errors). The price is a
 * TIME_WAIT of a minute at our side; at one check a second that is 60 of a server's 28,000 ports, without
 * user-space cost.
 */
#include "checkers/connection.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>

struct finding connection_finding(int error, enum verdict_phase phase)
{
    switch (error) {
    case ECONNREFUSED:
        return finding_of(VERDICT_REFUSED, phase, error);
    case ETIMEDOUT:
        return finding_of(VERDICT_TIMEOUT, phase, error);
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return finding_of(VERDICT_RESET, phase, error);
    }
    return finding_of(VERDICT_UNREACHABLE, phase, error);
}

struct finding connection_local_finding(int error)
{
    switch (error) {
    case ECONNREFUSED:
    case ETIMEDOUT:
    case ECONNRESET:
    case ECONNABORTED:
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
        return connection_finding(error, PHASE_CONNECT);
    }
    return finding_of(VERDICT_SOCKET, PHASE_CONNECT, error);
}

int connection_error(const struct check *check)
{
    int error = 0;
    socklen_t length = sizeof(error);

    if (getsockopt(check->fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return errno;
    return error;
}

/* The interface a link-local address is meant on. */
static unsigned int scope_of(const struct conf_checker *conf)
{
    if (conf->bind_interface == NULL || !ip_address_is_link_local(&conf->connect.address))
        return 0;
    return if_nametoindex(conf->bind_interface);
}

socklen_t connection_address(const struct check *check, struct sockaddr_storage *address)
{
    return ip_endpoint_to_sockaddr(&check->conf->connect, scope_of(check->conf), address);
}

bool connection_begin(struct check *check)
{
    struct sockaddr_storage address;
    socklen_t length = connection_address(check, &address);

    check->phase = PHASE_CONNECT;
    if (connect(check->fd, (struct sockaddr *)&address, length) != 0 && errno != EINPROGRESS) {
        engine_report(check, connection_local_finding(errno));
        return false;
    }
    engine_watch(check);
    return true;
}
