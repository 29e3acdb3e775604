/*
 * The supervisor's state and what its parts ask of each other. Private to supervisor.c, starting.c, reload.c,
 * watching.c and stopping.c.
 */
#ifndef TANDEM_DAEMON_SUPERVISOR_PARTS_H
#define TANDEM_DAEMON_SUPERVISOR_PARTS_H

#include "conf/model.h"
#include "daemon/children.h"
#include "daemon/supervisor.h"

#define SUPERVISOR_STOP_STAGES 5

enum phase {
    PHASE_STARTING,
    PHASE_RUNNING,
    PHASE_STOPPING,
};

struct supervisor {
    const struct options *options;
    struct conf_model *settings; /* our own slice of the configuration in force; NULL before the first */
    char *pid_path;              /* from options or settings; NULL before the first configuration */
    struct loop *loop;
    struct run_files files;
    struct children children;
    enum phase phase;
    bool ready_said;
    bool awaits_first; /* a process that goes first is not ready; the others do not run yet */
    int exit_status;
    struct loop_timer *tick;
    struct mono tick_due;
    struct mono launched;    /* when the first processes were started */
    struct mono judge_after; /* no hang is judged before */
    struct mono watchdog_due;
    char status[160]; /* last told to systemd */
    /* a load of the configuration */
    struct configuration_load *load;
    bool load_again;       /* SIGHUP during a load */
    uint64_t command;      /* of ctl, answered by the load under way; 0 = none */
    uint64_t command_next; /* of ctl, answered by the load after that */
    /* a reload under way */
    size_t reload_step; /* in reload_order; past its end = none */
    struct mono reload_patience;
    struct configuration *applied;
    /* the stop */
    size_t stop_stage;
    struct mono stop_patience;
};

/* settling.c */

/* Takes the configuration's own slice; false (logged) if there is none that can be read. */
bool supervisor_take_settings(struct supervisor *supervisor, struct configuration *configuration);

/* With the first settings: enters the network namespace, opens pid file, control socket and journal. False
 * (logged) if something is in the way. */
bool supervisor_settle(struct supervisor *supervisor);

/* starting.c */

/* Starts what the first configuration asks for, or stops if it is refused. Takes configuration over. */
void supervisor_first_configuration(struct supervisor *supervisor, struct configuration *configuration);

/* A process says that it is confined and runs. */
void supervisor_process_ready(struct supervisor *supervisor, struct process *process);

/* Those that go first are ready, or cannot be: the others start. Nothing if there is no such wait. */
void supervisor_first_is_over(struct supervisor *supervisor);

/* Tells systemd, the parent and the log that the start is over; once. */
void supervisor_say_ready(struct supervisor *supervisor);

/* Has ip_vs loaded where the kernel may not ask for it itself; waits for modprobe. */
void supervisor_load_ipvs_module(void);

/* reload.c */

/* Loads the configuration; after the load or reload under way, if there is one. */
void supervisor_start_load(struct supervisor *supervisor);

/* Somebody asks for a reload: now, or when the start is over; not during a stop. */
void supervisor_want_load(struct supervisor *supervisor);

/* A process has taken its slice over, or could not; nothing if that was not awaited. */
void supervisor_process_reloaded(struct supervisor *supervisor, struct process *process, bool ok);

/* The next step of the reload under way, if nobody is waited for any more. */
void supervisor_reload_goes_on(struct supervisor *supervisor);

/* Kills those who neither reload nor stop in time. */
void supervisor_kill_slow_reload(struct supervisor *supervisor);

/* The configuration in force does not need the process: it is stopping, or will at its turn. */
bool supervisor_has_dismissed(struct process *process);

/* watching.c */

/* A process ended, status as wait(2) gives it: a process_callbacks.ended. */
void supervisor_process_ended(struct process *process, int status, void *data);

/* Starts a process and writes its pid file, if it has one; false (logged) if it cannot be started. */
bool supervisor_start_process(struct supervisor *supervisor, struct process *process);

/* Starts a process; if that fails (logged), again in a second. */
void supervisor_launch(struct supervisor *supervisor, struct process *process);

/* Starts again what is due, kills what has not moved for too long. */
void supervisor_judge(struct supervisor *supervisor, struct process *process, struct mono now);

/* stopping.c */

/* Bits of 1 << enum role that stop together, in order. */
extern const unsigned int supervisor_stop_stages[SUPERVISOR_STOP_STAGES];

/* Begins the stop, once; the loop ends with the last stage. */
void supervisor_begin_stop(struct supervisor *supervisor, int exit_status);

/* How long one stage of the stop may take. */
struct span supervisor_stop_patience(const struct supervisor *supervisor);

/* Goes on to the next stage if nothing of this one runs. */
void supervisor_stop_next(struct supervisor *supervisor);

/* The process needs so long for its stop. */
void supervisor_have_patience(struct supervisor *supervisor, struct process *process,
                              const struct child_patience *patience);

/* Kills what is left of a stage. */
void supervisor_kill_stage(struct supervisor *supervisor);

#endif
