/*
 * Policy rules to and from rtnetlink messages. See rule_codec.h.
 */
#include "daemon/kernel/rule_codec.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "daemon/kernel/attributes.h"

/* ------------------------------------------------------------------ to the kernel */

static void put_prefix(struct nlmsghdr *message, uint16_t attribute, const struct ip_address *address,
                       uint8_t length)
{
    if (length > 0)
        mnl_attr_put(message, attribute, ip_address_length(address), address->bytes);
}

static void put_ports(struct nlmsghdr *message, uint16_t attribute, uint16_t first, uint16_t last)
{
    struct fib_rule_port_range range = {.start = first, .end = last};

    if (last != 0)
        mnl_attr_put(message, attribute, sizeof(range), &range);
}

static void put_u32_if(struct nlmsghdr *message, uint16_t attribute, bool given, uint32_t value)
{
    if (given)
        mnl_attr_put_u32(message, attribute, value);
}

static void put_selectors(struct nlmsghdr *message, const struct conf_rule *rule)
{
    struct fib_rule_uid_range users = {.start = rule->first_user, .end = rule->last_user};

    put_prefix(message, FRA_SRC, &rule->from, rule->from_length);
    put_prefix(message, FRA_DST, &rule->to, rule->to_length);
    put_u32_if(message, FRA_FWMARK, rule->mark_given, rule->mark);
    put_u32_if(message, FRA_FWMASK, rule->mark_given && rule->mark_mask != 0, rule->mark_mask);
    if (rule->input != NULL)
        mnl_attr_put_strz(message, FRA_IIFNAME, rule->input);
    if (rule->output != NULL)
        mnl_attr_put_strz(message, FRA_OIFNAME, rule->output);
    if (rule->tunnel_id != 0)
        mnl_attr_put_u64(message, FRA_TUN_ID, htobe64(rule->tunnel_id));
    if (rule->users_given)
        mnl_attr_put(message, FRA_UID_RANGE, sizeof(users), &users);
    if (rule->ip_protocol != 0)
        mnl_attr_put_u8(message, FRA_IP_PROTO, rule->ip_protocol);
    put_ports(message, FRA_SPORT_RANGE, rule->first_source_port, rule->last_source_port);
    put_ports(message, FRA_DPORT_RANGE, rule->first_destination_port, rule->last_destination_port);
}

static void put_action(struct nlmsghdr *message, const struct conf_rule *rule)
{
    mnl_attr_put_u32(message, FRA_PRIORITY, rule->priority);
    mnl_attr_put_u8(message, FRA_PROTOCOL, rule->protocol);
    put_u32_if(message, FRA_TABLE, rule->action == FR_ACT_TO_TBL && !rule->l3mdev, rule->table);
    put_u32_if(message, FRA_GOTO, rule->action == FR_ACT_GOTO, rule->goto_priority);
    put_u32_if(message, FRA_FLOW, rule->realms != 0, rule->realms);
    put_u32_if(message, FRA_SUPPRESS_PREFIXLEN, rule->suppress_prefix_length >= 0,
               (uint32_t)rule->suppress_prefix_length);
    put_u32_if(message, FRA_SUPPRESS_IFGROUP, rule->suppress_group >= 0, (uint32_t)rule->suppress_group);
    if (rule->l3mdev)
        mnl_attr_put_u8(message, FRA_L3MDEV, 1);
}

struct nlmsghdr *rule_encode(void *buffer, uint16_t type, uint16_t flags, const struct conf_rule *rule)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct fib_rule_hdr *head = mnl_nlmsg_put_extra_header(message, sizeof(*head));

    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    head->family = rule->family;
    head->src_len = rule->from_length;
    head->dst_len = rule->to_length;
    head->tos = rule->tos;
    head->action = rule->action;
    head->flags = rule->invert ? FIB_RULE_INVERT : 0;
    put_selectors(message, rule);
    put_action(message, rule);
    return message;
}

struct nlmsghdr *rule_encode_dump(void *buffer, uint8_t family)
{
    struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
    struct fib_rule_hdr *head = mnl_nlmsg_put_extra_header(request, sizeof(*head));

    request->nlmsg_type = RTM_GETRULE;
    head->family = family;
    return request;
}

/* ------------------------------------------------------------------ from the kernel */

struct reported {
    const struct fib_rule_hdr *head;
    const struct nlattr *by_type[FRA_MAX + 1];
};

static bool read_message(const struct nlmsghdr *message, struct reported *reported)
{
    reported->head = mnl_nlmsg_get_payload(message);
    return attributes_read(message, sizeof(*reported->head), reported->by_type, FRA_MAX);
}

static uint32_t u32_of(const struct reported *reported, int type, uint32_t otherwise)
{
    return attribute_u32(reported->by_type[type], otherwise);
}

static uint8_t u8_of(const struct reported *reported, int type)
{
    const struct nlattr *attribute = reported->by_type[type];

    return attribute == NULL || mnl_attr_get_payload_len(attribute) < 1 ? 0 : mnl_attr_get_u8(attribute);
}

static bool same_prefix(const struct reported *reported, int type, uint8_t reported_length,
                        const struct ip_address *address, uint8_t length)
{
    const struct nlattr *attribute = reported->by_type[type];

    if (length != reported_length)
        return false;
    return length == 0 ||
           (attribute != NULL && mnl_attr_get_payload_len(attribute) == ip_address_length(address) &&
            memcmp(mnl_attr_get_payload(attribute), address->bytes, ip_address_length(address)) == 0);
}

