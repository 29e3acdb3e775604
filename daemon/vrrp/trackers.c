/*
 * Schedule, news and records of what is tracked. See trackers.h.
 */
#include "daemon/vrrp/trackers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <uthash.h>

#include "daemon/core/board_records.h"
#include "daemon/core/log.h"
#include "daemon/core/script_text.h"
#include "daemon/vrrp/timing.h"

#define SOONER_PART      20 /* of the interval */
#define SOONER_US        50000
#define KNOWN_TEXT_BYTES 128

struct tracker {
    UT_hash_handle by_key;
    uint64_t key;
    enum conf_tracked_kind kind;
    const char *name;                     /* the model's */
    const struct conf_track_script *conf; /* of a script, the model's */
    struct track_state state;
    struct track_record record;
    bool wanted; /* the model being loaded has it */

    /* scripts */
    uint64_t serial; /* of the run asked for last */
    bool is_awaited; /* it is not answered */
    struct mono due; /* the next run */
};

/* What was said last of a file or a process. Also of those nobody tracks here: scripts, which reads a new
 * configuration first, says it once. */
struct told {
    UT_hash_handle by_key;
    uint64_t key;
    enum message_type type; /* TRACKED_FILE or TRACKED_PROCESS */
    union {
        struct tracked_file file;
        struct tracked_process process;
    };
};

struct trackers {
    struct child *child;
    trackers_changed *changed;
    void *data;
    struct tracker *by_key;
    struct told *told;
    struct loop_timer *timer;
    uint64_t first_serial; /* ours are greater; a predecessor's are not */
    uint64_t last_serial;
    bool stopped;
};

static struct tracker *find(const struct trackers *trackers, uint64_t key)
{
    struct tracker *tracker;

    HASH_FIND(by_key, trackers->by_key, &key, sizeof(key), tracker);
    return tracker;
}

const struct track_state *trackers_find(const void *data, uint64_t key)
{
    const struct tracker *tracker = find(data, key);

    return tracker == NULL ? NULL : &tracker->state;
}

struct span trackers_patience(const struct trackers *trackers, uint64_t key)
{
    const struct tracker *tracker = find(trackers, key);

    return span_us(tracker == NULL || tracker->conf == NULL ? 0 : tracker->conf->timeout_us);
}

/* "exit status 1", "value 5", "2 run": what is known of it, for log lines; "" for an unknown key. */
static const char *known_text(const struct trackers *trackers, uint64_t key,
                              char buffer[static KNOWN_TEXT_BYTES])
{
    const struct tracker *tracker = find(trackers, key);

    buffer[0] = '\0';
    if (tracker == NULL || tracker->state.verdict == TRACK_UNKNOWN)
        return buffer;
    switch (tracker->kind) {
    case CONF_TRACKED_SCRIPT:
        if (tracker->record.runs == 0)
            snprintf(buffer, KNOWN_TEXT_BYTES, "init_fail");
        else
            script_text(tracker->record.outcome, tracker->record.status, tracker->record.duration_us, buffer);
        break;
    case CONF_TRACKED_FILE:
        snprintf(buffer, KNOWN_TEXT_BYTES, "value %d", tracker->state.value);
        break;
    case CONF_TRACKED_PROCESS:
        snprintf(buffer, KNOWN_TEXT_BYTES, "%d run", tracker->state.value);
        break;
    case CONF_TRACKED_BFD: /* its verdict says all */
        break;
    }
    return buffer;
}

/* ------------------------------------------------------------------ the board */

static void publish(struct trackers *trackers, struct tracker *tracker)
{
    union vrrp_board_record whole = {.instance = {0}};

    tracker->record.kind = VRRP_RECORD_TRACKED;
    tracker->record.tracked_kind = tracker->kind;
    tracker->record.verdict = tracker->state.verdict;
    tracker->record.contrary = tracker->state.contrary;
    tracker->record.value = tracker->state.value;
    whole.tracked = tracker->record;
    board_write(child_board(trackers->child), tracker->key, &whole);
}

