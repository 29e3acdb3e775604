/* Lines of routes, rules and static addresses: every option, what is wrong, who depends on what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <linux/fib_rules.h>
#include <linux/icmpv6.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static size_t count(enum conf_severity severity)
{
    return conf_diagnostics_total(conf_result_diagnostics(fake_result), severity);
}

static void assert_clean(void)
{
    if (count(CONF_COMPLAINT) + count(CONF_REFUSAL) > 0) {
        char *all = fake_print(fake_result);

        print_error("%s", all);
        free(all);
    }
    assert_int_equal(count(CONF_COMPLAINT) + count(CONF_REFUSAL), 0);
}

/* One line of virtual_routes or virtual_rules in an instance on eth0. */
static const struct conf_instance *load_line(const char *block, const char *line)
{
    char text[1024];

    snprintf(
        text, sizeof(text),
        "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n 192.0.2.1\n }\n"
        " %s {\n %s\n }\n}\n",
        block, line);
    assert_int_equal(fake_model(text)->instances.count, 1);
    return conf_result_model(fake_result)->instances.items[0];
}

static const struct conf_route *load_route(const char *line)
{
    const struct conf_instance *instance = load_line("virtual_routes", line);

    return instance->routes.count == 1 ? instance->routes.items[0] : NULL;
}

static const struct conf_rule *load_rule(const char *line)
{
    const struct conf_instance *instance = load_line("virtual_rules", line);

    return instance->rules.count == 1 ? instance->rules.items[0] : NULL;
}

static void assert_address(const struct ip_address *address, const char *text)
{
    char buffer[IP_ADDRESS_TEXT];

    assert_string_equal(ip_address_text(address, buffer), text);
}

/* ------------------------------------------------------------------ routes */

static void test_a_plain_route(void **state)
{
    const struct conf_route *route = load_route("192.168.110.0/24 via 192.0.2.254 dev eth1");

    (void)state;
    assert_clean();
    assert_int_equal(route->family, AF_INET);
    assert_int_equal(route->type, RTN_UNICAST);
    assert_address(&route->destination, "192.168.110.0");
    assert_int_equal(route->prefix_length, 24);
    assert_address(&route->gateway, "192.0.2.254");
    assert_string_equal(route->interface, "eth1");
    assert_int_equal(route->table, RT_TABLE_MAIN);
    assert_int_equal(route->protocol, CONF_PROTOCOL_KEEPALIVED);
    assert_int_equal(route->scope, RT_SCOPE_UNIVERSE);
    assert_int_equal(route->place, CONF_ROUTE_PREPEND);
    assert_int_equal(route->preference, -1);
    assert_false(route->no_track);
}

