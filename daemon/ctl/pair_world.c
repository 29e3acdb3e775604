/*
 * Two machines on a network that loses nothing: the daemon's state machines (daemon/vrrp/router.h, group.h)
 * and its judgement of what is tracked (track.h), run before and after a failure. See pair.h.
 *
 * Instances that have nothing to do with each other are run apart: a part of the world is the groups of both
 * boxes that are bound together by virtual routers they share.
 */
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "daemon/ctl/pair.h"
#include "daemon/vrrp/group.h"
#include "daemon/vrrp/interfaces.h"
#include "daemon/vrrp/settings.h"
#include "daemon/vrrp/track.h"

#define TRANSIT_NS (INT64_C(1000000))
#define START_NS   (INT64_C(1000000000))
#define STEPS_MAX  (1U << 22) /* of one run: enough for minutes of the shortest intervals */

struct unit;

/* One instance of one box. */
struct member {
    UT_hash_handle hh; /* by .conf */
    const struct conf_instance *conf;
    struct unit *unit;
    unsigned int place; /* in the unit */
    size_t match;
    struct member *peer; /* NULL = alone */
    bool deaf;           /* to its peer */
    bool faulty;
    struct vrrp_settings settings;
    struct vrrp_router router;
};

/* A sync group, or an instance without one. */
struct unit {
    const struct conf_sync_group *conf; /* NULL = none */
    unsigned int box;
    struct vrrp_group group;
    struct member **members;
    struct vrrp_router **routers;
    unsigned int count;
    bool found; /* in a part */
    struct unit *next_of_part;
};

struct packet {
    struct member *from;
    int64_t at_ns;
    uint8_t priority;
};

struct pair_world {
    const struct pair *pair;
    const struct pair_failure *failures;
    size_t failure_count;
    struct member *by_conf;
    struct unit *units;
    size_t unit_count;
    struct track_state *states; /* as healthy, one for each failure */
    const struct pair_failure *failed;
    struct track_state failed_state;
    struct interfaces *interfaces[PAIR_BOXES];
    struct mono now;
    struct packet *packets; /* in the order of arrival */
    size_t packet_first, packet_end, packet_room;
    int64_t *changed_ns; /* of each match: its last change of state */
};

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);

    if (memory == NULL)
        abort();
    return memory;
}

/* ------------------------------------------------------------------ what is known of the surroundings */

struct viewpoint {
    const struct pair_world *world;
    unsigned int box;
};

static bool is_state_of(const struct pair_failure *failure, unsigned int box, uint64_t key)
{
    return failure->box == box && failure->key == key && failure->kind != PAIR_BOX &&
           failure->kind != PAIR_INTERFACE;
}

static const struct track_state *find_state(const void *data, uint64_t key)
{
    const struct viewpoint *view = data;
    const struct pair_world *world = view->world;

    if (world->failed != NULL && is_state_of(world->failed, view->box, key))
        return &world->failed_state;
    for (size_t i = 0; i < world->failure_count; i++) {
        if (is_state_of(&world->failures[i], view->box, key))
            return &world->states[i];
    }
    return NULL;
}

static struct track_state state_of(const struct pair_failure *failure, bool failed)
{
    bool up = failed == failure->inverted;

    if (failure->kind == PAIR_FILE)
        return (struct track_state){.verdict = TRACK_UP, .value = failed ? failure->value : 0};
    return (struct track_state){.verdict = up ? TRACK_UP : TRACK_DOWN};
}

static struct ip_address address_of(unsigned int box, uint8_t family)
{
    if (family == AF_INET)
        return (struct ip_address){.family = AF_INET, .bytes = {192, 0, 2, (uint8_t)(box + 1)}};
    return (struct ip_address){.family = AF_INET6, .bytes = {0xfe, 0x80, [15] = (uint8_t)(box + 1)}};
}

