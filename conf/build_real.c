/*
 * Builder: real_server and sorry_server, from their drafts to the model (semantics.md: Real server state).
 */
#include "conf/build.h"

#include <string.h>

#include "conf/arena.h"
#include "conf/key.h"

#define REAL_SERVER_WEIGHT 1

/* A complaint about a keyword of the server, at that keyword. */
#define COMPLAIN(keyword, problem, ...)                                                                      \
    conf_complain(builder, CONF_COMPLAINT, problem, conf_node_find(draft->node, keyword),                    \
                  conf_node_find(draft->node, keyword) == draft->node ? 1 : 0, __VA_ARGS__)

/* ------------------------------------------------------------------ begin */

bool conf_read_endpoint(struct conf_builder *builder, const struct conf_node *node,
                        struct ip_endpoint *endpoint, bool *port_given)
{
    int64_t port = 0;

    if (!conf_read_address(builder, node, 1, &endpoint->address))
        return false;
    *port_given = node->word_count > 2;
    if (*port_given && !conf_read_integer(builder, node, 2, 0, 65535, &port))
        return false;
    endpoint->port = (uint16_t)port;
    return true;
}

void *conf_begin_real(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct server_draft *server = parent;
    struct real_draft *draft;
    struct ip_endpoint endpoint = {0};
    bool port_given;

    if (!conf_read_endpoint(builder, node, &endpoint, &port_given))
        return NULL;
    draft = conf_draft_new(builder, CONF_BLOCK_REAL_SERVER, sizeof(*draft));
    draft->timing.log_all_failures = CONF_UNSET;
    draft->node = node;
    draft->server = server;
    draft->endpoint = endpoint;
    draft->port_given = port_given;
    draft->checkers_end = &draft->checkers;
    return draft;
}

void conf_handle_sorry_server(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;
    struct ip_endpoint endpoint = {0};
    bool port_given;

    if (!conf_read_endpoint(builder, node, &endpoint, &port_given))
        return;
    draft->sorry = endpoint;
    draft->sorry_given = true;
}

/* ------------------------------------------------------------------ methods and ports */

struct conf_method conf_real_method(const struct real_draft *real)
{
    return real->method_given ? real->method : real->server->method;
}

struct conf_method conf_sorry_method(const struct server_draft *draft)
{
    return draft->sorry_method_given ? draft->sorry_method : draft->method;
}

/* A port that no service of the group has, though the method cannot change ports; NULL if there is none. */
static const struct conf_service *service_of_other_port(const struct conf_virtual_server *server,
                                                        uint16_t port)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->fwmark != 0 || server->services.items[i]->first.port != port)
            return server->services.items[i];
    }
    return NULL;
}

/* The port a server ends up with: only NAT can change ports. A port that is given up is complained of. */
static uint16_t settle_port(struct conf_builder *builder, const struct conf_virtual_server *server,
                            const struct conf_node *node, enum conf_forwarding forwarding, uint16_t port)
{
    uint16_t own = server->endpoint.port; /* 0 for marks and groups */
    struct conf_diagnostic *diagnostic;

    if (forwarding == CONF_FORWARD_NAT)
        return port == 0 ? own : port;
    if (port == 0 || (server->kind == CONF_SERVER_ADDRESS && port == own))
        return own;
    switch (server->kind) {
    case CONF_SERVER_ADDRESS:
        diagnostic =
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 2,
                          "only NAT can change the port; port %u of the virtual_server is taken", own);
        conf_diagnostic_advise(builder->diagnostics, diagnostic, "write port %u here, or lvs_method NAT",
                               own);
        return own;
    case CONF_SERVER_FWMARK:
        diagnostic =
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 2,
                          "behind a firewall mark only NAT can change the port; this one is for checks only");
        conf_diagnostic_advise(builder->diagnostics, diagnostic,
                               "write connect_port into the check instead, or lvs_method NAT");
        return 0;
    case CONF_SERVER_GROUP:
        if (service_of_other_port(server, port) == NULL)
            return port; /* what checks ask; the table gets the entry's */
        diagnostic = conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 2,
                                   "only NAT can change the port; that of each entry of the group is taken");
        conf_diagnostic_advise(builder->diagnostics, diagnostic,
                               "leave the port out and write connect_port into the check, or lvs_method NAT");
        return port;
    }
    return port;
}

/* ------------------------------------------------------------------ real servers */

static bool is_second(struct conf_builder *builder, const struct real_draft *draft)
{
    struct server_draft *server = draft->server;
    unsigned int hash = (unsigned int)draft->key;
    struct known_real *first, *known;

    HASH_FIND_BYHASHVALUE(by_endpoint, server->reals, &draft->endpoint, sizeof(draft->endpoint), hash, first);
    if (first == NULL) {
        known = conf_arena_alloc(server->arena, sizeof(*known));
        known->endpoint = draft->endpoint;
        known->identity = draft->node->words[1].position;
        HASH_ADD_BYHASHVALUE(by_endpoint, server->reals, endpoint, sizeof(known->endpoint), hash, known);
        return false;
    }
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, draft->node, 1,
                                         "this real_server is there twice; the second is left out"),
                           first->identity, "first given here");
    return true;
}

