/*
 * The reconciler. See reconciler.h.
 *
 * Whether a dump or a command came first is told by stamps from one counter: each dump and each command of an
 * entry takes the next number when it is queued, and the kernel works them off in that order. A dump older
 * than the last command of an entry says nothing about it.
 */
#include "daemon/director/reconciler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "daemon/core/log.h"
#include "daemon/director/refusals.h"
#include "daemon/kernel/ipvs_client.h"

#define STEP          span_ms(100) /* a slice of an audit round */
#define STEPS_A_ROUND 40           /* of RECONCILER_ROUND, the rest is reserve */
#define SLICE_MIN     8
#define SLICE_FULL    64 /* of the first round, each as soon as the last was answered */
#define HURRY         span_s(1)
#define FIND_AGAIN    span_s(10)
#define AFTER_LOSS    span_ms(100)

enum phase {
    PHASE_BEFORE,   /* reconciler_start was not called */
    PHASE_ABSENT,   /* no IPVS in the kernel: asked again in a while */
    PHASE_FINDING,  /* asked for the family */
    PHASE_LISTING,  /* the services are being dumped */
    PHASE_WALKING,  /* entry by entry: dump, compare, mend */
    PHASE_CLEARING, /* leftovers are being removed */
    PHASE_RESTING,  /* until the next round */
    PHASE_EMPTYING, /* everything of ours is being removed */
    PHASE_EMPTY,
};

/* Whoever wants services: told when all its commands are answered. */
struct owner {
    uint64_t key;
    uint32_t entries;
    unsigned int in_flight;
    int error;         /* first refusal since all was answered */
    int settled_error; /* what that was when all was answered last */
    UT_hash_handle hh;
};

struct entry {
    struct ipvs_service_id id;
    struct owner *owner; /* NULL = a leftover */
    uint32_t list;       /* the last one that named it */
    struct image wanted;
    struct image actual;
    struct image dumped; /* destinations of a dump that is not at its end */
    bool known;          /* actual is right, as far as we know */
    bool doubtful;       /* something was refused since the last look */
    bool listed;         /* in this round's dump of services */
    bool altered;        /* counted in this round */
    bool dumping;
    bool dirty;
    unsigned int in_flight;
    uint64_t last_change; /* stamp */
    uint64_t dumped_at;   /* stamp */
    struct entry *next_dirty;
    UT_hash_handle hh;
};

struct reconciler {
    struct loop *loop;
    struct loop_timer *timer; /* what it is for follows from the phase */
    struct ipvs_client *client;
    struct journal *journal;
    struct refusals *refusals;
    const struct reconciler_callbacks *callbacks;
    void *data;
    struct entry *entries;
    struct owner *owners;
    uint32_t list; /* counts them */
    bool flush;    /* everybody else's services are leftovers in the first round */
    struct entry *dirty;
    struct entry *cursor; /* next of the walk */
    enum phase phase;
    bool told; /* available() was called, with there */
    bool there;
    bool journal_behind; /* an entry came or went since it was written */
    int journal_error;   /* of the last attempt to write it; told once */
    bool hurry;
    uint64_t stamp;
    uint64_t listed_at; /* stamp */
    struct reconciler_round round;
    struct mono round_started;
    uint32_t slice;
};

static void timer_fired(void *data);
static void start_round(struct reconciler *reconciler, bool first);
static void delete_all(struct reconciler *reconciler);

/* ------------------------------------------------------------------ entries */

static struct entry *find_entry(const struct reconciler *reconciler, const struct ipvs_service_id *id)
{
    struct entry *found;

    HASH_FIND(hh, reconciler->entries, id, sizeof(*id), found);
    return found;
}

/* A service that joins after the first round is taken to be absent from the kernel; a refusal would tell. */
static struct entry *add_entry(struct reconciler *reconciler, const struct ipvs_service_id *id)
{
    struct entry *entry = calloc(1, sizeof(*entry));

    if (entry == NULL)
        abort();
    entry->id = *id;
    entry->known = reconciler->phase >= PHASE_LISTING && !reconciler->round.first;
    entry->last_change = ++reconciler->stamp;
    HASH_ADD(hh, reconciler->entries, id, sizeof(entry->id), entry);
    reconciler->journal_behind = true;
    return entry;
}

