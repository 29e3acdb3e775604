/*
 * Findings about virtual routers. See lint.h.
 */
#include "conf/lint.h"

#include <string.h>

#define LEAST_PRIORITY 1
#define MOST_PRIORITY  254 /* that weights lead to: 255 is an owner's */

/* ------------------------------------------------------------------ weights */

/* An instance whose weights are looked at, in the order of their lines. */
struct weighing {
    struct conf_builder *builder;
    struct known_instance *known;
    const struct conf_node *last; /* the line that was looked for last; NULL = none */
};

/* The next line of a list that names something, after the last one if that is of this list. */
static const struct conf_node *find_entry(const struct weighing *weighing, const struct conf_node *list,
                                          const char *name)
{
    bool goes_on = weighing->last != NULL && weighing->last->parent == list;
    const struct conf_node *entry = goes_on ? weighing->last->next : list->children;

    for (; entry != NULL; entry = entry->next) {
        if (strcmp(entry->words[0].text, name) == 0)
            return entry;
    }
    return NULL;
}

/* The line of a list block that names something; the instance's own line if it is not there. */
static const struct conf_node *entry_of(struct weighing *weighing, const char *block, const char *name)
{
    const struct conf_node *instance = conf_instance_node(weighing->builder, weighing->known);
    const struct conf_node *list = conf_node_find(instance, block), *entry;

    if (list == instance)
        return instance;
    entry = find_entry(weighing, list, name);
    if (entry == NULL && weighing->last != NULL) { /* it stands further up */
        weighing->last = NULL;
        entry = find_entry(weighing, list, name);
    }
    weighing->last = entry;
    return entry == NULL ? instance : entry;
}

static void find_lost_weight(struct weighing *weighing, const char *block, const char *name, int change)
{
    unsigned int priority = weighing->known->instance->base_priority;
    int sum = (int)priority + change;

    if (change > 0 && sum > MOST_PRIORITY)
        conf_lint_find(weighing->builder, entry_of(weighing, block, name), 0, CONF_PROBLEM_CONFLICT,
                       "lower the priority, so that it has room for the weight, on both machines alike",
                       "priority %u and weight %d of %s make no more than %d, not %d", priority, change, name,
                       MOST_PRIORITY, sum);
    else if (change < 0 && priority == LEAST_PRIORITY)
        conf_lint_find(
            weighing->builder, entry_of(weighing, block, name), 0, CONF_PROBLEM_CONFLICT,
            "raise the priority on both machines, or leave the weight out: then failure means FAULT",
            "weight %d of %s can never make the backup win: priority %u is the least there is", change, name,
            priority);
}

/* Whose failure means FAULT needs no weight; a backup with nopreempt only looks at whether a master lives. */
static void find_useless_weight(struct weighing *weighing, const char *block, const char *name)
{
    conf_lint_find(
        weighing->builder, entry_of(weighing, block, name), 0, CONF_PROBLEM_CONFLICT,
        "leave the weight out, so that failure means FAULT and the backup takes over, or nopreempt",
        "the weight of %s can never make %s win while a master lives: it has nopreempt", name,
        weighing->known->instance->name);
}

static void look_at_weight(struct weighing *weighing, const char *block, const char *name, int change)
{
    if (change == 0 || weighing->known->instance->base_priority > MOST_PRIORITY)
        return;
    if (!weighing->known->instance->preempt)
        find_useless_weight(weighing, block, name);
    else
        find_lost_weight(weighing, block, name, change);
}

static void look_at_weights(struct conf_builder *builder, struct known_instance *known)
{
    struct weighing weighing = {.builder = builder, .known = known};
    const struct conf_instance *instance = known->instance;

    for (uint32_t i = 0; i < instance->tracked.count; i++) {
        const struct conf_tracked *tracked = instance->tracked.items[i];
        int change = tracked->reverse ? -tracked->weight : tracked->weight;

        if (tracked->kind != CONF_TRACKED_FILE || !instance->preempt) /* a file's weight is a factor */
            look_at_weight(&weighing, conf_tracked_list(tracked->kind), tracked->name, change);
    }
    for (uint32_t i = 0; i < instance->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = instance->tracked_interfaces.items[i];
        int change = tracked->reverse ? -tracked->weight : tracked->weight;

        look_at_weight(&weighing, "track_interface", tracked->interface, change);
    }
}

