/*
 * Recurring scripts, run as the user who runs the test: what is answered, how often, and what is no script's
 * fault.
 */
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
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "notify/program.h"
#include "notify/recurring.h"
#include "scratch.h"

#define KEY    7
#define NOBODY 65534

struct bench {
    struct loop *loop;
    struct recurring *recurring;
    struct conf_model *model;
    struct loop_timer *limit;
    char directory[64];
    char log[4096];
    struct script_ran ran[8];
    struct recurring_asker asker;
    size_t answers;
    size_t awaited;
    bool finished;
};

static void give_up(void *data)
{
    (void)data;
    fail_msg("nothing happened for 60 s");
}

static void answered(const struct recurring_asker *asker, const struct script_ran *ran, void *data)
{
    struct bench *bench = data;

    assert_true(bench->answers < sizeof(bench->ran) / sizeof(bench->ran[0]));
    bench->ran[bench->answers++] = *ran;
    bench->asker = *asker;
    if (bench->answers == bench->awaited)
        loop_stop(bench->loop);
}

static void finished(void *data)
{
    struct bench *bench = data;

    bench->finished = true;
    loop_stop(bench->loop);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    strcpy(bench->directory, "/tmp/tandem-recurring-XXXXXX");
    if (mkdtemp(bench->directory) == NULL || chmod(bench->directory, 0777) != 0)
        return -1;
    signal(SIGPIPE, SIG_IGN);
    setenv("LD_FROM_OUTSIDE", "1", 1);
    program_prepare();
    bench->loop = loop_new();
    bench->limit = loop_timer_new(bench->loop, give_up, NULL);
    bench->recurring = recurring_new(bench->loop, answered, bench);
    scratch_log(LOG_LEVEL_INFO, bench->log, sizeof(bench->log));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    scratch_log(LOG_LEVEL_INFO, NULL, 0);
    signal(SIGPIPE, SIG_DFL);
    recurring_free(bench->recurring);
    conf_model_free(bench->model);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    scratch_remove(bench->directory);
    free(bench);
    return 0;
}

/* ------------------------------------------------------------------ scripts, runs, answers */

static char *path_in(const struct bench *bench, const char *name, char path[static 128])
{
    snprintf(path, 128, "%s/%s", bench->directory, name);
    return path;
}

static struct conf_recurring_script *add(struct bench *bench, struct conf_model *model, const char *name,
                                         const char *text, int64_t timeout_us)
{
    struct conf_recurring_script *recurring = conf_model_alloc(model, sizeof(*recurring));
    char path[128];

    path_in(bench, name, path);
    if (text != NULL) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fputs(text, file);
        fclose(file);
        assert_int_equal(chmod(path, 0755), 0);
    }
    recurring->key = KEY;
    recurring->name = conf_model_strdup(model, "vrrp_script sample");
    recurring->timeout_us = timeout_us;
    conf_list_add(model, &recurring->script.words, conf_model_strdup(model, path));
    conf_list_add(model, &recurring->script.words, conf_model_strdup(model, bench->directory));
    recurring->script.uid = geteuid();
    recurring->script.gid = getegid();
    conf_list_add(model, &model->recurring_scripts, recurring);
    return recurring;
}

static void load(struct bench *bench, struct conf_model *model)
{
    recurring_load(bench->recurring, model);
    conf_model_free(bench->model);
    bench->model = model;
}

static struct conf_recurring_script *load_one(struct bench *bench, const char *name, const char *text,
                                              int64_t timeout_us)
{
    struct conf_model *model = conf_model_new();
    struct conf_recurring_script *recurring = add(bench, model, name, text, timeout_us);

    load(bench, model);
    return recurring;
}

static void run(struct bench *bench, uint64_t key, uint64_t serial)
{
    recurring_run(bench->recurring, &(struct script_run){.key = key, .serial = serial},
                  &(struct recurring_asker){ROLE_CHECKER, 3});
}

