/*
 * Which virtual servers with ha_suspend have an address on this machine: their checks rest while they have
 * none.
 *
 *     the kernel's events --> link_monitor --> here --LINKS_LOCAL_SERVER--> checkers
 *
 * Pure: fed with addresses, asked for what changed.
 */
#ifndef TANDEM_KERNEL_LOCAL_SERVERS_H
#define TANDEM_KERNEL_LOCAL_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"
#include "daemon/kernel/address_codec.h"

struct local_servers;

struct local_servers *local_servers_new(void);          /* never NULL */
void local_servers_free(struct local_servers *servers); /* NULL allowed */

/* From now on they are those of model, which must stay until the next call. Addresses are forgotten. */
void local_servers_configure(struct local_servers *servers, const struct conf_model *model);

/* An address is there, or is not any more. */
void local_servers_address(struct local_servers *servers, const struct kernel_address *address, bool exists);

/* All addresses will be named anew. */
void local_servers_forget(struct local_servers *servers);

/* Calls tell for each virtual server of which something else was told last, or nothing; with all for each. */
void local_servers_tell(struct local_servers *servers, bool all,
                        void (*tell)(uint64_t key, bool local, void *data), void *data);

#endif
