/*
 * The supervisor. See supervisor.h.
 *
 *   start     reader -> slices -> every process the configuration needs -> READY
 *   watch     a death is repaired at once (respawn.c says when not); a hang is made a death
 *   reload    reader -> slices -> each process in turn (reload order below), or nothing at all;
 *             then those that are not needed any more stop, in the order of the stop
 *   stop      vrrp (priority 0, addresses) -> director, checkers -> links -> scripts -> ctl
 *
 * It parses nothing foreign and waits for nobody: everything here is a callback of the loop.
 */
#include "daemon/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/children.h"
#include "daemon/core/log.h"
#include "daemon/daemonize.h"
#include "daemon/log_output.h"
#include "daemon/sd_notify.h"
#include "daemon/status_line.h"

#define TICK               span_ms(250)
#define GO_AT_LATEST       span_s(5) /* vrrp leaves INIT without the director's table */
#define READY_AT_LATEST    span_s(15)
#define RELOAD_PATIENCE    span_s(5)     /* for one process to take its slice over */
#define STOP_PATIENCE      span_s(6)     /* for one stage of the stop */
#define PAUSE              span_ms(1000) /* a tick later than this: we stood still, not the children */
#define EXIT_CONFIGURATION 2

enum phase {
    PHASE_STARTING,
    PHASE_RUNNING,
    PHASE_STOPPING,
};

struct supervisor {
    const struct options *options;
    struct loop *loop;
    struct run_files files;
    struct children children;
    enum phase phase;
    bool ready_said;
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

/* scripts before those who send it names; links before vrrp, which names its instances; ctl last. */
static const enum role reload_order[] = {ROLE_SCRIPTS, ROLE_LINKS, ROLE_DIRECTOR,
                                         ROLE_CHECKER, ROLE_VRRP,  ROLE_CTL};
#define RELOAD_STEPS (sizeof(reload_order) / sizeof(reload_order[0]))

/* Bits of 1 << role that stop together. */
static const unsigned int stop_stages[] = {
    1U << ROLE_VRRP, 1U << ROLE_DIRECTOR | 1U << ROLE_CHECKER, 1U << ROLE_LINKS, 1U << ROLE_SCRIPTS,
    1U << ROLE_CTL,
};
#define STOP_STAGES (sizeof(stop_stages) / sizeof(stop_stages[0]))

static void start_load(struct supervisor *supervisor);
static void reload_next(struct supervisor *supervisor);
static void stop_next(struct supervisor *supervisor);
static void begin_stop(struct supervisor *supervisor, int exit_status);

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

/* ------------------------------------------------------------------ start */

static void say_ready_once(struct supervisor *supervisor)
{
    if (supervisor->ready_said)
        return;
    supervisor->ready_said = true;
    supervisor->phase = PHASE_RUNNING;
    sd_notify_ready();
    log_output_start_is_over();
    daemonize_finish(EXIT_SUCCESS);
    log_notice("tandem " TANDEM_VERSION " runs with %zu processes", supervisor->children.count + 1);
    if (supervisor->load_again) {
        supervisor->load_again = false;
        start_load(supervisor);
    }
}

static void process_is_ready(struct supervisor *supervisor, struct process *process)
{
    struct children *children = &supervisor->children;

    children_set_state(children, process, PROCESS_READY);
    if (process_role(process) == ROLE_DIRECTOR)
        children_go(children);
    if (children_all_ready(children))
        say_ready_once(supervisor);
}

/* The kernel loads ip_vs for a generic netlink request only where modprobe is allowed to; so we ask. */
static void load_ipvs_module(void)
{
    static const char *const modprobes[] = {"/sbin/modprobe", "/usr/sbin/modprobe"};
    char *const arguments[] = {"modprobe", "-q", "ip_vs", NULL};
    pid_t pid;

    if (access("/proc/net/ip_vs", F_OK) == 0)
        return;
    for (size_t i = 0; i < sizeof(modprobes) / sizeof(modprobes[0]); i++) {
        if (posix_spawn(&pid, modprobes[i], NULL, NULL, arguments, environ) != 0)
            continue;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        return;
    }
}

static void launch_all(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;
    bool balances = children_find(children, ROLE_DIRECTOR, 0) != NULL;

    if (balances)
        load_ipvs_module();
    supervisor->launched = mono_now();
    for (size_t i = 0; i < children->count; i++) {
        if (!children_launch(children, children->items[i])) {
            begin_stop(supervisor, EXIT_FAILURE);
            return;
        }
    }
    if (!balances)
        children_go(children);
}

/* What a configuration that is taken says is a warning only if keepalived would complain too. */
static enum log_level level_of(const struct configuration *configuration)
{
    return configuration->report.outcome == READER_GOOD ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING;
}

static void log_diagnostics(const struct configuration *configuration, enum log_level level)
{
    char *text = configuration_diagnostics(configuration), *rest = text, *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != '\0')
            log_line(level, "%s", line);
    }
    free(text);
}

