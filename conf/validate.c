/*
 * Validation of what concerns several objects: two virtual routers with one identity, a VIP in two places.
 * What concerns one object was checked when it was built.
 */
#include "conf/build.h"

#include <string.h>

#include "conf/arena.h"
#include "conf/key.h"
#include "conf/values.h"

/* ------------------------------------------------------------------ virtual routers */

struct router {
    uint64_t key;
    struct known_instance *known;
    UT_hash_handle hh;
};

static struct known_instance *find_known(const struct conf_builder *builder,
                                         const struct conf_instance *instance)
{
    struct known_instance *known;

    HASH_FIND(by_name, builder->instances_by_name, instance->name, strlen(instance->name), known);
    return known;
}

/* The last line that gives the instance that number. */
static const struct conf_node *line_of_vrid(const struct conf_node *node, uint8_t vrid)
{
    const struct conf_node *found = node;
    int64_t number;

    for (const struct conf_node *line = node->children; line != NULL; line = line->next) {
        if (line->word_count > 1 && strcmp(line->words[0].text, "virtual_router_id") == 0 &&
            conf_parse_integer(line->words[1].text, vrid, vrid, &number) == CONF_VALUE_GOOD)
            found = line;
    }
    return found;
}

static void report_second_router(struct conf_builder *builder, const struct conf_instance *second,
                                 const struct conf_node *node, const struct conf_node *first)
{
    struct conf_diagnostic *diagnostic = conf_complain(
        builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, line_of_vrid(node, second->vrid), 1,
        "virtual_router_id %u is used twice on the same interface and family; vrrp_instance %s is left out",
        second->vrid, second->name);

    conf_diagnostic_relate(builder->diagnostics, diagnostic,
                           line_of_vrid(first, second->vrid)->words[0].position, "first used here");
    conf_diagnostic_advise(builder->diagnostics, diagnostic,
                           "give each a virtual_router_id of its own, the same on both machines");
}

/* What it is to others on the link, whatever device it has here. */
static uint64_t identity_of(const struct conf_instance *instance)
{
    struct conf_instance plain = *instance;

    plain.device.kind = CONF_DEVICE_NONE;
    return conf_key_instance(&plain);
}

void conf_validate_routers(struct conf_builder *builder)
{
    struct conf_model *model = builder->model;
    struct conf_arena *arena = builder->apart[0];
    struct router *routers = NULL;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < model->instances.count; i++) {
        struct conf_instance *instance = model->instances.items[i];
        struct known_instance *known = find_known(builder, instance);
        uint64_t identity = identity_of(instance);
        struct router *router;

        HASH_FIND(hh, routers, &identity, sizeof(identity), router);
        if (router != NULL) {
            report_second_router(builder, instance, conf_instance_node(builder, known),
                                 conf_instance_node(builder, router->known));
            known->dropped = true;
            continue;
        }
        router = conf_arena_alloc(arena, sizeof(*router));
        router->key = identity;
        router->known = known;
        HASH_ADD(hh, routers, key, sizeof(router->key), router);
        model->instances.items[kept++] = instance;
    }
    model->instances.count = kept;
    HASH_CLEAR(hh, routers);
    conf_arena_clear(arena);
}

/* ------------------------------------------------------------------ addresses of several instances */

struct held {
    struct ip_address address;
    const struct conf_instance *instance;
    UT_hash_handle hh;
};

static void check_address(struct conf_builder *builder, struct held **all,
                          const struct conf_instance *instance, const struct conf_vip *vip)
{
    char text[IP_ADDRESS_TEXT];
    struct held *held;

    HASH_FIND(hh, *all, &vip->address, sizeof(vip->address), held);
    if (held == NULL) {
        held = conf_arena_alloc(builder->apart[0], sizeof(*held));
        held->address = vip->address;
        held->instance = instance;
        HASH_ADD(hh, *all, address, sizeof(held->address), held);
        return;
    }
    if (held->instance == instance || ip_address_is_link_local(&vip->address))
        return;
    conf_diagnostic_relate(
        builder->diagnostics,
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_CONFLICT,
                      conf_instance_node(builder, find_known(builder, instance)), 1,
                      "vrrp_instances %s and %s both hold %s", held->instance->name, instance->name,
                      ip_address_text(&vip->address, text)),
        conf_instance_node(builder, find_known(builder, held->instance))->words[1].position, "the other one");
}

void conf_validate_addresses(struct conf_builder *builder)
{
    struct conf_model *model = builder->model;
    struct held *all = NULL;

    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        for (uint32_t j = 0; j < instance->vips.count; j++)
            check_address(builder, &all, instance, instance->vips.items[j]);
    }
    HASH_CLEAR(hh, all);
    conf_arena_clear(builder->apart[0]);
}
