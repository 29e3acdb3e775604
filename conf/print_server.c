/*
 * The text of virtual servers and their real servers.
 */
#include "conf/print_group.h"
#include "conf/print_rows.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <string.h>

#define CONNECT_TIMEOUT_US 5000000 /* unless something says otherwise */

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
    uint8_t family = print_groups_family(out->groups, server);

    (void)field;
    if (server->kind == CONF_SERVER_FWMARK && server->services.count > 0)
        family = server->services.items[0]->first.address.family;
    if (family != AF_UNSPEC)
        printer_line(out, "%s %s", rule->keyword, family == AF_INET6 ? "inet6" : "inet");
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
    if (has_addresses(server) || server->protocol != CONF_PROTOCOL_TCP ||
        print_groups_have_addresses(out->groups, server))
        printer_line(out, "%s %s", rule->keyword, words[server->protocol]);
}

/* The scheduler's flags have names only with the schedulers that know them. */
static void print_server_flags(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const struct {
        uint32_t flag;
        const char *keyword;
        const char *of_sh;
        const char *of_mh;
    } rows[] = {
        {IP_VS_SVC_F_SCHED1, "flag-1", "sh-fallback", "mh-fallback"},
        {IP_VS_SVC_F_SCHED2, "flag-2", "sh-port", "mh-port"},
        {IP_VS_SVC_F_SCHED3, "flag-3", "flag-3", "flag-3"},
        {IP_VS_SVC_F_ONEPACKET, "ops", "ops", "ops"},
    };
    const struct conf_virtual_server *server = object;
    bool sh = strcmp(server->scheduler, "sh") == 0, mh = strcmp(server->scheduler, "mh") == 0;

    (void)rule;
    (void)field;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((server->flags & rows[i].flag) != 0)
            printer_line(out, "%s", sh ? rows[i].of_sh : mh ? rows[i].of_mh : rows[i].keyword);
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

/* clang-format off */
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
    LINE("notify_down", "notify_down", print_script, 0), LINE("smtp_alert", "smtp_alert", print_bool, 1), LINE("snmp_name", "snmp_name", print_text, 0),
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
    LINE("smtp_alert", "smtp_alert", print_bool, 0), LINE("snmp_name", "snmp_name", print_text, 0),
    NESTED("settings", ""), LINE("real_servers", NULL, print_blocks, 0), END};

const struct conf_print_object conf_print_server_objects[] = {
    STRUCT(method), STRUCT(sorry_server), LINES(service, printer_service), BLOCK(real_server),
    BLOCK(virtual_server), NO_MORE};
/* clang-format on */