static bool restore(struct trackers *trackers, struct tracker *tracker)
{
    union vrrp_board_record whole;

    if (!board_read(child_board(trackers->child), tracker->key, &whole) ||
        whole.tracked.kind != VRRP_RECORD_TRACKED || whole.tracked.tracked_kind != tracker->kind ||
        whole.tracked.verdict >= TRACK_VERDICT_COUNT)
        return false;
    tracker->record = whole.tracked;
    tracker->state = (struct track_state){(enum track_verdict)whole.tracked.verdict, whole.tracked.contrary,
                                          whole.tracked.value};
    return true;
}

static void note_change(struct tracker *tracker)
{
    struct timespec wall;

    clock_gettime(CLOCK_REALTIME, &wall);
    tracker->record.since_ns = mono_now().ns;
    tracker->record.since_wall_ns = wall.tv_sec * NS_PER_S + wall.tv_nsec;
    tracker->record.transitions++;
}

/* ------------------------------------------------------------------ the rhythm of scripts */

static void arm(struct trackers *trackers)
{
    struct mono earliest = {0};

    for (struct tracker *tracker = trackers->by_key; tracker != NULL; tracker = tracker->by_key.next)
        earliest = mono_earliest(earliest, tracker->due);
    loop_timer_set(trackers->timer, earliest);
}

/* Scripts of one interval that began together do not go on together. */
static struct mono first_after(const struct tracker *tracker, struct mono now)
{
    struct span interval = span_us(tracker->conf->interval_us);
    struct span phase = vrrp_advert_phase(tracker->key, interval);

    return mono_add(now, span_ns(interval.ns - phase.ns / 2));
}

static struct mono next_after(const struct tracker *tracker, struct mono now)
{
    struct span interval = span_us(tracker->conf->interval_us);
    struct mono next = mono_add(tracker->due, interval);

    return mono_before(next, now) ? mono_add(now, interval) : next;
}

static void ask(struct trackers *trackers, struct tracker *tracker, struct mono now)
{
    struct channel *scripts = child_peer(trackers->child, ROLE_SCRIPTS, 0);
    struct script_run run = {.key = tracker->key, .serial = ++trackers->last_serial};

    tracker->due = tracker->record.last_run_ns == 0 ? first_after(tracker, now) : next_after(tracker, now);
    if (scripts == NULL)
        return;
    if (tracker->is_awaited) {
        log_debug("script %s still runs: this run is left out", tracker->name);
        return;
    }
    tracker->serial = run.serial;
    tracker->is_awaited = true;
    tracker->record.last_run_ns = now.ns;
    channel_send(scripts, SCRIPT_RUN, &run);
}

/* A run may begin so much sooner, together with others: waking costs as much as asking. */
static struct mono soonest(const struct tracker *tracker)
{
    int64_t sooner_us = tracker->conf->interval_us / SOONER_PART;

    return mono_add(tracker->due, span_us(-(sooner_us < SOONER_US ? sooner_us : SOONER_US)));
}

static void ask_all_due(void *data)
{
    struct trackers *trackers = data;
    struct mono now = mono_now();

    for (struct tracker *tracker = trackers->by_key; tracker != NULL; tracker = tracker->by_key.next) {
        if (mono_is_set(tracker->due) && !mono_before(now, soonest(tracker)))
            ask(trackers, tracker, now);
    }
    arm(trackers);
}

void trackers_scripts_lost(struct trackers *trackers)
{
    for (struct tracker *tracker = trackers->by_key; tracker != NULL; tracker = tracker->by_key.next) {
        if (!tracker->is_awaited)
            continue;
        tracker->is_awaited = false;
        tracker->record.no_results++;
    }
}

/* ------------------------------------------------------------------ news */

static void log_script(const struct trackers *trackers, const struct tracker *tracker, bool first)
{
    char text[KNOWN_TEXT_BYTES];
    bool up = tracker->state.verdict == TRACK_UP;

    log_notice("script %s is %s%s: %s", tracker->name, up ? "up" : "down",
               first ? "" : (up ? " again" : " now"), known_text(trackers, tracker->key, text));
}

/* A result that does not decide yet, when it is not the same as the one before. */
static void log_contrary(const struct trackers *trackers, const struct tracker *tracker,
                         const struct track_record *before)
{
    bool up = tracker->state.verdict == TRACK_UP;
    char text[KNOWN_TEXT_BYTES];

    if (tracker->state.contrary == 0 ||
        (before->outcome == tracker->record.outcome && before->status == tracker->record.status))
        return;
    log_info("script %s: %s (%u of %u until it is %s)", tracker->name,
             known_text(trackers, tracker->key, text), tracker->state.contrary,
             up ? tracker->conf->fall : tracker->conf->rise, up ? "down" : "up");
}

