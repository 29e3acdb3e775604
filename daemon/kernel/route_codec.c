/*
 * Routes to and from rtnetlink messages. See route_codec.h.
 */
#include "daemon/kernel/route_codec.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "daemon/kernel/attributes.h"
#include "daemon/kernel/encap_codec.h"

#define IPV6_METRIC_UNSET 1024 /* what the kernel makes of none (IP6_RT_PRIO_USER) */

/* ------------------------------------------------------------------ to the kernel */

/* A message under construction; full once something did not fit. */
struct builder {
    struct nlmsghdr *message;
    bool full;
};

static void put(struct builder *builder, uint16_t attribute, size_t length, const void *value)
{
    builder->full =
        builder->full || !mnl_attr_put_check(builder->message, ROUTE_MESSAGE_MAX, attribute, length, value);
}

static void put_u32(struct builder *builder, uint16_t attribute, uint32_t value)
{
    put(builder, attribute, sizeof(value), &value);
}

static void put_address(struct builder *builder, uint16_t attribute, const struct ip_address *address)
{
    if (ip_address_is_set(address))
        put(builder, attribute, ip_address_length(address), address->bytes);
}

static struct nlattr *begin_nest(struct builder *builder, uint16_t attribute)
{
    struct nlattr *nest = mnl_attr_nest_start_check(builder->message, ROUTE_MESSAGE_MAX, attribute);

    builder->full = builder->full || nest == NULL;
    return nest;
}

static void end_nest(struct builder *builder, struct nlattr *nest)
{
    if (nest != NULL)
        mnl_attr_nest_end(builder->message, nest);
}

static void put_metrics(struct builder *builder, const struct conf_route *route)
{
    struct nlattr *nest;

    if (route->metrics.count == 0 && route->congestion_control == NULL)
        return;
    nest = begin_nest(builder, RTA_METRICS);
    for (uint32_t i = 0; i < route->metrics.count; i++)
        put_u32(builder, (uint16_t)route->metrics.items[i]->type, route->metrics.items[i]->value);
    if (route->congestion_control != NULL)
        put(builder, RTAX_CC_ALGO, strlen(route->congestion_control) + 1, route->congestion_control);
    if (route->locked != 0)
        put_u32(builder, RTAX_LOCK, route->locked);
    end_nest(builder, nest);
}

static void put_encap(struct builder *builder, const struct conf_encap *encap)
{
    if (encap != NULL)
        builder->full = builder->full || !encap_put(builder->message, ROUTE_MESSAGE_MAX, encap);
}

/* A nexthop is a header of its own with attributes behind it. False if its interface is not there. */
static bool put_nexthop(struct builder *builder, const struct conf_nexthop *nexthop, route_ifindex *ifindex,
                        const void *data)
{
    struct nlmsghdr *message = builder->message;
    struct rtnexthop *head = mnl_nlmsg_get_payload_tail(message);
    uint32_t index = nexthop->interface == NULL ? 0 : ifindex(nexthop->interface, data);

    if (nexthop->interface != NULL && index == 0)
        return false;
    if (builder->full || message->nlmsg_len + sizeof(*head) > ROUTE_MESSAGE_MAX) {
        builder->full = true;
        return true;
    }
    memset(head, 0, sizeof(*head));
    message->nlmsg_len += sizeof(*head);
    head->rtnh_ifindex = (int)index;
    head->rtnh_hops = (unsigned char)(nexthop->weight - 1);
    head->rtnh_flags = nexthop->onlink ? RTNH_F_ONLINK : 0;
    put_address(builder, RTA_GATEWAY, &nexthop->gateway);
    if (nexthop->realms != 0)
        put_u32(builder, RTA_FLOW, nexthop->realms);
    put_encap(builder, nexthop->encap);
    head->rtnh_len = (unsigned short)((char *)mnl_nlmsg_get_payload_tail(message) - (char *)head);
    return true;
}

