/*
 * One VRRP instance at work: its life, and the router's actions. See instance.h; receiving is in receive.c.
 */
#include "daemon/vrrp/instance.h"

#include <stdlib.h>
#include <time.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/auth_header.h"
#include "daemon/vrrp/settings.h"
#include "daemon/vrrp/timing.h"

/* ------------------------------------------------------------------ life */

static void set_expectations(struct vrrp_instance *instance)
{
    const struct conf_instance *conf = instance->conf;

    instance->expected = (struct vrrp_expectations){
        .family = conf->family,
        .version = conf->version,
        .vrid = conf->vrid,
        .min_ttl = 255,
        .max_ttl = 255,
        .auth_type = conf->auth_type,
        .auth_data = conf->auth_data,
        .interval = span_us(conf->advert_interval_us),
        .old_group = conf->old_checksum_group,
    };
}

void instance_configure(struct vrrp_instance *instance, const struct conf_instance *conf)
{
    struct vrrp_settings settings = instance_settings(conf);

    instance->conf = conf;
    instance->record.advert_interval_ns = settings.advert_interval.ns;
    instance->record.peer_down_interval_ns = vrrp_shortest_peer_down_interval(&settings).ns;
    instance->record.source = instance->router.source;
    set_expectations(instance);
    advert_build(&instance->advert, conf, &instance->router.source);
}

struct vrrp_instance *instance_new(struct child *child, const struct conf_instance *conf,
                                   struct vrrp_socket *socket)
{
    struct vrrp_instance *instance = calloc(1, sizeof(*instance));
    struct vrrp_settings settings = instance_settings(conf);

    if (instance == NULL)
        abort();
    instance->key = conf->key;
    instance->child = child;
    instance->socket = socket;
    socket->by_vrid[conf->vrid] = instance;
    vrrp_router_init(&instance->router, &settings, &conf->source);
    instance->record.effective_priority = instance->router.effective_priority;
    instance_configure(instance, conf);
    return instance;
}

void instance_free(struct vrrp_instance *instance)
{
    instance->socket->by_vrid[instance->expected.vrid] = NULL;
    advert_free(&instance->advert);
    free(instance);
}

void instance_set_source(struct vrrp_instance *instance, const struct ip_address *source)
{
    instance->record.source = *source;
    advert_build(&instance->advert, instance->conf, source);
}

void instance_publish(struct vrrp_instance *instance)
{
    board_write(child_board(instance->child), instance->key, &instance->record);
}

struct mono instance_superseded_at(const struct vrrp_instance *instance)
{
    if (instance->router.state != VRRP_MASTER)
        return (struct mono){0};
    return vrrp_superseded_at((struct mono){instance->record.last_advert_sent_ns},
                              span_ns(instance->record.peer_down_interval_ns),
                              instance->router.settings.advert_interval);
}

/* ------------------------------------------------------------------ actions */

static void report_send_error(struct vrrp_instance *instance, int error)
{
    if (error == instance->send_error)
        return;
    instance->send_error = error;
    if (error != 0)
        log_error("instance %s: adverts cannot be sent: %s", instance->conf->name, strerror(error));
    else
        log_notice("instance %s: adverts are sent again", instance->conf->name);
}

static int64_t wall_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* On the board before it is used: nobody uses a number twice, whenever we die. */
static uint32_t next_sequence(struct vrrp_instance *instance)
{
    uint32_t sequence;

    if (instance->conf->auth_type != CONF_AUTH_AH)
        return 0;
    sequence = vrrp_ah_next(&instance->record.ah, wall_now_ns() / NS_PER_S);
    instance_publish(instance);
    return sequence;
}

/* What is on the board must never be later than what is on the wire: so the time is taken before the send,
 * and written after it. An advert that could not leave counts as sent: whether a peer took over cannot be
 * known then, and to give the addresses up for want of a route would leave them to nobody. */
static void send_advert(struct vrrp_instance *instance, uint8_t priority)
{
    struct mono now = mono_now();
    unsigned int ifindex = instance->ifindex != 0 ? instance->ifindex : instance->socket->ifindex;
    uint32_t sequence = next_sequence(instance);
    int error = advert_send(&instance->advert, instance->conf, instance->socket, ifindex, priority, sequence);

    instance->record.last_advert_sent_ns = now.ns;
    if (error == 0) {
        instance->record.adverts_sent++;
        instance->record.priority_zero_sent += priority == VRRP_PRIORITY_STOP;
    }
    instance_publish(instance);
    report_send_error(instance, error);
}

void instance_send_take(struct vrrp_instance *instance, uint32_t flags, struct mono decided)
{
    struct links_take take = {
        .key = instance->key,
        .flags = flags,
        .lease_ns = vrrp_lease(instance->conf->lease_us, span_ns(instance->record.peer_down_interval_ns)).ns,
        .decided_ns = decided.ns,
    };

    instance->releasing = false;
    channel_send(child_peer(instance->child, ROLE_LINKS, 0), LINKS_TAKE, &take);
}

static void send_key(struct vrrp_instance *instance, enum message_type type)
{
    struct message_key key = {instance->key};

    channel_send(child_peer(instance->child, ROLE_LINKS, 0), type, &key);
}

static void release(struct vrrp_instance *instance)
{
    instance->releasing = child_peer(instance->child, ROLE_LINKS, 0) != NULL;
    send_key(instance, LINKS_RELEASE);
}

enum notify_state instance_notify_state(enum vrrp_state state)
{
    static const enum notify_state words[VRRP_STATE_COUNT] = {
        [VRRP_INIT] = NOTIFY_STOP,
        [VRRP_BACKUP] = NOTIFY_BACKUP,
        [VRRP_MASTER] = NOTIFY_MASTER,
        [VRRP_FAULT] = NOTIFY_FAULT,
    };

