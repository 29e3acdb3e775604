/*
 * The supervisor. See supervisor.h.
 *
 *   settling.c   what the configuration says of ourselves: namespace, run files
 *   dumping.c    files that signals ask for
 *   reload_record.c  what became of the last reload
 *   reload_advance.c  the director goes ahead of a reload with what is new
 *   starting.c   reader -> slices -> every process the configuration needs -> READY
 *   watching.c   a death is repaired at once (respawn.c says when not); a hang is made a death
 *   reload.c     reader -> slices -> each process in turn, or nothing at all; then those that are not
 *                needed any more stop, in the order of the stop
 *   upgrade.c    the installed program is asked, then becomes this process
 *   succession.c what that one does with the processes of the version before
 *   stopping.c   vrrp (priority 0, addresses) -> director, checkers -> links -> scripts -> ctl
 *
 * Here: setting up, and what comes in: signals, ticks, messages.
 *
 * It parses nothing foreign and waits for nobody: everything here is a callback of the loop.
 */
#include "daemon/supervisor_parts.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/daemonize.h"
#include "daemon/log_output.h"
#include "daemon/namespace.h"
#include "daemon/programs.h"
#include "daemon/sd_notify.h"
#include "daemon/status_line.h"

#define TICK            span_ms(250)
#define GO_AT_LATEST    span_s(5) /* vrrp leaves INIT without the director's table */
#define READY_AT_LATEST span_s(15)
#define USUAL_UMASK     0177
#define PAUSE           span_ms(1000) /* a tick later than this: we stood still, not the children */

const char *supervisor_program_directory(void)
{
    static char directory[PATH_MAX];
    char probe[PATH_MAX + 32];
    ssize_t length = readlink("/proc/self/exe", directory, sizeof(directory) - 1);

    if (length <= 0)
        return TANDEM_LIBEXECDIR;
    directory[length] = '\0';
    *strrchr(directory, '/') = '\0';
    snprintf(probe, sizeof(probe), "%s/%s", directory, role_program(ROLE_LINKS));
    return access(probe, X_OK) == 0 ? directory : TANDEM_LIBEXECDIR;
}

/* ------------------------------------------------------------------ events */

static void child_message(struct process *process, enum message_type type, const void *payload, int fd,
                          void *data)
{
    struct supervisor *supervisor = data;

    if (fd >= 0)
        close(fd);
    if (type == CHILD_READY)
        supervisor_process_ready(supervisor, process);
    else if (type == CHILD_RELOADED)
        supervisor_process_reloaded(supervisor, process, ((const struct child_reloaded *)payload)->ok != 0);
    else if (type == CHILD_PATIENCE)
        supervisor_have_patience(supervisor, process, payload);
    else if (type == COMMAND_DUMPED)
        supervisor_dumped(supervisor, payload);
    else if (type == COMMAND_RELOAD) {
        supervisor->command_next = ((const struct command_id *)payload)->id;
        supervisor_want_load(supervisor);
    } else if (type == COMMAND_UPGRADE) {
        supervisor_want_upgrade(supervisor, ((const struct command_id *)payload)->id);
    }
}

static const struct process_callbacks child_callbacks = {child_message, supervisor_process_ended};

static void beat_watchdog(struct supervisor *supervisor, struct mono now)
{
    struct span interval = sd_notify_watchdog_interval();

    if (interval.ns == 0 || mono_before(now, supervisor->watchdog_due))
        return;
    sd_notify_watchdog();
    supervisor->watchdog_due = mono_add(now, interval);
}

static const struct board *board_of(const struct supervisor *supervisor, enum role role)
{
    struct process *process = children_find(&supervisor->children, role, 0);

    return process == NULL ? NULL : process_memory(process)->board;
}

void supervisor_tell_status(struct supervisor *supervisor)
{
    char line[sizeof(supervisor->status)];

    status_line(board_of(supervisor, ROLE_VRRP), board_of(supervisor, ROLE_DIRECTOR), &supervisor->reload,
                line, sizeof(line));
    if (strcmp(line, supervisor->status) == 0)
        return;
    strcpy(supervisor->status, line);
    sd_notify_status("%s", line);
}

static void check_deadlines(struct supervisor *supervisor, struct mono now)
{
    if (supervisor->phase == PHASE_STARTING && mono_is_set(supervisor->launched) &&
        !supervisor->awaits_first) {
        struct span since = mono_since(now, supervisor->launched);

        if (since.ns > GO_AT_LATEST.ns && !supervisor->children.go) {
            log_warning("the IPVS table is not complete after %.0f s; the virtual routers start without it",
                        span_seconds(GO_AT_LATEST));
            children_go(&supervisor->children);
        }
        if (since.ns > READY_AT_LATEST.ns)
            supervisor_say_ready(supervisor);
    }
    if (supervisor->phase == PHASE_RUNNING && supervisor->applied != NULL &&
        mono_before(supervisor->reload_patience, now))
        supervisor_kill_slow_reload(supervisor);
    if (supervisor->phase == PHASE_STOPPING && supervisor->stop_stage < SUPERVISOR_STOP_STAGES &&
        mono_before(supervisor->stop_patience, now)) {
        supervisor_kill_stage(supervisor);
        supervisor->stop_patience = mono_add(now, supervisor_stop_patience(supervisor));
    }
}

