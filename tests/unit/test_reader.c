/* How many checker processes the reader asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "daemon/reader.h"

static void test_a_process_for_500_checks(void **state)
{
    (void)state;
    assert_int_equal(reader_checker_processes(0, 4), 0);
    assert_int_equal(reader_checker_processes(1, 4), 1);
    assert_int_equal(reader_checker_processes(500, 4), 1);
    assert_int_equal(reader_checker_processes(501, 4), 2);
    assert_int_equal(reader_checker_processes(100000, 4), 4);
    assert_int_equal(reader_checker_processes(100000, 64), 8);
    assert_int_equal(reader_checker_processes(1000, -1), 1); /* the number of processors is not known */
    assert_int_equal(reader_checker_processes(UINT32_MAX, 64), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_a_process_for_500_checks)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
