/*
 * The table that pairs rows of layout.c with keywords, and the text of a whole model. See print.h.
 */
#include "conf/print.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/ip_vs.h>
#include <stdlib.h>
#include <string.h>

#include "conf/keyword_tables.h"
#include "conf/regex_options.h"
#define CONNECT_TIMEOUT_US 5000000 /* unless something says otherwise */
#define SECRET             "(secret)"

static void print_rows(struct conf_printer *printer, const struct layout *layout, const void *object,
                       bool at_root);

/* ------------------------------------------------------------------ values of one row */

typedef struct conf_printer printer;
typedef const struct conf_print_rule rule_row;
typedef const struct field field_row;

static const void *member(field_row *field, const void *object)
{
    return (const char *)object + field->offset;
}

static void print_number(printer *out, rule_row *rule, field_row *field, const void *object)
{
    int64_t value =
        field->kind == FIELD_SIGNED ? field_signed(object, field) : (int64_t)field_unsigned(object, field);

    if (value == rule->usual)
        return;
    printer_begin(out, rule->keyword);
    fprintf(out->out, " %" PRId64, value);
    printer_end(out);
}

static void print_seconds(printer *out, rule_row *rule, field_row *field, const void *object)
{
    int64_t value = field_signed(object, field);

    if (value == rule->usual)
        return;
    printer_begin(out, rule->keyword);
    printer_seconds(out, value);
    printer_end(out);
}

static void print_flag(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (field_unsigned(object, field) == (uint64_t)rule->usual)
        return;
    printer_begin(out, rule->keyword);
    printer_end(out);
}

static void put_bool(printer *out, const char *keyword, bool value)
{
    printer_begin(out, keyword);
    printer_word(out, value ? "true" : "false");
    printer_end(out);
}

static void print_bool(printer *out, rule_row *rule, field_row *field, const void *object)
{
    uint64_t value = field_unsigned(object, field);

    if (value != (uint64_t)rule->usual)
        put_bool(out, rule->keyword, value != 0);
}

static void put_text(const printer *out, const char *keyword, const char *text)
{
    if (text == NULL)
        return;
    printer_begin(out, keyword);
    printer_word(out, text);
    printer_end(out);
}

static void print_text(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_text(out, rule->keyword, *(char *const *)member(field, object));
}

static void print_characters(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_text(out, rule->keyword, member(field, object));
}

static void put_endpoint(const printer *out, const char *keyword, const struct ip_address *address,
                         uint16_t port)
{
    if (!ip_address_is_set(address))
        return;
    printer_begin(out, keyword);
    printer_endpoint(out, address, port);
    printer_end(out);
}

static void put_script(const printer *out, const char *keyword, const struct conf_script *script,
                       bool with_user)
{
    if (script->words.count == 0)
        return;
    printer_begin(out, keyword);
    printer_command(out, script);
    if (with_user)
        printer_user(out, script->uid, script->gid);
    printer_end(out);
}

static void print_script(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_script(out, rule->keyword, member(field, object), true);
}

/* A list of lines as a block. */
static void print_lines(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_print_object *item = conf_print_object(field->layout);
    struct any_list list = field_list(object, field);

    if (list.count == 0)
        return;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < list.count; i++) {
        printer_begin(out, "");
        item->line(out, list.items[i]);
        printer_end(out);
    }
    printer_close(out);
}

static void print_blocks(printer *out, rule_row *rule, field_row *field, const void *object)
{
    struct any_list list = field_list(object, field);

    (void)rule;
    for (uint32_t i = 0; i < list.count; i++)
        conf_print_block(out, field->layout, list.items[i]);
}

/* ------------------------------------------------------------------ vrrp_instance */

static uint8_t obvious_family(const struct conf_instance *instance)
{
    for (uint32_t i = 0; i < instance->vips.count; i++) {
        if (!instance->vips.items[i]->excluded)
            return instance->vips.items[i]->address.family;
    }
    if (ip_address_is_set(&instance->source))
        return instance->source.family;
    if (instance->unicast_peers.count > 0)
        return instance->unicast_peers.items[0]->address.family;
    return instance->vips.count > 0 ? instance->vips.items[0]->address.family : AF_INET;
}

static void print_family(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    (void)field;
    if (instance->family == AF_INET6 && obvious_family(instance) != AF_INET6)
        printer_line(out, "%s", rule->keyword);
}

static void print_state(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    (void)field;
    printer_line(out, "%s %s", rule->keyword,
                 instance->wanted_state == CONF_WANTED_MASTER ? "MASTER" : "BACKUP");
}

static void print_source(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    (void)rule;
    (void)field;
    put_endpoint(out, instance->unicast_peers.count > 0 ? "unicast_src_ip" : "mcast_src_ip",
                 &instance->source, 0);
}

static void print_multicast(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;
    char text[IP_ADDRESS_TEXT];
    const char *usual = instance->family == AF_INET ? "224.0.0.18" : "ff02::12";

    (void)field;
    if (strcmp(ip_address_text(&instance->multicast_group, text), usual) != 0)
        put_endpoint(out, rule->keyword, &instance->multicast_group, 0);
}

static void print_unicast_ttl(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    (void)field;
    if (instance->unicast_peers.count > 0)
        printer_line(out, "%s %u", rule->keyword, instance->unicast_ttl);
}

static void print_authentication(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const uint8_t nothing[sizeof(((struct conf_instance *)0)->auth_data)];
    const struct conf_instance *instance = object;

    (void)field;
    if (instance->auth_type == CONF_AUTH_NONE)
        return;
    printer_open(out, "%s", rule->keyword);
    printer_line(out, "auth_type %s", instance->auth_type == CONF_AUTH_AH ? "AH" : "PASS");
    printer_line(out, "auth_pass %s",
                 memcmp(instance->auth_data, nothing, sizeof(nothing)) == 0 ? "\"\"" : SECRET);
    printer_close(out);
}

static void print_lease(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    (void)field;
    if (instance->lease_us < 0)
        return;
    printer_begin(out, rule->keyword);
    if (instance->lease_us == 0)
        printer_word(out, "off");
    else
        printer_seconds(out, instance->lease_us);
    printer_end(out);
}

/* Both lists of addresses, of which an instance may have neither. */
static void put_addresses(printer *out, const struct conf_instance *instance, const char *keyword,
                          bool excluded)
{
    bool open = false;

    for (uint32_t i = 0; i < instance->vips.count; i++) {
        if (instance->vips.items[i]->excluded != excluded)
            continue;
        if (!open)
            printer_open(out, "%s", keyword);
        open = true;
        printer_begin(out, "");
        printer_vip(out, instance->vips.items[i]);
        printer_end(out);
    }
    if (open)
        printer_close(out);
    else if (!excluded)
        printer_line(out, "no_virtual_ipaddress");
}

