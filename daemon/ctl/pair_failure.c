/*
 * Everything of two machines that can fail alone. See pair.h.
 */
#include "daemon/ctl/pair.h"

#include <stdlib.h>
#include <string.h>

struct list {
    struct pair_failure *items;
    size_t count;
    size_t room;
};

static bool is_same(const struct pair_failure *one, const struct pair_failure *other)
{
    if (one->kind != other->kind || one->box != other->box)
        return false;
    return one->kind == PAIR_INTERFACE ? strcmp(one->name, other->name) == 0 : one->key == other->key;
}

static void add(struct list *list, const struct pair_failure *failure)
{
    for (size_t i = 0; i < list->count; i++) {
        if (is_same(&list->items[i], failure))
            return;
    }
    if (list->count == list->room) {
        list->room = list->room == 0 ? 16 : 2 * list->room;
        list->items = realloc(list->items, list->room * sizeof(*list->items));
        if (list->items == NULL)
            abort();
    }
    list->items[list->count++] = *failure;
}

static void add_interface(struct list *list, unsigned int box, const char *name, bool inverted)
{
    if (name != NULL)
        add(list,
            &(struct pair_failure){.kind = PAIR_INTERFACE, .box = box, .name = name, .inverted = inverted});
}

static enum pair_failure_kind kind_of(enum conf_tracked_kind kind)
{
    switch (kind) {
    case CONF_TRACKED_SCRIPT:
        return PAIR_SCRIPT;
    case CONF_TRACKED_FILE:
        return PAIR_FILE;
    case CONF_TRACKED_PROCESS:
        return PAIR_PROCESS;
    case CONF_TRACKED_BFD:
        break;
    }
    return PAIR_BFD;
}

/* A file has no failure but its number: the one, of 1 and -1, that its weight makes worse. */
static void add_tracked(struct list *list, unsigned int box, const struct conf_tracked *tracked)
{
    int factor = tracked->reverse ? -tracked->weight : tracked->weight;

    add(list, &(struct pair_failure){.kind = kind_of(tracked->kind),
                                     .box = box,
                                     .name = tracked->name,
                                     .key = tracked->key,
                                     .inverted = tracked->reverse && tracked->kind != CONF_TRACKED_FILE,
                                     .value = factor > 0 ? -1 : 1});
}

static void add_all_of(struct list *list, const struct pair *pair, unsigned int box)
{
    const struct conf_model *model = pair->models[box];

    add(list, &(struct pair_failure){.kind = PAIR_BOX, .box = box});
    for (uint32_t i = 0; i < model->instances.count; i++)
        add_interface(list, box, model->instances.items[i]->interface, false);
    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        for (uint32_t j = 0; j < instance->tracked_interfaces.count; j++)
            add_interface(list, box, instance->tracked_interfaces.items[j]->interface,
                          instance->tracked_interfaces.items[j]->reverse);
        for (uint32_t j = 0; j < instance->tracked.count; j++)
            add_tracked(list, box, instance->tracked.items[j]);
    }
    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        const struct conf_sync_group *group = model->sync_groups.items[i];

        for (uint32_t j = 0; j < group->tracked_interfaces.count; j++)
            add_interface(list, box, group->tracked_interfaces.items[j]->interface,
                          group->tracked_interfaces.items[j]->reverse);
        for (uint32_t j = 0; j < group->tracked.count; j++)
            add_tracked(list, box, group->tracked.items[j]);
    }
}

struct pair_failure *pair_failures(const struct pair *pair, size_t *count)
{
    struct list list = {0};

    for (unsigned int box = 0; box < PAIR_BOXES; box++)
        add_all_of(&list, pair, box);
    *count = list.count;
    return list.items;
}

/* ------------------------------------------------------------------ whom it touches */

static bool is_interface_of(const char *name, struct conf_tracked_interface *const *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(items[i]->interface, name) == 0)
            return true;
    }
    return false;
}

static bool is_tracked_by(uint64_t key, struct conf_tracked *const *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->key == key)
            return true;
    }
    return false;
}

bool pair_failure_touches(const struct pair_failure *failure, const struct conf_instance *instance,
                          const struct conf_sync_group *group)
{
    switch (failure->kind) {
    case PAIR_BOX:
        return true;
    case PAIR_INTERFACE:
        if (instance->interface != NULL && strcmp(instance->interface, failure->name) == 0)
            return true;
        return is_interface_of(failure->name, instance->tracked_interfaces.items,
                               instance->tracked_interfaces.count) ||
               (group != NULL && is_interface_of(failure->name, group->tracked_interfaces.items,
                                                 group->tracked_interfaces.count));
    case PAIR_SCRIPT:
    case PAIR_FILE:
    case PAIR_PROCESS:
    case PAIR_BFD:
        break;
    }
    return is_tracked_by(failure->key, instance->tracked.items, instance->tracked.count) ||
           (group != NULL && is_tracked_by(failure->key, group->tracked.items, group->tracked.count));
}
