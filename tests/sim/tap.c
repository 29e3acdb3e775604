/*
 * Every vrrp_router_step of the simulator passes here, also those group.c makes: the linker's --wrap puts
 * __wrap_vrrp_router_step in its place. router.c and group.c are the daemon's own objects.
 */
#include <stdio.h>

#include "tests/sim/mutants.h"
#include "tests/sim/watch.h"
#include "tests/sim/world.h"

void __real_vrrp_router_step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now,
                             struct vrrp_actions *actions);
void __wrap_vrrp_router_step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now,
                             struct vrrp_actions *actions);

static void mix(struct sim_world *world, uint64_t value)
{
    world->hash = (world->hash ^ value) * 0x9e3779b97f4a7c15U;
    world->hash ^= world->hash >> 29;
}

/* What was decided, by whom and when: two runs of a seed must agree in all of it. */
static void mix_step(const struct sim_member *member, const struct vrrp_event *event, struct mono now,
                     const struct vrrp_actions *actions)
{
    struct sim_world *world = member->node->world;
    uint64_t actions_taken = 0;

    for (unsigned int i = 0; i < actions->count; i++)
        actions_taken = actions_taken * ACTION_TYPE_COUNT + actions->items[i] + 1;
    mix(world, (uint64_t)now.ns);
    mix(world, member->node->index * 64 + member->net * 32 + event->type);
    mix(world, actions_taken);
    mix(world, (uint64_t)vrrp_router_deadline(&member->router).ns);
}

static void trace(const struct sim_member *member, const struct vrrp_event *event,
                  const struct vrrp_router *before, const struct vrrp_actions *actions)
{
    const struct sim_world *world = member->node->world;

    printf("%15.6f  node %u net %u  %-6s  %-16s", (double)world->now_ns / 1e9, member->node->index,
           member->net, vrrp_state_name(before->state), vrrp_event_name(event->type));
    if (event->type == EVENT_ADVERT)
        printf(" priority %u", event->advert.priority);
    printf(" -> %s, priority %u", vrrp_state_name(member->router.state), member->router.effective_priority);
    for (unsigned int i = 0; i < actions->count; i++)
        printf(" %s", vrrp_action_name(actions->items[i]));
    printf("\n");
}

void __wrap_vrrp_router_step(struct vrrp_router *router, const struct vrrp_event *event, struct mono now,
                             struct vrrp_actions *actions)
{
    struct sim_member *member = (struct sim_member *)(void *)router;
    struct sim_world *world = member->node->world;
    enum sim_mutant mutant = (enum sim_mutant)world->plan.mutant;
    struct vrrp_router before = *router;
    struct vrrp_event heard = *event;

    actions->count = 0;
    if (mutant == MUTANT_NONE) {
        __real_vrrp_router_step(router, event, now, actions);
    } else if (sim_mutant_hears(mutant, router, now, &heard)) {
        __real_vrrp_router_step(router, &heard, now, actions);
        sim_mutant_acts(mutant, &before, &heard, router, actions);
    }
    world->steps++;
    world->totals->cells[before.state][event->type]++;
    mix_step(member, event, now, actions);
    if (world->plan.tracing)
        trace(member, event, &before, actions);
    sim_watch_step(member, &before, event, now, actions);
}
