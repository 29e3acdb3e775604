/*
 * The interfaces of this machine. See interface_table.h.
 */
#include "daemon/kernel/interface_table.h"

#include <linux/if_addr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

struct own_address {
    TAILQ_ENTRY(own_address) next;
    struct kernel_address address;
};

struct interface {
    struct kernel_link link;
    bool seen;                           /* in the dump that is being read */
    TAILQ_HEAD(, own_address) addresses; /* in the kernel's order */
    UT_hash_handle by_index;
    UT_hash_handle by_name;
};

struct interface_table {
    struct interface *by_index;
    struct interface *by_name;
};

struct interface_table *interface_table_new(void)
{
    struct interface_table *table = calloc(1, sizeof(*table));

    if (table == NULL)
        abort();
    return table;
}

static void forget_addresses_of(struct interface *interface)
{
    struct own_address *address;

    while ((address = TAILQ_FIRST(&interface->addresses)) != NULL) {
        TAILQ_REMOVE(&interface->addresses, address, next);
        free(address);
    }
}

static void remove_interface(struct interface_table *table, struct interface *interface)
{
    HASH_DELETE(by_index, table->by_index, interface);
    HASH_DELETE(by_name, table->by_name, interface);
    forget_addresses_of(interface);
    free(interface);
}

void interface_table_free(struct interface_table *table)
{
    struct interface *interface, *next;

    HASH_ITER(by_index, table->by_index, interface, next)
    {
        remove_interface(table, interface);
    }
    free(table);
}

/* ------------------------------------------------------------------ links */

static struct interface *find_index(const struct interface_table *table, uint32_t ifindex)
{
    struct interface *interface;

    HASH_FIND(by_index, table->by_index, &ifindex, sizeof(ifindex), interface);
    return interface;
}

static struct interface *find_name(const struct interface_table *table, const char *name)
{
    struct interface *interface;

    HASH_FIND(by_name, table->by_name, name, strlen(name), interface);
    return interface;
}

static struct interface *add_interface(struct interface_table *table, const struct kernel_link *link)
{
    struct interface *interface = calloc(1, sizeof(*interface));

    if (interface == NULL)
        abort();
    interface->link = *link;
    TAILQ_INIT(&interface->addresses);
    HASH_ADD(by_index, table->by_index, link.ifindex, sizeof(interface->link.ifindex), interface);
    HASH_ADD(by_name, table->by_name, link.name, strlen(interface->link.name), interface);
    return interface;
}

void interface_table_set_link(struct interface_table *table, const struct kernel_link *link)
{
    struct interface *interface = find_index(table, link->ifindex);
    struct interface *namesake = find_name(table, link->name);

    /* A missed event may leave the name with an interface that has another by now. */
    if (namesake != NULL && namesake != interface)
        remove_interface(table, namesake);
    if (interface == NULL) {
        interface = add_interface(table, link);
    } else {
        HASH_DELETE(by_name, table->by_name, interface);
        interface->link = *link;
        HASH_ADD(by_name, table->by_name, link.name, strlen(interface->link.name), interface);
    }
    interface->seen = true;
}

void interface_table_remove_link(struct interface_table *table, uint32_t ifindex)
{
    struct interface *interface = find_index(table, ifindex);

    if (interface != NULL)
        remove_interface(table, interface);
}

void interface_table_begin_links(struct interface_table *table)
{
    struct interface *interface, *next;

    HASH_ITER(by_index, table->by_index, interface, next)
    {
        interface->seen = false;
    }
}

void interface_table_end_links(struct interface_table *table,
                               void (*removed)(const struct kernel_link *link, void *data), void *data)
{
    struct interface *interface, *next;

    HASH_ITER(by_index, table->by_index, interface, next)
    {
        struct kernel_link link = interface->link;

        if (interface->seen)
            continue;
        remove_interface(table, interface);
        removed(&link, data);
    }
}

const struct kernel_link *interface_table_by_name(const struct interface_table *table, const char *name)
{
    const struct interface *interface = find_name(table, name);

    return interface == NULL ? NULL : &interface->link;
}

const struct kernel_link *interface_table_by_index(const struct interface_table *table, uint32_t ifindex)
{
    const struct interface *interface = find_index(table, ifindex);

    return interface == NULL ? NULL : &interface->link;
}

/* ------------------------------------------------------------------ addresses */

static struct own_address *find_address(const struct interface *interface,
                                        const struct kernel_address *address)
{
    struct own_address *own;

    TAILQ_FOREACH(own, &interface->addresses, next)
    {
        if (own->address.prefix_length == address->prefix_length &&
            ip_address_compare(&own->address.address, &address->address) == 0)
            return own;
    }
    return NULL;
}

void interface_table_set_address(struct interface_table *table, const struct kernel_address *address)
{
    struct interface *interface = find_index(table, address->ifindex);
    struct own_address *own;

    if (interface == NULL)
        return;
    own = find_address(interface, address);
    if (own == NULL) {
        own = calloc(1, sizeof(*own));
        if (own == NULL)
            abort();
        TAILQ_INSERT_TAIL(&interface->addresses, own, next);
    }
    own->address = *address;
}

void interface_table_remove_address(struct interface_table *table, const struct kernel_address *address)
{
    struct interface *interface = find_index(table, address->ifindex);
    struct own_address *own = interface == NULL ? NULL : find_address(interface, address);

    if (own == NULL)
        return;
    TAILQ_REMOVE(&interface->addresses, own, next);
    free(own);
}

void interface_table_forget_addresses(struct interface_table *table)
{
    struct interface *interface, *next;

    HASH_ITER(by_index, table->by_index, interface, next)
    {
        forget_addresses_of(interface);
    }
}

/* ------------------------------------------------------------------ for vrrp */

static bool is_usable_link_local(const struct kernel_address *address)
{
    return address->address.family == AF_INET6 && ip_address_is_link_local(&address->address) &&
           (address->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0;
}

static void describe_addresses(const struct interface *interface, struct links_interface *out)
{
    const struct own_address *own;

    TAILQ_FOREACH(own, &interface->addresses, next)
    {
        if (own->address.address.family == AF_INET && !ip_address_is_set(&out->primary_ipv4))
            out->primary_ipv4 = own->address.address;
        if (is_usable_link_local(&own->address) && !ip_address_is_set(&out->primary_ipv6))
            out->primary_ipv6 = own->address.address;
    }
}

void interface_table_describe(const struct interface_table *table, const char *name,
                              struct links_interface *out)
{
    const struct interface *interface = find_name(table, name);

    memset(out, 0, sizeof(*out)); /* compared as bytes by the caller */
    snprintf(out->name, sizeof(out->name), "%s", name);
    if (interface == NULL)
        return;
    out->ifindex = interface->link.ifindex;
    out->mtu = interface->link.mtu;
    out->flags = INTERFACE_EXISTS;
    if (interface->link.flags & IFF_UP)
        out->flags |= INTERFACE_UP;
    if (interface->link.flags & IFF_RUNNING)
        out->flags |= INTERFACE_RUNNING;
    describe_addresses(interface, out);
}
