/*
 * Objects that are one line each in the configuration language: addresses, peers, routes, rules and what is
 * tracked. See printer.h; the readers are build_address.c, build_route.c and build_rule.c.
 */
#include "conf/printer.h"

#include <inttypes.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void put_prefix(const struct conf_printer *printer, const struct ip_address *address, uint8_t length)
{
    char text[IP_ADDRESS_TEXT];

    fprintf(printer->out, " %s/%u", ip_address_text(address, text), length);
}

static void put_option(const struct conf_printer *printer, const char *word, const char *value)
{
    if (value == NULL)
        return;
    fprintf(printer->out, " %s", word);
    printer_word(printer, value);
}

static void put_number(const struct conf_printer *printer, const char *word, uint64_t value)
{
    if (value != 0)
        fprintf(printer->out, " %s %" PRIu64, word, value);
}

static void put_flag(const struct conf_printer *printer, const char *word, bool value)
{
    if (value)
        fprintf(printer->out, " %s", word);
}

static void put_address(const struct conf_printer *printer, const char *word,
                        const struct ip_address *address)
{
    if (!ip_address_is_set(address))
        return;
    fprintf(printer->out, " %s", word);
    printer_address(printer, address);
}

/* ------------------------------------------------------------------ addresses */

static void put_broadcast(const struct conf_printer *printer, const struct conf_vip *vip)
{
    switch (vip->broadcast_kind) {
    case CONF_BROADCAST_ONES:
        fputs(" broadcast +", printer->out);
        break;
    case CONF_BROADCAST_ZEROS:
        fputs(" broadcast -", printer->out);
        break;
    case CONF_BROADCAST_NONE:
    case CONF_BROADCAST_GIVEN:
        put_address(printer, "broadcast", &vip->broadcast);
        break;
    }
}

static void put_lifetime(const struct conf_printer *printer, const struct conf_vip *vip)
{
    uint32_t usual = vip->address.family == AF_INET6 && vip->prefix_length == 128 ? 0 : CONF_LIFETIME_FOREVER;

    if (vip->preferred_lifetime_s == usual)
        return;
    if (vip->preferred_lifetime_s == CONF_LIFETIME_FOREVER)
        fputs(" preferred_lft forever", printer->out);
    else
        fprintf(printer->out, " preferred_lft %u", vip->preferred_lifetime_s);
}

void printer_vip(const struct conf_printer *printer, const void *item)
{
    static const struct {
        const char *word;
        enum conf_vip_flag flag;
    } flags[] = {
        {"home", CONF_VIP_HOME},
        {"-nodad", CONF_VIP_DAD},
        {"mngtmpaddr", CONF_VIP_MNGTMPADDR},
        {"noprefixroute", CONF_VIP_NOPREFIXROUTE},
        {"autojoin", CONF_VIP_AUTOJOIN},
        {"no_track", CONF_VIP_NO_TRACK},
        {"use_vmac", CONF_VIP_USE_VMAC},
    };
    const struct conf_vip *vip = item;

    put_prefix(printer, &vip->address, vip->prefix_length);
    put_option(printer, "dev", vip->interface);
    put_number(printer, "scope", vip->scope);
    put_broadcast(printer, vip);
    put_option(printer, "label", vip->label);
    if (ip_address_is_set(&vip->peer)) {
        fputs(" peer", printer->out);
        put_prefix(printer, &vip->peer, vip->peer_prefix_length);
    }
    put_lifetime(printer, vip);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        put_flag(printer, flags[i].word, (vip->flags & flags[i].flag) != 0);
}

void printer_hmac_key(const struct conf_printer *printer, const void *item)
{
    fprintf(printer->out, " key %u", ((const struct conf_hmac_key *)item)->id);
}

void printer_peer(const struct conf_printer *printer, const void *item)
{
    const struct conf_unicast_peer *peer = item;

    printer_address(printer, &peer->address);
    put_number(printer, "min_ttl", peer->min_ttl);
    if (peer->max_ttl != UINT8_MAX)
        fprintf(printer->out, " max_ttl %u", peer->max_ttl);
}

