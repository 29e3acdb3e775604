/*
 * Named network namespaces, as ip-netns(8) keeps them in /run/netns.
 */
#ifndef TANDEM_DAEMON_NAMESPACE_H
#define TANDEM_DAEMON_NAMESPACE_H

#include <stdbool.h>

/* Opens the namespace of that name, or the one we are in (NULL). -1 (logged) if there is none. */
int namespace_open(const char *name);

/* This process, and what it starts from now on, is in that namespace. False (logged) if that is refused. */
bool namespace_enter(int fd);

#endif
