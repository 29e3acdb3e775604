/*
 * What the parts of the builder share: drafts, and the functions the keyword table points to.
 *
 * The keywords of a block write into its draft: fields of the table's types, unset until a keyword sets them.
 * At the end of the block, or of the whole configuration where other blocks matter, a draft becomes an object
 * of the model: defaults and inheritance are applied there and nowhere else.
 *
 *   builder.c         walks the tree, reads simple values, reports keywords
 *   build_global.c    global_defs      build_daemon.c    how the processes run, and their files
 *   build_instance.c  vrrp_instance        build_group.c    vrrp_sync_group
 *   build_strict.c    what vrrp_strict makes of an instance
 *   build_device.c    use_vmac, use_ipvlan, vrf
 *   build_address.c   lines of addresses, peers, tracked interfaces
 *   build_garp.c      garp_group           build_delay.c    interface_up_down_delays
 *   build_route.c     lines of routes      build_encap.c    encap in them      build_rule.c  lines of rules
 *   build_static.c    track_group, and which interfaces matter to whom
 *   build_server.c    virtual_server      build_service.c   virtual_server_group, services of the kernel
 *   build_real.c      real_server, sorry_server              build_method.c  forwarding methods
 *   build_check.c     checks              build_lvs.c       lvs_sync_daemon, lvs_timeouts, lvs_flush
 *   build_url.c       urls of checks                         build_tls.c     block SSL
 *   build_question.c  what other checks send and want to hear
 *   build_file_check.c  FILE_CHECK
 *   build_script.c    commands and the users they run as
 *   build_telling.c   global_defs: FIFOs, the scripts of start and stop, mail
 *   build_track.c     vrrp_script, track_file, vrrp_track_process, and who tracks them
 *   build_hmac.c      auth_hmac
 *   build_setting.c   what has no effect, and linkbeat_interfaces
 *   build_known.c     what is known of interfaces; lists without duplicates
 *   build_bfd.c       bfd_instance, BFD_CHECK
 *   validate.c        what concerns several objects
 */
#ifndef TANDEM_CONF_BUILD_H
#define TANDEM_CONF_BUILD_H

/* Chains of one or two: with uthash's limit of ten, to find that a server is new means to fetch five others
 * into the processor's cache. */
#include <uthash.h>
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 6U

#include "conf/builder.h"
#include "conf/diagnostics.h"
#include "conf/host.h"
#include "conf/keywords.h"
#include "conf/model.h"
#include "conf/tree.h"

#define CONF_UNSET INT64_MIN

/* In global_defs, whom a script runs as that names no user: script_user may still follow. */
#define CONF_USER_LATER UINT32_MAX

/* ------------------------------------------------------------------ drafts */

/* Whom a script runs as. */
struct user_draft {
    uint32_t uid;
    uint32_t gid;
    CONF_LIST(struct conf_group) groups; /* if supplementary ones are asked for */
};

struct garp_draft {
    int64_t master_delay_s;
    int64_t master_repeat;
    int64_t master_refresh_s;
    int64_t master_refresh_repeat;
    int64_t lower_prio_delay_s;
    int64_t lower_prio_repeat;
};

struct tuning_draft {
    char *name;
    int64_t nice;
    int64_t realtime_priority;
    int64_t lock_memory;
    uint64_t cpus[2];
};

/* What becomes struct conf_daemon. */
struct daemon_draft {
    char *instance;
    char *network_namespace;
    char *ipvs_namespace;
    bool ipvs_where_started;
    int64_t child_wait_s;
    bool umask_given;
    uint16_t umask;
    int64_t json_version;
    int64_t data_use_instance;
    char *data_file;
    char *stats_file;
    char *json_file;
    bool reload_check;
    char *reload_log;
    char *reload_time_file;
    int64_t reload_repeat;
    bool reload_flag;
    char *reload_flag_file;
    char *name;
    struct tuning_draft vrrp;
    struct tuning_draft checker;
    struct tuning_draft bfd;
    struct conf_settings *settings; /* of the top level */
};

/* lvs_sync_daemon, or lvs_sync_daemon_interface of an instance. */
struct sync_draft {
    const struct conf_node *node; /* NULL = none */
    size_t instance_word;         /* which word names the instance; 0 = none */
    int64_t id;
    struct known_instance *owner; /* the instance that has lvs_sync_daemon_interface */
};

