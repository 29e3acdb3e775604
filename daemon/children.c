/*
 * The set of child processes. See children.h.
 */
#include "daemon/children.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/namespace.h"

#define SPARE_RECORDS 64 /* a reload that adds a few objects does not need a new board */

struct process *children_find(const struct children *children, enum role role, uint16_t index)
{
    for (size_t i = 0; i < children->count; i++) {
        struct process *process = children->items[i];

        if (process_role(process) == role && process_index(process) == index)
            return process;
    }
    return NULL;
}

static int64_t wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void children_set_state(struct children *children, struct process *process, enum process_state state)
{
    const struct process_memory *memory = process_memory(process);
    union supervisor_board_record record = {.process = {
                                                .role = (uint16_t)process_role(process),
                                                .index = process_index(process),
                                                .state = state,
                                                .pid = process_pid(process),
                                                .last_status = memory->last_status,
                                                .respawns = memory->respawns,
                                                .poisoned = memory->respawn.poisoned,
                                                .started_wall_ns = wall_ns(),
                                            }};
    uint64_t key = supervisor_record_key(process_role(process), process_index(process));
    union supervisor_board_record before;

    if (state != PROCESS_STARTING && board_read(children->board, key, &before))
        record.process.started_wall_ns = before.process.started_wall_ns;
    process_memory(process)->state = state;
    board_write(children->board, key, &record);
}

/* ------------------------------------------------------------------ parts of a configuration */

static bool give_board(struct process *process, uint32_t objects)
{
    struct process_memory *memory = process_memory(process);
    struct board *board;

    if (memory->board != NULL && objects <= board_slots(memory->board) / 3 * 2)
        return false;
    board = memory->board == NULL ? board_new(process_role(process), objects + SPARE_RECORDS)
                                  : board_copy_larger(memory->board, objects + SPARE_RECORDS);
    if (board == NULL)
        log_fatal("no board for %s: %s", process_name(process), strerror(errno));
    board_free(memory->board);
    memory->board = board;
    return true;
}

struct process *children_adopt_part(struct children *children, struct configuration_part *part, bool *grown)
{
    struct process *process = children_find(children, part->role, part->index);
    struct process_memory *memory;

    if (process == NULL) {
        if (children->count == CONFIGURATION_PROCESSES_MAX)
            log_fatal("more than %d processes", CONFIGURATION_PROCESSES_MAX);
        process = process_new(children->loop, part->role, part->index, children->callbacks, children->data);
        children->items[children->count++] = process;
    }
    memory = process_memory(process);
    if (memory->slice >= 0)
        close(memory->slice);
    if (memory->whole >= 0)
        close(memory->whole);
    memory->slice = part->slice;
    memory->whole = part->whole;
    part->slice = part->whole = -1;
    *grown = give_board(process, part->objects);
    wiring_connect(children->wiring, process, children->items, children->count);
    return process;
}

void children_remove(struct children *children, struct process *process)
{
    for (size_t i = 0; i < children->count; i++) {
        if (children->items[i] != process)
            continue;
        children->items[i] = children->items[--children->count];
        break;
    }
    wiring_disconnect(children->wiring, process);
    board_remove(children->board, supervisor_record_key(process_role(process), process_index(process)));
    process_free(process);
}

/* ------------------------------------------------------------------ what a child is told */

/* links looks whether vrrp lives before it refreshes a lease; ctl shows everything. */
static bool may_look(enum role viewer, enum role owner)
{
    return viewer == ROLE_CTL || (viewer == ROLE_LINKS && owner == ROLE_VRRP);
}

static void send_board(struct process *to, const struct board *board, enum role role, uint16_t index)
{
    bool own = process_role(to) == role && process_index(to) == index;
    struct control_board payload = {(uint16_t)role, index};
    int fd = own ? board_fd(board) : board_fd_read_only(board);

    if (fd < 0) {
        log_error("the board of %s cannot be shared: %s", role_name(role), strerror(errno));
        return;
    }
    channel_send_fd(process_control(to), CONTROL_BOARD, &payload, fd);
    if (!own)
        close(fd);
}

void children_send_board(struct children *children, struct process *process)
{
    const struct board *board = process_memory(process)->board;

    for (size_t i = 0; i < children->count; i++) {
        struct process *viewer = children->items[i];

        if (viewer == process || may_look(process_role(viewer), process_role(process)))
            send_board(viewer, board, process_role(process), process_index(process));
    }
}

static void send_boards_to(struct children *children, struct process *to)
{
    for (size_t i = 0; i < children->count; i++) {
        struct process *owner = children->items[i];

        if (owner == to || may_look(process_role(to), process_role(owner)))
            send_board(to, process_memory(owner)->board, process_role(owner), process_index(owner));
    }
    if (process_role(to) == ROLE_CTL)
        send_board(to, children->board, ROLE_SUPERVISOR, 0);
}

