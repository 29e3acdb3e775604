/*
 * The reconciler: keeps the kernel's IPVS table equal to the wanted one, for what is ours.
 *
 * Ours is what is wanted, and what the journal says we once put there. The owner says what it wants of a
 * service (reconciler_want, _unwant) and commits; the difference to what the kernel has is sent at once.
 *
 * What the kernel has is learned by rounds: a dump of all services, then of the destinations of ours, each
 * compared and mended. The first round runs as fast as the kernel answers and adopts what is right already;
 * then a round starts every RECONCILER_ROUND, its dumps spread so that they cost little, which brings back
 * within 10 s whatever somebody else removed or changed. After a refusal that shows the table to be other
 * than thought, a round comes sooner; after lost answers, at once. All of it, start, reload, crash and
 * mending, is this one path.
 *
 * A service of ours is wholly ours: a destination that somebody else added to it is removed. Other people's
 * services are never looked into.
 */
#ifndef TANDEM_DIRECTOR_RECONCILER_H
#define TANDEM_DIRECTOR_RECONCILER_H

#include "daemon/core/loop.h"
#include "daemon/director/journal.h"
#include "daemon/director/table.h"

#define RECONCILER_ROUND span_s(5)

struct reconciler;

struct reconciler_round {
    bool first;                     /* the first of this process, or since IPVS came back */
    uint32_t services;              /* of ours */
    uint32_t altered;               /* of ours that somebody else had removed or changed */
    struct ipvs_service_id example; /* one of them */
    uint32_t leftovers;             /* of ours that were not wanted any more, found in the table */
    uint32_t changes;               /* commands it took */
    struct span took;
};

struct reconciler_callbacks {
    /* IPVS was found in the kernel, or it was not, or is gone (then asked for again every 10 s). Only changes
     * are told, and the first finding. */
    void (*available)(bool there, void *data);
    /* A round is over and every command of it answered. */
    void (*round_over)(const struct reconciler_round *round, void *data);
    /* Every command about the services of that owner was answered: see reconciler_error. */
    void (*settled)(uint64_t owner, void *data);
    /* reconciler_empty is done. */
    void (*emptied)(void *data);
};

/* Takes over the journal, which may be NULL. NULL with errno if there is no netlink socket. */
struct reconciler *reconciler_new(struct loop *loop, struct journal *journal,
                                  const struct reconciler_callbacks *callbacks, void *data);

/* Looks for IPVS and starts the first round. What is wanted should be said before. With flush the first round
 * also removes everybody else's services. */
void reconciler_start(struct reconciler *reconciler, bool flush);

/* A new list of what is wanted begins; what reconciler_want does not name until reconciler_end_list shall not
 * be there. Outside of such a list, reconciler_want changes one service. */
void reconciler_begin_list(struct reconciler *reconciler);
void reconciler_end_list(struct reconciler *reconciler);

/* That service shall be so. owner, which may have several, names it in callbacks. The image is copied. */
void reconciler_want(struct reconciler *reconciler, uint64_t owner, const struct ipvs_service_id *id,
                     const struct image *image);

/* That service shall not be there. */
void reconciler_unwant(struct reconciler *reconciler, const struct ipvs_service_id *id);

/* Acts on what was said since the last commit; returns the number of commands it took. Before the first round
 * has come to a service, that is left to the round. */
uint32_t reconciler_commit(struct reconciler *reconciler);

/* What the kernel has of that service, as far as known; NULL if it is not there. Valid until the next call.
 */
const struct image *reconciler_actual(const struct reconciler *reconciler, const struct ipvs_service_id *id);

/* Whether the kernel refused something of that owner's last: an errno, or 0. */
int reconciler_error(const struct reconciler *reconciler, uint64_t owner);

/* Removes all services of ours and ends all rounds; emptied() follows, perhaps at once. */
void reconciler_empty(struct reconciler *reconciler);

#endif