static void test_destinations(void **state)
{
    static const struct {
        const char *line;
        uint8_t family, type, length;
        const char *destination;
    } cases[] = {
        {"default via 192.0.2.254", AF_INET, RTN_UNICAST, 0, "0.0.0.0"},
        {"0.0.0.0/0 via 192.0.2.254", AF_INET, RTN_UNICAST, 0, "0.0.0.0"},
        {"to 10.25.0.0/27 via 10.25.0.11", AF_INET, RTN_UNICAST, 27, "10.25.0.0"},
        {"any via fe80::1 dev eth0", AF_INET6, RTN_UNICAST, 0, "::"},
        {"inet6 default via fe80::1 dev eth0", AF_INET6, RTN_UNICAST, 0, "::"},
        {"::/0 via 2001:db8::1 dev eth1 no_track", AF_INET6, RTN_UNICAST, 0, "::"},
        {"to 2001:db8:310::/60 via 2001:db8::2", AF_INET6, RTN_UNICAST, 60, "2001:db8:310::"},
        {"blackhole 10.0.0.0/8", AF_INET, RTN_BLACKHOLE, 8, "10.0.0.0"},
        {"to unreachable 10.0.0.0/8", AF_INET, RTN_UNREACHABLE, 8, "10.0.0.0"},
        {"src 192.0.2.9 198.51.100.7 via 192.0.2.254", AF_INET, RTN_UNICAST, 32, "198.51.100.7"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct conf_route *route = load_route(cases[i].line);

        assert_clean();
        assert_non_null(route);
        assert_int_equal(route->family, cases[i].family);
        assert_int_equal(route->type, cases[i].type);
        assert_int_equal(route->prefix_length, cases[i].length);
        assert_address(&route->destination, cases[i].destination);
    }
    assert_int_equal(load_route("default6 via fe80::1 dev eth0")->family, AF_INET6);
    assert_int_equal(count(CONF_COMPLAINT), 1);
    assert_non_null(load_route("default gw 192.0.2.254"));
    assert_int_equal(count(CONF_COMPLAINT), 1);
}

static uint32_t metric(const struct conf_route *route, uint32_t type)
{
    for (uint32_t i = 0; i < route->metrics.count; i++) {
        if (route->metrics.items[i]->type == type)
            return route->metrics.items[i]->value;
    }
    return UINT32_MAX;
}

/* The long line of keepalived's own tests. */
static void test_every_option(void **state)
{
    const struct conf_route *route = load_route(
        "192.168.200.0/24 dev eth1 table 6909 tos 0x04 protocol 112 no_track scope link priority 12 mtu 1000 "
        "hoplimit 100 advmss 101 rtt 102 rttvar 25.75ms reordering 104 window 105 cwnd 106 ssthresh lock 107 "
        "realms cosmos/0x14 rto_min 1s initcwnd 109 initrwnd 110 features ecn ttl-propagate enabled "
        "fastopen_no_cookie 1 quickack 0 congctl lock vegas append onlink");

    (void)state;
    assert_clean();
    assert_int_equal(route->table, 6909);
    assert_int_equal(route->tos, 4);
    assert_int_equal(route->protocol, 112);
    assert_int_equal(route->scope, RT_SCOPE_LINK);
    assert_int_equal(route->metric, 12);
    assert_int_equal(route->realms, 0x14);
    assert_int_equal(route->ttl_propagate, 1);
    assert_int_equal(route->place, CONF_ROUTE_APPEND);
    assert_true(route->onlink && route->no_track);
    assert_string_equal(route->congestion_control, "vegas");
    assert_int_equal(route->locked, 1U << RTAX_SSTHRESH | 1U << RTAX_CC_ALGO);
    assert_int_equal(metric(route, RTAX_MTU), 1000);
    assert_int_equal(metric(route, RTAX_HOPLIMIT), 100);
    assert_int_equal(metric(route, RTAX_ADVMSS), 101);
    assert_int_equal(metric(route, RTAX_RTT), 102); /* raw: eighths of a millisecond */
    assert_int_equal(metric(route, RTAX_RTTVAR), 103);
    assert_int_equal(metric(route, RTAX_REORDERING), 104);
    assert_int_equal(metric(route, RTAX_WINDOW), 105);
    assert_int_equal(metric(route, RTAX_CWND), 106);
    assert_int_equal(metric(route, RTAX_SSTHRESH), 107);
    assert_int_equal(metric(route, RTAX_RTO_MIN), 1000);
    assert_int_equal(metric(route, RTAX_INITCWND), 109);
    assert_int_equal(metric(route, RTAX_INITRWND), 110);
    assert_int_equal(metric(route, RTAX_FEATURES), RTAX_FEATURE_ECN);
    assert_int_equal(metric(route, RTAX_FASTOPEN_NO_COOKIE), 1);
    assert_int_equal(metric(route, RTAX_QUICKACK), 0);
    assert_int_equal(route->metrics.count, 15);
}

static void test_options_of_ipv6(void **state)
{
    const struct conf_route *route =
        load_route("2001:db8:2::/48 dev eth2 from 2001:db8:3::/64 expires 600 pref high");

    (void)state;
    assert_clean();
    assert_address(&route->from, "2001:db8:3::");
    assert_int_equal(route->from_length, 64);
    assert_int_equal(route->expires_s, 600);
    assert_int_equal(route->preference, ICMPV6_ROUTER_PREF_HIGH);
    assert_int_equal(load_route("2001:db8:2::/48 dev eth2 pref 3")->preference, 3);
}

static void test_nexthops(void **state)
{
    const struct conf_route *route =
        load_route("192.168.100.0/24 table 6909 nexthop via 192.0.2.8 dev eth0 onlink weight 1 nexthop via "
                   "192.0.2.9 dev eth2 weight 256 realms 3");

    (void)state;
    assert_clean();
    assert_int_equal(route->nexthops.count, 2);
    assert_null(route->interface);
    assert_address(&route->nexthops.items[0]->gateway, "192.0.2.8");
    assert_true(route->nexthops.items[0]->onlink);
    assert_int_equal(route->nexthops.items[0]->weight, 1);
    assert_string_equal(route->nexthops.items[1]->interface, "eth2");
    assert_int_equal(route->nexthops.items[1]->weight, 256);
    assert_int_equal(route->nexthops.items[1]->realms, 3);
    route = load_route("192.168.112.0/24 via 192.0.2.8 or 192.0.2.9");
    assert_int_equal(count(CONF_COMPLAINT), 1); /* deprecated */
    assert_int_equal(route->nexthops.count, 2);
    assert_false(ip_address_is_set(&route->gateway));
    assert_address(&route->nexthops.items[1]->gateway, "192.0.2.9");
}

static void test_lines_that_are_left_out(void **state)
{
    static const char *const lines[] = {
        "via 192.0.2.1",                                   /* to where? */
        "192.168.1.0/24 via fe80::1",                      /* mixed families */
        "192.168.1.0/24 dev eth1 link src 192.0.2.1",      /* scope forgotten */
        "192.168.1.0/24 via 192.0.2.1 track",              /* unknown */
        "192.168.1.0/24 via x.x.x.x",                      /* a placeholder */
        "192.168.1.0/33 via 192.0.2.1",                    /* no such length */
        "192.168.1.0/24 table nowhere",                    /* no such table */
        "192.168.1.0/24 dev eth0 expires 5",               /* IPv6 only */
        "2001:db8::/32 dev eth0 realms 5",                 /* IPv4 only */
        "192.168.1.0/24 nexthop via 192.0.2.1 weight 257", /* too heavy */
        "192.168.1.0/24 nexthop via 192.0.2.1 metric 5",   /* nexthops come last */
        "192.168.1.0/24 dev eth0 track_group G",           /* for static ones */
        "192.168.1.0/24 dev eth0 rtt 1e3",                 /* no time */
        "192.168.1.0/24 dev eth0 ttl-propagate perhaps",   /* neither */
        "192.168.1.0/24 dev eth0 quickack 2",              /* 0 or 1 */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_null(load_route(lines[i]));
        assert_int_equal(count(CONF_COMPLAINT), 1);
        assert_int_equal(count(CONF_REFUSAL), 0);
    }
}

static void test_tunnels_of_routes(void **state)
{
    const struct conf_route *route = load_route(
        "192.168.1.0/24 encap ip id 7 dst 198.51.100.1 src 192.0.2.1 tos 0x10 ttl 9 flags 65535 dev eth1");

    (void)state;
    assert_clean();
    assert_string_equal(route->interface, "eth1");
    assert_int_equal(route->encap->kind, CONF_ENCAP_IP);
    assert_int_equal(route->encap->tunnel_id, 7);
    assert_address(&route->encap->destination, "198.51.100.1");
    assert_address(&route->encap->source, "192.0.2.1");
    assert_false(ip_address_is_set(&route->preferred_source));
    assert_int_equal(route->encap->tos, 16);
    assert_int_equal(route->tos, 0);
    assert_int_equal(route->encap->ttl, 9);
    assert_int_equal(route->encap->flags, 65535);
    route = load_route("192.168.1.0/24 tos 4 encap ip6 dst 2001:db8::1 src 2001:db8::2 tc 8 hoplimit 3 "
                       "id 18446744073709551615 mtu 1400 dev eth1");
    assert_clean();
    assert_int_equal(route->encap->kind, CONF_ENCAP_IP6);
    assert_int_equal(route->encap->tunnel_id, UINT64_MAX);
    assert_address(&route->encap->destination, "2001:db8::1");
    assert_int_equal(route->encap->tos, 8);
    assert_int_equal(route->tos, 4);
    assert_int_equal(route->encap->ttl, 3);
    assert_int_equal(metric(route, RTAX_MTU), 1400);
    assert_int_equal(metric(route, RTAX_HOPLIMIT), UINT32_MAX);
}

static void test_labels_and_locators(void **state)
{
    const struct conf_route *route = load_route("192.168.1.0/24 encap mpls 16/1048575/0 via 192.0.2.1");

    (void)state;
    assert_clean();
    assert_int_equal(route->encap->kind, CONF_ENCAP_MPLS);
    assert_int_equal(route->encap->labels.count, 3);
    assert_int_equal(route->encap->labels.items[0]->value, 16);
    assert_int_equal(route->encap->labels.items[1]->value, 1048575);
    assert_int_equal(route->encap->labels.items[2]->value, 0);
    assert_address(&route->gateway, "192.0.2.1");
    route = load_route("192.168.1.0/24 nexthop via 192.0.2.1 encap mpls 17 weight 2 nexthop via 192.0.2.2");
    assert_clean();
    assert_null(route->encap);
    assert_int_equal(route->nexthops.items[0]->encap->labels.items[0]->value, 17);
    assert_int_equal(route->nexthops.items[0]->weight, 2);
    assert_null(route->nexthops.items[1]->encap);
    route = load_route("2001:db8:1::/64 encap ila 2001:db8:0:f via fe80::1 dev eth0");
    assert_clean();
    assert_int_equal(route->encap->kind, CONF_ENCAP_ILA);
    assert_true(route->encap->locator == 0x20010db80000000f);
}

static void test_encapsulations_that_are_left_out(void **state)
{
    static const char *const words[] = {
        "",
        "gre",
        "ip",
        "ip ttl 5",
        "ip id 0",
        "ip id -1",
        "ip id 18446744073709551616",
        "ip dst 2001:db8::1",
        "ip dst here",
        "ip dst 198.51.100.1 src 2001:db8::1",
        "ip id 1 ttl 256",
        "ip id 1 tos 256",
        "ip id 1 flags 65536",
        "ip id 1 hoplimit",
        "ip6 dst 198.51.100.1",
        "ip6 id 1 hoplimit 256",
        "ip6 id 1 ttl 5",
        "mpls",
        "mpls 1048576",
        "mpls 3",
        "mpls 16/",
        "mpls /16",
        "mpls 16//17",
        "mpls x",
        "mpls 16/17/18/19/20/16/17/18/19/20/16/17/18/19/20/16/17/18/19/20/16/17/18/19/20/16/17/18/19/20/31",
        "ila",
        "ila 2001:db8:0:f", /* of an IPv4 route */
    };
    char line[256];

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        snprintf(line, sizeof(line), "192.168.1.0/24 dev eth0 encap %s", words[i]);
        assert_null(load_route(line));
        assert_int_equal(count(CONF_COMPLAINT) + count(CONF_REFUSAL), 1);
    }
    assert_null(load_route("2001:db8:1::/64 dev eth0 encap ila 2001:db8::f"));
    assert_null(load_route("2001:db8:1::/64 dev eth0 encap ila 2001:db8:0:10000"));
    assert_null(load_route("2001:db8:1::/64 dev eth0 encap ila 2001:db8:1"));
}

