/*
 * A real tandem-links process in a network namespace of its own. See links_rig.h.
 */
#include "tests/unit/links_rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/log.h"
#include "daemon/core/vrrp_state.h"
#include "daemon/kernel/address_codec.h"

#define CONTROL_FD     3
#define NOBODY         65534
#define PROGRAM        "./tandem-links"
#define CAPTURE_BUFFER (32 * 1024 * 1024)
#define BEAT_INTERVAL  span_ms(100)
#define ARP_TARGET     38
#define NA_TARGET      62

static void must(bool sound, const char *what)
{
    if (sound)
        return;
    fprintf(stderr, "test setup: %s: %s\n", what, strerror(errno));
    exit(99);
}

/* ------------------------------------------------------------------ the namespace */

static struct mono frame_time(const struct msghdr *message)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    struct timespec stamp, wall;

    if (header == NULL || header->cmsg_type != SCM_TIMESTAMPNS)
        return mono_now();
    memcpy(&stamp, CMSG_DATA(header), sizeof(stamp));
    clock_gettime(CLOCK_REALTIME, &wall);
    return mono_add(mono_now(),
                    span_ns((stamp.tv_sec - wall.tv_sec) * NS_PER_S + stamp.tv_nsec - wall.tv_nsec));
}

/* An address of ours that the frame announces: its last two bytes, or -1. */
static int announced(const uint8_t *frame, ssize_t length)
{
    if (length >= 42 && frame[12] == 0x08 && frame[13] == 0x06 && frame[ARP_TARGET] == 10 &&
        frame[ARP_TARGET + 1] == 77)
        return frame[ARP_TARGET + 2] << 8 | frame[ARP_TARGET + 3];
    if (length >= 86 && frame[12] == 0x86 && frame[13] == 0xdd && frame[54] == 136 &&
        frame[NA_TARGET + 1] == 0x77)
        return frame[NA_TARGET + 14] << 8 | frame[NA_TARGET + 15];
    return -1;
}

static void frames_ready(int fd, unsigned int ready, void *data)
{
    struct rig *rig = data;
    uint8_t frame[256];
    char control[256];

    (void)ready;
    for (;;) {
        struct iovec part = {frame, sizeof(frame)};
        struct msghdr message = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
        ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
        int address = length < 0 ? -1 : announced(frame, length);
        struct mono when;

        if (length < 0)
            return;
        if (address < 0)
            continue;
        when = frame_time(&message);
        if (rig->frames++ == 0)
            rig->first_frame = when;
        if (rig->captured[address].frames++ == 0)
            rig->captured[address].first = when;
    }
}

