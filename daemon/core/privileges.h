/*
 * Giving up privileges, once, after exec and before the first foreign byte.
 *
 * Each role's final state is one row in privileges.c: which capabilities stay, whether new ones can be
 * gained by exec, real-time priority, locked memory, and the system calls it may still make.
 */
#ifndef TANDEM_CORE_PRIVILEGES_H
#define TANDEM_CORE_PRIVILEGES_H

#include <stdint.h>

#include "daemon/core/messages.h"
#include "daemon/core/role.h"

/*
 * Applies the row of the role and becomes the identity's user and group, without supplementary groups. What
 * its tuning says counts more than the row's priority and memory. Must run as root, in the child itself; the
 * order (lock memory, priority, groups, capabilities, user, seccomp) is the row's affair. What the machine
 * does not offer (real-time priority in a container, Landlock before 5.13) is logged as a warning and left
 * out; what would leave a privilege behind ends the process. Sets the soft descriptor limit to the hard one.
 */
void privileges_drop(enum role role, const struct control_identity *identity);

#endif
