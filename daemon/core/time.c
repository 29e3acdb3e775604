/*
 * The clock behind struct mono. See time.h.
 */
#include "daemon/core/time.h"

#include <time.h>

struct mono mono_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_BOOTTIME, &ts);
    return (struct mono){ts.tv_sec * NS_PER_S + ts.tv_nsec};
}

struct mono mono_earliest(struct mono a, struct mono b)
{
    if (!mono_is_set(a))
        return b;
    if (!mono_is_set(b))
        return a;
    return mono_before(a, b) ? a : b;
}
