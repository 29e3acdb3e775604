/*
 * Builder: lines of virtual_rules and static_rules, as ip-rule(8) writes them.
 */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "conf/entry_reader.h"
#include "conf/values.h"

#define FIRST_PRIORITY 16384 /* of rules that name none; each further one is asked before those */

struct rule_reader {
    struct entry_reader entry;
    struct conf_rule *rule;
    bool is_static;
    bool has_action;
    bool has_priority;
    bool has_table_option; /* one that only makes sense with a table */
};

struct rule_option {
    const char *name; /* NULL ends the table */
    bool (*read)(struct rule_reader *reader);
};

/* ------------------------------------------------------------------ which packets */

static bool read_inet(struct rule_reader *reader)
{
    return entry_settle_family(&reader->entry, AF_INET);
}

static bool read_inet6(struct rule_reader *reader)
{
    return entry_settle_family(&reader->entry, AF_INET6);
}

static bool read_from(struct rule_reader *reader)
{
    return entry_next(&reader->entry, "a source prefix") &&
           entry_prefix(&reader->entry, &reader->rule->from, &reader->rule->from_length);
}

static bool read_to(struct rule_reader *reader)
{
    return entry_next(&reader->entry, "a destination prefix") &&
           entry_prefix(&reader->entry, &reader->rule->to, &reader->rule->to_length);
}

static bool read_not(struct rule_reader *reader)
{
    reader->rule->invert = true;
    return true;
}

static bool read_tos(struct rule_reader *reader)
{
    return entry_byte(&reader->entry, IPROUTE_DSFIELD, &reader->rule->tos);
}

/* MARK[/MASK] */
static bool parse_mark(const char *text, uint32_t *mark, uint32_t *mask)
{
    unsigned long value, bits = 0;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    value = strtoul(text, &end, 0);
    if (*end == '/' && end[1] >= '0' && end[1] <= '9')
        bits = strtoul(end + 1, &end, 0);
    *mark = (uint32_t)value;
    *mask = (uint32_t)bits;
    return *end == '\0' && value <= UINT32_MAX && bits <= UINT32_MAX;
}

static bool read_fwmark(struct rule_reader *reader)
{
    struct conf_rule *rule = reader->rule;

    if (!entry_next(&reader->entry, "a mark: NUMBER[/MASK]"))
        return false;
    rule->mark_given = true;
    if (parse_mark(entry_word(&reader->entry), &rule->mark, &rule->mark_mask))
        return true;
    return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE, "'%s' is not NUMBER[/MASK]",
                       entry_word(&reader->entry));
}

static bool read_iif(struct rule_reader *reader)
{
    return entry_interface(&reader->entry, &reader->rule->input);
}

static bool read_oif(struct rule_reader *reader)
{
    return entry_interface(&reader->entry, &reader->rule->output);
}

static bool read_tunnel_id(struct rule_reader *reader)
{
    return entry_integer(&reader->entry, 0, UINT64_MAX, &reader->rule->tunnel_id);
}

/* N-N, or N for N-N (which keepalived means to take, and refuses). */
static bool read_range(struct rule_reader *reader, uint32_t most, uint32_t *first, uint32_t *last)
{
    unsigned long low, high;
    const char *text;
    char *end;

    if (!entry_next(&reader->entry, "a range: FIRST-LAST"))
        return false;
    text = entry_word(&reader->entry);
    low = high = strtoul(text, &end, 10);
    if (end != text && *end == '-' && end[1] >= '0' && end[1] <= '9')
        high = strtoul(end + 1, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || high > most || low > high)
        return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE, "'%s' is not FIRST-LAST with numbers up to %u",
                           text, most);
    *first = (uint32_t)low;
    *last = (uint32_t)high;
    return true;
}

static bool read_uidrange(struct rule_reader *reader)
{
    reader->rule->users_given = true;
    return read_range(reader, UINT32_MAX - 1, &reader->rule->first_user, &reader->rule->last_user);
}

static bool read_ports(struct rule_reader *reader, uint16_t *first, uint16_t *last)
{
    uint32_t low, high;

    if (!read_range(reader, UINT16_MAX, &low, &high))
        return false;
    *first = (uint16_t)low;
    *last = (uint16_t)high;
    return true;
}

static bool read_sport(struct rule_reader *reader)
{
    return read_ports(reader, &reader->rule->first_source_port, &reader->rule->last_source_port);
}

