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

static void add_service(struct conf_model *model, struct conf_virtual_server *server,
                        struct conf_service service)
{
    struct conf_service *own = conf_model_alloc(model, sizeof(*own));

    *own = service;
    conf_list_add(model, &server->services, own);
}

static struct conf_virtual_server *add_virtual(struct conf_model *model, uint64_t key, uint32_t quorum)
{
    struct conf_virtual_server *server = conf_model_alloc(model, sizeof(*server));

    server->key = key;
    server->endpoint = (struct ip_endpoint){{AF_INET, {192, 0, 2, (uint8_t)key}}, 80};
    add_service(model, server, (struct conf_service){.first = server->endpoint, .count = 1});
    server->persistence_netmask = UINT32_MAX;
    server->persistence_prefix_length = 128;
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
    static const char *const words[] = {
        [REAL_SERVER_CAME_UP] = "up",  [REAL_SERVER_REWEIGHED] = "weighs", [REAL_SERVER_WENT_DOWN] = "down",
        [REAL_SERVER_STARTED] = "new", [REAL_SERVER_REMOVED] = "removed",  [QUORUM_GAINED] = "gained",
        [QUORUM_LOST] = "lost",        [QUORUM_MISSING] = "missing",       [VIRTUAL_SERVER_REMOVED] = "gone",
    };
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
    servers_verdict(servers, &(struct verdict){.key = check, .up = up}, note, NULL);
}

static void weigh(struct servers *servers, uint64_t check, enum verdict_weight kind, int32_t weight)
{
    const struct verdict word = {.key = check, .up = 1, .weight_kind = kind, .weight = weight};

    servers_verdict(servers, &word, note, NULL);
}

static struct image image_of(const struct virtual_server *virtual_server, uint32_t number)
{
    struct wanted_cursor cursor = {0};
    struct ipvs_service_id id;
    struct image image = {0};

    for (uint32_t i = 0; i <= number; i++)
        assert_true(wanted_next(virtual_server->conf, &cursor, &id));
    wanted_image(virtual_server, &id, &image);
    return image;
}

/* "11:1 12:0": the destinations of virtual server 1 by last byte, and their weights. */
static void expect_wanted(const struct servers *servers, const char *text)
{
    struct image image = image_of(servers_find(servers, 1), 0);
    char found[128] = "";

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
    expect_told("new 11, new 12");
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
    expect_told("missing 1");
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

static bool board_says_11_down(uint64_t key, struct servers_memory *memory, void *data)
{
    (void)data;
    *memory = (struct servers_memory){key != 11, 1};
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
    expect_told("removed 11, new 13");
    expect_wanted(servers, "12:1 13:4");
    servers = reload(servers, conf_model_new());
    expect_told("removed 12, removed 13, gone 1");
    assert_null(servers_first(servers));
    servers_free(servers);
}

/* Virtual server 1 with real servers 12 and 13 (check 131), and, where it is the whole, 2 with 21. */
static struct conf_model *changed_servers(bool whole)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *server = add_virtual(model, 1, 1);

    add_check(model, add_real(model, server, 12, 5), 121, false);
    add_check(model, add_real(model, server, 13, 4), 131, false);
    if (whole)
        add_check(model, add_real(model, add_virtual(model, 2, 1), 21, 1), 211, false);
    return model;
}

/* Two servers and 2 with 21; 3 with 31 is to go. 11 and 21 are down. */
static struct servers *servers_before(void)
{
    struct conf_model *model = two_servers(1, false);
    struct servers *servers;

    add_check(model, add_real(model, add_virtual(model, 2, 1), 21, 1), 211, false);
    add_check(model, add_real(model, add_virtual(model, 3, 1), 31, 1), 311, false);
    servers = servers_new(model, NULL, NULL, NULL);
    verdict(servers, 111, false);
    verdict(servers, 211, false);
    expect_told("down 11, down 21, lost 2");
    return servers;
}

static void go_ahead(struct servers *servers, struct conf_model *model, const uint64_t *gone, size_t count)
{
    struct servers *part = servers_new(model, servers, NULL, NULL);

    servers_compare_part(servers, part, gone, count, note, NULL);
    servers_merge(servers, part, gone, count);
}

