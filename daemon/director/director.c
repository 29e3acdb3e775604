/*
 * The director's program. See director.h.
 *
 *     VERDICT -> servers.c (check, real server, quorum) -> wanted.c -> reconciler.c -> kernel
 *                     \-> events -> scripts, log, board
 *
 * The commands are sent before anybody is told. What the board says about a server outlives a death of this
 * process: its successor takes it for true until the checkers have spoken again, so that nothing flaps.
 */
#include "daemon/director/director.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/server_name.h"
#include "conf/slice.h"
#include "daemon/core/board_records.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"
#include "daemon/director/kernel_settings.h"
#include "daemon/director/publish.h"
#include "daemon/director/reconciler.h"
#include "daemon/director/servers.h"
#include "daemon/director/tellings.h"
#include "daemon/director/wanted.h"

#define PEER_PATIENCE  span_s(5) /* for vrrp to give up its addresses before the table goes */
#define EMPTY_PATIENCE span_s(3) /* for the kernel to answer the last commands */

struct told {
    enum servers_event event;
    const struct virtual_server *virtual_server;
    const struct real_server *real;
};

struct director {
    struct child *child;
    struct servers *servers;
    struct reconciler *reconciler;
    struct kernel_settings *settings;
    struct loop_timer *patience;
    struct told *events; /* collected until the commands are sent */
    uint32_t event_count;
    uint32_t event_room;
    struct tellings *tellings; /* what scripts is told */
    uint64_t journal_place;
    uint64_t mended;
    uint32_t commands_ahead; /* that a reload took before its whole configuration came */
    bool is_ahead;           /* a part of a configuration is in force, and the whole is to come */
    bool there;              /* IPVS is in the kernel */
    bool tells_starts;       /* rs_init_notifies */
    bool flush;              /* lvs_flush_on_stop */
    bool ready;
    bool stopping;
    bool emptying;
};

/* ------------------------------------------------------------------ the board */

static void publish_whole(struct director *director)
{
    struct director_record record = {.kind = DIRECTOR_RECORD_TABLE, .up = director->there};

    record.in_table = director->there;
    record.mended = director->mended;
    publish_table(child_board(director->child), &record);
}

/* While we are ahead, the board may have no room for what is new: the whole brings it. */
static void publish_one(struct director *director, const struct virtual_server *virtual_server)
{
    if (director->is_ahead)
        return;
    publish_virtual_server(child_board(director->child), director->reconciler, virtual_server,
                           director->there);
}

static void publish_all(struct director *director)
{
    const struct virtual_server *virtual_server = servers_first(director->servers);

    for (; virtual_server != NULL; virtual_server = virtual_server->hh.next)
        publish_one(director, virtual_server);
}

static bool is_current(uint64_t key, void *data)
{
    const struct director *director = data;

    return key == PUBLISH_TABLE_KEY || servers_know(director->servers, key);
}

static bool recall(uint64_t key, struct servers_memory *memory, void *data)
{
    struct director *director = data;
    struct director_record record;

    if (!board_read(child_board(director->child), key, &record))
        return false;
    *memory = (struct servers_memory){record.up != 0, (uint16_t)record.weight};
    return true;
}

/* ------------------------------------------------------------------ telling */

static void send_to_scripts(enum message_type type, const void *payload, void *data)
{
    const struct director *director = data;

    channel_send(child_peer(director->child, ROLE_SCRIPTS, 0), type, payload);
}

static void tell_scripts_real_server(struct director *director, const struct told *told, bool up)
{
    struct notify_real_server message = {
        .virtual_server = told->virtual_server->conf->key,
        .real_server = told->real->conf->key,
        .up = up,
    };

    tellings_real_server(director->tellings, &message);
}

static void tell_scripts_quorum(struct director *director, const struct told *told, bool up)
{
    struct notify_quorum message = {.virtual_server = told->virtual_server->conf->key, .up = up};

    tellings_quorum(director->tellings, &message);
}

