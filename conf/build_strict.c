/*
 * Builder: vrrp_strict and strict_mode. What a strict instance may not have is reported and taken out of its
 * draft, and what RFC 9568 wants is put in, before the defaults and the global settings are looked at
 * (semantics.md, "vrrp_strict").
 *
 * Not here, because they need no draft changed: IPv6 with version 2 (finish_version corrects it anyway), and
 * unicast, which conf_strict_forbids_unicast refuses once the peers are known.
 */
#include "conf/build.h"

#include <string.h>

#define OWNER_PRIORITY     255
#define DOWN_TIMER_ADVERTS 3

bool conf_is_strict(const struct conf_builder *builder, const struct instance_draft *draft)
{
    return conf_value_or(draft->strict, conf_value_or(builder->global.vrrp_strict, 0)) != 0;
}

static void complain(struct conf_builder *builder, const struct instance_draft *draft, const char *keyword,
                     const char *wrong, const char *outcome)
{
    const struct conf_node *node = conf_node_find(draft->node, keyword);

    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, node == draft->node ? 1 : 0,
                  "%s with strict VRRP; %s", wrong, outcome);
}

static bool is_owner(const struct instance_draft *draft)
{
    if (draft->priority == CONF_UNSET)
        return draft->wanted_state == CONF_WANTED_MASTER;
    return draft->priority == OWNER_PRIORITY;
}

/* The owner begins as master, and nobody else. */
static void settle_state(struct conf_builder *builder, struct instance_draft *draft)
{
    bool owner = is_owner(draft);
    int64_t state = owner ? CONF_WANTED_MASTER : CONF_WANTED_BACKUP;

    if (draft->wanted_state == CONF_UNSET || draft->wanted_state == state)
        return;
    complain(builder, draft, "state",
             owner ? "priority 255 goes with state MASTER" : "state MASTER goes with priority 255",
             owner ? "that is used" : "state BACKUP is used");
    draft->wanted_state = state;
}

static void drop_authentication(struct conf_builder *builder, struct instance_draft *draft)
{
    if (draft->auth_type == CONF_UNSET)
        return;
    complain(builder, draft, "authentication", "there is no authentication", "it is ignored");
    draft->auth_type = CONF_UNSET;
}

/* What would change the timers of the RFC. */
static void settle_timers(struct conf_builder *builder, struct instance_draft *draft)
{
    int64_t adverts = conf_value_or(draft->down_timer_adverts, builder->global.down_timer_adverts);

    if (conf_value_or(draft->preempt_delay_us, 0) > 0) {
        complain(builder, draft, "preempt_delay", "there is no preempt_delay", "it is ignored");
        draft->preempt_delay_us = CONF_UNSET;
    }
    if (conf_value_or(adverts, DOWN_TIMER_ADVERTS) != DOWN_TIMER_ADVERTS)
        complain(builder, draft, "down_timer_adverts", "down_timer_adverts is 3", "that is used");
    draft->down_timer_adverts = DOWN_TIMER_ADVERTS;
}

/* A flag that strict fixes: another value of the instance's own is reported, and global ones do not count. */
static void fix_flag(struct conf_builder *builder, struct instance_draft *draft, int64_t *flag, int64_t value,
                     const char *keyword, const char *wrong)
{
    if (*flag != CONF_UNSET && *flag != value)
        complain(builder, draft, keyword, wrong, "it is ignored");
    *flag = value;
}

static void settle_adverts(struct conf_builder *builder, struct instance_draft *draft)
{
    fix_flag(builder, draft, &draft->lower_prio_no_advert, 1, "lower_prio_no_advert",
             "adverts of lower priority are not answered");
    fix_flag(builder, draft, &draft->higher_prio_send_advert, 0, "higher_prio_send_advert",
             "no advert is sent before yielding");
    fix_flag(builder, draft, &draft->garp.lower_prio_repeat, 0, "garp_lower_prio_repeat",
             "there is no GARP after an advert of lower priority");
    fix_flag(builder, draft, &draft->garp.lower_prio_delay_s, 0, "garp_lower_prio_delay",
             "there is no GARP after an advert of lower priority");
    if (is_owner(draft))
        fix_flag(builder, draft, &draft->owner_ignore_adverts, 1, "owner_ignore_adverts",
                 "an owner ignores adverts");
}

/* Accept_Mode of RFC 9568 6.1 is false unless configured; RFC 3768 6.4.3 has none. */
static void settle_accept(struct conf_builder *builder, struct instance_draft *draft, uint8_t version)
{
    if (is_owner(draft))
        return;
    if (version == 2 && draft->accept == 1) {
        complain(builder, draft, "accept", "version 2 accepts no packets to the addresses",
                 "no_accept is used");
        draft->accept = 0;
    }
    draft->accept = conf_value_or(draft->accept, 0);
}

void conf_make_strict(struct conf_builder *builder, struct instance_draft *draft, uint8_t version)
{
    settle_state(builder, draft);
    drop_authentication(builder, draft);
    settle_timers(builder, draft);
    settle_adverts(builder, draft);
    settle_accept(builder, draft, version);
    fix_flag(builder, draft, &draft->no_addresses, 0, "no_virtual_ipaddress", "addresses are required");
}

bool conf_strict_forbids_unicast(struct conf_builder *builder, const struct instance_draft *draft)
{
    const struct conf_host *host = builder->host;

    if (!conf_is_strict(builder, draft) || draft->interface == NULL ||
        (host->speaks_multicast != NULL && !host->speaks_multicast(host->context, draft->interface)))
        return false;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->node, "unicast_peer"),
                  0,
                  "strict VRRP speaks unicast only where an interface has no multicast; vrrp_instance %s is "
                  "left out",
                  draft->instance->name);
    return true;
}
