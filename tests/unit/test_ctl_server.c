/* The control socket's server over real sockets: answers, bounds, slow readers, reloads one after the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/core/child.h"
#include "daemon/core/descriptor.h"
#include "daemon/ctl/client.h"
#include "daemon/ctl/server.h"

struct fixture {
    struct loop *loop;
    struct loop_timer *tick;
    struct ctl_server *server;
    struct sockaddr_un address;
    socklen_t address_length;
    uint64_t reloads[8];
    size_t reload_count;
    uint64_t upgrade;
    size_t status_bytes; /* how much text a status holds */
    struct ctl_configurations configurations;
};

static struct json_object *status(void *data)
{
    const struct fixture *fixture = data;
    char *text = calloc(1, fixture->status_bytes + 1);
    struct json_object *object;

    memset(text, 'x', fixture->status_bytes);
    object = json_object_new_string(text);
    free(text);
    return object;
}

static void reload(uint64_t id, void *data)
{
    struct fixture *fixture = data;

    assert_true(fixture->reload_count < 8);
    fixture->reloads[fixture->reload_count++] = id;
}

static void upgrade(uint64_t id, void *data)
{
    struct fixture *fixture = data;

    fixture->upgrade = id;
}

static struct json_object *statistics(void *data)
{
    (void)data;
    return json_object_new_array();
}

static struct ctl_configurations configurations(void *data)
{
    const struct fixture *fixture = data;

    return fixture->configurations;
}

static const struct ctl_server_callbacks callbacks = {status, statistics, configurations, reload, upgrade};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    fixture->loop = loop_new();
    fixture->tick = loop_timer_new(fixture->loop, (loop_timer_callback *)loop_stop, fixture->loop);
    fixture->address.sun_family = AF_UNIX;
    snprintf(fixture->address.sun_path + 1, sizeof(fixture->address.sun_path) - 1, "tandem-test-%d",
             (int)getpid());
    fixture->address_length =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(fixture->address.sun_path + 1));
    assert_int_equal(bind(listener, (struct sockaddr *)&fixture->address, fixture->address_length), 0);
    assert_int_equal(listen(listener, 128), 0);
    /* The caller's own group may look: the test runs as anybody. */
    fixture->server = ctl_server_new(fixture->loop, listener, getgid(), 100, &callbacks, fixture);
    fixture->status_bytes = 10;
    fixture->configurations = (struct ctl_configurations){-1, -1};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    ctl_server_free(fixture->server);
    loop_timer_free(fixture->tick);
    loop_free(fixture->loop);
    free(fixture);
    return 0;
}

static int new_client(const struct fixture *fixture)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (const struct sockaddr *)&fixture->address, fixture->address_length), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Takes what is there up to the end of the line; -1 when there is nothing now, 0 at the end of the
 * connection. */
static ssize_t take_some(int fd, char *out, size_t size)
{
    ssize_t length = recv(fd, out, size, MSG_DONTWAIT | MSG_PEEK);
    const char *newline = length > 0 ? memchr(out, '\n', (size_t)length) : NULL;

    if (newline != NULL)
        length = newline + 1 - out;
    return length <= 0 ? length : recv(fd, out, (size_t)length, MSG_DONTWAIT);
}

/* Turns the loop until a whole line has come, or the end. */
static size_t take(struct fixture *fixture, int fd, char *out, size_t size)
{
    size_t length = 0;

    for (unsigned int turns = 0; turns < 2000; turns++) {
        ssize_t got;

        loop_timer_in(fixture->tick, span_ms(1));
        loop_run(fixture->loop);
        got = take_some(fd, out + length, size - 1 - length);
        if (got > 0)
            length += (size_t)got;
        if (got == 0 || (got > 0 && out[length - 1] == '\n'))
            break;
    }
    out[length] = '\0';
    return length;
}

static void turn(struct fixture *fixture, unsigned int times)
{
    while (times-- > 0) {
        loop_timer_in(fixture->tick, span_ms(1));
        loop_run(fixture->loop);
    }
}

static void expect(struct fixture *fixture, int fd, const char *wanted)
{
    char answer[2000];

    take(fixture, fd, answer, sizeof(answer));
    assert_string_equal(answer, wanted);
}

static void test_questions_are_answered_in_turn(void **state)
{
    struct fixture *fixture = *state;
    int fd = new_client(fixture);

    say(fd, "{\"verb\":\"version\"}\n{\"verb\":\"status\"}\n");
    expect(fixture, fd, "{\"ok\":true,\"version\":\"" TANDEM_VERSION "\"}\n");
    expect(fixture, fd, "{\"ok\":true,\"status\":\"xxxxxxxxxx\"}\n");
    say(fd, "{\"verb\":");
    turn(fixture, 5);
    say(fd, "\"version\"}\n");
    expect(fixture, fd, "{\"ok\":true,\"version\":\"" TANDEM_VERSION "\"}\n");
    say(fd, "nonsense\n");
    expect(fixture, fd, "{\"ok\":false,\"error\":\"the request is not JSON\"}\n");
    close(fd);
}

