/*
 * Random numbers of which a seed gives the same ones every time.
 */
#ifndef TANDEM_TESTS_FUZZ_RANDOM_H
#define TANDEM_TESTS_FUZZ_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_random {
    uint64_t state; /* never 0 */
};

/* 0 to limit - 1; 0 of nothing. */
static inline size_t fuzz_random_below(struct fuzz_random *random, size_t limit)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return limit == 0 ? 0 : (size_t)(random->state % limit);
}

/* True once in so many times. */
static inline bool fuzz_random_once_in(struct fuzz_random *random, size_t times)
{
    return fuzz_random_below(random, times) == 0;
}

#endif
