/*
 * The links process: what it does when messages arrive. See links.c.
 */
#ifndef TANDEM_KERNEL_LINKS_H
#define TANDEM_KERNEL_LINKS_H

#include "daemon/core/child.h"

extern const struct child_callbacks links_callbacks;

#endif
