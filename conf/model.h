/*
 * The typed model of a configuration: what the daemon's processes work from.
 *
 * The reader process builds one model from the text (builder.h), checks it (validate.h), and hands
 * every other process a slice of it (slice.h): the same structs with only the objects and fields
 * that process needs. Everything a model points to lives in its arena and dies with it; a process
 * never changes a model after it was built.
 *
 * Units: times are 64-bit integers with the unit in the name (_us = microseconds, _s = seconds).
 * Defaults and inheritance are already applied: no reader of a model decides what "unset" means.
 *
 * Objects that other processes speak about carry a key: 64 bits hashed from the object's identity
 * (key.h), the same after a reload, in every process and after a crash. Messages and the board
 * name objects only by key.
 */
#ifndef TANDEM_CONF_MODEL_H
#define TANDEM_CONF_MODEL_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/address.h"

/* An array of pointers in the model's arena. */
#define CONF_LIST(type)                                                                                      \
    struct {                                                                                                 \
        type **items;                                                                                        \
        uint32_t count;                                                                                      \
        uint32_t room;                                                                                       \
    }

/* ------------------------------------------------------------------ what has no effect */

/* A keyword that tandem takes without effect, with its value as words, read and checked. */
struct conf_setting {
    char *keyword;
    CONF_LIST(char) words;
};

/* Those of one block, in the order of their names. Few blocks have any: NULL in its object = none. */
struct conf_settings {
    CONF_LIST(struct conf_setting) lines;
};

enum conf_linkbeat_method {
    CONF_LINKBEAT_AUTO,
    CONF_LINKBEAT_MII,
    CONF_LINKBEAT_ETHTOOL,
    CONF_LINKBEAT_IOCTL,
};

/* As the language has it; "" for AUTO. */
const char *conf_linkbeat_word(enum conf_linkbeat_method method);

/* linkbeat_interfaces: without effect, as the kernel tells of every link. */
struct conf_linkbeat {
    char *interface;
    enum conf_linkbeat_method method;
};

/* ------------------------------------------------------------------ scripts */

struct conf_group {
    uint32_t gid;
};

/* A command a user wrote, split into words; it runs as uid:gid. words.count == 0 means "no script". */
struct conf_script {
    CONF_LIST(char) words;
    uint32_t uid;
    uint32_t gid;
    CONF_LIST(struct conf_group)
    groups;          /* supplementary ones, gid among them; none unless they are asked for */
    bool keep_links; /* use_symlink_paths: what runs is the path as written, not what its links lead to */
};

/* A script that is run again and again, because vrrp (a vrrp_script) or a checker (a MISC_CHECK) asks for
 * each run by its key: SCRIPT_RUN in messages.h. */
struct conf_recurring_script {
    uint64_t key; /* of the vrrp_script, or of the check */
    char *name;   /* for the log: "vrrp_script haproxy" */
    struct conf_script script;
    int64_t timeout_us; /* what runs longer is ended, and has failed; > 0 */
};

/* A named pipe that gets a line for each event, and the program that reads it. */
struct conf_fifo {
    char *path;   /* NULL = none */
    uint32_t uid; /* whose the pipe becomes if it has to be made */
    uint32_t gid;
    struct conf_script reader; /* gets the path appended; need not be */
};

enum conf_mail_tls {
    CONF_MAIL_TLS_OFF,
    CONF_MAIL_TLS_STARTTLS, /* or no mail: never in the clear */
    CONF_MAIL_TLS_IMPLICIT, /* from the first byte on */
};

#define CONF_MAIL_PASSWORD_BYTES 128 /* terminated */

/* How mail is sent. Nothing is unless there are a server, a recipient and something to alert of. */
struct conf_mail {
    char *server; /* name or address; NULL = none */
    uint16_t port;
    enum conf_mail_tls tls;
    char *user; /* for AUTH; NULL = none */
    char password[CONF_MAIL_PASSWORD_BYTES];
    char *ca_file;              /* NULL = the system's authorities */
    char *helo_name;            /* NULL = the host's */
    char *from;                 /* as in the header; NULL = root at the host */
    CONF_LIST(char) recipients; /* as in the header */
    uint32_t connect_timeout_s;
    bool no_faults; /* none on FAULT */
};

/* ------------------------------------------------------------------ VRRP */

enum conf_wanted_state {
    CONF_WANTED_BACKUP,
    CONF_WANTED_MASTER,
};

enum conf_auth_type {
    CONF_AUTH_NONE,
    CONF_AUTH_PASS,
    CONF_AUTH_AH,
};

/* The checksum that keepalived before 1.3.7 gave version 3 adverts for IPv4 unicast peers. */
enum conf_old_checksum {
    CONF_OLD_CHECKSUM_LEARNED, /* for peers that use it */
    CONF_OLD_CHECKSUM_NEVER,   /* refused */
    CONF_OLD_CHECKSUM_ALWAYS,
};