    return words[state];
}

void instance_tell_sync_role(const struct vrrp_instance *instance, enum vrrp_state state)
{
    struct sync_role role = {.key = instance->key, .master = state == VRRP_MASTER};

    if (instance->conf->leads_sync_daemon)
        channel_send(child_peer(instance->child, ROLE_DIRECTOR, 0), SYNC_ROLE, &role);
}

void instance_notify(struct vrrp_instance *instance, enum vrrp_state state)
{
    struct notify_instance notice = {instance->key, instance_notify_state(state),
                                     instance->router.effective_priority};

    if (instance->told == state)
        return;
    instance->told = state;
    instance_tell_sync_role(instance, state);
    channel_send(child_peer(instance->child, ROLE_SCRIPTS, 0), NOTIFY_INSTANCE, &notice);
}

void instance_notify_deleted(struct vrrp_instance *instance)
{
    struct notify_instance notice = {instance->key, NOTIFY_DELETED, instance->router.effective_priority};

    if (!instance->conf->reports_deletion) {
        instance_notify(instance, VRRP_FAULT);
        return;
    }
    instance_tell_sync_role(instance, VRRP_INIT);
    channel_send(child_peer(instance->child, ROLE_SCRIPTS, 0), NOTIFY_INSTANCE, &notice);
}

void instance_notify_again(struct vrrp_instance *instance)
{
    struct notify_instance notice = {instance->key, instance_notify_state(instance->told),
                                     instance->router.effective_priority};

    if (instance->told != VRRP_INIT)
        channel_send(child_peer(instance->child, ROLE_SCRIPTS, 0), NOTIFY_INSTANCE_STATE, &notice);
}

static void tell_event(struct vrrp_instance *instance, enum notify_state word)
{
    struct notify_instance notice = {instance->key, word, instance->router.effective_priority};

    channel_send(child_peer(instance->child, ROLE_SCRIPTS, 0), NOTIFY_INSTANCE_EVENT, &notice);
}

static const char *cause_text(const struct vrrp_instance *instance)
{
    if (instance->router.cause == CAUSE_FAULT)
        return vrrp_fault_text(instance->faults);
    return vrrp_cause_text(instance->router.cause);
}

static void log_transition(const struct vrrp_instance *instance, enum vrrp_state before)
{
    const char *tracked = "", *between = "";

    if (before == instance->router.state) {
        log_notice("instance %s: goes on as %s after a restart of this process", instance->conf->name,
                   vrrp_state_name(before));
        return;
    }
    if (instance->router.cause == CAUSE_FAULT && (instance->faults & VRRP_FAULTS_NAMED)) {
        between = ": ";
        tracked = instance->tracked;
    }
    log_notice("instance %s: %s -> %s, because %s%s%s (priority %u, %u VIP%s)", instance->conf->name,
               vrrp_state_name(before), vrrp_state_name(instance->router.state), cause_text(instance),
               between, tracked, instance->router.effective_priority, instance->conf->vips.count,
               instance->conf->vips.count == 1 ? "" : "s");
}

static void state_changed(struct vrrp_instance *instance)
{
    const struct vrrp_router *router = &instance->router;
    struct vrrp_record *record = &instance->record;
    enum vrrp_state before = (enum vrrp_state)record->state;

    record->state = router->state;
    record->cause = (uint8_t)router->cause;
    record->master = router->state == VRRP_MASTER ? router->source : router->master;
    record->master_priority = router->master_priority;
    record->master_interval_ns = router->master_interval.ns;
    record->effective_priority = router->effective_priority;
    if (before != router->state) {
        record->state_since_ns = router->state_since.ns;
        record->state_since_wall_ns = wall_now_ns();
        record->became_master += router->state == VRRP_MASTER;
        record->released_master += before == VRRP_MASTER;
        record->pauses += router->cause == CAUSE_PAUSED;
    }
    instance_publish(instance);
    if (router->state != VRRP_INIT)
        instance_notify(instance, router->state);
    log_transition(instance, before);
}

static void priority_changed(struct vrrp_instance *instance)
{
    const struct vrrp_router *router = &instance->router;
    bool changed = instance->record.effective_priority != router->effective_priority;

    if (changed)
        log_info("instance %s: effective priority %u -> %u", instance->conf->name,
                 instance->record.effective_priority, router->effective_priority);
    instance->record.effective_priority = router->effective_priority;
    instance_publish(instance);
    if (changed && instance->conf->notify_priority_changes)
        tell_event(instance, router->state == VRRP_MASTER ? NOTIFY_MASTER_PRIORITY : NOTIFY_BACKUP_PRIORITY);
}

void instance_act(struct vrrp_instance *instance, enum vrrp_action_type action, struct mono decided)
{
    switch (action) {
    case ACTION_SEND_ADVERT:
        send_advert(instance, instance->router.effective_priority);
        break;
    case ACTION_SEND_ZERO:
        send_advert(instance, VRRP_PRIORITY_STOP);
        break;
    case ACTION_TAKE:
        instance_send_take(instance, 0, decided);
        break;
    case ACTION_ADOPT:
        instance_send_take(instance, TAKE_ADOPT, decided);
        break;
    case ACTION_RELEASE:
        release(instance);
        break;
    case ACTION_ANNOUNCE:
        send_key(instance, LINKS_ANNOUNCE);
        tell_event(instance, NOTIFY_MASTER_RX_LOWER_PRI);
        break;
    case ACTION_STATE_CHANGED:
        state_changed(instance);
        break;
    case ACTION_PRIORITY_CHANGED:
        priority_changed(instance);
        break;
    case ACTION_TYPE_COUNT:
        break;
    }
}
