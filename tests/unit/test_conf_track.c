/* vrrp_script, track_file, vrrp_track_process, and what instances and groups may track. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/key.h"
#include "conf/script_path.h"
#include "fake_host.h"

#define INSTANCE(name, vrid, more)                                                                           \
    "vrrp_instance " name " {\n interface eth0\n virtual_router_id " vrid                                    \
    "\n virtual_ipaddress {\n 192.0.2." vrid "\n }\n" more "}\n"
#define SCRIPT(name, more) "vrrp_script " name " {\n script \"/bin/check " name "\"\n" more "}\n"

static const struct conf_model *load(const char *text, size_t complaints)
{
    fake_model(text);
    if (conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_COMPLAINT) != complaints ||
        conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_REFUSAL) != 0) {
        char *all = fake_print(fake_result);

        fail_msg("%zu complaints expected: %s", complaints, all);
    }
    return conf_result_model(fake_result);
}

/* ------------------------------------------------------------------ scripts */

static void test_a_script_and_its_defaults(void **state)
{
    const struct conf_model *model =
        load(SCRIPT("chk", "") INSTANCE("V", "7", " track_script {\n chk\n }\n"), 0);
    const struct conf_track_script *script = model->track_scripts.items[0];
    const struct conf_recurring_script *recurring = model->recurring_scripts.items[0];
    const struct conf_tracked *tracked = model->instances.items[0]->tracked.items[0];

    (void)state;
    assert_string_equal(script->name, "chk");
    assert_int_equal(script->key, conf_key_tracked(CONF_TRACKED_SCRIPT, "chk"));
    assert_int_equal(script->interval_us, 1000000);
    assert_int_equal(script->timeout_us, 1000000);
    assert_int_equal(script->rise, 1);
    assert_int_equal(script->fall, 1);
    assert_false(script->init_fail);
    assert_int_equal(recurring->key, script->key);
    assert_string_equal(recurring->name, "vrrp_script chk");
    assert_string_equal(recurring->script.words.items[0], "/bin/check");
    assert_string_equal(recurring->script.words.items[1], "chk");
    assert_int_equal(recurring->script.uid,
                     fake_host.own_uid); /* whoever the daemon is, without keepalived_script */
    assert_int_equal(recurring->timeout_us, 1000000);
    assert_int_equal(tracked->kind, CONF_TRACKED_SCRIPT);
    assert_int_equal(tracked->key, script->key);
    assert_int_equal(tracked->weight, 0);
    assert_false(tracked->reverse);
}

static void test_everything_said(void **state)
{
    const struct conf_model *model = load(
        "vrrp_script chk {\n script \"/usr/bin/killall -0 'a b'\"\n interval 0.5\n timeout 3\n rise 2\n fall "
        "4\n weight -20 reverse\n user alice wheel\n init_fail\n}\n" INSTANCE(
            "V", "7", " track_script {\n chk weight 10 noreverse\n }\n"),
        0);
    const struct conf_track_script *script = model->track_scripts.items[0];
    const struct conf_recurring_script *recurring = model->recurring_scripts.items[0];

    (void)state;
    assert_int_equal(script->interval_us, 500000);
    assert_int_equal(script->timeout_us, 3000000);
    assert_int_equal(script->rise, 2);
    assert_int_equal(script->fall, 4);
    assert_true(script->init_fail);
    assert_int_equal(recurring->script.words.count, 3);
    assert_string_equal(recurring->script.words.items[2], "a b");
    assert_int_equal(recurring->script.uid, 1000);
    assert_int_equal(recurring->script.gid, 10);
    assert_int_equal(recurring->timeout_us, 3000000);
    assert_int_equal(model->instances.items[0]->tracked.items[0]->weight, 10);
    assert_false(model->instances.items[0]->tracked.items[0]->reverse);
}

static void test_the_default_user(void **state)
{
    const struct conf_model *model;

    (void)state;
    fake_host_has_script_user = true;
    model = load(SCRIPT("chk", "") INSTANCE("V", "7", " track_script {\n chk\n }\n"), 0);
    assert_int_equal(model->recurring_scripts.items[0]->script.uid, 900);
    model = load("global_defs {\n script_user alice\n}\n" SCRIPT("chk", "")
                     INSTANCE("V", "7", " track_script {\n chk\n }\n"),
                 0);
    assert_int_equal(model->recurring_scripts.items[0]->script.uid, 1000);
    model = load(SCRIPT("chk", " user nobody-knows\n") INSTANCE("V", "7", " track_script {\n chk\n }\n"), 1);
    assert_int_equal(model->recurring_scripts.count, 0);
    assert_int_equal(model->instances.items[0]->tracked.count, 0);
}

