/*
 * Tracking in the simulator. See tracking.h.
 *
 * The planted faults sit around track_state.c, as those of the state machine around router.c: the linker's
 * --wrap puts the functions below in its place.
 */
#include "tests/sim/tracking.h"

#include <stdlib.h>
#include <string.h>

#include "tests/sim/mutants.h"
#include "tests/sim/node.h"
#include "tests/sim/world.h"

/* ------------------------------------------------------------------ planted faults */

bool __real_track_script_result(struct track_state *state, const struct conf_track_script *conf,
                                bool success);
bool __wrap_track_script_result(struct track_state *state, const struct conf_track_script *conf,
                                bool success);
struct track_effect __real_track_effect(const struct conf_tracked *tracked, const struct track_state *state);
struct track_effect __wrap_track_effect(const struct conf_tracked *tracked, const struct track_state *state);

static enum sim_mutant planted;

bool __wrap_track_script_result(struct track_state *state, const struct conf_track_script *conf, bool success)
{
    struct conf_track_script changed = *conf;

    if (planted == MUTANT_FALLS_AT_ONCE)
        changed.fall = 1;
    return __real_track_script_result(state, &changed, success);
}

struct track_effect __wrap_track_effect(const struct conf_tracked *tracked, const struct track_state *state)
{
    struct conf_tracked changed = *tracked;
    struct track_effect effect;

    if (planted == MUTANT_REVERSE_FORGOTTEN)
        changed.reverse = false;
    effect = __real_track_effect(&changed, state);
    if (planted == MUTANT_FILE_NEVER_FAULTS && tracked->kind == CONF_TRACKED_FILE)
        effect.fault = false;
    return effect;
}

/* ------------------------------------------------------------------ drawing */

static int16_t draw_weight(struct sim_world *world)
{
    static const int16_t weights[] = {0, 1, -1, 20, -20, -60, 60, -253, 253};

    return weights[sim_random_below(&world->random, sizeof(weights) / sizeof(weights[0]))];
}

void sim_tracking_draw(struct sim_world *world, struct sim_tracking *tracking)
{
    memset(tracking, 0, sizeof(*tracking));
    tracking->script.rise = (uint32_t)sim_random_between(&world->random, 1, 4);
    tracking->script.fall = (uint32_t)sim_random_between(&world->random, 1, 4);
    tracking->script.init_fail = sim_random_chance(&world->random, 20);
    for (unsigned int i = 0; i < SIM_TRACKED_COUNT; i++)
        tracking->tracked[i] = (struct conf_tracked){
            .kind = (enum conf_tracked_kind)i,
            .weight = draw_weight(world),
            .reverse = sim_random_chance(&world->random, 30),
        };
    track_script_begin(&tracking->states[SIM_SCRIPT], &tracking->script);
    tracking->seen_up = tracking->script.init_fail ? 0 : -1;
    tracking->enough = -1;
}

/* ------------------------------------------------------------------ news */

static bool take_effect(struct sim_tracking *tracking)
{
    int32_t weight = 0;
    bool fault = false, changed;

    for (unsigned int i = 0; i < SIM_TRACKED_COUNT; i++) {
        struct track_effect effect = track_effect(&tracking->tracked[i], &tracking->states[i]);

        weight += effect.weight;
        fault = fault || effect.fault;
    }
    changed = weight != tracking->weight || fault != tracking->fault;
    tracking->weight = weight;
    tracking->fault = fault;
    return changed;
}

static void see_result(struct sim_tracking *tracking, bool success)
{
    int streak = tracking->streak;

    tracking->streak = success ? (streak > 0 ? streak + 1 : 1) : (streak < 0 ? streak - 1 : -1);
    if (tracking->seen_up < 0)
        tracking->seen_up = success;
    else if (tracking->streak >= (int)tracking->script.rise)
        tracking->seen_up = 1;
    else if (-tracking->streak >= (int)tracking->script.fall)
        tracking->seen_up = 0;
}

static void script_ran(struct sim_tracking *tracking, bool success)
{
    track_script_result(&tracking->states[SIM_SCRIPT], &tracking->script, success);
    see_result(tracking, success);
}

static void file_has(struct sim_tracking *tracking, int32_t value)
{
    track_file_value(&tracking->states[SIM_FILE], value);
    tracking->value = value;
}

