/*
 * Builder: interface_up_down_delays, how long a change of a link must last before it counts.
 */
#include "conf/build.h"

#include <string.h>

#define DELAY_MAX_US 255000000LL

static bool is_listed(const struct conf_model *model, const char *interface)
{
    for (uint32_t i = 0; i < model->interface_delays.count; i++) {
        if (strcmp(model->interface_delays.items[i]->interface, interface) == 0)
            return true;
    }
    return false;
}

/* INTERFACE DOWN [UP] */
void conf_entry_interface_delay(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_interface_delay delay = {.up_us = 0};
    struct conf_interface_delay *kept;

    (void)data;
    if (!conf_check_interface(builder, node, 0))
        return;
    if (node->word_count < 2) {
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_ARGUMENT, node, 0,
                      "no times are given for %s, so nothing is delayed", node->words[0].text);
        return;
    }
    if (!conf_read_seconds(builder, node, 1, 0, DELAY_MAX_US, &delay.down_us) ||
        (node->word_count > 2 && !conf_read_seconds(builder, node, 2, 0, DELAY_MAX_US, &delay.up_us)))
        return;
    if (node->word_count > 3)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_ARGUMENT, node, 3,
                      "two times belong to an interface, for down and for up; '%s' is ignored",
                      node->words[3].text);
    if (is_listed(builder->model, node->words[0].text)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                      "the delays of %s are given twice; this line is ignored", node->words[0].text);
        return;
    }
    kept = conf_model_alloc(builder->model, sizeof(*kept));
    *kept = delay;
    kept->interface = conf_model_strdup(builder->model, node->words[0].text);
    conf_list_add(builder->model, &builder->model->interface_delays, kept);
}

/* A backup with a dead link must be at fault before it thinks that the master is dead: vrrp cuts the delay to
 * that time, which here is said. */
void conf_finish_delays(struct conf_builder *builder)
{
    const struct conf_model *model = builder->model;

    for (size_t i = 0; i < builder->instance_count; i++) {
        const struct conf_instance *instance = builder->instances[i]->instance;
        int64_t most_us = (instance->down_timer_adverts - 1) * instance->advert_interval_us -
                          instance->advert_interval_us / 256;

        for (uint32_t j = 0; j < model->interface_delays.count && !builder->instances[i]->dropped; j++) {
            const struct conf_interface_delay *delay = model->interface_delays.items[j];

            if (instance->interface != NULL && strcmp(instance->interface, delay->interface) == 0 &&
                delay->down_us > most_us)
                conf_complain(
                    builder, CONF_NOTE, CONF_PROBLEM_CONFLICT,
                    conf_instance_node(builder, builder->instances[i]), 1,
                    "%s is down for %g s before that counts (interface_up_down_delays), which is too "
                    "long for the timers of %s: %g s is used",
                    delay->interface, (double)delay->down_us / 1e6, instance->name,
                    most_us < 0 ? 0.0 : (double)most_us / 1e6);
        }
    }
}
