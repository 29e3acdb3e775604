/* Links between simulated nodes: delay, loss, partitions. A link keeps the order of what it carries. */
#ifndef TANDEM_SIM_NETWORK_H
#define TANDEM_SIM_NETWORK_H

#include "tests/sim/world.h"

/* Every pair of nodes linked. */
void sim_network_init(struct sim_network *network, int64_t max_delay_ns, bool multicast);
void sim_network_free(struct sim_network *network);

/* An advert to all other nodes of the packet's net; .to, .at_ns and .order are filled in. */
void sim_network_send(struct sim_world *world, const struct sim_packet *packet);

/* When the next packet arrives; SIM_NEVER = none is under way. */
int64_t sim_network_next(const struct sim_network *network);
struct sim_packet sim_network_take(struct sim_network *network);

#endif
