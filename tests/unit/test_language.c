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
#include "keyword_list.h"

#define PATH "/etc/tandem/tandem.conf"

/* ------------------------------------------------------------------ the list */

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
    const struct conf_notify *notify = first_router(result)->notify;
    const struct conf_script *script = &notify->master;

    return notify != NULL && script->words.count == 3 && strcmp(script->words.items[1], "b c") == 0 &&
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
    char *text = keyword_list_read(), *rest = text;
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

/* ------------------------------------------------------------------ keywords */

#define BASE_ROUTE "198.51.100.0/24 via 192.0.2.254 dev eth0"

/* What a keyword is tried with where its row does not tell: by block, or in any if that is NULL. */
static const struct {
    const char *block;
    const char *keyword;
    const char *arguments;
} samples[] = {
    {"bfd_instance", "min_rx", "10"},
    {"bfd_instance", "min_tx", "10"},
    {"bfd_instance", "idle_tx", "1000"},
    {"garp_group", "interface", "eth0"},
    {"virtual_server/real_server/BFD_CHECK", "name", "gate"},
    {"virtual_server/real_server/DNS_CHECK", "name", "example.org"},
    {"vrrp_instance/auth_hmac", "key", "1 0123456789abcdef0123456789abcdef"},
    {"global_defs", "vrrp_mcast_group6", "ff02::20"},
    {"vrrp_script", "script", "/bin/true"},
    {"global_defs", "umask", "022"},
    {"global_defs", "vrrp_rx_bufs_policy", "ADVERT"},
    {NULL, "regex_stack", "32768 524288"},
    {NULL, "vrrp_mcast_group4", "224.0.0.20"},
    {NULL, "use_ipvlan", "192.0.2.9"},
    {NULL, "persistence_granularity", "255.255.255.0"},
    {NULL, "payload", "00ff"},
    {NULL, "digest", "0123456789abcdef0123456789abcdef"},
    {NULL, "status_code", "200"},
    {NULL, "regex_options", "caseless"},
    {NULL, "script_user", "root"},
    {NULL, "user", "root"},
    {NULL, "smtp_server", "192.0.2.25"},
    {NULL, "vrrp_cpu_affinity", "0"},
    {NULL, "checker_cpu_affinity", "0"},
    {NULL, "lvs_sync_daemon", "eth1"},
    {NULL, "lvs_sync_daemon_interface", "eth1"},
    {NULL, "vrrp_garp_extra_if", "all 5"},
    {NULL, "vrrp_vmac_garp_intvl", "5"},
    {NULL, "garp_extra_if", "5"},
    {NULL, "vmac_garp_intvl", "all 5"},
    {NULL, "nftables", "table1"},
    {NULL, "lb_algo", "wlc"},
    {NULL, "lvs_sched", "wlc"},
    {NULL, "virtual_server", "192.0.2.1 80"},
    {NULL, "real_server", "192.0.2.2 80"},
    /* entries of lists */
    {"track_group/group", "(entry)", "V"},
    {"vrrp_sync_group/group", "(entry)", "V"},
    {"global_defs/notification_email", "(entry)", "a@example.org"},
    {"vrrp_instance/unicast_peer", "(entry)", "192.0.2.9 min_ttl 1 max_ttl 9"},
    {"vrrp_instance/virtual_routes", "(entry)", BASE_ROUTE},
    {"static_routes", "(entry)", BASE_ROUTE},
    {"vrrp_instance/virtual_rules", "(entry)", "from 192.0.2.0/24 table 7 preference 9"},
    {"static_rules", "(entry)", "from 192.0.2.0/24 table 7 preference 9"},
    {"virtual_server_group", "(entry)", "192.0.2.1-9 80"},
    {"interface_up_down_delays", "(entry)", "eth0 1 2"},
    /* words of lines: the whole line */
    {"(entry:address)", "(address)", "192.0.2.1"},
    {"(entry:address)", "peer", "192.0.2.1 peer 192.0.2.7/32"},
    {"(entry:address)", "label", "192.0.2.1 label a"},
    {"(entry:address)", "scope", "192.0.2.1 scope link"},
    {"(entry:address)", "use_vmac", "192.0.2.1 dev eth1 use_vmac"},
    {"(entry:route)", "(dest)", "to unicast 198.51.100.0/24 dev eth0"},
    {"(entry:route)", "inet", "inet 198.51.100.0/24 dev eth0"},
    {"(entry:route)", "inet6", "inet6 2001:db8:1::/64 dev eth0"},
    {"(entry:route)", "via", "198.51.100.0/24 via inet 192.0.2.254"},
    {"(entry:route)", "gw", "198.51.100.0/24 gw 192.0.2.254"},
    {"(entry:route)", "or", "198.51.100.0/24 via 192.0.2.254 or 192.0.2.253"},
    {"(entry:route)", "dev", "198.51.100.0/24 dev eth0"},
    {"(entry:route)", "oif", "198.51.100.0/24 oif eth0"},
    {"(entry:route)", "from", "2001:db8:1::/64 dev eth0 from 2001:db8::/64"},
    {"(entry:route)", "expires", "2001:db8:1::/64 dev eth0 expires 9"},
    {"(entry:route)", "pref", "2001:db8:1::/64 dev eth0 pref low"},
    {"(entry:route)", "protocol", BASE_ROUTE " no_track protocol 5"},
    {"(entry:route)", "as", BASE_ROUTE " as 192.0.2.7"},
    {"(entry:route)", "encap", BASE_ROUTE " encap ip id 1 dst 192.0.2.7"},
    {"(entry:route)", "rtt", BASE_ROUTE " rtt lock 5ms"},
    {"(entry:route)", "rttvar", BASE_ROUTE " rttvar 5s"},
    {"(entry:route)", "rto_min", BASE_ROUTE " rto_min 5"},
    {"(entry:route)", "congctl", BASE_ROUTE " congctl lock bbr"},
    {"(entry:route)", "realms", BASE_ROUTE " realms 1/2"},
    {"(entry:route)", "features", BASE_ROUTE " features ecn"},
    {"(entry:route)", "quickack", BASE_ROUTE " quickack 1"},
    {"(entry:route)", "fastopen_no_cookie", BASE_ROUTE " fastopen_no_cookie 1"},
    {"(entry:route)", "ttl-propagate", BASE_ROUTE " ttl-propagate enabled"},
    {"(entry:route)", "vrf", BASE_ROUTE " vrf eth2"},
    {"(entry:route)", "nexthop", "198.51.100.0/24 nexthop via 192.0.2.254 weight 2 nexthop dev eth1"},
    {"(entry:rule)", "inet", "inet from 192.0.2.0/24 table 7 preference 9"},
    {"(entry:rule)", "inet6", "inet6 from 2001:db8::/64 table 7 preference 9"},
    {"(entry:rule)", "from", "from 192.0.2.0/24 table 7 preference 9"},
    {"(entry:rule)", "to", "to 192.0.2.0/24 table 7 preference 9"},
    {"(entry:rule)", "table", "from 192.0.2.0/24 table 7 preference 9"},
    {"(entry:rule)", "lookup", "from 192.0.2.0/24 lookup 7 preference 9"},
    {"(entry:rule)", "not", "not from 192.0.2.0/24 table 7 preference 9"},
    {"(entry:rule)", "preference", "from 192.0.2.0/24 table 7 preference 9"},
    {"(entry:rule)", "order", "from 192.0.2.0/24 table 7 order 9"},
    {"(entry:rule)", "priority", "from 192.0.2.0/24 table 7 priority 9"},
    {"(entry:rule)", "iif", "iif eth0 table 7 preference 9"},
    {"(entry:rule)", "dev", "dev eth0 table 7 preference 9"},
    {"(entry:rule)", "oif", "oif eth0 table 7 preference 9"},
    {"(entry:rule)", "fwmark", "fwmark 1/3 table 7 preference 9"},
    {"(entry:rule)", "realms", "from 192.0.2.0/24 realms 1/2 table 7 preference 9"},
    {"(entry:rule)", "ipproto", "ipproto tcp table 7 preference 9"},
    {"(entry:rule)", "protocol", "from 192.0.2.0/24 no_track protocol 5 table 7 preference 9"},
    {"(entry:rule)", "l3mdev", "iif eth0 l3mdev preference 9"},
    {"(entry:rule)", "type", "from 192.0.2.0/24 preference 9 type blackhole"},
    {"(entry:rule)", "goto", "from 192.0.2.0/24 preference 9 goto 20"},
    {"(entry:rule)", "nop", "from 192.0.2.0/24 preference 9 nop"},
    {"(entry:rule)", "blackhole", "from 192.0.2.0/24 preference 9 blackhole"},
    {"(entry:rule)", "unreachable", "from 192.0.2.0/24 preference 9 unreachable"},
    {"(entry:rule)", "prohibit", "from 192.0.2.0/24 preference 9 prohibit"},
};

