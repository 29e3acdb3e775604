/* FIFOs: the lines, the making and opening, what a full pipe loses, readers and what outlives a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "notify/event_text.h"
#include "notify/fifo_reader.h"
#include "notify/fifos.h"
#include "notify/program.h"

#define HELD_MAX 8

struct bench {
    struct loop *loop;
    struct loop_timer *limit;
    struct loop_timer *look;
    struct custody *custody;
    struct fifos *fifos;
    struct conf_model *model;
    char directory[64];
    char log[16384];
    struct {
        uint64_t key;
        int fd;
    } held[HELD_MAX]; /* by the supervisor */
    size_t held_count;
    bool (*awaited)(struct bench *bench);
};

/* ------------------------------------------------------------------ the bench */

static void keep_line(enum log_level level, const char *text, void *data)
{
    struct bench *bench = data;
    size_t used = strlen(bench->log);

    (void)level;
    snprintf(bench->log + used, sizeof(bench->log) - used, "%s\n", text);
}

static void give_up(void *data)
{
    (void)data;
    fail_msg("what was waited for did not come within 60 s");
}

static void hold(uint64_t key, int fd, void *data)
{
    struct bench *bench = data;

    assert_true(bench->held_count < HELD_MAX);
    bench->held[bench->held_count].key = key;
    bench->held[bench->held_count++].fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void release(uint64_t key, void *data)
{
    struct bench *bench = data;

    for (size_t i = 0; i < bench->held_count; i++) {
        if (bench->held[i].key != key)
            continue;
        close(bench->held[i].fd);
        bench->held[i] = bench->held[--bench->held_count];
        return;
    }
}

/* What a process had when it died stays in memory, for it died; this keeps it in sight of the leak search. */
#define PROCESSES_MAX 64
static const void *remains[PROCESSES_MAX][3];
static size_t process_count;

/* A process begins, with what the supervisor held of the one before. */
static void begin_process(struct bench *bench)
{
    bench->loop = loop_new();
    bench->limit = loop_timer_new(bench->loop, give_up, NULL);
    loop_timer_in(bench->limit, span_s(60));
    bench->custody = custody_new();
    for (size_t i = 0; i < bench->held_count; i++)
        custody_inherit(bench->custody, bench->held[i].key, fcntl(bench->held[i].fd, F_DUPFD_CLOEXEC, 0));
    custody_set_keeper(bench->custody, &(struct custody_keeper){hold, release, bench});
    bench->fifos = fifos_new(bench->loop, bench->custody);
    assert_true(process_count < PROCESSES_MAX);
    remains[process_count][0] = bench->loop;
    remains[process_count][1] = bench->custody;
    remains[process_count++][2] = bench->fifos;
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    strcpy(bench->directory, "/tmp/tandem-fifo-XXXXXX");
    if (mkdtemp(bench->directory) == NULL || chmod(bench->directory, 0755) != 0)
        return -1;
    bench->model = conf_model_new();
    program_prepare();
    log_to_sink(keep_line, bench);
    begin_process(bench);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    char command[128];

    log_to_sink(NULL, NULL);
    for (size_t i = 0; i < bench->held_count; i++)
        fifo_reader_end_unwanted(bench->held[i].fd);
    conf_model_free(bench->model);
    snprintf(command, sizeof(command), "rm -rf %s", bench->directory);
    assert_int_equal(system(command), 0);
    free(bench);
    return 0;
}

static void look(void *data)
{
    struct bench *bench = data;

    if (bench->awaited(bench))
        loop_stop(bench->loop);
    else
        loop_timer_in(bench->look, span_ms(2));
}

static void await(struct bench *bench, bool (*awaited)(struct bench *bench))
{
    bench->awaited = awaited;
    bench->look = loop_timer_new(bench->loop, look, bench);
    loop_timer_in(bench->look, span_ms(0));
    loop_run(bench->loop);
    loop_timer_free(bench->look);
}

static char *path_in(const struct bench *bench, const char *name)
{
    static char paths[4][128];
    static unsigned int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", bench->directory, name);
    return path;
}

static void configure(struct bench *bench, struct conf_fifo *fifo, const char *name, const char *reader)
{
    fifo->path = conf_model_strdup(bench->model, path_in(bench, name));
    fifo->uid = fifo->reader.uid = getuid();
    fifo->gid = fifo->reader.gid = getgid();
    if (reader != NULL)
        conf_list_add(bench->model, &fifo->reader.words,
                      conf_model_strdup(bench->model, path_in(bench, reader)));
}

static void write_script(const struct bench *bench, const char *name, const char *text)
{
    FILE *file = fopen(path_in(bench, name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path_in(bench, name), 0755), 0);
}

static size_t read_into(const struct bench *bench, const char *name, char *text, size_t size)
{
    int fd = open(path_in(bench, name), O_RDONLY | O_NONBLOCK);
    ssize_t length = fd < 0 ? 0 : read(fd, text, size - 1);

    if (fd >= 0)
        close(fd);
    text[length < 0 ? 0 : length] = '\0';
    return length < 0 ? 0 : (size_t)length;
}

static bool is_open(struct bench *bench)
{
    return bench->held_count > 0;
}

static bool has_answered(struct bench *bench)
{
    return bench->held_count > 0 || bench->log[0] != '\0';
}

/* ------------------------------------------------------------------ lines */

static void test_lines_are_keepalived_s_without_its_nul(void **state)
{
    struct conf_virtual_server web = {.protocol = CONF_PROTOCOL_TCP}, names = {.protocol = CONF_PROTOCOL_UDP};
    struct conf_service mark = {.fwmark = 5}, address = {0}, *services[] = {&mark, &address};
    struct conf_real_server one = {0};
    char line[EVENT_LINE_BYTES];

    (void)state;
    ip_address_parse("192.0.2.1", &web.endpoint.address);
    web.endpoint.port = 80;
    ip_address_parse("2001:db8::53", &names.endpoint.address);
    names.endpoint.port = 53;
    ip_address_parse("10.0.0.1", &one.endpoint.address);
    one.endpoint.port = 8080;
    assert_string_equal(event_state_line("INSTANCE", "web 1", NOTIFY_MASTER, 254, line),
                        "INSTANCE \"web 1\" MASTER 254\n");
    assert_string_equal(event_state_line("GROUP", "all", NOTIFY_STOP, 0, line), "GROUP \"all\" STOP 0\n");
    assert_string_equal(event_state_line("INSTANCE", "V", NOTIFY_MASTER_RX_LOWER_PRI, 200, line),
                        "INSTANCE \"V\" MASTER_RX_LOWER_PRI 200\n");
    assert_string_equal(event_state_line("INSTANCE", "V", NOTIFY_MASTER_PRIORITY, 90, line),
                        "INSTANCE \"V\" MASTER_PRIORITY 90\n");
    assert_string_equal(event_state_line("INSTANCE", "V", NOTIFY_BACKUP_PRIORITY, 1, line),
                        "INSTANCE \"V\" BACKUP_PRIORITY 1\n");
    assert_string_equal(event_virtual_server_line(&web, true, line), "VS [192.0.2.1]:tcp:80 UP\n");
    assert_string_equal(event_virtual_server_line(&names, false, line), "VS [2001:db8::53]:udp:53 DOWN\n");
    assert_string_equal(event_real_server_line(&one, &web, false, line),
                        "RS [10.0.0.1]:tcp:8080 [192.0.2.1]:tcp:80 DOWN\n");
    names.kind = CONF_SERVER_GROUP;
    names.group = (char *)"dns";
    names.services.items = services;
    names.services.count = 2;
    assert_string_equal(event_virtual_server_line(&names, true, line), "VS [dns]:0 UP\n");
    assert_string_equal(event_real_server_line(&one, &names, true, line),
                        "RS [10.0.0.1]:udp:8080 [dns]:0 UP\n");
    address.fwmark = 6; /* now marks are all it has */
    assert_string_equal(event_real_server_line(&one, &names, true, line),
                        "RS [10.0.0.1]:none:8080 [dns]:0 UP\n");
    web.kind = CONF_SERVER_FWMARK;
    web.fwmark = 7;
    one.endpoint.port = 0;
    assert_string_equal(event_real_server_line(&one, &web, true, line), "RS [10.0.0.1]:none:0 FWM 7 UP\n");
    assert_null(event_state_word(1000));
}

static void test_a_name_without_end_leaves_the_line_whole(void **state)
{
    char name[4096], line[EVENT_LINE_BYTES];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    event_state_line("INSTANCE", name, NOTIFY_MASTER, 100, line);
    assert_string_equal(line + strlen(line) - strlen("n\" MASTER 100\n"), "n\" MASTER 100\n");
}

/* ------------------------------------------------------------------ pipes */

static void test_a_fifo_is_made_and_has_its_topic(void **state)
{
    struct bench *bench = *state;
    struct conf_global *global = &bench->model->global;
    struct stat status;
    char text[256];

    configure(bench, &global->fifo, "all", NULL);
    configure(bench, &global->vrrp_fifo, "vrrp", NULL);
    fifos_load(bench->fifos, global);
    fifos_write(bench->fifos, FIFO_TOPIC_VRRP, "vrrp 1\n"); /* before they are open */
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "lvs 1\n");
    await(bench, is_open);
    while (bench->held_count < 2)
        await(bench, is_open);
    fifos_write(bench->fifos, FIFO_TOPIC_VRRP, "vrrp 2\n");
    assert_int_equal(stat(path_in(bench, "all"), &status), 0);
    assert_true(S_ISFIFO(status.st_mode));
    assert_int_equal(status.st_mode & 07777, 0600);
    read_into(bench, "all", text, sizeof(text));
    assert_string_equal(text, "vrrp 1\nlvs 1\nvrrp 2\n");
    read_into(bench, "vrrp", text, sizeof(text));
    assert_string_equal(text, "vrrp 1\nvrrp 2\n");
    assert_string_equal(bench->log, "");
}