static void first_configuration(struct supervisor *supervisor, struct configuration *configuration)
{
    bool grown;

    if (configuration->failure != NULL || configuration->report.outcome == READER_REFUSED) {
        log_diagnostics(configuration, LOG_LEVEL_ERROR);
        log_error("%s: %s", supervisor->options->configuration,
                  configuration->failure != NULL ? configuration->failure
                                                 : "the configuration would not work; not started");
        configuration_free(configuration);
        begin_stop(supervisor, EXIT_CONFIGURATION);
        return;
    }
    log_diagnostics(configuration, level_of(configuration));
    memcpy(supervisor->children.digest, configuration->report.digest, sizeof(supervisor->children.digest));
    for (size_t i = 0; i < configuration->part_count; i++)
        children_adopt_part(&supervisor->children, &configuration->parts[i], &grown);
    configuration_free(configuration);
    launch_all(supervisor);
}

/* ------------------------------------------------------------------ reload */

static int text_memfd(const char *text)
{
    int fd = memfd_create("tandem-text", MFD_CLOEXEC);
    size_t length = strlen(text);

    if (fd >= 0 && write(fd, text, length) != (ssize_t)length)
        log_warning("the answer to a command was cut short");
    return fd;
}

static void answer_command(struct supervisor *supervisor, bool ok, uint32_t outcome, const char *text)
{
    struct process *ctl = children_find(&supervisor->children, ROLE_CTL, 0);
    struct command_result result = {supervisor->command, ok, outcome};
    int fd;

    if (supervisor->command == 0)
        return;
    supervisor->command = 0;
    fd = text_memfd(text);
    if (fd < 0 || ctl == NULL)
        return;
    channel_send_fd(process_control(ctl), COMMAND_RESULT, &result, fd);
    close(fd);
}

static void reload_ended(struct supervisor *supervisor, bool ok, const char *text, uint32_t outcome)
{
    sd_notify_ready();
    answer_command(supervisor, ok, outcome, text);
    configuration_free(supervisor->applied);
    supervisor->applied = NULL;
    if (supervisor->load_again) {
        supervisor->load_again = false;
        start_load(supervisor);
    }
}

static void reload_refused(struct supervisor *supervisor, const struct configuration *configuration)
{
    char *text = configuration_diagnostics(configuration), *whole;

    log_diagnostics(configuration, LOG_LEVEL_ERROR);
    log_error("%s: %s; the configuration in force stays", supervisor->options->configuration,
              configuration->failure != NULL ? configuration->failure
                                             : "the new configuration would not work");
    if (configuration->failure != NULL && asprintf(&whole, "%s%s\n", text, configuration->failure) >= 0) {
        free(text);
        text = whole;
    }
    reload_ended(supervisor, false, text, READER_REFUSED);
    free(text);
}

static bool part_is_of(const struct configuration *configuration, const struct process *process)
{
    for (size_t i = 0; i < configuration->part_count; i++) {
        const struct configuration_part *part = &configuration->parts[i];

        if (part->role == process_role(process) && part->index == process_index(process))
            return true;
    }
    return false;
}

/* The configuration does not need it any more: dismiss_next stops it when everybody else has changed over. */
static void dismiss(struct process *process)
{
    struct process_memory *memory = process_memory(process);

    if (memory->slice >= 0)
        close(memory->slice);
    memory->slice = -1;
}

