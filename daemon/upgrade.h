/*
 * Going over to another version of the program: asking it whether it can take over, then becoming it. See
 * upgrade.c.
 */
#ifndef TANDEM_DAEMON_UPGRADE_H
#define TANDEM_DAEMON_UPGRADE_H

#include <stdbool.h>

/* Remembers what will be needed to be started again: the program's path, its arguments, the directory. For
 * main(), before anything else. argv is kept, not copied. */
void upgrade_remember(char **argv);

/* For main(): whether the running version asks us, by the first argument, if we can take over. If so that
 * argument is taken out of argv, and the rest is to be treated as with -t; ends the process (status 3) if we
 * cannot. */
bool upgrade_is_asked_about(int *argc, char **argv);

#endif
