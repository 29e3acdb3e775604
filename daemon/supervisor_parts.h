/*
 * The supervisor's state and what its parts ask of each other. Private to supervisor.c, starting.c, reload.c,
 * watching.c, stopping.c, upgrade.c and succession.c.
 */
#ifndef TANDEM_DAEMON_SUPERVISOR_PARTS_H
#define TANDEM_DAEMON_SUPERVISOR_PARTS_H

#include "conf/model.h"
#include "conf/secret_key.h"
#include "daemon/children.h"
#include "daemon/core/board_records.h"
#include "daemon/dump_file.h"
#include "daemon/inheritance.h"
#include "daemon/reload_clock.h"
#include "daemon/supervisor.h"

#define SUPERVISOR_STOP_STAGES 6

enum phase {
    PHASE_STARTING,
    PHASE_RUNNING,
    PHASE_STOPPING,
};

/* An upgrade that was asked for: a reload, then the installed program is asked whether it can take over. */
struct supervisor_upgrade {
    bool reloading;
    pid_t pid;        /* of the program that is asked; 0 = none */
    int words;        /* memfd with what it says */
    uint64_t command; /* of ctl, to be answered */
    struct mono patience;
};

/* The processes of the version before this one, after an upgrade. */
struct elders {
    struct process *items[CONFIGURATION_PROCESSES_MAX];
    size_t count;
    struct inheritance left;             /* what successors get; empty once they have it */
    struct configuration *configuration; /* for the successors, while elders end */
    struct mono due;                     /* to try again, or to kill who was let go */
    bool stop_follows;                   /* a stop was ordered while elders end */
};

/* A file that a signal asked for. */
struct dump {
    bool wanted;
    bool clear;             /* the counters begin anew with it */
    struct dump_file *file; /* being written by ctl; NULL = none */
    uint64_t id;            /* of the order to write it */
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
    char status[480]; /* last told to systemd */
    /* a load of the configuration */
    struct configuration_load *load;
    struct conf_secret_key secret_key;
    int record;            /* what the reader of the configuration in force left for the next; -1 = nothing */
    bool heeded;           /* the load's configuration was taken: its record is that */
    bool advanced;         /* the director went ahead with a part of the load under way */
    bool load_again;       /* SIGHUP during a load */
    uint64_t command;      /* of ctl, answered by the load under way; 0 = none */
    uint64_t command_next; /* of ctl, answered by the load after that */
    /* a reload under way */
    size_t reload_step; /* in reload_order; past its end = none */
    struct mono reload_patience;
    struct configuration *applied;
    /* of reloads in general */
    struct reload_record reload; /* as it is on the board */
    struct reload_clock *clock;
    struct dump dumps[DUMP_KINDS];
    /* the stop */
    size_t stop_stage;
    struct mono stop_patience;
    /* an upgrade under way, and after one */
    struct supervisor_upgrade upgrade;
    struct elders elders;
};

/* supervisor.c */

/* Says to systemd how things are, if that is not what it was told last. */
void supervisor_tell_status(struct supervisor *supervisor);

/* reload_record.c */

/* The configuration that was read is in force: a refusal before it is forgotten. */
void supervisor_reload_taken(struct supervisor *supervisor);

/* The last reload changed nothing, for so many problems, of which the first is told. */
void supervisor_reload_refused(struct supervisor *supervisor, uint32_t problems, const char *problem);

/* A reload_clock_callbacks.planned of the supervisor. */
void supervisor_reload_planned(int64_t due_s, void *data);

/* reload_advance.c */

/* A configuration_callbacks.advance of the supervisor: the director, if it runs, goes ahead. */
void supervisor_advance(const struct advance *advance, int slice, void *data);

/* The load it was of is not taken: the director gets the configuration in force once more. */
void supervisor_take_advance_back(struct supervisor *supervisor);

/* A load begins: whether its configuration is heeded will be seen. */
void supervisor_record_begin(struct supervisor *supervisor);

/* Its configuration is heeded: what is recorded is not in force any more. */
void supervisor_record_heeded(struct supervisor *supervisor);

/* There is none. */
void supervisor_forget_record(struct supervisor *supervisor);

