/* Status from hand-made boards: the JSON's members, and the tables made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/verdict.h"
#include "daemon/core/board_records.h"
#include "daemon/core/messages.h"
#include "daemon/core/vrrp_state.h"
#include "daemon/ctl/status.h"
#include "daemon/ctl/status_view.h"
#include "sample_model.h"

#define NOW_S 10000

struct machine {
    struct conf_model *model;
    struct board *boards[ROLE_COUNT];
};

static struct board *board_of(enum role role, uint16_t index, void *data)
{
    const struct machine *machine = data;

    return index == 0 ? machine->boards[role] : NULL;
}

static struct ip_address address(const char *text)
{
    struct ip_address parsed = {0};

    assert_true(ip_address_parse(text, &parsed));
    return parsed;
}

static void fill_vrrp(struct machine *machine)
{
    struct vrrp_record master = {.state = VRRP_MASTER,
                                 .cause = CAUSE_MASTER_DOWN,
                                 .effective_priority = 130,
                                 .source = address("192.0.2.3"),
                                 .state_since_ns = (NOW_S - 192) * NS_PER_S,
                                 .state_since_wall_ns = 1767225600 * NS_PER_S,
                                 .adverts_sent = 41,
                                 .adverts_received = 7,
                                 .adverts_refused = 1};
    struct vrrp_record backup = {.state = VRRP_BACKUP,
                                 .effective_priority = 150,
                                 .master = address("2001:db8::2"),
                                 .master_priority = 200,
                                 .state_since_ns = (NOW_S - 4) * NS_PER_S};

    union vrrp_board_record script = {.tracked = {.kind = VRRP_RECORD_TRACKED,
                                                  .tracked_kind = CONF_TRACKED_SCRIPT,
                                                  .verdict = TRACK_DOWN,
                                                  .outcome = SCRIPT_TIMED_OUT,
                                                  .duration_us = 3000000,
                                                  .since_ns = (NOW_S - 65) * NS_PER_S,
                                                  .runs = 9}};

    machine->boards[ROLE_VRRP] = board_new(ROLE_VRRP, 4);
    board_write(machine->boards[ROLE_VRRP], machine->model->track_scripts.items[0]->key, &script);
    board_write(machine->boards[ROLE_VRRP], machine->model->instances.items[0]->key, &master);
    board_write(machine->boards[ROLE_VRRP], machine->model->instances.items[1]->key, &backup);
}

static void fill_links(struct machine *machine)
{
    struct links_record record = {.addresses_wanted = 2,
                                  .addresses_present = 1,
                                  .addresses_failed = 1,
                                  .last_error = EPERM,
                                  .routes_wanted = 3,
                                  .routes_present = 2,
                                  .lease_ns = 3 * NS_PER_S};

    machine->boards[ROLE_LINKS] = board_new(ROLE_LINKS, 4);
    board_write(machine->boards[ROLE_LINKS], machine->model->instances.items[0]->key, &record);
}

static void fill_director(struct machine *machine)
{
    const struct conf_virtual_server *virtual_server = machine->model->virtual_servers.items[0];
    struct director_record table = {.kind = DIRECTOR_RECORD_TABLE, .up = 0, .last_error = EPROTONOSUPPORT};
    struct director_record service = {
        .kind = DIRECTOR_RECORD_VIRTUAL_SERVER, .up = 1, .live_weight = 1, .in_table = 1};
    struct director_record dead = {.kind = DIRECTOR_RECORD_REAL_SERVER,
                                   .since_ns = (NOW_S - 4000) * NS_PER_S};
    struct director_record sorry = {.kind = DIRECTOR_RECORD_VIRTUAL_SERVER,
                                    .in_table = 0,
                                    .sorry_in_use = 1,
                                    .services = 3,
                                    .services_in_table = 2,
                                    .since_ns = (NOW_S - 5) * NS_PER_S};
    struct board *board = machine->boards[ROLE_DIRECTOR] = board_new(ROLE_DIRECTOR, 8);

    board_write(board, 0, &table);
    board_write(board, virtual_server->key, &service);
    board_write(board, machine->model->virtual_servers.items[1]->key, &sorry);
    board_write(board, virtual_server->real_servers.items[0]->key, &dead);
}

static void fill_checker(struct machine *machine)
{
    const struct conf_real_server *real_server =
        machine->model->virtual_servers.items[0]->real_servers.items[0];
    struct checker_record failed = {
        .known = 1, .reason = VERDICT_HTTP_STATUS, .phase = PHASE_STATUS_LINE, .detail = 503};
    struct checker_record good = {.known = 1, .up = 1, .reason = VERDICT_OK};

    machine->boards[ROLE_CHECKER] = board_new(ROLE_CHECKER, 4);
    board_write(machine->boards[ROLE_CHECKER], real_server->checkers.items[0]->key, &failed);
    board_write(machine->boards[ROLE_CHECKER], real_server->checkers.items[1]->key, &good);
}

static void fill_supervisor(struct machine *machine)
{
    union supervisor_board_record vrrp = {
        .process = {.role = ROLE_VRRP, .state = PROCESS_READY, .pid = 4711, .respawns = 2}};
    union supervisor_board_record checker = {
        .process = {.role = ROLE_CHECKER, .state = PROCESS_WAITING, .poisoned = 1}};

    board_beat(machine->boards[ROLE_VRRP], (struct mono){NOW_S * NS_PER_S - 120 * NS_PER_MS});
    machine->boards[ROLE_SUPERVISOR] = board_new(ROLE_SUPERVISOR, 8);
    board_write(machine->boards[ROLE_SUPERVISOR], supervisor_record_key(ROLE_VRRP, 0), &vrrp);
    board_write(machine->boards[ROLE_SUPERVISOR], supervisor_record_key(ROLE_CHECKER, 0), &checker);
}

static void free_machine(struct machine *machine)
{
    for (size_t role = 0; role < ROLE_COUNT; role++)
        board_free(machine->boards[role]);
    conf_model_free(machine->model);
}

static struct json_object *status_of(struct machine *machine)
{
    struct status_source source = {machine->model, board_of, machine, {NOW_S * NS_PER_S}};

    return status_build(&source);
}

static struct json_object *full_status(void)
{
    struct machine machine = {.model = sample_model()};
    struct json_object *status;

    fill_vrrp(&machine);
    fill_links(&machine);
    fill_director(&machine);
    fill_checker(&machine);
    fill_supervisor(&machine);
    status = status_of(&machine);
    free_machine(&machine);
    return status;
}

/* "instances.0.name": the text of that member. */
static const char *at(struct json_object *object, const char *path)
{
    char copy[200], *rest = copy, *step;

    strcpy(copy, path);
    while ((step = strsep(&rest, ".")) != NULL) {
        if (json_object_is_type(object, json_type_array))
            object = json_object_array_get_idx(object, (size_t)atoi(step));
        else if (!json_object_object_get_ex(object, step, &object))
            return "(absent)";
    }
    return json_object_get_string(object);
}