static void test_an_endless_request_ends_the_connection(void **state)
{
    struct fixture *fixture = *state;
    char noise[6000], answer[200];
    int fd = new_client(fixture);

    memset(noise, '{', sizeof(noise));
    assert_int_equal(send(fd, noise, sizeof(noise), MSG_NOSIGNAL), sizeof(noise));
    expect(fixture, fd, "{\"ok\":false,\"error\":\"the request is too long\"}\n");
    assert_int_equal(take(fixture, fd, answer, sizeof(answer)), 0);
    close(fd);
}

static void test_a_slow_reader_holds_up_nobody(void **state)
{
    struct fixture *fixture = *state;
    int slow = new_client(fixture), quick = new_client(fixture);
    char *answer = malloc(4000000);
    size_t length;

    fixture->status_bytes = 3000000;
    say(slow, "{\"verb\":\"status\"}\n{\"verb\":\"status\"}\n");
    turn(fixture, 20);
    say(quick, "{\"verb\":\"version\"}\n");
    expect(fixture, quick, "{\"ok\":true,\"version\":\"" TANDEM_VERSION "\"}\n");
    length = take(fixture, slow, answer, 4000000);
    assert_int_equal(length, 3000000 + strlen("{\"ok\":true,\"status\":\"\"}\n"));
    free(answer);
    close(slow);
    close(quick);
}

static void test_an_answer_beyond_the_bound_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    int fd = new_client(fixture);

    fixture->status_bytes = 33 << 20;
    say(fd, "{\"verb\":\"status\"}\n");
    expect(fixture, fd,
           "{\"ok\":false,\"error\":\"the answer is too long, or too many are waiting to be read\"}\n");
    close(fd);
}

static void test_a_crowd_is_turned_away(void **state)
{
    struct fixture *fixture = *state;
    int crowd[64], one_more;

    for (size_t i = 0; i < 64; i++)
        crowd[i] = new_client(fixture);
    turn(fixture, 5);
    one_more = new_client(fixture);
    expect(fixture, one_more, "{\"ok\":false,\"error\":\"too many clients are connected; try again\"}\n");
    close(one_more);
    close(crowd[0]);
    turn(fixture, 5);
    one_more = new_client(fixture);
    say(one_more, "{\"verb\":\"version\"}\n");
    expect(fixture, one_more, "{\"ok\":true,\"version\":\"" TANDEM_VERSION "\"}\n");
    close(one_more);
    for (size_t i = 1; i < 64; i++)
        close(crowd[i]);
}

static void test_who_may_not_act_is_told(void **state)
{
    struct fixture *fixture = *state;
    int fd = new_client(fixture);

    say(fd, "{\"verb\":\"reload\"}\n");
    if (getuid() == 0) {
        turn(fixture, 5);
        assert_int_equal(fixture->reload_count, 1);
    } else {
        expect(fixture, fd, "{\"ok\":false,\"error\":\"only root may do that; try sudo\"}\n");
        assert_int_equal(fixture->reload_count, 0);
    }
    close(fd);
}

/* Only root may order one, so here the test must be root. */
static void test_reloads_run_one_after_the_other(void **state)
{
    struct fixture *fixture = *state;
    struct command_result result = {.ok = 1, .outcome = 1}, stale = {.id = 7};
    int first, second, third;

    if (getuid() != 0)
        skip();
    first = new_client(fixture);
    say(first, "{\"verb\":\"reload\"}\n");
    turn(fixture, 5);
    second = new_client(fixture);
    third = new_client(fixture);
    say(second, "{\"verb\":\"reload\"}\n");
    say(third, "{\"verb\":\"reload\"}\n");
    turn(fixture, 5);
    assert_int_equal(fixture->reload_count, 1);
    assert_int_equal(fixture->reloads[0], 101);
    ctl_server_reload_ended(fixture->server, &stale, ""); /* of a predecessor: ours is ordered again */
    assert_int_equal(fixture->reload_count, 2);
    assert_int_equal(fixture->reloads[1], 101);
    result.id = 101;
    ctl_server_reload_ended(fixture->server, &result, "line 1: a word\n");
    expect(fixture, first, "{\"ok\":true,\"outcome\":1,\"text\":\"line 1: a word\\n\"}\n");
    assert_int_equal(fixture->reload_count, 3); /* one for both who waited */
    result = (struct command_result){.id = 102, .ok = 0, .outcome = 2};
    ctl_server_reload_ended(fixture->server, &result, "");
    expect(fixture, second, "{\"ok\":false,\"outcome\":2,\"text\":\"\"}\n");
    expect(fixture, third, "{\"ok\":false,\"outcome\":2,\"text\":\"\"}\n");
    assert_int_equal(fixture->reload_count, 3);
    close(first);
    close(second);
    close(third);
}

static int memfd_of(const char *text)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    return fd;
}

