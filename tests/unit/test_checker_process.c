/*
 * The real tandem-checker against a real nginx on the loopback device, its supervisor and director played
 * here.
 *
 * Needs root, for the program gives its privileges up, and nginx: without either it is skipped (77).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkers/verdict.h"
#include "conf/slice.h"
#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/core/channel.h"

#define PROGRAM      "./tandem-checker"
#define NGINX        "/usr/sbin/nginx"
#define NOBODY       65534
#define CONTROL_FD   3
#define VERDICTS_MAX 64

enum check_key {
    KEY_TCP = 101,
    KEY_GOOD,
    KEY_MISSING,
};

struct stage {
    struct loop *loop;
    struct loop_timer *limit;
    char directory[64];
    uint16_t port;
    pid_t nginx;
    struct board *board;
    struct channel *control;
    struct channel *director;
    int director_end; /* the checker's end, of which a supervisor keeps a copy */
    pid_t checker;
    uint64_t incarnation;
    bool ready, reloaded, stopped, gone;
    struct verdict verdicts[VERDICTS_MAX];
    size_t verdict_count;
};

/* ------------------------------------------------------------------ waiting */

static void give_up(void *data)
{
    (void)data;
    fail_msg("nothing happened for 60 s");
}

static void wait_for(struct stage *stage, bool (*condition)(const struct stage *stage))
{
    loop_timer_in(stage->limit, span_s(60));
    while (!condition(stage))
        loop_run(stage->loop); /* every event stops the loop */
    loop_timer_stop(stage->limit);
}

static const struct verdict *last_of(const struct stage *stage, uint64_t key)
{
    for (size_t i = stage->verdict_count; i > 0; i--) {
        if (stage->verdicts[i - 1].key == key)
            return &stage->verdicts[i - 1];
    }
    return NULL;
}

static bool all_said(const struct stage *stage)
{
    return last_of(stage, KEY_TCP) != NULL && last_of(stage, KEY_GOOD) != NULL &&
           last_of(stage, KEY_MISSING) != NULL;
}

static bool is_ready(const struct stage *stage)
{
    return stage->ready;
}

static bool is_reloaded(const struct stage *stage)
{
    return stage->reloaded;
}

static bool is_gone(const struct stage *stage)
{
    return stage->gone;
}

static bool good_is_down(const struct stage *stage)
{
    const struct verdict *verdict = last_of(stage, KEY_GOOD);

    return verdict != NULL && !verdict->up;
}

static bool good_is_up(const struct stage *stage)
{
    const struct verdict *verdict = last_of(stage, KEY_GOOD);

    return verdict != NULL && verdict->up;
}

static bool tcp_is_down(const struct stage *stage)
{
    const struct verdict *verdict = last_of(stage, KEY_TCP);

    return verdict != NULL && !verdict->up;
}

/* ------------------------------------------------------------------ nginx */

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void write_nginx_configuration(const struct stage *stage, const char *path)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fprintf(
        file,
        "daemon off; master_process off; pid %s/pid; error_log %s/error;\n"
        "events { worker_connections 256; }\n"
        "http { access_log off; client_body_temp_path %s/t; proxy_temp_path %s/t; fastcgi_temp_path %s/t;\n"
        "uwsgi_temp_path %s/t; scgi_temp_path %s/t;\n"
        "server { listen 127.0.0.1:%u; location = /good { return 200 \"hello\\n\"; } location / { return "
        "404; } } "
        "}\n",
        stage->directory, stage->directory, stage->directory, stage->directory, stage->directory,
        stage->directory, stage->directory, stage->port);
    fclose(file);
}

static bool answers(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return connected;
}

static void start_nginx(struct stage *stage)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/nginx.conf", stage->directory);
    write_nginx_configuration(stage, path);
    stage->nginx = fork();
    if (stage->nginx == 0) {
        execl(NGINX, NGINX, "-c", path, (char *)NULL);
        _exit(127);
    }
    for (int i = 0; i < 1000 && !answers(stage->port); i++)
        usleep(10000);
    assert_true(answers(stage->port));
}

