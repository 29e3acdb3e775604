/*
 * The control socket's server: many clients, one line of JSON a request, one line of JSON an answer.
 *
 * No client can make it wait: input is bounded, a client's next request is read only after its answer has
 * gone out, answers are bounded singly and together, and who neither asks nor reads for a while is
 * disconnected.
 */
#ifndef TANDEM_CTL_SERVER_H
#define TANDEM_CTL_SERVER_H

#include <json-c/json.h>

#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

struct ctl_server;

/* Descriptors of whole slices, the callee's; -1 = there is none. */
struct ctl_configurations {
    int before; /* the last reload */
    int now;
};

struct ctl_server_callbacks {
    /* The state of everything, for the server to put. */
    struct json_object *(*status)(void *data);
    /* The virtual routers as in keepalived.json, likewise. */
    struct json_object *(*statistics)(void *data);
    /* What clients of root's get. */
    struct ctl_configurations (*configurations)(void *data);
    /* Order a reload; the answer comes back with ctl_server_reload_ended and the same id. */
    void (*reload)(uint64_t id, void *data);
    /* Order an upgrade; the same. */
    void (*upgrade)(uint64_t id, void *data);
};

/* Serves a listening unix stream socket, which becomes the server's. first_id: ids of reloads count up from
 * it, so that an answer meant for a predecessor is not taken for ours. */
struct ctl_server *ctl_server_new(struct loop *loop, int listener, uint32_t control_gid, uint64_t first_id,
                                  const struct ctl_server_callbacks *callbacks, void *data);
void ctl_server_free(struct ctl_server *server);

/* text is what there is to say to the user, "" for nothing. */
void ctl_server_reload_ended(struct ctl_server *server, const struct command_result *result,
                             const char *text);

#endif
