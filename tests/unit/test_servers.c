/* Virtual and real servers: the funnel of verdicts, starts, reloads, and the wanted table that follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/director/servers.h"
#include "daemon/director/wanted.h"

/* ------------------------------------------------------------------ configurations; keys are chosen here */

static struct conf_virtual_server *add_virtual(struct conf_model *model, uint64_t key, uint32_t quorum)
{
    struct conf_virtual_server *server = conf_model_alloc(model, sizeof(*server));

    server->key = key;
    server->endpoint = (struct ip_endpoint){{AF_INET, {192, 0, 2, (uint8_t)key}}, 80};
    server->quorum = quorum;
    strcpy(server->scheduler, "wlc");
    conf_list_add(model, &model->virtual_servers, server);
    return server;
}

static struct conf_real_server *add_real(struct conf_model *model, struct conf_virtual_server *parent,
                                         uint64_t key, uint16_t weight)
{
    struct conf_real_server *real = conf_model_alloc(model, sizeof(*real));

    real->key = key;
    real->endpoint = (struct ip_endpoint){{AF_INET, {10, 0, 0, (uint8_t)key}}, 80};
    real->weight = weight;
    conf_list_add(model, &parent->real_servers, real);
    return real;
}

static void add_check(struct conf_model *model, struct conf_real_server *real, uint64_t key, bool alpha)
{
    struct conf_checker *checker = conf_model_alloc(model, sizeof(*checker));

    checker->key = key;
    checker->alpha = alpha;
    conf_list_add(model, &real->checkers, checker);
}

/* Virtual server 1 with real servers 11 (check 111) and 12 (check 121), weight 1 each. */
static struct conf_model *two_servers(uint32_t quorum, bool alpha)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *server = add_virtual(model, 1, quorum);

    add_check(model, add_real(model, server, 11, 1), 111, alpha);
    add_check(model, add_real(model, server, 12, 1), 121, alpha);
    return model;
}

/* ------------------------------------------------------------------ what was told, as text */

static char told[512];

static void note(enum servers_event event, const struct virtual_server *virtual_server,
                 const struct real_server *real, void *data)
{
    static const char *const words[] = {"up", "down", "removed", "gained", "lost", "gone"};
    size_t length = strlen(told);

    (void)data;
    snprintf(told + length, sizeof(told) - length, "%s%s %d", length > 0 ? ", " : "", words[event],
             (int)(real != NULL ? real->conf->key : virtual_server->conf->key));
}

static void expect_told(const char *text)
{
    assert_string_equal(told, text);
    told[0] = '\0';
}

static void verdict(struct servers *servers, uint64_t check, bool up)
{
    servers_verdict(servers, check, up, note, NULL);
}

/* "11:1 12:0": the destinations of virtual server 1 by last byte, and their weights. */
static void expect_wanted(const struct servers *servers, const char *text)
{
    struct image image = {0};
    char found[128] = "";

    wanted_image(servers_find(servers, 1), &image);
    for (uint32_t i = 0; i < image.count; i++) {
        size_t length = strlen(found);

        snprintf(found + length, sizeof(found) - length, "%s%u:%u", i > 0 ? " " : "",
                 image.destinations[i].id.address[3], image.destinations[i].weight);
    }
    assert_string_equal(found, text);
    image_clear(&image);
}

/* ------------------------------------------------------------------ starts and verdicts */

static void test_start_is_up_and_silent_until_a_verdict(void **state)
{
    struct servers *servers = servers_new(two_servers(1, false), NULL, NULL, NULL);

    (void)state;
    servers_compare(servers, NULL, NULL, note, NULL);
    expect_told("");
    expect_wanted(servers, "11:1 12:1");
    verdict(servers, 111, true);
    expect_told("");
    verdict(servers, 111, false);
    expect_told("down 11");
    expect_wanted(servers, "12:1");
    verdict(servers, 111, false);
    expect_told("");
    verdict(servers, 121, false);
    expect_told("down 12, lost 1");
    expect_wanted(servers, "");
    verdict(servers, 121, true);
    expect_told("up 12, gained 1");
    verdict(servers, 999, true); /* a check nobody knows */
    expect_told("");
    servers_free(servers);
}

static void test_alpha_starts_down(void **state)
{
    struct servers *servers = servers_new(two_servers(2, true), NULL, NULL, NULL);

    (void)state;
    servers_compare(servers, NULL, NULL, note, NULL);
    expect_told("lost 1");
    expect_wanted(servers, "");
    verdict(servers, 111, true);
    expect_told("up 11");
    verdict(servers, 121, true);
    expect_told("up 12, gained 1");
    servers_free(servers);
}

static void test_a_server_needs_all_its_checks(void **state)
{
    struct conf_model *model = conf_model_new();
    struct conf_real_server *real = add_real(model, add_virtual(model, 1, 1), 11, 5);
    struct servers *servers;

    (void)state;
    real->inhibit_on_failure = true;
    add_check(model, real, 111, false);
    add_check(model, real, 112, false);
    servers = servers_new(model, NULL, NULL, NULL);
    verdict(servers, 111, false);
    expect_told("down 11, lost 1");
    expect_wanted(servers, "11:0");
    verdict(servers, 112, false);
    verdict(servers, 111, true);
    expect_told("");
    verdict(servers, 112, true);
    expect_told("up 11, gained 1");
    expect_wanted(servers, "11:5");
    servers_free(servers);
}

/* ------------------------------------------------------------------ after a death of ours */

static bool board_says_11_down(uint64_t key, bool *up, void *data)
{
    (void)data;
    *up = key != 11;
    return true;
}

