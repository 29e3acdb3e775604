/*
 * tandem-checker: runs health checks and tells the director what it concludes.
 *
 * No capability, no file system: it parses what servers answer. What it knows is on its board, so that its
 * successor goes on without a flap.
 */

#include "checkers/engine.h"
#include "conf/slice.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"

static void tell_director(const struct verdict *verdict, void *data)
{
    channel_send(child_peer(data, ROLE_DIRECTOR, 0), VERDICT, verdict);
}

/* False, logged, if the slice cannot be used. */
static bool load(struct child *child)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(child), CONF_SLICE_CHECKER, &why);

    if (model == NULL) {
        log_error("the configuration for the checks cannot be used: %s", why);
        return false;
    }
    engine_load(child_data(child), model, child_board(child));
    return true;
}

static void start(struct child *child)
{
    child_set_data(child, engine_new(child_loop(child), tell_director, child));
    if (!load(child))
        log_fatal("without a configuration there is nothing to check");
    engine_tell_all(child_data(child)); /* what a predecessor may have had no time to say */
    log_debug("%u checks", engine_count(child_data(child)));
    child_ready(child);
}

static void reload(struct child *child)
{
    bool loaded = load(child);

    if (loaded)
        engine_tell_all(child_data(child));
    child_reloaded(child, loaded);
}

static void director_started(struct child *child, struct channel *peer)
{
    (void)peer;
    engine_tell_all(child_data(child));
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
        .start = start, .reload = reload, .peer_started = director_started, .stop = stop};

    return child_main(ROLE_CHECKER, &callbacks, argc, argv);
}
