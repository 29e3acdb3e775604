/*
 * The language as a whole, by the list of its keywords and features in data/keywords.tsv: each keyword is
 * taken where the list has it, with arguments of the kind the list gives, and each feature works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/keywords.h"
#include "conf/script_path.h"
#include "fake_host.h"

#define PATH "/etc/tandem/tandem.conf"

/* ------------------------------------------------------------------ the list */

static char *read_list(void)
{
    const char *directory = getenv("srcdir");
    char path[4096];
    size_t length;
    char *text;

    snprintf(path, sizeof(path), "%s/tests/unit/data/keywords.tsv", directory == NULL ? "." : directory);
    text = conf_host_system.read_file(NULL, path, &length);
    if (text == NULL)
        fail_msg("%s cannot be read", path);
    return text;
}

struct list_row {
    const char *block;
    const char *keyword;
};

/* The next row; false at the end. */
static bool next_row(char **rest, struct list_row *row)
{
    char *line = strsep(rest, "\n");

    if (line == NULL || *line == '\0')
        return false;
    row->block = strsep(&line, "\t");
    row->keyword = strsep(&line, "\t");
    return true;
}

/* ------------------------------------------------------------------ features */

#define HEAD             "vrrp_instance V {\n interface eth0\n"
#define ADDRESS          " virtual_ipaddress {\n 192.0.2.1\n }\n"
#define ROUTER(more)     HEAD ADDRESS more "}\n"
#define GOOD             ROUTER(" virtual_router_id 42\n")
#define GLOBAL(more)     "global_defs {\n" more "}\n"
#define ADDRESSES(lines) HEAD " virtual_router_id 42\n virtual_ipaddress {\n" lines " }\n}\n"

static const struct conf_instance *first_router(struct conf_result *result)
{
    const struct conf_model *model = conf_result_model(result);

    return model->instances.count > 0 ? model->instances.items[0] : NULL;
}

static bool is_good(struct conf_result *result)
{
    const struct conf_instance *instance = first_router(result);

    return instance != NULL && instance->vrid == 42 && conf_result_outcome(result) == CONF_OUTCOME_GOOD;
}

static bool complains(struct conf_result *result)
{
    const struct conf_instance *instance = first_router(result);

    return instance != NULL && instance->vrid == 42 && conf_result_outcome(result) == CONF_OUTCOME_COMPLAINTS;
}

static bool is_refused(struct conf_result *result)
{
    return conf_result_outcome(result) == CONF_OUTCOME_REFUSED;
}

static bool lacks_router(struct conf_result *result)
{
    return first_router(result) == NULL && conf_result_outcome(result) == CONF_OUTCOME_COMPLAINTS;
}

static bool has_name(struct conf_result *result, const char *name)
{
    const char *router_id = conf_result_model(result)->global.router_id;

    return is_good(result) && router_id != NULL && strcmp(router_id, name) == 0;
}

static bool has_hash(struct conf_result *result)
{
    return has_name(result, "a#b");
}

static bool has_bang(struct conf_result *result)
{
    return has_name(result, "a!b");
}

static bool has_blank(struct conf_result *result)
{
    return has_name(result, "a b");
}

static bool has_directory(struct conf_result *result)
{
    return has_name(result, "/etc/tandem");
}

static bool has_identity(struct conf_result *result)
{
    return has_name(result, "node1");
}

static bool has_colour(struct conf_result *result)
{
    return has_name(result, "blue");
}

static bool is_box(struct conf_result *result)
{
    return has_name(result, "box");
}

static bool has_arguments(struct conf_result *result)
{
    const struct conf_script *script = &first_router(result)->notify.master;

    return script->words.count == 3 && strcmp(script->words.items[1], "b c") == 0 &&
           strcmp(script->words.items[2], "A") == 0;
}

static bool has_three_addresses(struct conf_result *result)
{
    const struct conf_instance *instance = first_router(result);
    char text[IP_ADDRESS_TEXT];

    return is_good(result) && instance->vips.count == 3 &&
           strcmp(ip_address_text(&instance->vips.items[2]->address, text), "192.0.2.12") == 0;
}

