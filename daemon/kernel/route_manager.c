/*
 * Routes and policy rules: orders and configuration. See route_manager.h.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/kernel/route_manager_parts.h"

#define BATCH       64 /* requests a send: well within a millisecond */
#define STATIC_NAME "static"

/* Room for either. */
#define MESSAGE_MAX ROUTE_MESSAGE_MAX

/* ------------------------------------------------------------------ items */

uint32_t route_manager_ifindex(const char *name, const void *table)
{
    const struct kernel_link *link = interface_table_by_name(table, name);

    return link == NULL ? 0 : link->ifindex;
}

bool route_item_is_guarded(const struct route_item *item)
{
    return item->route != NULL ? !item->route->no_track : !item->rule->no_track;
}

const char *route_item_text(const struct route_item *item, char buffer[static ROUTE_ITEM_TEXT])
{
    char text[ROUTE_TEXT];

    if (item->route != NULL)
        snprintf(buffer, ROUTE_ITEM_TEXT, "route %s", route_text(item->route, text));
    else
        snprintf(buffer, ROUTE_ITEM_TEXT, "rule %s", rule_text(item->rule, text));
    return buffer;
}

static uint16_t place_flags(enum conf_route_place place)
{
    switch (place) {
    case CONF_ROUTE_PREPEND:
        break;
    case CONF_ROUTE_ADD:
        return NLM_F_EXCL;
    case CONF_ROUTE_APPEND:
        return NLM_F_APPEND;
    }
    return 0;
}

/* NULL with errno if the request cannot be made. */
static struct nlmsghdr *encode(const struct route_manager *manager, const struct route_item *item, bool add,
                               void *buffer)
{
    uint16_t flags = 0;

    if (add)
        flags = NLM_F_CREATE | (item->stale ? NLM_F_REPLACE : 0);
    if (item->rule != NULL)
        return rule_encode(buffer, add ? RTM_NEWRULE : RTM_DELRULE, add ? NLM_F_CREATE | NLM_F_EXCL : 0,
                           item->rule);
    if (add && !item->stale)
        flags |= place_flags(item->route->place);
    return route_encode(buffer, add ? RTM_NEWROUTE : RTM_DELROUTE, flags, item->route, route_manager_ifindex,
                        manager->table);
}

/* ------------------------------------------------------------------ the kernel's answers */

static bool is_there_already(const struct route_item *item, int error)
{
    return error == EEXIST && (item->rule != NULL || item->route->place != CONF_ROUTE_ADD);
}

static void added(void *cookie, int error, const char *why, void *data)
{
    struct route_item *item = cookie;
    char text[ROUTE_ITEM_TEXT];

    (void)data;
    if (is_there_already(item, error))
        error = 0;
    if (error != 0 && error != item->error)
        log_error("%s: %s cannot be put on: %s%s%s", item->owner->name, route_item_text(item, text),
                  strerror(error), why[0] == '\0' ? "" : ": ", why);
    else if (error == 0 && item->error != 0)
        log_notice("%s: %s is on now", item->owner->name, route_item_text(item, text));
    item->error = error;
    item->present = error == 0;
    if (error != 0)
        return;
    item->stale = false;
    if (item->lost)
        item->restored = mono_now();
    item->lost = false;
}

static bool is_gone_already(int error)
{
    return error == ESRCH || error == ENOENT || error == ENODEV || error == EAFNOSUPPORT;
}

static void removed(void *cookie, int error, const char *why, void *data)
{
    struct route_item *item = cookie;
    char text[ROUTE_ITEM_TEXT];

    (void)data;
    if (error != 0 && !is_gone_already(error)) {
        log_error("%s: %s cannot be removed: %s%s%s", item->owner->name, route_item_text(item, text),
                  strerror(error), why[0] == '\0' ? "" : ": ", why);
        return;
    }
    item->present = item->stale = item->lost = false;
    item->error = 0;
}

/* ------------------------------------------------------------------ batches */

struct batch {
    struct route_manager *manager;
    rtnetlink_outcome *outcome;
    bool add;
    size_t count;
};

static void send_batch(struct batch *batch)
{
    if (batch->count == 0)
        return;
    if (!rtnetlink_send(batch->manager->netlink, batch->outcome, NULL))
        batch->manager->doubt = true;
    batch->count = 0;
}

static void add_to_batch(struct batch *batch, struct route_item *item)
{
    unsigned char buffer[MESSAGE_MAX] __attribute__((aligned(8)));
    struct nlmsghdr *message = encode(batch->manager, item, batch->add, buffer);

    if (message == NULL) {
        batch->outcome(item, errno, "", NULL);
        return;
    }
    if (batch->count == BATCH || !rtnetlink_add(batch->manager->netlink, message, item)) {
        send_batch(batch);
        rtnetlink_add(batch->manager->netlink, message, item);
    }
    batch->count++;
}

void route_manager_count(struct route_manager *manager, const struct route_owner *owner)
{
    struct route_counts counts = {0};

    for (uint32_t i = 0; i < owner->count; i++) {
        const struct route_item *item = &owner->items[i];

        counts.routes_wanted += item->route != NULL;
        counts.routes_present += item->route != NULL && item->present;
        counts.rules_wanted += item->rule != NULL;
        counts.rules_present += item->rule != NULL && item->present;
    }
    manager->callbacks->counted(owner->key, &counts, manager->data);
}

