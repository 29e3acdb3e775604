/*
 * A simulated box. See node.h.
 */
#include "tests/sim/node.h"

#include <stdio.h>

#include "tests/sim/network.h"

/* A peer's clock may be faster than ours: what it can have done is judged a little earlier. */
#define CLOCK_MARGIN_PPM 2000

/* ------------------------------------------------------------------ clocks */

static int64_t own_clock_at(const struct sim_node *node, int64_t true_ns)
{
    return true_ns + node->offset_ns + true_ns * node->rate_ppm / 1000000;
}

struct mono sim_node_time(const struct sim_node *node)
{
    return (struct mono){own_clock_at(node, node->world->now_ns)};
}

/* The first true time at which the node's clock shows that time. */
static int64_t true_time_of(const struct sim_node *node, struct mono own)
{
    int64_t elapsed = own.ns - node->offset_ns;
    int64_t true_ns = elapsed - elapsed * node->rate_ppm / (1000000 + node->rate_ppm);

    while (own_clock_at(node, true_ns) < own.ns)
        true_ns++;
    return true_ns;
}

static void arm(struct sim_node *node)
{
    struct mono deadline = vrrp_group_deadline(&node->group);

    if (node->life != LIFE_RUNNING)
        return;
    node->timer_at_ns = SIM_NEVER;
    if (!mono_is_set(deadline))
        return;
    node->timer_at_ns = true_time_of(node, deadline);
    if (node->timer_at_ns < node->world->now_ns)
        node->timer_at_ns = node->world->now_ns;
}

/* ------------------------------------------------------------------ events and actions */

static void transmit(struct sim_member *member, uint8_t priority)
{
    struct sim_packet packet = {
        .net = (uint8_t)member->net,
        .from = (uint8_t)member->node->index,
        .priority = priority,
        .interval = member->router.settings.advert_interval,
        .source = member->router.source,
    };

    member->last_advert = sim_node_time(member->node);
    sim_network_send(member->node->world, &packet);
}

static void carry_out(struct sim_node *node, const struct vrrp_group_action *action)
{
    struct sim_member *member;

    if (action->member == VRRP_GROUP_ITSELF)
        return;
    member = &node->members[action->member];
    switch (action->type) {
    case ACTION_SEND_ADVERT:
        transmit(member, member->router.effective_priority);
        break;
    case ACTION_SEND_ZERO:
        transmit(member, VRRP_PRIORITY_STOP);
        break;
    case ACTION_STATE_CHANGED:
        node->world->changed = true;
        node->world->totals->transitions++;
        break;
    case ACTION_TAKE:
    case ACTION_ADOPT:
    case ACTION_RELEASE:
    case ACTION_ANNOUNCE:
    case ACTION_PRIORITY_CHANGED:
    case ACTION_TYPE_COUNT:
        break;
    }
}

static void check_together(const struct sim_node *node)
{
    for (unsigned int i = 0; i < node->group.member_count; i++) {
        if (node->members[i].router.state != node->group.state)
            sim_violate(node->world, (struct sim_violation){
                                         .invariant = SIM_GROUP_TOGETHER, .node = node->index, .net = i});
    }
}

void sim_node_event(struct sim_node *node, unsigned int member, const struct vrrp_event *event)
{
    struct vrrp_group_action items[VRRP_GROUP_ROOM(SIM_MEMBERS_MAX)];
    struct vrrp_group_actions actions = {.items = items, .room = VRRP_GROUP_ROOM(SIM_MEMBERS_MAX)};

    vrrp_group_step(&node->group, member, event, sim_node_time(node), &actions);
    for (unsigned int i = 0; i < actions.count; i++)
        carry_out(node, &actions.items[i]);
    check_together(node);
    arm(node);
}

void sim_node_event_type(struct sim_node *node, enum vrrp_event_type type)
{
    sim_node_event(node, 0, &(struct vrrp_event){.type = type});
}

void sim_node_timer(struct sim_node *node)
{
    sim_node_event_type(node, EVENT_TIMER);
    if (node->timer_at_ns <= node->world->now_ns)
        sim_violate(node->world, (struct sim_violation){.invariant = SIM_TIMER_MOVES, .node = node->index});
}

/* ------------------------------------------------------------------ adverts */

