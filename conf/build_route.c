/*
 * Builder: lines of virtual_routes and static_routes, as ip-route(8) writes them.
 */
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "conf/entry_reader.h"

#define NEXTHOP_WEIGHT_MAX 256
#define TIME_MAX_MS        600000 /* of a round trip */

struct route_reader {
    struct entry_reader entry;
    struct conf_route *route;
    bool has_destination;
    bool is_static;
};

struct route_option {
    const char *name; /* NULL ends the table */
    bool (*read)(struct route_reader *reader, const struct route_option *option);
    uint32_t number; /* for read */
    uint32_t most;
};

typedef const struct route_option option_row;

/* ------------------------------------------------------------------ where to */

static const struct conf_choice type_names[] = {
    {"unicast", RTN_UNICAST},
    {"local", RTN_LOCAL},
    {"broadcast", RTN_BROADCAST},
    {"multicast", RTN_MULTICAST},
    {"throw", RTN_THROW},
    {"unreachable", RTN_UNREACHABLE},
    {"prohibit", RTN_PROHIBIT},
    {"blackhole", RTN_BLACKHOLE},
    {"nat", RTN_NAT},
    {0},
};

static bool read_type(struct route_reader *reader)
{
    for (const struct conf_choice *type = type_names; type->word != NULL; type++) {
        if (entry_is(&reader->entry, type->word)) {
            reader->route->type = (uint8_t)type->value;
            return true;
        }
    }
    return false;
}

/* The word "default6" is old for "inet6 default". */
static bool read_default6(struct route_reader *reader)
{
    conf_complain(reader->entry.builder, CONF_COMPLAINT, CONF_PROBLEM_DEPRECATED, reader->entry.node,
                  reader->entry.word, "'default6' is deprecated; write 'inet6 default'");
    reader->has_destination = true;
    return entry_settle_family(&reader->entry, AF_INET6);
}

/* [to] [TYPE] PREFIX: whatever is no option. */
static bool read_destination(struct route_reader *reader)
{
    struct conf_route *route = reader->route;

    if (entry_is(&reader->entry, "to") && !entry_next(&reader->entry, "a destination"))
        return false;
    if (read_type(reader) && !entry_next(&reader->entry, "a destination"))
        return false;
    if (entry_is(&reader->entry, "default6"))
        return read_default6(reader);
    if (strpbrk(entry_word(&reader->entry), ".:") == NULL && !entry_is(&reader->entry, "default") &&
        !entry_is(&reader->entry, "any") && !entry_is(&reader->entry, "all"))
        return entry_unknown(&reader->entry, "a route");
    reader->has_destination = true;
    return entry_prefix(&reader->entry, &route->destination, &route->prefix_length);
}

static bool read_family(struct route_reader *reader, option_row *option)
{
    return entry_settle_family(&reader->entry, (uint8_t)option->number);
}

/* ------------------------------------------------------------------ which way */

/* via [inet|inet6] ADDRESS; the gateway may be of another family than the destination only if it says so. */
static bool read_gateway_address(struct route_reader *reader, struct ip_address *gateway)
{
    bool named = entry_has_next(&reader->entry) &&
                 strncmp(reader->entry.node->words[reader->entry.word + 1].text, "inet", 4) == 0;

    if (named && !entry_next(&reader->entry, "inet or inet6"))
        return false;
    if (!entry_address(&reader->entry, gateway))
        return false;
    return entry_settle_family(&reader->entry, gateway->family);
}

static bool read_via(struct route_reader *reader, option_row *option)
{
    if (entry_is(&reader->entry, "gw"))
        conf_complain(reader->entry.builder, CONF_COMPLAINT, CONF_PROBLEM_DEPRECATED, reader->entry.node,
                      reader->entry.word, "'gw' is deprecated; write 'via'");
    (void)option;
    return read_gateway_address(reader, &reader->route->gateway);
}

static bool read_dev(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_interface(&reader->entry, &reader->route->interface);
}

static bool read_onlink(struct route_reader *reader, option_row *option)
{
    (void)option;
    reader->route->onlink = true;
    return true;
}

