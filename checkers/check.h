/*
 * One check, as the engine and the types of checks share it.
 *
 * A type is one file behind struct check_type: it makes the attempt and reports what came of it, once,
 * through engine_report (the funnel). It counts nothing, logs nothing, tells nobody: rise and fall, words,
 * board and director are the engine's. Where a socket is needed the engine has it made, by links if need be.
 * connection.h has what types over TCP have in common.
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
#include "daemon/core/messages.h"

struct check;
struct engine;
struct tls;

/* What an attempt came to. */
struct finding {
    enum verdict_reason reason;
    enum verdict_phase phase;
    int32_t detail;                  /* by reason, see verdict.h */
    enum verdict_weight weight_kind; /* with a good reason: what it says of the server's weight */
    int32_t weight;
};

static inline struct finding finding_of(enum verdict_reason reason, enum verdict_phase phase, int32_t detail)
{
    return (struct finding){.reason = reason, .phase = phase, .detail = detail};
}

struct check_type {
    const char *name; /* "TCP": in log lines */

    /* The settings are new: makes check->prepared. forget frees it. NULL = nothing to prepare. */
    void (*prepare)(struct check *check);
    void (*forget)(struct check *check);

    /* Begins an attempt; check->fd is its socket if the type has a transport. Reports at once, or has
     * something awaited: readiness of check->fd, or an answer. */
    void (*start)(struct check *check);

    /* The descriptor is ready: enum loop_ready bits. Goes on, and reports when done. */
    void (*ready)(struct check *check, unsigned int ready);

    /* The script that engine_run_script asked for has ended. NULL = none is ever asked for. */
    void (*ran)(struct check *check, const struct script_ran *ran);

    /* The number in its file is this now. NULL = attempts are made; with it, there are none. */
    void (*told)(struct check *check, const struct tracked_file *file);

    /* Its time is up. NULL = that is a failure. */
    struct finding (*out_of_time)(const struct check *check);

    /* The attempt is over or given up; the engine closes the descriptor. NULL = nothing to put away. */
    void (*end)(struct check *check);

    /* What of the server is asked now ("/health"), and what would have been good ("200-299") where reason
     * says that it was not. NULL = nothing to say. subject returns text of the configuration, wanted returns
     * buffer or NULL. */
    const char *(*subject)(const struct check *check);
    const char *(*wanted)(const struct check *check, enum verdict_reason reason, char *buffer, size_t size);
};

struct check {
    UT_hash_handle by_key;
    struct schedule *schedule;    /* the engine's for checks of its kind */
    struct schedule_entry next;   /* in it: when the next attempt starts */
    struct agenda_entry deadline; /* when the running one is given up */
    struct engine *engine;
    const struct check_type *type;
    const struct conf_checker *conf;
    const struct conf_virtual_server *virtual_server;
    struct standing standing;
    struct standing_rules rules;
    struct checker_record record; /* as on the board */
    bool resting;                 /* ha_suspend: it makes no attempts, and keeps its standing */
    bool untold;                  /* of a type that is told: not told since its settings changed */
    bool kept;                    /* named by the configuration being loaded */
    void *prepared;               /* the type's, as long as the settings are the same */

    /* The running attempt; fd is -1 between attempts. */
    bool running;
    uint64_t serial; /* of this attempt: an answer to an earlier one is not for it */
    int fd;
    enum verdict_phase phase;
    struct loop_watch *watch;
    struct mono started;
    void *attempt; /* the type's */
};

extern const struct check_type check_tcp;
extern const struct check_type check_http;
extern const struct check_type check_ssl;
extern const struct check_type check_misc;
extern const struct check_type check_ping;
extern const struct check_type check_udp;
extern const struct check_type check_dns;
extern const struct check_type check_smtp;
extern const struct check_type check_file;

/* Ends the running attempt with that finding; check->fd is closed, and the attempt must not be touched again.
 */
void engine_report(struct check *check, struct finding finding);

/* Calls the type's ready() for check->fd from now on: once for each change of readiness. */
void engine_watch(struct check *check);

/* Has the script of this check run; type->ran() hears of its end. */
void engine_run_script(struct check *check);

/* What SSL checks use; NULL if the configuration's material for it cannot be used. */
struct tls *engine_tls(const struct check *check);

#endif