struct global_draft {
    struct daemon_draft daemon;
    char *router_id;
    char *default_interface;
    int64_t script_security;
    int64_t strict;
    int64_t vrrp_strict;
    int64_t extra_s; /* vrrp_garp_extra_if all */
    char *nftables_table;
    char *iproute_etc_dir;
    char *iproute_usr_dir;
    int64_t nftables_priority;
    int64_t nftables_counters;
    int64_t startup_delay_us;
    int64_t delay_after_boot_us;
    int64_t version;
    struct ip_address group4;
    struct ip_address group6;
    struct garp_draft garp;
    int64_t garp_interval_us;
    int64_t gna_interval_us;
    int64_t min_garp;
    int64_t down_timer_adverts;
    int64_t lower_prio_no_advert;
    int64_t higher_prio_send_advert;
    int64_t check_unicast_source;
    int64_t skip_check_adv_addr;
    int64_t owner_ignore_adverts;
    int64_t v3_checksum_as_v2;
    int64_t log_all_failures;
    struct conf_fifo fifo;
    struct conf_fifo vrrp_fifo;
    struct conf_fifo lvs_fifo;
    int64_t fifo_write_states_on_reload;
    int64_t notify_priority_changes;
    struct conf_script startup_script;
    struct conf_script shutdown_script;
    int64_t startup_script_timeout_s;
    int64_t shutdown_script_timeout_s;
    int64_t rs_init_notifies;
    int64_t lvs_flush;
    struct sync_draft sync;
    struct conf_mail mail;             /* what is stored as it is */
    const struct conf_node *smtp_user; /* the line of .mail.user */
    int64_t smtp_port;
    int64_t smtp_tls;
    char *smtp_password;
    int64_t smtp_connect_timeout_s;
    int64_t smtp_alert;
    int64_t smtp_alert_vrrp;
    int64_t smtp_alert_checker;
    int64_t no_email_faults;
    const struct conf_node *node; /* the last block */
    bool script_user_given;
    const char *script_user_lack;  /* why scripts that name no user cannot run; NULL: they can */
    struct user_draft script_user; /* whom scripts run as that name no user */
    bool use_symlink_paths;        /* this and the next are known before anything else */
    bool supplementary_groups;
    const struct conf_node *tls_node; /* block SSL */
    char *tls_certificate;            /* paths */
    char *tls_key;
    char *tls_ca;
    char *tls_password;
    char *vmac_prefix;
    char *vmac_addr_prefix;
    int64_t disable_local_igmp;
    struct conf_snmp snmp; /* its texts */
    int64_t snmp_traps;
    int64_t snmp_vrrp;
    int64_t snmp_rfc;
    int64_t snmp_rfc2787;
    int64_t snmp_rfc6527;
    int64_t snmp_checker;
    int64_t snmp_virtual_interval_us;
    int64_t snmp_real_interval_us;
    struct conf_dbus dbus; /* its texts */
    int64_t dbus_enabled;
    struct conf_settings *settings;
};

/* A line of virtual_ipaddress, until the family and the interface of its instance are known. */
struct address_draft {
    const struct conf_node *node;
    struct conf_vip vip;
    struct address_draft *next;
};

/* use_vmac or use_ipvlan. */
struct device_draft {
    const struct conf_node *node; /* NULL = neither */
    struct conf_device device;
    uint8_t mac[6];
    size_t mac_octets; /* that are given: 0, 5 or 6 */
    bool mode_given;
};

struct instance_draft {
    const struct conf_node *node;
    struct conf_instance *instance;
    struct known_instance *known;
    int64_t wanted_state;
    char *interface;
    int64_t vrid;
    int64_t version;
    int64_t priority;
    int64_t advert_interval_us;
    int64_t down_timer_adverts;
    int64_t preempt;
    int64_t preempt_delay_us;
    struct ip_address multicast_source;
    struct ip_address unicast_source;
    struct ip_address multicast_group;
    int64_t unicast_ttl;
    int64_t check_unicast_source;
    int64_t native_ipv6;
    int64_t no_addresses;
    int64_t auth_type;
    char *auth_pass;
    int64_t v3_checksum_as_v2;
    enum conf_old_checksum old_checksum;
    int64_t lower_prio_no_advert;
    int64_t higher_prio_send_advert;
    int64_t owner_ignore_adverts;
    int64_t skip_check_adv_addr;
    int64_t track_source;
    int64_t dont_track_primary;
    int64_t accept;
    int64_t strict;
    int64_t fault_no_peer;
    bool extra_given;
    int64_t extra_s; /* garp_extra_if all */
    bool lease_given;
    int64_t lease_us;
    bool ttl_given; /* a peer has min_ttl or max_ttl */
    struct device_draft device;
    int64_t transmits_from_base;
    int64_t vmac_addresses;
    char *vrf;
    const struct conf_node *hmac_node; /* auth_hmac; NULL = none. Its keys are in the model already */
    int64_t hmac_active_key;
    int64_t hmac_time_window_s;
    int64_t hmac_anti_replay;
    int64_t hmac_mode;
    struct garp_draft garp;
    struct conf_notify notify;
    int64_t smtp_alert;
    int64_t notify_priority_changes;
    struct conf_settings *settings;
    struct address_draft *addresses;
    struct address_draft **addresses_end;
};

