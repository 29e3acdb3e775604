/*
 * Builder: virtual_server and real_server, from their drafts to the model (semantics.md: Defaults, Quorum,
 * Real server state).
 */
#include "conf/build.h"

#include <linux/ip_vs.h>
#include <string.h>

#include "conf/key.h"
#include "conf/values.h"

#define DEFAULT_SCHEDULER     "wlc"
#define DEFAULT_PERSISTENCE_S 360
#define PERSISTENCE_MAX_S     2678400
#define REAL_SERVER_WEIGHT    1

/* A complaint about a keyword of the server, at that keyword. */
#define COMPLAIN(keyword, problem, ...)                                                                      \
    conf_complain(builder, CONF_COMPLAINT, problem, conf_node_find(draft->node, keyword),                    \
                  conf_node_find(draft->node, keyword) == draft->node ? 1 : 0, __VA_ARGS__)

/* ------------------------------------------------------------------ begin */

/* ADDRESS [PORT] from words[1] on. */
static bool read_endpoint(struct conf_builder *builder, const struct conf_node *node,
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

static bool is_other_form(const struct conf_node *node)
{
    return node->word_count > 2 &&
           (strcmp(node->words[1].text, "fwmark") == 0 || strcmp(node->words[1].text, "group") == 0);
}

void *conf_begin_server(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct server_draft *draft;
    struct ip_endpoint endpoint = {0};
    bool port_given;

    (void)parent;
    if (is_other_form(node)) {
        conf_complain(
            builder, CONF_REFUSAL, CONF_PROBLEM_NOT_BUILT, node, 1,
            "tandem knows virtual servers by '%s' but does not do them yet, and to skip one would be "
            "an outage",
            node->words[1].text);
        return NULL;
    }
    if (!read_endpoint(builder, node, &endpoint, &port_given))
        return NULL;
    draft = conf_draft_new(builder, CONF_BLOCK_VIRTUAL_SERVER, sizeof(*draft));
    draft->timing.log_all_failures = CONF_UNSET;
    draft->persistence_timeout_s = CONF_UNSET;
    draft->node = node;
    draft->reals_end = &draft->reals;
    draft->server = conf_model_alloc(builder->model, sizeof(*draft->server));
    draft->server->endpoint = endpoint;
    builder->servers = conf_arena_room(builder->arena, builder->servers, sizeof(*builder->servers),
                                       builder->server_count, &builder->server_room);
    builder->servers[builder->server_count++] = draft;
    return draft;
}

void *conf_begin_real(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct server_draft *server = parent;
    struct real_draft *draft;
    struct ip_endpoint endpoint = {0};
    bool port_given;

    if (!read_endpoint(builder, node, &endpoint, &port_given))
        return NULL;
    draft = conf_draft_new(builder, CONF_BLOCK_REAL_SERVER, sizeof(*draft));
    draft->timing.log_all_failures = CONF_UNSET;
    draft->node = node;
    draft->server = server;
    draft->endpoint = endpoint;
    draft->port_given = port_given;
    draft->checkers_end = &draft->checkers;
    *server->reals_end = draft;
    server->reals_end = &draft->next;
    return draft;
}

/* ------------------------------------------------------------------ handlers */

/* What follows TUN: without it, and with type ipip, IPVS does what it always did. */
static void refuse_tunnel(struct conf_builder *builder, const struct conf_node *node)
{
    for (size_t word = 2; word < node->word_count; word++) {
        const char *text = node->words[word].text;

        if (strcmp(text, "type") == 0 || strcmp(text, "ipip") == 0)
            continue;
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_NOT_BUILT, node, word,
                      "of tunnels tandem does only ipip yet, and to skip '%s' could be an outage", text);
        return;
    }
}

static bool read_method(struct conf_builder *builder, const struct conf_node *node,
                        enum conf_forwarding *method)
{
    static const struct conf_choice methods[] = {
        {"NAT", CONF_FORWARD_NAT},
        {"DR", CONF_FORWARD_DR},
        {"TUN", CONF_FORWARD_TUN},
        {0},
    };
    const struct conf_choice *choice = methods;

