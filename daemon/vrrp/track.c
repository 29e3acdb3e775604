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
    {VRRP_FAULT_SCRIPT, "a script it tracks says so"},
    {VRRP_FAULT_FILE, "a file it tracks says so"},
    {VRRP_FAULT_PROCESS, "the number of processes it tracks is wrong"},
    {VRRP_FAULT_BFD, "a BFD session it tracks says so"},
    {VRRP_FAULT_NO_PEER, "it has no unicast_peer"},
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

static void add_fault(struct vrrp_track *track, enum vrrp_fault fault, const char *name)
{
    if ((track->faults & VRRP_FAULTS_NAMED) == 0)
        track->tracked = name;
    track->faults |= fault;
}

static void look_at_interface(const struct conf_tracked_interface *tracked, int16_t weight,
                              const struct interfaces *interfaces, struct vrrp_track *track)
{
    bool up = interface_works(interfaces_find(interfaces, tracked->interface));

    if (weight == 0 && up == tracked->reverse)
        add_fault(track, VRRP_FAULT_TRACKED, tracked->interface);
    if (up == (weight > 0))
        track->weight_sum += tracked->reverse ? -weight : weight;
}

static enum vrrp_fault fault_of(enum conf_tracked_kind kind)
{
    switch (kind) {
    case CONF_TRACKED_SCRIPT:
        return VRRP_FAULT_SCRIPT;
    case CONF_TRACKED_FILE:
        return VRRP_FAULT_FILE;
    case CONF_TRACKED_PROCESS:
        return VRRP_FAULT_PROCESS;
    case CONF_TRACKED_BFD:
        break;
    }
    return VRRP_FAULT_BFD;
}

static void look_at_tracked(const struct conf_tracked *tracked, const struct vrrp_surroundings *surroundings,
                            struct vrrp_track *track)
{
    struct track_effect effect = track_effect(tracked, surroundings->find(surroundings->data, tracked->key));

    if (effect.fault)
        add_fault(track, fault_of(tracked->kind), tracked->name);
    track->weight_sum += effect.weight;
    track->undecided = track->undecided || effect.undecided;
}

static bool tracks_itself(const struct conf_instance *conf, uint64_t key)
{
    for (uint32_t i = 0; i < conf->tracked.count; i++) {
        if (conf->tracked.items[i]->key == key)
            return true;
    }
    return false;
}

/* What both track counts once, as the instance has it. */
static void look_at_all_tracked(const struct conf_instance *conf, const struct conf_sync_group *group,
                                const struct vrrp_surroundings *surroundings, struct vrrp_track *track)
{
    for (uint32_t i = 0; i < conf->tracked.count; i++)
        look_at_tracked(conf->tracked.items[i], surroundings, track);
    for (uint32_t i = 0; group != NULL && i < group->tracked.count; i++) {
        if (!tracks_itself(conf, group->tracked.items[i]->key))
            look_at_tracked(group->tracked.items[i], surroundings, track);
    }
}

void vrrp_track_look(const struct conf_instance *conf, const struct conf_sync_group *group,
                     const struct vrrp_surroundings *surroundings, struct vrrp_track *track)
{
    const struct interfaces *interfaces = surroundings->interfaces;
    const struct links_interface *own = NULL;
    bool weights_count = group == NULL || group->tracking_weight;

    *track = (struct vrrp_track){0};
    if (conf->interface != NULL) {
        own = interfaces_find(interfaces, conf->interface);
        look_at_own_interface(conf, own, track);
    }
    look_at_source(conf, own, track);
    if (conf->lacks_peer)
        track->faults |= VRRP_FAULT_NO_PEER;
    for (uint32_t i = 0; i < conf->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = conf->tracked_interfaces.items[i];

        /* Members of a group move together, so a weight of one's own would mean nothing: failure is FAULT. */
        look_at_interface(tracked, weights_count ? tracked->weight : 0, interfaces, track);
    }
    for (uint32_t i = 0; group != NULL && i < group->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = group->tracked_interfaces.items[i];

        look_at_interface(tracked, tracked->weight, interfaces, track);
    }
    look_at_all_tracked(conf, group, surroundings, track);
}
