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
    const struct conf_model *model;
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
    groups->model = model;
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

/* ------------------------------------------------------------------ marks without a family */

/* A mark that stands in the group without a family, so that each server gives it its own: two servers have
 * it, or only a later one, as the first would have claimed it else. */
static bool is_open_mark(const struct group *group, const struct conf_service *entry)
{
    uint32_t having = 0;

    if (entry->fwmark == 0 || group->count < 2)
        return false;
    for (uint32_t i = 0; i < group->count; i++)
        having += has_entry(group->members[i].server, 0, entry);
    return having > 1 || !has_entry(group->members[0].server, 0, entry);
}

static bool overlap(const struct conf_service *one, const struct conf_service *other)
{
    struct ip_address one_last, other_last;

    if (one->fwmark != 0 || other->fwmark != 0)
        return one->fwmark == other->fwmark && one->first.address.family == other->first.address.family;
    if (one->first.port != other->first.port || one->first.address.family != other->first.address.family)
        return false;
    one_last = ip_address_plus(&one->first.address, one->count - 1);
    other_last = ip_address_plus(&other->first.address, other->count - 1);
    return ip_address_compare(&one->first.address, &other_last) <= 0 &&
           ip_address_compare(&other->first.address, &one_last) <= 0;
}

/* One of the server's entries, from that on, that cannot be claimed with this one. */
static bool has_overlap(const struct conf_virtual_server *server, uint32_t from,
                        const struct conf_service *entry)
{
    for (uint32_t i = from; i < server->services.count; i++) {
        if (overlap(server->services.items[i], entry))
            return true;
    }
    return false;
}

/* Whether the entry is another's by the time that this server is read. */
static bool is_claimed(const struct print_groups *groups, const struct conf_virtual_server *server,
                       const struct conf_service *entry)
{
    const struct conf_model *model = groups->model;

    for (uint32_t i = 0; i < model->virtual_servers.count && model->virtual_servers.items[i] != server; i++) {
        const struct conf_virtual_server *other = model->virtual_servers.items[i];

        if ((entry->fwmark != 0 || other->protocol == server->protocol) && has_overlap(other, 0, entry))
            return true;
    }
    return false;
}

/* With that family the server would read the open marks of its group as it has them. */
static bool reads_marks(const struct print_groups *groups, const struct group *group,
                        const struct conf_virtual_server *server, uint8_t family)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct conf_virtual_server *other = group->members[i].server;

        for (uint32_t j = 0; j < other->services.count; j++) {
            struct conf_service entry = *other->services.items[j];

            if (!is_open_mark(group, &entry))
                continue;
            entry.first.address.family = family;
            if (!has_overlap(server, 0, &entry) && !is_claimed(groups, server, &entry))
                return false;
        }
    }
    return true;
}

static bool has_open_marks(const struct group *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct conf_virtual_server *server = group->members[i].server;

        for (uint32_t j = 0; j < server->services.count; j++) {
            if (is_open_mark(group, server->services.items[j]))
                return true;
        }
    }
    return false;
}

static struct group *group_of(const struct print_groups *groups, const struct conf_virtual_server *server)
{
    return groups == NULL || !is_of_group(server) ? NULL : find_group(groups, server->group);
}

uint8_t print_groups_family(const struct print_groups *groups, const struct conf_virtual_server *server)
{
    const struct group *group = group_of(groups, server);

    if (group == NULL || group->count < 2 || !has_open_marks(group))
        return AF_UNSPEC;
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (is_open_mark(group, server->services.items[i]))
            return server->services.items[i]->first.address.family;
    }
    return reads_marks(groups, group, server, AF_INET) ? AF_INET : AF_INET6;
}

bool print_groups_have_addresses(const struct print_groups *groups, const struct conf_virtual_server *server)
{
    const struct group *group = group_of(groups, server);

    for (uint32_t i = 0; group != NULL && i < group->count; i++) {
        const struct conf_virtual_server *other = group->members[i].server;

        for (uint32_t j = 0; j < other->services.count; j++) {
            if (other->services.items[j]->fwmark == 0)
                return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ the text */

static const struct conf_service *head_of(const struct member *member)
{
    return member->next < member->server->services.count ? member->server->services.items[member->next]
                                                         : NULL;
}

/* The server lacks this entry because of one of its own, which therefore stands before it. */
static bool waits(const struct print_groups *groups, const struct member *member,
                  const struct conf_service *entry)
{
    return has_overlap(member->server, member->next, entry) && !is_claimed(groups, member->server, entry);
}

/* For no server does another entry come before it. */
static bool is_next(const struct print_groups *groups, const struct group *group,
                    const struct conf_service *entry)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct member *member = &group->members[i];
        const struct conf_service *head = head_of(member);

        if (head == NULL || is_same_entry(head, entry))
            continue;
        if (has_entry(member->server, member->next, entry) || waits(groups, member, entry))
            return false;
    }
    return true;
}

/* Each server's entries are in the order of the group, so one is next until none is left: NULL. But a mark
 * may stand in the group twice, with a family first: then family is that. */
static const struct conf_service *next_entry(const struct print_groups *groups, const struct group *group,
                                             uint8_t *family)
{
    const struct conf_service *left = NULL;

    *family = AF_UNSPEC;
    for (uint32_t i = 0; i < group->count; i++) {
        const struct conf_service *head = head_of(&group->members[i]);

        if (head != NULL && is_next(groups, group, head))
            return head;
        if (left == NULL)
            left = head;
    }
    if (left != NULL)
        *family = left->first.address.family;
    return left;
}

/* family: only those that have the mark with that one; AF_UNSPEC: all that have the entry. */
static void advance(struct group *group, const struct conf_service *entry, uint8_t family)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const struct conf_service *head = head_of(&group->members[i]);

        if (head != NULL && is_same_entry(head, entry) &&
            (family == AF_UNSPEC || head->first.address.family == family))
            group->members[i].next++;
    }
}

static void print_entry(printer *out, struct group *group, const struct conf_service *entry, uint8_t family)
{
    printer_begin(out, "");
    if (family == AF_UNSPEC && is_open_mark(group, entry))
        fprintf(out->out, " fwmark %u", entry->fwmark);
    else
        printer_service(out, entry);
    printer_end(out);
    advance(group, entry, family);
}

static void print_group(printer *out, const struct print_groups *groups, struct group *group)
{
    const struct conf_service *entry;
    uint8_t family;

    printer_begin(out, "virtual_server_group");
    printer_word(out, group->name);
    fputs(" {\n", out->out);
    out->depth++;
    while ((entry = next_entry(groups, group, &family)) != NULL)
        print_entry(out, group, entry, family);
    printer_close(out);
}

void print_groups(printer *out, struct print_groups *groups)
{
    for (struct group *group = groups->by_name; group != NULL; group = group->hh.next)
        print_group(out, groups, group);
}
