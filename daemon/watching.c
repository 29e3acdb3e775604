/*
 * The supervisor's watch over its children: a death is repaired at once (respawn.c says when not), a hang is
 * made a death. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "daemon/core/log.h"
#include "daemon/pid_file.h"

#define LAUNCH_AGAIN        span_s(1) /* after a program could not be started */
#define STATUS_NOT_EXECUTED 127

static void describe_death(const struct process *process, int status)
{
    if (WIFSIGNALED(status))
        log_error("%s was killed by signal %d (%s)", process_name(process), WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    else
        log_error("%s ended with status %d", process_name(process), WEXITSTATUS(status));
}

/* Of the process that a child of keepalived's with such a file corresponds to; NULL = none. */
static const char *pid_file_of(const struct supervisor *supervisor, enum role role)
{
    if (role == ROLE_VRRP)
        return supervisor->options->vrrp_pid_file;
    return role == ROLE_DIRECTOR ? supervisor->options->checkers_pid_file : NULL;
}

bool supervisor_start_process(struct supervisor *supervisor, struct process *process)
{
    if (!children_launch(&supervisor->children, process))
        return false;
    pid_file_write(pid_file_of(supervisor, process_role(process)), process_pid(process));
    return true;
}

void supervisor_launch(struct supervisor *supervisor, struct process *process)
{
    struct process_memory *memory = process_memory(process);

    memory->restart_due = (struct mono){0};
    if (supervisor_start_process(supervisor, process))
        return;
    children_set_state(&supervisor->children, process, PROCESS_WAITING);
    memory->restart_due = mono_add(mono_now(), LAUNCH_AGAIN);
}

static void respawn(struct supervisor *supervisor, struct process *process)
{
    process_memory(process)->respawns++;
    supervisor_launch(supervisor, process);
}

/* The shell's and the dynamic linker's status for what cannot be executed: trying again would not help. */
static bool cannot_be_executed(const struct supervisor *supervisor, struct process *process, int status)
{
    return supervisor->phase == PHASE_STARTING && WIFEXITED(status) &&
           WEXITSTATUS(status) == STATUS_NOT_EXECUTED && process_memory(process)->state == PROCESS_STARTING;
}

/* A child that dies again and again must not hold addresses that nobody serves: its peers see its end, and
 * links puts the addresses of a vrrp that ended away. */
static void poison(struct supervisor *supervisor, struct process *process)
{
    struct children *children = &supervisor->children;

    log_error("%s died %d times in ten seconds; next start in %.0f s", process_name(process), RESPAWN_DEATHS,
              span_seconds(process_memory(process)->respawn.delay));
    supervisor_first_is_over(supervisor);
    if (process_role(process) != ROLE_VRRP && process_role(process) != ROLE_LINKS)
        return;
    log_error("the virtual addresses are withdrawn until %s stays alive", process_name(process));
    wiring_disconnect(children->wiring, process);
    wiring_connect(children->wiring, process, children->items, children->count);
}

/* It stopped because it was told to, or died when nobody needs it any more. */
static void child_is_gone(struct supervisor *supervisor, struct process *process)
{
    children_set_state(&supervisor->children, process, PROCESS_ABSENT);
    if (supervisor->phase == PHASE_STOPPING) {
        supervisor_stop_next(supervisor);
        return;
    }
    children_remove(&supervisor->children, process);
    supervisor_reload_goes_on(supervisor);
}

void supervisor_process_ended(struct process *process, int status, void *data)
{
    struct supervisor *supervisor = data;
    struct process_memory *memory = process_memory(process);
    struct mono now = mono_now();

    pid_file_remove(pid_file_of(supervisor, process_role(process)));
    if (process_role(process) == ROLE_CTL)
        supervisor_give_up_dumps(supervisor);
    if (memory->state == PROCESS_STOPPING) {
        if (status != 0)
            describe_death(process, status);
        child_is_gone(supervisor, process);
        return;
    }
    describe_death(process, status);
    if (supervisor_has_dismissed(process)) {
        child_is_gone(supervisor, process);
        return;
    }
    if (cannot_be_executed(supervisor, process, status)) {
        log_error(
            "%s cannot be executed: %s/%s ended before it began (ldd shows whether a library is missing)",
            process_name(process), supervisor->children.directory, role_program(process_role(process)));
        supervisor_begin_stop(supervisor, EXIT_FAILURE);
        return;
    }
    if (supervisor->options->dont_respawn && supervisor->phase != PHASE_STOPPING) {
        log_error("%s is not started again (--dont-respawn): stopping", process_name(process));
        children_set_state(&supervisor->children, process, PROCESS_ABSENT);
        supervisor_begin_stop(supervisor, EXIT_FAILURE);
        return;
    }
    respawn_has_run(&memory->respawn, mono_since(now, process_started(process)));
    memory->restart_due = respawn_after_death(&memory->respawn, now);
    children_set_state(&supervisor->children, process, PROCESS_WAITING);
    if (memory->respawn.poisoned)
        poison(supervisor, process);
    else
        respawn(supervisor, process);
    supervisor_process_reloaded(supervisor, process, true); /* the successor reads the newest slice anyway */
}

static struct span longest_silence(enum role role)
{
    return role == ROLE_VRRP || role == ROLE_LINKS ? span_ms(2000) : span_s(10);
}

void supervisor_judge(struct supervisor *supervisor, struct process *process, struct mono now)
{
    struct process_memory *memory = process_memory(process);
    struct mono last = board_last_beat(memory->board);

    if (supervisor_has_dismissed(process) && !process_runs(process))
        return;
    if (memory->state == PROCESS_WAITING && mono_is_set(memory->restart_due) &&
        !mono_before(now, memory->restart_due)) {
        respawn(supervisor, process);
        return;
    }
    if (!process_runs(process) || memory->state == PROCESS_STOPPING ||
        mono_before(now, supervisor->judge_after))
        return;
    if (mono_before(last, process_started(process)))
        last = process_started(process);
    if (mono_since(now, last).ns <= longest_silence(process_role(process)).ns)
        return;
    log_error("%s has not moved for %.1f s: it is killed and started afresh", process_name(process),
              span_seconds(mono_since(now, last)));
    process_kill(process);
}
