/*
 * Status as JSON: the model's objects with what the boards say of each. See status.h.
 */
#include "daemon/ctl/status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "checkers/verdict.h"
#include "conf/digest.h"
#include "conf/server_name.h"
#include "daemon/core/board_records.h"
#include "daemon/core/vrrp_state.h"
#include "daemon/ctl/members.h"
#include "daemon/ctl/status_tracked.h"

#define CHECKERS_MAX 48
#define TEXT_BYTES   256
#define RESTING      "not checked: no address of its virtual server is on this machine"

/* ------------------------------------------------------------------ small pieces */

static void add_age(struct json_object *object, const char *name, const struct status_source *source,
                    int64_t since_ns)
{
    if (since_ns > 0)
        add_seconds(object, name, source->now.ns - since_ns);
}

static void add_wall_time(struct json_object *object, const char *name, int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    char text[40];
    struct tm utc;

    if (wall_ns <= 0 || gmtime_r(&seconds, &utc) == NULL)
        return;
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
    add_text(object, name, text);
}

static void add_key(struct json_object *object, uint64_t key)
{
    char text[20];

    snprintf(text, sizeof(text), "%016" PRIx64, key);
    add_text(object, "key", text);
}

static void add_address(struct json_object *object, const char *name, const struct ip_address *address)
{
    char text[IP_ADDRESS_TEXT];

    if (ip_address_is_set(address))
        add_text(object, name, ip_address_text(address, text));
}

static void add_endpoint(struct json_object *object, const struct ip_endpoint *endpoint)
{
    char text[IP_ENDPOINT_TEXT];

    add_text(object, "address", ip_endpoint_text(endpoint, text));
}

static void add_error(struct json_object *object, int32_t error)
{
    if (error != 0)
        add_text(object, "error", strerror(error));
}

static bool read_record(const struct status_source *source, enum role role, uint64_t key, void *record)
{
    const struct board *board = source->board_of(role, 0, source->data);

    return board != NULL && board_read(board, key, record);
}

/* ------------------------------------------------------------------ virtual routers */

static void add_vrrp_record(struct json_object *object, const struct status_source *source,
                            const struct vrrp_record *record)
{
    struct json_object *adverts = json_object_new_object();

    add_age(object, "state_age_seconds", source, record->state_since_ns);
    add_wall_time(object, "state_since", record->state_since_wall_ns);
    if (record->cause != CAUSE_NONE && record->cause < CAUSE_COUNT)
        add_text(object, "cause", vrrp_cause_text((enum vrrp_cause)record->cause));
    add_number(object, "effective_priority", record->effective_priority);
    add_address(object, "source", &record->source);
    if (record->state == VRRP_MASTER) {
        add_address(object, "master", &record->source);
        add_number(object, "master_priority", record->effective_priority);
    } else if (ip_address_is_set(&record->master)) {
        add_address(object, "master", &record->master);
        add_number(object, "master_priority", record->master_priority);
    }
    add_number(adverts, "sent", record->adverts_sent);
    add_number(adverts, "received", record->adverts_received);
    add_number(adverts, "refused", record->adverts_refused);
    add_age(adverts, "sent_age_seconds", source, record->last_advert_sent_ns);
    add_age(adverts, "received_age_seconds", source, record->last_advert_received_ns);
    add_seconds(adverts, "latest_seconds", (int64_t)record->late_max_ns);
    add(object, "adverts", adverts);
    add_number(object, "became_master", record->became_master);
    add_number(object, "released_master", record->released_master);
    add_number(object, "pauses", record->pauses);
}

/* Nothing where nothing is configured. */
static void add_counts(struct json_object *object, const char *name, uint32_t wanted, uint32_t present)
{
    struct json_object *counts;

    if (wanted == 0)
        return;
    counts = json_object_new_object();
    add_number(counts, "wanted", wanted);
    add_number(counts, "present", present);
    add(object, name, counts);
}