static void test_instances(void **state)
{
    struct json_object *status = full_status();

    (void)state;
    assert_string_equal(at(status, "configuration.router_id"), "lb1 \"left\"");
    assert_string_equal(at(status, "instances.0.name"), "VI_1");
    assert_string_equal(at(status, "instances.0.state"), "MASTER");
    assert_string_equal(at(status, "instances.0.state_age_seconds"), "192.000");
    assert_string_equal(at(status, "instances.0.state_since"), "2026-01-01T00:00:00Z");
    assert_string_equal(at(status, "instances.0.cause"), vrrp_cause_text(CAUSE_MASTER_DOWN));
    assert_string_equal(at(status, "instances.0.priority"), "150");
    assert_string_equal(at(status, "instances.0.effective_priority"), "130");
    assert_string_equal(at(status, "instances.0.master"), "192.0.2.3");
    assert_string_equal(at(status, "instances.0.adverts.sent"), "41");
    assert_string_equal(at(status, "instances.0.adverts.received"), "7");
    assert_string_equal(at(status, "instances.0.adverts.refused"), "1");
    assert_string_equal(at(status, "instances.0.addresses.present"), "1");
    assert_string_equal(at(status, "instances.0.addresses.error"), "Operation not permitted");
    assert_string_equal(at(status, "instances.0.routes.present"), "2");
    assert_string_equal(at(status, "instances.0.rules"), "(absent)");
    assert_string_equal(at(status, "instances.0.lease.seconds"), "3.000");
    assert_string_equal(at(status, "instances.0.virtual_addresses.1"), "192.0.2.101/32");
    assert_string_equal(at(status, "instances.1.master"), "2001:db8::2");
    assert_string_equal(at(status, "instances.1.master_priority"), "200");
    assert_string_equal(at(status, "instances.1.addresses"), "(absent)");
    assert_string_equal(at(status, "sync_groups.0.state"), "CHANGING");
    json_object_put(status);
}