static const char *given_sample(const char *block, const char *keyword)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        if ((samples[i].block == NULL || strcmp(samples[i].block, block) == 0) &&
            strcmp(samples[i].keyword, keyword) == 0)
            return samples[i].arguments;
    }
    return NULL;
}

/* By what the row says its first argument is: "[lock] <INTEGER>" gives "1". */
static const char *sample_of_kind(const char *arguments)
{
    static const struct {
        const char *kind;
        const char *sample;
    } kinds[] = {
        {"<INTEGER>", "1"},
        {"<DECIMAL>", "1"},
        {"<TIMER>", "1"},
        {"<STRING>", "a"},
        {"<NAME>", "name"},
        {"<PATH>", "/tmp/a"},
        {"<DIR>", "/tmp"},
        {"<IFNAME>", "eth0"},
        {"<IPADDR>", "192.0.2.9"},
        {"<TABLE>", "5"},
        {"<PREFIX>", "192.0.2.0/24"},
        {"<DSFIELD>", "4"},
        {"<N>-<N>", "1-2"},
        {"<GROUP>", "1"},
        {"<SCOPE>", "link"},
        {"<SCRIPT", "/bin/true"},
        {"NAT|", "DR"},
        {"as lvs_method", "DR"},
        {"<USER>", "root"},
        {"<BOOL>", "on"},
        {"<PROTO>", "5"},
        {"<REGEX>", "a"},
        {"tcp <INT", "tcp 5"},
    };

    if (strcmp(arguments, "(none)") == 0)
        return "";
    if (strncmp(arguments, "[lock] ", 7) == 0)
        arguments += 7;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const char *at = strstr(arguments, kinds[i].kind);

        if (at != NULL && strcspn(arguments, " ") >= (size_t)(at - arguments))
            return kinds[i].sample;
    }
    return *arguments == '[' ? "" : "a";
}

