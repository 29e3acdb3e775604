/*
 * The director's board. See publish.h.
 */
#include "daemon/director/publish.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/core/log.h"
#include "daemon/director/wanted.h"

/* In how many services a server is wanted, and in how many it is. */
struct presence {
    uint32_t wanted;
    uint32_t present;
    uint32_t weight; /* where it is */
};

static int64_t wall_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* Writes the record unless the board says so already; a change of up is counted and dated. */
static void publish(struct board *board, uint64_t key, const struct director_record *news)
{
    struct director_record before = {0}, record = *news;
    bool known = board_read(board, key, &before);

    record.since_ns = before.since_ns;
    record.since_wall_ns = before.since_wall_ns;
    record.changes = before.changes;
    if (!known || before.up != record.up) {
        record.since_ns = mono_now().ns;
        record.since_wall_ns = wall_now_ns();
        record.changes += known;
    }
    if (known && memcmp(&before, &record, sizeof(before)) == 0)
        return;
    if (!board_write(board, key, &record))
        log_error("the director's board is full: status will not show everything");
}

void publish_table(struct board *board, const struct director_record *record)
{
    publish(board, PUBLISH_TABLE_KEY, record);
}

static void look_for(const struct real_server *real, const struct ipvs_service_id *service,
                     const struct image *actual, struct presence *presence)
{
    const struct ipvs_destination *destination;
    struct ipvs_destination_id id;

    if (!wanted_destination_id(real->conf, service, &id))
        return;
    presence->wanted++;
    destination = actual == NULL ? NULL : image_find(actual, &id);
    if (destination == NULL)
        return;
    presence->present++;
    presence->weight = destination->weight;
}

static void publish_real_server(struct board *board, const struct real_server *real,
                                const struct presence *presence, bool there, int error)
{
    struct real_server_place place = real_server_place(real->up, virtual_server_is_sorry(real->parent),
                                                       real->weight, real->conf->inhibit_on_failure);
    struct director_record record = {.kind = DIRECTOR_RECORD_REAL_SERVER, .up = real->up};

    record.in_table = presence->wanted > 0 && presence->present == presence->wanted;
    record.live_weight = presence->weight;
    record.weight = real->weight;
    if (place.in_table != record.in_table && there)
        record.last_error = error;
    publish(board, real->conf->key, &record);
}

void publish_virtual_server(struct board *board, const struct reconciler *reconciler,
                            const struct virtual_server *virtual_server, bool there)
{
    int error = reconciler_error(reconciler, virtual_server->conf->key);
    struct director_record record = {.kind = DIRECTOR_RECORD_VIRTUAL_SERVER, .up = virtual_server->up};
    struct presence *presences = calloc(virtual_server->real_count + 1, sizeof(presences[0]));
    struct wanted_cursor cursor = {0};
    struct ipvs_service_id id;

    if (presences == NULL)
        abort();
    while (wanted_next(virtual_server->conf, &cursor, &id)) {
        const struct image *actual = reconciler_actual(reconciler, &id);

        record.services++;
        record.services_in_table += actual != NULL;
        for (uint32_t i = 0; i < virtual_server->real_count; i++)
            look_for(&virtual_server->servers[i], &id, actual, &presences[i]);
    }
    record.live_weight = virtual_server->live_weight;
    record.in_table = record.services_in_table == record.services;
    record.sorry_in_use = virtual_server_is_sorry(virtual_server);
    record.last_error = error;
    publish(board, virtual_server->conf->key, &record);
    for (uint32_t i = 0; i < virtual_server->real_count; i++)
        publish_real_server(board, &virtual_server->servers[i], &presences[i], there, error);
    free(presences);
}
