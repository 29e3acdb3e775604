/*
 * Status tables for people. See status_view.h.
 */
#include "daemon/ctl/status_view.h"

#include <string.h>

#include "daemon/ctl/members.h"
#include "daemon/ctl/table.h"

#define TEXT_BYTES     64
#define RED            "\033[31m"
#define PLAIN          "\033[0m"
#define SILENT_SECONDS 2.0 /* a process beats every quarter of a second */

/* ------------------------------------------------------------------ members */

static const char *text_of(struct json_object *object, const char *name)
{
    struct json_object *value = member(object, name);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "-";
}

static bool flag_of(struct json_object *object, const char *name)
{
    return json_object_get_boolean(member(object, name)) != 0;
}

/* The number as written, or "-". */
static const char *number_of(struct json_object *object, const char *name)
{
    struct json_object *value = member(object, name);

    if (json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double))
        return json_object_get_string(value);
    return "-";
}

/* "4.2 s", "3m 12s", "5h 7m", "12d 3h". */
static const char *age_of(struct json_object *object, const char *name, char buffer[static TEXT_BYTES])
{
    struct json_object *value = member(object, name);
    double seconds = json_object_get_double(value);
    unsigned long whole;

    if (value == NULL || seconds < 0)
        return "-";
    whole = seconds < 1e9 ? (unsigned long)seconds : 1000000000UL;
    if (whole < 60)
        snprintf(buffer, TEXT_BYTES, "%.1f s", seconds);
    else if (whole < 3600)
        snprintf(buffer, TEXT_BYTES, "%lum %lus", whole / 60, whole % 60);
    else if (whole < 86400)
        snprintf(buffer, TEXT_BYTES, "%luh %lum", whole / 3600, whole % 3600 / 60);
    else
        snprintf(buffer, TEXT_BYTES, "%lud %luh", whole / 86400, whole % 86400 / 3600);
    return buffer;
}

static enum table_colour colour_of_state(const char *state)
{
    static const struct {
        const char *state;
        enum table_colour colour;
    } rows[] = {
        {"MASTER", TABLE_GOOD}, {"UP", TABLE_GOOD},          {"FAULT", TABLE_BAD},
        {"DOWN", TABLE_BAD},    {"CHANGING", TABLE_WARNING}, {"UNKNOWN", TABLE_WARNING},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].state, state) == 0)
            return rows[i].colour;
    }
    return TABLE_PLAIN;
}

static void state_cell(struct table *table, struct json_object *object)
{
    const char *state = text_of(object, "state");

    table_cell(table, colour_of_state(state), "%s", state);
}

static void finish(struct table *table, FILE *out, int indent, bool colour)
{
    table_print(table, out, indent, colour);
    table_free(table);
}

/* ------------------------------------------------------------------ virtual routers */

static void priority_cell(struct table *table, struct json_object *instance)
{
    const char *base = number_of(instance, "priority"),
               *effective = number_of(instance, "effective_priority");

    if (strcmp(effective, "-") == 0 || strcmp(base, effective) == 0)
        table_cell(table, TABLE_PLAIN, "%s", base);
    else
        table_cell(table, TABLE_WARNING, "%s of %s", effective, base);
}

static uint64_t count_of(struct json_object *instance, const char *what, const char *which)
{
    return json_object_get_uint64(member(member(instance, what), which));
}

/* "2/2", and where it has routes or rules "2/2 + 3/4 routes". */
static void addresses_cell(struct table *table, struct json_object *instance)
{
    struct json_object *addresses = member(instance, "addresses");
    uint64_t present = count_of(instance, "routes", "present") + count_of(instance, "rules", "present");
    uint64_t wanted = count_of(instance, "routes", "wanted") + count_of(instance, "rules", "wanted");
    bool master = strcmp(text_of(instance, "state"), "MASTER") == 0;
    bool failed = count_of(instance, "addresses", "failed") > 0 || (master && present < wanted);
    char routes[TEXT_BYTES] = "";

    if (wanted > 0)
        snprintf(routes, sizeof(routes), " + %llu/%llu routes", (unsigned long long)present,
                 (unsigned long long)wanted);
    table_cell(table, failed ? TABLE_BAD : TABLE_PLAIN, "%s/%s%s", number_of(addresses, "present"),
               number_of(addresses, "wanted"), routes);
}

