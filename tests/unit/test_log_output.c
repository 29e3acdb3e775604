/* Lines on their way out: marked with process and level, and always one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    log_output_open(&(struct log_output){.to_stderr = true, .foreground = true});
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

/* A path in a directory of our own; static memory. */
static const char *scratch(const char *name)
{
    static char directory[] = "/tmp/test_log_output.XXXXXX", path[100];
    static bool made;

    if (!made)
        assert_non_null(mkdtemp(directory));
    made = true;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static void open_with_file(const char *path)
{
    log_output_open(&(struct log_output){.no_syslog = true, .file = path, .umask = 0177});
}

static char *content(const char *path)
{
    static char text[2000];
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, text, sizeof(text) - 1);

    text[length < 0 ? 0 : length] = '\0';
    close(fd);
    return text;
}

static void test_a_log_file_is_appended_to_and_rotated(void **state)
{
    char path[100], old[100];
    struct stat status;

    (void)state;
    strcpy(path, scratch("log"));
    strcpy(old, scratch("log.1"));
    open_with_file(path);
    log_output_start_is_over();
    log_output_line(LOG_LEVEL_NOTICE, "vrrp", "one", 3);
    assert_non_null(strstr(content(path), " notice: vrrp: one\n"));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(rename(path, old), 0);
    log_output_line(LOG_LEVEL_NOTICE, "vrrp", "two", 3);
    log_output_reopen();
    log_output_line(LOG_LEVEL_NOTICE, "vrrp", "three", 5);
    assert_non_null(strstr(content(old), "two\n"));
    assert_non_null(strstr(content(path), "three\n"));
    assert_null(strstr(content(path), "two"));
    unlink(path);
    unlink(old);
}

/* In /tmp anybody may have put something there before us. */
static void test_a_log_file_is_no_link(void **state)
{
    char path[100], victim[100];

    (void)state;
    strcpy(path, scratch("link"));
    strcpy(victim, scratch("victim"));
    close(open(victim, O_CREAT | O_WRONLY, 0600));
    assert_int_equal(symlink(victim, path), 0);
    open_with_file(path);
    log_output_line(LOG_LEVEL_NOTICE, "vrrp", "one", 3);
    assert_string_equal(content(victim), "");
    unlink(path);
    unlink(victim);
}

static int remove_scratch(void **state)
{
    char path[100];

    (void)state;
    strcpy(path, scratch(""));
    return rmdir(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_names_its_process_and_level),
        cmocka_unit_test(test_what_a_process_says_stays_one_line),
        cmocka_unit_test(test_a_level_that_is_none_is_an_error),
        cmocka_unit_test(test_a_log_file_is_appended_to_and_rotated),
        cmocka_unit_test(test_a_log_file_is_no_link),
    };

    unsetenv("JOURNAL_STREAM");
    return cmocka_run_group_tests(tests, NULL, remove_scratch);
}
