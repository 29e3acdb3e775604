/*
 * Findings about virtual servers. See lint.h.
 */
#include "conf/lint.h"

static bool is_real(const struct conf_virtual_server *server, const struct ip_endpoint *endpoint)
{
    for (uint32_t i = 0; i < server->real_servers.count; i++) {
        const struct ip_endpoint *real = &server->real_servers.items[i]->endpoint;

        if (real->port == endpoint->port && ip_address_compare(&real->address, &endpoint->address) == 0)
            return true;
    }
    return false;
}

/* The first real server of that family, or the sorry server if it has it; NULL if none does. */
static const struct ip_endpoint *find_of_family(const struct conf_virtual_server *server, uint8_t family)
{
    for (uint32_t i = 0; i < server->real_servers.count; i++) {
        if (server->real_servers.items[i]->endpoint.address.family == family)
            return &server->real_servers.items[i]->endpoint;
    }
    return server->sorry.endpoint.address.family == family ? &server->sorry.endpoint : NULL;
}

/* The kernel takes no such server while a sync daemon runs. */
static void look_at_families(struct conf_builder *builder, const struct server_draft *draft)
{
    const struct ip_endpoint *other = NULL;
    char text[IP_ENDPOINT_TEXT];

    if (builder->global.sync.node == NULL)
        return;
    if (conf_has_family(draft->server, AF_INET))
        other = find_of_family(draft->server, AF_INET6);
    if (other == NULL && conf_has_family(draft->server, AF_INET6))
        other = find_of_family(draft->server, AF_INET);
    if (other != NULL)
        conf_lint_find(
            builder, draft->node, 0, CONF_PROBLEM_CONFLICT,
            "leave lvs_sync_daemon out, or use servers of the virtual server's address family",
            "%s is of another address family than its virtual_server, and while a sync daemon runs "
            "the kernel takes no such server",
            ip_endpoint_text(other, text));
}

void conf_lint_server(struct conf_builder *builder, const struct server_draft *draft)
{
    const struct conf_virtual_server *server = draft->server;

    look_at_families(builder, draft);
    if (ip_address_is_set(&server->sorry.endpoint.address) && is_real(server, &server->sorry.endpoint))
        conf_lint_find(builder, conf_node_find(draft->node, "sorry_server"), 1, CONF_PROBLEM_CONFLICT,
                       "name a server that answers when the real servers do not",
                       "this sorry_server is also a real_server: when it is needed, it has failed");
}

static int64_t timeout_of(const struct conf_checker *checker)
{
    return checker->type == CONF_CHECK_MISC ? checker->script_timeout_us : checker->connect_timeout_us;
}

static double seconds(int64_t microseconds)
{
    return (double)microseconds / 1e6;
}

/* Once for a virtual server: its checks mostly share these times. */
void conf_lint_check(struct conf_builder *builder, const struct checker_draft *draft,
                     const struct conf_checker *checker)
{
    struct server_draft *server = draft->real->server;

    if (checker->delay_loop_us >= timeout_of(checker) || server->told_of_timeout)
        return;
    server->told_of_timeout = true;
    conf_lint_find(builder, draft->node, 0, CONF_PROBLEM_CONFLICT,
                   checker->type == CONF_CHECK_MISC
                       ? "make delay_loop longer, or misc_timeout shorter"
                       : "make delay_loop longer, or connect_timeout (5 s unless it is set) shorter",
                   "this check may take %g s and is to be made every %g s: a server that does not answer is "
                   "checked less often",
                   seconds(timeout_of(checker)), seconds(checker->delay_loop_us));
}
