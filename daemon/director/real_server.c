/*
 * A real server's state. See real_server.h.
 */
#include "daemon/director/real_server.h"

#include "daemon/core/messages.h"

bool real_server_presumption(enum real_server_past past, bool alpha)
{
    switch (past) {
    case REAL_SERVER_UNKNOWN:
        return !alpha;
    case REAL_SERVER_WAS_UP:
        return true;
    case REAL_SERVER_WAS_DOWN:
        return false;
    }
    return false;
}

bool real_server_is_up(const struct real_server_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!checks[i].up)
            return false;
    }
    return true;
}

uint16_t real_server_weight(uint16_t configured, const struct real_server_check *checks, size_t count)
{
    int64_t weight = configured;

    for (size_t i = 0; i < count; i++) {
        if (checks[i].weight_kind == VERDICT_WEIGHT_IS)
            weight += (int64_t)checks[i].weight - configured;
        else if (checks[i].weight_kind == VERDICT_WEIGHT_ADDED)
            weight += checks[i].weight;
    }
    if (weight < 0)
        return 0;
    return weight > UINT16_MAX ? UINT16_MAX : (uint16_t)weight;
}

bool real_server_has_spoken(const struct real_server_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!checks[i].spoken)
            return false;
    }
    return true;
}

struct real_server_place real_server_place(bool up, bool gives_way, uint16_t weight, bool inhibit_on_failure)
{
    if (up && !gives_way)
        return (struct real_server_place){true, weight};
    return (struct real_server_place){inhibit_on_failure, 0};
}

struct real_server_place sorry_server_place(bool in_use, bool inhibit)
{
    return (struct real_server_place){in_use || inhibit, in_use ? 1 : 0};
}
