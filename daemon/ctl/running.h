/*
 * tandemctl and the configuration in force: printing it, comparing a file with it, and what a reload has
 * changed of it.
 *
 * The daemon's ctl process passes on what the reader wrote down for this; it is read here, in the user's own
 * process. Each function explains on stderr what is in the way, and returns an exit status (commands.h).
 */
#ifndef TANDEM_CTL_RUNNING_H
#define TANDEM_CTL_RUNNING_H

#include <stdbool.h>

#include "conf/load.h"

/* NULL after an explanation. Secrets are marks (conf/secret.h). */
struct conf_model *running_ask(const char *socket_path);

int running_print(const char *socket_path);
int running_plan(const char *socket_path, const struct conf_load_request *file, bool json);
int running_reload(const char *socket_path, bool json);

#endif
