/*
 * The check engine against servers on the loopback device, in one loop with them. Nothing is judged by the
 * clock but what the engine itself must judge by it (timeouts); every wait ends with the event, or fails
 * after 20 s.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/engine.h"
#include "checkers/verdict.h"
#include "daemon/core/board_records.h"
#include "forget_times.h"
#include "scratch.h"

/* ------------------------------------------------------------------ a server */

#define CONNECTIONS_MAX 64

struct server {
    struct loop *loop;
    int listener;
    uint16_t port;
    struct loop_watch *watch;
    const char *answer; /* NULL = says nothing; sent once the request's empty line has come */
    bool closes;        /* after the answer */
    unsigned int asked;
    char request[1024]; /* the last */
    int connections[CONNECTIONS_MAX];
    struct loop_watch *watches[CONNECTIONS_MAX];
    size_t count;
};

static void answer_request(int fd, unsigned int ready, void *data)
{
    struct server *server = data;
    ssize_t length = recv(fd, server->request, sizeof(server->request) - 1, 0);

    (void)ready;
    if (length <= 0) {
        for (size_t i = 0; i < server->count; i++) {
            if (server->connections[i] == fd)
                loop_watch_want(server->watches[i], 0);
        }
        return;
    }
    server->request[length] = '\0';
    server->asked++;
    if (server->answer != NULL)
        assert_int_equal(send(fd, server->answer, strlen(server->answer), MSG_NOSIGNAL),
                         strlen(server->answer));
    if (server->closes)
        shutdown(fd, SHUT_WR);
}

static void accept_connection(int listener, unsigned int ready, void *data)
{
    struct server *server = data;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    (void)ready;
    assert_true(fd >= 0);
    assert_true(server->count < CONNECTIONS_MAX);
    server->connections[server->count] = fd;
    server->watches[server->count++] = loop_watch_new(server->loop, fd, LOOP_READ, answer_request, server);
}

static void listen_on(struct server *server, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t length = sizeof(address);
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(server->listener, 64), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
    server->port = ntohs(address.sin_port);
    server->watch = loop_watch_new(server->loop, server->listener, LOOP_READ, accept_connection, server);
}

static void stop_listening(struct server *server)
{
    if (server->watch == NULL)
        return;
    loop_watch_free(server->watch);
    server->watch = NULL;
    close(server->listener);
}

static void free_server(struct server *server)
{
    stop_listening(server);
    for (size_t i = 0; i < server->count; i++) {
        loop_watch_free(server->watches[i]);
        close(server->connections[i]);
    }
    server->count = 0;
}

/* ------------------------------------------------------------------ the engine and its listener */

#define VERDICTS_MAX 16
#define KEY          77

struct bench {
    struct loop *loop;
    struct engine *engine;
    struct board *board;
    struct server server;
    struct verdict verdicts[VERDICTS_MAX];
    size_t verdict_count;
    size_t wanted_verdicts;
    struct check_socket request; /* to links: the last */
    size_t requests;
    struct script_run run; /* to scripts: the last */
    struct span patience;
    size_t runs;
    char log[8192];
    struct loop_timer *limit;
};

static void take_verdict(const struct verdict *verdict, void *data)
{
    struct bench *bench = data;

    assert_true(bench->verdict_count < VERDICTS_MAX);
    bench->verdicts[bench->verdict_count++] = *verdict;
    if (bench->verdict_count == bench->wanted_verdicts)
        loop_stop(bench->loop);
}

static void take_request(const struct check_socket *request, void *data)
{
    struct bench *bench = data;

    bench->request = *request;
    bench->requests++;
    loop_stop(bench->loop);
}

static void take_patience(struct span patience, void *data)
{
    struct bench *bench = data;

    bench->patience = patience;
}

static void take_run(const struct script_run *run, void *data)
{
    struct bench *bench = data;

    bench->run = *run;
    bench->runs++;
    loop_stop(bench->loop);
}

static const struct engine_callbacks engine_callbacks = {take_verdict, take_request, take_run, take_patience};

static void give_up(void *data)
{
    (void)data;
    fail_msg("nothing happened for 60 s");
}

static void wait_for_verdicts(struct bench *bench, size_t count)
{
    bench->wanted_verdicts = count;
    if (bench->verdict_count >= count)
        return;
    loop_timer_in(bench->limit, span_s(60));
    loop_run(bench->loop);
    loop_timer_stop(bench->limit);
}

static void stop_waiting(void *data)
{
    loop_stop(data);
}

static void let_it_run(struct bench *bench, struct span duration)
{
    struct loop_timer *timer = loop_timer_new(bench->loop, stop_waiting, bench->loop);

    loop_timer_in(timer, duration);
    loop_run(bench->loop);
    loop_timer_free(timer);
}

