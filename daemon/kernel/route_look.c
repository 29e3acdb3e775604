/*
 * Routes and policy rules: reading the kernel's tables, comparing, mending. See route_manager.h.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/kernel/route_manager_parts.h"

#define DUMP_ATTEMPTS 5
#define RESTORE_PAUSE span_ms(100) /* between two restorations of one item: somebody may fight us */

/* ------------------------------------------------------------------ comparing */

typedef void item_visitor(struct route_item *item, void *data);

static void for_each_item(struct route_manager *manager, item_visitor *visit, void *data)
{
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next) {
        for (uint32_t i = 0; i < owner->count; i++)
            visit(&owner->items[i], data);
    }
}

struct comparison {
    const struct route_manager *manager;
    const struct nlmsghdr *message;
    bool is_somebodys; /* some item wants it just so */
};

static void find_same(struct route_item *item, void *data)
{
    struct comparison *comparison = data;

    if (item->route == NULL || item->found == ROUTE_SAME ||
        route_compare(comparison->message, item->route, route_manager_ifindex, comparison->manager->table) !=
            ROUTE_SAME)
        return;
    item->found = ROUTE_SAME;
    comparison->is_somebodys = true;
}

static void find_in_place(struct route_item *item, void *data)
{
    const struct comparison *comparison = data;

    if (item->route == NULL || item->found != ROUTE_OTHER)
        return;
    item->found =
        route_compare(comparison->message, item->route, route_manager_ifindex, comparison->manager->table);
}

/* Only what nobody wants as it is stands in the place of another. */
static void route_dumped(const struct nlmsghdr *message, void *data)
{
    struct route_manager *manager = data;
    struct comparison comparison = {manager, message, false};

    if (message->nlmsg_type != RTM_NEWROUTE)
        return;
    for_each_item(manager, find_same, &comparison);
    if (!comparison.is_somebodys)
        for_each_item(manager, find_in_place, &comparison);
}

static void find_rule(struct route_item *item, void *data)
{
    const struct comparison *comparison = data;

    if (item->rule != NULL && rule_is_same(comparison->message, item->rule))
        item->found = ROUTE_SAME;
}

static void rule_dumped(const struct nlmsghdr *message, void *data)
{
    struct comparison comparison = {data, message, false};

    if (message->nlmsg_type == RTM_NEWRULE)
        for_each_item(data, find_rule, &comparison);
}

/* ------------------------------------------------------------------ reading */

static void dump(struct route_manager *manager, struct nlmsghdr *request, rtnetlink_dumped *dumped,
                 const char *what)
{
    int error = EINTR;

    for (int attempt = 0; attempt < DUMP_ATTEMPTS && error == EINTR; attempt++)
        error = rtnetlink_dump_some(manager->netlink, request, dumped, manager);
    if (error != 0 && error != EINTR && error != ENOENT && error != EAFNOSUPPORT) /* no such table yet */
        log_error("the kernel's %s cannot be read: %s", what, strerror(error));
}

static void dump_table(struct route_manager *manager, const struct conf_route *route)
{
    unsigned char buffer[ROUTE_DUMP_MAX] __attribute__((aligned(8)));

    dump(manager, route_encode_dump(buffer, route), route_dumped, "routes");
}

static void dump_rules(struct route_manager *manager, uint8_t family)
{
    unsigned char buffer[RULE_DUMP_MAX] __attribute__((aligned(8)));

    dump(manager, rule_encode_dump(buffer, family), rule_dumped, "rules");
}

/* Which tables were read already. */
#define TABLES_MAX 64

struct tables {
    struct route_manager *manager;
    const struct conf_route *read[TABLES_MAX];
    size_t count;
    bool rules_of_ipv4;
    bool rules_of_ipv6;
};

static bool is_read(const struct tables *tables, const struct conf_route *route)
{
    for (size_t i = 0; i < tables->count; i++) {
        if (tables->read[i]->family == route->family && tables->read[i]->table == route->table &&
            tables->read[i]->protocol == route->protocol)
            return true;
    }
    return false;
}