    if (!conf_need_word(builder, node, 1, "NAT, DR or TUN"))
        return false;
    while (choice->word != NULL && strcmp(choice->word, node->words[1].text) != 0)
        choice++;
    if (choice->word == NULL) {
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                             "'%s' is not a forwarding method; this %s is ignored",
                                             node->words[1].text, node->words[0].text),
                               "NAT, DR or TUN");
        return false;
    }
    *method = (enum conf_forwarding)choice->value;
    if (*method == CONF_FORWARD_TUN)
        refuse_tunnel(builder, node);
    else if (node->word_count > 2)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, 2,
                      "'%s' and what follows it belong to tunnels; they are ignored", node->words[2].text);
    return true;
}

void conf_handle_server_method(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;

    if (read_method(builder, node, &draft->method))
        draft->method_given = true;
}

void conf_handle_real_method(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct real_draft *draft = data;

    if (read_method(builder, node, &draft->method))
        draft->method_given = true;
}

void conf_handle_persistence_timeout(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;

    if (node->word_count < 2)
        draft->persistence_timeout_s = DEFAULT_PERSISTENCE_S;
    else
        conf_read_integer(builder, node, 1, 1, PERSISTENCE_MAX_S, &draft->persistence_timeout_s);
}

static bool is_solid_mask(uint32_t mask)
{
    uint32_t inverse = ~mask;

    return mask != 0 && (inverse & (inverse + 1)) == 0;
}

void conf_handle_persistence_granularity(struct conf_builder *builder, const struct conf_node *node,
                                         void *data)
{
    struct server_draft *draft = data;
    bool six = draft->server->endpoint.address.family == AF_INET6;
    struct ip_address mask;
    int64_t length;

    if (!conf_need_word(builder, node, 1, six ? "a prefix length" : "a netmask"))
        return;
    if (six) {
        if (!conf_read_integer(builder, node, 1, 1, 128, &length))
            return;
        draft->granularity = (uint32_t)length;
    } else {
        if (!conf_read_address(builder, node, 1, &mask))
            return;
        memcpy(&draft->granularity, mask.bytes, sizeof(draft->granularity));
        if (mask.family != AF_INET || !is_solid_mask(ntohl(draft->granularity))) {
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                          "'%s' is not a netmask; this persistence_granularity is ignored",
                          node->words[1].text);
            return;
        }
    }
    draft->granularity_given = true;
}

/* ------------------------------------------------------------------ the virtual server */

/* Settings that keepalived requires to be written, by saying so when it takes the default. */
static void finish_basics(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;

    if (draft->protocol == CONF_UNSET)
        COMPLAIN("protocol", CONF_PROBLEM_DEFAULT, "this virtual_server has no protocol; UDP is taken");
    if (draft->scheduler == NULL)
        COMPLAIN("lvs_sched", CONF_PROBLEM_DEFAULT,
                 "this virtual_server has no lvs_sched; " DEFAULT_SCHEDULER " is taken");
    if (!draft->method_given) {
        bool needed = false;

        for (const struct real_draft *real = draft->reals; real != NULL; real = real->next)
            needed = needed || !real->method_given;
        if (needed)
            COMPLAIN("lvs_method", CONF_PROBLEM_DEFAULT,
                     "this virtual_server has no lvs_method; NAT is taken");
    }
    server->protocol = (enum conf_protocol)conf_value_or(draft->protocol, CONF_PROTOCOL_UDP);
    strncpy(server->scheduler, draft->scheduler == NULL ? DEFAULT_SCHEDULER : draft->scheduler,
            sizeof(server->scheduler) - 1);
}

static void check_scheduler(struct conf_builder *builder, struct server_draft *draft)
{
    static const char *const known[] = {"rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh",
                                        "mh", "dh",  "fo", "ovf", "sed",  "nq",    "twos"};
    struct conf_suggestion suggestion = {.written = draft->server->scheduler};
    struct conf_diagnostic *diagnostic;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i], draft->server->scheduler) == 0)
            return;
        conf_suggestion_offer(&suggestion, known[i]);
    }
    diagnostic = COMPLAIN(conf_node_find(draft->node, "lvs_sched") != draft->node ? "lvs_sched" : "lb_algo",
                          CONF_PROBLEM_VALUE,
                          "'%s' is not a scheduler tandem has heard of; it works if the kernel has it",
                          draft->server->scheduler);
    diagnostic->suggestion = suggestion.best;
}

static void finish_scheduler_flag(struct conf_builder *builder, struct server_draft *draft, int64_t value,
                                  const char *keyword, const char *scheduler, uint32_t flag)
{
    if (conf_value_or(value, 0) == 0)
        return;
    if (scheduler != NULL && strcmp(draft->server->scheduler, scheduler) != 0)
        COMPLAIN(keyword, CONF_PROBLEM_CONFLICT, "%s is for scheduler %s only; it is ignored", keyword,
                 scheduler);
    else
        draft->server->flags |= flag;
}