/* Until the check has run so many times more. */
static void wait_for_checks(struct bench *bench, uint64_t more)
{
    struct checker_record record;
    uint64_t wanted;

    assert_true(board_read(bench->board, KEY, &record));
    wanted = record.runs + more;
    loop_timer_in(bench->limit, span_s(60));
    while (record.runs < wanted) {
        let_it_run(bench, span_ms(1));
        assert_true(board_read(bench->board, KEY, &record));
    }
    loop_timer_stop(bench->limit);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    bench->loop = loop_new();
    bench->board = board_new(ROLE_CHECKER, 64);
    bench->server.loop = bench->loop;
    bench->limit = loop_timer_new(bench->loop, give_up, NULL);
    bench->engine = engine_new(bench->loop, &engine_callbacks, bench);
    scratch_log(LOG_LEVEL_INFO, bench->log, sizeof(bench->log));
    listen_on(&bench->server, 0);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    engine_free(bench->engine);
    free_server(&bench->server);
    board_free(bench->board);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    scratch_log(LOG_LEVEL_INFO, NULL, 0);
    free(bench);
    return 0;
}

/* ------------------------------------------------------------------ configurations */

#define SERVER_KEY 4242
#define FILE_KEY   99

struct settings {
    enum conf_checker_type type; /* CONF_CHECK_TCP, but with http CONF_CHECK_HTTP */
    bool http;
    uint16_t port;
    uint32_t retry;
    int64_t interval_ms;
    int64_t timeout_ms;
    const char *paths[4];
    const char *virtualhost;
    enum conf_http_version version;
    bool alpha;
    const char *bind;
    uint32_t fwmark;
    bool dynamic;
    const char *digest; /* of every url */
    const char *regex;
    bool regex_no_match;
    int32_t file_weight;
    bool file_reverse;
    bool suspend; /* ha_suspend of the virtual server, whose key is SERVER_KEY */
};

static void add_url(struct conf_model *model, const struct settings *settings, struct conf_checker *checker,
                    const char *path)
{
    struct conf_status_range *range = conf_model_alloc(model, sizeof(*range));
    struct conf_url *url = conf_model_alloc(model, sizeof(*url));

    *range = (struct conf_status_range){200, 299};
    url->path = conf_model_strdup(model, path);
    if (settings->digest != NULL)
        url->digest = conf_model_strdup(model, settings->digest);
    if (settings->regex != NULL)
        url->regex = conf_model_strdup(model, settings->regex);
    url->regex_no_match = settings->regex_no_match;
    conf_list_add(model, &url->statuses, range);
    conf_list_add(model, &checker->urls, url);
}

static struct conf_model *model_of(const struct settings *settings)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *virtual_server = conf_model_alloc(model, sizeof(*virtual_server));
    struct conf_real_server *real_server = conf_model_alloc(model, sizeof(*real_server));
    struct conf_checker *checker = conf_model_alloc(model, sizeof(*checker));

    ip_address_parse("192.0.2.1", &virtual_server->endpoint.address);
    virtual_server->endpoint.port = 80;
    virtual_server->key = SERVER_KEY;
    virtual_server->ha_suspend = settings->suspend;
    checker->key = KEY;
    checker->type = settings->http ? CONF_CHECK_HTTP : settings->type;
    checker->fwmark = settings->fwmark;
    checker->file = FILE_KEY;
    checker->file_name = conf_model_strdup(model, "load");
    checker->file_weight = settings->file_weight;
    checker->file_reverse = settings->file_reverse;
    checker->dynamic = settings->dynamic;
    checker->script_name = conf_model_strdup(model, "/bin/check");
    checker->script_timeout_us = 1000000;
    ip_address_parse("127.0.0.1", &checker->connect.address);
    checker->connect.port = settings->port;
    if (settings->bind != NULL)
        ip_address_parse(settings->bind, &checker->bind.address);
    checker->connect_timeout_us = (settings->timeout_ms != 0 ? settings->timeout_ms : 5000) * 1000;
    checker->delay_loop_us = settings->interval_ms * 1000;
    checker->delay_before_retry_us = 10000;
    checker->warmup_us = 0;
    checker->retry = settings->retry;
    checker->alpha = settings->alpha;
    checker->http_version = settings->version;
    if (settings->virtualhost != NULL)
        checker->virtualhost = conf_model_strdup(model, settings->virtualhost);
    for (size_t i = 0; i < 4 && settings->paths[i] != NULL; i++)
        add_url(model, settings, checker, settings->paths[i]);
    conf_list_add(model, &real_server->checkers, checker);
    conf_list_add(model, &virtual_server->real_servers, real_server);
    conf_list_add(model, &model->virtual_servers, virtual_server);
    return model;
}