enum conf_broadcast {
    CONF_BROADCAST_NONE,
    CONF_BROADCAST_GIVEN, /* conf_vip.broadcast */
    CONF_BROADCAST_ONES,  /* "+" */
    CONF_BROADCAST_ZEROS, /* "-" */
};

/* Flags of an address entry (ip-address(8) words). */
enum conf_vip_flag {
    CONF_VIP_HOME = 1 << 0,
    CONF_VIP_DAD = 1 << 1, /* "-nodad": perform duplicate address detection; off by default */
    CONF_VIP_MNGTMPADDR = 1 << 2,
    CONF_VIP_NOPREFIXROUTE = 1 << 3,
    CONF_VIP_AUTOJOIN = 1 << 4,
    CONF_VIP_NO_TRACK = 1 << 5,
    CONF_VIP_USE_VMAC = 1 << 6,
};

#define CONF_LIFETIME_FOREVER UINT32_MAX

/* One line of virtual_ipaddress or virtual_ipaddress_excluded. */
struct conf_vip {
    struct ip_address address;
    uint8_t prefix_length;
    uint8_t scope; /* RT_SCOPE_* */
    bool excluded; /* from virtual_ipaddress_excluded: not carried in adverts */
    enum conf_broadcast broadcast_kind;
    struct ip_address broadcast;
    struct ip_address peer; /* AF_UNSPEC = none */
    uint8_t peer_prefix_length;
    uint32_t flags;                /* enum conf_vip_flag */
    int64_t announce_interval_us;  /* smallest gap between two GARPs or NAs on its interface; 0 = none */
    uint32_t preferred_lifetime_s; /* CONF_LIFETIME_FOREVER, or seconds; 0 for an IPv6 /128 without one */
    char *interface;               /* never NULL: the entry's, or the instance's */
    char *label;                   /* NULL = none */
};

#define CONF_PROTOCOL_KEEPALIVED 18 /* RTPROT_KEEPALIVED: whose routes and rules they are */

enum conf_encap_kind {
    CONF_ENCAP_IP,
    CONF_ENCAP_IP6,
    CONF_ENCAP_MPLS,
    CONF_ENCAP_ILA,
};

#define CONF_LABEL_MAX  ((1U << 20) - 1) /* RFC 3032, 2.1 */
#define CONF_LABELS_MAX 30               /* of one way: the kernel pushes no more */

/* Of MPLS. */
struct conf_label {
    uint32_t value; /* 0..CONF_LABEL_MAX */
};

/* What packets are wrapped into on their way; which fields count follows from the kind. */
struct conf_encap {
    enum conf_encap_kind kind;
    uint64_t tunnel_id; /* of ip and ip6; 0 = none */
    struct ip_address destination;
    struct ip_address source;
    uint8_t tos;                         /* ip6: traffic class */
    uint8_t ttl;                         /* ip6: hop limit; 0 = the machine's */
    uint16_t flags;                      /* TUNNEL_* of linux/if_tunnel.h */
    CONF_LIST(struct conf_label) labels; /* of mpls, the outermost first */
    uint64_t locator;                    /* of ila: the first half of the address */
};

/* One of a route's several ways. */
struct conf_nexthop {
    struct ip_address gateway; /* AF_UNSPEC = none */
    char *interface;           /* NULL = as the gateway needs */
    uint16_t weight;           /* 1..256 */
    bool onlink;
    uint32_t realms;          /* source << 16 | destination */
    struct conf_encap *encap; /* NULL = none */
};

/* "mtu 1400" and the like: RTAX_* and its value in the kernel's unit. */
struct conf_route_metric {
    uint32_t type;
    uint32_t value;
};

enum conf_route_place {
    CONF_ROUTE_PREPEND, /* before routes of the same destination, TOS and metric */
    CONF_ROUTE_ADD,     /* fails if there is one */
    CONF_ROUTE_APPEND,
};

/* One line of virtual_routes or static_routes (ip-route(8)). */
struct conf_route {
    uint8_t family;
    uint8_t type; /* RTN_* */
    struct ip_address destination;
    uint8_t prefix_length;
    struct ip_address from; /* IPv6: of packets from there only; AF_UNSPEC = all */
    uint8_t from_length;
    struct ip_address preferred_source; /* AF_UNSPEC = the kernel's choice */
    struct ip_address gateway;          /* AF_UNSPEC = none */
    char *interface;                    /* NULL = as the gateway needs */
    bool onlink;
    uint8_t tos;
    uint8_t protocol; /* RTPROT_* */
    uint8_t scope;    /* RT_SCOPE_* */
    uint32_t table;
    uint32_t metric;    /* 0 = none */
    uint32_t realms;    /* source << 16 | destination; 0 = none */
    uint32_t expires_s; /* IPv6; 0 = never */
    CONF_LIST(struct conf_route_metric) metrics;
    uint32_t locked;          /* bits 1 << RTAX_* of metrics */
    char *congestion_control; /* NULL = the machine's */
    int16_t preference;       /* ICMPV6_ROUTER_PREF_*, -1 = none given */
    int16_t ttl_propagate;    /* 0 or 1, -1 = not given */
    enum conf_route_place place;
    bool no_track;
    struct conf_encap *encap; /* NULL = none */
    char *vrf;                /* its table is the route's; NULL = none */
    CONF_LIST(struct conf_nexthop) nexthops;
};

