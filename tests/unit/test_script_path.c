/* Script security over a made-up file system: what is unsafe is named, links are followed, users are heeded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/script_path.h"

struct entry {
    const char *path;
    unsigned int mode;
    unsigned int uid;
    unsigned int gid;
    const char *target;
};

static const struct entry entries[] = {
    {"/", S_IFDIR | 0755, 0, 0, NULL},
    {"/usr", S_IFDIR | 0755, 0, 0, NULL},
    {"/usr/bin", S_IFDIR | 0755, 0, 0, NULL},
    {"/usr/bin/notify", S_IFREG | 0755, 0, 0, NULL},
    {"/usr/bin/plain", S_IFREG | 0644, 0, 0, NULL},
    {"/usr/bin/alices", S_IFREG | 0755, 1000, 0, NULL},
    {"/usr/bin/for-group", S_IFREG | 0750, 0, 100, NULL},
    {"/usr/bin/pipe", S_IFIFO | 0755, 0, 0, NULL},
    {"/usr/bin/rootgroup", S_IFREG | 0775, 0, 0, NULL},
    {"/opt", S_IFDIR | 0775, 0, 50, NULL},
    {"/opt/notify", S_IFREG | 0755, 0, 0, NULL},
    {"/opt/plain", S_IFREG | 0644, 0, 0, NULL},
    {"/tmp", S_IFDIR | 01777, 0, 0, NULL},
    {"/tmp/notify", S_IFREG | 0755, 0, 0, NULL},
    {"/tmp/theirs", S_IFLNK | 0777, 1000, 0, "/usr/bin/notify"},
    {"/open", S_IFDIR | 0777, 0, 0, NULL},
    {"/open/notify", S_IFREG | 0755, 0, 0, NULL},
    {"/root", S_IFDIR | 0700, 0, 0, NULL},
    {"/root/notify", S_IFREG | 0755, 0, 0, NULL},
    {"/bin", S_IFLNK | 0777, 0, 0, "usr/bin"},
    {"/usr/bin/to-opt", S_IFLNK | 0777, 0, 0, "../../opt/notify"},
    {"/usr/bin/nowhere", S_IFLNK | 0777, 0, 0, "/usr/gone"},
    {"/usr/bin/loop", S_IFLNK | 0777, 0, 0, "loop"},
    {"/secret", S_IFDIR | 0755, 0, 0, "no permission"},
};

static const struct entry *entry_of(const char *path)
{
    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        if (strcmp(entries[i].path, path) == 0)
            return &entries[i];
    }
    return NULL;
}

static int look(const char *path, struct stat *status, void *data)
{
    const struct entry *entry = entry_of(path);

    (void)data;
    if (strncmp(path, "/secret/", 8) == 0)
        return -EACCES;
    if (entry == NULL)
        return -ENOENT;
    memset(status, 0, sizeof(*status));
    status->st_mode = entry->mode;
    status->st_uid = entry->uid;
    status->st_gid = entry->gid;
    return 0;
}

static ssize_t read_link(const char *path, char *target, size_t size, void *data)
{
    const struct entry *entry = entry_of(path);

    (void)data;
    return snprintf(target, size, "%s", entry->target);
}

static void user_name(uint32_t uid, char *name, size_t size, void *data)
{
    (void)data;
    snprintf(name, size, "%s", uid == 0 ? "root" : uid == 1000 ? "alice" : "nobody");
}

static void group_name(uint32_t gid, char *name, size_t size, void *data)
{
    (void)data;
    snprintf(name, size, "%s", gid == 50 ? "staff" : "users");
}

static const struct script_path_files files = {look, read_link, user_name, group_name, NULL};

static const struct script_path_user root;
static struct script_path_finding finding;

static void check(const char *path, uint32_t uid, enum script_path_fault fault, const char *message)
{
    script_path_check(path, &(struct script_path_user){uid, uid == 0 ? 0 : 100, NULL, 0}, &files, &finding);
    assert_string_equal(finding.message, message);
    assert_int_equal(finding.fault, fault);
}

static void test_good_paths(void **state)
{
    (void)state;
    check("/usr/bin/notify", 0, SCRIPT_PATH_GOOD, "");
    check("//usr/./bin/../bin//notify", 65534, SCRIPT_PATH_GOOD, "");
    check("/../bin/notify", 65534, SCRIPT_PATH_GOOD, "");
    check("/tmp/notify", 0, SCRIPT_PATH_GOOD, "");        /* sticky directory, root's file */
    check("/usr/bin/rootgroup", 0, SCRIPT_PATH_GOOD, ""); /* writable by root's group */
    check("/root/notify", 0, SCRIPT_PATH_GOOD, "");
}

static void test_what_others_may_write_is_named(void **state)
{
    (void)state;
    check("/opt/notify", 0, SCRIPT_PATH_UNSAFE, "/opt is writable by group staff (mode 0775)");
    check("/open/notify", 0, SCRIPT_PATH_UNSAFE, "/open is writable by everybody (mode 0777)");
    check("/usr/bin/alices", 0, SCRIPT_PATH_UNSAFE, "/usr/bin/alices is owned by alice, not by root");
    check("/usr/bin/to-opt", 0, SCRIPT_PATH_UNSAFE, "/opt is writable by group staff (mode 0775)");
    check("/tmp/theirs", 0, SCRIPT_PATH_UNSAFE, "/tmp/theirs is owned by alice, not by root");
    check("bin/notify", 0, SCRIPT_PATH_UNSAFE, "bin/notify is not an absolute path");
}

