/*
 * IPVS as a whole. See kernel_settings.h.
 */
#include "daemon/director/kernel_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/log.h"
#include "daemon/director/sync_daemon.h"
#include "daemon/kernel/ipvs_client.h"

#define LOOK_AGAIN   span_s(10)
#define DAEMONS_ROOM 4 /* the kernel has two at most */

enum state {
    STATE_UNKNOWN, /* IPVS was not asked for: nothing was to be set */
    STATE_FINDING,
    STATE_ABSENT, /* no IPVS in the kernel */
    STATE_THERE,
};

struct kernel_settings {
    struct loop_timer *timer; /* for the next look */
    struct ipvs_client *client;
    enum state state;
    struct conf_sync_daemon sync; /* its interface is in interface */
    char interface[IPVS_INTERFACE_BYTES];
    struct ipvs_timeouts timeouts;
    bool timeouts_set;
    bool role_known;
    bool is_master;
    bool had_daemon; /* one of ours may run though none is wanted */
    bool looking;    /* a dump of daemons is under way */
    bool look_again; /* something changed meanwhile */
    bool verifying;  /* it follows orders, to see what came of them */
    struct ipvs_daemon running[DAEMONS_ROOM];
    uint32_t running_count;
    int refusal; /* errno told last, so that it is told once */
    void (*done)(void *data);
    void *done_data;
    bool flush;
};

/* ------------------------------------------------------------------ what is wanted */

static enum sync_duty duty(const struct kernel_settings *settings)
{
    if (settings->done != NULL || settings->sync.interface == NULL)
        return settings->had_daemon ? SYNC_NEITHER : SYNC_UNKNOWN;
    if (settings->sync.instance == 0)
        return SYNC_BOTH;
    if (!settings->role_known)
        return SYNC_UNKNOWN;
    return settings->is_master ? SYNC_MASTER : SYNC_BACKUP;
}

static bool timeouts_are_given(const struct ipvs_timeouts *timeouts)
{
    return timeouts->tcp_s != 0 || timeouts->tcp_fin_s != 0 || timeouts->udp_s != 0;
}

/* ------------------------------------------------------------------ looking and mending */

static void look(struct kernel_settings *settings)
{
    if (settings->looking) {
        settings->look_again = true;
        return;
    }
    settings->looking = true;
    settings->running_count = 0;
    ipvs_client_dump_daemons(settings->client);
    ipvs_client_send(settings->client);
}

static void set_timeouts(struct kernel_settings *settings)
{
    struct ipvs_order order = {.kind = IPVS_ORDER_TIMEOUTS, .timeouts = settings->timeouts};

    if (settings->timeouts_set || !timeouts_are_given(&settings->timeouts))
        return;
    settings->timeouts_set = true;
    ipvs_client_order(settings->client, &order);
    ipvs_client_send(settings->client);
}

static void find(struct kernel_settings *settings)
{
    settings->state = STATE_FINDING;
    ipvs_client_find(settings->client);
    ipvs_client_send(settings->client);
}

/* Does what is due. */
static void act(struct kernel_settings *settings)
{
    bool daemons = settings->sync.interface != NULL || settings->had_daemon;

    switch (settings->state) {
    case STATE_UNKNOWN:
        if (daemons || timeouts_are_given(&settings->timeouts) || settings->flush)
            find(settings);
        return;
    case STATE_FINDING:
    case STATE_ABSENT:
        return;
    case STATE_THERE:
        set_timeouts(settings);
        if (daemons)
            look(settings);
        return;
    }
}

static void timer_fired(void *data)
{
    struct kernel_settings *settings = data;

    if (settings->state == STATE_ABSENT)
        find(settings);
    else
        act(settings);
}

static void end(struct kernel_settings *settings)
{
    void (*done)(void *data) = settings->done;

    settings->done = NULL;
    loop_timer_stop(settings->timer);
    done(settings->done_data);
}

/* True when the stop is through. */
static bool is_finished(const struct kernel_settings *settings)
{
    return settings->done != NULL && !settings->looking && ipvs_client_is_idle(settings->client);
}

/* Returns the number of orders it took. */
static uint32_t mend(struct kernel_settings *settings)
{
    struct ipvs_order orders[SYNC_ORDERS_MAX];
    uint32_t count = sync_daemon_orders(duty(settings), &settings->sync, settings->running,
                                        settings->running_count, orders);

    for (uint32_t i = 0; i < count; i++)
        ipvs_client_order(settings->client, &orders[i]);
    settings->had_daemon = settings->sync.interface != NULL && settings->done == NULL;
    ipvs_client_send(settings->client);
    return count;
}

/* ------------------------------------------------------------------ the client's callbacks */

static void on_found(int error, void *data)
{
    struct kernel_settings *settings = data;

    settings->state = error == 0 ? STATE_THERE : STATE_ABSENT;
    if (settings->done != NULL && error != 0) {
        end(settings);
        return;
    }
    if (error != 0)
        loop_timer_in(settings->timer, LOOK_AGAIN);
    else if (settings->done != NULL)
        kernel_settings_finish(settings, settings->flush, settings->done, settings->done_data);
    else
        act(settings);
}