static void add_links_record(struct json_object *object, const struct status_source *source,
                             const struct links_record *record)
{
    struct json_object *addresses = json_object_new_object(), *lease = json_object_new_object();

    add_number(addresses, "wanted", record->addresses_wanted);
    add_number(addresses, "present", record->addresses_present);
    add_number(addresses, "failed", record->addresses_failed);
    add_number(addresses, "restored", record->addresses_restored);
    add_error(addresses, record->last_error);
    add_number(addresses, "garps_sent", record->garps_sent);
    add_number(addresses, "neighbour_advertisements_sent", record->nas_sent);
    if (record->taken_ns > 0)
        add_seconds(addresses, "taken_seconds", record->taken_ns);
    if (record->first_announced_ns > 0)
        add_seconds(addresses, "first_announced_seconds", record->first_announced_ns);
    add(object, "addresses", addresses);
    add_counts(object, "routes", record->routes_wanted, record->routes_present);
    add_counts(object, "rules", record->rules_wanted, record->rules_present);
    add_seconds(lease, "seconds", record->lease_ns);
    add_flag(lease, "refused", record->lease_refused != 0);
    add_age(lease, "refreshed_age_seconds", source, record->lease_refreshed_ns);
    add(object, "lease", lease);
}

static struct json_object *virtual_addresses(const struct conf_instance *instance)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t i = 0; i < instance->vips.count; i++) {
        const struct conf_vip *vip = instance->vips.items[i];
        char address[IP_ADDRESS_TEXT], text[IP_ADDRESS_TEXT + 8];

        snprintf(text, sizeof(text), "%s/%u", ip_address_text(&vip->address, address),
                 (unsigned int)vip->prefix_length);
        json_object_array_add(list, json_object_new_string(text));
    }
    return list;
}

static const char *state_of(const struct status_source *source, const struct conf_instance *instance)
{
    struct vrrp_record record;

    if (!read_record(source, ROLE_VRRP, instance->key, &record) || record.state >= VRRP_STATE_COUNT)
        return "UNKNOWN";
    return vrrp_state_name((enum vrrp_state)record.state);
}

static struct json_object *instance_status(const struct status_source *source,
                                           const struct conf_instance *instance)
{
    struct json_object *object = json_object_new_object();
    struct vrrp_record vrrp;
    struct links_record links;

    add_text(object, "name", instance->name);
    add_key(object, instance->key);
    add_text(object, "interface", instance->interface);
    add_number(object, "virtual_router_id", instance->vrid);
    add_text(object, "family", instance->family == AF_INET6 ? "IPv6" : "IPv4");
    add_number(object, "version", instance->version);
    add_text(object, "state", state_of(source, instance));
    add_number(object, "priority", instance->base_priority);
    add_seconds(object, "advert_interval_seconds", instance->advert_interval_us * NS_PER_US);
    if (read_record(source, ROLE_VRRP, instance->key, &vrrp))
        add_vrrp_record(object, source, &vrrp);
    if (read_record(source, ROLE_LINKS, instance->key, &links))
        add_links_record(object, source, &links);
    add(object, "virtual_addresses", virtual_addresses(instance));
    return object;
}

/* A group is in the state of its members while they agree. */
static struct json_object *group_status(const struct status_source *source,
                                        const struct conf_sync_group *group)
{
    struct json_object *object = json_object_new_object(), *members = json_object_new_array();
    const char *state = "UNKNOWN";

    for (uint32_t i = 0; i < group->members.count; i++) {
        const struct conf_instance *member = group->members.items[i];
        const char *own = state_of(source, member);

        json_object_array_add(members, json_object_new_string(member->name));
        state = i == 0 || strcmp(state, own) == 0 ? own : "CHANGING";
    }
    add_text(object, "name", group->name);
    add_key(object, group->key);
    add_text(object, "state", state);
    add(object, "members", members);
    return object;
}

/* ------------------------------------------------------------------ balancer */

static const char *forwarding_name(enum conf_forwarding forwarding)
{
    switch (forwarding) {
    case CONF_FORWARD_NAT:
        return "NAT";
    case CONF_FORWARD_DR:
        return "DR";
    case CONF_FORWARD_TUN:
        return "TUN";
    }
    return "?";
}

/* "NAT", "DR", "TUN", "TUN gue", "TUN gre". */
static const char *method_name(const struct conf_method *method)
{
    if (method->forwarding != CONF_FORWARD_TUN)
        return forwarding_name(method->forwarding);
    switch (method->tunnel) {
    case CONF_TUNNEL_IPIP:
        return "TUN";
    case CONF_TUNNEL_GUE:
        return "TUN gue";
    case CONF_TUNNEL_GRE:
        return "TUN gre";
    }
    return "?";
}

