/*
 * tandem-scripts: runs users' scripts as their users: those of changes (scripts.h), and those that vrrp and
 * the checkers ask for again and again (recurring.h).
 *
 * It holds CAP_SETUID, CAP_SETGID and CAP_KILL, no network and no parser of foreign bytes: events name
 * objects by key, the commands come from its slice. Fifos and mail have processes or files of their own
 * beside this.
 *
 * Stop: the scripts of the last changes must run, so it first hears out those who tell it of changes (vrrp,
 * director), gives what is queued a second, and then ends what still runs.
 */
#include <stdlib.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"
#include "notify/program.h"
#include "notify/recurring.h"
#include "notify/runner.h"
#include "notify/scripts.h"

#define FINISH_PATIENCE span_s(1) /* for what is queued when everybody has stopped; as keepalived */
#define PEERS_PATIENCE  span_s(5) /* for vrrp and director to end when nobody orders the stop */

struct process {
    struct child *child;
    struct runner *runner;
    struct scripts *scripts;
    struct recurring *recurring;
    struct loop_timer *peers_patience;
    bool awaits_peers;
    unsigned int unfinished; /* of runner and recurring, when stopping */
};

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
    scripts_load(process->scripts, model); /* keeps this model and the one before */
    return true;
}

static void prepare(struct child *child)
{
    (void)child;
    program_prepare();
}

/* ------------------------------------------------------------------ stop */

static void finished(void *data)
{
    struct process *process = data;

    if (--process->unfinished == 0)
        child_stopped(process->child);
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

static void finish(struct process *process)
{
    process->awaits_peers = false;
    loop_timer_stop(process->peers_patience);
    hear_out(process, ROLE_VRRP);
    hear_out(process, ROLE_DIRECTOR);
    process->unfinished = 2;
    recurring_finish(process->recurring, finished, process);
    runner_finish(process->runner, FINISH_PATIENCE, finished, process);
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

static void start(struct child *child)
{
    static struct process process;
    const struct runner_settings settings = {RUNNER_TIMEOUT, RUNNER_SIDE_BY_SIDE};

    process.child = child;
    process.runner = runner_new(child_loop(child), &settings);
    process.scripts = scripts_new(process.runner);
    process.recurring = recurring_new(child_loop(child), script_ran, &process);
    process.peers_patience = loop_timer_new(child_loop(child), peers_take_too_long, &process);
    child_set_data(child, &process);
    if (child_identity(child)->respawns > 0)
        log_warning("scripts that ran when the process before this one died go on; how they end is not seen");
    if (!load(&process))
        log_fatal("without a configuration there is nothing to run");
    child_ready(child);
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
                                                     .peer_ended = peer_ended,
                                                     .stop = stop,
                                                     .hears_as_heir = true};

    return child_main(ROLE_SCRIPTS, &callbacks, argc, argv);
}
