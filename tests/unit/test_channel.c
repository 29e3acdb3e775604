/* Channels: exact messages only, order under pressure, and the acquaintance after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/core/channel.h"
#include "daemon/core/log.h"

struct received {
    unsigned int count;
    uint64_t last_key;
    unsigned int in_order;
    unsigned int hellos;
    unsigned int closed;
    struct loop *loop;
    unsigned int stop_at;
};

static void on_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                       void *data)
{
    struct received *received = data;
    const struct message_key *key = payload;

    (void)channel;
    assert_int_equal(fd, -1);
    assert_int_equal(type, LINKS_RELEASE);
    received->in_order += key->key == received->last_key + 1;
    received->last_key = key->key;
    if (++received->count == received->stop_at)
        loop_stop(received->loop);
}

static void on_hello(struct channel *channel, void *data)
{
    struct received *received = data;

    (void)channel;
    received->hellos++;
}

static void on_closed(struct channel *channel, void *data)
{
    struct received *received = data;

    (void)channel;
    received->closed++;
    loop_stop(received->loop);
}

static const struct channel_callbacks callbacks = {on_message, on_hello, on_closed};

/* Both ends of a channel, each of which counts what it hears. */
struct pair {
    struct loop *loop;
    struct channel *vrrp;
    struct channel *links;
};

static struct pair new_pair(struct received *of_vrrp, struct received *of_links)
{
    struct pair pair = {.loop = loop_new()};
    int fds[2];

    assert_int_equal(channel_pair(fds), 0);
    of_vrrp->loop = of_links->loop = pair.loop;
    pair.vrrp = channel_new(pair.loop, fds[0], ROLE_VRRP, ROLE_LINKS, &callbacks, of_vrrp);
    pair.links = channel_new(pair.loop, fds[1], ROLE_LINKS, ROLE_VRRP, &callbacks, of_links);
    return pair;
}

static void close_end(struct channel **end)
{
    channel_free(*end);
    *end = NULL;
}

static void free_pair(struct pair *pair)
{
    channel_free(pair->vrrp);
    channel_free(pair->links);
    loop_free(pair->loop);
}

static unsigned int refusals;

static void count_line(enum log_level level, const char *text, void *data)
{
    (void)data;
    if (level == LOG_LEVEL_ERROR && strstr(text, "refused") != NULL)
        refusals++;
}

static void test_many_messages_arrive_in_order(void **state)
{
    struct received received = {.stop_at = 5000};
    struct pair pair = new_pair(&received, &received);

    (void)state;
    for (uint64_t i = 1; i <= 5000; i++)
        channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){i});
    assert_false(channel_is_flushed(pair.vrrp)); /* more than the socket takes */
    loop_run(pair.loop);
    assert_int_equal(received.in_order, 5000);
    assert_true(channel_is_flushed(pair.vrrp));
    close_end(&pair.vrrp);
    loop_run(pair.loop);
    assert_int_equal(received.closed, 1);
    free_pair(&pair);
}

static void test_last_words_are_heard_although_ours_were_not_read(void **state)
{
    struct received received = {.stop_at = 3};
    struct pair pair = new_pair(&received, &received);

    (void)state;
    channel_send(pair.links, LINKS_RELEASED, &(struct links_error){.key = 9});
    for (uint64_t i = 1; i <= 2; i++)
        channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){i});
    close_end(&pair.vrrp);
    loop_run(pair.loop);
    assert_int_equal(received.count, 2);
    assert_int_equal(received.closed, 1);
    free_pair(&pair);
}

static void stop_loop(void *data)
{
    loop_stop(data);
}

/* Long enough for everything that is watched and due. */
static void turn_loop(struct loop *loop)
{
    struct loop_timer *stop = loop_timer_new(loop, stop_loop, loop);

    for (int i = 0; i < 5; i++) {
        loop_timer_in(stop, span_ns(0));
        loop_run(loop);
    }
    loop_timer_free(stop);
}

static void test_one_that_rests_hears_when_it_is_told_to(void **state)
{
    struct received received = {.count = 0};
    struct pair pair = new_pair(&received, &received);

    (void)state;
    channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){1});
    channel_rest(pair.links, span_s(3600));
    assert_int_equal(received.count, 1); /* what was there */
    channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){2});
    channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){3});
    turn_loop(pair.loop);
    assert_int_equal(received.count, 1);
    channel_rest(pair.links, span_s(3600));
    assert_int_equal(received.count, 3);
    channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){4});
    channel_rest(pair.links, span_ns(0));
    channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){5});
    received.stop_at = 5;
    loop_run(pair.loop);
    assert_int_equal(received.in_order, 5);
    channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){6}); /* and watches again */
    received.stop_at = 6;
    loop_run(pair.loop);
    assert_int_equal(received.in_order, 6);
    free_pair(&pair);
}

