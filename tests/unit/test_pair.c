/* Two machines' configurations together: what differs, and who is master after which failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/pair.h"
#include "fake_host.h"

#define BEGIN "vrrp_instance V {\n interface eth0\n"
#define VIP   " virtual_ipaddress {\n 192.0.2.100/24\n }\n"

struct rig {
    struct conf_result *results[PAIR_BOXES];
    struct pair *pair;
    struct pair_failure *failures;
    size_t failure_count;
    struct pair_world *world;
    struct pair_outcome outcomes[8];
};

static void set_up(struct rig *rig, const char *a, const char *b)
{
    rig->results[0] = fake_load(a);
    rig->results[1] = fake_load(b);
    rig->pair = pair_new(conf_result_model(rig->results[0]), conf_result_model(rig->results[1]));
    rig->failures = pair_failures(rig->pair, &rig->failure_count);
    rig->world = pair_world_new(rig->pair, rig->failures, rig->failure_count);
    assert_in_range(rig->pair->match_count, 1, 8);
}

static void tear_down(struct rig *rig)
{
    pair_world_free(rig->world);
    free(rig->failures);
    pair_free(rig->pair);
    conf_result_free(rig->results[0]);
    conf_result_free(rig->results[1]);
}

/* Whether some finding has those words; with NULL, whether there is any. */
static bool is_found(const struct rig *rig, const char *words)
{
    for (size_t i = 0; i < rig->pair->finding_count; i++) {
        if (words == NULL || strstr(rig->pair->findings[i].text, words) != NULL)
            return true;
    }
    return false;
}

static void assert_finds(const char *a, const char *b, const char *words)
{
    struct rig rig;

    set_up(&rig, a, b);
    if (!is_found(&rig, words))
        print_error("not found: %s\n", words);
    assert_true(is_found(&rig, words));
    tear_down(&rig);
}

static const struct pair_outcome *run(struct rig *rig, unsigned int box, enum pair_failure_kind kind,
                                      const char *name)
{
    for (size_t i = 0; i < rig->failure_count; i++) {
        const struct pair_failure *failure = &rig->failures[i];

        if (failure->box != box || failure->kind != kind)
            continue;
        if (name != NULL && strcmp(failure->name, name) != 0)
            continue;
        pair_world_run(rig->world, failure, rig->outcomes);
        return rig->outcomes;
    }
    fail_msg("there is no such failure");
    return NULL;
}

/* ------------------------------------------------------------------ differences */

static void test_twins_have_nothing_to_complain_of(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, BEGIN " virtual_router_id 5\n priority 150\n" VIP "}\n",
           BEGIN " virtual_router_id 5\n priority 100\n" VIP "}\n");
    assert_false(is_found(&rig, NULL));
    assert_int_equal(rig.pair->match_count, 1);
    tear_down(&rig);
}

static void test_differences_are_found(void **state)
{
    const char *a = BEGIN " virtual_router_id 5\n priority 150\n" VIP "}\n";

    (void)state;
    assert_finds(a, BEGIN " virtual_router_id 6\n" VIP "}\n", "virtual_router_ids differ");
    assert_finds(a, BEGIN " virtual_router_id 5\n version 3\n" VIP "}\n", "VRRP versions differ");
    assert_finds(a, BEGIN " virtual_router_id 5\n advert_int 2\n" VIP "}\n", "advert_ints differ");
    assert_finds(a, BEGIN " virtual_router_id 5\n priority 150\n" VIP "}\n", "the higher address decides");
    assert_finds(a, BEGIN " virtual_router_id 5\n virtual_ipaddress {\n 192.0.2.101/24\n }\n}\n",
                 "192.0.2.100/24 is held by A");
    assert_finds(a, BEGIN " virtual_router_id 5\n virtual_ipaddress {\n 192.0.2.101/24\n }\n}\n",
                 "192.0.2.101/24 is held by B");
    assert_finds(a, BEGIN " virtual_router_id 5\n unicast_peer {\n 192.0.2.1\n }\n" VIP "}\n",
                 "one speaks unicast");
    assert_finds(
        a, BEGIN " virtual_router_id 5\n authentication {\n auth_type PASS\n auth_pass x\n }\n" VIP "}\n",
        "kinds of authentication differ");
    assert_finds(a, "vrrp_instance W {\n interface eth1\n virtual_router_id 9\n" VIP "}\n", "only B has");
    assert_finds(BEGIN " version 3\n virtual_router_id 5\n" VIP "}\n",
                 BEGIN " version 3\n virtual_router_id 5\n advert_int 2\n" VIP "}\n", "2 s in B");
}