static bool read_src(struct route_reader *reader, option_row *option)
{
    struct ip_address *source = &reader->route->preferred_source;

    (void)option;
    return entry_address(&reader->entry, source) && entry_settle_family(&reader->entry, source->family);
}

static bool read_from(struct route_reader *reader, option_row *option)
{
    struct conf_route *route = reader->route;

    (void)option;
    if (!entry_next(&reader->entry, "a source prefix") || !entry_settle_family(&reader->entry, AF_INET6))
        return false;
    return entry_prefix(&reader->entry, &route->from, &route->from_length);
}

static struct conf_nexthop *add_nexthop(struct route_reader *reader)
{
    struct conf_nexthop *nexthop = conf_model_alloc(reader->entry.builder->model, sizeof(*nexthop));

    nexthop->weight = 1;
    conf_list_add(reader->entry.builder->model, &reader->route->nexthops, nexthop);
    return nexthop;
}

/* One word, and its argument, of a nexthop. */
static bool read_nexthop_option(struct route_reader *reader, struct conf_nexthop *nexthop)
{
    uint64_t weight;

    if (entry_is(&reader->entry, "via"))
        return read_gateway_address(reader, &nexthop->gateway);
    if (entry_is(&reader->entry, "dev"))
        return entry_interface(&reader->entry, &nexthop->interface);
    if (entry_is(&reader->entry, "realms"))
        return entry_realms(&reader->entry, &nexthop->realms) && entry_settle_family(&reader->entry, AF_INET);
    if (entry_is(&reader->entry, "encap"))
        return conf_read_encap(&reader->entry, &nexthop->encap);
    if (entry_is(&reader->entry, "onlink")) {
        nexthop->onlink = true;
        return true;
    }
    if (!entry_is(&reader->entry, "weight"))
        return entry_unknown(&reader->entry, "a nexthop, and nexthops come last");
    if (!entry_integer(&reader->entry, 1, NEXTHOP_WEIGHT_MAX, &weight))
        return false;
    nexthop->weight = (uint16_t)weight;
    return true;
}

/* nexthop OPTIONS [nexthop OPTIONS ...]: to the end of the line. */
static bool read_nexthops(struct route_reader *reader, option_row *option)
{
    struct conf_nexthop *nexthop = add_nexthop(reader);

    (void)option;
    while (entry_has_next(&reader->entry)) {
        entry_next(&reader->entry, "an option");
        if (entry_is(&reader->entry, "nexthop"))
            nexthop = add_nexthop(reader);
        else if (!read_nexthop_option(reader, nexthop))
            return false;
    }
    return true;
}

/* "via A or B", of old. */
static bool read_or(struct route_reader *reader, option_row *option)
{
    (void)option;
    conf_complain(reader->entry.builder, CONF_COMPLAINT, CONF_PROBLEM_DEPRECATED, reader->entry.node,
                  reader->entry.word, "'or' is deprecated; write 'nexthop'");
    if (reader->route->nexthops.count > 0)
        return entry_wrong(&reader->entry, CONF_PROBLEM_DUPLICATE, "'or' is given twice");
    add_nexthop(reader)->gateway = reader->route->gateway;
    memset(&reader->route->gateway, 0, sizeof(reader->route->gateway));
    return read_gateway_address(reader, &add_nexthop(reader)->gateway);
}

/* ------------------------------------------------------------------ what else it is */

static bool read_tos(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_byte(&reader->entry, IPROUTE_DSFIELD, &reader->route->tos);
}

static bool read_table(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_name(&reader->entry, IPROUTE_TABLE, &reader->route->table);
}

static bool read_protocol(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_byte(&reader->entry, IPROUTE_PROTOCOL, &reader->route->protocol);
}

static bool read_scope(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_byte(&reader->entry, IPROUTE_SCOPE, &reader->route->scope);
}

static bool read_metric(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_u32(&reader->entry, UINT32_MAX, &reader->route->metric);
}

static bool read_realms(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_realms(&reader->entry, &reader->route->realms) &&
           entry_settle_family(&reader->entry, AF_INET);
}

static bool read_expires(struct route_reader *reader, option_row *option)
{
    (void)option;
    return entry_u32(&reader->entry, UINT32_MAX, &reader->route->expires_s) &&
           entry_settle_family(&reader->entry, AF_INET6);
}

