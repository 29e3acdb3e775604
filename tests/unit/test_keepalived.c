/* Finding a running keepalived, in a made-up /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/keepalived.h"
#include "sample_model.h"

static char proc[] = "/tmp/test_keepalived.XXXXXX";
static struct keepalived_process found[KEEPALIVED_MAX];

static const char *in_proc(const char *pid, const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s/%s", proc, pid, name);
    return path;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void add_process(const char *pid, const char *name, const char *namespace, const char *words,
                        size_t length)
{
    assert_int_equal(mkdir(in_proc(pid, ""), 0755), 0);
    assert_int_equal(mkdir(in_proc(pid, "ns"), 0755), 0);
    assert_int_equal(symlink(namespace, in_proc(pid, "ns/net")), 0);
    assert_int_equal(symlink("/srv", in_proc(pid, "cwd")), 0);
    write_file(in_proc(pid, "comm"), name, strlen(name));
    write_file(in_proc(pid, "cmdline"), words, length);
}

#define ADD(pid, name, namespace, words) add_process(pid, name, namespace, words, sizeof(words))

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
    strcpy(proc + strlen(proc) - 6, "XXXXXX");
    assert_non_null(mkdtemp(proc));
    ADD("self", "test_keepalived\n", "net:[1]", "test_keepalived");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return nftw(proc, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void expect_file(const char *file)
{
    assert_int_equal(keepalived_find(proc, found), 1);
    assert_string_equal(found[0].file, file);
}

static void test_nobody(void **state)
{
    (void)state;
    ADD("1", "init\n", "net:[1]", "/sbin/init");
    assert_int_equal(keepalived_find(proc, found), 0);
    assert_int_equal(keepalived_find("/nonexistent", found), 0);
}

static void test_another_namespace_does_not_count(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[2]", "keepalived");
    assert_int_equal(keepalived_find(proc, found), 0);
}

static void test_one_daemon_counts_once(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[1]", "/usr/sbin/keepalived\0--dont-fork");
    ADD("21", "keepalived_vrrp\n", "net:[1]", "/usr/sbin/keepalived\0--dont-fork");
    expect_file("/etc/keepalived/keepalived.conf");
    assert_true(found[0].pid == 20 || found[0].pid == 21);
}

static void test_long_option(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[1]", "keepalived\0--use-file=/etc/a.conf\0-n");
    expect_file("/etc/a.conf");
}

static void test_short_option_in_a_bundle(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[1]", "keepalived\0-p\0/run/f.pid\0-nlf\0b.conf");
    expect_file("/srv/b.conf");
}

static void test_short_option_with_its_value(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[1]", "keepalived\0-pfoo\0-f/etc/c.conf");
    expect_file("/etc/c.conf");
}

static void test_checkers_alone_do_not_count(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[1]", "keepalived\0-C");
    assert_int_equal(keepalived_find(proc, found), 0);
}

static void test_cut_off_command_lines(void **state)
{
    (void)state;
    add_process("20", "keepalived\n", "net:[1]", "", 0);
    expect_file("/etc/keepalived/keepalived.conf");
    write_file(in_proc("20", "cmdline"), "keepalived\0-f", 13);
    expect_file("/etc/keepalived/keepalived.conf");
}

/* Started by a link, or named so in the configuration. */
static void test_tandem_under_that_name_does_not_count(void **state)
{
    (void)state;
    ADD("20", "keepalived\n", "net:[1]", "/usr/sbin/keepalived\0-n");
    assert_int_equal(symlink("/usr/sbin/tandemd", in_proc("20", "exe")), 0);
    ADD("21", "keepalived_vrrp\n", "net:[1]", "/usr/libexec/tandem/tandem-vrrp");
    assert_int_equal(symlink("/usr/libexec/tandem/tandem-vrrp (deleted)", in_proc("21", "exe")), 0);
    assert_int_equal(keepalived_find(proc, found), 0);
    ADD("22", "keepalived\n", "net:[1]", "/usr/sbin/keepalived\0-n");
    assert_int_equal(symlink("/usr/sbin/keepalived", in_proc("22", "exe")), 0);
    assert_int_equal(keepalived_find(proc, found), 1);
}

static void test_conflict_is_router_and_interface(void **state)
{
    struct conf_model *ours = sample_model(), *theirs = sample_model();

    (void)state;
    assert_ptr_equal(keepalived_conflict(ours, theirs), ours->instances.items[0]);
    theirs->instances.items[0]->vrid = 52;
    assert_ptr_equal(keepalived_conflict(ours, theirs), ours->instances.items[1]);
    theirs->instances.items[1]->interface = NULL;
    assert_null(keepalived_conflict(ours, theirs));
    conf_model_free(ours);
    conf_model_free(theirs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_namespace_does_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_daemon_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_option, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_option_in_a_bundle, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_short_option_with_its_value, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_checkers_alone_do_not_count, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cut_off_command_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tandem_under_that_name_does_not_count, set_up, tear_down),
        cmocka_unit_test(test_conflict_is_router_and_interface),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
