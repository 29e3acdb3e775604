/*
 * Debounce of a link. See link_delay.h.
 */
#include "daemon/vrrp/link_delay.h"

#define SKEW_PART 256

static bool settle(struct link_delay *delay, bool works)
{
    bool changed = !delay->known || delay->works != works;

    delay->known = true;
    delay->works = works;
    delay->was_up = delay->was_up || works;
    delay->due = (struct mono){0};
    return changed;
}

bool link_delay_take(struct link_delay *delay, bool works, const struct link_patience *patience,
                     struct mono now)
{
    struct span wait = works ? patience->up : patience->down;

    if (!delay->known || !delay->was_up || works == delay->works || wait.ns == 0)
        return settle(delay, works);
    if (!mono_is_set(delay->due))
        delay->due = mono_add(now, wait);
    return false;
}

bool link_delay_pass(struct link_delay *delay, struct mono now)
{
    if (!mono_is_set(delay->due) || mono_before(now, delay->due))
        return false;
    return settle(delay, !delay->works);
}

struct link_patience link_patience_within(struct link_patience wanted, uint8_t down_timer_adverts,
                                          struct span master_interval)
{
    int64_t most_ns = (down_timer_adverts - 1) * master_interval.ns - master_interval.ns / SKEW_PART;
    bool alike = wanted.up.ns == wanted.down.ns;

    if (down_timer_adverts == 1)
        return (struct link_patience){{0}, {0}};
    if (wanted.down.ns <= most_ns)
        return wanted;
    wanted.down.ns = most_ns;
    if (alike)
        wanted.up.ns = most_ns;
    return wanted;
}
