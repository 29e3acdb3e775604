/* The IPVS codec: attribute bytes captured from a Linux 6.1 kernel, and our own requests read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/kernel/ipvs_message.h"

/* Captured: ipvsadm -A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0; of the others the statistics are cut
 * off. */
static const char service_v4[] =
    "680100001c0002004d000000b9020000010100005401010006000100020000000600020006000000"
    "14000300c000020a000000000000000000000000060004000050000008000600777272000c000700"
    "03000000ffffffff080008002c01000008000900ffffff0060000a00080001000000000008000200"
    "0000000008000300000000000c000400000000000000000004000b000c0005000000000000000000"
    "080006000000000008000700000000000800080000000000080009000000000008000a0000000000"
    "a0000c000c000100000000000000000004000b000c000200000000000000000004000b000c000300"
    "000000000000000004000b000c000400000000000000000004000b000c0005000000000000000000"
    "04000b000c000600000000000000000004000b000c000700000000000000000004000b000c000800"
    "000000000000000004000b000c000900000000000000000004000b000c000a000000000000000000";

/* ipvsadm -A -u [2001:db8::1]:53 -s sh -b sh-port -p 60 -M 64 */
static const char service_v6[] =
    "680000001c0002004d000000b902000001010000540001000600010"
    "00a00000006000200110000001400030020010db80000000000000000000000010600040000350000"
    "07000600736800000c00070013000000ffffffff080008003c0000000800090040000000";

/* ipvsadm -A -f 7 -s rr */
static const char service_mark[] =
    "4c0000001c0002004d000000b90200000101000038000100060001000200000008000500070000000700"
    "0600727200000c00070002000000ffffffff080008000000000008000900ffffffff";

/* ipvsadm -a -t 192.0.2.10:80 -r 10.0.0.5:8080 -m -w 7 -x 100 -y 50 */
static const char destination_v4[] =
    "8c0000001c0002004d000000b90200000501000078000200140001000a0000050000000000000000"
    "00000000060002001f9000000800030000000000080004000700000005000d000000000006000e00"
    "0000000006000f000000000008000500640000000800060032000000080007000000000008000800000000000800090000000000"
    "06000b00"
    "02000000";

/* ipvsadm -a -u [2001:db8::1]:53 -r [2001:db8::5]:53 -i --tun-type gue --tun-port 6080 --tun-nocsum */
static const char destination_v6[] =
    "8c0000001c0002004d000000b902000005010000780002001400010020010db80000000000000000"
    "00000005060002000035000008000300020000000800040001000000050"
    "00d000100000006000e0017c0000006000f000000000008000500000000000800060000000000080007000000000008000800000"
    "0000008"
    "0009000000000006000b000a000000";

struct bytes {
    size_t length;
    unsigned char data[1024] __attribute__((aligned(8)));
};

static struct bytes from_hex(const char *hex)
{
    struct bytes bytes = {.length = strlen(hex) / 2};

    for (size_t i = 0; i < bytes.length; i++) {
        unsigned int byte;

        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        bytes.data[i] = (unsigned char)byte;
    }
    assert_int_equal(((const struct nlmsghdr *)bytes.data)->nlmsg_len, bytes.length);
    return bytes;
}

static void test_captured_services(void **state)
{
    struct bytes v4 = from_hex(service_v4), v6 = from_hex(service_v6), mark = from_hex(service_mark);
    struct ipvs_service service, want_v4 = {
                                     .id = {AF_INET, IPPROTO_TCP, 80, 0, {192, 0, 2, 10}},
                                     .scheduler = "wrr",
                                     .flags = IP_VS_SVC_F_PERSISTENT,
                                     .timeout_s = 300,
                                     .netmask = htonl(0xffffff00),
                                 };
    struct ipvs_service want_v6 = {
        .id = {AF_INET6, IPPROTO_UDP, 53, 0, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}},
        .scheduler = "sh",
        .flags = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_SCHED_SH_PORT,
        .timeout_s = 60,
        .netmask = 64,
    };
    struct ipvs_service want_mark = {
        .id = {.family = AF_INET, .fwmark = 7}, .scheduler = "rr", .netmask = UINT32_MAX};

    (void)state;
    assert_true(ipvs_message_parse_service((struct nlmsghdr *)v4.data, &service));
    assert_true(ipvs_service_equal(&service, &want_v4));
    assert_true(ipvs_message_parse_service((struct nlmsghdr *)v6.data, &service));
    assert_true(ipvs_service_equal(&service, &want_v6));
    assert_true(ipvs_message_parse_service((struct nlmsghdr *)mark.data, &service));
    assert_true(ipvs_service_equal(&service, &want_mark));
}

