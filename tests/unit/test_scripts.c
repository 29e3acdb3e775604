/*
 * Real scripts run by the real runner, as the user who runs the test (as another where root runs it): order,
 * words, what a script finds around it, how it ends.
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
#include <sys/stat.h>
#include <unistd.h>

#include "notify/program.h"
#include "notify/scripts.h"
#include "forget_times.h"
#include "scratch.h"

#define NOBODY 65534

struct bench {
    struct loop *loop;
    struct runner *runner;
    struct scripts *scripts;
    struct loop_timer *limit;
    char directory[64];
    char log[16384];
};

static void give_up(void *data)
{
    (void)data;
    fail_msg("the scripts did not end within 60 s");
}

static void make_runner(struct bench *bench, struct span timeout)
{
    const struct runner_settings settings = {timeout, 8};

    bench->runner = runner_new(bench->loop, &settings);
    bench->scripts = scripts_new(&(struct scripts_outlets){.runner = bench->runner});
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof(*bench));

    strcpy(bench->directory, "/tmp/tandem-scripts-XXXXXX");
    if (mkdtemp(bench->directory) == NULL || chmod(bench->directory, 0777) != 0)
        return -1;
    bench->loop = loop_new();
    bench->limit = loop_timer_new(bench->loop, give_up, NULL);
    make_runner(bench, RUNNER_TIMEOUT);
    setenv("LD_FROM_OUTSIDE", "1", 1);
    program_prepare();
    scratch_log(LOG_LEVEL_INFO, bench->log, sizeof(bench->log));
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;

    scratch_log(LOG_LEVEL_INFO, NULL, 0);
    scripts_free(bench->scripts);
    runner_free(bench->runner);
    loop_timer_free(bench->limit);
    loop_free(bench->loop);
    scratch_remove(bench->directory);
    free(bench);
    return 0;
}

/* ------------------------------------------------------------------ scripts and what they leave behind */

static const char *path_in(const struct bench *bench, const char *name)
{
    static char paths[4][128];
    static unsigned int next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof(paths[0]), "%s/%s", bench->directory, name);
    return path;
}