/* One line of virtual_rules or static_rules (ip-rule(8)). */
struct conf_rule {
    uint8_t family;
    uint8_t action; /* FR_ACT_* */
    bool invert;    /* not */
    struct ip_address from;
    uint8_t from_length; /* 0 = all, also for to */
    struct ip_address to;
    uint8_t to_length;
    uint32_t priority;
    uint32_t table;
    uint32_t goto_priority;
    bool l3mdev;
    uint8_t tos;
    bool mark_given;
    uint32_t mark;
    uint32_t mark_mask; /* 0 = all bits */
    uint32_t realms;
    int32_t suppress_prefix_length; /* -1 = none, also for suppress_group */
    int32_t suppress_group;
    char *input; /* interfaces; NULL = any */
    char *output;
    uint64_t tunnel_id; /* 0 = any */
    bool users_given;
    uint32_t first_user;
    uint32_t last_user;
    uint8_t protocol;    /* RTPROT_*: whose rule it is */
    uint8_t ip_protocol; /* 0 = any; also for the ports */
    uint16_t first_source_port;
    uint16_t last_source_port;
    uint16_t first_destination_port;
    uint16_t last_destination_port;
    bool no_track;
};

struct conf_unicast_peer {
    struct ip_address address;
    uint8_t min_ttl;
    uint8_t max_ttl;
};

struct conf_tracked_interface {
    char *interface;
    int16_t weight; /* 0 = failure means FAULT */
    bool reverse;
};

enum conf_tracked_kind {
    CONF_TRACKED_SCRIPT,
    CONF_TRACKED_FILE,
    CONF_TRACKED_PROCESS,
    CONF_TRACKED_BFD,
};

/* A line of track_script, track_file, track_process or track_bfd. */
struct conf_tracked {
    enum conf_tracked_kind kind;
    uint64_t key; /* of the conf_track_script, _file or _process, or of the conf_bfd_session */
    char *name;
    int16_t weight; /* 0 = failure means FAULT */
    bool reverse;
};

/* vrrp_script: what vrrp needs of it; its command is a conf_recurring_script of the same key. */
struct conf_track_script {
    uint64_t key; /* of its name */
    char *name;
    int64_t interval_us;
    int64_t timeout_us;
    uint32_t rise;  /* successes in a row until it is up again; >= 1 */
    uint32_t fall;  /* failures in a row until it is down */
    bool init_fail; /* down until it is up for the first time */
};

/* track_file: a file whose number counts. */
struct conf_track_file {
    uint64_t key; /* of its name */
    char *name;
    char *path;
    bool init_create;    /* made with init_value if it is not there at the daemon's start */
    bool init_overwrite; /* or though it is */
    int32_t init_value;
};

enum conf_param_match {
    CONF_PARAM_NONE, /* whatever its arguments */
    CONF_PARAM_EXACT,
    CONF_PARAM_PARTIAL, /* the first arguments are these */
    CONF_PARAM_INITIAL, /* and of the last of them, the beginning */
};

/* vrrp_track_process: how many processes run. */
struct conf_track_process {
    uint64_t key; /* of its name */
    char *name;
    char *process; /* name of its program, or with full_command the first word of its command line */
    CONF_LIST(char) parameters;
    enum conf_param_match match;
    bool full_command;
    uint32_t quorum;
    uint32_t quorum_max;
    int64_t terminate_delay_us; /* fewer than wanted (or more) only counts after this time */
    int64_t fork_delay_us;      /* and as many as wanted after this */
};

/* bfd_instance: one session (RFC 5880). It runs whether anybody tracks it or not: the neighbour waits for it.
 */
struct conf_bfd_session {
    uint64_t key; /* of its name */
    char *name;
    struct ip_address neighbour;
    struct ip_address source; /* AF_UNSPEC = the kernel chooses */
    int64_t min_rx_us;        /* Required Min RX Interval */
    int64_t min_tx_us;        /* Desired Min TX Interval while it is up */
    int64_t idle_tx_us;       /* and while it is not */
    uint8_t multiplier;       /* Detect Mult */
    bool passive;             /* says nothing before the neighbour does */
    uint8_t ttl;              /* of what is sent */
    int16_t max_hops;         /* that what is received may have made; -1..255, 255 = any number */
    bool multihop;            /* RFC 5883: port 4784 */
    bool informs_vrrp;        /* its state may be tracked by instances and groups */
    bool informs_checkers;    /* and by BFD_CHECK */
};

