/*
 * What happens in a run. See scenario.h.
 */
#include "tests/sim/scenario.h"

#include "tests/sim/convergence.h"
#include "tests/sim/network.h"
#include "tests/sim/node.h"

#define HOST_FIRST    10
#define HOST_SECOND   60 /* the same node after it was readdressed */
#define INTERVAL_GROW 4  /* mixed intervals: up to so many times the shortest */

static unsigned int draw(struct sim_world *world, unsigned int limit)
{
    return (unsigned int)sim_random_below(&world->random, limit);
}

static bool chance(struct sim_world *world, unsigned int percent)
{
    return sim_random_chance(&world->random, percent);
}

/* ------------------------------------------------------------------ drawing */

static struct span draw_interval(struct sim_world *world, uint8_t version)
{
    static const int64_t v2_ms[] = {1000, 2000, 5000};
    static const int64_t v3_ms[] = {10, 20, 100, 250, 1000, 3000, 10000};

    if (version == 2)
        return span_ms(v2_ms[draw(world, 3)]);
    return span_ms(v3_ms[draw(world, 7)]);
}

static uint8_t draw_adverts(struct sim_world *world)
{
    static const uint8_t choices[] = {3, 3, 3, 3, 3, 3, 2, 5};

    return choices[draw(world, 8)];
}

static struct vrrp_settings draw_common_settings(struct sim_world *world)
{
    uint8_t version = chance(world, 30) ? 2 : 3;

    return (struct vrrp_settings){
        .version = version,
        .advert_interval = draw_interval(world, version),
        .down_timer_adverts = draw_adverts(world),
        .lower_prio_no_advert = chance(world, 15),
        .higher_prio_send_advert = chance(world, 15),
        .base_priority = (uint8_t)sim_random_between(&world->random, 1, 254),
    };
}

static struct span draw_preempt_delay(struct sim_world *world)
{
    if (!chance(world, 20))
        return span_s(0);
    return span_ns(sim_random_between(&world->random, 1, 6 * world->scenario.interval.ns));
}

static struct span draw_node_interval(struct sim_world *world)
{
    struct span interval = world->scenario.interval;

    if (world->scenario.mixed_intervals)
        interval.ns <<= draw(world, 3);
    return interval;
}

static void draw_node_settings(struct sim_world *world, struct vrrp_settings *settings, bool equal)
{
    if (!equal)
        settings->base_priority = (uint8_t)sim_random_between(&world->random, 1, 254);
    settings->preempt = chance(world, 70);
    settings->wants_master = chance(world, 25);
    settings->preempt_delay = draw_preempt_delay(world);
    settings->advert_interval = draw_node_interval(world);
    settings->advert_phase = span_ns(0);
    if (chance(world, 50))
        settings->advert_phase.ns = sim_random_between(&world->random, 0, settings->advert_interval.ns - 1);
}

static void set_all_members(struct sim_node *node, const struct vrrp_settings *settings)
{
    for (unsigned int i = 0; i < SIM_MEMBERS_MAX; i++)
        node->members[i].settings = *settings;
}

static void draw_owners(struct sim_world *world)
{
    unsigned int owners = chance(world, 12) ? 1 : 0;

    if (chance(world, 4))
        owners = 2;
    for (unsigned int i = 0; i < owners; i++) {
        struct vrrp_settings settings = world->nodes[i].members[0].settings;

        settings.base_priority = VRRP_PRIORITY_OWNER;
        settings.owner_ignore_adverts = owners == 1 && chance(world, 50);
        set_all_members(&world->nodes[i], &settings);
    }
}

