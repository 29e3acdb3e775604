/*
 * Builder: garp_group, the interfaces that share one pace of gratuitous ARPs and neighbour advertisements,
 * and what addresses owe to it; garp_extra_if.
 */
#include "conf/build.h"

#include <string.h>

#define EXTRA_MAX_S 86400

/* ------------------------------------------------------------------ garp_group */

void *conf_begin_garp_group(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct garp_group_draft *draft = conf_draft_new(builder, CONF_BLOCK_GARP_GROUP, sizeof(*draft));

    (void)parent;
    draft->node = node;
    draft->group = conf_model_alloc(builder->model, sizeof(*draft->group));
    return draft;
}

static void add_interface(struct conf_builder *builder, struct garp_group_draft *draft,
                          const struct conf_node *node, size_t word)
{
    struct known_interface *known;

    if (!conf_check_interface(builder, node, word))
        return;
    known = conf_know_interface(builder, node->words[word].text);
    if (known->garp_group == draft->group) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, word,
                      "%s is in this garp_group already", node->words[word].text);
        return;
    }
    if (known->garp_group != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, word,
                      "%s is in another garp_group already; it is ignored here", node->words[word].text);
        return;
    }
    known->garp_group = draft->group;
    conf_list_add(builder->model, &draft->group->interfaces,
                  conf_model_strdup(builder->model, node->words[word].text));
}

void conf_handle_garp_interface(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    if (conf_need_word(builder, node, 1, "an interface"))
        add_interface(builder, data, node, 1);
}

void conf_entry_garp_interfaces(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    for (size_t word = 0; word < node->word_count; word++)
        add_interface(builder, data, node, word);
}

void conf_end_garp_group(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct garp_group_draft *draft = data;

    draft->group->garp_interval_us = conf_value_or(draft->garp_interval_us, 0);
    draft->group->gna_interval_us = conf_value_or(draft->gna_interval_us, 0);
    if (draft->group->interfaces.count == 0 ||
        draft->group->garp_interval_us + draft->group->gna_interval_us == 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, node, 0,
                      "a garp_group needs an interval and an interface; it is ignored");
        for (uint32_t i = 0; i < draft->group->interfaces.count; i++)
            conf_know_interface(builder, draft->group->interfaces.items[i])->garp_group = NULL;
        return;
    }
    conf_list_add(builder->model, &builder->model->garp_groups, draft->group);
}

/* ------------------------------------------------------------------ addresses */

static int64_t interval_of(struct conf_builder *builder, const struct conf_vip *vip)
{
    const struct conf_garp_group *group = NULL;
    bool four = vip->address.family == AF_INET;

    if (builder->model->garp_groups.count > 0)
        group = conf_know_interface(builder, vip->interface)->garp_group;
    if (group != NULL)
        return four ? group->garp_interval_us : group->gna_interval_us;
    return conf_value_or(four ? builder->global.garp_interval_us : builder->global.gna_interval_us, 0);
}

void conf_finish_announcements(struct conf_builder *builder)
{
    for (uint32_t i = 0; i < builder->model->instances.count; i++) {
        const struct conf_instance *instance = builder->model->instances.items[i];

        for (uint32_t j = 0; j < instance->vips.count; j++)
            instance->vips.items[j]->announce_interval_us = interval_of(builder, instance->vips.items[j]);
    }
}

/* ------------------------------------------------------------------ garp_extra_if */

/* [all] SECONDS. Without all it is for VMACs, which are not there. */
static bool read_extra(struct conf_builder *builder, const struct conf_node *node, int64_t *seconds)
{
    bool all = node->word_count > 1 && strcmp(node->words[1].text, "all") == 0;

    if (!conf_read_integer(builder, node, all ? 2 : 1, 0, EXTRA_MAX_S, seconds))
        return false;
    if (!all) {
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_NO_EFFECT, node, 0,
                      "'%s' without 'all' has no effect: it is for VMAC interfaces", node->words[0].text);
        *seconds = 0;
    }
    return true;
}

void conf_handle_extra_interfaces(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;
    int64_t seconds;

    if (read_extra(builder, node, &seconds)) {
        draft->extra_given = true;
        draft->extra_s = seconds;
    }
}

void conf_handle_global_extra_interfaces(struct conf_builder *builder, const struct conf_node *node,
                                         void *data)
{
    struct global_draft *draft = data;
    int64_t seconds;

    if (read_extra(builder, node, &seconds))
        draft->extra_s = seconds;
}
