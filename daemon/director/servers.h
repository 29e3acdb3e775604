/*
 * The virtual and real servers of a configuration and the state they are in. Pure: (state, event) -> (state,
 * what to tell).
 *
 * Every verdict of a check takes one way through here: check, real server, quorum. What changed is told by
 * events, in the order in which scripts must hear of it; nobody else assigns a state.
 *
 * A reload builds the new servers beside the old ones, which hand over by key what they know; servers_compare
 * then tells what came, went and changed. A part of them that goes ahead is built in the same way, and merged
 * into the old ones.
 */
#ifndef TANDEM_DIRECTOR_SERVERS_H
#define TANDEM_DIRECTOR_SERVERS_H

#include <uthash.h>

#include "conf/model.h"
#include "daemon/core/messages.h"
#include "daemon/director/quorum.h"
#include "daemon/director/real_server.h"
#include "daemon/director/table.h"

struct real_server {
    const struct conf_real_server *conf;
    struct virtual_server *parent;
    bool up;
    uint16_t weight; /* while it is up: the configured one, or what checks make of it */
    struct real_server_check *checks;
    uint32_t check_count;
    UT_hash_handle hh; /* by conf->key */
};

struct virtual_server {
    const struct conf_virtual_server *conf;
    bool up; /* has its quorum */
    struct quorum quorum;
    uint32_t live_weight;
    struct real_server *servers; /* real_count of them, in the order of the configuration */
    uint32_t real_count;
    UT_hash_handle hh; /* by conf->key */
};

/* It lost its quorum and has a sorry server to answer in place of the real ones. */
static inline bool virtual_server_is_sorry(const struct virtual_server *virtual_server)
{
    return !virtual_server->up && ip_address_is_set(&virtual_server->conf->sorry.endpoint.address);
}

struct servers;

enum servers_event {
    REAL_SERVER_CAME_UP,
    REAL_SERVER_WENT_DOWN,
    REAL_SERVER_STARTED,   /* new, and up */
    REAL_SERVER_REMOVED,   /* no longer configured; real->up says what it was */
    REAL_SERVER_REWEIGHED, /* up before and after */
    QUORUM_GAINED,
    QUORUM_LOST,
    QUORUM_MISSING,         /* new, and without its quorum */
    VIRTUAL_SERVER_REMOVED, /* no longer configured, after its real servers; up says what it was */
};

/* real is NULL for events of a virtual server. */
typedef void servers_report(enum servers_event event, const struct virtual_server *virtual_server,
                            const struct real_server *real, void *data);

struct servers_memory {
    bool up;
    uint16_t weight; /* of a real server */
};

/* What an earlier process of ours left behind about a virtual or real server: false = nothing. */
typedef bool servers_recall(uint64_t key, struct servers_memory *memory, void *data);

/* Takes over the model. old (NULL at the start) is only read; recall is asked where old knows nothing, and
 * may be NULL. Real servers and virtual servers with the key of another are left out. */
struct servers *servers_new(struct conf_model *model, const struct servers *old, servers_recall *recall,
                            void *data);
void servers_free(struct servers *servers); /* NULL allowed */

/* Tells what the change from old (NULL at the start) to now means. What recall knows, as in servers_new, is
 * not new though old does not have it. */
void servers_compare(const struct servers *now, const struct servers *old, servers_recall *recall,
                     servers_report *report, void *data);

/* Tells what it means that part, made by servers_new with servers as the old ones, takes the place of those
 * with the same keys, and that the virtual servers with the keys gone go. */
void servers_compare_part(const struct servers *servers, const struct servers *part, const uint64_t *gone,
                          size_t gone_count, servers_report *report, void *data);

/* Does that, and takes part over. What is replaced is not known any more, but stays in memory as long as
 * servers. */
void servers_merge(struct servers *servers, struct servers *part, const uint64_t *gone, size_t gone_count);

/* A check has spoken. Returns the virtual server whose image may have changed, NULL if none. A verdict on a
 * check that is not known (yet: a checker may have the new configuration before us) is kept for the next
 * reload. */
const struct virtual_server *servers_verdict(struct servers *servers, const struct verdict *verdict,
                                             servers_report *report, void *data);

/* The first virtual server; the next is hh.next. */
const struct virtual_server *servers_first(const struct servers *servers);
const struct virtual_server *servers_find(const struct servers *servers, uint64_t key);
/* True if the key is that of a virtual or real server. */
bool servers_know(const struct servers *servers, uint64_t key);

/* Calls tell for everything that is up, as if it went down: real servers, then their virtual server; only of
 * virtual servers with omega. For the shutdown. */
void servers_omega(const struct servers *servers, servers_report *report, void *data);

#endif