static void test_what_is_not_built_refuses(void **state)
{
    (void)state;
    assert_string_equal(load_route("192.168.1.0/24 via 192.0.2.1 vrf eth1 dev eth0")->vrf, "eth1");
    assert_int_equal(count(CONF_REFUSAL), 1);
    assert_int_equal(count(CONF_COMPLAINT), 0);
    assert_null(load_route("192.168.1.0/24 via 192.0.2.1 vrf much-too-long-a-name"));
}

static void test_a_tracked_route_is_ours(void **state)
{
    (void)state;
    assert_int_equal(load_route("192.168.1.0/24 dev eth0 protocol static")->protocol,
                     CONF_PROTOCOL_KEEPALIVED);
    assert_int_equal(count(CONF_COMPLAINT), 1);
    assert_int_equal(load_route("192.168.1.0/24 dev eth0 protocol static no_track")->protocol, RTPROT_STATIC);
    assert_clean();
}

static void test_a_route_without_a_way_uses_the_instance_s_interface(void **state)
{
    (void)state;
    assert_string_equal(load_route("192.168.1.0/24")->interface, "eth0");
    assert_null(load_route("blackhole 192.168.1.0/24")->interface);
    assert_null(load_route("192.168.1.0/24 via 192.0.2.1")->interface);
    assert_string_equal(
        fake_model("static_routes {\n 192.168.1.0/24\n}\nglobal_defs {\n default_interface eth1\n}\n")
            ->static_routes.items[0]
            ->interface,
        "eth1");
}