/* Its own address is what the configuration says, or what the peer knows it by. */
static struct ip_address source_of(const struct member *member)
{
    if (ip_address_is_set(&member->conf->source))
        return member->conf->source;
    if (member->peer != NULL && member->peer->conf->unicast_peers.count == 1)
        return member->peer->conf->unicast_peers.items[0]->address;
    return address_of(member->unit->box, member->conf->family);
}

static void tell_of_interface(struct pair_world *world, const struct pair_failure *interface, bool failed)
{
    const struct conf_model *model = world->pair->models[interface->box];
    struct links_interface news = {.ifindex = 1, .flags = INTERFACE_EXISTS};

    strncpy(news.name, interface->name, sizeof(news.name) - 1);
    if (failed == interface->inverted)
        news.flags |= INTERFACE_UP | INTERFACE_RUNNING;
    news.primary_ipv4 = address_of(interface->box, AF_INET);
    news.primary_ipv6 = address_of(interface->box, AF_INET6);
    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        if (!instance->track_source || instance->interface == NULL ||
            strcmp(instance->interface, interface->name) != 0)
            continue;
        *(instance->family == AF_INET ? &news.primary_ipv4 : &news.primary_ipv6) = instance->source;
    }
    interfaces_update(world->interfaces[interface->box], &news, NULL, (struct mono){0});
}

static void tell_of_all(struct pair_world *world)
{
    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        world->interfaces[box] = interfaces_new();
    world->states = allocate(world->failure_count, sizeof(*world->states));
    for (size_t i = 0; i < world->failure_count; i++) {
        world->states[i] = state_of(&world->failures[i], false);
        if (world->failures[i].kind == PAIR_INTERFACE)
            tell_of_interface(world, &world->failures[i], false);
    }
}

/* ------------------------------------------------------------------ members and units */

static struct member *find_member(const struct pair_world *world, const struct conf_instance *conf)
{
    struct member *member;

    HASH_FIND_PTR(world->by_conf, &conf, member);
    return member;
}

static void add_unit(struct pair_world *world, unsigned int box, const struct conf_sync_group *group,
                     struct conf_instance *const *instances, unsigned int count)
{
    struct unit *unit = &world->units[world->unit_count++];

    unit->box = box;
    unit->conf = group;
    unit->count = count;
    unit->members = allocate(count, sizeof(struct member *));
    unit->routers = allocate(count, sizeof(struct vrrp_router *));
    for (unsigned int i = 0; i < count; i++) {
        struct member *member = find_member(world, instances[i]);

        member->unit = unit;
        member->place = i;
        unit->members[i] = member;
        unit->routers[i] = &member->router;
    }
}

static void add_members(struct pair_world *world)
{
    const struct pair *pair = world->pair;

    for (size_t i = 0; i < pair->match_count; i++) {
        struct member *both[PAIR_BOXES] = {0};

        for (unsigned int box = 0; box < PAIR_BOXES; box++) {
            if (pair->matches[i].of[box] == NULL)
                continue;
            both[box] = allocate(1, sizeof(*both[box]));
            both[box]->conf = pair->matches[i].of[box];
            both[box]->settings = instance_settings(both[box]->conf);
            both[box]->match = i;
            HASH_ADD_PTR(world->by_conf, conf, both[box]);
        }
        if (both[0] == NULL || both[1] == NULL)
            continue;
        both[0]->peer = both[1];
        both[1]->peer = both[0];
        both[0]->deaf = pair_is_deaf(both[0]->conf, both[1]->conf);
        both[1]->deaf = pair_is_deaf(both[1]->conf, both[0]->conf);
    }
}

static void add_units(struct pair_world *world, unsigned int box)
{
    const struct conf_model *model = world->pair->models[box];

    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        const struct conf_sync_group *group = model->sync_groups.items[i];

        add_unit(world, box, group, group->members.items, group->members.count);
    }
    for (uint32_t i = 0; i < model->instances.count; i++) {
        if (find_member(world, model->instances.items[i])->unit == NULL)
            add_unit(world, box, NULL, &model->instances.items[i], 1);
    }
}

struct pair_world *pair_world_new(const struct pair *pair, const struct pair_failure *failures, size_t count)
{
    struct pair_world *world = allocate(1, sizeof(*world));
    size_t most = 0;

