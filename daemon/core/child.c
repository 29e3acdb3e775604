/*
 * The life of a child process. See child.h.
 */
#include "daemon/core/child.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/core/privileges.h"

#define PEERS_MAX  40 /* a director's checkers are the most */
#define BOARDS_MAX 48

struct peer {
    struct channel *channel;
    enum role role;
    uint16_t index;
};

struct foreign_board {
    struct board *board;
    enum role role;
    uint16_t index;
};

struct child {
    enum role role;
    const struct child_callbacks *callbacks;
    void *data;
    struct loop *loop;
    struct channel *control;
    struct control_identity identity;
    struct board *board;
    struct peer peers[PEERS_MAX];
    size_t peer_count;
    struct foreign_board boards[BOARDS_MAX];
    size_t board_count;
    int slice;
    int files[CONTROL_FILE_KINDS];
    struct loop_timer *beat;
    struct loop_timer *ending;
    bool running;  /* CONTROL_START was received and start() was called */
    bool stopping; /* stop() was called */
};

/* ------------------------------------------------------------------ accessors */

struct loop *child_loop(struct child *child)
{
    return child->loop;
}

struct channel *child_control(struct child *child)
{
    return child->control;
}

const struct control_identity *child_identity(const struct child *child)
{
    return &child->identity;
}

struct board *child_board(struct child *child)
{
    return child->board;
}

void *child_data(struct child *child)
{
    return child->data;
}

void child_set_data(struct child *child, void *data)
{
    child->data = data;
}

struct channel *child_peer(struct child *child, enum role role, uint16_t index)
{
    for (size_t i = 0; i < child->peer_count; i++) {
        if (child->peers[i].role == role && child->peers[i].index == index)
            return child->peers[i].channel;
    }
    return NULL;
}

uint16_t child_peer_index(const struct child *child, const struct channel *peer)
{
    for (size_t i = 0; i < child->peer_count; i++) {
        if (child->peers[i].channel == peer)
            return child->peers[i].index;
    }
    return 0;
}

struct board *child_board_of(struct child *child, enum role role, uint16_t index)
{
    for (size_t i = 0; i < child->board_count; i++) {
        if (child->boards[i].role == role && child->boards[i].index == index)
            return child->boards[i].board;
    }
    return NULL;
}

int child_take_slice(struct child *child)
{
    int slice = child->slice;

    child->slice = -1;
    return slice;
}

int child_take_file(struct child *child, enum control_file_kind kind)
{
    int file = child->files[kind];

    child->files[kind] = -1;
    return file;
}

/* ------------------------------------------------------------------ what the program says */

void child_ready(struct child *child)
{
    channel_send(child->control, CHILD_READY, NULL);
}

void child_reloaded(struct child *child, bool ok)
{
    struct child_reloaded answer = {ok};

    channel_send(child->control, CHILD_RELOADED, &answer);
}

void child_hold(struct child *child, uint64_t key, int fd)
{
    struct child_hold hold = {key};

    channel_send_fd(child->control, CHILD_HOLD, &hold, fd);
}

void child_release(struct child *child, uint64_t key)
{
    struct child_hold hold = {key};

    channel_send(child->control, CHILD_RELEASE, &hold);
}

static bool all_is_sent(const struct child *child)
{
    for (size_t i = 0; i < child->peer_count; i++) {
        if (child->peers[i].channel != NULL && !channel_is_flushed(child->peers[i].channel))
            return false;
    }
    return child->control == NULL || channel_is_flushed(child->control);
}

static void end_when_sent(void *data)
{
    struct child *child = data;

    if (all_is_sent(child))
        loop_stop(child->loop);
    else
        loop_timer_in(child->ending, span_ms(5));
}

void child_stopped(struct child *child)
{
    channel_send(child->control, CHILD_STOPPED, NULL);
    loop_timer_in(child->ending, span_ms(0));
}

/* ------------------------------------------------------------------ peers */

static void peer_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                         void *data)
{
    struct child *child = data;

    if (child->callbacks->message != NULL)
        child->callbacks->message(child, channel, type, payload, fd);
    else if (fd >= 0)
        close(fd);
}