void printer_service(const struct conf_printer *printer, const void *item)
{
    const struct conf_service *service = item;
    struct ip_address last = ip_address_plus(&service->first.address, service->count - 1);
    char first_text[IP_ADDRESS_TEXT], last_text[IP_ADDRESS_TEXT];

    if (service->fwmark != 0) {
        fprintf(printer->out, " fwmark %u %s", service->fwmark,
                service->first.address.family == AF_INET6 ? "inet6" : "inet");
        return;
    }
    ip_address_text(&service->first.address, first_text);
    ip_address_text(&last, last_text);
    fprintf(printer->out, service->count == 1 ? " %s" : " %s-%s", first_text, last_text);
    if (service->first.port != 0)
        fprintf(printer->out, " %u", service->first.port);
}

/* ------------------------------------------------------------------ what has no effect */

/* What follows its keyword; a negative number needs no quotes here. */
void printer_setting(const struct conf_printer *printer, const void *item)
{
    const struct conf_setting *setting = item;

    for (uint32_t i = 0; i < setting->words.count; i++) {
        const char *word = setting->words.items[i];

        if (word[0] == '-' && word[1] != '\0' && word[1 + strspn(word + 1, "0123456789")] == '\0')
            fprintf(printer->out, " %s", word);
        else
            printer_word(printer, word);
    }
}

void printer_linkbeat(const struct conf_printer *printer, const void *item)
{
    const struct conf_linkbeat *linkbeat = item;

    printer_word(printer, linkbeat->interface);
    if (linkbeat->method != CONF_LINKBEAT_AUTO)
        printer_word(printer, conf_linkbeat_word(linkbeat->method));
}

/* ------------------------------------------------------------------ what is tracked */

void printer_interface_delay(const struct conf_printer *printer, const void *item)
{
    const struct conf_interface_delay *delay = item;

    printer_word(printer, delay->interface);
    printer_seconds(printer, delay->down_us);
    printer_seconds(printer, delay->up_us);
}

static void put_weight(const struct conf_printer *printer, int16_t weight, bool reverse)
{
    fprintf(printer->out, " weight %d%s", weight, reverse ? " reverse" : "");
}

void printer_tracked_interface(const struct conf_printer *printer, const void *item)
{
    const struct conf_tracked_interface *tracked = item;

    printer_word(printer, tracked->interface);
    if (tracked->weight != 0 || tracked->reverse)
        put_weight(printer, tracked->weight, tracked->reverse);
}

void printer_tracked(const struct conf_printer *printer, const void *item)
{
    const struct conf_tracked *tracked = item;

    printer_word(printer, tracked->name);
    put_weight(printer, tracked->weight, tracked->reverse);
}

void printer_status_range(const struct conf_printer *printer, const void *item)
{
    const struct conf_status_range *range = item;

    fprintf(printer->out, range->low == range->high ? " %u" : " %u-%u", range->low, range->high);
}

/* ------------------------------------------------------------------ routes */

static const char *route_type(uint8_t type)
{
    static const char *const names[] = {
        [RTN_LOCAL] = " local",
        [RTN_BROADCAST] = " broadcast",
        [RTN_MULTICAST] = " multicast",
        [RTN_BLACKHOLE] = " blackhole",
        [RTN_UNREACHABLE] = " unreachable",
        [RTN_PROHIBIT] = " prohibit",
        [RTN_THROW] = " throw",
        [RTN_NAT] = " nat",
    };

    return type < sizeof(names) / sizeof(names[0]) && names[type] != NULL ? names[type] : "";
}

static void put_destination(const struct conf_printer *printer, const struct conf_route *route)
{
    static const uint8_t nothing[sizeof(route->destination.bytes)];

    fprintf(printer->out, "%s%s", route->family == AF_INET6 ? " inet6" : " inet", route_type(route->type));
    if (route->prefix_length == 0 && memcmp(route->destination.bytes, nothing, sizeof(nothing)) == 0)
        fputs(" default", printer->out);
    else
        put_prefix(printer, &route->destination, route->prefix_length);
}