static bool is_dismissed(struct process *process)
{
    return process_memory(process)->slice < 0;
}

/* Has the dismissed processes of some roles stop; true if any must be waited for. */
static bool dismiss_roles(struct supervisor *supervisor, unsigned int roles)
{
    struct children *children = &supervisor->children;
    bool waiting = false;

    for (size_t i = children->count; i > 0; i--) {
        struct process *process = children->items[i - 1];

        if (!is_dismissed(process) || (roles & 1U << process_role(process)) == 0)
            continue;
        if (!process_runs(process)) {
            children_remove(children, process);
            continue;
        }
        waiting = true;
        if (process_memory(process)->state == PROCESS_STOPPING)
            continue;
        children_set_state(children, process, PROCESS_STOPPING);
        channel_send(process_control(process), CONTROL_STOP, NULL);
        supervisor->reload_patience = mono_add(mono_now(), STOP_PATIENCE);
    }
    return waiting;
}

/* One stage after the other, as at the stop: links puts away what vrrp held, scripts hear the last of both.
 */
static bool dismiss_next(struct supervisor *supervisor)
{
    for (size_t stage = 0; stage < STOP_STAGES; stage++) {
        if (dismiss_roles(supervisor, stop_stages[stage]))
            return true;
    }
    return false;
}

static void begin_reload(struct supervisor *supervisor, struct configuration *configuration)
{
    log_diagnostics(configuration, level_of(configuration));
    memcpy(supervisor->children.digest, configuration->report.digest, sizeof(supervisor->children.digest));
    supervisor->applied = configuration;
    supervisor->reload_step = 0;
    supervisor->reload_patience = mono_add(mono_now(), RELOAD_PATIENCE);
    for (size_t i = 0; i < supervisor->children.count; i++) {
        struct process *process = supervisor->children.items[i];

        if (!part_is_of(configuration, process))
            dismiss(process);
    }
    reload_next(supervisor);
}

/* Gives every process of one role its part; true if any must be waited for. */
static bool reload_role(struct supervisor *supervisor, enum role role)
{
    struct children *children = &supervisor->children;
    bool waiting = false;

    for (size_t i = 0; i < supervisor->applied->part_count; i++) {
        struct configuration_part *part = &supervisor->applied->parts[i];
        struct process *process;
        bool grown;

        if (part->role != role || part->slice < 0)
            continue;
        process = children_adopt_part(children, part, &grown);
        if (!process_runs(process)) {
            if (role == ROLE_DIRECTOR)
                load_ipvs_module();
            children_launch(children, process);
            continue;
        }
        if (grown)
            children_send_board(children, process);
        children_send_slice(children, process);
        process_memory(process)->awaiting_reload = true;
        waiting = true;
    }
    return waiting;
}

static bool anybody_awaits(const struct children *children)
{
    for (size_t i = 0; i < children->count; i++) {
        if (process_memory(children->items[i])->awaiting_reload)
            return true;
    }
    return false;
}

static void reload_next(struct supervisor *supervisor)
{
    char *text;

    while (supervisor->reload_step < RELOAD_STEPS) {
        enum role role = reload_order[supervisor->reload_step++];

        supervisor->reload_patience = mono_add(mono_now(), RELOAD_PATIENCE);
        if (reload_role(supervisor, role))
            return;
    }
    if (dismiss_next(supervisor))
        return;
    log_notice("the new configuration is in force");
    text = configuration_diagnostics(supervisor->applied);
    reload_ended(supervisor, true, text, supervisor->applied->report.outcome);
    free(text);
}

static void process_reloaded(struct supervisor *supervisor, struct process *process, bool ok)
{
    if (!process_memory(process)->awaiting_reload || supervisor->phase == PHASE_STOPPING)
        return;
    process_memory(process)->awaiting_reload = false;
    if (!ok)
        log_error("%s could not take the new configuration over", process_name(process));
    if (supervisor->applied != NULL && !anybody_awaits(&supervisor->children))
        reload_next(supervisor);
}