static void peer_hello(struct channel *channel, void *data)
{
    struct child *child = data;

    if (child->callbacks->peer_started != NULL)
        child->callbacks->peer_started(child, channel);
}

static void peer_closed(struct channel *channel, void *data)
{
    struct child *child = data;
    enum role role = channel_other(channel);

    for (size_t i = 0; i < child->peer_count; i++) {
        if (child->peers[i].channel == channel)
            child->peers[i].channel = NULL;
    }
    channel_free(channel);
    if (child->callbacks->peer_ended != NULL)
        child->callbacks->peer_ended(child, role);
}

static const struct channel_callbacks peer_callbacks = {peer_message, peer_hello, peer_closed};

/* The supervisor replaces a channel: its end may not have been read yet. */
static void say_hello_to(struct child *child, struct channel *channel)
{
    if (child->callbacks->hears_as_heir)
        channel_hello_as_heir(channel, child->identity.incarnation);
    else
        channel_hello(channel, child->identity.incarnation);
}

static void end_acquaintance(struct child *child, struct peer *peer)
{
    if (peer->channel == NULL)
        return;
    channel_free(peer->channel);
    peer->channel = NULL;
    if (child->running && child->callbacks->peer_ended != NULL)
        child->callbacks->peer_ended(child, peer->role);
}

static struct peer *find_peer(struct child *child, const struct control_peer *who)
{
    for (size_t i = 0; i < child->peer_count; i++) {
        struct peer *peer = &child->peers[i];

        if ((uint16_t)peer->role == who->role && peer->index == who->index)
            return peer;
    }
    return NULL;
}

static void add_peer(struct child *child, const struct control_peer *who, int fd)
{
    struct peer *peer = find_peer(child, who);

    if (peer != NULL) {
        end_acquaintance(child, peer); /* the role was not needed for a while, and is again */
    } else if (child->peer_count == PEERS_MAX) {
        log_error("more than %d peers", PEERS_MAX);
        close(fd);
        return;
    } else {
        peer = &child->peers[child->peer_count++];
        *peer = (struct peer){.role = (enum role)who->role, .index = who->index};
    }
    peer->channel = channel_new(child->loop, fd, child->role, peer->role, &peer_callbacks, child);
    if (child->running)
        say_hello_to(child, peer->channel);
}

/* ------------------------------------------------------------------ control */

static void add_board(struct child *child, const struct control_board *which, int fd)
{
    enum role role = (enum role)which->role;
    bool own = role == child->role && which->index == child->identity.index;
    struct board *known = own ? child->board : child_board_of(child, role, which->index);

    if (known == NULL) {
        known = board_open(fd, role, own);
        if (known == NULL)
            goto failed;
        if (own)
            child->board = known;
        else if (child->board_count < BOARDS_MAX)
            child->boards[child->board_count++] = (struct foreign_board){known, role, which->index};
        else
            log_fatal("more than %d boards", BOARDS_MAX);
        return;
    }
    if (board_move(known, fd, own))
        return;

failed:
    log_fatal("the board of %s cannot be mapped: %s", role_name(role), strerror(errno));
}

static void add_slice(struct child *child, int fd)
{
    if (child->slice >= 0)
        close(child->slice);
    child->slice = fd;
    if (child->running && child->callbacks->reload != NULL)
        child->callbacks->reload(child);
}

static void stop_once(struct child *child, bool supervisor_gone)
{
    if (child->stopping || !child->running)
        return;
    child->stopping = true;
    child->callbacks->stop(child, supervisor_gone);
}

static void add_file(struct child *child, const struct control_file *file, int fd)
{
    if (file->kind >= CONTROL_FILE_KINDS) {
        close(fd);
        return;
    }
    if (child->files[file->kind] >= 0)
        close(child->files[file->kind]);
    child->files[file->kind] = fd;
}

