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
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

struct finding connection_finding(int error, enum verdict_phase phase)
{
    switch (error) {
    case ECONNREFUSED:
        return (struct finding){VERDICT_REFUSED, phase, error};
    case ETIMEDOUT:
        return (struct finding){VERDICT_TIMEOUT, phase, error};
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return (struct finding){VERDICT_RESET, phase, error};
    }
    return (struct finding){VERDICT_UNREACHABLE, phase, error};
}

/* Of socket(), bind() and connect(): what is not known to come from the network is our own trouble. */
static struct finding local_finding(int error)
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
    return (struct finding){VERDICT_SOCKET, PHASE_CONNECT, error};
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

static bool bind_address(int fd, const struct conf_checker *conf)
{
    struct ip_endpoint endpoint = conf->bind;
    struct sockaddr_storage address;
    socklen_t length;
    int on = 1;

    if (!ip_address_is_set(&endpoint.address))
        endpoint.address.family = conf->connect.address.family; /* any address, that port */
    if (endpoint.port == 0) /* the port is chosen at connect, when the destination makes it unique */
        setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    else /* our own last connection may still be in TIME_WAIT */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    length = ip_endpoint_to_sockaddr(&endpoint, scope_of(conf), &address);
    return bind(fd, (struct sockaddr *)&address, length) == 0;
}

static bool set_options(int fd, const struct conf_checker *conf)
{
    const char *interface = conf->bind_interface;

    if (interface != NULL &&
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface) + 1) != 0)
        return false;
    if (conf->fwmark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &conf->fwmark, sizeof(conf->fwmark)) != 0)
        return false;
    if (!ip_address_is_set(&conf->bind.address) && conf->bind.port == 0)
        return true;
    return bind_address(fd, conf);
}

bool connection_begin(struct check *check)
{
    const struct conf_checker *conf = check->conf;
    struct sockaddr_storage address;
    socklen_t length = ip_endpoint_to_sockaddr(&conf->connect, scope_of(conf), &address);

    check->phase = PHASE_CONNECT;
    check->fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
    if (check->fd < 0 || !set_options(check->fd, conf) ||
        (connect(check->fd, (struct sockaddr *)&address, length) != 0 && errno != EINPROGRESS)) {
        engine_report(check, local_finding(errno));
        return false;
    }
    engine_watch(check);
    return true;
}
