/*
 * Quorum: when a virtual server counts as up. Pure arithmetic (semantics: keepalived's quorum and
 * hysteresis).
 */
#ifndef TANDEM_DIRECTOR_QUORUM_H
#define TANDEM_DIRECTOR_QUORUM_H

#include <stdbool.h>
#include <stdint.h>

/* Made by quorum_sane only: 1 <= quorum, hysteresis < quorum. */
struct quorum {
    uint32_t quorum;     /* live weight it takes */
    uint32_t hysteresis; /* by so much more to come up, by so much less to go down */
};

/* What was configured, made to fit: no more than all real servers together weigh, hysteresis below the
 * quorum. Where they weigh nothing the quorum stays 1: such a virtual server is down. */
struct quorum quorum_sane(uint32_t quorum, uint32_t hysteresis, uint32_t total_weight);

/* Before anything is known of the past: up from quorum + hysteresis on. */
bool quorum_at_start(struct quorum quorum, uint32_t live_weight);

/* The next state: up from quorum + hysteresis on, down below quorum - hysteresis or without live weight,
 * between them what it was. */
bool quorum_next(struct quorum quorum, bool up, uint32_t live_weight);

#endif