static bool read_dport(struct rule_reader *reader)
{
    return read_ports(reader, &reader->rule->first_destination_port, &reader->rule->last_destination_port);
}

static bool read_ipproto(struct rule_reader *reader)
{
    const struct protoent *known;
    int64_t number;

    if (!entry_next(&reader->entry, "an IP protocol"))
        return false;
    known = getprotobyname(entry_word(&reader->entry));
    if (known != NULL) {
        reader->rule->ip_protocol = (uint8_t)known->p_proto;
        return true;
    }
    if (conf_parse_integer(entry_word(&reader->entry), 1, UINT8_MAX, &number) != CONF_VALUE_GOOD)
        return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE,
                           "'%s' is neither the name nor the number of an "
                           "IP protocol",
                           entry_word(&reader->entry));
    reader->rule->ip_protocol = (uint8_t)number;
    return true;
}

/* ------------------------------------------------------------------ what is done with them */

static bool set_action(struct rule_reader *reader, uint8_t action)
{
    if (reader->has_action)
        return entry_wrong(&reader->entry, CONF_PROBLEM_CONFLICT,
                           "a rule has one of table, l3mdev, goto, nop, blackhole, unreachable and prohibit");
    reader->has_action = true;
    reader->rule->action = action;
    return true;
}

static bool read_table(struct rule_reader *reader)
{
    if (!set_action(reader, FR_ACT_TO_TBL) ||
        !entry_name(&reader->entry, IPROUTE_TABLE, &reader->rule->table))
        return false;
    if (reader->rule->table != 0)
        return true;
    return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE, "there is no table 0");
}

static bool read_l3mdev(struct rule_reader *reader)
{
    reader->rule->l3mdev = true;
    return set_action(reader, FR_ACT_TO_TBL);
}

static bool read_goto(struct rule_reader *reader)
{
    return set_action(reader, FR_ACT_GOTO) &&
           entry_u32(&reader->entry, UINT32_MAX, &reader->rule->goto_priority);
}

static bool read_nop(struct rule_reader *reader)
{
    return set_action(reader, FR_ACT_NOP);
}

static bool read_blackhole(struct rule_reader *reader)
{
    return set_action(reader, FR_ACT_BLACKHOLE);
}

static bool read_unreachable(struct rule_reader *reader)
{
    return set_action(reader, FR_ACT_UNREACHABLE);
}

static bool read_prohibit(struct rule_reader *reader)
{
    return set_action(reader, FR_ACT_PROHIBIT);
}

/* An optional word before an action. */
static bool read_type(struct rule_reader *reader)
{
    (void)reader;
    return true;
}

static bool read_realms(struct rule_reader *reader)
{
    reader->has_table_option = true;
    return entry_realms(&reader->entry, &reader->rule->realms) &&
           entry_settle_family(&reader->entry, AF_INET);
}

static bool read_suppress_prefix_length(struct rule_reader *reader)
{
    uint32_t length;

    reader->has_table_option = true;
    if (!entry_u32(&reader->entry, INT32_MAX, &length))
        return false;
    reader->rule->suppress_prefix_length = (int32_t)length;
    return true;
}

static bool read_suppress_group(struct rule_reader *reader)
{
    uint32_t group;

    reader->has_table_option = true;
    if (!entry_name(&reader->entry, IPROUTE_GROUP, &group))
        return false;
    reader->rule->suppress_group = (int32_t)group;
    return true;
}

static bool read_priority(struct rule_reader *reader)
{
    reader->has_priority = true;
    return entry_u32(&reader->entry, UINT32_MAX, &reader->rule->priority);
}

static bool read_protocol(struct rule_reader *reader)
{
    uint64_t protocol;

    if (!entry_integer(&reader->entry, 0, UINT8_MAX, &protocol))
        return false;
    reader->rule->protocol = (uint8_t)protocol;
    return true;
}

static bool read_no_track(struct rule_reader *reader)
{
    reader->rule->no_track = true;
    return true;
}

static bool read_track_group(struct rule_reader *reader)
{
    if (!reader->is_static)
        return entry_wrong(&reader->entry, CONF_PROBLEM_MISPLACED, "track_group is for static rules");
    return entry_track_group(&reader->entry, &reader->rule->input);
}

/* ------------------------------------------------------------------ the line */

