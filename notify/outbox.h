/*
 * Alerts on their way to the mail server: when to send, what goes together, what to do when it fails. Pure:
 * time comes in, decisions go out.
 *
 * A few alerts are mails of their own. When there are more than OUTBOX_SINGLES within OUTBOX_WINDOW, those
 * that wait are collected until it is quiet for OUTBOX_QUIET, OUTBOX_COLLECT at most, and become one mail, a
 * digest. While that goes on, digests become rarer: twice the time from one to the next, up to OUTBOX_RAREST.
 *
 * What cannot be sent waits: OUTBOX_RETRY, twice as long after every failure, up to OUTBOX_RETRY_MOST. An
 * alert that could not be sent for OUTBOX_KEEP is given up. There is room for OUTBOX_ROOM; those beyond are
 * only counted.
 */
#ifndef TANDEM_NOTIFY_OUTBOX_H
#define TANDEM_NOTIFY_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/core/time.h"

#define OUTBOX_SETTLE     span_s(1) /* after the first one: it may not be the only one */
#define OUTBOX_SINGLES    10
#define OUTBOX_WINDOW     span_s(60)
#define OUTBOX_QUIET      span_s(5)
#define OUTBOX_COLLECT    span_s(30)
#define OUTBOX_RAREST     span_s(600)
#define OUTBOX_RETRY      span_s(5)
#define OUTBOX_RETRY_MOST span_s(300)
#define OUTBOX_KEEP       span_s(24 * 3600)
#define OUTBOX_ROOM       1000

struct outbox;

struct outbox_alert {
    TAILQ_ENTRY(outbox_alert) next;
    uint32_t ticket; /* the owner's, given back when it is over */
    int64_t wall_ns; /* when it happened */
    struct mono at;  /* when it came here */
    char *subject;
    char *text;
};

enum outbox_step {
    OUTBOX_NOTHING, /* there is none */
    OUTBOX_WAIT,    /* ask again then */
    OUTBOX_SINGLE,  /* the first one */
    OUTBOX_DIGEST,  /* all that are there */
};

struct outbox_decision {
    enum outbox_step step;
    struct mono when; /* OUTBOX_WAIT */
};

/* It is over with that alert. */
typedef void outbox_over(uint32_t ticket, void *data);

struct outbox *outbox_new(void);
void outbox_free(struct outbox *outbox);

/* Texts are copied. False if there is no room: it is only counted. */
bool outbox_add(struct outbox *outbox, const struct outbox_alert *alert, struct mono now);

/* What to do now. Nothing may be in hand. */
struct outbox_decision outbox_decide(const struct outbox *outbox, struct mono now);

/* Takes what step says in hand, until one of the next three. The first of them; the next is TAILQ_NEXT, count
 * tells how many. */
const struct outbox_alert *outbox_take(struct outbox *outbox, enum outbox_step step, size_t *count);

/* What is in hand has been sent, or will never be (the server refuses it). */
void outbox_sent(struct outbox *outbox, enum outbox_step step, struct mono now, outbox_over *over,
                 void *data);
void outbox_refused(struct outbox *outbox, outbox_over *over, void *data);
/* It could not be sent now. Returns how many were given up because they are too old. */
size_t outbox_failed(struct outbox *outbox, struct mono now, outbox_over *over, void *data);

/* No more waiting to collect: the daemon stops. */
void outbox_hurry(struct outbox *outbox);

size_t outbox_waiting(const struct outbox *outbox);
/* For which there was no room, since the last digest was sent. */
uint64_t outbox_only_counted(const struct outbox *outbox);
struct span outbox_retry_delay(const struct outbox *outbox); /* after the last failure; 0 = it did not fail */

#endif
