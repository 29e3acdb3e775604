/*
 * Tracked files and processes: the number in a file, which processes are meant, when their number counts, and
 * both watched for real.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify/file_value.h"
#include "notify/file_watch.h"
#include "notify/process_match.h"
#include "notify/process_watch.h"
#include "scratch.h"

/* ------------------------------------------------------------------ the number in a file */

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        bool sound;
        int32_t value;
    } cases[] = {
        {"", true, 0},
        {"7\n", true, 7},
        {"  -254", true, -254},
        {"0x10", true, 16},
        {"010", true, 8},
        {"12 and more", true, 12},
        {"nonsense", true, 0},
        {"\n", true, 0},
        {"2147483647", true, INT32_MAX},
        {"-2147483648", true, INT32_MIN},
        {"2147483648", false, 99},
        {"-2147483649", false, 99},
        {"99999999999999999999999", false, 99},
    };
    char much[400];
    int32_t value = 99;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        value = 99;
        assert_int_equal(file_value_parse(cases[i].text, strlen(cases[i].text), &value), cases[i].sound);
        assert_int_equal(value, cases[i].value);
    }
    memset(much, ' ', sizeof(much));
    much[200] = '5'; /* beyond what is read */
    assert_true(file_value_parse(much, sizeof(much), &value));
    assert_int_equal(value, 0);
}

/* ------------------------------------------------------------------ which processes */

static bool matches(struct conf_track_process *conf, enum conf_param_match match, const char *command,
                    size_t length)
{
    conf->match = match;
    return process_match_command(conf, command, length);
}

#define MATCHES(match, command) matches(&conf, match, command, sizeof(command))

static void test_command_lines(void **state)
{
    char *words[] = {(char *)"-f", (char *)"/etc/a"};
    struct conf_track_process conf = {.process = (char *)"/bin/x", .full_command = true};

    (void)state;
    assert_true(MATCHES(CONF_PARAM_NONE, "/bin/x"));
    assert_true(MATCHES(CONF_PARAM_NONE, "/bin/x\0-z"));
    assert_false(MATCHES(CONF_PARAM_NONE, "/bin/xy"));
    assert_false(MATCHES(CONF_PARAM_NONE, "/bin"));
    assert_true(MATCHES(CONF_PARAM_EXACT, "/bin/x"));
    assert_false(MATCHES(CONF_PARAM_EXACT, "/bin/x\0-z"));
    assert_true(MATCHES(CONF_PARAM_PARTIAL, "/bin/x\0-z"));
    conf.parameters.items = words;
    conf.parameters.count = 2;
    assert_true(MATCHES(CONF_PARAM_EXACT, "/bin/x\0-f\0/etc/a"));
    assert_false(MATCHES(CONF_PARAM_EXACT, "/bin/x\0-f\0/etc/a\0-d"));
    assert_false(MATCHES(CONF_PARAM_EXACT, "/bin/x\0-f\0/etc/ab"));
    assert_false(MATCHES(CONF_PARAM_EXACT, "/bin/x\0-f"));
    assert_true(MATCHES(CONF_PARAM_PARTIAL, "/bin/x\0-f\0/etc/a\0-d"));
    assert_false(MATCHES(CONF_PARAM_PARTIAL, "/bin/x\0-f\0/etc/ab\0-d"));
    assert_false(MATCHES(CONF_PARAM_PARTIAL, "/bin/x\0-f"));
    assert_true(MATCHES(CONF_PARAM_INITIAL, "/bin/x\0-f\0/etc/ab\0-d"));
    assert_true(MATCHES(CONF_PARAM_INITIAL, "/bin/x\0-f\0/etc/a"));
    assert_false(MATCHES(CONF_PARAM_INITIAL, "/bin/x\0-f\0/etc"));
    assert_false(MATCHES(CONF_PARAM_INITIAL, "/bin/x\0-ff\0/etc/a"));
    assert_true(matches(&conf, CONF_PARAM_EXACT, "/bin/x\0-f\0/etc/a", 16)); /* no terminator at the end */
    assert_false(matches(&conf, CONF_PARAM_NONE, "", 0));
    assert_true(process_match_name(&(struct conf_track_process){.process = (char *)"x"}, "x"));
    assert_false(process_match_name(&(struct conf_track_process){.process = (char *)"x"}, "xy"));
}

/* ------------------------------------------------------------------ how many */

static struct mono at(int64_t ms)
{
    return (struct mono){ms * NS_PER_MS + NS_PER_S};
}

