/*
 * What an instance depends on. See track.h; the rules are keepalived's.
 */
#include "daemon/vrrp/track.h"

#include <string.h>

static const struct {
    enum vrrp_fault fault;
    const char *text;
} fault_texts[] = {
    {VRRP_FAULT_INTERFACE_ABSENT, "its interface does not exist"},
    {VRRP_FAULT_INTERFACE_DOWN, "its interface is down"},
    {VRRP_FAULT_TRACKED, "an interface it tracks is down"},
    {VRRP_FAULT_NO_ADDRESS, "its interface has no address to send from"},
    {VRRP_FAULT_SOURCE_GONE, "its source address is gone"},
    {VRRP_FAULT_NO_LINKS, "the process that puts its addresses on does not stay alive"},
    {VRRP_FAULT_NO_SOCKET, "it has no socket for adverts"},
};

const char *vrrp_fault_text(uint32_t faults)
{
    for (size_t i = 0; i < sizeof(fault_texts) / sizeof(fault_texts[0]); i++) {
        if (faults & fault_texts[i].fault)
            return fault_texts[i].text;
    }
    return "";
}

static const struct ip_address *primary_of(const struct links_interface *interface, uint8_t family)
{
    return family == AF_INET ? &interface->primary_ipv4 : &interface->primary_ipv6;
}

static void look_at_own_interface(const struct conf_instance *conf, const struct links_interface *own,
                                  struct vrrp_track *track)
{
    bool exists = own != NULL && (own->flags & INTERFACE_EXISTS) != 0;

    if (!exists)
        track->faults |= VRRP_FAULT_INTERFACE_ABSENT;
    else if (!conf->dont_track_primary && !interface_works(own))
        track->faults |= VRRP_FAULT_INTERFACE_DOWN;
    track->ifindex = exists ? own->ifindex : 0;
}

/* A configured source is used whatever the interface has; track_src_ip insists that it is there. */
static void look_at_source(const struct conf_instance *conf, const struct links_interface *own,
                           struct vrrp_track *track)
{
    struct ip_address primary = {0};

    if (own != NULL)
        primary = *primary_of(own, conf->family);
    track->source = ip_address_is_set(&conf->source) ? conf->source : primary;
    if (!ip_address_is_set(&track->source))
        track->faults |= VRRP_FAULT_NO_ADDRESS;
    else if (conf->track_source && ip_address_compare(&track->source, &primary) != 0)
        track->faults |= VRRP_FAULT_SOURCE_GONE;
}

static void look_at_tracked(const struct conf_tracked_interface *tracked, int16_t weight,
                            const struct interfaces *interfaces, struct vrrp_track *track)
{
    bool up = interface_works(interfaces_find(interfaces, tracked->interface));

    if (weight == 0 && up == tracked->reverse) {
        track->faults |= VRRP_FAULT_TRACKED;
        track->tracked = tracked->interface;
    }
    if (up == (weight > 0))
        track->weight_sum += tracked->reverse ? -weight : weight;
}

void vrrp_track_look(const struct conf_instance *conf, const struct conf_sync_group *group,
                     const struct interfaces *interfaces, struct vrrp_track *track)
{
    const struct links_interface *own = NULL;
    bool weights_count = group == NULL || group->tracking_weight;

    *track = (struct vrrp_track){0};
    if (conf->interface != NULL) {
        own = interfaces_find(interfaces, conf->interface);
        look_at_own_interface(conf, own, track);
    }
    look_at_source(conf, own, track);
    for (uint32_t i = 0; i < conf->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = conf->tracked_interfaces.items[i];

        /* Members of a group move together, so a weight of one's own would mean nothing: failure is FAULT. */
        look_at_tracked(tracked, weights_count ? tracked->weight : 0, interfaces, track);
    }
    for (uint32_t i = 0; group != NULL && i < group->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = group->tracked_interfaces.items[i];

        look_at_tracked(tracked, tracked->weight, interfaces, track);
    }
}