static void lease_cell(struct table *table, struct json_object *instance)
{
    struct json_object *lease = member(instance, "lease");
    double seconds = json_object_get_double(member(lease, "seconds"));

    if (flag_of(lease, "refused"))
        table_cell(table, TABLE_WARNING, "too costly");
    else if (seconds > 0)
        table_cell(table, TABLE_PLAIN, "%.1f s", seconds);
    else
        table_cell(table, TABLE_PLAIN, "-");
}

static void instance_row(struct table *table, struct json_object *instance)
{
    char age[TEXT_BYTES];

    table_cell(table, TABLE_PLAIN, "%s", text_of(instance, "name"));
    table_cell(table, TABLE_PLAIN, "%s", text_of(instance, "interface"));
    table_cell(table, TABLE_PLAIN, "%s", number_of(instance, "virtual_router_id"));
    state_cell(table, instance);
    table_cell(table, TABLE_PLAIN, "%s", age_of(instance, "state_age_seconds", age));
    priority_cell(table, instance);
    table_cell(table, TABLE_PLAIN, "%s", text_of(instance, "master"));
    addresses_cell(table, instance);
    lease_cell(table, instance);
    table_cell(table, TABLE_PLAIN, "%s", text_of(instance, "cause"));
}

static void view_instances(struct json_object *instances, FILE *out, bool colour)
{
    static const char *const titles[] = {"INSTANCE", "INTERFACE", "VRID",  "STATE", "SINCE", "PRIORITY",
                                         "MASTER",   "VIPS",      "LEASE", "CAUSE", NULL};
    struct table *table = table_new(titles);

    for (size_t i = 0; i < length_of(instances); i++)
        instance_row(table, json_object_array_get_idx(instances, i));
    finish(table, out, 0, colour);
}

static void view_groups(struct json_object *groups, FILE *out, bool colour)
{
    static const char *const titles[] = {"SYNC GROUP", "STATE", "MEMBERS", NULL};
    struct table *table = table_new(titles);

    for (size_t i = 0; i < length_of(groups); i++) {
        struct json_object *group = json_object_array_get_idx(groups, i), *members = member(group, "members");
        char names[512] = "";
        size_t used = 0;

        for (size_t j = 0; j < length_of(members) && used < sizeof(names); j++)
            used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", j == 0 ? "" : " ",
                                     json_object_get_string(json_object_array_get_idx(members, j)));
        table_cell(table, TABLE_PLAIN, "%s", text_of(group, "name"));
        state_cell(table, group);
        table_cell(table, TABLE_PLAIN, "%s", names);
    }
    finish(table, out, 0, colour);
}

/* ------------------------------------------------------------------ what is tracked */

/* "web (-20), both (FAULT reverse)" */
static void trackers_text(struct json_object *trackers, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < length_of(trackers) && used < size; i++) {
        struct json_object *tracker = json_object_array_get_idx(trackers, i);

        used += (size_t)snprintf(text + used, size - used, "%s%s (%s%s)", i == 0 ? "" : ", ",
                                 text_of(tracker, "name"), text_of(tracker, "effect"),
                                 flag_of(tracker, "reverse") ? " reverse" : "");
    }
}

static void view_tracked(struct json_object *tracked, FILE *out, bool colour)
{
    static const char *const titles[] = {"TRACKED", "TYPE", "STATE", "SINCE", "RESULT", "BY", NULL};
    struct table *table = table_new(titles);

    for (size_t i = 0; i < length_of(tracked); i++) {
        struct json_object *object = json_object_array_get_idx(tracked, i);
        char age[TEXT_BYTES], by[512];

        trackers_text(member(object, "tracked_by"), by, sizeof(by));
        table_cell(table, TABLE_PLAIN, "%s", text_of(object, "name"));
        table_cell(table, TABLE_PLAIN, "%s", text_of(object, "type"));
        state_cell(table, object);
        table_cell(table, TABLE_PLAIN, "%s", age_of(object, "state_age_seconds", age));
        table_cell(table, TABLE_PLAIN, "%s", text_of(object, "result"));
        table_cell(table, TABLE_PLAIN, "%s", by);
    }
    finish(table, out, 0, colour);
}

/* ------------------------------------------------------------------ balancer */

/* The reason of a server's state: that of its first failing check, else of its first. */
static const char *reason_of(struct json_object *server)
{
    struct json_object *checks = member(server, "checks");
    size_t count = length_of(checks);

    for (size_t i = 0; i < count; i++) {
        struct json_object *check = json_object_array_get_idx(checks, i);

        if (flag_of(check, "known") && !flag_of(check, "up"))
            return text_of(check, "reason");
    }
    return count == 0 ? "no check" : text_of(json_object_array_get_idx(checks, 0), "reason");
}