static const char *place_text(const struct told *told)
{
    if (told->event == REAL_SERVER_WENT_DOWN)
        return told->real->conf->inhibit_on_failure ? "weight 0" : "removed from the table";
    return virtual_server_is_sorry(told->virtual_server) ? "the sorry server answers until there is a quorum"
                                                         : "in the table";
}

static void log_real_server(const struct told *told)
{
    char real[IP_ENDPOINT_TEXT], virtual[CONF_SERVER_TEXT];

    ip_endpoint_text(&told->real->conf->endpoint, real);
    conf_server_full_text(told->virtual_server->conf, virtual);
    if (told->event == REAL_SERVER_CAME_UP)
        log_notice("real server %s of %s is up: weight %u, %s", real, virtual, told->real->weight,
                   place_text(told));
    else if (told->event == REAL_SERVER_WENT_DOWN)
        log_notice("real server %s of %s is down: %s", real, virtual, place_text(told));
    else if (told->event == REAL_SERVER_REWEIGHED)
        log_notice("real server %s of %s has weight %u now, as its check says", real, virtual,
                   told->real->weight);
    else if (told->event == REAL_SERVER_REMOVED)
        log_notice("real server %s of %s is no longer configured: removed", real, virtual);
}

static void tell_real_server(struct director *director, const struct told *told)
{
    log_real_server(told);
    if (told->event == REAL_SERVER_REWEIGHED)
        return;
    if (told->event == REAL_SERVER_REMOVED && !told->real->up)
        return; /* scripts know it as down */
    if (told->event == REAL_SERVER_STARTED && !director->tells_starts)
        return;
    tell_scripts_real_server(director, told,
                             told->event == REAL_SERVER_CAME_UP || told->event == REAL_SERVER_STARTED);
}

static void log_sorry_server(const struct virtual_server *virtual_server)
{
    const struct conf_sorry_server *sorry = &virtual_server->conf->sorry;
    char server[IP_ENDPOINT_TEXT], text[CONF_SERVER_TEXT];

    if (ip_address_is_set(&sorry->endpoint.address))
        log_notice("sorry server %s of %s %s", ip_endpoint_text(&sorry->endpoint, server),
                   conf_server_full_text(virtual_server->conf, text),
                   virtual_server_is_sorry(virtual_server) ? "answers now" : "is idle again");
}

static void log_virtual_server(const struct told *told)
{
    const struct virtual_server *virtual_server = told->virtual_server;
    char text[CONF_SERVER_TEXT];

    conf_server_full_text(virtual_server->conf, text);
    if (told->event == VIRTUAL_SERVER_REMOVED) {
        log_notice("virtual server %s is no longer configured: removed", text);
        return;
    }
    log_notice("virtual server %s %s %s: live weight %u, quorum %u", text,
               told->event == QUORUM_MISSING ? "starts" : "is", virtual_server->up ? "up" : "down",
               virtual_server->live_weight, virtual_server->quorum.quorum);
    log_sorry_server(virtual_server);
}

/* Whether scripts hear of it. A start without quorum is no change, but that a sorry server answers is news.
 */
static bool is_told(const struct told *told)
{
    switch (told->event) {
    case VIRTUAL_SERVER_REMOVED:
        return told->virtual_server->up;
    case QUORUM_MISSING:
        return virtual_server_is_sorry(told->virtual_server);
    case QUORUM_GAINED:
    case QUORUM_LOST:
    case REAL_SERVER_CAME_UP:
    case REAL_SERVER_WENT_DOWN:
    case REAL_SERVER_STARTED:
    case REAL_SERVER_REMOVED:
    case REAL_SERVER_REWEIGHED:
        return true;
    }
    return true;
}

static void tell_virtual_server(struct director *director, const struct told *told)
{
    log_virtual_server(told);
    if (is_told(told))
        tell_scripts_quorum(director, told, told->event == QUORUM_GAINED);
}

static void collect(enum servers_event event, const struct virtual_server *virtual_server,
                    const struct real_server *real, void *data)
{
    struct director *director = data;

    if (director->event_count == director->event_room) {
        director->event_room = director->event_room == 0 ? 8 : director->event_room * 2;
        director->events = realloc(director->events, director->event_room * sizeof(director->events[0]));
        if (director->events == NULL)
            abort();
    }
    director->events[director->event_count++] = (struct told){event, virtual_server, real};
}