static bool put_nexthops(struct builder *builder, const struct conf_route *route, route_ifindex *ifindex,
                         const void *data)
{
    struct nlattr *nest;

    if (route->nexthops.count == 0)
        return true;
    nest = begin_nest(builder, RTA_MULTIPATH);
    for (uint32_t i = 0; i < route->nexthops.count; i++) {
        if (!put_nexthop(builder, route->nexthops.items[i], ifindex, data))
            return false;
    }
    end_nest(builder, nest);
    return true;
}

static void put_head(struct builder *builder, uint16_t type, const struct conf_route *route)
{
    struct rtmsg *head = mnl_nlmsg_put_extra_header(builder->message, sizeof(*head));

    head->rtm_family = route->family;
    head->rtm_dst_len = route->prefix_length;
    head->rtm_src_len = route->from_length;
    head->rtm_tos = route->tos;
    head->rtm_table = route->table < 256 ? (unsigned char)route->table : RT_TABLE_UNSPEC;
    head->rtm_protocol = route->protocol;
    head->rtm_scope = type == RTM_DELROUTE ? RT_SCOPE_NOWHERE : route->scope; /* nowhere: of any */
    head->rtm_type = route->type;
    head->rtm_flags = route->onlink ? RTNH_F_ONLINK : 0;
}

static void put_attributes(struct builder *builder, const struct conf_route *route, uint32_t index)
{
    put_u32(builder, RTA_TABLE, route->table);
    if (route->prefix_length > 0)
        put_address(builder, RTA_DST, &route->destination);
    put_address(builder, RTA_SRC, &route->from);
    put_address(builder, RTA_PREFSRC, &route->preferred_source);
    put_address(builder, RTA_GATEWAY, &route->gateway);
    if (index != 0)
        put_u32(builder, RTA_OIF, index);
    if (route->metric != 0)
        put_u32(builder, RTA_PRIORITY, route->metric);
    if (route->realms != 0)
        put_u32(builder, RTA_FLOW, route->realms);
    if (route->expires_s != 0)
        put_u32(builder, RTA_EXPIRES, route->expires_s);
    if (route->preference >= 0)
        put(builder, RTA_PREF, 1, &(uint8_t){(uint8_t)route->preference});
    if (route->ttl_propagate >= 0)
        put(builder, RTA_TTL_PROPAGATE, 1, &(uint8_t){(uint8_t)route->ttl_propagate});
    put_metrics(builder, route);
    put_encap(builder, route->encap);
}

struct nlmsghdr *route_encode(void *buffer, uint16_t type, uint16_t flags, const struct conf_route *route,
                              route_ifindex *ifindex, const void *data)
{
    struct builder builder = {.message = mnl_nlmsg_put_header(buffer)};
    uint32_t index = route->interface == NULL ? 0 : ifindex(route->interface, data);

    errno = ENODEV;
    if (route->interface != NULL && index == 0)
        return NULL;
    builder.message->nlmsg_type = type;
    builder.message->nlmsg_flags = NLM_F_REQUEST | flags;
    put_head(&builder, type, route);
    put_attributes(&builder, route, index);
    if (!put_nexthops(&builder, route, ifindex, data))
        return NULL;
    errno = EMSGSIZE;
    return builder.full ? NULL : builder.message;
}

struct nlmsghdr *route_encode_dump(void *buffer, const struct conf_route *route)
{
    struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
    struct rtmsg *head = mnl_nlmsg_put_extra_header(request, sizeof(*head));

    request->nlmsg_type = RTM_GETROUTE;
    head->rtm_family = route->family;
    head->rtm_protocol = route->protocol;
    mnl_attr_put_u32(request, RTA_TABLE, route->table);
    return request;
}

/* ------------------------------------------------------------------ from the kernel */

/* A route as the kernel reports it; the attributes are within the message. */
struct reported {
    const struct rtmsg *head;
    const struct nlattr *by_type[RTA_MAX + 1];
};

static bool read_message(const struct nlmsghdr *message, struct reported *reported)
{
    reported->head = mnl_nlmsg_get_payload(message);
    return attributes_read(message, sizeof(*reported->head), reported->by_type, RTA_MAX);
}

