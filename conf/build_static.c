/*
 * Builder: interfaces that instances depend on because of other things they name: addresses, routes and rules
 * of their own on other interfaces, and static ones by a track_group. While such an interface is down they
 * are at fault, as with a line of track_interface.
 */
#include "conf/build.h"

#include <string.h>

/* ------------------------------------------------------------------ track_group */

static struct track_group_draft *find_track_group(const struct conf_builder *builder,
                                                  const struct conf_word *name)
{
    struct track_group_draft *draft;

    HASH_FIND(by_name, builder->track_groups_by_name, name->text, name->length, draft);
    return draft;
}

void *conf_begin_track_group(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct track_group_draft *draft;

    (void)parent;
    if (!conf_need_word(builder, node, 1, "the name of the group"))
        return NULL;
    draft = find_track_group(builder, &node->words[1]);
    if (draft != NULL) {
        conf_complain_twice(builder, "track_group", node, draft->node);
        return NULL;
    }
    draft = conf_arena_alloc(builder->arena, sizeof(*draft));
    draft->node = node;
    HASH_ADD_KEYPTR(by_name, builder->track_groups_by_name, node->words[1].text, node->words[1].length,
                    draft);
    return draft;
}

void conf_entry_track_member(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct track_group_draft *draft = data;

    conf_list_add(builder->model, &draft->members, node);
}

/* ------------------------------------------------------------------ what an instance depends on */

/* False if the instance is at fault without that interface already; from now on it is. */
static bool note_interface(struct conf_builder *builder, const struct conf_instance *instance,
                           const char *interface)
{
    const struct known_interface *known = conf_know_interface(builder, interface);

    return conf_note_member(builder, known, &instance, sizeof(instance));
}

static void track(struct conf_builder *builder, struct conf_instance *instance, char *interface)
{
    struct conf_tracked_interface *tracked;

    if (interface == NULL || (instance->interface != NULL &&
                              strcmp(instance->interface, interface) == 0)) /* with rules of its own */
        return;
    if (!note_interface(builder, instance, interface))
        return;
    tracked = conf_model_alloc(builder->model, sizeof(*tracked));
    tracked->interface = interface;
    conf_list_add(builder->model, &instance->tracked_interfaces, tracked);
}

void conf_track_what_is_used(struct conf_builder *builder, struct conf_instance *instance)
{
    for (uint32_t i = 0; i < instance->tracked_interfaces.count; i++) {
        const struct conf_tracked_interface *tracked = instance->tracked_interfaces.items[i];

        if (tracked->weight == 0 && !tracked->reverse)
            note_interface(builder, instance, tracked->interface);
    }
    for (uint32_t i = 0; i < instance->vips.count; i++) {
        if ((instance->vips.items[i]->flags & CONF_VIP_NO_TRACK) == 0)
            track(builder, instance, instance->vips.items[i]->interface);
    }
    for (uint32_t i = 0; i < instance->routes.count; i++) {
        if (!instance->routes.items[i]->no_track)
            track(builder, instance, instance->routes.items[i]->interface);
    }
    for (uint32_t i = 0; i < instance->rules.count; i++) {
        if (instance->rules.items[i]->no_track)
            continue;
        track(builder, instance, instance->rules.items[i]->input);
        track(builder, instance, instance->rules.items[i]->output);
    }
}

static void track_by_member(struct conf_builder *builder, const struct conf_node *member, size_t word,
                            char *interface)
{
    const char *name = member->words[word].text;
    struct known_instance *instance;

    HASH_FIND(by_name, builder->instances_by_name, name, strlen(name), instance);
    if (instance == NULL)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, member, word,
                      "there is no vrrp_instance '%s'", name);
    else if (!instance->dropped)
        track(builder, instance->instance, interface);
}

static void track_by_group(struct conf_builder *builder, const struct track_group_draft *group,
                           char *interface)
{
    for (uint32_t i = 0; i < group->members.count; i++) {
        for (size_t word = 0; word < group->members.items[i]->word_count; word++)
            track_by_member(builder, group->members.items[i], word, interface);
    }
}

static void resolve(struct conf_builder *builder, const struct static_track *use)
{
    const struct conf_word *name = &use->node->words[use->word];
    const struct track_group_draft *group = find_track_group(builder, name);

    if (*use->interface == NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, use->node, use->word,
                      "track_group needs an interface on the same line; it is ignored");
        return;
    }
    if (group != NULL)
        track_by_group(builder, group, *use->interface);
    else
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, use->node, use->word,
                      "there is no track_group '%s'", name->text);
}

void conf_finish_static(struct conf_builder *builder)
{
    for (const struct static_track *use = builder->static_tracks; use != NULL; use = use->next)
        resolve(builder, use);
}