static void test_a_file_that_can_be_opened(void **state)
{
    const struct conf_model *model = load(
        "vrrp_script up {\n script \"</run/up\"\n}\n" INSTANCE("V", "7", " track_script {\n up\n }\n"), 0);
    const struct conf_script *script = &model->recurring_scripts.items[0]->script;

    (void)state;
    assert_int_equal(script->words.count, 3);
    assert_string_equal(script->words.items[0], "/bin/sh");
    assert_string_equal(script->words.items[2], "</run/up");
}

static void test_values_that_are_corrected(void **state)
{
    const struct conf_model *model = load(SCRIPT("chk", " interval 0\n timeout 0\n weight 254\n")
                                              INSTANCE("V", "7", " track_script {\n chk\n chk\n chk2\n }\n"),
                                          5);

    (void)state;
    assert_int_equal(model->track_scripts.items[0]->interval_us, 1000000);
    assert_int_equal(model->track_scripts.items[0]->timeout_us, 1000000);
    assert_int_equal(model->instances.items[0]->tracked.count, 1);
    assert_int_equal(model->instances.items[0]->tracked.items[0]->weight, 253);
    assert_string_equal(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->suggestion, "chk");
    load("vrrp_script chk {\n script /bin/check -x\n}\n" INSTANCE("V", "7", " track_script {\n chk\n }\n"),
         1);
    load("vrrp_script chk {\n}\n" INSTANCE("V", "7", ""), 1);
    load(SCRIPT("chk", "") SCRIPT("chk", "") INSTANCE("V", "7", " track_script {\n chk\n }\n"), 1);
}

/* As with keepalived: what stands below is not known yet. */
static void test_a_list_names_what_stands_above(void **state)
{
    const struct conf_model *model =
        load(INSTANCE("V", "7", " track_script {\n chk\n }\n") SCRIPT("chk", ""), 1);

    (void)state;
    assert_int_equal(model->instances.items[0]->tracked.count, 0);
    assert_int_equal(model->track_scripts.count, 0); /* nobody tracks it */
}

/* ------------------------------------------------------------------ programs that are not there */

static int look(const char *path, struct stat *status, void *data)
{
    (void)data;
    memset(status, 0, sizeof(*status));
    status->st_mode = strcmp(path, "/bin/check") == 0 ? S_IFREG | 0755 : S_IFDIR | 0755;
    if (strcmp(path, "/opt/open") == 0)
        status->st_mode = S_IFREG | 0777;
    return strstr(path, "gone") == NULL ? 0 : -ENOENT;
}

static ssize_t no_link(const char *path, char *target, size_t size, void *data)
{
    (void)path;
    (void)target;
    (void)size;
    (void)data;
    return -EINVAL;
}

static void no_name(uint32_t id, char *name, size_t size, void *data)
{
    (void)id;
    (void)data;
    strncpy(name, "somebody", size);
}

static void test_a_program_that_is_not_there(void **state)
{
    static const struct script_path_files files = {look, no_link, no_name, no_name, NULL};
    const struct conf_model *model;

    (void)state;
    fake_host.script_files = &files;
    model = load("vrrp_script a {\n script /opt/gone\n}\n" SCRIPT("b", "")
                     INSTANCE("V", "7", " track_script {\n a\n b\n }\n"),
                 2); /* b is run without enable_script_security */
    assert_int_equal(model->instances.items[0]->tracked.count, 1);
    assert_string_equal(model->instances.items[0]->tracked.items[0]->name, "b");
    assert_non_null(
        strstr(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->text, "/opt/gone does not exist"));
    model =
        load("vrrp_script a {\n script /opt/open\n}\n" INSTANCE("V", "7", " track_script {\n a\n }\n"), 1);
    assert_int_equal(model->track_scripts.count, 1);
    model = load("global_defs {\n enable_script_security\n script_user root\n}\nvrrp_script a {\n script "
                 "/opt/open\n}\n" INSTANCE("V", "7", " track_script {\n a\n }\n"),
                 1);
    assert_int_equal(model->track_scripts.count, 0);
}

#define SECURE(global) "global_defs {\n script_user root\n " global "}\n"
#define NOTIFIED                                                                                             \
    INSTANCE("V", "7", " notify /bin/check\n notify_master /bin/check\n notify_fault /opt/gone\n")

