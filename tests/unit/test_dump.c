/*
 * The files that signals ask for, from hand-made boards, read as programs around keepalived read them: by
 * indentation and the first "=" or ":" of a line, JSON by its members' names and kinds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/vrrp_state.h"
#include "daemon/ctl/dump.h"
#include "sample_model.h"

struct machine {
    struct conf_model *model;
    struct board *boards[ROLE_COUNT];
    struct status_source source;
};

static struct board *board_of(enum role role, uint16_t index, void *data)
{
    const struct machine *machine = data;

    return index == 0 ? machine->boards[role] : NULL;
}

static struct vrrp_record master_record(void)
{
    struct vrrp_record record = {
        .state = VRRP_MASTER,
        .effective_priority = 130,
        .state_since_wall_ns = 1767225600 * NS_PER_S + 500 * NS_PER_MS,
        .adverts_sent = 41,
        .adverts_received = 7,
        .became_master = 2,
        .released_master = 1,
        .priority_zero_sent = 3,
        .priority_zero_received = 4,
        .errors = {.length = 11, .ttl = 12, .type = 13, .interval = 14, .address_list = 15},
    };

    record.errors.auth_type = 16;
    record.errors.auth_mismatch = 17;
    record.errors.auth_failure = 18;
    ip_address_parse("192.0.2.3", &record.source);
    return record;
}

static int set_up(void **state)
{
    static struct machine machine;
    struct vrrp_record master = master_record();
    struct links_record links = {.addresses_wanted = 2, .addresses_present = 2};
    union vrrp_board_record script = {.instance = {0}}, process = {.instance = {0}};

    machine = (struct machine){.model = sample_model()};
    machine.boards[ROLE_VRRP] = board_new(ROLE_VRRP, 4);
    machine.boards[ROLE_LINKS] = board_new(ROLE_LINKS, 4);
    script.tracked = (struct track_record){.kind = VRRP_RECORD_TRACKED, .verdict = TRACK_UP, .runs = 5};
    process.tracked = (struct track_record){.kind = VRRP_RECORD_TRACKED, .verdict = TRACK_DOWN, .value = 1};
    board_write(machine.boards[ROLE_VRRP], machine.model->track_scripts.items[0]->key, &script);
    board_write(machine.boards[ROLE_VRRP], machine.model->track_processes.items[0]->key, &process);
    machine.boards[ROLE_CTL] = board_new(ROLE_CTL, 4);
    board_write(machine.boards[ROLE_VRRP], machine.model->instances.items[0]->key, &master);
    board_write(machine.boards[ROLE_LINKS], machine.model->instances.items[0]->key, &links);
    machine.source = (struct status_source){.model = machine.model, .board_of = board_of, .data = &machine};
    *state = &machine;
    return 0;
}

static int tear_down(void **state)
{
    struct machine *machine = *state;

    for (size_t role = 0; role < ROLE_COUNT; role++)
        board_free(machine->boards[role]);
    conf_model_free(machine->model);
    return 0;
}

static char *written(const struct machine *machine, enum dump_kind kind, unsigned int version)
{
    static char *text;
    static size_t length;
    FILE *out = open_memstream(&text, &length);

    dump_write(kind, &machine->source, version, out);
    fclose(out);
    return text;
}

/* ------------------------------------------------------------------ reading by lines */

