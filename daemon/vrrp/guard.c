/*
 * The pause guard: after having stood still, look around before speaking. See process.h and timing.h.
 *
 * guard_at is a lower bound: adverts sent since only move the true time on. So the guard costs one
 * comparison, and looks at all instances once in a peer's master-down time.
 */
#include "daemon/core/log.h"
#include "daemon/vrrp/process.h"

/* The earliest time any member can be superseded; *overdue if one is. */
static struct mono earliest_of_unit(const struct vrrp_unit *unit, struct mono now, bool *overdue)
{
    struct mono earliest = {0};

    *overdue = false;
    for (unsigned int i = 0; i < unit->count; i++) {
        struct mono at = instance_superseded_at(unit->instances[i]);

        *overdue = *overdue || (mono_is_set(at) && !mono_before(now, at));
        earliest = mono_earliest(earliest, at);
    }
    return earliest;
}

void process_guard(struct vrrp_process *process, struct mono now)
{
    struct mono earliest = {0};
    struct vrrp_unit *unit;

    if (!mono_is_set(process->guard_at) || mono_before(now, process->guard_at))
        return;
    process->guard_at = (struct mono){0};
    LIST_FOREACH(unit, &process->units, next)
    {
        bool overdue;
        struct mono at = earliest_of_unit(unit, now, &overdue);

        if (overdue)
            unit_pause(unit, now);
        else
            earliest = mono_earliest(earliest, at);
    }
    process->guard_at = mono_earliest(process->guard_at, earliest);
}

void process_guard_master(struct vrrp_process *process, const struct vrrp_instance *instance)
{
    process->guard_at = mono_earliest(process->guard_at, instance_superseded_at(instance));
}

void process_drain(struct vrrp_process *process)
{
    struct vrrp_socket *socket;

    LIST_FOREACH(socket, &process->sockets, next)
    vrrp_socket_drain(socket);
}