/* All in one run: who mends the first must not be told of the second only then. */
static void test_several_differences_are_all_told(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig,
           BEGIN " virtual_router_id 5\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass one\n "
                 "}\n" VIP "}\n",
           BEGIN " virtual_router_id 6\n advert_int 2\n authentication {\n auth_type PASS\n auth_pass two\n "
                 "}\n unicast_peer {\n 192.0.2.1\n }\n" VIP "}\n");
    assert_true(is_found(&rig, "virtual_router_ids differ"));
    assert_true(is_found(&rig, "advert_ints differ"));
    assert_true(is_found(&rig, "passwords differ"));
    assert_true(is_found(&rig, "one speaks unicast"));
    tear_down(&rig);
}

static void test_passwords_are_compared_and_not_shown(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, BEGIN " virtual_router_id 5\n authentication {\n auth_type PASS\n auth_pass one\n }\n}\n",
           BEGIN " virtual_router_id 5\n authentication {\n auth_type PASS\n auth_pass two\n }\n}\n");
    assert_true(is_found(&rig, "passwords differ"));
    assert_false(is_found(&rig, "one "));
    assert_false(is_found(&rig, "two"));
    tear_down(&rig);
}

#define UNICAST(own, peer)                                                                                   \
    BEGIN " virtual_router_id 5\n unicast_src_ip " own "\n unicast_peer {\n " peer "\n }\n"

static void test_peers_that_do_not_name_each_other(void **state)
{
    struct rig rig;

    (void)state;
    assert_finds(UNICAST("192.0.2.1", "192.0.2.2") "}\n", UNICAST("192.0.2.2", "192.0.2.3") "}\n",
                 "does not name the other's unicast_src_ip");
    set_up(&rig, UNICAST("192.0.2.1", "192.0.2.2") " priority 150\n}\n",
           UNICAST("192.0.2.2", "192.0.2.1") "}\n");
    assert_false(is_found(&rig, NULL));
    assert_int_equal(run(&rig, 0, PAIR_BOX, NULL)->verdict, PAIR_FAILS_OVER);
    tear_down(&rig);
}

/* ------------------------------------------------------------------ failures */

static void test_a_dead_box_is_replaced(void **state)
{
    const struct pair_outcome *outcome;
    struct rig rig;

    (void)state;
    set_up(&rig, BEGIN " virtual_router_id 5\n priority 150\n" VIP "}\n",
           BEGIN " virtual_router_id 5\n priority 100\n" VIP "}\n");
    outcome = run(&rig, 0, PAIR_BOX, NULL);
    assert_int_equal(outcome->before, 1);
    assert_int_equal(outcome->after, 2);
    assert_int_equal(outcome->verdict, PAIR_FAILS_OVER);
    assert_true(outcome->seconds > 2.0 && outcome->seconds < 4.0); /* simulated: three adverts and the skew */
    assert_int_equal(run(&rig, 1, PAIR_BOX, NULL)->verdict, PAIR_STAYS);
    assert_int_equal(run(&rig, 0, PAIR_INTERFACE, "eth0")->verdict, PAIR_FAILS_OVER);
    assert_int_equal(run(&rig, 1, PAIR_INTERFACE, "eth0")->verdict, PAIR_STAYS);
    tear_down(&rig);
}

static void test_strangers_are_both_master(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, BEGIN " virtual_router_id 5\n" VIP "}\n", BEGIN " virtual_router_id 6\n" VIP "}\n");
    assert_int_equal(run(&rig, 0, PAIR_BOX, NULL)->verdict, PAIR_BOTH);
    tear_down(&rig);
}

static void test_one_alone_is_not_replaced(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, BEGIN " virtual_router_id 5\n" VIP "}\n", "global_defs {\n router_id b\n}\n");
    assert_int_equal(run(&rig, 0, PAIR_BOX, NULL)->verdict, PAIR_NOBODY);
    tear_down(&rig);
}

#define TRACKING(priority, weight)                                                                           \
    "vrrp_track_process P {\n process nginx\n}\n" BEGIN " virtual_router_id 5\n priority " priority          \
    "\n track_process {\n P" weight "\n }\n" VIP "}\n"

static enum pair_verdict verdict_of_process(const char *a, const char *b)
{
    enum pair_verdict verdict;
    struct rig rig;

    set_up(&rig, a, b);
    verdict = run(&rig, 0, PAIR_PROCESS, "P")->verdict;
    tear_down(&rig);
    return verdict;
}

static void test_weights_decide(void **state)
{
    (void)state;
    assert_int_equal(verdict_of_process(TRACKING("150", " weight -60"), TRACKING("100", " weight -60")),
                     PAIR_FAILS_OVER);
    assert_int_equal(verdict_of_process(TRACKING("150", " weight -20"), TRACKING("100", " weight -20")),
                     PAIR_NO_FAILOVER);
    assert_int_equal(verdict_of_process(TRACKING("110", " weight 20"), TRACKING("100", " weight 20")),
                     PAIR_FAILS_OVER);
    assert_int_equal(verdict_of_process(TRACKING("150", ""), TRACKING("100", "")), PAIR_FAILS_OVER);
}

