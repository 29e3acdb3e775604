/*
 * Virtual and real servers and their states. See servers.h.
 */
#include "daemon/director/servers.h"

#include <stdlib.h>

#define EARLY_MAX 65536 /* verdicts kept for checks that are not known yet */

struct check_entry {
    uint64_t key;
    struct real_server_check *check;
    struct real_server *real;
    UT_hash_handle hh;
};

struct early_verdict {
    uint64_t key;
    struct verdict verdict;
    UT_hash_handle hh;
};

struct servers {
    struct conf_model *model;
    struct virtual_server *virtual_servers; /* hash, in the order of the configuration */
    struct real_server *real_servers;       /* hash of all */
    struct check_entry *checks;             /* hash of all */
    struct early_verdict *early;            /* hash */
};

static void *must_calloc(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);

    if (memory == NULL)
        abort();
    return memory;
}

/* ------------------------------------------------------------------ looking up */

static struct virtual_server *find_virtual(const struct servers *servers, uint64_t key)
{
    struct virtual_server *found = NULL;

    if (servers != NULL)
        HASH_FIND(hh, servers->virtual_servers, &key, sizeof(key), found);
    return found;
}

static struct real_server *find_real(const struct servers *servers, uint64_t key)
{
    struct real_server *found = NULL;

    if (servers != NULL)
        HASH_FIND(hh, servers->real_servers, &key, sizeof(key), found);
    return found;
}

static struct check_entry *find_check(const struct servers *servers, uint64_t key)
{
    struct check_entry *found = NULL;

    if (servers != NULL)
        HASH_FIND(hh, servers->checks, &key, sizeof(key), found);
    return found;
}

static struct early_verdict *find_early(const struct servers *servers, uint64_t key)
{
    struct early_verdict *found = NULL;

    if (servers != NULL)
        HASH_FIND(hh, servers->early, &key, sizeof(key), found);
    return found;
}

const struct virtual_server *servers_first(const struct servers *servers)
{
    return servers->virtual_servers;
}

const struct virtual_server *servers_find(const struct servers *servers, uint64_t key)
{
    return find_virtual(servers, key);
}

bool servers_know(const struct servers *servers, uint64_t key)
{
    return find_virtual(servers, key) != NULL || find_real(servers, key) != NULL;
}

/* ------------------------------------------------------------------ building */

struct past {
    const struct servers *old;
    servers_recall *recall;
    void *data;
};

static enum real_server_past past_of_real(const struct past *past, uint64_t key)
{
    const struct real_server *before = find_real(past->old, key);
    struct servers_memory memory;

    if (before != NULL)
        return before->up ? REAL_SERVER_WAS_UP : REAL_SERVER_WAS_DOWN;
    if (past->recall != NULL && past->recall(key, &memory, past->data))
        return memory.up ? REAL_SERVER_WAS_UP : REAL_SERVER_WAS_DOWN;
    return REAL_SERVER_UNKNOWN;
}

static void take_word(struct real_server_check *check, const struct verdict *verdict)
{
    check->spoken = true;
    check->up = verdict->up != 0;
    check->weight_kind = verdict->weight_kind;
    check->weight = verdict->weight;
}

static struct real_server_check start_check(const struct past *past, const struct conf_checker *conf,
                                            enum real_server_past real_past)
{
    const struct check_entry *before = find_check(past->old, conf->key);
    const struct early_verdict *early = find_early(past->old, conf->key);

    struct real_server_check check = {.key = conf->key};

    if (early == NULL && before != NULL)
        return *before->check;
    if (early != NULL)
        take_word(&check, &early->verdict);
    else
        check.up = real_server_presumption(real_past, conf->alpha);
    return check;
}

/* A process that was replaced hears anew what checks say of weights; until then what it had counts. */
static void start_weight(struct real_server *real, const struct past *past)
{
    struct servers_memory memory;

    real->weight = real_server_weight(real->conf->weight, real->checks, real->check_count);
    if (!real_server_has_spoken(real->checks, real->check_count) &&
        find_real(past->old, real->conf->key) == NULL && past->recall != NULL &&
        past->recall(real->conf->key, &memory, past->data))
        real->weight = memory.weight;
}

static void add_checks(struct servers *servers, struct real_server *real, const struct past *past)
{
    const struct conf_real_server *conf = real->conf;
    enum real_server_past real_past = past_of_real(past, conf->key);

    real->checks = must_calloc(conf->checkers.count, sizeof(real->checks[0]));
    real->check_count = conf->checkers.count;
    for (uint32_t i = 0; i < conf->checkers.count; i++) {
        struct check_entry *entry;

        real->checks[i] = start_check(past, conf->checkers.items[i], real_past);
        if (find_check(servers, real->checks[i].key) != NULL)
            continue;
        entry = must_calloc(1, sizeof(*entry));
        *entry = (struct check_entry){.key = real->checks[i].key, .check = &real->checks[i], .real = real};
        HASH_ADD(hh, servers->checks, key, sizeof(entry->key), entry);
    }
    real->up = real_server_is_up(real->checks, real->check_count);
    start_weight(real, past);
}

