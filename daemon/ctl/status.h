/*
 * The state of the whole daemon as JSON, read from the boards: nobody is interrupted for it.
 *
 * Ages are seconds at the time of asking; points in time are UTC. A member whose value is not known is
 * absent. tandemctl(1) documents the members.
 */
#ifndef TANDEM_CTL_STATUS_H
#define TANDEM_CTL_STATUS_H

#include <json-c/json.h>

#include "conf/model.h"
#include "daemon/core/board.h"

struct status_source {
    const struct conf_model *model; /* the slice for ctl */
    /* The board of a process, NULL if there is none. */
    struct board *(*board_of)(enum role role, uint16_t index, void *data);
    void *data;
    struct mono now;
};

/* The caller puts the object (json_object_put). */
struct json_object *status_build(const struct status_source *source);

#endif