static void finish_flags(struct conf_builder *builder, struct server_draft *draft)
{
    check_scheduler(builder, draft);
    finish_scheduler_flag(builder, draft, draft->flag_1, "flag-1", NULL, IP_VS_SVC_F_SCHED1);
    finish_scheduler_flag(builder, draft, draft->flag_2, "flag-2", NULL, IP_VS_SVC_F_SCHED2);
    finish_scheduler_flag(builder, draft, draft->flag_3, "flag-3", NULL, IP_VS_SVC_F_SCHED3);
    finish_scheduler_flag(builder, draft, draft->sh_fallback, "sh-fallback", "sh",
                          IP_VS_SVC_F_SCHED_SH_FALLBACK);
    finish_scheduler_flag(builder, draft, draft->sh_port, "sh-port", "sh", IP_VS_SVC_F_SCHED_SH_PORT);
    /* linux/ip_vs.h has no names for mh's: the same bits as sh's. */
    finish_scheduler_flag(builder, draft, draft->mh_fallback, "mh-fallback", "mh", IP_VS_SVC_F_SCHED1);
    finish_scheduler_flag(builder, draft, draft->mh_port, "mh-port", "mh", IP_VS_SVC_F_SCHED2);
    if (conf_value_or(draft->ops, 0) == 0)
        return;
    if (draft->server->protocol == CONF_PROTOCOL_UDP)
        draft->server->flags |= IP_VS_SVC_F_ONEPACKET;
    else
        COMPLAIN("ops", CONF_PROBLEM_CONFLICT, "ops needs protocol UDP; it is ignored");
}

static void finish_persistence(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    int64_t timeout = conf_value_or(draft->persistence_timeout_s, 0);

    server->persistence_netmask = server->endpoint.address.family == AF_INET ? UINT32_MAX : 128;
    if (draft->granularity_given) {
        server->persistence_netmask = draft->granularity;
        if (timeout == 0)
            timeout = DEFAULT_PERSISTENCE_S;
    }
    if (server->endpoint.port == 0 && timeout == 0) {
        COMPLAIN("", CONF_PROBLEM_DEFAULT,
                 "a virtual_server for all ports needs persistence; a persistence_timeout of %d s is taken",
                 DEFAULT_PERSISTENCE_S);
        timeout = DEFAULT_PERSISTENCE_S;
    }
    server->persistence_timeout_s = (uint32_t)timeout;
    if (timeout > 0)
        server->flags |= IP_VS_SVC_F_PERSISTENT;
}

static void finish_quorum(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    int64_t quorum = conf_value_or(draft->quorum, 1);
    int64_t hysteresis = conf_value_or(draft->hysteresis, 0);
    int64_t total = 0;

    for (uint32_t i = 0; i < server->real_servers.count; i++)
        total += server->real_servers.items[i]->weight;
    if (quorum > total) {
        if (draft->quorum != CONF_UNSET || total > 0)
            COMPLAIN("quorum", CONF_PROBLEM_CONFLICT,
                     "a quorum of %lld can never be reached: the weights add up to %lld; that is taken",
                     (long long)quorum, (long long)total);
        quorum = total;
    }
    if (hysteresis > 0 && hysteresis >= quorum) {
        COMPLAIN("hysteresis", CONF_PROBLEM_CONFLICT, "hysteresis has to be less than quorum; %lld is taken",
                 quorum > 0 ? (long long)quorum - 1 : 0LL);
        hysteresis = quorum > 0 ? quorum - 1 : 0;
    }
    server->quorum = (uint32_t)quorum;
    server->hysteresis = (uint32_t)hysteresis;
}

/* ------------------------------------------------------------------ the real servers */

static enum conf_forwarding real_method(const struct real_draft *real)
{
    if (real->method_given)
        return real->method;
    return real->server->method_given ? real->server->method : CONF_FORWARD_NAT;
}

static void finish_port(struct conf_builder *builder, struct real_draft *draft)
{
    uint16_t port = draft->server->server->endpoint.port;

    if (!draft->port_given)
        draft->endpoint.port = port;
    if (draft->endpoint.port == port || real_method(draft) == CONF_FORWARD_NAT)
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, draft->node, 2,
                  "only NAT can change the port; port %u of the virtual_server is taken", port);
    draft->endpoint.port = port;
}