static void print_addresses(printer *out, rule_row *rule, field_row *field, const void *object)
{
    (void)field;
    put_addresses(out, object, rule->keyword, false);
    put_addresses(out, object, "virtual_ipaddress_excluded", true);
}

static void put_tracked(printer *out, const struct conf_tracked *const *items, uint32_t count,
                        const char *keyword, enum conf_tracked_kind kind)
{
    bool open = false;

    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->kind != kind)
            continue;
        if (!open)
            printer_open(out, "%s", keyword);
        open = true;
        printer_begin(out, "");
        printer_tracked(out, items[i]);
        printer_end(out);
    }
    if (open)
        printer_close(out);
}

/* A block for each run of one kind, so that the order stays. */
static void print_tracked(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const keywords[] = {
        [CONF_TRACKED_SCRIPT] = "track_script",
        [CONF_TRACKED_FILE] = "track_file",
        [CONF_TRACKED_PROCESS] = "track_process",
    };
    struct any_list list = field_list(object, field);
    const struct conf_tracked *const *items = (const void *)list.items;
    uint32_t end;

    (void)rule;
    for (uint32_t start = 0; start < list.count; start = end) {
        end = start + 1;
        while (end < list.count && items[end]->kind == items[start]->kind)
            end++;
        put_tracked(out, items + start, end - start, keywords[items[start]->kind], items[start]->kind);
    }
}

static void print_extra(printer *out, rule_row *rule, field_row *field, const void *object)
{
    uint64_t seconds = field_unsigned(object, field);

    if (seconds == (uint64_t)rule->usual)
        return;
    printer_begin(out, rule->keyword);
    fprintf(out->out, " all %" PRIu64, seconds);
    printer_end(out);
}

static void print_deletion(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    if (instance->notify.deleted.words.count > 0)
        put_script(out, rule->keyword, &instance->notify.deleted, true);
    else
        print_flag(out, rule, field, object);
}

/* ------------------------------------------------------------------ groups and what is tracked */

static void print_interfaces(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_garp_group *group = object;

    (void)field;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < group->interfaces.count; i++)
        put_text(out, "", group->interfaces.items[i]);
    printer_close(out);
}

static void print_members(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_sync_group *group = object;

    (void)field;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < group->members.count; i++)
        put_text(out, "", group->members.items[i]->name);
    printer_close(out);
}

static const struct conf_recurring_script *find_script(printer *out, uint64_t key)
{
    uint32_t count = out->model->recurring_scripts.count;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (out->next_script + i) % count;

        if (out->model->recurring_scripts.items[at]->key != key)
            continue;
        out->next_script = at + 1;
        return out->model->recurring_scripts.items[at];
    }
    return NULL;
}

static void put_recurring(printer *out, const char *keyword, uint64_t key)
{
    const struct conf_recurring_script *recurring = find_script(out, key);

    if (recurring == NULL)
        return; /* of a slice without scripts */
    put_script(out, keyword, &recurring->script, false);
    printer_begin(out, "user");
    printer_user(out, recurring->script.uid, recurring->script.gid);
    printer_end(out);
}

static void print_track_script(printer *out, rule_row *rule, field_row *field, const void *object)
{
    (void)field;
    put_recurring(out, rule->keyword, ((const struct conf_track_script *)object)->key);
}

static void print_init_file(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_track_file *file = object;

    (void)field;
    if (file->init_create)
        printer_line(out, "%s %d%s", rule->keyword, file->init_value,
                     file->init_overwrite ? " overwrite" : "");
}

static void print_process(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_track_process *process = object;

    (void)field;
    printer_begin(out, rule->keyword);
    printer_word(out, process->process);
    for (uint32_t i = 0; i < process->parameters.count; i++)
        printer_word(out, process->parameters.items[i]);
    printer_end(out);
}

static void print_match(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const words[] = {
        [CONF_PARAM_EXACT] = "",
        [CONF_PARAM_PARTIAL] = " partial",
        [CONF_PARAM_INITIAL] = " initial",
    };
    const struct conf_track_process *process = object;

    (void)field;
    if (process->match != CONF_PARAM_NONE)
        printer_line(out, "%s%s", rule->keyword, words[process->match]);
}

/* That none is to run follows from quorum_max 0. */
static void print_quorum(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (((const struct conf_track_process *)object)->quorum != 0)
        print_number(out, rule, field, object);
}

/* ------------------------------------------------------------------ virtual_server */

static const char *const forwarding_words[] = {
    [CONF_FORWARD_NAT] = "NAT",
    [CONF_FORWARD_DR] = "DR",
    [CONF_FORWARD_TUN] = "TUN",
};

static void put_method(const printer *out, const char *keyword, const struct conf_method *method)
{
    static const char *const tunnels[] = {
        [CONF_TUNNEL_IPIP] = "",
        [CONF_TUNNEL_GUE] = " type gue",
        [CONF_TUNNEL_GRE] = " type gre",
    };
    static const char *const checksums[] = {
        [CONF_TUNNEL_NO_CHECKSUM] = "",
        [CONF_TUNNEL_CHECKSUM] = " csum",
        [CONF_TUNNEL_REMOTE_CHECKSUM] = " remcsum",
    };

    printer_begin(out, keyword);
    fprintf(out->out, " %s%s", forwarding_words[method->forwarding], tunnels[method->tunnel]);
    if (method->tunnel_port != 0)
        fprintf(out->out, " port %u", method->tunnel_port);
    fputs(checksums[method->tunnel_checksum], out->out);
    printer_end(out);
}

static void print_method(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_method(out, rule->keyword, member(field, object));
}

static void print_sorry(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_sorry_server *sorry = member(field, object);

    if (!ip_address_is_set(&sorry->endpoint.address))
        return;
    put_endpoint(out, rule->keyword, &sorry->endpoint.address, sorry->endpoint.port);
    put_method(out, "sorry_server_lvs_method", &sorry->method);
    if (sorry->inhibit)
        printer_line(out, "sorry_server_inhibit");
}

static void print_services(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_virtual_server *server = object;

    (void)field;
    if (server->kind == CONF_SERVER_FWMARK)
        printer_line(out, "%s %s", rule->keyword,
                     server->services.items[0]->first.address.family == AF_INET6 ? "inet6" : "inet");
}

static bool has_addresses(const struct conf_virtual_server *server)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->fwmark == 0)
            return true;
    }
    return false;
}

static void print_protocol(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const words[] = {
        [CONF_PROTOCOL_TCP] = "TCP",
        [CONF_PROTOCOL_UDP] = "UDP",
        [CONF_PROTOCOL_SCTP] = "SCTP",
    };
    const struct conf_virtual_server *server = object;

    (void)field;
    if (has_addresses(server))
        printer_line(out, "%s %s", rule->keyword, words[server->protocol]);
}

