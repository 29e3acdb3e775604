/*
 * Checking a configuration without a daemon: tandemd -t and tandemctl check.
 */
#ifndef TANDEM_CONF_CHECK_H
#define TANDEM_CONF_CHECK_H

#include <stdbool.h>

#include "conf/load.h"

/*
 * Loads the file as the calling user and prints what there is to say: text to stderr, or with json one JSON
 * object to stdout. Returns 0 good, 1 runs with complaints, 2 would not
 * start.
 */
int conf_check(const struct conf_load_request *request, bool json);

struct json_object;

/* What conf_check prints as JSON; the caller's to put. */
struct json_object *conf_check_json(struct conf_result *result);

#endif