static void test_a_part_goes_ahead_of_a_reload(void **state)
{
    const uint64_t gone[] = {3, 99};
    struct servers *servers = servers_before();

    (void)state;
    verdict(servers, 131, false); /* a checker had it before us */
    go_ahead(servers, changed_servers(false), gone, 2);
    expect_told("removed 31, gone 3, removed 11");
    expect_wanted(servers, "12:5");
    assert_null(servers_find(servers, 3));
    assert_false(servers_know(servers, 11));
    verdict(servers, 131, true);
    verdict(servers, 311, false); /* of one that is not known any more */
    expect_told("up 13");
    expect_wanted(servers, "12:5 13:4");
    servers = reload(servers, changed_servers(true));
    expect_told("");
    expect_wanted(servers, "12:5 13:4");
    verdict(servers, 211, true);
    expect_told("up 21, gained 2");
    servers_free(servers);
}

static void test_parts_may_go_ahead_and_back(void **state)
{
    const uint64_t gone[] = {1};
    struct servers *servers = servers_before();
    struct conf_model *model = two_servers(1, false);

    (void)state;
    go_ahead(servers, changed_servers(false), NULL, 0);
    expect_told("removed 11, new 13");
    go_ahead(servers, conf_model_new(), gone, 1);
    expect_told("removed 12, removed 13, gone 1");
    go_ahead(servers, two_servers(1, false), NULL, 0);
    expect_told("new 11, new 12");
    expect_wanted(servers, "11:1 12:1");
    add_check(model, add_real(model, add_virtual(model, 2, 1), 21, 1), 211, false);
    servers = reload(servers, model);
    expect_told("removed 31, gone 3");
    servers_free(servers);
}

static void test_a_verdict_may_come_before_its_configuration(void **state)
{
    struct servers *servers = servers_new(conf_model_new(), NULL, NULL, NULL);

    (void)state;
    verdict(servers, 111, false);
    servers = reload(servers, two_servers(1, false));
    expect_told("new 12");
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
    struct image image;

    (void)state;
    conf->persistence_engine = conf_model_strdup(model, "sip");
    conf->persistence_timeout_s = 360;
    conf->flags = IP_VS_SVC_F_SCHED_SH_PORT;
    conf->protocol = CONF_PROTOCOL_UDP;
    real->method.forwarding = CONF_FORWARD_DR;
    real->upper_threshold = 20;
    real->lower_threshold = 10;
    servers = servers_new(model, NULL, NULL, NULL);
    image = image_of(servers_first(servers), 0);
    assert_string_equal(image.service.engine, "sip");
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

/* ------------------------------------------------------------------ the sorry server */

static const struct ip_endpoint sorry_99 = {{AF_INET, {10, 0, 0, 99}}, 80};

/* Virtual server 1 with real servers 11 and 12 of weight 2 and a sorry server. */
static struct conf_model *with_sorry(struct ip_endpoint sorry, bool real_inhibit, bool sorry_inhibit)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *server = add_virtual(model, 1, 3);

    for (uint64_t key = 11; key <= 12; key++) {
        struct conf_real_server *real = add_real(model, server, key, 2);

        real->inhibit_on_failure = real_inhibit;
        add_check(model, real, key * 10 + 1, false);
    }
    server->sorry.endpoint = sorry;
    server->sorry.inhibit = sorry_inhibit;
    return model;
}

