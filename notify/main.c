/*
 * tandem-scripts: runs users' scripts as their users: those of changes (scripts.h), and those that vrrp and
 * the checkers ask for again and again (recurring.h); feeds the FIFOs and keeps their readers running;
 * watches tracked files and processes.
 *
 * It holds CAP_SETUID, CAP_SETGID, CAP_KILL and CAP_CHOWN (FIFOs belong to users), no network and no parser
 * of foreign bytes: events name objects by key, the commands come from its slice. Mail has a process of its
 * own, which hears of every change from here.
 *
 * Start: startup_script has ended before this process says that it is ready, and the supervisor starts the
 * others after that.
 *
 * Stop: the scripts of the last changes must run, so it first hears out those who tell it of changes (vrrp,
 * director). Each of those scripts has a second then, all together have FINISH_TIME. The FIFOs are closed,
 * their readers see the end or are told to end. At last, if it is the daemon that stops, shutdown_script
 * runs.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"
#include "notify/custody.h"
#include "notify/fifos.h"
#include "notify/file_watch.h"
#include "notify/ledger.h"
#include "notify/process_watch.h"
#include "notify/program.h"
#include "notify/recurring.h"
#include "notify/runner.h"
#include "notify/scripts.h"

#define FINISH_PATIENCE span_s(1)  /* for each script when everybody has stopped; as keepalived */
#define FINISH_TIME     span_s(20) /* for all of them */
#define FINISH_GRACE_MS 10000      /* for what has to be killed, on top of what scripts may take */
#define PEERS_PATIENCE  span_s(5)  /* for vrrp and director to end when nobody orders the stop */

struct process {
    struct child *child;
    struct runner *runner;
    struct scripts *scripts;
    struct recurring *recurring;
    struct fifos *fifos;
    struct ledger *ledger;
    struct custody *custody;
    const struct conf_model *model; /* the newest; scripts keeps it and the one before */
    struct file_watch *files;       /* NULL = the kernel does not offer it */
    struct process_watch *processes;
    bool loaded; /* a configuration before this one */
    struct loop_timer *peers_patience;
    bool awaits_peers;
    bool shutdown;           /* the daemon stops, and not only this process */
    unsigned int unfinished; /* of runner, recurring and FIFOs, when stopping */
};

/* What a predecessor left comes before the start. */
static struct process the_process;

/* False, logged, if the slice cannot be used. */
static bool load(struct process *process)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(process->child), CONF_SLICE_SCRIPTS, &why);

    if (model == NULL) {
        log_error("the configuration for the scripts cannot be used: %s", why);
        return false;
    }
    recurring_load(process->recurring, model);
    fifos_load(process->fifos, &model->global);
    if (process->files != NULL)
        file_watch_load(process->files, model,
                        !process->loaded && child_identity(process->child)->respawns == 0);
    process_watch_load(process->processes, model);
    process->loaded = true;
    scripts_load(process->scripts, model); /* keeps this model and the one before */
    process->model = model;
    return true;
}

static void prepare(struct child *child)
{
    (void)child;
    program_prepare();
}

/* ------------------------------------------------------------------ start and stop of the daemon */

/* False if there is no such script. */
static bool run_alone(struct process *process, const struct conf_script *script, uint32_t timeout_s,
                      const char *what, void (*ended)(uint32_t ticket, void *data))
{
    struct runner_order order = {
        .script = script,
        .must_be_safe = process->model->global.enable_script_security && script->uid == 0,
        .what = what,
        .timeout = span_s(timeout_s),
        .ended = ended,
        .data = process,
    };

    return runner_add(process->runner, &order);
}

static void startup_is_over(uint32_t ticket, void *data)
{
    const struct process *process = data;

    (void)ticket;
    child_ready(process->child);
}

/* Once: a successor of a process that died does not run it again. */
static void start_up(struct process *process)
{
    const struct conf_global *global = &process->model->global;

    if (child_identity(process->child)->respawns > 0 ||
        !run_alone(process, &global->startup_script, global->startup_script_timeout_s, "startup_script",
                   startup_is_over))
        child_ready(process->child);
}

static void shutdown_is_over(uint32_t ticket, void *data)
{
    const struct process *process = data;

    (void)ticket;
    child_stopped(process->child);
}

static void shut_down(struct process *process)
{
    const struct conf_global *global = &process->model->global;

    if (!process->shutdown || !run_alone(process, &global->shutdown_script, global->shutdown_script_timeout_s,
                                         "shutdown_script", shutdown_is_over))
        child_stopped(process->child);
}

/* ------------------------------------------------------------------ stop */

static void finished(void *data)
{
    struct process *process = data;

    if (--process->unfinished == 0)
        shut_down(process);
}

/* What they said last may still wait in the channel while the order to stop is already here. */
static void hear_out(struct process *process, enum role role)
{
    struct channel *channel;

    while ((channel = child_peer(process->child, role, 0)) != NULL) {
        if (!channel_receive_now(channel))
            return;
    }
}

/* How long all this may take, for the supervisor not to think that we hang. */
static void ask_patience(const struct process *process)
{
    const struct conf_global *global = &process->model->global;
    struct child_patience patience = {.ms = (uint32_t)(FINISH_TIME.ns / NS_PER_MS) + FINISH_GRACE_MS +
                                            1000 * global->shutdown_script_timeout_s};

    channel_send(child_control(process->child), CHILD_PATIENCE, &patience);
}

