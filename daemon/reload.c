/*
 * The supervisor's loads and reloads: reader -> slices -> each process in turn, or nothing at all; then those
 * that are not needed any more stop. See supervisor.h.
 *
 * The director gets its part before anybody's turn, for nobody waits for anything as for the kernel's table;
 * what it has to tell scripts it tells at its turn. What is plainly new it may have before that even
 * (reload_advance.c).
 */
#include "daemon/supervisor_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/reload_files.h"
#include "daemon/sd_notify.h"

#define RELOAD_PATIENCE span_s(5) /* for one process to take its slice over */
#define NO_READER       "the reader cannot be started"

/* scripts before those who tell it names; links before vrrp, which names its instances; ctl last. */
static const enum role reload_order[] = {ROLE_MAIL,    ROLE_SCRIPTS, ROLE_LINKS, ROLE_DIRECTOR,
                                         ROLE_CHECKER, ROLE_VRRP,    ROLE_CTL};
#define RELOAD_STEPS (sizeof(reload_order) / sizeof(reload_order[0]))

static void reload_next(struct supervisor *supervisor);

static int text_memfd(const char *text)
{
    int fd = memfd_create("tandem-text", MFD_CLOEXEC);
    size_t length = strlen(text);

    if (fd >= 0 && write(fd, text, length) != (ssize_t)length)
        log_warning("the answer to a command was cut short");
    return fd;
}

void supervisor_answer(struct supervisor *supervisor, uint64_t command, bool ok, uint32_t outcome,
                       const char *text)
{
    struct process *ctl = children_find(&supervisor->children, ROLE_CTL, 0);
    struct command_result result = {command, ok, outcome};
    int fd;

    if (command == 0)
        return;
    fd = text_memfd(text);
    if (fd < 0 || ctl == NULL)
        return;
    channel_send_fd(process_control(ctl), COMMAND_RESULT, &result, fd);
    close(fd);
}

static void reload_ended(struct supervisor *supervisor, bool ok, const char *text, uint32_t outcome)
{
    supervisor_tell_status(supervisor);
    sd_notify_ready();
    supervisor_answer(supervisor, supervisor->command, ok, outcome, text);
    supervisor->command = 0;
    configuration_free(supervisor->applied);
    supervisor->applied = NULL;
    if (supervisor->load_again) {
        supervisor->load_again = false;
        supervisor_start_load(supervisor);
    } else if (supervisor->upgrade.reloading) {
        supervisor_upgrade_reloaded(supervisor, ok, text);
    }
}

/* With reload_check_config, what would be taken with complaints is not taken either: keepalived's check of a
 * new configuration fails for these too. */
static bool is_unwelcome(const struct supervisor *supervisor, const struct configuration *configuration)
{
    return supervisor->settings->daemon.reload_check && configuration->report.outcome == READER_COMPLAINTS;
}

static const char *reason_of(const struct configuration *configuration)
{
    if (configuration->failure != NULL)
        return configuration->failure;
    return configuration->report.outcome == READER_COMPLAINTS
               ? "with reload_check_config no reload takes a configuration that is complained of"
               : "the new configuration would not work";
}

static void reload_refused(struct supervisor *supervisor, const struct configuration *configuration)
{
    const struct reader_report *report = &configuration->report;
    char *text = configuration_diagnostics(configuration), *whole;
    bool is_said = configuration->failure == NULL && report->outcome == READER_REFUSED;

    configuration_log(configuration);
    log_error("%s: %s; the configuration in force stays", supervisor->options->configuration,
              reason_of(configuration));
    if (!is_said && asprintf(&whole, "%s%s\n", text, reason_of(configuration)) >= 0) {
        free(text);
        text = whole;
    }
    if (configuration->failure != NULL)
        supervisor_reload_refused(supervisor, 1, configuration->failure);
    else
        supervisor_reload_refused(supervisor, report->problems, report->problem);
    reload_ended(supervisor, false, text, READER_REFUSED);
    free(text);
}