static void test_names_are_those_of_iproute2(void **state)
{
    static const struct fake_file files[] = {
        {"/etc/tandem/tandem.conf",
         "static_routes {\n 192.168.1.0/24 dev eth0 table blue protocol mine no_track\n"
         " 192.168.2.0/24 dev eth0 table red\n}\n"},
        {"/etc/iproute2/rt_tables", "# comment\n255\tlocal\n 100 blue # ours\n0x66 red\n"},
        {"/usr/share/iproute2/rt_tables", "999 blue\n"},
        {"/etc/iproute2/rt_protos.d/x.conf", "200 mine\n"},
        {0},
    };
    const struct conf_load_request request = {
        .path = "/etc/tandem/tandem.conf", .config_id = "node1", .host = &fake_host};
    const struct conf_model *model;

    (void)state;
    conf_result_free(fake_result);
    fake_host_files(files);
    fake_result = conf_load(&request);
    model = conf_result_model(fake_result);
    assert_clean();
    assert_int_equal(model->static_routes.items[0]->table, 100);
    assert_int_equal(model->static_routes.items[0]->protocol, 200);
    assert_int_equal(model->static_routes.items[1]->table, 0x66);
}

/* ------------------------------------------------------------------ rules */

static void test_a_plain_rule(void **state)
{
    const struct conf_rule *rule =
        load_rule("from 192.168.12.0/24 to 192.168.11.0/26 table 51 preference 149");

    (void)state;
    assert_clean();
    assert_int_equal(rule->family, AF_INET);
    assert_int_equal(rule->action, FR_ACT_TO_TBL);
    assert_int_equal(rule->table, 51);
    assert_int_equal(rule->priority, 149);
    assert_address(&rule->from, "192.168.12.0");
    assert_int_equal(rule->from_length, 24);
    assert_int_equal(rule->to_length, 26);
    assert_int_equal(rule->protocol, CONF_PROTOCOL_KEEPALIVED);
    assert_int_equal(rule->suppress_prefix_length, -1);
    assert_int_equal(rule->suppress_group, -1);
}