static bool is_missing(const struct route_item *item)
{
    return (!item->present && !item->given_up) || item->stale;
}

void route_manager_add_missing(struct route_manager *manager, struct route_owner *owner)
{
    struct batch batch = {manager, added, true, 0};
    bool complete = true;

    for (uint32_t i = 0; i < owner->count; i++) {
        if (is_missing(&owner->items[i]))
            add_to_batch(&batch, &owner->items[i]);
    }
    send_batch(&batch);
    for (uint32_t i = 0; i < owner->count; i++)
        complete = complete && !is_missing(&owner->items[i]);
    owner->uneven = !complete;
    if (!complete)
        loop_timer_in(manager->again, ROUTE_TRY_AGAIN);
    route_manager_count(manager, owner);
}

/* The other way round than they came: rules first. */
void route_manager_remove_present(struct route_manager *manager, struct route_owner *owner)
{
    struct batch batch = {manager, removed, false, 0};

    for (uint32_t i = owner->count; i > 0; i--) {
        if (owner->items[i - 1].present)
            add_to_batch(&batch, &owner->items[i - 1]);
    }
    send_batch(&batch);
    for (uint32_t i = 0; i < owner->count; i++)
        owner->items[i].error = 0;
    owner->uneven = false;
    route_manager_count(manager, owner);
}

/* ------------------------------------------------------------------ orders */

static struct route_owner *find_owner(const struct route_manager *manager, uint64_t key)
{
    struct route_owner *owner;

    HASH_FIND(hh, manager->owners, &key, sizeof(key), owner);
    return owner;
}

void route_manager_expect(struct route_manager *manager, uint64_t key)
{
    struct route_owner *owner = find_owner(manager, key);

    if (owner != NULL)
        owner->confirmed = true;
}

void route_manager_take(struct route_manager *manager, uint64_t key)
{
    struct route_owner *owner = find_owner(manager, key);

    if (owner == NULL || manager->stopping)
        return;
    owner->held = owner->confirmed = true;
    for (uint32_t i = 0; i < owner->count; i++)
        owner->items[i].given_up = false;
    route_manager_add_missing(manager, owner);
}

static void release(struct route_manager *manager, struct route_owner *owner)
{
    owner->held = owner->confirmed = false;
    route_manager_remove_present(manager, owner);
}

void route_manager_release(struct route_manager *manager, uint64_t key)
{
    struct route_owner *owner = find_owner(manager, key);

    if (owner != NULL)
        release(manager, owner);
}

void route_manager_vrrp_started(struct route_manager *manager)
{
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next)
        owner->confirmed = owner->key == ROUTE_STATIC;
}

static bool has_present(const struct route_owner *owner)
{
    for (uint32_t i = 0; i < owner->count; i++) {
        if (owner->items[i].present)
            return true;
    }
    return false;
}

void route_manager_synced(struct route_manager *manager)
{
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next) {
        if (owner->confirmed || !has_present(owner))
            continue;
        log_notice("%s: removes routes and rules left from before: it is not master", owner->name);
        release(manager, owner);
    }
}

void route_manager_withdraw(struct route_manager *manager)
{
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next) {
        if (owner->key != ROUTE_STATIC && owner->held)
            release(manager, owner);
    }
}

void route_manager_stop(struct route_manager *manager)
{
    manager->stopping = true;
    loop_timer_stop(manager->again);
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next) {
        if (owner->held)
            release(manager, owner);
    }
}

/* ------------------------------------------------------------------ configuration */

static struct route_owner *owner_new(uint64_t key, const char *name, uint32_t count)
{
    struct route_owner *owner = calloc(1, sizeof(*owner));

    if (owner == NULL)
        abort();
    owner->key = key;
    owner->name = strdup(name);
    owner->items = calloc(count, sizeof(*owner->items));
    if (owner->name == NULL || owner->items == NULL)
        abort();
    return owner;
}

static void owner_free(struct route_owner *owner)
{
    free(owner->name);
    free(owner->items);
    free(owner);
}

static void add_items(struct route_owner *owner, struct conf_route *const *routes, uint32_t route_count,
                      struct conf_rule *const *rules, uint32_t rule_count)
{
    for (uint32_t i = 0; i < route_count; i++)
        owner->items[owner->count++] = (struct route_item){.owner = owner, .route = routes[i]};
    for (uint32_t i = 0; i < rule_count; i++)
        owner->items[owner->count++] = (struct route_item){.owner = owner, .rule = rules[i]};
}

/* Two that ask the kernel for the same are the same. One whose interface is not there is not in the kernel.
 */