/* What there is to say of a new configuration, good or not. */
static void write_reload_log(const struct supervisor *supervisor, const struct configuration *configuration)
{
    const struct conf_daemon *settings = &supervisor->settings->daemon;
    char *text = configuration_diagnostics(configuration);
    uint32_t mask = supervisor->options->umask_given ? supervisor->options->umask : settings->umask;

    reload_log_write(settings, text, 0666 & ~mask);
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

bool supervisor_has_dismissed(struct process *process)
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

        if (!supervisor_has_dismissed(process) || (roles & 1U << process_role(process)) == 0)
            continue;
        if (!process_runs(process)) {
            children_remove(children, process);
            continue;
        }
        waiting = true;
        if (process_memory(process)->state == PROCESS_STOPPING)
            continue;
        children_order_stop(children, process);
        supervisor->reload_patience = mono_add(mono_now(), supervisor_stop_patience(supervisor));
    }
    return waiting;
}

/* One stage after the other, as at the stop: links puts away what vrrp held, scripts hear the last of both.
 */
static bool dismiss_next(struct supervisor *supervisor)
{
    for (size_t stage = 0; stage < SUPERVISOR_STOP_STAGES; stage++) {
        if (dismiss_roles(supervisor, supervisor_stop_stages[stage]))
            return true;
    }
    return false;
}

static void reload_process(struct supervisor *supervisor, struct configuration_part *part)
{
    struct children *children = &supervisor->children;
    bool grown;
    struct process *process = children_adopt_part(children, part, &grown);

    if (grown)
        children_send_board(children, process);
    if (process_runs(process)) {
        children_send_slice(process);
        process_memory(process)->awaiting_reload = true;
        return;
    }
    if (part->role == ROLE_DIRECTOR)
        supervisor_load_ipvs_module();
    supervisor_launch(supervisor, process);
}

/* Gives every process of one role its part, unless it has it. */
static void reload_role(struct supervisor *supervisor, enum role role)
{
    for (size_t i = 0; i < supervisor->applied->part_count; i++) {
        struct configuration_part *part = &supervisor->applied->parts[i];

        if (part->role == role && part->slice >= 0)
            reload_process(supervisor, part);
    }
}

/* Nobody waits for a process that must be started first. */
static void reload_director_early(struct supervisor *supervisor)
{
    const struct process *director = children_find(&supervisor->children, ROLE_DIRECTOR, 0);

    supervisor->children.scripts_behind = true;
    if (director != NULL && process_runs(director))
        reload_role(supervisor, ROLE_DIRECTOR);
}

static void begin_reload(struct supervisor *supervisor, struct configuration *configuration)
{
    supervisor->applied = configuration;
    supervisor->reload_step = 0;
    supervisor->advanced = false;
    supervisor_record_heeded(supervisor);
    reload_director_early(supervisor);
    write_reload_log(supervisor, configuration);
    configuration_log(configuration);
    supervisor_take_settings(supervisor, configuration);
    reload_flag_lower(supervisor->children.settings, supervisor->pid_path); /* it may have another name now */
    for (size_t i = 0; i < supervisor->children.count; i++) {
        struct process *process = supervisor->children.items[i];

        if (process_role(process) != ROLE_CTL && !part_is_of(configuration, process))
            dismiss(process);
    }
    reload_next(supervisor);
}

static bool role_awaits(const struct children *children, enum role role)
{
    for (size_t i = 0; i < children->count; i++) {
        struct process *process = children->items[i];

        if (process_role(process) == role && process_memory(process)->awaiting_reload)
            return true;
    }
    return false;
}

/* The reader writes ctl's part when it has sent all others. */
static void add_ctl_part(struct supervisor *supervisor)
{
    if (!configuration_take_rest(supervisor->applied, supervisor->load))
        log_error("tandemctl goes on to show the configuration before this one: the reader ended too early; "
                  "another reload mends that");
}

static bool awaits_reader(const struct supervisor *supervisor, enum role role)
{
    return role == ROLE_CTL && !configuration_load_is_over(supervisor->load);
}

static void reload_next(struct supervisor *supervisor)
{
    char *text;

    while (supervisor->reload_step < RELOAD_STEPS) {
        enum role role = reload_order[supervisor->reload_step];

        supervisor->reload_patience = mono_add(mono_now(), RELOAD_PATIENCE);
        if (awaits_reader(supervisor, role))
            return;
        supervisor->reload_step++;
        if (role == ROLE_CTL)
            add_ctl_part(supervisor);
        reload_role(supervisor, role);
        if (role == ROLE_DIRECTOR)
            children_scripts_know(&supervisor->children);
        if (role_awaits(&supervisor->children, role))
            return;
    }
    if (dismiss_next(supervisor))
        return;
    log_notice("the new configuration is in force");
    supervisor_reload_taken(supervisor);
    text = configuration_diagnostics(supervisor->applied);
    reload_ended(supervisor, true, text, supervisor->applied->report.outcome);
    free(text);
}