static void processes_run(struct sim_tracking *tracking, bool enough)
{
    track_process_count(&tracking->states[SIM_PROCESS], enough, enough);
    tracking->enough = enough;
}

/* The process that runs scripts died, or we were late: the caller of a mutant takes that for a failure. */
static void script_did_not_run(struct sim_tracking *tracking)
{
    if (planted == MUTANT_NO_RESULT_IS_FAILURE)
        track_script_result(&tracking->states[SIM_SCRIPT], &tracking->script, false);
}

bool sim_tracking_news(struct sim_world *world, struct sim_tracking *tracking)
{
    static const int32_t values[] = {0, 0, 1, -1, 5, -5, 60, -254, 254, 1000000, INT32_MIN};
    bool good = sim_random_chance(&world->random, 50);

    planted = (enum sim_mutant)world->plan.mutant;
    switch (sim_random_below(&world->random, 6)) {
    case 0:
        file_has(tracking, values[sim_random_below(&world->random, sizeof(values) / sizeof(values[0]))]);
        break;
    case 1:
        processes_run(tracking, good);
        break;
    case 2:
        script_did_not_run(tracking);
        break;
    default:
        script_ran(tracking, good);
    }
    return take_effect(tracking);
}

bool sim_tracking_mend(struct sim_world *world, struct sim_tracking *tracking)
{
    planted = (enum sim_mutant)world->plan.mutant;
    for (uint32_t i = 0; i < tracking->script.rise || i < tracking->script.fall; i++)
        script_ran(tracking, !tracking->tracked[SIM_SCRIPT].reverse);
    file_has(tracking, tracking->tracked[SIM_FILE].weight == 0 && tracking->tracked[SIM_FILE].reverse);
    processes_run(tracking, !tracking->tracked[SIM_PROCESS].reverse);
    return take_effect(tracking);
}

/* ------------------------------------------------------------------ the onlooker */

/* Of one that is up (1), down (0) or not known (-1): by the words of the manual. */
static void expect(const struct conf_tracked *tracked, int up, int32_t *weight, bool *fault)
{
    int32_t size = abs(tracked->weight);

    if (up < 0)
        return;
    if (tracked->weight == 0)
        *fault = *fault || (tracked->reverse ? up == 1 : up == 0);
    else if (tracked->weight > 0 && up == 1)
        *weight += tracked->reverse ? -size : size;
    else if (tracked->weight < 0 && up == 0)
        *weight += tracked->reverse ? size : -size;
}

static void expect_of_file(const struct conf_tracked *tracked, int32_t value, int32_t *weight, bool *fault)
{
    double product = (double)value * tracked->weight;

    if (tracked->reverse)
        product = -product;
    if (tracked->weight == 0)
        *fault = *fault || (tracked->reverse ? value == 0 : value != 0);
    else if (product < -253)
        *fault = true;
    else
        *weight += product > 253 ? 253 : (int32_t)product;
}

static bool priority_is(const struct vrrp_router *router, int32_t sum)
{
    int32_t total = router->settings.base_priority + sum;

    if (router->settings.base_priority == VRRP_PRIORITY_OWNER)
        return true; /* watch.c judges owners */
    return router->effective_priority == (total < 1 ? 1 : total > 254 ? 254 : total);
}

bool sim_tracking_agrees(const struct sim_node *node)
{
    const struct sim_tracking *tracking = &node->tracking;
    int32_t weight = 0;
    bool fault = false;

    expect(&tracking->tracked[SIM_SCRIPT], tracking->seen_up, &weight, &fault);
    if (tracking->states[SIM_FILE].verdict != TRACK_UNKNOWN)
        expect_of_file(&tracking->tracked[SIM_FILE], tracking->value, &weight, &fault);
    expect(&tracking->tracked[SIM_PROCESS], tracking->enough, &weight, &fault);
    for (unsigned int i = 0; i < node->group.member_count; i++) {
        if (!priority_is(&node->members[i].router, node->outside_weight + weight) ||
            vrrp_router_is_at_fault(&node->members[i].router) != (fault || sim_node_is_faulty(node)))
            return false;
    }
    return fault == tracking->fault;
}
