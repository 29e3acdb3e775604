/*
 * Keyword table: the top level of a configuration, and small blocks that stand there.
 */
#include "conf/keyword_rows.h"

#include "conf/build.h"

const struct conf_keyword conf_rows_root[] = {
    ACCEPTED("linkbeat_use_polling", "(none)", "off", "",
             "poll link state (MII/ethtool/ioctl) on all interfaces",
             "the kernel tells tandem of every link that comes or goes",
             SET(struct conf_builder, global.daemon.settings, 1)),
    BUILT("net_namespace", "<NAME>", "current netns", "/run/netns name; not changeable on reload",
          "run daemon inside named network namespace", HANDLER(conf_handle_net_namespace)),
    BUILT("net_namespace_ipvs", "[<NAME>]", "same as net_namespace",
          "empty = namespace keepalived started in", "separate namespace for IPVS commands only",
          HANDLER(conf_handle_net_namespace_ipvs)),
    ACCEPTED("namespace_with_ipsets", "(none)", "off", "needs kernel >= 3.13",
             "allow ipsets although running in a namespace", "tandem uses nftables, which need no ipsets",
             SET(struct conf_builder, global.daemon.settings, 1)),
    ACCEPTED("use_pid_dir", "(none)", "off (on when instance/net_namespace set)", "",
             "put pid files in RUNSTATEDIR/keepalived/",
             "tandem keeps its process files in one run directory",
             SET(struct conf_builder, global.daemon.settings, 1)),
    BUILT("instance", "<NAME>", "none", "not changeable on reload",
          "instance name, used in pid/dump file names", HANDLER(conf_handle_instance)),
    BUILT("child_wait_time", "<INTEGER>", "5", "s, 0..UINT_MAX",
          "parent waits this before SIGKILL of children on stop", HANDLER(conf_handle_child_wait_time)),
    BUILT("global_defs", "{block}", "", "", "global settings", OPENS(GLOBAL), .repeats = true),
    BUILT("track_group", "<NAME> {block}", "", "", "links static addresses/routes/rules to VRRP instances",
          OPENS(TRACK_GROUP), .repeats = true),
    BUILT("static_ipaddress", "{list}", "", "", "addresses kept on host permanently, not moved by VRRP",
          OPENS(STATIC_IPADDRESS), .repeats = true),
    BUILT("static_routes", "{list}", "", "", "routes kept on host permanently", OPENS(STATIC_ROUTES),
          .repeats = true),
    BUILT("static_rules", "{list}", "", "", "policy rules kept on host permanently", OPENS(STATIC_RULES),
          .repeats = true),
    BUILT("vrrp_sync_group", "<NAME> {block}", "", "", "instances that change state together",
          OPENS(SYNC_GROUP), .repeats = true),
    BUILT("garp_group", "{block}", "", "anonymous; at least one interval needed",
          "interfaces sharing one GARP/NA rate limit", OPENS(GARP_GROUP), .repeats = true),
    ACCEPTED("linkbeat_interfaces", "{list}", "", "", "interfaces whose link state is polled",
             "the kernel tells tandem of every link that comes or goes", OPENS(LINKBEAT_INTERFACES),
             .repeats = true, IN_MODEL),
    BUILT("vrrp_instance", "<NAME> {block}", "", "", "one virtual router", OPENS(INSTANCE), .repeats = true),
    BUILT("vrrp_script", "<NAME> {block}", "", "", "periodic tracking script", OPENS(VRRP_SCRIPT),
          .repeats = true),
    BUILT("vrrp_track_process", "<NAME> {block}", "", "",
          "track existence/count of processes via proc connector", OPENS(TRACK_PROCESS), .repeats = true),
    BUILT("interface_up_down_delays", "{list}", "", "", "debounce delays for link up/down events",
          OPENS(INTERFACE_DELAYS), .repeats = true),
    BUILT("track_file", "<NAME> {block}", "", "", "file whose integer content adjusts priority/weight",
          OPENS(TRACK_FILE), .repeats = true),
    BUILT("vrrp_track_file", "<NAME> {block}", "", "deprecated after 2.0.20",
          "deprecated alias of track_file", OPENS(VRRP_TRACK_FILE), .deprecation = CONF_DEPRECATED,
          .repeats = true),
    BUILT("SSL", "{block}", "", "", "client TLS material for SSL_GET checkers", OPENS(SSL), .repeats = true),
    BUILT("virtual_server_group", "<NAME> {list}", "", "", "named set of VIP:port/ranges/fwmarks",
          OPENS(VIRTUAL_SERVER_GROUP), .repeats = true),
    BUILT("virtual_server", "<IPADDR> [<PORT>] | fwmark <INTEGER> | group <NAME> {block}", "",
          "port 0 or absent = all ports (needs persistence)", "one IPVS virtual service",
          OPENS(VIRTUAL_SERVER), .repeats = true),
    NOT_BUILT("bfd_instance", "<NAME> {block}", "", "name <= 31 chars", "one BFD session",
              OPENS(BFD_INSTANCE), IN_MODEL, .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_track_group[] = {
    BUILT("group", "{list}", "", "", "VRRP instances tracking the static items", OPENS(TRACK_GROUP_GROUP),
          .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_track_group_group[] = {
    BUILT("(entry)", "<VRRP_INSTANCE>...", "", "", "instance name", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_garp_group[] = {
    BUILT("garp_interval", "<DECIMAL>", "0", "s, 1 us resolution", "gap between GARPs over whole group",
          SECONDS(struct garp_group_draft, garp_interval_us, 1, UINT32_MAX)),
    BUILT("gna_interval", "<DECIMAL>", "0", "s, 1 us resolution", "gap between NAs over whole group",
          SECONDS(struct garp_group_draft, gna_interval_us, 1, UINT32_MAX)),
    BUILT("interface", "<IFNAME>", "", "", "add one interface to group", HANDLER(conf_handle_garp_interface),
          .repeats = true),
    BUILT("interfaces", "{list}", "", "", "add several interfaces", OPENS(GARP_GROUP_INTERFACES),
          .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_garp_group_interfaces[] = {
    BUILT("(entry)", "<IFNAME>...", "", "", "member interface", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_ssl[] = {
    BUILT("password", "<STRING>", "none", "", "private key passphrase",
          TEXT(struct global_draft, tls_password, 0)),
    BUILT("ca", "<PATH>", "none", "PEM; peers are verified only with tls_verify", "authorities to trust",
          TEXT(struct global_draft, tls_ca, 0)),
    BUILT("certificate", "<PATH>", "none", "PEM; needs key", "client certificate chain",
          TEXT(struct global_draft, tls_certificate, 0)),
    BUILT("key", "<PATH>", "none", "PEM; needs certificate", "client private key",
          TEXT(struct global_draft, tls_key, 0)),
    END_OF_ROWS,
};

/* Milliseconds up to what fits 32 bits of microseconds, as in the packets (RFC 5880, 4.1). */
#define BFD_INTERVAL(field, least_us)                                                                        \
    HANDLER(conf_handle_bfd_interval), .offset = offsetof(struct track_draft, bfd.field), .low = least_us,   \
                                       .high = 4294967000LL

const struct conf_keyword conf_rows_bfd_instance[] = {
    NOT_BUILT("source_ip", "<IPADDR>", "kernel choice", "same family as neighbour", "local address",
              ADDRESS(struct track_draft, bfd.source), IN_MODEL),
    NOT_BUILT("neighbor_ip", "<IPADDR>", "required", "", "peer address",
              ADDRESS(struct track_draft, bfd.neighbour), IN_MODEL),
    NOT_BUILT("neighbour_ip", "<IPADDR>", "required", "", "alias of neighbor_ip",
              ADDRESS(struct track_draft, bfd.neighbour), IN_MODEL),
    NOT_BUILT("min_rx", "<DECIMAL>", "10", "ms, >= 1; > 10000 warns", "required minimum RX interval",
              BFD_INTERVAL(min_rx_us, 1000), IN_MODEL),
    NOT_BUILT("min_tx", "<DECIMAL>", "10", "ms, >= 1; > 10000 warns", "desired minimum TX interval",
              BFD_INTERVAL(min_tx_us, 1000), IN_MODEL),
    NOT_BUILT("idle_tx", "<DECIMAL>", "1000", "ms, >= 1000; > 10000 warns",
              "TX interval while session not up", BFD_INTERVAL(idle_tx_us, 1000000), IN_MODEL),
    NOT_BUILT("multiplier", "<INTEGER>", "5", "1..255; > 10 warns", "detection multiplier",
              INTEGER(struct track_draft, bfd.multiplier, 1, 255), IN_MODEL),
    NOT_BUILT("passive", "(none)", "off (active)", "", "wait for peer packets first",
              SET(struct track_draft, bfd.passive, 1), IN_MODEL),
    NOT_BUILT("ttl", "<INTEGER>", "255 IPv4, 64 IPv6", "1..255", "TTL/hop limit of packets",
              INTEGER(struct track_draft, bfd.ttl, 1, 255), IN_MODEL),
    NOT_BUILT("hoplimit", "<INTEGER>", "255 IPv4, 64 IPv6", "1..255", "alias of ttl",
              INTEGER(struct track_draft, bfd.ttl, 1, 255), IN_MODEL),
    NOT_BUILT("max_hops", "<INTEGER>", "0", "-1..255; 255 disables check",
              "max received hop count (GTSM style)", INTEGER(struct track_draft, bfd.max_hops, -1, 255),
              IN_MODEL),
    NOT_BUILT("multihop", "[<BOOL>]", "false", "port 4784 instead of 3784", "RFC 5883 multihop session",
              BOOL(struct track_draft, bfd.multihop), IN_MODEL),
    NOT_BUILT("weight", "<INTEGER> [reverse]", "0", "-253..253; 0 = FAULT",
              "default VRRP priority adjustment", HANDLER(conf_handle_track_weight), IN_MODEL),
    NOT_BUILT("vrrp", "(none)", "both processes get events", "", "send events to VRRP process",
              SET(struct track_draft, bfd.for_vrrp, 1), IN_MODEL),
    NOT_BUILT("checker", "(none)", "both processes get events", "", "send events to checker process",
              SET(struct track_draft, bfd.for_checkers, 1), IN_MODEL),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_linkbeat_interfaces[] = {
    ACCEPTED("(entry)", "<IFNAME> [MII|ETHTOOL|IOCTL]", "best supported of MII, ETHTOOL, IOCTL", "",
             "interface polled, with preferred method",
             "the kernel tells tandem of every link that comes or goes", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_interface_delays[] = {
    BUILT("(entry)", "<IFNAME> <TIMER down> [<TIMER up>]", "up omitted = 0 (man says same as down)",
          "s, 0..255", "debounce link down and up", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_static_ipaddress[] = {
    BUILT("(entry)",
          "<IPADDR>[/<LEN>] [dev <IFNAME>] [scope <SCOPE>] [broadcast|brd <IPADDR>|+|-] [label <LABEL>] "
          "[peer <IPADDR>[/<LEN>]] [home] [-nodad] [mngtmpaddr] [noprefixroute] [autojoin] [no_track] "
          "[preferred_lft <INTEGER>|forever] [track_group <NAME>]",
          "dev default_interface; scope global; /32 or /128", "/128 gets preferred_lft 0 unless set",
          "permanent address", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_static_routes[] = {
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
        "0|1] [add|prepend|append] [or <IPADDR>] [no_track] [vrf <IFNAME>] [track_group <NAME>] [nexthop "
        "[via [inet|inet6] <IPADDR>] [dev <IFNAME>] [weight 1..256] [onlink] [encap ...] [realms R]]...",
        "prepend; dev default_interface if nothing else", "IPv4 unless address or inet6 says",
        "permanent route", .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_static_rules[] = {
    BUILT(
        "(entry)",
        "[inet|inet6] [not] [from <PREFIX>] [to <PREFIX>] [table|lookup <TABLE>] [preference|order|priority "
        "<INTEGER>] [tos|dsfield <DSFIELD>] [fwmark N[/MASK]] [realms [REALM/]REALM] "
        "[suppress_prefixlength|sup_pl N] [suppress_ifgroup|sup_group GROUP] [iif|dev <IFNAME>] [oif "
        "<IFNAME>] [tunnel-id N] [uidrange N-N] [l3mdev] [protocol N] [ipproto PROTO] [sport N-N] [dport "
        "N-N] [no_track] [track_group <NAME>] [[type] goto N|nop|blackhole|unreachable|prohibit]",
        "priority auto, descending, with warning", "both families if ambiguous: IPv4", "permanent rule",
        .repeats = true),
    END_OF_ROWS,
};

const struct conf_keyword conf_rows_virtual_server_group[] = {
    BUILT("(entry)",
          "<IPADDR>[/<LEN>] [<PORT>] | <IPADDR>-<N> [<PORT>] | <IPADDR>-<IPADDR> [<PORT>] | fwmark "
          "<INTEGER> [inet|inet6]",
          "port 0 = all (persistent)", "-N replaces last octet (v4) / last 16 bits (v6, hex)",
          "addresses or fwmarks of the group", .repeats = true),
    END_OF_ROWS,
};