/* Every state of both servers under a quorum of 3 out of 2 + 2. */
static void test_sorry_truth_table(void **state)
{
    static const struct {
        bool real_inhibit, sorry_inhibit, up_11, up_12;
        const char *wanted;
    } rows[] = {
        {false, false, true, true, "11:2 12:2"},
        {false, false, false, true, "99:1"}, /* 12 lives, but without a quorum it gives way */
        {false, false, true, false, "99:1"},
        {false, false, false, false, "99:1"},
        {true, false, true, true, "11:2 12:2"},
        {true, false, false, true, "11:0 12:0 99:1"}, /* inhibited ones keep their connections */
        {true, false, true, false, "11:0 12:0 99:1"},
        {true, false, false, false, "11:0 12:0 99:1"},
        {false, true, true, true, "11:2 12:2 99:0"},
        {false, true, false, true, "99:1"},
        {false, true, false, false, "99:1"},
        {true, true, true, true, "11:2 12:2 99:0"},
        {true, true, false, true, "11:0 12:0 99:1"},
        {true, true, false, false, "11:0 12:0 99:1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct servers *servers =
            servers_new(with_sorry(sorry_99, rows[i].real_inhibit, rows[i].sorry_inhibit), NULL, NULL, NULL);

        verdict(servers, 111, rows[i].up_11);
        verdict(servers, 121, rows[i].up_12);
        expect_wanted(servers, rows[i].wanted);
        told[0] = '\0';
        verdict(servers, 111, true);
        verdict(servers, 121, true);
        expect_wanted(servers, rows[i].sorry_inhibit ? "11:2 12:2 99:0" : "11:2 12:2");
        told[0] = '\0';
        servers_free(servers);
    }
}

/* One entry of the table for a server in both roles. */
static void test_a_sorry_server_that_is_a_real_server(void **state)
{
    const struct ip_endpoint own = {{AF_INET, {10, 0, 0, 12}}, 80};
    struct servers *servers;

    (void)state;
    for (int inhibit = 0; inhibit < 2; inhibit++) {
        servers = servers_new(with_sorry(own, inhibit, inhibit), NULL, NULL, NULL);
        expect_wanted(servers, "11:2 12:2");
        verdict(servers, 111, false);
        expect_wanted(servers, inhibit ? "11:0 12:1" : "12:1");
        verdict(servers, 121, false);
        expect_wanted(servers, inhibit ? "11:0 12:1" : "12:1");
        verdict(servers, 111, true);
        verdict(servers, 121, true);
        expect_wanted(servers, "11:2 12:2");
        told[0] = '\0';
        servers_free(servers);
    }
}

static void test_without_a_sorry_server_the_servers_stay(void **state)
{
    struct servers *servers =
        servers_new(with_sorry((struct ip_endpoint){0}, false, false), NULL, NULL, NULL);

    (void)state;
    verdict(servers, 111, false);
    expect_told("down 11, lost 1");
    expect_wanted(servers, "12:2");
    servers_free(servers);
}

static void test_an_alpha_start_with_a_sorry_server(void **state)
{
    struct conf_model *model = with_sorry(sorry_99, false, false);
    struct servers *servers;

    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        model->virtual_servers.items[0]->real_servers.items[i]->checkers.items[0]->alpha = true;
    servers = servers_new(model, NULL, NULL, NULL);
    servers_compare(servers, NULL, NULL, note, NULL);
    expect_told("missing 1");
    expect_wanted(servers, "99:1");
    verdict(servers, 111, true);
    expect_told("up 11");
    expect_wanted(servers, "99:1");
    verdict(servers, 121, true);
    expect_told("up 12, gained 1");
    expect_wanted(servers, "11:2 12:2");
    servers_free(servers);
}

/* The board of the process before says that there was no quorum: that is no news, but the sorry server stays.
 */
static bool board_says_down(uint64_t key, struct servers_memory *memory, void *data)
{
    (void)key;
    (void)data;
    *memory = (struct servers_memory){false, 2};
    return true;
}

static void test_a_successor_goes_on_being_sorry(void **state)
{
    struct servers *servers = servers_new(with_sorry(sorry_99, false, false), NULL, board_says_down, NULL);

    (void)state;
    servers_compare(servers, NULL, board_says_down, note, NULL);
    expect_told("");
    expect_wanted(servers, "99:1");
    servers_free(servers);
}

static void test_a_reload_brings_and_takes_a_sorry_server(void **state)
{
    struct servers *servers =
        servers_new(with_sorry((struct ip_endpoint){0}, false, false), NULL, NULL, NULL);

    (void)state;
    verdict(servers, 111, false);
    told[0] = '\0';
    servers = reload(servers, with_sorry(sorry_99, false, false));
    expect_told("");
    expect_wanted(servers, "99:1");
    servers = reload(servers, with_sorry((struct ip_endpoint){0}, false, false));
    expect_told("");
    expect_wanted(servers, "12:2");
    servers_free(servers);
}

/* ------------------------------------------------------------------ weights that checks say */

static void test_a_check_sets_the_weight(void **state)
{
    struct servers *servers = servers_new(two_servers(1, false), NULL, NULL, NULL);

    (void)state;
    weigh(servers, 111, VERDICT_WEIGHT_IS, 7);
    expect_told("weighs 11");
    expect_wanted(servers, "11:7 12:1");
    assert_int_equal(servers_find(servers, 1)->live_weight, 8);
    weigh(servers, 111, VERDICT_WEIGHT_IS, 7);
    expect_told("");
    servers = reload(servers, two_servers(1, false));
    expect_told("");
    expect_wanted(servers, "11:7 12:1");
    weigh(servers, 111, VERDICT_WEIGHT_IS, 0); /* up, with no new connections */
    weigh(servers, 121, VERDICT_WEIGHT_IS, 0);
    expect_told("weighs 11, weighs 12, lost 1");
    expect_wanted(servers, "11:0 12:0");
    weigh(servers, 121, VERDICT_WEIGHT_ADDED, 4);
    expect_told("weighs 12, gained 1");
    expect_wanted(servers, "11:0 12:5");
    verdict(servers, 111, true); /* says nothing of the weight: the configured one */
    expect_told("weighs 11");
    expect_wanted(servers, "11:1 12:5");
    servers_free(servers);
}

static bool board_says_weight_9(uint64_t key, struct servers_memory *memory, void *data)
{
    (void)key;
    (void)data;
    *memory = (struct servers_memory){true, 9};
    return true;
}

static void test_a_successor_keeps_the_weight(void **state)
{
    struct conf_model *model = two_servers(1, false);
    struct servers *servers;

    (void)state;
    add_check(model, model->virtual_servers.items[0]->real_servers.items[0], 112, false);
    servers = servers_new(model, NULL, board_says_weight_9, NULL);
    expect_wanted(servers, "11:9 12:9");
    verdict(servers, 112, true); /* the other check of 11 has not spoken */
    verdict(servers, 121, true);
    expect_wanted(servers, "11:9 12:1");
    weigh(servers, 111, VERDICT_WEIGHT_IS, 9);
    expect_told("weighs 12");
    expect_wanted(servers, "11:9 12:1");
    servers_free(servers);
}

/* ------------------------------------------------------------------ groups, marks, tunnels */

static void assert_service(const struct conf_virtual_server *conf, struct wanted_cursor *cursor,
                           const char *expected)
{
    char text[IPVS_SERVICE_TEXT];
    struct ipvs_service_id id;

    assert_true(wanted_next(conf, cursor, &id));
    assert_string_equal(ipvs_service_text(&id, text), expected);
}

static void test_services_of_a_group(void **state)
{
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *server = conf_model_alloc(model, sizeof(*server));
    struct wanted_cursor cursor = {0};
    struct ipvs_service_id id;

    (void)state;
    server->kind = CONF_SERVER_GROUP;
    add_service(model, server, (struct conf_service){{{AF_INET, {10, 0, 0, 255}}, 80}, 2, 0});
    add_service(model, server,
                (struct conf_service){
                    {{AF_INET6, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}}, 443}, 2, 0});
    add_service(model, server, (struct conf_service){{{AF_INET, {0}}, 0}, 1, 7});
    add_service(model, server, (struct conf_service){{{AF_INET6, {0}}, 0}, 1, 8});
    assert_service(server, &cursor, "10.0.0.255:80 TCP");
    assert_service(server, &cursor, "10.0.1.0:80 TCP");
    assert_service(server, &cursor, "[2001:db8::ffff]:443 TCP");
    assert_service(server, &cursor, "[2001:db8::1:0]:443 TCP");
    assert_service(server, &cursor, "firewall mark 7");
    assert_service(server, &cursor, "firewall mark 8 (IPv6)");
    assert_false(wanted_next(server, &cursor, &id));
    conf_model_free(model);
}