static bool read_preference(struct route_reader *reader, option_row *option)
{
    static const struct conf_choice names[] = {
        {"low", ICMPV6_ROUTER_PREF_LOW},
        {"medium", ICMPV6_ROUTER_PREF_MEDIUM},
        {"high", ICMPV6_ROUTER_PREF_HIGH},
        {0},
    };
    const struct entry_reader before = reader->entry;
    uint64_t number;

    (void)option;
    if (!entry_next(&reader->entry, "low, medium, high or a number") ||
        !entry_settle_family(&reader->entry, AF_INET6))
        return false;
    for (const struct conf_choice *name = names; name->word != NULL; name++) {
        if (entry_is(&reader->entry, name->word)) {
            reader->route->preference = (int16_t)name->value;
            return true;
        }
    }
    reader->entry.word = before.word;
    if (!entry_integer(&reader->entry, 0, UINT8_MAX, &number))
        return false;
    reader->route->preference = (int16_t)number;
    return true;
}

static bool read_ttl_propagate(struct route_reader *reader, option_row *option)
{
    (void)option;
    if (!entry_next(&reader->entry, "enabled or disabled"))
        return false;
    reader->route->ttl_propagate = entry_is(&reader->entry, "enabled");
    if (reader->route->ttl_propagate || entry_is(&reader->entry, "disabled"))
        return true;
    return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE, "'%s' is neither enabled nor disabled",
                       entry_word(&reader->entry));
}

/* keepalived reads it and does nothing either. */
static bool read_as(struct route_reader *reader, option_row *option)
{
    (void)option;
    if (!entry_next(&reader->entry, "an address"))
        return false;
    if (entry_is(&reader->entry, "to") && !entry_next(&reader->entry, "an address"))
        return false;
    conf_complain(reader->entry.builder, CONF_COMPLAINT, CONF_PROBLEM_NO_EFFECT, reader->entry.node,
                  reader->entry.word,
                  "the kernel has no translation of addresses by routes; 'as' is ignored");
    return true;
}

static bool read_encap(struct route_reader *reader, option_row *option)
{
    (void)option;
    return conf_read_encap(&reader->entry, &reader->route->encap);
}

/* Its table is the route's; which one that is, only the interface itself says. */
static bool read_vrf(struct route_reader *reader, option_row *option)
{
    size_t word = reader->entry.word;

    (void)option;
    if (!entry_interface(&reader->entry, &reader->route->vrf))
        return false;
    conf_refuse_unbuilt(reader->entry.builder, reader->entry.node, word,
                        conf_keyword_find(reader->entry.builder->index, CONF_BLOCK_ENTRY_ROUTE, "vrf"));
    return true;
}

static bool read_place(struct route_reader *reader, option_row *option)
{
    reader->route->place = (enum conf_route_place)option->number;
    return true;
}

static bool read_no_track(struct route_reader *reader, option_row *option)
{
    (void)option;
    reader->route->no_track = true;
    return true;
}

static bool read_track_group(struct route_reader *reader, option_row *option)
{
    (void)option;
    if (!reader->is_static)
        return entry_wrong(&reader->entry, CONF_PROBLEM_MISPLACED, "track_group is for static routes");
    return entry_track_group(&reader->entry, &reader->route->interface);
}

/* ------------------------------------------------------------------ metrics */

static bool add_metric(struct route_reader *reader, uint32_t type, uint32_t value)
{
    struct conf_model *model = reader->entry.builder->model;
    struct conf_route_metric *metric;

    for (uint32_t i = 0; i < reader->route->metrics.count; i++) {
        if (reader->route->metrics.items[i]->type == type) {
            reader->route->metrics.items[i]->value = value;
            return true;
        }
    }
    metric = conf_model_alloc(model, sizeof(*metric));
    metric->type = type;
    metric->value = value;
    conf_list_add(model, &reader->route->metrics, metric);
    return true;
}

/* The word before a value that the kernel shall not change. */
static bool skip_lock(struct route_reader *reader, uint32_t type)
{
    if (!entry_has_next(&reader->entry) ||
        strcmp(reader->entry.node->words[reader->entry.word + 1].text, "lock") != 0)
        return true;
    reader->route->locked |= 1U << type;
    return entry_next(&reader->entry, "a value");
}