static void init_node(struct sim_world *world, unsigned int index)
{
    struct sim_node *node = &world->nodes[index];

    node->world = world;
    node->index = index;
    node->life = LIFE_DEAD;
    node->timer_at_ns = SIM_NEVER;
    node->offset_ns = sim_random_between(&world->random, 0, 3600 * NS_PER_S);
    node->rate_ppm =
        sim_random_between(&world->random, -world->scenario.rate_max_ppm, world->scenario.rate_max_ppm);
    for (unsigned int i = 0; i < SIM_MEMBERS_MAX; i++) {
        node->members[i].node = node;
        node->members[i].net = i;
    }
    sim_tracking_draw(world, &node->tracking);
    sim_node_readdress(node, HOST_FIRST + index);
}

static void draw_nodes(struct sim_world *world, struct vrrp_settings common)
{
    bool equal = chance(world, 15);

    for (unsigned int i = 0; i < world->scenario.node_count; i++) {
        init_node(world, i);
        draw_node_settings(world, &common, equal);
        set_all_members(&world->nodes[i], &common);
    }
    draw_owners(world);
}

static void draw_network(struct sim_world *world, uint8_t down_timer_adverts)
{
    static const int64_t interval_parts[] = {1000, 100, 20, 8};
    struct sim_scenario *scenario = &world->scenario;

    sim_network_init(&world->network, scenario->interval.ns / interval_parts[draw(world, 4)],
                     chance(world, 50));
    scenario->calm_loss_run = down_timer_adverts >= 3 && chance(world, 40) ? 1 : 0;
}

static unsigned int draw_node_count(struct sim_world *world)
{
    static const unsigned int choices[] = {2, 2, 2, 2, 3, 3, 3, 4, 4, 5};

    return choices[draw(world, 10)];
}

void sim_scenario_begin(struct sim_world *world)
{
    static const int64_t rates_ppm[] = {0, 50, 500};
    struct sim_scenario *scenario = &world->scenario;
    struct vrrp_settings common = draw_common_settings(world);

    scenario->node_count = draw_node_count(world);
    scenario->member_count = chance(world, 30) ? 2 : 1;
    scenario->ipv6 = common.version == 3 && chance(world, 50);
    scenario->mixed_intervals = common.version == 3 && chance(world, 15);
    scenario->interval = common.advert_interval;
    scenario->interval_max = common.advert_interval;
    if (scenario->mixed_intervals)
        scenario->interval_max.ns *= INTERVAL_GROW;
    scenario->rate_max_ppm = rates_ppm[draw(world, 3)];
    draw_network(world, common.down_timer_adverts);
    draw_nodes(world, common);
    for (unsigned int i = 0; i < scenario->node_count; i++)
        sim_node_boot(&world->nodes[i]);
    world->disturbances = 1;
    world->script_at_ns = world->now_ns;
}

/* ------------------------------------------------------------------ disturbances */

static void disturb_crash(struct sim_world *world, struct sim_node *node)
{
    (void)world;
    if (node->life == LIFE_RUNNING)
        sim_node_crash(node);
}

static void disturb_boot(struct sim_world *world, struct sim_node *node)
{
    (void)world;
    if (node->life == LIFE_DEAD)
        sim_node_boot(node);
}

static int64_t draw_pause(struct sim_world *world)
{
    return sim_random_between(&world->random, 1, 5 * world->scenario.interval_max.ns);
}

static void disturb_stop_process(struct sim_world *world, struct sim_node *node)
{
    if (node->life == LIFE_RUNNING)
        sim_node_freeze(node, LIFE_STOPPED, draw_pause(world));
}

static void disturb_suspend(struct sim_world *world, struct sim_node *node)
{
    if (node->life == LIFE_RUNNING)
        sim_node_freeze(node, LIFE_ASLEEP, draw_pause(world));
}

static void disturb_link(struct sim_world *world, struct sim_node *node)
{
    unsigned int net = draw(world, world->scenario.member_count);
    unsigned int other = draw(world, world->scenario.node_count);

    world->network.linked[net][node->index][other] = chance(world, 30);
    if (chance(world, 60))
        world->network.linked[net][other][node->index] = world->network.linked[net][node->index][other];
}