struct group_draft {
    const struct conf_node *node;
    struct conf_sync_group *group;
    int64_t tracking_weight;
    struct conf_notify notify;
    int64_t smtp_alert;
    int64_t notify_priority_changes;
    CONF_LIST(const struct conf_node) members; /* the lines that name them */
    UT_hash_handle by_name;
};

/* A line of virtual_server_group. */
struct service_line {
    const struct conf_node *node;
    struct conf_service service; /* a mark without a family has AF_UNSPEC */
    struct service_line *next;
};

struct service_group_draft {
    const struct conf_node *node;
    struct service_line *lines;
    struct service_line **lines_end;
    UT_hash_handle by_name;
};

/* Inherited: check <- real server <- virtual server <- default. */
struct timing_draft {
    int64_t retry;
    int64_t delay_before_retry_us;
    int64_t warmup_us;
    int64_t connect_timeout_us;
    int64_t delay_loop_us;
    int64_t alpha;
    int64_t log_all_failures;
};

struct server_draft {
    const struct conf_node *node;
    struct conf_virtual_server *server;
    struct timing_draft timing;
    int64_t inhibit;
    char *scheduler;
    int64_t ops;
    int64_t flag_1;
    int64_t flag_2;
    int64_t flag_3;
    int64_t sh_port;
    int64_t sh_fallback;
    int64_t mh_port;
    int64_t mh_fallback;
    int64_t ip_family;
    bool method_given;
    struct conf_method method; /* NAT unless given */
    bool sorry_given;
    struct ip_endpoint sorry;
    bool sorry_method_given;
    struct conf_method sorry_method;
    int64_t sorry_inhibit;
    char *persistence_engine;
    int64_t persistence_timeout_s;
    bool granularity_given;
    int64_t ha_suspend;
    int64_t protocol;
    char *virtualhost;
    int64_t omega;
    int64_t smtp_alert;
    struct conf_script quorum_up;
    struct conf_script quorum_down;
    int64_t quorum;
    int64_t hysteresis;
    int64_t weight;
    char *snmp_name;
    struct conf_settings *settings;
    bool told_of_timeout;     /* that a check may take longer than delay_loop */
    struct conf_arena *arena; /* what lives as long as this draft */
    struct known_real *reals; /* by endpoint */
    bool reals_take_method;   /* at least one has no method of its own */
    bool has_services;
    bool left_out;              /* reported; its real servers are only read */
    struct known_server *known; /* by its key */
};

/* What is still asked about a real server that was built. */
struct known_real {
    struct ip_endpoint endpoint;
    struct conf_position identity;
    UT_hash_handle by_endpoint;
};

struct real_draft {
    const struct conf_node *node;
    struct server_draft *server;
    struct ip_endpoint endpoint;
    uint64_t key; /* the model's, once the endpoint is settled */
    bool port_given;
    uint16_t check_port; /* where checks go that say nothing else; 0 = they must */
    struct timing_draft timing;
    int64_t weight;
    bool method_given;
    struct conf_method method;
    int64_t upper_threshold;
    int64_t lower_threshold;
    int64_t inhibit;
    char *virtualhost;
    int64_t smtp_alert;
    struct conf_script notify_up;
    struct conf_script notify_down;
    char *snmp_name;
    struct checker_draft *checkers;
    struct checker_draft **checkers_end;
};

struct url_draft {
    const struct conf_node *node;
    struct checker_draft *checker;
    struct conf_url *url;
    char *path;
    char *virtualhost;
    int64_t tls_compliant;
    char *regex;
    int64_t regex_no_match;
    int64_t regex_min_offset;
    int64_t regex_max_offset;
    struct conf_settings *settings;
};

