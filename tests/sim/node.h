/*
 * A simulated box: its clock, its process, and around router.c and group.c what the vrrp process does.
 */
#ifndef TANDEM_SIM_NODE_H
#define TANDEM_SIM_NODE_H

#include "tests/sim/world.h"

/* The node's own clock, now. */
struct mono sim_node_time(const struct sim_node *node);

/* A process begins: resumes if its predecessor was master and nobody can have taken over, else starts. */
void sim_node_boot(struct sim_node *node);
void sim_node_crash(struct sim_node *node);

/* A group event for one member; the actions are carried out. */
void sim_node_event(struct sim_node *node, unsigned int member, const struct vrrp_event *event);
void sim_node_event_type(struct sim_node *node, enum vrrp_event_type type);

/* LIFE_STOPPED or LIFE_ASLEEP for that long; sim_node_wake ends it. */
void sim_node_freeze(struct sim_node *node, enum sim_life life, int64_t duration_ns);
void sim_node_wake(struct sim_node *node);

/* timer_at_ns was reached. */
void sim_node_timer(struct sim_node *node);
void sim_node_receive(struct sim_node *node, const struct sim_packet *packet);

/* What the members' settings, weight, fault count and source say reaches the routers. */
void sim_node_reload(struct sim_node *node);
void sim_node_weigh(struct sim_node *node, int32_t outside_weight);
/* Its tracking changed from these. */
void sim_node_track(struct sim_node *node, bool was_at_fault);
void sim_node_fault(struct sim_node *node, unsigned int member);
void sim_node_fault_over(struct sim_node *node, unsigned int member);
void sim_node_readdress(struct sim_node *node, unsigned int host);

/* Its routers are in service or could be: running, started, no reason for FAULT. */
bool sim_node_is_healthy(const struct sim_node *node);
bool sim_node_is_faulty(const struct sim_node *node);

#endif