static void tick(void *data)
{
    struct supervisor *supervisor = data;
    struct mono now = mono_now();

    if (mono_since(now, supervisor->tick_due).ns > PAUSE.ns)
        supervisor->judge_after = mono_add(now, span_s(3)); /* everybody stood still: nobody hangs */
    for (size_t i = 0; supervisor->phase != PHASE_STOPPING && i < supervisor->children.count; i++)
        supervisor_judge(supervisor, supervisor->children.items[i], now);
    check_deadlines(supervisor, now);
    supervisor_upgrade_judge(supervisor, now);
    supervisor_elders_judge(supervisor, now);
    beat_watchdog(supervisor, now);
    supervisor_tell_status(supervisor);
    supervisor->tick_due = mono_add(mono_now(), TICK);
    loop_timer_set(supervisor->tick, supervisor->tick_due);
}

/* keepalived's signals; the two real-time ones have no constant numbers. */
static void dump_signalled(int signo, void *data)
{
    struct supervisor *supervisor = data;

    if (signo == SIGUSR1) {
        supervisor_want_dump(supervisor, DUMP_DATA, false);
        if (children_find(&supervisor->children, ROLE_DIRECTOR, 0) != NULL)
            supervisor_want_dump(supervisor, DUMP_BALANCER, false);
    } else if (signo == SIGRTMIN + 2) {
        supervisor_want_dump(supervisor, DUMP_JSON, false);
    } else {
        supervisor_want_dump(supervisor, DUMP_STATS, signo == SIGRTMAX - 1);
    }
}

static void signalled(int signo, void *data)
{
    struct supervisor *supervisor = data;

    switch (signo) {
    case SIGCHLD:
        configuration_load_reap(supervisor->load);
        supervisor_upgrade_reap(supervisor);
        supervisor_elders_reap(supervisor);
        children_reap(&supervisor->children);
        break;
    case SIGHUP:
        log_output_reopen();
        supervisor_want_load(supervisor);
        break;
    case SIGINT:
        if (supervisor->options->ignore_sigint)
            break;
        /* fall through */
    case SIGTERM:
        log_notice("stopping (signal %d)", signo);
        supervisor_begin_stop(supervisor, EXIT_SUCCESS);
        break;
    }
}

/* ------------------------------------------------------------------ setting up */

static void own_line(enum log_level level, const char *text, void *data)
{
    (void)data;
    log_output_line(level, "", text, (int)strlen(text));
}

static void resolve_user(struct children *children)
{
    const struct passwd *user = getpwnam("tandem");
    const struct group *group;

    if (user == NULL) {
        log_warning("there is no user tandem: the processes run as nobody (useradd --system --no-create-home "
                    "tandem)");
        children->identity_flags |= IDENTITY_NO_TANDEM_USER;
        user = getpwnam("nobody");
    }
    children->uid = user == NULL ? 65534 : user->pw_uid;
    children->gid = user == NULL ? 65534 : user->pw_gid;
    group = getgrnam("tandem");
    children->control_gid = group == NULL ? 0 : group->gr_gid;
}

static void reload_is_due(void *data)
{
    supervisor_want_load(data);
}

static const struct reload_clock_callbacks clock_callbacks = {supervisor_reload_planned, reload_is_due};

static void set_up_children(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;

    children->loop = supervisor->loop;
    children->directory = supervisor_program_directory();
    programs_open(children->directory);
    children->wiring = wiring_new();
    children->files = &supervisor->files;
    children->callbacks = &child_callbacks;
    children->data = supervisor;
    supervisor->record = -1;
    if (!conf_secret_key_make(&supervisor->secret_key))
        log_fatal("no random bytes: %s", strerror(errno));
    children->own_namespace = children->ipvs_namespace = -1;
    children->board = board_new(ROLE_SUPERVISOR, CONFIGURATION_PROCESSES_MAX + 1);
    if (children->board == NULL)
        log_fatal("no board: %s", strerror(errno));
    supervisor->clock = reload_clock_new(supervisor->loop, &clock_callbacks, supervisor);
}