static void test_captured_destinations(void **state)
{
    struct bytes v4 = from_hex(destination_v4), v6 = from_hex(destination_v6);
    struct ipvs_destination destination, want_v4 = {
                                             .id = {AF_INET, 0, 8080, {10, 0, 0, 5}},
                                             .method = IP_VS_CONN_F_MASQ,
                                             .weight = 7,
                                             .upper_threshold = 100,
                                             .lower_threshold = 50,
                                         };
    struct ipvs_destination want_v6 = {
        .id = {AF_INET6, 0, 53, {0x20, 0x01, 0x0d, 0xb8, [15] = 5}},
        .method = IP_VS_CONN_F_TUNNEL,
        .weight = 1,
        .tunnel_type = IP_VS_CONN_F_TUNNEL_TYPE_GUE,
        .tunnel_port = 6080,
    };

    (void)state;
    assert_true(ipvs_message_parse_destination((struct nlmsghdr *)v4.data, AF_INET, &destination));
    assert_true(ipvs_destination_equal(&destination, &want_v4));
    assert_true(ipvs_message_parse_destination((struct nlmsghdr *)v6.data, AF_INET6, &destination));
    assert_true(ipvs_destination_equal(&destination, &want_v6));
    assert_false(ipvs_message_parse_service((struct nlmsghdr *)v4.data, &(struct ipvs_service){0}));
}

/* Every shorter message, and every changed byte, is either understood or refused, within its bounds (the
 * sanitizers watch). */
static void test_damage_is_survived(void **state)
{
    struct bytes sound = from_hex(destination_v4);

    (void)state;
    for (size_t length = NLMSG_HDRLEN; length <= sound.length; length++) {
        struct nlmsghdr *exact = malloc(length);
        struct ipvs_destination destination;

        memcpy(exact, sound.data, length);
        exact->nlmsg_len = (uint32_t)length;
        ipvs_message_parse_destination(exact, AF_INET, &destination);
        free(exact);
    }
    for (size_t at = NLMSG_HDRLEN; at < sound.length; at++) {
        for (int bit = 0; bit < 8; bit++) {
            struct nlmsghdr *exact = malloc(sound.length);
            struct ipvs_destination destination;

            memcpy(exact, sound.data, sound.length);
            ((unsigned char *)exact)[at] ^= (unsigned char)(1 << bit);
            ipvs_message_parse_destination(exact, AF_INET, &destination);
            free(exact);
        }
    }
}

static struct ipvs_change sample_change(enum ipvs_verb verb)
{
    return (struct ipvs_change){
        .verb = verb,
        .service = {.id = {AF_INET6, IPPROTO_TCP, 443, 0, {0xfd, [15] = 9}},
                    .scheduler = "lblcr",
                    .flags = IP_VS_SVC_F_PERSISTENT,
                    .timeout_s = 360,
                    .netmask = 128},
        .destination = {.id = {AF_INET, 0, 8443, {10, 1, 2, 3}},
                        .method = IP_VS_CONN_F_TUNNEL,
                        .weight = 65535,
                        .upper_threshold = 9,
                        .lower_threshold = 8,
                        .tunnel_type = IP_VS_CONN_F_TUNNEL_TYPE_GUE,
                        .tunnel_port = 6080,
                        .tunnel_flags = IP_VS_TUNNEL_ENCAP_FLAG_CSUM},
    };
}