static void events_ready(int fd, unsigned int ready, void *data)
{
    char buffer[16384] __attribute__((aligned(8)));
    struct rig *rig = data;
    ssize_t length;

    (void)ready;
    while ((length = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
        const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;

        rig->deleted += message->nlmsg_type == RTM_DELADDR;
        if (message->nlmsg_type == RTM_NEWADDR && rig->added++ == 0)
            rig->first_added = mono_now();
    }
}

static int open_capture(void)
{
    struct sockaddr_ll at = {
        .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex("vb")};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    int buffer = CAPTURE_BUFFER, yes = 1;

    must(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0, "capture socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes));
    return fd;
}

static int open_events(void)
{
    struct sockaddr_nl at = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    int buffer = CAPTURE_BUFFER;

    must(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0, "event socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
    return fd;
}

static void log_ready(int fd, unsigned int ready, void *data)
{
    struct log_datagram line;
    ssize_t length;

    (void)ready;
    (void)data;
    while ((length = recv(fd, &line, sizeof(line), MSG_DONTWAIT)) > (ssize_t)LOG_DATAGRAM_HEAD) {
        if (getenv("RIG_LOG") != NULL || line.level <= LOG_LEVEL_ERROR)
            fprintf(stderr, "# links: %.*s\n", (int)((size_t)length - LOG_DATAGRAM_HEAD), line.text);
    }
}

static void beat(void *data)
{
    struct rig *rig = data;

    if (rig->beating && rig->vrrp_board != NULL)
        board_beat(rig->vrrp_board, mono_now());
    loop_timer_in(rig->beat, BEAT_INTERVAL);
}

struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof(*rig));

    must(rig != NULL && unshare(CLONE_NEWNET) == 0, "network namespace");
    must(system("ip link set lo up && ip link add va type veth peer name vb && ip link set va up && "
                "ip link set vb up && ip address add 192.0.2.1/24 dev va") == 0,
         "veth pair");
    rig->loop = loop_new();
    rig->netlink = rtnetlink_new();
    must(rig->loop != NULL && rig->netlink != NULL, "loop");
    rig->capture = open_capture();
    rig->capture_watch = loop_watch_new(rig->loop, rig->capture, LOOP_READ, frames_ready, rig);
    rig->events = open_events();
    loop_watch_new(rig->loop, rig->events, LOOP_READ, events_ready, rig);
    rig->beat = loop_timer_new(rig->loop, beat, rig);
    beat(rig);
    rig->socket = -1;
    return rig;
}

/* ------------------------------------------------------------------ what links says */

static void control_said(struct channel *channel, enum message_type type, const void *payload, int fd,
                         void *data)
{
    struct rig *rig = data;

    (void)channel;
    (void)payload;
    (void)fd;
    rig->ready += type == CHILD_READY;
    rig->stopped += type == CHILD_STOPPED;
    rig->reloaded += type == CHILD_RELOADED && ((const struct child_reloaded *)payload)->ok;
}

static void vrrp_was_told(struct channel *channel, enum message_type type, const void *payload, int fd,
                          void *data)
{
    struct rig *rig = data;

    (void)channel;
    switch ((unsigned int)type) {
    case LINKS_TAKEN:
        rig->taken = *(const struct links_error *)payload;
        rig->taken_at = mono_now();
        rig->takens++;
        break;
    case LINKS_RELEASED:
        rig->released = *(const struct links_error *)payload;
        rig->releaseds++;
        break;
    case LINKS_SOCKET_ERROR:
        rig->socket_error = *(const struct links_error *)payload;
        rig->socket_errors++;
        break;
    case LINKS_SOCKET:
        rig->socket = fd;
        break;
    case LINKS_INTERFACE:
        if (strcmp(((const struct links_interface *)payload)->name, "va") == 0)
            rig->interface = *(const struct links_interface *)payload;
        break;
    default:
        break;
    }
}

static void links_started(struct channel *channel, void *data)
{
    struct rig *rig = data;

    (void)channel;
    rig->hellos++;
}

static const struct channel_callbacks control_callbacks = {control_said, NULL, NULL};
static const struct channel_callbacks vrrp_callbacks = {vrrp_was_told, links_started, NULL};

/* ------------------------------------------------------------------ the process */

static void fork_links(struct rig *rig, int control)
{
    rig->pid = fork();
    must(rig->pid >= 0, "fork");
    if (rig->pid != 0)
        return;
    if (control == CONTROL_FD)
        fcntl(control, F_SETFD, 0);
    else
        dup2(control, CONTROL_FD);
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* its system call filter leaves no way to look for them */
    execl(PROGRAM, PROGRAM, (char *)NULL);
    _exit(98);
}

static void send_slice(struct rig *rig, const struct conf_model *model)
{
    uint32_t objects;
    int slice = conf_slice_write(model, CONF_SLICE_LINKS, 0, 1, &objects);

    must(slice >= 0, "slice");
    channel_send_fd(rig->control, CONTROL_SLICE, NULL, slice);
    close(slice);
}

static void send_start(struct rig *rig, const struct conf_model *model, int log)
{
    struct control_identity identity = {
        .incarnation = (uint64_t)mono_now().ns, .uid = NOBODY, .gid = NOBODY, .count = 1};
    int vrrp_board = board_fd_read_only(rig->vrrp_board);

    identity.flags = getenv("RIG_LOG") != NULL ? IDENTITY_DEBUG : 0;
    channel_send(rig->control, CONTROL_IDENTITY, &identity);
    channel_send_fd(rig->control, CONTROL_LOG, NULL, log);
    channel_send_fd(rig->control, CONTROL_BOARD, &(struct control_board){ROLE_LINKS, 0},
                    board_fd(rig->links_board));
    channel_send_fd(rig->control, CONTROL_BOARD, &(struct control_board){ROLE_VRRP, 0}, vrrp_board);
    channel_send_fd(rig->control, CONTROL_PEER, &(struct control_peer){ROLE_VRRP, 0},
                    rig->vrrp_socket_ends[1]);
    send_slice(rig, model);
    channel_send(rig->control, CONTROL_START, NULL);
    close(vrrp_board);
}

static bool is_ready(struct rig *rig)
{
    return rig->ready > 0 && rig->hellos > 0;
}

static void new_boards(struct rig *rig)
{
    board_free(rig->links_board);
    board_free(rig->vrrp_board);
    rig->links_board = board_new(ROLE_LINKS, 8);
    rig->vrrp_board = board_new(ROLE_VRRP, 8);
    must(rig->links_board != NULL && rig->vrrp_board != NULL, "boards");
    rig->beating = true;
    board_beat(rig->vrrp_board, mono_now());
}

static void new_vrrp_channel(struct rig *rig)
{
    channel_free(rig->vrrp);
    must(channel_pair(rig->vrrp_socket_ends) == 0, "channel");
    rig->vrrp = channel_new(rig->loop, rig->vrrp_socket_ends[0], ROLE_VRRP, ROLE_LINKS, &vrrp_callbacks, rig);
}

void rig_start(struct rig *rig, const struct conf_model *model, bool again)
{
    int control[2], log[2];

    rig_forget(rig);
    if (!again) {
        new_boards(rig);
        new_vrrp_channel(rig);
    }
    must(channel_pair(control) == 0 && channel_pair(log) == 0, "channels");
    fork_links(rig, control[1]);
    close(control[1]);
    rig->log = log[0];
    loop_watch_new(rig->loop, log[0], LOOP_READ, log_ready, rig);
    channel_free(rig->control);
    rig->control = channel_new(rig->loop, control[0], ROLE_SUPERVISOR, ROLE_LINKS, &control_callbacks, rig);
    send_start(rig, model, log[1]);
    close(log[1]);
    must(rig_wait(rig, is_ready, span_s(30)), "links does not become ready");
}

static bool is_reloaded(struct rig *rig)
{
    return rig->reloaded > 0;
}

void rig_reload(struct rig *rig, const struct conf_model *model)
{
    rig->reloaded = 0;
    send_slice(rig, model);
    must(rig_wait(rig, is_reloaded, span_s(30)), "links does not reload");
}

void rig_kill(struct rig *rig)
{
    kill(rig->pid, SIGKILL);
    waitpid(rig->pid, NULL, 0);
}

int rig_wait_for_exit(struct rig *rig)
{
    int status = -1;

    for (int i = 0; i < 800; i++) {
        if (waitpid(rig->pid, &status, WNOHANG) == rig->pid)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        rig_run(rig, span_ms(10));
    }
    rig_kill(rig);
    return -1;
}

int rig_stop(struct rig *rig)
{
    int status;

    channel_send(rig->control, CONTROL_STOP, NULL);
    status = rig_wait_for_exit(rig);
    close(rig->vrrp_socket_ends[1]);
    return status;
}

void rig_forget(struct rig *rig)
{
    frames_ready(rig->capture, LOOP_READ, rig);
    events_ready(rig->events, LOOP_READ, rig);
    memset(rig->captured, 0, sizeof(rig->captured));
    rig->frames = rig->deleted = rig->added = 0;
    rig->first_frame = (struct mono){0};
    rig->ready = rig->stopped = rig->reloaded = rig->hellos = 0;
    rig->takens = rig->releaseds = rig->socket_errors = 0;
    if (rig->socket >= 0)
        close(rig->socket);
    rig->socket = -1;
}

/* ------------------------------------------------------------------ waiting */

struct wait {
    struct rig *rig;
    bool (*condition)(struct rig *rig);
    struct mono deadline;
    struct loop_timer *timer;
    bool held;
};

static void look(void *data)
{
    struct wait *wait = data;

    wait->held = wait->condition != NULL && wait->condition(wait->rig);
    if (wait->held || mono_before(wait->deadline, mono_now()))
        loop_stop(wait->rig->loop);
    else
        loop_timer_in(wait->timer, span_ms(1));
}

bool rig_wait(struct rig *rig, bool (*condition)(struct rig *rig), struct span at_most)
{
    struct wait wait = {.rig = rig, .condition = condition, .deadline = mono_add(mono_now(), at_most)};

    wait.timer = loop_timer_new(rig->loop, look, &wait);
    loop_timer_in(wait.timer, span_ms(0));
    loop_run(rig->loop);
    loop_timer_free(wait.timer);
    return wait.held;
}

void rig_run(struct rig *rig, struct span time)
{
    rig_wait(rig, NULL, time);
}

/* ------------------------------------------------------------------ vrrp's voice */

void rig_become(struct rig *rig, uint64_t key, uint32_t state)
{
    struct vrrp_record record = {
        .state = state, .last_advert_sent_ns = mono_now().ns, .peer_down_interval_ns = 3600 * NS_PER_MS};

    board_write(rig->vrrp_board, key, &record);
}

void rig_take(struct rig *rig, uint64_t key, uint32_t flags, struct span lease)
{
    struct links_take take = {.key = key, .flags = flags, .lease_ns = lease.ns, .decided_ns = mono_now().ns};

    rig_become(rig, key, VRRP_MASTER);
    channel_send(rig->vrrp, LINKS_TAKE, &take);
}

void rig_release(struct rig *rig, uint64_t key)
{
    rig_become(rig, key, 1);
    channel_send(rig->vrrp, LINKS_RELEASE, &(struct message_key){key});
}

/* ------------------------------------------------------------------ what is in the kernel */

struct search {
    unsigned int count;
    struct ip_address wanted;
    uint32_t valid_s;
};

static void count_address(const struct nlmsghdr *message, void *data)
{
    struct search *search = data;
    struct kernel_address address;

    if (!address_decode(message, &address))
        return;
    if (address.address.family == AF_INET)
        search->count += address.address.bytes[0] == 10 && address.address.bytes[1] == 77;
    else
        search->count += address.address.bytes[0] == 0xfd && address.address.bytes[1] == 0x77;
    if (ip_address_compare(&address.address, &search->wanted) == 0)
        search->valid_s = address.valid_s;
}

unsigned int rig_count_addresses(struct rig *rig)
{
    struct search search = {0};

    rtnetlink_dump(rig->netlink, RTM_GETADDR, count_address, &search);
    return search.count;
}

uint32_t rig_lifetime(struct rig *rig, const char *address)
{
    struct search search = {0};

    ip_address_parse(address, &search.wanted);
    rtnetlink_dump(rig->netlink, RTM_GETADDR, count_address, &search);
    return search.valid_s;
}

struct links_record rig_record(struct rig *rig, uint64_t key)
{
    struct links_record record = {0};

    board_read(rig->links_board, key, &record);
    return record;
}

/* ------------------------------------------------------------------ models */

static struct conf_vip *model_vip(struct conf_model *model, uint8_t family, unsigned int number)
{
    struct conf_vip *vip = conf_model_alloc(model, sizeof(*vip));
    char text[IP_ADDRESS_TEXT];

    if (family == AF_INET)
        snprintf(text, sizeof(text), "10.77.%u.%u", number >> 8, number & 0xff);
    else
        snprintf(text, sizeof(text), "fd77::%x", number);
    ip_address_parse(text, &vip->address);
    vip->prefix_length = ip_address_bits(&vip->address);
    vip->interface = conf_model_strdup(model, "va");
    vip->preferred_lifetime_s = family == AF_INET ? CONF_LIFETIME_FOREVER : 0;
    return vip;
}

struct conf_model *rig_model(uint64_t key, uint8_t family, unsigned int first, unsigned int count)
{
    struct conf_model *model = conf_model_new();
    struct conf_instance *instance = conf_model_alloc(model, sizeof(*instance));

    instance->key = key;
    instance->name = conf_model_strdup(model, "VI_1");
    instance->interface = conf_model_strdup(model, "va");
    instance->family = family;
    instance->vrid = 7;
    instance->version = 2;
    instance->base_priority = 100;
    instance->advert_interval_us = 1000000;
    instance->down_timer_adverts = 3;
    instance->unicast_ttl = 255;
    ip_address_parse(family == AF_INET ? "224.0.0.18" : "ff02::12", &instance->multicast_group);
    instance->lease_us = -1;
    instance->garp =
        (struct conf_garp){.master_repeat = 2, .lower_prio_repeat = 1, .master_refresh_repeat = 1};
    for (unsigned int i = 0; i < count; i++)
        conf_list_add(model, &instance->vips, model_vip(model, family, first + i));
    conf_list_add(model, &model->instances, instance);
    return model;
}
