/*
 * The text of global_defs, and of what stands at the top level about the daemon.
 */
#include "conf/print_rows.h"

#include <inttypes.h>
#include <string.h>

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
    printer_user(out, fifo->uid, fifo->gid, false);
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
        printer_line(out, "%s \"" SECRET_BLANK "\"", rule->keyword);
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

/* A keyword that stands alone or with a path. */
static void print_with_path(printer *out, const char *keyword, bool is_set, const char *path)
{
    if (is_set && path != NULL)
        put_text(out, keyword, path);
    else if (is_set)
        printer_line(out, "%s", keyword);
}

static void print_reload_check(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_daemon *daemon = object;

    (void)field;
    print_with_path(out, rule->keyword, daemon->reload_check, daemon->reload_log);
}

static void print_reload_flag(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_daemon *daemon = object;

    (void)field;
    print_with_path(out, rule->keyword, daemon->reload_flag, daemon->reload_flag_file);
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

static void print_multicast_group4(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct ip_address *group = member(field, object);
    char text[IP_ADDRESS_TEXT];

    if (strcmp(ip_address_text(group, text), "224.0.0.18") != 0)
        put_endpoint(out, rule->keyword, group, 0);
}

/* clang-format off */
static const struct conf_print_rule rules_of_fifo[] = {
    PART("path"), PART("uid"), PART("gid"), PART("reader"), END};
static const struct conf_print_rule rules_of_mail[] = {
    LINE("server", "smtp_server", print_mail_server, 0), PART("port"),
    LINE("tls", "smtp_tls", print_mail_tls, 0), LINE("user", "smtp_user", print_text, 0),
    LINE("password", "smtp_password", print_password, 0), LINE("ca_file", "smtp_ca_file", print_text, 0),
    LINE("helo_name", "smtp_helo_name", print_text, 0),
    LINE("from", "notification_email_from", print_text, 0),
    LINE("recipients", "notification_email", print_recipients, 0),
    LINE("connect_timeout_s", "smtp_connect_timeout", print_number, 30),
    LINE("no_faults", "no_email_faults", print_flag, 0), END};
static const struct conf_print_rule rules_of_tls[] = {
    HIDDEN("certificate", "certificate"), HIDDEN("private_key", "key"), HIDDEN("password", "password"),
    HIDDEN("authorities", "ca"), LINE("certificate_file", "certificate", print_text, 0),
    LINE("private_key_file", "key", print_text, 0), LINE("authorities_file", "ca", print_text, 0), END};
static const struct conf_print_rule rules_of_ipvs_timeouts[] = {
    PART("tcp_s"), PART("tcp_fin_s"), PART("udp_s"), END};
static const struct conf_print_rule rules_of_sync_daemon[] = {
    PART("interface"), PART("instance"), PART("id"), PART("maxlen"), PART("port"), PART("ttl"),
    PART("group"), END};
static const struct conf_print_rule rules_of_global[] = {
    LINE("router_id", "router_id", print_text, 0),
    LINE("enable_script_security", "enable_script_security", print_flag, 0),
    LINE("use_symlink_paths", "use_symlink_paths", print_bool, 0),
    LINE("strict", "strict", print_bool, 0), LINE("default_interface", "default_interface", print_text, 0),
    LINE("multicast_group4", "vrrp_mcast_group4", print_multicast_group4, 0),
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
    LINE("shutdown_script_timeout_s", "shutdown_script_timeout", print_number, 10), FOLLOWS("tls"),
    NESTED("mail", ""), LINE("vmac_prefix", "vmac_prefix", print_text, 0),
    LINE("vmac_addr_prefix", "vmac_addr_prefix", print_text, 0),
    LINE("disable_local_igmp", "disable_local_igmp", print_flag, 0), NESTED("snmp", ""),
    NESTED("dbus", ""), NESTED("settings", ""), END};
static const struct conf_print_rule rules_of_snmp[] = {
    LINE("socket", "snmp_socket", print_text, 0), LINE("traps", "enable_traps", print_flag, 0),
    LINE("vrrp", "enable_snmp_vrrp", print_flag, 0), LINE("rfc2787", "enable_snmp_rfcv2", print_flag, 0),
    LINE("rfc6527", "enable_snmp_rfcv3", print_flag, 0),
    LINE("checker", "enable_snmp_checker", print_flag, 0),
    LINE("virtual_interval_us", "snmp_vs_stats_update_interval", print_seconds, 0),
    LINE("real_interval_us", "snmp_rs_stats_update_interval", print_seconds, 0), END};
static const struct conf_print_rule rules_of_dbus[] = {
    LINE("enabled", "enable_dbus", print_flag, 0),
    LINE("service_name", "dbus_service_name", print_text, 0),
    LINE("no_interface_name", "dbus_no_interface_name", print_text, 0), END};
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
    LINE("reload_check", "reload_check_config", print_reload_check, 0),
    HIDDEN("reload_log", "reload_check_config"),
    LINE("reload_time_file", "reload_time_file", print_text, 0),
    LINE("reload_repeat", "reload_repeat", print_flag, 0),
    LINE("reload_flag", "reload_file", print_reload_flag, 0), HIDDEN("reload_flag_file", "reload_file"),
    LINE("name", "process_name", print_text, 0), NESTED("vrrp", "vrrp_"), NESTED("checker", "checker_"),
    NESTED("bfd", "bfd_"), {"settings", CONF_PRINT_NESTED, "", NULL, 0, true}, END};
static const struct conf_print_rule rules_of_counts[] = {
    FOLLOWS("instances"), FOLLOWS("sync_groups"), FOLLOWS("virtual_servers"), FOLLOWS("real_servers"),
    FOLLOWS("checkers"), FOLLOWS("static_items"), FOLLOWS("scripts"), FOLLOWS("fifos"),
    FOLLOWS("links_checks"), FOLLOWS("watched"), FOLLOWS("alerts"),
    FOLLOWS("suspended_servers"), END};

const struct conf_print_object conf_print_global_objects[] = {
    STRUCT(fifo), STRUCT(mail), STRUCT(tls), STRUCT(ipvs_timeouts), STRUCT(sync_daemon), STRUCT(global),
    STRUCT(tuning), STRUCT(daemon), STRUCT(counts), STRUCT(snmp), STRUCT(dbus), NO_MORE};
/* clang-format on */