struct checker_draft {
    const struct conf_node *node;
    struct real_draft *real;
    enum conf_checker_type type;
    struct timing_draft timing;
    struct ip_address connect_address;
    int64_t connect_port;
    struct ip_address bind_address;
    int64_t bind_port;
    char *bind_interface;
    int64_t fwmark;
    int64_t http_version;
    int64_t fast_recovery;
    char *virtualhost;
    CONF_LIST(struct conf_url) urls;
    int64_t enable_sni;
    char *sni_name;
    int64_t tls_compliant;
    int64_t tls_verify;
    struct conf_script script;
    bool user_given;
    bool user_unknown; /* and said so */
    struct user_draft user;
    int64_t script_timeout_us;
    int64_t dynamic;
    char *payload;
    int64_t require_reply;
    char *reply;
    int64_t reply_min;
    int64_t reply_max;
    char *dns_name;
    int64_t dns_type;
    char *helo_name;
    struct conf_settings *settings;
    const struct track_draft *bfd;
    struct track_draft *file;
    bool file_weight_given;
    int32_t file_weight;
    bool file_reverse;
    struct checker_draft *hosts; /* of an SMTP_CHECK; the last first */
    struct checker_draft *next;
};

struct bfd_draft {
    struct ip_address neighbour;
    struct ip_address source;
    int64_t min_rx_us;
    int64_t min_tx_us;
    int64_t idle_tx_us;
    int64_t multiplier;
    int64_t passive;
    int64_t ttl;
    int64_t max_hops;
    int64_t multihop;
    int64_t for_vrrp; /* neither of them given: for both */
    int64_t for_checkers;
};

/* vrrp_script, track_file, vrrp_track_process, bfd_instance; which fields count follows from the kind. */
struct track_draft {
    const struct conf_node *node;
    enum conf_tracked_kind kind;
    uint64_t key;
    char *name;
    int64_t weight; /* for lists that name none */
    bool reverse;
    bool unusable; /* reported: not in the model */
    bool used;     /* somebody tracks it */
    struct conf_script script;
    bool user_given;
    struct user_draft user;
    int64_t interval_us;
    int64_t timeout_us;
    int64_t rise;
    int64_t fall;
    int64_t init_fail;
    char *path;
    bool init_create;
    bool init_overwrite;
    int32_t init_value;
    char *process;
    CONF_LIST(char) parameters;
    enum conf_param_match match;
    int64_t full_command;
    int64_t quorum;
    int64_t quorum_max;
    int64_t terminate_delay_us;
    int64_t fork_delay_us;
    struct bfd_draft bfd;
    UT_hash_handle by_key;
};

struct garp_group_draft {
    const struct conf_node *node;
    struct conf_garp_group *group;
    int64_t garp_interval_us;
    int64_t gna_interval_us;
};

struct track_group_draft {
    const struct conf_node *node;
    CONF_LIST(const struct conf_node) members; /* the lines that name them */
    UT_hash_handle by_name;
};

/* A static address, route or rule that names a track_group. */
struct static_track {
    const struct conf_node *node;
    size_t word;      /* the group's name */
    char **interface; /* in the model; set once the line is read */
    struct static_track *next;
};

/* ------------------------------------------------------------------ the builder */

#define CONF_APART_DEPTH 2

/* What is still asked about a virtual server that was built. */
struct known_server {
    uint64_t key;
    struct conf_position identity;
    UT_hash_handle by_key;
};

/* A service of the kernel; no padding: compared as bytes. */
struct service_id {
    uint8_t family;
    uint8_t protocol;
    uint16_t port;
    uint32_t fwmark;
    uint8_t address[16];
};

/* Whose it is. */
struct service_claim {
    struct service_id id;
    struct conf_position server;
    UT_hash_handle by_id;
};

/* What is still asked about an instance that was built. */
struct known_instance {
    struct conf_instance *instance;
    struct group_draft *group;
    uint32_t place;               /* in the tree */
    const struct conf_node *node; /* its block, once it was asked for */
    bool dropped;                 /* reported: not in the model */
    bool tells_priority_changes;  /* or not, by its own notify_priority_changes */
    UT_hash_handle by_name;
};

/* What is known of an interface by its name. */
struct known_interface {
    bool asked;                               /* whether it is there */
    struct conf_linkbeat *linkbeat;           /* NULL = none, as of the next two */
    const struct conf_interface_delay *delay; /* interface_up_down_delays */
    const struct conf_garp_group *garp_group;
    UT_hash_handle by_name;
    char name[];
};

/* Something that belongs to something else: conf_note_member(). */
struct known_member {
    UT_hash_handle hh;
    unsigned char key[]; /* the owner's pointer, and what tells the member from others */
};