static void load(struct bench *bench, const struct settings *settings)
{
    engine_load(bench->engine, model_of(settings), NULL, bench->board);
}

static void assert_verdict(const struct bench *bench, size_t place, bool up, enum verdict_reason reason)
{
    const struct verdict *verdict = &bench->verdicts[place];

    assert_int_equal(verdict->key, KEY);
    assert_int_equal(verdict->up, up);
    assert_string_equal(verdict_code(verdict->reason), verdict_code((uint16_t)reason));
}

static void assert_logged(const struct bench *bench, const char *line)
{
    if (strstr(bench->log, line) == NULL)
        fail_msg("not in the log: %s\n%s", line, bench->log);
}

/* ------------------------------------------------------------------ TCP */

static void test_tcp_up_down_up(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.port = bench->server.port, .retry = 2, .interval_ms = 30};
    struct checker_record record;
    char line[128];

    load(bench, &settings);
    wait_for_verdicts(bench, 1);
    assert_verdict(bench, 0, true, VERDICT_OK);
    assert_string_equal(bench->log, ""); /* as was assumed: no news */
    stop_listening(&bench->server);
    wait_for_verdicts(bench, 2);
    assert_verdict(bench, 1, false, VERDICT_REFUSED);
    snprintf(line, sizeof(line),
             "check TCP 127.0.0.1:%u: down, connection refused (after 3 attempts), for virtual server "
             "192.0.2.1:80\n",
             settings.port);
    assert_logged(bench, line);
    assert_true(board_read(bench->board, KEY, &record));
    assert_int_equal(record.failures, 3);
    assert_int_equal(record.known, 1);
    assert_int_equal(record.up, 0);
    assert_int_equal(record.reason, VERDICT_REFUSED);
    listen_on(&bench->server, settings.port);
    wait_for_verdicts(bench, 3);
    assert_verdict(bench, 2, true, VERDICT_OK);
    snprintf(line, sizeof(line), "check TCP 127.0.0.1:%u: up, connected, for virtual server", settings.port);
    assert_logged(bench, line);
    assert_true(board_read(bench->board, KEY, &record));
    assert_int_equal(record.transitions, 3);
}

static void test_an_alpha_check_that_comes_up_is_news(void **state)
{
    struct bench *bench = *state;

    load(bench, &(struct settings){.port = bench->server.port, .interval_ms = 50, .alpha = true});
    wait_for_verdicts(bench, 1);
    assert_logged(bench, ": up, connected");
}

/* A source address that is not ours says nothing about the server. */
static void test_what_we_cannot_check_is_no_result(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.port = bench->server.port, .interval_ms = 20};
    struct checker_record record;

    load(bench, &settings);
    wait_for_verdicts(bench, 1);
    settings.bind = "192.0.2.77";
    load(bench, &settings);
    let_it_run(bench, span_ms(200));
    assert_int_equal(bench->verdict_count, 1);
    assert_true(board_read(bench->board, KEY, &record));
    assert_int_equal(record.reason, VERDICT_SOCKET);
    assert_int_equal(record.up, 1);
    assert_logged(bench,
                  "not checked, this machine could not make the check: Cannot assign requested address");
    assert_null(strstr(strstr(bench->log, "not checked") + 1, "not checked")); /* said once */
}

/* ------------------------------------------------------------------ HTTP */

static const struct {
    const char *answer;
    bool closes;
    bool up;
    enum verdict_reason reason;
    const char *words;
} answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", false, true, VERDICT_OK, "up, status 200"},
    {"HTTP/1.1 204 Empty\r\n\r\n", false, true, VERDICT_OK, "up, status 204"},
    {"HTTP/1.0 200 OK\r\n\r\nuntil closed", true, true, VERDICT_OK, "up, status 200"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false, true, VERDICT_OK,
     "up, status 200"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", true, true, VERDICT_OK, "up, status 200"},
    {"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", false, false, VERDICT_HTTP_STATUS,
     "down, status 503, wanted 200-299, for"},
    {"SSH-2.0-x\r\n", false, false, VERDICT_HTTP_MALFORMED, "down, not an HTTP answer: no status line, for"},
    {"HTTP/1.1 200 OK\r\nConte", true, false, VERDICT_CLOSED,
     "down, connection closed by the server, waiting for the end of the headers, for"},
    {"", true, false, VERDICT_CLOSED,
     "down, connection closed by the server, waiting for the status line, for"},
    {NULL, false, false, VERDICT_TIMEOUT, "down, timeout after N s waiting for the status line, for"},
    {"HTTP/1.1 200 OK\r\n", false, false, VERDICT_TIMEOUT,
     "down, timeout after N s waiting for the end of the headers, for"},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", false, false, VERDICT_TIMEOUT,
     "down, timeout after N s waiting for the end of the body, for"},
};

