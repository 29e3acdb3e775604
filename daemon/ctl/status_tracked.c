/*
 * Tracked scripts, files and processes as JSON. See status_tracked.h.
 */
#include "daemon/ctl/status_tracked.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/core/board_records.h"
#include "daemon/core/script_text.h"
#include "daemon/core/vrrp_state.h"
#include "daemon/ctl/members.h"

static const char *kind_name(enum conf_tracked_kind kind)
{
    switch (kind) {
    case CONF_TRACKED_SCRIPT:
        return "script";
    case CONF_TRACKED_FILE:
        return "file";
    case CONF_TRACKED_PROCESS:
        return "process";
    case CONF_TRACKED_BFD:
        break;
    }
    return "bfd";
}

/* ------------------------------------------------------------------ who tracks it */

/* "-20", "x 2" of a file, "FAULT"; and whether the meaning is turned round. */
static void add_tracker(struct json_object *list, const char *name, const struct conf_tracked *tracked)
{
    struct json_object *object = json_object_new_object();
    char effect[32];

    if (tracked->weight == 0)
        snprintf(effect, sizeof(effect), "FAULT");
    else
        snprintf(effect, sizeof(effect), tracked->kind == CONF_TRACKED_FILE ? "x %d" : "%+d",
                 tracked->weight);
    add_text(object, "name", name);
    add_signed(object, "weight", tracked->weight);
    add_flag(object, "reverse", tracked->reverse);
    add_text(object, "effect", effect);
    json_object_array_add(list, object);
}

static void add_if_tracks(struct json_object *list, const char *name, struct conf_tracked *const *items,
                          uint32_t count, uint64_t key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i]->key == key)
            add_tracker(list, name, items[i]);
    }
}

static struct json_object *trackers(const struct conf_model *model, uint64_t key)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t i = 0; i < model->instances.count; i++) {
        const struct conf_instance *instance = model->instances.items[i];

        add_if_tracks(list, instance->name, instance->tracked.items, instance->tracked.count, key);
    }
    for (uint32_t i = 0; i < model->sync_groups.count; i++) {
        const struct conf_sync_group *group = model->sync_groups.items[i];

        add_if_tracks(list, group->name, group->tracked.items, group->tracked.count, key);
    }
    return list;
}

/* ------------------------------------------------------------------ what is known of it */

static void add_result(struct json_object *object, enum conf_tracked_kind kind,
                       const struct track_record *record)
{
    char text[SCRIPT_TEXT_BYTES];

    switch (kind) {
    case CONF_TRACKED_SCRIPT:
        add_text(object, "result",
                 record->runs == 0 ? "no result yet"
                                   : script_text(record->outcome, record->status, record->duration_us, text));
        add_number(object, "runs", record->runs);
        add_number(object, "runs_without_result", record->no_results);
        add_number(object, "contrary_results", record->contrary);
        add_seconds(object, "took_seconds", record->duration_us * NS_PER_US);
        return;
    case CONF_TRACKED_FILE:
        snprintf(text, sizeof(text), "value %d", record->value);
        add_signed(object, "value", record->value);
        break;
    case CONF_TRACKED_PROCESS:
        snprintf(text, sizeof(text), "%d run", record->value);
        add_signed(object, "processes", record->value);
        break;
    case CONF_TRACKED_BFD:
        snprintf(text, sizeof(text), "%s", record->verdict == TRACK_UP ? "up" : "down");
        break;
    }
    add_text(object, "result", record->verdict == TRACK_UNKNOWN ? "not known yet" : text);
}

static const char *state_name(enum conf_tracked_kind kind, uint32_t verdict)
{
    if (verdict == TRACK_UP)
        return kind == CONF_TRACKED_FILE ? "KNOWN" : "UP";
    return verdict == TRACK_DOWN ? "DOWN" : "UNKNOWN";
}

static struct json_object *one(const struct status_source *source, enum conf_tracked_kind kind, uint64_t key,
                               const char *name)
{
    const struct board *board = source->board_of(ROLE_VRRP, 0, source->data);
    struct json_object *object = json_object_new_object();
    union vrrp_board_record record = {.instance = {0}};
    char text[20];
    bool known =
        board != NULL && board_read(board, key, &record) && record.tracked.kind == VRRP_RECORD_TRACKED;

    if (!known)
        record = (union vrrp_board_record){.instance = {0}};
    add_text(object, "name", name);
    snprintf(text, sizeof(text), "%016" PRIx64, key);
    add_text(object, "key", text);
    add_text(object, "type", kind_name(kind));
    add_text(object, "state", state_name(kind, record.tracked.verdict));
    add_result(object, kind, &record.tracked);
    if (record.tracked.since_ns > 0)
        add_seconds(object, "state_age_seconds", source->now.ns - record.tracked.since_ns);
    add_number(object, "transitions", record.tracked.transitions);
    add(object, "tracked_by", trackers(source->model, key));
    return object;
}

struct json_object *status_tracked(const struct status_source *source)
{
    const struct conf_model *model = source->model;
    struct json_object *list = json_object_new_array();

    for (uint32_t i = 0; i < model->track_scripts.count; i++)
        json_object_array_add(list, one(source, CONF_TRACKED_SCRIPT, model->track_scripts.items[i]->key,
                                        model->track_scripts.items[i]->name));
    for (uint32_t i = 0; i < model->track_files.count; i++)
        json_object_array_add(list, one(source, CONF_TRACKED_FILE, model->track_files.items[i]->key,
                                        model->track_files.items[i]->name));
    for (uint32_t i = 0; i < model->track_processes.count; i++)
        json_object_array_add(list, one(source, CONF_TRACKED_PROCESS, model->track_processes.items[i]->key,
                                        model->track_processes.items[i]->name));
    return list;
}
