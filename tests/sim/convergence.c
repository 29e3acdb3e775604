/*
 * What must hold among routers that hear each other. See convergence.h for the bounds and their reasons.
 */
#include "tests/sim/convergence.h"

#include <string.h>

#include "tests/sim/node.h"

#define NOT_RUNNING (-1)

static int64_t stretched(const struct sim_world *world, int64_t own_ns)
{
    return own_ns + own_ns * (world->scenario.rate_max_ppm + 1) / 1000000 + SIM_ROUNDING_NS;
}

static bool speaks_as_master(const struct sim_node *node, unsigned int net)
{
    return node->life == LIFE_RUNNING && node->members[net].router.state == VRRP_MASTER;
}

/* ------------------------------------------------------------------ spells */

static void record(struct sim_world *world, enum sim_spell_kind kind, int64_t length_ns, int64_t bound_ns)
{
    struct sim_spell *spell = &world->totals->spells[kind];
    double share = (double)length_ns / (double)bound_ns;

    spell->count++;
    if (length_ns > spell->longest_ns) {
        spell->longest_ns = length_ns;
        spell->longest_bound_ns = bound_ns;
    }
    if (share > spell->worst_share)
        spell->worst_share = share;
}

static void judge(struct sim_world *world, enum sim_spell_kind kind, struct sim_violation found)
{
    record(world, kind, found.measured_ns, found.bound_ns);
    if (found.measured_ns > found.bound_ns)
        sim_violate(world, found);
}

/* ------------------------------------------------------------------ two masters */

static bool is_better(const struct vrrp_router *a, const struct vrrp_router *b)
{
    if (a->effective_priority != b->effective_priority)
        return a->effective_priority > b->effective_priority;
    return ip_address_compare(&a->source, &b->source) > 0;
}

static int64_t interval_of(const struct vrrp_router *router)
{
    return router->settings.advert_interval.ns;
}

static bool answers_lower(const struct vrrp_settings *settings)
{
    bool is_owner = settings->base_priority == VRRP_PRIORITY_OWNER;

    return !settings->lower_prio_no_advert && !(is_owner && settings->owner_ignore_adverts);
}

static int64_t two_bound(const struct sim_world *world, const struct vrrp_router *a,
                         const struct vrrp_router *b, bool fresh)
{
    const struct vrrp_router *better = is_better(a, b) ? a : b;
    const struct vrrp_router *worse = is_better(a, b) ? b : a;
    int64_t delay_ns = world->network.max_delay_ns;
    int64_t by_rhythm_ns = stretched(world, interval_of(better)) + delay_ns;
    int64_t by_answer_ns = (fresh ? 0 : stretched(world, interval_of(worse))) + 2 * delay_ns;

    if (world->scenario.calm_loss_run > 0)
        return stretched(world, interval_of(better) * (world->scenario.calm_loss_run + 1)) + delay_ns;
    if (!answers_lower(&better->settings) || by_rhythm_ns < by_answer_ns)
        return by_rhythm_ns;
    return by_answer_ns;
}

static void end_two(struct sim_world *world, unsigned int net, unsigned int a, unsigned int b)
{
    struct sim_convergence *convergence = &world->convergence;
    int64_t *since = &convergence->two_since_ns[net][a][b];

    if (*since == NOT_RUNNING)
        return;
    judge(world, convergence->two_kind[net][a][b],
          (struct sim_violation){.invariant = SIM_TWO_MASTERS,
                                 .node = b,
                                 .net = net,
                                 .measured_ns = world->now_ns - *since,
                                 .bound_ns = convergence->two_bound_ns[net][a][b]});
    *since = NOT_RUNNING;
}

static void begin_two(struct sim_world *world, unsigned int net, unsigned int a, unsigned int b)
{
    struct sim_convergence *convergence = &world->convergence;
    bool met = world->now_ns == convergence->since_ns;

    if (convergence->two_since_ns[net][a][b] != NOT_RUNNING)
        return;
    convergence->two_since_ns[net][a][b] = world->now_ns;
    convergence->two_kind[net][a][b] = met ? SPELL_TWO_MET : SPELL_TWO_FRESH;
    convergence->two_bound_ns[net][a][b] =
        two_bound(world, &world->nodes[a].members[net].router, &world->nodes[b].members[net].router, !met);
}