/* Commands in flight go along. */
static void set_owner(struct reconciler *reconciler, struct entry *entry, uint64_t key)
{
    struct owner *before = entry->owner, *owner = NULL;

    if (before != NULL && before->key == key)
        return;
    if (key != 0)
        HASH_FIND(hh, reconciler->owners, &key, sizeof(key), owner);
    if (owner == NULL && key != 0) {
        owner = calloc(1, sizeof(*owner));
        if (owner == NULL)
            abort();
        owner->key = key;
        HASH_ADD(hh, reconciler->owners, key, sizeof(owner->key), owner);
    }
    if (owner != NULL) {
        owner->entries++;
        owner->in_flight += entry->in_flight;
    }
    entry->owner = owner;
    if (before == NULL)
        return;
    before->in_flight -= entry->in_flight;
    if (--before->entries == 0) {
        HASH_DEL(reconciler->owners, before);
        free(before);
    }
}

static void free_entry(struct reconciler *reconciler, struct entry *entry)
{
    set_owner(reconciler, entry, 0);
    if (reconciler->cursor == entry)
        reconciler->cursor = entry->hh.next;
    HASH_DEL(reconciler->entries, entry);
    image_clear(&entry->wanted);
    image_clear(&entry->actual);
    image_clear(&entry->dumped);
    free(entry);
    reconciler->journal_behind = true;
}

/* Forgets an entry that is neither wanted nor there, unless something still refers to it. */
static void forget_if_gone(struct reconciler *reconciler, struct entry *entry)
{
    if (!entry->wanted.exists && entry->known && !entry->actual.exists && entry->in_flight == 0 &&
        !entry->dumping && !entry->dirty)
        free_entry(reconciler, entry);
}

/* ------------------------------------------------------------------ the journal */

static void write_journal(struct reconciler *reconciler)
{
    uint32_t count = HASH_COUNT(reconciler->entries), at = 0;
    struct ipvs_service_id *ids;
    struct entry *entry;
    int error;

    if (reconciler->journal == NULL || !reconciler->journal_behind)
        return;
    ids = calloc(count == 0 ? 1 : count, sizeof(*ids));
    if (ids == NULL)
        abort();
    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next)
        ids[at++] = entry->id;
    error = journal_write(reconciler->journal, ids, count);
    free(ids);
    reconciler->journal_behind = error != 0;
    if (error != 0 && error != reconciler->journal_error)
        log_warning("the IPVS journal cannot be written: %s; after a crash, virtual servers that left the "
                    "configuration may stay in the table",
                    strerror(error));
    reconciler->journal_error = error;
}

static void read_journal(struct reconciler *reconciler)
{
    struct ipvs_service_id *ids;
    uint32_t count;

    if (reconciler->journal == NULL)
        return;
    switch (journal_read(reconciler->journal, &ids, &count)) {
    case JOURNAL_SOUND:
    case JOURNAL_EMPTY:
        break;
    case JOURNAL_FOREIGN:
        log_debug("the IPVS journal is of another boot or network namespace");
        break;
    case JOURNAL_DAMAGED:
        log_warning(
            "the IPVS journal is damaged: virtual servers that were removed from the configuration while "
            "tandem did not run stay in the table");
        break;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (find_entry(reconciler, &ids[i]) == NULL)
            add_entry(reconciler, &ids[i]);
    }
    free(ids);
}

/* ------------------------------------------------------------------ differences */

static bool can_send(const struct reconciler *reconciler)
{
    switch (reconciler->phase) {
    case PHASE_BEFORE:
    case PHASE_ABSENT:
    case PHASE_FINDING:
    case PHASE_EMPTY:
        return false;
    case PHASE_LISTING:
    case PHASE_WALKING:
    case PHASE_CLEARING:
    case PHASE_RESTING:
    case PHASE_EMPTYING:
        return true;
    }
    return false;
}

/* Queues what turns actual into wanted; returns the number of commands. */
static uint32_t mend(struct reconciler *reconciler, struct entry *entry)
{
    struct changes changes = {0};
    uint32_t count;

    if (!entry->known || !can_send(reconciler))
        return 0;
    table_difference(&entry->id, &entry->actual, &entry->wanted, &changes);
    for (uint32_t i = 0; i < changes.count; i++) {
        ipvs_client_change(reconciler->client, &changes.items[i], entry);
        table_apply(&entry->actual, &changes.items[i]);
        entry->in_flight++;
        if (entry->owner != NULL)
            entry->owner->in_flight++;
        entry->last_change = ++reconciler->stamp;
    }
    count = changes.count;
    changes_free(&changes);
    return count;
}

