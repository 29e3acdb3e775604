/*
 * Quorum arithmetic. See quorum.h.
 */
#include "daemon/director/quorum.h"

struct quorum quorum_sane(uint32_t quorum, uint32_t hysteresis, uint32_t total_weight)
{
    struct quorum sane = {quorum, hysteresis};

    if (sane.quorum > total_weight)
        sane.quorum = total_weight;
    if (sane.quorum == 0)
        sane.quorum = 1;
    if (sane.hysteresis >= sane.quorum)
        sane.hysteresis = sane.quorum - 1;
    return sane;
}

bool quorum_at_start(struct quorum quorum, uint32_t live_weight)
{
    return live_weight >= (uint64_t)quorum.quorum + quorum.hysteresis;
}

bool quorum_next(struct quorum quorum, bool up, uint32_t live_weight)
{
    if (quorum_at_start(quorum, live_weight))
        return true;
    if (live_weight == 0 || live_weight < quorum.quorum - quorum.hysteresis)
        return false;
    return up;
}