static void print_server_flags(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const struct {
        const char *keyword;
        uint32_t flag;
    } rows[] = {
        {"flag-1", IP_VS_SVC_F_SCHED1},
        {"flag-2", IP_VS_SVC_F_SCHED2},
        {"flag-3", IP_VS_SVC_F_SCHED3},
        {"ops", IP_VS_SVC_F_ONEPACKET},
    };
    const struct conf_virtual_server *server = object;

    (void)rule;
    (void)field;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((server->flags & rows[i].flag) != 0)
            printer_line(out, "%s", rows[i].keyword);
    }
}

static void print_netmask(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_virtual_server *server = object;
    char text[INET_ADDRSTRLEN];

    (void)field;
    if (server->persistence_netmask == UINT32_MAX)
        return;
    inet_ntop(AF_INET, &server->persistence_netmask, text, sizeof(text));
    printer_line(out, "%s %s", rule->keyword, text);
}

static void print_real_alpha(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_real_server *real = object;

    (void)field;
    if (real->alpha || (out->server != NULL && out->server->alpha))
        put_bool(out, rule->keyword, real->alpha);
}

/* Script checks have no connect_timeout of their own, and take that of their server. */
static void print_real_timeout(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_real_server *real = object;

    (void)field;
    for (uint32_t i = 0; i < real->checkers.count; i++) {
        const struct conf_checker *checker = real->checkers.items[i];

        if (checker->type != CONF_CHECK_MISC || checker->connect_timeout_us == CONNECT_TIMEOUT_US)
            continue;
        printer_begin(out, rule->keyword);
        printer_seconds(out, checker->connect_timeout_us);
        printer_end(out);
        return;
    }
}

/* ------------------------------------------------------------------ checks */

static void print_misc(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->type == CONF_CHECK_MISC)
        put_recurring(out, rule->keyword, checker->key);
}

static void print_connect(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;
    const struct ip_address *usual = out->real == NULL ? NULL : &out->real->endpoint.address;

    (void)field;
    if (checker->type == CONF_CHECK_MISC)
        return;
    if (usual == NULL || ip_address_compare(usual, &checker->connect.address) != 0)
        put_endpoint(out, rule->keyword, &checker->connect.address, 0);
    if (checker->connect.port != 0)
        printer_line(out, "connect_port %u", checker->connect.port);
}

static void print_bind(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    put_endpoint(out, rule->keyword, &checker->bind.address, 0);
    if (checker->bind.port != 0)
        printer_line(out, "bind_port %u", checker->bind.port);
}

static void print_connect_timeout(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (((const struct conf_checker *)object)->type != CONF_CHECK_MISC)
        print_seconds(out, rule, field, object);
}

static void print_script_timeout(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (((const struct conf_checker *)object)->type == CONF_CHECK_MISC)
        print_seconds(out, rule, field, object);
}

static void print_checker_alpha(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;
    bool usual = out->real != NULL && out->real->alpha;

    (void)field;
    if (checker->alpha != usual)
        put_bool(out, rule->keyword, checker->alpha);
}

static void print_require_reply(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->reply != NULL)
        put_text(out, rule->keyword, checker->reply);
    else if (checker->require_reply)
        printer_line(out, "%s", rule->keyword);
}

/* A reply that begins in some way has a limit by default. */
static void print_reply_max(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->reply_max != 0 || checker->reply != NULL)
        printer_line(out, "%s %u", rule->keyword, checker->reply_max);
}

static void print_dns_type(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    for (const struct conf_choice *type = conf_dns_types; type->word != NULL; type++) {
        if (type->value == checker->dns_type)
            printer_line(out, "%s %s", rule->keyword, type->word);
    }
}

static void print_http_version(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const words[] = {
        [CONF_HTTP_1_0] = "1.0",
        [CONF_HTTP_1_0_CLOSE] = "1.0C",
        [CONF_HTTP_1_1] = "1.1",
    };
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->http_version != CONF_HTTP_1_0)
        printer_line(out, "%s %s", rule->keyword, words[checker->http_version]);
}

/* One name for all urls was written as such; names that differ are those the urls are asked for by. */
static void put_server_name(printer *out, const struct conf_checker *checker)
{
    const char *first = checker->urls.count > 0 ? checker->urls.items[0]->server_name : NULL;
    bool any = false, same = true;

    for (uint32_t i = 0; i < checker->urls.count; i++) {
        const char *name = checker->urls.items[i]->server_name;

        any = any || name != NULL;
        same = same && name != NULL && first != NULL && strcmp(name, first) == 0;
    }
    if (any && same)
        put_text(out, "sni_name", first);
    else if (any)
        put_bool(out, "enable_sni", true);
}

static void print_urls(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_server_name(out, object);
    print_blocks(out, rule, field, object);
}

static void print_statuses(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;

    (void)field;
    printer_begin(out, rule->keyword);
    for (uint32_t i = 0; i < url->statuses.count; i++)
        printer_status_range(out, url->statuses.items[i]);
    printer_end(out);
}

static void print_regex(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;

    (void)field;
    if (url->regex == NULL)
        return;
    printer_begin(out, rule->keyword);
    printer_escaped(out, url->regex);
    printer_end(out);
}

static void print_regex_options(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;
    uint32_t left = url->regex_options;
    const char *word;

    (void)field;
    if (left == 0)
        return;
    printer_begin(out, rule->keyword);
    while ((word = conf_regex_option_next(&left)) != NULL)
        printer_word(out, word);
    printer_end(out);
}

/* regex_max_offset is the last offset where a match may begin; the model has the one behind it. */
static void print_regex_end(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;

    (void)field;
    if (url->regex_end_offset != 0)
        printer_line(out, "%s %" PRIu64, rule->keyword, url->regex_end_offset - 1);
}

/* ------------------------------------------------------------------ global_defs */

static void print_timeouts(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_ipvs_timeouts *timeouts = member(field, object);

    if (timeouts->tcp_s == 0 && timeouts->tcp_fin_s == 0 && timeouts->udp_s == 0)
        return;
    printer_line(out, "%s tcp %u tcpfin %u udp %u", rule->keyword, timeouts->tcp_s, timeouts->tcp_fin_s,
                 timeouts->udp_s);
}

static void put_option(const printer *out, const char *word, unsigned int value)
{
    if (value != 0)
        fprintf(out->out, " %s %u", word, value);
}

static void print_sync_daemon(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_sync_daemon *daemon = member(field, object);

    if (daemon->interface == NULL)
        return;
    printer_begin(out, rule->keyword);
    printer_word(out, daemon->interface);
    for (uint32_t i = 0; daemon->instance != 0 && i < out->model->instances.count; i++) {
        if (out->model->instances.items[i]->key != daemon->instance)
            continue;
        fputs(" inst", out->out);
        printer_word(out, out->model->instances.items[i]->name);
        break;
    }
    fprintf(out->out, " id %u", daemon->id);
    put_option(out, "maxlen", daemon->maxlen);
    put_option(out, "port", daemon->port);
    put_option(out, "ttl", daemon->ttl);
    if (ip_address_is_set(&daemon->group)) {
        fputs(" group", out->out);
        printer_address(out, &daemon->group);
    }
    printer_end(out);
}