static void test_a_successor_does_not_flap(void **state)
{
    struct servers *servers = servers_new(two_servers(1, false), NULL, board_says_11_down, NULL);

    (void)state;
    servers_compare(servers, NULL, board_says_11_down, note, NULL);
    expect_told("");
    expect_wanted(servers, "12:1");
    verdict(servers, 111, false); /* the checker says it again */
    verdict(servers, 121, true);
    expect_told("");
    verdict(servers, 111, true);
    expect_told("up 11");
    servers_free(servers);
}

/* ------------------------------------------------------------------ reloads */

static struct servers *reload(struct servers *old, struct conf_model *model)
{
    struct servers *now = servers_new(model, old, NULL, NULL);

    servers_compare(now, old, NULL, note, NULL);
    servers_free(old);
    return now;
}

static void test_a_reload_keeps_what_is_known(void **state)
{
    struct servers *servers = servers_new(two_servers(1, false), NULL, NULL, NULL);

    (void)state;
    verdict(servers, 111, false);
    expect_told("down 11");
    servers = reload(servers, two_servers(1, false));
    expect_told("");
    expect_wanted(servers, "12:1");
    servers = reload(servers, two_servers(2, false)); /* a higher quorum is not met any more */
    expect_told("lost 1");
    verdict(servers, 111, true);
    expect_told("up 11, gained 1");
    servers_free(servers);
}

static void test_a_new_check_waits_for_its_verdict(void **state)
{
    struct servers *servers = servers_new(two_servers(1, false), NULL, NULL, NULL);
    struct conf_model *model = two_servers(1, false);

    (void)state;
    verdict(servers, 111, false);
    expect_told("down 11");
    add_check(model, model->virtual_servers.items[0]->real_servers.items[0], 112, false);
    add_check(model, model->virtual_servers.items[0]->real_servers.items[1], 122, true);
    servers = reload(servers, model);
    expect_told(""); /* 11 stays down; the alpha check does not take 12 down */
    expect_wanted(servers, "12:1");
    verdict(servers, 111, true);
    expect_told("");
    verdict(servers, 112, true);
    expect_told("up 11");
    servers_free(servers);
}

static void test_removed_and_added_servers(void **state)
{
    struct servers *servers = servers_new(two_servers(1, false), NULL, NULL, NULL);
    struct conf_model *model = conf_model_new();

    (void)state;
    add_real(model, add_virtual(model, 1, 1), 12, 1);
    add_check(model, add_real(model, model->virtual_servers.items[0], 13, 4), 131, false);
    servers = reload(servers, model);
    expect_told("removed 11");
    expect_wanted(servers, "12:1 13:4");
    servers = reload(servers, conf_model_new());
    expect_told("removed 12, removed 13, gone 1");
    assert_null(servers_first(servers));
    servers_free(servers);
}

static void test_a_verdict_may_come_before_its_configuration(void **state)
{
    struct servers *servers = servers_new(conf_model_new(), NULL, NULL, NULL);

    (void)state;
    verdict(servers, 111, false);
    servers = reload(servers, two_servers(1, false));
    expect_wanted(servers, "12:1");
    servers_free(servers);
}

static void test_omega_tells_the_end(void **state)
{
    struct conf_model *model = two_servers(1, false);
    struct servers *servers;

    (void)state;
    model->virtual_servers.items[0]->omega = true;
    add_real(model, add_virtual(model, 2, 1), 21, 1); /* without omega: silent */
    servers = servers_new(model, NULL, NULL, NULL);
    verdict(servers, 111, false);
    expect_told("down 11");
    servers_omega(servers, note, NULL);
    expect_told("down 12, lost 1");
    servers_free(servers);
}

static void test_settings_reach_the_table(void **state)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *conf = add_virtual(model, 1, 1);
    struct conf_real_server *real = add_real(model, conf, 11, 3);
    struct servers *servers;
    struct image image = {0};

    (void)state;
    conf->persistence_timeout_s = 360;
    conf->flags = IP_VS_SVC_F_SCHED_SH_PORT;
    conf->protocol = CONF_PROTOCOL_UDP;
    real->forwarding = CONF_FORWARD_DR;
    real->upper_threshold = 20;
    real->lower_threshold = 10;
    servers = servers_new(model, NULL, NULL, NULL);
    wanted_image(servers_first(servers), &image);
    assert_int_equal(image.service.id.protocol, IPPROTO_UDP);
    assert_int_equal(image.service.flags, IP_VS_SVC_F_SCHED_SH_PORT | IP_VS_SVC_F_PERSISTENT);
    assert_int_equal(image.service.timeout_s, 360);
    assert_int_equal(image.service.netmask, UINT32_MAX);
    assert_string_equal(image.service.scheduler, "wlc");
    assert_int_equal(image.destinations[0].method, IP_VS_CONN_F_DROUTE);
    assert_int_equal(image.destinations[0].upper_threshold, 20);
    assert_int_equal(image.destinations[0].lower_threshold, 10);
    image_clear(&image);
    servers_free(servers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_is_up_and_silent_until_a_verdict),
        cmocka_unit_test(test_alpha_starts_down),
        cmocka_unit_test(test_a_server_needs_all_its_checks),
        cmocka_unit_test(test_a_successor_does_not_flap),
        cmocka_unit_test(test_a_reload_keeps_what_is_known),
        cmocka_unit_test(test_a_new_check_waits_for_its_verdict),
        cmocka_unit_test(test_removed_and_added_servers),
        cmocka_unit_test(test_a_verdict_may_come_before_its_configuration),
        cmocka_unit_test(test_omega_tells_the_end),
        cmocka_unit_test(test_settings_reach_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
