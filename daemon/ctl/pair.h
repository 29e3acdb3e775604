/*
 * Two machines' configurations looked at together: what differs that should not, and who is master after each
 * single failure. Pure: the second is decided by running the daemon's own state machines over a network that
 * loses nothing.
 *
 *   pair_match.c    which instance of one belongs to which of the other, and how they differ
 *   pair_failure.c  everything that can fail alone
 *   pair_world.c    the state machines, run before and after a failure
 *   pair_check.c    tandemctl check A B
 */
#ifndef TANDEM_CTL_PAIR_H
#define TANDEM_CTL_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/model.h"

#define PAIR_BOXES 2

/* Instances that are one virtual router; NULL where a box has none. */
struct pair_match {
    const struct conf_instance *of[PAIR_BOXES];
};

struct pair_finding {
    size_t match;
    char *text;
    const char *advice;
};

struct pair {
    const struct conf_model *models[PAIR_BOXES];
    struct pair_match *matches;
    size_t match_count;
    struct pair_finding *findings;
    size_t finding_count;
};

/* Matches the instances and compares them; the models stay the caller's. Never NULL. */
struct pair *pair_new(const struct conf_model *a, const struct conf_model *b);
void pair_free(struct pair *pair);

/* The name a match goes by. */
const char *pair_match_name(const struct pair_match *match);

/* True if adverts of the sender are not obeyed by the receiver, or do not reach it. */
bool pair_is_deaf(const struct conf_instance *receiver, const struct conf_instance *sender);

/* ------------------------------------------------------------------ failures */

enum pair_failure_kind {
    PAIR_BOX,
    PAIR_INTERFACE,
    PAIR_SCRIPT,
    PAIR_FILE,
    PAIR_PROCESS,
    PAIR_BFD,
};

struct pair_failure {
    enum pair_failure_kind kind;
    unsigned int box;
    const char *name; /* in the model; NULL for the box */
    uint64_t key;     /* of a script, file, process or BFD session */
    bool inverted;    /* it is tracked in reverse: well while down */
    int32_t value;    /* what the file reads then */
};

/* All single failures, the caller frees the array. */
struct pair_failure *pair_failures(const struct pair *pair, size_t *count);

/* Whether that instance, of the failure's box, has to do with it. group is NULL for one that is in none. */
bool pair_failure_touches(const struct pair_failure *failure, const struct conf_instance *instance,
                          const struct conf_sync_group *group);

/* ------------------------------------------------------------------ what follows */

enum pair_verdict {
    PAIR_UNTOUCHED,   /* not this failure's business */
    PAIR_STAYS,       /* it was the backup that failed */
    PAIR_FAILS_OVER,  /* the other box is master */
    PAIR_NO_FAILOVER, /* the failed one stays master */
    PAIR_MOVES,       /* the backup failed, and became master */
    PAIR_NOBODY,
    PAIR_BOTH,
};

struct pair_outcome {
    unsigned int before; /* bit 1 << box: it is master */
    unsigned int after;
    double seconds; /* until it was so */
    enum pair_verdict verdict;
};

/* Both boxes' state machines and what they depend on; failures are those of pair_failures(), and stay the
 * caller's. Never NULL. */
struct pair_world *pair_world_new(const struct pair *pair, const struct pair_failure *failures, size_t count);
void pair_world_free(struct pair_world *world);

/* Starts both boxes, lets one of the failures happen, and waits until all is quiet; outcomes has room for all
 * matches. */
void pair_world_run(struct pair_world *world, const struct pair_failure *failure,
                    struct pair_outcome *outcomes);

bool pair_verdict_is_good(enum pair_verdict verdict);

/* ------------------------------------------------------------------ tandemctl check A B */

/* Checks both files and the pair; prints like conf_check. Returns 0 good, 1 complaints, 2 one would not
 * start. */
int pair_check(const char *const files[PAIR_BOXES], const char *config_id, bool json);

#endif