/* The end of a killed one is what reload_next waits for then. */
static void kill_the_slow(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->children.count; i++) {
        struct process *process = supervisor->children.items[i];

        if (process_memory(process)->state == PROCESS_STOPPING)
            log_error("%s did not stop in time and is killed", process_name(process));
        else if (process_memory(process)->awaiting_reload)
            log_error("%s did not take the new configuration over in time; it is started afresh",
                      process_name(process));
        else
            continue;
        process_kill(process);
    }
    supervisor->reload_patience = mono_add(mono_now(), RELOAD_PATIENCE);
}

static void configuration_loaded(struct configuration *configuration, void *data)
{
    struct supervisor *supervisor = data;
    struct configuration_load *load = supervisor->load;

    supervisor->load = NULL;
    configuration_load_free(load);
    if (supervisor->phase == PHASE_STOPPING) {
        configuration_free(configuration);
    } else if (!mono_is_set(supervisor->launched)) {
        first_configuration(supervisor, configuration);
    } else if (configuration->failure != NULL || configuration->report.outcome == READER_REFUSED) {
        reload_refused(supervisor, configuration);
        configuration_free(configuration);
    } else {
        begin_reload(supervisor, configuration);
    }
}

static void start_load(struct supervisor *supervisor)
{
    struct configuration_request request = {
        .directory = supervisor->children.directory,
        .file = supervisor->options->configuration,
        .id = supervisor->options->configuration_id,
        .uid = supervisor->children.uid,
        .gid = supervisor->children.gid,
        .own_pid = getpid(),
    };

    if (supervisor->load != NULL || supervisor->applied != NULL) {
        supervisor->load_again = true;
        return;
    }
    supervisor->command = supervisor->command_next;
    supervisor->command_next = 0;
    if (supervisor->ready_said)
        sd_notify_reloading();
    supervisor->load = configuration_load_new(supervisor->loop, &request, configuration_loaded, supervisor);
    if (supervisor->load != NULL)
        return;
    if (supervisor->ready_said)
        reload_ended(supervisor, false, "the reader cannot be started\n", READER_REFUSED);
    else
        begin_stop(supervisor, EXIT_FAILURE);
}

/* Somebody asks for a reload: now, or when the start is over. */
static void want_load(struct supervisor *supervisor)
{
    if (supervisor->phase == PHASE_STARTING)
        supervisor->load_again = true;
    else if (supervisor->phase == PHASE_RUNNING)
        start_load(supervisor);
}

/* ------------------------------------------------------------------ deaths and hangs */

static void describe_death(const struct process *process, int status)
{
    if (WIFSIGNALED(status))
        log_error("%s was killed by signal %d (%s)", process_name(process), WTERMSIG(status),
                  strsignal(WTERMSIG(status)));
    else
        log_error("%s ended with status %d", process_name(process), WEXITSTATUS(status));
}

static void respawn(struct supervisor *supervisor, struct process *process)
{
    struct process_memory *memory = process_memory(process);

    memory->restart_due = (struct mono){0};
    memory->respawns++;
    if (!children_launch(&supervisor->children, process))
        memory->restart_due = mono_add(mono_now(), span_s(1));
}

/* A child that dies again and again must not hold addresses that nobody serves: its peers see its end, and
 * links puts the addresses of a vrrp that ended away. */
static void poison(struct supervisor *supervisor, struct process *process)
{
    struct children *children = &supervisor->children;

    log_error("%s died %d times in ten seconds; next start in %.0f s", process_name(process), RESPAWN_DEATHS,
              span_seconds(process_memory(process)->respawn.delay));
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
        stop_next(supervisor);
        return;
    }
    children_remove(&supervisor->children, process);
    if (supervisor->applied != NULL && !anybody_awaits(&supervisor->children))
        reload_next(supervisor);
}