static const char *checker_name(enum conf_checker_type type)
{
    switch (type) {
    case CONF_CHECK_TCP:
        return "TCP_CHECK";
    case CONF_CHECK_HTTP:
        return "HTTP_GET";
    case CONF_CHECK_SSL:
        return "SSL_GET";
    case CONF_CHECK_MISC:
        return "MISC_CHECK";
    case CONF_CHECK_PING:
        return "PING_CHECK";
    case CONF_CHECK_UDP:
        return "UDP_CHECK";
    case CONF_CHECK_DNS:
        return "DNS_CHECK";
    case CONF_CHECK_SMTP:
        return "SMTP_CHECK";
    case CONF_CHECK_BFD:
        return "BFD_CHECK";
    case CONF_CHECK_FILE:
        return "FILE_CHECK";
    case CONF_CHECK_TYPES:
        break;
    }
    return "?";
}

/* A check's record lies on the board of one of the checkers that run now; a board of one that ended may still
 * hold an old one. */
static bool read_check(const struct status_source *source, uint64_t key, struct checker_record *record)
{
    for (uint16_t index = 0; index < CHECKERS_MAX; index++) {
        const struct board *board = source->board_of(ROLE_CHECKER, index, source->data);
        union supervisor_board_record process;

        if (board == NULL)
            return false;
        if (board_read(board, key, record) &&
            read_record(source, ROLE_SUPERVISOR, supervisor_record_key(ROLE_CHECKER, index), &process))
            return true;
    }
    return false;
}

/* "200-299, 404"; NULL if the check asks for several URLs, of which the record does not say which failed. */
static const char *wanted_statuses(const struct conf_checker *checker, uint16_t reason, char *buffer,
                                   size_t size)
{
    const struct conf_url *url;
    size_t used = 0;

    if (reason != VERDICT_HTTP_STATUS || checker->urls.count != 1)
        return NULL;
    url = checker->urls.items[0];
    buffer[0] = '\0';
    for (uint32_t i = 0; i < url->statuses.count && used < size; i++) {
        const struct conf_status_range *range = url->statuses.items[i];
        const char *separator = i == 0 ? "" : ", ";

        if (range->low == range->high)
            used += (size_t)snprintf(buffer + used, size - used, "%s%u", separator, (unsigned int)range->low);
        else
            used += (size_t)snprintf(buffer + used, size - used, "%s%u-%u", separator,
                                     (unsigned int)range->low, (unsigned int)range->high);
    }
    return buffer;
}

static struct json_object *check_status(const struct status_source *source,
                                        const struct conf_checker *checker)
{
    struct json_object *object = json_object_new_object();
    struct checker_record record = {0};
    char wanted[64], reason[TEXT_BYTES];

    add_text(object, "type", checker_name(checker->type));
    add_key(object, checker->key);
    if (!read_check(source, checker->key, &record) || record.known == 0) {
        add_flag(object, "known", false);
        add_flag(object, "resting", record.resting != 0);
        add_text(object, "reason", record.resting != 0 ? RESTING : "not checked yet");
        return object;
    }
    add_flag(object, "resting", record.resting != 0);
    add_flag(object, "known", true);
    add_flag(object, "up", record.up != 0);
    add_text(object, "code", verdict_code(record.reason));
    add_text(object, "reason",
             verdict_text(record.reason, record.phase, record.detail, record.wait_ms,
                          wanted_statuses(checker, record.reason, wanted, sizeof(wanted)), reason,
                          sizeof(reason)));
    add_number(object, "failures_in_a_row", record.failures);
    add_number(object, "took_milliseconds", record.wait_ms);
    add_age(object, "state_age_seconds", source, record.since_ns);
    add_wall_time(object, "state_since", record.since_wall_ns);
    add_age(object, "last_run_age_seconds", source, record.last_run_ns);
    add_number(object, "runs", record.runs);
    add_number(object, "transitions", record.transitions);
    return object;
}

static void add_director_record(struct json_object *object, const struct status_source *source, uint64_t key,
                                const char *weight_name)
{
    struct director_record record;

    if (!read_record(source, ROLE_DIRECTOR, key, &record)) {
        add_text(object, "state", "UNKNOWN");
        return;
    }
    add_text(object, "state", record.up != 0 ? "UP" : "DOWN");
    add_number(object, weight_name, record.live_weight);
    if (record.kind == DIRECTOR_RECORD_REAL_SERVER)
        add_number(object, "wanted_weight", record.weight);
    add_flag(object, "in_table", record.in_table != 0);
    add_error(object, record.last_error);
    add_age(object, "state_age_seconds", source, record.since_ns);
    add_wall_time(object, "state_since", record.since_wall_ns);
    add_number(object, "changes", record.changes);
}

