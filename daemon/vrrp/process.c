/*
 * The vrrp process: the callbacks of child.h.
 *
 *   prepare   asks for fine timers, while root may
 *   start     reads its slice, makes instances, goes on where a predecessor ended (resume.c),
 *             asks links for sockets
 *   GO        and links' word on interfaces and sockets: the other instances leave INIT
 *   stop      priority 0, addresses off, scripts told, gone
 */
#include "daemon/vrrp/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/log.h"
#include "daemon/vrrp/timing.h"

#define INTERFACES_TOLD span_s(1) /* after our start */
#define GO_AT_LATEST    span_s(5)
#define ASK_AGAIN       span_s(5) /* for a socket that could not be opened */
#define STOP_AT_LATEST  span_s(1)

static void end(void *data);

struct channel *process_links(struct vrrp_process *process)
{
    return child_peer(process->child, ROLE_LINKS, 0);
}

struct vrrp_instance *process_find(struct vrrp_process *process, uint64_t key)
{
    struct vrrp_instance *instance;

    HASH_FIND(hh, process->instances, &key, sizeof(key), instance);
    return instance;
}

/* ------------------------------------------------------------------ instances */

struct vrrp_instance *process_add(struct vrrp_process *process, const struct conf_instance *conf)
{
    struct vrrp_socket_spec spec;
    struct vrrp_instance *instance;

    vrrp_socket_spec_of(conf, &spec);
    instance = instance_new(process->child, conf, process_acquire_socket(process, &spec));
    HASH_ADD(hh, process->instances, key, sizeof(instance->key), instance);
    return instance;
}

void process_remove(struct vrrp_process *process, struct vrrp_instance *instance)
{
    struct vrrp_socket *socket = instance->socket;
    uint64_t socket_key = socket->key;

    HASH_DEL(process->instances, instance);
    board_remove(child_board(process->child), instance->key);
    instance_free(instance);
    if (vrrp_socket_release(socket))
        child_release(process->child, socket_key);
}

struct vrrp_surroundings process_surroundings(const struct vrrp_process *process)
{
    return (struct vrrp_surroundings){process->interfaces, trackers_find, process->trackers};
}

/* Scripts are waited for elsewhere: how long they may take is their own affair. */
static bool is_known(const struct vrrp_process *process, const struct conf_tracked *tracked)
{
    const struct track_state *state = trackers_find(process->trackers, tracked->key);

    return tracked->kind == CONF_TRACKED_SCRIPT || state == NULL || state->verdict != TRACK_UNKNOWN;
}

static bool all_are_known(const struct vrrp_process *process, struct conf_tracked *const *items,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!is_known(process, items[i]))
            return false;
    }
    return true;
}

/* links spoke of every interface the instance depends on and scripts of every file and process, or they had
 * the time to. */
static bool is_informed(const struct vrrp_process *process, const struct vrrp_instance *instance)
{
    const struct conf_instance *conf = instance->conf;
    const struct conf_sync_group *group = instance->unit->conf;

    if (process->told_all)
        return true;
    if (!all_are_known(process, conf->tracked.items, conf->tracked.count) ||
        (group != NULL && !all_are_known(process, group->tracked.items, group->tracked.count)))
        return false;
    if (conf->interface != NULL && interfaces_find(process->interfaces, conf->interface) == NULL)
        return false;
    for (uint32_t i = 0; i < conf->tracked_interfaces.count; i++) {
        if (interfaces_find(process->interfaces, conf->tracked_interfaces.items[i]->interface) == NULL)
            return false;
    }
    for (uint32_t i = 0; group != NULL && i < group->tracked_interfaces.count; i++) {
        if (interfaces_find(process->interfaces, group->tracked_interfaces.items[i]->interface) == NULL)
            return false;
    }
    return true;
}

static bool depends_on(const struct vrrp_instance *instance, const char *interface)
{
    const struct conf_instance *conf = instance->conf;
    const struct conf_sync_group *group = instance->unit->conf;

    if (conf->interface != NULL && strcmp(conf->interface, interface) == 0)
        return true;
    for (uint32_t i = 0; i < conf->tracked_interfaces.count; i++) {
        if (strcmp(conf->tracked_interfaces.items[i]->interface, interface) == 0)
            return true;
    }
    for (uint32_t i = 0; group != NULL && i < group->tracked_interfaces.count; i++) {
        if (strcmp(group->tracked_interfaces.items[i]->interface, interface) == 0)
            return true;
    }
    return false;
}