static void test_answers_and_their_words(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.http = true,
                                .port = bench->server.port,
                                .interval_ms = 1000,
                                .timeout_ms = 120,
                                .paths = {"/health"}};

    settings.alpha = true;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        char line[256];

        bench->server.answer = answers[i].answer;
        bench->server.closes = answers[i].closes;
        bench->log[0] = '\0';
        bench->verdict_count = 0;
        load(bench, &settings);
        wait_for_verdicts(bench, 1);
        assert_verdict(bench, 0, answers[i].up, answers[i].reason);
        forget_times(bench->log);
        snprintf(line, sizeof(line), "check HTTP 127.0.0.1:%u /health: %s", settings.port, answers[i].words);
        assert_logged(bench, line);
        engine_load(bench->engine, conf_model_new(), NULL, bench->board); /* forgets the check */
        assert_int_equal(engine_count(bench->engine), 0);
    }
}

static void assert_request(struct bench *bench, const struct settings *settings, const char *expected)
{
    bench->verdict_count = 0;
    load(bench, settings);
    wait_for_verdicts(bench, 1);
    assert_string_equal(bench->server.request, expected);
    engine_load(bench->engine, conf_model_new(), NULL, bench->board);
}

static void test_requests(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.http = true, .interval_ms = 1000, .paths = {"/a?b=c"}};
    char expected[256];

    bench->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    settings.port = bench->server.port;
    settings.version = CONF_HTTP_1_0;
    snprintf(expected, sizeof(expected),
             "GET /a?b=c HTTP/1.0\r\nUser-Agent: tandem\r\nHost: 127.0.0.1:%u\r\n\r\n", settings.port);
    assert_request(bench, &settings, expected);
    settings.version = CONF_HTTP_1_0_CLOSE;
    settings.virtualhost = "www.example.com";
    assert_request(
        bench, &settings,
        "GET /a?b=c HTTP/1.0\r\nUser-Agent: tandem\r\nConnection: close\r\nHost: www.example.com\r\n\r\n");
    settings.version = CONF_HTTP_1_1;
    assert_request(
        bench, &settings,
        "GET /a?b=c HTTP/1.1\r\nUser-Agent: tandem\r\nConnection: close\r\nHost: www.example.com\r\n\r\n");
}

static void test_urls_are_asked_in_turn(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {
        .http = true, .port = bench->server.port, .interval_ms = 20, .paths = {"/1", "/2", "/3"}};

    bench->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    load(bench, &settings);
    wait_for_verdicts(bench, 1);
    assert_int_equal(bench->server.asked, 3); /* known only after all passed */
    assert_non_null(strstr(bench->server.request, "GET /3 "));
}

static const struct {
    const char *digest;
    const char *regex;
    bool regex_no_match;
    enum verdict_reason reason;
} contents[] = {
    {"5d41402abc4b2a76b9719d911017c592", NULL, false, VERDICT_OK}, /* md5sum of "hello" */
    {"5d41402abc4b2a76b9719d911017c593", NULL, false, VERDICT_DIGEST},
    {NULL, "^he(l+)o$", false, VERDICT_OK},
    {NULL, "ho", false, VERDICT_REGEX},
    {NULL, "ell", true, VERDICT_REGEX_MATCH},
    {NULL, "elk", true, VERDICT_OK},
    {"5d41402abc4b2a76b9719d911017c592", "elk", false, VERDICT_REGEX},
    {"5d41402abc4b2a76b9719d911017c593", "ell", false, VERDICT_DIGEST},
};

static void test_bodies(void **state)
{
    struct bench *bench = *state;

    bench->server.answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
        const struct settings settings = {.http = true,
                                          .port = bench->server.port,
                                          .interval_ms = 1000,
                                          .paths = {"/"},
                                          .digest = contents[i].digest,
                                          .regex = contents[i].regex,
                                          .regex_no_match = contents[i].regex_no_match};

        bench->verdict_count = 0;
        load(bench, &settings);
        wait_for_verdicts(bench, 1);
        assert_verdict(bench, 0, contents[i].reason == VERDICT_OK, contents[i].reason);
        engine_load(bench->engine, conf_model_new(), NULL, bench->board);
    }
    assert_logged(bench, "/: down, another body: its MD5 digest begins with 5d41402a, wanted "
                         "5d41402abc4b2a76b9719d911017c593, for");
}

