/*
 * Sync groups. See group.h.
 *
 * A step has three parts: the event goes to its member or members, then the group settles what it changed
 * (faults first, mastership after), then its own state is compared with what it was. Nothing in here calls
 * itself, and each part visits each member at most once.
 */
#include "daemon/vrrp/group.h"

#include <assert.h>

struct group_step {
    struct vrrp_group *group;
    struct mono now;
    struct vrrp_group_actions *actions;
};

static void add(struct vrrp_group_actions *actions, uint32_t member, enum vrrp_action_type type)
{
    assert(actions->count < actions->room);
    actions->items[actions->count++] = (struct vrrp_group_action){.member = member, .type = type};
}

static void deliver(struct group_step *step, unsigned int member, const struct vrrp_event *event)
{
    struct vrrp_actions actions;

    vrrp_router_step(step->group->members[member], event, step->now, &actions);
    for (unsigned int i = 0; i < actions.count; i++)
        add(step->actions, member, actions.items[i]);
}

static void deliver_type(struct group_step *step, unsigned int member, enum vrrp_event_type type)
{
    deliver(step, member, &(struct vrrp_event){.type = type});
}

static void deliver_to_all(struct group_step *step, const struct vrrp_event *event)
{
    for (unsigned int i = 0; i < step->group->member_count; i++)
        deliver(step, i, event);
}

static unsigned int count_in_state(const struct vrrp_group *group, enum vrrp_state state)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < group->member_count; i++)
        count += group->members[i]->state == state;
    return count;
}

/* Members that were not started yet have no say. */
static enum vrrp_state state_of_members(const struct vrrp_group *group)
{
    if (count_in_state(group, VRRP_FAULT) > 0)
        return VRRP_FAULT;
    if (count_in_state(group, VRRP_BACKUP) > 0)
        return VRRP_BACKUP;
    return count_in_state(group, VRRP_MASTER) > 0 ? VRRP_MASTER : VRRP_INIT;
}

/* ------------------------------------------------------------------ events to members */

/* The member that was silent longest has waited for this one: its silence decides. */
static unsigned int last_to_be_ready(const struct vrrp_group *group)
{
    unsigned int last = 0;

    for (unsigned int i = 1; i < group->member_count; i++) {
        if (mono_before(group->members[last]->master_down_due, group->members[i]->master_down_due))
            last = i;
    }
    return last;
}

static bool all_ready(const struct group_step *step)
{
    for (unsigned int i = 0; i < step->group->member_count; i++) {
        if (!vrrp_router_is_ready(step->group->members[i], step->now))
            return false;
    }
    return true;
}

static void go_master(struct group_step *step, unsigned int leader)
{
    deliver_type(step, leader, EVENT_TIMER);
    for (unsigned int i = 0; i < step->group->member_count; i++) {
        if (i != leader)
            deliver_type(step, i, EVENT_GROUP_MASTER);
    }
}

/* Members that are MASTER send their adverts; members in BACKUP wait for each other. */
static void group_timer(struct group_step *step)
{
    for (unsigned int i = 0; i < step->group->member_count; i++) {
        if (step->group->members[i]->state == VRRP_MASTER)
            deliver_type(step, i, EVENT_TIMER);
    }
    if (all_ready(step))
        go_master(step, last_to_be_ready(step->group));
}

/* A master of lower priority spoke, so its whole group was master: neighbours of our other members, too, may
 * have learned the wrong way, and there we hear nothing. */
static void announce_others(struct group_step *step, unsigned int member)
{
    bool announces = false;

    for (unsigned int i = 0; i < step->actions->count; i++)
        announces = announces || step->actions->items[i].type == ACTION_ANNOUNCE;
    if (!announces)
        return;
    for (unsigned int i = 0; i < step->group->member_count; i++) {
        if (i != member && step->group->members[i]->state == VRRP_MASTER)
            add(step->actions, i, ACTION_ANNOUNCE);
    }
}

static void pass_on(struct group_step *step, unsigned int member, const struct vrrp_event *event)
{
    switch (event->type) {
    case EVENT_START:
    case EVENT_STOP:
    case EVENT_PAUSED:
    case EVENT_RESUME:
        deliver_to_all(step, event);
        break;
    case EVENT_TIMER:
        group_timer(step);
        break;
    case EVENT_ADVERT:
        deliver(step, member, event);
        announce_others(step, member);
        break;
    case EVENT_PRIORITY:
    case EVENT_FAULT:
    case EVENT_FAULT_OVER:
    case EVENT_SETTINGS:
    case EVENT_SOURCE:
        deliver(step, member, event);
        break;
    case EVENT_GROUP_MASTER:
    case EVENT_GROUP_BACKUP:
    case EVENT_GROUP_FAULT:
    case EVENT_GROUP_FAULT_OVER:
    case EVENT_TYPE_COUNT:
        break;
    }
}