static const struct rule_option options[] = {
    {"inet", read_inet},
    {"inet6", read_inet6},
    {"from", read_from},
    {"to", read_to},
    {"table", read_table},
    {"lookup", read_table},
    {"not", read_not},
    {"preference", read_priority},
    {"order", read_priority},
    {"priority", read_priority},
    {"tos", read_tos},
    {"dsfield", read_tos},
    {"fwmark", read_fwmark},
    {"realms", read_realms},
    {"suppress_prefixlength", read_suppress_prefix_length},
    {"sup_pl", read_suppress_prefix_length},
    {"suppress_ifgroup", read_suppress_group},
    {"sup_group", read_suppress_group},
    {"iif", read_iif},
    {"dev", read_iif},
    {"oif", read_oif},
    {"tunnel-id", read_tunnel_id},
    {"uidrange", read_uidrange},
    {"l3mdev", read_l3mdev},
    {"protocol", read_protocol},
    {"ipproto", read_ipproto},
    {"sport", read_sport},
    {"dport", read_dport},
    {"type", read_type},
    {"goto", read_goto},
    {"nop", read_nop},
    {"blackhole", read_blackhole},
    {"unreachable", read_unreachable},
    {"prohibit", read_prohibit},
    {"no_track", read_no_track},
    {"track_group", read_track_group},
    {0},
};

static bool read_word(struct rule_reader *reader)
{
    for (const struct rule_option *option = options; option->name != NULL; option++) {
        if (entry_is(&reader->entry, option->name))
            return option->read(reader);
    }
    return entry_unknown(&reader->entry, "a rule");
}

static bool check_action(const struct rule_reader *reader)
{
    const struct conf_rule *rule = reader->rule;

    if (!reader->has_action)
        return entry_wrong(&reader->entry, CONF_PROBLEM_MISSING,
                           "this rule says nothing to do (table NAME, "
                           "for example)");
    if (reader->has_table_option && rule->action != FR_ACT_TO_TBL)
        return entry_wrong(&reader->entry, CONF_PROBLEM_CONFLICT,
                           "realms, suppress_prefixlength and suppress_ifgroup need a table");
    if (rule->action == FR_ACT_GOTO && (!reader->has_priority || rule->priority >= rule->goto_priority))
        return entry_wrong(&reader->entry, CONF_PROBLEM_CONFLICT,
                           "goto needs a preference, and a target beyond it");
    return true;
}

static void settle_protocol(const struct rule_reader *reader)
{
    struct conf_rule *rule = reader->rule;

    if (rule->no_track || rule->protocol == CONF_PROTOCOL_KEEPALIVED)
        return;
    conf_complain(reader->entry.builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, reader->entry.node, 0,
                  "a rule of another protocol cannot be tracked: protocol 18 is used (or say no_track)");
    rule->protocol = CONF_PROTOCOL_KEEPALIVED;
}

static void choose_priority(const struct rule_reader *reader)
{
    struct conf_builder *builder = reader->entry.builder;
    uint32_t *used = reader->rule->family == AF_INET ? &builder->ipv4_rules : &builder->ipv6_rules;

    if (reader->has_priority)
        return;
    reader->rule->priority = FIRST_PRIORITY - (*used)++;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, reader->entry.node, 0,
                  "this rule has no preference: %u is used, which probably is not what you want",
                  reader->rule->priority);
}

static struct conf_rule *read_rule(struct conf_builder *builder, const struct conf_node *node, bool is_static)
{
    struct conf_rule *rule = conf_model_alloc(builder->model, sizeof(*rule));
    struct rule_reader reader = {
        .entry = {builder, node, 0, AF_UNSPEC, CONF_BLOCK_ENTRY_RULE}, .rule = rule, .is_static = is_static};

    rule->protocol = CONF_PROTOCOL_KEEPALIVED;
    rule->suppress_prefix_length = -1;
    rule->suppress_group = -1;
    for (; reader.entry.word < node->word_count; reader.entry.word++) {
        if (!read_word(&reader))
            return NULL;
    }
    reader.entry.word = 0;
    if (!check_action(&reader))
        return NULL;
    rule->family = reader.entry.family == AF_UNSPEC ? AF_INET : reader.entry.family;
    settle_protocol(&reader);
    choose_priority(&reader);
    return rule;
}

void conf_entry_rule(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;
    struct conf_rule *rule = read_rule(builder, node, false);

    if (rule != NULL)
        conf_list_add(builder->model, &draft->instance->rules, rule);
}

void conf_entry_static_rule(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_rule *rule = read_rule(builder, node, true);

    (void)data;
    if (rule != NULL)
        conf_list_add(builder->model, &builder->model->static_rules, rule);
}
