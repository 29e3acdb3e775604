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
#include <time.h>

#include "conf/slice.h"
#include "daemon/core/board_records.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"
#include "daemon/director/reconciler.h"
#include "daemon/director/servers.h"
#include "daemon/director/wanted.h"

#define TABLE_KEY      0
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
    struct loop_timer *patience;
    struct told *events; /* collected until the commands are sent */
    uint32_t event_count;
    uint32_t event_room;
    uint64_t journal_place;
    uint64_t mended;
    bool there; /* IPVS is in the kernel */
    bool ready;
    bool stopping;
    bool emptying;
};

/* ------------------------------------------------------------------ the board */

static int64_t wall_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Writes the record unless the board says so already; a change of up is counted and dated. */
static void publish(struct director *director, uint64_t key, struct director_record *record)
{
    struct board *board = child_board(director->child);
    struct director_record before = {0};
    bool known = board_read(board, key, &before);

    record->since_ns = before.since_ns;
    record->since_wall_ns = before.since_wall_ns;
    record->changes = before.changes;
    if (!known || before.up != record->up) {
        record->since_ns = mono_now().ns;
        record->since_wall_ns = wall_now_ns();
        record->changes += known;
    }
    if (known && memcmp(&before, record, sizeof(before)) == 0)
        return;
    if (!board_write(board, key, record))
        log_error("the director's board is full: status will not show everything");
}

static void publish_table(struct director *director)
{
    struct director_record record = {.kind = DIRECTOR_RECORD_TABLE, .up = director->there};

    record.in_table = director->there;
    record.mended = director->mended;
    publish(director, TABLE_KEY, &record);
}

static void publish_real_server(struct director *director, const struct real_server *real,
                                const struct image *actual, int error)
{
    struct ipvs_destination_id id = wanted_destination_id(real->conf);
    const struct ipvs_destination *destination = actual == NULL ? NULL : image_find(actual, &id);
    struct real_server_place place =
        real_server_place(real->up, real->conf->weight, real->conf->inhibit_on_failure);
    struct director_record record = {.kind = DIRECTOR_RECORD_REAL_SERVER, .up = real->up};

    record.in_table = destination != NULL;
    record.live_weight = destination == NULL ? 0 : destination->weight;
    if (place.in_table != (destination != NULL) && director->there)
        record.last_error = error;
    publish(director, real->conf->key, &record);
}

static void publish_virtual_server(struct director *director, const struct virtual_server *virtual_server,
                                   int error)
{
    struct ipvs_service_id id = wanted_service_id(virtual_server->conf);
    const struct image *actual = reconciler_actual(director->reconciler, &id);
    struct director_record record = {.kind = DIRECTOR_RECORD_VIRTUAL_SERVER, .up = virtual_server->up};

    record.live_weight = virtual_server->live_weight;
    record.in_table = actual != NULL;
    record.last_error = error;
    publish(director, virtual_server->conf->key, &record);
    for (uint32_t i = 0; i < virtual_server->real_count; i++)
        publish_real_server(director, &virtual_server->servers[i], actual, error);
}

static void publish_all(struct director *director)
{
    const struct virtual_server *virtual_server = servers_first(director->servers);

    for (; virtual_server != NULL; virtual_server = virtual_server->hh.next)
        publish_virtual_server(director, virtual_server, 0);
}

static bool is_current(uint64_t key, void *data)
{
    const struct director *director = data;

    return key == TABLE_KEY || servers_know(director->servers, key);
}

static bool recall(uint64_t key, bool *up, void *data)
{
    struct director *director = data;
    struct director_record record;

    if (!board_read(child_board(director->child), key, &record))
        return false;
    *up = record.up != 0;
    return true;
}

/* ------------------------------------------------------------------ telling */

static void tell_scripts_real_server(struct director *director, const struct told *told, bool up)
{
    struct notify_real_server message = {
        .virtual_server = told->virtual_server->conf->key,
        .real_server = told->real->conf->key,
        .up = up,
    };

    channel_send(child_peer(director->child, ROLE_SCRIPTS, 0), NOTIFY_REAL_SERVER, &message);
}

static void tell_scripts_quorum(struct director *director, const struct told *told, bool up)
{
    struct notify_quorum message = {.virtual_server = told->virtual_server->conf->key, .up = up};

    channel_send(child_peer(director->child, ROLE_SCRIPTS, 0), NOTIFY_QUORUM, &message);
}

static void tell_real_server(struct director *director, const struct told *told)
{
    struct ipvs_destination_id id = wanted_destination_id(told->real->conf);
    struct ipvs_service_id service = wanted_service_id(told->virtual_server->conf);
    char real[IPVS_DESTINATION_TEXT], virtual[IPVS_SERVICE_TEXT];

    ipvs_destination_text(&id, real);
    ipvs_service_text(&service, virtual);
    if (told->event == REAL_SERVER_CAME_UP)
        log_notice("real server %s of %s is up: weight %u", real, virtual, told->real->conf->weight);
    else if (told->event == REAL_SERVER_REMOVED)
        log_notice("real server %s of %s is no longer configured: removed", real, virtual);
    else
        log_notice("real server %s of %s is down: %s", real, virtual,
                   told->real->conf->inhibit_on_failure ? "weight 0" : "removed from the table");
    if (told->event == REAL_SERVER_REMOVED && !told->real->up)
        return; /* scripts know it as down */
    tell_scripts_real_server(director, told, told->event == REAL_SERVER_CAME_UP);
}

