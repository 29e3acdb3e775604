/*
 * tandemctl plan --against-kernel: what there is to do until the kernel's addresses, routes, rules and IPVS
 * table are as they are to be.
 *
 * Wanted is what the configuration says, the one in force or that of a file, in the state that the daemon
 * tells: the addresses of instances that are master, servers that are up. What the kernel has is read here,
 * in the network namespaces of the daemon's processes, by their own codecs. What nobody's configuration
 * names, the one in force or the file's, is other people's.
 */
#ifndef TANDEM_CTL_DRIFT_H
#define TANDEM_CTL_DRIFT_H

#include <stdbool.h>

#include "conf/load.h"

/* file: NULL = the configuration in force. Prints, or explains on stderr what is in the way; returns an exit
 * status (commands.h). */
int drift_plan(const char *socket_path, const struct conf_load_request *file, bool json);

#endif