    world->pair = pair;
    world->failures = failures;
    world->failure_count = count;
    world->changed_ns = allocate(pair->match_count, sizeof(*world->changed_ns));
    tell_of_all(world);
    add_members(world);
    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        most += pair->models[box]->instances.count + pair->models[box]->sync_groups.count;
    world->units = allocate(most, sizeof(*world->units));
    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        add_units(world, box);
    return world;
}

void pair_world_free(struct pair_world *world)
{
    struct member *member, *next;

    HASH_ITER(hh, world->by_conf, member, next)
    {
        HASH_DEL(world->by_conf, member);
        free(member);
    }
    for (size_t i = 0; i < world->unit_count; i++) {
        free(world->units[i].members);
        free(world->units[i].routers);
    }
    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        interfaces_free(world->interfaces[box]);
    free(world->units);
    free(world->states);
    free(world->changed_ns);
    free(world->packets);
    free(world);
}

/* ------------------------------------------------------------------ events */

static bool is_dead(const struct pair_world *world, unsigned int box)
{
    return world->failed != NULL && world->failed->kind == PAIR_BOX && world->failed->box == box;
}

/* Whether packets go through its interface. */
static bool is_connected(const struct pair_world *world, const struct member *member)
{
    const struct interfaces *interfaces = world->interfaces[member->unit->box];

    if (is_dead(world, member->unit->box))
        return false;
    return member->conf->interface == NULL ||
           interface_works(interfaces_find(interfaces, member->conf->interface));
}

static void send_advert(struct pair_world *world, struct member *from, uint8_t priority)
{
    if (from->peer == NULL || !is_connected(world, from))
        return;
    if (world->packet_first == world->packet_end)
        world->packet_first = world->packet_end = 0;
    if (world->packet_end == world->packet_room) {
        world->packet_room = world->packet_room == 0 ? 16 : 2 * world->packet_room;
        world->packets = realloc(world->packets, world->packet_room * sizeof(*world->packets));
        if (world->packets == NULL)
            abort();
    }
    world->packets[world->packet_end++] =
        (struct packet){.from = from, .at_ns = world->now.ns + TRANSIT_NS, .priority = priority};
}

static void step(struct pair_world *world, struct unit *unit, unsigned int place,
                 const struct vrrp_event *event)
{
    struct vrrp_group_actions actions = {.room = VRRP_GROUP_ROOM(unit->count)};

    actions.items = allocate(actions.room, sizeof(*actions.items));
    vrrp_group_step(&unit->group, place, event, world->now, &actions);
    for (unsigned int i = 0; i < actions.count; i++) {
        struct member *member;

        if (actions.items[i].member == VRRP_GROUP_ITSELF)
            continue;
        member = unit->members[actions.items[i].member];
        if (actions.items[i].type == ACTION_SEND_ADVERT)
            send_advert(world, member, member->router.effective_priority);
        else if (actions.items[i].type == ACTION_SEND_ZERO)
            send_advert(world, member, VRRP_PRIORITY_STOP);
        else if (actions.items[i].type == ACTION_STATE_CHANGED)
            world->changed_ns[member->match] = world->now.ns;
    }
    free(actions.items);
}

static void look(struct pair_world *world, struct member *member)
{
    struct viewpoint view = {world, member->unit->box};
    struct vrrp_surroundings surroundings = {
        .interfaces = world->interfaces[view.box], .find = find_state, .data = &view};
    struct vrrp_event priority = {.type = EVENT_PRIORITY}, fault = {.type = EVENT_FAULT};
    struct vrrp_track track;

    vrrp_track_look(member->conf, member->unit->conf, &surroundings, &track);
    priority.weight_sum = track.weight_sum;
    if (track.weight_sum != member->router.weight_sum)
        step(world, member->unit, member->place, &priority);
    if ((track.faults != 0) == member->faulty)
        return;
    member->faulty = track.faults != 0;
    if (!member->faulty)
        fault.type = EVENT_FAULT_OVER;
    step(world, member->unit, member->place, &fault);
}

