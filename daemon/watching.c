/*
 * The supervisor's watch over its children: a death is repaired at once (respawn.c says when not), a hang is
 * made a death. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static struct span longest_silence(struct process *process)
{
    bool has_begun = !mono_before(board_last_beat(process_memory(process)->board), process_started(process));
    bool holds_addresses = process_role(process) == ROLE_VRRP || process_role(process) == ROLE_LINKS;

    return has_begun && holds_addresses ? span_ms(2000) : span_s(10);
}

/* false if the kernel does not say. */
static bool see_activity(pid_t pid, struct activity *activity)
{
    char path[64], text[1024];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    length = read(fd, text, sizeof(text) - 1);
    close(fd);
    return length > 0 && activity_parse(text, (size_t)length, sysconf(_SC_CLK_TCK), activity);
}

static void judge_silence(struct process *process, struct mono now, struct span silence)
{
    struct hang_watch *watch = &process_memory(process)->hang;
    struct span limit = longest_silence(process);
    struct activity activity;
    bool seen;

    if (silence.ns <= limit.ns / 2) {
        *watch = (struct hang_watch){0};
        return;
    }
    seen = see_activity(process_pid(process), &activity);
    switch (hang_look(watch, now, silence, limit, seen ? &activity : NULL)) {
    case HANG_NONE:
        return;
    case HANG_STARVED:
        if (!watch->told)
            log_warning("%s has not moved for %.1f s: it waits for a processor or for the kernel; this "
                        "machine is overloaded",
                        process_name(process), span_seconds(silence));
        watch->told = true;
        return;
    case HANG_SURE:
        log_error("%s has not moved for %.1f s: it is killed and started afresh", process_name(process),
                  span_seconds(silence));
        process_kill(process);
        return;
    }
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
    judge_silence(process, now, mono_since(now, last));
}