static bool asks_for_the_same(const struct route_manager *manager, const struct route_item *a,
                              const struct route_item *b)
{
    unsigned char buffer_a[MESSAGE_MAX] __attribute__((aligned(8)));
    unsigned char buffer_b[MESSAGE_MAX] __attribute__((aligned(8)));
    const struct nlmsghdr *first, *second;

    if ((a->route == NULL) != (b->route == NULL) ||
        (a->route != NULL && !route_shares_place(a->route, b->route)))
        return false;
    first = encode(manager, a, false, buffer_a);
    second = encode(manager, b, false, buffer_b);
    return first != NULL && second != NULL && first->nlmsg_len == second->nlmsg_len &&
           memcmp(first, second, first->nlmsg_len) == 0 &&
           (a->route == NULL || a->route->scope == b->route->scope);
}

static bool replaces(const struct route_item *item, const struct route_item *old)
{
    return item->route != NULL && old->route != NULL && !item->present &&
           route_shares_place(item->route, old->route);
}

/* What the old item is in the new configuration: the same, in the place of another, or nothing. */
static void hand_over(struct route_manager *manager, struct route_owner *owner, struct route_item *old)
{
    for (uint32_t i = 0; i < owner->count; i++) {
        struct route_item *item = &owner->items[i];

        if (item->present || item->error != 0 || !asks_for_the_same(manager, item, old))
            continue;
        item->present = old->present;
        item->lost = old->lost;
        item->given_up = old->given_up;
        item->restored = old->restored;
        item->error = old->error;
        old->present = false;
        return;
    }
}

static void hand_over_places(struct route_owner *owner, struct route_item *old)
{
    for (uint32_t i = 0; i < owner->count && old->present; i++) {
        if (!replaces(&owner->items[i], old) || owner->items[i].stale)
            continue;
        owner->items[i].stale = true;
        old->present = false;
    }
}

/* Takes over from the owner of the same key in the configuration before. */
static void succeed(struct route_manager *manager, struct route_owner *owner, struct route_owner *old)
{
    owner->held = old->held;
    owner->confirmed = old->confirmed;
    for (uint32_t i = 0; i < old->count; i++)
        hand_over(manager, owner, &old->items[i]);
    for (uint32_t i = 0; i < old->count && old->held; i++)
        hand_over_places(owner, &old->items[i]);
}

static void configure_owner(struct route_manager *manager, struct route_owner **owners,
                            struct route_owner *owner)
{
    struct route_owner *old = find_owner(manager, owner->key);

    if (owner->key == ROUTE_STATIC)
        owner->confirmed = true;
    if (old != NULL)
        succeed(manager, owner, old);
    owner->uneven = owner->held;
    HASH_ADD(hh, *owners, key, sizeof(owner->key), owner);
}

static void configure_instance(struct route_manager *manager, struct route_owner **owners,
                               const struct conf_instance *instance)
{
    uint32_t count = instance->routes.count + instance->rules.count;
    struct route_owner *owner;

    if (count == 0)
        return;
    owner = owner_new(instance->key, instance->name, count);
    add_items(owner, instance->routes.items, instance->routes.count, instance->rules.items,
              instance->rules.count);
    configure_owner(manager, owners, owner);
}

static void configure_static(struct route_manager *manager, struct route_owner **owners,
                             const struct conf_model *model)
{
    uint32_t count = model->static_routes.count + model->static_rules.count;
    struct route_owner *owner;

    if (count == 0)
        return;
    owner = owner_new(ROUTE_STATIC, STATIC_NAME, count);
    add_items(owner, model->static_routes.items, model->static_routes.count, model->static_rules.items,
              model->static_rules.count);
    configure_owner(manager, owners, owner);
}

/* What nobody took over goes. */
static void drop_owners(struct route_manager *manager, struct route_owner *owners)
{
    struct route_owner *owner, *next;

    HASH_ITER(hh, owners, owner, next)
    {
        HASH_DEL(owners, owner);
        if (find_owner(manager, owner->key) == NULL || has_present(owner))
            route_manager_remove_present(manager, owner);
        owner_free(owner);
    }
}

void route_manager_configure(struct route_manager *manager, const struct conf_model *model)
{
    struct route_owner *owners = NULL, *old;

    for (uint32_t i = 0; i < model->instances.count; i++)
        configure_instance(manager, &owners, model->instances.items[i]);
    configure_static(manager, &owners, model);
    old = manager->owners;
    manager->owners = owners;
    drop_owners(manager, old);
    manager->doubt = manager->owners != NULL;
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next)
        route_manager_count(manager, owner);
}

bool route_manager_watches(const struct route_manager *manager)
{
    for (const struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next) {
        for (uint32_t i = 0; i < owner->count; i++) {
            if (route_item_is_guarded(&owner->items[i]))
                return true;
        }
    }
    return false;
}

/* ------------------------------------------------------------------ life */

static void try_again(void *data)
{
    route_manager_settled(data);
}

struct route_manager *route_manager_new(struct loop *loop, struct rtnetlink *netlink,
                                        const struct interface_table *table,
                                        const struct route_manager_callbacks *callbacks, void *data)
{
    struct route_manager *manager = calloc(1, sizeof(*manager));

    if (manager == NULL)
        abort();
    manager->callbacks = callbacks;
    manager->data = data;
    manager->netlink = netlink;
    manager->table = table;
    manager->again = loop_timer_new(loop, try_again, manager);
    return manager;
}