static void mark_dirty(struct reconciler *reconciler, struct entry *entry)
{
    if (entry->dirty)
        return;
    entry->dirty = true;
    entry->next_dirty = reconciler->dirty;
    reconciler->dirty = entry;
}

void reconciler_begin_list(struct reconciler *reconciler)
{
    reconciler->list++;
}

void reconciler_end_list(struct reconciler *reconciler)
{
    for (struct entry *entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        if (entry->list == reconciler->list || !entry->wanted.exists)
            continue;
        image_clear(&entry->wanted);
        mark_dirty(reconciler, entry);
    }
}

void reconciler_want(struct reconciler *reconciler, uint64_t owner, const struct ipvs_service_id *id,
                     const struct image *image)
{
    struct entry *entry = find_entry(reconciler, id);

    if (entry == NULL)
        entry = add_entry(reconciler, id);
    entry->list = reconciler->list;
    set_owner(reconciler, entry, owner);
    if (image_equal(&entry->wanted, image))
        return;
    image_copy(&entry->wanted, image);
    mark_dirty(reconciler, entry);
}

void reconciler_unwant(struct reconciler *reconciler, const struct ipvs_service_id *id)
{
    struct entry *entry = find_entry(reconciler, id);

    if (entry == NULL || !entry->wanted.exists)
        return;
    image_clear(&entry->wanted);
    mark_dirty(reconciler, entry);
}

uint32_t reconciler_commit(struct reconciler *reconciler)
{
    uint32_t count = 0;

    if (can_send(reconciler))
        write_journal(reconciler);
    while (reconciler->dirty != NULL) {
        struct entry *entry = reconciler->dirty;

        reconciler->dirty = entry->next_dirty;
        entry->dirty = false;
        count += mend(reconciler, entry);
        forget_if_gone(reconciler, entry);
    }
    if (can_send(reconciler))
        ipvs_client_send(reconciler->client);
    return count;
}

const struct image *reconciler_actual(const struct reconciler *reconciler, const struct ipvs_service_id *id)
{
    const struct entry *entry = find_entry(reconciler, id);

    return entry != NULL && entry->known && entry->actual.exists ? &entry->actual : NULL;
}

int reconciler_error(const struct reconciler *reconciler, uint64_t owner)
{
    const struct owner *found;

    HASH_FIND(hh, reconciler->owners, &owner, sizeof(owner), found);
    return found == NULL ? 0 : found->settled_error;
}

/* ------------------------------------------------------------------ rounds */

static void rest(struct reconciler *reconciler)
{
    struct mono next = mono_add(reconciler->round_started, RECONCILER_ROUND);

    if (reconciler->hurry)
        next = mono_earliest(next, mono_add(mono_now(), HURRY));
    reconciler->hurry = false;
    reconciler->phase = PHASE_RESTING;
    loop_timer_set(reconciler->timer, next);
}

static void end_round(struct reconciler *reconciler)
{
    struct entry *entry, *next;

    reconciler->round.took = mono_since(mono_now(), reconciler->round_started);
    reconciler->round.services = 0;
    HASH_ITER(hh, reconciler->entries, entry, next)
    {
        reconciler->round.services += entry->wanted.exists;
        forget_if_gone(reconciler, entry);
    }
    write_journal(reconciler);
    rest(reconciler);
    reconciler->callbacks->round_over(&reconciler->round, reconciler->data);
    reconciler->round.first = false;
    reconciler->flush = false;
}

static void clear_leftovers(struct reconciler *reconciler)
{
    struct entry *entry;

    reconciler->phase = PHASE_CLEARING;
    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        if (entry->wanted.exists || !entry->listed || !entry->actual.exists)
            continue;
        entry->known = true;
        reconciler->round.leftovers++;
        reconciler->round.changes += mend(reconciler, entry);
    }
    ipvs_client_send(reconciler->client);
    if (ipvs_client_is_idle(reconciler->client))
        end_round(reconciler);
}

static void visit(struct reconciler *reconciler, struct entry *entry)
{
    bool changed_since = entry->last_change > reconciler->listed_at;

    if (!entry->wanted.exists)
        return;
    if (changed_since && !entry->known) {
        reconciler->hurry = true; /* it joined during the first round: nothing is known of it */
        return;
    }
    if (!entry->listed && !changed_since) {
        reconciler->round.changes += mend(reconciler, entry);
        return;
    }
    entry->dumping = true;
    entry->dumped_at = ++reconciler->stamp;
    image_clear(&entry->dumped);
    ipvs_client_dump_destinations(reconciler->client, &entry->id, entry);
}