static void stop_nginx(struct stage *stage)
{
    if (stage->nginx == 0)
        return;
    kill(stage->nginx, SIGCONT);
    kill(stage->nginx, SIGKILL);
    waitpid(stage->nginx, NULL, 0);
    stage->nginx = 0;
}

/* ------------------------------------------------------------------ the configuration */

static void add_checker(const struct stage *stage, struct conf_model *model, struct conf_real_server *server,
                        uint64_t key, const char *path)
{
    struct conf_checker *checker = conf_model_alloc(model, sizeof(*checker));

    checker->key = key;
    checker->type = path != NULL ? CONF_CHECK_HTTP : CONF_CHECK_TCP;
    ip_address_parse("127.0.0.1", &checker->connect.address);
    checker->connect.port = stage->port;
    checker->connect_timeout_us = 2000000; /* what a busy machine needs for an answer must not end it */
    checker->delay_loop_us = 100000;
    checker->delay_before_retry_us = 50000;
    checker->warmup_us = -1;
    checker->retry = 1;
    checker->http_version = CONF_HTTP_1_1;
    if (path != NULL) {
        struct conf_url *url = conf_model_alloc(model, sizeof(*url));
        struct conf_status_range *range = conf_model_alloc(model, sizeof(*range));

        *range = (struct conf_status_range){200, 299};
        url->path = conf_model_strdup(model, path);
        conf_list_add(model, &url->statuses, range);
        conf_list_add(model, &checker->urls, url);
    }
    conf_list_add(model, &server->checkers, checker);
}

static int write_slice(const struct stage *stage)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *virtual_server = conf_model_alloc(model, sizeof(*virtual_server));
    struct conf_real_server *server = conf_model_alloc(model, sizeof(*server));
    uint32_t objects;
    int fd;

    ip_address_parse("192.0.2.1", &virtual_server->endpoint.address);
    server->key = 2;
    virtual_server->key = 1;
    add_checker(stage, model, server, KEY_TCP, NULL);
    add_checker(stage, model, server, KEY_GOOD, "/good");
    add_checker(stage, model, server, KEY_MISSING, "/missing");
    conf_list_add(model, &virtual_server->real_servers, server);
    conf_list_add(model, &model->virtual_servers, virtual_server);
    fd = conf_slice_write(model, CONF_SLICE_CHECKER, 0, 1, &objects);
    assert_true(fd >= 0);
    conf_model_free(model);
    return fd;
}

/* ------------------------------------------------------------------ supervisor and director */

static void take_control(struct channel *channel, enum message_type type, const void *payload, int fd,
                         void *data)
{
    struct stage *stage = data;

    (void)channel;
    (void)fd;
    stage->ready = stage->ready || type == CHILD_READY;
    stage->stopped = stage->stopped || type == CHILD_STOPPED;
    if (type == CHILD_RELOADED)
        stage->reloaded = ((const struct child_reloaded *)payload)->ok;
    loop_stop(stage->loop);
}

static void control_closed(struct channel *channel, void *data)
{
    struct stage *stage = data;

    channel_free(channel);
    stage->control = NULL;
    stage->gone = true;
    loop_stop(stage->loop);
}

static void take_verdict(struct channel *channel, enum message_type type, const void *payload, int fd,
                         void *data)
{
    struct stage *stage = data;

    (void)channel;
    (void)fd;
    assert_int_equal(type, VERDICT);
    assert_true(stage->verdict_count < VERDICTS_MAX);
    memcpy(&stage->verdicts[stage->verdict_count++], payload, sizeof(struct verdict));
    loop_stop(stage->loop);
}

static const struct channel_callbacks control_callbacks = {take_control, NULL, control_closed};
static const struct channel_callbacks director_callbacks = {take_verdict, NULL, NULL};

static void send_slice(struct stage *stage)
{
    int slice = write_slice(stage);

    channel_send_fd(stage->control, CONTROL_SLICE, NULL, slice);
    close(slice);
}

