/*
 * How many requests go into one send. See batch_pace.h.
 */
#include "daemon/kernel/batch_pace.h"

#define GROWTH_MAX 4

size_t batch_pace(size_t count, struct span took)
{
    size_t most = count * GROWTH_MAX < BATCH_MAX ? count * GROWTH_MAX : BATCH_MAX;
    int64_t fits;

    if (count == 0)
        return 1;
    if (took.ns <= 0)
        return most;
    fits = BATCH_BUDGET.ns * (int64_t)count / took.ns;
    if (fits < 1)
        return 1;
    return (size_t)fits < most ? (size_t)fits : most;
}