static void child_ended(struct process *process, int status, void *data)
{
    struct supervisor *supervisor = data;
    struct process_memory *memory = process_memory(process);
    struct mono now = mono_now();

    if (memory->state == PROCESS_STOPPING) {
        child_is_gone(supervisor, process);
        return;
    }
    describe_death(process, status);
    if (is_dismissed(process)) {
        child_is_gone(supervisor, process);
        return;
    }
    respawn_has_run(&memory->respawn, mono_since(now, process_started(process)));
    memory->restart_due = respawn_after_death(&memory->respawn, now);
    children_set_state(&supervisor->children, process, PROCESS_WAITING);
    if (memory->respawn.poisoned)
        poison(supervisor, process);
    else
        respawn(supervisor, process);
    process_reloaded(supervisor, process, true); /* the successor reads the newest slice anyway */
}

static struct span longest_silence(enum role role)
{
    return role == ROLE_VRRP || role == ROLE_LINKS ? span_ms(2000) : span_s(10);
}

static void judge(struct supervisor *supervisor, struct process *process, struct mono now)
{
    struct process_memory *memory = process_memory(process);
    struct mono last = board_last_beat(memory->board);

    if (is_dismissed(process) && !process_runs(process))
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

/* ------------------------------------------------------------------ stop */

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
        children_set_state(&supervisor->children, process, PROCESS_STOPPING);
        channel_send(process_control(process), CONTROL_STOP, NULL);
    }
    supervisor->stop_patience = mono_add(mono_now(), STOP_PATIENCE);
}

static void stop_next(struct supervisor *supervisor)
{
    while (supervisor->stop_stage < STOP_STAGES &&
           !stage_runs(supervisor, stop_stages[supervisor->stop_stage])) {
        supervisor->stop_stage++;
        if (supervisor->stop_stage < STOP_STAGES)
            order_stop(supervisor, stop_stages[supervisor->stop_stage]);
    }
    if (supervisor->stop_stage >= STOP_STAGES)
        loop_stop(supervisor->loop);
}

static void kill_stage(struct supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->children.count; i++) {
        struct process *process = supervisor->children.items[i];

        if ((stop_stages[supervisor->stop_stage] & 1U << process_role(process)) == 0 ||
            !process_runs(process))
            continue;
        log_error("%s did not stop in time and is killed", process_name(process));
        process_kill(process);
    }
}

static void begin_stop(struct supervisor *supervisor, int exit_status)
{
    if (supervisor->phase == PHASE_STOPPING)
        return;
    supervisor->phase = PHASE_STOPPING;
    supervisor->exit_status = exit_status;
    sd_notify_stopping();
    order_stop(supervisor, stop_stages[0]);
    stop_next(supervisor);
}

/* ------------------------------------------------------------------ events */

static void child_message(struct process *process, enum message_type type, const void *payload, int fd,
                          void *data)
{
    struct supervisor *supervisor = data;

    if (fd >= 0)
        close(fd);
    if (type == CHILD_READY)
        process_is_ready(supervisor, process);
    else if (type == CHILD_RELOADED)
        process_reloaded(supervisor, process, ((const struct child_reloaded *)payload)->ok != 0);
    else if (type == COMMAND_RELOAD) {
        supervisor->command_next = ((const struct command_id *)payload)->id;
        want_load(supervisor);
    }
}

static const struct process_callbacks child_callbacks = {child_message, child_ended};

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

static void tell_status(struct supervisor *supervisor)
{
    char line[sizeof(supervisor->status)];

    status_line(board_of(supervisor, ROLE_VRRP), board_of(supervisor, ROLE_DIRECTOR), line, sizeof(line));
    if (strcmp(line, supervisor->status) == 0)
        return;
    strcpy(supervisor->status, line);
    sd_notify_status("%s", line);
}

static void check_deadlines(struct supervisor *supervisor, struct mono now)
{
    if (supervisor->phase == PHASE_STARTING && mono_is_set(supervisor->launched)) {
        struct span since = mono_since(now, supervisor->launched);

        if (since.ns > GO_AT_LATEST.ns && !supervisor->children.go) {
            log_warning("the IPVS table is not complete after %.0f s; the virtual routers start without it",
                        span_seconds(GO_AT_LATEST));
            children_go(&supervisor->children);
        }
        if (since.ns > READY_AT_LATEST.ns)
            say_ready_once(supervisor);
    }
    if (supervisor->phase == PHASE_RUNNING && supervisor->applied != NULL &&
        mono_before(supervisor->reload_patience, now))
        kill_the_slow(supervisor);
    if (supervisor->phase == PHASE_STOPPING && supervisor->stop_stage < STOP_STAGES &&
        mono_before(supervisor->stop_patience, now)) {
        kill_stage(supervisor);
        supervisor->stop_patience = mono_add(now, STOP_PATIENCE);
    }
}