static void print_nftables(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_global *global = object;

    (void)field;
    if (global->nftables_table != NULL && strcmp(global->nftables_table, "keepalived") != 0)
        put_text(out, rule->keyword, global->nftables_table);
}

static void print_fifo(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_fifo *fifo = member(field, object);
    char keyword[32];

    if (fifo->path == NULL)
        return;
    printer_begin(out, rule->keyword);
    printer_word(out, fifo->path);
    printer_user(out, fifo->uid, fifo->gid);
    printer_end(out);
    snprintf(keyword, sizeof(keyword), "%s_script", rule->keyword);
    put_script(out, keyword, &fifo->reader, true);
}

static void print_mail_server(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_mail *mail = object;

    (void)field;
    if (mail->server == NULL)
        return;
    printer_begin(out, rule->keyword);
    printer_word(out, mail->server);
    fprintf(out->out, " %u", mail->port);
    printer_end(out);
}

static void print_mail_tls(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_mail *mail = object;

    (void)field;
    if (mail->tls != CONF_MAIL_TLS_OFF)
        printer_line(out, "%s %s", rule->keyword,
                     mail->tls == CONF_MAIL_TLS_IMPLICIT ? "implicit" : "starttls");
}

static void print_password(printer *out, rule_row *rule, field_row *field, const void *object)
{
    (void)field;
    if (((const struct conf_mail *)object)->password[0] != '\0')
        printer_line(out, "%s \"" SECRET "\"", rule->keyword);
}

static void print_recipients(printer *out, rule_row *rule, field_row *field, const void *object)
{
    struct any_list list = field_list(object, field);

    if (list.count == 0)
        return;
    printer_open(out, "%s", rule->keyword);
    for (uint32_t i = 0; i < list.count; i++)
        put_text(out, "", list.items[i]);
    printer_close(out);
}

static void print_ipvs_namespace(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_daemon *daemon = object;

    (void)field;
    if (daemon->ipvs_where_started)
        printer_line(out, "%s", rule->keyword);
    put_text(out, rule->keyword, daemon->ipvs_namespace);
}

static void print_umask(printer *out, rule_row *rule, field_row *field, const void *object)
{
    uint64_t value = field_unsigned(object, field);

    if (value != (uint64_t)rule->usual)
        printer_line(out, "%s 0%" PRIo64, rule->keyword, value);
}

static void print_cpus(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_tuning *tuning = object;
    uint64_t low = tuning->cpus_low, high = tuning->cpus_high;

    (void)field;
    if (low == 0 && high == 0)
        return;
    printer_begin(out, rule->keyword);
    for (unsigned int cpu = 0; cpu < 128; cpu++) {
        if (((cpu < 64 ? low : high) >> cpu % 64 & 1) != 0)
            fprintf(out->out, " %u", cpu);
    }
    printer_end(out);
}

/* ------------------------------------------------------------------ heads of blocks */

