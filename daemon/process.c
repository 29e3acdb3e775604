/*
 * One child process. See process.h.
 */
#include "daemon/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uthash.h>

#include "daemon/core/log.h"
#include "daemon/log_output.h"
#include "daemon/programs.h"

#define FD_ABOVE      10 /* ours stay clear of what a child gets */
#define LINES_A_WAKE  32
#define ARGUMENTS_MAX 16

struct held {
    uint64_t key;
    int fd;
    UT_hash_handle hh;
};

struct process {
    struct loop *loop;
    enum role role;
    uint16_t index;
    char name[24];
    const struct process_callbacks *callbacks;
    void *data;
    pid_t pid; /* 0 = does not run */
    struct mono started;
    struct channel *control;
    int foreign_control; /* of one that the version before started; else -1 */
    int log;
    struct loop_watch *log_watch;
    struct held *held;
    struct process_memory memory;
};

static void forward_lines(int fd, unsigned int ready, void *data);
static void control_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                            void *data);
static void control_closed(struct channel *channel, void *data);

static const struct channel_callbacks control_callbacks = {control_message, NULL, control_closed};

struct process *process_new(struct loop *loop, enum role role, uint16_t index,
                            const struct process_callbacks *callbacks, void *data)
{
    struct process *process = calloc(1, sizeof(*process));

    if (process == NULL)
        abort();
    process->loop = loop;
    process->role = role;
    process->index = index;
    process->callbacks = callbacks;
    process->data = data;
    process->log = -1;
    process->foreign_control = -1;
    process->memory.slice = -1;
    process->memory.whole = -1;
    if (index == 0)
        snprintf(process->name, sizeof(process->name), "%s", role_name(role));
    else
        snprintf(process->name, sizeof(process->name), "%s %u", role_name(role), index + 1U);
    return process;
}

static void close_channels(struct process *process)
{
    channel_free(process->control);
    process->control = NULL;
    process_let_go(process);
    loop_watch_free(process->log_watch);
    process->log_watch = NULL;
    if (process->log >= 0)
        close(process->log);
    process->log = -1;
}

static void forget_held(struct process *process, struct held *held)
{
    HASH_DEL(process->held, held);
    close(held->fd);
    free(held);
}

void process_free(struct process *process)
{
    struct held *held, *next;

    if (process == NULL)
        return;
    close_channels(process);
    HASH_ITER(hh, process->held, held, next)
    forget_held(process, held);
    board_free(process->memory.board);
    if (process->memory.slice >= 0)
        close(process->memory.slice);
    if (process->memory.whole >= 0)
        close(process->memory.whole);
    free(process);
}

/* ------------------------------------------------------------------ spawning */

/* Moves a descriptor out of the range that the child's fixed ones occupy. -1 if there are no more. */
static int moved_up(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FD_ABOVE);

    close(fd);
    return moved;
}

static int spawn(pid_t *pid, const char *path, char *const *argv, int control)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, control, CHANNEL_CONTROL_FD);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    error = posix_spawn(pid, path, &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static bool make_pairs(int control[2], int log[2])
{
    if (channel_pair(control) != 0)
        return false;
    if (channel_pair(log) != 0) {
        close(control[0]);
        close(control[1]);
        return false;
    }
    for (int i = 0; i < 2; i++) {
        control[i] = moved_up(control[i]);
        log[i] = moved_up(log[i]);
    }
    if (control[0] >= 0 && control[1] >= 0 && log[0] >= 0 && log[1] >= 0)
        return true;
    for (int i = 0; i < 2; i++) {
        close(control[i]);
        close(log[i]);
    }
    errno = EMFILE;
    return false;
}

static void fill_arguments(char *argv[ARGUMENTS_MAX], char *program, char *const *arguments)
{
    int count = 1;

    argv[0] = program;
    while (arguments != NULL && *arguments != NULL && count < ARGUMENTS_MAX - 1)
        argv[count++] = *arguments++;
    argv[count] = NULL;
}

bool process_spawn(struct process *process, const char *directory, char *const *arguments)
{
    char *argv[ARGUMENTS_MAX];
    int control[2], log[2], error;
    char path[4096];

    programs_path(directory, process->role, path, sizeof(path));
    fill_arguments(argv, (char *)role_program(process->role), arguments);
    if (!make_pairs(control, log)) {
        log_error("%s cannot be started: %s", process->name, strerror(errno));
        return false;
    }
    error = spawn(&process->pid, path, argv, control[1]);
    close(control[1]);
    if (error != 0) {
        log_error("%s cannot be started: %s: %s", process->name, path, strerror(error));
        process->pid = 0;
        close(control[0]);
        close(log[0]);
        close(log[1]);
        return false;
    }
    process->started = mono_now();
    process->log = log[0];
    process->log_watch = loop_watch_new(process->loop, log[0], LOOP_READ, forward_lines, process);
    process->control =
        channel_new(process->loop, control[0], ROLE_SUPERVISOR, process->role, &control_callbacks, process);
    channel_send_fd(process->control, CONTROL_LOG, NULL, log[1]);
    close(log[1]);
    return true;
}

void process_send_held(struct process *process)
{
    for (struct held *held = process->held; held != NULL; held = held->hh.next) {
        struct control_held payload = {held->key};

        channel_send_fd(process->control, CONTROL_HELD, &payload, held->fd);
    }
}

void process_kill(struct process *process)
{
    if (process->pid > 0)
        kill(process->pid, SIGKILL);
}

void process_put_down(struct process *process)
{
    if (process->pid <= 0)
        return;
    process_kill(process);
    while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    process->pid = 0;
}

/* ------------------------------------------------------------------ what it says */

static void forward_lines(int fd, unsigned int ready, void *data)
{
    struct process *process = data;

    (void)ready;
    for (int i = 0; i < LINES_A_WAKE; i++) {
        struct log_datagram line;
        ssize_t length = recv(fd, &line, sizeof(line), MSG_DONTWAIT);

        if (length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR)) {
            loop_watch_want(process->log_watch, 0);
            return;
        }
        if (length < (ssize_t)LOG_DATAGRAM_HEAD)
            return;
        log_output_line((enum log_level)line.level, process->name, line.text,
                        (int)(length - (ssize_t)LOG_DATAGRAM_HEAD));
    }
}