static void write_arguments(FILE *out, const char *block, const struct conf_keyword *row)
{
    const char *given = given_sample(block, row->name);

    if (given != NULL)
        fputs(given, out);
    else if (row->kind == CONF_VALUE_INTEGER)
        fprintf(out, "%lld", (long long)(row->low > 1 || row->high < 1 ? row->low : 1));
    else if (row->kind == CONF_VALUE_SECONDS)
        fprintf(out, "%.6f", (double)(row->high < 1000000 ? row->high : 1000000) / 1e6);
    else if (row->kind == CONF_VALUE_CHOICE)
        fputs(row->choices[0].word, out);
    else if (row->kind != CONF_VALUE_SET)
        fputs(sample_of_kind(row->arguments), out);
    if (row->opens != CONF_BLOCK_NONE)
        fputs(" {\n}", out);
}

/* The blocks around, each on a line of its own; returns how many. */
static unsigned int open_blocks(FILE *out, enum conf_block block)
{
    const struct conf_block_info *info = conf_block_info(block);
    const char *name = strrchr(info->path, '/');
    const char *given;
    unsigned int depth;

    if (block == CONF_BLOCK_ROOT)
        return 0;
    depth = open_blocks(out, info->parent) + 1;
    name = name == NULL ? info->path : name + 1;
    given = given_sample("", name);
    fprintf(out, "%s %s {\n", name, given != NULL ? given : info->parent == CONF_BLOCK_ROOT ? "name" : "");
    return depth;
}