static void disturb_loss(struct sim_world *world, struct sim_node *node)
{
    (void)node;
    world->network.loss_percent = (unsigned int)sim_random_between(&world->random, 0, 95);
}

static void disturb_priority(struct sim_world *world, struct sim_node *node)
{
    static const int32_t weights[] = {0, 0, -50, -254, 254, 20, -20, 1};

    if (node->life == LIFE_RUNNING)
        sim_node_weigh(node, weights[draw(world, 8)]);
}

/* At once, as in the daemon: nothing happens between a result and what follows from it. */
static void tracking_changed(struct sim_world *world, struct sim_node *node, bool was_at_fault, bool changed)
{
    if (changed)
        sim_node_track(node, was_at_fault);
    if (!sim_tracking_agrees(node))
        sim_violate(world, (struct sim_violation){.invariant = SIM_TRACKING, .node = node->index});
}

static void disturb_tracked(struct sim_world *world, struct sim_node *node)
{
    bool was_at_fault = node->tracking.fault;

    if (node->life == LIFE_RUNNING)
        tracking_changed(world, node, was_at_fault, sim_tracking_news(world, &node->tracking));
}

static void mend_tracked(struct sim_world *world, struct sim_node *node)
{
    bool was_at_fault = node->tracking.fault;

    tracking_changed(world, node, was_at_fault, sim_tracking_mend(world, &node->tracking));
}

static void disturb_fault(struct sim_world *world, struct sim_node *node)
{
    unsigned int member = draw(world, world->scenario.member_count);

    if (node->life == LIFE_RUNNING && node->members[member].faults < 3)
        sim_node_fault(node, member);
}

static void disturb_fault_over(struct sim_world *world, struct sim_node *node)
{
    unsigned int member = draw(world, world->scenario.member_count);

    if (node->life == LIFE_RUNNING && node->members[member].faults > (node->tracking.fault ? 1U : 0U))
        sim_node_fault_over(node, member);
}

static void disturb_reload(struct sim_world *world, struct sim_node *node)
{
    struct vrrp_settings settings = node->members[0].settings;
    uint8_t priority = settings.base_priority;

    if (node->life != LIFE_RUNNING)
        return;
    draw_node_settings(world, &settings, chance(world, 50));
    if (priority == VRRP_PRIORITY_OWNER)
        settings.base_priority = priority;
    set_all_members(node, &settings);
    sim_node_reload(node);
}

static void disturb_stop(struct sim_world *world, struct sim_node *node)
{
    (void)world;
    if (node->life == LIFE_RUNNING)
        sim_node_event_type(node, EVENT_STOP);
}

static void disturb_start(struct sim_world *world, struct sim_node *node)
{
    (void)world;
    if (node->life == LIFE_RUNNING)
        sim_node_event_type(node, EVENT_START);
}

static void disturb_source(struct sim_world *world, struct sim_node *node)
{
    if (node->life == LIFE_RUNNING)
        sim_node_readdress(node, (chance(world, 50) ? HOST_FIRST : HOST_SECOND) + node->index);
}

/* Events that must change nothing in these states: a caller may always be a little late or early. */
static const bool harmless[VRRP_STATE_COUNT][EVENT_TYPE_COUNT] = {
    [VRRP_INIT] = {[EVENT_STOP] = true,
                   [EVENT_ADVERT] = true,
                   [EVENT_TIMER] = true,
                   [EVENT_PAUSED] = true,
                   [EVENT_FAULT_OVER] = true,
                   [EVENT_GROUP_MASTER] = true,
                   [EVENT_GROUP_BACKUP] = true,
                   [EVENT_GROUP_FAULT_OVER] = true},
    [VRRP_BACKUP] = {[EVENT_START] = true,
                     [EVENT_RESUME] = true,
                     [EVENT_FAULT_OVER] = true,
                     [EVENT_GROUP_BACKUP] = true,
                     [EVENT_GROUP_FAULT_OVER] = true},
    [VRRP_MASTER] = {[EVENT_START] = true,
                     [EVENT_RESUME] = true,
                     [EVENT_FAULT_OVER] = true,
                     [EVENT_GROUP_MASTER] = true,
                     [EVENT_GROUP_FAULT_OVER] = true},
    [VRRP_FAULT] = {[EVENT_START] = true,
                    [EVENT_RESUME] = true,
                    [EVENT_TIMER] = true,
                    [EVENT_ADVERT] = true,
                    [EVENT_PAUSED] = true,
                    [EVENT_GROUP_MASTER] = true,
                    [EVENT_GROUP_BACKUP] = true},
};

