/*
 * The supervisor's start: from the first configuration to READY. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/daemonize.h"
#include "daemon/log_output.h"
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

static void launch_all(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;
    bool balances = children_find(children, ROLE_DIRECTOR, 0) != NULL;

    if (balances)
        supervisor_load_ipvs_module();
    supervisor->launched = mono_now();
    for (size_t i = 0; i < children->count; i++) {
        if (!supervisor_start_process(supervisor, children->items[i])) {
            supervisor_begin_stop(supervisor, EXIT_FAILURE);
            return;
        }
    }
    if (!balances)
        children_go(children);
}

void supervisor_first_configuration(struct supervisor *supervisor, struct configuration *configuration)
{
    bool grown;

    configuration_log(configuration);
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
    for (size_t i = 0; i < configuration->part_count; i++)
        children_adopt_part(&supervisor->children, &configuration->parts[i], &grown);
    configuration_free(configuration);
    launch_all(supervisor);
}