/* Services for IPv4 port 80, IPv4 port 81, IPv6 port 80; servers by NAT, DR, TUN over IPv4 and NAT over IPv6.
 */
static void test_destinations_depend_on_the_service(void **state)
{
    static const enum conf_forwarding methods[] = {CONF_FORWARD_NAT, CONF_FORWARD_DR, CONF_FORWARD_TUN};
    struct conf_model *model = conf_model_new();
    struct conf_virtual_server *server = add_virtual(model, 1, 1);
    struct conf_real_server *six;
    struct servers *servers;
    struct image image;

    (void)state;
    server->kind = CONF_SERVER_GROUP;
    add_service(model, server, (struct conf_service){{{AF_INET, {192, 0, 2, 9}}, 81}, 1, 0});
    add_service(model, server, (struct conf_service){{{AF_INET6, {0x20, 1}}, 80}, 1, 0});
    for (uint64_t i = 0; i < 3; i++) {
        struct conf_real_server *real = add_real(model, server, 11 + i, 1);

        real->endpoint.port = i == 0 ? 8080 : 0;
        real->method.forwarding = methods[i];
    }
    six = add_real(model, server, 14, 1);
    six->endpoint.address = (struct ip_address){AF_INET6, {0xfd}};
    servers = servers_new(model, NULL, NULL, NULL);
    image = image_of(servers_first(servers), 1);
    assert_int_equal(image.count, 3);
    assert_int_equal(image.destinations[0].id.port, 81); /* in the order of their bytes */
    assert_int_equal(image.destinations[1].id.port, 81);
    assert_int_equal(image.destinations[2].id.port, 8080);
    image_clear(&image);
    image = image_of(servers_first(servers), 2); /* only the tunnel crosses families */
    assert_int_equal(image.count, 2);
    assert_int_equal(image.destinations[0].id.family + image.destinations[1].id.family, AF_INET + AF_INET6);
    assert_int_equal(image.service.netmask, 128);
    image_clear(&image);
    servers_free(servers);
}

