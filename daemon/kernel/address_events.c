/*
 * The addresses of all instances: links and addresses as the kernel reports them. See address_manager.h.
 *
 * Reports are only noted; address_manager_settled acts on them, when nothing is left unread.
 */
#include "daemon/kernel/address_manager_parts.h"

#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/kernel/interface_sysctl.h"

#define RESTORE_PAUSE span_ms(100) /* between two restorations of one address: somebody may fight us */
#define TOLD_PAUSE    span_s(10)

/* ------------------------------------------------------------------ where addresses belong */

void address_manager_unplace(struct address_manager *manager, struct vip *vip)
{
    if (vip->address.ifindex == 0 || vip->by_place.tbl == NULL)
        return;
    HASH_DELETE(by_place, manager->by_place, vip);
    memset(&vip->by_place, 0, sizeof(vip->by_place));
}

static void place(struct address_manager *manager, struct vip *vip, uint32_t ifindex)
{
    if (vip->address.ifindex == ifindex && (ifindex == 0 || vip->by_place.tbl != NULL))
        return;
    address_manager_unplace(manager, vip);
    vip->address.ifindex = ifindex;
    vip->present = false;
    announce_queue_drop(&vip->announcement);
    if (ifindex == 0)
        return;
    vip->place = vip_place_of(&vip->address);
    HASH_ADD(by_place, manager->by_place, place, sizeof(vip->place), vip);
}

static struct vip *find_vip(const struct address_manager *manager, const struct kernel_address *address)
{
    struct vip_place place_of = vip_place_of(address);
    struct vip *vip;

    HASH_FIND(by_place, manager->by_place, &place_of, sizeof(place_of), vip);
    return vip;
}

static struct vip_interface *find_interface(const struct address_manager *manager, const char *name)
{
    struct vip_interface *interface;

    HASH_FIND_STR(manager->interfaces, name, interface);
    return interface;
}

static bool uses_interface(const struct vip_instance *instance, const char *interface)
{
    for (uint32_t i = 0; i < instance->count; i++) {
        if (strcmp(instance->vips[i]->interface, interface) == 0)
            return true;
    }
    return false;
}

/* Instances that hold addresses there look after them; after new carrier they announce themselves anew:
 * behind it may be another switch. */
static void look_after(struct address_manager *manager, const char *interface, bool new_carrier)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (!vip_instance_is_held(instance) || !uses_interface(instance, interface))
            continue;
        instance->uneven = true;
        if (!new_carrier || mono_is_set(instance->announce_again))
            continue;
        instance->announce_again = mono_now();
        instance->announce_again_count = instance->garp.master_repeat;
    }
}

/* The addresses of that interface move to its index, 0 if it is gone. */
static void place_all_of(struct address_manager *manager, const struct vip_interface *interface)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        for (uint32_t i = 0; i < instance->count; i++) {
            if (strcmp(instance->vips[i]->interface, interface->name) == 0)
                place(manager, instance->vips[i], interface->ifindex);
        }
    }
}

/* ------------------------------------------------------------------ links */

static void keep_secondaries(const struct vip_interface *interface)
{
    int error = interface_promote_secondaries(interface->name);

    if (error != 0)
        log_warning(
            "%s: promote_secondaries cannot be set: %s; a removed address may take others of its network "
            "along",
            interface->name, strerror(error));
}

static void interface_is(struct address_manager *manager, struct vip_interface *interface,
                         const struct kernel_link *link)
{
    bool is_new = interface->ifindex != link->ifindex;
    uint32_t gained = link->flags & ~interface->flags;

    if (is_new && interface->ifindex != 0)
        announcer_remove_link(manager->announcer, interface->ifindex);
    interface->ifindex = link->ifindex;
    interface->flags = link->flags;
    announcer_set_link(manager->announcer, link);
    if (is_new) {
        keep_secondaries(interface);
        place_all_of(manager, interface);
    }
    if (is_new || (gained & (IFF_UP | IFF_RUNNING)))
        look_after(manager, interface->name, (gained & IFF_RUNNING) != 0);
}

static void interface_is_gone(struct address_manager *manager, struct vip_interface *interface)
{
    announcer_remove_link(manager->announcer, interface->ifindex);
    interface->ifindex = 0;
    interface->flags = 0;
    place_all_of(manager, interface);
}

void address_manager_link(struct address_manager *manager, const struct kernel_link *link, bool exists)
{
    struct vip_interface *interface, *next;

    HASH_ITER(hh, manager->interfaces, interface, next)
    {
        bool same_name = strcmp(interface->name, link->name) == 0;

        if (same_name && exists)
            interface_is(manager, interface, link);
        else if (interface->ifindex == link->ifindex) /* deleted, or renamed */
            interface_is_gone(manager, interface);
    }
}

static struct vip_interface *add_interface(struct address_manager *manager, const char *name)
{
    struct vip_interface *interface = calloc(1, sizeof(*interface));

    if (interface == NULL)
        abort();
    snprintf(interface->name, sizeof(interface->name), "%s", name);
    HASH_ADD_STR(manager->interfaces, name, interface);
    return interface;
}

