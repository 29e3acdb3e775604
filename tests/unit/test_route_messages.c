/* Routes and rules as netlink messages: what is encoded is recognised, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/kernel/route_codec.h"
#include "daemon/kernel/rule_codec.h"

static unsigned char buffer[ROUTE_MESSAGE_MAX] __attribute__((aligned(8)));

static struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    assert_true(ip_address_parse(text, &parsed));
    return parsed;
}

/* eth0 is 1 and so on; others are not there. */
static uint32_t ifindex(const char *name, const void *data)
{
    (void)data;
    return strncmp(name, "eth", 3) == 0 ? (uint32_t)(name[3] - '0') + 1 : 0;
}

static struct conf_route plain(void)
{
    return (struct conf_route){
        .family = AF_INET,
        .type = RTN_UNICAST,
        .destination = address("192.168.1.0"),
        .prefix_length = 24,
        .gateway = address("192.0.2.254"),
        .interface = "eth0",
        .protocol = CONF_PROTOCOL_KEEPALIVED,
        .table = RT_TABLE_MAIN,
        .metric = 5,
        .preference = -1,
        .ttl_propagate = -1,
    };
}

static enum route_match compare(const struct conf_route *reported, const struct conf_route *wanted)
{
    const struct nlmsghdr *message =
        route_encode(buffer, RTM_NEWROUTE, NLM_F_CREATE, reported, ifindex, NULL);

    assert_non_null(message);
    return route_compare(message, wanted, ifindex, NULL);
}

static void test_a_message_is_as_the_kernel_wants_it(void **state)
{
    struct conf_route route = plain();
    const struct nlmsghdr *message =
        route_encode(buffer, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, ifindex, NULL);
    const struct rtmsg *head = (const struct rtmsg *)(message + 1);

    (void)state;
    assert_int_equal(message->nlmsg_type, RTM_NEWROUTE);
    assert_int_equal(message->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL);
    assert_int_equal(head->rtm_dst_len, 24);
    assert_int_equal(head->rtm_protocol, 18);
    assert_int_equal(head->rtm_scope, RT_SCOPE_UNIVERSE);
    message = route_encode(buffer, RTM_DELROUTE, 0, &route, ifindex, NULL);
    assert_int_equal(((const struct rtmsg *)(message + 1))->rtm_scope, RT_SCOPE_NOWHERE);
}

static void test_what_is_encoded_is_recognised(void **state)
{
    struct conf_route_metric mtu = {RTAX_MTU, 1400}, window = {RTAX_WINDOW, 7};
    struct conf_route_metric *metrics[] = {&mtu, &window};
    struct conf_route route = plain();

    (void)state;
    route.metrics.items = metrics;
    route.metrics.count = 2;
    route.congestion_control = "vegas";
    route.locked = 1U << RTAX_MTU;
    route.preferred_source = address("192.0.2.1");
    route.realms = 3;
    route.table = 70000;
    route.tos = 4;
    assert_int_equal(compare(&route, &route), ROUTE_SAME);
    route = plain();
    route.family = AF_INET6;
    route.destination = address("2001:db8::");
    route.gateway = address("fe80::1");
    route.prefix_length = 33;
    assert_int_equal(compare(&route, &route), ROUTE_SAME);
}

/* One thing changed in what the kernel reports, and what that makes of it. */
#define ASSERT_CHANGED(field, value, match)                                                                  \
    do {                                                                                                     \
        struct conf_route changed_ = plain(), plain_ = plain();                                              \
                                                                                                             \
        changed_.field = value;                                                                              \
        assert_int_equal(compare(&changed_, &plain_), match);                                                \
    } while (0)

