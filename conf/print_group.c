/*
 * virtual_server_group blocks, see print_group.h. Entries that are another virtual server's already are left
 * out of a server (build_service.c), so servers of one group can have kept different ones of its entries.
 */
#include "conf/print_group.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct member {
    const struct conf_virtual_server *server;
    uint32_t next; /* its first entry that is not printed */
};

struct group {
    const char *name;
    struct member *members;
    uint32_t count;
    UT_hash_handle hh;
};

struct print_groups {
    struct group *by_name; /* in the order of their first servers */
};

/* ------------------------------------------------------------------ who is in a group */

static bool is_of_group(const struct conf_virtual_server *server)
{
    return server->kind == CONF_SERVER_GROUP && server->group != NULL;
}

static struct group *find_group(const struct print_groups *groups, const char *name)
{
    struct group *found;

    HASH_FIND_STR(groups->by_name, name, found);
    return found;
}

static struct group *add_group(struct print_groups *groups, const char *name)
{
    struct group *group = calloc(1, sizeof(*group));

    if (group == NULL)
        abort();
    group->name = name;
    HASH_ADD_KEYPTR(hh, groups->by_name, name, strlen(name), group);
    return group;
}

static void add_member(struct group *group, const struct conf_virtual_server *server)
{
    group->members = realloc(group->members, (group->count + 1) * sizeof(*group->members));
    if (group->members == NULL)
        abort();
    group->members[group->count++] = (struct member){.server = server};
}

struct print_groups *print_groups_new(const struct conf_model *model)
{
    struct print_groups *groups = calloc(1, sizeof(*groups));

    if (groups == NULL)
        abort();
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = model->virtual_servers.items[i];
        struct group *group;

        if (!is_of_group(server))
            continue;
        group = find_group(groups, server->group);
        add_member(group == NULL ? add_group(groups, server->group) : group, server);
    }
    return groups;
}

void print_groups_free(struct print_groups *groups)
{
    struct group *group, *next;

    if (groups == NULL)
        return;
    HASH_ITER(hh, groups->by_name, group, next)
    {
        HASH_DEL(groups->by_name, group);
        free(group->members);
        free(group);
    }
    free(groups);
}

/* ------------------------------------------------------------------ entries */

/* Of two servers of one group: a mark they share has two families, as one of them could not claim the same.
 */
static bool is_same_entry(const struct conf_service *one, const struct conf_service *other)
{
    if (one->fwmark != 0 || other->fwmark != 0)
        return one->fwmark == other->fwmark;
    return one->count == other->count && one->first.port == other->first.port &&
           ip_address_compare(&one->first.address, &other->first.address) == 0;
}

static bool has_entry(const struct conf_virtual_server *server, uint32_t from,
                      const struct conf_service *entry)
{
    for (uint32_t i = from; i < server->services.count; i++) {
        if (is_same_entry(server->services.items[i], entry))
            return true;
    }
    return false;
}

/* A mark that stands in the group without a family, so that each server gives it its own. */
static bool is_shared_mark(const struct group *group, const struct conf_service *entry)
{
    uint32_t having = 0;

    if (entry->fwmark == 0)
        return false;
    for (uint32_t i = 0; i < group->count && having < 2; i++)
        having += has_entry(group->members[i].server, 0, entry);
    return having > 1;
}

uint8_t print_groups_family(const struct print_groups *groups, const struct conf_virtual_server *server)
{
    const struct group *group =
        groups == NULL || !is_of_group(server) ? NULL : find_group(groups, server->group);

    if (group == NULL || group->count < 2)
        return AF_UNSPEC;
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (is_shared_mark(group, server->services.items[i]))
            return server->services.items[i]->first.address.family;
    }
    return AF_UNSPEC;
}

/* ------------------------------------------------------------------ the text */

static const struct conf_service *head_of(const struct member *member)
{
    return member->next < member->server->services.count ? member->server->services.items[member->next]
                                                         : NULL;
}

/* For no server does another entry come before it. */
static bool is_next(const struct group *group, const struct conf_service *entry)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct member *member = &group->members[i];
        const struct conf_service *head = head_of(member);

        if (head != NULL && !is_same_entry(head, entry) && has_entry(member->server, member->next, entry))
            return false;
    }
    return true;
}

/* Each server's entries are in the order of the group, so there is one until none is left: NULL. */
static const struct conf_service *next_entry(const struct group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct conf_service *head = head_of(&group->members[i]);

        if (head != NULL && is_next(group, head))
            return head;
    }
    return NULL;
}

static void advance(struct group *group, const struct conf_service *entry)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct conf_service *head = head_of(&group->members[i]);

        if (head != NULL && is_same_entry(head, entry))
            group->members[i].next++;
    }
}

static void print_group(printer *out, struct group *group)
{
    const struct conf_service *entry;

    printer_begin(out, "virtual_server_group");
    printer_word(out, group->name);
    fputs(" {\n", out->out);
    out->depth++;
    while ((entry = next_entry(group)) != NULL) {
        printer_begin(out, "");
        if (is_shared_mark(group, entry))
            fprintf(out->out, " fwmark %u", entry->fwmark);
        else
            printer_service(out, entry);
        printer_end(out);
        advance(group, entry);
    }
    printer_close(out);
}

void print_groups(printer *out, struct print_groups *groups)
{
    for (struct group *group = groups->by_name; group != NULL; group = group->hh.next)
        print_group(out, group);
}