static void test_every_selector(void **state)
{
    const struct conf_rule *rule =
        load_rule("order 0x20 not from 1.2.2.0/24 to any iif eth0 oif eth1 uidrange 23-56 fwmark 23/16 tos 8 "
                  "tunnel-id 32000000000 ipproto tcp sport 80 dport 100-200 lookup main realms 32/45 "
                  "suppress_prefixlength 21 suppress_ifgroup 43 no_track protocol 5");

    (void)state;
    assert_clean();
    assert_int_equal(rule->priority, 0x20);
    assert_true(rule->invert && rule->mark_given && rule->users_given && rule->no_track);
    assert_int_equal(rule->to_length, 0);
    assert_string_equal(rule->input, "eth0");
    assert_string_equal(rule->output, "eth1");
    assert_int_equal(rule->first_user, 23);
    assert_int_equal(rule->last_user, 56);
    assert_int_equal(rule->mark, 23);
    assert_int_equal(rule->mark_mask, 16);
    assert_int_equal(rule->tos, 8);
    assert_true(rule->tunnel_id == 32000000000);
    assert_int_equal(rule->ip_protocol, 6);
    assert_int_equal(rule->first_source_port, 80); /* keepalived takes only 80-80 */
    assert_int_equal(rule->last_source_port, 80);
    assert_int_equal(rule->first_destination_port, 100);
    assert_int_equal(rule->last_destination_port, 200);
    assert_int_equal(rule->table, RT_TABLE_MAIN);
    assert_int_equal(rule->realms, 32 << 16 | 45);
    assert_int_equal(rule->suppress_prefix_length, 21);
    assert_int_equal(rule->suppress_group, 43);
    assert_int_equal(rule->protocol, 5);
}