static void let_signals_come(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

struct watched_signal {
    int number;
    loop_signal_callback *callback;
    struct loop_signal *watch;
};

static void run_loop(struct supervisor *supervisor)
{
    struct watched_signal signals[] = {
        {SIGCHLD, signalled, NULL},           {SIGHUP, signalled, NULL},
        {SIGTERM, signalled, NULL},           {SIGINT, signalled, NULL},
        {SIGUSR1, dump_signalled, NULL},      {SIGUSR2, dump_signalled, NULL},
        {SIGRTMIN + 2, dump_signalled, NULL}, {SIGRTMAX - 1, dump_signalled, NULL},
    };
    size_t count = sizeof(signals) / sizeof(signals[0]);

    for (size_t i = 0; i < count; i++)
        signals[i].watch =
            loop_signal_new(supervisor->loop, signals[i].number, signals[i].callback, supervisor);
    supervisor->tick = loop_timer_new(supervisor->loop, tick, supervisor);
    supervisor->tick_due = mono_now();
    loop_timer_in(supervisor->tick, TICK);
    let_signals_come(); /* an upgrade holds them up */
    supervisor_elders_reap(supervisor);
    supervisor_start_load(supervisor);
    loop_run(supervisor->loop);
    for (size_t i = 0; i < count; i++)
        loop_signal_free(signals[i].watch);
    loop_timer_free(supervisor->tick);
}

static void put_away(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;

    supervisor_elders_free(supervisor);
    configuration_load_free(supervisor->load);
    supervisor_forget_record(supervisor);
    configuration_free(supervisor->applied);
    supervisor_give_up_dumps(supervisor);
    while (children->count > 0)
        children_remove(children, children->items[0]);
    wiring_free(children->wiring);
    reload_clock_free(supervisor->clock);
    board_free(children->board);
    loop_free(supervisor->loop);
    if (supervisor->pid_path != NULL)
        run_files_remove(&supervisor->files);
    free(supervisor->pid_path);
    conf_model_free(supervisor->settings);
}

static uint32_t identity_flags(const struct options *options)
{
    return (options->log_debug ? IDENTITY_DEBUG : 0U) | (options->core_dump ? IDENTITY_CORE_DUMP : 0U) |
           (options->keep_addresses ? IDENTITY_KEEP_ADDRESSES : 0U) |
           (options->keep_ipvs ? IDENTITY_KEEP_IPVS : 0U) |
           (options->log_addresses ? IDENTITY_LOG_ADDRESSES : 0U);
}

static void open_log(const struct options *options)
{
    struct log_output output = {
        .to_stderr = options->log_to_stderr,
        .foreground = options->foreground,
        .no_syslog = options->no_syslog,
        .facility = options->syslog_facility,
        .file = options->log_file,
        .umask = options->umask_given ? options->umask : USUAL_UMASK,
    };

    log_to_sink(own_line, NULL);
    log_output_open(&output);
    if (options->log_debug)
        log_set_level(LOG_LEVEL_DEBUG);
}

static void say_ineffective(const char *name, const char *reason)
{
    log_notice("--%s has no effect: %s", name, reason);
}

/* Inherited by every process: a limit of its own would need a privilege that most of them lack. */
static void allow_core_dumps(void)
{
    struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY}, limit;

    if (setrlimit(RLIMIT_CORE, &unlimited) == 0 || getrlimit(RLIMIT_CORE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max == 0)
        log_warning("a crash leaves no core: the limit of their size is 0 and may not be raised");
}

/* -s, before anything is opened that belongs to a network namespace. */
static bool enter_namespace(const char *name)
{
    int fd = namespace_open(name);
    bool entered = fd >= 0 && namespace_enter(fd);

    if (fd >= 0)
        close(fd);
    return entered;
}

/* There is nothing yet that could be loaded again, or written. */
static void ignore_until_heard(void)
{
    const int signals[] = {SIGHUP, SIGUSR1, SIGUSR2, SIGRTMIN + 2, SIGRTMAX - 1};

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_IGN);
}

/* False (logged) if it cannot run. */
static bool set_up(struct supervisor *supervisor)
{
    const struct options *options = supervisor->options;

    supervisor->phase = PHASE_STARTING;
    signal(SIGPIPE, SIG_IGN);
    ignore_until_heard();
    umask(022);
    open_log(options);
    options_ineffective(options, say_ineffective);
    supervisor->children.identity_flags = identity_flags(options);
    if (options->core_dump)
        allow_core_dumps();
    sd_notify_open();
    resolve_user(&supervisor->children);
    return options->network_namespace == NULL || enter_namespace(options->network_namespace);
}

/* Into the background; after an upgrade this process is there. */
static void go_where_we_belong(const struct options *options, bool inherits)
{
    if (options->foreground)
        return;
    if (!inherits)
        daemonize_begin();
    else if (chdir("/") != 0)
        log_warning("cannot change to /: %s", strerror(errno));
}

int supervisor_run(const struct options *options)
{
    static struct supervisor supervisor;
    struct inheritance inheritance;
    bool inherits = inheritance_take(&inheritance);

    supervisor.options = options;
    if (!set_up(&supervisor))
        return EXIT_FAILURE;
    go_where_we_belong(options, inherits);
    supervisor.loop = loop_new();
    if (supervisor.loop == NULL)
        log_fatal("no event loop: %s", strerror(errno));
    set_up_children(&supervisor);
    if (inherits)
        supervisor_inherit(&supervisor, &inheritance);
    run_loop(&supervisor);
    put_away(&supervisor);
    log_notice("stopped");
    daemonize_finish(supervisor.exit_status);
    return supervisor.exit_status;
}
