/*
 * Sync groups: routers that change state together. A pure layer above router.h, without I/O.
 *
 *     MASTER   only if every member can: all were silent for their master down interval
 *     BACKUP   as soon as one member hears a better master
 *     FAULT    as long as one member has a reason of its own
 *
 * Every event for a member goes through vrrp_group_step, which passes it on, lets the others follow and hands
 * back what all of them have to do, in order. A router without a group is best run as a group of one, so that
 * the caller has one path. One timer serves the whole group: vrrp_group_deadline.
 *
 * A member that already is where its group goes makes no transition, so it is not told about twice: the
 * STATE_CHANGED actions in the list are exactly the notifications to send, the group's own after its
 * members'.
 *
 * Weights of members: without sync_group_tracking_weight the caller leaves them out of EVENT_PRIORITY.
 */
#ifndef TANDEM_VRRP_GROUP_H
#define TANDEM_VRRP_GROUP_H

#include "daemon/vrrp/router.h"

struct vrrp_group {
    struct vrrp_router **members; /* the caller's array and routers */
    unsigned int member_count;
    enum vrrp_state state;
};

/* In place of a member's index: ACTION_STATE_CHANGED of the group itself. */
#define VRRP_GROUP_ITSELF UINT32_MAX

struct vrrp_group_action {
    uint32_t member;
    enum vrrp_action_type type;
};

/* The caller's memory; room >= VRRP_GROUP_ROOM(member_count). */
struct vrrp_group_actions {
    struct vrrp_group_action *items;
    unsigned int room;
    unsigned int count;
};

/* A member is stepped at most three times a group step: by the event, by a fault, by mastership. */
#define VRRP_GROUP_ROOM(member_count) ((member_count)*3U * VRRP_ACTIONS_MAX + 1U)

/* members may be in INIT or running; members and the routers must outlive the group. After a reload changed
 * who belongs to it: stop a removed router by itself, init again and step EVENT_START, which starts members
 * in INIT and brings the others together. */
void vrrp_group_init(struct vrrp_group *group, struct vrrp_router **members, unsigned int member_count);

/*
 * Carries out one event; *actions is overwritten. ADVERT, PRIORITY, FAULT, FAULT_OVER, SETTINGS and SOURCE
 * are for the one member named. START, STOP, TIMER, PAUSED and RESUME are for all, whichever is named; RESUME
 * only if no peer can have taken over from any member. GROUP_* are not for callers, and ignored.
 */
void vrrp_group_step(struct vrrp_group *group, unsigned int member, const struct vrrp_event *event,
                     struct mono now, struct vrrp_group_actions *actions);

/* When EVENT_TIMER is due; unset = never. */
struct mono vrrp_group_deadline(const struct vrrp_group *group);

#endif
