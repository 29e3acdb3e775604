/*
 * The simulator's own random numbers (splitmix64): the same seed gives the same run on every machine.
 */
#ifndef TANDEM_SIM_RANDOM_H
#define TANDEM_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct sim_random {
    uint64_t state;
};

static inline uint64_t sim_random_next(struct sim_random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15U;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* 0 .. limit - 1; the bias is far below anything counted here. */
static inline uint64_t sim_random_below(struct sim_random *random, uint64_t limit)
{
    return sim_random_next(random) % limit;
}

static inline int64_t sim_random_between(struct sim_random *random, int64_t low, int64_t high)
{
    return low + (int64_t)sim_random_below(random, (uint64_t)(high - low) + 1);
}

static inline bool sim_random_chance(struct sim_random *random, unsigned int percent)
{
    return sim_random_below(random, 100) < percent;
}

#endif
