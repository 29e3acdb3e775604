/* Addresses and links to and from netlink messages, and the table of interfaces built from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <net/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/kernel/address_codec.h"
#include "daemon/kernel/interface_table.h"
#include "daemon/kernel/link_codec.h"

static struct ip_address parse(const char *text)
{
    struct ip_address address = {0};

    assert_true(ip_address_parse(text, &address));
    return address;
}

static struct kernel_address make(const char *text, uint8_t prefix_length)
{
    struct kernel_address address;

    memset(&address, 0, sizeof(address));
    address.ifindex = 7;
    address.prefix_length = prefix_length;
    address.address = parse(text);
    address.valid_s = address.preferred_s = CONF_LIFETIME_FOREVER;
    return address;
}

static void assert_round_trip(const struct kernel_address *address)
{
    unsigned char buffer[ADDRESS_MESSAGE_MAX] __attribute__((aligned(8)));
    struct kernel_address back;
    struct nlmsghdr *message;

    message = address_encode(buffer, RTM_NEWADDR, NLM_F_CREATE, address);
    assert_true(message->nlmsg_len <= sizeof(buffer));
    assert_int_equal(message->nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE);
    memset(&back, 0, sizeof(back));
    assert_true(address_decode(message, &back));
    assert_int_equal(back.ifindex, address->ifindex);
    assert_int_equal(back.prefix_length, address->prefix_length);
    assert_int_equal(back.scope, address->scope);
    assert_int_equal(back.flags, address->flags);
    assert_int_equal(back.valid_s, address->valid_s);
    assert_int_equal(back.preferred_s, address->preferred_s);
    assert_string_equal(back.label, address->label);
    assert_int_equal(ip_address_compare(&back.address, &address->address), 0);
    assert_int_equal(ip_address_compare(&back.peer, &address->peer), 0);
    assert_int_equal(ip_address_compare(&back.broadcast, &address->broadcast), 0);
}

static void test_round_trips(void **state)
{
    struct kernel_address address = make("192.0.2.10", 24);

    (void)state;
    assert_round_trip(&address);
    address.broadcast = parse("192.0.2.255");
    address.scope = RT_SCOPE_LINK;
    address.flags = IFA_F_NOPREFIXROUTE;
    address.valid_s = 3;
    address.preferred_s = 0;
    strcpy(address.label, "eth0:vip45678");
    assert_round_trip(&address);
    address = make("192.0.2.10", 32);
    address.peer = parse("198.51.100.1");
    assert_round_trip(&address);
    address = make("2001:db8::1", 128);
    address.flags = IFA_F_NODAD | IFA_F_HOMEADDRESS;
    assert_round_trip(&address);
    address.peer = parse("2001:db8::2");
    assert_round_trip(&address);
}

static void test_the_bytes_of_a_request(void **state)
{
    struct kernel_address address = make("192.0.2.10", 32);
    static const uint8_t wanted[] = {
        40, 0,  0, 0, 21,  0, 1, 0,  0, 0, 0, 0, 0, 0, 0, 0, /* RTM_DELADDR, NLM_F_REQUEST */
        2,  32, 0, 0, 7,   0, 0, 0,                          /* AF_INET, /32, interface 7 */
        8,  0,  2, 0, 192, 0, 2, 10,                         /* IFA_LOCAL */
        8,  0,  1, 0, 192, 0, 2, 10,                         /* IFA_ADDRESS */
    };
    unsigned char buffer[ADDRESS_MESSAGE_MAX] __attribute__((aligned(8)));

    (void)state;
    assert_int_equal(address_encode(buffer, RTM_DELADDR, 0, &address)->nlmsg_len, sizeof(wanted));
    assert_memory_equal(buffer, wanted, sizeof(wanted));
}

static void test_damaged_messages_are_refused(void **state)
{
    struct kernel_address address = make("192.0.2.10", 32), back;
    unsigned char buffer[ADDRESS_MESSAGE_MAX] __attribute__((aligned(8)));
    struct nlmsghdr *message = address_encode(buffer, RTM_NEWADDR, 0, &address);
    uint32_t whole = message->nlmsg_len;

    (void)state;
    message->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg) - 1);
    assert_false(address_decode(message, &back));
    message->nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)); /* no attributes */
    assert_false(address_decode(message, &back));
    message->nlmsg_len = whole;
    buffer[24] = 7; /* an address of three bytes */
    buffer[32] = 7;
    assert_false(address_decode(message, &back));
    address_encode(buffer, RTM_NEWADDR, 0, &address);
    buffer[16] = AF_UNIX;
    assert_false(address_decode(message, &back));
}

static void test_vips_of_a_configuration(void **state)
{
    struct conf_vip vip = {
        .prefix_length = 24, .scope = RT_SCOPE_SITE, .broadcast_kind = CONF_BROADCAST_ONES};
    struct kernel_address address;
    struct ip_address wanted = parse("192.0.2.255");

    (void)state;
    vip.address = parse("192.0.2.10");
    address = address_of_vip(&vip);
    assert_int_equal(ip_address_compare(&address.broadcast, &wanted), 0);
    assert_int_equal(address.scope, RT_SCOPE_SITE);
    assert_int_equal(address.flags, 0); /* NODAD is IPv6's */
    vip.broadcast_kind = CONF_BROADCAST_ZEROS;
    vip.prefix_length = 26;
    wanted = parse("192.0.2.0");
    address = address_of_vip(&vip);
    assert_int_equal(ip_address_compare(&address.broadcast, &wanted), 0);
    vip.prefix_length = 32;
    address = address_of_vip(&vip);
    assert_false(ip_address_is_set(&address.broadcast));
    vip.address = parse("2001:db8::1");
    vip.broadcast_kind = CONF_BROADCAST_NONE;
    assert_int_equal(address_of_vip(&vip).flags, IFA_F_NODAD);
    vip.flags = CONF_VIP_DAD | CONF_VIP_HOME | CONF_VIP_NOPREFIXROUTE;
    assert_int_equal(address_of_vip(&vip).flags, IFA_F_HOMEADDRESS | IFA_F_NOPREFIXROUTE);
}