static bool has_hexadecimal_addresses(struct conf_result *result)
{
    const struct conf_instance *instance = first_router(result);
    char text[IP_ADDRESS_TEXT];

    return instance->vips.count == 3 &&
           strcmp(ip_address_text(&instance->vips.items[2]->address, text), "fe80::c") == 0;
}

static bool has_prefixes(struct conf_result *result)
{
    const struct conf_instance *instance = first_router(result);

    return is_good(result) && instance->vips.count == 2 && instance->vips.items[0]->prefix_length == 24 &&
           instance->vips.items[1]->prefix_length == 32;
}

static bool has_product(struct conf_result *result)
{
    return is_good(result) && first_router(result)->vips.count == 6;
}

static bool has_quarter_second(struct conf_result *result)
{
    return is_good(result) && first_router(result)->advert_interval_us == 250000;
}

static bool has_flags(struct conf_result *result)
{
    const struct conf_instance *instance = first_router(result);

    return is_good(result) && instance->lower_prio_no_advert && !instance->skip_check_adv_addr;
}

static bool starts_late(struct conf_result *result)
{
    return is_good(result) && conf_result_model(result)->global.startup_delay_us == 1500000;
}

static bool has_payload(struct conf_result *result)
{
    const struct conf_virtual_server *server = conf_result_model(result)->virtual_servers.items[0];

    return strcmp(server->real_servers.items[0]->checkers.items[0]->payload, "00ff") == 0;
}

static bool has_members(struct conf_result *result)
{
    return conf_result_model(result)->sync_groups.items[0]->members.count == 2;
}

/* A feature: what is loaded, and what has to come of it. Beside it there are the files below. */
struct feature {
    const char *name;
    const char *text;
    bool (*works)(struct conf_result *result);
};

#define BESIDE                                                                                               \
    {"/etc/tandem/vrid.conf", " virtual_router_id 42\n"}, {"/etc/tandem/sub/outer.conf", "include in*\n"},   \
        {"/etc/tandem/sub/inner.conf", " virtual_router_id 42\n"}, {"/etc/tandem/names.conf", "$ID=42\n"},   \
    {                                                                                                        \
        0                                                                                                    \
    }