/* Receives a line; the descriptors that come with it have these texts. */
static void expect_enclosed(struct fixture *fixture, int fd, const char *line, const char *const *texts,
                            size_t count)
{
    char bytes[256], text[16];
    size_t length = 0, taken = 0;

    while (length < strlen(line)) {
        struct iovec room = {bytes + length, sizeof(bytes) - length};
        union descriptor_control control;
        struct msghdr message = {
            .msg_iov = &room, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
        ssize_t more, size;
        bool surplus;
        int descriptor;

        turn(fixture, 1);
        more = recvmsg(fd, &message, MSG_DONTWAIT);
        if (more < 0)
            continue;
        assert_int_not_equal(more, 0);
        length += (size_t)more;
        descriptor = descriptor_take(&message, &surplus);
        assert_false(surplus);
        if (descriptor < 0)
            continue;
        assert_true(taken < count);
        size = pread(descriptor, text, sizeof(text), 0);
        assert_int_equal(size, strlen(texts[taken]));
        assert_memory_equal(text, texts[taken++], (size_t)size);
        close(descriptor);
    }
    assert_int_equal(length, strlen(line));
    assert_memory_equal(bytes, line, length);
    assert_int_equal(taken, count);
}

static void test_root_gets_the_configurations(void **state)
{
    struct fixture *fixture = *state;
    struct command_result result = {.id = 101, .ok = 1};
    int fd = new_client(fixture);

    say(fd, "{\"verb\":\"config\"}\n");
    if (getuid() != 0) {
        expect(fixture, fd, "{\"ok\":false,\"error\":\"only root may do that; try sudo\"}\n");
        close(fd);
        return;
    }
    expect(fixture, fd,
           "{\"ok\":false,\"error\":\"the configuration in force is not at hand; see the log\"}\n");
    fixture->configurations.now = memfd_of("now");
    say(fd, "{\"verb\":\"config\"}\n");
    turn(fixture, 5);
    expect_enclosed(fixture, fd, "{\"ok\":true}\n", (const char *const[]){"now"}, 1);
    say(fd, "{\"verb\":\"reload\"}\n"); /* nothing is known of the one before */
    turn(fixture, 5);
    ctl_server_reload_ended(fixture->server, &result, "");
    turn(fixture, 5);
    expect_enclosed(fixture, fd, "{\"ok\":true,\"outcome\":0,\"text\":\"\"}\n", NULL, 0);
    fixture->configurations.before = memfd_of("before");
    say(fd, "{\"verb\":\"reload\"}\n");
    turn(fixture, 5);
    result.id = 102;
    ctl_server_reload_ended(fixture->server, &result, "");
    turn(fixture, 5);
    expect_enclosed(fixture, fd, "{\"ok\":true,\"outcome\":0,\"text\":\"\"}\n",
                    (const char *const[]){"before", "now"}, 2);
    say(fd, "{\"verb\":\"status\"}\n"); /* nothing is left over for the next answer */
    turn(fixture, 5);
    expect_enclosed(fixture, fd, "{\"ok\":true,\"status\":\"xxxxxxxxxx\"}\n", NULL, 0);
    close(fixture->configurations.before);
    close(fixture->configurations.now);
    close(fd);
}

static void test_an_upgrade_waits_for_nobody_and_lets_reloads_wait(void **state)
{
    struct fixture *fixture = *state;
    struct command_result stale = {50, true, READER_GOOD}, result = {101, false, READER_REFUSED};
    int first, second;

    if (geteuid() != 0)
        skip();
    first = new_client(fixture);
    second = new_client(fixture);
    say(first, "{\"verb\":\"upgrade\"}\n");
    turn(fixture, 5);
    assert_int_equal(fixture->upgrade, 101);
    say(second, "{\"verb\":\"upgrade\"}\n");
    expect(fixture, second, "{\"ok\":false,\"error\":\"a reload or upgrade is under way; try again\"}\n");
    say(second, "{\"verb\":\"reload\"}\n");
    turn(fixture, 5);
    ctl_server_reload_ended(fixture->server, &stale, "");
    assert_int_equal(fixture->reload_count, 0);
    ctl_server_reload_ended(fixture->server, &result, "no\n");
    expect(fixture, first, "{\"ok\":false,\"outcome\":2,\"text\":\"no\\n\"}\n");
    assert_int_equal(fixture->reload_count, 1);
    close(first);
    close(second);
}

static void test_the_client_explains_what_is_missing(void **state)
{
    char why[CTL_CLIENT_WHY];
    char *path = ctl_socket_beside("/run/tandem/left.pid");

    (void)state;
    assert_string_equal(path, "/run/tandem/left.sock");
    free(path);
    path = ctl_socket_beside("/nonexistent/left");
    assert_string_equal(path, "/nonexistent/left.sock");
    assert_null(ctl_ask(path, CTL_STATUS, 1000, why));
    assert_non_null(strstr(why, "no daemon found: there is no control socket /nonexistent/left.sock"));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_questions_are_answered_in_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_endless_request_ends_the_connection, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_slow_reader_holds_up_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_answer_beyond_the_bound_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_crowd_is_turned_away, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_may_not_act_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reloads_run_one_after_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_root_gets_the_configurations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_upgrade_waits_for_nobody_and_lets_reloads_wait, set_up,
                                        tear_down),
        cmocka_unit_test(test_the_client_explains_what_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