static void await(struct bench *bench, size_t answers)
{
    if (bench->answers >= answers)
        return;
    bench->awaited = answers;
    loop_timer_in(bench->limit, span_s(60));
    loop_run(bench->loop);
    loop_timer_stop(bench->limit);
}

static void assert_answer(const struct bench *bench, size_t at, uint64_t serial, enum script_outcome outcome,
                          int32_t status)
{
    assert_true(at < bench->answers);
    assert_int_equal(bench->ran[at].serial, serial);
    assert_int_equal(bench->ran[at].outcome, outcome);
    assert_int_equal(bench->ran[at].status, status);
}

static void assert_logged(const struct bench *bench, const char *words)
{
    if (strstr(bench->log, words) == NULL)
        fail_msg("not in the log: %s\n%s", words, bench->log);
}

static void finish(struct bench *bench)
{
    recurring_finish(bench->recurring, finished, bench);
    loop_timer_in(bench->limit, span_s(60));
    if (!bench->finished)
        loop_run(bench->loop);
    loop_timer_stop(bench->limit);
    assert_true(bench->finished);
}

/* ------------------------------------------------------------------ answers */

static void test_the_exit_code_goes_to_who_asked(void **state)
{
    struct bench *bench = *state;

    load_one(bench, "seven", "#!/bin/sh\nexit 7\n", 60000000);
    run(bench, KEY, 41);
    await(bench, 1);
    assert_answer(bench, 0, 41, SCRIPT_EXITED, 7);
    assert_int_equal(bench->ran[0].key, KEY);
    assert_true(bench->ran[0].duration_us > 0);
    assert_int_equal(bench->asker.role, ROLE_CHECKER);
    assert_int_equal(bench->asker.index, 3);
    load_one(bench, "zero", "#!/bin/sh\nexit 0\n", 60000000);
    run(bench, KEY, 42);
    await(bench, 2);
    assert_answer(bench, 1, 42, SCRIPT_EXITED, 0);
    assert_string_equal(bench->log, "");
}

static void test_a_signal_of_somebody_else_is_named(void **state)
{
    struct bench *bench = *state;

    load_one(bench, "dies", "#!/bin/sh\nkill -9 $$\n", 60000000);
    run(bench, KEY, 1);
    await(bench, 1);
    assert_answer(bench, 0, 1, SCRIPT_KILLED, SIGKILL);
}

static void test_nobody_knows_that_key(void **state)
{
    struct bench *bench = *state;

    load_one(bench, "zero", "#!/bin/sh\n", 60000000);
    run(bench, KEY + 1, 1);
    assert_answer(bench, 0, 1, SCRIPT_NOT_RUN, ENOENT);
}

static void test_one_run_at_a_time(void **state)
{
    struct bench *bench = *state;
    char fifo[128];

    assert_int_equal(mkfifo(path_in(bench, "fifo", fifo), 0666), 0);
    load_one(bench, "waits", "#!/bin/sh\nread line <\"$1/fifo\"\nexit 3\n", 60000000);
    run(bench, KEY, 1);
    run(bench, KEY, 2);
    assert_answer(bench, 0, 2, SCRIPT_NOT_RUN, EBUSY);
    close(open(fifo, O_WRONLY));
    await(bench, 2);
    assert_answer(bench, 1, 1, SCRIPT_EXITED, 3);
    run(bench, KEY, 3);
    close(open(fifo, O_WRONLY));
    await(bench, 3);
    assert_answer(bench, 2, 3, SCRIPT_EXITED, 3);
}

