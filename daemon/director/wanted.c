/*
 * The wanted IPVS table. See wanted.h.
 */
#include "daemon/director/wanted.h"

#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <string.h>

static uint8_t protocol_number(enum conf_protocol protocol)
{
    switch (protocol) {
    case CONF_PROTOCOL_TCP:
        return IPPROTO_TCP;
    case CONF_PROTOCOL_UDP:
        return IPPROTO_UDP;
    case CONF_PROTOCOL_SCTP:
        return IPPROTO_SCTP;
    }
    return IPPROTO_TCP;
}

static uint32_t method_number(enum conf_forwarding forwarding)
{
    switch (forwarding) {
    case CONF_FORWARD_NAT:
        return IP_VS_CONN_F_MASQ;
    case CONF_FORWARD_DR:
        return IP_VS_CONN_F_DROUTE;
    case CONF_FORWARD_TUN:
        return IP_VS_CONN_F_TUNNEL;
    }
    return IP_VS_CONN_F_MASQ;
}

static uint16_t tunnel_type_number(enum conf_tunnel tunnel)
{
    switch (tunnel) {
    case CONF_TUNNEL_IPIP:
        return IP_VS_CONN_F_TUNNEL_TYPE_IPIP;
    case CONF_TUNNEL_GUE:
        return IP_VS_CONN_F_TUNNEL_TYPE_GUE;
    case CONF_TUNNEL_GRE:
        return IP_VS_CONN_F_TUNNEL_TYPE_GRE;
    }
    return IP_VS_CONN_F_TUNNEL_TYPE_IPIP;
}

static uint16_t tunnel_flags(enum conf_tunnel_checksum checksum)
{
    switch (checksum) {
    case CONF_TUNNEL_NO_CHECKSUM:
        return IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM;
    case CONF_TUNNEL_CHECKSUM:
        return IP_VS_TUNNEL_ENCAP_FLAG_CSUM;
    case CONF_TUNNEL_REMOTE_CHECKSUM:
        return IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM;
    }
    return IP_VS_TUNNEL_ENCAP_FLAG_NOCSUM;
}

/* ------------------------------------------------------------------ identities */

static struct ipvs_service_id service_id(const struct conf_virtual_server *conf,
                                         const struct conf_service *service, uint32_t step)
{
    struct ip_address address = ip_address_plus(&service->first.address, step);
    struct ipvs_service_id id = {.family = address.family, .fwmark = service->fwmark};

    if (service->fwmark != 0)
        return id;
    id.protocol = protocol_number(conf->protocol);
    id.port = service->first.port;
    memcpy(id.address, address.bytes, ip_address_length(&address));
    return id;
}

bool wanted_next(const struct conf_virtual_server *conf, struct wanted_cursor *cursor,
                 struct ipvs_service_id *id)
{
    const struct conf_service *service;

    if (cursor->service >= conf->services.count)
        return false;
    service = conf->services.items[cursor->service];
    *id = service_id(conf, service, cursor->step);
    if (++cursor->step >= service->count)
        *cursor = (struct wanted_cursor){.service = cursor->service + 1};
    return true;
}

static bool destination_id(const struct ip_endpoint *endpoint, enum conf_forwarding forwarding,
                           const struct ipvs_service_id *service, struct ipvs_destination_id *id)
{
    if (forwarding != CONF_FORWARD_TUN && endpoint->address.family != service->family)
        return false;
    *id = (struct ipvs_destination_id){
        .family = endpoint->address.family,
        .port = forwarding == CONF_FORWARD_NAT ? endpoint->port : service->port,
    };
    memcpy(id->address, endpoint->address.bytes, ip_address_length(&endpoint->address));
    return true;
}

bool wanted_destination_id(const struct conf_real_server *conf, const struct ipvs_service_id *service,
                           struct ipvs_destination_id *id)
{
    return destination_id(&conf->endpoint, conf->method.forwarding, service, id);
}

/* False also if there is none. */
static bool sorry_id(const struct conf_virtual_server *conf, const struct ipvs_service_id *service,
                     struct ipvs_destination_id *id)
{
    return ip_address_is_set(&conf->sorry.endpoint.address) &&
           destination_id(&conf->sorry.endpoint, conf->sorry.method.forwarding, service, id);
}

/* ------------------------------------------------------------------ images */

static struct ipvs_service service_of(const struct conf_virtual_server *conf,
                                      const struct ipvs_service_id *id)
{
    struct ipvs_service service = {
        .id = *id,
        .flags = conf->flags & ~(uint32_t)(IP_VS_SVC_F_HASHED | IP_VS_SVC_F_PERSISTENT),
        .timeout_s = conf->persistence_timeout_s,
        .netmask = id->family == AF_INET6 ? conf->persistence_prefix_length : conf->persistence_netmask,
    };

    memcpy(service.scheduler, conf->scheduler, sizeof(service.scheduler) - 1);
    if (conf->persistence_engine != NULL)
        strncpy(service.engine, conf->persistence_engine, sizeof(service.engine) - 1);
    if (conf->persistence_timeout_s > 0)
        service.flags |= IP_VS_SVC_F_PERSISTENT;
    return service;
}

static struct ipvs_destination destination_of(const struct ipvs_destination_id *id,
                                              const struct conf_method *method, uint16_t weight)
{
    struct ipvs_destination destination = {
        .id = *id,
        .method = method_number(method->forwarding),
        .weight = weight,
    };

    if (method->forwarding != CONF_FORWARD_TUN)
        return destination;
    destination.tunnel_type = tunnel_type_number(method->tunnel);
    destination.tunnel_port = method->tunnel_port;
    destination.tunnel_flags = tunnel_flags(method->tunnel_checksum);
    return destination;
}

static void put_real_server(struct image *image, const struct real_server *real)
{
    const struct conf_real_server *conf = real->conf;
    struct real_server_place place = real_server_place(real->up, virtual_server_is_sorry(real->parent),
                                                       real->weight, conf->inhibit_on_failure);
    struct ipvs_destination destination;
    struct ipvs_destination_id id;

    if (!place.in_table || !wanted_destination_id(conf, &image->service.id, &id))
        return;
    destination = destination_of(&id, &conf->method, place.weight);
    destination.upper_threshold = conf->upper_threshold;
    destination.lower_threshold = conf->lower_threshold;
    image_put(image, &destination);
}

/* Where it is also one of the real servers, and idle, the entry is the real server's. */
static void put_sorry_server(struct image *image, const struct virtual_server *virtual_server)
{
    const struct conf_sorry_server *sorry = &virtual_server->conf->sorry;
    bool in_use = virtual_server_is_sorry(virtual_server);
    struct real_server_place place = sorry_server_place(in_use, sorry->inhibit);
    struct ipvs_destination destination;
    struct ipvs_destination_id id;

    if (!place.in_table || !sorry_id(virtual_server->conf, &image->service.id, &id))
        return;
    if (!in_use && image_find(image, &id) != NULL)
        return;
    destination = destination_of(&id, &sorry->method, place.weight);
    image_put(image, &destination);
}

void wanted_image(const struct virtual_server *virtual_server, const struct ipvs_service_id *id,
                  struct image *image)
{
    image_clear(image);
    image->exists = true;
    image->service = service_of(virtual_server->conf, id);
    for (uint32_t i = 0; i < virtual_server->real_count; i++)
        put_real_server(image, &virtual_server->servers[i]);
    put_sorry_server(image, virtual_server);
}
