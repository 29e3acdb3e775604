/*
 * Events in words. See alert.h.
 */
#include "notify/alert.h"

#include <stdio.h>
#include <string.h>

#include "notify/event_text.h"

#define NAME_BYTES_MAX 256

struct state_words {
    const char *subject;
    const char *text; /* of an instance, what it is now */
};

static const struct state_words *words_of(uint32_t state)
{
    static const struct state_words words[] = {
        [NOTIFY_MASTER] = {"Entering MASTER state", "holds the virtual addresses now"},
        [NOTIFY_BACKUP] = {"Entering BACKUP state", "stands by: another router is master, or will be"},
        [NOTIFY_FAULT] = {"Entering FAULT state", "cannot be master: something it needs failed"},
        [NOTIFY_STOP] = {"Stopping", "stops, and gives its virtual addresses up"},
        [NOTIFY_DELETED] = {"Deleted", "is no longer in the configuration"},
    };

    return state < sizeof(words) / sizeof(words[0]) ? &words[state] : NULL;
}

/* A subject is one line of text, whatever a name may hold. */
static void make_one_line(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
    }
}

static enum alert_outcome write_state(const char *router, const char *kind, const char *name,
                                      const struct notify_instance *change, struct alert *alert)
{
    const struct state_words *words = words_of(change->state);
    char priority[32] = "";

    if (words == NULL)
        return ALERT_NOT_WANTED;
    if (change->priority > 0)
        snprintf(priority, sizeof(priority), " (priority %u)", change->priority);
    snprintf(alert->subject, ALERT_BYTES, "[%s] VRRP %s %.*s - %s", router, kind, NAME_BYTES_MAX, name,
             words->subject);
    snprintf(alert->text, ALERT_BYTES, "VRRP %s %.*s %s%s.", kind, NAME_BYTES_MAX, name, words->text,
             priority);
    return ALERT_WANTED;
}

static enum alert_outcome instance_alert(const struct book *book, const char *router, bool no_faults,
                                         const struct notify_instance *change, struct alert *alert)
{
    const struct book_object *object = book_find(book, BOOK_INSTANCE, change->key);

    if (object == NULL)
        return ALERT_UNKNOWN;
    if (!object->instance->smtp_alert || (no_faults && change->state == NOTIFY_FAULT))
        return ALERT_NOT_WANTED;
    return write_state(router, "Instance", object->instance->name, change, alert);
}

static enum alert_outcome group_alert(const struct book *book, const char *router, bool no_faults,
                                      const struct notify_instance *change, struct alert *alert)
{
    const struct book_object *object = book_find(book, BOOK_SYNC_GROUP, change->key);

    if (object == NULL)
        return ALERT_UNKNOWN;
    if (!object->sync_group->smtp_alert || (no_faults && change->state == NOTIFY_FAULT))
        return ALERT_NOT_WANTED;
    return write_state(router, "Group", object->sync_group->name, change, alert);
}

static enum alert_outcome real_server_alert(const struct book *book, const char *router,
                                            const struct notify_real_server *change, struct alert *alert)
{
    const struct book_object *real = book_find(book, BOOK_REAL_SERVER, change->real_server);
    const struct book_object *virtual = book_find(book, BOOK_VIRTUAL_SERVER, change->virtual_server);
    char real_text[EVENT_SERVER_TEXT], virtual_text[EVENT_SERVER_TEXT];

    if (real == NULL || virtual == NULL)
        return ALERT_UNKNOWN;
    if (!real->real_server->smtp_alert)
        return ALERT_NOT_WANTED;
    event_real_server_text(real->real_server, virtual->virtual_server, real_text);
    event_virtual_server_text(virtual->virtual_server, virtual_text);
    snprintf(alert->subject, ALERT_BYTES, "[%s] Realserver %.256s of virtual server %.256s - %s", router,
             real_text, virtual_text, change->up ? "UP" : "DOWN");
    snprintf(alert->text, ALERT_BYTES, "Real server %.256s of virtual server %.256s is %s.", real_text,
             virtual_text, change->up ? "up: it gets connections" : "down: it gets no more connections");
    return ALERT_WANTED;
}

static enum alert_outcome quorum_alert(const struct book *book, const char *router,
                                       const struct notify_quorum *change, struct alert *alert)
{
    const struct book_object *object = book_find(book, BOOK_VIRTUAL_SERVER, change->virtual_server);
    char text[EVENT_SERVER_TEXT];

    if (object == NULL)
        return ALERT_UNKNOWN;
    if (!object->virtual_server->smtp_alert)
        return ALERT_NOT_WANTED;
    event_virtual_server_text(object->virtual_server, text);
    snprintf(alert->subject, ALERT_BYTES, "[%s] Virtualserver %.256s - %s", router, text,
             change->up ? "UP" : "DOWN");
    snprintf(alert->text, ALERT_BYTES, "Virtual server %.256s %s.", text,
             change->up ? "has its quorum of real servers" : "has lost its quorum of real servers");
    return ALERT_WANTED;
}

static enum alert_outcome write_alert(const struct book *book, const char *router, bool no_faults,
                                      enum message_type type, const void *payload, struct alert *alert)
{
    switch ((unsigned int)type) {
    case NOTIFY_INSTANCE:
        return instance_alert(book, router, no_faults, payload, alert);
    case NOTIFY_GROUP:
        return group_alert(book, router, no_faults, payload, alert);
    case NOTIFY_REAL_SERVER:
        return real_server_alert(book, router, payload, alert);
    case NOTIFY_QUORUM:
        return quorum_alert(book, router, payload, alert);
    }
    return ALERT_NOT_WANTED;
}

enum alert_outcome alert_write(const struct book *book, const char *router, bool no_faults,
                               enum message_type type, const void *payload, struct alert *alert)
{
    enum alert_outcome outcome = write_alert(book, router, no_faults, type, payload, alert);

    if (outcome == ALERT_WANTED) {
        make_one_line(alert->subject);
        make_one_line(alert->text);
    }
    return outcome;
}