/* Faults are real: their end is not to be invented while some hold. */
static bool is_harmless(const struct sim_member *member, enum vrrp_event_type type)
{
    if (!harmless[member->router.state][type])
        return false;
    return !vrrp_router_is_at_fault(&member->router) ||
           (type != EVENT_FAULT_OVER && type != EVENT_GROUP_FAULT_OVER);
}

static void disturb_strays(struct sim_world *world, struct sim_node *node)
{
    struct sim_member *member = &node->members[draw(world, world->scenario.member_count)];
    struct vrrp_actions actions;

    for (unsigned int i = 0; i < 6 && node->life == LIFE_RUNNING; i++) {
        struct vrrp_event event = {.type = (enum vrrp_event_type)draw(world, EVENT_TYPE_COUNT)};

        if (is_harmless(member, event.type))
            vrrp_router_step(&member->router, &event, sim_node_time(node), &actions);
    }
}

/* Another member's fault, heard of and over before the start: only a group of one leaves it to us. */
static void disturb_early_group_fault(struct sim_world *world, struct sim_node *node)
{
    struct vrrp_router *router = &node->members[0].router;
    struct vrrp_event fault = {.type = EVENT_GROUP_FAULT};
    struct vrrp_event over = {.type = EVENT_GROUP_FAULT_OVER};
    struct vrrp_actions actions;

    if (node->life != LIFE_RUNNING || router->group_fault)
        return;
    if (router->state != VRRP_INIT && !(router->state == VRRP_FAULT && world->scenario.member_count == 1))
        return;
    vrrp_router_step(router, &fault, sim_node_time(node), &actions);
    vrrp_router_step(router, &over, sim_node_time(node), &actions);
}

typedef void (*disturbance)(struct sim_world *world, struct sim_node *node);

static const disturbance disturbances[] = {
    disturb_crash,   disturb_boot,       disturb_stop_process, disturb_suspend,
    disturb_link,    disturb_link,       disturb_loss,         disturb_priority,
    disturb_fault,   disturb_fault_over, disturb_reload,       disturb_stop,
    disturb_start,   disturb_source,     disturb_strays,       disturb_early_group_fault,
    disturb_tracked, disturb_tracked,
};