void supervisor_reload_goes_on(struct supervisor *supervisor)
{
    size_t step = supervisor->reload_step;

    if (supervisor->applied != NULL &&
        (step == 0 || !role_awaits(&supervisor->children, reload_order[step - 1])))
        reload_next(supervisor);
}

static void reader_is_over(void *data)
{
    supervisor_record_end(data);
    supervisor_reload_goes_on(data);
}

void supervisor_process_reloaded(struct supervisor *supervisor, struct process *process, bool ok)
{
    if (!process_memory(process)->awaiting_reload || supervisor->phase == PHASE_STOPPING)
        return;
    process_memory(process)->awaiting_reload = false;
    if (!ok)
        log_error("%s could not take the new configuration over", process_name(process));
    supervisor_reload_goes_on(supervisor);
}

/* The end of a killed one is what supervisor_reload_next waits for then. */
void supervisor_kill_slow_reload(struct supervisor *supervisor)
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

    reload_flag_lower(supervisor->children.settings, supervisor->pid_path);
    if (supervisor->phase == PHASE_STOPPING) {
        configuration_free(configuration);
        return;
    }
    if (!mono_is_set(supervisor->launched)) {
        supervisor_record_heeded(supervisor);
        supervisor_first_configuration(supervisor, configuration);
        return;
    }
    if (configuration_is_refused(configuration) || is_unwelcome(supervisor, configuration)) {
        supervisor_take_advance_back(supervisor);
        write_reload_log(supervisor, configuration);
        reload_refused(supervisor, configuration);
        configuration_free(configuration);
    } else {
        begin_reload(supervisor, configuration);
    }
}

static const struct configuration_callbacks load_callbacks = {supervisor_advance, configuration_loaded,
                                                              reader_is_over};

/* The options that are the reader's affair. */
static const char *reader_switches(const struct options *options, char buffer[static 8])
{
    snprintf(buffer, 8, "-%s%s%s%s", options->dump_configuration ? "d" : "", options->all_includes ? "e" : "",
             options->only_vrrp ? "P" : "", options->only_checkers ? "C" : "");
    return buffer[1] == '\0' ? NULL : buffer;
}

void supervisor_start_load(struct supervisor *supervisor)
{
    char switches[8];
    struct configuration_request request = {
        .directory = supervisor->children.directory,
        .file = supervisor->options->configuration,
        .id = supervisor->options->configuration_id,
        .switches = reader_switches(supervisor->options, switches),
        .uid = supervisor->children.uid,
        .gid = supervisor->children.gid,
        .own_pid = getpid(),
        .secret_key = &supervisor->secret_key,
        .record = supervisor->record,
        .replaces_running = mono_is_set(supervisor->launched),
    };

    if (configuration_load_is_under_way(supervisor->load) || supervisor->applied != NULL) {
        supervisor->load_again = true;
        return;
    }
    supervisor->command = supervisor->command_next;
    supervisor->command_next = 0;
    if (supervisor->ready_said)
        sd_notify_reloading();
    reload_flag_raise(supervisor->children.settings, supervisor->pid_path);
    configuration_load_free(supervisor->load);
    supervisor_record_begin(supervisor);
    supervisor->load = configuration_load_new(supervisor->loop, &request, &load_callbacks, supervisor);
    if (supervisor->load != NULL)
        return;
    reload_flag_lower(supervisor->children.settings, supervisor->pid_path);
    if (!supervisor->ready_said) {
        supervisor_begin_stop(supervisor, EXIT_FAILURE);
        return;
    }
    supervisor_reload_refused(supervisor, 1, NO_READER);
    reload_ended(supervisor, false, NO_READER "\n", READER_REFUSED);
}

/* Somebody asks for a reload: now, or when the start is over. */
void supervisor_want_load(struct supervisor *supervisor)
{
    if (supervisor->phase == PHASE_STARTING)
        supervisor->load_again = true;
    else if (supervisor->phase == PHASE_RUNNING)
        supervisor_start_load(supervisor);
}