/* ------------------------------------------------------------------ scripts */

static void wait_for_run(struct bench *bench, size_t count)
{
    loop_timer_in(bench->limit, span_s(60));
    while (bench->runs < count)
        loop_run(bench->loop);
    loop_timer_stop(bench->limit);
}

/* The next run is asked for, and ends like this. */
static void let_script_end(struct bench *bench, enum script_outcome outcome, int32_t status)
{
    struct script_ran ran = {.outcome = outcome, .status = status};

    wait_for_run(bench, bench->runs + 1);
    ran.key = bench->run.key;
    ran.serial = bench->run.serial;
    engine_script_ran(bench->engine, &ran);
}

static const struct {
    enum script_outcome outcome;
    int32_t status;
    bool dynamic;
    bool told; /* a verdict comes */
    bool up;
    uint32_t weight_kind;
    int32_t weight;
    enum verdict_reason reason;
} script_steps[] = {
    {SCRIPT_EXITED, 0, false, true, true, VERDICT_WEIGHT_NONE, 0, VERDICT_OK},
    {SCRIPT_NOT_RUN, 16, false, false, true, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_NOT_RUN},
    {SCRIPT_EXITED, 0, false, false, true, VERDICT_WEIGHT_NONE, 0, VERDICT_OK},
    {SCRIPT_EXITED, 2, false, true, false, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_STATUS},
    {SCRIPT_NOT_RUN, 16, false, false, false, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_NOT_RUN},
    {SCRIPT_EXITED, 0, true, true, true, VERDICT_WEIGHT_NONE, 0, VERDICT_OK},
    {SCRIPT_EXITED, 2, true, true, true, VERDICT_WEIGHT_IS, 0, VERDICT_OK},
    {SCRIPT_EXITED, 7, true, true, true, VERDICT_WEIGHT_IS, 5, VERDICT_OK},
    {SCRIPT_EXITED, 7, true, false, true, VERDICT_WEIGHT_IS, 5, VERDICT_OK},
    {SCRIPT_NOT_RUN, 11, true, false, true, VERDICT_WEIGHT_IS, 5, VERDICT_SCRIPT_NOT_RUN},
    {SCRIPT_EXITED, 255, true, true, true, VERDICT_WEIGHT_IS, 253, VERDICT_OK},
    {SCRIPT_EXITED, 1, true, true, false, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_STATUS},
    {SCRIPT_EXITED, 4, true, true, true, VERDICT_WEIGHT_IS, 2, VERDICT_OK},
    {SCRIPT_TIMED_OUT, 0, true, true, false, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_TIMEOUT},
    {SCRIPT_EXITED, 0, true, true, true, VERDICT_WEIGHT_NONE, 0, VERDICT_OK},
    {SCRIPT_KILLED, 9, true, true, false, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_SIGNAL},
    {SCRIPT_NOT_EXECUTABLE, 2, true, false, false, VERDICT_WEIGHT_NONE, 0, VERDICT_SCRIPT_MISSING},
};

static void test_scripts_decide_and_weigh(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_MISC, .interval_ms = 10};
    struct checker_record record;
    size_t told = 0;

    load(bench, &settings);
    for (size_t i = 0; i < sizeof(script_steps) / sizeof(script_steps[0]); i++) {
        if (settings.dynamic != script_steps[i].dynamic) {
            settings.dynamic = script_steps[i].dynamic;
            load(bench, &settings);
        }
        bench->verdict_count = 0;
        let_script_end(bench, script_steps[i].outcome, script_steps[i].status);
        assert_int_equal(bench->verdict_count, script_steps[i].told);
        assert_true(board_read(bench->board, KEY, &record));
        assert_int_equal(record.up, script_steps[i].up);
        assert_int_equal(record.reason, script_steps[i].reason);
        assert_int_equal(record.weight_kind, script_steps[i].weight_kind);
        assert_int_equal(record.weight, script_steps[i].weight);
        if (bench->verdict_count > 0) {
            assert_verdict(bench, 0, script_steps[i].up, script_steps[i].reason);
            assert_int_equal(bench->verdicts[0].weight_kind, script_steps[i].weight_kind);
            assert_int_equal(bench->verdicts[0].weight, script_steps[i].weight);
            told++;
        }
    }
    assert_true(told > 0);
    assert_logged(bench, "check MISC 127.0.0.1 /bin/check: down, exit status 2, for virtual server");
}

