/*
 * The VIP lease. See lease.h.
 */
#include "daemon/kernel/lease.h"

#include "conf/model.h"

#define RENEWALS_A_LIFETIME 3
#define AFFORDABLE_PART     0.01 /* of a core */
#define STRETCH_MAX         1.5  /* from a third to a half */
#define MEASURED_ENOUGH     3
#define BEYOND_DOUBT        4.0 /* times the affordable: one measurement is enough */

void lease_begin(struct lease *lease, int64_t lease_ns, struct mono now)
{
    int64_t seconds = lease_ns / NS_PER_S;

    lease->refused = lease->refused && lease->lifetime_s == (uint32_t)seconds;
    lease->lifetime_s = lease_ns <= 0 ? 0 : seconds < 1 ? 1 : (uint32_t)seconds;
    lease->interval = span_ns(lease->lifetime_s * NS_PER_S / RENEWALS_A_LIFETIME);
    lease->renewed = now;
    lease->due = lease_in_force(lease) ? mono_add(now, lease->interval) : (struct mono){0};
}

void lease_end(struct lease *lease)
{
    lease->due = (struct mono){0};
}

bool lease_in_force(const struct lease *lease)
{
    return lease->lifetime_s != 0 && !lease->refused;
}

void lease_measured(struct lease *lease, struct span cost)
{
    lease->costs[lease->measured++ % LEASE_COSTS] = cost;
}

static struct span cheapest(const struct lease *lease)
{
    unsigned int count = lease->measured < LEASE_COSTS ? lease->measured : LEASE_COSTS;
    struct span least = lease->costs[0];

    for (unsigned int i = 1; i < count; i++) {
        if (lease->costs[i].ns < least.ns)
            least = lease->costs[i];
    }
    return count == 0 ? span_ns(0) : least;
}

/* Part of a core it costs to renew every third of the lifetime. */
static double part_of_core(const struct lease *lease)
{
    if (!lease_in_force(lease))
        return 0;
    return (double)cheapest(lease).ns * RENEWALS_A_LIFETIME / ((double)lease->lifetime_s * (double)NS_PER_S);
}

static void stretch(struct lease *const *leases, size_t count, double factor)
{
    for (size_t i = 0; i < count; i++) {
        double third = (double)leases[i]->lifetime_s * (double)NS_PER_S / RENEWALS_A_LIFETIME;

        leases[i]->interval = span_ns((int64_t)(third * factor));
    }
}

struct lease *lease_plan(struct lease *const *leases, size_t count)
{
    struct lease *costliest = NULL;
    double sum = 0, most = 0, factor;

    for (size_t i = 0; i < count; i++) {
        double part = part_of_core(leases[i]);

        sum += part;
        if (part > most) {
            most = part;
            costliest = leases[i];
        }
    }
    factor = sum / AFFORDABLE_PART;
    stretch(leases, count, factor < 1 ? 1 : factor > STRETCH_MAX ? STRETCH_MAX : factor);
    if (factor <= STRETCH_MAX || costliest == NULL)
        return NULL;
    if (costliest->measured < MEASURED_ENOUGH && factor < BEYOND_DOUBT)
        return NULL;
    costliest->refused = true;
    lease_end(costliest);
    return costliest;
}

uint32_t lease_preferred_s(uint32_t wanted_s, uint32_t valid_s, struct span since_taken)
{
    int64_t left = (int64_t)wanted_s - since_taken.ns / NS_PER_S;

    if (wanted_s == CONF_LIFETIME_FOREVER)
        return valid_s;
    if (left <= 0)
        return 0;
    return left < (int64_t)valid_s ? (uint32_t)left : valid_s;
}

bool lease_may_renew(const struct lease_witness *witness, uint32_t lifetime_s, struct mono now)
{
    struct span oldest = lifetime_s == 1 ? span_ms(500) : span_s(1);

    if (!witness->is_master || !mono_is_set(witness->last_beat))
        return false;
    if (mono_since(now, witness->last_beat).ns > oldest.ns)
        return false;
    return !mono_is_set(witness->paused_at) || mono_before(witness->paused_at, witness->last_advert);
}