static void tell_events(struct director *director)
{
    for (uint32_t i = 0; i < director->event_count; i++) {
        const struct told *told = &director->events[i];

        switch (told->event) {
        case REAL_SERVER_CAME_UP:
        case REAL_SERVER_WENT_DOWN:
        case REAL_SERVER_STARTED:
        case REAL_SERVER_REMOVED:
        case REAL_SERVER_REWEIGHED:
            tell_real_server(director, told);
            break;
        case QUORUM_GAINED:
        case QUORUM_LOST:
        case QUORUM_MISSING:
        case VIRTUAL_SERVER_REMOVED:
            tell_virtual_server(director, told);
            break;
        }
    }
    director->event_count = 0;
}

/* ------------------------------------------------------------------ wanting */

static void want(struct director *director, const struct virtual_server *virtual_server)
{
    struct wanted_cursor cursor = {0};
    struct ipvs_service_id id;
    struct image image = {0};

    while (wanted_next(virtual_server->conf, &cursor, &id)) {
        wanted_image(virtual_server, &id, &image);
        reconciler_want(director->reconciler, virtual_server->conf->key, &id, &image);
    }
    image_clear(&image);
}

static void want_all(struct director *director)
{
    const struct virtual_server *virtual_server = servers_first(director->servers);

    reconciler_begin_list(director->reconciler);
    for (; virtual_server != NULL; virtual_server = virtual_server->hh.next)
        want(director, virtual_server);
    reconciler_end_list(director->reconciler);
}

static void unwant(struct director *director, uint64_t key)
{
    const struct virtual_server *virtual_server = servers_find(director->servers, key);
    struct wanted_cursor cursor = {0};
    struct ipvs_service_id id;

    while (virtual_server != NULL && wanted_next(virtual_server->conf, &cursor, &id))
        reconciler_unwant(director->reconciler, &id);
}

/* What part says in place of what is wanted of its virtual servers, and nothing of those that are gone. */
static void want_part(struct director *director, const struct servers *part, const struct advance *advance)
{
    const struct virtual_server *virtual_server;

    for (uint32_t i = 0; i < advance->gone_count; i++)
        unwant(director, advance->gone[i]);
    for (virtual_server = servers_first(part); virtual_server != NULL;
         virtual_server = virtual_server->hh.next)
        unwant(director, virtual_server->conf->key);
    for (virtual_server = servers_first(part); virtual_server != NULL;
         virtual_server = virtual_server->hh.next)
        want(director, virtual_server);
}

/* The one funnel of verdicts. */
static void take_verdict(struct director *director, const struct verdict *verdict)
{
    const struct virtual_server *virtual_server =
        servers_verdict(director->servers, verdict, collect, director);

    if (virtual_server == NULL)
        return;
    want(director, virtual_server);
    reconciler_commit(director->reconciler);
    publish_one(director, virtual_server);
    tell_events(director);
}

/* ------------------------------------------------------------------ the reconciler's callbacks */

static void become_ready(struct director *director)
{
    if (director->ready)
        return;
    director->ready = true;
    child_ready(director->child);
    channel_send(child_peer(director->child, ROLE_VRRP, 0), DIRECTOR_TABLE_FULL, NULL);
}

static void on_available(bool there, void *data)
{
    struct director *director = data;

    if (there && director->ready && !director->there)
        log_notice("this kernel has IPVS now: virtual servers are being programmed");
    if (!there)
        log_error("this kernel has no IPVS (ip_vs module): virtual servers are not programmed; VRRP and "
                  "checks go on");
    director->there = there;
    publish_whole(director);
    if (there)
        return;
    publish_all(director);
    become_ready(director);
}

