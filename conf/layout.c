/*
 * The rows of every struct of the model, and which slice carries what. See layout.h.
 *
 * Who needs what follows design.md, "split by trust": authentication goes to vrrp alone, scripts to scripts
 * alone, real servers never to vrrp or links, and ctl, which talks to users, gets neither secret nor script.
 */
#include "conf/layout.h"

#include <linux/rtnetlink.h>
#include <string.h>

#define SUPERVISOR (1U << CONF_SLICE_SUPERVISOR)
#define LINKS      (1U << CONF_SLICE_LINKS)
#define VRRP       (1U << CONF_SLICE_VRRP)
#define DIRECTOR   (1U << CONF_SLICE_DIRECTOR)
#define CHECKER    (1U << CONF_SLICE_CHECKER)
#define SCRIPTS    (1U << CONF_SLICE_SCRIPTS)
#define MAIL       (1U << CONF_SLICE_MAIL)
#define CTL        (1U << CONF_SLICE_CTL)
#define EVERYBODY  ((1U << CONF_SLICE_COUNT) - 1)
#define NOBODY     0U /* settled when the model was built; only in the whole and the canonical text */

#define MEMBER(type, member) (((struct conf_##type *)0)->member)

/* clang-format off */
#define KIND(value) \
    _Generic((value), \
        bool: FIELD_BOOL, \
        uint8_t: FIELD_UNSIGNED, uint16_t: FIELD_UNSIGNED, uint32_t: FIELD_UNSIGNED, uint64_t: FIELD_UNSIGNED, \
        int16_t: FIELD_SIGNED, int32_t: FIELD_SIGNED, int64_t: FIELD_SIGNED, \
        char *: FIELD_TEXT, \
        struct ip_address: FIELD_ADDRESS, \
        struct ip_endpoint: FIELD_ENDPOINT)
/* clang-format on */

#define ROW(type, member, kind_, slices_, ...)                                                               \
    {                                                                                                        \
        .name = #member, .kind = (kind_), .offset = offsetof(struct conf_##type, member),                    \
        .size = sizeof(MEMBER(type, member)), .slices = (slices_), __VA_ARGS__                               \
    }
#define RANGE(type, member, from, to, slices)                                                                \
    ROW(type, member, KIND(MEMBER(type, member)), slices, .lowest = (from), .highest = (to))
#define FIELD(type, member, slices) RANGE(type, member, 0, UINT64_MAX, slices)
#define IDENTITY(type, member, slices)                                                                       \
    ROW(type, member, KIND(MEMBER(type, member)), slices, .highest = UINT64_MAX, .identity = true)