static void refuse(struct bench *bench, const char *words)
{
    configure(bench, &bench->model->global.fifo, "all", NULL);
    fifos_load(bench->fifos, &bench->model->global);
    await(bench, has_answered);
    if (strstr(bench->log, words) == NULL)
        fail_msg("not in the log: %s\n%s", words, bench->log);
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "goes nowhere\n");
    assert_int_equal(bench->held_count, 0);
}

static void test_what_is_no_fifo_is_refused(void **state)
{
    struct bench *bench = *state;

    write_script(bench, "all", "precious");
    refuse(bench, "it is no FIFO");
}

static void test_a_symbolic_link_is_refused(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(mkfifo(path_in(bench, "elsewhere"), 0600), 0);
    assert_int_equal(symlink(path_in(bench, "elsewhere"), path_in(bench, "all")), 0);
    refuse(bench, "it cannot be opened: Too many levels of symbolic links");
}

static void test_a_missing_directory_is_named(void **state)
{
    struct bench *bench = *state;

    rmdir(bench->directory);
    refuse(bench, "/all cannot be used: it cannot be made: No such file or directory");
    mkdir(bench->directory, 0755);
}

static void test_a_full_pipe_loses_and_counts(void **state)
{
    struct bench *bench = *state;
    char line[] = "0123456789012345678901234567890123456789012345678901234567890123456789012345678\n";
    char *text = calloc(1, 4 << 20), expected[128];
    size_t length;

    configure(bench, &bench->model->global.fifo, "all", NULL);
    fifos_load(bench->fifos, &bench->model->global);
    await(bench, is_open);
    for (size_t i = 0; i < 20000; i++)
        fifos_write(bench->fifos, FIFO_TOPIC_LVS, line);
    assert_non_null(strstr(bench->log, "is full"));
    assert_null(strstr(strstr(bench->log, "is full") + 1, "is full")); /* once */
    length = read_into(bench, "all", text, 4 << 20);
    assert_int_equal(length % 80, 0); /* whole lines */
    snprintf(expected, sizeof(expected), "takes lines again; %zu were lost", 20000 - length / 80);
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "after\n");
    if (strstr(bench->log, expected) == NULL)
        fail_msg("not in the log: %s\n%s", expected, bench->log);
    read_into(bench, "all", text, 4 << 20);
    assert_string_equal(text, "after\n");
    free(text);
}

