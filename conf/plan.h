/*
 * What would change between two configurations: tandemctl plan, and what a reload has changed.
 */
#ifndef TANDEM_CONF_PLAN_H
#define TANDEM_CONF_PLAN_H

#include <stdbool.h>

#include "conf/difference_text.h"
#include "conf/load.h"
#include "conf/secret_key.h"

/* Loads both as the calling user and prints what leads from before to after, as a person reads a difference
 * or, with json, as one JSON object. Returns 0, or 2 if one of them would not start; that is explained on
 * stderr. */
int conf_plan(const struct conf_load_request *before, const struct conf_load_request *after, bool json);

/* Loads a configuration as the calling user, to be compared with one in force: as a whole slice has it, with
 * marks of that key for its secrets (secret.h), or blanked if it is NULL. NULL after an explanation on
 * stderr. */
struct conf_model *conf_plan_load(const struct conf_load_request *request, const struct conf_secret_key *key);

/* Changes printed as they come, or collected for one JSON object. */
struct conf_plan_view;
struct conf_plan_view *conf_plan_view_new(bool json);
conf_change_function conf_plan_view_change; /* data is the view */

/* All changes from one model to another. */
void conf_plan_view_compare(struct conf_plan_view *view, const struct conf_model *before,
                            const struct conf_model *after);

/* JSON only: another member of the object. Takes value over. */
struct json_object;
void conf_plan_view_member(struct conf_plan_view *view, const char *name, struct json_object *value);

void conf_plan_view_free(struct conf_plan_view *view); /* without a further word */

/* Prints the rest, or "nothing" if there was no change; frees the view; returns the number of changes. */
size_t conf_plan_view_end(struct conf_plan_view *view, const char *nothing);

#endif