/* None in either, or the same in both. */
static bool same_address(const struct nlattr *attribute, const struct ip_address *address)
{
    size_t length = ip_address_length(address);

    if (attribute == NULL || length == 0)
        return attribute == NULL && length == 0;
    return mnl_attr_get_payload_len(attribute) == length &&
           memcmp(mnl_attr_get_payload(attribute), address->bytes, length) == 0;
}

/* The kernel keeps only the bits of the prefix. */
static bool same_prefix(const struct nlattr *attribute, uint8_t length, const struct ip_address *address,
                        uint8_t wanted_length)
{
    static const uint8_t zeros[16];
    const uint8_t *bytes = attribute == NULL ? zeros : mnl_attr_get_payload(attribute);
    size_t whole = length / 8;
    uint8_t mask = (uint8_t)(0xff00u >> length % 8);

    if (length != wanted_length || length > ip_address_bits(address))
        return length == 0 && wanted_length == 0;
    if (attribute != NULL && mnl_attr_get_payload_len(attribute) != ip_address_length(address))
        return false;
    if (memcmp(bytes, address->bytes, whole) != 0)
        return false;
    return length % 8 == 0 || ((bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

static uint32_t metric_of(const struct conf_route *route)
{
    return route->metric == 0 && route->family == AF_INET6 ? IPV6_METRIC_UNSET : route->metric;
}

static bool is_in_place(const struct reported *reported, const struct conf_route *route)
{
    const struct rtmsg *head = reported->head;

    return head->rtm_family == route->family && head->rtm_protocol == route->protocol &&
           attribute_u32(reported->by_type[RTA_TABLE], head->rtm_table) == route->table &&
           head->rtm_tos == route->tos &&
           attribute_u32(reported->by_type[RTA_PRIORITY], 0) == metric_of(route) &&
           same_prefix(reported->by_type[RTA_DST], head->rtm_dst_len, &route->destination,
                       route->prefix_length) &&
           same_prefix(reported->by_type[RTA_SRC], head->rtm_src_len, &route->from, route->from_length);
}

/* ------------------------------------------------------------------ comparing the rest */

struct metrics_found {
    const struct conf_route *route;
    uint32_t matching; /* of the configuration's */
    bool others;       /* one that is not configured, or has another value */
};

static bool has_metric(const struct conf_route *route, uint32_t type, uint32_t value)
{
    for (uint32_t i = 0; i < route->metrics.count; i++) {
        if (route->metrics.items[i]->type == type)
            return route->metrics.items[i]->value == value;
    }
    return false;
}

static int compare_metric(const struct nlattr *attribute, void *data)
{
    struct metrics_found *found = data;
    const struct conf_route *route = found->route;
    uint16_t type = mnl_attr_get_type(attribute);

    if (type == RTAX_CC_ALGO)
        found->others |= route->congestion_control == NULL ||
                         strcmp(mnl_attr_get_str(attribute), route->congestion_control) != 0;
    else if (type == RTAX_LOCK)
        found->others |= attribute_u32(attribute, 0) != route->locked;
    else if (has_metric(route, type, attribute_u32(attribute, 0)))
        found->matching++;
    else
        found->others = true;
    return MNL_CB_OK;
}

static bool same_metrics(const struct nlattr *nest, const struct conf_route *route)
{
    struct metrics_found found = {.route = route};

    if (nest == NULL)
        return route->metrics.count == 0 && route->congestion_control == NULL;
    mnl_attr_parse_nested(nest, compare_metric, &found);
    return !found.others && found.matching == route->metrics.count;
}

static bool same_interface(uint32_t index, const char *name, route_ifindex *ifindex, const void *data)
{
    return name == NULL || ifindex(name, data) == index;
}

static bool same_nexthop(const struct rtnexthop *head, const struct conf_nexthop *nexthop,
                         route_ifindex *ifindex, const void *data)
{
    const struct nlattr *by_type[RTA_MAX + 1];
    size_t length = head->rtnh_len - sizeof(*head);

    attributes_read_payload((const char *)head + sizeof(*head), length, by_type, RTA_MAX);
    return head->rtnh_hops + 1 == nexthop->weight &&
           ((head->rtnh_flags & RTNH_F_ONLINK) != 0) == nexthop->onlink &&
           same_address(by_type[RTA_GATEWAY], &nexthop->gateway) &&
           attribute_u32(by_type[RTA_FLOW], 0) == nexthop->realms && encap_is_same(by_type, nexthop->encap) &&
           same_interface((uint32_t)head->rtnh_ifindex, nexthop->interface, ifindex, data);
}

static bool same_nexthops(const struct nlattr *nest, const struct conf_route *route, route_ifindex *ifindex,
                          const void *data)
{
    const char *at = nest == NULL ? NULL : mnl_attr_get_payload(nest);
    size_t left = nest == NULL ? 0 : mnl_attr_get_payload_len(nest);

    for (uint32_t i = 0; i < route->nexthops.count; i++) {
        const struct rtnexthop *head = (const struct rtnexthop *)at;
        size_t step;

        if (left < sizeof(*head) || head->rtnh_len < sizeof(*head) || head->rtnh_len > left ||
            !same_nexthop(head, route->nexthops.items[i], ifindex, data))
            return false;
        step = RTNH_ALIGN(head->rtnh_len);
        at += step < left ? step : left;
        left -= step < left ? step : left;
    }
    return left == 0;
}

static bool is_same(const struct reported *reported, const struct conf_route *route, route_ifindex *ifindex,
                    const void *data)
{
    const struct rtmsg *head = reported->head;
    bool single = route->nexthops.count == 0;

    return head->rtm_type == route->type && (route->family == AF_INET6 || head->rtm_scope == route->scope) &&
           same_address(reported->by_type[RTA_PREFSRC], &route->preferred_source) &&
           attribute_u32(reported->by_type[RTA_FLOW], 0) == route->realms &&
           same_metrics(reported->by_type[RTA_METRICS], route) &&
           same_nexthops(reported->by_type[RTA_MULTIPATH], route, ifindex, data) &&
           (!single ||
            (same_address(reported->by_type[RTA_GATEWAY], &route->gateway) &&
             ((head->rtm_flags & RTNH_F_ONLINK) != 0) == route->onlink &&
             encap_is_same(reported->by_type, route->encap) &&
             same_interface(attribute_u32(reported->by_type[RTA_OIF], 0), route->interface, ifindex, data)));
}

enum route_match route_compare(const struct nlmsghdr *message, const struct conf_route *route,
                               route_ifindex *ifindex, const void *data)
{
    struct reported reported;

    if (!read_message(message, &reported) || (reported.head->rtm_flags & RTM_F_CLONED) ||
        !is_in_place(&reported, route))
        return ROUTE_OTHER;
    return is_same(&reported, route, ifindex, data) ? ROUTE_SAME : ROUTE_IN_PLACE;
}

/* ------------------------------------------------------------------ routes of the configuration */

bool route_shares_place(const struct conf_route *a, const struct conf_route *b)
{
    return a->family == b->family && a->protocol == b->protocol && a->table == b->table && a->tos == b->tos &&
           metric_of(a) == metric_of(b) && a->prefix_length == b->prefix_length &&
           ip_address_compare(&a->destination, &b->destination) == 0 && a->from_length == b->from_length &&
           ip_address_compare(&a->from, &b->from) == 0;
}

const char *route_text(const struct conf_route *route, char buffer[static ROUTE_TEXT])
{
    char destination[IP_ADDRESS_TEXT], gateway[IP_ADDRESS_TEXT], table[24] = "";
    bool via = ip_address_is_set(&route->gateway);

    if (route->table != RT_TABLE_MAIN)
        snprintf(table, sizeof(table), " table %u", route->table);
    snprintf(buffer, ROUTE_TEXT, "%s/%u%s%s%s%s%s%s", ip_address_text(&route->destination, destination),
             route->prefix_length, via ? " via " : "", via ? ip_address_text(&route->gateway, gateway) : "",
             route->interface == NULL ? "" : " dev ", route->interface == NULL ? "" : route->interface,
             route->nexthops.count == 0 ? "" : " (several nexthops)", table);
    return buffer;
}