static const struct conf_tuning *tuning_of(const struct children *children, enum role role)
{
    if (children->settings == NULL)
        return NULL;
    if (role == ROLE_VRRP)
        return &children->settings->vrrp;
    return role == ROLE_CHECKER || role == ROLE_DIRECTOR ? &children->settings->checker : NULL;
}

static void add_tuning(struct control_identity *identity, const struct conf_tuning *tuning)
{
    if (tuning == NULL)
        return;
    identity->tuning = (struct control_tuning){
        .cpus = {tuning->cpus_low, tuning->cpus_high},
        .nice = tuning->nice,
        .realtime_priority = tuning->realtime_priority,
        .lock_memory = tuning->lock_memory,
    };
    if (tuning->name != NULL)
        snprintf(identity->name, sizeof(identity->name), "%s", tuning->name);
}

static void send_identity(struct children *children, struct process *process)
{
    struct control_identity identity = {
        .uid = children->uid,
        .gid = children->gid,
        .control_gid = children->control_gid,
        .flags = children->identity_flags,
        .index = process_index(process),
        .respawns = process_memory(process)->respawns,
    };

    add_tuning(&identity, tuning_of(children, process_role(process)));
    for (size_t i = 0; i < children->count; i++)
        identity.count =
            (uint16_t)(identity.count + (process_role(children->items[i]) == process_role(process)));
    while (identity.incarnation == 0) {
        if (getrandom(&identity.incarnation, sizeof(identity.incarnation), 0) < 0)
            log_fatal("no random numbers: %s", strerror(errno));
    }
    channel_send(process_control(process), CONTROL_IDENTITY, &identity);
}

static void send_file(struct process *process, enum control_file_kind kind, int fd)
{
    struct control_file file = {kind};

    channel_send_fd(process_control(process), CONTROL_FILE, &file, fd);
}

void children_send_slice(struct process *process)
{
    const struct process_memory *memory = process_memory(process);

    if (memory->whole >= 0)
        send_file(process, CONTROL_FILE_WHOLE, memory->whole);
    channel_send_fd(process_control(process), CONTROL_SLICE, NULL, memory->slice);
}

/* A program starts in the network namespace of whoever starts it. */
static bool spawn(const struct children *children, struct process *process)
{
    bool spawned;

    if (process_role(process) != ROLE_DIRECTOR || children->ipvs_namespace < 0)
        return process_spawn(process, children->directory, NULL);
    if (!namespace_enter(children->ipvs_namespace))
        return false;
    spawned = process_spawn(process, children->directory, NULL);
    if (!namespace_enter(children->own_namespace))
        log_fatal("the daemon's own network namespace is lost");
    return spawned;
}

bool children_launch(struct children *children, struct process *process)
{
    struct channel *control;

    if (!spawn(children, process))
        return false;
    control = process_control(process);
    send_identity(children, process);
    send_boards_to(children, process);
    wiring_send_ends(children->wiring, process);
    process_send_held(process);
    if (process_role(process) == ROLE_DIRECTOR)
        send_file(process, CONTROL_FILE_IPVS_JOURNAL, children->files->journal);
    if (process_role(process) == ROLE_CTL)
        send_file(process, CONTROL_FILE_CONTROL_SOCKET, children->files->control_socket);
    children_send_slice(process);
    if (process_role(process) == ROLE_DIRECTOR && !children->scripts_behind)
        channel_send(control, CONTROL_TELL, NULL);
    channel_send(control, CONTROL_START, NULL);
    if (children->go && process_role(process) == ROLE_VRRP)
        channel_send(control, CONTROL_GO, NULL);
    children_set_state(children, process, PROCESS_STARTING);
    return true;
}

void children_order_stop(struct children *children, struct process *process)
{
    children_set_state(children, process, PROCESS_STOPPING);
    channel_send(process_control(process), CONTROL_STOP, NULL);
}

void children_go(struct children *children)
{
    struct process *vrrp = children_find(children, ROLE_VRRP, 0);

    if (children->go)
        return;
    children->go = true;
    if (vrrp != NULL)
        channel_send(process_control(vrrp), CONTROL_GO, NULL);
}

void children_scripts_know(struct children *children)
{
    struct process *director = children_find(children, ROLE_DIRECTOR, 0);

    children->scripts_behind = false;
    if (director != NULL)
        channel_send(process_control(director), CONTROL_TELL, NULL);
}

/* ------------------------------------------------------------------ all of them */

void children_reap(struct children *children)
{
    for (size_t i = children->count; i > 0; i--) {
        if (i <= children->count) /* the end of one may remove others */
            process_reap(children->items[i - 1]);
    }
}

bool children_all_ready(const struct children *children)
{
    for (size_t i = 0; i < children->count; i++) {
        if (process_memory(children->items[i])->state != PROCESS_READY)
            return false;
    }
    return true;
}