static void test_what_cannot_be_executed_is_said_once(void **state)
{
    struct bench *bench = *state;
    struct conf_recurring_script *recurring = load_one(bench, "missing", NULL, 60000000);
    char path[128];

    run(bench, KEY, 1);
    run(bench, KEY, 2);
    assert_answer(bench, 0, 1, SCRIPT_NOT_EXECUTABLE, ENOENT);
    assert_answer(bench, 1, 2, SCRIPT_NOT_EXECUTABLE, ENOENT);
    assert_logged(bench, "vrrp_script sample: ");
    assert_logged(bench, "missing does not exist\n");
    assert_null(strstr(strchr(bench->log, '\n') + 1, "was not run"));
    add(bench, bench->model, "missing", "exit 5\n", 60000000); /* no "#!": the shell's */
    assert_non_null(recurring);
    run(bench, KEY, 3);
    await(bench, 3);
    assert_answer(bench, 2, 3, SCRIPT_EXITED, 5);
    assert_logged(bench, "can be executed again");
    chmod(path_in(bench, "missing", path), 0644);
    run(bench, KEY, 4);
    assert_answer(bench, 3, 4, SCRIPT_NOT_EXECUTABLE, EACCES);
}

static void test_no_room_for_a_process_is_no_result(void **state)
{
    struct bench *bench = *state;
    struct rlimit few, before;

    load_one(bench, "zero", "#!/bin/sh\n", 60000000);
    getrlimit(RLIMIT_NOFILE, &before);
    few.rlim_cur = 3; /* stdin, stdout and stderr: none to open /dev/null with */
    few.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &few);
    run(bench, KEY, 1);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_answer(bench, 0, 1, SCRIPT_NOT_RUN, EMFILE);
    assert_string_equal(bench->log, "");
}

/* ------------------------------------------------------------------ one after the other */

/* Two scripts, KEY and KEY + 1; the first ends when it is let go, the second says that it began. */
static struct conf_model *add_two(struct bench *bench)
{
    struct conf_model *model = conf_model_new();
    char fifo[128];

    assert_int_equal(mkfifo(path_in(bench, "fifo", fifo), 0666), 0);
    add(bench, model, "first", "#!/bin/sh\nread line <\"$1/fifo\"\nexit 3\n", 60000000);
    add(bench, model, "second", "#!/bin/sh\n: >\"$1/began\"\nexit 4\n", 60000000)->key = KEY + 1;
    return model;
}

static void let_first_go(const struct bench *bench)
{
    char fifo[128];

    close(open(path_in(bench, "fifo", fifo), O_WRONLY));
}

static void run_patiently(struct bench *bench, uint64_t key, uint64_t serial, int64_t patience_us)
{
    recurring_run(bench->recurring, &(struct script_run){key, serial, patience_us},
                  &(struct recurring_asker){ROLE_CHECKER, 3});
}

static void test_the_patient_begin_when_those_before_them_have_ended(void **state)
{
    struct bench *bench = *state;
    const int64_t hour_us = 3600000000;
    char began[128];

    load(bench, add_two(bench));
    run_patiently(bench, KEY, 1, hour_us);
    run_patiently(bench, KEY + 1, 2, hour_us);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), 0); /* one runs */
    assert_int_equal(access(path_in(bench, "began", began), F_OK), -1);
    run_patiently(bench, KEY + 1, 3, hour_us);
    assert_answer(bench, 0, 3, SCRIPT_NOT_RUN, EBUSY);
    let_first_go(bench);
    await(bench, 3);
    assert_answer(bench, 1, 1, SCRIPT_EXITED, 3);
    assert_answer(bench, 2, 2, SCRIPT_EXITED, 4);
    run_patiently(bench, KEY + 1, 4, hour_us); /* nobody is before it */
    await(bench, 4);
    assert_answer(bench, 3, 4, SCRIPT_EXITED, 4);
}

static void test_patience_has_an_end(void **state)
{
    struct bench *bench = *state;

    load(bench, add_two(bench));
    run_patiently(bench, KEY, 1, 3600000000);
    run_patiently(bench, KEY + 1, 2, 1);
    await(bench, 1);
    assert_answer(bench, 0, 2, SCRIPT_EXITED, 4);
    run_patiently(bench, KEY + 1, 3, 3600000000); /* the first holds up nobody any more */
    await(bench, 2);
    assert_answer(bench, 1, 3, SCRIPT_EXITED, 4);
    let_first_go(bench);
    await(bench, 3);
    assert_answer(bench, 2, 1, SCRIPT_EXITED, 3);
}