static char *trimmed(char *text)
{
    size_t length;

    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

/* The value of a property of an object in a text, as "a=b" or "a: b" behind three blanks or more, or the n-th
 * line of a list of it; NULL if there is none. Static memory. */
static const char *property(const char *file, const char *object, char separator, const char *name,
                            unsigned int line_of_list)
{
    static char value[512];
    char *text = strdup(file), *rest = text, *line, key[128] = "";
    bool within = false, found = false;
    unsigned int lines = 0;

    while (!found && (line = strsep(&rest, "\n")) != NULL) {
        bool is_item = strncmp(line, "     ", 5) == 0 && separator == '=';
        char *at = strchr(line, separator);

        if (strncmp(line, "   ", 3) != 0 && strncmp(line, "  ", 2) != 0) {
            within = at != NULL && strcmp(trimmed(at + 1), object) == 0;
            continue;
        }
        if (!within)
            continue;
        if (!is_item && at == NULL)
            at = strchr(line, ':');
        if (!is_item && at != NULL) {
            snprintf(key, sizeof(key), "%.*s", (int)(at - line), line);
            lines = 0;
        }
        found = strncmp(trimmed(key), name, strlen(name)) == 0 &&
                (line_of_list == 0 ? !is_item : is_item && ++lines == line_of_list);
        if (found)
            snprintf(value, sizeof(value), "%s", trimmed(is_item ? line : at + 1));
    }
    free(text);
    return found ? value : NULL;
}

static void test_data_as_exporters_read_it(void **state)
{
    char *data = written(*state, DUMP_DATA, 1);

    assert_string_equal(property(data, "VI_1", '=', "State", 0), "MASTER");
    assert_string_equal(property(data, "VI_1", '=', "Wantstate", 0), "MASTER");
    assert_string_equal(property(data, "VI_1", '=', "Interface", 0), "eth0");
    assert_int_equal(atoi(property(data, "VI_1", '=', "Virtual Router ID", 0)), 51);
    assert_int_equal(atoi(property(data, "VI_1", '=', "Gratuitous ARP delay", 0)),
                     ((struct machine *)*state)->model->instances.items[0]->garp.master_delay_s);
    assert_int_equal(atoi(property(data, "VI_1", '=', "Effective priority", 0)), 130);
    assert_string_equal(property(data, "VI_6", '=', "State", 0), "INIT");
    assert_non_null(strstr(data, "\n VRRP Instance = VI_1\n"));
    free(data);
}

/* Address, a word, interface: that is what is taken of it. */
static void test_vips_of_the_data(void **state)
{
    char *data = written(*state, DUMP_DATA, 1), address[64], interface[64];
    const char *vip = property(data, "VI_1", '=', "Virtual IP (", 1);

    assert_non_null(vip);
    assert_int_equal(sscanf(vip, "%63s %*s %63s", address, interface), 2);
    assert_string_equal(address, "192.0.2.101");
    assert_string_equal(interface, "eth0");
    assert_string_equal(vip + strlen(vip) - 4, " set");
    vip = property(data, "VI_1", '=', "Virtual IP Excluded", 1);
    assert_non_null(vip);
    assert_int_equal(sscanf(vip, "%63s %*s %63s", address, interface), 2);
    assert_string_equal(address, "192.0.2.100/24");
    assert_non_null(strstr(vip, " label eth0:vip "));
    assert_null(property(data, "VI_1", '=', "Virtual IP (", 2));
    free(data);
}

static void test_scripts_of_the_data(void **state)
{
    char *data = written(*state, DUMP_DATA, 1);

    assert_non_null(strstr(data, "\n VRRP Script = sample\n"));
    assert_string_equal(property(data, "sample", '=', "Status", 0), "GOOD");
    assert_string_equal(property(data, "sample", '=', "State", 0), "idle");
    assert_string_equal(property(data, "VI_1", '=', "Tracked scripts", 1), "sample weight -30 reverse");
    free(data);
}

/* ctl has neither; what is configured is only said to be there. */
static void test_no_secret_and_no_script_is_shown(void **state)
{
    for (enum dump_kind kind = 0; kind < DUMP_KINDS; kind++) {
        char *text = written(*state, kind, 2);

        assert_null(strstr(text, SAMPLE_PASSWORD));
        assert_null(strstr(text, SAMPLE_SCRIPT));
        free(text);
    }
}

static void test_statistics_as_exporters_read_them(void **state)
{
    static const struct {
        const char *section;
        const char *name;
        int count;
    } cases[] = {
        {"Advertisements", "Received", 7},
        {"Advertisements", "Sent", 41},
        {"Packet Errors", "Length", 11},
        {"Packet Errors", "TTL", 12},
        {"Packet Errors", "Invalid Type", 13},
        {"Packet Errors", "Advertisement Interval", 14},
        {"Packet Errors", "Address List", 15},
        {"Authentication Errors", "Invalid Type", 16},
        {"Authentication Errors", "Type Mismatch", 17},
        {"Authentication Errors", "Failure", 18},
        {"Priority Zero", "Received", 4},
        {"Priority Zero", "Sent", 3},
        {NULL, "Became master", 2},
        {NULL, "Released master", 1},
    };
    char *text = written(*state, DUMP_STATS, 1), wanted[100];

    assert_int_equal(strncmp(text, "VRRP Instance: VI_1\n", 20), 0);
    *strstr(text, "VRRP Instance: VI_6") = '\0';
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *section = text;

        if (cases[i].section != NULL) {
            snprintf(wanted, sizeof(wanted), "\n  %s:\n", cases[i].section);
            section = strstr(text, wanted);
        }
        assert_non_null(section);
        snprintf(wanted, sizeof(wanted), "\n%s%s: %d\n", cases[i].section == NULL ? "  " : "    ",
                 cases[i].name, cases[i].count);
        if (strstr(section, wanted) == NULL)
            fail_msg("no '%s' in %s", trimmed(wanted), text);
    }
    free(text);
}