static void server_row(struct table *table, struct json_object *server)
{
    char age[TEXT_BYTES];

    table_cell(table, TABLE_PLAIN, "%s", text_of(server, "address"));
    table_cell(table, TABLE_PLAIN, "%s", text_of(server, "method"));
    table_cell(table, TABLE_PLAIN, "%s", number_of(server, "weight"));
    state_cell(table, server);
    table_cell(table, TABLE_PLAIN, "%s", flag_of(server, "in_table") ? "yes" : "no");
    table_cell(table, TABLE_PLAIN, "%s", age_of(server, "state_age_seconds", age));
    table_cell(table, TABLE_PLAIN, "%s", reason_of(server));
}

static void sorry_row(struct table *table, struct json_object *sorry)
{
    bool in_use = flag_of(sorry, "in_use");

    table_cell(table, TABLE_PLAIN, "%s", text_of(sorry, "address"));
    table_cell(table, TABLE_PLAIN, "%s", text_of(sorry, "method"));
    table_cell(table, TABLE_PLAIN, "%d", in_use ? 1 : 0);
    table_cell(table, in_use ? TABLE_WARNING : TABLE_PLAIN, in_use ? "SORRY" : "IDLE");
    table_cell(table, TABLE_PLAIN, "%s", in_use || flag_of(sorry, "inhibit") ? "yes" : "no");
    table_cell(table, TABLE_PLAIN, "-");
    table_cell(table, TABLE_PLAIN,
               in_use ? "sorry server: in use, there is no quorum" : "sorry server: not in use");
}

static void view_servers(struct json_object *servers, struct json_object *sorry, FILE *out, bool colour)
{
    static const char *const titles[] = {"REAL SERVER", "METHOD", "WEIGHT", "STATE",
                                         "IN TABLE",    "SINCE",  "REASON", NULL};
    struct table *table;

    if (length_of(servers) == 0)
        return;
    table = table_new(titles);
    for (size_t i = 0; i < length_of(servers); i++)
        server_row(table, json_object_array_get_idx(servers, i));
    if (sorry != NULL)
        sorry_row(table, sorry);
    finish(table, out, 4, colour);
}

/* "2 of 3": what lives of what it takes; with a margin where there is hysteresis: "4 of 5+-1". */
static void quorum_cell(struct table *table, struct json_object *virtual_server)
{
    bool margin = json_object_get_uint64(member(virtual_server, "hysteresis")) > 0;

    table_cell(table, TABLE_PLAIN, "%s of %s%s%s", number_of(virtual_server, "live_weight"),
               number_of(virtual_server, "quorum"), margin ? "+-" : "",
               margin ? number_of(virtual_server, "hysteresis") : "");
}

/* The entries of a group, under its line. */
static void view_services(struct json_object *virtual_server, FILE *out)
{
    struct json_object *services = member(virtual_server, "services");

    if (services == NULL)
        return;
    fputs("    of", out);
    for (size_t i = 0; i < length_of(services); i++)
        fprintf(out, "%s %s", i == 0 ? "" : ",",
                json_object_get_string(json_object_array_get_idx(services, i)));
    fprintf(out, ": %s of %s in the table\n", number_of(virtual_server, "services_in_table"),
            number_of(virtual_server, "services_wanted"));
}

static void view_virtual_server(struct json_object *virtual_server, FILE *out, bool colour)
{
    static const char *const titles[] = {"VIRTUAL SERVER", "PROTOCOL", "SCHEDULER", "STATE",
                                         "QUORUM",         "SINCE",    NULL};
    struct table *table = table_new(titles);
    char age[TEXT_BYTES];

    table_cell(table, TABLE_PLAIN, "%s", text_of(virtual_server, "address"));
    table_cell(table, TABLE_PLAIN, "%s", text_of(virtual_server, "protocol"));
    table_cell(table, TABLE_PLAIN, "%s", text_of(virtual_server, "scheduler"));
    state_cell(table, virtual_server);
    quorum_cell(table, virtual_server);
    table_cell(table, TABLE_PLAIN, "%s", age_of(virtual_server, "state_age_seconds", age));
    finish(table, out, 0, colour);
    view_services(virtual_server, out);
    view_servers(member(virtual_server, "real_servers"), member(virtual_server, "sorry_server"), out, colour);
}