static void read_tables_of(struct route_item *item, void *data)
{
    struct tables *tables = data;
    bool *rules;

    if (item->route != NULL) {
        if (is_read(tables, item->route))
            return;
        if (tables->count < TABLES_MAX)
            tables->read[tables->count++] = item->route;
        dump_table(tables->manager, item->route);
        return;
    }
    rules = item->rule->family == AF_INET ? &tables->rules_of_ipv4 : &tables->rules_of_ipv6;
    if (*rules)
        return;
    *rules = true;
    dump_rules(tables->manager, item->rule->family);
}

static void begin_item(struct route_item *item, void *data)
{
    (void)data;
    item->found = ROUTE_OTHER;
}

/* What we sent is what we want, whatever the kernel made of it; only what we found is judged by its looks. */
static void conclude(struct route_item *item, void *data)
{
    bool was_present = item->present;

    (void)data;
    item->stale = item->found == ROUTE_IN_PLACE && !was_present;
    item->present = item->found == ROUTE_SAME || (item->found == ROUTE_IN_PLACE && was_present);
    item->lost = item->lost || (was_present && !item->present && item->owner->held);
    if (item->present)
        item->lost = false;
    item->owner->uneven = item->owner->uneven || (item->owner->held && !item->present);
}

void route_manager_read(struct route_manager *manager)
{
    struct tables tables = {.manager = manager};

    manager->doubt = false;
    for_each_item(manager, begin_item, NULL);
    for_each_item(manager, read_tables_of, &tables);
    for_each_item(manager, conclude, NULL);
}

/* ------------------------------------------------------------------ events */

struct event {
    const struct route_manager *manager;
    const struct nlmsghdr *message;
};

static void note_removal(struct route_item *item, void *data)
{
    const struct event *event = data;
    bool is_it = false;

    if (!item->present)
        return;
    if (event->message->nlmsg_type == RTM_DELROUTE && item->route != NULL)
        is_it = route_compare(event->message, item->route, route_manager_ifindex, event->manager->table) !=
                ROUTE_OTHER;
    else if (event->message->nlmsg_type == RTM_DELRULE && item->rule != NULL)
        is_it = rule_is_same(event->message, item->rule);
    if (!is_it)
        return;
    item->present = false;
    item->lost = item->owner->held;
    item->owner->uneven = item->owner->held;
}

void route_manager_heard(struct route_manager *manager, const struct nlmsghdr *message)
{
    struct event event = {manager, message};

    for_each_item(manager, note_removal, &event);
}

void route_manager_doubt(struct route_manager *manager)
{
    manager->doubt = manager->owners != NULL;
}

/* ------------------------------------------------------------------ mending */

/* Somebody takes it away again and again: it is put back, but not as fast as he can. */
static bool must_wait(const struct route_owner *owner, struct mono now)
{
    for (uint32_t i = 0; i < owner->count; i++) {
        const struct route_item *item = &owner->items[i];

        if (item->lost && mono_is_set(item->restored) &&
            mono_since(now, item->restored).ns < RESTORE_PAUSE.ns)
            return true;
    }
    return false;
}

static void judge_lost(struct route_item *item)
{
    char text[ROUTE_ITEM_TEXT];

    if (!item->lost || item->given_up || item->error != 0)
        return;
    item->given_up = !route_item_is_guarded(item);
    if (item->given_up)
        log_info("%s: %s disappeared without our doing, which no_track says does not matter",
                 item->owner->name, route_item_text(item, text));
    else
        log_warning("%s: %s disappeared without our doing: it is put back", item->owner->name,
                    route_item_text(item, text));
}

static void mend(struct route_manager *manager, struct route_owner *owner)
{
    if (must_wait(owner, mono_now())) {
        loop_timer_in(manager->again, RESTORE_PAUSE);
        return;
    }
    for (uint32_t i = 0; i < owner->count; i++)
        judge_lost(&owner->items[i]);
    route_manager_add_missing(manager, owner);
}

void route_manager_settled(struct route_manager *manager)
{
    if (manager->stopping)
        return;
    if (manager->doubt)
        route_manager_read(manager);
    for (struct route_owner *owner = manager->owners; owner != NULL; owner = owner->hh.next) {
        bool wanting = owner->held && owner->uneven;

        if (wanting && manager->callbacks->stands(owner->key, manager->data))
            mend(manager, owner);
        else if (wanting)
            loop_timer_in(manager->again, ROUTE_TRY_AGAIN);
        route_manager_count(manager, owner);
    }
}