static void hear(struct sim_node *node, const struct sim_packet *packet)
{
    const struct sim_member *member = &node->members[packet->net];
    bool v3 = member->router.settings.version == 3;
    struct vrrp_event event = {
        .type = EVENT_ADVERT,
        .advert = {.priority = packet->priority, .source = packet->source},
    };

    if (v3)
        event.advert.interval = packet->interval;
    else if (packet->interval.ns != member->router.settings.advert_interval.ns)
        return;
    sim_node_event(node, packet->net, &event);
}

void sim_node_receive(struct sim_node *node, const struct sim_packet *packet)
{
    switch (node->life) {
    case LIFE_RUNNING:
        hear(node, packet);
        break;
    case LIFE_STOPPED:
        if (node->queued < SIM_QUEUE_MAX)
            node->queue[node->queued++] = *packet;
        break;
    case LIFE_ASLEEP:
    case LIFE_DEAD:
        break;
    }
}

/* ------------------------------------------------------------------ pauses */

/* Whether a peer can have become master since our last advert, were it the quickest there may be. */
static bool peer_may_have_taken_over(const struct sim_member *member, struct mono now)
{
    int64_t shortest_ns = vrrp_shortest_peer_down_interval(&member->settings).ns;

    shortest_ns -= shortest_ns * CLOCK_MARGIN_PPM / 1000000;
    return mono_since(now, member->last_advert).ns >= shortest_ns;
}

static bool any_peer_may_have_taken_over(const struct sim_node *node)
{
    for (unsigned int i = 0; i < node->group.member_count; i++) {
        if (peer_may_have_taken_over(&node->members[i], sim_node_time(node)))
            return true;
    }
    return false;
}

/* The pause guard: a master asks what a peer may have done, a backup what it may have missed. */
static bool pause_matters(const struct sim_node *node)
{
    int64_t pause_ns = node->world->now_ns - node->frozen_at_ns;

    if (node->group.state == VRRP_MASTER)
        return any_peer_may_have_taken_over(node);
    return pause_ns >= node->members[0].settings.advert_interval.ns / 2;
}

void sim_node_freeze(struct sim_node *node, enum sim_life life, int64_t duration_ns)
{
    node->life = life;
    node->frozen_at_ns = node->world->now_ns;
    node->timer_at_ns = node->world->now_ns + duration_ns;
    node->queued = 0;
    node->world->changed = true;
}

/* First the pause, then what was said meanwhile, then timers. */
void sim_node_wake(struct sim_node *node)
{
    node->life = LIFE_RUNNING;
    node->woke = sim_node_time(node);
    node->world->changed = true;
    if (pause_matters(node))
        sim_node_event_type(node, EVENT_PAUSED);
    for (unsigned int i = 0; i < node->queued; i++)
        hear(node, &node->queue[i]);
    node->queued = 0;
    arm(node);
}

/* ------------------------------------------------------------------ the process */

static void tell_member(struct sim_node *node, unsigned int index)
{
    struct sim_member *member = &node->members[index];
    struct vrrp_event weight = {.type = EVENT_PRIORITY, .weight_sum = member->weight_sum};
    struct vrrp_event fault = {.type = EVENT_FAULT};

    sim_node_event(node, index, &weight);
    for (unsigned int i = 0; i < member->faults; i++)
        sim_node_event(node, index, &fault);
}

static void begin_routers(struct sim_node *node)
{
    for (unsigned int i = 0; i < node->world->scenario.member_count; i++) {
        struct sim_member *member = &node->members[i];

        vrrp_router_init(&member->router, &member->settings, &member->source);
        node->routers[i] = &member->router;
    }
    vrrp_group_init(&node->group, node->routers, node->world->scenario.member_count);
}

/* What a crash left behind is not ours any more. */
static void take_leftovers_off(struct sim_node *node)
{
    for (unsigned int i = 0; i < node->group.member_count; i++)
        node->members[i].notes.holds = false;
}

/* A backup's successor takes over what was learned: the last advert of the master it obeyed. */
static void replay_last_adverts(struct sim_node *node, const struct vrrp_router predecessors[])
{
    for (unsigned int i = 0; i < node->group.member_count; i++) {
        const struct vrrp_router *predecessor = &predecessors[i];
        struct vrrp_event event = {
            .type = EVENT_ADVERT,
            .advert = {.priority = predecessor->master_priority,
                       .interval = predecessor->master_interval,
                       .source = predecessor->master},
        };

        if (predecessor->state == VRRP_BACKUP && ip_address_is_set(&predecessor->master))
            sim_node_event(node, i, &event);
    }
}