static void look_at_unit(struct pair_world *world, struct unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++)
        look(world, unit->members[i]);
}

static void deliver(struct pair_world *world, const struct packet *packet)
{
    const struct member *from = packet->from, *to = from->peer;
    struct vrrp_event event = {
        .type = EVENT_ADVERT,
        .advert = {.priority = packet->priority, .source = from->router.source},
    };

    if (to->deaf || !is_connected(world, to))
        return;
    if (from->settings.version == 3)
        event.advert.interval = from->settings.advert_interval;
    step(world, to->unit, to->place, &event);
}

/* ------------------------------------------------------------------ time */

static struct unit *next_unit(const struct pair_world *world, struct unit *part, struct mono *due)
{
    struct unit *next = NULL;

    *due = (struct mono){0};
    for (struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        struct mono deadline = vrrp_group_deadline(&unit->group);

        if (is_dead(world, unit->box) || !mono_is_set(deadline))
            continue;
        if (next == NULL || mono_before(deadline, *due)) {
            next = unit;
            *due = deadline;
        }
    }
    return next;
}

static void run_until(struct pair_world *world, struct unit *part, int64_t until_ns)
{
    for (unsigned int steps = 0; steps < STEPS_MAX; steps++) {
        bool packets = world->packet_first < world->packet_end;
        int64_t packet_ns = packets ? world->packets[world->packet_first].at_ns : INT64_MAX;
        struct mono due;
        struct unit *unit = next_unit(world, part, &due);
        int64_t at_ns = unit != NULL && due.ns < packet_ns ? due.ns : packet_ns;

        if (at_ns > until_ns)
            break;
        if (at_ns > world->now.ns)
            world->now.ns = at_ns;
        if (at_ns == packet_ns) {
            struct packet packet = world->packets[world->packet_first++];

            deliver(world, &packet);
        } else {
            step(world, unit, 0, &(struct vrrp_event){.type = EVENT_TIMER});
        }
    }
    world->now.ns = until_ns;
}

/* Long enough for every timer to have run out three times. */
static int64_t patience_ns(const struct unit *part)
{
    int64_t longest_us = 0;

    for (const struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        for (unsigned int i = 0; i < unit->count; i++) {
            const struct conf_instance *conf = unit->members[i]->conf;
            int64_t own_us =
                conf->advert_interval_us * (conf->down_timer_adverts + 2) + conf->preempt_delay_us;

            longest_us = own_us > longest_us ? own_us : longest_us;
        }
    }
    return 3 * span_us(longest_us).ns;
}

/* ------------------------------------------------------------------ parts of the world */

static void add_to_part(struct unit *unit, struct unit **last)
{
    if (unit->found)
        return;
    unit->found = true;
    unit->next_of_part = NULL;
    (*last)->next_of_part = unit;
    *last = unit;
}

/* Everything bound together with that unit, as a list that begins with it. */
static void find_part(struct unit *first)
{
    struct unit *last = first;

    first->found = true;
    first->next_of_part = NULL;
    for (struct unit *unit = first; unit != NULL; unit = unit->next_of_part) {
        for (unsigned int i = 0; i < unit->count; i++) {
            if (unit->members[i]->peer != NULL)
                add_to_part(unit->members[i]->peer->unit, &last);
        }
    }
}

static bool is_touched(const struct unit *part, const struct pair_failure *failure)
{
    for (const struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        for (unsigned int i = 0; unit->box == failure->box && i < unit->count; i++) {
            if (pair_failure_touches(failure, unit->members[i]->conf, unit->conf))
                return true;
        }
    }
    return false;
}

