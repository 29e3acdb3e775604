/*
 * A tandem-vrrp process under test. See vrrp_node.h.
 */
#include "tests/unit/vrrp_node.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/slice.h"

#define PROGRAM       "./tandem-vrrp"
#define NOBODY        65534
#define PROTOCOL_VRRP 112

static void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* ------------------------------------------------------------------ what it says */

static void note(struct vrrp_node *node, enum message_type type, const void *payload)
{
    struct node_said said = {.at = mono_now(), .type = type};
    const struct links_take *take = payload;
    const struct notify_instance *notice = payload;
    const struct links_stand_by *stand_by = payload;

    require(node->said_count < NODE_SAID_MAX, "the node says too much");
    if (payload != NULL)
        memcpy(&said.key, payload, sizeof(said.key));
    if (type == LINKS_TAKE) {
        said.value = take->flags;
        said.lease_ns = take->lease_ns;
        said.decided_ns = take->decided_ns;
    } else if (type == LINKS_STAND_BY) {
        said.value = stand_by->cpu;
    }
    if (type == NOTIFY_INSTANCE || type == NOTIFY_GROUP)
        said.value = notice->state;
    node->said[node->said_count++] = said;
}

unsigned int node_count(const struct vrrp_node *node, unsigned int from, enum message_type type,
                        struct node_said *last)
{
    unsigned int count = 0;

    for (unsigned int i = from; i < node->said_count; i++) {
        if (node->said[i].type != type)
            continue;
        count++;
        if (last != NULL)
            *last = node->said[i];
    }
    return count;
}

/* ------------------------------------------------------------------ links */

static void join(const struct vrrp_node *node, const struct conf_instance *conf, int fd)
{
    struct ip_mreqn group = {.imr_ifindex = (int)if_nametoindex(node->interface)};
    struct ipv6_mreq group6 = {.ipv6mr_interface = if_nametoindex(node->interface)};

    memcpy(&group.imr_multiaddr, conf->multicast_group.bytes, 4);
    memcpy(&group6.ipv6mr_multiaddr, conf->multicast_group.bytes, 16);
    if (conf->family == AF_INET)
        require(setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof(group)) == 0, "joining");
    else
        require(setsockopt(fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &group6, sizeof(group6)) == 0, "joining");
}

static int open_socket(const struct vrrp_node *node)
{
    const struct conf_instance *conf = node->model->instances.items[0];
    int fd = socket(conf->family, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, PROTOCOL_VRRP);

    require(fd >= 0, "raw socket");
    require(
        setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, node->interface, (socklen_t)strlen(node->interface)) == 0,
        "SO_BINDTODEVICE");
    if (conf->unicast_peers.count == 0)
        join(node, conf, fd);
    return fd;
}

void node_tell_interface(struct vrrp_node *node)
{
    struct links_interface word = {
        .ifindex = if_nametoindex(node->interface),
        .flags = INTERFACE_EXISTS | (node->interface_up ? INTERFACE_UP | INTERFACE_RUNNING : 0),
        .mtu = 1500,
    };

    if (node->primary.family == AF_INET)
        word.primary_ipv4 = node->primary;
    else
        word.primary_ipv6 = node->primary;
    snprintf(word.name, sizeof(word.name), "%s", node->interface);
    channel_send(node->links, LINKS_INTERFACE, &word);
}

static void links_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                          void *data)
{
    struct vrrp_node *node = data;
    const struct message_key *key = payload;
    struct links_error done = {.key = key == NULL ? 0 : key->key};
    int opened;

    (void)fd;
    note(node, type, payload);
    switch ((unsigned int)type) {
    case LINKS_OPEN_SOCKET:
        opened = open_socket(node);
        channel_send_fd(channel, LINKS_SOCKET, key, opened);
        close(opened);
        break;
    case LINKS_TAKE:
        channel_send(channel, LINKS_TAKEN, &done);
        break;
    case LINKS_RELEASE:
        channel_send(channel, LINKS_RELEASED, &done);
        break;
    default:
        break;
    }
}

static void links_hello(struct channel *channel, void *data)
{
    (void)channel;
    node_tell_interface(data);
}

static void scripts_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                            void *data)
{
    (void)channel;
    (void)fd;
    note(data, type, payload);
}

static const struct channel_callbacks links_callbacks = {.message = links_message, .hello = links_hello};
static const struct channel_callbacks scripts_callbacks = {.message = scripts_message};

/* ------------------------------------------------------------------ the supervisor */

