/*
 * The counters of virtual routers as a person reads them: a table made of the JSON of dump.h.
 */
#ifndef TANDEM_CTL_STATISTICS_VIEW_H
#define TANDEM_CTL_STATISTICS_VIEW_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

/* instances is the list of dump_json; what is missing in it is "-". */
void statistics_view(struct json_object *instances, FILE *out, bool colour);

#endif
