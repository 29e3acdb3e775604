/*
 * Standing by for a takeover, see stand_by.h. The kernel sends a real-time task that it wakes to a processor
 * where it need not wait; only its affinity (sched_setaffinity(2)) keeps it where vrrp runs.
 */
#include "daemon/kernel/stand_by.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#define LONGEST span_ms(50) /* vrrp asks 8 ms ahead */

struct stand_by {
    cpu_set_t usual; /* while active: where the process may run otherwise */
    struct loop_timer *over;
    bool active;
};

static void is_over(void *data)
{
    stand_by_end(data);
}

struct stand_by *stand_by_new(struct loop *loop)
{
    struct stand_by *stand_by = calloc(1, sizeof(*stand_by));

    if (stand_by == NULL)
        abort();
    stand_by->over = loop_timer_new(loop, is_over, stand_by);
    return stand_by;
}

/* Whatever the kernel refuses: then links is woken where it is, as for anything else. */
void stand_by_begin(struct stand_by *stand_by, uint32_t cpu)
{
    cpu_set_t there;

    if (stand_by->active || cpu >= CPU_SETSIZE ||
        sched_getaffinity(0, sizeof(stand_by->usual), &stand_by->usual) != 0 ||
        !CPU_ISSET(cpu, &stand_by->usual))
        return;
    CPU_ZERO(&there);
    CPU_SET(cpu, &there);
    loop_timer_in(stand_by->over, LONGEST);
    stand_by->active = sched_setaffinity(0, sizeof(there), &there) == 0;
}

void stand_by_end(struct stand_by *stand_by)
{
    if (!stand_by->active)
        return;
    loop_timer_stop(stand_by->over);
    stand_by->active = false;
    sched_setaffinity(0, sizeof(stand_by->usual), &stand_by->usual);
}