static void test_the_impatient_wait_for_nobody(void **state)
{
    struct bench *bench = *state;

    load(bench, add_two(bench));
    run_patiently(bench, KEY, 1, 3600000000);
    run(bench, KEY + 1, 2);
    await(bench, 1);
    assert_answer(bench, 0, 2, SCRIPT_EXITED, 4);
    let_first_go(bench);
    await(bench, 2);
    assert_answer(bench, 1, 1, SCRIPT_EXITED, 3);
}

static void test_what_is_removed_while_it_waits_is_not_run(void **state)
{
    struct bench *bench = *state;

    load(bench, add_two(bench));
    run_patiently(bench, KEY, 1, 3600000000);
    run_patiently(bench, KEY + 1, 2, 3600000000);
    load_one(bench, "first", NULL, 60000000);
    assert_answer(bench, 0, 2, SCRIPT_NOT_RUN, ENOENT);
    let_first_go(bench);
    await(bench, 2);
    assert_answer(bench, 1, 1, SCRIPT_EXITED, 3);
}

static void test_what_waits_when_we_stop_is_not_run(void **state)
{
    struct bench *bench = *state;
    char began[128];

    load(bench, add_two(bench));
    run_patiently(bench, KEY, 1, 3600000000);
    run_patiently(bench, KEY + 1, 2, 3600000000);
    finish(bench);
    assert_int_equal(bench->answers, 0);
    assert_int_equal(access(path_in(bench, "began", began), F_OK), -1);
}

/* ------------------------------------------------------------------ ends */

static void wait_until_it_is_dead(const struct bench *bench, const char *name)
{
    char path[128], number[16] = "";
    siginfo_t info;
    FILE *file = fopen(path_in(bench, name, path), "r"); /* waits for the script to write */

    assert_non_null(file);
    assert_non_null(fgets(number, sizeof(number), file));
    fclose(file);
    assert_int_equal(waitid(P_PID, (id_t)atoi(number), &info, WEXITED | WNOWAIT), 0);
}

/* The kernel keeps one SIGCHLD for all of them. */
static void test_no_end_is_lost_when_several_come_at_once(void **state)
{
    struct bench *bench = *state;
    struct conf_model *model = conf_model_new();
    char fifo[128], name[8], text[64];

    for (unsigned int i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "pid%u", i);
        assert_int_equal(mkfifo(path_in(bench, name, fifo), 0666), 0);
        snprintf(text, sizeof(text), "#!/bin/sh\necho $$ >\"$1/pid%u\"\n", i);
        snprintf(name, sizeof(name), "run%u", i);
        add(bench, model, name, text, 60000000)->key = KEY + i;
    }
    load(bench, model);
    for (unsigned int i = 0; i < 3; i++)
        run(bench, KEY + i, i);
    for (unsigned int i = 0; i < 3; i++) {
        snprintf(name, sizeof(name), "pid%u", i);
        wait_until_it_is_dead(bench, name);
    }
    await(bench, 3);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Such as those that runner.h waits for. */
static void test_children_of_others_are_left_to_them(void **state)
{
    struct bench *bench = *state;
    pid_t child = fork();
    siginfo_t info;
    int status;

    if (child == 0)
        _exit(9);
    assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
    load_one(bench, "seven", "#!/bin/sh\nexit 7\n", 60000000);
    run(bench, KEY, 1);
    await(bench, 1);
    assert_answer(bench, 0, 1, SCRIPT_EXITED, 7);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 9);
}

/* ------------------------------------------------------------------ timeouts */

static void stop_looking(void *data)
{
    loop_stop(data);
}

/* One round of the loop. */
static void look_round(struct bench *bench)
{
    struct loop_timer *now = loop_timer_new(bench->loop, stop_looking, bench->loop);

    loop_timer_in(now, span_ms(0));
    loop_run(bench->loop);
    loop_timer_free(now);
}

