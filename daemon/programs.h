/*
 * The programs of the other processes, kept open from our start on: when their files are replaced (an upgrade
 * of the package), a process that dies is still succeeded by one that speaks our language. The new files are
 * for the supervisor that comes with them (upgrade.c).
 */
#ifndef TANDEM_DAEMON_PROGRAMS_H
#define TANDEM_DAEMON_PROGRAMS_H

#include <stddef.h>

#include "daemon/core/role.h"

/* Opens them; what is not there is looked for again when it is to be run. */
void programs_open(const char *directory);

/* What to execute for a role: its file in directory, or the one that was opened where that has been replaced.
 */
void programs_path(const char *directory, enum role role, char *path, size_t size);

#endif
