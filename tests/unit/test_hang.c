/* Telling a hang from hunger: what the kernel says of a process, and what is made of several looks at it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/hang.h"

#define LIMIT_MS 2000
#define TICK_MS  250

static struct activity at_rest(int64_t used_ms)
{
    return (struct activity){.wants_to_run = false, .processor_time = span_ms(used_ms)};
}

static struct activity runnable(int64_t used_ms)
{
    return (struct activity){.wants_to_run = true, .processor_time = span_ms(used_ms)};
}

/* The verdict on a process silent for that long, looked at then. */
static enum hang_verdict look(struct hang_watch *watch, int64_t silence_ms, struct activity activity)
{
    struct mono now = {span_s(1000).ns + span_ms(silence_ms).ns};

    return hang_look(watch, now, span_ms(silence_ms), span_ms(LIMIT_MS), &activity);
}

static void test_who_sleeps_or_is_stopped_hangs_after_the_limit(void **state)
{
    struct hang_watch watch = {0};

    (void)state;
    for (int64_t silence = 1100; silence <= LIMIT_MS; silence += TICK_MS)
        assert_int_equal(look(&watch, silence, at_rest(70)), HANG_NONE);
    assert_int_equal(look(&watch, LIMIT_MS + 1, at_rest(70)), HANG_SURE);
}

static void test_who_loops_for_ever_hangs_after_the_limit(void **state)
{
    struct hang_watch watch = {0};

    (void)state;
    assert_int_equal(look(&watch, 1100, runnable(5000)), HANG_NONE);
    assert_int_equal(look(&watch, 1600, runnable(5250)), HANG_NONE);
    assert_int_equal(look(&watch, 2100, runnable(5500)), HANG_SURE);
}

static void test_who_gets_no_processor_is_left_alone_for_longer(void **state)
{
    struct hang_watch watch = {0};

    (void)state;
    assert_int_equal(look(&watch, 1100, runnable(70)), HANG_NONE);
    assert_int_equal(look(&watch, LIMIT_MS + 1, runnable(80)), HANG_STARVED);
    assert_int_equal(look(&watch, LIMIT_MS * HANG_STARVED_TIMES, at_rest(400)), HANG_STARVED);
    assert_int_equal(look(&watch, LIMIT_MS * HANG_STARVED_TIMES + 1, runnable(400)), HANG_SURE);
}

static void test_one_look_is_no_verdict(void **state)
{
    struct hang_watch watch = {0};

    (void)state;
    assert_int_equal(look(&watch, 2900, at_rest(70)), HANG_NONE);
    assert_int_equal(look(&watch, 2900 + TICK_MS, at_rest(70)), HANG_SURE);
}

static void test_what_the_kernel_hides_counts_as_asleep(void **state)
{
    struct hang_watch watch = {0};
    struct mono now = {span_s(1000).ns};
    struct mono later = mono_add(now, span_ms(1000));

    (void)state;
    assert_int_equal(hang_look(&watch, now, span_ms(1500), span_ms(LIMIT_MS), NULL), HANG_NONE);
    assert_int_equal(hang_look(&watch, later, span_ms(2500), span_ms(LIMIT_MS), NULL), HANG_SURE);
}

static bool parse(const char *text, struct activity *activity)
{
    return activity_parse(text, strlen(text), 100, activity);
}

static void test_the_kernels_line_is_read(void **state)
{
    static const char sleeping[] =
        "4711 (tandem-vrrp) S 1 4711 4711 0 -1 4194560 350 0 2 0 12 30 0 0 -3 0 1 0\n";
    static const char odd_name[] =
        "4711 (a) R 1 (b) R 1 4711 4711 0 -1 4194560 350 0 2 0 150 50 0 0 20 0 1 0\n";
    static const char in_the_kernel[] = "4711 (tandem-links) D 1 4711 4711 0 -1 4194560 350 0 2 0 0 1 0 0\n";
    static const char stopped[] = "4711 (tandem-links) T 1 4711 4711 0 -1 4194560 350 0 2 0 0 1 0 0\n";
    struct activity activity;

    (void)state;
    assert_true(parse(sleeping, &activity));
    assert_false(activity.wants_to_run);
    assert_int_equal(activity.processor_time.ns, span_ms(420).ns);
    assert_true(parse(odd_name, &activity));
    assert_true(activity.wants_to_run);
    assert_int_equal(activity.processor_time.ns, span_s(2).ns);
    assert_true(parse(in_the_kernel, &activity));
    assert_true(activity.wants_to_run);
    assert_true(parse(stopped, &activity));
    assert_false(activity.wants_to_run);
}

static void test_another_form_is_refused(void **state)
{
    char endless[4096];
    struct activity activity;

    (void)state;
    memset(endless, ')', sizeof(endless));
    assert_false(parse("", &activity));
    assert_false(parse("4711", &activity));
    assert_false(parse("4711 (tandem-vrrp) S 1 4711", &activity));
    assert_false(activity_parse(endless, sizeof(endless), 100, &activity));
}

/* This process, which runs as it reads, as this kernel writes it. */
static void test_a_real_process_is_seen_running(void **state)
{
    char text[1024];
    struct activity activity;
    int fd = open("/proc/self/stat", O_RDONLY);
    ssize_t length = read(fd, text, sizeof(text));

    (void)state;
    close(fd);
    assert_true(length > 0);
    assert_true(activity_parse(text, (size_t)length, sysconf(_SC_CLK_TCK), &activity));
    assert_true(activity.wants_to_run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_sleeps_or_is_stopped_hangs_after_the_limit),
        cmocka_unit_test(test_who_loops_for_ever_hangs_after_the_limit),
        cmocka_unit_test(test_who_gets_no_processor_is_left_alone_for_longer),
        cmocka_unit_test(test_one_look_is_no_verdict),
        cmocka_unit_test(test_what_the_kernel_hides_counts_as_asleep),
        cmocka_unit_test(test_the_kernels_line_is_read),
        cmocka_unit_test(test_another_form_is_refused),
        cmocka_unit_test(test_a_real_process_is_seen_running),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
