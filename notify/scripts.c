/*
 * From events to jobs. See scripts.h.
 */
#include "notify/scripts.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "daemon/core/log.h"
#include "notify/book.h"

#define EARLY_EVENTS_MAX 4096
#define WHAT_BYTES       320

struct early_event {
    STAILQ_ENTRY(early_event) next;
    enum message_type type;
    _Alignas(max_align_t) unsigned char payload[MESSAGE_PAYLOAD_MAX];
};

struct scripts {
    struct runner *runner;
    struct book *book;
    STAILQ_HEAD(, early_event) early; /* about objects not known yet */
    size_t early_count;
};

static const struct {
    const char *word;
    const char *keyword;
} states[] = {
    [NOTIFY_MASTER] = {"MASTER", "notify_master"},
    [NOTIFY_BACKUP] = {"BACKUP", "notify_backup"},
    [NOTIFY_FAULT] = {"FAULT", "notify_fault"},
    [NOTIFY_STOP] = {"STOP", "notify_stop"},
};

/* ------------------------------------------------------------------ jobs */

static void add_plain(struct scripts *scripts, uint64_t object, const struct conf_script *script,
                      const char *what)
{
    runner_add(scripts->runner, object, script, NULL, 0,
               book_wants_security(scripts->book) && script->uid == 0, what);
}

static const struct conf_script *script_of_state(const struct conf_notify *notify, enum notify_state state)
{
    switch (state) {
    case NOTIFY_MASTER:
        return &notify->master;
    case NOTIFY_BACKUP:
        return &notify->backup;
    case NOTIFY_FAULT:
        return &notify->fault;
    case NOTIFY_STOP:
        break;
    }
    return &notify->stop;
}

static void add_change(struct scripts *scripts, const struct notify_instance *event,
                       const struct conf_notify *notify, const char *type, const char *name, const char *kind)
{
    bool safe = book_wants_security(scripts->book) && notify->any.uid == 0;
    const char *state = states[event->state].word;
    char priority[12], what[WHAT_BYTES];

    snprintf(what, sizeof(what), "%s of %s %s", states[event->state].keyword, kind, name);
    add_plain(scripts, event->key, script_of_state(notify, (enum notify_state)event->state), what);
    snprintf(priority, sizeof(priority), "%u", event->priority);
    snprintf(what, sizeof(what), "notify of %s %s, %s", kind, name, state);
    runner_add(scripts->runner, event->key, &notify->any, (const char *const[]){type, name, state, priority},
               4, safe, what);
}

/* ------------------------------------------------------------------ events; false = of an unknown object */

static bool instance_changed(struct scripts *scripts, const struct notify_instance *event)
{
    const struct book_object *object = book_find(scripts->book, BOOK_INSTANCE, event->key);

    if (object == NULL)
        return false;
    add_change(scripts, event, &object->instance->notify, "INSTANCE", object->instance->name, "instance");
    return true;
}

static bool group_changed(struct scripts *scripts, const struct notify_instance *event)
{
    const struct book_object *object = book_find(scripts->book, BOOK_SYNC_GROUP, event->key);

    if (object == NULL)
        return false;
    add_change(scripts, event, &object->sync_group->notify, "GROUP", object->sync_group->name, "group");
    return true;
}

static bool real_server_changed(struct scripts *scripts, const struct notify_real_server *event)
{
    const struct book_object *object = book_find(scripts->book, BOOK_REAL_SERVER, event->real_server);
    char endpoint[IP_ENDPOINT_TEXT], what[WHAT_BYTES];

    if (object == NULL)
        return false;
    snprintf(what, sizeof(what), "%s of real server %s", event->up ? "notify_up" : "notify_down",
             ip_endpoint_text(&object->real_server->endpoint, endpoint));
    add_plain(scripts, event->real_server,
              event->up ? &object->real_server->notify_up : &object->real_server->notify_down, what);
    return true;
}

static bool quorum_changed(struct scripts *scripts, const struct notify_quorum *event)
{
    const struct book_object *object = book_find(scripts->book, BOOK_VIRTUAL_SERVER, event->virtual_server);
    char endpoint[IP_ENDPOINT_TEXT], what[WHAT_BYTES];

    if (object == NULL)
        return false;
    snprintf(what, sizeof(what), "%s of virtual server %s", event->up ? "quorum_up" : "quorum_down",
             ip_endpoint_text(&object->virtual_server->endpoint, endpoint));
    add_plain(scripts, event->virtual_server,
              event->up ? &object->virtual_server->quorum_up : &object->virtual_server->quorum_down, what);
    return true;
}

static bool state_is_sound(const struct notify_instance *event)
{
    return event->state < sizeof(states) / sizeof(states[0]);
}

static bool take_event(struct scripts *scripts, enum message_type type, const void *payload)
{
    switch ((unsigned int)type) {
    case NOTIFY_INSTANCE:
        return !state_is_sound(payload) || instance_changed(scripts, payload);
    case NOTIFY_GROUP:
        return !state_is_sound(payload) || group_changed(scripts, payload);
    case NOTIFY_REAL_SERVER:
        return real_server_changed(scripts, payload);
    case NOTIFY_QUORUM:
        return quorum_changed(scripts, payload);
    }
    return true; /* not an event */
}

static void keep_for_later(struct scripts *scripts, enum message_type type, const void *payload)
{
    struct early_event *event;

    if (scripts->early_count == EARLY_EVENTS_MAX) {
        log_error("more than %d events of objects that are not configured: one is dropped", EARLY_EVENTS_MAX);
        return;
    }
    event = calloc(1, sizeof(*event));
    if (event == NULL)
        abort();
    event->type = type;
    memcpy(event->payload, payload, message_row(type)->size);
    STAILQ_INSERT_TAIL(&scripts->early, event, next);
    scripts->early_count++;
}

void scripts_event(struct scripts *scripts, enum message_type type, const void *payload)
{
    if (!take_event(scripts, type, payload))
        keep_for_later(scripts, type, payload);
}

/* ------------------------------------------------------------------ life */

struct scripts *scripts_new(struct runner *runner)
{
    struct scripts *scripts = calloc(1, sizeof(*scripts));

    if (scripts == NULL)
        abort();
    scripts->runner = runner;
    scripts->book = book_new();
    STAILQ_INIT(&scripts->early);
    return scripts;
}

/* Tries what came too early once more; what is still unknown is forgotten. */
static void take_early_events(struct scripts *scripts)
{
    while (!STAILQ_EMPTY(&scripts->early)) {
        struct early_event *event = STAILQ_FIRST(&scripts->early);

        STAILQ_REMOVE_HEAD(&scripts->early, next);
        scripts->early_count--;
        if (!take_event(scripts, event->type, event->payload))
            log_debug("an event of an object that is not configured is forgotten");
        free(event);
    }
}

void scripts_load(struct scripts *scripts, struct conf_model *model)
{
    book_add(scripts->book, model);
    take_early_events(scripts);
}

void scripts_free(struct scripts *scripts)
{
    while (!STAILQ_EMPTY(&scripts->early)) {
        struct early_event *event = STAILQ_FIRST(&scripts->early);

        STAILQ_REMOVE_HEAD(&scripts->early, next);
        free(event);
    }
    book_free(scripts->book);
    free(scripts);
}