/* A notify script that is not there is worth a note, as keepalived does not complain of it. */
static void test_scripts_without_security(void **state)
{
    static const struct script_path_files files = {look, no_link, no_name, no_name, NULL};

    (void)state;
    fake_host.script_files = &files;
    load(SECURE("") NOTIFIED, 1);
    assert_non_null(strstr(fake_find(fake_result, CONF_PROBLEM_MISSING, 0)->text, "enable_script_security"));
    assert_non_null(
        strstr(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->text, "/opt/gone does not exist"));
    load(SECURE("enable_script_security\n") NOTIFIED, 0);
    assert_int_equal(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->severity, CONF_NOTE);
}

/* Nothing becomes root's unasked where security is asked for; keepalived leaves such scripts out, too. */
static void test_security_without_a_user(void **state)
{
    const struct conf_model *model;

    (void)state;
    model = load("global_defs {\n enable_script_security\n}\n" SCRIPT("a", "") SCRIPT("b", "user root\n")
                     INSTANCE("V", "7", " track_script {\n a\n b\n }\n notify /bin/check\n"),
                 2);
    assert_int_equal(model->instances.items[0]->tracked.count, 1);
    assert_string_equal(model->instances.items[0]->tracked.items[0]->name, "b");
    assert_null(model->instances.items[0]->notify);
}

static void test_a_check_whose_program_is_not_there(void **state)
{
    static const struct script_path_files files = {look, no_link, no_name, no_name, NULL};
    const struct conf_model *model;

    (void)state;
    fake_host.script_files = &files;
    model = load(SECURE("enable_script_security\n") "virtual_server 192.0.2.1 80 {\n lb_kind DR\n lb_algo "
                                                    "rr\n protocol TCP\n"
                                                    " real_server 192.0.2.2 80 {\n MISC_CHECK {\n misc_path "
                                                    "/opt/gone\n }\n MISC_CHECK {\n"
                                                    " misc_path /bin/check\n }\n }\n}\n",
                 1);
    assert_int_equal(model->virtual_servers.items[0]->real_servers.items[0]->checkers.count, 1);
    assert_non_null(
        strstr(fake_find(fake_result, CONF_PROBLEM_REFERENCE, 0)->text, "this check is left out"));
}

/* ------------------------------------------------------------------ files and processes */

static void test_files(void **state)
{
    const struct conf_model *model =
        load("track_file a {\n file /run/a\n}\nvrrp_track_file b {\n file \"/run/b c\"\n weight -3 reverse\n "
             "init_file -5 overwrite\n}\n" INSTANCE("V", "7", " track_file {\n a\n b\n }\n"),
             0);
    const struct conf_track_file *a = model->track_files.items[0], *b = model->track_files.items[1];

    (void)state;
    assert_string_equal(a->path, "/run/a");
    assert_false(a->init_create);
    assert_int_equal(model->instances.items[0]->tracked.items[0]->weight, 1);
    assert_string_equal(b->path, "/run/b c");
    assert_true(b->init_create && b->init_overwrite);
    assert_int_equal(b->init_value, -5);
    assert_int_equal(model->instances.items[0]->tracked.items[1]->weight, -3);
    assert_true(model->instances.items[0]->tracked.items[1]->reverse);
    load("track_file a {\n}\n", 1);
    load("track_file a {\n file run/a\n}\n", 1);
    load("track_file a {\n file /run/a\n init_file 300 sometimes\n}\n", 2);
}

static void test_processes(void **state)
{
    const struct conf_model *model = load(
        "vrrp_track_process a {\n process haproxy\n}\nvrrp_track_process b {\n process /usr/sbin/x -D "
        "-f\n quorum 2\n quorum_max 4\n delay 0.5\n fork_delay 2\n weight 5\n}\nvrrp_track_process c {\n "
        "process y\n quorum_max 0\n param_match partial\n}\n" INSTANCE("V", "7",
                                                                       " track_process {\n a\n b\n c\n }\n"),
        0);
    const struct conf_track_process *a = model->track_processes.items[0];
    const struct conf_track_process *b = model->track_processes.items[1];
    const struct conf_track_process *c = model->track_processes.items[2];

    (void)state;
    assert_string_equal(a->process, "haproxy");
    assert_int_equal(a->quorum, 1);
    assert_int_equal(a->quorum_max, UINT32_MAX);
    assert_false(a->full_command);
    assert_int_equal(a->match, CONF_PARAM_NONE);
    assert_int_equal(b->parameters.count, 2);
    assert_true(b->full_command);
    assert_int_equal(b->match, CONF_PARAM_EXACT);
    assert_int_equal(b->quorum, 2);
    assert_int_equal(b->quorum_max, 4);
    assert_int_equal(b->terminate_delay_us, 500000);
    assert_int_equal(b->fork_delay_us, 2000000);
    assert_int_equal(c->quorum, 0);
    assert_int_equal(c->quorum_max, 0);
    assert_int_equal(c->match, CONF_PARAM_PARTIAL);
    load("vrrp_track_process a {\n}\n", 1);
    load("vrrp_track_process a {\n process x\n quorum 5\n quorum_max 2\n}\n", 1);
    model = load("vrrp_track_process a {\n process a-very-long-name-of-a-program\n}\n" INSTANCE(
                     "V", "7", " track_process {\n a\n }\n"),
                 0);
    assert_string_equal(model->track_processes.items[0]->process, "a-very-long-nam");
}