static void on_round_over(const struct reconciler_round *round, void *data)
{
    struct director *director = data;
    char example[IPVS_SERVICE_TEXT];

    director->mended += round->altered;
    if (round->first) {
        log_info("IPVS table complete after %.3f s: %u virtual servers, %u commands, %u leftovers removed",
                 span_seconds(round->took), round->services, round->changes, round->leftovers);
        publish_all(director);
        become_ready(director);
    } else if (round->altered > 0) {
        log_warning("somebody else changed %u of our virtual servers in the IPVS table (%s%s): mended with "
                    "%u commands",
                    round->altered, ipvs_service_text(&round->example, example),
                    round->altered > 1 ? " and others" : "", round->changes);
    }
    publish_whole(director);
}

static void on_settled(uint64_t key, void *data)
{
    struct director *director = data;
    const struct virtual_server *virtual_server = servers_find(director->servers, key);

    if (virtual_server != NULL && !director->emptying)
        publish_one(director, virtual_server);
}

static void end(void *data)
{
    struct director *director = data;

    loop_timer_stop(director->patience);
    servers_omega(director->servers, collect, director);
    tell_events(director);
    child_stopped(director->child);
}

static void on_emptied(void *data)
{
    struct director *director = data;

    kernel_settings_finish(director->settings, director->flush, end, director);
}

static const struct reconciler_callbacks reconciler_callbacks = {
    .available = on_available,
    .round_over = on_round_over,
    .settled = on_settled,
    .emptied = on_emptied,
};

/* ------------------------------------------------------------------ stopping */

static void empty_table(struct director *director)
{
    if (director->emptying)
        return;
    director->emptying = true;
    loop_timer_in(director->patience, EMPTY_PATIENCE);
    reconciler_empty(director->reconciler);
}

static void patience_over(void *data)
{
    struct director *director = data;

    if (!director->emptying) {
        log_warning("vrrp has not ended within %.0f s: the IPVS table goes now", span_seconds(PEER_PATIENCE));
        empty_table(director);
        return;
    }
    log_error("the kernel does not answer: virtual servers may stay in the IPVS table");
    end(director);
}

static void on_stop(struct child *child, bool supervisor_gone)
{
    struct director *director = child_data(child);

    director->stopping = true;
    tellings_open(director->tellings); /* if that happens within a reload, scripts hears what it can name */
    if (!supervisor_gone && (child_identity(child)->flags & IDENTITY_KEEP_IPVS) != 0) {
        director->emptying = true;
        child_stopped(child); /* the table stays, and the journal names what of it is ours */
        return;
    }
    if (supervisor_gone && child_peer(child, ROLE_VRRP, 0) != NULL)
        loop_timer_in(director->patience, PEER_PATIENCE);
    else
        empty_table(director);
}

static void on_peer_ended(struct child *child, enum role peer)
{
    struct director *director = child_data(child);

    if (director->stopping && peer == ROLE_VRRP)
        empty_table(director);
}

/* ------------------------------------------------------------------ the life of a child */

static void on_prepare(struct child *child)
{
    struct director *director = child_data(child);

    director->journal_place = journal_place(); /* soon no file can be opened */
}

static struct conf_model *take_model(struct child *child)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(child), CONF_SLICE_DIRECTOR, &why);

    if (model == NULL)
        log_error("the configuration for the director cannot be read: %s", why);
    return model;
}

static struct journal *open_journal(const struct director *director)
{
    int fd = child_take_file(director->child, CONTROL_FILE_IPVS_JOURNAL);

    if (fd >= 0)
        return journal_new(fd, director->journal_place);
    log_warning(
        "there is no IPVS journal: after a crash, virtual servers that left the configuration may stay in "
        "the table");
    return NULL;
}

static void take_globals(struct director *director, const struct conf_model *model)
{
    director->tells_starts = model->global.rs_init_notifies;
    director->flush = model->global.flush_on_stop == CONF_FLUSH_ALL;
    kernel_settings_want(director->settings, &model->global);
}

