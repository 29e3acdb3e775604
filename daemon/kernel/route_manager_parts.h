/*
 * What the two files of the route manager share; nobody else includes it.
 */
#ifndef TANDEM_KERNEL_ROUTE_MANAGER_PARTS_H
#define TANDEM_KERNEL_ROUTE_MANAGER_PARTS_H

#include <uthash.h>

#include "daemon/kernel/route_codec.h"
#include "daemon/kernel/route_manager.h"
#include "daemon/kernel/rule_codec.h"

#define ROUTE_TRY_AGAIN span_s(1) /* to put on what could not be, to ask whether it may be */

struct route_owner;

/* A route or a rule. */
struct route_item {
    struct route_owner *owner;
    const struct conf_route *route; /* one of both, in the model; the other is NULL */
    const struct conf_rule *rule;
    bool present;           /* in the kernel, as far as was read or answered */
    bool stale;             /* in its place is one of ours that is otherwise: to be replaced */
    bool lost;              /* it was on and is gone, by no doing of ours */
    bool given_up;          /* the same, and no_track says that it does not matter: until the next take */
    int error;              /* of the last attempt to put it on; 0 = none */
    enum route_match found; /* while the kernel's tables are read */
    struct mono restored;   /* when it was last put back */
};

/* Whose they are: an instance, or nobody's (static). */
struct route_owner {
    UT_hash_handle hh;
    uint64_t key;
    char *name;
    struct route_item *items; /* routes, then rules, in the order written */
    uint32_t count;
    bool held;      /* they should be on */
    bool confirmed; /* vrrp named it master since it started */
    bool uneven;    /* something may be missing */
};

struct route_manager {
    const struct route_manager_callbacks *callbacks;
    void *data;
    struct rtnetlink *netlink;
    const struct interface_table *table;
    struct route_owner *owners; /* by key */
    struct loop_timer *again;   /* what could not be put on is tried again */
    bool doubt;                 /* the kernel's tables are to be read */
    bool stopping;
};

/* ------------------------------------------------------------------ route_manager.c */

/* route_codec.h's question, of a struct interface_table. */
uint32_t route_manager_ifindex(const char *name, const void *table);

/* Puts on what the owner lacks. */
void route_manager_add_missing(struct route_manager *manager, struct route_owner *owner);

/* Takes off what the owner has. */
void route_manager_remove_present(struct route_manager *manager, struct route_owner *owner);

/* Tells how many there are. */
void route_manager_count(struct route_manager *manager, const struct route_owner *owner);

/* Whether its removal by others matters. */
bool route_item_is_guarded(const struct route_item *item);

/* "route 192.0.2.0/24 dev eth0". Returns buffer. */
#define ROUTE_ITEM_TEXT (ROUTE_TEXT + 8)
const char *route_item_text(const struct route_item *item, char buffer[static ROUTE_ITEM_TEXT]);

/* ------------------------------------------------------------------ route_look.c */

/* Reads the tables that wanted routes are in, and the rules; sets present, stale and lost of all items. */
void route_manager_read(struct route_manager *manager);

#endif
