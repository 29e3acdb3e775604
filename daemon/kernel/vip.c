/*
 * Instances and their virtual addresses. See vip.h.
 */
#include "daemon/kernel/vip.h"

#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEASED_WHILE_ADDING_MAX 64 /* IPv6; measured: 1,000 take 1.7 s with a lifetime, 0.3 s without */

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

struct vip *vip_new(struct vip_instance *instance, const struct conf_vip *configured)
{
    struct vip *vip = must(calloc(1, sizeof(*vip)));

    vip->instance = instance;
    vip->address = address_of_vip(configured);
    snprintf(vip->interface, sizeof(vip->interface), "%s", configured->interface);
    vip->preferred_s = configured->preferred_lifetime_s;
    vip->guarded = (configured->flags & CONF_VIP_NO_TRACK) == 0;
    vip->announcement.address = configured->address;
    vip->announcement.interval = span_us(configured->announce_interval_us);
    vip->announcement.counters = &instance->counters;
    return vip;
}

void vip_free(struct vip *vip)
{
    announce_queue_drop(&vip->announcement);
    free(vip);
}

void vip_instance_adopt_settings(struct vip_instance *instance, const struct conf_instance *configured)
{
    free(instance->name);
    instance->name = must(strdup(configured->name));
    instance->garp = configured->garp;
    instance->is_owner = configured->base_priority == 255;
    snprintf(instance->interface, sizeof(instance->interface), "%s",
             configured->interface == NULL ? "" : configured->interface);
    for (uint32_t i = 0; i < instance->count; i++)
        instance->vips[i]->announcement.interval = span_us(configured->vips.items[i]->announce_interval_us);
}

void vip_instance_count_ipv6(struct vip_instance *instance)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < instance->count; i++)
        count += instance->vips[i]->address.address.family == AF_INET6;
    instance->lease_after_adding = count > LEASED_WHILE_ADDING_MAX;
}

struct vip_instance *vip_instance_new(const struct conf_instance *configured)
{
    struct vip_instance *instance = must(calloc(1, sizeof(*instance)));

    instance->key = configured->key;
    TAILQ_INIT(&instance->work);
    instance->batch = 1;
    vip_instance_adopt_settings(instance, configured);
    instance->vips = must(calloc(configured->vips.count + 1, sizeof(*instance->vips)));
    for (uint32_t i = 0; i < configured->vips.count; i++)
        instance->vips[i] = vip_new(instance, configured->vips.items[i]);
    instance->count = configured->vips.count;
    vip_instance_count_ipv6(instance);
    instance->record.addresses_wanted = instance->count;
    return instance;
}

void vip_instance_free(struct vip_instance *instance)
{
    for (uint32_t i = 0; i < instance->count; i++)
        vip_free(instance->vips[i]);
    free(instance->vips);
    free(instance->name);
    free(instance);
}

/* The index is where it is now, not what was asked for. */
bool vip_is_same(const struct vip *a, const struct vip *b)
{
    struct kernel_address address = a->address;

    address.ifindex = b->address.ifindex;
    return memcmp(&address, &b->address, sizeof(address)) == 0 && strcmp(a->interface, b->interface) == 0 &&
           a->preferred_s == b->preferred_s;
}

struct vip_place vip_place_of(const struct kernel_address *address)
{
    struct vip_place place;

    memset(&place, 0, sizeof(place)); /* hashed as bytes */
    place.ifindex = address->ifindex;
    place.family = address->address.family;
    place.prefix_length = address->prefix_length;
    memcpy(place.bytes, address->address.bytes, ip_address_length(&address->address));
    return place;
}

bool vip_instance_is_held(const struct vip_instance *instance)
{
    return instance->hold == HOLD_TAKING || instance->hold == HOLD_ALL;
}

bool vip_wants_dad(const struct vip *vip)
{
    return vip->address.address.family == AF_INET6 && (vip->address.flags & IFA_F_NODAD) == 0;
}

uint32_t vip_valid_s(const struct vip *vip, enum vip_work work)
{
    const struct vip_instance *instance = vip->instance;

    if (!lease_in_force(&instance->lease) || (work == VIP_ADD && instance->lease_after_adding))
        return CONF_LIFETIME_FOREVER;
    return instance->lease.lifetime_s;
}
