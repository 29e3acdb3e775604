/*
 * The status as a person reads it: tables made of the JSON of status.h.
 *
 * Pure apart from the stream. Members that are absent, or of another type than expected, show as "-".
 */
#ifndef TANDEM_CTL_STATUS_VIEW_H
#define TANDEM_CTL_STATUS_VIEW_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints the tables people read from a status object as status.h builds it; what is missing in it is "-". */
void status_view(struct json_object *status, FILE *out, bool colour);

#endif