void process_hold(struct process *process, uint64_t key, int fd)
{
    struct held *held;

    HASH_FIND(hh, process->held, &key, sizeof(key), held);
    if (held != NULL)
        forget_held(process, held);
    held = calloc(1, sizeof(*held));
    if (held == NULL)
        abort();
    held->key = key;
    held->fd = fd;
    HASH_ADD(hh, process->held, key, sizeof(held->key), held);
}

static void release(struct process *process, uint64_t key)
{
    struct held *held;

    HASH_FIND(hh, process->held, &key, sizeof(key), held);
    if (held != NULL)
        forget_held(process, held);
}

static void control_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                            void *data)
{
    struct process *process = data;

    (void)channel;
    if (type == CHILD_HOLD)
        process_hold(process, ((const struct child_hold *)payload)->key, fd);
    else if (type == CHILD_RELEASE)
        release(process, ((const struct child_hold *)payload)->key);
    else
        process->callbacks->message(process, type, payload, fd, process->data);
}

static void control_closed(struct channel *channel, void *data)
{
    struct process *process = data;

    process->control = NULL;
    channel_free(channel);
}

void process_reap(struct process *process)
{
    int status;

    if (process->pid <= 0 || waitpid(process->pid, &status, WNOHANG) != process->pid)
        return;
    process->pid = 0;
    while (process->control != NULL && channel_receive_now(process->control))
        continue;
    if (process->log >= 0)
        forward_lines(process->log, LOOP_READ, process);
    close_channels(process);
    process->memory.last_status = status;
    process->callbacks->ended(process, status, process->data);
}

/* ------------------------------------------------------------------ from one supervisor to the next */

void process_bequeath(struct process *process, struct inheritance *inheritance)
{
    struct inherited_process bequest = {
        .role = (uint16_t)process->role,
        .index = process->index,
        .pid = process->pid,
        .control = -1,
        .log = process->log,
        .board = process->memory.board == NULL ? -1 : board_fd(process->memory.board),
        .respawns = process->memory.respawns,
        .started_ns = process->started.ns,
    };

    while (process->control != NULL && channel_receive_now(process->control))
        continue; /* sockets to hold */
    if (process->control != NULL)
        bequest.control = channel_fd(process->control);
    inheritance_add_process(inheritance, &bequest);
    for (struct held *held = process->held; held != NULL; held = held->hh.next) {
        struct inherited_held one = {held->key, (uint16_t)process->role, process->index, held->fd};

        inheritance_add_held(inheritance, &one);
    }
}

struct process *process_inherit(struct loop *loop, const struct inherited_process *inherited,
                                const struct process_callbacks *callbacks, void *data)
{
    struct process *process =
        process_new(loop, (enum role)inherited->role, inherited->index, callbacks, data);

    process->pid = inherited->pid;
    process->started.ns = inherited->started_ns;
    process->memory.respawns = inherited->respawns;
    process->foreign_control = inherited->control;
    process->log = inherited->log;
    if (process->log >= 0)
        process->log_watch = loop_watch_new(loop, process->log, LOOP_READ, forward_lines, process);
    return process;
}

void process_let_go(struct process *process)
{
    if (process->foreign_control >= 0)
        close(process->foreign_control);
    process->foreign_control = -1;
}

/* ------------------------------------------------------------------ accessors */

enum role process_role(const struct process *process)
{
    return process->role;
}

uint16_t process_index(const struct process *process)
{
    return process->index;
}

const char *process_name(const struct process *process)
{
    return process->name;
}

bool process_runs(const struct process *process)
{
    return process->pid > 0;
}

pid_t process_pid(const struct process *process)
{
    return process->pid;
}

struct channel *process_control(struct process *process)
{
    return process->control;
}

struct mono process_started(const struct process *process)
{
    return process->started;
}

struct process_memory *process_memory(struct process *process)
{
    return &process->memory;
}
