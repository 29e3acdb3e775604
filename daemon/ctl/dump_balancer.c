/*
 * keepalived_check.data: virtual and real servers as the status shows them, laid out as in keepalived.data.
 * See dump.h.
 */
#include "daemon/ctl/dump.h"

#include "daemon/ctl/members.h"

/* A line of a dump: what stands in front of the value, and whose member it is. */
struct line {
    const char *title;
    const char *name;
};

static const struct line check_lines[] = {
    {"     Check", "type"},  {"       Up", "up"}, {"       Last result", "reason"},
    {"       Runs", "runs"}, {NULL, NULL},
};

static const struct line real_server_lines[] = {
    {"   RIP", "address"},
    {"     State", "state"},
    {"     Forwarding method", "method"},
    {"     Configured weight", "configured_weight"},
    {"     Weight", "weight"},
    {"     In IPVS table", "in_table"},
    {"     Inhibit on failure", "inhibit_on_failure"},
    {NULL, NULL},
};

static const struct line virtual_server_lines[] = {
    {" VS VIP", "address"},
    {"   Protocol", "protocol"},
    {"   Scheduler", "scheduler"},
    {"   State", "state"},
    {"   Quorum", "quorum"},
    {"   Hysteresis", "hysteresis"},
    {"   Live weight", "live_weight"},
    {"   In IPVS table", "in_table"},
    {NULL, NULL},
};

/* What the object does not have is left out. */
static void print_lines(FILE *out, struct json_object *object, const struct line *lines)
{
    struct json_object *value = NULL;

    for (const struct line *line = lines; line->title != NULL; line++) {
        if (json_object_object_get_ex(object, line->name, &value))
            fprintf(out, "%s = %s\n", line->title, json_object_get_string(value));
    }
}

static void print_real_server(FILE *out, struct json_object *server)
{
    struct json_object *checks = member(server, "checks");

    print_lines(out, server, real_server_lines);
    for (size_t i = 0; i < length_of(checks); i++)
        print_lines(out, json_object_array_get_idx(checks, i), check_lines);
}

static void print_virtual_server(FILE *out, struct json_object *server)
{
    struct json_object *real_servers = member(server, "real_servers");

    print_lines(out, server, virtual_server_lines);
    for (size_t i = 0; i < length_of(real_servers); i++)
        print_real_server(out, json_object_array_get_idx(real_servers, i));
}

void dump_balancer(const struct status_source *source, FILE *out)
{
    struct json_object *status = status_build(source);
    struct json_object *servers = member(status, "virtual_servers");

    fputs("------< LVS Topology >------\n", out);
    for (size_t i = 0; i < length_of(servers); i++)
        print_virtual_server(out, json_object_array_get_idx(servers, i));
    json_object_put(status);
}