static void test_each_difference_is_seen(void **state)
{
    struct conf_route_metric mtu = {RTAX_MTU, 1400};
    struct conf_route_metric *metrics[] = {&mtu};
    struct conf_route reported = plain(), wanted = plain();

    (void)state;
    ASSERT_CHANGED(destination, address("192.168.2.0"), ROUTE_OTHER);
    ASSERT_CHANGED(prefix_length, 23, ROUTE_OTHER);
    ASSERT_CHANGED(table, 5, ROUTE_OTHER);
    ASSERT_CHANGED(metric, 6, ROUTE_OTHER);
    ASSERT_CHANGED(tos, 8, ROUTE_OTHER);
    ASSERT_CHANGED(protocol, RTPROT_STATIC, ROUTE_OTHER); /* somebody else's */
    ASSERT_CHANGED(type, RTN_LOCAL, ROUTE_IN_PLACE);
    ASSERT_CHANGED(scope, RT_SCOPE_LINK, ROUTE_IN_PLACE);
    ASSERT_CHANGED(gateway, address("192.0.2.253"), ROUTE_IN_PLACE);
    ASSERT_CHANGED(interface, "eth1", ROUTE_IN_PLACE);
    ASSERT_CHANGED(onlink, true, ROUTE_IN_PLACE);
    ASSERT_CHANGED(preferred_source, address("192.0.2.1"), ROUTE_IN_PLACE);
    ASSERT_CHANGED(realms, 4, ROUTE_IN_PLACE);
    reported.metrics.items = metrics;
    reported.metrics.count = 1;
    assert_int_equal(compare(&reported, &wanted), ROUTE_IN_PLACE);
    assert_int_equal(compare(&wanted, &reported), ROUTE_IN_PLACE);
    wanted.interface = NULL; /* left to the kernel */
    reported = plain();
    assert_int_equal(compare(&reported, &wanted), ROUTE_SAME);
}

static void test_bits_beyond_the_prefix_do_not_count(void **state)
{
    struct conf_route reported = plain(), wanted = plain();

    (void)state;
    wanted.destination = address("192.168.1.77");
    assert_int_equal(compare(&reported, &wanted), ROUTE_SAME);
    reported.prefix_length = wanted.prefix_length = 0;
    assert_int_equal(compare(&reported, &wanted), ROUTE_SAME);
}

/* IPv6 routes without a metric get 1024. */
static void test_the_kernel_s_metric_of_ipv6(void **state)
{
    struct conf_route reported = plain(), wanted = plain();

    (void)state;
    reported.family = wanted.family = AF_INET6;
    reported.destination = wanted.destination = address("2001:db8::");
    reported.gateway = wanted.gateway = address("fe80::1");
    reported.metric = 1024;
    wanted.metric = 0;
    assert_int_equal(compare(&reported, &wanted), ROUTE_SAME);
    reported.metric = 0;
    assert_int_equal(compare(&reported, &wanted), ROUTE_OTHER);
}

static void test_nexthops(void **state)
{
    struct conf_nexthop first = {.gateway = address("192.0.2.8"), .weight = 1};
    struct conf_nexthop second = {.gateway = address("192.0.2.9"), .interface = "eth2", .weight = 256};
    struct conf_nexthop *both[] = {&first, &second}, *turned[] = {&second, &first};
    struct conf_route reported = plain(), wanted = plain();

    (void)state;
    memset(&reported.gateway, 0, sizeof(reported.gateway));
    reported.interface = NULL;
    wanted = reported;
    reported.nexthops.items = wanted.nexthops.items = both;
    reported.nexthops.count = wanted.nexthops.count = 2;
    assert_int_equal(compare(&reported, &wanted), ROUTE_SAME);
    wanted.nexthops.items = turned;
    assert_int_equal(compare(&reported, &wanted), ROUTE_IN_PLACE);
    wanted.nexthops.items = both;
    wanted.nexthops.count = 1;
    assert_int_equal(compare(&reported, &wanted), ROUTE_IN_PLACE);
}

static struct conf_encap tunnel(void)
{
    return (struct conf_encap){
        .kind = CONF_ENCAP_IP,
        .tunnel_id = 7,
        .destination = address("198.51.100.1"),
        .source = address("198.51.100.2"),
        .tos = 16,
        .ttl = 9,
        .flags = 5,
    };
}