static bool read_metric_number(struct route_reader *reader, option_row *option)
{
    uint32_t value;

    return skip_lock(reader, option->number) && entry_u32(&reader->entry, option->most, &value) &&
           add_metric(reader, option->number, value);
}

/* 100 in the kernel's unit, of which .most are in a millisecond; 100ms, 0.5s. */
static bool parse_time(const char *word, uint32_t units, uint32_t *value)
{
    char *end;
    double number = strtod(word, &end);
    bool seconds = strcasecmp(end, "s") == 0 || strcasecmp(end, "sec") == 0 || strcasecmp(end, "secs") == 0;
    bool milliseconds =
        strcasecmp(end, "ms") == 0 || strcasecmp(end, "msec") == 0 || strcasecmp(end, "msecs") == 0;

    if (end == word || strspn(word, "0123456789.") != (size_t)(end - word))
        return false;
    if (seconds)
        number *= 1000;
    if (seconds || milliseconds)
        number *= units;
    else if (*end != '\0')
        return false;
    if (number < 0 || number > (double)TIME_MAX_MS * units)
        return false;
    *value = (uint32_t)(number + 0.5);
    return true;
}

static bool read_metric_time(struct route_reader *reader, option_row *option)
{
    uint32_t value;

    if (!skip_lock(reader, option->number) || !entry_next(&reader->entry, "a time"))
        return false;
    if (parse_time(entry_word(&reader->entry), option->most, &value))
        return add_metric(reader, option->number, value);
    return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE, "'%s' is not a time such as 100ms or 0.5s",
                       entry_word(&reader->entry));
}

static bool read_features(struct route_reader *reader, option_row *option)
{
    if (!entry_next(&reader->entry, "ecn"))
        return false;
    if (entry_is(&reader->entry, "ecn"))
        return add_metric(reader, option->number, RTAX_FEATURE_ECN);
    return entry_wrong(&reader->entry, CONF_PROBLEM_VALUE, "'%s' is no feature of a route; ecn is",
                       entry_word(&reader->entry));
}

static bool read_congestion_control(struct route_reader *reader, option_row *option)
{
    if (!skip_lock(reader, option->number) || !entry_next(&reader->entry, "a congestion control algorithm"))
        return false;
    reader->route->congestion_control =
        conf_model_strdup(reader->entry.builder->model, entry_word(&reader->entry));
    return true;
}

/* ------------------------------------------------------------------ the line */

static const struct route_option options[] = {
    {"inet", read_family, AF_INET, 0},
    {"inet6", read_family, AF_INET6, 0},
    {"src", read_src, 0, 0},
    {"as", read_as, 0, 0},
    {"via", read_via, 0, 0},
    {"gw", read_via, 0, 0},
    {"from", read_from, 0, 0},
    {"tos", read_tos, 0, 0},
    {"dsfield", read_tos, 0, 0},
    {"table", read_table, 0, 0},
    {"protocol", read_protocol, 0, 0},
    {"scope", read_scope, 0, 0},
    {"metric", read_metric, 0, 0},
    {"priority", read_metric, 0, 0},
    {"preference", read_metric, 0, 0},
    {"dev", read_dev, 0, 0},
    {"oif", read_dev, 0, 0},
    {"onlink", read_onlink, 0, 0},
    {"expires", read_expires, 0, 0},
    {"mtu", read_metric_number, RTAX_MTU, UINT32_MAX},
    {"hoplimit", read_metric_number, RTAX_HOPLIMIT, UINT8_MAX},
    {"advmss", read_metric_number, RTAX_ADVMSS, UINT32_MAX},
    {"rtt", read_metric_time, RTAX_RTT, 8},
    {"rttvar", read_metric_time, RTAX_RTTVAR, 4},
    {"rto_min", read_metric_time, RTAX_RTO_MIN, 1},
    {"reordering", read_metric_number, RTAX_REORDERING, UINT32_MAX},
    {"window", read_metric_number, RTAX_WINDOW, UINT32_MAX},
    {"cwnd", read_metric_number, RTAX_CWND, UINT32_MAX},
    {"ssthresh", read_metric_number, RTAX_SSTHRESH, UINT32_MAX},
    {"realms", read_realms, 0, 0},
    {"initcwnd", read_metric_number, RTAX_INITCWND, UINT32_MAX},
    {"initrwnd", read_metric_number, RTAX_INITRWND, UINT32_MAX},
    {"features", read_features, RTAX_FEATURES, 0},
    {"quickack", read_metric_number, RTAX_QUICKACK, 1},
    {"congctl", read_congestion_control, RTAX_CC_ALGO, 0},
    {"pref", read_preference, 0, 0},
    {"ttl-propagate", read_ttl_propagate, 0, 0},
    {"fastopen_no_cookie", read_metric_number, RTAX_FASTOPEN_NO_COOKIE, 1},
    {"add", read_place, CONF_ROUTE_ADD, 0},
    {"prepend", read_place, CONF_ROUTE_PREPEND, 0},
    {"append", read_place, CONF_ROUTE_APPEND, 0},
    {"or", read_or, 0, 0},
    {"nexthop", read_nexthops, 0, 0},
    {"encap", read_encap, 0, 0},
    {"vrf", read_vrf, 0, 0},
    {"no_track", read_no_track, 0, 0},
    {"track_group", read_track_group, 0, 0},
    {0},
};

