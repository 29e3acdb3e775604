/*
 * What the configuration says of the supervisor itself: the network namespace all run in, the names of the
 * run files, how long a stop may take. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/log.h"
#include "daemon/namespace.h"

/* ------------------------------------------------------------------ taking it over */

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void warn_of_change(const char *keyword, const char *before, const char *now)
{
    if (!is_same(before, now))
        log_warning("%s: a reload does not change it; it is %s until the next start", keyword,
                    before == NULL ? "not set" : before);
}

bool supervisor_take_settings(struct supervisor *supervisor, struct configuration *configuration)
{
    const char *why = "the reader sent none";
    struct conf_model *settings = conf_slice_take(configuration->settings, CONF_SLICE_SUPERVISOR, &why);

    configuration->settings = -1;
    if (settings == NULL) {
        log_error("the configuration's settings for the supervisor cannot be read: %s", why);
        return false;
    }
    if (supervisor->settings != NULL) {
        const struct conf_daemon *before = &supervisor->settings->daemon, *now = &settings->daemon;

        warn_of_change("net_namespace", before->network_namespace, now->network_namespace);
        warn_of_change("net_namespace_ipvs", before->ipvs_namespace, now->ipvs_namespace);
        warn_of_change("instance", before->instance, now->instance);
        conf_model_free(supervisor->settings);
    }
    supervisor->settings = settings;
    supervisor->children.settings = &settings->daemon;
    reload_clock_follow(supervisor->clock, settings->daemon.reload_time_file, settings->daemon.reload_repeat);
    if (settings->daemon.name != NULL)
        prctl(PR_SET_NAME, settings->daemon.name);
    return true;
}

/* ------------------------------------------------------------------ the first time */

const char *supervisor_namespace_name(const struct supervisor *supervisor)
{
    return supervisor->options->network_namespace != NULL ? supervisor->options->network_namespace
                                                          : supervisor->settings->daemon.network_namespace;
}

/* The director's namespace is opened before we leave the one we were started in. */
static bool open_ipvs_namespace(struct supervisor *supervisor, int *fd)
{
    const struct conf_daemon *settings = &supervisor->settings->daemon;

    *fd = -1;
    if (settings->ipvs_namespace == NULL && !settings->ipvs_where_started)
        return true;
    *fd = namespace_open(settings->ipvs_namespace);
    return *fd >= 0;
}

static bool enter_configured_namespace(struct supervisor *supervisor)
{
    const char *name = supervisor->settings->daemon.network_namespace;
    bool entered;
    int fd;

    if (supervisor->options->network_namespace != NULL || name == NULL)
        return true;
    fd = namespace_open(name);
    if (fd < 0)
        return false;
    entered = namespace_enter(fd);
    close(fd);
    return entered;
}

static bool enter_namespaces(struct supervisor *supervisor)
{
    struct children *children = &supervisor->children;

    if (!open_ipvs_namespace(supervisor, &children->ipvs_namespace) ||
        !enter_configured_namespace(supervisor))
        return false;
    if (children->ipvs_namespace < 0)
        return true;
    children->own_namespace = namespace_open(NULL);
    return children->own_namespace >= 0;
}

static void name_pid_file(struct supervisor *supervisor)
{
    const struct options *options = supervisor->options;

    supervisor->pid_path = options->pid_file != NULL
                               ? strdup(options->pid_file)
                               : options_pid_file(options, supervisor->settings->daemon.instance,
                                                  supervisor_namespace_name(supervisor));
}

bool supervisor_settle_as_heir(struct supervisor *supervisor, const struct inheritance_files *left)
{
    struct children *children = &supervisor->children;

    name_pid_file(supervisor);
    run_files_inherit(&supervisor->files, supervisor->pid_path, left, &supervisor->secret_key);
    children->ipvs_namespace = left->ipvs_namespace;
    if (children->ipvs_namespace < 0)
        return true;
    children->own_namespace = namespace_open(NULL);
    return children->own_namespace >= 0;
}

bool supervisor_settle(struct supervisor *supervisor)
{
    if (!enter_namespaces(supervisor))
        return false;
    name_pid_file(supervisor);
    return run_files_open(&supervisor->files, supervisor->pid_path, supervisor->children.control_gid,
                          &supervisor->secret_key) &&
           run_files_write_pid(&supervisor->files);
}
