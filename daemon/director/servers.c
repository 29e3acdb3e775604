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
    /* what the hashes consist of, each in one piece of memory, in the order of the configuration */
    struct virtual_server *virtual_room;
    struct real_server *real_room;
    struct real_server_check *check_room;
    struct check_entry *entry_room;
    struct servers *merged; /* whose rooms and model are referred to as well; a list */
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

/* Two configurations mostly have the same servers in the same order, so first a guess where one is: the
 * virtual server after the one that was found last, and the real server at the same place of its virtual
 * server. */
static const struct virtual_server *guess_virtual(const struct servers *servers, uint64_t key,
                                                  const struct virtual_server **guess)
{
    const struct virtual_server *found =
        *guess != NULL && (*guess)->conf->key == key ? *guess : find_virtual(servers, key);

    if (found != NULL)
        *guess = found->hh.next;
    return found;
}

static const struct real_server *guess_real(const struct servers *servers, uint64_t key,
                                            const struct virtual_server *parent, uint32_t place)
{
    if (parent != NULL && place < parent->real_count && parent->servers[place].conf->key == key)
        return &parent->servers[place];
    return find_real(servers, key);
}

static const struct real_server_check *guess_check(const struct servers *servers, uint64_t key,
                                                   const struct real_server *real, uint32_t place)
{
    const struct check_entry *entry;

    if (real != NULL && place < real->check_count && real->checks[place].key == key)
        return &real->checks[place];
    entry = find_check(servers, key);
    return entry == NULL ? NULL : entry->check;
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
    const struct virtual_server *guess; /* of old */
    servers_recall *recall;
    void *data;
};

/* Where the next of each kind is put. */
struct room {
    struct virtual_server *virtual_server;
    struct real_server *real;
    struct real_server_check *check;
    struct check_entry *entry;
};

static enum real_server_past past_of_real(const struct past *past, const struct real_server *before,
                                          uint64_t key)
{
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
                                            const struct real_server_check *before,
                                            enum real_server_past real_past)
{
    const struct early_verdict *early = find_early(past->old, conf->key);

    struct real_server_check check = {.key = conf->key};

    if (early == NULL && before != NULL)
        return *before;
    if (early != NULL)
        take_word(&check, &early->verdict);
    else
        check.up = real_server_presumption(real_past, conf->alpha);
    return check;
}

/* A process that was replaced hears anew what checks say of weights; until then what it had counts. */
static void start_weight(struct real_server *real, const struct real_server *before, const struct past *past)
{
    struct servers_memory memory;

    real->weight = real_server_weight(real->conf->weight, real->checks, real->check_count);
    if (!real_server_has_spoken(real->checks, real->check_count) && before == NULL && past->recall != NULL &&
        past->recall(real->conf->key, &memory, past->data))
        real->weight = memory.weight;
}

static void add_check_entry(struct servers *servers, struct real_server *real,
                            struct real_server_check *check, struct room *room)
{
    struct check_entry *entry;
    unsigned int hash;

    HASH_VALUE(&check->key, sizeof(check->key), hash);
    HASH_FIND_BYHASHVALUE(hh, servers->checks, &check->key, sizeof(check->key), hash, entry);
    if (entry != NULL)
        return;
    entry = room->entry++;
    *entry = (struct check_entry){.key = check->key, .check = check, .real = real};
    HASH_ADD_BYHASHVALUE(hh, servers->checks, key, sizeof(entry->key), hash, entry);
}