void process_look(struct vrrp_process *process, const char *interface)
{
    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        if (instance->unit != NULL && instance->unit->started && is_informed(process, instance) &&
            (interface == NULL || depends_on(instance, interface)))
            unit_look(instance);
    }
}

/* ------------------------------------------------------------------ start */

static bool waited_long(const struct vrrp_process *process)
{
    return mono_since(mono_now(), process->begun).ns >= GO_AT_LATEST.ns;
}

/* The result of a first run comes within its timeout; what takes longer is not the script's fault. */
static bool script_is_awaited(const struct vrrp_process *process, const struct conf_tracked *tracked)
{
    struct span patience = trackers_patience(process->trackers, tracked->key);
    const struct track_state *state = trackers_find(process->trackers, tracked->key);

    return track_effect(tracked, state).undecided &&
           mono_since(mono_now(), process->begun).ns < patience.ns + GO_AT_LATEST.ns;
}

/* One that could mean FAULT decides before the start. */
static bool awaits_a_script(const struct vrrp_process *process, const struct vrrp_instance *instance)
{
    const struct conf_instance *conf = instance->conf;
    const struct conf_sync_group *group = instance->unit->conf;

    for (uint32_t i = 0; i < conf->tracked.count; i++) {
        if (script_is_awaited(process, conf->tracked.items[i]))
            return true;
    }
    for (uint32_t i = 0; group != NULL && i < group->tracked.count; i++) {
        if (script_is_awaited(process, group->tracked.items[i]))
            return true;
    }
    return false;
}

static bool may_start(const struct vrrp_process *process, const struct vrrp_unit *unit)
{
    if (!process->go || (mono_is_set(process->start_at) && mono_before(mono_now(), process->start_at)))
        return false;
    for (unsigned int i = 0; i < unit->count; i++) {
        const struct vrrp_socket *socket = unit->instances[i]->socket;
        bool answered = socket->fd >= 0 || socket->error != 0;

        if (!is_informed(process, unit->instances[i]) || (!answered && !waited_long(process)) ||
            awaits_a_script(process, unit->instances[i]))
            return false;
    }
    return true;
}

/* Once every instance is in service, what links holds of others is a leftover. */
static void say_synced(struct vrrp_process *process)
{
    process->synced = true;
    channel_send(process_links(process), LINKS_SYNCED, NULL);
}

void process_start_units(struct vrrp_process *process)
{
    bool all = true;
    struct vrrp_unit *unit;

    if (process->stopping)
        return;
    LIST_FOREACH(unit, &process->units, next)
    {
        if (!unit->started && may_start(process, unit))
            unit_start(unit);
        all = all && unit->started;
    }
    if (all && !process->synced)
        say_synced(process);
}

/* What should have come by now, and did not: asked for again, or done without. */
static void lose_patience(void *data)
{
    struct vrrp_process *process = data;
    bool first = !process->told_all;

    process->told_all = true;
    if (!process->go && waited_long(process)) {
        log_warning("the order to begin did not come within %.0f s: the virtual routers start without it",
                    span_seconds(GO_AT_LATEST));
        process->go = true;
    }
    if (first)
        process_look(process, NULL);
    process_ask_for_sockets(process);
    process_start_units(process);
    if (first)
        loop_timer_set(process->patience, mono_add(process->begun, GO_AT_LATEST));
    else
        loop_timer_in(process->patience, ASK_AGAIN);
}

void process_be_patient(struct vrrp_process *process)
{
    process->told_all = false;
    process->begun = mono_now();
    loop_timer_in(process->patience, INTERFACES_TOLD);
}

struct conf_model *process_read_slice(struct vrrp_process *process)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(process->child), CONF_SLICE_VRRP, &why);

    if (model == NULL)
        log_error("the configuration cannot be read: %s", why);
    return model;
}

static bool tracks(struct conf_tracked *const *items, uint32_t count, uint64_t key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->key == key)
            return true;
    }
    return false;
}

