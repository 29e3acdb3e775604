/*
 * From events to jobs, lines and mail. See scripts.h.
 */
#include "notify/scripts.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/core/log.h"
#include "notify/book.h"
#include "notify/event_text.h"

#define EARLY_EVENTS_MAX 4096
#define WHAT_BYTES       EVENT_SERVER_TEXT + 64

/* What is to come of an event; in the ledger. */
enum left {
    LEFT_SCRIPT = 1 << 0,  /* the one for this change */
    LEFT_GENERAL = 1 << 1, /* the one for all changes */
    LEFT_FIFO = 1 << 2,
    LEFT_MAIL = 1 << 3,
    LEFT_ALL = LEFT_SCRIPT | LEFT_GENERAL | LEFT_FIFO | LEFT_MAIL,
};

/* One being dealt with. */
struct event {
    enum message_type type;
    const void *payload;
    uint32_t place; /* in the ledger */
    uint32_t left;
};

struct early_event {
    STAILQ_ENTRY(early_event) next;
    struct event event;
    _Alignas(max_align_t) unsigned char payload[MESSAGE_PAYLOAD_MAX];
};

struct scripts {
    struct scripts_outlets outlets;
    struct book *book;
    STAILQ_HEAD(, early_event) early; /* about objects not known yet */
    size_t early_count;
};

/* ------------------------------------------------------------------ parts */

static void strike(uint32_t place, uint32_t bits, const struct scripts *scripts)
{
    if (scripts->outlets.ledger != NULL)
        ledger_strike(scripts->outlets.ledger, place, bits);
}

static void script_begun(uint32_t place, void *data)
{
    strike(place, LEFT_SCRIPT, data);
}

static void general_begun(uint32_t place, void *data)
{
    strike(place, LEFT_GENERAL, data);
}

static bool must_be_safe(const struct scripts *scripts, const struct conf_script *script)
{
    return book_wants_security(scripts->book) && script->uid == 0;
}

static const struct conf_script no_script;

/* The script for this change, NULL for none. It is struck out when it begins; at once if there is none. */
static void run_script(struct scripts *scripts, struct event *event, uint64_t object,
                       const struct conf_script *script, const char *what)
{
    struct runner_order order = {
        .object = object,
        .script = script == NULL ? &no_script : script,
        .must_be_safe = script != NULL && must_be_safe(scripts, script),
        .what = what,
        .begun = script_begun,
        .ticket = event->place,
        .data = scripts,
    };

    if ((event->left & LEFT_SCRIPT) != 0 && runner_add(scripts->outlets.runner, &order))
        event->left &= ~(uint32_t)LEFT_SCRIPT;
}

static void write_line(struct scripts *scripts, const struct event *event, enum fifo_topic topic,
                       const char *line)
{
    if ((event->left & LEFT_FIFO) != 0 && scripts->outlets.fifos != NULL)
        fifos_write(scripts->outlets.fifos, topic, line);
}

static void tell_mail(struct scripts *scripts, const struct event *event)
{
    if ((event->left & LEFT_MAIL) != 0 && scripts->outlets.mail != NULL)
        scripts->outlets.mail(event->type, event->payload, scripts->outlets.data);
}

/* ------------------------------------------------------------------ instances and groups */

/* Whose state it is. */
struct subject {
    const struct conf_notify *notify; /* never NULL */
    const char *type;                 /* "INSTANCE" */
    const char *kind;                 /* "instance" */
    const char *name;
};

static const char *keyword_of(enum notify_state state)
{
    switch (state) {
    case NOTIFY_MASTER:
        return "notify_master";
    case NOTIFY_BACKUP:
        return "notify_backup";
    case NOTIFY_FAULT:
        return "notify_fault";
    case NOTIFY_STOP:
        return "notify_stop";
    case NOTIFY_DELETED:
        return "notify_deleted";
    case NOTIFY_MASTER_RX_LOWER_PRI:
        return "notify_master_rx_lower_pri";
    case NOTIFY_MASTER_PRIORITY:
    case NOTIFY_BACKUP_PRIORITY:
        break;
    }
    return "notify_priority_changes";
}

static const struct conf_notify no_scripts;

static const struct conf_notify *scripts_or_none(const struct conf_notify *notify)
{
    return notify == NULL ? &no_scripts : notify;
}

static const struct conf_script *script_of(const struct conf_notify *notify, enum notify_state state)
{
    switch (state) {
    case NOTIFY_MASTER:
        return &notify->master;
    case NOTIFY_BACKUP:
        return &notify->backup;
    case NOTIFY_FAULT:
        return &notify->fault;
    case NOTIFY_STOP:
        return &notify->stop;
    case NOTIFY_DELETED:
        return &notify->deleted;
    case NOTIFY_MASTER_RX_LOWER_PRI:
        return &notify->rx_lower_priority;
    case NOTIFY_MASTER_PRIORITY:
    case NOTIFY_BACKUP_PRIORITY:
        break;
    }
    return &no_script;
}