/* ------------------------------------------------------------------ JSON */

static struct json_object *parsed(char *text)
{
    struct json_object *object = json_tokener_parse(text);

    free(text);
    assert_non_null(object);
    return object;
}

static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *value = NULL;

    json_object_object_get_ex(object, name, &value);
    return value;
}

/* Every member that keepalived 2.4.3 writes whatever is configured, with its kind. */
static void test_json_has_keepalived_s_members(void **state)
{
    static const struct {
        const char *name;
        enum json_type kind;
    } members[] = {
        {"iname", json_type_string},
        {"dont_track_primary", json_type_int},
        {"skip_check_adv_addr", json_type_int},
        {"strict_mode", json_type_int},
        {"vmac_ifname", json_type_string},
        {"ifp_ifname", json_type_string},
        {"master_priority", json_type_int},
        {"last_transition", json_type_double},
        {"garp_delay", json_type_int},
        {"garp_refresh", json_type_int},
        {"garp_rep", json_type_int},
        {"garp_refresh_rep", json_type_int},
        {"garp_lower_prio_delay", json_type_int},
        {"garp_lower_prio_rep", json_type_int},
        {"lower_prio_no_advert", json_type_int},
        {"higher_prio_send_advert", json_type_int},
        {"vrid", json_type_int},
        {"base_priority", json_type_int},
        {"effective_priority", json_type_int},
        {"vipset", json_type_boolean},
        {"promote_secondaries", json_type_boolean},
        {"adver_int", json_type_null},
        {"master_adver_int", json_type_null},
        {"accept", json_type_int},
        {"nopreempt", json_type_boolean},
        {"preempt_delay", json_type_int},
        {"state", json_type_int},
        {"wantstate", json_type_int},
        {"version", json_type_int},
        {"smtp_alert", json_type_boolean},
        {"notify_deleted", json_type_boolean},
        {"vips", json_type_array},
        {"evips", json_type_array},
        {"track_ifp", json_type_array},
        {"track_script", json_type_array},
        {"auth_type", json_type_int},
        {"auth_data", json_type_string},
    };
    struct json_object *list = parsed(written(*state, DUMP_JSON, 1));
    struct json_object *data = member(json_object_array_get_idx(list, 0), "data");

    assert_int_equal(json_object_array_length(list), 2);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        struct json_object *value = member(data, members[i].name);

        if (value == NULL)
            fail_msg("no member %s", members[i].name);
        if (members[i].kind != json_type_null && !json_object_is_type(value, members[i].kind))
            fail_msg("%s is %s", members[i].name, json_type_to_name(json_object_get_type(value)));
    }
    assert_int_equal(json_object_object_length(data), sizeof(members) / sizeof(members[0]));
    assert_int_equal(json_object_get_int(member(data, "state")), 2);
    assert_string_equal(json_object_get_string(member(data, "auth_data")), "********");
    json_object_put(list);
}