static void test_what_cannot_run_is_named(void **state)
{
    (void)state;
    check("/usr/bin/plain", 0, SCRIPT_PATH_NOT_EXECUTABLE,
          "/usr/bin/plain is not executable by user root (mode 0644, owner root)");
    check("/root/notify", 65534, SCRIPT_PATH_NOT_EXECUTABLE,
          "/root cannot be entered by user nobody (mode 0700, owner root)");
    check("/usr/bin", 0, SCRIPT_PATH_NOT_EXECUTABLE, "/usr/bin is a directory, not a program");
    check("/", 0, SCRIPT_PATH_NOT_EXECUTABLE, "/ is a directory, not a program");
    check("/usr/bin/pipe", 0, SCRIPT_PATH_NOT_EXECUTABLE, "/usr/bin/pipe is not a regular file");
    check("/opt/plain", 0, SCRIPT_PATH_NOT_EXECUTABLE, /* worse than that /opt is unsafe */
          "/opt/plain is not executable by user root (mode 0644, owner root)");
    check("/usr/bin/for-group", 65534, SCRIPT_PATH_GOOD, ""); /* its group is 100 */
    check("/usr/bin/for-group", 1000, SCRIPT_PATH_GOOD, "");
}

static void test_other_groups_count(void **state)
{
    static const uint32_t groups[] = {7, 100};
    const struct script_path_user with = {1000, 1, groups, 2}, without = {1000, 1, groups, 1};

    (void)state;
    script_path_check("/usr/bin/for-group", &without, &files, &finding);
    assert_int_equal(finding.fault, SCRIPT_PATH_NOT_EXECUTABLE);
    script_path_check("/usr/bin/for-group", &with, &files, &finding);
    assert_int_equal(finding.fault, SCRIPT_PATH_GOOD);
}

static void test_links_are_followed(void **state)
{
    (void)state;
    script_path_check("//usr/./bin/../bin//notify", &root, &files, &finding);
    assert_string_equal(finding.program, "/usr/bin/notify");
    script_path_check("/usr/bin/to-opt", &root, &files, &finding);
    assert_string_equal(finding.program, "/opt/notify");
}

static void test_what_is_not_there_is_named(void **state)
{
    (void)state;
    check("/usr/local/bin/notify", 0, SCRIPT_PATH_MISSING, "/usr/local does not exist");
    check("/usr/bin/nowhere", 0, SCRIPT_PATH_MISSING, "/usr/gone does not exist");
    check("/usr/bin/notify/x", 0, SCRIPT_PATH_MISSING, "/usr/bin/notify is not a directory");
    check("/secret/notify", 0, SCRIPT_PATH_UNKNOWN, "/secret/notify cannot be examined: Permission denied");
    check("/usr/bin/loop", 0, SCRIPT_PATH_UNKNOWN, "/usr/bin/loop: more than 40 links in a row");
}

static void test_overlong_paths_are_refused(void **state)
{
    static char path[PATH_MAX + 100];

    (void)state;
    memset(path, 'a', sizeof(path) - 1);
    path[0] = '/';
    script_path_check(path, &root, &files, &finding);
    assert_int_equal(finding.fault, SCRIPT_PATH_UNKNOWN);
    path[PATH_MAX - 1] = '\0';
    script_path_check(path, &root, &files, &finding);
    assert_int_equal(finding.fault, SCRIPT_PATH_MISSING);
    path[0] = 'b';
    assert_null(script_path_find(path, &files, path));
}

static void test_programs_are_found_by_name(void **state)
{
    char found[PATH_MAX];

    (void)state;
    assert_string_equal(script_path_find("notify", &files, found), "/usr/bin/notify");
    assert_string_equal(script_path_find("/opt/notify", &files, found), "/opt/notify");
    assert_null(script_path_find("absent", &files, found));
}

static void test_the_real_file_system(void **state)
{
    (void)state;
    script_path_check("/bin/sh", &root, &script_path_system, &finding);
    assert_string_equal(finding.message, "");
    script_path_check("/proc/version", &root, &script_path_system, &finding);
    assert_int_equal(finding.fault, SCRIPT_PATH_NOT_EXECUTABLE);
    assert_string_equal(finding.message,
                        "/proc/version is not executable by user root (mode 0444, owner root)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_paths),
        cmocka_unit_test(test_what_others_may_write_is_named),
        cmocka_unit_test(test_what_cannot_run_is_named),
        cmocka_unit_test(test_other_groups_count),
        cmocka_unit_test(test_links_are_followed),
        cmocka_unit_test(test_what_is_not_there_is_named),
        cmocka_unit_test(test_overlong_paths_are_refused),
        cmocka_unit_test(test_programs_are_found_by_name),
        cmocka_unit_test(test_the_real_file_system),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