/* GARP and unsolicited NA pacing; times in seconds as in the language. */
struct conf_garp {
    uint32_t master_delay_s;
    uint32_t master_repeat;
    uint32_t master_refresh_s; /* 0 = off */
    uint32_t master_refresh_repeat;
    uint32_t lower_prio_delay_s;
    uint32_t lower_prio_repeat;
    uint32_t extra_s; /* once every so many on other interfaces than the instance's; 0 = off */
};

/* Interfaces that share one pace; the intervals are with the addresses (conf_vip.announce_interval_us) too.
 */
struct conf_garp_group {
    int64_t garp_interval_us;
    int64_t gna_interval_us;
    CONF_LIST(char) interfaces;
};

/* Scripts of an instance or a group; which is run when: semantics.md, "Notify order and arguments". */
struct conf_notify {
    struct conf_script master;
    struct conf_script backup;
    struct conf_script fault;
    struct conf_script stop;
    struct conf_script any;               /* "notify": gets TYPE NAME STATE PRIORITY appended */
    struct conf_script deleted;           /* removed by a reload; of instances only */
    struct conf_script rx_lower_priority; /* notify_master_rx_lower_pri; of instances only */
};

/* How many there are; of NULL, none. */
uint32_t conf_notify_count(const struct conf_notify *notify);

/* interface_up_down_delays: a change of the link counts when it has lasted so long. */
struct conf_interface_delay {
    char *interface;
    int64_t down_us;
    int64_t up_us;
};

enum conf_anti_replay {
    CONF_REPLAY_TIME,      /* what is older or newer than the window is not taken */
    CONF_REPLAY_MONOTONIC, /* numbers have to grow, whatever the clocks say */
};

enum conf_hmac_mode {
    CONF_HMAC_ENFORCE,      /* sign, and take only what is signed */
    CONF_HMAC_PERMISSIVE,   /* sign, and take unsigned adverts too */
    CONF_HMAC_RECEIVE_ONLY, /* do not sign yet, and take both */
};

#define CONF_HMAC_KEY_BYTES 64

struct conf_hmac_key {
    uint8_t id;     /* 1..255 */
    uint8_t length; /* of the secret: 32..64 bytes */
    uint8_t secret[CONF_HMAC_KEY_BYTES];
};

/* auth_hmac: adverts end in an HMAC-SHA-256. */
struct conf_hmac {
    uint8_t active_key; /* the id of the key that signs; 0 = no auth_hmac */
    enum conf_hmac_mode mode;
    enum conf_anti_replay anti_replay;
    uint32_t time_window_s; /* clocks may differ by so much; 0 = no matter, with CONF_REPLAY_MONOTONIC */
    CONF_LIST(struct conf_hmac_key) keys; /* each of them may have signed what is received */
};

enum conf_device_kind {
    CONF_DEVICE_NONE,
    CONF_DEVICE_VMAC,   /* use_vmac: a macvlan with a virtual MAC address (RFC 9568, 7.3) */
    CONF_DEVICE_IPVLAN, /* use_ipvlan: an ipvlan of layer 2 */
};

enum conf_ipvlan_mode {
    CONF_IPVLAN_BRIDGE,
    CONF_IPVLAN_PRIVATE,
    CONF_IPVLAN_VEPA,
};

#define CONF_MAC_TEXT 18 /* "00:00:5e:00:01:33", terminated */

/* An interface that an instance has for itself, on top of conf_instance.interface. */
struct conf_device {
    enum conf_device_kind kind;
    char *name;                 /* NULL = made from conf_global.vmac_prefix and the VRID */
    char mac[CONF_MAC_TEXT];    /* of a VMAC; "" of others */
    enum conf_ipvlan_mode mode; /* of an ipvlan */
    struct ip_address address;  /* an ipvlan's own; AF_UNSPEC = none */
    uint8_t address_length;     /* of its prefix */
    uint32_t group;             /* of interfaces, as "ip link set group"; 0 = default */
    bool netlink_notify;        /* netlink_notify_msg */
    bool transmits_from_base;   /* vmac_xmit_base: adverts leave by conf_instance.interface */
};

