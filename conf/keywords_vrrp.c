/*
 * Keyword table: vrrp_instance and vrrp_sync_group.
 */
#include "conf/keyword_rows.h"

#include "conf/build.h"

static const struct conf_choice state_words[] = {
    {"MASTER", CONF_WANTED_MASTER},
    {"BACKUP", CONF_WANTED_BACKUP},
    {0},
};

static const struct conf_choice auth_words[] = {
    {"PASS", CONF_AUTH_PASS},
    {"AH", CONF_AUTH_AH},
    {0},
};

const struct conf_keyword conf_rows_sync_group[] = {
    BUILT("group", "{list}", "", ">= 1 instance; one-member group only warns", "member instance names",
          OPENS(SYNC_GROUP_GROUP), .repeats = true),
    BUILT("track_interface", "{list}", "", "", "interfaces tracked by all members",
          OPENS(SYNC_GROUP_TRACK_INTERFACE), .repeats = true),
    BUILT("track_script", "{list}", "", "", "scripts tracked by all members", OPENS(SYNC_GROUP_TRACK_SCRIPT),
          .repeats = true),
    BUILT("track_file", "{list}", "", "", "files tracked by all members", OPENS(SYNC_GROUP_TRACK_FILE),
          .repeats = true),
    BUILT("track_process", "{list}", "", "", "processes tracked by all members",
          OPENS(SYNC_GROUP_TRACK_PROCESS), .repeats = true),
    NOT_BUILT("track_bfd", "{list}", "", "", "BFD sessions tracked by all members",
              OPENS(SYNC_GROUP_TRACK_BFD), IN_MODEL, .repeats = true),
    BUILT("notify_backup", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on group entering BACKUP", SCRIPT(struct group_draft, notify.backup), .script = true),
    BUILT("notify_master", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on group entering MASTER", SCRIPT(struct group_draft, notify.master), .script = true),
    BUILT("notify_fault", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on group entering FAULT", SCRIPT(struct group_draft, notify.fault), .script = true),
    BUILT("notify_stop", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on group STOP", SCRIPT(struct group_draft, notify.stop), .script = true),
    BUILT("notify", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted; appends GROUP NAME STATE 0",
          "run on any group state change", SCRIPT(struct group_draft, notify.any), .script = true),
    BUILT("smtp_alert", "[<BOOL>]", "smtp_alert_vrrp, smtp_alert, false", "", "mail on group state change",
          BOOL(struct group_draft, smtp_alert)),
    BUILT("global_tracking", "(none)", "", "deprecated", "deprecated alias of sync_group_tracking_weight",
          SET(struct group_draft, tracking_weight, 1), .deprecation = CONF_DEPRECATED_LOUD),
    BUILT("sync_group_tracking_weight", "(none)", "off", "",
          "allow weighted tracking by members (equal effects expected)",
          SET(struct group_draft, tracking_weight, 1)),
    BUILT("notify_priority_changes", "[<BOOL>]", "vrrp_notify_priority_changes", "",
          "FIFO priority events for all members", BOOL(struct group_draft, notify_priority_changes)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_sync_group_group[] = {
    BUILT("(entry)", "<VRRP_INSTANCE>...", "", "one group per instance", "member name", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_instance[] = {
    NOT_BUILT("use_vmac", "[[name] <IFNAME>] [<MAC 5 or 6 octets>] [netlink_notify_msg] [group <GROUP>]",
              "off; name vrrp.<VRID>, MAC 00:00:5e:00:01|02:<VRID>",
              "5 octets: VRID becomes last; no multicast MAC", "run instance on macvlan with virtual MAC",
              HANDLER(conf_handle_vmac), IN_MODEL, .repeats = true),
    NOT_BUILT("use_vmac_addr", "(none)", "off", "", "VIPs on other interfaces also get VMACs",
              SET(struct instance_draft, vmac_addresses, 1), IN_MODEL),
    NOT_BUILT("vmac_xmit_base", "(none)", "off (forced for IPv6/promote etc.)", "",
              "send adverts from underlying interface, not VMAC",
              SET(struct instance_draft, transmits_from_base, 1), IN_MODEL),
    NOT_BUILT("use_ipvlan", "[[name] <IFNAME>] [<IPADDR>] [bridge|private|vepa] [group <GROUP>]",
              "off; bridge mode; name vrrp.<VRID>", "needs own address or mcast_src_ip",
              "run instance on ipvlan L2 interface", HANDLER(conf_handle_ipvlan), IN_MODEL, .repeats = true),
    BUILT("unicast_peer", "{list}", "", "", "send unicast adverts to these peers", OPENS(UNICAST_PEER),
          .repeats = true),
    BUILT("unicast_fault_no_peer", "(none)", "off", "", "unicast without peers means FAULT, not multicast",
          SET(struct instance_draft, fault_no_peer, 1)),
    BUILT("check_unicast_src", "(none)", "vrrp_check_unicast_src", "",
          "drop unicast adverts from unknown sources", SET(struct instance_draft, check_unicast_source, 1)),
    BUILT("old_unicast_checksum", "[never]", "auto-detect", "build option checksum-compat",
          "use pre-1.3.7 VRRPv3 unicast checksum", HANDLER(conf_handle_old_checksum)),
    BUILT("native_ipv6", "(none)", "", "deprecated", "force IPv6 family",
          SET(struct instance_draft, native_ipv6, 1), .deprecation = CONF_DEPRECATED),
    BUILT("state", "MASTER|BACKUP", "BACKUP; MASTER if priority 255", "", "wanted initial state",
          CHOICE(struct instance_draft, wanted_state, state_words)),
    BUILT("interface", "<IFNAME>", "none (required unless unicast)", "", "interface of instance",
          INTERFACE(struct instance_draft, interface)),
    NOT_BUILT("vrf", "<IFNAME>", "VRF of interface", "VRF master device",
              "VRF for unicast instance without interface", INTERFACE(struct instance_draft, vrf), IN_MODEL),
    BUILT("dont_track_primary", "(none)", "off", "", "ignore faults of own interface",
          SET(struct instance_draft, dont_track_primary, 1)),
    BUILT("track_interface", "{list}", "", "", "tracked interfaces", OPENS(INSTANCE_TRACK_INTERFACE),
          .repeats = true),
    BUILT("track_script", "{list}", "", "", "tracked scripts", OPENS(INSTANCE_TRACK_SCRIPT), .repeats = true),
    BUILT("track_file", "{list}", "", "", "tracked files", OPENS(INSTANCE_TRACK_FILE), .repeats = true),
    BUILT("track_process", "{list}", "", "", "tracked processes", OPENS(INSTANCE_TRACK_PROCESS),
          .repeats = true),
    NOT_BUILT("track_bfd", "{list}", "", "", "tracked BFD sessions", OPENS(INSTANCE_TRACK_BFD), IN_MODEL,
              .repeats = true),
    BUILT("mcast_src_ip", "<IPADDR>", "primary address of interface", "",
          "source address of multicast adverts", ADDRESS(struct instance_draft, multicast_source)),
    BUILT("unicast_src_ip", "<IPADDR>", "primary address of interface", "",
          "source address of unicast adverts", ADDRESS(struct instance_draft, unicast_source)),
    BUILT("mcast_dst_ip", "<IPADDR>", "vrrp_mcast_group4/6", "multicast; IPv6 must be link-local scope",
          "per instance destination group", ADDRESS(struct instance_draft, multicast_group)),
    BUILT("track_src_ip", "(none)", "off", "", "FAULT while configured source address missing",
          SET(struct instance_draft, track_source, 1)),
    BUILT("virtual_router_id", "<INTEGER>", "required", "1..255", "VRID",
          INTEGER(struct instance_draft, vrid, 1, 255)),
    BUILT("unicast_ttl", "<INTEGER>", "255 IPv4; kernel default IPv6", "0..255",
          "TTL/hop limit of unicast adverts", INTEGER(struct instance_draft, unicast_ttl, 0, 255)),
    BUILT("version", "<INTEGER>", "vrrp_version; IPv6 always 3", "2..3", "VRRP version",
          INTEGER(struct instance_draft, version, 2, 3)),
    BUILT("priority", "<INTEGER>", "100; 255 if state MASTER", "1..255", "base priority; 255 = address owner",
          INTEGER(struct instance_draft, priority, 1, 255)),
    BUILT("advert_int", "<DECIMAL>", "1", "s, 0.01..255; v2 whole s; v3 <= 40.95, 10 ms steps",
          "advertisement interval", SECONDS(struct instance_draft, advert_interval_us, 10000, 255000000)),
    BUILT("virtual_ipaddress", "{list}", "required for v3 or strict",
          "limit by packet size, excess moved to excluded list", "VIPs carried in adverts",
          OPENS(VIRTUAL_IPADDRESS), .repeats = true),
    BUILT("virtual_ipaddress_excluded", "{list}", "", "", "VIPs not carried in adverts, any family",
          OPENS(VIRTUAL_IPADDRESS_EXCLUDED), .repeats = true),
    BUILT("no_virtual_ipaddress", "(none)", "off", "not strict RFC", "allow instance without VIPs",
          SET(struct instance_draft, no_addresses, 1)),
    ACCEPTED("promote_secondaries", "(none)", "off", "", "set promote_secondaries sysctl on interface",
             "tandem sets it on every interface that has virtual addresses",
             SET(struct instance_draft, settings, 1)),
    ACCEPTED("linkbeat_use_polling", "(none)", "", "deprecated", "deprecated; use linkbeat_interfaces",
             "the kernel tells tandem of every link that comes or goes", .deprecation = CONF_DEPRECATED_LOUD,
             SET(struct instance_draft, settings, 1)),
    BUILT("v3_checksum_as_v2", "[<BOOL>]", "global value", "", "VRRPv3 IPv4 checksum without pseudo header",
          BOOL(struct instance_draft, v3_checksum_as_v2)),
    BUILT("virtual_routes", "{list}", "", "", "routes installed while MASTER", OPENS(VIRTUAL_ROUTES),
          .repeats = true),
    BUILT("virtual_rules", "{list}", "", "", "policy rules installed while MASTER", OPENS(VIRTUAL_RULES),
          .repeats = true),
    BUILT("accept", "(none)", "on unless strict", "", "accept packets addressed to VIPs",
          SET(struct instance_draft, accept, 1)),
    BUILT("no_accept", "(none)", "off", "nftables", "drop packets to VIPs when not owner",
          SET(struct instance_draft, accept, 0)),
    BUILT("skip_check_adv_addr", "[<BOOL>]", "global value", "BUG: off also sets it",
          "skip VIP list check for same sender", BOOL(struct instance_draft, skip_check_adv_addr)),
    BUILT("strict_mode", "[<BOOL>]", "vrrp_strict", "", "RFC strictness for this instance",
          BOOL(struct instance_draft, strict)),
    BUILT("preempt", "(none)", "on", "", "higher priority takes over (explicit default)",
          SET(struct instance_draft, preempt, 1)),
    BUILT("nopreempt", "(none)", "off", "needs state BACKUP and priority < 255",
          "do not take over from lower priority master", SET(struct instance_draft, preempt, 0)),
    BUILT("preempt_delay", "<DECIMAL>", "0", "s, 0..1000", "wait before preempting lower priority master",
          SECONDS(struct instance_draft, preempt_delay_us, 0, 1000000000)),
    ACCEPTED("debug", "<INTEGER>", "0", "0..4", "stored, unused", "keepalived ignores it as well",
             INTEGER(struct instance_draft, settings, 0, 4)),
    BUILT("notify_backup", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on entering BACKUP", SCRIPT(struct instance_draft, notify.backup), .script = true),
    BUILT("notify_master", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on entering MASTER", SCRIPT(struct instance_draft, notify.master), .script = true),
    BUILT("notify_fault", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run on entering FAULT", SCRIPT(struct instance_draft, notify.fault), .script = true),
    BUILT("notify_stop", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run when daemon stops", SCRIPT(struct instance_draft, notify.stop), .script = true),
    BUILT("notify_deleted", "[<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]]", "off (FAULT notified)",
          "quoted keyword", "report DELETED when instance removed by reload",
          HANDLER(conf_handle_notify_deleted), .script = true),
    BUILT("notify", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none",
          "quoted; appends INSTANCE NAME STATE PRIO", "run on any state change",
          SCRIPT(struct instance_draft, notify.any), .script = true),
    BUILT("notify_master_rx_lower_pri", "<SCRIPT|\"cmd args\"> [<USER> [<GROUP>]]", "none", "quoted keyword",
          "run when master receives lower priority advert",
          SCRIPT(struct instance_draft, notify.rx_lower_priority), .script = true),
    BUILT("smtp_alert", "[<BOOL>]", "smtp_alert_vrrp, smtp_alert, false", "", "mail on state change",
          BOOL(struct instance_draft, smtp_alert)),
    BUILT("notify_priority_changes", "[<BOOL>]", "vrrp_notify_priority_changes", "",
          "FIFO events on effective priority change", BOOL(struct instance_draft, notify_priority_changes)),
    BUILT("lvs_sync_daemon_interface", "<IFNAME>", "", "deprecated", "deprecated; use global lvs_sync_daemon",
          HANDLER(conf_handle_sync_interface), .deprecation = CONF_DEPRECATED_LOUD),
    BUILT("garp_master_delay", "<INTEGER>", "vrrp_garp_master_delay", "s", "delay of second GARP/NA set",
          INTEGER(struct instance_draft, garp.master_delay_s, 0, 4294)),
    BUILT("garp_master_refresh", "<INTEGER>", "vrrp_garp_master_refresh", "s, 0 = off",
          "periodic GARP/NA while MASTER",
          INTEGER(struct instance_draft, garp.master_refresh_s, 0, UINT32_MAX)),
    BUILT("garp_master_repeat", "<INTEGER>", "vrrp_garp_master_repeat", "0 becomes 1",
          "GARP/NA count per set", INTEGER(struct instance_draft, garp.master_repeat, 0, UINT32_MAX)),
    BUILT("garp_master_refresh_repeat", "<INTEGER>", "vrrp_garp_master_refresh_repeat", "0 becomes 1",
          "GARP/NA count per refresh",
          INTEGER(struct instance_draft, garp.master_refresh_repeat, 0, UINT32_MAX)),
    BUILT("garp_lower_prio_delay", "<INTEGER>", "vrrp_garp_lower_prio_delay", "s",
          "second set delay after lower priority advert",
          INTEGER(struct instance_draft, garp.lower_prio_delay_s, 0, 4294)),
    BUILT("garp_lower_prio_repeat", "<INTEGER>", "vrrp_garp_lower_prio_repeat", "0 allowed",
          "GARP count after lower priority advert",
          INTEGER(struct instance_draft, garp.lower_prio_repeat, 0, UINT32_MAX)),
    BUILT("down_timer_adverts", "<INTEGER>", "vrrp_down_timer_adverts", "1..100",
          "missed adverts before takeover", INTEGER(struct instance_draft, down_timer_adverts, 1, 100)),
    ACCEPTED("timer_expired_backup", "[<INTEGER>]", "off; 254 without arg", "1..254, needs nopreempt",
             "late timer: yield first, assuming other's highest priority",
             "a router of tandem that was late always listens before it speaks as master",
             INTEGER(struct instance_draft, settings, 1, 254), .lack = CONF_LACK_GOOD),
    ACCEPTED("thread_timer_expired", "[<INTEGER>]", "", "undocumented",
             "alias of timer_expired_backup, warns",
             "a router of tandem that was late always listens before it speaks as master",
             .deprecation = CONF_DEPRECATED_LOUD, INTEGER(struct instance_draft, settings, 1, 254),
             .lack = CONF_LACK_GOOD),
    BUILT("garp_extra_if", "[all] <INTEGER>", "vrrp_garp_extra_if", "s, 0..86400",
          "periodic GARP on other interfaces with VIPs", HANDLER(conf_handle_extra_interfaces)),
    BUILT("vmac_garp_intvl", "[all] <INTEGER>", "", "deprecated after 2.2.2",
          "deprecated alias of garp_extra_if", HANDLER(conf_handle_extra_interfaces),
          .deprecation = CONF_DEPRECATED_LOUD),
    BUILT("lower_prio_no_advert", "[<BOOL>]", "vrrp_lower_prio_no_advert", "",
          "do not answer lower priority adverts", BOOL(struct instance_draft, lower_prio_no_advert)),
    BUILT("higher_prio_send_advert", "[<BOOL>]", "vrrp_higher_prio_send_advert", "",
          "send one last advert before yielding", BOOL(struct instance_draft, higher_prio_send_advert)),
    BUILT("owner_ignore_adverts", "[<BOOL>]", "vrrp_owner_ignore_adverts (true if strict)",
          "undocumented; priority 255 only", "priority 255 master ignores received adverts",
          BOOL(struct instance_draft, owner_ignore_adverts)),
    ACCEPTED("kernel_rx_buf_size", "<INTEGER>", "vrrp_rx_bufs_policy", "bytes",
             "receive buffer for this instance", "tandem sizes its receive buffers itself",
             INTEGER(struct instance_draft, settings, 0, UINT32_MAX), .lack = CONF_LACK_COMPLAINT),
    BUILT("authentication", "{block}", "none", "VRRPv2 only", "RFC 2338 authentication",
          OPENS(AUTHENTICATION), .repeats = true),
    NOT_BUILT("auth_hmac", "{block}", "none", "excludes authentication block",
              "HMAC-SHA256 trailer on adverts (new in 2.4)", OPENS(AUTH_HMAC), IN_MODEL, .repeats = true),
    OURS(
        "vip_lease", "off|on|<TIMER>", "on", "s, 1..3600",
        "lifetime the kernel gives a VIP, refreshed while tandem lives; on: computed from the timers of VRRP",
        HANDLER(conf_handle_vip_lease)),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_tracked_interface[] = {
    BUILT("(entry)", "<IFNAME> [weight <-253..253> [reverse]]", "weight 0 (failure = FAULT)",
          "+-254 accepted, clamped to +-253", "interface to track", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_tracked_script[] = {
    BUILT("(entry)", "<NAME> [weight <-253..253> [reverse|noreverse]]", "weight of vrrp_script", "0 = FAULT",
          "script to track", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_tracked_file[] = {
    BUILT("(entry)", "<NAME> [weight <-254..254> [reverse|noreverse]]", "weight of track_file",
          "0 = FAULT when value non-zero; value x weight", "file to track", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_tracked_process[] = {
    BUILT("(entry)", "<NAME> [weight <-254..254> [reverse|noreverse]]", "weight of vrrp_track_process",
          "0 = FAULT; +-254 becomes +-253", "process to track", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_tracked_bfd[] = {
    NOT_BUILT("(entry)", "<NAME> [weight <-253..253> [reverse|noreverse]]", "weight of bfd_instance",
              "0 = FAULT", "BFD session to track", IN_MODEL, .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_unicast_peer[] = {
    BUILT("(entry)", "<IPADDR> [min_ttl <0..255>] [max_ttl <0..255>]", "min_ttl 0, max_ttl 255",
          "using either enables check_unicast_src", "peer address with accepted TTL range", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_virtual_ipaddress[] = {
    BUILT("(entry)",
          "<IPADDR>[/<LEN>] [dev <IFNAME>] [scope <SCOPE>] [broadcast|brd <IPADDR>|+|-] [label <LABEL>] "
          "[peer <IPADDR>[/<LEN>]] [home] [-nodad] [mngtmpaddr] [noprefixroute] [autojoin] [no_track] "
          "[preferred_lft <INTEGER>|forever] [use_vmac]",
          "dev = instance interface/VMAC", "/128 gets preferred_lft 0 unless set",
          "address held while MASTER", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_virtual_routes[] = {
    BUILT(
        "(entry)",
        "[inet|inet6] [to] [unicast|local|broadcast|multicast|throw|unreachable|prohibit|blackhole|nat] "
        "<IPADDR>[/<LEN>]|default|any|all|default6 [src <IPADDR>] [as [to] <IPADDR>] [via|gw [inet|inet6] "
        "<IPADDR>] [from <PREFIX>] [tos|dsfield <DSFIELD>] [table <TABLE>] [protocol <PROTO>] [scope "
        "<SCOPE>] [metric|priority|preference <INTEGER>] [dev|oif <IFNAME>] [onlink] [encap ip|ip6|mpls|ila "
        "...] [expires <INTEGER>] [mtu [lock] N] [hoplimit N] [advmss [lock] N] [rtt [lock] TIME] [rttvar "
        "[lock] TIME] [reordering [lock] N] [window N] [cwnd [lock] N] [ssthresh [lock] N] [realms "
        "REALM[/REALM]] [rto_min [lock] TIME] [initcwnd N] [initrwnd N] [features ecn] [quickack 0|1] "
        "[congctl [lock] NAME] [pref low|medium|high|N] [ttl-propagate enabled|disabled] [fastopen_no_cookie "
        "0|1] [add|prepend|append] [or <IPADDR>] [no_track] [vrf <IFNAME>] [nexthop [via [inet|inet6] "
        "<IPADDR>] [dev <IFNAME>] [weight 1..256] [onlink] [encap ...] [realms R]]...",
        "prepend; dev = instance interface when needed", "proto keepalived forced if tracked",
        "route held while MASTER", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_virtual_rules[] = {
    BUILT("(entry)",
          "[inet|inet6] [not] [from <PREFIX>] [to <PREFIX>] [table|lookup <TABLE>] "
          "[preference|order|priority <INTEGER>] [tos|dsfield <DSFIELD>] [fwmark N[/MASK]] [realms "
          "[REALM/]REALM] [suppress_prefixlength|sup_pl N] [suppress_ifgroup|sup_group GROUP] [iif|dev "
          "<IFNAME>] [oif <IFNAME>] [tunnel-id N] [uidrange N-N] [l3mdev] [protocol N] [ipproto PROTO] "
          "[sport N-N] [dport N-N] [no_track] [[type] goto N|nop|blackhole|unreachable|prohibit]",
          "priority auto, descending, with warning", "", "rule held while MASTER", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_authentication[] = {
    BUILT("auth_type", "PASS|AH", "none", "exact upper case", "simple password or IPSEC AH (HMAC-MD5)",
          CHOICE(struct instance_draft, auth_type, auth_words)),
    BUILT("auth_pass", "<STRING>", "none", "first 8 bytes used", "shared secret",
          TEXT(struct instance_draft, auth_pass, 0)),
    END_OF_ROWS,
};

static const struct conf_choice replay_words[] = {
    {"time", CONF_REPLAY_TIME},
    {"monotonic", CONF_REPLAY_MONOTONIC},
    {0},
};

static const struct conf_choice hmac_modes[] = {
    {"enforce", CONF_HMAC_ENFORCE},
    {"permissive", CONF_HMAC_PERMISSIVE},
    {"receive-only", CONF_HMAC_RECEIVE_ONLY},
    {0},
};

const struct conf_keyword conf_rows_auth_hmac[] = {
    NOT_BUILT("key", "<INTEGER> <ASCII>|hex:<HEX>|file:<PATH>", "none",
              "id 1-255; key of 32-64 octets; repeatable", "add a key; file content uses same syntax",
              HANDLER(conf_handle_hmac_key), IN_MODEL, .repeats = true),
    NOT_BUILT("active_key", "<INTEGER>", "none (required)", "1..255, must exist", "key id used to sign",
              INTEGER(struct instance_draft, hmac_active_key, 1, 255), IN_MODEL),
    NOT_BUILT("time_window", "<INTEGER>", "max(3 x advert_int, 5), cap 300", "s, 1..300",
              "allowed clock difference", INTEGER(struct instance_draft, hmac_time_window_s, 1, 300),
              IN_MODEL),
    NOT_BUILT("anti_replay", "time|monotonic", "time", "", "freshness window or only growing sequence",
              CHOICE(struct instance_draft, hmac_anti_replay, replay_words), IN_MODEL),
    NOT_BUILT("mode", "enforce|permissive|receive-only", "enforce", "strict_mode forces enforce",
              "policy for unsigned adverts and signing", CHOICE(struct instance_draft, hmac_mode, hmac_modes),
              IN_MODEL),
    END_OF_ROWS,
};
