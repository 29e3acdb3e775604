/* Lines on their way out: marked with process and level, and always one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/log_output.h"

/* What comes out on stderr for a text of a process; static memory. */
static const char *said(enum log_level level, const char *process, const char *text)
{
    static char buffer[2000];
    int kept = dup(STDERR_FILENO), fds[2];
    ssize_t length;

    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    dup2(fds[1], STDERR_FILENO);
    log_output_open(true, true);
    log_output_line(level, process, text, (int)strlen(text));
    dup2(kept, STDERR_FILENO);
    length = read(fds[0], buffer, sizeof(buffer) - 1);
    buffer[length < 0 ? 0 : length] = '\0';
    close(kept);
    close(fds[0]);
    close(fds[1]);
    return buffer;
}

static void test_a_line_names_its_process_and_level(void **state)
{
    (void)state;
    assert_non_null(strstr(said(LOG_LEVEL_WARNING, "vrrp", "all is well"), " warning: vrrp: all is well\n"));
    assert_non_null(strstr(said(LOG_LEVEL_NOTICE, "", "our own"), " notice: our own\n"));
}

static void test_what_a_process_says_stays_one_line(void **state)
{
    const char *line = said(LOG_LEVEL_INFO, "checker", "one\nerror: two\r\033[2J\177 end");

    (void)state;
    assert_non_null(strstr(line, " info: checker: one error: two  [2J  end\n"));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void test_a_level_that_is_none_is_an_error(void **state)
{
    (void)state;
    assert_non_null(strstr(said((enum log_level)99, "checker", "text"), " error: checker: text\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_names_its_process_and_level),
        cmocka_unit_test(test_what_a_process_says_stays_one_line),
        cmocka_unit_test(test_a_level_that_is_none_is_an_error),
    };

    unsetenv("JOURNAL_STREAM");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
