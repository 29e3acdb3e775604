/*
 * The IPVS table: what there should be of it and what the kernel has. See drift.h.
 *
 * The director's own functions say what is wanted, of servers in the state that the daemon tells, and what it
 * takes to get there.
 */
#include "daemon/ctl/drift_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/slice.h"
#include "daemon/core/loop.h"
#include "daemon/director/wanted.h"
#include "daemon/kernel/ipvs_client.h"

#define PATIENCE span_s(10)

/* A virtual service that one of the configurations names. */
struct entry {
    struct ipvs_service_id id;
    struct image wanted;
    struct image actual;
    UT_hash_handle hh;
};

struct tables {
    const struct drift *drift;
    struct loop *loop;
    struct ipvs_client *client;
    struct entry *entries;
    size_t dumps; /* that are to be answered */
    int error;
};

static struct entry *find_entry(const struct tables *tables, const struct ipvs_service_id *id)
{
    struct entry *found = NULL;

    HASH_FIND(hh, tables->entries, id, sizeof(*id), found);
    return found;
}

static struct entry *entry_of(struct tables *tables, const struct ipvs_service_id *id)
{
    struct entry *entry = find_entry(tables, id);

    if (entry != NULL)
        return entry;
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        abort();
    entry->id = *id;
    HASH_ADD(hh, tables->entries, id, sizeof(entry->id), entry);
    return entry;
}

static void forget(struct tables *tables)
{
    struct entry *entry, *next;

    HASH_ITER(hh, tables->entries, entry, next)
    {
        HASH_DEL(tables->entries, entry);
        image_clear(&entry->wanted);
        image_clear(&entry->actual);
        free(entry);
    }
    ipvs_client_free(tables->client);
    loop_free(tables->loop);
}

/* ------------------------------------------------------------------ what is wanted */

static bool recall(uint64_t key, struct servers_memory *memory, void *data)
{
    const struct drift_state *state = drift_state_of(data, key);

    if (state != NULL)
        *memory = (struct servers_memory){state->up, state->weight};
    return state != NULL;
}

/* The servers as a director would have them that began now. */
static struct servers *servers_of(const struct drift *drift, const struct conf_model *model)
{
    const char *why;
    uint32_t objects;
    struct conf_model *slice = conf_slice_take(conf_slice_write(model, CONF_SLICE_DIRECTOR, 0, 1, &objects),
                                               CONF_SLICE_DIRECTOR, &why);

    if (slice == NULL) {
        fprintf(stderr, "tandemctl: the virtual servers cannot be compared: %s\n", why);
        return NULL;
    }
    return servers_new(slice, NULL, recall, (void *)drift);
}

static bool add_model(struct tables *tables, const struct conf_model *model)
{
    struct servers *servers = servers_of(tables->drift, model);
    const struct virtual_server *server = servers == NULL ? NULL : servers_first(servers);

    for (; server != NULL; server = server->hh.next) {
        struct wanted_cursor cursor = {0};
        struct ipvs_service_id id;

        while (wanted_next(server->conf, &cursor, &id)) {
            struct entry *entry = entry_of(tables, &id);

            if (model == tables->drift->wanted)
                wanted_image(server, &id, &entry->wanted);
        }
    }
    servers_free(servers);
    return servers != NULL;
}

/* ------------------------------------------------------------------ what the kernel has */

static void fail(struct tables *tables, int error)
{
    tables->error = error;
    loop_stop(tables->loop);
}

/* A kernel without IPVS has an empty table. */
static void found(int error, void *data)
{
    struct tables *tables = data;

    if (error != 0) {
        fail(tables, error == ENOENT ? 0 : error);
        return;
    }
    ipvs_client_dump_services(tables->client);
    ipvs_client_send(tables->client);
}

static void service_dumped(const struct ipvs_service *service, void *data)
{
    struct entry *entry = find_entry(data, &service->id);

    if (entry == NULL)
        return;
    entry->actual.exists = true;
    entry->actual.service = *service;
}

static void services_end(int error, void *data)
{
    struct tables *tables = data;

    for (struct entry *entry = tables->entries; entry != NULL && error == 0; entry = entry->hh.next) {
        if (!entry->actual.exists)
            continue;
        ipvs_client_dump_destinations(tables->client, &entry->id, entry);
        tables->dumps++;
    }
    if (error != 0 || tables->dumps == 0)
        fail(tables, error);
    else
        ipvs_client_send(tables->client);
}

static void destination_dumped(void *tag, const struct ipvs_destination *destination, void *data)
{
    struct entry *entry = tag;

    (void)data;
    image_put(&entry->actual, destination);
}

static void destinations_end(void *tag, int error, void *data)
{
    struct tables *tables = data;

    (void)tag;
    if (error != 0 || --tables->dumps == 0)
        fail(tables, error);
}

static void idle(void *data)
{
    (void)data;
}

static void lost(int error, void *data)
{
    fail(data, error);
}

static void too_late(void *data)
{
    fail(data, ETIMEDOUT);
}

static const struct ipvs_client_callbacks callbacks = {
    .found = found,
    .service = service_dumped,
    .services_end = services_end,
    .destination = destination_dumped,
    .destinations_end = destinations_end,
    .idle = idle,
    .lost = lost,
};