static void add_checks(struct servers *servers, struct real_server *real, const struct real_server *before,
                       const struct past *past, struct room *room)
{
    const struct conf_real_server *conf = real->conf;
    enum real_server_past real_past = past_of_real(past, before, conf->key);

    real->checks = room->check;
    real->check_count = conf->checkers.count;
    room->check += conf->checkers.count;
    for (uint32_t i = 0; i < conf->checkers.count; i++) {
        const struct conf_checker *checker = conf->checkers.items[i];

        real->checks[i] =
            start_check(past, checker, guess_check(past->old, checker->key, before, i), real_past);
        add_check_entry(servers, real, &real->checks[i], room);
    }
    real->up = real_server_is_up(real->checks, real->check_count);
    start_weight(real, before, past);
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

static bool start_quorum(const struct virtual_server *virtual_server, const struct virtual_server *before,
                         const struct past *past)
{
    struct servers_memory memory;

    if (before != NULL)
        return quorum_next(virtual_server->quorum, before->up, virtual_server->live_weight);
    if (past->recall != NULL && past->recall(virtual_server->conf->key, &memory, past->data))
        return quorum_next(virtual_server->quorum, memory.up, virtual_server->live_weight);
    return quorum_at_start(virtual_server->quorum, virtual_server->live_weight);
}

/* False if there is one of that key. */
static bool add_real_server(struct servers *servers, struct virtual_server *virtual_server,
                            const struct conf_real_server *conf)
{
    struct real_server *real;
    unsigned int hash;

    HASH_VALUE(&conf->key, sizeof(conf->key), hash);
    HASH_FIND_BYHASHVALUE(hh, servers->real_servers, &conf->key, sizeof(conf->key), hash, real);
    if (real != NULL)
        return false;
    real = &virtual_server->servers[virtual_server->real_count++];
    real->conf = conf;
    real->parent = virtual_server;
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, servers->real_servers, &real->conf->key, sizeof(real->conf->key), hash,
                                real);
    return true;
}

static void add_real_servers(struct servers *servers, struct virtual_server *virtual_server,
                             const struct virtual_server *before, const struct past *past, struct room *room)
{
    const struct conf_virtual_server *conf = virtual_server->conf;
    uint32_t total_weight = 0;

    virtual_server->servers = room->real;
    for (uint32_t i = 0; i < conf->real_servers.count; i++) {
        const struct conf_real_server *conf_real = conf->real_servers.items[i];

        if (!add_real_server(servers, virtual_server, conf_real))
            continue;
        total_weight += conf_real->weight;
        add_checks(servers, room->real++, guess_real(past->old, conf_real->key, before, i), past, room);
    }
    virtual_server->quorum = quorum_sane(conf->quorum, conf->hysteresis, total_weight);
}

static void add_virtual_server(struct servers *servers, const struct conf_virtual_server *conf,
                               struct past *past, struct room *room)
{
    const struct virtual_server *before;
    struct virtual_server *virtual_server;

    if (find_virtual(servers, conf->key) != NULL)
        return;
    before = guess_virtual(past->old, conf->key, &past->guess);
    virtual_server = room->virtual_server++;
    virtual_server->conf = conf;
    HASH_ADD_KEYPTR(hh, servers->virtual_servers, &conf->key, sizeof(conf->key), virtual_server);
    add_real_servers(servers, virtual_server, before, past, room);
    virtual_server->live_weight = live_weight(virtual_server);
    virtual_server->up = start_quorum(virtual_server, before, past);
}

static struct room make_room(struct servers *servers)
{
    const struct conf_model *model = servers->model;
    size_t real_servers = 0, checks = 0;

    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *virtual_server = model->virtual_servers.items[i];

        real_servers += virtual_server->real_servers.count;
        for (uint32_t j = 0; j < virtual_server->real_servers.count; j++)
            checks += virtual_server->real_servers.items[j]->checkers.count;
    }
    servers->virtual_room = must_calloc(model->virtual_servers.count, sizeof(servers->virtual_room[0]));
    servers->real_room = must_calloc(real_servers, sizeof(servers->real_room[0]));
    servers->check_room = must_calloc(checks, sizeof(servers->check_room[0]));
    servers->entry_room = must_calloc(checks, sizeof(servers->entry_room[0]));
    return (struct room){servers->virtual_room, servers->real_room, servers->check_room, servers->entry_room};
}