static void walk_slice(struct reconciler *reconciler)
{
    for (uint32_t i = 0; i < reconciler->slice && reconciler->cursor != NULL; i++) {
        struct entry *entry = reconciler->cursor;

        reconciler->cursor = entry->hh.next;
        visit(reconciler, entry);
    }
    ipvs_client_send(reconciler->client);
}

static void walk(struct reconciler *reconciler)
{
    do
        walk_slice(reconciler);
    while (reconciler->round.first && reconciler->cursor != NULL && ipvs_client_is_idle(reconciler->client));
    if (reconciler->cursor != NULL && !reconciler->round.first)
        loop_timer_in(reconciler->timer, STEP);
    if (reconciler->cursor == NULL && ipvs_client_is_idle(reconciler->client))
        clear_leftovers(reconciler);
}

static void note_altered(struct reconciler *reconciler, struct entry *entry)
{
    if (!entry->known || entry->doubtful || entry->altered)
        return;
    entry->altered = true;
    if (reconciler->round.altered++ == 0)
        reconciler->round.example = entry->id;
}

/* What was not in the dump of services is not in the kernel. */
static void strike_unlisted(struct reconciler *reconciler)
{
    struct entry *entry;

    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        if (entry->listed || entry->last_change > reconciler->listed_at)
            continue;
        if (entry->actual.exists)
            note_altered(reconciler, entry);
        image_clear(&entry->actual);
        entry->known = true;
        entry->doubtful = false;
    }
}

/* What is missing altogether does not wait for its turn in the walk. */
static void mend_unlisted(struct reconciler *reconciler)
{
    struct entry *entry;

    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        if (!entry->listed && entry->last_change < reconciler->listed_at)
            reconciler->round.changes += mend(reconciler, entry);
    }
}

static void start_walk(struct reconciler *reconciler)
{
    uint32_t count = HASH_COUNT(reconciler->entries);

    strike_unlisted(reconciler);
    write_journal(reconciler);
    reconciler->phase = PHASE_WALKING;
    reconciler->cursor = reconciler->entries;
    reconciler->slice = SLICE_FULL;
    if (!reconciler->round.first) {
        mend_unlisted(reconciler);
        reconciler->slice = (count + STEPS_A_ROUND - 1) / STEPS_A_ROUND;
        if (reconciler->slice < SLICE_MIN)
            reconciler->slice = SLICE_MIN;
    }
    walk(reconciler);
}

static void start_round(struct reconciler *reconciler, bool first)
{
    struct entry *entry;

    reconciler->phase = PHASE_LISTING;
    reconciler->round = (struct reconciler_round){.first = first};
    reconciler->round_started = mono_now();
    reconciler->listed_at = ++reconciler->stamp;
    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        entry->listed = false;
        entry->altered = false;
        if (first)
            entry->known = false;
    }
    ipvs_client_dump_services(reconciler->client);
    ipvs_client_send(reconciler->client);
}

static void find_ipvs(struct reconciler *reconciler)
{
    reconciler->phase = PHASE_FINDING;
    ipvs_client_find(reconciler->client);
    ipvs_client_send(reconciler->client);
}

/* ------------------------------------------------------------------ the client's callbacks */

static void tell_available(struct reconciler *reconciler, bool there)
{
    if (reconciler->told && reconciler->there == there)
        return;
    reconciler->told = true;
    reconciler->there = there;
    reconciler->callbacks->available(there, reconciler->data);
}

static void become_absent(struct reconciler *reconciler)
{
    struct entry *entry;

    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        entry->known = false;
        image_clear(&entry->actual);
    }
    reconciler->phase = PHASE_ABSENT;
    loop_timer_in(reconciler->timer, FIND_AGAIN);
    tell_available(reconciler, false);
}

static void on_found(int error, void *data)
{
    struct reconciler *reconciler = data;

    if (reconciler->phase != PHASE_FINDING)
        return;
    if (error != 0) {
        log_debug("the kernel's IPVS family: %s", strerror(error));
        become_absent(reconciler);
        return;
    }
    tell_available(reconciler, true);
    start_round(reconciler, true);
}

/* It was there before this dump, so the dump is right about it. */
static struct entry *add_foreign(struct reconciler *reconciler, const struct ipvs_service_id *id)
{
    struct entry *entry = add_entry(reconciler, id);

