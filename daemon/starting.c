/*
 * The supervisor's start: from the first configuration to READY. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/daemonize.h"
#include "daemon/log_output.h"
#include "daemon/reload_files.h"
#include "daemon/sd_notify.h"

#define EXIT_CONFIGURATION 2

void supervisor_say_ready(struct supervisor *supervisor)
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
        supervisor_start_load(supervisor);
    }
}

void supervisor_process_ready(struct supervisor *supervisor, struct process *process)
{
    struct children *children = &supervisor->children;

    if (process_memory(process)->state != PROCESS_STARTING)
        return; /* it was told to stop before it could say this */
    children_set_state(children, process, PROCESS_READY);
    if (process_role(process) == ROLE_DIRECTOR)
        children_go(children);
    supervisor_first_is_over(supervisor);
    if (process_role(process) == ROLE_CTL)
        supervisor_go_on_dumping(supervisor);
    if (supervisor->phase == PHASE_STARTING && children_all_ready(children))
        supervisor_say_ready(supervisor);
}

/* The kernel loads ip_vs for a generic netlink request only where modprobe is allowed to; so we ask. */
void supervisor_load_ipvs_module(void)
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

/* Those that do not run yet, of these roles; false if one cannot be started, which is the end. */
static bool launch(struct supervisor *supervisor, unsigned int roles)
{
    struct children *children = &supervisor->children;

    supervisor->launched = mono_now();
    for (size_t i = 0; i < children->count; i++) {
        struct process *process = children->items[i];

        if ((roles & 1U << process_role(process)) == 0 || process_memory(process)->state != PROCESS_ABSENT)
            continue;
        if (!supervisor_start_process(supervisor, process)) {
            supervisor_begin_stop(supervisor, EXIT_FAILURE);
            return false;
        }
    }
    return true;
}

void supervisor_launch_all(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;
    bool balances = children_find(children, ROLE_DIRECTOR, 0) != NULL;

    if (balances)
        supervisor_load_ipvs_module();
    if (launch(supervisor, UINT_MAX) && !balances)
        children_go(children);
}

void supervisor_first_is_over(struct supervisor *supervisor)
{
    if (!supervisor->awaits_first || supervisor->phase != PHASE_STARTING)
        return;
    supervisor->awaits_first = false;
    supervisor_launch_all(supervisor);
}

/* Who goes first is given time to be ready before the others begin. */
static void launch_first(struct supervisor *supervisor, unsigned int roles)
{
    supervisor->awaits_first = true;
    launch(supervisor, roles);
}

void supervisor_first_configuration(struct supervisor *supervisor, struct configuration *configuration)
{
    unsigned int first = 0;
    bool grown;

    configuration_log(configuration);
    if (supervisor_has_elders(supervisor)) {
        supervisor_replace_elders(supervisor, configuration);
        return;
    }
    if (configuration_is_refused(configuration)) {
        int exit_status = configuration->failure != NULL ? EXIT_FAILURE : EXIT_CONFIGURATION;

        log_error("%s: %s", supervisor->options->configuration,
                  configuration->failure != NULL ? configuration->failure
                                                 : "the configuration would not work; not started");
        configuration_free(configuration);
        supervisor_begin_stop(supervisor, exit_status);
        return;
    }
    if (!supervisor_take_settings(supervisor, configuration) || !supervisor_settle(supervisor)) {
        configuration_free(configuration);
        supervisor_begin_stop(supervisor, EXIT_FAILURE);
        return;
    }
    for (size_t i = 0; i < configuration->part_count; i++) {
        struct configuration_part *part = &configuration->parts[i];

        if (part->flags & SLICE_GOES_FIRST)
            first |= 1U << part->role;
        children_adopt_part(&supervisor->children, part, &grown);
    }
    configuration_free(configuration);
    supervisor_reload_taken(supervisor);
    reload_flag_lower(supervisor->children.settings, supervisor->pid_path);
    if (first != 0)
        launch_first(supervisor, first);
    else
        supervisor_launch_all(supervisor);
}