#define HEAD(type, keyword)                                                                                  \
    static void head_of_##type(const printer *out, const void *item)                                         \
    {                                                                                                        \
        printer_begin(out, keyword);                                                                         \
        printer_word(out, ((const struct conf_##type *)item)->name);                                         \
    }
HEAD(instance, "vrrp_instance")
HEAD(sync_group, "vrrp_sync_group")
HEAD(track_script, "vrrp_script")
HEAD(track_file, "track_file")
HEAD(track_process, "vrrp_track_process")

static void head_of_garp_group(const printer *out, const void *item)
{
    (void)item;
    printer_begin(out, "garp_group");
}

/* Says what it is of: "vrrp_script NAME" or "check MISC ADDRESS". */
static void head_of_recurring_script(const printer *out, const void *item)
{
    printer_begin(out, ((const struct conf_recurring_script *)item)->name);
}

static void head_of_virtual_server(const printer *out, const void *item)
{
    const struct conf_virtual_server *server = item;

    printer_begin(out, "virtual_server");
    switch (server->kind) {
    case CONF_SERVER_ADDRESS:
        printer_endpoint(out, &server->endpoint.address, server->endpoint.port);
        break;
    case CONF_SERVER_FWMARK:
        fprintf(out->out, " fwmark %u", server->fwmark);
        break;
    case CONF_SERVER_GROUP:
        fputs(" group", out->out);
        printer_word(out, server->group);
        break;
    }
}

/* Behind a mark a port is for checks only; script checks tell it. */
static uint16_t port_for_checks(const struct conf_real_server *real)
{
    for (uint32_t i = 0; i < real->checkers.count && real->endpoint.port == 0; i++) {
        if (real->checkers.items[i]->type == CONF_CHECK_MISC)
            return real->checkers.items[i]->connect.port;
    }
    return real->endpoint.port;
}

static void head_of_real_server(const printer *out, const void *item)
{
    const struct conf_real_server *real = item;

    printer_begin(out, "real_server");
    printer_endpoint(out, &real->endpoint.address, port_for_checks(real));
}

static void head_of_checker(const printer *out, const void *item)
{
    static const char *const words[] = {
        [CONF_CHECK_TCP] = "TCP_CHECK",   [CONF_CHECK_HTTP] = "HTTP_GET",   [CONF_CHECK_SSL] = "SSL_GET",
        [CONF_CHECK_MISC] = "MISC_CHECK", [CONF_CHECK_PING] = "PING_CHECK", [CONF_CHECK_UDP] = "UDP_CHECK",
        [CONF_CHECK_DNS] = "DNS_CHECK",   [CONF_CHECK_SMTP] = "SMTP_CHECK",
    };

    printer_begin(out, words[((const struct conf_checker *)item)->type]);
}

static void head_of_url(const printer *out, const void *item)
{
    (void)item;
    printer_begin(out, "url");
}

/* ------------------------------------------------------------------ the table */

/* clang-format off */
#define LINE(field, keyword, print, usual) {field, CONF_PRINT_LINES, keyword, print, usual, false}
#define AT_ROOT(field, keyword, print) {field, CONF_PRINT_LINES, keyword, print, 0, true}
#define PART(field) {field, CONF_PRINT_PART, NULL, NULL, 0, false}
#define FOLLOWS(field) {field, CONF_PRINT_FOLLOWS, NULL, NULL, 0, false}
#define NESTED(field, prefix) {field, CONF_PRINT_NESTED, prefix, NULL, 0, false}
#define HIDDEN(field, keyword) {field, CONF_PRINT_FOLLOWS, keyword, NULL, 0, false}
#define NO_USUAL INT64_MIN
#define END {NULL, CONF_PRINT_PART, NULL, NULL, 0, false}

static const struct conf_print_rule rules_of_script[] = {PART("words"), PART("uid"), PART("gid"), END};
static const struct conf_print_rule rules_of_fifo[] = {
    PART("path"), PART("uid"), PART("gid"), PART("reader"), END};
static const struct conf_print_rule rules_of_recurring_script[] = {
    PART("key"), PART("name"), LINE("script", "script", print_script, 0), FOLLOWS("timeout_us"), END};

static const struct conf_print_rule rules_of_mail[] = {
    LINE("server", "smtp_server", print_mail_server, 0), PART("port"),
    LINE("tls", "smtp_tls", print_mail_tls, 0), LINE("user", "smtp_user", print_text, 0),
    LINE("password", "smtp_password", print_password, 0), LINE("ca_file", "smtp_ca_file", print_text, 0),
    LINE("helo_name", "smtp_helo_name", print_text, 0),
    LINE("from", "notification_email_from", print_text, 0),
    LINE("recipients", "notification_email", print_recipients, 0),
    LINE("connect_timeout_s", "smtp_connect_timeout", print_number, 30),
    LINE("no_faults", "no_email_faults", print_flag, 0), END};

static const struct conf_print_rule rules_of_notify[] = {
    LINE("master", "notify_master", print_script, 0), LINE("backup", "notify_backup", print_script, 0),
    LINE("fault", "notify_fault", print_script, 0), LINE("stop", "notify_stop", print_script, 0),
    LINE("any", "notify", print_script, 0), HIDDEN("deleted", "notify_deleted"),
    LINE("rx_lower_priority", "notify_master_rx_lower_pri", print_script, 0), END};

static const struct conf_print_rule rules_of_vip[] = {
    PART("address"), PART("prefix_length"), PART("scope"), PART("excluded"), PART("broadcast_kind"),
    PART("broadcast"), PART("peer"), PART("peer_prefix_length"), PART("flags"),
    PART("preferred_lifetime_s"), PART("interface"), PART("label"),
    HIDDEN("announce_interval_us", "vrrp_garp_interval"), END};
static const struct conf_print_rule rules_of_unicast_peer[] = {
    PART("address"), PART("min_ttl"), PART("max_ttl"), END};
static const struct conf_print_rule rules_of_tracked_interface[] = {
    PART("interface"), PART("weight"), PART("reverse"), END};
static const struct conf_print_rule rules_of_tracked[] = {
    PART("kind"), PART("key"), PART("name"), PART("weight"), PART("reverse"), END};

static const struct conf_print_rule rules_of_track_script[] = {
    LINE("key", "script", print_track_script, 0), PART("name"),
    LINE("interval_us", "interval", print_seconds, NO_USUAL),
    LINE("timeout_us", "timeout", print_seconds, NO_USUAL), LINE("rise", "rise", print_number, 1),
    LINE("fall", "fall", print_number, 1), LINE("init_fail", "init_fail", print_flag, 0), END};
static const struct conf_print_rule rules_of_track_file[] = {
    PART("key"), PART("name"), LINE("path", "file", print_text, 0),
    LINE("init_create", "init_file", print_init_file, 0), HIDDEN("init_overwrite", "init_file"),
    HIDDEN("init_value", "init_file"), END};
static const struct conf_print_rule rules_of_track_process[] = {
    PART("key"), PART("name"), LINE("process", "process", print_process, 0),
    HIDDEN("parameters", "process"), LINE("match", "param_match", print_match, 0),
    LINE("full_command", "full_command", print_flag, 0), LINE("quorum", "quorum", print_quorum, 1),
    LINE("quorum_max", "quorum_max", print_number, UINT32_MAX),
    LINE("terminate_delay_us", "terminate_delay", print_seconds, 0),
    LINE("fork_delay_us", "fork_delay", print_seconds, 0), END};

static const struct conf_print_rule rules_of_garp[] = {
    LINE("master_delay_s", "master_delay", print_number, 5),
    LINE("master_repeat", "master_repeat", print_number, 5),
    LINE("master_refresh_s", "master_refresh", print_number, 0),
    LINE("master_refresh_repeat", "master_refresh_repeat", print_number, 1),
    LINE("lower_prio_delay_s", "lower_prio_delay", print_number, 5),
    LINE("lower_prio_repeat", "lower_prio_repeat", print_number, 5),
    LINE("extra_s", "extra_if", print_extra, 0), END};
static const struct conf_print_rule rules_of_garp_group[] = {
    LINE("garp_interval_us", "garp_interval", print_seconds, 0),
    LINE("gna_interval_us", "gna_interval", print_seconds, 0),
    LINE("interfaces", "interfaces", print_interfaces, 0), END};

static const struct conf_print_rule rules_of_nexthop[] = {
    PART("gateway"), PART("interface"), PART("weight"), PART("onlink"), PART("realms"), END};
static const struct conf_print_rule rules_of_route_metric[] = {PART("type"), PART("value"), END};
static const struct conf_print_rule rules_of_route[] = {
    PART("family"), PART("type"), PART("destination"), PART("prefix_length"), PART("from"),
    PART("from_length"), PART("preferred_source"), PART("gateway"), PART("interface"), PART("onlink"),
    PART("tos"), PART("protocol"), PART("scope"), PART("table"), PART("metric"), PART("realms"),
    PART("expires_s"), PART("metrics"), PART("locked"), PART("congestion_control"), PART("preference"),
    PART("ttl_propagate"), PART("place"), PART("no_track"), PART("nexthops"), END};
static const struct conf_print_rule rules_of_rule[] = {
    PART("family"), PART("action"), PART("invert"), PART("from"), PART("from_length"), PART("to"),
    PART("to_length"), PART("priority"), PART("table"), PART("goto_priority"), PART("l3mdev"), PART("tos"),
    PART("mark_given"), PART("mark"), PART("mark_mask"), PART("realms"), PART("suppress_prefix_length"),
    PART("suppress_group"), PART("input"), PART("output"), PART("tunnel_id"), PART("users_given"),
    PART("first_user"), PART("last_user"), PART("protocol"), PART("ip_protocol"),
    PART("first_source_port"), PART("last_source_port"), PART("first_destination_port"),
    PART("last_destination_port"), PART("no_track"), END};

static const struct conf_print_rule rules_of_instance[] = {
    PART("key"), PART("name"), LINE("interface", "interface", print_text, 0),
    LINE("family", "native_ipv6", print_family, 0),
    LINE("vrid", "virtual_router_id", print_number, NO_USUAL),
    LINE("version", "version", print_number, NO_USUAL),
    LINE("wanted_state", "state", print_state, 0),
    LINE("base_priority", "priority", print_number, NO_USUAL),
    LINE("advert_interval_us", "advert_int", print_seconds, NO_USUAL),
    LINE("down_timer_adverts", "down_timer_adverts", print_number, 3),
    LINE("preempt", "nopreempt", print_flag, 1),
    LINE("preempt_delay_us", "preempt_delay", print_seconds, 0),
    LINE("source", "mcast_src_ip", print_source, 0),
    LINE("multicast_group", "mcast_dst_ip", print_multicast, 0),
    LINE("unicast_peers", "unicast_peer", print_lines, 0),
    LINE("lacks_peer", "unicast_fault_no_peer", print_flag, 0),
    LINE("unicast_ttl", "unicast_ttl", print_unicast_ttl, 0),
    LINE("check_unicast_source", "check_unicast_src", print_flag, 0),
    LINE("auth_type", "authentication", print_authentication, 0), HIDDEN("auth_data", "auth_pass"),
    LINE("v3_checksum_as_v2", "v3_checksum_as_v2", print_bool, 0),
    LINE("lower_prio_no_advert", "lower_prio_no_advert", print_bool, 0),
    LINE("higher_prio_send_advert", "higher_prio_send_advert", print_bool, 0),
    LINE("owner_ignore_adverts", "owner_ignore_adverts", print_bool, 0),
    LINE("skip_check_adv_addr", "skip_check_adv_addr", print_bool, 0),
    LINE("track_source", "track_src_ip", print_flag, 0),
    LINE("dont_track_primary", "dont_track_primary", print_flag, 0),
    LINE("accept", "no_accept", print_flag, 1), FOLLOWS("leads_sync_daemon"),
    LINE("lease_us", "vip_lease", print_lease, 0), NESTED("garp", "garp_"),
    LINE("vips", "virtual_ipaddress", print_addresses, 0),
    LINE("routes", "virtual_routes", print_lines, 0), LINE("rules", "virtual_rules", print_lines, 0),
    LINE("tracked_interfaces", "track_interface", print_lines, 0),
    LINE("tracked", "track_script", print_tracked, 0), NESTED("notify", ""),
    LINE("reports_deletion", "notify_deleted", print_deletion, 0),
    LINE("notify_priority_changes", "notify_priority_changes", print_bool, 0),
    LINE("smtp_alert", "smtp_alert", print_bool, 0), END};
static const struct conf_print_rule rules_of_sync_group[] = {
    PART("key"), PART("name"), LINE("members", "group", print_members, 0),
    LINE("tracked_interfaces", "track_interface", print_lines, 0),
    LINE("tracked", "track_script", print_tracked, 0),
    LINE("tracking_weight", "sync_group_tracking_weight", print_flag, 0), NESTED("notify", ""),
    LINE("smtp_alert", "smtp_alert", print_bool, 0), END};

static const struct conf_print_rule rules_of_status_range[] = {PART("low"), PART("high"), END};
static const struct conf_print_rule rules_of_url[] = {
    LINE("path", "path", print_text, 0), LINE("virtualhost", "virtualhost", print_text, 0),
    LINE("statuses", "status_code", print_statuses, 0), LINE("digest", "digest", print_text, 0),
    LINE("regex", "regex", print_regex, 0), LINE("regex_options", "regex_options", print_regex_options, 0),
    LINE("regex_no_match", "regex_no_match", print_flag, 0),
    LINE("regex_min_offset", "regex_min_offset", print_number, 0),
    LINE("regex_end_offset", "regex_max_offset", print_regex_end, 0), HIDDEN("server_name", "sni_name"),
    LINE("tls_compliant", "tls_compliant", print_bool, 0), END};
static const struct conf_print_rule rules_of_checker[] = {
    LINE("key", "misc_path", print_misc, 0), PART("type"), LINE("connect", "connect_ip", print_connect, 0),
    LINE("bind", "bindto", print_bind, 0), LINE("bind_interface", "bind_if", print_text, 0),
    LINE("fwmark", "fwmark", print_number, 0),
    LINE("connect_timeout_us", "connect_timeout", print_connect_timeout, NO_USUAL),
    LINE("delay_loop_us", "delay_loop", print_seconds, NO_USUAL),
    LINE("delay_before_retry_us", "delay_before_retry", print_seconds, NO_USUAL),
    LINE("warmup_us", "warmup", print_seconds, -1), LINE("retry", "retry", print_number, NO_USUAL),
    LINE("alpha", "alpha", print_checker_alpha, 0),
    LINE("log_all_failures", "log_all_failures", print_bool, 0),
    LINE("http_version", "http_protocol", print_http_version, 0),
    LINE("fast_recovery", "fast_recovery", print_bool, 0),
    LINE("virtualhost", "virtualhost", print_text, 0), LINE("urls", "url", print_urls, 0),
    LINE("tls_verify", "tls_verify", print_bool, 0), FOLLOWS("script_name"),
    LINE("script_timeout_us", "misc_timeout", print_script_timeout, NO_USUAL),
    LINE("dynamic", "misc_dynamic", print_flag, 0), LINE("payload", "payload", print_text, 0),
    LINE("require_reply", "require_reply", print_require_reply, 0), HIDDEN("reply", "require_reply"),
    LINE("reply_min", "min_reply_length", print_number, 0),
    LINE("reply_max", "max_reply_length", print_reply_max, 0), LINE("dns_name", "name", print_text, 0),
    LINE("dns_type", "type", print_dns_type, 0), LINE("helo_name", "helo_name", print_text, 0), END};
static const struct conf_print_rule rules_of_method[] = {
    PART("forwarding"), PART("tunnel"), PART("tunnel_port"), PART("tunnel_checksum"), END};
static const struct conf_print_rule rules_of_sorry_server[] = {
    PART("endpoint"), PART("method"), PART("inhibit"), END};
static const struct conf_print_rule rules_of_service[] = {PART("first"), PART("count"), PART("fwmark"), END};
static const struct conf_print_rule rules_of_real_server[] = {
    LINE("key", "connect_timeout", print_real_timeout, 0), PART("endpoint"),
    LINE("weight", "weight", print_number, NO_USUAL), LINE("method", "lvs_method", print_method, 0),
    LINE("upper_threshold", "uthreshold", print_number, 0),
    LINE("lower_threshold", "lthreshold", print_number, 0),
    LINE("inhibit_on_failure", "inhibit_on_failure", print_bool, 0),
    LINE("alpha", "alpha", print_real_alpha, 0), LINE("notify_up", "notify_up", print_script, 0),
    LINE("notify_down", "notify_down", print_script, 0), LINE("smtp_alert", "smtp_alert", print_bool, 1),
    LINE("checkers", NULL, print_blocks, 0), END};
static const struct conf_print_rule rules_of_virtual_server[] = {
    PART("key"), PART("kind"), PART("endpoint"), PART("fwmark"), PART("group"),
    LINE("services", "ip_family", print_services, 0), LINE("protocol", "protocol", print_protocol, 0),
    LINE("scheduler", "lvs_sched", print_characters, 0), LINE("flags", NULL, print_server_flags, 0),
    LINE("persistence_timeout_s", "persistence_timeout", print_number, 0),
    LINE("persistence_netmask", "persistence_granularity", print_netmask, 0),
    LINE("persistence_prefix_length", "persistence_granularity", print_number, 128),
    LINE("persistence_engine", "persistence_engine", print_text, 0),
    LINE("sorry", "sorry_server", print_sorry, 0), LINE("ha_suspend", "ha_suspend", print_flag, 0),
    LINE("quorum", "quorum", print_number, 0), LINE("hysteresis", "hysteresis", print_number, 0),
    LINE("alpha", "alpha", print_flag, 0), LINE("omega", "omega", print_flag, 0),
    LINE("quorum_up", "quorum_up", print_script, 0), LINE("quorum_down", "quorum_down", print_script, 0),
    LINE("smtp_alert", "smtp_alert", print_bool, 0), LINE("real_servers", NULL, print_blocks, 0), END};

static const struct conf_print_rule rules_of_tls[] = {
    HIDDEN("certificate", "certificate"), HIDDEN("private_key", "key"), HIDDEN("password", "password"),
    HIDDEN("authorities", "ca"), END};
static const struct conf_print_rule rules_of_ipvs_timeouts[] = {
    PART("tcp_s"), PART("tcp_fin_s"), PART("udp_s"), END};
static const struct conf_print_rule rules_of_sync_daemon[] = {
    PART("interface"), PART("instance"), PART("id"), PART("maxlen"), PART("port"), PART("ttl"),
    PART("group"), END};
static const struct conf_print_rule rules_of_global[] = {
    LINE("router_id", "router_id", print_text, 0),
    LINE("enable_script_security", "enable_script_security", print_flag, 0),
    LINE("strict", "strict", print_bool, 0), LINE("default_interface", "default_interface", print_text, 0),
    LINE("rs_init_notifies", "rs_init_notifies", print_bool, 0),
    LINE("flush_at_start", "lvs_flush", print_flag, CONF_FLUSH_OURS),
    LINE("flush_on_stop", "lvs_flush_on_stop", print_flag, CONF_FLUSH_OURS),
    LINE("ipvs_timeouts", "lvs_timeouts", print_timeouts, 0),
    LINE("sync_daemon", "lvs_sync_daemon", print_sync_daemon, 0),
    LINE("nftables_table", "nftables", print_nftables, 0),
    LINE("nftables_priority", "nftables_priority", print_number, -1),
    LINE("nftables_counters", "nftables_counters", print_flag, 0),
    LINE("startup_delay_us", "vrrp_startup_delay", print_seconds, 0),
    LINE("delay_after_boot_us", "vrrp_delay_after_boot", print_seconds, 0),
    LINE("fifo", "notify_fifo", print_fifo, 0), LINE("vrrp_fifo", "vrrp_notify_fifo", print_fifo, 0),
    LINE("lvs_fifo", "lvs_notify_fifo", print_fifo, 0),
    LINE("fifo_write_states_on_reload", "fifo_write_vrrp_states_on_reload", print_flag, 0),
    LINE("startup_script", "startup_script", print_script, 0),
    LINE("shutdown_script", "shutdown_script", print_script, 0),
    LINE("startup_script_timeout_s", "startup_script_timeout", print_number, 10),
    LINE("shutdown_script_timeout_s", "shutdown_script_timeout", print_number, 10), HIDDEN("tls", "SSL"),
    NESTED("mail", ""), END};
static const struct conf_print_rule rules_of_tuning[] = {
    LINE("name", "process_name", print_text, 0), LINE("nice", "priority", print_number, 0),
    LINE("realtime_priority", "rt_priority", print_number, 0),
    LINE("lock_memory", "no_swap", print_flag, 0), LINE("cpus_low", "cpu_affinity", print_cpus, 0),
    HIDDEN("cpus_high", "cpu_affinity"), END};
static const struct conf_print_rule rules_of_daemon[] = {
    AT_ROOT("instance", "instance", print_text),
    AT_ROOT("network_namespace", "net_namespace", print_text),
    AT_ROOT("ipvs_namespace", "net_namespace_ipvs", print_ipvs_namespace),
    HIDDEN("ipvs_where_started", "net_namespace_ipvs"),
    AT_ROOT("child_wait_s", "child_wait_time", print_number),
    LINE("umask", "umask", print_umask, 0177), LINE("json_version", "json_version", print_number, 1),
    LINE("dump_names_instance", "data_use_instance", print_bool, 0),
    LINE("data_file", "state_dump_file", print_text, 0),
    LINE("stats_file", "stats_dump_file", print_text, 0), LINE("json_file", "json_dump_file", print_text, 0),
    LINE("name", "process_name", print_text, 0), NESTED("vrrp", "vrrp_"), NESTED("checker", "checker_"), END};
static const struct conf_print_rule rules_of_counts[] = {
    FOLLOWS("instances"), FOLLOWS("sync_groups"), FOLLOWS("virtual_servers"), FOLLOWS("real_servers"),
    FOLLOWS("checkers"), FOLLOWS("static_items"), FOLLOWS("scripts"), FOLLOWS("fifos"),
    FOLLOWS("links_checks"), FOLLOWS("watched"), FOLLOWS("alerts"),
    FOLLOWS("suspended_servers"), END};
/* In an order of its own, see conf_print(). */
static const struct conf_print_rule rules_of_model[] = {
    NESTED("global", ""), NESTED("daemon", ""), FOLLOWS("counts"), LINE("instances", NULL, print_blocks, 0),
    LINE("sync_groups", NULL, print_blocks, 0), LINE("garp_groups", NULL, print_blocks, 0),
    LINE("virtual_servers", NULL, print_blocks, 0),
    FOLLOWS("recurring_scripts"), LINE("track_scripts", NULL, print_blocks, 0),
    LINE("track_files", NULL, print_blocks, 0), LINE("track_processes", NULL, print_blocks, 0),
    LINE("static_addresses", "static_ipaddress", print_lines, 0),
    LINE("static_routes", "static_routes", print_lines, 0),
    LINE("static_rules", "static_rules", print_lines, 0), FOLLOWS("digest"), END};

#define OBJECT(type, line, head) {#type, rules_of_##type, line, head}
#define LINES(type, line) OBJECT(type, line, NULL)
#define BLOCK(type) OBJECT(type, NULL, head_of_##type)
#define STRUCT(type) OBJECT(type, NULL, NULL)
static const struct conf_print_object objects[] = {
    STRUCT(model), STRUCT(global), STRUCT(daemon), STRUCT(counts), STRUCT(tuning), STRUCT(tls), STRUCT(mail),
    STRUCT(ipvs_timeouts), STRUCT(sync_daemon), STRUCT(script), STRUCT(fifo), STRUCT(notify), STRUCT(garp),
    STRUCT(method), STRUCT(sorry_server),
    BLOCK(instance), BLOCK(sync_group), BLOCK(garp_group), BLOCK(track_script), BLOCK(track_file), BLOCK(track_process),
    BLOCK(recurring_script), BLOCK(virtual_server), BLOCK(real_server), BLOCK(checker), BLOCK(url),
    LINES(vip, printer_vip), LINES(unicast_peer, printer_peer), LINES(tracked, printer_tracked),
    LINES(tracked_interface, printer_tracked_interface), LINES(route, printer_route),
    LINES(rule, printer_rule), LINES(service, printer_service), LINES(status_range, printer_status_range),
    STRUCT(nexthop), STRUCT(route_metric),
};
/* clang-format on */

const struct conf_print_object *conf_print_object(const struct layout *layout)
{
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
        if (strcmp(objects[i].name, layout->name) == 0)
            return &objects[i];
    }
    return NULL;
}

const struct conf_print_rule *conf_print_rule(const struct conf_print_object *object,
                                              const struct field *field)
{
    for (const struct conf_print_rule *rule = object->rules; rule->field != NULL; rule++) {
        if (strcmp(rule->field, field->name) == 0)
            return rule;
    }
    return NULL;
}

/* ------------------------------------------------------------------ the whole */

static const struct field *find_field(const struct layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->count; i++) {
        if (strcmp(layout->fields[i].name, name) == 0)
            return &layout->fields[i];
    }
    return NULL;
}

static void print_row(printer *out, const struct conf_print_rule *rule, const struct field *field,
                      const void *object)
{
    const char *prefix = out->prefix;

    switch (rule->place) {
    case CONF_PRINT_LINES:
        rule->print(out, rule, field, object);
        return;
    case CONF_PRINT_NESTED:
        out->prefix = rule->keyword;
        print_rows(out, field->layout, member(field, object), false);
        out->prefix = prefix;
        return;
    case CONF_PRINT_PART:
    case CONF_PRINT_FOLLOWS:
        return;
    }
}

static void print_rows(printer *out, const struct layout *layout, const void *object, bool at_root)
{
    const struct conf_print_object *about = conf_print_object(layout);

    for (const struct conf_print_rule *rule = about->rules; rule->field != NULL; rule++) {
        const struct field *field = find_field(layout, rule->field);

        if (field != NULL && rule->at_root == at_root)
            print_row(out, rule, field, object);
    }
}

void conf_print_block(printer *out, const struct layout *layout, const void *item)
{
    const struct conf_print_object *about = conf_print_object(layout);

    if (strcmp(about->name, "virtual_server") == 0)
        out->server = item;
    if (strcmp(about->name, "real_server") == 0)
        out->real = item;
    about->head(out, item);
    fputs(" {\n", out->out);
    out->depth++;
    print_rows(out, layout, item, false);
    printer_close(out);
}

static void print_part(printer *out, const char *name)
{
    const struct field *field = find_field(&layout_of_model, name);

    print_row(out, conf_print_rule(conf_print_object(&layout_of_model), field), field, out->model);
}

static bool is_in_garp_group(const struct conf_model *model, const char *interface)
{
    for (uint32_t i = 0; i < model->garp_groups.count; i++) {
        const struct conf_garp_group *group = model->garp_groups.items[i];

        for (uint32_t j = 0; j < group->interfaces.count; j++) {
            if (strcmp(group->interfaces.items[j], interface) == 0)
                return true;
        }
    }
    return false;
}

/* Each address has the pace of its interface's group; without one, that of all. */
static int64_t common_pace(const struct conf_model *model, uint8_t family)
{
    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        for (uint32_t j = 0; j < instance->vips.count; j++) {
            const struct conf_vip *vip = instance->vips.items[j];

            if (vip->address.family == family && !is_in_garp_group(model, vip->interface))
                return vip->announce_interval_us;
        }
    }
    return 0;
}