/* The script for all changes, with the words appended that say which. */
static void run_general(struct scripts *scripts, struct event *event, const struct subject *subject)
{
    const struct notify_instance *change = event->payload;
    const char *state = event_state_word(change->state);
    char priority[12], what[WHAT_BYTES];
    const char *const words[] = {subject->type, subject->name, state, priority};
    struct runner_order order = {
        .object = change->key,
        .script = &subject->notify->any,
        .extra = words,
        .extra_count = 4,
        .must_be_safe = must_be_safe(scripts, &subject->notify->any),
        .what = what,
        .begun = general_begun,
        .ticket = event->place,
        .data = scripts,
    };

    snprintf(priority, sizeof(priority), "%u", change->priority);
    snprintf(what, sizeof(what), "notify of %s %s, %s", subject->kind, subject->name, state);
    if ((event->left & LEFT_GENERAL) != 0 && runner_add(scripts->outlets.runner, &order))
        event->left &= ~(uint32_t)LEFT_GENERAL;
}

static void state_changed(struct scripts *scripts, struct event *event, const struct subject *subject)
{
    const struct notify_instance *change = event->payload;
    enum notify_state state = (enum notify_state)change->state;
    bool again = event->type == NOTIFY_INSTANCE_STATE || event->type == NOTIFY_GROUP_STATE;
    char what[WHAT_BYTES], line[EVENT_LINE_BYTES];

    if (event_state_word(change->state) == NULL)
        return;
    snprintf(what, sizeof(what), "%s of %s %s", keyword_of(state), subject->kind, subject->name);
    if (!again)
        run_script(scripts, event, change->key, script_of(subject->notify, state), what);
    if (!again && event->type != NOTIFY_INSTANCE_EVENT)
        run_general(scripts, event, subject);
    write_line(scripts, event, FIFO_TOPIC_VRRP,
               event_state_line(subject->type, subject->name, change->state, change->priority, line));
    if (!again && event->type != NOTIFY_INSTANCE_EVENT)
        tell_mail(scripts, event);
}

/* ------------------------------------------------------------------ events; false = of an unknown object */

static bool instance_event(struct scripts *scripts, struct event *event)
{
    const struct notify_instance *change = event->payload;
    const struct book_object *object = book_find(scripts->book, BOOK_INSTANCE, change->key);
    struct subject subject;

    if (object == NULL)
        return false;
    subject = (struct subject){scripts_or_none(object->instance->notify), "INSTANCE", "instance",
                               object->instance->name};
    state_changed(scripts, event, &subject);
    return true;
}

static bool group_event(struct scripts *scripts, struct event *event)
{
    const struct notify_instance *change = event->payload;
    const struct book_object *object = book_find(scripts->book, BOOK_SYNC_GROUP, change->key);
    struct subject subject;

    if (object == NULL)
        return false;
    subject = (struct subject){scripts_or_none(object->sync_group->notify), "GROUP", "group",
                               object->sync_group->name};
    state_changed(scripts, event, &subject);
    return true;
}

static bool real_server_event(struct scripts *scripts, struct event *event)
{
    const struct notify_real_server *change = event->payload;
    const struct book_object *object = book_find(scripts->book, BOOK_REAL_SERVER, change->real_server);
    const struct book_object *parent = book_find(scripts->book, BOOK_VIRTUAL_SERVER, change->virtual_server);
    char endpoint[IP_ENDPOINT_TEXT], what[WHAT_BYTES], line[EVENT_LINE_BYTES];

    if (object == NULL || parent == NULL)
        return false;
    snprintf(what, sizeof(what), "%s of real server %s", change->up ? "notify_up" : "notify_down",
             ip_endpoint_text(&object->real_server->endpoint, endpoint));
    run_script(scripts, event, change->real_server,
               change->up ? object->real_server->notify_up : object->real_server->notify_down, what);
    write_line(scripts, event, FIFO_TOPIC_LVS,
               event_real_server_line(object->real_server, parent->virtual_server, change->up != 0, line));
    tell_mail(scripts, event);
    return true;
}

static bool quorum_event(struct scripts *scripts, struct event *event)
{
    const struct notify_quorum *change = event->payload;
    const struct book_object *object = book_find(scripts->book, BOOK_VIRTUAL_SERVER, change->virtual_server);
    char text[EVENT_SERVER_TEXT], what[WHAT_BYTES], line[EVENT_LINE_BYTES];

    if (object == NULL)
        return false;
    snprintf(what, sizeof(what), "%s of virtual server %s", change->up ? "quorum_up" : "quorum_down",
             event_virtual_server_text(object->virtual_server, text));
    run_script(scripts, event, change->virtual_server,
               change->up ? object->virtual_server->quorum_up : object->virtual_server->quorum_down, what);
    write_line(scripts, event, FIFO_TOPIC_LVS,
               event_virtual_server_line(object->virtual_server, change->up != 0, line));
    tell_mail(scripts, event);
    return true;
}