    entry->last_change = 0;
    return entry;
}

static void on_service(const struct ipvs_service *service, void *data)
{
    struct reconciler *reconciler = data;
    struct entry *entry = find_entry(reconciler, &service->id);

    if (entry == NULL && !(reconciler->flush && reconciler->round.first)) /* somebody else's */
        return;
    if (entry == NULL)
        entry = add_foreign(reconciler, &service->id);
    entry->listed = true;
    if (entry->last_change > reconciler->listed_at)
        return;
    if (!entry->actual.exists || !ipvs_service_equal(&entry->actual.service, service))
        note_altered(reconciler, entry);
    entry->actual.exists = true;
    entry->actual.service = *service;
}

static void on_services_end(int error, void *data)
{
    struct reconciler *reconciler = data;

    if (reconciler->phase != PHASE_LISTING)
        return;
    if (error == ENOENT) {
        become_absent(reconciler);
        return;
    }
    if (error != 0) {
        log_warning("the IPVS table cannot be read: %s", strerror(error));
        rest(reconciler);
        return;
    }
    start_walk(reconciler);
}

static void on_destination(void *tag, const struct ipvs_destination *destination, void *data)
{
    struct entry *entry = tag;

    (void)data;
    image_put(&entry->dumped, destination);
}

static bool destinations_equal(const struct image *a, const struct image *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!ipvs_destination_equal(&a->destinations[i], &b->destinations[i]))
            return false;
    }
    return true;
}

static void adopt_dump(struct reconciler *reconciler, struct entry *entry)
{
    struct image now = entry->dumped;

    if (!destinations_equal(&entry->actual, &now))
        note_altered(reconciler, entry);
    now.exists = true;
    now.service = entry->actual.service;
    entry->dumped = (struct image){0};
    image_clear(&entry->actual);
    entry->actual = now;
    entry->known = true;
    entry->doubtful = false;
}

static void on_destinations_end(void *tag, int error, void *data)
{
    struct reconciler *reconciler = data;
    struct entry *entry = tag;

    entry->dumping = false;
    if (error == 0 && entry->last_change < entry->dumped_at && reconciler->phase == PHASE_WALKING) {
        adopt_dump(reconciler, entry);
        reconciler->round.changes += mend(reconciler, entry);
    }
    image_clear(&entry->dumped);
    forget_if_gone(reconciler, entry);
}

static void take_refusal(struct reconciler *reconciler, struct entry *entry, const struct ipvs_change *change,
                         int error)
{
    char text[IPVS_REFUSAL_TEXT];

    entry->doubtful = true;
    switch (table_refuse(&entry->actual, change, error)) {
    case TABLE_REFUSED:
        if (entry->owner != NULL && entry->owner->error == 0)
            entry->owner->error = error;
        if (refusals_note(reconciler->refusals, change, error))
            log_error("%s", ipvs_refusal_text(change, error, text));
        return;
    case TABLE_SURPRISE:
        log_debug("%s", ipvs_refusal_text(change, error, text));
        reconciler->hurry = true;
        if (reconciler->phase == PHASE_RESTING)
            rest(reconciler);
        return;
    case TABLE_CONSEQUENCE:
        return;
    }
}

static void count_answer(struct reconciler *reconciler, struct entry *entry)
{
    struct owner *owner = entry->owner;

    entry->in_flight--;
    if (owner == NULL || --owner->in_flight > 0)
        return;
    owner->settled_error = owner->error;
    owner->error = 0;
    reconciler->callbacks->settled(owner->key, reconciler->data);
}

static void on_answered(void *tag, const struct ipvs_change *change, int error, void *data)
{
    struct reconciler *reconciler = data;
    struct entry *entry = tag;
    char text[IPVS_SERVICE_TEXT];

    if (error != 0)
        take_refusal(reconciler, entry, change, error);
    else if (refusals_clear(reconciler->refusals, change))
        log_notice("the kernel now accepts what it refused of virtual server %s",
                   ipvs_service_text(&change->service.id, text));
    count_answer(reconciler, entry);
    if (entry->in_flight == 0 && reconciler->phase != PHASE_EMPTYING)
        forget_if_gone(reconciler, entry);
}

static void end_emptying(struct reconciler *reconciler)
{
    struct entry *entry, *next;

    HASH_ITER(hh, reconciler->entries, entry, next)
    forget_if_gone(reconciler, entry);
    write_journal(reconciler);
    reconciler->phase = PHASE_EMPTY;
    reconciler->callbacks->emptied(reconciler->data);
}

