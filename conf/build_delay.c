/*
 * Builder: interface_up_down_delays, how long a change of a link must last before it counts.
 */
#include "conf/build.h"

#include <string.h>

#define DELAY_MAX_US 255000000LL

/* INTERFACE DOWN [UP] */
void conf_entry_interface_delay(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_interface_delay delay = {.up_us = 0};
    struct conf_interface_delay *kept;
    struct known_interface *known;

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
    known = conf_know_interface(builder, node->words[0].text);
    if (known->delay != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                      "the delays of %s are given twice; this line is ignored", node->words[0].text);
        return;
    }
    kept = conf_model_alloc(builder->model, sizeof(*kept));
    *kept = delay;
    kept->interface = conf_model_strdup(builder->model, node->words[0].text);
    conf_list_add(builder->model, &builder->model->interface_delays, kept);
    known->delay = kept;
}

static void check_delay(struct conf_builder *builder, struct known_instance *known)
{
    const struct conf_instance *instance = known->instance;
    int64_t most_us = (instance->down_timer_adverts - 1) * instance->advert_interval_us -
                      instance->advert_interval_us / 256;
    const struct conf_interface_delay *delay;

    if (known->dropped || instance->interface == NULL)
        return;
    delay = conf_know_interface(builder, instance->interface)->delay;
    if (delay != NULL && delay->down_us > most_us)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_CONFLICT, conf_instance_node(builder, known), 1,
                      "%s is down for %g s before that counts (interface_up_down_delays), which is too long "
                      "for the timers of %s: %g s is used",
                      delay->interface, (double)delay->down_us / 1e6, instance->name,
                      most_us < 0 ? 0.0 : (double)most_us / 1e6);
}

/* A backup with a dead link must be at fault before it thinks that the master is dead: vrrp cuts the delay to
 * that time, which here is said. */
void conf_finish_delays(struct conf_builder *builder)
{
    for (size_t i = 0; builder->model->interface_delays.count > 0 && i < builder->instance_count; i++)
        check_delay(builder, builder->instances[i]);
}
