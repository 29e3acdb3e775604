/*
 * The interfaces of this machine as the kernel last described them, and the addresses on those the
 * configuration names. Pure: the link monitor feeds it, nobody sends anything from here.
 *
 * Virtual addresses of ours are not in it: the caller keeps them out, so that the first address of a family
 * is the interface's own.
 */
#ifndef TANDEM_KERNEL_INTERFACE_TABLE_H
#define TANDEM_KERNEL_INTERFACE_TABLE_H

#include "daemon/core/messages.h"
#include "daemon/kernel/address_codec.h"
#include "daemon/kernel/link_codec.h"

struct interface_table;

struct interface_table *interface_table_new(void); /* empty; never NULL */
void interface_table_free(struct interface_table *table);

/* The kernel announced the interface, or that it is gone. */
void interface_table_set_link(struct interface_table *table, const struct kernel_link *link);
void interface_table_remove_link(struct interface_table *table, uint32_t ifindex);

/* The same for an address; of an interface that is not known, nothing is kept. */
void interface_table_set_address(struct interface_table *table, const struct kernel_address *address);
void interface_table_remove_address(struct interface_table *table, const struct kernel_address *address);

/* Forgets all addresses, for a dump that names them anew. */
void interface_table_forget_addresses(struct interface_table *table);

/* A dump of links: what was not set between begin and end is removed, the caller being told of each. */
void interface_table_begin_links(struct interface_table *table);
void interface_table_end_links(struct interface_table *table,
                               void (*removed)(const struct kernel_link *link, void *data), void *data);

/* NULL if there is none of that name, or index. */
const struct kernel_link *interface_table_by_name(const struct interface_table *table, const char *name);
const struct kernel_link *interface_table_by_index(const struct interface_table *table, uint32_t ifindex);

/* The message for vrrp about the interface of that name, which need not exist. */
void interface_table_describe(const struct interface_table *table, const char *name,
                              struct links_interface *out);

#endif