struct conf_instance {
    uint64_t key; /* of vrid, family, interface, kind of device, unicast source or multicast group */
    char *name;
    char *interface; /* NULL only for unicast without an interface */
    uint8_t family;  /* AF_INET or AF_INET6: of the addresses in its adverts */
    uint8_t vrid;
    uint8_t version;       /* 2 or 3 */
    uint8_t base_priority; /* 1..255; 255 = address owner */
    enum conf_wanted_state wanted_state;
    int64_t advert_interval_us;
    uint8_t down_timer_adverts;
    bool preempt;
    int64_t preempt_delay_us;
    struct ip_address source; /* mcast_src_ip / unicast_src_ip; AF_UNSPEC = primary address of interface */
    struct ip_address multicast_group;                 /* AF_UNSPEC for unicast */
    CONF_LIST(struct conf_unicast_peer) unicast_peers; /* count > 0 = unicast */
    uint8_t unicast_ttl;
    bool check_unicast_source;
    enum conf_auth_type auth_type;
    uint8_t auth_data[8]; /* auth_pass, padded with zeros; only in the vrrp slice */
    bool v3_checksum_as_v2;
    enum conf_old_checksum old_checksum;
    struct ip_address old_checksum_group; /* its pseudo-header's destination; AF_UNSPEC = it is not known */
    bool lower_prio_no_advert;
    bool higher_prio_send_advert;
    bool owner_ignore_adverts;
    bool skip_check_adv_addr;
    bool track_source; /* track_src_ip */
    bool dont_track_primary;
    bool accept;
    bool leads_sync_daemon; /* lvs_sync_daemon follows it */
    int64_t lease_us;       /* VIP lease: 0 = off, -1 = computed from the protocol's timers (default) */
    struct conf_garp garp;
    CONF_LIST(struct conf_vip) vips;     /* in the order written; excluded ones after the others */
    CONF_LIST(struct conf_route) routes; /* virtual_routes, in the order written; after the addresses */
    CONF_LIST(struct conf_rule) rules;   /* virtual_rules, after the routes */
    CONF_LIST(struct conf_tracked_interface) tracked_interfaces; /* also those routes and rules need */
    CONF_LIST(struct conf_tracked) tracked;                      /* scripts, files, processes, BFD */
    struct conf_notify *notify;                                  /* NULL = no scripts */
    bool notify_priority_changes;                                /* to the FIFOs */
    bool smtp_alert;
    bool reports_deletion; /* notify_deleted: as DELETED, otherwise as FAULT */
    bool lacks_peer;       /* unicast_fault_no_peer, and there is none: at fault */
    struct conf_device device;
    bool vmac_addresses; /* use_vmac_addr: its addresses on other interfaces have VMACs too */
    char *vrf;           /* of an instance without interface; NULL = none */
    struct conf_hmac hmac;
    struct conf_settings *settings;
};

struct conf_sync_group {
    uint64_t key; /* of the name */
    char *name;
    CONF_LIST(struct conf_instance) members; /* pointers into conf_model.instances */
    CONF_LIST(struct conf_tracked_interface) tracked_interfaces;
    CONF_LIST(struct conf_tracked) tracked;
    bool tracking_weight;       /* sync_group_tracking_weight */
    struct conf_notify *notify; /* NULL = no scripts */
    bool smtp_alert;
};

/* ------------------------------------------------------------------ balancer */

enum conf_protocol {
    CONF_PROTOCOL_TCP,
    CONF_PROTOCOL_UDP,
    CONF_PROTOCOL_SCTP,
};

enum conf_forwarding {
    CONF_FORWARD_NAT,
    CONF_FORWARD_DR,
    CONF_FORWARD_TUN,
};

enum conf_tunnel {
    CONF_TUNNEL_IPIP,
    CONF_TUNNEL_GUE,
    CONF_TUNNEL_GRE,
};

enum conf_tunnel_checksum {
    CONF_TUNNEL_NO_CHECKSUM,
    CONF_TUNNEL_CHECKSUM,
    CONF_TUNNEL_REMOTE_CHECKSUM, /* remote checksum offload */
};

/* How packets get to a server; what begins with tunnel counts only for CONF_FORWARD_TUN. */
struct conf_method {
    enum conf_forwarding forwarding;
    enum conf_tunnel tunnel;
    uint16_t tunnel_port; /* of GUE; else 0 */
    enum conf_tunnel_checksum tunnel_checksum;
};

enum conf_checker_type {
    CONF_CHECK_TCP,
    CONF_CHECK_HTTP,
    CONF_CHECK_SSL,
    CONF_CHECK_MISC,
    CONF_CHECK_PING,
    CONF_CHECK_UDP,
    CONF_CHECK_DNS,
    CONF_CHECK_SMTP,
    CONF_CHECK_BFD, /* no attempts of its own: the state of a BFD session */
    CONF_CHECK_FILE,
    CONF_CHECK_TYPES,
};

/* What a check speaks over. */
enum conf_transport {
    CONF_TRANSPORT_NONE, /* a script or a file */
    CONF_TRANSPORT_TCP,
    CONF_TRANSPORT_UDP,
    CONF_TRANSPORT_ICMP,
};

enum conf_http_version {
    CONF_HTTP_1_0,
    CONF_HTTP_1_0_CLOSE, /* 1.0C: HTTP/1.0 with Connection: close */
    CONF_HTTP_1_1,
};

struct conf_status_range {
    uint16_t low;
    uint16_t high;
};

