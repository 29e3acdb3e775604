/*
 * What the supervisor takes from a reader, and what it refuses: the reader parses what others wrote.
 *
 * The reader is this program itself, found under the reader's name in a directory of its own; the
 * configuration's "file" tells it what to say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/configuration.h"
#include "daemon/core/channel.h"

/* ------------------------------------------------------------------ the reader */

static const struct play {
    const char *name;
    struct reader_slice slices[2];
    struct reader_slice rest; /* after the report, unless its board is of no size */
    uint32_t advances;        /* before all that */
    uint32_t outcome;
    bool silent;
} plays[] = {
    {.name = "good", .slices = {{ROLE_CTL, 0, 10}, {ROLE_CHECKER, 1, 10}}},
    {.name = "refused", .slices = {{ROLE_CTL, 0, 10}, {ROLE_LINKS, 0, 10}}, .outcome = READER_REFUSED},
    {.name = "twice", .slices = {{ROLE_LINKS, 0, 10}, {ROLE_LINKS, 0, 10}}},
    {.name = "settings", .slices = {{ROLE_CTL, 0, 10}, {ROLE_SUPERVISOR, 0, 10}}},
    {.name = "supervisor", .slices = {{ROLE_SUPERVISOR, 0, 10}, {ROLE_SUPERVISOR, 0, 10}}},
    {.name = "reader", .slices = {{ROLE_CTL, 0, 10}, {ROLE_READER, 0, 10}}},
    {.name = "unknown role", .slices = {{ROLE_CTL, 0, 10}, {ROLE_COUNT, 0, 10}}},
    {.name = "second vrrp", .slices = {{ROLE_VRRP, 0, 10}, {ROLE_VRRP, 1, 10}}},
    {.name = "huge board", .slices = {{ROLE_CTL, 0, 10}, {ROLE_VRRP, 0, UINT32_MAX}}},
    {.name = "odd outcome", .slices = {{ROLE_CTL, 0, 10}, {ROLE_VRRP, 0, 10}}, .outcome = 7},
    {.name = "reload", .slices = {{ROLE_VRRP, 0, 10}, {ROLE_LINKS, 0, 10}}, .rest = {ROLE_CTL, 0, 10}},
    {.name = "late", .slices = {{ROLE_VRRP, 0, 10}, {ROLE_LINKS, 0, 10}}, .rest = {ROLE_SCRIPTS, 0, 10}},
    {.name = "advance", .slices = {{ROLE_CTL, 0, 10}, {ROLE_LINKS, 0, 10}}, .advances = 2},
    {.name = "silent", .slices = {{ROLE_CTL, 0, 10}, {ROLE_VRRP, 0, 10}}, .silent = true},
};

static void ignore_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                           void *data)
{
    (void)channel;
    (void)type;
    (void)payload;
    (void)data;
    if (fd >= 0)
        close(fd);
}

static int play_reader(const char *name)
{
    static const struct channel_callbacks callbacks = {ignore_message, NULL, NULL};
    const struct advance advance = {.gone_count = 1, .gone = {7}};
    struct reader_report report = {0};
    struct channel *control;
    const struct play *play = plays;
    int text = memfd_create("text", 0);

    while (strcmp(play->name, name) != 0)
        play++;
    report.outcome = play->outcome;
    control = channel_new(loop_new(), CHANNEL_CONTROL_FD, ROLE_READER, ROLE_SUPERVISOR, &callbacks, NULL);
    for (uint32_t i = 0; i < play->advances; i++)
        channel_send_fd(control, READER_ADVANCE, &advance, text);
    for (size_t i = 0; i < sizeof(play->slices) / sizeof(play->slices[0]); i++)
        channel_send_fd(control, READER_SLICE, &play->slices[i], text);
    if (write(text, "a line\n", 7) == 7 && !play->silent)
        channel_send_fd(control, READER_REPORT, &report, text);
    if (play->rest.objects > 0)
        channel_send_fd(control, READER_SLICE, &play->rest, text);
    if (play->advances > 0)
        channel_send_fd(control, READER_RECORD, NULL, text);
    return EXIT_SUCCESS;
}

/* ------------------------------------------------------------------ the supervisor's side */

struct scene {
    struct loop *loop;
    struct loop_signal *child_ended;
    struct configuration_load *load;
    struct configuration *configuration;
    bool over_before_done;
};

static uint32_t advances; /* that the load passed on */
static bool has_record;

static void reap(int signo, void *data)
{
    struct scene *scene = data;

    (void)signo;
    configuration_load_reap(scene->load);
}

static void advanced(const struct advance *advance, int slice, void *data)
{
    const struct scene *scene = data;

    assert_true(slice >= 0);
    assert_int_equal(advance->gone_count, 1);
    assert_int_equal(advance->gone[0], 7);
    assert_null(scene->configuration);
    advances++;
}

static void loaded(struct configuration *configuration, void *data)
{
    struct scene *scene = data;

    scene->configuration = configuration;
    scene->over_before_done = configuration_load_is_over(scene->load);
    assert_false(configuration_load_is_under_way(scene->load));
}