static void put_metrics(const struct conf_printer *printer, const struct conf_route *route)
{
    static const char *const names[] = {
        [RTAX_MTU] = "mtu",           [RTAX_WINDOW] = "window",
        [RTAX_RTT] = "rtt",           [RTAX_RTTVAR] = "rttvar",
        [RTAX_SSTHRESH] = "ssthresh", [RTAX_CWND] = "cwnd",
        [RTAX_ADVMSS] = "advmss",     [RTAX_REORDERING] = "reordering",
        [RTAX_HOPLIMIT] = "hoplimit", [RTAX_INITCWND] = "initcwnd",
        [RTAX_RTO_MIN] = "rto_min",   [RTAX_INITRWND] = "initrwnd",
        [RTAX_QUICKACK] = "quickack", [RTAX_FASTOPEN_NO_COOKIE] = "fastopen_no_cookie",
    };

    for (uint32_t i = 0; i < route->metrics.count; i++) {
        const struct conf_route_metric *metric = route->metrics.items[i];

        if (metric->type == RTAX_FEATURES)
            fputs(" features ecn", printer->out);
        else if (metric->type < sizeof(names) / sizeof(names[0]) && names[metric->type] != NULL)
            fprintf(printer->out, " %s %s%u", names[metric->type],
                    (route->locked & 1U << metric->type) != 0 ? "lock " : "", metric->value);
    }
    if (route->congestion_control == NULL)
        return;
    fprintf(printer->out, " congctl%s", (route->locked & 1U << RTAX_CC_ALGO) != 0 ? " lock" : "");
    printer_word(printer, route->congestion_control);
}

static void put_realms(const struct conf_printer *printer, uint32_t realms)
{
    if (realms != 0)
        fprintf(printer->out, " realms %u/%u", realms >> 16, realms & UINT16_MAX);
}

static void put_labels(const struct conf_printer *printer, const struct conf_encap *encap)
{
    for (uint32_t i = 0; i < encap->labels.count; i++)
        fprintf(printer->out, "%c%u", i == 0 ? ' ' : '/', encap->labels.items[i]->value);
}

/* Some of its words mean something else for the route, so nothing of the route may follow them. */
static void put_encap(const struct conf_printer *printer, const struct conf_encap *encap)
{
    static const char *const names[] = {
        [CONF_ENCAP_IP] = "ip",
        [CONF_ENCAP_IP6] = "ip6",
        [CONF_ENCAP_MPLS] = "mpls",
        [CONF_ENCAP_ILA] = "ila",
    };

    if (encap == NULL)
        return;
    fprintf(printer->out, " encap %s", names[encap->kind]);
    put_number(printer, "id", encap->tunnel_id);
    put_address(printer, "dst", &encap->destination);
    put_address(printer, "src", &encap->source);
    put_number(printer, encap->kind == CONF_ENCAP_IP ? "tos" : "tc", encap->tos);
    put_number(printer, encap->kind == CONF_ENCAP_IP ? "ttl" : "hoplimit", encap->ttl);
    put_number(printer, "flags", encap->flags);
    put_labels(printer, encap);
    if (encap->kind == CONF_ENCAP_ILA)
        fprintf(printer->out, " %x:%x:%x:%x", (unsigned int)(encap->locator >> 48),
                (unsigned int)(encap->locator >> 32 & UINT16_MAX),
                (unsigned int)(encap->locator >> 16 & UINT16_MAX),
                (unsigned int)(encap->locator & UINT16_MAX));
}

static void put_nexthop(const struct conf_printer *printer, const struct conf_nexthop *nexthop)
{
    fputs(" nexthop", printer->out);
    put_address(printer, "via", &nexthop->gateway);
    put_option(printer, "dev", nexthop->interface);
    fprintf(printer->out, " weight %u", nexthop->weight);
    put_flag(printer, "onlink", nexthop->onlink);
    put_realms(printer, nexthop->realms);
    put_encap(printer, nexthop->encap);
}

static void put_place(const struct conf_printer *printer, const struct conf_route *route)
{
    switch (route->place) {
    case CONF_ROUTE_PREPEND:
        return;
    case CONF_ROUTE_ADD:
        fputs(" add", printer->out);
        return;
    case CONF_ROUTE_APPEND:
        fputs(" append", printer->out);
        return;
    }
}