static void tick(void *data)
{
    struct supervisor *supervisor = data;
    struct mono now = mono_now();

    if (mono_since(now, supervisor->tick_due).ns > PAUSE.ns)
        supervisor->judge_after = mono_add(now, span_s(3)); /* everybody stood still: nobody hangs */
    for (size_t i = 0; supervisor->phase != PHASE_STOPPING && i < supervisor->children.count; i++)
        judge(supervisor, supervisor->children.items[i], now);
    check_deadlines(supervisor, now);
    beat_watchdog(supervisor, now);
    tell_status(supervisor);
    supervisor->tick_due = mono_add(mono_now(), TICK);
    loop_timer_set(supervisor->tick, supervisor->tick_due);
}

static void signalled(int signo, void *data)
{
    struct supervisor *supervisor = data;

    switch (signo) {
    case SIGCHLD:
        configuration_load_reap(supervisor->load);
        children_reap(&supervisor->children);
        break;
    case SIGHUP:
        want_load(supervisor);
        break;
    case SIGTERM:
    case SIGINT:
        log_notice("stopping (signal %d)", signo);
        begin_stop(supervisor, EXIT_SUCCESS);
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

static void set_up_children(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;

    children->loop = supervisor->loop;
    children->directory = supervisor_program_directory();
    children->wiring = wiring_new();
    children->files = &supervisor->files;
    children->callbacks = &child_callbacks;
    children->data = supervisor;
    children->board = board_new(ROLE_SUPERVISOR, CONFIGURATION_PROCESSES_MAX);
    if (children->board == NULL)
        log_fatal("no board: %s", strerror(errno));
}

static void run_loop(struct supervisor *supervisor)
{
    static const int signals[] = {SIGCHLD, SIGHUP, SIGTERM, SIGINT};
    struct loop_signal *watched[sizeof(signals) / sizeof(signals[0])];

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        watched[i] = loop_signal_new(supervisor->loop, signals[i], signalled, supervisor);
    supervisor->tick = loop_timer_new(supervisor->loop, tick, supervisor);
    supervisor->tick_due = mono_now();
    loop_timer_in(supervisor->tick, TICK);
    start_load(supervisor);
    loop_run(supervisor->loop);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        loop_signal_free(watched[i]);
    loop_timer_free(supervisor->tick);
}

static void put_away(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;

    configuration_load_free(supervisor->load);
    configuration_free(supervisor->applied);
    while (children->count > 0)
        children_remove(children, children->items[0]);
    wiring_free(children->wiring);
    board_free(children->board);
    loop_free(supervisor->loop);
    run_files_remove(&supervisor->files);
}

int supervisor_run(const struct options *options)
{
    static struct supervisor supervisor;

    supervisor.options = options;
    supervisor.phase = PHASE_STARTING;
    signal(SIGPIPE, SIG_IGN);
    umask(022);
    log_output_open(options->log_to_stderr, options->foreground);
    log_to_sink(own_line, NULL);
    if (options->log_debug) {
        log_set_level(LOG_LEVEL_DEBUG);
        supervisor.children.identity_flags |= IDENTITY_DEBUG;
    }
    sd_notify_open();
    resolve_user(&supervisor.children);
    if (!run_files_open(&supervisor.files, options->pid_file, supervisor.children.control_gid))
        return EXIT_FAILURE;
    if (!options->foreground)
        daemonize_begin();
    if (!run_files_write_pid(&supervisor.files))
        return EXIT_FAILURE;
    supervisor.loop = loop_new();
    if (supervisor.loop == NULL)
        log_fatal("no event loop: %s", strerror(errno));
    set_up_children(&supervisor);
    run_loop(&supervisor);
    put_away(&supervisor);
    log_notice("stopped");
    daemonize_finish(supervisor.exit_status);
    return supervisor.exit_status;
}
