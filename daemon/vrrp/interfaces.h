/*
 * What links has told about interfaces: the word on each that counts, by name. A change of the link counts at
 * once, or when it has lasted (link_delay.h); as long as a link that went down may still come back, its
 * addresses count as before too, for the kernel takes some of them away with it.
 */
#ifndef TANDEM_VRRP_INTERFACES_H
#define TANDEM_VRRP_INTERFACES_H

#include <stdbool.h>

#include "daemon/core/messages.h"
#include "daemon/vrrp/link_delay.h"

struct interfaces;

struct interfaces *interfaces_new(void); /* nothing known; never NULL */
void interfaces_free(struct interfaces *interfaces);

/* Takes a message of links; true if what counts is something new. patience NULL = none. */
bool interfaces_update(struct interfaces *interfaces, const struct links_interface *news,
                       const struct link_patience *patience, struct mono now);

/* When the first change that is pending counts; unset = none is. */
struct mono interfaces_due(const struct interfaces *interfaces);

/* One interface of which a pending change counts now; NULL if there is none left. To be called until then. */
const struct links_interface *interfaces_pass(struct interfaces *interfaces, struct mono now);

/* The word on that name that counts; NULL if there was none. */
const struct links_interface *interfaces_find(const struct interfaces *interfaces, const char *name);

/* It exists, is up and has a carrier. */
bool interface_works(const struct links_interface *interface);

#endif