/* What may hit a settled network that stays calm: no links, no loss, no pause. */
static const disturbance gentle_disturbances[] = {
    disturb_crash, disturb_crash, disturb_boot,   disturb_priority, disturb_fault,  disturb_fault_over,
    disturb_stop,  disturb_stop,  disturb_reload, disturb_start,    disturb_strays, disturb_tracked,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------ calm */

static void calm_links(struct sim_world *world, const unsigned int component[])
{
    for (unsigned int net = 0; net < SIM_MEMBERS_MAX; net++) {
        for (unsigned int a = 0; a < SIM_NODES_MAX; a++) {
            for (unsigned int b = 0; b < SIM_NODES_MAX; b++)
                world->network.linked[net][a][b] = component[a] == component[b];
        }
    }
}

static void calm_node(struct sim_world *world, struct sim_node *node)
{
    if (node->life == LIFE_STOPPED || node->life == LIFE_ASLEEP)
        sim_node_wake(node);
    if (node->life == LIFE_DEAD && chance(world, 70))
        sim_node_boot(node);
    if (node->life != LIFE_RUNNING)
        return;
    if (node->tracking.fault && chance(world, 60))
        mend_tracked(world, node);
    for (unsigned int i = 0; i < world->scenario.member_count && chance(world, 60); i++) {
        while (node->members[i].faults > (node->tracking.fault ? 1U : 0U))
            sim_node_fault_over(node, i);
    }
    if (node->group.state == VRRP_INIT && chance(world, 70))
        sim_node_event_type(node, EVENT_START);
}

static void calm_until(struct sim_world *world)
{
    int64_t settle_ns = world->convergence.settled_ns - world->now_ns;

    if (chance(world, 40))
        world->script_at_ns = world->now_ns + sim_random_between(&world->random, 0, settle_ns);
    else
        world->script_at_ns = world->convergence.settled_ns +
                              sim_random_between(&world->random, 1, 6 * world->scenario.interval_max.ns);
    world->disturbances = 0;
}

static void begin_calm(struct sim_world *world)
{
    bool split = chance(world, 25);
    unsigned int component[SIM_NODES_MAX];

    for (unsigned int i = 0; i < SIM_NODES_MAX; i++)
        component[i] = split ? draw(world, 2) : 0;
    calm_links(world, component);
    world->network.loss_run_max = world->scenario.calm_loss_run;
    world->network.loss_percent = world->scenario.calm_loss_run > 0 ? 25 : 0;
    for (unsigned int i = 0; i < world->scenario.node_count; i++)
        calm_node(world, &world->nodes[i]);
    sim_convergence_begin(world, component, false);
    calm_until(world);
}

/* ------------------------------------------------------------------ phases */

static struct sim_node *draw_node(struct sim_world *world)
{
    return &world->nodes[draw(world, world->scenario.node_count)];
}

static struct sim_node *draw_master_or_node(struct sim_world *world)
{
    struct sim_node *node = draw_node(world);

    for (unsigned int i = 0; i < world->scenario.node_count && chance(world, 80); i++) {
        if (world->nodes[i].group.state == VRRP_MASTER && world->nodes[i].life == LIFE_RUNNING)
            return &world->nodes[i];
    }
    return node;
}

/* A master that goes by its own will says so: who hears it need not wait for silence. */
static void disturb_gently(struct sim_world *world)
{
    unsigned int component[SIM_NODES_MAX];
    struct sim_node *node = draw_master_or_node(world);
    bool was_master = node->group.state == VRRP_MASTER && node->life == LIFE_RUNNING;

    for (unsigned int i = 0; i < SIM_NODES_MAX; i++)
        component[i] = world->convergence.component[i];
    gentle_disturbances[draw(world, COUNT(gentle_disturbances))](world, node);
    sim_convergence_begin(world, component,
                          was_master && node->life == LIFE_RUNNING && node->group.state != VRRP_MASTER);
    calm_until(world);
}

static void end_calm(struct sim_world *world)
{
    bool settled = world->now_ns >= world->convergence.settled_ns;

    sim_convergence_end(world);
    if (settled && chance(world, 50)) {
        disturb_gently(world);
        return;
    }
    world->network.loss_run_max = UINT32_MAX;
    world->disturbances = 1 + draw(world, 8);
    world->script_at_ns = world->now_ns + sim_random_between(&world->random, 0, world->scenario.interval.ns);
}

void sim_scenario_act(struct sim_world *world)
{
    if (world->convergence.calm) {
        end_calm(world);
        return;
    }
    disturbances[draw(world, COUNT(disturbances))](world, draw_node(world));
    if (--world->disturbances == 0)
        begin_calm(world);
    else
        world->script_at_ns =
            world->now_ns + sim_random_between(&world->random, 0, 2 * world->scenario.interval_max.ns);
}
