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

struct ipvs_service_id wanted_service_id(const struct conf_virtual_server *conf)
{
    struct ipvs_service_id id = {
        .family = conf->endpoint.address.family,
        .protocol = protocol_number(conf->protocol),
        .port = conf->endpoint.port,
    };

    memcpy(id.address, conf->endpoint.address.bytes, ip_address_length(&conf->endpoint.address));
    return id;
}

struct ipvs_destination_id wanted_destination_id(const struct conf_real_server *conf)
{
    struct ipvs_destination_id id = {
        .family = conf->endpoint.address.family,
        .port = conf->endpoint.port,
    };

    memcpy(id.address, conf->endpoint.address.bytes, ip_address_length(&conf->endpoint.address));
    return id;
}

/* The kernel wants a mask even where nothing persists. */
static uint32_t netmask(const struct conf_virtual_server *conf)
{
    if (conf->persistence_netmask != 0)
        return conf->persistence_netmask;
    return conf->endpoint.address.family == AF_INET6 ? 128 : UINT32_MAX;
}

static struct ipvs_service service_of(const struct conf_virtual_server *conf)
{
    struct ipvs_service service = {
        .id = wanted_service_id(conf),
        .flags = conf->flags & ~(uint32_t)(IP_VS_SVC_F_HASHED | IP_VS_SVC_F_PERSISTENT),
        .timeout_s = conf->persistence_timeout_s,
        .netmask = netmask(conf),
    };

    memcpy(service.scheduler, conf->scheduler, sizeof(service.scheduler) - 1);
    if (conf->persistence_timeout_s > 0)
        service.flags |= IP_VS_SVC_F_PERSISTENT;
    return service;
}

void wanted_image(const struct virtual_server *virtual_server, struct image *image)
{
    image_clear(image);
    image->exists = true;
    image->service = service_of(virtual_server->conf);
    for (uint32_t i = 0; i < virtual_server->real_count; i++) {
        const struct real_server *real = &virtual_server->servers[i];
        struct real_server_place place =
            real_server_place(real->up, real->conf->weight, real->conf->inhibit_on_failure);
        struct ipvs_destination destination = {
            .id = wanted_destination_id(real->conf),
            .method = method_number(real->conf->forwarding),
            .weight = place.weight,
            .upper_threshold = real->conf->upper_threshold,
            .lower_threshold = real->conf->lower_threshold,
        };

        if (place.in_table)
            image_put(image, &destination);
    }
}