#define KEY(type, slices)                 ROW(type, key, FIELD_KEY, slices, .highest = UINT64_MAX)
#define CHARACTERS(type, member, slices)  ROW(type, member, FIELD_CHARACTERS, slices, .highest = 0)
#define SECRET_TEXT(type, member, slices) ROW(type, member, FIELD_SECRET_TEXT, slices, .highest = 0)
#define WORDS(type, member, slices)       ROW(type, member, FIELD_WORDS, slices, .highest = 0)
#define STRUCT(type, member, other, slices)                                                                  \
    ROW(type, member, FIELD_STRUCT, slices, .layout = &layout_of_##other)
/* Few objects have one, so those that have not spend a pointer on it. */
#define OPTIONAL(type, member, other, slices)                                                                \
    ROW(type, member, FIELD_STRUCT, slices, .layout = &layout_of_##other, .optional = true)
#define LIST(type, member, other, slices) ROW(type, member, FIELD_LIST, slices, .layout = &layout_of_##other)

#define LAYOUT(type, belongs_)                                                                               \
    static const struct layout layout_of_##type = {#type, sizeof(struct conf_##type), fields_of_##type,      \
                                                   sizeof(fields_of_##type) / sizeof(fields_of_##type[0]),   \
                                                   belongs_}

_Static_assert(sizeof(CONF_LIST(char)) == sizeof(struct any_list), "lists look alike");

/* ------------------------------------------------------------------ what has no effect */

static const struct field fields_of_setting[] = {
    IDENTITY(setting, keyword, NOBODY),
    WORDS(setting, words, NOBODY),
};
LAYOUT(setting, NULL);

static const struct field fields_of_settings[] = {
    LIST(settings, lines, setting, NOBODY),
};
LAYOUT(settings, NULL);

static const struct field fields_of_linkbeat[] = {
    IDENTITY(linkbeat, interface, NOBODY),
    RANGE(linkbeat, method, 0, CONF_LINKBEAT_IOCTL, NOBODY),
};
LAYOUT(linkbeat, NULL);

/* ------------------------------------------------------------------ VRRP */

static const struct field fields_of_group[] = {
    IDENTITY(group, gid, SCRIPTS),
};
LAYOUT(group, NULL);

static const struct field fields_of_script[] = {
    WORDS(script, words, SCRIPTS),        FIELD(script, uid, SCRIPTS),        FIELD(script, gid, SCRIPTS),
    LIST(script, groups, group, SCRIPTS), FIELD(script, keep_links, SCRIPTS),
};
LAYOUT(script, NULL);

static const struct field fields_of_recurring_script[] = {
    KEY(recurring_script, SCRIPTS),
    FIELD(recurring_script, name, SCRIPTS),
    STRUCT(recurring_script, script, script, SCRIPTS),
    FIELD(recurring_script, timeout_us, SCRIPTS),
};
LAYOUT(recurring_script, NULL);

static const struct field fields_of_fifo[] = {
    FIELD(fifo, path, SCRIPTS),
    FIELD(fifo, uid, SCRIPTS),
    FIELD(fifo, gid, SCRIPTS),
    STRUCT(fifo, reader, script, SCRIPTS),
};
LAYOUT(fifo, NULL);

static const struct field fields_of_mail[] = {
    FIELD(mail, server, MAIL),
    FIELD(mail, port, MAIL),
    RANGE(mail, tls, 0, CONF_MAIL_TLS_IMPLICIT, MAIL),
    FIELD(mail, user, MAIL),
    ROW(mail, password, FIELD_SECRET, MAIL, .highest = 0),
    FIELD(mail, ca_file, MAIL),
    FIELD(mail, helo_name, MAIL),
    FIELD(mail, from, MAIL),
    WORDS(mail, recipients, MAIL),
    FIELD(mail, connect_timeout_s, MAIL),
    FIELD(mail, no_faults, MAIL),
};
LAYOUT(mail, NULL);

static const struct field fields_of_notify[] = {
    STRUCT(notify, master, script, SCRIPTS),
    STRUCT(notify, backup, script, SCRIPTS),
    STRUCT(notify, fault, script, SCRIPTS),
    STRUCT(notify, stop, script, SCRIPTS),
    STRUCT(notify, any, script, SCRIPTS),
    STRUCT(notify, deleted, script, SCRIPTS),
    STRUCT(notify, rx_lower_priority, script, SCRIPTS),
};
LAYOUT(notify, NULL);

/* vrrp has no use for most of these, but must notice a reload that changes them: links is told to take them
 * again. */
static const struct field fields_of_vip[] = {
    IDENTITY(vip, address, LINKS | VRRP | CTL),
    RANGE(vip, prefix_length, 0, 128, LINKS | VRRP | CTL),
    FIELD(vip, scope, LINKS | VRRP | CTL),
    FIELD(vip, excluded, LINKS | VRRP | CTL),
    RANGE(vip, broadcast_kind, 0, CONF_BROADCAST_ZEROS, LINKS | VRRP | CTL),
    FIELD(vip, broadcast, LINKS | VRRP | CTL),
    FIELD(vip, peer, LINKS | VRRP | CTL),
    RANGE(vip, peer_prefix_length, 0, 128, LINKS | VRRP | CTL),
    FIELD(vip, flags, LINKS | VRRP | CTL),
    FIELD(vip, announce_interval_us, LINKS),
    FIELD(vip, preferred_lifetime_s, LINKS | VRRP | CTL),
    FIELD(vip, interface, LINKS | VRRP | CTL),
    FIELD(vip, label, LINKS | VRRP | CTL),
};
LAYOUT(vip, NULL);

static const struct field fields_of_unicast_peer[] = {
    IDENTITY(unicast_peer, address, LINKS | VRRP | CTL),
    FIELD(unicast_peer, min_ttl, LINKS | VRRP | CTL),
    FIELD(unicast_peer, max_ttl, LINKS | VRRP | CTL),
};
LAYOUT(unicast_peer, NULL);

static const struct field fields_of_tracked_interface[] = {
    IDENTITY(tracked_interface, interface, LINKS | VRRP | CTL),
    FIELD(tracked_interface, weight, LINKS | VRRP | CTL),
    FIELD(tracked_interface, reverse, LINKS | VRRP | CTL),
};
LAYOUT(tracked_interface, NULL);

static const struct field fields_of_tracked[] = {
    RANGE(tracked, kind, 0, CONF_TRACKED_BFD, VRRP | CTL),
    KEY(tracked, VRRP | CTL),
    FIELD(tracked, name, VRRP | CTL),
    FIELD(tracked, weight, VRRP | CTL),
    FIELD(tracked, reverse, VRRP | CTL),
};
LAYOUT(tracked, NULL);

static const struct field fields_of_track_script[] = {
    KEY(track_script, VRRP | CTL),
    FIELD(track_script, name, VRRP | CTL),
    FIELD(track_script, interval_us, VRRP | CTL),
    FIELD(track_script, timeout_us, VRRP | CTL),
    RANGE(track_script, rise, 1, INT32_MAX, VRRP | CTL),
    RANGE(track_script, fall, 1, INT32_MAX, VRRP | CTL),
    FIELD(track_script, init_fail, VRRP | CTL),
};
LAYOUT(track_script, NULL);

static const struct field fields_of_track_file[] = {
    KEY(track_file, VRRP | SCRIPTS | CTL),      FIELD(track_file, name, VRRP | SCRIPTS | CTL),
    FIELD(track_file, path, SCRIPTS | CTL),     FIELD(track_file, init_create, SCRIPTS),
    FIELD(track_file, init_overwrite, SCRIPTS), FIELD(track_file, init_value, SCRIPTS),
};
LAYOUT(track_file, NULL);

static const struct field fields_of_track_process[] = {
    KEY(track_process, VRRP | SCRIPTS | CTL),
    FIELD(track_process, name, VRRP | SCRIPTS | CTL),
    FIELD(track_process, process, SCRIPTS | CTL),
    WORDS(track_process, parameters, SCRIPTS),
    RANGE(track_process, match, 0, CONF_PARAM_INITIAL, SCRIPTS),
    FIELD(track_process, full_command, SCRIPTS),
    FIELD(track_process, quorum, SCRIPTS | CTL),
    FIELD(track_process, quorum_max, SCRIPTS | CTL),
    FIELD(track_process, terminate_delay_us, SCRIPTS),
    FIELD(track_process, fork_delay_us, SCRIPTS),
};
LAYOUT(track_process, NULL);

static const struct field fields_of_bfd_session[] = {
    KEY(bfd_session, VRRP | CTL),
    FIELD(bfd_session, name, VRRP | CTL),
    FIELD(bfd_session, neighbour, VRRP | CTL),
    FIELD(bfd_session, source, VRRP | CTL),
    FIELD(bfd_session, min_rx_us, VRRP | CTL),
    FIELD(bfd_session, min_tx_us, VRRP | CTL),
    FIELD(bfd_session, idle_tx_us, VRRP | CTL),
    RANGE(bfd_session, multiplier, 1, 255, VRRP | CTL),
    FIELD(bfd_session, passive, VRRP | CTL),
    RANGE(bfd_session, ttl, 1, 255, VRRP | CTL),
    FIELD(bfd_session, max_hops, VRRP | CTL),
    FIELD(bfd_session, multihop, VRRP | CTL),
    FIELD(bfd_session, informs_vrrp, VRRP | CTL),
    FIELD(bfd_session, informs_checkers, VRRP | CTL),
};
LAYOUT(bfd_session, NULL);

static const struct field fields_of_garp[] = {
    FIELD(garp, master_delay_s, LINKS | VRRP | CTL),
    FIELD(garp, master_repeat, LINKS | VRRP | CTL),
    FIELD(garp, master_refresh_s, LINKS | VRRP | CTL),
    FIELD(garp, master_refresh_repeat, LINKS | VRRP | CTL),
    FIELD(garp, lower_prio_delay_s, LINKS | VRRP | CTL),
    FIELD(garp, lower_prio_repeat, LINKS | VRRP | CTL),
    FIELD(garp, extra_s, LINKS | VRRP),
};
LAYOUT(garp, NULL);

static const struct field fields_of_garp_group[] = {
    FIELD(garp_group, garp_interval_us, LINKS),
    FIELD(garp_group, gna_interval_us, LINKS),
    WORDS(garp_group, interfaces, LINKS),
};
LAYOUT(garp_group, NULL);

static const struct field fields_of_interface_delay[] = {
    IDENTITY(interface_delay, interface, VRRP),
    FIELD(interface_delay, down_us, VRRP),
    FIELD(interface_delay, up_us, VRRP),
};
LAYOUT(interface_delay, NULL);

static const struct field fields_of_label[] = {
    RANGE(label, value, 0, CONF_LABEL_MAX, LINKS),
};
LAYOUT(label, NULL);

static const struct field fields_of_encap[] = {
    RANGE(encap, kind, 0, CONF_ENCAP_ILA, LINKS),
    FIELD(encap, tunnel_id, LINKS),
    FIELD(encap, destination, LINKS),
    FIELD(encap, source, LINKS),
    FIELD(encap, tos, LINKS),
    FIELD(encap, ttl, LINKS),
    FIELD(encap, flags, LINKS),
    LIST(encap, labels, label, LINKS),
    FIELD(encap, locator, LINKS),
};
LAYOUT(encap, NULL);

static const struct field fields_of_nexthop[] = {
    IDENTITY(nexthop, gateway, LINKS),     FIELD(nexthop, interface, LINKS),
    RANGE(nexthop, weight, 1, 256, LINKS), FIELD(nexthop, onlink, LINKS),
    FIELD(nexthop, realms, LINKS),         OPTIONAL(nexthop, encap, encap, LINKS),
};
LAYOUT(nexthop, NULL);

static const struct field fields_of_route_metric[] = {
    IDENTITY(route_metric, type, LINKS),
    FIELD(route_metric, value, LINKS),
};
LAYOUT(route_metric, NULL);

static const struct field fields_of_route[] = {
    RANGE(route, family, AF_INET, AF_INET6, LINKS),
    FIELD(route, type, LINKS),
    IDENTITY(route, destination, LINKS),
    RANGE(route, prefix_length, 0, 128, LINKS),
    FIELD(route, from, LINKS),
    RANGE(route, from_length, 0, 128, LINKS),
    FIELD(route, preferred_source, LINKS),
    FIELD(route, gateway, LINKS),
    FIELD(route, interface, LINKS),
    FIELD(route, onlink, LINKS),
    FIELD(route, tos, LINKS),
    FIELD(route, protocol, LINKS),
    FIELD(route, scope, LINKS),
    IDENTITY(route, table, LINKS),
    IDENTITY(route, metric, LINKS),
    FIELD(route, realms, LINKS),
    FIELD(route, expires_s, LINKS),
    LIST(route, metrics, route_metric, LINKS),
    FIELD(route, locked, LINKS),
    FIELD(route, congestion_control, LINKS),
    FIELD(route, preference, LINKS),
    FIELD(route, ttl_propagate, LINKS),
    RANGE(route, place, 0, CONF_ROUTE_APPEND, LINKS),
    FIELD(route, no_track, LINKS),
    OPTIONAL(route, encap, encap, LINKS),
    FIELD(route, vrf, LINKS),
    LIST(route, nexthops, nexthop, LINKS),
};
LAYOUT(route, NULL);

static const struct field fields_of_rule[] = {
    RANGE(rule, family, AF_INET, AF_INET6, LINKS),
    FIELD(rule, action, LINKS),
    FIELD(rule, invert, LINKS),
    FIELD(rule, from, LINKS),
    RANGE(rule, from_length, 0, 128, LINKS),
    FIELD(rule, to, LINKS),
    RANGE(rule, to_length, 0, 128, LINKS),
    IDENTITY(rule, priority, LINKS),
    FIELD(rule, table, LINKS),
    FIELD(rule, goto_priority, LINKS),
    FIELD(rule, l3mdev, LINKS),
    FIELD(rule, tos, LINKS),
    FIELD(rule, mark_given, LINKS),
    FIELD(rule, mark, LINKS),
    FIELD(rule, mark_mask, LINKS),
    FIELD(rule, realms, LINKS),
    FIELD(rule, suppress_prefix_length, LINKS),
    FIELD(rule, suppress_group, LINKS),
    FIELD(rule, input, LINKS),
    FIELD(rule, output, LINKS),
    FIELD(rule, tunnel_id, LINKS),
    FIELD(rule, users_given, LINKS),
    FIELD(rule, first_user, LINKS),
    FIELD(rule, last_user, LINKS),
    FIELD(rule, protocol, LINKS),
    FIELD(rule, ip_protocol, LINKS),
    FIELD(rule, first_source_port, LINKS),
    FIELD(rule, last_source_port, LINKS),
    FIELD(rule, first_destination_port, LINKS),
    FIELD(rule, last_destination_port, LINKS),
    FIELD(rule, no_track, LINKS),
};
LAYOUT(rule, NULL);

static const struct field fields_of_hmac_key[] = {
    IDENTITY(hmac_key, id, VRRP | CTL),
    ROW(hmac_key, length, FIELD_UNSIGNED, VRRP, .highest = CONF_HMAC_KEY_BYTES, .follows = true),
    ROW(hmac_key, secret, FIELD_SECRET, VRRP, .highest = 0),
};
LAYOUT(hmac_key, NULL);

static const struct field fields_of_hmac[] = {
    FIELD(hmac, active_key, VRRP | CTL),
    RANGE(hmac, mode, 0, CONF_HMAC_RECEIVE_ONLY, VRRP | CTL),
    RANGE(hmac, anti_replay, 0, CONF_REPLAY_MONOTONIC, VRRP | CTL),
    FIELD(hmac, time_window_s, VRRP | CTL),
    LIST(hmac, keys, hmac_key, VRRP | CTL),
};
LAYOUT(hmac, NULL);

static const struct field fields_of_device[] = {
    RANGE(device, kind, 0, CONF_DEVICE_IPVLAN, LINKS | VRRP | CTL),
    FIELD(device, name, LINKS | VRRP | CTL),
    CHARACTERS(device, mac, LINKS | VRRP | CTL),
    RANGE(device, mode, 0, CONF_IPVLAN_VEPA, LINKS | VRRP | CTL),
    FIELD(device, address, LINKS | VRRP | CTL),
    RANGE(device, address_length, 0, 128, LINKS | VRRP | CTL),
    FIELD(device, group, LINKS | VRRP | CTL),
    FIELD(device, netlink_notify, LINKS | VRRP | CTL),
    FIELD(device, transmits_from_base, LINKS | VRRP | CTL),
};
LAYOUT(device, NULL);

static const struct field fields_of_instance[] = {
    KEY(instance, LINKS | VRRP | SCRIPTS | MAIL | CTL),
    FIELD(instance, name, LINKS | VRRP | SCRIPTS | MAIL | CTL),
    FIELD(instance, interface, LINKS | VRRP | CTL),
    RANGE(instance, family, AF_INET, AF_INET6, LINKS | VRRP | CTL),
    RANGE(instance, vrid, 1, 255, LINKS | VRRP | CTL),
    RANGE(instance, version, 2, 3, LINKS | VRRP | CTL),
    RANGE(instance, base_priority, 1, 255, LINKS | VRRP | CTL),
    RANGE(instance, wanted_state, 0, CONF_WANTED_MASTER, VRRP | CTL),
    FIELD(instance, advert_interval_us, LINKS | VRRP | CTL),
    FIELD(instance, down_timer_adverts, VRRP | CTL),
    FIELD(instance, preempt, VRRP | CTL),
    FIELD(instance, preempt_delay_us, VRRP | CTL),
    FIELD(instance, source, LINKS | VRRP | CTL),
    FIELD(instance, multicast_group, LINKS | VRRP | CTL),
    LIST(instance, unicast_peers, unicast_peer, LINKS | VRRP | CTL),
    FIELD(instance, unicast_ttl, LINKS | VRRP | CTL),
    FIELD(instance, check_unicast_source, VRRP | CTL),
    RANGE(instance, auth_type, 0, CONF_AUTH_AH, LINKS | VRRP | CTL),
    ROW(instance, auth_data, FIELD_SECRET, VRRP, .highest = 0),
    FIELD(instance, v3_checksum_as_v2, VRRP),
    RANGE(instance, old_checksum, 0, CONF_OLD_CHECKSUM_ALWAYS, VRRP),
    FIELD(instance, old_checksum_group, VRRP),
    FIELD(instance, lower_prio_no_advert, VRRP | CTL),
    FIELD(instance, higher_prio_send_advert, VRRP | CTL),
    FIELD(instance, owner_ignore_adverts, VRRP),
    FIELD(instance, skip_check_adv_addr, VRRP | CTL),
    FIELD(instance, track_source, VRRP),
    FIELD(instance, dont_track_primary, LINKS | VRRP | CTL),
    FIELD(instance, accept, LINKS | VRRP | CTL),
    FIELD(instance, leads_sync_daemon, VRRP),
    FIELD(instance, lease_us, LINKS | VRRP | CTL),
    STRUCT(instance, garp, garp, LINKS | VRRP | CTL),
    LIST(instance, vips, vip, LINKS | VRRP | CTL),
    LIST(instance, routes, route, LINKS),
    LIST(instance, rules, rule, LINKS),
    LIST(instance, tracked_interfaces, tracked_interface, LINKS | VRRP | CTL),
    LIST(instance, tracked, tracked, VRRP | CTL),
    OPTIONAL(instance, notify, notify, SCRIPTS),
    FIELD(instance, notify_priority_changes, VRRP),
    FIELD(instance, smtp_alert, MAIL),
    FIELD(instance, reports_deletion, VRRP),
    FIELD(instance, lacks_peer, VRRP),
    STRUCT(instance, device, device, LINKS | VRRP | CTL),
    FIELD(instance, vmac_addresses, LINKS | VRRP | CTL),
    FIELD(instance, vrf, LINKS | VRRP | CTL),
    STRUCT(instance, hmac, hmac, VRRP | CTL),
    OPTIONAL(instance, settings, settings, NOBODY),
};
LAYOUT(instance, NULL);

static const struct field fields_of_sync_group[] = {
    KEY(sync_group, LINKS | VRRP | SCRIPTS | MAIL | CTL),
    FIELD(sync_group, name, LINKS | VRRP | SCRIPTS | MAIL | CTL),
    ROW(sync_group, members, FIELD_REFERENCES, VRRP | SCRIPTS | CTL, .highest = 0),
    LIST(sync_group, tracked_interfaces, tracked_interface, LINKS | VRRP | CTL),
    LIST(sync_group, tracked, tracked, VRRP | CTL),
    FIELD(sync_group, tracking_weight, VRRP),
    OPTIONAL(sync_group, notify, notify, SCRIPTS),
    FIELD(sync_group, smtp_alert, MAIL),
};
LAYOUT(sync_group, NULL);

/* ------------------------------------------------------------------ balancer */

/* links has only the checks whose sockets it makes. */
static bool checker_belongs(const void *item, enum conf_slice slice, uint16_t index, uint16_t count)
{
    const struct conf_checker *checker = item;

    switch (slice) {
    case CONF_SLICE_CHECKER:
        return checker->key % count == index;
    case CONF_SLICE_LINKS:
        return conf_checker_needs_links(checker);
    case CONF_SLICE_SUPERVISOR:
    case CONF_SLICE_VRRP:
    case CONF_SLICE_SCRIPTS:
    case CONF_SLICE_MAIL:
    case CONF_SLICE_DIRECTOR:
    case CONF_SLICE_CTL:
    case CONF_SLICE_WHOLE:
    case CONF_SLICE_COUNT:
        break;
    }
    return true;
}

/* Slices that hold servers only for their checks. */
static bool is_for_checks(enum conf_slice slice)
{
    return slice == CONF_SLICE_CHECKER || slice == CONF_SLICE_LINKS;
}

static bool real_server_belongs(const void *item, enum conf_slice slice, uint16_t index, uint16_t count)
{
    const struct conf_real_server *real_server = item;

    if (!is_for_checks(slice))
        return true;
    for (uint32_t i = 0; i < real_server->checkers.count; i++) {
        if (checker_belongs(real_server->checkers.items[i], slice, index, count))
            return true;
    }
    return false;
}

static bool virtual_server_belongs(const void *item, enum conf_slice slice, uint16_t index, uint16_t count)
{
    const struct conf_virtual_server *virtual_server = item;

    if (!is_for_checks(slice) || (slice == CONF_SLICE_LINKS && virtual_server->ha_suspend))
        return true;
    for (uint32_t i = 0; i < virtual_server->real_servers.count; i++) {
        if (real_server_belongs(virtual_server->real_servers.items[i], slice, index, count))
            return true;
    }
    return false;
}

static const struct field fields_of_status_range[] = {
    IDENTITY(status_range, low, CHECKER | CTL),
    IDENTITY(status_range, high, CHECKER | CTL),
};
LAYOUT(status_range, NULL);

static const struct field fields_of_url[] = {
    IDENTITY(url, path, CHECKER), /* may hold a token: not for ctl */
    FIELD(url, virtualhost, CHECKER),
    LIST(url, statuses, status_range, CHECKER | CTL),
    FIELD(url, digest, CHECKER),
    FIELD(url, regex, CHECKER),
    FIELD(url, regex_options, CHECKER),
    FIELD(url, regex_no_match, CHECKER),
    FIELD(url, regex_min_offset, CHECKER),
    FIELD(url, regex_end_offset, CHECKER),
    FIELD(url, server_name, CHECKER),
    FIELD(url, tls_compliant, CHECKER),
    OPTIONAL(url, settings, settings, NOBODY),
};
LAYOUT(url, NULL);

static const struct field fields_of_checker[] = {
    KEY(checker, DIRECTOR | CHECKER | LINKS | CTL),
    RANGE(checker, type, 0, CONF_CHECK_TYPES - 1, DIRECTOR | CHECKER | LINKS | CTL),
    FIELD(checker, connect, CHECKER | LINKS | CTL),
    FIELD(checker, bind, CHECKER | LINKS),
    FIELD(checker, bind_interface, CHECKER | LINKS),
    FIELD(checker, fwmark, CHECKER | LINKS),
    FIELD(checker, connect_timeout_us, CHECKER),
    FIELD(checker, delay_loop_us, CHECKER | CTL),
    FIELD(checker, delay_before_retry_us, CHECKER),
    FIELD(checker, warmup_us, CHECKER),
    FIELD(checker, retry, CHECKER),
    FIELD(checker, alpha, DIRECTOR | CHECKER),
    FIELD(checker, log_all_failures, CHECKER),
    OPTIONAL(checker, settings, settings, NOBODY),
    RANGE(checker, http_version, 0, CONF_HTTP_1_1, CHECKER),
    FIELD(checker, fast_recovery, CHECKER),
    FIELD(checker, virtualhost, CHECKER),
    LIST(checker, urls, url, CHECKER | CTL),
    FIELD(checker, tls_verify, CHECKER),
    FIELD(checker, script_name, CHECKER | CTL),
    FIELD(checker, script_timeout_us, CHECKER),
    FIELD(checker, dynamic, CHECKER),
    FIELD(checker, payload, CHECKER),
    FIELD(checker, require_reply, CHECKER),
    FIELD(checker, reply, CHECKER),
    FIELD(checker, reply_min, CHECKER),
    FIELD(checker, reply_max, CHECKER),
    FIELD(checker, dns_name, CHECKER),
    FIELD(checker, dns_type, CHECKER),
    FIELD(checker, helo_name, CHECKER),
    FIELD(checker, bfd_name, CHECKER | CTL),
    ROW(checker, bfd_session, FIELD_KEY, CHECKER | CTL, .highest = UINT64_MAX),
    FIELD(checker, file, CHECKER),
    FIELD(checker, file_name, CHECKER | CTL),
    FIELD(checker, file_weight, CHECKER),
    FIELD(checker, file_reverse, CHECKER),
};
LAYOUT(checker, checker_belongs);

static const struct field fields_of_method[] = {
    RANGE(method, forwarding, 0, CONF_FORWARD_TUN, DIRECTOR | CTL),
    RANGE(method, tunnel, 0, CONF_TUNNEL_GRE, DIRECTOR | CTL),
    FIELD(method, tunnel_port, DIRECTOR | CTL),
    RANGE(method, tunnel_checksum, 0, CONF_TUNNEL_REMOTE_CHECKSUM, DIRECTOR | CTL),
};
LAYOUT(method, NULL);

static const struct field fields_of_sorry_server[] = {
    FIELD(sorry_server, endpoint, DIRECTOR | CTL),
    STRUCT(sorry_server, method, method, DIRECTOR | CTL),
    FIELD(sorry_server, inhibit, DIRECTOR | CTL),
};
LAYOUT(sorry_server, NULL);

static const struct field fields_of_service[] = {
    FIELD(service, first, DIRECTOR | LINKS | CTL),
    RANGE(service, count, 1, CONF_SERVICE_ADDRESSES_MAX, DIRECTOR | LINKS | CTL),
    FIELD(service, fwmark, DIRECTOR | LINKS | SCRIPTS | MAIL | CTL),
};
LAYOUT(service, NULL);

static const struct field fields_of_real_server[] = {
    KEY(real_server, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
    FIELD(real_server, endpoint, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
    FIELD(real_server, weight, DIRECTOR | CTL),
    STRUCT(real_server, method, method, DIRECTOR | CTL),
    FIELD(real_server, upper_threshold, DIRECTOR),
    FIELD(real_server, lower_threshold, DIRECTOR),
    FIELD(real_server, inhibit_on_failure, DIRECTOR | CTL),
    FIELD(real_server, alpha, DIRECTOR | CHECKER),
    OPTIONAL(real_server, notify_up, script, SCRIPTS),
    OPTIONAL(real_server, notify_down, script, SCRIPTS),
    FIELD(real_server, smtp_alert, MAIL),
    FIELD(real_server, snmp_name, CTL),
    LIST(real_server, checkers, checker, DIRECTOR | CHECKER | LINKS | CTL),
};
LAYOUT(real_server, real_server_belongs);

static const struct field fields_of_virtual_server[] = {
    KEY(virtual_server, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
    RANGE(virtual_server, kind, 0, CONF_SERVER_GROUP, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
    FIELD(virtual_server, endpoint, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
    FIELD(virtual_server, fwmark, DIRECTOR | CHECKER | SCRIPTS | MAIL | CTL),
    FIELD(virtual_server, group, DIRECTOR | CHECKER | SCRIPTS | MAIL | CTL),
    LIST(virtual_server, services, service, DIRECTOR | LINKS | SCRIPTS | MAIL | CTL),
    RANGE(virtual_server, protocol, 0, CONF_PROTOCOL_SCTP, DIRECTOR | CHECKER | SCRIPTS | MAIL | CTL),
    CHARACTERS(virtual_server, scheduler, DIRECTOR | CTL),
    FIELD(virtual_server, flags, DIRECTOR),
    FIELD(virtual_server, persistence_timeout_s, DIRECTOR | CTL),
    FIELD(virtual_server, persistence_netmask, DIRECTOR),
    RANGE(virtual_server, persistence_prefix_length, 0, 128, DIRECTOR),
    FIELD(virtual_server, persistence_engine, DIRECTOR | CTL),
    STRUCT(virtual_server, sorry, sorry_server, DIRECTOR | CTL),
    FIELD(virtual_server, ha_suspend, CHECKER | LINKS | CTL),
    FIELD(virtual_server, quorum, DIRECTOR | CTL),
    FIELD(virtual_server, hysteresis, DIRECTOR | CTL),
    FIELD(virtual_server, alpha, DIRECTOR),
    FIELD(virtual_server, omega, DIRECTOR),
    OPTIONAL(virtual_server, quorum_up, script, SCRIPTS),
    OPTIONAL(virtual_server, quorum_down, script, SCRIPTS),
    FIELD(virtual_server, smtp_alert, MAIL),
    FIELD(virtual_server, snmp_name, CTL),
    OPTIONAL(virtual_server, settings, settings, NOBODY),
    LIST(virtual_server, real_servers, real_server, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
};
LAYOUT(virtual_server, virtual_server_belongs);

/* ------------------------------------------------------------------ the whole */

static const struct field fields_of_tls[] = {
    SECRET_TEXT(tls, certificate, CHECKER), SECRET_TEXT(tls, private_key, CHECKER),
    SECRET_TEXT(tls, password, CHECKER),    SECRET_TEXT(tls, authorities, CHECKER),
    FIELD(tls, certificate_file, NOBODY),   FIELD(tls, private_key_file, NOBODY),
    FIELD(tls, authorities_file, NOBODY),
};
LAYOUT(tls, NULL);

static const struct field fields_of_ipvs_timeouts[] = {
    FIELD(ipvs_timeouts, tcp_s, DIRECTOR),
    FIELD(ipvs_timeouts, tcp_fin_s, DIRECTOR),
    FIELD(ipvs_timeouts, udp_s, DIRECTOR),
};
LAYOUT(ipvs_timeouts, NULL);

static const struct field fields_of_sync_daemon[] = {
    FIELD(sync_daemon, interface, DIRECTOR | CTL),
    FIELD(sync_daemon, instance, DIRECTOR | CTL),
    FIELD(sync_daemon, id, DIRECTOR | CTL),
    FIELD(sync_daemon, maxlen, DIRECTOR),
    FIELD(sync_daemon, port, DIRECTOR),
    FIELD(sync_daemon, ttl, DIRECTOR),
    FIELD(sync_daemon, group, DIRECTOR),
};
LAYOUT(sync_daemon, NULL);

static const struct field fields_of_snmp[] = {
    FIELD(snmp, socket, CTL),
    FIELD(snmp, traps, CTL),
    FIELD(snmp, vrrp, CTL),
    FIELD(snmp, rfc2787, CTL),
    FIELD(snmp, rfc6527, CTL),
    FIELD(snmp, checker, CTL),
    FIELD(snmp, virtual_interval_us, CTL),
    FIELD(snmp, real_interval_us, CTL),
};
LAYOUT(snmp, NULL);

static const struct field fields_of_dbus[] = {
    FIELD(dbus, enabled, CTL),
    FIELD(dbus, service_name, CTL),
    FIELD(dbus, no_interface_name, CTL),
};
LAYOUT(dbus, NULL);

static const struct field fields_of_global[] = {
    FIELD(global, router_id, SUPERVISOR | SCRIPTS | MAIL | CTL),
    FIELD(global, enable_script_security, SUPERVISOR | SCRIPTS),
    FIELD(global, use_symlink_paths, NOBODY),
    FIELD(global, strict, SUPERVISOR),
    FIELD(global, default_interface, NOBODY),
    FIELD(global, multicast_group4, NOBODY),
    FIELD(global, rs_init_notifies, DIRECTOR),
    RANGE(global, flush_at_start, 0, CONF_FLUSH_ALL, DIRECTOR),
    RANGE(global, flush_on_stop, 0, CONF_FLUSH_ALL, DIRECTOR),
    STRUCT(global, ipvs_timeouts, ipvs_timeouts, DIRECTOR),
    STRUCT(global, sync_daemon, sync_daemon, DIRECTOR | CTL),
    FIELD(global, nftables_table, LINKS),
    FIELD(global, nftables_priority, LINKS),
    FIELD(global, nftables_counters, LINKS),
    FIELD(global, startup_delay_us, VRRP),
    FIELD(global, delay_after_boot_us, VRRP),
    STRUCT(global, fifo, fifo, SCRIPTS),
    STRUCT(global, vrrp_fifo, fifo, SCRIPTS),
    STRUCT(global, lvs_fifo, fifo, SCRIPTS),
    FIELD(global, fifo_write_states_on_reload, VRRP),
    STRUCT(global, startup_script, script, SCRIPTS),
    STRUCT(global, shutdown_script, script, SCRIPTS),
    FIELD(global, startup_script_timeout_s, SCRIPTS),
    FIELD(global, shutdown_script_timeout_s, SCRIPTS),
    STRUCT(global, tls, tls, CHECKER),
    STRUCT(global, mail, mail, MAIL),
    FIELD(global, vmac_prefix, LINKS),
    FIELD(global, vmac_addr_prefix, LINKS),
    FIELD(global, disable_local_igmp, LINKS),
    STRUCT(global, snmp, snmp, CTL),
    STRUCT(global, dbus, dbus, CTL),
    OPTIONAL(global, settings, settings, NOBODY),
};
LAYOUT(global, NULL);

static const struct field fields_of_tuning[] = {
    FIELD(tuning, name, SUPERVISOR),
    FIELD(tuning, nice, SUPERVISOR),
    RANGE(tuning, realtime_priority, 0, 99, SUPERVISOR),
    FIELD(tuning, lock_memory, SUPERVISOR),
    FIELD(tuning, cpus_low, SUPERVISOR),
    FIELD(tuning, cpus_high, SUPERVISOR),
};
LAYOUT(tuning, NULL);

static const struct field fields_of_daemon[] = {
    FIELD(daemon, instance, SUPERVISOR),           FIELD(daemon, network_namespace, SUPERVISOR),
    FIELD(daemon, ipvs_namespace, SUPERVISOR),     FIELD(daemon, ipvs_where_started, SUPERVISOR),
    FIELD(daemon, child_wait_s, SUPERVISOR),       RANGE(daemon, umask, 0, 0777, SUPERVISOR),
    RANGE(daemon, json_version, 1, 2, SUPERVISOR), FIELD(daemon, dump_names_instance, SUPERVISOR),
    FIELD(daemon, data_file, SUPERVISOR),          FIELD(daemon, stats_file, SUPERVISOR),
    FIELD(daemon, json_file, SUPERVISOR),          FIELD(daemon, reload_check, SUPERVISOR),
    FIELD(daemon, reload_log, SUPERVISOR),         FIELD(daemon, reload_time_file, SUPERVISOR),
    FIELD(daemon, reload_repeat, SUPERVISOR),      FIELD(daemon, reload_flag, SUPERVISOR),
    FIELD(daemon, reload_flag_file, SUPERVISOR),   FIELD(daemon, name, SUPERVISOR),
    STRUCT(daemon, vrrp, tuning, SUPERVISOR),      STRUCT(daemon, checker, tuning, SUPERVISOR),
    STRUCT(daemon, bfd, tuning, NOBODY),           OPTIONAL(daemon, settings, settings, NOBODY),
};
LAYOUT(daemon, NULL);

static const struct field fields_of_counts[] = {
    FIELD(counts, instances, SUPERVISOR),       FIELD(counts, sync_groups, SUPERVISOR),
    FIELD(counts, virtual_servers, SUPERVISOR), FIELD(counts, real_servers, SUPERVISOR),
    FIELD(counts, checkers, SUPERVISOR),        FIELD(counts, static_items, SUPERVISOR),
    FIELD(counts, scripts, SUPERVISOR),         FIELD(counts, fifos, SUPERVISOR),
    FIELD(counts, links_checks, SUPERVISOR),    FIELD(counts, suspended_servers, SUPERVISOR),
    FIELD(counts, watched, SUPERVISOR),         FIELD(counts, alerts, SUPERVISOR),
};
LAYOUT(counts, NULL);

/* The instances come before what refers to them. */
static const struct field fields_of_model[] = {
    STRUCT(model, global, global, EVERYBODY),
    STRUCT(model, daemon, daemon, SUPERVISOR),
    ROW(model, counts, FIELD_STRUCT, SUPERVISOR, .layout = &layout_of_counts, .follows = true),
    LIST(model, instances, instance, LINKS | VRRP | SCRIPTS | MAIL | CTL),
    LIST(model, sync_groups, sync_group, LINKS | VRRP | SCRIPTS | MAIL | CTL),
    LIST(model, garp_groups, garp_group, LINKS),
    LIST(model, interface_delays, interface_delay, VRRP),
    LIST(model, linkbeats, linkbeat, NOBODY),
    LIST(model, virtual_servers, virtual_server, DIRECTOR | CHECKER | LINKS | SCRIPTS | MAIL | CTL),
    LIST(model, recurring_scripts, recurring_script, SCRIPTS),
    LIST(model, track_scripts, track_script, VRRP | CTL),
    LIST(model, track_files, track_file, VRRP | SCRIPTS | CTL),
    LIST(model, track_processes, track_process, VRRP | SCRIPTS | CTL),
    LIST(model, bfd_sessions, bfd_session, VRRP | CTL),
    LIST(model, static_addresses, vip, LINKS),
    LIST(model, static_routes, route, LINKS),
    LIST(model, static_rules, rule, LINKS),
    ROW(model, digest, FIELD_DIGEST, CTL, .highest = 0),
};
const struct layout layout_of_model = {"model", sizeof(struct conf_model), fields_of_model,
                                       sizeof(fields_of_model) / sizeof(fields_of_model[0]), NULL};

/* ------------------------------------------------------------------ the contract */

static uint32_t mix(uint32_t hash, const void *bytes, size_t length)
{
    const unsigned char *byte = bytes;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * 0x01000193U; /* FNV-1a */
    return hash;
}

static uint32_t mix_layout(uint32_t hash, const struct layout *layout)
{
    for (size_t i = 0; i < layout->count; i++) {
        const struct field *field = &layout->fields[i];

        hash = mix(hash, field->name, strlen(field->name));
        hash = mix(hash, &field->kind, sizeof(field->kind));
        hash = mix(hash, &field->size, sizeof(field->size));
        hash = mix(hash, &field->slices, sizeof(field->slices));
        if (field->layout != NULL)
            hash = mix_layout(hash, field->layout);
    }
    return hash;
}

uint32_t layout_contract(void)
{
    return mix_layout(0x811c9dc5U, &layout_of_model);
}

/* ------------------------------------------------------------------ access */

/* As large as any struct that is optional. */
static const union {
    struct conf_notify notify;
    struct conf_script script;
    struct conf_encap encap;
    struct conf_settings settings;
} nothing;

const void *field_struct(const void *object, const struct field *field)
{
    const char *place = (const char *)object + field->offset;
    const void *pointed;

    if (!field->optional)
        return place;
    memcpy(&pointed, place, sizeof(pointed));
    return pointed == NULL ? &nothing : pointed;
}

struct any_list field_list(const void *object, const struct field *field)
{
    struct any_list list;

    memcpy(&list, (const char *)object + field->offset, sizeof(list));
    return list;
}

void field_set_list(void *object, const struct field *field, const struct any_list *list)
{
    memcpy((char *)object + field->offset, list, sizeof(*list));
}

/* The machine is little or big endian; memcpy of the right width is neither. */
uint64_t field_unsigned(const void *object, const struct field *field)
{
    const char *place = (const char *)object + field->offset;
    uint64_t wide;
    uint32_t word;
    uint16_t half;

    switch (field->size) {
    case sizeof(uint8_t):
        return *(const uint8_t *)place;
    case sizeof(uint16_t):
        memcpy(&half, place, sizeof(half));
        return half;
    case sizeof(uint32_t):
        memcpy(&word, place, sizeof(word));
        return word;
    }
    memcpy(&wide, place, sizeof(wide));
    return wide;
}

void field_set_unsigned(void *object, const struct field *field, uint64_t value)
{
    char *place = (char *)object + field->offset;
    uint32_t word = (uint32_t)value;
    uint16_t half = (uint16_t)value;

    switch (field->size) {
    case sizeof(uint8_t):
        *(uint8_t *)place = (uint8_t)value;
        return;
    case sizeof(uint16_t):
        memcpy(place, &half, sizeof(half));
        return;
    case sizeof(uint32_t):
        memcpy(place, &word, sizeof(word));
        return;
    }
    memcpy(place, &value, sizeof(value));
}

int64_t field_signed(const void *object, const struct field *field)
{
    uint64_t value = field_unsigned(object, field);

    switch (field->size) {
    case sizeof(int16_t):
        return (int16_t)value;
    case sizeof(int32_t):
        return (int32_t)value;
    }
    return (int64_t)value;
}

void field_set_signed(void *object, const struct field *field, int64_t value)
{
    field_set_unsigned(object, field, (uint64_t)value);
}