static struct json_object *real_server_status(const struct status_source *source,
                                              const struct conf_real_server *real_server)
{
    struct json_object *object = json_object_new_object(), *checks = json_object_new_array();

    add_endpoint(object, &real_server->endpoint);
    add_key(object, real_server->key);
    add_text(object, "method", method_name(&real_server->method));
    add_number(object, "configured_weight", real_server->weight);
    add_flag(object, "inhibit_on_failure", real_server->inhibit_on_failure);
    add_director_record(object, source, real_server->key, "weight");
    for (uint32_t i = 0; i < real_server->checkers.count; i++)
        json_object_array_add(checks, check_status(source, real_server->checkers.items[i]));
    add(object, "checks", checks);
    return object;
}

static struct json_object *services_status(const struct conf_virtual_server *virtual_server)
{
    struct json_object *list = json_object_new_array();
    char text[CONF_SERVER_TEXT];

    for (uint32_t i = 0; i < virtual_server->services.count; i++)
        json_object_array_add(
            list, json_object_new_string(conf_service_text(virtual_server->services.items[i], text)));
    return list;
}

static struct json_object *sorry_status(const struct conf_sorry_server *sorry,
                                        const struct director_record *record)
{
    struct json_object *object = json_object_new_object();

    add_endpoint(object, &sorry->endpoint);
    add_text(object, "method", method_name(&sorry->method));
    add_flag(object, "inhibit", sorry->inhibit);
    if (record != NULL)
        add_flag(object, "in_use", record->sorry_in_use != 0);
    return object;
}

static struct json_object *virtual_server_status(const struct status_source *source,
                                                 const struct conf_virtual_server *virtual_server)
{
    struct json_object *object = json_object_new_object(), *servers = json_object_new_array();
    struct director_record record;
    bool known = read_record(source, ROLE_DIRECTOR, virtual_server->key, &record);
    char text[CONF_SERVER_TEXT];

    add_text(object, "address", conf_server_text(virtual_server, text));
    add_key(object, virtual_server->key);
    add_text(object, "protocol", conf_server_protocol(virtual_server));
    if (virtual_server->kind == CONF_SERVER_GROUP)
        add(object, "services", services_status(virtual_server));
    if (known) {
        add_number(object, "services_wanted", record.services);
        add_number(object, "services_in_table", record.services_in_table);
    }
    if (ip_address_is_set(&virtual_server->sorry.endpoint.address))
        add(object, "sorry_server", sorry_status(&virtual_server->sorry, known ? &record : NULL));
    add_text(object, "scheduler", virtual_server->scheduler);
    add_number(object, "quorum", virtual_server->quorum);
    add_number(object, "hysteresis", virtual_server->hysteresis);
    if (virtual_server->persistence_timeout_s > 0)
        add_number(object, "persistence_seconds", virtual_server->persistence_timeout_s);
    add_text(object, "persistence_engine", virtual_server->persistence_engine);
    add_director_record(object, source, virtual_server->key, "live_weight");
    for (uint32_t i = 0; i < virtual_server->real_servers.count; i++)
        json_object_array_add(servers, real_server_status(source, virtual_server->real_servers.items[i]));
    add(object, "real_servers", servers);
    return object;
}

static struct json_object *ipvs_status(const struct status_source *source)
{
    struct json_object *object = json_object_new_object();
    struct director_record record;

    if (!read_record(source, ROLE_DIRECTOR, 0, &record))
        return object;
    add_flag(object, "available", record.up != 0);
    add_error(object, record.last_error);
    add_number(object, "changes", record.changes);
    add_number(object, "mended", record.mended);
    return object;
}

/* ------------------------------------------------------------------ processes */

