/*
 * The supervisor's part in an advance (conf/advance.h): the director goes ahead of a reload with what is new,
 * so that the kernel has it while the reader still reads. See supervisor.h.
 *
 * Nobody else knows of it, and nothing depends on it: the director's part of the whole comes as with every
 * reload, and leaves nothing to do. If the whole is not taken after all, which only a machine can bring about
 * that changes while it is read, or a reader that is killed, the part in force brings the old table back.
 *
 * Also here: the record of the configuration in force, by which the reader sees what is new.
 */
#include "daemon/supervisor_parts.h"

#include <unistd.h>

#include "daemon/core/log.h"

void supervisor_advance(const struct advance *advance, int slice, void *data)
{
    struct supervisor *supervisor = data;
    struct process *director = children_find(&supervisor->children, ROLE_DIRECTOR, 0);

    if (supervisor->phase != PHASE_RUNNING || !mono_is_set(supervisor->launched) || director == NULL ||
        !process_runs(director))
        return;
    supervisor->advanced = true;
    supervisor->children.scripts_behind = true;
    channel_send_fd(process_control(director), CONTROL_ADVANCE, advance, slice);
}

void supervisor_take_advance_back(struct supervisor *supervisor)
{
    struct process *director = children_find(&supervisor->children, ROLE_DIRECTOR, 0);

    if (!supervisor->advanced)
        return;
    supervisor->advanced = false;
    log_error("the IPVS table was ahead of a configuration that is not taken, and goes back");
    if (director != NULL && process_runs(director))
        children_send_slice(director);
    children_scripts_know(&supervisor->children);
}

/* ------------------------------------------------------------------ the record */

void supervisor_forget_record(struct supervisor *supervisor)
{
    if (supervisor->record >= 0)
        close(supervisor->record);
    supervisor->record = -1;
}

void supervisor_record_begin(struct supervisor *supervisor)
{
    supervisor->heeded = false;
}

void supervisor_record_heeded(struct supervisor *supervisor)
{
    supervisor->heeded = true;
    supervisor_forget_record(supervisor);
}

void supervisor_record_end(struct supervisor *supervisor)
{
    if (!supervisor->heeded)
        return;
    supervisor_forget_record(supervisor);
    supervisor->record = configuration_take_record(supervisor->load);
}