/* Its own messages go out meanwhile, and the end of the other side is heard once. */
static void test_one_that_rests_still_speaks(void **state)
{
    struct received received = {.stop_at = 5000};
    struct pair pair = new_pair(&received, &received);

    (void)state;
    channel_rest(pair.vrrp, span_s(3600));
    for (uint64_t i = 1; i <= 5000; i++)
        channel_send(pair.vrrp, LINKS_RELEASE, &(struct message_key){i});
    assert_false(channel_is_flushed(pair.vrrp));
    loop_run(pair.loop);
    assert_int_equal(received.in_order, 5000);
    close_end(&pair.links);
    turn_loop(pair.loop);
    assert_int_equal(received.closed, 0);
    channel_rest(pair.vrrp, span_ns(0));
    turn_loop(pair.loop);
    assert_int_equal(received.closed, 1);
    free_pair(&pair);
}

struct raw {
    uint32_t type;
    uint32_t zero;
    uint64_t payload[4];
};

static void test_what_is_not_exact_is_refused(void **state)
{
    struct received received = {.loop = loop_new(), .stop_at = 1};
    struct raw wrong_size = {.type = LINKS_RELEASE};
    struct raw wrong_sender = {.type = VERDICT};
    struct raw unknown = {.type = 9999};
    struct raw head = {.type = LINKS_RELEASE, .zero = 1};
    struct raw without_fd = {.type = LINKS_SOCKET};
    struct raw good = {.type = LINKS_RELEASE, .payload = {1}};
    struct channel *receiver;
    int fds[2];

    (void)state;
    refusals = 0;
    log_to_sink(count_line, NULL);
    assert_int_equal(channel_pair(fds), 0);
    receiver = channel_new(received.loop, fds[1], ROLE_LINKS, ROLE_VRRP, &callbacks, &received);
    assert_int_equal(send(fds[0], &wrong_size, 8 + 16, 0), 24);
    assert_int_equal(send(fds[0], &wrong_size, 8 + 4, 0), 12);
    assert_int_equal(send(fds[0], &wrong_sender, sizeof(wrong_sender), 0), sizeof(wrong_sender));
    assert_int_equal(send(fds[0], &unknown, 8, 0), 8);
    assert_int_equal(send(fds[0], &head, 16, 0), 16);
    assert_int_equal(send(fds[0], &without_fd, 16, 0), 16);
    assert_int_equal(send(fds[0], "x", 1, 0), 1);
    assert_int_equal(send(fds[0], &good, 16, 0), 16);
    loop_run(received.loop);
    assert_int_equal(received.count, 1);
    assert_int_equal(refusals, 7);
    close(fds[0]);
    channel_free(receiver);
    loop_free(received.loop);
    log_to_sink(NULL, NULL);
}

static void test_a_successor_hears_nothing_meant_for_its_predecessor(void **state)
{
    struct received received = {.loop = loop_new(), .stop_at = 1}, other = {.loop = received.loop};
    struct channel *peer, *successor;
    int fds[2];

    (void)state;
    assert_int_equal(channel_pair(fds), 0);
    peer = channel_new(received.loop, fds[0], ROLE_VRRP, ROLE_LINKS, &callbacks, &other);
    channel_send(peer, LINKS_RELEASE, &(struct message_key){1}); /* to the one that died */
    channel_send(peer, LINKS_RELEASE, &(struct message_key){2});
    successor = channel_new(received.loop, fds[1], ROLE_LINKS, ROLE_VRRP, &callbacks, &received);
    channel_hello(successor, 42);
    while (other.hellos == 0) {
        struct loop_timer *soon =
            loop_timer_new(received.loop, (loop_timer_callback *)loop_stop, received.loop);

        loop_timer_in(soon, span_ms(1));
        loop_run(received.loop);
        loop_timer_free(soon);
    }
    channel_send(peer, LINKS_RELEASE, &(struct message_key){3}); /* what the hello callback would say */
    loop_run(received.loop);
    assert_int_equal(received.count, 1);
    assert_int_equal(received.last_key, 3);
    channel_free(successor);
    channel_free(peer);
    loop_free(received.loop);
}

static void test_an_heir_hears_what_its_predecessor_did_not_read(void **state)
{
    struct received received = {.loop = loop_new(), .stop_at = 2}, other = {.loop = received.loop};
    struct channel *peer, *heir;
    int fds[2];

    (void)state;
    assert_int_equal(channel_pair(fds), 0);
    peer = channel_new(received.loop, fds[0], ROLE_VRRP, ROLE_LINKS, &callbacks, &other);
    channel_send(peer, LINKS_RELEASE, &(struct message_key){1});
    channel_send(peer, LINKS_RELEASE, &(struct message_key){2});
    heir = channel_new(received.loop, fds[1], ROLE_LINKS, ROLE_VRRP, &callbacks, &received);
    channel_hello_as_heir(heir, 42);
    loop_run(received.loop);
    assert_int_equal(received.in_order, 2);
    channel_free(heir);
    channel_free(peer);
    loop_free(received.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_messages_arrive_in_order),
        cmocka_unit_test(test_last_words_are_heard_although_ours_were_not_read),
        cmocka_unit_test(test_one_that_rests_hears_when_it_is_told_to),
        cmocka_unit_test(test_one_that_rests_still_speaks),
        cmocka_unit_test(test_what_is_not_exact_is_refused),
        cmocka_unit_test(test_a_successor_hears_nothing_meant_for_its_predecessor),
        cmocka_unit_test(test_an_heir_hears_what_its_predecessor_did_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