static void test_a_script_is_patient_where_the_interval_allows_it(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_MISC, .interval_ms = 10};
    struct script_ran ran = {.outcome = SCRIPT_EXITED, .status = 0, .duration_us = 3000000};
    struct checker_record record;

    load(bench, &settings);
    wait_for_run(bench, 1);
    assert_true(bench->patience.ns == 0);
    assert_int_equal(bench->run.patience_us, 0);
    settings.interval_ms = 1000;
    load(bench, &settings);
    wait_for_run(bench, bench->runs + 1);
    assert_true(bench->patience.ns > 0 && bench->patience.ns <= span_ms(1000 / 20).ns);
    assert_in_range(bench->run.patience_us, 1, 1000000 / 20);
    ran.key = bench->run.key;
    ran.serial = bench->run.serial;
    engine_script_ran(bench->engine, &ran);
    assert_true(board_read(bench->board, KEY, &record));
    assert_in_range(record.wait_ms, 3000, 3000 + 60000); /* what the script took */
}

/* No answer will come from a process that died; one that comes from before does not count. */
static void test_a_run_that_died_with_its_process_is_no_result(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_MISC, .interval_ms = 10};
    struct script_ran late = {.key = KEY, .outcome = SCRIPT_EXITED, .status = 1};

    load(bench, &settings);
    let_script_end(bench, SCRIPT_EXITED, 0);
    assert_int_equal(bench->verdict_count, 1);
    wait_for_run(bench, bench->runs + 1);
    late.serial = bench->run.serial;
    engine_scripts_started(bench->engine);
    engine_script_ran(bench->engine, &late);
    wait_for_run(bench, bench->runs + 1);
    engine_script_ran(bench->engine, &late);
    assert_int_equal(bench->verdict_count, 1);
    late.serial = bench->run.serial;
    engine_script_ran(bench->engine, &late);
    assert_int_equal(bench->verdict_count, 2);
    assert_verdict(bench, 1, false, VERDICT_SCRIPT_STATUS);
}

/* ------------------------------------------------------------------ files */

static void file_holds(struct bench *bench, uint64_t key, int32_t value)
{
    const struct tracked_file news = {.key = key, .value = value, .exists = 1};

    engine_tracked_file(bench->engine, &news);
}

static const struct {
    int32_t file_weight;
    bool reverse;
    int32_t value;
    bool up;
    uint32_t weight_kind;
    int32_t weight;
} file_steps[] = {
    {1, false, 0, true, VERDICT_WEIGHT_ADDED, 0},
    {1, false, 5, true, VERDICT_WEIGHT_ADDED, 5},
    {1, false, 5, true, VERDICT_WEIGHT_ADDED, 5},
    {1, false, -5, true, VERDICT_WEIGHT_ADDED, -5},
    {3, false, -5, true, VERDICT_WEIGHT_ADDED, -15}, /* by a reload */
    {3, true, -5, true, VERDICT_WEIGHT_ADDED, 15},
    {0, false, -5, false, VERDICT_WEIGHT_NONE, 0},
    {0, false, 0, true, VERDICT_WEIGHT_NONE, 0},
    {0, false, 1, false, VERDICT_WEIGHT_NONE, 0},
    {0, true, 1, true, VERDICT_WEIGHT_NONE, 0},
    {0, true, 0, false, VERDICT_WEIGHT_NONE, 0},
    {2, true, 0, true, VERDICT_WEIGHT_ADDED, 0},
    {INT32_MAX, false, INT32_MAX, true, VERDICT_WEIGHT_ADDED, INT32_MAX},
    {INT32_MAX, true, INT32_MAX, false, VERDICT_WEIGHT_NONE, 0},
    {INT32_MAX, true, INT32_MIN, true, VERDICT_WEIGHT_ADDED, INT32_MAX},
    {-1, false, INT32_MIN, true, VERDICT_WEIGHT_ADDED, INT32_MAX},
};

static void test_files_decide_and_weigh(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_FILE, .file_weight = 1};
    struct checker_record record;
    int32_t value = 0;

    file_holds(bench, FILE_KEY, 0); /* before anybody asks */
    for (size_t i = 0; i < sizeof(file_steps) / sizeof(file_steps[0]); i++) {
        settings.file_weight = file_steps[i].file_weight;
        settings.file_reverse = file_steps[i].reverse;
        if (file_steps[i].value != value) {
            value = file_steps[i].value;
            file_holds(bench, FILE_KEY, value);
        }
        load(bench, &settings);
        bench->verdict_count = 0;           /* there is not room for all */
        file_holds(bench, FILE_KEY + 1, 7); /* another's */
        assert_true(board_read(bench->board, KEY, &record));
        assert_int_equal(record.known, 1);
        assert_int_equal(record.up, file_steps[i].up);
        assert_int_equal(record.detail, file_steps[i].value);
        assert_int_equal(record.weight_kind, file_steps[i].weight_kind);
        assert_int_equal(record.weight, file_steps[i].weight);
    }
}

