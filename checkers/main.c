/*
 * tandem-checker: runs health checks and tells the director what it concludes.
 *
 * No capability, no file system: it parses what servers answer. Sockets that are a privilege come from links,
 * scripts are run by scripts. What it knows is on its board, so that its successor goes on without a flap.
 */
#include <unistd.h>

#include "checkers/engine.h"
#include "checkers/tls.h"
#include "conf/slice.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"

static void tell_director(const struct verdict *verdict, void *data)
{
    channel_send(child_peer(data, ROLE_DIRECTOR, 0), VERDICT, verdict);
}

static void ask_links(const struct check_socket *request, void *data)
{
    channel_send(child_peer(data, ROLE_LINKS, 0), CHECK_OPEN_SOCKET, request);
}

static void ask_scripts(const struct script_run *run, void *data)
{
    channel_send(child_peer(data, ROLE_SCRIPTS, 0), SCRIPT_RUN, run);
}

static void let_answers_lie(struct span patience, void *data)
{
    channel_rest(child_peer(data, ROLE_SCRIPTS, 0), patience);
}

/* ------------------------------------------------------------------ configuration */

static bool has_ssl_check(const struct conf_real_server *server)
{
    for (uint32_t i = 0; i < server->checkers.count; i++) {
        if (server->checkers.items[i]->type == CONF_CHECK_SSL)
            return true;
    }
    return false;
}

static bool needs_tls(const struct conf_model *model)
{
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = model->virtual_servers.items[i];

        for (uint32_t j = 0; j < server->real_servers.count; j++) {
            if (has_ssl_check(server->real_servers.items[j]))
                return true;
        }
    }
    return false;
}

/* False, logged, if certificate or key cannot be used. */
static bool make_tls(const struct conf_model *model, struct tls **tls)
{
    char why[TLS_WHY_BYTES];

    *tls = NULL;
    if (!needs_tls(model))
        return true;
    *tls = tls_new(&model->global.tls, why);
    if (*tls != NULL)
        return true;
    log_error("SSL checks: %s", why);
    return false;
}

/* False, logged, if the slice cannot be used. At the start there is none to fall back on: then SSL checks
 * that cannot be made are no reason to have no checks at all. */
static bool load(struct child *child, bool at_start)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(child), CONF_SLICE_CHECKER, &why);
    struct tls *tls;

    if (model == NULL) {
        log_error("the configuration for the checks cannot be used: %s", why);
        return false;
    }
    if (!make_tls(model, &tls) && !at_start) {
        conf_model_free(model);
        return false;
    }
    engine_load(child_data(child), model, tls, child_board(child));
    return true;
}

/* ------------------------------------------------------------------ life */

static void start(struct child *child)
{
    static const struct engine_callbacks callbacks = {tell_director, ask_links, ask_scripts, let_answers_lie};

    child_set_data(child, engine_new(child_loop(child), &callbacks, child));
    if (!load(child, true))
        log_fatal("without a configuration there is nothing to check");
    engine_tell_all(child_data(child)); /* what a predecessor may have had no time to say */
    log_debug("%u checks", engine_count(child_data(child)));
    child_ready(child);
}

static void reload(struct child *child)
{
    bool loaded = load(child, false);

    if (loaded)
        engine_tell_all(child_data(child));
    child_reloaded(child, loaded);
}

static void message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                    int fd)
{
    struct engine *engine = child_data(child);

    (void)from;
    if (type == CHECK_SOCKET || type == CHECK_SOCKET_ERROR)
        engine_socket(engine, payload, fd);
    else if (fd >= 0)
        close(fd);
    if (type == LINKS_LOCAL_SERVER)
        engine_local_server(engine, payload);
    if (type == SCRIPT_RAN)
        engine_script_ran(engine, payload);
    if (type == TRACKED_FILE)
        engine_tracked_file(engine, payload);
}

static void peer_started(struct child *child, struct channel *peer)
{
    struct engine *engine = child_data(child);

    if (channel_other(peer) == ROLE_DIRECTOR)
        engine_tell_all(engine);
    if (channel_other(peer) == ROLE_LINKS)
        engine_links_started(engine);
    if (channel_other(peer) == ROLE_SCRIPTS)
        engine_scripts_started(engine);
}

/* Nobody waits for a checker: what runs is simply left. */
static void stop(struct child *child, bool supervisor_gone)
{
    (void)supervisor_gone;
    child_stopped(child);
}

int main(int argc, char **argv)
{
    static const struct child_callbacks callbacks = {
        .start = start, .reload = reload, .message = message, .peer_started = peer_started, .stop = stop};

    return child_main(ROLE_CHECKER, &callbacks, argc, argv);
}