/* ------------------------------------------------------------------ prefix lengths */

static unsigned int address_bits(const struct ip_address *address)
{
    return address->family == AF_INET ? 32 : 128;
}

/* Whether all bits behind the prefix are ones, or zeros. */
static bool is_host_part(const struct conf_vip *vip, bool ones)
{
    for (unsigned int bit = vip->prefix_length; bit < address_bits(&vip->address); bit++) {
        if (((vip->address.bytes[bit / 8] >> (7 - bit % 8)) & 1) != ones)
            return false;
    }
    return true;
}

static bool is_same_network(const struct conf_vip *one, const struct conf_vip *other)
{
    unsigned int length =
        one->prefix_length < other->prefix_length ? one->prefix_length : other->prefix_length;

    for (unsigned int bit = 0; bit < length; bit++) {
        if (((one->address.bytes[bit / 8] ^ other->address.bytes[bit / 8]) >> (7 - bit % 8)) & 1)
            return false;
    }
    return one->address.family == other->address.family && strcmp(one->interface, other->interface) == 0;
}

static const char *wrong_host_part(const struct conf_vip *vip)
{
    if (vip->prefix_length + 1U >= address_bits(&vip->address) || ip_address_is_set(&vip->peer))
        return NULL;
    if (is_host_part(vip, false))
        return vip->address.family == AF_INET ? "the address of the network itself"
                                              : "the anycast address of its routers";
    if (vip->address.family == AF_INET && is_host_part(vip, true))
        return "the broadcast address of its network";
    return NULL;
}

static void look_at_prefixes(struct conf_builder *builder, const struct instance_draft *draft)
{
    const struct address_draft *first = NULL;

    for (const struct address_draft *address = draft->addresses; address != NULL; address = address->next) {
        const struct conf_vip *vip = &address->vip;
        const char *wrong = wrong_host_part(vip);

        if (wrong != NULL)
            conf_lint_find(builder, address->node, 0, CONF_PROBLEM_VALUE,
                           "write the address that clients use, with the prefix length of its network",
                           "%s is %s with that prefix length", address->node->words[0].text, wrong);
        if (vip->interface == NULL || vip->prefix_length == address_bits(&vip->address))
            continue;
        if (first == NULL)
            first = address;
        else if (vip->prefix_length != first->vip.prefix_length && is_same_network(vip, &first->vip))
            conf_lint_find(builder, address->node, 0, CONF_PROBLEM_VALUE,
                           "give both the prefix length of their network, as on the machine's own address",
                           "%s and %s are in one network and have different prefix lengths",
                           first->node->words[0].text, address->node->words[0].text);
    }
}

/* ------------------------------------------------------------------ peers */

static void look_at_peers(struct conf_builder *builder, const struct instance_draft *draft)
{
    const struct conf_node *peers = conf_node_find(draft->node, "unicast_peer");

    if (peers != draft->node && peers->children == NULL && draft->instance->unicast_peers.count == 0)
        conf_lint_find(builder, peers, 0, CONF_PROBLEM_MISSING,
                       "write the other machine's address into it, or remove the block",
                       draft->instance->lacks_peer ? "unicast_peer is empty, so %s is in FAULT"
                                                   : "unicast_peer is empty, so %s speaks multicast",
                       draft->instance->name);
}

void conf_lint_instance(struct conf_builder *builder, const struct instance_draft *draft)
{
    look_at_prefixes(builder, draft);
    look_at_peers(builder, draft);
}

void conf_lint_instances(struct conf_builder *builder)
{
    for (size_t i = 0; i < builder->instance_count; i++) {
        if (!builder->instances[i]->dropped)
            look_at_weights(builder, builder->instances[i]);
    }
}