/* ------------------------------------------------------------------ readers */

#define READER                                                                                               \
    "#!/bin/sh\n"                                                                                            \
    "d=$(dirname \"$0\")\n"                                                                                  \
    "echo \"$$ $*\" >>\"$d/started\"\n"                                                                      \
    "while read line; do echo \"$line\" >>\"$d/read\"; done <\"$1\"\n"                                       \
    "echo end >>\"$d/read\"\n"

static bool has_read(struct bench *bench)
{
    char text[256];

    read_into(bench, "read", text, sizeof(text));
    return strstr(text, "two\n") != NULL;
}

static bool has_begun(struct bench *bench)
{
    char text[256];

    return read_into(bench, "started", text, sizeof(text)) > 0;
}

static void test_a_reader_gets_the_path_and_the_lines_and_the_end(void **state)
{
    struct bench *bench = *state;
    char text[256], words[128];

    write_script(bench, "reader", READER);
    configure(bench, &bench->model->global.lvs_fifo, "lvs", "reader");
    fifos_load(bench->fifos, &bench->model->global);
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "one\n");
    await(bench, is_open);
    fifos_write(bench->fifos, FIFO_TOPIC_VRRP, "not for it\n");
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "two\n");
    await(bench, has_read);
    read_into(bench, "started", text, sizeof(text));
    snprintf(words, sizeof(words), " %s\n", path_in(bench, "lvs"));
    assert_string_equal(strchr(text, ' '), words);
    fifos_finish(bench->fifos, span_s(50), (void (*)(void *))loop_stop, bench->loop);
    loop_run(bench->loop);
    assert_int_equal(bench->held_count, 0);
    read_into(bench, "read", text, sizeof(text));
    assert_string_equal(text, "one\ntwo\nend\n");
}