static void test_what_takes_too_long_is_answered_then_and_ended(void **state)
{
    struct bench *bench = *state;
    char left[128];

    load_one(bench, "stubborn",
             "#!/bin/sh\ntrap '' TERM\nsleep 600 &\necho $! >\"$1/pid\"\nwait\nsleep 600\n", 3000000);
    run(bench, KEY, 1);
    await(bench, 1);
    assert_answer(bench, 0, 1, SCRIPT_TIMED_OUT, 0);
    run(bench, KEY, 2);
    assert_answer(bench, 1, 2, SCRIPT_NOT_RUN, EBUSY);
    finish(bench);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* none is left */
    assert_int_equal(errno, ECHILD);
    assert_int_equal(access(path_in(bench, "pid", left), F_OK), 0);
    assert_int_equal(bench->answers, 2);
}

/* The script ended long ago; only our clock is late. */
static void test_what_ended_while_we_stood_still_has_not_timed_out(void **state)
{
    struct bench *bench = *state;
    siginfo_t info;

    load_one(bench, "zero", "#!/bin/sh\nexit 0\n", 200000);
    run(bench, KEY, 1);
    assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
    usleep(400000);
    await(bench, 1);
    assert_answer(bench, 0, 1, SCRIPT_EXITED, 0);
}

/* It still waits for what we, or the whole machine, could not give it meanwhile. */
static void test_a_timeout_that_we_sleep_through_begins_anew(void **state)
{
    struct bench *bench = *state;
    char fifo[128];

    assert_int_equal(mkfifo(path_in(bench, "fifo", fifo), 0666), 0);
    load_one(bench, "waits", "#!/bin/sh\nread line <\"$1/fifo\"\nexit 3\n", 2000000);
    run(bench, KEY, 1);
    usleep(2600000);
    look_round(bench);
    close(open(fifo, O_WRONLY));
    await(bench, 1);
    assert_answer(bench, 0, 1, SCRIPT_EXITED, 3);
}

/* ------------------------------------------------------------------ reload and stop */

static void test_a_removed_script_runs_to_its_end(void **state)
{
    struct bench *bench = *state;
    char fifo[128];

    assert_int_equal(mkfifo(path_in(bench, "fifo", fifo), 0666), 0);
    load_one(bench, "waits", "#!/bin/sh\nread line <\"$1/fifo\"\nexit 3\n", 60000000);
    run(bench, KEY, 1);
    load(bench, conf_model_new());
    run(bench, KEY, 2);
    assert_answer(bench, 0, 2, SCRIPT_NOT_RUN, ENOENT);
    close(open(fifo, O_WRONLY));
    await(bench, 2);
    assert_answer(bench, 1, 1, SCRIPT_EXITED, 3);
    run(bench, KEY, 3);
    assert_answer(bench, 2, 3, SCRIPT_NOT_RUN, ENOENT);
}

static void test_a_reload_leaves_a_run_alone(void **state)
{
    struct bench *bench = *state;
    char fifo[128];

    assert_int_equal(mkfifo(path_in(bench, "fifo", fifo), 0666), 0);
    load_one(bench, "waits", "#!/bin/sh\nread line <\"$1/fifo\"\nexit 3\n", 60000000);
    run(bench, KEY, 1);
    load_one(bench, "other", "#!/bin/sh\nexit 4\n", 60000000);
    close(open(fifo, O_WRONLY));
    await(bench, 1);
    assert_answer(bench, 0, 1, SCRIPT_EXITED, 3);
    run(bench, KEY, 2);
    await(bench, 2);
    assert_answer(bench, 1, 2, SCRIPT_EXITED, 4);
}

static void test_a_stop_ends_what_runs_without_an_answer(void **state)
{
    struct bench *bench = *state;

    load_one(bench, "long", "#!/bin/sh\nsleep 600\n", 60000000);
    run(bench, KEY, 1);
    finish(bench);
    assert_int_equal(bench->answers, 0);
    run(bench, KEY, 2);
    assert_answer(bench, 0, 2, SCRIPT_NOT_RUN, ESHUTDOWN);
}

/* ------------------------------------------------------------------ what a script finds around it */