static void tell_virtual_server(struct director *director, const struct told *told)
{
    const struct virtual_server *virtual_server = told->virtual_server;
    struct ipvs_service_id id = wanted_service_id(virtual_server->conf);
    char text[IPVS_SERVICE_TEXT];

    ipvs_service_text(&id, text);
    if (told->event == VIRTUAL_SERVER_REMOVED)
        log_notice("virtual server %s is no longer configured: removed", text);
    else
        log_notice("virtual server %s is %s: live weight %u, quorum %u", text,
                   virtual_server->up ? "up" : "down", virtual_server->live_weight,
                   virtual_server->quorum.quorum);
    if (told->event == VIRTUAL_SERVER_REMOVED && !virtual_server->up)
        return;
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
        case REAL_SERVER_REMOVED:
            tell_real_server(director, told);
            break;
        case QUORUM_GAINED:
        case QUORUM_LOST:
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
    struct ipvs_service_id id = wanted_service_id(virtual_server->conf);
    struct image image = {0};

    wanted_image(virtual_server, &image);
    reconciler_want(director->reconciler, virtual_server->conf->key, &id, &image);
    image_clear(&image);
}

static void want_all(struct director *director)
{
    const struct virtual_server *virtual_server = servers_first(director->servers);

    for (; virtual_server != NULL; virtual_server = virtual_server->hh.next)
        want(director, virtual_server);
}

static void unwant_removed(struct director *director, const struct servers *old)
{
    const struct virtual_server *virtual_server = servers_first(old);

    for (; virtual_server != NULL; virtual_server = virtual_server->hh.next) {
        struct ipvs_service_id id = wanted_service_id(virtual_server->conf);

        if (servers_find(director->servers, virtual_server->conf->key) == NULL)
            reconciler_unwant(director->reconciler, &id);
    }
}

/* The one funnel of verdicts. */
static void take_verdict(struct director *director, const struct verdict *verdict)
{
    const struct virtual_server *virtual_server =
        servers_verdict(director->servers, verdict->key, verdict->up != 0, collect, director);

    if (virtual_server == NULL)
        return;
    want(director, virtual_server);
    reconciler_commit(director->reconciler);
    publish_virtual_server(director, virtual_server, 0);
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
    publish_table(director);
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
        become_ready(director);
    } else if (round->altered > 0) {
        log_warning("somebody else changed %u of our virtual servers in the IPVS table (%s%s): mended with "
                    "%u commands",
                    round->altered, ipvs_service_text(&round->example, example),
                    round->altered > 1 ? " and others" : "", round->changes);
    }
    publish_table(director);
}

static void on_settled(uint64_t key, int error, void *data)
{
    struct director *director = data;
    const struct virtual_server *virtual_server = servers_find(director->servers, key);

    if (virtual_server != NULL && !director->emptying)
        publish_virtual_server(director, virtual_server, error);
}

static void end(struct director *director)
{
    loop_timer_stop(director->patience);
    servers_omega(director->servers, collect, director);
    tell_events(director);
    child_stopped(director->child);
}

static void on_emptied(void *data)
{
    end(data);
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

static void on_start(struct child *child)
{
    struct director *director = child_data(child);
    struct conf_model *model = take_model(child);
    struct director_record table;

    if (model == NULL)
        log_fatal("the director cannot run without a configuration");
    director->child = child;
    if (board_read(child_board(child), TABLE_KEY, &table))
        director->mended = table.mended;
    director->reconciler =
        reconciler_new(child_loop(child), open_journal(director), &reconciler_callbacks, director);
    if (director->reconciler == NULL)
        log_fatal("no generic netlink socket: %s", strerror(errno));
    director->patience = loop_timer_new(child_loop(child), patience_over, director);
    director->servers = servers_new(model, NULL, recall, director);
    servers_compare(director->servers, NULL, recall, collect, director);
    board_keep(child_board(child), is_current, director);
    want_all(director);
    reconciler_commit(director->reconciler);
    reconciler_start(director->reconciler);
    publish_all(director);
    tell_events(director);
}

static void on_reload(struct child *child)
{
    struct director *director = child_data(child);
    struct servers *old = director->servers;
    struct conf_model *model;
    uint32_t commands;

    if (director->stopping)
        return;
    model = take_model(child);
    if (model == NULL) {
        child_reloaded(child, false);
        return;
    }
    director->servers = servers_new(model, old, NULL, NULL);
    servers_compare(director->servers, old, NULL, collect, director);
    want_all(director);
    unwant_removed(director, old);
    commands = reconciler_commit(director->reconciler);
    board_keep(child_board(child), is_current, director);
    publish_all(director);
    tell_events(director);
    servers_free(old);
    log_info("reloaded: %u commands to IPVS", commands);
    child_reloaded(child, true);
}

static void on_message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                       int fd)
{
    struct director *director = child_data(child);

    (void)from;
    (void)fd; /* no message to the director carries one */
    if (type == VERDICT && !director->stopping)
        take_verdict(director, payload);
}

static void on_peer_started(struct child *child, struct channel *peer)
{
    const struct director *director = child_data(child);

    if (channel_other(peer) == ROLE_VRRP && director->ready)
        channel_send(peer, DIRECTOR_TABLE_FULL, NULL);
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
        .stop = on_stop,
        .data = &director,
    };

    return child_main(ROLE_DIRECTOR, &callbacks, argc, argv);
}