static uint32_t live_weight(const struct virtual_server *virtual_server)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < virtual_server->real_count; i++) {
        if (virtual_server->servers[i].up)
            sum += virtual_server->servers[i].weight;
    }
    return sum;
}

static bool start_quorum(const struct virtual_server *virtual_server, const struct past *past)
{
    const struct virtual_server *before = find_virtual(past->old, virtual_server->conf->key);
    struct servers_memory memory;

    if (before != NULL)
        return quorum_next(virtual_server->quorum, before->up, virtual_server->live_weight);
    if (past->recall != NULL && past->recall(virtual_server->conf->key, &memory, past->data))
        return quorum_next(virtual_server->quorum, memory.up, virtual_server->live_weight);
    return quorum_at_start(virtual_server->quorum, virtual_server->live_weight);
}

static void add_real_servers(struct servers *servers, struct virtual_server *virtual_server,
                             const struct past *past)
{
    const struct conf_virtual_server *conf = virtual_server->conf;
    uint32_t total_weight = 0;

    virtual_server->servers = must_calloc(conf->real_servers.count, sizeof(virtual_server->servers[0]));
    for (uint32_t i = 0; i < conf->real_servers.count; i++) {
        struct real_server *real = &virtual_server->servers[virtual_server->real_count];

        if (find_real(servers, conf->real_servers.items[i]->key) != NULL)
            continue;
        real->conf = conf->real_servers.items[i];
        real->parent = virtual_server;
        virtual_server->real_count++;
        total_weight += real->conf->weight;
        HASH_ADD_KEYPTR(hh, servers->real_servers, &real->conf->key, sizeof(real->conf->key), real);
        add_checks(servers, real, past);
    }
    virtual_server->quorum = quorum_sane(conf->quorum, conf->hysteresis, total_weight);
}

static void add_virtual_server(struct servers *servers, const struct conf_virtual_server *conf,
                               const struct past *past)
{
    struct virtual_server *virtual_server;

    if (find_virtual(servers, conf->key) != NULL)
        return;
    virtual_server = must_calloc(1, sizeof(*virtual_server));
    virtual_server->conf = conf;
    HASH_ADD_KEYPTR(hh, servers->virtual_servers, &conf->key, sizeof(conf->key), virtual_server);
    add_real_servers(servers, virtual_server, past);
    virtual_server->live_weight = live_weight(virtual_server);
    virtual_server->up = start_quorum(virtual_server, past);
}

struct servers *servers_new(struct conf_model *model, const struct servers *old, servers_recall *recall,
                            void *data)
{
    struct servers *servers = must_calloc(1, sizeof(*servers));
    struct past past = {old, recall, data};

    servers->model = model;
    for (uint32_t i = 0; i < model->virtual_servers.count; i++)
        add_virtual_server(servers, model->virtual_servers.items[i], &past);
    return servers;
}

void servers_free(struct servers *servers)
{
    struct virtual_server *virtual_server, *next_virtual;
    struct early_verdict *early, *next_early;
    struct check_entry *check, *next_check;

    if (servers == NULL)
        return;
    HASH_ITER(hh, servers->checks, check, next_check)
    {
        HASH_DEL(servers->checks, check);
        free(check);
    }
    HASH_ITER(hh, servers->early, early, next_early)
    {
        HASH_DEL(servers->early, early);
        free(early);
    }
    HASH_CLEAR(hh, servers->real_servers);
    HASH_ITER(hh, servers->virtual_servers, virtual_server, next_virtual)
    {
        HASH_DEL(servers->virtual_servers, virtual_server);
        for (uint32_t i = 0; i < virtual_server->real_count; i++)
            free(virtual_server->servers[i].checks);
        free(virtual_server->servers);
        free(virtual_server);
    }
    conf_model_free(servers->model);
    free(servers);
}

/* ------------------------------------------------------------------ what a reload or a start means */

enum knowledge {
    KNOWN_UP,
    KNOWN_DOWN,
    UNKNOWN,
};

struct comparison {
    const struct servers *old;
    servers_recall *recall;
    servers_report *report;
    void *data; /* of both */
};

static enum knowledge recall_state(const struct comparison *comparison, uint64_t key)
{
    struct servers_memory memory;

    if (comparison->recall == NULL || !comparison->recall(key, &memory, comparison->data))
        return UNKNOWN;
    return memory.up ? KNOWN_UP : KNOWN_DOWN;
}

static enum knowledge real_before(const struct comparison *comparison, uint64_t key)
{
    const struct real_server *before = find_real(comparison->old, key);

    if (before != NULL)
        return before->up ? KNOWN_UP : KNOWN_DOWN;
    return recall_state(comparison, key);
}

static enum knowledge virtual_before(const struct comparison *comparison, uint64_t key)
{
    const struct virtual_server *before = find_virtual(comparison->old, key);

    if (before != NULL)
        return before->up ? KNOWN_UP : KNOWN_DOWN;
    return recall_state(comparison, key);
}