static void test_a_stubborn_reader_is_told_and_killed(void **state)
{
    struct bench *bench = *state;

    write_script(bench, "reader",
                 "#!/bin/sh\ntrap '' TERM\necho go >>\"$(dirname \"$0\")/started\"\n"
                 "while :; do sleep 1; done\n");
    configure(bench, &bench->model->global.fifo, "all", "reader");
    fifos_load(bench->fifos, &bench->model->global);
    await(bench, has_begun);
    fifos_finish(bench->fifos, span_ms(10), (void (*)(void *))loop_stop, bench->loop);
    loop_run(bench->loop);
    assert_non_null(strstr(bench->log, "does not end: killed"));
}

/* Neither the lines in the pipe nor the reader are lost with the process; there is no second reader. */
static void test_a_successor_goes_on_with_pipe_and_reader(void **state)
{
    struct bench *bench = *state;
    char text[256];

    write_script(bench, "reader", READER);
    configure(bench, &bench->model->global.fifo, "all", "reader");
    fifos_load(bench->fifos, &bench->model->global);
    await(bench, has_begun);
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "one\n");
    begin_process(bench); /* the one before is as good as dead: its loop runs no more */
    fifos_load(bench->fifos, &bench->model->global);
    fifos_write(bench->fifos, FIFO_TOPIC_LVS, "two\n");
    await(bench, has_read);
    read_into(bench, "read", text, sizeof(text));
    assert_string_equal(text, "one\ntwo\n");
    read_into(bench, "started", text, sizeof(text));
    assert_ptr_equal(strchr(text, '\n'), strrchr(text, '\n')); /* one line: one start */
}

static bool nothing_is_held(struct bench *bench)
{
    return bench->held_count == 0;
}

/* What the new configuration does not want of a dead predecessor is ended and closed. */
static void test_a_successor_ends_what_is_not_wanted(void **state)
{
    struct bench *bench = *state;

    write_script(bench, "reader", READER);
    configure(bench, &bench->model->global.fifo, "all", "reader");
    fifos_load(bench->fifos, &bench->model->global);
    await(bench, has_begun);
    begin_process(bench);
    fifos_load(bench->fifos, &(struct conf_global){0});
    await(bench, nothing_is_held);
}

static void test_restarts_slow_down(void **state)
{
    struct span delay = fifo_reader_delay(span_s(0), span_s(0));

    (void)state;
    assert_int_equal(delay.ns, FIFO_READER_DELAY.ns);
    for (int64_t seconds = 2; seconds <= 32; seconds *= 2) {
        delay = fifo_reader_delay(delay, span_s(1));
        assert_int_equal(delay.ns, span_s(seconds).ns);
    }
    delay = fifo_reader_delay(delay, span_s(1));
    assert_int_equal(delay.ns, span_s(60).ns);
    assert_int_equal(fifo_reader_delay(delay, span_s(1)).ns, span_s(60).ns);
    assert_int_equal(fifo_reader_delay(delay, FIFO_READER_STEADY).ns, FIFO_READER_DELAY.ns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_keepalived_s_without_its_nul),
        cmocka_unit_test(test_a_name_without_end_leaves_the_line_whole),
        cmocka_unit_test_setup_teardown(test_a_fifo_is_made_and_has_its_topic, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_fifo_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_symbolic_link_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_missing_directory_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_full_pipe_loses_and_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reader_gets_the_path_and_the_lines_and_the_end, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_stubborn_reader_is_told_and_killed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_successor_goes_on_with_pipe_and_reader, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_successor_ends_what_is_not_wanted, set_up, tear_down),
        cmocka_unit_test(test_restarts_slow_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