static void over(void *data)
{
    struct scene *scene = data;

    assert_non_null(scene->configuration);
    assert_true(configuration_load_is_over(scene->load));
    loop_stop(scene->loop);
}

static const struct configuration_callbacks callbacks = {advanced, loaded, over};

/* What comes of a reader that plays that part; the caller frees it. *has_rest: whether ctl's part came after
 * the report. */
static struct configuration *load_all(const char *name, bool *has_rest)
{
    char directory[] = "/tmp/test_configuration.XXXXXX", program[64], self[4096];
    static const struct conf_secret_key key;
    struct configuration_request request = {
        .directory = directory, .file = name, .secret_key = &key, .record = -1};
    struct scene scene = {.loop = loop_new()};
    int record;
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    assert_true(length > 0);
    self[length] = '\0';
    assert_non_null(mkdtemp(directory));
    snprintf(program, sizeof(program), "%s/%s", directory, role_program(ROLE_READER));
    assert_int_equal(symlink(self, program), 0);
    scene.child_ended = loop_signal_new(scene.loop, SIGCHLD, reap, &scene);
    scene.load = configuration_load_new(scene.loop, &request, &callbacks, &scene);
    assert_non_null(scene.load);
    assert_true(configuration_load_is_under_way(scene.load));
    loop_run(scene.loop);
    assert_false(scene.over_before_done);
    *has_rest = configuration_take_rest(scene.configuration, scene.load);
    record = configuration_take_record(scene.load);
    has_record = record >= 0;
    if (has_record)
        close(record);
    configuration_load_free(scene.load);
    loop_signal_free(scene.child_ended);
    loop_free(scene.loop);
    unlink(program);
    rmdir(directory);
    return scene.configuration;
}

static struct configuration *load(const char *name)
{
    bool has_rest;

    return load_all(name, &has_rest);
}

static void test_the_part_of_ctl_may_come_after_the_report(void **state)
{
    bool has_rest;
    struct configuration *configuration = load_all("reload", &has_rest);

    (void)state;
    assert_null(configuration->failure);
    assert_true(has_rest);
    assert_int_equal(configuration->part_count, 3);
    assert_int_equal(configuration->parts[2].role, ROLE_CTL);
    configuration_free(configuration);
}

static void test_an_advance_is_passed_on_once_and_a_record_kept(void **state)
{
    (void)state;
    advances = 0;
    configuration_free(load("advance"));
    assert_int_equal(advances, 1);
    assert_true(has_record);
    configuration_free(load("good"));
    assert_int_equal(advances, 1);
    assert_false(has_record);
}

static void test_no_other_part_comes_after_the_report(void **state)
{
    static const char *const names[] = {"late", "good", "refused"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        bool has_rest;
        struct configuration *configuration = load_all(names[i], &has_rest);

        assert_null(configuration->failure);
        assert_false(has_rest);
        assert_int_equal(configuration->part_count, 2);
        configuration_free(configuration);
    }
}

static void test_slices_and_report_are_taken(void **state)
{
    struct configuration *configuration = load("good");
    char *text = configuration_diagnostics(configuration);

    (void)state;
    assert_null(configuration->failure);
    assert_int_equal(configuration->part_count, 2);
    assert_int_equal(configuration->parts[1].role, ROLE_CHECKER);
    assert_int_equal(configuration->parts[1].index, 1);
    assert_string_equal(text, "a line\n");
    free(text);
    configuration_free(configuration);
}

static void test_a_refusal_is_no_failure(void **state)
{
    struct configuration *configuration = load("refused");

    (void)state;
    assert_null(configuration->failure);
    assert_int_equal(configuration->report.outcome, READER_REFUSED);
    configuration_free(configuration);
}

static void test_the_supervisors_own_slice_is_no_process(void **state)
{
    struct configuration *configuration = load("settings");

    (void)state;
    assert_null(configuration->failure);
    assert_true(configuration->settings >= 0);
    assert_int_equal(configuration->part_count, 1);
    configuration_free(configuration);
}

static void test_what_no_sound_reader_says_is_a_failure(void **state)
{
    static const char *const names[] = {"twice",       "supervisor", "reader",      "unknown role",
                                        "second vrrp", "huge board", "odd outcome", "silent"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct configuration *configuration = load(names[i]);

        if (configuration->failure == NULL)
            fail_msg("the reader that plays '%s' was believed", names[i]);
        configuration_free(configuration);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices_and_report_are_taken),
        cmocka_unit_test(test_the_part_of_ctl_may_come_after_the_report),
        cmocka_unit_test(test_no_other_part_comes_after_the_report),
        cmocka_unit_test(test_an_advance_is_passed_on_once_and_a_record_kept),
        cmocka_unit_test(test_a_refusal_is_no_failure),
        cmocka_unit_test(test_the_supervisors_own_slice_is_no_process),
        cmocka_unit_test(test_what_no_sound_reader_says_is_a_failure),
    };

    if (argc > 2 && strcmp(basename(argv[0]), role_program(ROLE_READER)) == 0)
        return play_reader(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