static enum route_match compare_encaps(struct conf_encap *reported, struct conf_encap *wanted)
{
    struct conf_route first = plain(), second = plain();

    first.encap = reported;
    second.encap = wanted;
    return compare(&first, &second);
}

#define ASSERT_ENCAP_CHANGED(field, value)                                                                   \
    do {                                                                                                     \
        struct conf_encap changed_ = tunnel(), tunnel_ = tunnel();                                           \
                                                                                                             \
        changed_.field = value;                                                                              \
        assert_int_equal(compare_encaps(&changed_, &tunnel_), ROUTE_IN_PLACE);                               \
    } while (0)

static void test_tunnels(void **state)
{
    struct conf_encap wanted = tunnel(), reported = tunnel();

    (void)state;
    assert_int_equal(compare_encaps(&wanted, &wanted), ROUTE_SAME);
    assert_int_equal(compare_encaps(NULL, &wanted), ROUTE_IN_PLACE);
    assert_int_equal(compare_encaps(&wanted, NULL), ROUTE_IN_PLACE);
    ASSERT_ENCAP_CHANGED(tunnel_id, 8);
    ASSERT_ENCAP_CHANGED(destination, address("198.51.100.3"));
    ASSERT_ENCAP_CHANGED(source, address("198.51.100.3"));
    ASSERT_ENCAP_CHANGED(source, (struct ip_address){0});
    ASSERT_ENCAP_CHANGED(tos, 0);
    ASSERT_ENCAP_CHANGED(ttl, 10);
    ASSERT_ENCAP_CHANGED(flags, 6);
    reported.flags = 4; /* the kernel drops some */
    assert_int_equal(compare_encaps(&reported, &wanted), ROUTE_SAME);
    wanted = (struct conf_encap){.kind = CONF_ENCAP_IP6, .destination = address("2001:db8::1")};
    assert_int_equal(compare_encaps(&wanted, &wanted), ROUTE_SAME);
    reported = wanted;
    reported.destination = address("2001:db8::2");
    assert_int_equal(compare_encaps(&reported, &wanted), ROUTE_IN_PLACE);
    wanted = (struct conf_encap){.kind = CONF_ENCAP_ILA, .locator = 0x20010db800000001};
    assert_int_equal(compare_encaps(&wanted, &wanted), ROUTE_SAME);
    reported = wanted;
    reported.locator++;
    assert_int_equal(compare_encaps(&reported, &wanted), ROUTE_IN_PLACE);
}

/* RFC 3032, 2.1: the label, three bits for experiments, the bottom of the stack, TTL. */
static void test_labels(void **state)
{
    static const unsigned char stack[] = {0x00, 0x06, 0x40, 0x00, 0xff, 0xff, 0xf1, 0x00};
    struct conf_label outer = {100}, inner = {1048575}, other = {101};
    struct conf_label *both[] = {&outer, &inner}, *others[] = {&other, &inner};
    struct conf_encap wanted = {.kind = CONF_ENCAP_MPLS}, reported = {.kind = CONF_ENCAP_MPLS};
    struct conf_nexthop nexthop = {.gateway = address("192.0.2.8"), .weight = 1, .encap = &wanted};
    struct conf_nexthop *list[] = {&nexthop};
    struct conf_route route = plain();
    const struct nlmsghdr *message;

    (void)state;
    wanted.labels.items = both;
    reported.labels.items = others;
    wanted.labels.count = reported.labels.count = 2;
    assert_int_equal(compare_encaps(&wanted, &wanted), ROUTE_SAME);
    assert_int_equal(compare_encaps(&reported, &wanted), ROUTE_IN_PLACE);
    reported.labels.items = both;
    reported.labels.count = 1;
    assert_int_equal(compare_encaps(&reported, &wanted), ROUTE_IN_PLACE);
    route.nexthops.items = list;
    route.nexthops.count = 1;
    assert_int_equal(compare(&route, &route), ROUTE_SAME);
    message = route_encode(buffer, RTM_NEWROUTE, 0, &route, ifindex, NULL);
    assert_non_null(memmem(message, message->nlmsg_len, stack, sizeof(stack)));
    reported.labels.count = 31;
    route.encap = &reported;
    assert_null(route_encode(buffer, RTM_NEWROUTE, 0, &route, ifindex, NULL));
    assert_int_equal(errno, EMSGSIZE);
}