struct conf_url {
    char *path;
    char *virtualhost;                            /* NULL = the check's */
    CONF_LIST(struct conf_status_range) statuses; /* never empty: 200-299 by default */
    char *digest;              /* MD5 of the body, 32 lower-case hexadecimal digits; NULL = any */
    char *regex;               /* PCRE2 pattern for the body; NULL = none */
    uint32_t regex_options;    /* PCRE2's bits for compiling it */
    bool regex_no_match;       /* it must not match */
    uint64_t regex_min_offset; /* bytes of the body before which no match begins */
    uint64_t regex_end_offset; /* at and behind which no match begins; 0 = anywhere */
    char *server_name;         /* SSL: for SNI; NULL = not sent */
    bool tls_compliant;        /* SSL: an end without close_notify is a failure */
    struct conf_settings *settings;
};

/* One check of one real server. */
struct conf_checker {
    uint64_t key; /* of its real server's key, type and place among that server's checks */
    enum conf_checker_type type;
    struct ip_endpoint connect; /* where to; resolved from connect_ip/connect_port or the real server */
    struct ip_endpoint bind;    /* bindto / bind_port; AF_UNSPEC = the kernel chooses */
    char *bind_interface;       /* bind_if; NULL = none */
    uint32_t fwmark;            /* 0 = none */
    int64_t connect_timeout_us;
    int64_t delay_loop_us;
    int64_t delay_before_retry_us;
    int64_t warmup_us; /* the first check falls at random within it; -1 = spread over delay_loop */
    uint32_t retry;
    bool alpha;
    bool log_all_failures;
    struct conf_settings *settings;
    /* CONF_CHECK_HTTP, CONF_CHECK_SSL */
    enum conf_http_version http_version;
    bool fast_recovery;
    char *virtualhost;
    CONF_LIST(struct conf_url) urls;
    bool tls_verify; /* the server's certificate must be good for the name asked for */
    /* CONF_CHECK_MISC: a recurring script has the check's key */
    char *script_name;         /* its first word: for messages */
    int64_t script_timeout_us; /* then it is ended, and has failed */
    bool dynamic;              /* exit codes from 2 on set the weight */
    /* CONF_CHECK_UDP */
    char *payload;      /* hexadecimal digits, an even number; NULL = an empty datagram */
    bool require_reply; /* else silence is good */
    char *reply;        /* how it begins: hexadecimal digits, x = any; NULL = as it likes */
    uint16_t reply_min; /* bytes */
    uint16_t reply_max; /* 0 = any number */
    /* CONF_CHECK_DNS */
    char *dns_name;
    uint16_t dns_type;
    /* CONF_CHECK_SMTP */
    char *helo_name;
    /* CONF_CHECK_BFD */
    char *bfd_name;
    uint64_t bfd_session; /* its key */
    /* CONF_CHECK_FILE: no attempts are made, so that the times above are 0 */
    uint64_t file; /* key of the conf_track_file */
    char *file_name;
    int32_t file_weight; /* times the file's value is added to the server's weight; 0 = only up or down */
    bool file_reverse;   /* the weight's sign is turned round; of 0, what means down */
};

/* True of the addresses that RFC 9568, 7.3 has for virtual routers: 00:00:5e:00:01 or 02, and a VRID. */
bool conf_is_virtual_mac(const char *mac);

enum conf_transport conf_transport_of(enum conf_checker_type type);

/* True if the check's socket is made by links, which may: a mark, a port below 1024, a ping socket. */
bool conf_checker_needs_links(const struct conf_checker *checker);

struct conf_real_server {
    uint64_t key;                /* of its virtual server's key, address and port */
    struct ip_endpoint endpoint; /* port 0: that of the virtual service, or what the client asked for */
    uint16_t weight;
    struct conf_method method;
    uint32_t upper_threshold;
    uint32_t lower_threshold;
    bool inhibit_on_failure;
    bool alpha;
    struct conf_script *notify_up; /* NULL = none, as the next */
    struct conf_script *notify_down;
    bool smtp_alert;
    char *snmp_name; /* NULL = none */
    CONF_LIST(struct conf_checker) checkers;
};

/* The server that answers while the quorum is lost. */
struct conf_sorry_server {
    struct ip_endpoint endpoint; /* AF_UNSPEC = none */
    struct conf_method method;
    bool inhibit; /* idle, it stays in the table with weight 0 */
};

#define CONF_SERVICE_ADDRESSES_MAX 65536

/* Neighbouring addresses with one port, or a firewall mark: each a virtual service of the kernel. */
struct conf_service {
    struct ip_endpoint first; /* with a mark only the family counts */
    uint32_t count;           /* addresses from first on; 1 with a mark */
    uint32_t fwmark;          /* 0 = none */
};

enum conf_server_kind {
    CONF_SERVER_ADDRESS,
    CONF_SERVER_FWMARK,
    CONF_SERVER_GROUP,
};