static void log_not_run(const struct tracker *tracker, const struct script_ran *ran)
{
    char text[SCRIPT_TEXT_BYTES];

    if (ran->status == EBUSY)
        log_debug("script %s: %s", tracker->name, script_text(ran->outcome, ran->status, 0, text));
    else
        log_warning("script %s: %s; what is known of it stays", tracker->name,
                    script_text(ran->outcome, ran->status, 0, text));
}

/* An answer to what was asked before the scripts process began anew is one all the same: it may have heard
 * the question. What a predecessor of ours asked is not ours to judge. */
static bool is_ours(const struct trackers *trackers, const struct script_ran *ran)
{
    return ran->serial > trackers->first_serial && ran->serial <= trackers->last_serial;
}

static void script_ran(struct trackers *trackers, const struct script_ran *ran)
{
    struct tracker *tracker = find(trackers, ran->key);
    struct track_record before;
    bool first;

    if (tracker == NULL || tracker->conf == NULL || !is_ours(trackers, ran))
        return;
    if (ran->serial == tracker->serial)
        tracker->is_awaited = false;
    if (ran->outcome == SCRIPT_NOT_RUN) {
        tracker->record.no_results++;
        log_not_run(tracker, ran);
        publish(trackers, tracker);
        return;
    }
    before = tracker->record;
    first = tracker->state.verdict == TRACK_UNKNOWN;
    tracker->record.runs++;
    tracker->record.outcome = ran->outcome;
    tracker->record.status = ran->status;
    tracker->record.duration_us = ran->duration_us;
    if (!track_script_result(&tracker->state, tracker->conf,
                             ran->outcome == SCRIPT_EXITED && ran->status == 0)) {
        log_contrary(trackers, tracker, &before);
        publish(trackers, tracker);
        return;
    }
    note_change(tracker);
    publish(trackers, tracker);
    log_script(trackers, tracker, first);
    trackers->changed(tracker->key, trackers->data);
}

/* True if that changes what the file means; so with processes. */
static bool file_is(struct trackers *trackers, struct tracker *tracker, const struct tracked_file *file)
{
    bool first = tracker->state.verdict == TRACK_UNKNOWN;

    if (tracker->kind != CONF_TRACKED_FILE || !track_file_value(&tracker->state, file->value))
        return false;
    note_change(tracker);
    publish(trackers, tracker);
    log_notice("file %s: value %s%d%s", tracker->name, first ? "" : "is now ", file->value,
               file->exists ? "" : " (it does not exist)");
    return true;
}

static bool processes_are(struct trackers *trackers, struct tracker *tracker,
                          const struct tracked_process *process)
{
    bool changed;

    if (tracker->kind != CONF_TRACKED_PROCESS)
        return false;
    changed = track_process_count(&tracker->state, process->count, process->as_wanted != 0);
    if (changed)
        note_change(tracker);
    publish(trackers, tracker);
    if (changed)
        log_notice("process %s is %s: %d run", tracker->name, process->as_wanted ? "up" : "down",
                   process->count);
    return changed;
}

static struct told *find_told(const struct trackers *trackers, uint64_t key)
{
    struct told *told;

    HASH_FIND(by_key, trackers->told, &key, sizeof(key), told);
    return told;
}

static bool take_told(struct trackers *trackers, struct tracker *tracker, const struct told *told)
{
    return told->type == TRACKED_FILE ? file_is(trackers, tracker, &told->file)
                                      : processes_are(trackers, tracker, &told->process);
}

static void hear(struct trackers *trackers, const struct told *news)
{
    struct tracker *tracker = find(trackers, news->key);
    struct told *told = find_told(trackers, news->key);

    if (told == NULL) {
        told = calloc(1, sizeof(*told));
        if (told == NULL)
            abort();
        told->key = news->key;
        HASH_ADD(by_key, trackers->told, key, sizeof(told->key), told);
    }
    told->type = news->type;
    if (news->type == TRACKED_FILE)
        told->file = news->file;
    else
        told->process = news->process;
    if (tracker != NULL && take_told(trackers, tracker, told))
        trackers->changed(tracker->key, trackers->data);
}