static void test_what_a_file_says_is_told_once(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_FILE, .file_weight = 0, .retry = 0};
    struct checker_record record;

    load(bench, &settings);
    let_it_run(bench, span_ms(50));
    assert_int_equal(bench->verdict_count, 0); /* nothing is known: nothing is said */
    file_holds(bench, FILE_KEY, 3);
    assert_int_equal(bench->verdict_count, 1);
    assert_verdict(bench, 0, false, VERDICT_FILE);
    assert_logged(bench, "check FILE 127.0.0.1 load: down, the file's number is 3, for virtual server");
    file_holds(bench, FILE_KEY, 4);
    file_holds(bench, FILE_KEY, 4);
    load(bench, &settings);
    assert_int_equal(bench->verdict_count, 1);
    file_holds(bench, FILE_KEY, 0);
    assert_int_equal(bench->verdict_count, 2);
    assert_verdict(bench, 1, true, VERDICT_OK);
    assert_logged(bench, "check FILE 127.0.0.1 load: up, the file's number is 0, for virtual server");
    assert_true(board_read(bench->board, KEY, &record));
    assert_int_equal(record.transitions, 2);
}

/* Its successor knows what it knew, and is told the number by scripts as soon as it has begun. */
static void test_a_file_outlives_the_checker(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_FILE, .file_weight = 2};

    load(bench, &settings);
    file_holds(bench, FILE_KEY, 21);
    assert_int_equal(bench->verdict_count, 1);
    engine_free(bench->engine);
    bench->engine = engine_new(bench->loop, &engine_callbacks, bench);
    load(bench, &settings);
    assert_int_equal(bench->verdict_count, 1);
    engine_tell_all(bench->engine);
    assert_int_equal(bench->verdict_count, 2);
    assert_int_equal(bench->verdicts[1].weight, 42);
    file_holds(bench, FILE_KEY, 21);
    assert_int_equal(bench->verdict_count, 2);
    file_holds(bench, FILE_KEY, 20);
    assert_int_equal(bench->verdict_count, 3);
    assert_int_equal(bench->verdicts[2].weight, 40);
}

static void test_a_file_check_does_not_rest(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.type = CONF_CHECK_FILE, .file_weight = 0, .suspend = true};

    load(bench, &settings);
    file_holds(bench, FILE_KEY, 1);
    assert_int_equal(bench->verdict_count, 1);
    assert_verdict(bench, 0, false, VERDICT_FILE);
}

/* ------------------------------------------------------------------ sockets that links makes */

static void wait_for_request(struct bench *bench, size_t count)
{
    loop_timer_in(bench->limit, span_s(60));
    while (bench->requests < count)
        loop_run(bench->loop);
    loop_timer_stop(bench->limit);
}

static void test_a_marked_check_goes_through_links_socket(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.port = bench->server.port, .interval_ms = 20, .fwmark = 5};
    struct check_socket answer;
    struct checker_record record;

    load(bench, &settings);
    wait_for_request(bench, 1);
    answer = bench->request;
    assert_int_equal(answer.key, KEY);
    answer.error = ENOENT;
    engine_socket(bench->engine, &answer, -1);
    assert_true(board_read(bench->board, KEY, &record));
    assert_int_equal(record.reason, VERDICT_SOCKET);
    assert_int_equal(record.detail, ENOENT);
    assert_int_equal(bench->verdict_count, 0);
    wait_for_request(bench, 2);
    engine_socket(bench->engine, &answer, socket(AF_INET, SOCK_STREAM, 0)); /* to the first question: void */
    assert_int_equal(bench->verdict_count, 0);
    engine_socket(bench->engine, &bench->request, socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    wait_for_verdicts(bench, 1);
    assert_verdict(bench, 0, true, VERDICT_OK);
    wait_for_request(bench, 3);
    engine_links_started(bench->engine); /* it died: that question is void, and no failure */
    wait_for_request(bench, 4);
    assert_int_equal(bench->verdict_count, 1);
}

/* ------------------------------------------------------------------ pauses, reloads, crashes */

/* The process does not run while the answer comes and the deadline passes. */
static void sleep_over_the_deadline(void *data)
{
    (void)data;
    usleep(400000);
}

static void test_a_pause_of_ours_is_nobodys_timeout(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {
        .http = true, .port = bench->server.port, .interval_ms = 1000, .timeout_ms = 200, .paths = {"/"}};
    struct loop_timer *pause = loop_timer_new(bench->loop, sleep_over_the_deadline, bench);

    /* The server, being in the same loop, cannot answer before the pause either. */
    bench->server.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    load(bench, &settings);
    loop_timer_in(pause, span_ns(0));
    wait_for_verdicts(bench, 1);
    assert_verdict(bench, 0, true, VERDICT_OK);
    loop_timer_free(pause);
}