/* What one box tracks under the same name as the other fails on that box alone. */
static void test_only_one_box_fails(void **state)
{
    struct rig rig;

    (void)state;
    set_up(&rig, TRACKING("150", ""), TRACKING("100", ""));
    assert_int_equal(run(&rig, 1, PAIR_PROCESS, "P")->verdict, PAIR_STAYS);
    assert_int_equal(run(&rig, 0, PAIR_PROCESS, "P")->verdict, PAIR_FAILS_OVER);
    assert_int_equal(run(&rig, 1, PAIR_PROCESS, "P")->verdict, PAIR_STAYS);
    tear_down(&rig);
}

static void test_nopreempt_makes_weights_vain(void **state)
{
    const char *b = "vrrp_instance V {\n interface eth0\n nopreempt\n virtual_router_id 5\n" VIP "}\n";

    (void)state;
    assert_int_equal(verdict_of_process(TRACKING("150", " weight -60"), b), PAIR_NO_FAILOVER);
    assert_int_equal(verdict_of_process(TRACKING("150", ""), b), PAIR_FAILS_OVER);
}

#define GROUP(priority)                                                                                      \
    "vrrp_sync_group G {\n group {\n V\n W\n }\n}\n" BEGIN " virtual_router_id 5\n priority " priority       \
    "\n" VIP "}\nvrrp_instance W {\n interface eth1\n virtual_router_id 6\n priority " priority "\n}\n"

static void test_groups_move_together(void **state)
{
    const struct pair_outcome *outcomes;
    struct rig rig;

    (void)state;
    set_up(&rig, GROUP("150"), GROUP("100"));
    outcomes = run(&rig, 0, PAIR_INTERFACE, "eth1");
    assert_int_equal(outcomes[0].verdict, PAIR_FAILS_OVER);
    assert_int_equal(outcomes[1].verdict, PAIR_FAILS_OVER);
    tear_down(&rig);
}

static void test_what_is_apart_stays_untouched(void **state)
{
    const char *w = "vrrp_instance W {\n interface eth1\n virtual_router_id 6\n}\n";
    char a[512], b[512];
    struct rig rig;

    (void)state;
    snprintf(a, sizeof(a), BEGIN " virtual_router_id 5\n priority 150\n" VIP "}\n%s", w);
    snprintf(b, sizeof(b), BEGIN " virtual_router_id 5\n priority 100\n" VIP "}\n%s", w);
    set_up(&rig, a, b);
    assert_int_equal(run(&rig, 0, PAIR_INTERFACE, "eth0")[0].verdict, PAIR_FAILS_OVER);
    assert_int_equal(rig.outcomes[1].verdict, PAIR_UNTOUCHED);
    tear_down(&rig);
}

/* ------------------------------------------------------------------ the command */

#define ON_LOOPBACK(id, more)                                                                                \
    "vrrp_instance V {\n interface lo\n virtual_router_id " id "\n" more " virtual_ipaddress {\n"            \
    " 192.0.2.100/24\n }\n}\n"

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void test_exit_status(void **state)
{
    char folder[] = "/tmp/tandem-pair-XXXXXX", a[64], b[64];
    const char *const files[PAIR_BOXES] = {a, b};

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(a, sizeof(a), "%s/a.conf", folder);
    snprintf(b, sizeof(b), "%s/b.conf", folder);
    write_file(a, ON_LOOPBACK("5", " priority 150\n"));
    write_file(b, ON_LOOPBACK("5", ""));
    assert_int_equal(pair_check(files, "x", false), 0);
    assert_int_equal(pair_check(files, "x", true), 0);
    write_file(b, ON_LOOPBACK("5", " priority 150\n"));
    assert_int_equal(pair_check(files, "x", false), 1);
    write_file(b, ON_LOOPBACK("5", " priority\n"));
    assert_int_equal(pair_check(files, "x", false), 2);
    assert_int_equal(pair_check(files, "x", true), 2);
    unlink(a);
    unlink(b);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twins_have_nothing_to_complain_of),
        cmocka_unit_test(test_differences_are_found),
        cmocka_unit_test(test_several_differences_are_all_told),
        cmocka_unit_test(test_passwords_are_compared_and_not_shown),
        cmocka_unit_test(test_peers_that_do_not_name_each_other),
        cmocka_unit_test(test_a_dead_box_is_replaced),
        cmocka_unit_test(test_strangers_are_both_master),
        cmocka_unit_test(test_one_alone_is_not_replaced),
        cmocka_unit_test(test_weights_decide),
        cmocka_unit_test(test_only_one_box_fails),
        cmocka_unit_test(test_nopreempt_makes_weights_vain),
        cmocka_unit_test(test_groups_move_together),
        cmocka_unit_test(test_what_is_apart_stays_untouched),
        cmocka_unit_test(test_exit_status),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