/* False after an explanation. */
static bool read_kernel(struct tables *tables)
{
    struct loop_timer *patience;

    tables->loop = loop_new();
    if (tables->loop != NULL)
        tables->client = ipvs_client_new(tables->loop, &callbacks, tables);
    tables->error = errno;
    if (tables->client != NULL) {
        tables->error = 0;
        patience = loop_timer_new(tables->loop, too_late, tables);
        loop_timer_in(patience, PATIENCE);
        ipvs_client_find(tables->client);
        ipvs_client_send(tables->client);
        loop_run(tables->loop);
        loop_timer_free(patience);
    }
    if (tables->error != 0)
        fprintf(stderr, "tandemctl: the kernel's IPVS table cannot be read: %s\n", strerror(tables->error));
    return tables->error == 0;
}

/* ------------------------------------------------------------------ telling */

static void put_number(FILE *out, const char *word, uint32_t number)
{
    if (number != 0)
        fprintf(out, " %s %u", word, number);
}

static void put_service(FILE *out, const struct ipvs_service *service)
{
    char mask[INET_ADDRSTRLEN];
    uint32_t flags = service->flags & ~(uint32_t)IP_VS_SVC_F_PERSISTENT;

    fprintf(out, "scheduler %.*s", IPVS_SCHEDULER_BYTES, service->scheduler);
    if (flags != 0)
        fprintf(out, " flags %#x", flags);
    if ((service->flags & IP_VS_SVC_F_PERSISTENT) == 0)
        return;
    fprintf(out, " persistent %u", service->timeout_s);
    if (service->id.family == AF_INET6)
        fprintf(out, " netmask %u", service->netmask);
    else
        fprintf(out, " netmask %s", inet_ntop(AF_INET, &service->netmask, mask, sizeof(mask)));
    if (service->engine[0] != '\0')
        fprintf(out, " engine %.*s", IPVS_ENGINE_BYTES, service->engine);
}

static const char *method_word(uint32_t method)
{
    if (method == IP_VS_CONN_F_MASQ)
        return "NAT";
    if (method == IP_VS_CONN_F_DROUTE)
        return "DR";
    return method == IP_VS_CONN_F_TUNNEL ? "TUN" : "other";
}

static void put_destination(FILE *out, const struct ipvs_destination *destination)
{
    char text[IPVS_DESTINATION_TEXT];

    fprintf(out, "real_server %s %s weight %u", ipvs_destination_text(&destination->id, text),
            method_word(destination->method), destination->weight);
    put_number(out, "uthreshold", destination->upper_threshold);
    put_number(out, "lthreshold", destination->lower_threshold);
    put_number(out, "type", destination->tunnel_type);
    put_number(out, "port", destination->tunnel_port);
    put_number(out, "flags", destination->tunnel_flags);
}

/* The caller frees it; NULL if there is neither. */
static char *text_of(const struct ipvs_service *service, const struct ipvs_destination *destination)
{
    size_t length;
    char *text;
    FILE *out;

    if (service == NULL && destination == NULL)
        return NULL;
    out = open_memstream(&text, &length);
    if (out == NULL)
        abort();
    if (service != NULL)
        put_service(out, service);
    else
        put_destination(out, destination);
    if (fclose(out) != 0)
        abort();
    return text;
}

static void tell_change(const struct tables *tables, const struct entry *entry,
                        const struct ipvs_change *change)
{
    char object[IPVS_SERVICE_TEXT + 5] = "IPVS ", *before = NULL, *after = NULL;

    switch (change->verb) {
    case IPVS_ADD_SERVICE:
    case IPVS_EDIT_SERVICE:
    case IPVS_DELETE_SERVICE:
        before = text_of(entry->actual.exists ? &entry->actual.service : NULL, NULL);
        after = text_of(entry->wanted.exists ? &entry->wanted.service : NULL, NULL);
        break;
    case IPVS_ADD_DESTINATION:
    case IPVS_EDIT_DESTINATION:
    case IPVS_DELETE_DESTINATION:
        before = text_of(NULL, image_find(&entry->actual, &change->destination.id));
        after = text_of(NULL, image_find(&entry->wanted, &change->destination.id));
        break;
    }
    ipvs_service_text(&entry->id, object + strlen(object));
    tables->drift->told(&(struct conf_change){object, before, after}, tables->drift->data);
    free(before);
    free(after);
}

static void tell(const struct tables *tables)
{
    for (const struct entry *entry = tables->entries; entry != NULL; entry = entry->hh.next) {
        struct changes changes = {0};

        table_difference(&entry->id, &entry->actual, &entry->wanted, &changes);
        for (uint32_t i = 0; i < changes.count; i++)
            tell_change(tables, entry, &changes.items[i]);
        changes_free(&changes);
    }
}

bool drift_ipvs(const struct drift *drift)
{
    struct tables tables = {.drift = drift};
    bool done = add_model(&tables, drift->wanted) &&
                (drift->running == drift->wanted || add_model(&tables, drift->running));

    if (done && tables.entries != NULL)
        done = read_kernel(&tables);
    if (done)
        tell(&tables);
    forget(&tables);
    return done;
}