/* Coming up at the start is not worth a word unless it is asked for; being down then is no change. */
static void compare_real_server(const struct comparison *comparison, const struct real_server *real)
{
    enum knowledge before = real_before(comparison, real->conf->key);

    if (before == UNKNOWN && real->up)
        comparison->report(REAL_SERVER_STARTED, real->parent, real, comparison->data);
    else if (before == KNOWN_DOWN && real->up)
        comparison->report(REAL_SERVER_CAME_UP, real->parent, real, comparison->data);
    else if (before == KNOWN_UP && !real->up)
        comparison->report(REAL_SERVER_WENT_DOWN, real->parent, real, comparison->data);
}

static void compare_virtual_server(const struct comparison *comparison,
                                   const struct virtual_server *virtual_server)
{
    enum knowledge before = virtual_before(comparison, virtual_server->conf->key);
    bool up = virtual_server->up;

    for (uint32_t i = 0; i < virtual_server->real_count; i++)
        compare_real_server(comparison, &virtual_server->servers[i]);
    if (before == UNKNOWN && !up)
        comparison->report(QUORUM_MISSING, virtual_server, NULL, comparison->data);
    else if (before == KNOWN_DOWN && up)
        comparison->report(QUORUM_GAINED, virtual_server, NULL, comparison->data);
    else if (before == KNOWN_UP && !up)
        comparison->report(QUORUM_LOST, virtual_server, NULL, comparison->data);
}

static void tell_removed(const struct servers *now, const struct virtual_server *before,
                         servers_report *report, void *data)
{
    for (uint32_t i = 0; i < before->real_count; i++) {
        if (find_real(now, before->servers[i].conf->key) == NULL)
            report(REAL_SERVER_REMOVED, before, &before->servers[i], data);
    }
    if (find_virtual(now, before->conf->key) == NULL)
        report(VIRTUAL_SERVER_REMOVED, before, NULL, data);
}

void servers_compare(const struct servers *now, const struct servers *old, servers_recall *recall,
                     servers_report *report, void *data)
{
    const struct comparison comparison = {old, recall, report, data};
    const struct virtual_server *virtual_server;

    if (old != NULL) {
        for (virtual_server = old->virtual_servers; virtual_server != NULL;
             virtual_server = virtual_server->hh.next)
            tell_removed(now, virtual_server, report, data);
    }
    for (virtual_server = now->virtual_servers; virtual_server != NULL;
         virtual_server = virtual_server->hh.next)
        compare_virtual_server(&comparison, virtual_server);
}

/* ------------------------------------------------------------------ the funnel */

static void keep_for_later(struct servers *servers, const struct verdict *verdict)
{
    struct early_verdict *early = find_early(servers, verdict->key);

    if (early == NULL && HASH_COUNT(servers->early) < EARLY_MAX) {
        early = must_calloc(1, sizeof(*early));
        early->key = verdict->key;
        HASH_ADD(hh, servers->early, key, sizeof(early->key), early);
    }
    if (early != NULL)
        early->verdict = *verdict;
}

static void change_quorum(struct virtual_server *virtual_server, servers_report *report, void *data)
{
    bool before = virtual_server->up;

    virtual_server->live_weight = live_weight(virtual_server);
    virtual_server->up = quorum_next(virtual_server->quorum, before, virtual_server->live_weight);
    if (virtual_server->up != before)
        report(virtual_server->up ? QUORUM_GAINED : QUORUM_LOST, virtual_server, NULL, data);
}

const struct virtual_server *servers_verdict(struct servers *servers, const struct verdict *verdict,
                                             servers_report *report, void *data)
{
    struct check_entry *entry = find_check(servers, verdict->key);
    struct real_server *real, before;

    if (entry == NULL) {
        keep_for_later(servers, verdict);
        return NULL;
    }
    take_word(entry->check, verdict);
    real = entry->real;
    before = *real;
    real->up = real_server_is_up(real->checks, real->check_count);
    if (real_server_has_spoken(real->checks, real->check_count) ||
        verdict->weight_kind != VERDICT_WEIGHT_NONE)
        real->weight = real_server_weight(real->conf->weight, real->checks, real->check_count);
    if (real->up == before.up && real->weight == before.weight)
        return NULL;
    if (real->up != before.up)
        report(real->up ? REAL_SERVER_CAME_UP : REAL_SERVER_WENT_DOWN, real->parent, real, data);
    else if (real->up)
        report(REAL_SERVER_REWEIGHED, real->parent, real, data);
    change_quorum(real->parent, report, data);
    return real->parent;
}

void servers_omega(const struct servers *servers, servers_report *report, void *data)
{
    const struct virtual_server *virtual_server;

    for (virtual_server = servers->virtual_servers; virtual_server != NULL;
         virtual_server = virtual_server->hh.next) {
        if (!virtual_server->conf->omega)
            continue;
        for (uint32_t i = 0; i < virtual_server->real_count; i++) {
            if (virtual_server->servers[i].up)
                report(REAL_SERVER_WENT_DOWN, virtual_server, &virtual_server->servers[i], data);
        }
        if (virtual_server->up)
            report(QUORUM_LOST, virtual_server, NULL, data);
    }
}
