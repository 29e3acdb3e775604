/*
 * What the files of drift.h share; nobody else includes it.
 */
#ifndef TANDEM_CTL_DRIFT_PARTS_H
#define TANDEM_CTL_DRIFT_PARTS_H

#include <uthash.h>

#include "conf/difference_text.h"

/* What the daemon says of an instance, a virtual or a real server. */
struct drift_state {
    uint64_t key;
    bool up;         /* master, has its quorum, passes its checks */
    uint16_t weight; /* of a real server: while it is up */
    bool has_configured_weight;
    UT_hash_handle hh;
};

struct drift {
    const struct conf_model *running;
    const struct conf_model *wanted; /* the same, unless there is a file */
    struct drift_state *states;
    conf_change_function *told;
    void *data;
};

/* NULL if the daemon says nothing of that. */
const struct drift_state *drift_state_of(const struct drift *drift, uint64_t key);

/* Each tells the changes there are to make; false after an explanation on stderr. */
bool drift_links(const struct drift *drift);
bool drift_ipvs(const struct drift *drift);

#endif
