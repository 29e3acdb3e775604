/*
 * The keyword table: every word of the language, in one place.
 *
 * Each block of the language has its rows, in the order of the manual. A row says what the keyword is called,
 * what it takes, and what tandem does with it: store a value in a draft (kind, offset, range), call a
 * handler, accept it because its absence cannot hurt traffic (and why), or refuse, as its effect is not built
 * yet. The tree and the builder are driven by the rows; documentation checks and tests read them.
 *
 * A new keyword is a row here, and if no kind fits its value, a handler.
 */
#ifndef TANDEM_CONF_KEYWORDS_H
#define TANDEM_CONF_KEYWORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum conf_block {
    CONF_BLOCK_NONE, /* the keyword opens no block */
    CONF_BLOCK_ROOT,
    CONF_BLOCK_GLOBAL,
    CONF_BLOCK_NOTIFICATION_EMAIL,
    CONF_BLOCK_TRACK_GROUP,
    CONF_BLOCK_TRACK_GROUP_GROUP,
    CONF_BLOCK_SYNC_GROUP,
    CONF_BLOCK_SYNC_GROUP_GROUP,
    CONF_BLOCK_SYNC_GROUP_TRACK_INTERFACE,
    CONF_BLOCK_SYNC_GROUP_TRACK_SCRIPT,
    CONF_BLOCK_SYNC_GROUP_TRACK_FILE,
    CONF_BLOCK_SYNC_GROUP_TRACK_PROCESS,
    CONF_BLOCK_SYNC_GROUP_TRACK_BFD,
    CONF_BLOCK_GARP_GROUP,
    CONF_BLOCK_GARP_GROUP_INTERFACES,
    CONF_BLOCK_INSTANCE,
    CONF_BLOCK_INSTANCE_TRACK_INTERFACE,
    CONF_BLOCK_INSTANCE_TRACK_SCRIPT,
    CONF_BLOCK_INSTANCE_TRACK_FILE,
    CONF_BLOCK_INSTANCE_TRACK_PROCESS,
    CONF_BLOCK_INSTANCE_TRACK_BFD,
    CONF_BLOCK_UNICAST_PEER,
    CONF_BLOCK_VIRTUAL_IPADDRESS,
    CONF_BLOCK_VIRTUAL_IPADDRESS_EXCLUDED,
    CONF_BLOCK_VIRTUAL_ROUTES,
    CONF_BLOCK_VIRTUAL_RULES,
    CONF_BLOCK_AUTHENTICATION,
    CONF_BLOCK_AUTH_HMAC,
    CONF_BLOCK_VRRP_SCRIPT,
    CONF_BLOCK_TRACK_PROCESS,
    CONF_BLOCK_TRACK_FILE,
    CONF_BLOCK_VRRP_TRACK_FILE,
    CONF_BLOCK_SSL,
    CONF_BLOCK_VIRTUAL_SERVER_GROUP,
    CONF_BLOCK_VIRTUAL_SERVER,
    CONF_BLOCK_REAL_SERVER,
    CONF_BLOCK_MISC_CHECK,
    CONF_BLOCK_SMTP_CHECK,
    CONF_BLOCK_SMTP_CHECK_HOST,
    CONF_BLOCK_TCP_CHECK,
    CONF_BLOCK_PING_CHECK,
    CONF_BLOCK_UDP_CHECK,
    CONF_BLOCK_HTTP_GET,
    CONF_BLOCK_HTTP_GET_URL,
    CONF_BLOCK_SSL_GET,
    CONF_BLOCK_SSL_GET_URL,
    CONF_BLOCK_DNS_CHECK,
    CONF_BLOCK_FILE_CHECK,
    CONF_BLOCK_BFD_CHECK,
    CONF_BLOCK_BFD_INSTANCE,
    CONF_BLOCK_LINKBEAT_INTERFACES,
    CONF_BLOCK_INTERFACE_DELAYS,
    CONF_BLOCK_STATIC_IPADDRESS,
    CONF_BLOCK_STATIC_ROUTES,
    CONF_BLOCK_STATIC_RULES,
    CONF_BLOCK_ENTRY_ADDRESS, /* the words of an address line */
    CONF_BLOCK_ENTRY_ROUTE,
    CONF_BLOCK_ENTRY_RULE,
    CONF_BLOCK_LANGUAGE, /* includes, definitions, quotes: documentation only */
    CONF_BLOCK_COUNT,
    CONF_BLOCK_UNKNOWN, /* in the tree: a block whose keyword is not known */
};

enum conf_keyword_state {
    CONF_BUILT,
    CONF_ACCEPTED,  /* known, without effect, and harmless so: reason says why */
    CONF_NOT_BUILT, /* known; tandem refuses to start rather than skip it */
};