static void control_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                            void *data)
{
    struct vrrp_node *node = data;

    (void)channel;
    note(node, type, payload);
    if (type == CHILD_HOLD) {
        if (node->held >= 0)
            close(node->held);
        node->held = fd;
        node->held_key = ((const struct child_hold *)payload)->key;
        return;
    }
    if (fd >= 0)
        close(fd);
}

static const struct channel_callbacks control_callbacks = {.message = control_message};

static struct channel *make_peer(struct vrrp_node *node, enum role role,
                                 const struct channel_callbacks *callbacks)
{
    struct control_peer peer = {.role = (uint16_t)role};
    struct channel *channel;
    int ends[2];

    require(channel_pair(ends) == 0, "channel");
    channel_send_fd(node->control, CONTROL_PEER, &peer, ends[1]);
    close(ends[1]);
    channel = channel_new(node->loop, ends[0], role, ROLE_VRRP, callbacks, node);
    if (node->respawns == 0) /* this side did not start anew with the node */
        channel_hello(channel, 7);
    return channel;
}

static void send_slice(struct vrrp_node *node)
{
    uint32_t objects;
    int fd = conf_slice_write(node->model, CONF_SLICE_VRRP, 0, 1, &objects);

    require(fd >= 0, "slice");
    channel_send_fd(node->control, CONTROL_SLICE, NULL, fd);
    close(fd);
}

void node_reload(struct vrrp_node *node)
{
    send_slice(node);
}

static void tell_everything(struct vrrp_node *node)
{
    struct control_identity identity = {.incarnation = (uint64_t)node->pid,
                                        .uid = NOBODY,
                                        .gid = NOBODY,
                                        .count = 1,
                                        .respawns = node->respawns};
    struct control_board board = {.role = ROLE_VRRP};
    struct control_held held = {node->held_key};

    channel_send(node->control, CONTROL_IDENTITY, &identity);
    channel_send_fd(node->control, CONTROL_BOARD, &board, board_fd(node->board));
    node->links = make_peer(node, ROLE_LINKS, &links_callbacks);
    node->scripts = make_peer(node, ROLE_SCRIPTS, &scripts_callbacks);
    if (node->held >= 0)
        channel_send_fd(node->control, CONTROL_HELD, &held, node->held);
    send_slice(node);
    channel_send(node->control, CONTROL_START, NULL);
    if (!node->withhold_go)
        channel_send(node->control, CONTROL_GO, NULL);
}

static void become_program(int control)
{
    int high = fcntl(control, F_DUPFD, 10);

    if (high < 0 || dup2(high, 3) < 0)
        _exit(127);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 0); /* which needs system calls a confined process has not */
    execl(PROGRAM, PROGRAM, (char *)NULL);
    _exit(127);
}

void node_start(struct vrrp_node *node)
{
    int ends[2];

    require(channel_pair(ends) == 0, "channel");
    node->pid = fork();
    require(node->pid >= 0, "fork");
    if (node->pid == 0)
        become_program(ends[1]);
    close(ends[1]);
    node->control = channel_new(node->loop, ends[0], ROLE_SUPERVISOR, ROLE_VRRP, &control_callbacks, node);
    tell_everything(node);
}

static void drop_channels(struct vrrp_node *node)
{
    channel_free(node->control);
    channel_free(node->links);
    channel_free(node->scripts);
    node->control = node->links = node->scripts = NULL;
}

int node_wait(struct vrrp_node *node)
{
    int status = 0;

    require(waitpid(node->pid, &status, 0) == node->pid, "waitpid");
    node->pid = 0;
    drop_channels(node);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void node_kill(struct vrrp_node *node)
{
    require(kill(node->pid, SIGKILL) == 0, "kill");
    node_wait(node);
    node->respawns++;
}

struct vrrp_record node_record(const struct vrrp_node *node)
{
    struct vrrp_record record = {0};

    board_read(node->board, node->model->instances.items[0]->key, &record);
    return record;
}

void node_init(struct vrrp_node *node, struct loop *loop, const char *interface, const char *address,
               struct conf_model *model)
{
    memset(node, 0, sizeof(*node));
    node->loop = loop;
    node->interface = interface;
    require(ip_address_parse(address, &node->primary), address);
    node->interface_up = true;
    node->model = model;
    node->held = -1;
    node->board = board_new(ROLE_VRRP, 16);
    require(node->board != NULL, "board");
}

void node_free(struct vrrp_node *node)
{
    if (node->pid != 0)
        node_kill(node);
    if (node->held >= 0)
        close(node->held);
    board_free(node->board);
    conf_model_free(node->model);
}