static void on_idle(void *data)
{
    struct reconciler *reconciler = data;

    switch (reconciler->phase) {
    case PHASE_WALKING:
        if (reconciler->cursor == NULL || reconciler->round.first)
            walk(reconciler);
        return;
    case PHASE_CLEARING:
        end_round(reconciler);
        return;
    case PHASE_RESTING:
        write_journal(reconciler);
        return;
    case PHASE_EMPTYING:
        end_emptying(reconciler);
        return;
    case PHASE_BEFORE:
    case PHASE_ABSENT:
    case PHASE_FINDING:
    case PHASE_LISTING:
    case PHASE_EMPTY:
        return;
    }
}

static void on_lost(int error, void *data)
{
    struct reconciler *reconciler = data;
    struct entry *entry;

    log_warning("answers of the kernel's IPVS were lost (%s): the table is compared anew", strerror(error));
    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        if (entry->owner != NULL)
            entry->owner->in_flight -= entry->in_flight;
        entry->in_flight = 0;
        entry->dumping = false;
        entry->known = false;
    }
    loop_timer_in(reconciler->timer, AFTER_LOSS);
    if (reconciler->phase != PHASE_EMPTYING)
        reconciler->phase = PHASE_ABSENT;
}

static const struct ipvs_client_callbacks client_callbacks = {
    .found = on_found,
    .service = on_service,
    .services_end = on_services_end,
    .destination = on_destination,
    .destinations_end = on_destinations_end,
    .answered = on_answered,
    .idle = on_idle,
    .lost = on_lost,
};

static void timer_fired(void *data)
{
    struct reconciler *reconciler = data;

    switch (reconciler->phase) {
    case PHASE_ABSENT:
        find_ipvs(reconciler);
        return;
    case PHASE_WALKING:
        if (ipvs_client_is_idle(reconciler->client))
            walk(reconciler);
        else
            loop_timer_in(reconciler->timer, STEP);
        return;
    case PHASE_RESTING:
        start_round(reconciler, false);
        return;
    case PHASE_EMPTYING:
        delete_all(reconciler);
        return;
    case PHASE_BEFORE:
    case PHASE_FINDING:
    case PHASE_LISTING:
    case PHASE_CLEARING:
    case PHASE_EMPTY:
        return;
    }
}

/* ------------------------------------------------------------------ life */

struct reconciler *reconciler_new(struct loop *loop, struct journal *journal,
                                  const struct reconciler_callbacks *callbacks, void *data)
{
    struct reconciler *reconciler = calloc(1, sizeof(*reconciler));

    if (reconciler == NULL)
        abort();
    reconciler->loop = loop;
    reconciler->callbacks = callbacks;
    reconciler->data = data;
    reconciler->client = ipvs_client_new(loop, &client_callbacks, reconciler);
    if (reconciler->client == NULL) {
        free(reconciler);
        return NULL;
    }
    reconciler->journal = journal;
    reconciler->refusals = refusals_new();
    reconciler->timer = loop_timer_new(loop, timer_fired, reconciler);
    return reconciler;
}

void reconciler_start(struct reconciler *reconciler, bool flush)
{
    reconciler->flush = flush;
    read_journal(reconciler);
    find_ipvs(reconciler);
}

/* What was never looked at is removed on suspicion: it is wanted or journaled, so it is ours. */
static void delete_all(struct reconciler *reconciler)
{
    struct entry *entry;

    for (entry = reconciler->entries; entry != NULL; entry = entry->hh.next) {
        image_clear(&entry->wanted);
        if (!entry->known) {
            entry->known = true;
            entry->actual.exists = true;
        }
        mend(reconciler, entry);
    }
    ipvs_client_send(reconciler->client);
    if (ipvs_client_is_idle(reconciler->client))
        end_emptying(reconciler);
}

void reconciler_empty(struct reconciler *reconciler)
{
    bool there = can_send(reconciler);

    loop_timer_stop(reconciler->timer);
    reconciler->dirty = NULL;
    for (struct entry *entry = reconciler->entries; entry != NULL; entry = entry->hh.next)
        entry->dirty = false;
    if (!there) {
        reconciler->phase = PHASE_EMPTY;
        reconciler->callbacks->emptied(reconciler->data);
        return;
    }
    reconciler->phase = PHASE_EMPTYING;
    reconciler->cursor = NULL;
    delete_all(reconciler);
}
