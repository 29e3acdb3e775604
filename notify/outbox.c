/*
 * When what is mailed. See outbox.h.
 */
#include "notify/outbox.h"

#include <stdlib.h>
#include <string.h>

struct outbox {
    TAILQ_HEAD(alert_list, outbox_alert) alerts; /* those in hand first */
    size_t count;
    size_t in_hand;
    uint64_t only_counted;
    struct mono sent[OUTBOX_SINGLES]; /* a ring of the last mails */
    size_t sent_next;
    struct mono last_digest;
    struct span digest_gap; /* from that one to the next */
    struct mono retry_at;   /* unset = the last try did not fail */
    struct span retry_delay;
    bool hurry;
};

struct outbox *outbox_new(void)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));

    if (outbox == NULL)
        abort();
    TAILQ_INIT(&outbox->alerts);
    return outbox;
}

static void drop(struct outbox *outbox, struct outbox_alert *alert, outbox_over *over, void *data)
{
    TAILQ_REMOVE(&outbox->alerts, alert, next);
    outbox->count--;
    if (over != NULL)
        over(alert->ticket, data);
    free(alert->subject);
    free(alert->text);
    free(alert);
}

void outbox_free(struct outbox *outbox)
{
    while (!TAILQ_EMPTY(&outbox->alerts))
        drop(outbox, TAILQ_FIRST(&outbox->alerts), NULL, NULL);
    free(outbox);
}

bool outbox_add(struct outbox *outbox, const struct outbox_alert *alert, struct mono now)
{
    struct outbox_alert *copy;

    if (outbox->count >= OUTBOX_ROOM) {
        outbox->only_counted++;
        return false;
    }
    copy = malloc(sizeof(*copy));
    if (copy == NULL)
        abort();
    *copy = *alert;
    copy->at = now;
    copy->subject = strdup(alert->subject);
    copy->text = strdup(alert->text);
    if (copy->subject == NULL || copy->text == NULL)
        abort();
    TAILQ_INSERT_TAIL(&outbox->alerts, copy, next);
    outbox->count++;
    return true;
}

/* ------------------------------------------------------------------ deciding */

static size_t mails_left(const struct outbox *outbox, struct mono now)
{
    size_t left = 0;

    for (size_t i = 0; i < OUTBOX_SINGLES; i++)
        left += !mono_is_set(outbox->sent[i]) || mono_since(now, outbox->sent[i]).ns >= OUTBOX_WINDOW.ns;
    return left;
}

static struct mono later(struct mono a, struct mono b)
{
    return mono_before(a, b) ? b : a;
}

static struct mono digest_due(const struct outbox *outbox)
{
    const struct outbox_alert *first = TAILQ_FIRST(&outbox->alerts);
    const struct outbox_alert *last = TAILQ_LAST(&outbox->alerts, alert_list);
    struct mono due = mono_earliest(mono_add(last->at, OUTBOX_QUIET), mono_add(first->at, OUTBOX_COLLECT));

    if (!mono_is_set(outbox->last_digest))
        return due;
    return later(due, mono_add(outbox->last_digest, outbox->digest_gap));
}

static struct outbox_decision wait_until(struct mono when)
{
    return (struct outbox_decision){OUTBOX_WAIT, when};
}

struct outbox_decision outbox_decide(const struct outbox *outbox, struct mono now)
{
    bool few = outbox->only_counted == 0 && outbox->count <= mails_left(outbox, now);
    struct mono settled;

    if (outbox->count == 0)
        return (struct outbox_decision){.step = OUTBOX_NOTHING};
    if (mono_is_set(outbox->retry_at) && mono_before(now, outbox->retry_at))
        return wait_until(outbox->retry_at);
    settled = mono_add(TAILQ_FIRST(&outbox->alerts)->at, OUTBOX_SETTLE);
    if (!outbox->hurry && mono_before(now, settled))
        return wait_until(settled);
    if (few)
        return (struct outbox_decision){.step = OUTBOX_SINGLE};
    if (!outbox->hurry && mono_before(now, digest_due(outbox)))
        return wait_until(digest_due(outbox));
    return (struct outbox_decision){.step = OUTBOX_DIGEST};
}

const struct outbox_alert *outbox_take(struct outbox *outbox, enum outbox_step step, size_t *count)
{
    outbox->in_hand = step == OUTBOX_DIGEST ? outbox->count : 1;
    *count = outbox->in_hand;
    return TAILQ_FIRST(&outbox->alerts);
}

/* ------------------------------------------------------------------ what became of it */

static void drop_in_hand(struct outbox *outbox, outbox_over *over, void *data)
{
    for (; outbox->in_hand > 0; outbox->in_hand--)
        drop(outbox, TAILQ_FIRST(&outbox->alerts), over, data);
}

/* A storm that goes on makes digests rarer; after a pause they are as soon as at first. */
static void note_digest(struct outbox *outbox, struct mono now)
{
    bool goes_on = mono_is_set(outbox->last_digest) &&
                   mono_since(now, outbox->last_digest).ns < outbox->digest_gap.ns * 2;
    int64_t gap = goes_on ? outbox->digest_gap.ns * 2 : OUTBOX_COLLECT.ns;

    outbox->digest_gap = span_ns(gap > OUTBOX_RAREST.ns ? OUTBOX_RAREST.ns : gap);
    outbox->last_digest = now;
    outbox->only_counted = 0;
}

static void succeeded(struct outbox *outbox)
{
    outbox->retry_at = (struct mono){0};
    outbox->retry_delay = span_s(0);
}

void outbox_sent(struct outbox *outbox, enum outbox_step step, struct mono now, outbox_over *over, void *data)
{
    succeeded(outbox);
    outbox->sent[outbox->sent_next] = now;
    outbox->sent_next = (outbox->sent_next + 1) % OUTBOX_SINGLES;
    if (step == OUTBOX_DIGEST)
        note_digest(outbox, now);
    drop_in_hand(outbox, over, data);
}

void outbox_refused(struct outbox *outbox, outbox_over *over, void *data)
{
    succeeded(outbox);
    drop_in_hand(outbox, over, data);
}

size_t outbox_failed(struct outbox *outbox, struct mono now, outbox_over *over, void *data)
{
    int64_t delay = outbox->retry_delay.ns == 0 ? OUTBOX_RETRY.ns : outbox->retry_delay.ns * 2;
    struct outbox_alert *first;
    size_t given_up = 0;

    outbox->in_hand = 0;
    outbox->retry_delay = span_ns(delay > OUTBOX_RETRY_MOST.ns ? OUTBOX_RETRY_MOST.ns : delay);
    outbox->retry_at = mono_add(now, outbox->retry_delay);
    while ((first = TAILQ_FIRST(&outbox->alerts)) != NULL &&
           mono_since(now, first->at).ns >= OUTBOX_KEEP.ns) {
        drop(outbox, first, over, data);
        given_up++;
    }
    return given_up;
}

void outbox_hurry(struct outbox *outbox)
{
    outbox->hurry = true;
    outbox->retry_at = (struct mono){0};
}

size_t outbox_waiting(const struct outbox *outbox)
{
    return outbox->count;
}

uint64_t outbox_only_counted(const struct outbox *outbox)
{
    return outbox->only_counted;
}

struct span outbox_retry_delay(const struct outbox *outbox)
{
    return outbox->retry_delay;
}