static void test_quorum_without_delays(void **state)
{
    const struct conf_track_process conf = {.quorum = 2, .quorum_max = 3};
    struct process_quorum quorum = {0};

    (void)state;
    assert_true(process_quorum_count(&quorum, &conf, 1, at(0))); /* known for the first time */
    assert_false(quorum.as_wanted);
    assert_false(process_quorum_count(&quorum, &conf, 0, at(1)));
    assert_true(process_quorum_count(&quorum, &conf, 2, at(2)));
    assert_true(quorum.as_wanted);
    assert_false(process_quorum_count(&quorum, &conf, 3, at(3)));
    assert_true(process_quorum_count(&quorum, &conf, 4, at(4)));
    assert_false(quorum.as_wanted);
}

static void test_delays(void **state)
{
    const struct conf_track_process conf = {
        .quorum = 1, .quorum_max = UINT32_MAX, .terminate_delay_us = 500000, .fork_delay_us = 200000};
    struct process_quorum quorum = {0};

    (void)state;
    assert_true(process_quorum_count(&quorum, &conf, 1, at(0))); /* at first there is no delay */
    assert_true(quorum.as_wanted);
    assert_false(process_quorum_count(&quorum, &conf, 0, at(100)));
    assert_true(quorum.as_wanted);
    assert_int_equal(quorum.due.ns, at(600).ns);
    assert_false(process_quorum_time(&quorum, at(599)));
    assert_false(process_quorum_count(&quorum, &conf, 1, at(599))); /* back in time: it was nothing */
    assert_false(mono_is_set(quorum.due));
    assert_false(process_quorum_time(&quorum, at(700)));
    assert_false(process_quorum_count(&quorum, &conf, 0, at(800)));
    assert_true(process_quorum_time(&quorum, at(1300)));
    assert_false(quorum.as_wanted);
    assert_false(process_quorum_count(&quorum, &conf, 1, at(1400)));
    assert_int_equal(quorum.due.ns, at(1600).ns);
    assert_false(process_quorum_count(&quorum, &conf, 2, at(1500))); /* the time runs from the first */
    assert_int_equal(quorum.due.ns, at(1600).ns);
    assert_true(process_quorum_time(&quorum, at(1600)));
    assert_true(quorum.as_wanted);
}

/* ------------------------------------------------------------------ watched for real */

struct bench {
    struct loop *loop;
    struct loop_timer *limit;
    struct conf_model *model;
    struct file_watch *files;
    struct process_watch *processes;
    char directory[64];
    char path[160];
    struct tracked_file file;
    struct tracked_process process;
    unsigned int news;
    int32_t awaited; /* value, or count */
    char log[2048];
};

static void give_up(void *data)
{
    struct bench *bench = data;

    fail_msg("60 s without %d; log: %s", bench->awaited, bench->log);
}

static void file_news(const struct tracked_file *file, void *data)
{
    struct bench *bench = data;

    bench->file = *file;
    bench->news++;
    if (file->value == bench->awaited)
        loop_stop(bench->loop);
}

static void process_news(const struct tracked_process *process, void *data)
{
    struct bench *bench = data;

    bench->process = *process;
    bench->news++;
    if (process->count == bench->awaited)
        loop_stop(bench->loop);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    strcpy(bench->directory, "/tmp/tandem-watch-XXXXXX");
    if (mkdtemp(bench->directory) == NULL)
        return -1;
    snprintf(bench->path, sizeof(bench->path), "%s/value", bench->directory);
    bench->loop = loop_new();
    bench->limit = loop_timer_new(bench->loop, give_up, bench);
    bench->awaited = INT32_MIN;
    bench->files = file_watch_new(bench->loop, file_news, bench);
    bench->processes = process_watch_new(bench->loop, process_news, bench);
    assert_non_null(bench->files);
    scratch_log(LOG_LEVEL_WARNING, bench->log, sizeof(bench->log));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    scratch_log(LOG_LEVEL_WARNING, NULL, 0);
    file_watch_free(bench->files);
    process_watch_free(bench->processes);
    conf_model_free(bench->model);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    scratch_remove(bench->directory);
    free(bench);
    return 0;
}