struct conf_builder {
    const struct conf_host *host;
    struct conf_arena *arena; /* drafts; of a block that is apart, only until it is built */
    struct conf_arena *kept;  /* what outlives such a block */
    struct conf_arena *apart[CONF_APART_DEPTH];
    struct conf_arena *passing; /* the model's, while each virtual server takes the place of the one before */
    const struct conf_node *root;
    struct draft_shape *shapes[CONF_BLOCK_COUNT]; /* made when first needed */
    size_t depth; /* how many blocks that are apart are being built, one within the other */
    struct conf_tree *tree;
    struct conf_model *model;
    struct conf_diagnostics *diagnostics;
    const struct conf_keyword_index *index;
    struct global_draft global;
    struct known_instance **instances; /* in the order of the text */
    size_t instance_count;
    size_t instance_room;
    struct known_instance *instances_by_name;
    struct group_draft **groups;
    size_t group_count;
    size_t group_room;
    struct group_draft *groups_by_name;
    struct known_server *servers_by_key;
    struct service_claim *claims;
    struct service_group_draft *service_groups_by_name;
    struct track_draft *tracks_by_key; /* in the order of the text */
    struct track_group_draft *track_groups_by_name;
    struct static_track *static_tracks;
    uint32_t ipv4_rules; /* that have no preference of their own */
    uint32_t ipv6_rules;
    struct known_interface *interfaces_by_name;
    struct known_member *members;
    bool has_ssl_check;
    bool told_of_security; /* that scripts run without enable_script_security */
};

/* A zeroed draft whose table fields are unset. */
void *conf_draft_new(struct conf_builder *builder, enum conf_block block, size_t size);
void conf_draft_reset(struct conf_builder *builder, enum conf_block block, void *draft);

/* value, or otherwise if it is unset. */
static inline int64_t conf_value_or(int64_t value, int64_t otherwise)
{
    return value == CONF_UNSET ? otherwise : value;
}

/* Builds what is inside a block, node by node; but not the blocks that are apart. */
void conf_build_children(struct conf_builder *builder, const struct conf_node *node, void *draft);

/* The first block apart in node, and the one after another, only to be looked at: it is gone when the next is
 * asked for, or built. NULL if there is none. */
const struct conf_node *conf_look_apart(struct conf_builder *builder, const struct conf_node *node,
                                        enum conf_block block, const struct conf_node *after);

/* A copy of a node that is being built, which stays. */
const struct conf_node *conf_keep_node(struct conf_builder *builder, const struct conf_node *node);

/* The block of an instance once more, for a message. */
const struct conf_node *conf_instance_node(struct conf_builder *builder, struct known_instance *known);

/* ------------------------------------------------------------------ reporting */

/* About one word of a node; the last word if it has fewer. */
__attribute__((format(printf, 6, 7))) struct conf_diagnostic *
conf_complain(struct conf_builder *builder, enum conf_severity severity, enum conf_problem problem,
              const struct conf_node *node, size_t word, const char *format, ...);

/* The block that lists what is tracked of that kind: "track_script". */
const char *conf_tracked_list(enum conf_tracked_kind kind);

/* That a block of that name stands there a second time, and where it stood first. */
void conf_complain_twice(struct conf_builder *builder, const char *what, const struct conf_node *node,
                         const struct conf_node *first);

/* That tandem does not start with what stands there, because the row's effect is not built. */
void conf_refuse_unbuilt(struct conf_builder *builder, const struct conf_node *node, size_t word,
                         const struct conf_keyword *row);

/* The node of a keyword in a block, for messages about it: the block itself if it is not there. */
const struct conf_node *conf_node_find(const struct conf_node *block, const char *keyword);

/* Reports an interface that is not there (once) or not a legal name. */
bool conf_check_interface(struct conf_builder *builder, const struct conf_node *node, size_t word);

struct known_interface *conf_know_interface(struct conf_builder *builder, const char *name);

/* Lists without duplicates, however long. What tells an item from the others of its owner is length bytes,
 * without padding. False if it is there already; from now on it is. */
#define CONF_MEMBER_BYTES 48
bool conf_note_member(struct conf_builder *builder, const void *owner, const void *item, size_t length);
bool conf_is_member(const struct conf_builder *builder, const void *owner, const void *item, size_t length);

/* That the words from words[used] on are too many. */
void conf_note_superfluous(struct conf_builder *builder, const struct conf_node *node, size_t used);

/* ------------------------------------------------------------------ keywords without effect */

/* Reads the value of such a line, and keeps it in its draft's settings. */
void conf_build_setting(struct conf_builder *builder, const struct conf_node *node, void *draft);

/* Handlers of those with several words. Of names the row's low is the most there may be, its high how long
 * each may be. */
conf_keyword_handler conf_handle_setting_names, conf_handle_setting_buffers, conf_handle_setting_stack;
conf_keyword_handler conf_entry_linkbeat;