static void print_pace(const printer *out, const char *keyword, uint8_t family)
{
    int64_t pace = common_pace(out->model, family);

    if (pace == 0)
        return;
    printer_begin(out, keyword);
    printer_seconds(out, pace);
    printer_end(out);
}

static void print_tls(printer *out)
{
    const struct conf_tls *tls = &out->model->global.tls;

    if (tls->certificate == NULL && tls->private_key == NULL && tls->authorities == NULL &&
        tls->password == NULL)
        return;
    printer_open(out, "SSL");
    printer_line(out, "# what its files say is in force, but they are not kept");
    printer_close(out);
}

/* The server of that group with most of its entries, if this is the first of the group. */
static const struct conf_virtual_server *fullest(const struct conf_model *model, uint32_t at)
{
    const struct conf_virtual_server *best = model->virtual_servers.items[at];

    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *other = model->virtual_servers.items[i];

        if (other->kind != CONF_SERVER_GROUP || strcmp(other->group, best->group) != 0)
            continue;
        if (i < at)
            return NULL;
        if (other->services.count > best->services.count)
            best = other;
    }
    return best;
}

static void print_service_group(printer *out, const struct conf_virtual_server *server)
{
    printer_begin(out, "virtual_server_group");
    printer_word(out, server->group);
    fputs(" {\n", out->out);
    out->depth++;
    for (uint32_t i = 0; i < server->services.count; i++) {
        printer_begin(out, "");
        printer_service(out, server->services.items[i]);
        printer_end(out);
    }
    printer_close(out);
}

