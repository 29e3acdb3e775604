/*
 * The alert that an event is: whether it is wanted, its subject in keepalived's form, which users' filters
 * look for (semantics.md, "SMTP alerts"), and a line that says it in words. Pure.
 *
 *     [router] VRRP Instance NAME - Entering MASTER state
 *     [router] VRRP Group NAME - Stopping
 *     [router] Virtualserver [192.0.2.1]:tcp:80 - DOWN
 *     [router] Realserver [10.0.0.1]:tcp:80 of virtual server [192.0.2.1]:tcp:80 - UP
 */
#ifndef TANDEM_NOTIFY_ALERT_H
#define TANDEM_NOTIFY_ALERT_H

#include "daemon/core/messages.h"
#include "notify/book.h"

#define ALERT_BYTES 900

struct alert {
    char subject[ALERT_BYTES];
    char text[ALERT_BYTES];
};

enum alert_outcome {
    ALERT_WANTED,
    ALERT_NOT_WANTED,
    ALERT_UNKNOWN, /* of an object that no configuration has */
};

/* router is router_id; no_faults is no_email_faults. *alert is filled if it is wanted. */
enum alert_outcome alert_write(const struct book *book, const char *router, bool no_faults,
                               enum message_type type, const void *payload, struct alert *alert);

#endif