/* Of NULL, none. */
bool conf_has_setting(const struct conf_settings *settings, const char *keyword);

/* ------------------------------------------------------------------ values (report what is wrong) */

bool conf_read_integer(struct conf_builder *builder, const struct conf_node *node, size_t word, int64_t low,
                       int64_t high, int64_t *value);
bool conf_read_seconds(struct conf_builder *builder, const struct conf_node *node, size_t word,
                       int64_t low_us, int64_t high_us, int64_t *value_us);
bool conf_read_bool(struct conf_builder *builder, const struct conf_node *node, size_t word, bool *value);
/* One of the row's choices, in words[1]. */
bool conf_read_choice(struct conf_builder *builder, const struct conf_node *node, int64_t *value);
/* True if there is such a word, not longer than the row allows. */
bool conf_check_text(struct conf_builder *builder, const struct conf_node *node, size_t word);
bool conf_read_address(struct conf_builder *builder, const struct conf_node *node, size_t word,
                       struct ip_address *address);
bool conf_read_prefix(struct conf_builder *builder, const struct conf_node *node, size_t word,
                      struct ip_address *address, uint8_t *length, bool *length_given);
bool conf_read_script(struct conf_builder *builder, const struct conf_node *node, struct conf_script *script);

/* Whether the program of a script, named by words[1] of the node, is there and may be executed; yes where the
 * machine cannot be asked. What is wrong is reported with that severity and ends in consequence: "it cannot
 * run". Once for all, it is reported that scripts run though enable_script_security is not set. Not for
 * scripts of global_defs, whose settings are still being read. */
bool conf_check_program(struct conf_builder *builder, const struct conf_node *node,
                        const struct conf_script *script, enum conf_severity severity,
                        const char *consequence);

/* words[1], as a shell would split it; the user is left 0. */
bool conf_read_command(struct conf_builder *builder, const struct conf_node *node,
                       struct conf_script *script);

/* USER [[:]GROUP] from words[word] on; a colon asks for the user's other groups too. */
bool conf_read_user(struct conf_builder *builder, const struct conf_node *node, size_t word,
                    struct user_draft *user);

/* The user's groups, if set_supplementary_groups or always asks for them. */
void conf_find_groups(struct conf_builder *builder, const char *name, bool always, struct user_draft *user);

void conf_run_as(struct conf_script *script, const struct user_draft *user);

/* Copies that live as long as the model; NULL if there is no script. */
struct conf_script *conf_keep_script(struct conf_builder *builder, const struct conf_script *script);
struct conf_notify *conf_keep_notify(struct conf_builder *builder, const struct conf_notify *notify);

/* "weight N [reverse]" from words[word] on. */
bool conf_read_weight(struct conf_builder *builder, const struct conf_node *node, size_t word, int64_t most,
                      int16_t *weight, bool *reverse);

/* True if word exists; otherwise reports that the keyword lacks an argument. */
bool conf_need_word(struct conf_builder *builder, const struct conf_node *node, size_t word,
                    const char *what);

/* ------------------------------------------------------------------ blocks and handlers */

conf_keyword_handler conf_handle_script_user, conf_handle_multicast_group, conf_handle_include_check,
    conf_handle_scanned, conf_handle_umask, conf_handle_vrrp_cpus, conf_handle_checker_cpus,
    conf_handle_bfd_cpus, conf_handle_net_namespace, conf_handle_net_namespace_ipvs, conf_handle_instance,
    conf_handle_child_wait_time, conf_handle_vip_lease, conf_handle_server_method, conf_handle_real_method,
    conf_handle_persistence_timeout, conf_handle_persistence_granularity, conf_handle_status_code,
    conf_handle_digest, conf_handle_regex, conf_handle_regex_options, conf_handle_check_user,
    conf_handle_payload, conf_handle_require_reply, conf_handle_dns_name, conf_handle_check_file,
    conf_handle_check_file_weight;
conf_keyword_handler conf_handle_reload_check, conf_handle_reload_time_file, conf_handle_reload_file;
conf_keyword_handler conf_entry_interface_delay;
conf_keyword_handler conf_handle_nftables, conf_handle_old_checksum;
conf_keyword_handler conf_handle_vmac, conf_handle_ipvlan, conf_handle_vmac_prefix;
conf_keyword_handler conf_handle_garp_interface, conf_entry_garp_interfaces, conf_end_garp_group,
    conf_handle_extra_interfaces, conf_handle_global_extra_interfaces, conf_handle_notify_deleted;
