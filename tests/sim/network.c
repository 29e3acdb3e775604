/*
 * Links between simulated nodes. See network.h.
 */
#include "tests/sim/network.h"

#include <stdlib.h>
#include <string.h>

void sim_network_init(struct sim_network *network, int64_t max_delay_ns, bool multicast)
{
    memset(network, 0, sizeof(*network));
    network->max_delay_ns = max_delay_ns;
    network->multicast = multicast;
    network->loss_run_max = UINT32_MAX;
    memset(network->linked, true, sizeof(network->linked));
}

void sim_network_free(struct sim_network *network)
{
    free(network->heap);
    network->heap = NULL;
}

/* ------------------------------------------------------------------ packets under way */

static bool is_before(const struct sim_packet *a, const struct sim_packet *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void make_room(struct sim_network *network)
{
    if (network->count < network->room)
        return;
    network->room = network->room ? network->room * 2 : 64;
    network->heap = realloc(network->heap, network->room * sizeof(network->heap[0]));
    if (!network->heap)
        abort();
}

static void put(struct sim_network *network, const struct sim_packet *packet)
{
    unsigned int place = network->count;

    make_room(network);
    network->count++;
    while (place > 0 && is_before(packet, &network->heap[(place - 1) / 2])) {
        network->heap[place] = network->heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    network->heap[place] = *packet;
}

static unsigned int earlier_child(const struct sim_network *network, unsigned int place)
{
    unsigned int left = 2 * place + 1;

    if (left + 1 < network->count && is_before(&network->heap[left + 1], &network->heap[left]))
        return left + 1;
    return left;
}

struct sim_packet sim_network_take(struct sim_network *network)
{
    struct sim_packet first = network->heap[0];
    struct sim_packet last = network->heap[--network->count];
    unsigned int place = 0;

    for (unsigned int child; 2 * place + 1 < network->count; place = child) {
        child = earlier_child(network, place);
        if (!is_before(&network->heap[child], &last))
            break;
        network->heap[place] = network->heap[child];
    }
    if (network->count > 0)
        network->heap[place] = last;
    return first;
}

int64_t sim_network_next(const struct sim_network *network)
{
    return network->count > 0 ? network->heap[0].at_ns : SIM_NEVER;
}

/* ------------------------------------------------------------------ sending */

static bool is_lost(struct sim_world *world, const struct sim_packet *packet, bool lost_by_all)
{
    struct sim_network *network = &world->network;
    uint8_t *run = &network->loss_run[packet->net][packet->from][packet->to];
    bool lost = lost_by_all || sim_random_chance(&world->random, network->loss_percent);

    if (!lost || *run >= network->loss_run_max) {
        *run = 0;
        return false;
    }
    if (*run < UINT8_MAX)
        ++*run;
    world->totals->lost++;
    return true;
}

static void send_to(struct sim_world *world, struct sim_packet *packet, bool lost_by_all)
{
    struct sim_network *network = &world->network;
    int64_t *last = &network->last_arrival_ns[packet->net][packet->from][packet->to];

    if (!network->linked[packet->net][packet->from][packet->to] || is_lost(world, packet, lost_by_all))
        return;
    packet->at_ns = world->now_ns + sim_random_between(&world->random, 0, network->max_delay_ns);
    if (packet->at_ns < *last)
        packet->at_ns = *last;
    *last = packet->at_ns;
    packet->order = network->next_order++;
    put(network, packet);
}

void sim_network_send(struct sim_world *world, const struct sim_packet *packet)
{
    struct sim_network *network = &world->network;
    struct sim_packet copy = *packet;
    bool lost_by_all = network->multicast && network->loss_percent > 0 &&
                       sim_random_chance(&world->random, network->loss_percent / 2);

    for (unsigned int to = 0; to < world->scenario.node_count; to++) {
        if (to == packet->from)
            continue;
        copy.to = (uint8_t)to;
        world->totals->packets++;
        send_to(world, &copy, lost_by_all);
    }
}