void printer_route(const struct conf_printer *printer, const void *item)
{
    const struct conf_route *route = item;

    put_destination(printer, route);
    put_address(printer, "via", &route->gateway);
    put_option(printer, "dev", route->interface);
    put_flag(printer, "onlink", route->onlink);
    put_address(printer, "src", &route->preferred_source);
    if (ip_address_is_set(&route->from)) {
        fputs(" from", printer->out);
        put_prefix(printer, &route->from, route->from_length);
    }
    put_number(printer, "tos", route->tos);
    if (route->table != RT_TABLE_MAIN)
        fprintf(printer->out, " table %u", route->table);
    if (route->protocol != CONF_PROTOCOL_KEEPALIVED)
        fprintf(printer->out, " protocol %u", route->protocol);
    put_number(printer, "scope", route->scope);
    put_number(printer, "metric", route->metric);
    put_realms(printer, route->realms);
    put_number(printer, "expires", route->expires_s);
    put_metrics(printer, route);
    if (route->preference >= 0)
        fprintf(printer->out, " pref %d", route->preference);
    if (route->ttl_propagate >= 0)
        fprintf(printer->out, " ttl-propagate %s", route->ttl_propagate != 0 ? "enabled" : "disabled");
    put_place(printer, route);
    put_flag(printer, "no_track", route->no_track);
    put_option(printer, "vrf", route->vrf);
    put_encap(printer, route->encap);
    for (uint32_t i = 0; i < route->nexthops.count; i++)
        put_nexthop(printer, route->nexthops.items[i]);
}

/* ------------------------------------------------------------------ rules */

static void put_packets(const struct conf_printer *printer, const struct conf_rule *rule)
{
    if (ip_address_is_set(&rule->from)) {
        fputs(" from", printer->out);
        put_prefix(printer, &rule->from, rule->from_length);
    }
    if (ip_address_is_set(&rule->to)) {
        fputs(" to", printer->out);
        put_prefix(printer, &rule->to, rule->to_length);
    }
    put_number(printer, "tos", rule->tos);
    if (rule->mark_given)
        fprintf(printer->out, rule->mark_mask == 0 ? " fwmark %u" : " fwmark %u/%u", rule->mark,
                rule->mark_mask);
    put_option(printer, "iif", rule->input);
    put_option(printer, "oif", rule->output);
    put_number(printer, "tunnel-id", rule->tunnel_id);
    if (rule->users_given)
        fprintf(printer->out, " uidrange %u-%u", rule->first_user, rule->last_user);
    put_number(printer, "ipproto", rule->ip_protocol);
    if (rule->last_source_port != 0)
        fprintf(printer->out, " sport %u-%u", rule->first_source_port, rule->last_source_port);
    if (rule->last_destination_port != 0)
        fprintf(printer->out, " dport %u-%u", rule->first_destination_port, rule->last_destination_port);
}

static void put_action(const struct conf_printer *printer, const struct conf_rule *rule)
{
    switch (rule->action) {
    case FR_ACT_GOTO:
        fprintf(printer->out, " goto %u", rule->goto_priority);
        return;
    case FR_ACT_NOP:
        fputs(" nop", printer->out);
        return;
    case FR_ACT_BLACKHOLE:
        fputs(" blackhole", printer->out);
        return;
    case FR_ACT_UNREACHABLE:
        fputs(" unreachable", printer->out);
        return;
    case FR_ACT_PROHIBIT:
        fputs(" prohibit", printer->out);
        return;
    }
    if (rule->l3mdev)
        fputs(" l3mdev", printer->out);
    else
        fprintf(printer->out, " table %u", rule->table);
}

void printer_rule(const struct conf_printer *printer, const void *item)
{
    const struct conf_rule *rule = item;

    fputs(rule->family == AF_INET6 ? " inet6" : " inet", printer->out);
    put_flag(printer, "not", rule->invert);
    put_packets(printer, rule);
    fprintf(printer->out, " priority %u", rule->priority);
    put_realms(printer, rule->realms);
    if (rule->suppress_prefix_length >= 0)
        fprintf(printer->out, " suppress_prefixlength %d", rule->suppress_prefix_length);
    if (rule->suppress_group >= 0)
        fprintf(printer->out, " suppress_ifgroup %d", rule->suppress_group);
    if (rule->protocol != CONF_PROTOCOL_KEEPALIVED)
        fprintf(printer->out, " protocol %u", rule->protocol);
    put_flag(printer, "no_track", rule->no_track);
    put_action(printer, rule);
}
