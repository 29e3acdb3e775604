/*
 * One run: time, and the order of everything that happens. See world.h.
 */
#include "tests/sim/world.h"

#include <string.h>

#include "tests/sim/convergence.h"
#include "tests/sim/network.h"
#include "tests/sim/node.h"
#include "tests/sim/scenario.h"

#define TIME_BEGINS_NS (1000 * NS_PER_S)

void sim_violate(struct sim_world *world, struct sim_violation violation)
{
    if (world->violation.invariant != SIM_HOLDS)
        return;
    if (world->plan.network_only && violation.invariant < SIM_TWO_MASTERS)
        return;
    violation.at_ns = world->now_ns;
    world->violation = violation;
}

static struct sim_node *first_timer(struct sim_world *world)
{
    struct sim_node *first = &world->nodes[0];

    for (unsigned int i = 1; i < world->scenario.node_count; i++) {
        if (world->nodes[i].timer_at_ns < first->timer_at_ns)
            first = &world->nodes[i];
    }
    return first;
}

static void timer_or_wake(struct sim_node *node)
{
    if (node->life == LIFE_RUNNING)
        sim_node_timer(node);
    else
        sim_node_wake(node);
}

/* At equal times: the script, then what was said, then timers. */
static void happen_next(struct sim_world *world)
{
    int64_t packet_at_ns = sim_network_next(&world->network);
    struct sim_node *node = first_timer(world);

    if (world->script_at_ns <= packet_at_ns && world->script_at_ns <= node->timer_at_ns) {
        world->now_ns = world->script_at_ns;
        sim_scenario_act(world);
    } else if (packet_at_ns <= node->timer_at_ns) {
        struct sim_packet packet = sim_network_take(&world->network);

        world->now_ns = packet_at_ns;
        sim_node_receive(&world->nodes[packet.to], &packet);
    } else {
        world->now_ns = node->timer_at_ns;
        timer_or_wake(node);
    }
    if (!world->changed)
        return;
    world->changed = false;
    sim_convergence_look(world);
}

static void add_hash(struct sim_totals *totals, const struct sim_world *world)
{
    totals->hash = (totals->hash ^ world->hash) * 0x9e3779b97f4a7c15U;
    totals->runs++;
    totals->steps += world->steps;
}

struct sim_violation sim_run(const struct sim_plan *plan, struct sim_totals *totals)
{
    static struct sim_world world;

    memset(&world, 0, sizeof(world));
    world.plan = *plan;
    world.random.state = plan->seed * 0x2545f4914f6cdd1dU + 1;
    world.now_ns = TIME_BEGINS_NS;
    world.totals = totals;
    sim_scenario_begin(&world);
    while (world.steps < plan->steps && world.violation.invariant == SIM_HOLDS)
        happen_next(&world);
    add_hash(totals, &world);
    sim_network_free(&world.network);
    return world.violation;
}

const char *sim_invariant_text(enum sim_invariant invariant)
{
    static const char *const texts[SIM_INVARIANT_COUNT] = {
        [SIM_HOLDS] = "all invariants hold",
        [SIM_ACTIONS] = "take, release and state changes do not match",
        [SIM_ADVERT_OF_MASTER] = "an advert of a router that is not master",
        [SIM_ZERO_AT_END] = "priority 0 missing or out of place",
        [SIM_PAUSED_IS_BACKUP] = "master straight after a pause",
        [SIM_FAULT_IS_OUT] = "in service with a reason for FAULT",
        [SIM_TAKEOVER_EARLY] = "takeover before it was due",
        [SIM_TAKEOVER_LATE] = "takeover after it was due",
        [SIM_RHYTHM] = "adverts not an interval apart",
        [SIM_TIMER_MOVES] = "a timer due again at once",
        [SIM_TRACKING] = "priority or FAULT is not what is tracked",
        [SIM_GROUP_TOGETHER] = "members of a sync group in different states",
        [SIM_TWO_MASTERS] = "two masters for too long",
        [SIM_NO_MASTER] = "no master for too long",
        [SIM_WRONG_MASTER] = "a better router did not preempt in time",
        [SIM_RESTLESS] = "a change of state in a settled network",
    };

    return texts[invariant];
}
