/*
 * Decisions about time. See timing.h.
 */
#include "daemon/vrrp/timing.h"

#define MARGIN_SHARE 20
#define MARGIN_LEAST (1 * NS_PER_MS)
#define LEASE_SPARE  (300 * NS_PER_MS) /* the kernel removes an address up to that much late */

struct span vrrp_safety_margin(struct span advert_interval)
{
    int64_t share = advert_interval.ns / MARGIN_SHARE;

    return span_ns(share < MARGIN_LEAST ? MARGIN_LEAST : share);
}

struct span vrrp_advert_phase(uint64_t key, struct span advert_interval)
{
    uint64_t mixed = (key * 0x9e3779b97f4a7c15u) >> 33; /* 31 bits; neighbouring keys fall far apart */

    return span_us((int64_t)mixed * (advert_interval.ns / NS_PER_US) >> 31);
}

struct span vrrp_lease(int64_t configured_us, struct span shortest_peer_down)
{
    int64_t seconds;

    if (configured_us >= 0)
        return span_s((configured_us * NS_PER_US + NS_PER_S - 1) / NS_PER_S);
    seconds = (shortest_peer_down.ns - LEASE_SPARE) / NS_PER_S;
    return span_s(seconds < 1 ? 1 : seconds);
}

struct mono vrrp_superseded_at(struct mono last_sent, struct span peer_down, struct span advert_interval)
{
    return mono_add(last_sent, span_ns(peer_down.ns - vrrp_safety_margin(advert_interval).ns));
}

struct span vrrp_start_delay(int64_t startup_us, int64_t after_boot_us, struct span uptime)
{
    int64_t startup_ns = startup_us * NS_PER_US, boot_ns = after_boot_us * NS_PER_US - uptime.ns;
    int64_t longer_ns = startup_ns > boot_ns ? startup_ns : boot_ns;

    return span_ns(longer_ns < 0 ? 0 : longer_ns);
}

bool vrrp_silence_proves_nothing(struct mono now, struct mono master_down_due, struct span master_interval)
{
    return mono_is_set(master_down_due) && mono_since(now, master_down_due).ns >= master_interval.ns;
}

struct mono vrrp_arrival(struct mono now, int64_t wall_now_ns, int64_t stamp_ns, struct span longest)
{
    int64_t age_ns = wall_now_ns - stamp_ns;

    if (stamp_ns == 0 || age_ns < 0 || age_ns > longest.ns)
        return now;
    return (struct mono){now.ns - age_ns};
}
