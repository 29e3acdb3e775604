/* What one supervisor offers, the next takes; and what it withdraws is as before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/inheritance.h"

static int closing_fd(void)
{
    return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 20);
}

static bool outlives_exec(int fd)
{
    return (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
}

static void fill(struct inheritance *inheritance)
{
    struct inherited_process process = {
        .role = 2, .index = 1, .pid = 77, .log = closing_fd(), .respawns = 3, .started_ns = 5};
    struct inherited_held held = {.key = 1ULL << 60, .role = 2, .index = 1, .fd = closing_fd()};

    *inheritance = (struct inheritance){.files = {closing_fd(), closing_fd(), -1, 1}};
    process.control = -1;
    process.board = closing_fd();
    inheritance_add_process(inheritance, &process);
    process.role = 3;
    inheritance_add_process(inheritance, &process);
    inheritance_add_held(inheritance, &held);
}

static void test_what_is_offered_is_taken(void **state)
{
    struct inheritance given, taken;
    int memfd;

    (void)state;
    fill(&given);
    assert_true(inheritance_offer(&given, &memfd));
    assert_true(outlives_exec(given.processes[0].log));
    assert_true(outlives_exec(given.processes[0].board));
    assert_true(outlives_exec(given.held[0].fd));
    assert_true(outlives_exec(given.files.pid_file));
    assert_true(inheritance_take(&taken));
    assert_int_equal(taken.process_count, 2);
    assert_memory_equal(taken.processes, given.processes, 2 * sizeof(given.processes[0]));
    assert_int_equal(taken.held_count, 1);
    assert_memory_equal(taken.held, given.held, sizeof(given.held[0]));
    assert_memory_equal(&taken.files, &given.files, sizeof(given.files));
    assert_false(outlives_exec(taken.processes[0].log));
    assert_false(outlives_exec(taken.files.pid_file));
    inheritance_free(&taken);
    assert_false(inheritance_take(&taken));
    inheritance_free(&given);
}

static void test_what_is_withdrawn_is_not_there(void **state)
{
    struct inheritance given, taken;
    int memfd;

    (void)state;
    fill(&given);
    assert_true(inheritance_offer(&given, &memfd));
    inheritance_withdraw(&given, memfd);
    assert_false(outlives_exec(given.processes[1].board));
    assert_false(outlives_exec(given.held[0].fd));
    assert_false(inheritance_take(&taken));
    inheritance_free(&given);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_offered_is_taken),
        cmocka_unit_test(test_what_is_withdrawn_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
