/*
 * A tandem-vrrp process under test, with its supervisor, links and scripts played here: it is started with a
 * slice, a board and channels, may be killed and respawned, and everything it says is noted in order.
 */
#ifndef TANDEM_TESTS_VRRP_NODE_H
#define TANDEM_TESTS_VRRP_NODE_H

#include <sys/types.h>

#include "conf/model.h"
#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/core/channel.h"
#include "daemon/core/loop.h"

#define NODE_SAID_MAX 4096

struct node_said {
    struct mono at;
    enum message_type type;
    uint64_t key;
    uint32_t value;   /* flags of LINKS_TAKE, cpu of LINKS_STAND_BY, state of NOTIFY_* */
    int64_t lease_ns; /* of LINKS_TAKE */
    int64_t decided_ns;
};

struct vrrp_node {
    struct loop *loop;
    const char *interface;
    struct ip_address primary; /* of the interface */
    bool interface_up;
    struct conf_model *model;
    struct board *board;
    pid_t pid;
    uint32_t respawns;
    int held; /* its socket, in custody; one is enough here */
    uint64_t held_key;
    struct channel *control;
    struct channel *links;
    struct channel *scripts;
    struct node_said said[NODE_SAID_MAX];
    unsigned int said_count;
    bool withhold_go;
};

void node_init(struct vrrp_node *node, struct loop *loop, const char *interface, const char *address,
               struct conf_model *model);
void node_free(struct vrrp_node *node);

/* Starts the process (again). */
void node_start(struct vrrp_node *node);

/* SIGKILL, and the channels' other ends go with it. */
void node_kill(struct vrrp_node *node);

/* Waits for its end; returns its exit status. */
int node_wait(struct vrrp_node *node);

/* Sends what node->interface_up now says. */
void node_tell_interface(struct vrrp_node *node);

/* Sends node->model anew. */
void node_reload(struct vrrp_node *node);

/* Its first record on the board. */
struct vrrp_record node_record(const struct vrrp_node *node);

/* What it said since `from` (an index) of that type: the count, and the last such in *last if not NULL. */
unsigned int node_count(const struct vrrp_node *node, unsigned int from, enum message_type type,
                        struct node_said *last);

#endif
