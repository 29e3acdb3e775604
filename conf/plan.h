/*
 * What would change between two configurations: tandemctl plan.
 */
#ifndef TANDEM_CONF_PLAN_H
#define TANDEM_CONF_PLAN_H

#include <stdbool.h>

#include "conf/load.h"

/* Loads both as the calling user and prints what leads from before to after, as a person reads a difference
 * or, with json, as one JSON object. Returns 0, or 2 if one of them would not start; that is explained on
 * stderr. */
int conf_plan(const struct conf_load_request *before, const struct conf_load_request *after, bool json);

#endif