struct servers *servers_new(struct conf_model *model, const struct servers *old, servers_recall *recall,
                            void *data)
{
    struct servers *servers = must_calloc(1, sizeof(*servers));
    struct past past = {old, old == NULL ? NULL : old->virtual_servers, recall, data};
    struct room room;

    servers->model = model;
    room = make_room(servers);
    for (uint32_t i = 0; i < model->virtual_servers.count; i++)
        add_virtual_server(servers, model->virtual_servers.items[i], &past, &room);
    return servers;
}

void servers_free(struct servers *servers)
{
    struct early_verdict *early, *next_early;

    if (servers == NULL)
        return;
    servers_free(servers->merged);
    HASH_ITER(hh, servers->early, early, next_early)
    {
        HASH_DEL(servers->early, early);
        free(early);
    }
    HASH_CLEAR(hh, servers->checks);
    HASH_CLEAR(hh, servers->real_servers);
    HASH_CLEAR(hh, servers->virtual_servers);
    free(servers->virtual_room);
    free(servers->real_room);
    free(servers->check_room);
    free(servers->entry_room);
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

static enum knowledge real_before(const struct comparison *comparison, const struct real_server *before,
                                  uint64_t key)
{
    if (before != NULL)
        return before->up ? KNOWN_UP : KNOWN_DOWN;
    return recall_state(comparison, key);
}

static enum knowledge virtual_before(const struct comparison *comparison, const struct virtual_server *before,
                                     uint64_t key)
{
    if (before != NULL)
        return before->up ? KNOWN_UP : KNOWN_DOWN;
    return recall_state(comparison, key);
}

/* Coming up at the start is not worth a word unless it is asked for; being down then is no change. */
static void compare_real_server(const struct comparison *comparison, const struct real_server *real,
                                const struct real_server *old)
{
    enum knowledge before = real_before(comparison, old, real->conf->key);

    if (before == UNKNOWN && real->up)
        comparison->report(REAL_SERVER_STARTED, real->parent, real, comparison->data);
    else if (before == KNOWN_DOWN && real->up)
        comparison->report(REAL_SERVER_CAME_UP, real->parent, real, comparison->data);
    else if (before == KNOWN_UP && !real->up)
        comparison->report(REAL_SERVER_WENT_DOWN, real->parent, real, comparison->data);
}

static void compare_virtual_server(const struct comparison *comparison,
                                   const struct virtual_server *virtual_server,
                                   const struct virtual_server *old)
{
    enum knowledge before = virtual_before(comparison, old, virtual_server->conf->key);
    bool up = virtual_server->up;

    for (uint32_t i = 0; i < virtual_server->real_count; i++) {
        const struct real_server *real = &virtual_server->servers[i];

        compare_real_server(comparison, real, guess_real(comparison->old, real->conf->key, old, i));
    }
    if (before == UNKNOWN && !up)
        comparison->report(QUORUM_MISSING, virtual_server, NULL, comparison->data);
    else if (before == KNOWN_DOWN && up)
        comparison->report(QUORUM_GAINED, virtual_server, NULL, comparison->data);
    else if (before == KNOWN_UP && !up)
        comparison->report(QUORUM_LOST, virtual_server, NULL, comparison->data);
}

/* after: the same virtual server as it is now; NULL = removed. */
static void tell_removed(const struct servers *now, const struct virtual_server *before,
                         const struct virtual_server *after, servers_report *report, void *data)
{
    for (uint32_t i = 0; i < before->real_count; i++) {
        if (guess_real(now, before->servers[i].conf->key, after, i) == NULL)
            report(REAL_SERVER_REMOVED, before, &before->servers[i], data);
    }
    if (after == NULL)
        report(VIRTUAL_SERVER_REMOVED, before, NULL, data);
}

static void tell_all_removed(const struct servers *now, const struct servers *old, servers_report *report,
                             void *data)
{
    const struct virtual_server *before = old->virtual_servers, *guess = now->virtual_servers;

    for (; before != NULL; before = before->hh.next)
        tell_removed(now, before, guess_virtual(now, before->conf->key, &guess), report, data);
}

void servers_compare(const struct servers *now, const struct servers *old, servers_recall *recall,
                     servers_report *report, void *data)
{
    const struct comparison comparison = {old, recall, report, data};
    const struct virtual_server *guess = old == NULL ? NULL : old->virtual_servers;
    const struct virtual_server *virtual_server = now->virtual_servers;

    if (old != NULL)
        tell_all_removed(now, old, report, data);
    for (; virtual_server != NULL; virtual_server = virtual_server->hh.next)
        compare_virtual_server(&comparison, virtual_server,
                               guess_virtual(old, virtual_server->conf->key, &guess));
}

/* ------------------------------------------------------------------ a part that goes ahead */

void servers_compare_part(const struct servers *servers, const struct servers *part, const uint64_t *gone,
                          size_t gone_count, servers_report *report, void *data)
{
    const struct comparison comparison = {servers, NULL, report, data};
    const struct virtual_server *now, *before;

    for (size_t i = 0; i < gone_count; i++) {
        before = find_virtual(servers, gone[i]);
        if (before != NULL)
            tell_removed(part, before, NULL, report, data);
    }
    for (now = part->virtual_servers; now != NULL; now = now->hh.next) {
        before = find_virtual(servers, now->conf->key);
        if (before != NULL)
            tell_removed(part, before, now, report, data);
    }
    for (now = part->virtual_servers; now != NULL; now = now->hh.next)
        compare_virtual_server(&comparison, now, find_virtual(servers, now->conf->key));
}

static void forget_check(struct servers *servers, const struct real_server_check *check)
{
    struct check_entry *entry = find_check(servers, check->key);

    if (entry != NULL && entry->check == check)
        HASH_DEL(servers->checks, entry);
}

static void forget_virtual(struct servers *servers, uint64_t key)
{
    struct virtual_server *virtual_server = find_virtual(servers, key);

    if (virtual_server == NULL)
        return;
    for (uint32_t i = 0; i < virtual_server->real_count; i++) {
        struct real_server *real = &virtual_server->servers[i];

        for (uint32_t j = 0; j < real->check_count; j++)
            forget_check(servers, &real->checks[j]);
        HASH_DEL(servers->real_servers, real);
    }
    HASH_DEL(servers->virtual_servers, virtual_server);
}

/* What was kept for a check that was not known has been heeded when it was made. */
static void forget_early(struct servers *servers, uint64_t key)
{
    struct early_verdict *early = find_early(servers, key);

    if (early == NULL)
        return;
    HASH_DEL(servers->early, early);
    free(early);
}

static void adopt_virtual(struct servers *servers, struct virtual_server *virtual_server)
{
    HASH_ADD_KEYPTR(hh, servers->virtual_servers, &virtual_server->conf->key,
                    sizeof(virtual_server->conf->key), virtual_server);
    for (uint32_t i = 0; i < virtual_server->real_count; i++) {
        struct real_server *real = &virtual_server->servers[i];

        HASH_ADD_KEYPTR(hh, servers->real_servers, &real->conf->key, sizeof(real->conf->key), real);
    }
}

void servers_merge(struct servers *servers, struct servers *part, const uint64_t *gone, size_t gone_count)
{
    size_t virtual_count = HASH_COUNT(part->virtual_servers), check_count = HASH_COUNT(part->checks);

    HASH_CLEAR(hh, part->checks);
    HASH_CLEAR(hh, part->real_servers);
    HASH_CLEAR(hh, part->virtual_servers);
    for (size_t i = 0; i < gone_count; i++)
        forget_virtual(servers, gone[i]);
    for (size_t i = 0; i < virtual_count; i++) {
        forget_virtual(servers, part->virtual_room[i].conf->key);
        adopt_virtual(servers, &part->virtual_room[i]);
    }
    for (size_t i = 0; i < check_count; i++) {
        struct check_entry *entry = &part->entry_room[i];

        forget_early(servers, entry->key);
        if (find_check(servers, entry->key) == NULL)
            HASH_ADD(hh, servers->checks, key, sizeof(entry->key), entry);
    }
    part->merged = servers->merged;
    servers->merged = part;
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
