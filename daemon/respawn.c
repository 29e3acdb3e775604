/*
 * The restart policy. See respawn.h.
 */
#include "daemon/respawn.h"

#define POISON_WITHIN span_s(10)
#define FIRST_DELAY   span_s(1)
#define LONGEST_DELAY span_s(60)
#define HEALED_AFTER  span_s(60)

struct mono respawn_after_death(struct respawn *respawn, struct mono now)
{
    struct mono oldest = respawn->deaths[RESPAWN_DEATHS - 2];

    for (int i = RESPAWN_DEATHS - 1; i > 0; i--)
        respawn->deaths[i] = respawn->deaths[i - 1];
    respawn->deaths[0] = now;
    if (mono_is_set(oldest) && mono_since(now, oldest).ns <= POISON_WITHIN.ns)
        respawn->poisoned = true;
    if (!respawn->poisoned)
        return now;
    respawn->delay.ns = respawn->delay.ns == 0 ? FIRST_DELAY.ns : respawn->delay.ns * 2;
    if (respawn->delay.ns > LONGEST_DELAY.ns)
        respawn->delay = LONGEST_DELAY;
    return mono_add(now, respawn->delay);
}

void respawn_has_run(struct respawn *respawn, struct span alive)
{
    if (alive.ns >= HEALED_AFTER.ns)
        *respawn = (struct respawn){0};
}