#define PROBE                                                                                                \
    "#!/bin/sh\n"                                                                                            \
    "exec >>\"$1/report\"\n"                                                                                 \
    "ls -l /proc/$$/fd >\"$1/descriptors\"\n"                                                                \
    "grep -E '^(SigBlk|SigIgn|NoNewPrivs|Uid|Groups):' /proc/self/status | tr -s '\\t ' '  '\n"              \
    "sed -n 's/.* \\([0-9]*\\) -> /fd \\1 /p' \"$1/descriptors\" | grep -v \"$1/\"\n"                        \
    "env | grep -c LD_FROM_OUTSIDE\n"                                                                        \
    "umask; pwd; ps -o sid= -p $$ | tr -d ' ' | grep -cx $$\n"

static void test_a_script_starts_clean_and_as_its_user(void **state)
{
    struct bench *bench = *state;
    int stray = open("/dev/zero", O_RDONLY); /* without close-on-exec */
    struct conf_recurring_script *recurring = load_one(bench, "probe", PROBE, 60000000);
    char path[128], report[4096] = "";
    FILE *file;

    if (geteuid() == 0)
        recurring->script.uid = recurring->script.gid = NOBODY;
    run(bench, KEY, 1);
    await(bench, 1);
    close(stray);
    assert_answer(bench, 0, 1, SCRIPT_EXITED, 0);
    file = fopen(path_in(bench, "report", path), "r");
    assert_non_null(file);
    report[fread(report, 1, sizeof(report) - 1, file)] = '\0';
    fclose(file);
    if (strstr(report, "fd 0 /dev/null\nfd 2 /dev/null\n0\n0177\n/\n1\n") == NULL ||
        strstr(report, "SigBlk: 0000000000000000") == NULL ||
        strstr(report, "SigIgn: 0000000000000000") == NULL || strstr(report, "NoNewPrivs: 0") == NULL)
        fail_msg("got %s", report);
    if (geteuid() == 0)
        assert_non_null(strstr(report, "Uid: 65534 65534 65534 65534\nGroups: \n"));
}

static void test_security_refuses_what_others_may_change(void **state)
{
    struct bench *bench = *state;
    struct conf_model *model = conf_model_new();
    char path[128];

    if (geteuid() != 0) {
        conf_model_free(model);
        skip();
    }
    model->global.enable_script_security = true;
    add(bench, model, "open", "#!/bin/sh\n", 60000000);
    chmod(path_in(bench, "open", path), 0757);
    load(bench, model);
    run(bench, KEY, 1);
    assert_answer(bench, 0, 1, SCRIPT_NOT_EXECUTABLE, EPERM);
    assert_logged(bench, "enable_script_security forbids it: ");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_exit_code_goes_to_who_asked),
        TEST(test_a_signal_of_somebody_else_is_named),
        TEST(test_nobody_knows_that_key),
        TEST(test_one_run_at_a_time),
        TEST(test_what_cannot_be_executed_is_said_once),
        TEST(test_no_room_for_a_process_is_no_result),
        TEST(test_the_patient_begin_when_those_before_them_have_ended),
        TEST(test_patience_has_an_end),
        TEST(test_the_impatient_wait_for_nobody),
        TEST(test_what_is_removed_while_it_waits_is_not_run),
        TEST(test_what_waits_when_we_stop_is_not_run),
        TEST(test_no_end_is_lost_when_several_come_at_once),
        TEST(test_children_of_others_are_left_to_them),
        TEST(test_what_takes_too_long_is_answered_then_and_ended),
        TEST(test_what_ended_while_we_stood_still_has_not_timed_out),
        TEST(test_a_timeout_that_we_sleep_through_begins_anew),
        TEST(test_a_removed_script_runs_to_its_end),
        TEST(test_a_reload_leaves_a_run_alone),
        TEST(test_a_stop_ends_what_runs_without_an_answer),
        TEST(test_a_script_starts_clean_and_as_its_user),
        TEST(test_security_refuses_what_others_may_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