static void look_for_two(struct sim_world *world, unsigned int net)
{
    const unsigned int *component = world->convergence.component;

    for (unsigned int a = 0; a < world->scenario.node_count; a++) {
        for (unsigned int b = a + 1; b < world->scenario.node_count; b++) {
            if (component[a] == component[b] && speaks_as_master(&world->nodes[a], net) &&
                speaks_as_master(&world->nodes[b], net))
                begin_two(world, net, a, b);
            else
                end_two(world, net, a, b);
        }
    }
}

/* ------------------------------------------------------------------ no master */

/* After what time of silence the whole node is ready: its slowest member. */
static int64_t silence_needed(const struct sim_world *world, const struct sim_node *node, bool after_zero)
{
    int64_t slowest_ns = 0;

    for (unsigned int i = 0; i < world->scenario.member_count; i++) {
        const struct vrrp_router *router = &node->members[i].router;
        uint8_t adverts = after_zero ? 0 : router->settings.down_timer_adverts;
        struct span wait = vrrp_master_down_interval(router->settings.version, router->effective_priority,
                                                     world->scenario.interval_max, adverts);

        slowest_ns = wait.ns > slowest_ns ? wait.ns : slowest_ns;
    }
    return stretched(world, slowest_ns);
}

/* Of the quickest healthy node; SIM_NEVER = there is none. */
static int64_t none_bound(const struct sim_world *world, unsigned int component, bool after_zero)
{
    int64_t quickest_ns = SIM_NEVER;

    for (unsigned int i = 0; i < world->scenario.node_count; i++) {
        const struct sim_node *node = &world->nodes[i];

        if (world->convergence.component[i] != component || !sim_node_is_healthy(node))
            continue;
        int64_t wait_ns = silence_needed(world, node, after_zero);

        quickest_ns = wait_ns < quickest_ns ? wait_ns : quickest_ns;
    }
    return quickest_ns == SIM_NEVER ? SIM_NEVER : quickest_ns + world->network.max_delay_ns;
}

static bool has_master(const struct sim_world *world, unsigned int net, unsigned int component)
{
    for (unsigned int i = 0; i < world->scenario.node_count; i++) {
        if (world->convergence.component[i] == component && speaks_as_master(&world->nodes[i], net))
            return true;
    }
    return false;
}

static void end_none(struct sim_world *world, unsigned int net, unsigned int component)
{
    struct sim_convergence *convergence = &world->convergence;
    int64_t *since = &convergence->none_since_ns[net][component];
    int64_t bound_ns = convergence->none_bound_ns[net][component];

    if (*since != NOT_RUNNING && bound_ns != SIM_NEVER)
        judge(world, convergence->none_after_zero[net][component] ? SPELL_NONE_ZERO : SPELL_NONE,
              (struct sim_violation){.invariant = SIM_NO_MASTER,
                                     .node = component,
                                     .net = net,
                                     .measured_ns = world->now_ns - *since,
                                     .bound_ns = bound_ns});
    *since = NOT_RUNNING;
}

static void begin_none(struct sim_world *world, unsigned int net, unsigned int component)
{
    struct sim_convergence *convergence = &world->convergence;
    bool after_zero = convergence->zero_was_sent && world->now_ns == convergence->since_ns;

    if (convergence->none_since_ns[net][component] != NOT_RUNNING)
        return;
    convergence->none_since_ns[net][component] = world->now_ns;
    convergence->none_after_zero[net][component] = after_zero;
    convergence->none_bound_ns[net][component] = none_bound(world, component, after_zero);
}

static void look_for_none(struct sim_world *world, unsigned int net)
{
    for (unsigned int component = 0; component < 2; component++) {
        if (has_master(world, net, component))
            end_none(world, net, component);
        else
            begin_none(world, net, component);
    }
}

/* ------------------------------------------------------------------ the wrong master */

static bool preempts(const struct vrrp_settings *settings)
{
    return settings->preempt || settings->wants_master || settings->base_priority == VRRP_PRIORITY_OWNER;
}

static bool is_inverted(const struct sim_world *world, unsigned int net, unsigned int node)
{
    const struct vrrp_router *router = &world->nodes[node].members[net].router;
    unsigned int component = world->convergence.component[node];

    if (!sim_node_is_healthy(&world->nodes[node]) || router->state != VRRP_BACKUP ||
        !preempts(&router->settings) || !has_master(world, net, component))
        return false;
    for (unsigned int i = 0; i < world->scenario.node_count; i++) {
        const struct vrrp_router *other = &world->nodes[i].members[net].router;

        if (world->convergence.component[i] == component && speaks_as_master(&world->nodes[i], net) &&
            other->effective_priority >= router->effective_priority)
            return false;
    }
    return true;
}