static void test_tracked(void **state)
{
    struct json_object *status = full_status();

    (void)state;
    assert_string_equal(at(status, "tracked.0.name"), "sample");
    assert_string_equal(at(status, "tracked.0.type"), "script");
    assert_string_equal(at(status, "tracked.0.state"), "DOWN");
    assert_string_equal(at(status, "tracked.0.result"), "timed out after 3.0 s");
    assert_string_equal(at(status, "tracked.0.state_age_seconds"), "65.000");
    assert_string_equal(at(status, "tracked.0.runs"), "9");
    assert_string_equal(at(status, "tracked.0.tracked_by.0.name"), "VI_1");
    assert_string_equal(at(status, "tracked.0.tracked_by.0.weight"), "-30");
    assert_string_equal(at(status, "tracked.0.tracked_by.0.reverse"), "true");
    assert_string_equal(at(status, "tracked.1.type"), "file");
    assert_string_equal(at(status, "tracked.1.state"), "UNKNOWN");
    assert_string_equal(at(status, "tracked.1.result"), "not known yet");
    assert_string_equal(at(status, "tracked.2.type"), "process");
    assert_string_equal(at(status, "tracked.2.tracked_by.0.name"), "VG");
    json_object_put(status);
}

static void test_balancer(void **state)
{
    struct json_object *status = full_status();

    (void)state;
    assert_string_equal(at(status, "ipvs.available"), "false");
    assert_string_equal(at(status, "ipvs.error"), "Protocol not supported");
    assert_string_equal(at(status, "virtual_servers.0.address"), "192.0.2.100:80");
    assert_string_equal(at(status, "virtual_servers.0.state"), "UP");
    assert_string_equal(at(status, "virtual_servers.0.live_weight"), "1");
    assert_string_equal(at(status, "virtual_servers.0.real_servers.0.state"), "DOWN");
    assert_string_equal(at(status, "virtual_servers.0.real_servers.0.method"), "DR");
    assert_string_equal(at(status, "virtual_servers.0.real_servers.0.checks.0.reason"),
                        "status 503, wanted 200-299");
    assert_string_equal(at(status, "virtual_servers.0.real_servers.0.checks.0.code"), "http_status");
    assert_string_equal(at(status, "virtual_servers.0.real_servers.0.checks.1.up"), "true");
    assert_string_equal(at(status, "virtual_servers.0.real_servers.1.checks.0.reason"), "not checked yet");
    assert_string_equal(at(status, "virtual_servers.1.real_servers.0.state"), "UNKNOWN");
    assert_string_equal(at(status, "virtual_servers.1.real_servers.0.method"), "TUN gue");
    assert_string_equal(at(status, "virtual_servers.1.address"), "group web");
    assert_string_equal(at(status, "virtual_servers.1.services.0"), "firewall mark 7 (IPv6)");
    assert_string_equal(at(status, "virtual_servers.1.services_wanted"), "3");
    assert_string_equal(at(status, "virtual_servers.1.services_in_table"), "2");
    assert_string_equal(at(status, "virtual_servers.1.protocol"), "-");
    assert_string_equal(at(status, "virtual_servers.1.sorry_server.address"), "10.0.0.9:80");
    assert_string_equal(at(status, "virtual_servers.1.sorry_server.in_use"), "true");
    json_object_put(status);
}

static void test_processes(void **state)
{
    struct json_object *status = full_status();

    (void)state;
    assert_string_equal(at(status, "processes.0.role"), "vrrp");
    assert_string_equal(at(status, "processes.0.pid"), "4711");
    assert_string_equal(at(status, "processes.0.respawns"), "2");
    assert_string_equal(at(status, "processes.0.heartbeat_age_seconds"), "0.120");
    assert_string_equal(at(status, "processes.1.role"), "checker");
    assert_string_equal(at(status, "processes.1.state"), "waiting");
    assert_string_equal(at(status, "processes.1.poisoned"), "true");
    json_object_put(status);
}

/* A checker that is gone leaves a board; what it said last does not count. */
static void test_a_board_without_a_process_is_not_believed(void **state)
{
    struct machine machine = {.model = sample_model()};
    struct json_object *status;

    (void)state;
    fill_checker(&machine);
    machine.boards[ROLE_SUPERVISOR] = board_new(ROLE_SUPERVISOR, 8);
    status = status_of(&machine);
    assert_string_equal(at(status, "virtual_servers.0.real_servers.0.checks.0.known"), "false");
    assert_string_equal(at(status, "instances.0.state"), "UNKNOWN");
    json_object_put(status);
    free_machine(&machine);
}

static char *view_of(struct json_object *status, bool colour)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    status_view(status, out, colour);
    fclose(out);
    return text;
}

