/* Frames of gratuitous ARP and unsolicited neighbour advertisements, byte by byte, and their pacing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/kernel/announce_queue.h"
#include "daemon/kernel/arp.h"
#include "daemon/kernel/ndisc.h"

static const uint8_t mac[6] = {0x02, 0x11, 0x22, 0x33, 0x44, 0x55};

static void test_arp_bytes(void **state)
{
    static const uint8_t wanted[ARP_FRAME_LENGTH] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x08, 0x06, /* Ethernet */
        0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,                                     /* request */
        0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0xc0, 0x00, 0x02, 0x0a,                         /* sender */
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0x00, 0x02, 0x0a,                         /* target */
    };
    static const uint8_t address[4] = {192, 0, 2, 10};
    uint8_t frame[ARP_FRAME_LENGTH];

    (void)state;
    memset(frame, 0xee, sizeof(frame));
    arp_announcement(frame, mac, address);
    assert_memory_equal(frame, wanted, sizeof(wanted));
}

/* Ones' complement addition, RFC 1071. */
static uint32_t fold(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void test_na_bytes(void **state)
{
    static const uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};
    /* by hand: the words of both addresses, length and next header, and the message, that are not zero */
    const uint32_t addresses = 0x2001 + 0x0db8 + 0x0001 + 0xff02 + 0x0001, pseudo = 0x0020 + 0x003a;
    const uint32_t message = 0x8800 + 0x2000 + (0x2001 + 0x0db8 + 0x0001) + 0x0201 + 0x0211 + 0x2233 + 0x4455;
    const uint16_t checksum = (uint16_t)~fold(addresses + pseudo + message);
    uint8_t wanted[NDISC_FRAME_LENGTH] = {
        0x33, 0x33, 0,    0,    0,    0x01, 0x02, 0x11, 0x22, 0x33, 0x44, 0x55, 0x86, 0xdd, /* Ethernet */
        0x60, 0,    0,    0,    0,    32,   58,   255,                                      /* IPv6 */
        0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0x01, /* from the address */
        0xff, 0x02, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0x01,                                  /* to all nodes */
        136,  0,    0,    0,    0x20, 0,    0,    0, /* override */
        0x20, 0x01, 0x0d, 0xb8, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
        0,    0x01,                                     /* target */
        2,    1,    0x02, 0x11, 0x22, 0x33, 0x44, 0x55, /* its MAC */
    };
    uint8_t frame[NDISC_FRAME_LENGTH];

    (void)state;
    wanted[56] = (uint8_t)(checksum >> 8);
    wanted[57] = (uint8_t)checksum;
    ndisc_announcement(frame, mac, address, false);
    assert_memory_equal(frame, wanted, sizeof(wanted));
    ndisc_announcement(frame, mac, address, true);
    assert_int_equal(frame[58], 0xa0);
    assert_int_equal(frame[56] << 8 | frame[57], (uint16_t)~fold(addresses + pseudo + message + 0x8000));
}

/* ------------------------------------------------------------------ pacing */

#define AT(ms) ((struct mono){NS_PER_S + (ms)*NS_PER_MS})

static struct announce_counters counters;

static struct announcement make(uint8_t last, int64_t interval_ms)
{
    return (struct announcement){.address = {.family = AF_INET, .bytes = {10, 0, 0, last}},
                                 .interval = span_ms(interval_ms),
                                 .counters = &counters};
}

/* Sends everything that may leave at once; writes the addresses' last bytes, in order. */
static size_t send_all(struct announce_queue *queue, struct mono now, char *order)
{
    struct announcement *ready[2];
    size_t count, total = 0;

    while ((count = announce_queue_ready(queue, now, ready, 2)) > 0) {
        for (size_t i = 0; i < count; i++) {
            order[total++] = (char)ready[i]->address.bytes[3];
            announce_queue_sent(ready[i], now);
        }
    }
    order[total] = '\0';
    return total;
}