conf_keyword_handler conf_handle_sorry_server, conf_handle_sorry_method, conf_handle_sync_daemon,
    conf_handle_sync_interface, conf_handle_ipvs_timeouts, conf_handle_flush_on_stop;
conf_keyword_handler conf_entry_route, conf_entry_rule, conf_entry_static_address, conf_entry_static_route,
    conf_entry_static_rule, conf_entry_track_member;

void *conf_begin_global(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_instance(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_garp_group(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_track_group(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_group(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_service_group(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_server(struct conf_builder *builder, const struct conf_node *node, void *parent);
conf_keyword_handler conf_end_instance, conf_settle_server, conf_end_server, conf_end_real;
void *conf_begin_real(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_tcp_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_http_get(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_ssl_get(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_misc_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_ping_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_udp_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_dns_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_smtp_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_file_check(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_smtp_host(struct conf_builder *builder, const struct conf_node *node, void *parent);
struct checker_draft *conf_begin_check(struct conf_builder *builder, const struct conf_node *node,
                                       void *parent, enum conf_checker_type type);
void *conf_begin_tls(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_url(struct conf_builder *builder, const struct conf_node *node, void *parent);

conf_keyword_handler conf_handle_fifo, conf_handle_vrrp_fifo, conf_handle_lvs_fifo, conf_handle_smtp_server,
    conf_handle_smtp_user;
void *conf_begin_vrrp_script(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_track_file(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_track_process(struct conf_builder *builder, const struct conf_node *node, void *parent);

void *conf_begin_hmac(struct conf_builder *builder, const struct conf_node *node, void *parent);
conf_keyword_handler conf_handle_hmac_key;
void conf_finish_hmac(struct conf_builder *builder,
                      struct instance_draft *draft); /* after its authentication */

void *conf_begin_bfd(struct conf_builder *builder, const struct conf_node *node, void *parent);
void *conf_begin_bfd_check(struct conf_builder *builder, const struct conf_node *node, void *parent);

/* The draft of that kind and name, which stands above in the text; NULL if there is none. */
struct track_draft *conf_find_track(const struct conf_builder *builder, enum conf_tracked_kind kind,
                                    const char *name);
/* The same by the name in a word of a node, if it stands above that. */
struct track_draft *conf_find_above(const struct conf_builder *builder, enum conf_tracked_kind kind,
                                    const struct conf_node *node, size_t word);
/* A draft of that kind under the name in words[1]; NULL, and reported, if there cannot be one. */
struct track_draft *conf_begin_track(struct conf_builder *builder, const struct conf_node *node,
                                     enum conf_tracked_kind kind);
/* Reports that words[word] names nothing of that kind, with the nearest name; consequence is "it is not
 * tracked" or the like. */
void conf_complain_of_track(struct conf_builder *builder, const struct conf_node *node, size_t word,
                            enum conf_tracked_kind kind, const char *consequence);

conf_keyword_handler conf_handle_bfd_interval, conf_handle_bfd_name, conf_end_bfd, conf_entry_instance_bfd,
    conf_entry_group_bfd;
void conf_finish_bfd(struct conf_builder *builder, const struct track_draft *draft);
conf_keyword_handler conf_handle_track_weight, conf_handle_track_command, conf_handle_track_user,
    conf_handle_track_init, conf_handle_track_process, conf_handle_param_match, conf_handle_process_delay;
conf_keyword_handler conf_end_vrrp_script, conf_end_track_file, conf_end_track_process;
conf_keyword_handler conf_entry_instance_script, conf_entry_instance_file, conf_entry_instance_process,
    conf_entry_group_script, conf_entry_group_file, conf_entry_group_process;

conf_keyword_handler conf_end_check, conf_end_url;
conf_keyword_handler conf_entry_service, conf_entry_vip, conf_entry_vip_excluded, conf_entry_peer,
    conf_entry_member, conf_entry_recipient, conf_entry_instance_interface, conf_entry_group_interface;

/* ------------------------------------------------------------------ drafts to model */

void conf_start_global(struct conf_builder *builder);
/* What of a block of global_defs others need to know before it is read. */
void conf_scan_global(struct conf_builder *builder, const struct conf_node *node);
void conf_finish_global(struct conf_builder *builder);
void conf_finish_daemon(struct conf_builder *builder);
void conf_finish_telling(struct conf_builder *builder); /* after conf_finish_global */
void conf_finish_groups(struct conf_builder *builder);
void conf_finish_tracks(struct conf_builder *builder); /* after instances and groups */
void conf_keep_tracks(struct conf_builder *builder); /* what is tracked, into the model; after the servers */
void conf_finish_tls(struct conf_builder *builder);  /* after the servers */

/* The pace of announcements, by garp_group or the global settings (build_garp.c). */
void conf_finish_announcements(struct conf_builder *builder);

/* What is said about delays that are too long for the instances (build_delay.c). */
void conf_finish_delays(struct conf_builder *builder);
/* What those types of checks have of their own; a host of an SMTP_CHECK takes from it what it does not say.
 */
void conf_finish_udp(struct conf_builder *builder, const struct checker_draft *draft,
                     struct conf_checker *checker);
void conf_finish_dns(struct conf_builder *builder, const struct checker_draft *draft,
                     struct conf_checker *checker);
void conf_finish_file_check(const struct checker_draft *draft, struct conf_checker *checker);

/* The track_files that checks of a server follow, now that it is in the model, are needed. */
void conf_use_files(struct conf_builder *builder, const struct conf_virtual_server *server);
void conf_finish_smtp_host(struct checker_draft *host, const struct checker_draft *check);

/* The interface an instance has for itself, before its addresses and its source are settled; and its VRF. */
void conf_finish_device(struct conf_builder *builder, struct instance_draft *draft);
/* Flags of an address that the instance's device makes superfluous are taken away, with a complaint. */
void conf_settle_vmac(struct conf_builder *builder, const struct instance_draft *draft,
                      struct address_draft *address);

/* Routes that need an interface and name none get the instance's. */
void conf_finish_routes(struct conf_instance *instance);
/* Interfaces of the instance's addresses, routes and rules are tracked (build_static.c). */
void conf_track_what_is_used(struct conf_builder *builder, struct conf_instance *instance);
/* The same for what is static, by track_groups. */
void conf_finish_static(struct conf_builder *builder);

/* vrrp_strict or strict_mode (build_strict.c). */
bool conf_is_strict(const struct conf_builder *builder, const struct instance_draft *draft);
/* Changes the draft, before it is finished, into what a strict router of that version may be. */
void conf_make_strict(struct conf_builder *builder, struct instance_draft *draft, uint8_t version);
/* True, and reported, if an instance with unicast peers cannot be because of it. */
bool conf_strict_forbids_unicast(struct conf_builder *builder, const struct instance_draft *draft);

/* The method a real or sorry server has: its own, or its virtual server's. */
struct conf_method conf_real_method(const struct real_draft *real);
struct conf_method conf_sorry_method(const struct server_draft *draft);

/* ADDRESS [PORT] from words[1] on. */
bool conf_read_endpoint(struct conf_builder *builder, const struct conf_node *node,
                        struct ip_endpoint *endpoint, bool *port_given);

/* The services of a virtual server into its model; false (reported) if it has none. */
bool conf_finish_services(struct conf_builder *builder, struct server_draft *draft);
/* Whether any of its services is of that family, a firewall mark, an address, an address for all ports. */
bool conf_has_family(const struct conf_virtual_server *server, uint8_t family);
bool conf_has_marks(const struct conf_virtual_server *server);
bool conf_has_addresses(const struct conf_virtual_server *server);
bool conf_has_open_port(const struct conf_virtual_server *server);

/* The sorry server of a virtual server, after its real servers. */
void conf_finish_sorry(struct conf_builder *builder, struct server_draft *draft);

/* Services that another virtual server has are taken away from this one; false (reported) if it has none
 * then.
 */
bool conf_claim_services(struct conf_builder *builder, const struct server_draft *draft);

/* Gives back what the server claimed; it is left out after all. */
void conf_release_services(struct conf_builder *builder, const struct server_draft *draft);

/* lvs_sync_daemon, after the instances. */
void conf_finish_lvs(struct conf_builder *builder);
/* Whether changes of an object are mailed that says own: own, or what global_defs says of its kind
 * (smtp_alert_vrrp or _checker), or of all, or otherwise. */
bool conf_wants_alert(const struct conf_builder *builder, int64_t own, int64_t kind, bool otherwise);

/* N [reverse|noreverse] from words[word] on, N from -most to most. False, reported, if anything is wrong:
 * what could be read is stored all the same. */
bool conf_read_reversible(struct conf_builder *builder, const struct conf_node *node, size_t word,
                          int64_t most, int64_t *weight, bool *reverse);

/* The checks of a real server, into its model. */
void conf_finish_checkers(struct conf_builder *builder, struct real_draft *real,
                          struct conf_real_server *server);

/* Two instances that would be one virtual router: the second is dropped. Before the groups are built. */
void conf_validate_routers(struct conf_builder *builder);

/* Addresses that several instances hold. */
void conf_validate_addresses(struct conf_builder *builder);

#endif
