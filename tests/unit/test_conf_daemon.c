/* Where the processes run and what their files are called: keywords of the top level and of global_defs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "fake_host.h"

static const struct conf_daemon *load(const char *text)
{
    return &fake_model(text)->daemon;
}

static size_t complaints(void)
{
    return conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_COMPLAINT) +
           conf_diagnostics_total(conf_result_diagnostics(fake_result), CONF_REFUSAL);
}

static void test_defaults(void **state)
{
    const struct conf_daemon *daemon = load("global_defs {\n}\n");

    (void)state;
    assert_int_equal(daemon->umask, 0177);
    assert_int_equal(daemon->json_version, 1);
    assert_null(daemon->instance);
    assert_null(daemon->network_namespace);
    assert_null(daemon->ipvs_namespace);
    assert_false(daemon->ipvs_where_started);
    assert_false(daemon->dump_names_instance);
    assert_null(daemon->json_file);
    assert_int_equal(daemon->vrrp.realtime_priority, 0);
    assert_int_equal(daemon->vrrp.cpus_low, 0);
    assert_int_equal(complaints(), 0);
}

static void test_namespaces_and_names(void **state)
{
    const struct conf_daemon *daemon = load("net_namespace front\nnet_namespace_ipvs back\ninstance left\n"
                                            "child_wait_time 9\nglobal_defs {\n process_name a\n"
                                            " vrrp_process_name b\n checker_process_name c\n}\n");

    (void)state;
    assert_int_equal(complaints(), 0);
    assert_string_equal(daemon->network_namespace, "front");
    assert_string_equal(daemon->ipvs_namespace, "back");
    assert_string_equal(daemon->instance, "left");
    assert_int_equal(daemon->child_wait_s, 9);
    assert_string_equal(daemon->name, "a");
    assert_string_equal(daemon->vrrp.name, "b");
    assert_string_equal(daemon->checker.name, "c");
    daemon = load("net_namespace front\nnet_namespace_ipvs\n");
    assert_true(daemon->ipvs_where_started);
    assert_null(daemon->ipvs_namespace);
}

static void test_names_cannot_leave_their_directory(void **state)
{
    static const char *const texts[] = {"instance ../a\n", "net_namespace a/b\n", "instance .\n",
                                        "net_namespace_ipvs /x\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct conf_daemon *daemon = load(texts[i]);

        assert_null(daemon->instance);
        assert_null(daemon->network_namespace);
        assert_null(daemon->ipvs_namespace);
        assert_int_equal(complaints(), 1);
    }
}

static void test_umask(void **state)
{
    static const struct {
        const char *text;
        unsigned int mask;
        size_t complaints;
    } cases[] = {
        {"022", 022, 0},           {"0x12", 022, 0},       {"18", 022, 0},     {"IRWXG|IWOTH", 072, 0},
        {"IRWXG | IWOTH", 072, 0}, {"IRWXO", 07, 0},       {"01000", 0177, 1}, {"-1", 0177, 1},
        {"IWHAT", 0177, 1},        {"022 IRWXO", 0177, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[100] = "global_defs {\n umask ";

        strcat(text, cases[i].text);
        strcat(text, "\n}\n");
        assert_int_equal(load(text)->umask, cases[i].mask);
        assert_int_equal(complaints(), cases[i].complaints);
    }
}

static void test_tuning(void **state)
{
    const struct conf_daemon *daemon =
        load("global_defs {\n vrrp_rt_priority 60\n vrrp_cpu_affinity 0 3 64\n checker_priority -7\n"
             " checker_rt_priority 3\n checker_no_swap\n checker_cpu_affinity 1\n}\n");

    (void)state;
    assert_int_equal(complaints(), 0);
    assert_int_equal(daemon->vrrp.realtime_priority, 60);
    assert_int_equal(daemon->vrrp.cpus_low, 9);
    assert_int_equal(daemon->vrrp.cpus_high, 1);
    assert_int_equal(daemon->checker.nice, -7);
    assert_int_equal(daemon->checker.realtime_priority, 3);
    assert_true(daemon->checker.lock_memory);
    assert_int_equal(daemon->checker.cpus_low, 2);
    load("global_defs {\n vrrp_cpu_affinity 128\n}\n");
    assert_int_equal(complaints(), 1);
}

static void test_dump_files(void **state)
{
    const struct conf_daemon *daemon =
        load("global_defs {\n state_dump_file /a/\n stats_dump_file b.stats\n"
             " json_dump_file /c.json\n json_version 2\n data_use_instance\n}\n");

    (void)state;
    assert_int_equal(complaints(), 0);
    assert_string_equal(daemon->data_file, "/a/");
    assert_string_equal(daemon->stats_file, "b.stats");
    assert_string_equal(daemon->json_file, "/c.json");
    assert_int_equal(daemon->json_version, 2);
    assert_true(daemon->dump_names_instance);
}

static void test_reloads(void **state)
{
    const struct conf_daemon *daemon = load("global_defs {\n}\n");

    (void)state;
    assert_false(daemon->reload_check);
    assert_false(daemon->reload_repeat);
    assert_false(daemon->reload_flag);
    assert_null(daemon->reload_time_file);
    daemon = load("global_defs {\n reload_check_config\n reload_file\n}\n");
    assert_true(daemon->reload_check);
    assert_null(daemon->reload_log);
    assert_true(daemon->reload_flag);
    assert_null(daemon->reload_flag_file);
    daemon = load("global_defs {\n reload_check_config /var/log/check\n reload_time_file /etc/when\n"
                  " reload_repeat\n reload_file /run/reading\n}\n");
    assert_true(daemon->reload_check);
    assert_string_equal(daemon->reload_log, "/var/log/check");
    assert_string_equal(daemon->reload_time_file, "/etc/when");
    assert_true(daemon->reload_repeat);
    assert_true(daemon->reload_flag);
    assert_string_equal(daemon->reload_flag_file, "/run/reading");
    assert_int_equal(complaints(), 0);
    assert_null(load("global_defs {\n reload_check_config /dev/null\n}\n")->reload_log);
}

static void test_paths_of_reloads_are_absolute(void **state)
{
    const struct conf_daemon *daemon =
        load("global_defs {\n reload_check_config check\n reload_time_file when\n reload_file reading\n}\n");

    (void)state;
    assert_int_equal(complaints(), 3);
    assert_true(daemon->reload_check);
    assert_null(daemon->reload_log);
    assert_null(daemon->reload_time_file);
    assert_false(daemon->reload_flag);
    load("global_defs {\n reload_time_file\n}\n");
    assert_int_equal(complaints(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_defaults, fake_release),
        cmocka_unit_test_teardown(test_namespaces_and_names, fake_release),
        cmocka_unit_test_teardown(test_names_cannot_leave_their_directory, fake_release),
        cmocka_unit_test_teardown(test_umask, fake_release),
        cmocka_unit_test_teardown(test_tuning, fake_release),
        cmocka_unit_test_teardown(test_dump_files, fake_release),
        cmocka_unit_test_teardown(test_reloads, fake_release),
        cmocka_unit_test_teardown(test_paths_of_reloads_are_absolute, fake_release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