static void write_script(const struct bench *bench, const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(path_in(bench, name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    assert_int_equal(chmod(path_in(bench, name), mode), 0);
}

static char *read_file(const struct bench *bench, const char *name)
{
    FILE *file = fopen(path_in(bench, name), "r");
    char *text = calloc(1, 65536);

    assert_non_null(text);
    if (file == NULL)
        return text;
    text[fread(text, 1, 65535, file)] = '\0';
    fclose(file);
    return text;
}

static void set_script(struct conf_model *model, struct conf_script *script, const char *program,
                       const char *word)
{
    conf_list_add(model, &script->words, conf_model_strdup(model, program));
    if (word != NULL)
        conf_list_add(model, &script->words, conf_model_strdup(model, word));
    script->uid = geteuid();
    script->gid = getegid();
}

static struct conf_script *make_script(struct conf_model *model, const char *program, const char *word)
{
    struct conf_script *script = conf_model_alloc(model, sizeof(*script));

    set_script(model, script, program, word);
    return script;
}

static struct conf_instance *add_instance(struct conf_model *model, uint64_t key, const char *name)
{
    struct conf_instance *instance = conf_model_alloc(model, sizeof(*instance));

    instance->notify = conf_model_alloc(model, sizeof(*instance->notify));
    instance->key = key;
    instance->name = conf_model_strdup(model, name);
    conf_list_add(model, &model->instances, instance);
    return instance;
}

static struct conf_instance *load_one(struct bench *bench, const char *script)
{
    struct conf_model *model = conf_model_new();
    struct conf_instance *instance = add_instance(model, 1, "web");

    set_script(model, &instance->notify->master, script, NULL);
    scripts_load(bench->scripts, model);
    return instance;
}

static void tell(struct bench *bench, uint64_t key, enum notify_state state)
{
    struct notify_instance event = {key, state, 150};

    scripts_event(bench->scripts, NOTIFY_INSTANCE, &event);
}

static void stop_loop(void *data)
{
    loop_stop(data);
}

/* Lets everything run to its end; what is not through after patience is ended. */
static void finish(struct bench *bench, struct span patience)
{
    if (runner_is_idle(bench->runner))
        return;
    loop_timer_in(bench->limit, span_ns(patience.ns + 60 * NS_PER_S));
    runner_finish(bench->runner, patience, patience, stop_loop, bench->loop);
    loop_run(bench->loop);
    loop_timer_stop(bench->limit);
    assert_true(runner_is_idle(bench->runner));
}

static void assert_logged(const struct bench *bench, const char *words)
{
    if (strstr(bench->log, words) == NULL)
        fail_msg("not in the log: %s\n%s", words, bench->log);
}

/* ------------------------------------------------------------------ order and words */

#define DIARY                                                                                                \
    "#!/bin/sh\n"                                                                                            \
    "d=$(dirname \"$0\")\n"                                                                                  \
    "mkdir \"$d/busy-$4\" || echo overlap >>\"$d/diary-$4\"\n" /* at most one at a time */                   \
    "echo \"$*\" >>\"$d/diary-$4\"\n"                                                                        \
    "rmdir \"$d/busy-$4\"\n"

static void test_a_hundred_events_of_three_instances_in_order(void **state)
{
    static const enum notify_state cycle[] = {NOTIFY_BACKUP, NOTIFY_MASTER, NOTIFY_FAULT};
    static const char *const words[] = {"BACKUP", "MASTER", "FAULT"};
    static const char *const names[] = {"one", "two", "three"};
    struct bench *bench = *state;
    struct conf_model *model = conf_model_new();

    write_script(bench, "script",
                 "#!/bin/sh\nexec \"$(dirname \"$0\")/diary\" \"$1\" x \"$2\" \"$3\" \"$4\" \"$5\"\n", 0755);
    write_script(bench, "diary", DIARY, 0755);
    for (uint64_t i = 0; i < 3; i++) {
        struct conf_instance *instance = add_instance(model, i + 1, names[i]);

        set_script(model, &instance->notify->any, path_in(bench, "script"), "an argument");
    }
    scripts_load(bench->scripts, model);
    for (unsigned int i = 0; i < 100; i++)
        tell(bench, i % 3 + 1, cycle[i / 3 % 3]);
    finish(bench, span_s(50));
    for (unsigned int i = 0; i < 3; i++) {
        char name[32], expected[8192] = "";
        char *diary;

        for (unsigned int j = i; j < 100; j += 3) {
            size_t used = strlen(expected);

            snprintf(expected + used, sizeof(expected) - used, "an argument x INSTANCE %s %s 150\n", names[i],
                     words[j / 3 % 3]);
        }
        snprintf(name, sizeof(name), "diary-%s", names[i]);
        diary = read_file(bench, name);
        assert_string_equal(diary, expected);
        free(diary);
    }
    assert_string_equal(bench->log, "");
}

static void test_the_states_script_comes_before_the_general_one(void **state)
{
    struct bench *bench = *state;
    struct conf_model *model = conf_model_new();
    struct conf_instance *instance = add_instance(model, 1, "web");
    struct conf_sync_group *group = conf_model_alloc(model, sizeof(*group));
    struct notify_instance change = {2, NOTIFY_MASTER, 0};
    char *diary;

    write_script(bench, "slow", "#!/bin/sh\nsleep 0.2\necho \"slow $*\" >>\"$(dirname \"$0\")/diary\"\n",
                 0755);
    write_script(bench, "fast", "#!/bin/sh\necho \"fast $*\" >>\"$(dirname \"$0\")/diary\"\n", 0755);
    set_script(model, &instance->notify->master, path_in(bench, "slow"), NULL);
    set_script(model, &instance->notify->any, path_in(bench, "fast"), NULL);
    group->key = 2;
    group->name = conf_model_strdup(model, "all");
    group->notify = conf_model_alloc(model, sizeof(*group->notify));
    set_script(model, &group->notify->any, path_in(bench, "fast"), NULL);
    conf_list_add(model, &model->sync_groups, group);
    scripts_load(bench->scripts, model);
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    scripts_event(bench->scripts, NOTIFY_GROUP, &change);
    finish(bench, span_s(50));
    diary = read_file(bench, "diary");
    assert_string_equal(diary, "slow \nfast INSTANCE web MASTER 150\nfast GROUP all MASTER 0\n");
    free(diary);
}

static void test_servers_and_quorum(void **state)
{
    struct bench *bench = *state;
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *virtual_server = conf_model_alloc(model, sizeof(*virtual_server));
    struct conf_real_server *real_server = conf_model_alloc(model, sizeof(*real_server));
    char *diary;

    write_script(bench, "echo", "#!/bin/sh\necho \"$*\" >>\"$(dirname \"$0\")/diary\"\n", 0755);
    virtual_server->key = 5;
    real_server->key = 6;
    virtual_server->quorum_up = make_script(model, path_in(bench, "echo"), "quorum up");
    virtual_server->quorum_down = make_script(model, path_in(bench, "echo"), "quorum down");
    real_server->notify_up = make_script(model, path_in(bench, "echo"), "server up");
    real_server->notify_down = make_script(model, path_in(bench, "echo"), "server down");
    conf_list_add(model, &virtual_server->real_servers, real_server);
    conf_list_add(model, &model->virtual_servers, virtual_server);
    scripts_load(bench->scripts, model);
    for (uint32_t up = 0; up < 2; up++) {
        scripts_event(bench->scripts, NOTIFY_REAL_SERVER, &(struct notify_real_server){5, 6, up, 0});
        finish(bench, span_s(50));
        scripts_event(bench->scripts, NOTIFY_QUORUM, &(struct notify_quorum){5, up, 0});
        finish(bench, span_s(50));
    }
    diary = read_file(bench, "diary");
    assert_string_equal(diary, "server down\nquorum down\nserver up\nquorum up\n");
    free(diary);
}

static void test_events_around_a_reload(void **state)
{
    struct bench *bench = *state;
    char *diary;

    write_script(bench, "echo", "#!/bin/sh\necho ran >>\"$(dirname \"$0\")/diary\"\n", 0755);
    tell(bench, 1, NOTIFY_MASTER); /* its sender was told of the object before us */
    assert_true(runner_is_idle(bench->runner));
    load_one(bench, path_in(bench, "echo"));
    finish(bench, span_s(50));
    scripts_load(bench->scripts, conf_model_new()); /* removed: its last scripts still run */
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    scripts_load(bench->scripts, conf_model_new());
    tell(bench, 1, NOTIFY_MASTER);
    assert_true(runner_is_idle(bench->runner));
    diary = read_file(bench, "diary");
    assert_string_equal(diary, "ran\nran\n");
    free(diary);
}

/* ------------------------------------------------------------------ how it ends */

static void test_a_failure_is_logged_with_its_status(void **state)
{
    struct bench *bench = *state;
    char line[256];

    write_script(bench, "fails", "#!/bin/sh\nexit 7\n", 0755);
    load_one(bench, path_in(bench, "fails"));
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    snprintf(line, sizeof(line), "script %s (notify_master of instance web) failed with exit status 7 after ",
             path_in(bench, "fails"));
    assert_logged(bench, line);
}

static void test_what_cannot_run_is_named_with_why(void **state)
{
    struct bench *bench = *state;

    load_one(bench, path_in(bench, "missing"));
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    assert_logged(bench, "missing (notify_master of instance web) was not run: ");
    assert_logged(bench, "does not exist");

    write_script(bench, "plain", "#!/bin/sh\n", 0644);
    load_one(bench, path_in(bench, "plain"));
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    assert_logged(bench, "plain is not executable by user");

    write_script(bench, "interpreter", "#!/no/such/interpreter\n", 0755);
    load_one(bench, path_in(bench, "interpreter"));
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    assert_logged(bench, "it cannot be executed: No such file or directory");

    load_one(bench, "no-such-program-anywhere");
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    assert_logged(bench, "no program of that name in the system's directories");
}

static void test_a_script_without_interpreter_line_is_the_shells(void **state)
{
    struct bench *bench = *state;
    struct conf_model *model = conf_model_new();
    struct conf_instance *instance = add_instance(model, 1, "web");
    char *diary;

    write_script(bench, "bare", "echo \"$1\" >\"$(dirname \"$0\")/diary\"\n", 0755);
    set_script(model, &instance->notify->master, path_in(bench, "bare"), "two words");
    scripts_load(bench->scripts, model);
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    diary = read_file(bench, "diary");
    assert_string_equal(diary, "two words\n");
    free(diary);
}

/* With its children, and though it does not want to. */
static void test_what_takes_too_long_is_ended(void **state)
{
    struct bench *bench = *state;

    scripts_free(bench->scripts);
    runner_free(bench->runner);
    make_runner(bench, span_s(2)); /* by then the script has set its trap */
    write_script(bench, "stubborn", "#!/bin/sh\ntrap '' TERM\nsleep 600 &\nwait\nsleep 600\n", 0755);
    write_script(bench, "obedient", "#!/bin/sh\nsleep 600\n", 0755);
    load_one(bench, path_in(bench, "obedient"));
    tell(bench, 1, NOTIFY_MASTER);
    load_one(bench, path_in(bench, "stubborn"));
    tell(bench, 1, NOTIFY_MASTER); /* only now: the first is out of the way */
    finish(bench, span_s(50));
    forget_times(bench->log);
    assert_logged(bench, "obedient (notify_master of instance web) still runs after N s: told to end\n");
    assert_logged(bench,
                  "obedient (notify_master of instance web) was ended by signal 15 (Terminated) after N s");
    assert_logged(bench, "stubborn (notify_master of instance web) still runs after N s: told to end\n");
    assert_logged(bench, "stubborn (notify_master of instance web) still runs after N s: killed\n");
    assert_logged(bench, "stubborn (notify_master of instance web) was ended by signal 9 (Killed) after N s");
}

static void test_a_stop_ends_what_runs_and_says_what_does_not(void **state)
{
    struct bench *bench = *state;

    write_script(bench, "long", "#!/bin/sh\nsleep 600\n", 0755);
    load_one(bench, path_in(bench, "long"));
    tell(bench, 1, NOTIFY_MASTER);
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_ms(100));
    assert_logged(bench, "long (notify_master of instance web) is not run: the daemon stops");
    forget_times(bench->log);
    assert_logged(bench, "long (notify_master of instance web) still runs after N s while the daemon stops: "
                         "told to end");
    assert_logged(bench, "was ended by signal 15");
}

/* ------------------------------------------------------------------ what it finds around it */

/* Its descriptors are listed into a file, for a pipe would be one of them; the shell's own are in its
 * directory. */
#define PROBE                                                                                                \
    "#!/bin/sh\n"                                                                                            \
    "d=$(dirname \"$0\")\n"                                                                                  \
    "exec >>\"$d/report\"\n"                                                                                 \
    "ls -l /proc/$$/fd >\"$d/descriptors\"\n"                                                                \
    "grep -E '^(SigBlk|SigIgn|NoNewPrivs|Uid|Gid|Groups):' /proc/self/status | tr -s '\\t ' '  '\n"          \
    "sed -n 's/.* \\([0-9]*\\) -> /fd \\1 /p' \"$d/descriptors\" | grep -v \"$d/\"\n"                        \
    "env | grep -c LD_FROM_OUTSIDE\n"                                                                        \
    "umask; pwd; ulimit -Sn; ps -o sid= -p $$ | tr -d ' ' | grep -cx $$\n"

static void test_a_script_starts_clean(void **state)
{
    struct bench *bench = *state;
    char expected[512], limit[32];
    int stray = open("/dev/zero", O_RDONLY); /* without close-on-exec */
    sigset_t blocked;
    FILE *shell = popen("ulimit -Sn", "r");
    char *report;

    assert_non_null(shell);
    assert_non_null(fgets(limit, sizeof(limit), shell));
    pclose(shell);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    write_script(bench, "probe", PROBE, 0755);
    load_one(bench, path_in(bench, "probe"));
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_DFL);
    close(stray);
    report = read_file(bench, "report");
    snprintf(expected, sizeof(expected), "fd 0 /dev/null\nfd 2 /dev/null\n0\n0177\n/\n%s1\n", limit);
    if (strstr(report, expected) == NULL || strstr(report, "SigBlk: 0000000000000000") == NULL ||
        strstr(report, "SigIgn: 0000000000000000") == NULL || strstr(report, "NoNewPrivs: 0") == NULL)
        fail_msg("expected %s, got %s", expected, report);
    free(report);
}

