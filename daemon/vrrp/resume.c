/*
 * Going on where a predecessor ended: what the board says, replayed through the state machine. See unit.h.
 */
#include <stdlib.h>

#include "daemon/core/log.h"
#include "daemon/vrrp/process.h"
#include "daemon/vrrp/timing.h"

/* Every member's record is there and has that state. */
static bool all_were(const struct vrrp_unit *unit, enum vrrp_state state)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        if (unit->instances[i]->record.state != (uint32_t)state)
            return false;
    }
    return true;
}

static bool all_can_speak(const struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        const struct vrrp_instance *instance = unit->instances[i];

        if (instance->socket->fd < 0 || !ip_address_is_set(&instance->advert.source))
            return false;
    }
    return true;
}

static bool none_is_superseded(const struct vrrp_unit *unit, struct mono now)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        const struct vrrp_record *record = &unit->instances[i]->record;
        struct mono at =
            vrrp_superseded_at((struct mono){record->last_advert_sent_ns},
                               span_ns(record->peer_down_interval_ns), span_ns(record->advert_interval_ns));

        if (record->last_advert_sent_ns == 0 || !mono_before(now, at))
            return false;
    }
    return true;
}

/* What the predecessor knew and links has not told again yet. */
static void restore_surroundings(struct vrrp_instance *instance, struct mono now)
{
    const struct vrrp_record *record = &instance->record;
    struct vrrp_event source = {.type = EVENT_SOURCE, .source = record->source};
    struct vrrp_event priority = {.type = EVENT_PRIORITY,
                                  .weight_sum = record->effective_priority - instance->conf->base_priority};

    if (!ip_address_is_set(&instance->conf->source) && ip_address_is_set(&record->source)) {
        instance_set_source(instance, &record->source);
        unit_step(instance->unit, instance->member, &source, now);
    }
    unit_step(instance->unit, instance->member, &priority, now);
}

/* When the predecessor began to wait: at the last advert, or when it became backup. */
static struct mono waiting_since(const struct vrrp_record *record)
{
    struct mono received = {record->last_advert_received_ns}, since = {record->state_since_ns};

    return mono_before(received, since) ? since : received;
}

static struct mono earliest_wait(const struct vrrp_unit *unit)
{
    struct mono earliest = {0};

    for (unsigned int i = 0; i < unit->count; i++)
        earliest = mono_earliest(earliest, waiting_since(&unit->instances[i]->record));
    return earliest;
}

static void replay_last_advert(struct vrrp_instance *instance, const struct vrrp_record *record)
{
    struct vrrp_event event = {
        .type = EVENT_ADVERT,
        .advert = {.priority = record->master_priority,
                   .interval = span_ns(instance->conf->version == 3 ? record->master_interval_ns : 0),
                   .source = record->master},
    };

    if (record->last_advert_received_ns == 0 || !ip_address_is_set(&record->master) ||
        record->last_advert_received_ns < record->state_since_ns)
        return;
    unit_step(instance->unit, instance->member, &event, (struct mono){record->last_advert_received_ns});
}

/* A deadline long past is no takeover: the unit's timer asks whether silence proves anything. */
static void resume_backup(struct vrrp_unit *unit)
{
    struct vrrp_record *records = calloc(unit->count, sizeof(*records));
    struct mono since = earliest_wait(unit);

    if (records == NULL)
        abort();
    for (unsigned int i = 0; i < unit->count; i++)
        records[i] = unit->instances[i]->record;
    unit_step(unit, 0, &(struct vrrp_event){.type = EVENT_START}, mono_is_set(since) ? since : mono_now());
    for (unsigned int i = 0; i < unit->count; i++) {
        replay_last_advert(unit->instances[i], &records[i]);
        instance_note_master(unit->instances[i]);
    }
    free(records);
}

/* Before anything else: what is on the board belongs to the counters, and to what scripts were told. */
static void restore_record(struct vrrp_instance *instance)
{
    struct vrrp_record fresh = instance->record;

    if (!board_read(child_board(instance->child), instance->key, &instance->record)) {
        instance->record = fresh;
        return;
    }
    instance->told = (enum vrrp_state)instance->record.state;
    if (instance->conf->unicast_peers.count == 1) /* of several, nobody knows which it was */
        advert_learn_form(&instance->advert, instance->conf, &instance->conf->unicast_peers.items[0]->address,
                          (enum vrrp_checksum_form)instance->record.checksum_form);
    instance->record.advert_interval_ns = fresh.advert_interval_ns;
    instance->record.peer_down_interval_ns = fresh.peer_down_interval_ns;
}

static void release_what_was_held(struct vrrp_unit *unit)
{
    for (unsigned int i = 0; i < unit->count; i++) {
        struct vrrp_instance *instance = unit->instances[i];

        if (instance->record.state != VRRP_MASTER)
            continue;
        log_warning(
            "instance %s: a peer may have taken over since the last advert; its addresses are withdrawn",
            instance->conf->name);
        instance_act(instance, ACTION_RELEASE, mono_now());
    }
}

bool unit_resume(struct vrrp_unit *unit)
{
    struct mono now = mono_now();

    for (unsigned int i = 0; i < unit->count; i++) {
        restore_record(unit->instances[i]);
        restore_surroundings(unit->instances[i], now);
    }
    if (all_were(unit, VRRP_MASTER) && all_can_speak(unit) && none_is_superseded(unit, now)) {
        unit->told = VRRP_MASTER;
        unit->started = true;
        unit_step(unit, 0, &(struct vrrp_event){.type = EVENT_RESUME}, now);
        return true;
    }
    if (all_were(unit, VRRP_BACKUP) && all_can_speak(unit)) {
        unit->told = VRRP_BACKUP;
        unit->started = true;
        resume_backup(unit);
        return true;
    }
    release_what_was_held(unit);
    return false;
}
