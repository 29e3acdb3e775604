/*
 * virtual_server_group blocks. A model has no groups: each virtual server of one keeps the entries that were
 * left to it, and what they all keep is the group's text.
 */
#ifndef TANDEM_CONF_PRINT_GROUP_H
#define TANDEM_CONF_PRINT_GROUP_H

#include "conf/print_rows.h"

struct print_groups;

/* The groups of a model, which must stay; never NULL. */
struct print_groups *print_groups_new(const struct conf_model *model);
void print_groups_free(struct print_groups *groups); /* NULL allowed */

/* All of them, in the order of their first servers. Once: what is printed is remembered. */
void print_groups(printer *out, struct print_groups *groups);

/* The address family that server needs to say: its group has a firewall mark without one. AF_UNSPEC if none
 * has to be said. */
uint8_t print_groups_family(const struct print_groups *groups, const struct conf_virtual_server *server);

/* Whether the server's group, as it is printed, has addresses. */
bool print_groups_have_addresses(const struct print_groups *groups, const struct conf_virtual_server *server);

#endif