static const struct feature features[] = {
    {"include", ROUTER(" include vrid.conf\n include missing.conf\n"), is_good},
    {"includer", ROUTER(" includer vrid.conf\n"), is_good},
    {"includem", ROUTER(" includem vrid.conf\n includem nothing*\n"), is_good},
    {"includew", ROUTER(" includew nothing*\n"), is_refused},
    {"includeb", ROUTER(" includeb {vrid,missing}.conf\n"), is_refused},
    {"includea", ROUTER(" includea missing.conf\n"), is_refused},
    {"include_check", GLOBAL(" include_check match +read\n") ROUTER(" include missing.conf\n"), is_refused},
    {"include directory", ROUTER(" include sub/outer.conf\n"), is_good},
    {"comment", "# { a\n! } b\n" ROUTER(" virtual_router_id 42 # } c\n"), is_good},
    {"comment escape", GLOBAL(" router_id a\\#b\n") GOOD, has_hash},
    {"line ending", "vrrp_instance V {\r\n interface eth0\r\n virtual_router_id 42\r\n" ADDRESS "}\r\n",
     is_good},
    {"whitespace", ROUTER("\tvirtual_router_id\f\v42 \t\n"), is_good},
    {"block",
     "vrrp_instance V\n{\ninterface eth0\n virtual_router_id 42\n virtual_ipaddress { 192.0.2.1\n }\n}\n",
     is_good},
    {"block error", GOOD "}\n", complains},
    {"unknown keyword", ROUTER(" nonsense {\n priority 7\n }\n virtual_router_id 42\n"), complains},
    {"double quotes", GLOBAL(" router_id \"a b\"\n") GOOD, has_blank},
    {"script quotes", ROUTER(" virtual_router_id 42\n notify_master \"/bin/a 'b c' A\"\n"), has_arguments},
    {"script escapes", ROUTER(" virtual_router_id 42\n notify_master \"/bin/a b\\ c \\x41\"\n"),
     has_arguments},
    {"BOOL", ROUTER(" virtual_router_id 42\n lower_prio_no_advert yes\n skip_check_adv_addr off\n"),
     has_flags},
    {"INTEGER", ROUTER(" virtual_router_id +42\n"), is_good},
    {"DECIMAL", ROUTER(" virtual_router_id 42\n version 3\n advert_int 0.25\n"), has_quarter_second},
    {"TIMER", GLOBAL(" vrrp_startup_delay 1.5\n") GOOD, starts_late},
    {"HEXSTRING",
     "virtual_server 192.0.2.1 80 {\n real_server 192.0.2.2 80 {\n UDP_CHECK {\n payload 00 ff\n }\n }\n}\n",
     has_payload},
    {"missing argument", ROUTER(" virtual_router_id\n"), is_refused},
    {"@ID", ROUTER("@node1 virtual_router_id 42\n@node2 virtual_router_id 7\n"), is_good},
    {"@^ID", ROUTER("@^node2 virtual_router_id 42\n@^node1 virtual_router_id 7\n"), is_good},
    {"$NAME=", "$ID=7\n$ID=42\n" ROUTER(" virtual_router_id $ID\n"), is_good},
    {"$NAME use", "$ID=4\n" ROUTER(" virtual_router_id ${ID}2\n"), is_good},
    {"multi-line definition",
     "$ALL= \\\n interface eth0 \\\n virtual_router_id 42\n\nvrrp_instance V {\n $ALL\n" ADDRESS "}\n",
     is_good},
    {"parameterised definition", "$LINE=virtual_router_id $ID\n$ID=42\n" ROUTER(" $LINE\n"), is_good},
    {"nested multi-line",
     "$ONE= \\\n virtual_router_id 42 \\\n priority 7\n\n$ALL= \\\n interface eth0 \\\n $ONE\n\n"
     "vrrp_instance V {\n $ALL\n" ADDRESS "}\n",
     is_good},
    {"line continuation", ROUTER(" virtual_router_id \\\n 42\n"), lacks_router},
    {"${_PWD}", GLOBAL(" router_id ${_PWD}\n") GOOD, has_directory},
    {"${_INSTANCE}", GLOBAL(" router_id ${_INSTANCE}\n") GOOD, has_identity},
    {"${_RANDOM}", ROUTER(" virtual_router_id ${_RANDOM 42 42}\n"), is_good},
    {"${_ENV}", GLOBAL(" router_id ${_ENV COLOUR}${_ENV UNSET}\n") GOOD, has_colour},
    {"${_HASH}", GLOBAL(" router_id a${_HASH}b\n") GOOD, has_hash},
    {"${_BANG}", GLOBAL(" router_id a${_BANG}b\n") GOOD, has_bang},
    {"predefined override", "$_INSTANCE=box\n" GLOBAL(" router_id ${_INSTANCE}\n") GOOD, is_box},
    {"random_seed", GLOBAL(" random_seed 7\n") GOOD, is_good},
    {"~SEQ", ADDRESSES(" ~SEQ(N, 10, 12) 192.0.2.$N\n"), has_three_addresses},
    {"~SEQx", ADDRESSES(" ~SEQx(N, 10, 12) fe80::$N\n"), has_hexadecimal_addresses},
    {"~LST", ADDRESSES(" ~LST(N, 1, 7, 12) 192.0.2.$N\n"), has_three_addresses},
    {"~LST multi", ADDRESSES(" ~LST({N,L}, {1,24}, {2,32}) 192.0.2.${N}/$L\n"), has_prefixes},
    {"nested ~SEQ/~LST", ADDRESSES(" ~SEQ(M, 1, 2) ~LST(N, 3, 4, 5) 192.0.2.${M}$N\n"), has_product},
    {"~SEQ parameters", "$LAST=12\n" ADDRESSES(" ~SEQ(N, 10, $LAST) 192.0.2.$N\n"), has_three_addresses},
    {"order of processing", "@node1 $ID=42 # a comment\n" ROUTER("@node1 virtual_router_id $ID\n"), is_good},
    {"definition scope", "include names.conf\n" ROUTER(" virtual_router_id $ID\n"), is_good},
    {"include with definitions", "$FILE=vrid.conf\n" ROUTER(" include $FILE\n"), is_good},
    {"consolidated copy", GLOBAL(" tmp_config_directory /tmp\n") GOOD, is_good},
    {"musl builds", ROUTER(" includem vrid.conf\n includeb {vrid}.conf\n"), is_good},
    {"two-pass reload", GLOBAL(" reload_check_config\n") GOOD, is_good},
    {"list value block",
     "vrrp_sync_group G {\n group { V W\n }\n}\n" GOOD
     "vrrp_instance W {\n interface eth0\n virtual_router_id "
     "43\n virtual_ipaddress {\n 192.0.2.3 }\n}\n",
     has_members},
};