static const char *process_state_name(uint32_t state)
{
    static const char *const names[] = {
        [PROCESS_ABSENT] = "absent",     [PROCESS_STARTING] = "starting", [PROCESS_READY] = "ready",
        [PROCESS_STOPPING] = "stopping", [PROCESS_WAITING] = "waiting",
    };

    return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static struct json_object *process_status(const struct status_source *source,
                                          const struct supervisor_record *record)
{
    struct json_object *object = json_object_new_object();
    const struct board *board = source->board_of((enum role)record->role, record->index, source->data);

    add_text(object, "role", role_name((enum role)record->role));
    add_number(object, "index", record->index);
    add_text(object, "state", process_state_name(record->state));
    if (record->pid > 0)
        add_number(object, "pid", (uint64_t)record->pid);
    add_wall_time(object, "started", record->started_wall_ns);
    if (board != NULL)
        add_age(object, "heartbeat_age_seconds", source, board_last_beat(board).ns);
    add_number(object, "respawns", record->respawns);
    add_flag(object, "poisoned", record->poisoned != 0);
    return object;
}

static struct json_object *processes_status(const struct status_source *source)
{
    struct json_object *list = json_object_new_array();
    const struct board *board = source->board_of(ROLE_SUPERVISOR, 0, source->data);

    for (unsigned int role = 0; board != NULL && role < ROLE_COUNT; role++) {
        for (uint16_t index = 0; index < CHECKERS_MAX; index++) {
            union supervisor_board_record record;

            if (board_read(board, supervisor_record_key((enum role)role, index), &record) &&
                record.process.role < ROLE_COUNT)
                json_object_array_add(list, process_status(source, &record.process));
        }
    }
    return list;
}

/* ------------------------------------------------------------------ the whole */

/* What is there whoever is master: under key 0 on the board of links. */
static void add_static(struct json_object *object, const struct status_source *source)
{
    struct json_object *statics;
    struct links_record record;

    if (!read_record(source, ROLE_LINKS, 0, &record))
        return;
    statics = json_object_new_object();
    add_counts(statics, "addresses", record.addresses_wanted, record.addresses_present);
    add_counts(statics, "routes", record.routes_wanted, record.routes_present);
    add_counts(statics, "rules", record.rules_wanted, record.rules_present);
    add(object, "static", statics);
}

/* Which configuration is in force, and why it is not a newer one. */
static struct json_object *configuration_status(const struct status_source *source)
{
    struct json_object *object = json_object_new_object(), *refused;
    char digest[CONF_DIGEST_TEXT];
    union supervisor_board_record record;
    const struct reload_record *reload = &record.reload;

    add_text(object, "digest", conf_digest_text(source->model->digest, digest));
    add_text(object, "router_id", source->model->global.router_id);
    if (!read_record(source, ROLE_SUPERVISOR, RELOAD_RECORD_KEY, &record))
        return object;
    add_wall_time(object, "loaded", reload->taken_wall_ns);
    add_wall_time(object, "next_reload", reload->due_wall_ns);
    if (reload->refused_wall_ns == 0)
        return object;
    refused = json_object_new_object();
    add_wall_time(refused, "time", reload->refused_wall_ns);
    add_age(refused, "age_seconds", source, reload->refused_ns);
    add_number(refused, "problems", reload->problems);
    add_text(refused, "first", reload->problem);
    add(object, "refused_reload", refused);
    return object;
}

struct json_object *status_build(const struct status_source *source)
{
    const struct conf_model *model = source->model;
    struct json_object *object = json_object_new_object();
    struct json_object *instances = json_object_new_array(), *groups = json_object_new_array();
    struct json_object *virtual_servers = json_object_new_array();

    add_text(object, "version", TANDEM_VERSION);
    add(object, "configuration", configuration_status(source));
    for (uint32_t i = 0; i < model->instances.count; i++)
        json_object_array_add(instances, instance_status(source, model->instances.items[i]));
    add(object, "instances", instances);
    for (uint32_t i = 0; i < model->sync_groups.count; i++)
        json_object_array_add(groups, group_status(source, model->sync_groups.items[i]));
    add(object, "sync_groups", groups);
    add(object, "tracked", status_tracked(source));
    add_static(object, source);
    for (uint32_t i = 0; i < model->virtual_servers.count; i++)
        json_object_array_add(virtual_servers,
                              virtual_server_status(source, model->virtual_servers.items[i]));
    add(object, "virtual_servers", virtual_servers);
    if (model->virtual_servers.count > 0)
        add(object, "ipvs", ipvs_status(source));
    add(object, "processes", processes_status(source));
    return object;
}