/* A script, file or process has another state. */
static void tracked_changed(uint64_t key, void *data)
{
    struct vrrp_process *process = data;

    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        const struct vrrp_unit *unit = instance->unit;

        if (unit == NULL || !unit->started || !is_informed(process, instance))
            continue;
        if (tracks(instance->conf->tracked.items, instance->conf->tracked.count, key) ||
            (unit->conf != NULL && tracks(unit->conf->tracked.items, unit->conf->tracked.count, key)))
            unit_look(instance);
    }
    process_start_units(process);
}

static void resume_units(struct vrrp_process *process)
{
    struct vrrp_unit *unit;

    LIST_FOREACH(unit, &process->units, next)
    unit_resume(unit);
}

static void delay_over(void *data)
{
    process_start_units(data);
}

/* The daemon's start is delayed, not that of a successor, which goes on where its predecessor was. */
static void delay_start(struct vrrp_process *process)
{
    struct timespec running;
    struct span delay;

    clock_gettime(CLOCK_BOOTTIME, &running);
    delay =
        vrrp_start_delay(process->model->global.startup_delay_us, process->model->global.delay_after_boot_us,
                         span_ns(running.tv_sec * NS_PER_S + running.tv_nsec));
    if (delay.ns == 0 || child_identity(process->child)->respawns > 0)
        return;
    log_notice("the virtual routers start in %.1f s (vrrp_startup_delay, vrrp_delay_after_boot)",
               span_seconds(delay));
    process->start_at = mono_add(mono_now(), delay);
    loop_timer_set(process->delay, process->start_at);
}

static void start(struct child *child)
{
    struct vrrp_process *process = child_data(child);

    process->child = child;
    process->patience = loop_timer_new(child_loop(child), lose_patience, process);
    process->delay = loop_timer_new(child_loop(child), delay_over, process);
    process->links_due = loop_timer_new(child_loop(child), process_links_are_due, process);
    process->end = loop_timer_new(child_loop(child), end, process);
    process->model = process_read_slice(process);
    if (process->model == NULL)
        log_fatal("there is no configuration to start with");
    delay_start(process);
    for (uint32_t i = 0; i < process->model->instances.count; i++)
        process_add(process, process->model->instances.items[i]);
    process->trackers = trackers_new(child, tracked_changed, process);
    trackers_load(process->trackers, process->model);
    process_arrange_units(process);
    if (child_identity(child)->respawns > 0)
        resume_units(process);
    process_drop_held(process);
    process_be_patient(process);
    process_ask_for_sockets(process);
    process_start_units(process);
    child_ready(child);
}

/* Root's last chance. Timers of ordinary processes are served up to 50 us late, to save power. */
static void prepare(struct child *child)
{
    struct vrrp_process *process = child_data(child);

    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    process->interfaces = interfaces_new();
    LIST_INIT(&process->units);
    LIST_INIT(&process->sockets);
}

/* ------------------------------------------------------------------ messages */

static void control(struct child *child, enum message_type type, const void *payload, int fd)
{
    struct vrrp_process *process = child_data(child);

    if (type == CONTROL_HELD) {
        process_keep_held(process, ((const struct control_held *)payload)->key, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    if (type != CONTROL_GO)
        return;
    process->go = true;
    process_start_units(process);
}

static void addresses_taken(struct vrrp_process *process, const struct links_error *result)
{
    const struct vrrp_instance *instance = process_find(process, result->key);

    if (instance == NULL)
        return;
    if (result->count > 0)
        log_error("instance %s: %u of its addresses could not be set: %s", instance->conf->name,
                  result->count, strerror(result->error));
}

static void end_if_released(struct vrrp_process *process);

static void addresses_released(struct vrrp_process *process, const struct links_error *result)
{
    struct vrrp_instance *instance = process_find(process, result->key);

    if (instance == NULL)
        return;
    if (result->count > 0)
        log_error("instance %s: %u of its addresses could not be removed: %s", instance->conf->name,
                  result->count, strerror(result->error));
    instance->releasing = false;
    end_if_released(process);
}

static void message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                    int fd)
{
    struct vrrp_process *process = child_data(child);

    (void)from;
    switch ((unsigned int)type) {
    case LINKS_INTERFACE:
        process_interface_news(process, payload);
        break;
    case LINKS_SOCKET:
        process_socket_arrived(process, ((const struct message_key *)payload)->key, fd);
        break;
    case LINKS_SOCKET_ERROR:
        process_socket_failed(process, payload);
        break;
    case LINKS_TAKEN:
        addresses_taken(process, payload);
        break;
    case LINKS_RELEASED:
        addresses_released(process, payload);
        break;
    case SCRIPT_RAN:
    case TRACKED_FILE:
    case TRACKED_PROCESS:
        trackers_message(process->trackers, type, payload);
        break;
    default: /* DIRECTOR_TABLE_FULL: the supervisor draws the conclusion and sends GO */
        if (fd >= 0)
            close(fd);
    }
}

static void tell_sync_roles(const struct vrrp_process *process)
{
    for (const struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next)
        instance_tell_sync_role(instance, instance->router.state);
}

/* links began anew: it must learn who is master, and opens what it was asked to open. */
static void peer_started(struct child *child, struct channel *peer)
{
    struct vrrp_process *process = child_data(child);

    if (channel_other(peer) == ROLE_DIRECTOR)
        tell_sync_roles(process);
    if (channel_other(peer) == ROLE_SCRIPTS)
        trackers_scripts_lost(process->trackers);
    if (channel_other(peer) != ROLE_LINKS)
        return;
    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        if (instance->router.state == VRRP_MASTER)
            instance_send_take(instance, TAKE_ADOPT, mono_now());
    }
    process_forget_questions(process);
    process_ask_for_sockets(process);
    if (process->synced)
        say_synced(process);
    process->links_lost = false;
    process_look(process, NULL);
}

