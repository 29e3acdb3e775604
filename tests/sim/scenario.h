/*
 * What happens in a run: drawn from its seed.
 *
 * A run alternates between disturbed and calm phases. Disturbed: nodes crash, stand still, fail, are stopped
 * and reloaded, links break in any direction and lose adverts. Calm: whoever runs goes on running, every two
 * nodes either hear each other on all networks or on none, delays stay below their maximum, and a link loses
 * at most calm_loss_run adverts in a row. Some phases are gentle: one disturbance hits a settled network,
 * which is calm from that instant on.
 */
#ifndef TANDEM_SIM_SCENARIO_H
#define TANDEM_SIM_SCENARIO_H

#include "tests/sim/world.h"

/* Draws nodes, settings and network, and boots all nodes. */
void sim_scenario_begin(struct sim_world *world);

/* script_at_ns was reached: disturbs, or begins the next phase. */
void sim_scenario_act(struct sim_world *world);

#endif
