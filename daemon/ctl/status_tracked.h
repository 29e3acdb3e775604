/*
 * Status of what instances and groups track besides interfaces: scripts, files, processes. Part of status.c.
 */
#ifndef TANDEM_CTL_STATUS_TRACKED_H
#define TANDEM_CTL_STATUS_TRACKED_H

#include "daemon/ctl/status.h"

/* An array with one member for each of them; the caller puts it. */
struct json_object *status_tracked(const struct status_source *source);

#endif
