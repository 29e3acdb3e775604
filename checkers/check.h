/*
 * One check, as the engine and the types of checks share it.
 *
 * A type is one file behind struct check_type: it makes the attempt and reports what came of it, once,
 * through engine_report (the funnel). It counts nothing, logs nothing, tells nobody: rise and fall, words,
 * board and director are the engine's. connection.h has what types over TCP have in common.
 */
#ifndef TANDEM_CHECKERS_CHECK_H
#define TANDEM_CHECKERS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uthash.h>

#include "checkers/schedule.h"
#include "checkers/standing.h"
#include "checkers/verdict.h"
#include "conf/model.h"
#include "daemon/core/board_records.h"
#include "daemon/core/loop.h"

struct check;
struct engine;

/* What an attempt came to. */
struct finding {
    enum verdict_reason reason;
    enum verdict_phase phase;
    int32_t detail; /* by reason, see verdict.h */
};

struct check_type {
    const char *name; /* "TCP": in log lines */

    /* Begins an attempt. Reports at once, or leaves check->fd to be watched. */
    void (*start)(struct check *check);

    /* The descriptor is ready: enum loop_ready bits. Goes on, and reports when done. */
    void (*ready)(struct check *check, unsigned int ready);

    /* The attempt is over or given up; the engine closes the descriptor. NULL = nothing to put away. */
    void (*end)(struct check *check);

    /* What of the server is asked now ("/health"), and what would have been good ("200-299"). NULL = nothing
     * to say. subject returns text of the configuration, wanted returns buffer. */
    const char *(*subject)(const struct check *check);
    const char *(*wanted)(const struct check *check, char *buffer, size_t size);
};

struct check {
    UT_hash_handle by_key;
    struct schedule_entry schedule; /* when the next attempt starts */
    struct agenda_entry deadline;   /* when the running one is given up */
    struct engine *engine;
    const struct check_type *type;
    const struct conf_checker *conf;
    const struct conf_virtual_server *virtual_server;
    struct standing standing;
    struct standing_rules rules;
    struct checker_record record; /* as on the board */
    bool kept;                    /* named by the configuration being loaded */

    /* The running attempt; fd is -1 between attempts. */
    bool running;
    int fd;
    enum verdict_phase phase;
    struct loop_watch *watch;
    struct mono started;
    void *attempt; /* the type's */
};

extern const struct check_type check_tcp;
extern const struct check_type check_http;

/* Ends the running attempt with that finding; check->fd is closed, and the attempt must not be touched again.
 */
void engine_report(struct check *check, struct finding finding);

/* Calls the type's ready() for check->fd from now on: once for each change of readiness. */
void engine_watch(struct check *check);

#endif
