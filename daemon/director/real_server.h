/*
 * The state of one real server from what its checks say. Pure.
 *
 * A server is down if any of its checks failed, and up without checks. A check that has not spoken stands for
 * a presumption: up at the start, down if it is an alpha check, and whatever the server was when the check
 * joins a server that is known already (a reload, a restart of ours): nothing flaps for lack of news.
 */
#ifndef TANDEM_DIRECTOR_REAL_SERVER_H
#define TANDEM_DIRECTOR_REAL_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct real_server_check {
    uint64_t key;
    bool spoken; /* what follows is a verdict, not a presumption */
    bool up;
    uint32_t weight_kind; /* enum verdict_weight: what it says of the server's weight */
    int32_t weight;
};

enum real_server_past {
    REAL_SERVER_UNKNOWN, /* never heard of */
    REAL_SERVER_WAS_UP,
    REAL_SERVER_WAS_DOWN,
};

/* What a check that has not spoken counts as. */
bool real_server_presumption(enum real_server_past past, bool alpha);

/* The state that follows from its checks. */
bool real_server_is_up(const struct real_server_check *checks, size_t count);

/* The weight that follows from the configured one and what checks say of it: several that each name a weight
 * add up in what they differ from the configured one. */
uint16_t real_server_weight(uint16_t configured, const struct real_server_check *checks, size_t count);

/* True if none of its checks is still a presumption. */
bool real_server_has_spoken(const struct real_server_check *checks, size_t count);

/* How the server stands in the table: out of it, or with a weight. */
struct real_server_place {
    bool in_table;
    uint16_t weight;
};

/* A server that is down, or gives way to a sorry server, leaves the table, or with inhibit_on_failure stays
 * with weight 0, which keeps its connections. */
struct real_server_place real_server_place(bool up, bool gives_way, uint16_t weight, bool inhibit_on_failure);

/* A sorry server in use has weight 1; idle it is not there, or with inhibit has weight 0. */
struct real_server_place sorry_server_place(bool in_use, bool inhibit);

#endif
