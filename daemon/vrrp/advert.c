/*
 * An instance's own advert. See advert.h.
 */
#include "daemon/vrrp/advert.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/vrrp/auth_header.h"

#define MULTICAST_TTL 255

/* The addresses an advert carries: of the instance's family, not excluded. */
static size_t advertised_addresses(const struct conf_instance *conf, struct ip_address *addresses)
{
    size_t count = 0;

    for (uint32_t i = 0; i < conf->vips.count && count < VRRP_ADDRESSES_MAX; i++) {
        const struct conf_vip *vip = conf->vips.items[i];

        if (!vip->excluded && vip->address.family == conf->family)
            addresses[count++] = vip->address;
    }
    return count;
}

static struct advert_peer *find_peer(const struct advert *advert, const struct ip_address *address)
{
    for (uint32_t i = 0; i < advert->peer_count; i++) {
        if (ip_address_compare(&advert->peers[i].address, address) == 0)
            return &advert->peers[i];
    }
    return NULL;
}

/* Whether adverts may be sent in that form. */
static bool is_allowed(const struct conf_instance *conf, enum vrrp_checksum_form form)
{
    return form != VRRP_CHECKSUM_OLD_UNICAST || ip_address_is_set(&conf->old_checksum_group);
}

static bool insists_on_form(const struct conf_instance *conf)
{
    return conf->v3_checksum_as_v2 || conf->old_checksum == CONF_OLD_CHECKSUM_ALWAYS;
}

static enum vrrp_checksum_form form_of(const struct conf_instance *conf)
{
    if (conf->v3_checksum_as_v2)
        return VRRP_CHECKSUM_PLAIN;
    return conf->old_checksum == CONF_OLD_CHECKSUM_ALWAYS ? VRRP_CHECKSUM_OLD_UNICAST
                                                          : VRRP_CHECKSUM_PSEUDO_HEADER;
}

/* What was learned of those that stay is kept. */
static void arrange_peers(struct advert *advert, const struct conf_instance *conf)
{
    uint32_t count = conf->unicast_peers.count;
    struct advert_peer *peers = calloc(count + 1, sizeof(*peers));

    if (peers == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        const struct ip_address *address = &conf->unicast_peers.items[i]->address;
        const struct advert_peer *known = find_peer(advert, address);

        peers[i].address = *address;
        peers[i].form = VRRP_CHECKSUM_UNKNOWN;
        if (known != NULL && is_allowed(conf, known->form) && !insists_on_form(conf))
            peers[i].form = known->form;
    }
    free(advert->peers);
    advert->peers = peers;
    advert->peer_count = count;
}

void advert_build(struct advert *advert, const struct conf_instance *conf, const struct ip_address *source)
{
    struct ip_address *addresses = calloc(VRRP_ADDRESSES_MAX, sizeof(*addresses));
    bool multicast = conf->unicast_peers.count == 0;
    struct vrrp_packet_plan plan = {
        .family = conf->family,
        .version = conf->version,
        .vrid = conf->vrid,
        .interval = span_us(conf->advert_interval_us),
        .auth_type = conf->auth_type,
        .auth_data = conf->auth_type == CONF_AUTH_PASS ? conf->auth_data : NULL,
        .checksum_form = form_of(conf),
        .old_group = conf->old_checksum_group,
        .source = *source,
        .destination = multicast ? conf->multicast_group : conf->unicast_peers.items[0]->address,
        .ttl = multicast ? MULTICAST_TTL : conf->unicast_ttl,
        .addresses = addresses,
    };

    if (addresses == NULL)
        abort();
    plan.address_count = advertised_addresses(conf, addresses);
    free(advert->bytes);
    advert->length = vrrp_packet_size(&plan);
    advert->bytes = malloc(advert->length);
    if (advert->bytes == NULL)
        abort();
    vrrp_packet_build(&plan, advert->bytes, advert->length);
    advert->form = plan.checksum_form;
    advert->source = *source;
    advert->destination = plan.destination;
    arrange_peers(advert, conf);
    free(addresses);
}

void advert_free(struct advert *advert)
{
    free(advert->bytes);
    free(advert->peers);
    *advert = (struct advert){0};
}

bool advert_learn_form(struct advert *advert, const struct conf_instance *conf, const struct ip_address *peer,
                       enum vrrp_checksum_form form)
{
    struct advert_peer *known = find_peer(advert, peer);

    if (known == NULL || known->form == form || insists_on_form(conf) || !is_allowed(conf, form))
        return false;
    known->form = form;
    return true;
}

/* What differs from peer to peer. */
struct advert_direction {
    const struct ip_address *destination;
    uint8_t ttl;
    enum vrrp_checksum_form form;
    uint32_t sequence;
};

static int send_to(struct advert *advert, const struct conf_instance *conf, const struct vrrp_socket *socket,
                   unsigned int ifindex, const struct advert_direction *direction)
{
    if (conf->family == AF_INET)
        vrrp_packet_set_destination(advert->bytes, direction->destination, direction->ttl);
    vrrp_packet_seal(conf->family, direction->form, &conf->old_checksum_group, advert->bytes, advert->length);
    if (conf->auth_type == CONF_AUTH_AH)
        vrrp_ah_sign(advert->bytes, advert->length, conf->auth_data, direction->sequence);
    return vrrp_socket_send(socket, advert->bytes, advert->length, ifindex, &advert->source,
                            direction->destination, direction->ttl);
}

int advert_send(struct advert *advert, const struct conf_instance *conf, const struct vrrp_socket *socket,
                unsigned int ifindex, uint8_t priority, uint32_t sequence)
{
    struct advert_direction direction = {&advert->destination, MULTICAST_TTL, advert->form, sequence};
    int failure = 0;

    vrrp_packet_set_priority(conf->family, advert->bytes, priority);
    if (conf->unicast_peers.count == 0)
        return send_to(advert, conf, socket, ifindex, &direction);
    direction.ttl = conf->unicast_ttl;
    for (uint32_t i = 0; i < advert->peer_count; i++) {
        const struct advert_peer *peer = &advert->peers[i];
        int error;

        direction.destination = &peer->address;
        direction.form = peer->form == VRRP_CHECKSUM_UNKNOWN ? advert->form : peer->form;
        error = send_to(advert, conf, socket, ifindex, &direction);
        failure = error != 0 ? error : failure;
    }
    return failure;
}

static bool holds(const uint8_t *list, size_t count, const uint8_t *address, size_t width)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(list + i * width, address, width) == 0)
            return true;
    }
    return false;
}

bool advert_lists_same(const struct advert *advert, const struct conf_instance *conf,
                       const struct vrrp_advert *received)
{
    const uint8_t *own = vrrp_packet_addresses(conf->family, advert->bytes);
    size_t width = conf->family == AF_INET ? 4 : 16;
    size_t own_count = vrrp_packet_address_count(conf->family, advert->bytes);

    if (received->address_count != own_count)
        return false;
    if (memcmp(own, received->addresses, own_count * width) == 0)
        return true;
    for (size_t i = 0; i < own_count; i++) {
        if (!holds(received->addresses, own_count, own + i * width, width))
            return false;
    }
    return true;
}