static struct conf_result *load_as(const char *path, const char *text)
{
    const struct fake_file files[] = {{PATH, text}, BESIDE};
    const struct conf_load_request request = {.path = path, .config_id = "node1", .host = &fake_host};

    fake_host_files(files);
    return conf_load(&request);
}

static bool works(const struct feature *feature)
{
    struct conf_result *result = load_as(PATH, feature->text);
    bool good = feature->works(result);

    if (!good) {
        char *text = fake_print(result);

        print_error("%s:\n%s%s", feature->name, feature->text, text);
        free(text);
    }
    conf_result_free(result);
    return good;
}

/* ------------------------------------------------------------------ features that are no text */

static bool works_as(const char *path, const char *text)
{
    struct conf_result *result = load_as(path, text);
    bool good = is_good(result);

    conf_result_free(result);
    return good;
}

static bool works_with_patterns(void)
{
    return works_as("/etc/tandem/tan*.conf", GOOD);
}

static bool works_with_kinds(void)
{
    size_t length;
    char *directory = conf_host_system.read_file(NULL, "/", &length);
    bool good = directory == NULL && errno == EISDIR;
    char *program = conf_host_system.read_file(NULL, "/bin/sh", &length);

    return good && program == NULL && errno == ENOEXEC;
}

static bool works_with_long_lines(void)
{
    static char text[5000 + sizeof(GOOD)];

    memset(text, ' ', 5000);
    memcpy(text + 5000, GOOD, sizeof(GOOD));
    return works_as(PATH, text);
}

static char *read_nul(void *context, const char *path, size_t *length)
{
    static const char text[] = ROUTER(" virtual_router_id 42\n prio\0rity 7\n");
    char *copy = malloc(sizeof(text));

    (void)context;
    (void)path;
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, sizeof(text));
    *length = sizeof(text) - 1;
    return copy;
}

/* The line does not count; whether the rest does is told by how bad that is. */
static bool works_with_nul(void)
{
    struct conf_host host = fake_host;
    const struct conf_load_request request = {.path = PATH, .config_id = "node1", .host = &host};
    struct conf_result *result;
    bool good;

    host.read_file = read_nul;
    result = conf_load(&request);
    good = conf_result_outcome(result) != CONF_OUTCOME_GOOD && first_router(result) != NULL &&
           first_router(result)->base_priority == 100;
    conf_result_free(result);
    return good;
}

static bool works_as_a_test(void)
{
    return CONF_OUTCOME_GOOD == 0 && works_as(PATH, GOOD) && !works_as(PATH, "");
}

static const struct {
    const char *name;
    bool (*works)(void);
} abilities[] = {
    {"config file glob", works_with_patterns}, {"include file kind", works_with_kinds},
    {"line length", works_with_long_lines},    {"NUL in line", works_with_nul},
    {"--config-test", works_as_a_test},
};

static bool has_feature(const char *name)
{
    for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
        if (strcmp(features[i].name, name) == 0)
            return works(&features[i]);
    }
    for (size_t i = 0; i < sizeof(abilities) / sizeof(abilities[0]); i++) {
        if (strcmp(abilities[i].name, name) == 0)
            return abilities[i].works();
    }
    print_error("nothing tries it: ");
    return false;
}

static void test_every_feature_works(void **state)
{
    char *text = read_list(), *rest = text;
    size_t tried = 0, failed = 0;
    struct list_row row;

    (void)state;
    while (next_row(&rest, &row)) {
        if (strcmp(row.block, "(language)") != 0)
            continue;
        tried++;
        if (!has_feature(row.keyword)) {
            print_error("%s\n", row.keyword);
            failed++;
        }
    }
    assert_int_equal(tried, 58);
    assert_int_equal(failed, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_feature_works),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