/* ------------------------------------------------------------------ weights that cannot count */

#define ALL SCRIPT("s", "") "track_file f {\n file /run/f\n}\nvrrp_track_process p {\n process p\n}\n"
#define TRACKS(script, file, process)                                                                        \
    " track_script {\n s" script "\n }\n track_file {\n f" file "\n }\n track_process {\n p" process "\n "   \
    "}\n"

static void test_a_member_of_a_group(void **state)
{
    const struct conf_model *model =
        load(ALL INSTANCE("A", "1", TRACKS(" weight 5", " weight 2", " weight 3"))
                 INSTANCE("B", "2", TRACKS("", "", "")) "vrrp_sync_group G {\n group {\n A B\n }\n}\n",
             3);
    const struct conf_instance *a = model->instances.items[0], *b = model->instances.items[1];

    (void)state;
    assert_int_equal(a->tracked.count, 1); /* the process */
    assert_int_equal(a->tracked.items[0]->weight, 3);
    assert_int_equal(b->tracked.count, 3);
    assert_int_equal(b->tracked.items[1]->weight, 0); /* the file's, which was 1 */
    model =
        load(ALL INSTANCE("A", "1", TRACKS(" weight 5", " weight 2", "")) "vrrp_sync_group G {\n group {\n "
                                                                          "A\n }\n "
                                                                          "sync_group_tracking_weight\n}\n",
             0);
    assert_int_equal(model->instances.items[0]->tracked.count, 3);
    assert_int_equal(model->instances.items[0]->tracked.items[0]->weight, 5);
}

static void test_an_owner(void **state)
{
    const struct conf_model *model =
        load(ALL INSTANCE("A", "1",
                          " priority 255\n" TRACKS(" weight 5", "", "")) "vrrp_sync_group G {\n group {\n "
                                                                         "A\n }\n track_script {\n s weight "
                                                                         "7\n }\n "
                                                                         "sync_group_tracking_weight\n}\n",
             3);

    (void)state;
    assert_int_equal(model->instances.items[0]->tracked.count, 2);
    assert_int_equal(model->instances.items[0]->tracked.items[0]->kind, CONF_TRACKED_FILE);
    assert_int_equal(model->instances.items[0]->tracked.items[0]->weight, 0);
    assert_int_equal(model->sync_groups.items[0]->tracked.items[0]->weight, 0);
}

static void test_tracked_by_both(void **state)
{
    const struct conf_model *model = load(
        ALL INSTANCE("A", "1", " track_file {\n f weight 2\n }\n")
            INSTANCE("B", "2", " track_file {\n f weight 0\n }\n") "vrrp_sync_group G {\n group {\n A B\n "
                                                                   "}\n track_file {\n f weight 9\n }\n "
                                                                   "sync_group_tracking_weight\n}\n",
        2);

    (void)state;
    assert_int_equal(model->instances.items[0]->tracked.count, 0);
    assert_int_equal(model->instances.items[1]->tracked.count, 1);
    assert_int_equal(model->sync_groups.items[0]->tracked.items[0]->weight, 9);
}

#define TEST(function) cmocka_unit_test_teardown(function, fake_release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_script_and_its_defaults),
        TEST(test_everything_said),
        TEST(test_the_default_user),
        TEST(test_a_file_that_can_be_opened),
        TEST(test_values_that_are_corrected),
        TEST(test_a_list_names_what_stands_above),
        TEST(test_a_program_that_is_not_there),
        TEST(test_scripts_without_security),
        TEST(test_security_without_a_user),
        TEST(test_a_check_whose_program_is_not_there),
        TEST(test_files),
        TEST(test_processes),
        TEST(test_a_member_of_a_group),
        TEST(test_an_owner),
        TEST(test_tracked_by_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