static int64_t preempt_delay_of(const struct vrrp_settings *settings)
{
    if (!settings->preempt || settings->wants_master || settings->base_priority == VRRP_PRIORITY_OWNER)
        return 0;
    return settings->preempt_delay.ns;
}

static int64_t inversion_bound(const struct sim_world *world, unsigned int net, unsigned int node)
{
    const struct vrrp_settings *settings = &world->nodes[node].members[net].router.settings;
    int64_t until_heard_ns = world->scenario.interval_max.ns * (world->scenario.calm_loss_run + 1);

    return stretched(world, until_heard_ns + preempt_delay_of(settings)) + 2 * world->network.max_delay_ns +
           silence_needed(world, &world->nodes[node], false);
}

static void end_inversion(struct sim_world *world, unsigned int net, unsigned int node)
{
    int64_t *since = &world->convergence.inversion_since_ns[net][node];

    if (*since == NOT_RUNNING)
        return;
    judge(world, SPELL_INVERSION,
          (struct sim_violation){.invariant = SIM_WRONG_MASTER,
                                 .node = node,
                                 .net = net,
                                 .measured_ns = world->now_ns - *since,
                                 .bound_ns = world->convergence.inversion_bound_ns[net][node]});
    *since = NOT_RUNNING;
}

static void begin_inversion(struct sim_world *world, unsigned int net, unsigned int node)
{
    struct sim_convergence *convergence = &world->convergence;

    if (convergence->inversion_since_ns[net][node] != NOT_RUNNING)
        return;
    convergence->inversion_since_ns[net][node] = world->now_ns;
    convergence->inversion_bound_ns[net][node] = inversion_bound(world, net, node);
}

static void look_for_inversion(struct sim_world *world, unsigned int net)
{
    for (unsigned int node = 0; node < world->scenario.node_count; node++) {
        if (is_inverted(world, net, node))
            begin_inversion(world, net, node);
        else
            end_inversion(world, net, node);
    }
}

/* ------------------------------------------------------------------ calm begins, changes, ends */

static int64_t settling_time(const struct sim_world *world)
{
    int64_t silence_ns = 0;
    int64_t delay_ns = 0;

    for (unsigned int i = 0; i < world->scenario.node_count; i++) {
        int64_t needed_ns = silence_needed(world, &world->nodes[i], false);
        int64_t preempt_ns = preempt_delay_of(&world->nodes[i].members[0].settings);

        silence_ns = needed_ns > silence_ns ? needed_ns : silence_ns;
        delay_ns = preempt_ns > delay_ns ? preempt_ns : delay_ns;
    }
    return 2 * silence_ns + stretched(world, delay_ns + 4 * world->scenario.interval_max.ns) +
           6 * world->network.max_delay_ns;
}

void sim_convergence_look(struct sim_world *world)
{
    if (!world->convergence.calm)
        return;
    if (world->now_ns > world->convergence.settled_ns)
        sim_violate(world, (struct sim_violation){.invariant = SIM_RESTLESS});
    for (unsigned int net = 0; net < world->scenario.member_count; net++) {
        look_for_two(world, net);
        look_for_none(world, net);
        look_for_inversion(world, net);
    }
}

void sim_convergence_begin(struct sim_world *world, const unsigned int component[], bool zero_was_sent)
{
    struct sim_convergence *convergence = &world->convergence;

    memset(convergence, 0, sizeof(*convergence));
    memset(convergence->two_since_ns, 0xff,
           sizeof(convergence->two_since_ns)); /* NOT_RUNNING in every byte */
    memset(convergence->none_since_ns, 0xff, sizeof(convergence->none_since_ns));
    memset(convergence->inversion_since_ns, 0xff, sizeof(convergence->inversion_since_ns));
    memcpy(convergence->component, component, sizeof(convergence->component));
    convergence->calm = true;
    convergence->since_ns = world->now_ns;
    convergence->settled_ns = world->now_ns + settling_time(world);
    convergence->zero_was_sent = zero_was_sent && world->scenario.calm_loss_run == 0;
    world->totals->calms++;
    sim_convergence_look(world);
    world->changed = false;
}

void sim_convergence_end(struct sim_world *world)
{
    for (unsigned int net = 0; net < world->scenario.member_count; net++) {
        for (unsigned int a = 0; a < world->scenario.node_count; a++) {
            for (unsigned int b = a + 1; b < world->scenario.node_count; b++)
                end_two(world, net, a, b);
            end_inversion(world, net, a);
        }
        for (unsigned int i = 0; i < 2; i++)
            end_none(world, net, i);
    }
    world->convergence.calm = false;
}
