/*
 * Builder: vrrp_sync_group.
 */
#include "conf/build.h"

#include <string.h>

#include "conf/key.h"

void *conf_begin_group(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct group_draft *draft;
    struct group_draft *first;

    (void)parent;
    if (!conf_need_word(builder, node, 1, "the name of the group"))
        return NULL;
    HASH_FIND(by_name, builder->groups_by_name, node->words[1].text, node->words[1].length, first);
    if (first != NULL) {
        conf_complain_twice(builder, "vrrp_sync_group", node, first->node);
        return NULL;
    }
    draft = conf_draft_new(builder, CONF_BLOCK_SYNC_GROUP, sizeof(*draft));
    draft->node = node;
    draft->group = conf_model_alloc(builder->model, sizeof(*draft->group));
    draft->group->name = conf_model_strdup(builder->model, node->words[1].text);
    builder->groups = conf_arena_room(builder->arena, builder->groups, sizeof(*builder->groups),
                                      builder->group_count, &builder->group_room);
    builder->groups[builder->group_count++] = draft;
    HASH_ADD_KEYPTR(by_name, builder->groups_by_name, node->words[1].text, node->words[1].length, draft);
    return draft;
}

void conf_entry_member(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct group_draft *draft = data;

    conf_list_add(builder->model, &draft->members, node);
}

static void add_member(struct conf_builder *builder, struct group_draft *draft, const struct conf_node *node,
                       size_t word)
{
    struct known_instance *instance;
    struct conf_suggestion suggestion = conf_suggestion_begin(builder->diagnostics, node->words[word].text);
    struct conf_diagnostic *diagnostic;

    HASH_FIND(by_name, builder->instances_by_name, node->words[word].text, node->words[word].length,
              instance);
    if (instance == NULL) {
        diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node, word,
                                   "there is no vrrp_instance '%s'", node->words[word].text);
        for (size_t i = 0; i < builder->instance_count; i++)
            conf_suggestion_offer(&suggestion, builder->instances[i]->instance->name);
        conf_diagnostic_suggest(builder->diagnostics, diagnostic, &suggestion);
        return;
    }
    if (instance->dropped) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, node, word,
                      "vrrp_instance %s was left out, so it is no member", node->words[word].text);
        return;
    }
    if (instance->group != NULL) {
        diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, word,
                                   "vrrp_instance %s is a member already; an instance has one group",
                                   node->words[word].text);
        conf_diagnostic_relate(builder->diagnostics, diagnostic, instance->group->node->words[1].position,
                               "of this group");
        return;
    }
    instance->group = draft;
    if (draft->notify_priority_changes != CONF_UNSET && !instance->tells_priority_changes)
        instance->instance->notify_priority_changes = draft->notify_priority_changes != 0;
    conf_list_add(builder->model, &draft->group->members, instance->instance);
}

/* Members of a group move together, so one member's weight must not decide alone: a failure means FAULT. */
static void clear_weights(struct conf_builder *builder, struct group_draft *draft)
{
    for (uint32_t i = 0; i < draft->group->members.count; i++) {
        struct conf_instance *instance = draft->group->members.items[i];

        for (uint32_t j = 0; j < instance->tracked_interfaces.count; j++) {
            struct conf_tracked_interface *tracked = instance->tracked_interfaces.items[j];

            if (tracked->weight == 0)
                continue;
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, draft->node, 1,
                          "%s tracks %s with a weight, which a member of a group cannot do without "
                          "sync_group_tracking_weight; weight 0 is used",
                          instance->name, tracked->interface);
            tracked->weight = 0;
        }
    }
}

static void finish_group(struct conf_builder *builder, struct group_draft *draft)
{
    struct conf_sync_group *group = draft->group;

    for (uint32_t i = 0; i < draft->members.count; i++) {
        const struct conf_node *line = draft->members.items[i];

        for (size_t word = 0; word < line->word_count; word++)
            add_member(builder, draft, line, word);
    }
    if (group->members.count == 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, draft->node, 1,
                      "vrrp_sync_group %s has no members; it is left out", group->name);
        return;
    }
    if (group->members.count == 1)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_MISSING, draft->node, 1,
                      "vrrp_sync_group %s has only one member", group->name);
    group->tracking_weight = conf_value_or(draft->tracking_weight, 0) != 0;
    group->notify = conf_keep_notify(builder, &draft->notify);
    group->smtp_alert = conf_wants_alert(builder, draft->smtp_alert, builder->global.smtp_alert_vrrp, false);
    group->key = conf_key_sync_group(group->name);
    if (!group->tracking_weight)
        clear_weights(builder, draft);
    conf_list_add(builder->model, &builder->model->sync_groups, group);
}

void conf_finish_groups(struct conf_builder *builder)
{
    for (size_t i = 0; i < builder->group_count; i++)
        finish_group(builder, builder->groups[i]);
}