static void await(struct bench *bench, int32_t value)
{
    bench->awaited = value;
    loop_timer_in(bench->limit, span_s(60));
    loop_run(bench->loop);
    loop_timer_stop(bench->limit);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct conf_track_file *load_file(struct bench *bench, const char *path, bool initial)
{
    struct conf_model *model = conf_model_new();
    struct conf_track_file *file = conf_model_alloc(model, sizeof(*file));

    file->key = 5;
    file->name = conf_model_strdup(model, "load");
    file->path = conf_model_strdup(model, path);
    file->init_create = true;
    file->init_value = 3;
    conf_list_add(model, &model->track_files, file);
    file_watch_load(bench->files, model, initial);
    conf_model_free(bench->model);
    bench->model = model;
    return file;
}

static void test_a_file_is_made_written_renamed_and_removed(void **state)
{
    struct bench *bench = *state;
    char other[200];

    load_file(bench, bench->path, true);
    assert_int_equal(bench->file.value, 3); /* init_file */
    assert_int_equal(bench->file.key, 5);
    write_file(bench->path, "20\n");
    await(bench, 20);
    snprintf(other, sizeof(other), "%s/other", bench->directory);
    write_file(other, "-7\n");
    assert_int_equal(rename(other, bench->path), 0);
    await(bench, -7);
    assert_int_equal(unlink(bench->path), 0);
    await(bench, 0);
    assert_false(bench->file.exists);
    bench->news = 0;
    load_file(bench, bench->path, false); /* a reload makes no file and tells nothing */
    assert_int_equal(bench->news, 0);
    assert_int_equal(access(bench->path, F_OK), -1);
    file_watch_tell_all(bench->files);
    assert_int_equal(bench->news, 1);
}

static void test_a_link_is_followed(void **state)
{
    struct bench *bench = *state;
    char target[200], directory[200];

    snprintf(directory, sizeof(directory), "%s/elsewhere", bench->directory);
    snprintf(target, sizeof(target), "%s/elsewhere/value", bench->directory);
    assert_int_equal(mkdir(directory, 0755), 0);
    write_file(target, "1");
    assert_int_equal(symlink(target, bench->path), 0);
    load_file(bench, bench->path, false);
    assert_int_equal(bench->file.value, 1);
    write_file(target, "2");
    await(bench, 2);
}

static void test_a_directory_comes_and_goes(void **state)
{
    struct bench *bench = *state;
    char directory[200], path[300];

    snprintf(directory, sizeof(directory), "%s/later", bench->directory);
    snprintf(path, sizeof(path), "%s/value", directory);
    load_file(bench, path, false);
    assert_int_equal(bench->file.value, 0);
    assert_non_null(strstr(bench->log, "track_file load: "));
    assert_int_equal(mkdir(directory, 0755), 0);
    write_file(path, "4");
    await(bench, 4);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
    await(bench, 0);
    assert_int_equal(mkdir(directory, 0755), 0);
    write_file(path, "6");
    await(bench, 6);
}

static void test_a_number_that_does_not_fit_changes_nothing(void **state)
{
    struct bench *bench = *state;

    write_file(bench->path, "8");
    load_file(bench, bench->path, false);
    write_file(bench->path, "99999999999");
    write_file(bench->path, "9");
    await(bench, 9);
    assert_int_equal(bench->file.value, 9);
}

/* A child of that name, which ends when its input does. */
static pid_t start_process(const char *name)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_NAME, name);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;)
            pause();
    }
    assert_true(pid > 0);
    return pid;
}

static void end_process(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_processes_come_and_go(void **state)
{
    struct bench *bench = *state;
    struct conf_track_process *process;
    pid_t first, second;
    char name[16];

    snprintf(name, sizeof(name), "tdm-%d", (int)getpid());
    bench->model = conf_model_new();
    process = conf_model_alloc(bench->model, sizeof(*process));
    process->key = 9;
    process->process = conf_model_strdup(bench->model, name);
    process->quorum = 1;
    process->quorum_max = 1;
    conf_list_add(bench->model, &bench->model->track_processes, process);
    first = start_process(name);
    process_watch_load(bench->processes, bench->model);
    if (bench->process.count != 1)
        await(bench, 1); /* it had not given itself the name yet */
    assert_int_equal(bench->process.key, 9);
    assert_true(bench->process.as_wanted);
    second = start_process(name);
    await(bench, 2);
    assert_false(bench->process.as_wanted);
    end_process(first);
    await(bench, 1);
    assert_true(bench->process.as_wanted);
    kill(second, SIGKILL); /* a zombie does not run */
    await(bench, 0);
    assert_false(bench->process.as_wanted);
    waitpid(second, NULL, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_quorum_without_delays),
        cmocka_unit_test(test_delays),
        TEST(test_a_file_is_made_written_renamed_and_removed),
        TEST(test_a_link_is_followed),
        TEST(test_a_directory_comes_and_goes),
        TEST(test_a_number_that_does_not_fit_changes_nothing),
        TEST(test_processes_come_and_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
