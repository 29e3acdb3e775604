/*
 * IPVS entries as values: equality, order, words. See ipvs_entry.h.
 */
#include "daemon/kernel/ipvs_entry.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "conf/address.h"

_Static_assert(sizeof(struct ipvs_service_id) == 24, "identities are compared as bytes");
_Static_assert(sizeof(struct ipvs_destination_id) == 20, "identities are compared as bytes");

int ipvs_service_id_compare(const struct ipvs_service_id *a, const struct ipvs_service_id *b)
{
    return memcmp(a, b, sizeof(*a));
}

int ipvs_destination_id_compare(const struct ipvs_destination_id *a, const struct ipvs_destination_id *b)
{
    return memcmp(a, b, sizeof(*a));
}

bool ipvs_service_equal(const struct ipvs_service *a, const struct ipvs_service *b)
{
    return ipvs_service_id_compare(&a->id, &b->id) == 0 &&
           strncmp(a->scheduler, b->scheduler, sizeof(a->scheduler)) == 0 &&
           strncmp(a->engine, b->engine, sizeof(a->engine)) == 0 && a->flags == b->flags &&
           a->timeout_s == b->timeout_s && a->netmask == b->netmask;
}

bool ipvs_destination_equal(const struct ipvs_destination *a, const struct ipvs_destination *b)
{
    return ipvs_destination_id_compare(&a->id, &b->id) == 0 && a->method == b->method &&
           a->weight == b->weight && a->upper_threshold == b->upper_threshold &&
           a->lower_threshold == b->lower_threshold && a->tunnel_type == b->tunnel_type &&
           a->tunnel_port == b->tunnel_port && a->tunnel_flags == b->tunnel_flags;
}

bool ipvs_verb_is_destination(enum ipvs_verb verb)
{
    switch (verb) {
    case IPVS_ADD_SERVICE:
    case IPVS_EDIT_SERVICE:
    case IPVS_DELETE_SERVICE:
        return false;
    case IPVS_ADD_DESTINATION:
    case IPVS_EDIT_DESTINATION:
    case IPVS_DELETE_DESTINATION:
        return true;
    }
    return false;
}

/* ------------------------------------------------------------------ words */

static struct ip_endpoint endpoint_of(uint8_t family, const uint8_t bytes[static 16], uint16_t port)
{
    struct ip_endpoint endpoint = {.port = port};

    endpoint.address.family = family;
    memcpy(endpoint.address.bytes, bytes, sizeof(endpoint.address.bytes));
    return endpoint;
}

static const char *protocol_word(uint8_t protocol)
{
    switch (protocol) {
    case IPPROTO_TCP:
        return "TCP";
    case IPPROTO_UDP:
        return "UDP";
    case IPPROTO_SCTP:
        return "SCTP";
    default:
        return "unknown protocol";
    }
}

const char *ipvs_service_text(const struct ipvs_service_id *id, char buffer[static IPVS_SERVICE_TEXT])
{
    struct ip_endpoint endpoint = endpoint_of(id->family, id->address, id->port);
    char text[IP_ENDPOINT_TEXT];

    if (id->fwmark != 0)
        snprintf(buffer, IPVS_SERVICE_TEXT, "firewall mark %u%s", id->fwmark,
                 id->family == AF_INET6 ? " (IPv6)" : "");
    else
        snprintf(buffer, IPVS_SERVICE_TEXT, "%s %s", ip_endpoint_text(&endpoint, text),
                 protocol_word(id->protocol));
    return buffer;
}

const char *ipvs_destination_text(const struct ipvs_destination_id *id,
                                  char buffer[static IPVS_DESTINATION_TEXT])
{
    struct ip_endpoint endpoint = endpoint_of(id->family, id->address, id->port);

    return ip_endpoint_text(&endpoint, buffer);
}

static const char *deed(enum ipvs_verb verb)
{
    switch (verb) {
    case IPVS_ADD_SERVICE:
    case IPVS_ADD_DESTINATION:
        return "added";
    case IPVS_EDIT_SERVICE:
    case IPVS_EDIT_DESTINATION:
        return "changed";
    case IPVS_DELETE_SERVICE:
    case IPVS_DELETE_DESTINATION:
        return "removed";
    }
    return "changed";
}

static const char *service_reason(int error)
{
    switch (error) {
    case EEXIST:
        return "it is already in the table";
    case ESRCH:
        return "it is not in the table";
    case EINVAL:
        return "the kernel does not accept this combination of settings";
    case EAFNOSUPPORT:
        return "this kernel's IPVS does not do that address family";
    default:
        return strerror(error);
    }
}

static const char *destination_reason(int error)
{
    switch (error) {
    case EEXIST:
        return "it is already in the table";
    case ENOENT:
        return "it is not in the table";
    case ESRCH:
        return "its virtual server is not in the table";
    case ERANGE:
        return "its weight is negative or its lower threshold is above the upper one";
    case EINVAL:
        return "the kernel takes its address for no unicast address, or cannot mix IPv4 and IPv6 in this way "
               "(never while a sync daemon runs)";
    default:
        return strerror(error);
    }
}

const char *ipvs_refusal_text(const struct ipvs_change *change, int error,
                              char buffer[static IPVS_REFUSAL_TEXT])
{
    char service[IPVS_SERVICE_TEXT], destination[IPVS_DESTINATION_TEXT];
    const char *verb = deed(change->verb);

    ipvs_service_text(&change->service.id, service);
    if (ipvs_verb_is_destination(change->verb))
        snprintf(buffer, IPVS_REFUSAL_TEXT, "real server %s of %s cannot be %s: %s",
                 ipvs_destination_text(&change->destination.id, destination), service, verb,
                 destination_reason(error));
    else if (error == ENOENT && change->service.engine[0] != '\0')
        snprintf(buffer, IPVS_REFUSAL_TEXT,
                 "virtual server %s cannot be %s: the kernel has no scheduler \"%.*s\", or no persistence "
                 "engine \"%.*s\"",
                 service, verb, IPVS_SCHEDULER_BYTES, change->service.scheduler, IPVS_ENGINE_BYTES,
                 change->service.engine);
    else if (error == ENOENT)
        snprintf(buffer, IPVS_REFUSAL_TEXT,
                 "virtual server %s cannot be %s: the kernel has no scheduler \"%.*s\"", service, verb,
                 IPVS_SCHEDULER_BYTES, change->service.scheduler);
    else
        snprintf(buffer, IPVS_REFUSAL_TEXT, "virtual server %s cannot be %s: %s", service, verb,
                 service_reason(error));
    return buffer;
}
