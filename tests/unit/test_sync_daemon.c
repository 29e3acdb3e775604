/* Synchronisation daemons: which run, which should, and the orders between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/director/sync_daemon.h"

static char interface[] = "eth4";
static const struct conf_sync_daemon plain = {.interface = interface, .id = 5};

/* As the kernel shows one that was started with plain. */
static struct ipvs_daemon running(bool master)
{
    return (struct ipvs_daemon){.master = master,
                                .sync_id = 5,
                                .interface = "eth4",
                                .maxlen = 1472,
                                .port = 8848,
                                .ttl = 1,
                                .group_family = AF_INET,
                                .group = {224, 0, 0, 81}};
}

/* "stop backup, start master" */
static void expect(enum sync_duty duty, const struct conf_sync_daemon *conf, const struct ipvs_daemon *now,
                   uint32_t count, const char *wanted)
{
    struct ipvs_order orders[SYNC_ORDERS_MAX];
    char text[128] = "";
    size_t used = 0;

    count = sync_daemon_orders(duty, conf, now, count, orders);
    for (uint32_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %s", i > 0 ? ", " : "",
                                 orders[i].kind == IPVS_ORDER_START_DAEMON ? "start" : "stop",
                                 orders[i].daemon.master ? "master" : "backup");
    assert_string_equal(text, wanted);
}

static void test_roles(void **state)
{
    const struct ipvs_daemon master[] = {running(true)}, backup[] = {running(false)};
    const struct ipvs_daemon both[] = {running(true), running(false)};

    (void)state;
    expect(SYNC_UNKNOWN, &plain, both, 2, "");
    expect(SYNC_MASTER, &plain, NULL, 0, "start master");
    expect(SYNC_MASTER, &plain, master, 1, "");
    expect(SYNC_MASTER, &plain, backup, 1, "stop backup, start master");
    expect(SYNC_MASTER, &plain, both, 2, "stop backup");
    expect(SYNC_BACKUP, &plain, NULL, 0, "start backup");
    expect(SYNC_BACKUP, &plain, master, 1, "stop master, start backup");
    expect(SYNC_BACKUP, &plain, backup, 1, "");
    expect(SYNC_BOTH, &plain, NULL, 0, "start backup, start master");
    expect(SYNC_BOTH, &plain, both, 2, "");
    expect(SYNC_NEITHER, &plain, both, 2, "stop backup, stop master");
    expect(SYNC_NEITHER, &plain, NULL, 0, "");
    expect(SYNC_NEITHER, &(struct conf_sync_daemon){0}, master, 1, "stop master");
    expect(SYNC_MASTER, &(struct conf_sync_daemon){0}, master, 1, "stop master");
}

static void test_other_settings_are_a_new_start(void **state)
{
    static char other[] = "eth5";
    const struct ipvs_daemon now = running(true);
    struct conf_sync_daemon conf[6];

    (void)state;
    for (size_t i = 0; i < 6; i++)
        conf[i] = plain;
    conf[0].interface = other;
    conf[1].id = 6;
    conf[2].maxlen = 1000;
    conf[3].port = 8849;
    conf[4].ttl = 2;
    conf[5].group = (struct ip_address){AF_INET6, {0xff, 2}};
    for (size_t i = 0; i < 6; i++)
        expect(SYNC_MASTER, &conf[i], &now, 1, "stop master, start master");
}

static void test_the_orders_carry_the_settings(void **state)
{
    const struct conf_sync_daemon conf = {.interface = interface,
                                          .id = 9,
                                          .maxlen = 1000,
                                          .port = 8849,
                                          .ttl = 2,
                                          .group = {AF_INET, {224, 0, 0, 82}}};
    struct ipvs_order orders[SYNC_ORDERS_MAX];

    (void)state;
    assert_int_equal(sync_daemon_orders(SYNC_BACKUP, &conf, NULL, 0, orders), 1);
    assert_string_equal(orders[0].daemon.interface, "eth4");
    assert_int_equal(orders[0].daemon.sync_id, 9);
    assert_int_equal(orders[0].daemon.maxlen, 1000);
    assert_int_equal(orders[0].daemon.port, 8849);
    assert_int_equal(orders[0].daemon.ttl, 2);
    assert_int_equal(orders[0].daemon.group_family, AF_INET);
    assert_int_equal(orders[0].daemon.group[3], 82);
    expect(SYNC_BACKUP, &conf, &orders[0].daemon, 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_other_settings_are_a_new_start),
        cmocka_unit_test(test_the_orders_carry_the_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