/* A word of a line in the list it stands in. */
static unsigned int write_word(FILE *out, const char *block, const struct conf_keyword *row)
{
    bool address = strcmp(block, "(entry:address)") == 0, route = strcmp(block, "(entry:route)") == 0;
    bool is_static = strcmp(row->name, "track_group") == 0;
    const char *given = given_sample(block, row->name);

    if (is_static)
        fprintf(out, "static_%s {\n", address ? "ipaddress" : route ? "routes" : "rules");
    else
        fprintf(out, "vrrp_instance V {\nvirtual_%s {\n", address ? "ipaddress" : route ? "routes" : "rules");
    if (given != NULL)
        fputs(given, out);
    else if (address || route)
        fprintf(out, "%s %s %s", address ? "192.0.2.1" : BASE_ROUTE, row->name,
                sample_of_kind(row->arguments));
    else
        fprintf(out, "from 192.0.2.0/24 table 7 preference 9 %s %s", row->name,
                sample_of_kind(row->arguments));
    return is_static ? 1 : 2;
}

/* A file with that keyword in its place; *line becomes its line. */
static char *file_with(const char *path, const struct conf_keyword *row, unsigned int *line)
{
    enum conf_block block = keyword_list_block(path);
    char *text = NULL;
    unsigned int depth;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    if (strncmp(path, "(entry:", 7) == 0) {
        depth = write_word(out, path, row);
    } else {
        depth = open_blocks(out, block);
        if (strcmp(row->name, "(entry)") == 0)
            fprintf(out, "%s",
                    given_sample(path, "(entry)") != NULL ? given_sample(path, "(entry)")
                                                          : sample_of_kind(row->arguments));
        else {
            fprintf(out, "%s ", row->name);
            write_arguments(out, path, row);
        }
    }
    *line = depth + 1;
    while (depth-- > 0)
        fputs("\n}", out);
    putc('\n', out);
    fclose(out);
    return text;
}

/* That it is not known there, or its arguments are wrong. */
static bool is_taken(const char *text, unsigned int line)
{
    static const enum conf_problem problems[] = {CONF_PROBLEM_TEXT,      CONF_PROBLEM_BRACE,
                                                 CONF_PROBLEM_ARGUMENT,  CONF_PROBLEM_UNKNOWN_KEYWORD,
                                                 CONF_PROBLEM_MISPLACED, CONF_PROBLEM_VALUE};
    struct conf_result *result = load_as(PATH, text);
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);
    bool taken = true;

    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(diagnostics, i);

        for (size_t j = 0; j < sizeof(problems) / sizeof(problems[0]); j++) {
            if (item->problem == problems[j] && item->position.line == line) {
                print_error("%s%s\n", text, item->text);
                taken = false;
            }
        }
    }
    conf_result_free(result);
    return taken;
}

static void test_every_keyword_is_taken(void **state)
{
    struct conf_keyword_index *index = conf_keyword_index_new();
    char *list = keyword_list_read(), *rest = list;
    size_t tried = 0, failed = 0;
    struct list_row row;

    (void)state;
    next_row(&rest, &row); /* the heading */
    while (next_row(&rest, &row)) {
        const struct conf_keyword *keyword =
            conf_keyword_find(index, keyword_list_block(row.block), row.keyword);
        unsigned int line;
        char *text;

        if (strcmp(row.block, "(language)") == 0)
            continue;
        if (keyword == NULL)
            fail_msg("%s: %s is not in the table", row.block, row.keyword);
        text = file_with(row.block, keyword, &line);
        tried++;
        failed += !is_taken(text, line);
        free(text);
    }
    assert_true(tried > 650);
    assert_int_equal(failed, 0);
    free(list);
    conf_keyword_index_free(index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_feature_works),
        cmocka_unit_test(test_every_keyword_is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