static void test_each_once_before_any_twice(void **state)
{
    struct announcement a = make('a', 0), b = make('b', 0), c = make('c', 0);
    struct announce_queue queue;
    char order[32];

    (void)state;
    announce_queue_init(&queue);
    announce_queue_add(&queue, &a, 3, false);
    announce_queue_add(&queue, &b, 1, false);
    announce_queue_add(&queue, &c, 2, false);
    announce_queue_add(&queue, &b, 1, false);
    assert_int_equal(counters.queued, 3);
    send_all(&queue, AT(0), order);
    assert_string_equal(order, "abcabca");
    assert_int_equal(counters.queued, 0);
    assert_false(mono_is_set(announce_queue_due(&queue, AT(0))));
}

static void test_the_first_of_a_takeover_goes_ahead(void **state)
{
    struct announcement a = make('a', 0), b = make('b', 0), c = make('c', 0);
    struct announce_queue queue;
    char order[32];

    (void)state;
    announce_queue_init(&queue);
    announce_queue_add(&queue, &a, 1, false);
    announce_queue_add(&queue, &b, 1, false);
    announce_queue_add(&queue, &c, 1, true);
    send_all(&queue, AT(0), order);
    assert_string_equal(order, "cab");
}

static void test_an_interval_spaces_them(void **state)
{
    struct announcement a = make('a', 10), b = make('b', 10);
    struct announce_queue queue;
    char order[32];

    (void)state;
    announce_queue_init(&queue);
    announce_queue_add(&queue, &a, 2, false);
    announce_queue_add(&queue, &b, 1, false);
    assert_int_equal(send_all(&queue, AT(0), order), 1);
    assert_int_equal(send_all(&queue, AT(9), order), 0);
    assert_int_equal(announce_queue_due(&queue, AT(9)).ns, AT(10).ns);
    assert_int_equal(send_all(&queue, AT(10), order), 1);
    assert_string_equal(order, "b");
    assert_int_equal(announce_queue_due(&queue, AT(25)).ns, AT(25).ns);
    assert_int_equal(send_all(&queue, AT(25), order), 1);
    assert_string_equal(order, "a");
    assert_int_equal(send_all(&queue, AT(60), order), 0);
}

static void test_what_is_dropped_is_not_sent(void **state)
{
    struct announcement a = make('a', 0), b = make('b', 0);
    struct announce_queue queue, other;
    char order[32];

    (void)state;
    announce_queue_init(&queue);
    announce_queue_init(&other);
    announce_queue_add(&queue, &a, 5, false);
    announce_queue_add(&queue, &b, 1, false);
    announce_queue_drop(&a);
    announce_queue_drop(&a);
    send_all(&queue, AT(0), order);
    assert_string_equal(order, "b");
    announce_queue_add(&queue, &a, 2, false);
    announce_queue_add(&other, &a, 1, false); /* its interface is another one now */
    assert_int_equal(send_all(&queue, AT(0), order), 0);
    assert_int_equal(send_all(&other, AT(0), order), 1);
    announce_queue_add(&queue, &b, 2, false);
    announce_queue_clear(&queue);
    assert_int_equal(counters.queued, 0);
}

static void test_queues_may_share_a_pace(void **state)
{
    struct announcement a = make('a', 100), b = make('b', 100), c = make('c', 0);
    struct announce_gate gate = {0};
    struct announce_queue one, other;
    char order[8];

    (void)state;
    announce_queue_init(&one);
    announce_queue_init(&other);
    announce_queue_share(&one, &gate);
    announce_queue_share(&other, &gate);
    announce_queue_add(&one, &a, 1, false);
    announce_queue_add(&other, &b, 1, false);
    assert_int_equal(send_all(&one, AT(0), order), 1);
    assert_int_equal(send_all(&other, AT(99), order), 0);
    assert_int_equal(announce_queue_due(&other, AT(99)).ns, AT(100).ns);
    assert_int_equal(send_all(&other, AT(100), order), 1);
    announce_queue_add(&other, &c, 1, false);
    announce_queue_share(&other, NULL); /* on its own again */
    assert_int_equal(send_all(&other, AT(101), order), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arp_bytes),
        cmocka_unit_test(test_na_bytes),
        cmocka_unit_test(test_each_once_before_any_twice),
        cmocka_unit_test(test_the_first_of_a_takeover_goes_ahead),
        cmocka_unit_test(test_an_interval_spaces_them),
        cmocka_unit_test(test_queues_may_share_a_pace),
        cmocka_unit_test(test_what_is_dropped_is_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
