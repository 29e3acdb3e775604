/*
 * The addresses of all instances: what falls due. See address_manager.h.
 *
 * One timer, set to the earliest of: a lease to renew, announcements to repeat, something to mend, a failed
 * address to try again. While anything is held it fires at least once a second, so that its lateness shows a
 * pause of this process.
 */
#include "daemon/kernel/address_manager_parts.h"

#include <stdlib.h>

#include "daemon/core/log.h"

#define TICK_MOST   span_s(1)
#define ASK_AGAIN   span_ms(100) /* vrrp, when it did not vouch for the instance */
#define PAUSE_LEAST span_ms(300)
#define LEASES_MAX  256

/* ------------------------------------------------------------------ who is alive */

void address_manager_notice_pause(struct address_manager *manager)
{
    struct mono deadline = loop_timer_deadline(manager->upkeep), now = mono_now();

    if (!mono_is_set(deadline) || mono_since(now, deadline).ns < PAUSE_LEAST.ns)
        return;
    manager->paused_at = now;
    manager->pause = mono_since(now, deadline);
}

bool address_manager_is_vouched_for(struct address_manager *manager, const struct vip_instance *instance)
{
    struct master_record record = manager->callbacks->master(instance->key, manager->data);

    if (instance->is_static)
        return true;

    /* A pause too short for a peer to take over changed nothing. Its beginning is known to a tick. */
    if (manager->pause.ns + TICK_MOST.ns >= record.peer_down.ns)
        record.witness.paused_at = manager->paused_at;
    return lease_may_renew(&record.witness, instance->lease.lifetime_s, mono_now());
}

/* ------------------------------------------------------------------ leases */

static void renew(struct address_manager *manager, struct vip_instance *instance, struct mono now)
{
    if (instance->hold != HOLD_ALL || !TAILQ_EMPTY(&instance->work) ||
        !address_manager_is_vouched_for(manager, instance)) {
        instance->lease.due = mono_add(now, ASK_AGAIN);
        return;
    }
    instance->renewing = true;
    instance->renewal_cost = span_ns(0);
    instance->lease.renewed = now;
    instance->lease.due = mono_add(now, instance->lease.interval);
    address_manager_queue(manager, instance, VIP_RENEW, vip_is_present);
    vip_work_begin(manager->queue, instance);
}

static struct vip_instance *owner_of(struct lease *lease)
{
    return (struct vip_instance *)((char *)lease - offsetof(struct vip_instance, lease));
}

static void refuse_lease(struct address_manager *manager, struct vip_instance *instance)
{
    log_warning(
        "%s: no VIP lease: to renew its %u addresses costs more than 1 %% of a processor; they stay if this "
        "machine hangs",
        instance->name, instance->count);
    address_manager_queue(manager, instance, VIP_RENEW, vip_is_present); /* now with lifetimes without end */
    address_manager_record(manager, instance);
}

static void plan_leases(struct address_manager *manager)
{
    struct lease *leases[LEASES_MAX], *refused;
    struct vip_instance *instance, *next;
    size_t count = 0;

    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (count < LEASES_MAX && vip_instance_is_held(instance) && lease_in_force(&instance->lease))
            leases[count++] = &instance->lease;
    }
    refused = lease_plan(leases, count);
    if (refused != NULL)
        refuse_lease(manager, owner_of(refused));
}

void address_manager_renewed(struct address_manager *manager, struct vip_instance *instance)
{
    instance->renewing = false;
    lease_measured(&instance->lease, instance->renewal_cost);
    plan_leases(manager);
    if (lease_in_force(&instance->lease))
        instance->lease.due = mono_add(instance->lease.renewed, instance->lease.interval);
}

/* ------------------------------------------------------------------ what is due */

static bool is_due(struct mono due, struct mono now)
{
    return mono_is_set(due) && !mono_before(now, due);
}

static void upkeep_of(struct address_manager *manager, struct vip_instance *instance, struct mono now)
{
    if (!vip_instance_is_held(instance))
        return;
    if (is_due(instance->announce_again, now)) {
        instance->announce_again = (struct mono){0};
        address_manager_burst(manager, instance, instance->announce_again_count);
    }
    if (is_due(instance->announce_refresh, now)) {
        instance->announce_refresh = mono_add(now, span_s(instance->garp.master_refresh_s));
        address_manager_burst(manager, instance, instance->garp.master_refresh_repeat);
    }
    if (is_due(instance->announce_extra, now)) {
        instance->announce_extra = mono_add(now, span_s(instance->garp.extra_s));
        address_manager_announce_others(manager, instance);
    }
    if (is_due(instance->lease.due, now))
        renew(manager, instance, now);
    if (instance->record.addresses_failed > 0)
        instance->uneven = true;
}

void address_manager_upkeep(void *data)
{
    struct address_manager *manager = data;
    struct vip_instance *instance, *next;
    struct mono now;

    address_manager_notice_pause(manager);
    manager->callbacks->drain(manager->data); /* what was removed meanwhile must not be renewed */
    now = mono_now();
    HASH_ITER(hh, manager->instances, instance, next)
    {
        upkeep_of(manager, instance, now);
    }
    address_manager_mend(manager);
    address_manager_plan(manager);
}

static struct mono next_due(const struct vip_instance *instance, struct mono now)
{
    struct mono due = mono_add(now, TICK_MOST);

    due = mono_earliest(due, instance->announce_again);
    due = mono_earliest(due, instance->announce_refresh);
    due = mono_earliest(due, instance->announce_extra);
    due = mono_earliest(due, instance->lease.due);
    if (instance->uneven)
        due = mono_earliest(due, mono_add(now, ASK_AGAIN));
    return due;
}

void address_manager_plan(struct address_manager *manager)
{
    struct vip_instance *instance, *next;
    struct mono now = mono_now(), due = {0};

    HASH_ITER(hh, manager->instances, instance, next)
    {
        if (vip_instance_is_held(instance))
            due = mono_earliest(due, next_due(instance, now));
    }
    loop_timer_set(manager->upkeep, due);
}