/* ------------------------------------------------------------------ settling */

static unsigned int count_faulty(const struct vrrp_group *group)
{
    unsigned int count = 0;

    for (unsigned int i = 0; i < group->member_count; i++)
        count += group->members[i]->faults > 0;
    return count;
}

/* Each member knows whether another one has a reason for FAULT. */
static void settle_faults(struct group_step *step)
{
    unsigned int faulty = count_faulty(step->group);

    for (unsigned int i = 0; i < step->group->member_count; i++) {
        const struct vrrp_router *router = step->group->members[i];
        bool others_faulty = faulty > (router->faults > 0 ? 1U : 0U);

        if (others_faulty != router->group_fault)
            deliver_type(step, i, others_faulty ? EVENT_GROUP_FAULT : EVENT_GROUP_FAULT_OVER);
    }
}

static void deliver_to_state(struct group_step *step, enum vrrp_state state, enum vrrp_event_type type)
{
    for (unsigned int i = 0; i < step->group->member_count; i++) {
        if (step->group->members[i]->state == state)
            deliver_type(step, i, type);
    }
}

/* A member in BACKUP takes the others along, unless it has just joined a group that is master. */
static void settle_mastership(struct group_step *step, enum vrrp_event_type type)
{
    const struct vrrp_group *group = step->group;

    if (count_in_state(group, VRRP_MASTER) == 0 || count_in_state(group, VRRP_BACKUP) == 0)
        return;
    if (type == EVENT_START && group->state == VRRP_MASTER)
        deliver_to_state(step, VRRP_BACKUP, EVENT_GROUP_MASTER);
    else
        deliver_to_state(step, VRRP_MASTER, EVENT_GROUP_BACKUP);
}

/* Only a group of owners begins as master: otherwise a member would be pulled back at once. */
static void settle_owners(struct vrrp_group *group)
{
    bool all_owners = true;

    for (unsigned int i = 0; i < group->member_count; i++)
        all_owners = all_owners && group->members[i]->settings.base_priority == VRRP_PRIORITY_OWNER;
    for (unsigned int i = 0; i < group->member_count; i++)
        vrrp_router_start_as_backup(group->members[i], !all_owners);
}

/* ------------------------------------------------------------------ the interface */

void vrrp_group_step(struct vrrp_group *group, unsigned int member, const struct vrrp_event *event,
                     struct mono now, struct vrrp_group_actions *actions)
{
    struct group_step step = {.group = group, .now = now, .actions = actions};
    enum vrrp_state state;

    assert(member < group->member_count && actions->room >= VRRP_GROUP_ROOM(group->member_count));
    actions->count = 0;
    pass_on(&step, member, event);
    if (event->type == EVENT_SETTINGS)
        settle_owners(group);
    settle_faults(&step);
    settle_mastership(&step, event->type);
    state = state_of_members(group);
    if (state == group->state)
        return;
    group->state = state;
    add(actions, VRRP_GROUP_ITSELF, ACTION_STATE_CHANGED);
}

static struct mono latest_master_down(const struct vrrp_group *group)
{
    return group->members[last_to_be_ready(group)]->master_down_due;
}

static struct mono earliest_advert(const struct vrrp_group *group)
{
    struct mono earliest = {0};

    for (unsigned int i = 0; i < group->member_count; i++)
        earliest = mono_earliest(earliest, group->members[i]->advert_due);
    return earliest;
}

struct mono vrrp_group_deadline(const struct vrrp_group *group)
{
    if (count_in_state(group, VRRP_MASTER) > 0)
        return earliest_advert(group);
    if (count_in_state(group, VRRP_BACKUP) == group->member_count)
        return latest_master_down(group);
    return (struct mono){0};
}

void vrrp_group_init(struct vrrp_group *group, struct vrrp_router **members, unsigned int member_count)
{
    assert(member_count > 0);
    group->members = members;
    group->member_count = member_count;
    group->state = state_of_members(group);
    settle_owners(group);
}
