/* Echo packets: a reply is taken for the request it answers, and for no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>

#include "checkers/ping_packet.h"

static const struct ping_echo echo = {.family = AF_INET, .sequence = 0x1234, .token = 0x0102030405060708};

static void test_request(void **state)
{
    uint8_t packet[PING_PACKET_BYTES];

    (void)state;
    ping_packet_write(&echo, packet);
    assert_int_equal(packet[0], 8);
    assert_int_equal(packet[1], 0);
    assert_int_equal(packet[6], 0x12);
    assert_int_equal(packet[7], 0x34);
    ping_packet_write(&(struct ping_echo){.family = AF_INET6}, packet);
    assert_int_equal(packet[0], 128);
}

static void test_replies(void **state)
{
    struct ping_echo other = echo;
    uint8_t packet[PING_PACKET_BYTES + 1] = {0};

    (void)state;
    ping_packet_write(&echo, packet);
    assert_false(ping_packet_answers(&echo, packet, PING_PACKET_BYTES)); /* that is a request */
    packet[0] = 0;
    packet[2] = packet[4] = 0xaa; /* checksum and identifier are the kernel's */
    assert_true(ping_packet_answers(&echo, packet, PING_PACKET_BYTES));
    assert_false(ping_packet_answers(&echo, packet, PING_PACKET_BYTES + 1));
    for (size_t length = 0; length < PING_PACKET_BYTES; length++)
        assert_false(ping_packet_answers(&echo, packet, length));
    other.sequence++;
    assert_false(ping_packet_answers(&other, packet, PING_PACKET_BYTES));
    other = echo;
    other.token++;
    assert_false(ping_packet_answers(&other, packet, PING_PACKET_BYTES));
    other = echo;
    other.family = AF_INET6;
    assert_false(ping_packet_answers(&other, packet, PING_PACKET_BYTES));
    packet[0] = 129;
    assert_true(ping_packet_answers(&other, packet, PING_PACKET_BYTES));
    packet[1] = 1;
    assert_false(ping_packet_answers(&other, packet, PING_PACKET_BYTES));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_replies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