static bool read_word(struct route_reader *reader)
{
    for (const struct route_option *option = options; option->name != NULL; option++) {
        if (entry_is(&reader->entry, option->name))
            return option->read(reader, option);
    }
    return read_destination(reader);
}

/* What is watched must be recognised among all routes of the machine. */
static void settle_protocol(struct route_reader *reader)
{
    struct conf_route *route = reader->route;

    if (route->no_track || route->protocol == CONF_PROTOCOL_KEEPALIVED)
        return;
    conf_complain(reader->entry.builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, reader->entry.node, 0,
                  "a route of another protocol cannot be tracked: protocol keepalived is used (or say "
                  "no_track)");
    route->protocol = CONF_PROTOCOL_KEEPALIVED;
}

static struct conf_route *read_route(struct conf_builder *builder, const struct conf_node *node,
                                     bool is_static)
{
    struct conf_route *route = conf_model_alloc(builder->model, sizeof(*route));
    struct route_reader reader = {.entry = {builder, node, 0, AF_UNSPEC, CONF_BLOCK_ENTRY_ROUTE},
                                  .route = route,
                                  .is_static = is_static};

    route->type = RTN_UNICAST;
    route->table = RT_TABLE_MAIN;
    route->protocol = CONF_PROTOCOL_KEEPALIVED;
    route->preference = route->ttl_propagate = -1;
    for (; reader.entry.word < node->word_count; reader.entry.word++) {
        if (!read_word(&reader))
            return NULL;
    }
    reader.entry.word = 0;
    if (!reader.has_destination) {
        entry_wrong(&reader.entry, CONF_PROBLEM_MISSING, "this route has no destination");
        return NULL;
    }
    route->family = reader.entry.family == AF_UNSPEC ? AF_INET : reader.entry.family;
    route->destination.family = route->family;
    if (route->from_length == 0)
        memset(&route->from, 0, sizeof(route->from));
    settle_protocol(&reader);
    return route;
}

static bool needs_interface(const struct conf_route *route)
{
    return route->type == RTN_UNICAST && route->interface == NULL && route->nexthops.count == 0 &&
           !ip_address_is_set(&route->gateway);
}

void conf_entry_route(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct instance_draft *draft = data;
    struct conf_route *route = read_route(builder, node, false);

    if (route != NULL)
        conf_list_add(builder->model, &draft->instance->routes, route);
}

void conf_finish_routes(struct conf_instance *instance)
{
    for (uint32_t i = 0; i < instance->routes.count; i++) {
        if (needs_interface(instance->routes.items[i]))
            instance->routes.items[i]->interface = instance->interface;
    }
}

void conf_entry_static_route(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_route *route = read_route(builder, node, true);

    (void)data;
    if (route == NULL)
        return;
    if (needs_interface(route))
        route->interface = builder->global.default_interface;
    conf_list_add(builder->model, &builder->model->static_routes, route);
}