/* Its reader has ended: what it left is the record, if it was heeded. */
void supervisor_record_end(struct supervisor *supervisor);

/* settling.c */

/* Takes the configuration's own slice; false (logged) if there is none that can be read. */
bool supervisor_take_settings(struct supervisor *supervisor, struct configuration *configuration);

/* With the first settings: enters the network namespace, opens pid file, control socket and journal. False
 * (logged) if something is in the way. */
bool supervisor_settle(struct supervisor *supervisor);

/* The same after an upgrade: this process is in its namespace, and the files are those the version before had
 * open. */
bool supervisor_settle_as_heir(struct supervisor *supervisor, const struct inheritance_files *left);

/* The name of the network namespace the processes run in; NULL = that in which we were started. */
const char *supervisor_namespace_name(const struct supervisor *supervisor);

/* dumping.c */

/* Somebody asks for a file: now, or as soon as ctl is there to write it. */
void supervisor_want_dump(struct supervisor *supervisor, enum dump_kind kind, bool clear);

/* ctl is ready to write what is wanted. */
void supervisor_go_on_dumping(struct supervisor *supervisor);

/* ctl has written a file, or could not. */
void supervisor_dumped(struct supervisor *supervisor, const struct command_dumped *answer);

/* ctl is gone; what it was writing is not complete. */
void supervisor_give_up_dumps(struct supervisor *supervisor);

/* starting.c */

/* Starts what the first configuration asks for, or stops if it is refused. Takes configuration over. */
void supervisor_first_configuration(struct supervisor *supervisor, struct configuration *configuration);

/* Starts all processes that there are. */
void supervisor_launch_all(struct supervisor *supervisor);

/* A process says that it is confined and runs. */
void supervisor_process_ready(struct supervisor *supervisor, struct process *process);

/* Those that go first are ready, or cannot be: the others start. Nothing if there is no such wait. */
void supervisor_first_is_over(struct supervisor *supervisor);

/* Tells systemd, the parent and the log that the start is over; once. */
void supervisor_say_ready(struct supervisor *supervisor);

/* Has ip_vs loaded where the kernel may not ask for it itself; waits for modprobe. */
void supervisor_load_ipvs_module(void);

/* reload.c */

/* Answers a command of ctl; 0 = nobody asked. outcome: enum reader_outcome; text for the user. */
void supervisor_answer(struct supervisor *supervisor, uint64_t command, bool ok, uint32_t outcome,
                       const char *text);

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

/* upgrade.c */

/* Begins to go over to the installed program; ctl gets its answer when that is certain, or refused. */
void supervisor_want_upgrade(struct supervisor *supervisor, uint64_t command);

/* The reload before an upgrade is over; text is what there is to say about it. */
void supervisor_upgrade_reloaded(struct supervisor *supervisor, bool ok, const char *text);

/* Looks whether the program that was asked has ended: after SIGCHLD. And has it end if it takes too long. */
void supervisor_upgrade_reap(struct supervisor *supervisor);
void supervisor_upgrade_judge(const struct supervisor *supervisor, struct mono now);

/* succession.c */

/* Takes over what the version before left: its processes become our elders. */
void supervisor_inherit(struct supervisor *supervisor, struct inheritance *inheritance);

/* True until their successors have been started. */
bool supervisor_has_elders(const struct supervisor *supervisor);

/* Ends the elders and starts their successors; if the configuration cannot be used (logged), the elders go on
 * and it is read again later. Takes configuration over. */
void supervisor_replace_elders(struct supervisor *supervisor, struct configuration *configuration);

/* The stop: they stop gracefully, all at once. False if they are just ending: then the stop follows by itself
 * when their successors have been started, for only those can put away what is held. */
bool supervisor_stop_elders(struct supervisor *supervisor);
bool supervisor_elders_run(const struct supervisor *supervisor);

/* Looks whether they have ended: after SIGCHLD. What is due at that time. The end. */
void supervisor_elders_reap(struct supervisor *supervisor);
void supervisor_elders_judge(struct supervisor *supervisor, struct mono now);
void supervisor_elders_free(struct supervisor *supervisor);

#endif