/* False if the server cannot be one of the virtual server's; that is reported. */
static bool check_real(struct conf_builder *builder, struct real_draft *draft, struct real_draft **seen)
{
    struct server_draft *server = draft->server;
    struct real_draft *first;

    if (draft->endpoint.address.family != server->server->endpoint.address.family) {
        bool tunnel = real_method(draft) == CONF_FORWARD_TUN;

        conf_complain(builder, tunnel ? CONF_REFUSAL : CONF_COMPLAINT,
                      tunnel ? CONF_PROBLEM_NOT_BUILT : CONF_PROBLEM_CONFLICT, draft->node, 1,
                      tunnel ? "tandem does not yet tunnel from one address family to the other"
                             : "only TUN can cross address families; this real_server is left out");
        return false;
    }
    finish_port(builder, draft);
    HASH_FIND(by_key, *seen, &draft->endpoint, sizeof(draft->endpoint), first);
    if (first == NULL) {
        HASH_ADD(by_key, *seen, endpoint, sizeof(draft->endpoint), draft);
        return true;
    }
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, draft->node, 1,
                                         "this real_server is there twice; the second is left out"),
                           first->node->words[1].position, "first given here");
    return false;
}

static void finish_real(struct conf_builder *builder, struct real_draft *draft)
{
    struct server_draft *server = draft->server;
    struct conf_real_server *model = conf_model_alloc(builder->model, sizeof(*model));

    draft->model = model;
    model->endpoint = draft->endpoint;
    model->key = conf_key_real_server(server->server->key, &model->endpoint);
    model->weight = (uint16_t)conf_value_or(draft->weight, conf_value_or(server->weight, REAL_SERVER_WEIGHT));
    model->forwarding = real_method(draft);
    model->upper_threshold = (uint32_t)conf_value_or(draft->upper_threshold, 0);
    model->lower_threshold = (uint32_t)conf_value_or(draft->lower_threshold, 0);
    if (model->upper_threshold > 0 && model->lower_threshold > model->upper_threshold)
        COMPLAIN("lthreshold", CONF_PROBLEM_CONFLICT, "lthreshold is above uthreshold");
    model->inhibit_on_failure = conf_value_or(draft->inhibit, conf_value_or(server->inhibit, 0)) != 0;
    model->alpha = conf_value_or(draft->timing.alpha, conf_value_or(server->timing.alpha, 0)) != 0;
    model->notify_up = draft->notify_up;
    model->notify_down = draft->notify_down;
    conf_finish_checkers(builder, draft, model);
    conf_list_add(builder->model, &server->server->real_servers, model);
}

/* ------------------------------------------------------------------ all of them */

static bool is_second(struct conf_builder *builder, struct server_draft *draft)
{
    struct server_draft *first;

    HASH_FIND(by_key, builder->servers_by_key, &draft->server->key, sizeof(draft->server->key), first);
    if (first == NULL) {
        HASH_ADD_KEYPTR(by_key, builder->servers_by_key, &draft->server->key, sizeof(draft->server->key),
                        draft);
        return false;
    }
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, draft->node, 1,
                                         "this virtual_server is defined twice; the second is left out"),
                           first->node->words[1].position, "first defined here");
    return true;
}

static void finish_server(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    struct real_draft *seen = NULL;

    finish_basics(builder, draft);
    server->key = conf_key_virtual_server(server);
    if (is_second(builder, draft))
        return;
    finish_flags(builder, draft);
    finish_persistence(builder, draft);
    for (struct real_draft *real = draft->reals; real != NULL; real = real->next) {
        if (check_real(builder, real, &seen))
            finish_real(builder, real);
    }
    HASH_CLEAR(by_key, seen);
    if (server->real_servers.count == 0) {
        COMPLAIN("", CONF_PROBLEM_MISSING, "this virtual_server has no real_server; it is left out");
        return;
    }
    finish_quorum(builder, draft);
    server->alpha = conf_value_or(draft->timing.alpha, 0) != 0;
    server->omega = conf_value_or(draft->omega, 0) != 0;
    server->quorum_up = draft->quorum_up;
    server->quorum_down = draft->quorum_down;
    conf_list_add(builder->model, &builder->model->virtual_servers, server);
}

void conf_finish_servers(struct conf_builder *builder)
{
    for (size_t i = 0; i < builder->server_count; i++)
        finish_server(builder, builder->servers[i]);
}