static void test_a_reload_leaves_what_is_the_same_and_restarts_what_is_not(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.port = bench->server.port, .interval_ms = 50, .retry = 1};
    struct checker_record before, after;

    load(bench, &settings);
    wait_for_verdicts(bench, 1);
    assert_true(board_read(bench->board, KEY, &before));
    load(bench, &settings);
    wait_for_checks(bench, 3);
    assert_true(board_read(bench->board, KEY, &after));
    assert_int_equal(after.since_ns, before.since_ns);
    assert_true(after.runs > before.runs);
    settings.retry = 5;
    load(bench, &settings);
    wait_for_checks(bench, 3);
    assert_int_equal(bench->verdict_count, 1); /* changed, but still up */
    engine_tell_all(bench->engine);
    assert_int_equal(bench->verdict_count, 2);
    assert_verdict(bench, 1, true, VERDICT_OK);
    engine_load(bench->engine, conf_model_new(), NULL, bench->board);
    assert_false(board_read(bench->board, KEY, &after));
    engine_tell_all(bench->engine);
    assert_int_equal(bench->verdict_count, 2);
}

static void test_a_successor_goes_on_where_the_dead_one_was(void **state)
{
    struct bench *bench = *state;
    struct settings settings = {.port = bench->server.port, .interval_ms = 60000, .retry = 3};
    struct checker_record record = {
        .up = 1, .known = 1, .failures = 3, .runs = 100, .transitions = 1, .since_ns = 5};

    stop_listening(&bench->server);
    record.last_run_ns = mono_now().ns;
    board_write(bench->board, KEY, &record);
    load(bench,
         &settings); /* the fourth failure in a row is the one that counts, and it comes at retry speed */
    engine_tell_all(bench->engine);
    assert_int_equal(bench->verdict_count, 1);
    assert_verdict(bench, 0, true, VERDICT_NOT_RUN);
    wait_for_verdicts(bench, 2);
    assert_verdict(bench, 1, false, VERDICT_REFUSED);
    assert_true(board_read(bench->board, KEY, &record));
    assert_int_equal(record.runs, 101);
    assert_int_equal(record.transitions, 2);
}

/* ------------------------------------------------------------------ ha_suspend */

static bool is_resting(const struct bench *bench)
{
    struct checker_record record;

    assert_true(board_read(bench->board, KEY, &record));
    return record.resting != 0;
}

static void test_checks_rest_while_their_server_is_elsewhere(void **state)
{
    const struct links_local_server here = {.key = SERVER_KEY, .local = 1}, away = {.key = SERVER_KEY};
    const struct links_local_server other = {.key = SERVER_KEY + 1, .local = 1};
    struct bench *bench = *state;
    struct settings settings = {.port = bench->server.port, .interval_ms = 20, .suspend = true};

    load(bench, &settings);
    engine_local_server(bench->engine, &other);
    let_it_run(bench, span_ms(200));
    assert_int_equal(bench->verdict_count, 0);
    assert_true(is_resting(bench));
    engine_local_server(bench->engine, &here);
    wait_for_verdicts(bench, 1);
    assert_verdict(bench, 0, true, VERDICT_OK);
    assert_false(is_resting(bench));
    engine_local_server(bench->engine, &away);
    stop_listening(&bench->server);
    let_it_run(bench, span_ms(200));
    assert_int_equal(bench->verdict_count, 1); /* nobody looked */
    settings.interval_ms = 30;
    load(bench, &settings); /* changed settings wake nobody */
    let_it_run(bench, span_ms(200));
    assert_int_equal(bench->verdict_count, 1);
    settings.suspend = false;
    load(bench, &settings);
    wait_for_verdicts(bench, 2);
    assert_verdict(bench, 1, false, VERDICT_REFUSED);
    assert_false(is_resting(bench));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tcp_up_down_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_alpha_check_that_comes_up_is_news, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_we_cannot_check_is_no_result, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_answers_and_their_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_checks_rest_while_their_server_is_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_urls_are_asked_in_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bodies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_scripts_decide_and_weigh, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_script_is_patient_where_the_interval_allows_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_run_that_died_with_its_process_is_no_result, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_files_decide_and_weigh, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_a_file_says_is_told_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_outlives_the_checker, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_check_does_not_rest, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_marked_check_goes_through_links_socket, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_pause_of_ours_is_nobodys_timeout, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reload_leaves_what_is_the_same_and_restarts_what_is_not,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_successor_goes_on_where_the_dead_one_was, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
