/*
 * The supervisor's stop, stage by stage. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include "daemon/core/log.h"
#include "daemon/sd_notify.h"

const unsigned int supervisor_stop_stages[SUPERVISOR_STOP_STAGES] = {
    1U << ROLE_VRRP, 1U << ROLE_DIRECTOR | 1U << ROLE_CHECKER, 1U << ROLE_LINKS, 1U << ROLE_SCRIPTS,
    1U << ROLE_MAIL, 1U << ROLE_CTL,
};

#define USUAL_PATIENCE_S 6

struct span supervisor_stop_patience(const struct supervisor *supervisor)
{
    const struct conf_model *settings = supervisor->settings;

    return span_s(settings == NULL || settings->daemon.child_wait_s == 0 ? USUAL_PATIENCE_S
                                                                         : settings->daemon.child_wait_s);
}

static bool stage_runs(const struct supervisor *supervisor, unsigned int roles)
{
    for (size_t i = 0; i < supervisor->children.count; i++) {
        const struct process *process = supervisor->children.items[i];

        if ((roles & 1U << process_role(process)) != 0 && process_runs(process))
            return true;
    }
    return false;
}

static void order_stop(struct supervisor *supervisor, unsigned int roles)
{
    for (size_t i = 0; i < supervisor->children.count; i++) {
        struct process *process = supervisor->children.items[i];

        if ((roles & 1U << process_role(process)) == 0 || !process_runs(process) ||
            process_memory(process)->state == PROCESS_STOPPING)
            continue;
        children_order_stop(&supervisor->children, process);
    }
    supervisor->stop_patience = mono_add(mono_now(), supervisor_stop_patience(supervisor));
}

void supervisor_stop_next(struct supervisor *supervisor)
{
    while (supervisor->stop_stage < SUPERVISOR_STOP_STAGES &&
           !stage_runs(supervisor, supervisor_stop_stages[supervisor->stop_stage])) {
        supervisor->stop_stage++;
        if (supervisor->stop_stage < SUPERVISOR_STOP_STAGES)
            order_stop(supervisor, supervisor_stop_stages[supervisor->stop_stage]);
    }
    if (supervisor->stop_stage >= SUPERVISOR_STOP_STAGES && !supervisor_elders_run(supervisor))
        loop_stop(supervisor->loop);
}

void supervisor_have_patience(struct supervisor *supervisor, struct process *process,
                              const struct child_patience *patience)
{
    struct mono until = mono_add(mono_now(), span_ms(patience->ms));

    if (process_memory(process)->state != PROCESS_STOPPING)
        return;
    if (supervisor->phase == PHASE_STOPPING)
        supervisor->stop_patience = until;
    else
        supervisor->reload_patience = until;
}

/* Once, to those who have something to do for the last time when the daemon stops. */
static void announce_shutdown(struct supervisor *supervisor)
{
    static const enum role roles[] = {ROLE_SCRIPTS};

    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        struct process *process = children_find(&supervisor->children, roles[i], 0);

        if (process != NULL)
            channel_send(process_control(process), CONTROL_SHUTDOWN, NULL);
    }
}

void supervisor_kill_stage(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->children.count; i++) {
        struct process *process = supervisor->children.items[i];

        if ((supervisor_stop_stages[supervisor->stop_stage] & 1U << process_role(process)) == 0 ||
            !process_runs(process))
            continue;
        log_error("%s did not stop in time and is killed", process_name(process));
        children_set_state(&supervisor->children, process, PROCESS_STOPPING); /* not to be started again */
        process_kill(process);
    }
}

void supervisor_begin_stop(struct supervisor *supervisor, int exit_status)
{
    if (supervisor->phase == PHASE_STOPPING || !supervisor_stop_elders(supervisor))
        return;
    supervisor->phase = PHASE_STOPPING;
    supervisor->exit_status = exit_status;
    sd_notify_stopping();
    announce_shutdown(supervisor);
    order_stop(supervisor, supervisor_stop_stages[0]);
    supervisor_stop_next(supervisor);
}