static void reload(struct child *child)
{
    child_reloaded(child, process_reload(child_data(child)));
    tell_sync_roles(child_data(child));
}

/* ------------------------------------------------------------------ stop */

static void tell_scripts_the_end(struct vrrp_process *process)
{
    struct vrrp_unit *unit;

    LIST_FOREACH(unit, &process->units, next)
    {
        for (unsigned int i = 0; unit->started && i < unit->count; i++)
            instance_notify(unit->instances[i], VRRP_INIT);
        if (unit->started)
            unit_notify(unit, VRRP_INIT);
    }
}

static void end(void *data)
{
    struct vrrp_process *process = data;

    if (process->ended)
        return;
    process->ended = true;
    loop_timer_stop(process->end);
    tell_scripts_the_end(process);
    child_stopped(process->child);
}

static void end_if_released(struct vrrp_process *process)
{
    if (!process->stopping)
        return;
    for (struct vrrp_instance *instance = process->instances; instance != NULL;
         instance = instance->hh.next) {
        if (instance->releasing)
            return;
    }
    end(process);
}

/* links dies again and again: a master whose addresses nobody puts on, or renews, must give way. */
static void peer_ended(struct child *child, enum role peer)
{
    struct vrrp_process *process = child_data(child);

    if (peer == ROLE_SCRIPTS)
        trackers_scripts_lost(process->trackers);
    if (peer != ROLE_LINKS)
        return;
    for (struct vrrp_instance *instance = process->instances; instance != NULL; instance = instance->hh.next)
        instance->releasing = false;
    if (process->stopping) {
        end_if_released(process);
        return;
    }
    process->links_lost = true;
    process_look(process, NULL);
}

static void stop(struct child *child, bool supervisor_gone)
{
    struct vrrp_process *process = child_data(child);
    struct vrrp_unit *unit;

    process->stopping = true;
    loop_timer_stop(process->patience);
    trackers_stop(process->trackers);
    if (!supervisor_gone && (child_identity(child)->flags & IDENTITY_KEEP_ADDRESSES) != 0) {
        process->ended = true;
        child_stopped(child); /* no farewell, nothing is released, and so no script has news */
        return;
    }
    LIST_FOREACH(unit, &process->units, next)
    {
        if (unit->started)
            unit_step(unit, 0, &(struct vrrp_event){.type = EVENT_STOP}, mono_now());
    }
    loop_timer_in(process->end, STOP_AT_LATEST);
    end_if_released(process);
}

/* ------------------------------------------------------------------ the table of callbacks */

/* Held sockets arrive before prepare(). */
static struct vrrp_process the_process = {.held = STAILQ_HEAD_INITIALIZER(the_process.held)};

const struct child_callbacks vrrp_process_callbacks = {
    .prepare = prepare,
    .start = start,
    .reload = reload,
    .message = message,
    .peer_started = peer_started,
    .peer_ended = peer_ended,
    .control = control,
    .stop = stop,
    .data = &the_process,
};