enum conf_deprecation {
    CONF_CURRENT,
    CONF_DEPRECATED,      /* has a successor; worth a note */
    CONF_DEPRECATED_LOUD, /* keepalived complains of it too */
};

/* What it means if the argument is not there. */
enum conf_lack {
    CONF_LACK_REFUSED,
    CONF_LACK_COMPLAINT, /* the line is skipped, as keepalived does */
    CONF_LACK_GOOD,      /* it need not be; only rows without effect say so here */
};

/* How the argument is read and what the field in the draft is. Unset fields are CONF_UNSET or NULL. */
enum conf_value_kind {
    CONF_VALUE_NONE,      /* nothing is stored */
    CONF_VALUE_SET,       /* no argument: low is stored (int64_t) */
    CONF_VALUE_BOOL,      /* [BOOL], true without argument (int64_t) */
    CONF_VALUE_INTEGER,   /* low..high (int64_t) */
    CONF_VALUE_SECONDS,   /* seconds with a fraction, stored and limited in microseconds (int64_t) */
    CONF_VALUE_TEXT,      /* one word (char *); low..high limit its length if high is set */
    CONF_VALUE_INTERFACE, /* a legal interface name (char *) */
    CONF_VALUE_ADDRESS,   /* an IP address (struct ip_address) */
    CONF_VALUE_CHOICE,    /* one of choices (int64_t) */
    CONF_VALUE_SCRIPT,    /* command [user [group]] (struct conf_script) */
    CONF_VALUE_HANDLER,   /* handler reads the node */
};

struct conf_builder;
struct conf_node;
typedef void conf_keyword_handler(struct conf_builder *builder, const struct conf_node *node, void *draft);

struct conf_choice {
    const char *word; /* NULL ends the list */
    int64_t value;
};

struct conf_keyword {
    const char *name;
    const char *arguments; /* as shown to people: "<INTEGER>", "{block}" */
    const char *standard;  /* default, in words */
    const char *range;     /* unit, range, limits */
    const char *purpose;
    const char *reason; /* CONF_ACCEPTED: why its absence is harmless. CONF_NOT_BUILT: NULL or more words */
    enum conf_keyword_state state;
    enum conf_value_kind kind;
    enum conf_block opens;
    enum conf_deprecation deprecation;
    enum conf_lack lack;
    bool script;  /* its line is split as a shell would */
    bool repeats; /* may stand several times in a block */
    bool ours;    /* tandem's own, not of keepalived's language */
    bool ignore_case;
    bool modelled; /* not BUILT, but a field of its own in the model has it all the same */
    /* Of the field in the block's draft; of ACCEPTED rows that are not modelled, of the draft's settings. */
    size_t offset;
    int64_t low;
    int64_t high;
    const struct conf_choice *choices;
    conf_keyword_handler *handler;
};

/* A block: its rows, and what the builder does at its begin and end. */
struct conf_block_info {
    const char *path; /* "virtual_server/real_server" */
    enum conf_block parent;
    bool list;  /* its lines are entries, not keywords */
    bool apart; /* they come by the thousand: each is built when all else in its parent is, and forgotten */
    const struct conf_keyword *rows; /* a row without a name is the end */
    /* Makes the draft the block's keywords write to; NULL: skip the block. Without begin it is the parent's.
     */
    void *(*begin)(struct conf_builder *builder, const struct conf_node *node, void *parent);
    conf_keyword_handler *settle; /* when all in it is built but the blocks that are apart */
    conf_keyword_handler *end;
    conf_keyword_handler *entry; /* lists: called for every line with the parent's draft */
};

const struct conf_block_info *conf_block_info(enum conf_block block);

/* An index of all rows, for quick lookup. */
struct conf_keyword_index;
struct conf_keyword_index *conf_keyword_index_new(void);
void conf_keyword_index_free(struct conf_keyword_index *index);

/* The row of that name in that block, or NULL. */
const struct conf_keyword *conf_keyword_find(const struct conf_keyword_index *index, enum conf_block block,
                                             const char *name);

/* The same by the name's first length bytes, as a number that is never 0; 0 if there is none. */
uint16_t conf_keyword_number(const struct conf_keyword_index *index, enum conf_block block, const char *name,
                             size_t length);

/* The row of that number; NULL for 0. */
const struct conf_keyword *conf_keyword_numbered(const struct conf_keyword_index *index, uint16_t number);

/* The block that row's block opens if it is one that is apart, else CONF_BLOCK_NONE; also of 0. */
enum conf_block conf_keyword_apart(const struct conf_keyword_index *index, uint16_t number);

/* Any block that knows the name, CONF_BLOCK_NONE if none does: for "belongs in block ...". */
enum conf_block conf_keyword_home(const struct conf_keyword_index *index, const char *name);

#endif