static void test_actions(void **state)
{
    static const struct {
        const char *line;
        uint8_t action;
    } cases[] = {
        {"from 1.2.3.0/24 preference 9 goto 32767", FR_ACT_GOTO},
        {"from 1.2.3.0/24 preference 9 type nop", FR_ACT_NOP},
        {"from 1.2.3.0/24 preference 9 blackhole", FR_ACT_BLACKHOLE},
        {"from 1.2.3.0/24 preference 9 type unreachable", FR_ACT_UNREACHABLE},
        {"from 1.2.3.0/24 preference 9 prohibit", FR_ACT_PROHIBIT},
        {"from 1.2.3.0/24 preference 9 l3mdev", FR_ACT_TO_TBL},
        {"inet6 fwmark 5 table 28 preference 9", FR_ACT_TO_TBL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct conf_rule *rule = load_rule(cases[i].line);

        assert_clean();
        assert_int_equal(rule->action, cases[i].action);
    }
    assert_int_equal(load_rule("inet6 fwmark 5 table 28 preference 9")->family, AF_INET6);
}

static void test_rules_that_are_left_out(void **state)
{
    static const char *const lines[] = {
        "from 1.2.3.0/24 preference 9",                     /* and then? */
        "from 1.2.3.0/24 to 2001:db8::/32 table 5",         /* mixed */
        "from 1.2.3.0/24 table 5 blackhole preference 9",   /* two actions */
        "from 1.2.3.0/24 goto 5 preference 9",              /* backwards */
        "from 1.2.3.0/24 goto 50",                          /* from where? */
        "from 1.2.3.0/24 blackhole realms 5 preference 9",  /* realms of what table */
        "from 1.2.3.0/24 table 0 preference 9",             /* there is none */
        "from 1.2.3.0/24 table 5 dport 9-5 preference 9",   /* backwards */
        "from 1.2.3.0/24 table 5 fwmark x preference 9",    /* no number */
        "from 1.2.3.0/24 table 5 ipproto xyz preference 9", /* no protocol */
        "from 1.2.3.0/24 table 5 restore preference 9",     /* unknown */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_null(load_rule(lines[i]));
        assert_int_equal(count(CONF_COMPLAINT), 1);
    }
}

static void test_rules_without_preference_count_down(void **state)
{
    const struct conf_model *model = fake_model(
        "static_rules {\n from 1.2.3.0/24 table 5\n from 1.2.4.0/24 table 5\n inet6 fwmark 3 table 5\n}\n");

    (void)state;
    assert_int_equal(model->static_rules.count, 3);
    assert_int_equal(model->static_rules.items[0]->priority, 16384);
    assert_int_equal(model->static_rules.items[1]->priority, 16383);
    assert_int_equal(model->static_rules.items[2]->priority, 16384); /* IPv6 has its own */
    assert_int_equal(count(CONF_COMPLAINT), 3);
}

/* ------------------------------------------------------------------ static addresses, tracking */

static void test_static_addresses(void **state)
{
    const struct conf_model *model = fake_model("static_ipaddress {\n 192.0.2.1/24 brd + dev eth1\n"
                                                " 2001:db8::1 dev eth1\n 192.0.2.9/24\n}\n");

    (void)state;
    assert_clean();
    assert_int_equal(model->static_addresses.count, 3);
    assert_int_equal(model->static_addresses.items[0]->broadcast_kind, CONF_BROADCAST_ONES);
    assert_int_equal(model->static_addresses.items[1]->preferred_lifetime_s, 0);
    assert_string_equal(model->static_addresses.items[2]->interface, "eth0");
}

static bool is_tracked(const struct conf_instance *instance, const char *interface)
{
    for (uint32_t i = 0; i < instance->tracked_interfaces.count; i++) {
        if (strcmp(instance->tracked_interfaces.items[i]->interface, interface) == 0)
            return instance->tracked_interfaces.items[i]->weight == 0;
    }
    return false;
}

static void test_interfaces_that_are_needed_are_tracked(void **state)
{
    (void)state;
    assert_true(is_tracked(load_line("virtual_routes", "192.168.1.0/24 dev eth1"), "eth1"));
    assert_false(is_tracked(load_line("virtual_routes", "192.168.1.0/24 dev eth1 no_track"), "eth1"));
    assert_true(is_tracked(load_line("virtual_rules", "iif eth2 table 5 preference 9"), "eth2"));
    assert_true(is_tracked(load_line("virtual_ipaddress_excluded", "192.0.2.7 dev eth1"), "eth1"));
    assert_false(is_tracked(load_line("virtual_ipaddress_excluded", "192.0.2.7 dev eth1 no_track"), "eth1"));
    assert_int_equal(load_line("virtual_routes", "192.168.1.0/24 dev eth0")->tracked_interfaces.count, 0);
    assert_int_equal(load_line("virtual_routes", "192.168.1.0/24 dev eth1\n 192.168.2.0/24 dev eth1")
                         ->tracked_interfaces.count,
                     1);
}

#define MEMBER                                                                                               \
    "vrrp_instance V {\n interface eth0\n virtual_router_id 7\n virtual_ipaddress {\n 192.0.2.1\n }\n}\n"

static void test_track_groups(void **state)
{
    const struct conf_model *model =
        fake_model("track_group G {\n group {\n V\n }\n}\n"
                   "static_ipaddress {\n 192.0.2.9/24 dev eth1 track_group G\n}\n"
                   "static_routes {\n 192.168.1.0/24 via 192.0.2.8 dev eth2 track_group G\n}\n" MEMBER);

    (void)state;
    assert_clean();
    assert_true(is_tracked(model->instances.items[0], "eth1"));
    assert_true(is_tracked(model->instances.items[0], "eth2"));
    fake_model("static_routes {\n 192.168.1.0/24 dev eth2 track_group G\n}\n" MEMBER);
    assert_int_equal(count(CONF_COMPLAINT), 1); /* no such group */
    fake_model("track_group G {\n group {\n W\n }\n}\n"
               "static_rules {\n iif eth1 table 5 preference 9 track_group G\n}\n" MEMBER);
    assert_int_equal(count(CONF_COMPLAINT), 1); /* no such instance */
    fake_model("track_group G {\n group {\n V\n }\n}\n"
               "static_rules {\n from 1.2.3.0/24 table 5 preference 9 track_group G\n}\n" MEMBER);
    assert_int_equal(count(CONF_COMPLAINT), 1); /* no interface */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_a_plain_route, fake_release),
        cmocka_unit_test_teardown(test_destinations, fake_release),
        cmocka_unit_test_teardown(test_every_option, fake_release),
        cmocka_unit_test_teardown(test_options_of_ipv6, fake_release),
        cmocka_unit_test_teardown(test_nexthops, fake_release),
        cmocka_unit_test_teardown(test_lines_that_are_left_out, fake_release),
        cmocka_unit_test_teardown(test_tunnels_of_routes, fake_release),
        cmocka_unit_test_teardown(test_labels_and_locators, fake_release),
        cmocka_unit_test_teardown(test_encapsulations_that_are_left_out, fake_release),
        cmocka_unit_test_teardown(test_what_is_not_built_refuses, fake_release),
        cmocka_unit_test_teardown(test_a_tracked_route_is_ours, fake_release),
        cmocka_unit_test_teardown(test_a_route_without_a_way_uses_the_instance_s_interface, fake_release),
        cmocka_unit_test_teardown(test_names_are_those_of_iproute2, fake_release),
        cmocka_unit_test_teardown(test_a_plain_rule, fake_release),
        cmocka_unit_test_teardown(test_every_selector, fake_release),
        cmocka_unit_test_teardown(test_actions, fake_release),
        cmocka_unit_test_teardown(test_rules_that_are_left_out, fake_release),
        cmocka_unit_test_teardown(test_rules_without_preference_count_down, fake_release),
        cmocka_unit_test_teardown(test_static_addresses, fake_release),
        cmocka_unit_test_teardown(test_interfaces_that_are_needed_are_tracked, fake_release),
        cmocka_unit_test_teardown(test_track_groups, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