static void on_start(struct child *child)
{
    struct director *director = child_data(child);
    struct conf_model *model = take_model(child);
    struct director_record table;

    if (model == NULL)
        log_fatal("the director cannot run without a configuration");
    director->child = child;
    if (board_read(child_board(child), PUBLISH_TABLE_KEY, &table))
        director->mended = table.mended;
    director->reconciler =
        reconciler_new(child_loop(child), open_journal(director), &reconciler_callbacks, director);
    if (director->reconciler == NULL)
        log_fatal("no generic netlink socket: %s", strerror(errno));
    director->settings = kernel_settings_new(child_loop(child));
    if (director->settings == NULL)
        log_fatal("no generic netlink socket: %s", strerror(errno));
    director->patience = loop_timer_new(child_loop(child), patience_over, director);
    director->servers = servers_new(model, NULL, recall, director);
    take_globals(director, model);
    servers_compare(director->servers, NULL, recall, collect, director);
    board_keep(child_board(child), is_current, director);
    want_all(director);
    reconciler_commit(director->reconciler);
    reconciler_start(director->reconciler,
                     model->global.flush_at_start == CONF_FLUSH_ALL && child_identity(child)->respawns == 0);
    publish_all(director);
    tell_events(director);
}

static void on_reload(struct child *child)
{
    struct director *director = child_data(child);
    struct servers *old = director->servers;
    struct conf_model *model;
    uint32_t commands, ahead = director->commands_ahead;

    if (director->stopping)
        return;
    tellings_close(director->tellings);
    director->is_ahead = false;
    director->commands_ahead = 0;
    model = take_model(child);
    if (model == NULL) {
        child_reloaded(child, false);
        return;
    }
    director->servers = servers_new(model, old, NULL, NULL);
    want_all(director);
    commands = reconciler_commit(director->reconciler) + ahead;
    take_globals(director, model);
    servers_compare(director->servers, old, NULL, collect, director);
    board_keep(child_board(child), is_current, director);
    publish_all(director);
    tell_events(director);
    servers_free(old);
    log_info("reloaded: %u commands to IPVS, %u of them ahead of the whole", commands, ahead);
    child_reloaded(child, true);
}

/* A part of a reload whose whole will come: as on_reload, but for what is not known of the whole yet. */
static void go_ahead(struct director *director, const struct advance *advance, int fd)
{
    const char *why;
    struct conf_model *model = conf_slice_take(fd, CONF_SLICE_DIRECTOR, &why);
    struct servers *part;

    if (model == NULL || director->stopping || advance->gone_count > ADVANCE_GONE_MAX) {
        conf_model_free(model);
        return;
    }
    tellings_close(director->tellings);
    director->is_ahead = true;
    part = servers_new(model, director->servers, NULL, NULL);
    want_part(director, part, advance);
    director->commands_ahead += reconciler_commit(director->reconciler);
    servers_compare_part(director->servers, part, advance->gone, advance->gone_count, collect, director);
    servers_merge(director->servers, part, advance->gone, advance->gone_count);
    tell_events(director);
}

static void on_message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                       int fd)
{
    struct director *director = child_data(child);

    (void)from;
    (void)fd; /* no message to the director carries one */
    if (director->stopping)
        return;
    if (type == VERDICT)
        take_verdict(director, payload);
    else if (type == SYNC_ROLE)
        kernel_settings_role(director->settings, ((const struct sync_role *)payload)->master != 0);
}

static void on_peer_started(struct child *child, struct channel *peer)
{
    const struct director *director = child_data(child);

    if (channel_other(peer) == ROLE_VRRP && director->ready)
        channel_send(peer, DIRECTOR_TABLE_FULL, NULL);
}

static void on_control(struct child *child, enum message_type type, const void *payload, int fd)
{
    struct director *director = child_data(child);

    if (type == CONTROL_ADVANCE) {
        go_ahead(director, payload, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    if (type == CONTROL_TELL)
        tellings_open(director->tellings);
}

int director_main(int argc, char **argv)
{
    static struct director director;
    static const struct child_callbacks callbacks = {
        .prepare = on_prepare,
        .start = on_start,
        .reload = on_reload,
        .message = on_message,
        .peer_started = on_peer_started,
        .peer_ended = on_peer_ended,
        .control = on_control,
        .stop = on_stop,
        .data = &director,
    };

    director.tellings = tellings_new(send_to_scripts, &director);
    return child_main(ROLE_DIRECTOR, &callbacks, argc, argv);
}