static void find_interface_of(struct address_manager *manager, struct vip *vip)
{
    struct vip_interface *interface = find_interface(manager, vip->interface);
    const struct kernel_link *link = interface_table_by_name(manager->table, vip->interface);

    if (interface == NULL)
        interface = add_interface(manager, vip->interface);
    if (interface->ifindex == 0 && link != NULL)
        interface_is(manager, interface, link);
    place(manager, vip, interface->ifindex);
}

void address_manager_find_interfaces(struct address_manager *manager)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        for (uint32_t i = 0; i < instance->count; i++)
            find_interface_of(manager, instance->vips[i]);
    }
}

/* ------------------------------------------------------------------ addresses */

static void detection_ended(struct address_manager *manager, struct vip *vip,
                            const struct kernel_address *address)
{
    char text[IP_ADDRESS_TEXT];

    if (address->flags & IFA_F_TENTATIVE && !(address->flags & IFA_F_DADFAILED))
        return;
    vip->awaits_dad = false;
    if (address->flags & IFA_F_DADFAILED) {
        log_error("%s: somebody else on %s has the address %s", vip->instance->name, vip->interface,
                  ip_address_text(&vip->address.address, text));
        return;
    }
    announcer_request(manager->announcer, vip->address.ifindex, &vip->announcement,
                      vip->instance->garp.master_repeat, false);
    announcer_pump(manager->announcer);
}

bool address_manager_address(struct address_manager *manager, const struct kernel_address *address,
                             bool exists)
{
    struct vip *vip = find_vip(manager, address);

    if (vip == NULL)
        return false;
    if (!exists && vip->present && vip_instance_is_held(vip->instance)) {
        vip->instance->uneven = true;
        vip->lost = true;
    }
    vip->present = exists;
    if (exists)
        vip->lost = false;
    if (exists && vip->awaits_dad)
        detection_ended(manager, vip, address);
    return !vip->instance->is_owner && !vip->instance->is_static;
}

void address_manager_forget(struct address_manager *manager)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        for (uint32_t i = 0; i < instance->count; i++) {
            struct vip *vip = instance->vips[i];

            vip->lost = vip->present && vip_instance_is_held(instance);
            vip->present = false;
        }
        instance->uneven = vip_instance_is_held(instance);
    }
}

/* ------------------------------------------------------------------ mending */

struct mending {
    uint32_t lost;   /* put back now */
    uint32_t absent; /* the same, but were never on */
    const struct vip *first;
    bool later; /* some have to wait */
};

static void mend_vip(struct address_manager *manager, struct vip *vip, struct mono now,
                     struct mending *mending)
{
    const struct vip_interface *interface = find_interface(manager, vip->interface);

    if (vip->present || vip->work != VIP_IDLE)
        return;
    if (interface == NULL || (interface->flags & IFF_UP) == 0)
        return; /* its coming up starts this again */
    if (vip->lost && !vip->guarded)
        return;
    if (mono_is_set(vip->restored) && mono_since(now, vip->restored).ns < RESTORE_PAUSE.ns) {
        mending->later = true;
        return;
    }
    if (vip->lost) {
        mending->first = mending->lost == 0 ? vip : mending->first;
        mending->lost++;
    } else {
        mending->absent++;
    }
    vip_work_set(manager->queue, vip, VIP_ADD);
}

/* Somebody who removes an address again and again shall not fill the log too. */
static void report_mending(struct vip_instance *instance, const struct mending *mending, struct mono now)
{
    enum log_level level = LOG_LEVEL_WARNING;
    char text[IP_ADDRESS_TEXT];

    if (mending->lost == 0)
        return;
    if (mono_is_set(instance->mending_told) && mono_since(now, instance->mending_told).ns < TOLD_PAUSE.ns)
        level = LOG_LEVEL_DEBUG;
    else
        instance->mending_told = now;
    log_line(level, "%s: address %s/%u disappeared from %s without our doing%s: put back (%u in all)",
             instance->name, ip_address_text(&mending->first->address.address, text),
             mending->first->address.prefix_length, mending->first->interface,
             mending->lost > 1 ? ", others too" : "", mending->lost);
}

static void mend_instance(struct address_manager *manager, struct vip_instance *instance)
{
    struct mending mending = {0};
    struct mono now = mono_now();

    if (!address_manager_is_vouched_for(manager, instance))
        return; /* stays uneven; upkeep asks again */
    instance->announce_all = false;
    for (uint32_t i = 0; i < instance->count; i++)
        mend_vip(manager, instance->vips[i], now, &mending);
    instance->uneven = mending.later;
    report_mending(instance, &mending, now);
    if (mending.lost + mending.absent > 0)
        vip_work_begin(manager->queue, instance);
    address_manager_record(manager, instance);
}

void address_manager_mend(struct address_manager *manager)
{
    struct vip_instance *instance, *next;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (instance->uneven && instance->hold == HOLD_ALL && !manager->stopping)
            mend_instance(manager, instance);
    }
}

void address_manager_settled(struct address_manager *manager)
{
    address_manager_notice_pause(manager);
    address_manager_mend(manager);
    address_manager_plan(manager);
}
