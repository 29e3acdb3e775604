/* Files for signals: where they lie, and that what lies there already is not followed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/dump_file.h"

static char directory[] = "/tmp/test_dump_file.XXXXXX";

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(directory + strlen(directory) - 6, "XXXXXX");
    assert_non_null(mkdtemp(directory));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *in_directory(const char *name)
{
    static char path[200];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    return path;
}

static const char *content(const char *path)
{
    static char text[100];
    int fd = open(path, O_RDONLY);
    ssize_t length = read(fd, text, sizeof(text) - 1);

    text[length < 0 ? 0 : length] = '\0';
    close(fd);
    return text;
}

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static unsigned int entries(void)
{
    unsigned int count = 0;
    char command[100];
    FILE *list;

    snprintf(command, sizeof(command), "ls -A %s", directory);
    list = popen(command, "r");
    for (int letter = getc(list); letter != EOF; letter = getc(list))
        count += letter == '\n';
    pclose(list);
    return count;
}

static struct dump_file *written(const char *path, unsigned int mode, const char *text)
{
    int fd = -1;
    struct dump_file *file = dump_file_new(path, mode, &fd);

    assert_non_null(file);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return file;
}

static void test_a_file_appears_when_it_is_complete(void **state)
{
    const char *path = in_directory("a.json");
    struct dump_file *file;
    struct stat status;

    (void)state;
    put(path, "old");
    file = written(path, 0640, "new");
    assert_string_equal(content(path), "old");
    assert_true(dump_file_commit(file));
    dump_file_free(file);
    assert_string_equal(content(path), "new");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    assert_int_equal(entries(), 1);
}

static void test_what_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    dump_file_free(written(in_directory("a.json"), 0600, "new"));
    assert_int_equal(entries(), 0);
    dump_file_free(NULL);
}

static void test_a_link_is_replaced_and_not_followed(void **state)
{
    char victim[200];
    const char *path;
    struct dump_file *file;
    struct stat status;

    (void)state;
    strcpy(victim, in_directory("victim"));
    put(victim, "precious");
    path = in_directory("a.json");
    assert_int_equal(symlink(victim, path), 0);
    file = written(path, 0600, "new");
    assert_true(dump_file_commit(file));
    dump_file_free(file);
    assert_string_equal(content(victim), "precious");
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISREG(status.st_mode));
}

static void test_a_directory_stays(void **state)
{
    const char *path = in_directory("a.json");
    struct dump_file *file;

    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    file = written(path, 0600, "new");
    assert_false(dump_file_commit(file));
    assert_int_equal(errno, EISDIR);
    dump_file_free(file);
    assert_int_equal(entries(), 1);
}

static void test_no_directory_is_an_error(void **state)
{
    int fd = -1;

    (void)state;
    assert_null(dump_file_new("/nonexistent/a.json", 0600, &fd));
    assert_int_equal(errno, ENOENT);
}

static void expect_path(enum dump_kind kind, const struct conf_daemon *settings, const char *namespace,
                        const char *expected)
{
    char *path = dump_path(kind, settings, namespace);

    assert_string_equal(path, expected);
    free(path);
}

static void test_names(void **state)
{
    struct conf_daemon settings = {0};

    (void)state;
    unsetenv("TMPDIR");
    expect_path(DUMP_DATA, &settings, NULL, "/tmp/keepalived.data");
    expect_path(DUMP_BALANCER, &settings, NULL, "/tmp/keepalived_check.data");
    expect_path(DUMP_STATS, &settings, NULL, "/tmp/keepalived.stats");
    expect_path(DUMP_JSON, &settings, NULL, "/tmp/keepalived.json");
    settings.instance = "left";
    expect_path(DUMP_JSON, &settings, "front", "/tmp/keepalived.json");
    settings.dump_names_instance = true;
    expect_path(DUMP_JSON, &settings, "front", "/tmp/keepalived.front_left.json");
    expect_path(DUMP_JSON, &settings, NULL, "/tmp/keepalived.left.json");
    settings.instance = NULL;
    expect_path(DUMP_BALANCER, &settings, "front", "/tmp/keepalived_check.front.data");
}

static void test_configured_names(void **state)
{
    struct conf_daemon settings = {.data_file = "/var/lib/", .stats_file = "s", .json_file = "/x.d/ka"};

    (void)state;
    unsetenv("TMPDIR");
    expect_path(DUMP_DATA, &settings, NULL, "/var/lib/keepalived.data");
    expect_path(DUMP_BALANCER, &settings, NULL, "/var/lib/keepalived_check.data");
    expect_path(DUMP_STATS, &settings, NULL, "/tmp/s");
    settings.dump_names_instance = true;
    settings.instance = "left";
    expect_path(DUMP_JSON, &settings, NULL, "/x.d/ka.left");
    setenv("TMPDIR", directory, 1);
    assert_int_equal(mkdir(directory, 0700) == 0 || errno == EEXIST, 1);
    settings.stats_file = "t/";
    expect_path(DUMP_STATS, &settings, NULL, in_directory("t/keepalived.left.stats"));
    setenv("TMPDIR", "relative", 1);
    settings.stats_file = NULL;
    expect_path(DUMP_STATS, &settings, NULL, "/tmp/keepalived.left.stats");
    unsetenv("TMPDIR");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_file_appears_when_it_is_complete),
        TEST(test_what_is_given_up_leaves_nothing),
        TEST(test_a_link_is_replaced_and_not_followed),
        TEST(test_a_directory_stays),
        TEST(test_no_directory_is_an_error),
        TEST(test_names),
        TEST(test_configured_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
