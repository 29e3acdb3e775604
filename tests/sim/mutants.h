/*
 * Planted faults: a router that errs in one way. They sit around vrrp_router_step (tap.c), which stays as it
 * is. An invariant must catch each of them.
 */
#ifndef TANDEM_SIM_MUTANTS_H
#define TANDEM_SIM_MUTANTS_H

#include "daemon/vrrp/router.h"

enum sim_mutant {
    MUTANT_NONE,
    MUTANT_SKEW_UPSIDE_DOWN,
    MUTANT_SKEW_FORGOTTEN,
    MUTANT_DEAF_TO_ZERO,
    MUTANT_OBEYS_LOWER,
    MUTANT_KEEPS_FROM_HIGHER,
    MUTANT_TIE_BY_LOWER_ADDRESS,
    MUTANT_NO_ZERO_AT_END,
    MUTANT_DOWN_TIMER_RUNS_ON,
    MUTANT_STALE_TIMER_AFTER_PAUSE,
    MUTANT_MASTER_AFTER_PAUSE,
    MUTANT_ADVERTS_IN_FAULT,
    MUTANT_PREEMPTS_ALWAYS,
    MUTANT_NO_PREEMPT_DELAY,
    MUTANT_KEEPS_ADDRESSES,
    MUTANT_RHYTHM_DRIFTS,
    MUTANT_LEARNS_NOTHING,
    MUTANT_KEEPS_LEARNED_INTERVAL,
    MUTANT_NO_ANSWER_TO_LOWER,
    MUTANT_SILENT_TAKEOVER,
    MUTANT_TELLS_TWICE,
    MUTANT_LEAVES_ITS_GROUP,
    MUTANT_TWO_OWNERS_FIGHT,
    MUTANT_TIMER_IGNORES_PRIORITY,
    MUTANT_NO_RESULT_IS_FAILURE,
    MUTANT_FALLS_AT_ONCE,
    MUTANT_REVERSE_FORGOTTEN,
    MUTANT_FILE_NEVER_FAULTS,
    MUTANT_COUNT,
};

const char *sim_mutant_text(enum sim_mutant mutant);

/* Before the step: changes *event as the mutant would misread it. False: it misses the event. */
bool sim_mutant_hears(enum sim_mutant mutant, const struct vrrp_router *router, struct mono now,
                      struct vrrp_event *event);

/* After the step: changes what the mutant would do differently. */
void sim_mutant_acts(enum sim_mutant mutant, const struct vrrp_router *before, const struct vrrp_event *event,
                     struct vrrp_router *router, struct vrrp_actions *actions);

#endif
