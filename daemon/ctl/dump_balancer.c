/*
 * keepalived_check.data: virtual and real servers as the status shows them, laid out as in keepalived.data.
 * See dump.h.
 */
#include "daemon/ctl/dump.h"

static void print_member(FILE *out, struct json_object *object, const char *indent, const char *title,
                         const char *name)
{
    struct json_object *value = NULL;

    if (json_object_object_get_ex(object, name, &value))
        fprintf(out, "%s%s = %s\n", indent, title, json_object_get_string(value));
}

static struct json_object *list_of(struct json_object *object, const char *name)
{
    struct json_object *list = NULL;

    json_object_object_get_ex(object, name, &list);
    return json_object_is_type(list, json_type_array) ? list : NULL;
}

static size_t length_of(struct json_object *list)
{
    return list == NULL ? 0 : json_object_array_length(list);
}

static void print_check(FILE *out, struct json_object *check)
{
    print_member(out, check, "     ", "Check", "type");
    print_member(out, check, "       ", "Up", "up");
    print_member(out, check, "       ", "Last result", "reason");
    print_member(out, check, "       ", "Runs", "runs");
}

static void print_real_server(FILE *out, struct json_object *server)
{
    struct json_object *checks = list_of(server, "checks");

    print_member(out, server, "   ", "RIP", "address");
    print_member(out, server, "     ", "State", "state");
    print_member(out, server, "     ", "Forwarding method", "method");
    print_member(out, server, "     ", "Configured weight", "configured_weight");
    print_member(out, server, "     ", "Weight", "weight");
    print_member(out, server, "     ", "In IPVS table", "in_table");
    print_member(out, server, "     ", "Inhibit on failure", "inhibit_on_failure");
    for (size_t i = 0; i < length_of(checks); i++)
        print_check(out, json_object_array_get_idx(checks, i));
}

static void print_virtual_server(FILE *out, struct json_object *server)
{
    struct json_object *real_servers = list_of(server, "real_servers");

    print_member(out, server, " ", "VS VIP", "address");
    print_member(out, server, "   ", "Protocol", "protocol");
    print_member(out, server, "   ", "Scheduler", "scheduler");
    print_member(out, server, "   ", "State", "state");
    print_member(out, server, "   ", "Quorum", "quorum");
    print_member(out, server, "   ", "Hysteresis", "hysteresis");
    print_member(out, server, "   ", "Live weight", "live_weight");
    print_member(out, server, "   ", "In IPVS table", "in_table");
    for (size_t i = 0; i < length_of(real_servers); i++)
        print_real_server(out, json_object_array_get_idx(real_servers, i));
}

void dump_balancer(const struct status_source *source, FILE *out)
{
    struct json_object *status = status_build(source);
    struct json_object *servers = list_of(status, "virtual_servers");

    fputs("------< LVS Topology >------\n", out);
    for (size_t i = 0; i < length_of(servers); i++)
        print_virtual_server(out, json_object_array_get_idx(servers, i));
    json_object_put(status);
}