/* Service flags in IPVS's own bits (linux/ip_vs.h). */
struct conf_virtual_server {
    uint64_t key; /* of address, port and protocol; of firewall mark and family; of group name and protocol */
    enum conf_server_kind kind;
    struct ip_endpoint endpoint;             /* only of CONF_SERVER_ADDRESS */
    uint32_t fwmark;                         /* only of CONF_SERVER_FWMARK */
    char *group;                             /* only of CONF_SERVER_GROUP; else NULL */
    CONF_LIST(struct conf_service) services; /* never empty: itself, or the entries of its group */
    enum conf_protocol protocol;             /* means nothing for firewall marks */
    char scheduler[16];                      /* "wlc" by default */
    uint32_t flags;                          /* IP_VS_SVC_F_* */
    uint32_t persistence_timeout_s;
    uint32_t persistence_netmask;      /* IPv4: in network order */
    uint8_t persistence_prefix_length; /* IPv6 */
    char *persistence_engine;          /* NULL = none */
    struct conf_sorry_server sorry;
    bool ha_suspend; /* its checks rest while none of its addresses is on this machine */
    uint32_t quorum;
    uint32_t hysteresis;
    bool alpha;
    bool omega;
    struct conf_script *quorum_up; /* NULL = none, as the next */
    struct conf_script *quorum_down;
    bool smtp_alert;
    char *snmp_name; /* NULL = none */
    struct conf_settings *settings;
    CONF_LIST(struct conf_real_server) real_servers;
};

/* ------------------------------------------------------------------ the whole */

/* Who SSL_GET checks are to the servers, and whom they trust (block SSL): the files' contents, PEM. */
struct conf_tls {
    char *certificate; /* chain; NULL = none */
    char *private_key;
    char *password;         /* of the key */
    char *authorities;      /* only tls_verify asks them */
    char *certificate_file; /* where they came from */
    char *private_key_file;
    char *authorities_file;
};

/* Connection entries live so long without traffic; 0 = as the kernel has it. */
struct conf_ipvs_timeouts {
    uint32_t tcp_s;
    uint32_t tcp_fin_s;
    uint32_t udp_s;
};

/* The kernel's exchange of connections with the other director. */
struct conf_sync_daemon {
    char *interface;   /* NULL = none */
    uint64_t instance; /* key of the vrrp_instance that decides who sends; 0 = both send and receive */
    uint8_t id;
    uint16_t maxlen; /* 0 = the kernel's default, as of the next three */
    uint16_t port;
    uint8_t ttl;
    struct ip_address group;
};

enum conf_flush {
    CONF_FLUSH_OURS, /* what tandem put there */
    CONF_FLUSH_ALL,  /* the whole IPVS table */
};

/* What the SNMP agent shows: enable_snmp_... */
struct conf_snmp {
    char *socket; /* of the AgentX master; NULL = unix:/var/agentx/master */
    bool traps;
    bool vrrp;
    bool rfc2787;
    bool rfc6527;
    bool checker;
    int64_t virtual_interval_us; /* statistics of virtual servers are at most so old */
    int64_t real_interval_us;
};

struct conf_dbus {
    bool enabled;
    char *service_name;      /* NULL = org.keepalived.Vrrp1 */
    char *no_interface_name; /* part of the path of instances without an interface; NULL = none */
};

struct conf_global {
    char *router_id;
    bool enable_script_security;
    bool use_symlink_paths; /* in each script too */
    bool strict;            /* tandem: what keepalived would complain about stops tandem */
    char *default_interface;
    struct ip_address multicast_group4; /* what instances over IPv4 use that say nothing else */
    bool rs_init_notifies;              /* a real server that starts up is told to its scripts */
    enum conf_flush flush_at_start;
    enum conf_flush flush_on_stop;
    struct conf_ipvs_timeouts ipvs_timeouts;
    struct conf_sync_daemon sync_daemon;
    char *nftables_table; /* never NULL */
    int32_t nftables_priority;
    bool nftables_counters;
    int64_t startup_delay_us;    /* virtual routers stay in INIT so long after the daemon began */
    int64_t delay_after_boot_us; /* and until the machine runs so long */
    struct conf_fifo fifo;       /* gets every event */
    struct conf_fifo vrrp_fifo;  /* those of instances and groups */
    struct conf_fifo lvs_fifo;   /* those of virtual and real servers */
    bool fifo_write_states_on_reload;
    struct conf_script startup_script;
    struct conf_script shutdown_script;
    uint32_t startup_script_timeout_s;
    uint32_t shutdown_script_timeout_s;
    struct conf_tls tls;
    struct conf_mail mail;
    char *vmac_prefix;      /* names of VMACs begin so; NULL = vrrp */
    char *vmac_addr_prefix; /* those for single addresses; NULL = vmac_prefix */
    bool disable_local_igmp;
    struct conf_snmp snmp;
    struct conf_dbus dbus;
    struct conf_settings *settings;
};