static void test_json_statistics(void **state)
{
    static const struct {
        const char *name;
        int count;
    } members[] = {
        {"advert_rcvd", 7},           {"advert_sent", 41},       {"become_master", 2},
        {"release_master", 1},        {"packet_len_err", 11},    {"advert_interval_err", 14},
        {"ip_ttl_err", 12},           {"invalid_type_rcvd", 13}, {"addr_list_err", 15},
        {"invalid_authtype", 16},     {"authtype_mismatch", 17}, {"auth_failure", 18},
        {"auth_ext_missing", 0},      {"auth_ext_malformed", 0}, {"auth_ext_unknown_key", 0},
        {"auth_ext_invalid_hmac", 0}, {"auth_ext_stale", 0},     {"auth_ext_replay", 0},
        {"pri_zero_rcvd", 4},         {"pri_zero_sent", 3},
    };
    struct json_object *list = parsed(written(*state, DUMP_JSON, 1));
    struct json_object *stats = member(json_object_array_get_idx(list, 0), "stats");

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        assert_int_equal(json_object_get_int(member(stats, members[i].name)), members[i].count);
    assert_int_equal(json_object_object_length(stats), sizeof(members) / sizeof(members[0]));
    json_object_put(list);
}

static void test_second_version_of_json_is_an_object(void **state)
{
    struct json_object *object = parsed(written(*state, DUMP_JSON, 2)), *process;

    assert_true(json_object_is_type(object, json_type_object));
    assert_int_equal(json_object_array_length(member(object, "vrrp")), 2);
    process = json_object_array_get_idx(member(object, "track_process"), 0);
    assert_string_equal(json_object_get_string(member(process, "process")), "daemon");
    assert_int_equal(json_object_get_int(member(process, "min_processes")), 2);
    assert_int_equal(json_object_get_int(member(process, "current_processes")), 1);
    assert_false(json_object_get_boolean(member(process, "have_quorum")));
    json_object_put(object);
}

/* ------------------------------------------------------------------ beginning anew */

static int sent(const struct machine *machine)
{
    struct json_object *list = dump_json(&machine->source, 1);
    int count =
        json_object_get_int(member(member(json_object_array_get_idx(list, 0), "stats"), "advert_sent"));

    json_object_put(list);
    return count;
}

static void test_counters_begin_anew(void **state)
{
    struct machine *machine = *state;
    struct vrrp_record later = master_record();

    assert_int_equal(sent(machine), 41);
    dump_clear_counters(&machine->source, machine->boards[ROLE_CTL]);
    assert_int_equal(sent(machine), 0);
    later.adverts_sent = 50;
    board_write(machine->boards[ROLE_VRRP], machine->model->instances.items[0]->key, &later);
    assert_int_equal(sent(machine), 9);
}

/* The instance was removed by a reload and came back: its own counters began at nothing. */
static void test_counters_below_what_was_noted_are_all_new(void **state)
{
    struct machine *machine = *state;
    struct vrrp_record later = {.state = VRRP_BACKUP, .adverts_sent = 5};

    dump_clear_counters(&machine->source, machine->boards[ROLE_CTL]);
    board_write(machine->boards[ROLE_VRRP], machine->model->instances.items[0]->key, &later);
    assert_int_equal(sent(machine), 5);
}

static void test_without_boards(void **state)
{
    struct machine *machine = *state;

    board_free(machine->boards[ROLE_VRRP]);
    board_free(machine->boards[ROLE_LINKS]);
    machine->boards[ROLE_VRRP] = machine->boards[ROLE_LINKS] = NULL;
    assert_int_equal(sent(machine), 0);
    dump_clear_counters(&machine->source, machine->boards[ROLE_CTL]);
    for (enum dump_kind kind = 0; kind < DUMP_KINDS; kind++)
        free(written(machine, kind, 1));
}

static void test_balancer(void **state)
{
    char *text = written(*state, DUMP_BALANCER, 1);

    assert_non_null(strstr(text, "\n VS VIP = 192.0.2.100:80\n"));
    assert_non_null(strstr(text, "\n   RIP = 10.0.0.1:8080\n"));
    free(text);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_data_as_exporters_read_it),
        TEST(test_vips_of_the_data),
        TEST(test_scripts_of_the_data),
        TEST(test_no_secret_and_no_script_is_shown),
        TEST(test_statistics_as_exporters_read_them),
        TEST(test_json_has_keepalived_s_members),
        TEST(test_json_statistics),
        TEST(test_second_version_of_json_is_an_object),
        TEST(test_counters_begin_anew),
        TEST(test_counters_below_what_was_noted_are_all_new),
        TEST(test_without_boards),
        TEST(test_balancer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