void sim_node_boot(struct sim_node *node)
{
    bool resumes = node->resumable && !any_peer_may_have_taken_over(node);
    struct vrrp_router predecessors[SIM_MEMBERS_MAX];

    for (unsigned int i = 0; i < SIM_MEMBERS_MAX; i++)
        predecessors[i] = node->members[i].router;
    begin_routers(node);
    node->life = LIFE_RUNNING;
    node->resumable = false;
    for (unsigned int i = 0; i < node->group.member_count; i++)
        tell_member(node, i);
    if (!resumes)
        take_leftovers_off(node);
    sim_node_event_type(node, resumes ? EVENT_RESUME : EVENT_START);
    replay_last_adverts(node, predecessors);
    node->world->changed = true;
}

void sim_node_crash(struct sim_node *node)
{
    node->resumable = node->group.state == VRRP_MASTER;
    node->life = LIFE_DEAD;
    node->timer_at_ns = SIM_NEVER;
    node->queued = 0;
    node->world->changed = true;
}

/* ------------------------------------------------------------------ changes from outside */

void sim_node_reload(struct sim_node *node)
{
    for (unsigned int i = 0; i < node->group.member_count && node->life != LIFE_DEAD; i++) {
        struct vrrp_event event = {.type = EVENT_SETTINGS, .settings = &node->members[i].settings};

        sim_node_event(node, i, &event);
    }
    node->world->changed = true;
}

static void weigh_members(struct sim_node *node)
{
    struct vrrp_event event = {.type = EVENT_PRIORITY,
                               .weight_sum = node->outside_weight + node->tracking.weight};

    for (unsigned int i = 0; i < node->world->scenario.member_count; i++) {
        node->members[i].weight_sum = event.weight_sum;
        if (node->life != LIFE_DEAD)
            sim_node_event(node, i, &event);
    }
    node->world->changed = true;
}

void sim_node_weigh(struct sim_node *node, int32_t outside_weight)
{
    node->outside_weight = outside_weight;
    weigh_members(node);
}

void sim_node_track(struct sim_node *node, bool was_at_fault)
{
    weigh_members(node);
    for (unsigned int i = 0; i < node->world->scenario.member_count; i++) {
        if (node->tracking.fault && !was_at_fault)
            sim_node_fault(node, i);
        else if (!node->tracking.fault && was_at_fault)
            sim_node_fault_over(node, i);
    }
}

void sim_node_fault(struct sim_node *node, unsigned int member)
{
    struct vrrp_event event = {.type = EVENT_FAULT};

    node->members[member].faults++;
    if (node->life != LIFE_DEAD)
        sim_node_event(node, member, &event);
    node->world->changed = true;
}

void sim_node_fault_over(struct sim_node *node, unsigned int member)
{
    struct vrrp_event event = {.type = EVENT_FAULT_OVER};

    node->members[member].faults--;
    if (node->life != LIFE_DEAD)
        sim_node_event(node, member, &event);
    node->world->changed = true;
}

/* 192.0.2.host, 2001:db8::host: the same order on all networks. */
void sim_node_readdress(struct sim_node *node, unsigned int host)
{
    struct ip_address source = {.family = AF_INET, .bytes = {192, 0, 2, (uint8_t)host}};
    struct vrrp_event event = {.type = EVENT_SOURCE};

    if (node->world->scenario.ipv6)
        source =
            (struct ip_address){.family = AF_INET6, .bytes = {0x20, 0x01, 0x0d, 0xb8, [15] = (uint8_t)host}};
    event.source = source;
    for (unsigned int i = 0; i < node->world->scenario.member_count; i++) {
        node->members[i].source = source;
        if (node->life == LIFE_RUNNING)
            sim_node_event(node, i, &event);
    }
    node->world->changed = true;
}

/* ------------------------------------------------------------------ questions */

bool sim_node_is_faulty(const struct sim_node *node)
{
    for (unsigned int i = 0; i < node->world->scenario.member_count; i++) {
        if (node->members[i].faults > 0)
            return true;
    }
    return false;
}

bool sim_node_is_healthy(const struct sim_node *node)
{
    return node->life == LIFE_RUNNING && node->group.state != VRRP_INIT && !sim_node_is_faulty(node);
}