static void print_service_groups(printer *out)
{
    for (uint32_t i = 0; i < out->model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = out->model->virtual_servers.items[i];

        if (server->kind == CONF_SERVER_GROUP)
            server = fullest(out->model, i);
        if (server != NULL && server->kind == CONF_SERVER_GROUP)
            print_service_group(out, server);
    }
}

/* What is named stands above what names it. */
static void print_model(printer *out)
{
    static const char *const parts[] = {
        "static_addresses", "static_routes", "static_rules", "track_scripts", "track_files",
        "track_processes",  "garp_groups",   "sync_groups",  "instances",
    };
    const struct field *daemon = find_field(&layout_of_model, "daemon");

    print_rows(out, daemon->layout, &out->model->daemon, true);
    printer_open(out, "global_defs");
    print_part(out, "daemon");
    print_part(out, "global");
    print_pace(out, "vrrp_garp_interval", AF_INET);
    print_pace(out, "vrrp_gna_interval", AF_INET6);
    printer_close(out);
    print_tls(out);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        print_part(out, parts[i]);
    print_service_groups(out);
    print_part(out, "virtual_servers");
}

char *conf_print(const struct conf_model *model)
{
    struct conf_printer out = {.model = model};
    char *text = NULL;
    size_t size = 0;

    out.out = open_memstream(&text, &size);
    if (out.out == NULL)
        return NULL;
    print_model(&out);
    if (fclose(out.out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