/* ------------------------------------------------------------------ links */

struct link_message {
    struct nlmsghdr head;
    struct ifinfomsg info;
    struct rtattr name_head;
    char name[8];
    struct rtattr mtu_head;
    uint32_t mtu;
    struct rtattr mac_head;
    uint8_t mac[8];
};

static struct link_message link_message(int ifindex, const char *name)
{
    struct link_message message = {
        .head = {.nlmsg_len = sizeof(message), .nlmsg_type = RTM_NEWLINK},
        .info = {.ifi_family = AF_UNSPEC,
                 .ifi_type = ARPHRD_ETHER,
                 .ifi_index = ifindex,
                 .ifi_flags = IFF_UP | IFF_RUNNING},
        .name_head = {.rta_len = sizeof(struct rtattr) + 5, .rta_type = IFLA_IFNAME},
        .mtu_head = {.rta_len = sizeof(struct rtattr) + 4, .rta_type = IFLA_MTU},
        .mtu = 1500,
        .mac_head = {.rta_len = sizeof(struct rtattr) + 6, .rta_type = IFLA_ADDRESS},
        .mac = {2, 1, 2, 3, 4, 5},
    };

    strncpy(message.name, name, 4);
    return message;
}

static void test_links(void **state)
{
    struct link_message message = link_message(3, "eth0");
    struct kernel_link link;

    (void)state;
    assert_true(link_decode(&message.head, &link));
    assert_int_equal(link.ifindex, 3);
    assert_string_equal(link.name, "eth0");
    assert_int_equal(link.mtu, 1500);
    assert_memory_equal(link.mac, message.mac, 6);
    assert_true(link_can_announce(&link));
    message.info.ifi_flags |= IFF_NOARP;
    assert_true(link_decode(&message.head, &link));
    assert_false(link_can_announce(&link));
    message.mac_head.rta_len = sizeof(struct rtattr) + 4; /* a tunnel's */
    assert_true(link_decode(&message.head, &link));
    assert_false(link.has_mac);
    message.info.ifi_family = AF_BRIDGE;
    assert_false(link_decode(&message.head, &link));
}

static struct kernel_link some_link(uint32_t ifindex, const char *name)
{
    struct link_message message = link_message((int)ifindex, name);
    struct kernel_link link;

    assert_true(link_decode(&message.head, &link));
    return link;
}

static unsigned int removed_links;

static void count_removed(const struct kernel_link *link, void *data)
{
    (void)data;
    removed_links += link->ifindex;
}

static void test_the_table_describes_interfaces(void **state)
{
    struct interface_table *table = interface_table_new();
    struct kernel_link eth0 = some_link(3, "eth0"), eth1 = some_link(4, "eth1");
    struct kernel_address first = make("192.0.2.1", 24), second = make("192.0.2.2", 24);
    struct kernel_address local = make("fe80::1", 64), global = make("2001:db8::1", 64);
    struct links_interface told;

    (void)state;
    interface_table_describe(table, "eth0", &told);
    assert_int_equal(told.flags, 0);
    assert_string_equal(told.name, "eth0");
    interface_table_set_link(table, &eth0);
    interface_table_set_link(table, &eth1);
    first.ifindex = second.ifindex = local.ifindex = global.ifindex = 3;
    local.flags = IFA_F_TENTATIVE;
    interface_table_set_address(table, &first);
    interface_table_set_address(table, &second);
    interface_table_set_address(table, &global);
    interface_table_set_address(table, &local);
    interface_table_describe(table, "eth0", &told);
    assert_int_equal(told.flags, INTERFACE_EXISTS | INTERFACE_UP | INTERFACE_RUNNING);
    assert_int_equal(ip_address_compare(&told.primary_ipv4, &first.address), 0);
    assert_false(ip_address_is_set(&told.primary_ipv6));
    local.flags = 0;
    interface_table_set_address(table, &local);
    interface_table_remove_address(table, &first);
    interface_table_describe(table, "eth0", &told);
    assert_int_equal(ip_address_compare(&told.primary_ipv4, &second.address), 0);
    assert_int_equal(ip_address_compare(&told.primary_ipv6, &local.address), 0);
    strcpy(eth0.name, "lan0"); /* renamed */
    interface_table_set_link(table, &eth0);
    assert_null(interface_table_by_name(table, "eth0"));
    assert_int_equal(interface_table_by_name(table, "lan0")->ifindex, 3);
    interface_table_begin_links(table); /* a dump that has only one of them */
    interface_table_set_link(table, &eth0);
    interface_table_end_links(table, count_removed, NULL);
    assert_int_equal(removed_links, 4);
    assert_null(interface_table_by_index(table, 4));
    interface_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_the_bytes_of_a_request),
        cmocka_unit_test(test_damaged_messages_are_refused),
        cmocka_unit_test(test_vips_of_a_configuration),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_the_table_describes_interfaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