static void on_daemon(const struct ipvs_daemon *daemon, void *data)
{
    struct kernel_settings *settings = data;

    if (settings->running_count < DAEMONS_ROOM)
        settings->running[settings->running_count++] = *daemon;
}

static void on_daemons_end(int error, void *data)
{
    struct kernel_settings *settings = data;

    settings->looking = false;
    if (settings->look_again) {
        settings->look_again = settings->verifying = false;
        look(settings);
        return;
    }
    settings->verifying = error == 0 && !settings->verifying && mend(settings) > 0;
    if (settings->verifying) {
        look(settings); /* which also has unanswered orders reported: ipvs_client.h */
        return;
    }
    if (settings->done == NULL && settings->sync.interface != NULL)
        loop_timer_in(settings->timer, LOOK_AGAIN);
}

static const char *role_word(const struct ipvs_order *order)
{
    return order->daemon.master ? "sends connections" : "receives connections";
}

static void on_ordered(const struct ipvs_order *order, int error, void *data)
{
    struct kernel_settings *settings = data;
    bool news = error != settings->refusal;

    settings->refusal = error;
    switch (order->kind) {
    case IPVS_ORDER_TIMEOUTS:
        if (error != 0)
            log_error("lvs_timeouts cannot be set: %s", strerror(error));
        return;
    case IPVS_ORDER_START_DAEMON:
        if (error == 0)
            log_notice("the IPVS sync daemon %s on %s, id %u", role_word(order), order->daemon.interface,
                       order->daemon.sync_id);
        else if (news)
            log_error("the IPVS sync daemon that %s on %s cannot be started: %s", role_word(order),
                      order->daemon.interface, strerror(error));
        return;
    case IPVS_ORDER_STOP_DAEMON:
        if (error != 0 && error != ESRCH && error != EINTR) /* none ran, or it had not begun */
            log_error("the IPVS sync daemon that %s cannot be stopped: %s", role_word(order),
                      strerror(error));
        return;
    case IPVS_ORDER_FLUSH:
        if (error == 0)
            log_notice("the whole IPVS table was flushed, as lvs_flush_on_stop says");
        else
            log_error("the IPVS table cannot be flushed: %s", strerror(error));
        return;
    }
}

static void on_idle(void *data)
{
    struct kernel_settings *settings = data;

    if (is_finished(settings))
        end(settings);
}

static void on_lost(int error, void *data)
{
    struct kernel_settings *settings = data;

    log_warning("answers of the kernel's IPVS were lost (%s): its settings are compared anew",
                strerror(error));
    settings->looking = false;
    settings->look_again = false;
    settings->timeouts_set = false;
    settings->state = STATE_ABSENT;
    if (settings->done != NULL)
        end(settings);
    else
        loop_timer_in(settings->timer, span_ms(100));
}

static const struct ipvs_client_callbacks client_callbacks = {
    .found = on_found,
    .daemon = on_daemon,
    .daemons_end = on_daemons_end,
    .ordered = on_ordered,
    .idle = on_idle,
    .lost = on_lost,
};

/* ------------------------------------------------------------------ life */

struct kernel_settings *kernel_settings_new(struct loop *loop)
{
    struct kernel_settings *settings = calloc(1, sizeof(*settings));

    if (settings == NULL)
        abort();
    settings->client = ipvs_client_new(loop, &client_callbacks, settings);
    if (settings->client == NULL) {
        free(settings);
        return NULL;
    }
    settings->timer = loop_timer_new(loop, timer_fired, settings);
    return settings;
}

void kernel_settings_want(struct kernel_settings *settings, const struct conf_global *global)
{
    const struct conf_ipvs_timeouts *timeouts = &global->ipvs_timeouts;
    struct ipvs_timeouts wanted = {timeouts->tcp_s, timeouts->tcp_fin_s, timeouts->udp_s};

    settings->had_daemon |= settings->sync.interface != NULL;
    settings->role_known &= settings->sync.instance == global->sync_daemon.instance;
    settings->sync = global->sync_daemon;
    if (settings->sync.interface != NULL) {
        strncpy(settings->interface, settings->sync.interface, sizeof(settings->interface) - 1);
        settings->sync.interface = settings->interface;
    }
    settings->timeouts_set &= memcmp(&settings->timeouts, &wanted, sizeof(wanted)) == 0;
    settings->timeouts = wanted;
    act(settings);
}

void kernel_settings_role(struct kernel_settings *settings, bool master)
{
    if (settings->role_known && settings->is_master == master)
        return;
    settings->role_known = true;
    settings->is_master = master;
    act(settings);
}

void kernel_settings_finish(struct kernel_settings *settings, bool flush, void (*done)(void *data),
                            void *data)
{
    struct ipvs_order order = {.kind = IPVS_ORDER_FLUSH};

    settings->had_daemon |= settings->sync.interface != NULL;
    settings->flush = flush;
    settings->done = done;
    settings->done_data = data;
    if (settings->state == STATE_UNKNOWN)
        act(settings);
    if (settings->state == STATE_FINDING)
        return; /* on_found goes on */
    if (settings->state == STATE_THERE) {
        if (flush)
            ipvs_client_order(settings->client, &order);
        act(settings);
        ipvs_client_send(settings->client);
    }
    if (is_finished(settings))
        end(settings);
}
