/*
 * The supervisor after an upgrade (upgrade.c): the processes that the version before started are its elders.
 * They go on with their work while we read the configuration with our own reader; then all are ended at once
 * and ours are started with the elders' boards and sockets: what a crash of all of them would be, in the
 * milliseconds between two adverts.
 *
 * No message crosses between two versions.
 */
#include "daemon/supervisor_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/log.h"

#define TRY_AGAIN     span_s(10)
#define STOP_PATIENCE span_s(25)

bool supervisor_elders_run(const struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->elders.count; i++) {
        if (process_runs(supervisor->elders.items[i]))
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------ what they leave */

static void inherit_board(struct elders *elders, struct process *process, uint32_t objects)
{
    struct process_memory *memory = process_memory(process);
    struct board *board;

    for (size_t i = 0; i < elders->left.process_count; i++) {
        struct inherited_process *elder = &elders->left.processes[i];

        if (elder->role != process_role(process) || elder->index != process_index(process))
            continue;
        memory->respawns = elder->respawns + 1;
        board = elder->board < 0 ? NULL : board_inherit(elder->board, process_role(process), objects);
        if (board == NULL) {
            log_error("%s begins anew: the board of its elder cannot be read: %s", process_name(process),
                      strerror(errno));
            return;
        }
        board_free(memory->board);
        memory->board = board;
    }
}

static void inherit_held(struct elders *elders, struct process *process)
{
    for (size_t i = 0; i < elders->left.held_count; i++) {
        struct inherited_held *held = &elders->left.held[i];

        if (held->fd < 0 || held->role != process_role(process) || held->index != process_index(process))
            continue;
        process_hold(process, held->key, held->fd);
        held->fd = -1;
    }
}

static void forget_left(struct inheritance *left)
{
    for (size_t i = 0; i < left->process_count; i++) {
        if (left->processes[i].board >= 0)
            close(left->processes[i].board);
    }
    for (size_t i = 0; i < left->held_count; i++) {
        if (left->held[i].fd >= 0)
            close(left->held[i].fd);
    }
    inheritance_free(left);
}

static void start_successors(struct supervisor *supervisor)
{
    struct configuration *configuration = supervisor->elders.configuration;
    bool grown;

    supervisor->elders.configuration = NULL;
    for (size_t i = 0; i < configuration->part_count; i++) {
        struct configuration_part *part = &configuration->parts[i];
        struct process *process = children_adopt_part(&supervisor->children, part, &grown);

        inherit_board(&supervisor->elders, process, board_slots(process_memory(process)->board) / 3 * 2);
        inherit_held(&supervisor->elders, process);
    }
    forget_left(&supervisor->elders.left);
    configuration_free(configuration);
    supervisor_reload_taken(supervisor);
    supervisor_launch_all(supervisor);
    if (supervisor->elders.stop_follows)
        supervisor_begin_stop(supervisor, EXIT_SUCCESS);
}

/* ------------------------------------------------------------------ their end */

static void elder_message(struct process *process, enum message_type type, const void *payload, int fd,
                          void *data)
{
    (void)process, (void)type, (void)payload, (void)data;
    if (fd >= 0)
        close(fd);
}

static void elder_ended(struct process *process, int status, void *data)
{
    struct supervisor *supervisor = data;

    (void)process, (void)status;
    if (supervisor->phase == PHASE_STOPPING)
        supervisor_stop_next(supervisor);
    else if (supervisor->elders.configuration != NULL && !supervisor_elders_run(supervisor))
        start_successors(supervisor);
}

static const struct process_callbacks elder_callbacks = {elder_message, elder_ended};

void supervisor_inherit(struct supervisor *supervisor, struct inheritance *inheritance)
{
    struct elders *elders = &supervisor->elders;

    elders->left = *inheritance;
    for (size_t i = 0; i < inheritance->process_count && i < CONFIGURATION_PROCESSES_MAX; i++)
        elders->items[elders->count++] =
            process_inherit(supervisor->loop, &inheritance->processes[i], &elder_callbacks, supervisor);
    supervisor->children.go = true;
}

void supervisor_elders_reap(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->elders.count; i++)
        process_reap(supervisor->elders.items[i]);
}

bool supervisor_has_elders(const struct supervisor *supervisor)
{
    return supervisor->elders.left.process_count > 0;
}

static bool can_be_used(struct supervisor *supervisor, struct configuration *configuration)
{
    return !configuration_is_refused(configuration) && supervisor_take_settings(supervisor, configuration) &&
           supervisor_settle_as_heir(supervisor, &supervisor->elders.left.files);
}

void supervisor_replace_elders(struct supervisor *supervisor, struct configuration *configuration)
{
    struct elders *elders = &supervisor->elders;

    if (!can_be_used(supervisor, configuration)) {
        log_error("the processes of the version before go on, unwatched, for the configuration was changed "
                  "since it was tried; it is read again in %.0f s",
                  span_seconds(TRY_AGAIN));
        configuration_free(configuration);
        elders->due = mono_add(mono_now(), TRY_AGAIN);
        return;
    }
    elders->configuration = configuration;
    for (size_t i = 0; i < elders->count; i++)
        process_kill(elders->items[i]);
    if (!supervisor_elders_run(supervisor))
        start_successors(supervisor);
}

bool supervisor_stop_elders(struct supervisor *supervisor)
{
    if (supervisor->elders.configuration != NULL) {
        supervisor->elders.stop_follows = true;
        return false;
    }
    for (size_t i = 0; i < supervisor->elders.count; i++)
        process_let_go(supervisor->elders.items[i]);
    forget_left(&supervisor->elders.left); /* they wait for each other's end */
    supervisor->elders.due = mono_add(mono_now(), STOP_PATIENCE);
    return true;
}

void supervisor_elders_judge(struct supervisor *supervisor, struct mono now)
{
    struct elders *elders = &supervisor->elders;

    if (!mono_is_set(elders->due) || mono_before(now, elders->due))
        return;
    elders->due = (struct mono){0};
    if (supervisor_has_elders(supervisor) && supervisor->phase == PHASE_STARTING) {
        supervisor_start_load(supervisor);
        return;
    }
    for (size_t i = 0; i < elders->count; i++)
        process_kill(elders->items[i]);
}

void supervisor_elders_free(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->elders.count; i++)
        process_free(supervisor->elders.items[i]);
    supervisor->elders.count = 0;
    forget_left(&supervisor->elders.left);
    configuration_free(supervisor->elders.configuration);
    supervisor->elders.configuration = NULL;
}