void trackers_message(struct trackers *trackers, enum message_type type, const void *payload)
{
    const struct tracked_file *file = payload;
    const struct tracked_process *process = payload;

    switch ((unsigned int)type) {
    case SCRIPT_RAN:
        script_ran(trackers, payload);
        break;
    case TRACKED_FILE:
        hear(trackers, &(struct told){.key = file->key, .type = type, .file = *file});
        break;
    case TRACKED_PROCESS:
        hear(trackers, &(struct told){.key = process->key, .type = type, .process = *process});
        break;
    }
}

/* ------------------------------------------------------------------ life */

struct trackers *trackers_new(struct child *child, trackers_changed *changed, void *data)
{
    struct trackers *trackers = calloc(1, sizeof(*trackers));

    if (trackers == NULL)
        abort();
    trackers->child = child;
    trackers->changed = changed;
    trackers->data = data;
    trackers->first_serial = child_identity(child)->incarnation >> 1; /* room to count */
    trackers->last_serial = trackers->first_serial;
    trackers->timer = loop_timer_new(child_loop(child), ask_all_due, trackers);
    return trackers;
}

static struct tracker *find_or_add(struct trackers *trackers, uint64_t key, enum conf_tracked_kind kind,
                                   const char *name, bool *added)
{
    struct tracker *tracker = find(trackers, key);

    *added = tracker == NULL;
    if (*added) {
        tracker = calloc(1, sizeof(*tracker));
        if (tracker == NULL)
            abort();
        tracker->key = key;
        tracker->kind = kind;
        HASH_ADD(by_key, trackers->by_key, key, sizeof(tracker->key), tracker);
        *added = !restore(trackers, tracker);
    }
    tracker->name = name;
    tracker->wanted = true;
    return tracker;
}

static void load_script(struct trackers *trackers, const struct conf_track_script *conf)
{
    struct tracker *tracker;
    bool added;

    tracker = find_or_add(trackers, conf->key, CONF_TRACKED_SCRIPT, conf->name, &added);
    if (added)
        track_script_begin(&tracker->state, conf);
    if (!mono_is_set(tracker->due))
        tracker->due = mono_now();
    if (tracker->conf != NULL && conf->interval_us < tracker->conf->interval_us)
        tracker->due = mono_earliest(tracker->due, mono_add(mono_now(), span_us(conf->interval_us)));
    tracker->conf = conf;
    publish(trackers, tracker);
}

static void load_watched(struct trackers *trackers, uint64_t key, enum conf_tracked_kind kind,
                         const char *name)
{
    bool added;
    struct tracker *tracker = find_or_add(trackers, key, kind, name, &added);
    const struct told *told = find_told(trackers, key);

    if (!added || told == NULL || !take_told(trackers, tracker, told))
        publish(trackers, tracker);
}

static void drop_unwanted(struct trackers *trackers)
{
    struct tracker *tracker, *next;

    HASH_ITER(by_key, trackers->by_key, tracker, next)
    {
        if (tracker->wanted)
            continue;
        HASH_DELETE(by_key, trackers->by_key, tracker);
        board_remove(child_board(trackers->child), tracker->key);
        free(tracker);
    }
}

void trackers_load(struct trackers *trackers, const struct conf_model *model)
{
    for (struct tracker *tracker = trackers->by_key; tracker != NULL; tracker = tracker->by_key.next)
        tracker->wanted = false;
    for (uint32_t i = 0; i < model->track_scripts.count; i++)
        load_script(trackers, model->track_scripts.items[i]);
    for (uint32_t i = 0; i < model->track_files.count; i++)
        load_watched(trackers, model->track_files.items[i]->key, CONF_TRACKED_FILE,
                     model->track_files.items[i]->name);
    for (uint32_t i = 0; i < model->track_processes.count; i++)
        load_watched(trackers, model->track_processes.items[i]->key, CONF_TRACKED_PROCESS,
                     model->track_processes.items[i]->name);
    drop_unwanted(trackers);
    if (!trackers->stopped)
        arm(trackers);
}

void trackers_stop(struct trackers *trackers)
{
    trackers->stopped = true;
    loop_timer_stop(trackers->timer);
}