static bool is_event(enum message_type type)
{
    return type == NOTIFY_INSTANCE || type == NOTIFY_GROUP || type == NOTIFY_INSTANCE_EVENT ||
           type == NOTIFY_INSTANCE_STATE || type == NOTIFY_GROUP_STATE || type == NOTIFY_REAL_SERVER ||
           type == NOTIFY_QUORUM;
}

static bool fan_out(struct scripts *scripts, struct event *event)
{
    switch ((unsigned int)event->type) {
    case NOTIFY_INSTANCE:
    case NOTIFY_INSTANCE_EVENT:
    case NOTIFY_INSTANCE_STATE:
        return instance_event(scripts, event);
    case NOTIFY_GROUP:
    case NOTIFY_GROUP_STATE:
        return group_event(scripts, event);
    case NOTIFY_REAL_SERVER:
        return real_server_event(scripts, event);
    case NOTIFY_QUORUM:
        return quorum_event(scripts, event);
    }
    return true;
}

/* What is still left of the event then is done, or there was nothing to do. */
static bool deal_with(struct scripts *scripts, struct event *event)
{
    if (!fan_out(scripts, event))
        return false;
    strike(event->place, event->left, scripts);
    return true;
}

/* ------------------------------------------------------------------ early events */

static void keep_for_later(struct scripts *scripts, const struct event *event)
{
    struct early_event *early;

    if (scripts->early_count == EARLY_EVENTS_MAX) {
        log_error("more than %d events of objects that are not configured: one is dropped", EARLY_EVENTS_MAX);
        strike(event->place, LEFT_ALL, scripts);
        return;
    }
    early = calloc(1, sizeof(*early));
    if (early == NULL)
        abort();
    early->event = *event;
    early->event.payload = early->payload;
    memcpy(early->payload, event->payload, message_row(event->type)->size);
    STAILQ_INSERT_TAIL(&scripts->early, early, next);
    scripts->early_count++;
}

/* Tries what came too early once more; what is still unknown is forgotten. */
static void take_early_events(struct scripts *scripts)
{
    while (!STAILQ_EMPTY(&scripts->early)) {
        struct early_event *early = STAILQ_FIRST(&scripts->early);

        STAILQ_REMOVE_HEAD(&scripts->early, next);
        scripts->early_count--;
        if (!deal_with(scripts, &early->event)) {
            log_debug("an event of an object that is not configured is forgotten");
            strike(early->event.place, LEFT_ALL, scripts);
        }
        free(early);
    }
}

void scripts_event(struct scripts *scripts, enum message_type type, const void *payload)
{
    struct event event = {.type = type, .payload = payload, .left = LEFT_ALL};

    if (!is_event(type))
        return;
    if (scripts->outlets.ledger != NULL)
        event.place = ledger_add(scripts->outlets.ledger, type, payload, event.left);
    if (!deal_with(scripts, &event))
        keep_for_later(scripts, &event);
}

/* ------------------------------------------------------------------ life */

struct scripts *scripts_new(const struct scripts_outlets *outlets)
{
    struct scripts *scripts = calloc(1, sizeof(*scripts));

    if (scripts == NULL)
        abort();
    scripts->outlets = *outlets;
    scripts->book = book_new();
    STAILQ_INIT(&scripts->early);
    return scripts;
}

void scripts_load(struct scripts *scripts, struct conf_model *model)
{
    book_add(scripts->book, model);
    take_early_events(scripts);
}

static void take_up(uint32_t place, const struct notify_record *record, void *data)
{
    struct scripts *scripts = data;
    struct event event = {(enum message_type)record->type, record->payload, place, record->left};

    if (!is_event(event.type))
        strike(place, UINT32_MAX, scripts);
    else if (!deal_with(scripts, &event))
        keep_for_later(scripts, &event);
}

void scripts_take_up(struct scripts *scripts)
{
    if (scripts->outlets.ledger != NULL)
        ledger_replay(scripts->outlets.ledger, take_up, scripts);
}

void scripts_free(struct scripts *scripts)
{
    while (!STAILQ_EMPTY(&scripts->early)) {
        struct early_event *early = STAILQ_FIRST(&scripts->early);

        STAILQ_REMOVE_HEAD(&scripts->early, next);
        free(early);
    }
    book_free(scripts->book);
    free(scripts);
}