static void start_checker(struct stage *stage)
{
    struct control_identity identity = {
        .incarnation = ++stage->incarnation, .uid = NOBODY, .gid = NOBODY, .count = 1};
    struct control_board board = {ROLE_CHECKER, 0};
    struct control_peer peer = {ROLE_DIRECTOR, 0};
    int fds[2];

    assert_int_equal(channel_pair(fds), 0);
    stage->ready = stage->gone = stage->stopped = false;
    stage->checker = fork();
    if (stage->checker == 0) {
        setenv("ASAN_OPTIONS", "detect_leaks=0", 0); /* needs system calls that a checker may not make */
        if (fds[1] == CONTROL_FD)
            fcntl(CONTROL_FD, F_SETFD, 0);
        else
            dup2(fds[1], CONTROL_FD);
        setenv("ASAN_OPTIONS", "detect_leaks=0", 0); /* which needs system calls a confined process has not */
        execl(PROGRAM, PROGRAM, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    stage->control =
        channel_new(stage->loop, fds[0], ROLE_SUPERVISOR, ROLE_CHECKER, &control_callbacks, stage);
    identity.respawns = (uint32_t)stage->incarnation - 1;
    channel_send(stage->control, CONTROL_IDENTITY, &identity);
    channel_send_fd(stage->control, CONTROL_BOARD, &board, board_fd(stage->board));
    channel_send_fd(stage->control, CONTROL_PEER, &peer, stage->director_end);
    send_slice(stage);
    channel_send(stage->control, CONTROL_START, NULL);
    wait_for(stage, is_ready);
}

static int set_up(void **state)
{
    struct stage *stage = calloc(1, sizeof(*stage));
    int fds[2];

    strcpy(stage->directory, "/tmp/tandem-checker-XXXXXX");
    assert_non_null(mkdtemp(stage->directory));
    stage->loop = loop_new();
    stage->limit = loop_timer_new(stage->loop, give_up, NULL);
    stage->board = board_new(ROLE_CHECKER, 16);
    assert_int_equal(channel_pair(fds), 0);
    stage->director_end = fds[1];
    stage->director =
        channel_new(stage->loop, fds[0], ROLE_DIRECTOR, ROLE_CHECKER, &director_callbacks, stage);
    stage->port = free_port();
    start_nginx(stage);
    start_checker(stage);
    *state = stage;
    return 0;
}

static int tear_down(void **state)
{
    struct stage *stage = *state;
    char command[128];

    if (!stage->gone) {
        kill(stage->checker, SIGKILL);
        waitpid(stage->checker, NULL, 0);
    }
    stop_nginx(stage);
    channel_free(stage->control);
    channel_free(stage->director);
    close(stage->director_end);
    board_free(stage->board);
    loop_timer_free(stage->limit);
    loop_free(stage->loop);
    snprintf(command, sizeof(command), "rm -r %s", stage->directory);
    assert_int_equal(system(command), 0);
    free(stage);
    return 0;
}

/* ------------------------------------------------------------------ tests */

static void assert_reason(const struct stage *stage, uint64_t key, enum verdict_reason reason, int32_t detail)
{
    const struct verdict *verdict = last_of(stage, key);

    assert_non_null(verdict);
    assert_string_equal(verdict_code(verdict->reason), verdict_code((uint16_t)reason));
    assert_int_equal(verdict->detail, detail);
}

static void test_what_nginx_says_is_what_the_director_hears(void **state)
{
    struct stage *stage = *state;

    wait_for(stage, all_said);
    assert_true(last_of(stage, KEY_TCP)->up);
    assert_reason(stage, KEY_TCP, VERDICT_OK, 0);
    assert_true(last_of(stage, KEY_GOOD)->up);
    assert_reason(stage, KEY_GOOD, VERDICT_OK, 200);
    assert_false(last_of(stage, KEY_MISSING)->up);
    assert_reason(stage, KEY_MISSING, VERDICT_HTTP_STATUS, 404);
}

/* A stopped server: the kernel still takes connections, and nobody answers. Then a dead one. */
static void test_a_server_that_hangs_and_dies_and_comes_back(void **state)
{
    struct stage *stage = *state;

    wait_for(stage, all_said);
    kill(stage->nginx, SIGSTOP);
    wait_for(stage, good_is_down);
    assert_reason(stage, KEY_GOOD, VERDICT_TIMEOUT, 0);
    assert_int_equal(last_of(stage, KEY_GOOD)->phase, PHASE_STATUS_LINE);
    assert_true(last_of(stage, KEY_TCP)->up);
    kill(stage->nginx, SIGCONT);
    wait_for(stage, good_is_up);
    stop_nginx(stage);
    wait_for(stage, good_is_down);
    wait_for(stage, tcp_is_down);
    assert_reason(stage, KEY_TCP, VERDICT_REFUSED, ECONNREFUSED);
    start_nginx(stage);
    wait_for(stage, good_is_up);
}

static void test_a_killed_checker_is_replaced_without_a_flap(void **state)
{
    struct stage *stage = *state;
    struct checker_record before, after;

    wait_for(stage, all_said);
    kill(stage->checker, SIGKILL);
    waitpid(stage->checker, NULL, 0);
    wait_for(stage, is_gone);
    assert_true(board_read(stage->board, KEY_GOOD, &before));
    stage->verdict_count = 0;
    start_checker(stage);
    wait_for(stage, all_said);
    do {
        usleep(20000);
        assert_true(board_read(stage->board, KEY_GOOD, &after));
    } while (after.runs < before.runs + 3);
    assert_int_equal(after.since_ns, before.since_ns);
    assert_int_equal(after.transitions, before.transitions);
    assert_true(last_of(stage, KEY_GOOD)->up);
    assert_false(last_of(stage, KEY_MISSING)->up);
}

static void test_a_new_director_and_a_reload_hear_everything_again(void **state)
{
    struct stage *stage = *state;

    wait_for(stage, all_said);
    stage->verdict_count = 0;
    channel_hello(stage->director, 4711);
    wait_for(stage, all_said);
    stage->verdict_count = 0;
    send_slice(stage);
    wait_for(stage, is_reloaded);
    wait_for(stage, all_said);
    assert_reason(stage, KEY_MISSING, VERDICT_HTTP_STATUS, 404);
}

static void assert_status_line(pid_t pid, const char *line)
{
    char path[64], text[8192];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    if (strstr(text, line) == NULL)
        fail_msg("no '%s' in\n%s", line, text);
}

static void test_it_holds_no_privilege(void **state)
{
    struct stage *stage = *state;

    assert_status_line(stage->checker, "Uid:\t65534\t65534\t65534\t65534\n");
    assert_status_line(stage->checker, "CapPrm:\t0000000000000000\n");
    assert_status_line(stage->checker, "CapBnd:\t0000000000000000\n");
    assert_status_line(stage->checker, "NoNewPrivs:\t1\n");
    assert_status_line(stage->checker, "Seccomp:\t2\n");
}

static void assert_exit_status(struct stage *stage)
{
    int status;

    wait_for(stage, is_gone);
    assert_int_equal(waitpid(stage->checker, &status, 0), stage->checker);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_it_stops_when_told(void **state)
{
    struct stage *stage = *state;

    channel_send(stage->control, CONTROL_STOP, NULL);
    assert_exit_status(stage);
    assert_true(stage->stopped);
}

static void test_it_stops_when_the_supervisor_is_gone(void **state)
{
    struct stage *stage = *state;
    int status;

    channel_free(stage->control);
    stage->control = NULL;
    assert_int_equal(waitpid(stage->checker, &status, 0), stage->checker);
    stage->gone = true;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_nginx_says_is_what_the_director_hears),
        TEST(test_a_server_that_hangs_and_dies_and_comes_back),
        TEST(test_a_killed_checker_is_replaced_without_a_flap),
        TEST(test_a_new_director_and_a_reload_hear_everything_again),
        TEST(test_it_holds_no_privilege),
        TEST(test_it_stops_when_told),
        TEST(test_it_stops_when_the_supervisor_is_gone),
    };

    if (geteuid() != 0 || access(NGINX, X_OK) != 0) {
        fprintf(stderr, "skipped: needs root and %s\n", NGINX);
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