static void test_our_requests_say_what_we_mean(void **state)
{
    struct ipvs_change service = sample_change(IPVS_ADD_SERVICE),
                       destination = sample_change(IPVS_ADD_DESTINATION);
    unsigned char buffer[IPVS_REQUEST_MAX] __attribute__((aligned(8)));
    struct nlmsghdr *message = (struct nlmsghdr *)buffer;
    struct ipvs_destination read_destination;
    struct ipvs_service read_service;
    size_t length;

    (void)state;
    length = ipvs_message_change(buffer, 28, 5, &service);
    assert_int_equal(length, NLMSG_ALIGN(message->nlmsg_len));
    assert_int_equal(message->nlmsg_type, 28);
    assert_int_equal(message->nlmsg_seq, 5);
    assert_int_equal(message->nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
    assert_true(ipvs_message_parse_service(message, &read_service));
    assert_true(ipvs_service_equal(&read_service, &service.service));
    ipvs_message_change(buffer, 28, 6, &destination);
    assert_true(ipvs_message_parse_destination(message, AF_INET6, &read_destination));
    assert_true(ipvs_destination_equal(&read_destination, &destination.destination));
}

/* The command byte behind the netlink head, as linux/ip_vs.h numbers them. */
static void test_commands(void **state)
{
    static const struct {
        enum ipvs_verb verb;
        unsigned char command;
    } rows[] = {
        {IPVS_ADD_SERVICE, 1},     {IPVS_EDIT_SERVICE, 2},     {IPVS_DELETE_SERVICE, 3},
        {IPVS_ADD_DESTINATION, 5}, {IPVS_EDIT_DESTINATION, 6}, {IPVS_DELETE_DESTINATION, 7},
    };
    unsigned char buffer[IPVS_REQUEST_MAX] __attribute__((aligned(8)));

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ipvs_change change = sample_change(rows[i].verb);

        ipvs_message_change(buffer, 28, 1, &change);
        assert_int_equal(buffer[NLMSG_HDRLEN], rows[i].command);
    }
}

static void test_family(void **state)
{
    /* captured: nlctrl's answer, cut behind the family id */
    struct bytes answer = from_hex("28000000100000004d000000b9020000010200000900020049505653000000000600010"
                                   "01c000000");
    struct bytes other = from_hex("28000000100000004d000000b9020000010200000900020049505658000000000600010"
                                  "01c000000");

    (void)state;
    assert_int_equal(ipvs_message_parse_family((struct nlmsghdr *)answer.data), 28);
    assert_int_equal(ipvs_message_parse_family((struct nlmsghdr *)other.data), 0);
}

static void test_errors(void **state)
{
    struct bytes done = from_hex("14000000030002004d000000b902000000000000");
    struct bytes refused = from_hex("14000000020000004d000000b9020000feffffff");
    struct bytes cut = from_hex("10000000020000004d000000b9020000");

    (void)state;
    assert_int_equal(ipvs_message_error((struct nlmsghdr *)done.data), 0);
    assert_int_equal(ipvs_message_error((struct nlmsghdr *)refused.data), ENOENT);
    assert_int_equal(ipvs_message_error((struct nlmsghdr *)cut.data), EPROTO);
}

static void test_words(void **state)
{
    char text[IPVS_SERVICE_TEXT], other[IPVS_DESTINATION_TEXT];

    (void)state;
    assert_string_equal(
        ipvs_service_text(&(struct ipvs_service_id){AF_INET, IPPROTO_UDP, 53, 0, {192, 0, 2, 10}}, text),
        "192.0.2.10:53 UDP");
    assert_string_equal(ipvs_service_text(&(struct ipvs_service_id){.family = AF_INET6, .fwmark = 8}, text),
                        "firewall mark 8 (IPv6)");
    assert_string_equal(
        ipvs_destination_text(&(struct ipvs_destination_id){AF_INET6, 0, 80, {0xfd, [15] = 1}}, other),
        "[fd00::1]:80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_captured_services),
        cmocka_unit_test(test_captured_destinations),
        cmocka_unit_test(test_damage_is_survived),
        cmocka_unit_test(test_our_requests_say_what_we_mean),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_family),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