static void test_a_script_runs_as_its_user(void **state)
{
    struct bench *bench = *state;
    struct conf_instance *instance;
    char *report;

    if (geteuid() != 0)
        skip();
    write_script(bench, "probe", PROBE, 0755);
    instance = load_one(bench, path_in(bench, "probe"));
    instance->notify->master.uid = NOBODY;
    instance->notify->master.gid = NOBODY;
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    report = read_file(bench, "report");
    assert_non_null(strstr(report, "Uid: 65534 65534 65534 65534\nGid: 65534 65534 65534 65534\nGroups: \n"));
    free(report);
}

static void test_security_refuses_what_others_may_change(void **state)
{
    struct bench *bench = *state;
    struct conf_instance *instance;
    struct conf_model *model = conf_model_new();
    char *report;

    if (geteuid() != 0)
        skip();
    write_script(bench, "probe", PROBE, 0757);
    instance = add_instance(model, 1, "web");
    set_script(model, &instance->notify->master, path_in(bench, "probe"), NULL);
    model->global.enable_script_security = true;
    scripts_load(bench->scripts, model);
    tell(bench, 1, NOTIFY_MASTER);
    finish(bench, span_s(50));
    report = read_file(bench, "report");
    assert_string_equal(report, "");
    free(report);
    assert_logged(bench, "was not run: enable_script_security forbids it: ");
    assert_logged(bench, "is writable by everybody (mode 0");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_hundred_events_of_three_instances_in_order),
        TEST(test_the_states_script_comes_before_the_general_one),
        TEST(test_servers_and_quorum),
        TEST(test_events_around_a_reload),
        TEST(test_a_failure_is_logged_with_its_status),
        TEST(test_what_cannot_run_is_named_with_why),
        TEST(test_a_script_without_interpreter_line_is_the_shells),
        TEST(test_what_takes_too_long_is_ended),
        TEST(test_a_stop_ends_what_runs_and_says_what_does_not),
        TEST(test_a_script_starts_clean),
        TEST(test_a_script_runs_as_its_user),
        TEST(test_security_refuses_what_others_may_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