static bool same_name(const struct reported *reported, int type, const char *name)
{
    const struct nlattr *attribute = reported->by_type[type];

    if (attribute == NULL || name == NULL)
        return attribute == NULL && name == NULL;
    return strncmp(mnl_attr_get_str(attribute), name, mnl_attr_get_payload_len(attribute)) == 0;
}

/* Absent, or these bytes. */
static bool same_bytes(const struct reported *reported, int type, bool wanted, const void *bytes,
                       size_t length)
{
    const struct nlattr *attribute = reported->by_type[type];

    if (attribute == NULL || !wanted)
        return attribute == NULL && !wanted;
    return mnl_attr_get_payload_len(attribute) == length &&
           memcmp(mnl_attr_get_payload(attribute), bytes, length) == 0;
}

static bool same_ports(const struct reported *reported, int type, uint16_t first, uint16_t last)
{
    struct fib_rule_port_range range = {.start = first, .end = last};

    return same_bytes(reported, type, last != 0, &range, sizeof(range));
}

static bool same_mark(const struct reported *reported, const struct conf_rule *rule)
{
    uint32_t mask = rule->mark_mask == 0 ? UINT32_MAX : rule->mark_mask;

    if (!rule->mark_given)
        return reported->by_type[FRA_FWMARK] == NULL;
    return u32_of(reported, FRA_FWMARK, 0) == rule->mark && u32_of(reported, FRA_FWMASK, UINT32_MAX) == mask;
}

static bool same_selectors(const struct reported *reported, const struct conf_rule *rule)
{
    struct fib_rule_uid_range users = {.start = rule->first_user, .end = rule->last_user};
    uint64_t tunnel = htobe64(rule->tunnel_id);

    return same_prefix(reported, FRA_SRC, reported->head->src_len, &rule->from, rule->from_length) &&
           same_prefix(reported, FRA_DST, reported->head->dst_len, &rule->to, rule->to_length) &&
           reported->head->tos == rule->tos && same_mark(reported, rule) &&
           same_name(reported, FRA_IIFNAME, rule->input) && same_name(reported, FRA_OIFNAME, rule->output) &&
           same_bytes(reported, FRA_TUN_ID, rule->tunnel_id != 0, &tunnel, sizeof(tunnel)) &&
           same_bytes(reported, FRA_UID_RANGE, rule->users_given, &users, sizeof(users)) &&
           u8_of(reported, FRA_IP_PROTO) == rule->ip_protocol &&
           same_ports(reported, FRA_SPORT_RANGE, rule->first_source_port, rule->last_source_port) &&
           same_ports(reported, FRA_DPORT_RANGE, rule->first_destination_port, rule->last_destination_port);
}

static bool same_action(const struct reported *reported, const struct conf_rule *rule)
{
    bool by_table = rule->action == FR_ACT_TO_TBL && !rule->l3mdev;

    return reported->head->action == rule->action &&
           ((reported->head->flags & FIB_RULE_INVERT) != 0) == rule->invert &&
           (!by_table || u32_of(reported, FRA_TABLE, reported->head->table) == rule->table) &&
           u32_of(reported, FRA_GOTO, 0) == rule->goto_priority &&
           u32_of(reported, FRA_FLOW, 0) == rule->realms &&
           (int32_t)u32_of(reported, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX) == rule->suppress_prefix_length &&
           (int32_t)u32_of(reported, FRA_SUPPRESS_IFGROUP, UINT32_MAX) == rule->suppress_group &&
           (u8_of(reported, FRA_L3MDEV) != 0) == rule->l3mdev;
}

bool rule_is_same(const struct nlmsghdr *message, const struct conf_rule *rule)
{
    struct reported reported;

    return read_message(message, &reported) && reported.head->family == rule->family &&
           u32_of(&reported, FRA_PRIORITY, 0) == rule->priority &&
           u8_of(&reported, FRA_PROTOCOL) == rule->protocol && same_selectors(&reported, rule) &&
           same_action(&reported, rule);
}

/* ------------------------------------------------------------------ words */

static const char *action_text(const struct conf_rule *rule, char *buffer, size_t size)
{
    if (rule->action == FR_ACT_TO_TBL && !rule->l3mdev)
        snprintf(buffer, size, "table %u", rule->table);
    else if (rule->action == FR_ACT_GOTO)
        snprintf(buffer, size, "goto %u", rule->goto_priority);
    else
        snprintf(buffer, size, "%s", rule->l3mdev ? "l3mdev" : "");
    return buffer;
}

const char *rule_text(const struct conf_rule *rule, char buffer[static RULE_TEXT])
{
    char from[IP_ADDRESS_TEXT] = "all", to[IP_ADDRESS_TEXT] = "all", action[32];

    if (rule->from_length > 0)
        ip_address_text(&rule->from, from);
    if (rule->to_length > 0)
        ip_address_text(&rule->to, to);
    snprintf(buffer, RULE_TEXT, "%spriority %u from %s/%u to %s/%u %s", rule->invert ? "not " : "",
             rule->priority, from, rule->from_length, to, rule->to_length,
             action_text(rule, action, sizeof(action)));
    return buffer;
}