/* How processes of a kind compete for the machine; zeros = as they do without being told. */
struct conf_tuning {
    char *name;                /* as ps shows it; NULL = its own */
    int16_t nice;              /* -20..19 */
    uint8_t realtime_priority; /* 1..99, SCHED_RR; 0 = the process's own */
    bool lock_memory;
    uint64_t cpus_low;  /* a bit a CPU, 0..63; none in both = all */
    uint64_t cpus_high; /* 64..127 */
};

/* What the supervisor itself goes by: where the processes run and what they leave in the file system. */
struct conf_daemon {
    char *instance;           /* part of the names of run files; NULL = none */
    char *network_namespace;  /* NULL = the one tandemd was started in */
    char *ipvs_namespace;     /* NULL = network_namespace */
    bool ipvs_where_started;  /* IPVS in the namespace tandemd was started in; ipvs_namespace is NULL then */
    uint32_t child_wait_s;    /* for one stage of the stop; 0 = tandem's own patience */
    uint16_t umask;           /* of the files that signals have written */
    uint8_t json_version;     /* 1 or 2 */
    bool dump_names_instance; /* data_use_instance */
    char *data_file;          /* as configured; NULL = keepalived.data */
    char *stats_file;
    char *json_file;
    bool reload_check;      /* a reload takes no configuration that is complained of */
    char *reload_log;       /* file for what there is to say of a new configuration; NULL = the log alone */
    char *reload_time_file; /* says when to reload; NULL = none */
    bool reload_repeat;     /* daily at that time */
    bool reload_flag;       /* a file that is there while the configuration is read ... */
    char *reload_flag_file; /* ... and where; NULL = beside the pid file */
    char *name;             /* of the supervisor, as ps shows it; NULL = its own */
    struct conf_tuning vrrp;
    struct conf_tuning checker;     /* and director */
    struct conf_tuning bfd;         /* has no effect: sessions are vrrp's */
    struct conf_settings *settings; /* of the top level */
};

/* How many there are: all that the supervisor's slice says of the objects. */
struct conf_counts {
    uint32_t instances;
    uint32_t sync_groups;
    uint32_t virtual_servers;
    uint32_t real_servers;
    uint32_t checkers;
    uint32_t static_items; /* addresses, routes and rules */
    uint32_t
        scripts; /* of instances, groups and servers, notify and quorum ones together, and recurring ones */
    uint32_t fifos;
    uint32_t links_checks;      /* checks whose sockets links makes */
    uint32_t suspended_servers; /* virtual servers with ha_suspend: links watches their addresses */
    uint32_t watched;           /* track_files and track_processes */
    uint32_t alerts;            /* objects whose changes are mailed; 0 if mail has nowhere to go */
};

struct conf_arena;

struct conf_model {
    struct conf_arena *arena;
    struct conf_global global;
    struct conf_daemon daemon;
    struct conf_counts counts; /* only in the supervisor's slice; elsewhere see conf_count (slice.h) */
    CONF_LIST(struct conf_instance) instances;
    CONF_LIST(struct conf_sync_group) sync_groups;
    CONF_LIST(struct conf_garp_group) garp_groups;
    CONF_LIST(struct conf_interface_delay) interface_delays;
    CONF_LIST(struct conf_linkbeat) linkbeats;
    CONF_LIST(struct conf_virtual_server) virtual_servers;
    CONF_LIST(struct conf_recurring_script) recurring_scripts;
    CONF_LIST(struct conf_track_script) track_scripts; /* only those that somebody tracks; so the next two */
    CONF_LIST(struct conf_track_file) track_files;
    CONF_LIST(struct conf_track_process) track_processes;
    CONF_LIST(struct conf_bfd_session) bfd_sessions;
    /* static_ipaddress, static_routes, static_rules: there while tandem runs, whoever is master */
    CONF_LIST(struct conf_vip) static_addresses;
    CONF_LIST(struct conf_route) static_routes;
    CONF_LIST(struct conf_rule) static_rules;
    uint8_t digest[16]; /* names this configuration: of the canonical text, secrets blanked */
};

/* An empty model with its own arena, or NULL without memory. conf_model_free(NULL) is allowed. */
struct conf_model *conf_model_new(void);
void conf_model_free(struct conf_model *model);

/* Zeroed memory that lives as long as the model. Never NULL: the process ends when memory does. */
void *conf_model_alloc(struct conf_model *model, size_t size);
char *conf_model_strdup(struct conf_model *model, const char *text);

/* Appends item to a CONF_LIST whose memory comes from the model's arena. */
#define conf_list_add(model, list, item)                                                                     \
    do {                                                                                                     \
        (list)->items =                                                                                      \
            conf_list_room((model), (list)->items, sizeof((list)->items[0]), (list)->count, &(list)->room);  \
        (list)->items[(list)->count++] = (item);                                                             \
    } while (0)
void *conf_list_room(struct conf_model *model, void *items, size_t item_size, uint32_t count, uint32_t *room);

#endif
