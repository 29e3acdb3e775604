/*
 * What links has told about interfaces: the newest word on each, by name.
 */
#ifndef TANDEM_VRRP_INTERFACES_H
#define TANDEM_VRRP_INTERFACES_H

#include <stdbool.h>

#include "daemon/core/messages.h"

struct interfaces;

struct interfaces *interfaces_new(void); /* nothing known; never NULL */
void interfaces_free(struct interfaces *interfaces);

/* Takes a message of links; true if it says something new. */
bool interfaces_update(struct interfaces *interfaces, const struct links_interface *news);

/* The newest word on that name; NULL if there was none. */
const struct links_interface *interfaces_find(const struct interfaces *interfaces, const char *name);

/* It exists, is up and has a carrier. */
bool interface_works(const struct links_interface *interface);

#endif