static void test_what_cannot_be_encoded(void **state)
{
    static struct conf_nexthop nexthops[400];
    static struct conf_nexthop *list[400];
    struct conf_route route = plain();

    (void)state;
    route.interface = "wlan0";
    assert_null(route_encode(buffer, RTM_NEWROUTE, 0, &route, ifindex, NULL));
    assert_int_equal(errno, ENODEV);
    route = plain();
    for (size_t i = 0; i < 400; i++) {
        nexthops[i] = (struct conf_nexthop){.gateway = address("192.0.2.8"), .weight = 1};
        list[i] = &nexthops[i];
    }
    route.nexthops.items = list;
    route.nexthops.count = 400;
    assert_null(route_encode(buffer, RTM_NEWROUTE, 0, &route, ifindex, NULL));
    assert_int_equal(errno, EMSGSIZE);
    nexthops[0].interface = "wlan0";
    assert_null(route_encode(buffer, RTM_NEWROUTE, 0, &route, ifindex, NULL));
    assert_int_equal(errno, ENODEV);
}

/* Any byte of a message changed, any length: compared without harm. */
static void test_damaged_messages_do_no_harm(void **state)
{
    struct conf_encap encap = tunnel();
    struct conf_nexthop nexthop = {.gateway = address("192.0.2.8"), .weight = 1, .encap = &encap};
    struct conf_nexthop *list[] = {&nexthop};
    struct conf_route route = plain();
    static unsigned char copy[ROUTE_MESSAGE_MAX] __attribute__((aligned(8)));
    struct nlmsghdr *message;

    (void)state;
    route.nexthops.items = list;
    route.nexthops.count = 1;
    message = route_encode(buffer, RTM_NEWROUTE, 0, &route, ifindex, NULL);
    for (uint32_t at = sizeof(*message); at < message->nlmsg_len; at++) {
        for (int value = 0; value < 256; value += 5) {
            memcpy(copy, buffer, message->nlmsg_len);
            copy[at] = (unsigned char)value;
            route_compare((struct nlmsghdr *)copy, &route, ifindex, NULL);
        }
    }
    for (uint32_t length = sizeof(*message); length < message->nlmsg_len; length += NLMSG_ALIGNTO) {
        memcpy(copy, buffer, message->nlmsg_len);
        ((struct nlmsghdr *)copy)->nlmsg_len = length;
        assert_int_not_equal(route_compare((struct nlmsghdr *)copy, &route, ifindex, NULL), ROUTE_SAME);
    }
}

/* ------------------------------------------------------------------ rules */

static struct conf_rule rule(void)
{
    return (struct conf_rule){
        .family = AF_INET,
        .action = FR_ACT_TO_TBL,
        .from = address("192.168.12.0"),
        .from_length = 24,
        .priority = 100,
        .table = 51,
        .protocol = CONF_PROTOCOL_KEEPALIVED,
        .suppress_prefix_length = -1,
        .suppress_group = -1,
    };
}

static struct conf_rule full_rule(void)
{
    struct conf_rule full = rule();

    full.to = address("192.168.11.0");
    full.to_length = 26;
    full.invert = full.mark_given = full.users_given = true;
    full.mark = 23;
    full.mark_mask = 16;
    full.tos = 8;
    full.realms = 5;
    full.suppress_prefix_length = 21;
    full.suppress_group = 43;
    full.input = "eth0";
    full.output = "eth1";
    full.tunnel_id = 32000000000;
    full.first_user = 23;
    full.last_user = 56;
    full.ip_protocol = 6;
    full.first_source_port = full.last_source_port = 80;
    full.first_destination_port = 100;
    full.last_destination_port = 200;
    full.table = 70000;
    return full;
}

