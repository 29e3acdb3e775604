/* What the director tells scripts while a reload is under way: nothing, and then all of it in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/director/tellings.h"

struct heard {
    struct notify_real_server real_servers[40];
    size_t real_server_count;
    struct notify_quorum quorums[40];
    size_t quorum_count;
    size_t before_quorum; /* real servers heard of before the last quorum */
};

static void hear(enum message_type type, const void *payload, void *data)
{
    struct heard *heard = data;

    if (type == NOTIFY_REAL_SERVER) {
        heard->real_servers[heard->real_server_count++] = *(const struct notify_real_server *)payload;
        return;
    }
    assert_int_equal(type, NOTIFY_QUORUM);
    heard->quorums[heard->quorum_count++] = *(const struct notify_quorum *)payload;
    heard->before_quorum = heard->real_server_count;
}

static void tell_real_server(struct tellings *tellings, uint64_t key)
{
    const struct notify_real_server message = {.virtual_server = 1, .real_server = key, .up = 1};

    tellings_real_server(tellings, &message);
}

static void test_what_waits_is_told_in_order_once_open(void **state)
{
    struct heard heard = {0};
    struct tellings *tellings = tellings_new(hear, &heard);
    const struct notify_quorum quorum = {.virtual_server = 1, .up = 1};

    (void)state;
    for (uint64_t key = 0; key < 20; key++)
        tell_real_server(tellings, key);
    tellings_quorum(tellings, &quorum);
    tell_real_server(tellings, 20);
    assert_int_equal(heard.real_server_count + heard.quorum_count, 0);
    tellings_open(tellings);
    assert_int_equal(heard.real_server_count, 21);
    for (uint64_t key = 0; key <= 20; key++)
        assert_int_equal(heard.real_servers[key].real_server, key);
    assert_int_equal(heard.quorum_count, 1);
    assert_int_equal(heard.before_quorum, 20);
    tellings_free(tellings);
}

static void test_open_tells_at_once_and_each_thing_once(void **state)
{
    struct heard heard = {0};
    struct tellings *tellings = tellings_new(hear, &heard);

    (void)state;
    tell_real_server(tellings, 1);
    tellings_open(tellings);
    tell_real_server(tellings, 2);
    assert_int_equal(heard.real_server_count, 2);
    tellings_open(tellings);
    assert_int_equal(heard.real_server_count, 2);
    tellings_free(tellings);
}

static void test_it_can_be_closed_again(void **state)
{
    struct heard heard = {0};
    struct tellings *tellings = tellings_new(hear, &heard);

    (void)state;
    tellings_open(tellings);
    tellings_close(tellings);
    tell_real_server(tellings, 3);
    assert_int_equal(heard.real_server_count, 0);
    tellings_open(tellings);
    assert_int_equal(heard.real_server_count, 1);
    assert_int_equal(heard.real_servers[0].real_server, 3);
    tellings_free(tellings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_waits_is_told_in_order_once_open),
        cmocka_unit_test(test_open_tells_at_once_and_each_thing_once),
        cmocka_unit_test(test_it_can_be_closed_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
