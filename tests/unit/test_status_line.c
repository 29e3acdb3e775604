/* The line for systemctl status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "daemon/core/vrrp_state.h"
#include "daemon/status_line.h"

static const struct reload_record good = {.taken_wall_ns = 1};

static void test_it_counts(void **state)
{
    union vrrp_board_record master = {.instance = {.state = VRRP_MASTER}};
    struct director_record server = {.kind = DIRECTOR_RECORD_REAL_SERVER, .up = 1};
    struct board *vrrp = board_new(ROLE_VRRP, 4), *director = board_new(ROLE_DIRECTOR, 4);
    char line[200];

    (void)state;
    assert_string_equal(status_line(NULL, NULL, &good, line, sizeof(line)), "nothing configured");
    assert_true(board_write(vrrp, 1, &master));
    assert_true(board_write(director, 1, &server));
    assert_string_equal(status_line(vrrp, director, &good, line, sizeof(line)),
                        "master of 1; 1 of 1 real servers up");
    board_free(vrrp);
    board_free(director);
}

static void test_it_says_why_the_last_reload_was_refused(void **state)
{
    struct reload_record refused = {
        .refused_wall_ns = 1, .problems = 1, .problem = "/etc/a.conf:3:5: error: no such thing"};
    char line[200];

    (void)state;
    assert_string_equal(
        status_line(NULL, NULL, &refused, line, sizeof(line)),
        "nothing configured; the last reload was refused: /etc/a.conf:3:5: error: no such thing");
    refused.problems = 3;
    assert_non_null(
        strstr(status_line(NULL, NULL, &refused, line, sizeof(line)), "no such thing (and 2 more)"));
    assert_int_equal(strlen(status_line(NULL, NULL, &refused, line, 50)), 49);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_counts),
        cmocka_unit_test(test_it_says_why_the_last_reload_was_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