static void test_tunnels(void **state)
{
    struct conf_model *model = conf_model_new();
    struct conf_real_server *real = add_real(model, add_virtual(model, 1, 1), 11, 1);
    struct servers *servers;
    struct image image;

    (void)state;
    real->method = (struct conf_method){CONF_FORWARD_TUN, CONF_TUNNEL_GUE, 6080, CONF_TUNNEL_REMOTE_CHECKSUM};
    servers = servers_new(model, NULL, NULL, NULL);
    image = image_of(servers_first(servers), 0);
    assert_int_equal(image.destinations[0].method, IP_VS_CONN_F_TUNNEL);
    assert_int_equal(image.destinations[0].tunnel_type, IP_VS_CONN_F_TUNNEL_TYPE_GUE);
    assert_int_equal(image.destinations[0].tunnel_port, 6080);
    assert_int_equal(image.destinations[0].tunnel_flags, IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM);
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
        cmocka_unit_test(test_a_part_goes_ahead_of_a_reload),
        cmocka_unit_test(test_parts_may_go_ahead_and_back),
        cmocka_unit_test(test_a_verdict_may_come_before_its_configuration),
        cmocka_unit_test(test_omega_tells_the_end),
        cmocka_unit_test(test_settings_reach_the_table),
        cmocka_unit_test(test_sorry_truth_table),
        cmocka_unit_test(test_a_sorry_server_that_is_a_real_server),
        cmocka_unit_test(test_without_a_sorry_server_the_servers_stay),
        cmocka_unit_test(test_an_alpha_start_with_a_sorry_server),
        cmocka_unit_test(test_a_successor_goes_on_being_sorry),
        cmocka_unit_test(test_a_reload_brings_and_takes_a_sorry_server),
        cmocka_unit_test(test_a_check_sets_the_weight),
        cmocka_unit_test(test_a_successor_keeps_the_weight),
        cmocka_unit_test(test_services_of_a_group),
        cmocka_unit_test(test_destinations_depend_on_the_service),
        cmocka_unit_test(test_tunnels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