static void control_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                            void *data)
{
    struct child *child = data;

    (void)channel;
    switch ((unsigned int)type) {
    case CONTROL_IDENTITY:
        child->identity = *(const struct control_identity *)payload;
        break;
    case CONTROL_LOG:
        log_to_socket(fd);
        break;
    case CONTROL_BOARD:
        add_board(child, payload, fd);
        break;
    case CONTROL_PEER:
        add_peer(child, payload, fd);
        break;
    case CONTROL_SLICE:
        add_slice(child, fd);
        break;
    case CONTROL_FILE:
        add_file(child, payload, fd);
        break;
    case CONTROL_START:
        child->running = true;
        break;
    case CONTROL_STOP:
        stop_once(child, false);
        break;
    default: /* CONTROL_GO, CONTROL_TELL, CONTROL_ADVANCE, CONTROL_HELD, answers to the role's own commands */
        if (child->callbacks->control != NULL)
            child->callbacks->control(child, type, payload, fd);
        else if (fd >= 0)
            close(fd);
    }
}

static void control_closed(struct channel *channel, void *data)
{
    struct child *child = data;

    channel_free(channel);
    child->control = NULL;
    log_warning("the supervisor is gone: stopping");
    stop_once(child, true);
}

static const struct channel_callbacks control_callbacks = {control_message, NULL, control_closed};

/* ------------------------------------------------------------------ the life */

/* Addresses depend on these two: links wants to see vrrp's beat within half a second, the supervisor theirs
 * within two. The others have ten. */
static struct span beat_interval(enum role role)
{
    return role == ROLE_VRRP || role == ROLE_LINKS ? span_ms(250) : span_s(1);
}

static void beat(void *data)
{
    struct child *child = data;

    board_beat(child->board, mono_now());
    loop_timer_in(child->beat, beat_interval(child->role));
}

/* Collects everything up to CONTROL_START; false if the supervisor went away meanwhile. */
static bool collect(struct child *child)
{
    while (!child->running) {
        if (!channel_receive_blocking(child->control))
            return false;
    }
    if (child->board == NULL || child->identity.incarnation == 0)
        log_fatal("the supervisor started %s without a board or an identity", role_name(child->role));
    child->identity.name[sizeof(child->identity.name) - 1] = '\0';
    return true;
}

static void say_hello(struct child *child)
{
    for (size_t i = 0; i < child->peer_count; i++)
        say_hello_to(child, child->peers[i].channel);
}

static void put_away(struct child *child)
{
    for (size_t i = 0; i < child->peer_count; i++)
        channel_free(child->peers[i].channel);
    for (size_t i = 0; i < child->board_count; i++)
        board_free(child->boards[i].board);
    board_free(child->board);
    channel_free(child->control);
    loop_timer_free(child->beat);
    loop_timer_free(child->ending);
    loop_free(child->loop);
}

int child_main(enum role role, const struct child_callbacks *callbacks, int argc, char **argv)
{
    static struct child child;

    (void)argc;
    if (!channel_control_is_given()) {
        log_error("%s is started by tandemd, not by hand", argv[0]);
        return EXIT_FAILURE;
    }
    prctl(PR_SET_NAME, role_program(role), 0UL, 0UL,
          0UL); /* it may have been executed by a descriptor (programs.h) */
    signal(SIGPIPE, SIG_IGN);
    /* These may be sent to the whole group (a terminal, timeout, a service manager): the supervisor has them
     * too, and orders the stop. A child that died of one would send no priority 0. */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    child = (struct child){.role = role, .callbacks = callbacks, .data = callbacks->data, .slice = -1};
    for (size_t i = 0; i < CONTROL_FILE_KINDS; i++)
        child.files[i] = -1;
    child.loop = loop_new();
    if (child.loop == NULL)
        log_fatal("no event loop: %s", strerror(errno));
    child.control =
        channel_new(child.loop, CHANNEL_CONTROL_FD, role, ROLE_SUPERVISOR, &control_callbacks, &child);
    child.beat = loop_timer_new(child.loop, beat, &child);
    child.ending = loop_timer_new(child.loop, end_when_sent, &child);
    if (!collect(&child))
        return EXIT_FAILURE;
    if (child.identity.flags & IDENTITY_DEBUG)
        log_set_level(LOG_LEVEL_DEBUG);
    if (child.identity.name[0] != '\0')
        prctl(PR_SET_NAME, child.identity.name);
    if (callbacks->prepare != NULL)
        callbacks->prepare(&child);
    privileges_drop(role, &child.identity);
    beat(&child);
    say_hello(&child);
    callbacks->start(&child);
    loop_run(child.loop);
    put_away(&child);
    return EXIT_SUCCESS;
}