static void test_the_tables(void **state)
{
    struct json_object *status = full_status();
    char *text = view_of(status, false), *coloured = view_of(status, true);

    (void)state;
    assert_non_null(strstr(
        text,
        "\nINSTANCE  INTERFACE  VRID  STATE   SINCE   PRIORITY    MASTER       VIPS              LEASE  "
        "CAUSE\n"
        "VI_1      eth0       51    MASTER  3m 12s  130 of 150  192.0.2.3    1/2 + 2/3 routes  3.0 s  "));
    assert_non_null(strstr(text, "\nVI_6      eth0       51    BACKUP  4.0 s   150         2001:db8::2  -/-  "
                                 "             -      -\n"));
    assert_non_null(
        strstr(text, "\nIPVS: this kernel has none (Protocol not supported): nothing is balanced\n"));
    assert_non_null(strstr(
        text, "\n    10.0.0.1:8080  DR      0       DOWN     no        1h 6m  status 503, wanted 200-299\n"));
    assert_non_null(strstr(text, "\nVIRTUAL SERVER  PROTOCOL  SCHEDULER  STATE  QUORUM     SINCE\n"
                                 "192.0.2.100:80  TCP       wlc        UP     1 of 1+-2  "));
    assert_non_null(strstr(text, "\n    of firewall mark 7 (IPv6): 2 of 3 in the table\n"));
    assert_non_null(strstr(text, "\n    10.0.0.9:80         TUN gre  1       SORRY    yes       -      "
                                 "sorry server: in use, there is no quorum\n"));
    assert_non_null(strstr(text, "\nvrrp       4711  ready"));
    assert_non_null(strstr(text, "waiting (dies again and again)"));
    assert_null(strchr(text, '\033'));
    assert_non_null(strstr(coloured, "\033[32mMASTER\033[0m"));
    assert_non_null(strstr(coloured, "\033[31mDOWN\033[0m   "));
    free(text);
    free(coloured);
    json_object_put(status);
}

/* What an odd or hostile answer holds is shown as absent, and no control character reaches the terminal. */
static void test_an_odd_status_harms_nothing(void **state)
{
    static const char *const odd[] = {
        "{}",
        "[]",
        "{\"instances\":[1,null,{\"name\":7,\"lease\":3,\"addresses\":[]}],\"processes\":{},\"virtual_"
        "servers\":[{}]}",
        "{\"instances\":[{\"name\":\"\\u001b[2Jx\\n\"}],\"sync_groups\":[{\"members\":[null,5]}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct json_object *status = json_tokener_parse(odd[i]);
        char *text = view_of(status, false);

        assert_non_null(status);
        assert_null(strchr(text, '\033'));
        free(text);
        json_object_put(status);
    }
}

static void test_a_refused_reload_and_the_next(void **state)
{
    struct machine machine = {.model = sample_model()};
    union supervisor_board_record record = {
        .reload = {.taken_wall_ns = 1767225600 * NS_PER_S, .due_wall_ns = 1767229200 * NS_PER_S}};
    struct json_object *status;
    char *text;

    (void)state;
    machine.boards[ROLE_SUPERVISOR] = board_new(ROLE_SUPERVISOR, 8);
    board_write(machine.boards[ROLE_SUPERVISOR], RELOAD_RECORD_KEY, &record);
    status = status_of(&machine);
    assert_string_equal(at(status, "configuration.loaded"), "2026-01-01T00:00:00Z");
    assert_string_equal(at(status, "configuration.next_reload"), "2026-01-01T01:00:00Z");
    assert_string_equal(at(status, "configuration.refused_reload"), "(absent)");
    text = view_of(status, false);
    assert_non_null(strstr(text, "\nnext reload at 2026-01-01T01:00:00Z, as reload_time_file says\n"));
    assert_null(strstr(text, "refused"));
    free(text);
    json_object_put(status);

    record.reload.due_wall_ns = 0;
    record.reload.refused_wall_ns = 1767225660 * NS_PER_S;
    record.reload.refused_ns = (NOW_S - 192) * NS_PER_S;
    record.reload.problems = 3;
    strcpy(record.reload.problem, "/etc/a.conf:3:5: error: no such thing");
    board_write(machine.boards[ROLE_SUPERVISOR], RELOAD_RECORD_KEY, &record);
    status = status_of(&machine);
    assert_string_equal(at(status, "configuration.next_reload"), "(absent)");
    assert_string_equal(at(status, "configuration.refused_reload.time"), "2026-01-01T00:01:00Z");
    assert_string_equal(at(status, "configuration.refused_reload.age_seconds"), "192.000");
    assert_string_equal(at(status, "configuration.refused_reload.problems"), "3");
    assert_string_equal(at(status, "configuration.refused_reload.first"),
                        "/etc/a.conf:3:5: error: no such thing");
    text = view_of(status, false);
    assert_non_null(strstr(text, "\nthe reload 3m 12s ago was refused, what was loaded before is in force:\n"
                                 "    /etc/a.conf:3:5: error: no such thing\n    and 2 more\n"));
    free(text);
    json_object_put(status);
    free_machine(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instances),
        cmocka_unit_test(test_tracked),
        cmocka_unit_test(test_balancer),
        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_a_board_without_a_process_is_not_believed),
        cmocka_unit_test(test_the_tables),
        cmocka_unit_test(test_an_odd_status_harms_nothing),
        cmocka_unit_test(test_a_refused_reload_and_the_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