/* False if the server cannot be one of the virtual server's; that is reported. */
static bool check_real(struct conf_builder *builder, struct real_draft *draft)
{
    const struct conf_virtual_server *server = draft->server->server;
    struct conf_method method = conf_real_method(draft);

    if (method.forwarding != CONF_FORWARD_TUN && !conf_has_family(server, draft->endpoint.address.family)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, draft->node, 1,
                      "only TUN can cross address families; this real_server is left out");
        return false;
    }
    draft->check_port = draft->endpoint.port;
    draft->endpoint.port = settle_port(builder, server, draft->node, method.forwarding, draft->endpoint.port);
    if (draft->check_port == 0 || server->kind == CONF_SERVER_ADDRESS)
        draft->check_port = draft->endpoint.port;
    draft->key = conf_key_real_server(server->key, &draft->endpoint);
    return !is_second(builder, draft);
}

static void finish_real(struct conf_builder *builder, struct real_draft *draft)
{
    struct server_draft *server = draft->server;
    struct conf_real_server *model = conf_model_alloc(builder->model, sizeof(*model));

    model->endpoint = draft->endpoint;
    model->key = draft->key;
    model->weight = (uint16_t)conf_value_or(draft->weight, conf_value_or(server->weight, REAL_SERVER_WEIGHT));
    model->method = conf_real_method(draft);
    model->upper_threshold = (uint32_t)conf_value_or(draft->upper_threshold, 0);
    model->lower_threshold = (uint32_t)conf_value_or(draft->lower_threshold, 0);
    if (model->upper_threshold > 0 && model->lower_threshold > model->upper_threshold)
        COMPLAIN("lthreshold", CONF_PROBLEM_CONFLICT, "lthreshold is above uthreshold");
    model->inhibit_on_failure = conf_value_or(draft->inhibit, conf_value_or(server->inhibit, 0)) != 0;
    model->alpha = conf_value_or(draft->timing.alpha, conf_value_or(server->timing.alpha, 0)) != 0;
    model->snmp_name = draft->snmp_name;
    model->smtp_alert =
        conf_wants_alert(builder, draft->smtp_alert, builder->global.smtp_alert_checker, true);
    model->notify_up = conf_keep_script(builder, &draft->notify_up);
    model->notify_down = conf_keep_script(builder, &draft->notify_down);
    conf_finish_checkers(builder, draft, model);
    conf_list_add(builder->model, &server->server->real_servers, model);
}

void conf_end_real(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct real_draft *draft = data;

    (void)node;
    if (!draft->method_given)
        draft->server->reals_take_method = true;
    if (!draft->server->left_out && check_real(builder, draft))
        finish_real(builder, draft);
}

/* ------------------------------------------------------------------ the sorry server */

static bool is_same(const struct ip_endpoint *a, const struct ip_endpoint *b)
{
    return ip_address_compare(&a->address, &b->address) == 0 && a->port == b->port;
}

/* A server in both roles has one entry in the table, so its real_server says what becomes of it when idle. */
static void share_entry(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    struct conf_sorry_server *sorry = &server->sorry;

    for (uint32_t i = 0; i < server->real_servers.count; i++) {
        const struct conf_real_server *real = server->real_servers.items[i];

        if (!is_same(&real->endpoint, &sorry->endpoint) || real->inhibit_on_failure == sorry->inhibit)
            continue;
        COMPLAIN("sorry_server", CONF_PROBLEM_CONFLICT,
                 "this is also a real_server, %s inhibit_on_failure; that holds for the sorry server too",
                 real->inhibit_on_failure ? "with" : "without");
        sorry->inhibit = real->inhibit_on_failure;
    }
}

void conf_finish_sorry(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    struct conf_sorry_server *sorry = &server->sorry;
    struct conf_method method;

    if (!draft->sorry_given) {
        if (draft->sorry_inhibit != CONF_UNSET)
            COMPLAIN("sorry_server_inhibit", CONF_PROBLEM_MISSING,
                     "there is no sorry_server; sorry_server_inhibit is ignored");
        if (draft->sorry_method_given)
            COMPLAIN("sorry_server_lvs_method", CONF_PROBLEM_MISSING,
                     "there is no sorry_server; sorry_server_lvs_method is ignored");
        return;
    }
    method = conf_sorry_method(draft);
    if (method.forwarding != CONF_FORWARD_TUN && !conf_has_family(server, draft->sorry.address.family)) {
        COMPLAIN("sorry_server", CONF_PROBLEM_CONFLICT,
                 "only TUN can cross address families; this sorry_server is left out");
        return;
    }
    sorry->method = method;
    sorry->endpoint = draft->sorry;
    sorry->endpoint.port = settle_port(builder, server, conf_node_find(draft->node, "sorry_server"),
                                       sorry->method.forwarding, draft->sorry.port);
    sorry->inhibit = conf_value_or(draft->sorry_inhibit, 0) != 0;
    share_entry(builder, draft);
}