static void finish(struct process *process)
{
    process->awaits_peers = false;
    loop_timer_stop(process->peers_patience);
    ask_patience(process);
    hear_out(process, ROLE_VRRP);
    hear_out(process, ROLE_DIRECTOR);
    process->unfinished = 3;
    recurring_finish(process->recurring, finished, process);
    fifos_finish(process->fifos, FINISH_PATIENCE, finished, process);
    runner_finish(process->runner, FINISH_PATIENCE, FINISH_TIME, finished, process);
}

static void peers_take_too_long(void *data)
{
    log_warning("vrrp or director did not end in time: their last scripts may not run");
    finish(data);
}

static bool peers_have_ended(const struct process *process)
{
    return child_peer(process->child, ROLE_VRRP, 0) == NULL &&
           child_peer(process->child, ROLE_DIRECTOR, 0) == NULL;
}

static void peer_ended(struct child *child, enum role peer)
{
    struct process *process = child_data(child);

    (void)peer;
    if (process->awaits_peers && peers_have_ended(process))
        finish(process);
}

static void stop(struct child *child, bool supervisor_gone)
{
    struct process *process = child_data(child);

    process->shutdown = process->shutdown || supervisor_gone;
    if (!supervisor_gone || peers_have_ended(process)) {
        finish(process);
        return;
    }
    process->awaits_peers = true;
    loop_timer_in(process->peers_patience, PEERS_PATIENCE);
}

/* ------------------------------------------------------------------ life */

static void script_ran(const struct recurring_asker *asker, const struct script_ran *ran, void *data)
{
    const struct process *process = data;

    channel_send(child_peer(process->child, asker->role, asker->index), SCRIPT_RAN, ran);
}

static void hold(uint64_t key, int fd, void *data)
{
    child_hold(data, key, fd);
}

static void release(uint64_t key, void *data)
{
    child_release(data, key);
}

/* Who may want to know: vrrp, and checkers for weights by a file. */
static void file_news(const struct tracked_file *file, void *data)
{
    const struct process *process = data;
    struct channel *checker;

    channel_send(child_peer(process->child, ROLE_VRRP, 0), TRACKED_FILE, file);
    for (uint16_t i = 0; (checker = child_peer(process->child, ROLE_CHECKER, i)) != NULL; i++)
        channel_send(checker, TRACKED_FILE, file);
}

static void process_news(const struct tracked_process *tracked, void *data)
{
    const struct process *process = data;

    channel_send(child_peer(process->child, ROLE_VRRP, 0), TRACKED_PROCESS, tracked);
}

/* vrrp or a checker began anew. To tell the others again does no harm. */
static void peer_started(struct child *child, struct channel *peer)
{
    const struct process *process = child_data(child);

    if (channel_other(peer) == ROLE_DIRECTOR)
        return;
    if (process->files != NULL)
        file_watch_tell_all(process->files);
    process_watch_tell_all(process->processes);
}

static void watch(struct process *process)
{
    struct loop *loop = child_loop(process->child);

    process->processes = process_watch_new(loop, process_news, process);
    process->files = file_watch_new(loop, file_news, process);
    if (process->files == NULL)
        log_error("tracked files cannot be watched: %s", strerror(errno));
}

static void tell_mail(enum message_type type, const void *payload, void *data)
{
    const struct process *process = data;

    channel_send(child_peer(process->child, ROLE_MAIL, 0), type, payload);
}

static void start(struct child *child)
{
    struct process *process = &the_process;
    const struct runner_settings settings = {RUNNER_TIMEOUT, RUNNER_SIDE_BY_SIDE};
    struct scripts_outlets outlets = {.mail = tell_mail, .data = process};

    process->child = child;
    if (process->custody == NULL)
        process->custody = custody_new();
    custody_set_keeper(process->custody, &(struct custody_keeper){hold, release, child});
    process->runner = runner_new(child_loop(child), &settings);
    process->fifos = fifos_new(child_loop(child), process->custody);
    process->ledger = ledger_new(child_board(child));
    outlets.runner = process->runner;
    outlets.fifos = process->fifos;
    outlets.ledger = process->ledger;
    process->scripts = scripts_new(&outlets);
    process->recurring = recurring_new(child_loop(child), script_ran, process);
    process->peers_patience = loop_timer_new(child_loop(child), peers_take_too_long, process);
    watch(process);
    child_set_data(child, process);
    if (child_identity(child)->respawns > 0)
        log_warning("scripts that ran when the process before this one died go on; how they end is not seen");
    if (!load(process))
        log_fatal("without a configuration there is nothing to run");
    scripts_take_up(process->scripts);
    start_up(process);
}

static void control(struct child *child, enum message_type type, const void *payload, int fd)
{
    (void)child;
    if (type == CONTROL_HELD) {
        if (the_process.custody == NULL)
            the_process.custody = custody_new();
        custody_inherit(the_process.custody, ((const struct control_held *)payload)->key, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    if (type == CONTROL_SHUTDOWN)
        the_process.shutdown = true;
}

static void reload(struct child *child)
{
    child_reloaded(child, load(child_data(child)));
}

static void message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                    int fd)
{
    struct process *process = child_data(child);
    struct recurring_asker asker = {channel_other(from), child_peer_index(child, from)};

    if (fd >= 0)
        close(fd);
    if (type == SCRIPT_RUN)
        recurring_run(process->recurring, payload, &asker);
    else
        scripts_event(process->scripts, type, payload);
}

int main(int argc, char **argv)
{
    static const struct child_callbacks callbacks = {.prepare = prepare,
                                                     .start = start,
                                                     .reload = reload,
                                                     .message = message,
                                                     .peer_started = peer_started,
                                                     .peer_ended = peer_ended,
                                                     .control = control,
                                                     .stop = stop,
                                                     .hears_as_heir = true};

    return child_main(ROLE_SCRIPTS, &callbacks, argc, argv);
}