static bool is_same(const struct conf_rule *reported, const struct conf_rule *wanted)
{
    return rule_is_same(rule_encode(buffer, RTM_NEWRULE, NLM_F_CREATE, reported), wanted);
}

#define ASSERT_RULE_DIFFERS(field, value)                                                                    \
    do {                                                                                                     \
        struct conf_rule changed_ = full_rule(), full_ = full_rule();                                        \
                                                                                                             \
        changed_.field = value;                                                                              \
        assert_false(is_same(&changed_, &full_));                                                            \
        assert_false(is_same(&full_, &changed_));                                                            \
    } while (0)

static void test_rules_are_recognised(void **state)
{
    struct conf_rule small = rule(), full = full_rule();

    (void)state;
    assert_true(is_same(&small, &small));
    assert_true(is_same(&full, &full));
    assert_true(rule_encode(buffer, RTM_NEWRULE, 0, &full)->nlmsg_len <= RULE_MESSAGE_MAX);
    ASSERT_RULE_DIFFERS(from, address("192.168.13.0"));
    ASSERT_RULE_DIFFERS(from_length, 25);
    ASSERT_RULE_DIFFERS(to_length, 0);
    ASSERT_RULE_DIFFERS(priority, 101);
    ASSERT_RULE_DIFFERS(table, 52);
    ASSERT_RULE_DIFFERS(protocol, 4);
    ASSERT_RULE_DIFFERS(invert, false);
    ASSERT_RULE_DIFFERS(mark, 24);
    ASSERT_RULE_DIFFERS(mark_mask, 0);
    ASSERT_RULE_DIFFERS(mark_given, false);
    ASSERT_RULE_DIFFERS(tos, 0);
    ASSERT_RULE_DIFFERS(realms, 0);
    ASSERT_RULE_DIFFERS(suppress_prefix_length, -1);
    ASSERT_RULE_DIFFERS(suppress_group, -1);
    ASSERT_RULE_DIFFERS(input, NULL);
    ASSERT_RULE_DIFFERS(output, "eth2");
    ASSERT_RULE_DIFFERS(tunnel_id, 0);
    ASSERT_RULE_DIFFERS(last_user, 57);
    ASSERT_RULE_DIFFERS(users_given, false);
    ASSERT_RULE_DIFFERS(ip_protocol, 17);
    ASSERT_RULE_DIFFERS(last_source_port, 81);
    ASSERT_RULE_DIFFERS(last_destination_port, 0);
    ASSERT_RULE_DIFFERS(action, FR_ACT_BLACKHOLE);
}

static void test_words(void **state)
{
    struct conf_route route = plain();
    struct conf_rule small = rule();
    char text[ROUTE_TEXT];

    (void)state;
    assert_string_equal(route_text(&route, text), "192.168.1.0/24 via 192.0.2.254 dev eth0");
    route.table = 7;
    route.interface = NULL;
    assert_string_equal(route_text(&route, text), "192.168.1.0/24 via 192.0.2.254 table 7");
    assert_string_equal(rule_text(&small, text), "priority 100 from 192.168.12.0/24 to all/0 table 51");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_is_as_the_kernel_wants_it),
        cmocka_unit_test(test_what_is_encoded_is_recognised),
        cmocka_unit_test(test_each_difference_is_seen),
        cmocka_unit_test(test_bits_beyond_the_prefix_do_not_count),
        cmocka_unit_test(test_the_kernel_s_metric_of_ipv6),
        cmocka_unit_test(test_nexthops),
        cmocka_unit_test(test_tunnels),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_what_cannot_be_encoded),
        cmocka_unit_test(test_damaged_messages_do_no_harm),
        cmocka_unit_test(test_rules_are_recognised),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
