/*
 * The text of a vrrp_instance and of what stands in it; what it tracks is in print_track.c.
 */
#include "conf/print_rows.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

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
    struct ip_address usual = out->model->global.multicast_group4;

    (void)field;
    if (instance->family == AF_INET6)
        ip_address_parse("ff02::12", &usual);
    if (ip_address_compare(&instance->multicast_group, &usual) != 0)
        put_endpoint(out, rule->keyword, &instance->multicast_group, 0);
}

static void print_old_checksum(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_instance *instance = object;

    (void)field;
    switch (instance->old_checksum) {
    case CONF_OLD_CHECKSUM_LEARNED:
        return;
    case CONF_OLD_CHECKSUM_NEVER:
        printer_line(out, "%s never", rule->keyword);
        return;
    case CONF_OLD_CHECKSUM_ALWAYS:
        printer_line(out, "%s", rule->keyword);
        return;
    }
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
                 memcmp(instance->auth_data, nothing, sizeof(nothing)) == 0 ? "\"\"" : SECRET_BLANK);
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

    if (instance->notify != NULL && instance->notify->deleted.words.count > 0)
        put_script(out, rule->keyword, &instance->notify->deleted, true);
    else
        print_flag(out, rule, field, object);
}

HEAD(instance, "vrrp_instance")

/* clang-format off */
static const struct conf_print_rule rules_of_vip[] = {
    PART("address"), PART("prefix_length"), PART("scope"), PART("excluded"), PART("broadcast_kind"),
    PART("broadcast"), PART("peer"), PART("peer_prefix_length"), PART("flags"),
    PART("preferred_lifetime_s"), PART("interface"), PART("label"),
    HIDDEN("announce_interval_us", "vrrp_garp_interval"), END};
static const struct conf_print_rule rules_of_unicast_peer[] = {
    PART("address"), PART("min_ttl"), PART("max_ttl"), END};
static const struct conf_print_rule rules_of_notify[] = {
    LINE("master", "notify_master", print_script, 0), LINE("backup", "notify_backup", print_script, 0),
    LINE("fault", "notify_fault", print_script, 0), LINE("stop", "notify_stop", print_script, 0),
    LINE("any", "notify", print_script, 0), HIDDEN("deleted", "notify_deleted"),
    LINE("rx_lower_priority", "notify_master_rx_lower_pri", print_script, 0), END};
static const struct conf_print_rule rules_of_garp[] = {
    LINE("master_delay_s", "master_delay", print_number, 5),
    LINE("master_repeat", "master_repeat", print_number, 5),
    LINE("master_refresh_s", "master_refresh", print_number, 0),
    LINE("master_refresh_repeat", "master_refresh_repeat", print_number, 1),
    LINE("lower_prio_delay_s", "lower_prio_delay", print_number, 5),
    LINE("lower_prio_repeat", "lower_prio_repeat", print_number, 5),
    LINE("extra_s", "extra_if", print_extra, 0), END};
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
    LINE("old_checksum", "old_unicast_checksum", print_old_checksum, 0),
    HIDDEN("old_checksum_group", "vrrp_mcast_group4"),
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
    LINE("smtp_alert", "smtp_alert", print_bool, 0), LINE("device", "use_vmac", print_device, 0),
    LINE("vmac_addresses", "use_vmac_addr", print_flag, 0), LINE("vrf", "vrf", print_text, 0),
    LINE("hmac", "auth_hmac", print_hmac, 0), NESTED("settings", ""), END};

const struct conf_print_object conf_print_instance_objects[] = {
    LINES(vip, printer_vip), LINES(unicast_peer, printer_peer), STRUCT(notify), STRUCT(garp),
    BLOCK(instance), NO_MORE};
/* clang-format on */