static void boot(struct pair_world *world, struct unit *part)
{
    world->failed = NULL;
    world->now.ns = START_NS;
    world->packet_first = world->packet_end = 0;
    for (struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        for (unsigned int i = 0; i < unit->count; i++) {
            struct member *member = unit->members[i];
            struct ip_address source = source_of(member);

            member->faulty = false;
            world->changed_ns[member->match] = 0;
            vrrp_router_init(&member->router, &member->settings, &source);
        }
        vrrp_group_init(&unit->group, unit->routers, unit->count);
    }
    for (struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        look_at_unit(world, unit);
        step(world, unit, 0, &(struct vrrp_event){.type = EVENT_START});
    }
    run_until(world, part, world->now.ns + patience_ns(part));
}

static void fail(struct pair_world *world, struct unit *part, const struct pair_failure *failure)
{
    world->failed = failure;
    world->failed_state = state_of(failure, true);
    if (failure->kind == PAIR_INTERFACE)
        tell_of_interface(world, failure, true);
    for (struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        if (unit->box == failure->box && failure->kind != PAIR_BOX)
            look_at_unit(world, unit);
    }
    run_until(world, part, world->now.ns + patience_ns(part));
}

/* ------------------------------------------------------------------ what came of it */

static bool is_master(const struct pair_world *world, const struct member *member)
{
    return member->router.state == VRRP_MASTER && is_connected(world, member);
}

static void note_masters(const struct pair_world *world, const struct unit *part, bool after,
                         struct pair_outcome *outcomes)
{
    for (const struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        for (unsigned int i = 0; i < unit->count; i++) {
            struct pair_outcome *outcome = &outcomes[unit->members[i]->match];
            unsigned int bit = is_master(world, unit->members[i]) ? 1U << unit->box : 0;

            *(after ? &outcome->after : &outcome->before) |= bit;
        }
    }
}

static enum pair_verdict judge(const struct pair_outcome *outcome, unsigned int failed_box)
{
    const unsigned int all = (1U << PAIR_BOXES) - 1, failed = 1U << failed_box;

    if (outcome->before == 0 || outcome->after == 0)
        return PAIR_NOBODY;
    if (outcome->before == all || outcome->after == all)
        return PAIR_BOTH;
    if (outcome->before == failed)
        return outcome->after == failed ? PAIR_NO_FAILOVER : PAIR_FAILS_OVER;
    return outcome->after == failed ? PAIR_MOVES : PAIR_STAYS;
}

static void judge_part(const struct pair_world *world, const struct unit *part,
                       const struct pair_failure *failure, int64_t failed_ns, struct pair_outcome *outcomes)
{
    for (const struct unit *unit = part; unit != NULL; unit = unit->next_of_part) {
        for (unsigned int i = 0; i < unit->count; i++) {
            size_t match = unit->members[i]->match;

            outcomes[match].verdict = judge(&outcomes[match], failure->box);
            if (world->changed_ns[match] >= failed_ns)
                outcomes[match].seconds = (double)(world->changed_ns[match] - failed_ns) / 1e9;
        }
    }
}

static void run_part(struct pair_world *world, struct unit *part, const struct pair_failure *failure,
                     struct pair_outcome *outcomes)
{
    int64_t failed_ns;

    boot(world, part);
    note_masters(world, part, false, outcomes);
    failed_ns = world->now.ns;
    fail(world, part, failure);
    note_masters(world, part, true, outcomes);
    judge_part(world, part, failure, failed_ns, outcomes);
    world->failed = NULL;
    if (failure->kind == PAIR_INTERFACE)
        tell_of_interface(world, failure, false);
}

void pair_world_run(struct pair_world *world, const struct pair_failure *failure,
                    struct pair_outcome *outcomes)
{
    memset(outcomes, 0, world->pair->match_count * sizeof(*outcomes));
    for (size_t i = 0; i < world->unit_count; i++)
        world->units[i].found = false;
    for (size_t i = 0; i < world->unit_count; i++) {
        struct unit *part = &world->units[i];

        if (part->found)
            continue;
        find_part(part);
        if (is_touched(part, failure))
            run_part(world, part, failure, outcomes);
    }
}

bool pair_verdict_is_good(enum pair_verdict verdict)
{
    return verdict == PAIR_UNTOUCHED || verdict == PAIR_STAYS || verdict == PAIR_FAILS_OVER;
}