static void view_ipvs(struct json_object *ipvs, FILE *out)
{
    bool failed = member(ipvs, "error") != NULL;

    if (member(ipvs, "available") == NULL)
        fputs("IPVS: not known yet\n", out);
    else if (!flag_of(ipvs, "available"))
        fprintf(out, "IPVS: this kernel has none%s%s%s: nothing is balanced\n", failed ? " (" : "",
                failed ? text_of(ipvs, "error") : "", failed ? ")" : "");
}

/* ------------------------------------------------------------------ processes */

static void process_row(struct table *table, struct json_object *process)
{
    double silent = json_object_get_double(member(process, "heartbeat_age_seconds"));
    const char *index = number_of(process, "index");
    bool numbered = strcmp(text_of(process, "role"), "checker") == 0;
    char age[TEXT_BYTES];

    table_cell(table, TABLE_PLAIN, "%s%s%s", text_of(process, "role"), numbered ? " " : "",
               numbered ? index : "");
    table_cell(table, TABLE_PLAIN, "%s", number_of(process, "pid"));
    table_cell(table, flag_of(process, "poisoned") ? TABLE_BAD : TABLE_PLAIN, "%s%s",
               text_of(process, "state"), flag_of(process, "poisoned") ? " (dies again and again)" : "");
    table_cell(table, silent > SILENT_SECONDS ? TABLE_BAD : TABLE_PLAIN, "%s",
               age_of(process, "heartbeat_age_seconds", age));
    table_cell(table, TABLE_PLAIN, "%s", number_of(process, "respawns"));
}

static void view_processes(struct json_object *processes, FILE *out, bool colour)
{
    static const char *const titles[] = {"PROCESS", "PID", "STATE", "HEARTBEAT", "RESTARTS", NULL};
    struct table *table = table_new(titles);

    for (size_t i = 0; i < length_of(processes); i++)
        process_row(table, json_object_array_get_idx(processes, i));
    finish(table, out, 0, colour);
}

/* ------------------------------------------------------------------ the whole */

static void view_head(struct json_object *status, FILE *out)
{
    struct json_object *configuration = member(status, "configuration");

    fprintf(out, "tandem %s, configuration %.8s", text_of(status, "version"),
            text_of(configuration, "digest"));
    if (member(configuration, "router_id") != NULL)
        fprintf(out, " of %s", text_of(configuration, "router_id"));
    putc('\n', out);
}

static void view_reload(struct json_object *configuration, FILE *out, bool colour)
{
    struct json_object *refused = member(configuration, "refused_reload");
    uint64_t problems = json_object_get_uint64(member(refused, "problems"));
    char age[TEXT_BYTES], more[TEXT_BYTES] = "";

    if (member(configuration, "next_reload") != NULL)
        fprintf(out, "next reload at %s, as reload_time_file says\n", text_of(configuration, "next_reload"));
    if (refused == NULL)
        return;
    if (problems > 1)
        snprintf(more, sizeof(more), "\n    and %llu more", (unsigned long long)problems - 1);
    fprintf(out, "%sthe reload %s ago was refused%s, what was loaded before is in force:\n    %s%s\n",
            colour ? RED : "", age_of(refused, "age_seconds", age), colour ? PLAIN : "",
            text_of(refused, "first"), more);
}

void status_view(struct json_object *status, FILE *out, bool colour)
{
    struct json_object *instances = member(status, "instances"), *groups = member(status, "sync_groups");
    struct json_object *virtual_servers = member(status, "virtual_servers");
    struct json_object *tracked = member(status, "tracked");

    view_head(status, out);
    view_reload(member(status, "configuration"), out, colour);
    if (length_of(instances) > 0) {
        putc('\n', out);
        view_instances(instances, out, colour);
    }
    if (length_of(groups) > 0) {
        putc('\n', out);
        view_groups(groups, out, colour);
    }
    if (length_of(tracked) > 0) {
        putc('\n', out);
        view_tracked(tracked, out, colour);
    }
    for (size_t i = 0; i < length_of(virtual_servers); i++) {
        putc('\n', out);
        if (i == 0)
            view_ipvs(member(status, "ipvs"), out);
        view_virtual_server(json_object_array_get_idx(virtual_servers, i), out, colour);
    }
    putc('\n', out);
    view_processes(member(status, "processes"), out, colour);
}
