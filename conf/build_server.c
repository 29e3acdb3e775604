/*
 * Builder: virtual_server, from its draft to the model (semantics.md: Defaults, Quorum).
 */
#include "conf/build.h"

#include <linux/ip_vs.h>
#include <string.h>

#include "conf/arena.h"
#include "conf/key.h"
#include "conf/lint.h"
#include "conf/values.h"

#define DEFAULT_SCHEDULER     "wlc"
#define DEFAULT_PERSISTENCE_S 360
#define PERSISTENCE_MAX_S     2678400

/* A complaint about a keyword of the server, at that keyword. */
#define COMPLAIN(keyword, problem, ...)                                                                      \
    conf_complain(builder, CONF_COMPLAINT, problem, conf_node_find(draft->node, keyword),                    \
                  conf_node_find(draft->node, keyword) == draft->node ? 1 : 0, __VA_ARGS__)

/* ------------------------------------------------------------------ begin */

/* What the virtual server is, from words[1] on: fwmark NUMBER, group NAME, or ADDRESS [PORT]. */
static bool read_identity(struct conf_builder *builder, const struct conf_node *node,
                          struct conf_virtual_server *server)
{
    bool port_given;
    int64_t mark;

    if (!conf_need_word(builder, node, 1, "ADDRESS [PORT], fwmark NUMBER or group NAME"))
        return false;
    if (strcmp(node->words[1].text, "fwmark") == 0) {
        server->kind = CONF_SERVER_FWMARK;
        if (!conf_read_integer(builder, node, 2, 1, UINT32_MAX, &mark))
            return false;
        server->fwmark = (uint32_t)mark;
        return true;
    }
    if (strcmp(node->words[1].text, "group") == 0) {
        server->kind = CONF_SERVER_GROUP;
        if (!conf_need_word(builder, node, 2, "the name of a virtual_server_group"))
            return false;
        server->group = conf_model_strdup(builder->model, node->words[2].text);
        return true;
    }
    server->kind = CONF_SERVER_ADDRESS;
    return conf_read_endpoint(builder, node, &server->endpoint, &port_given);
}

void *conf_begin_server(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct conf_virtual_server server = {0};
    struct server_draft *draft;

    (void)parent;
    if (builder->passing != NULL)
        conf_arena_clear(builder->passing);
    if (!read_identity(builder, node, &server))
        return NULL;
    draft = conf_draft_new(builder, CONF_BLOCK_VIRTUAL_SERVER, sizeof(*draft));
    draft->timing.log_all_failures = CONF_UNSET;
    draft->persistence_timeout_s = CONF_UNSET;
    draft->node = node;
    draft->arena = builder->arena;
    draft->server = conf_model_alloc(builder->model, sizeof(*draft->server));
    *draft->server = server;
    return draft;
}

/* ------------------------------------------------------------------ handlers */

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

/* A virtual server without an address takes either form. */
static bool wants_prefix_length(const struct conf_virtual_server *server, const char *text)
{
    if (server->kind == CONF_SERVER_ADDRESS)
        return server->endpoint.address.family == AF_INET6;
    return strchr(text, '.') == NULL;
}

void conf_handle_persistence_granularity(struct conf_builder *builder, const struct conf_node *node,
                                         void *data)
{
    struct server_draft *draft = data;
    struct conf_virtual_server *server = draft->server;
    struct ip_address mask;
    uint32_t bits;
    int64_t length;

    if (!conf_need_word(builder, node, 1, "a netmask for IPv4, a prefix length for IPv6"))
        return;
    if (wants_prefix_length(server, node->words[1].text)) {
        if (!conf_read_integer(builder, node, 1, 1, 128, &length))
            return;
        server->persistence_prefix_length = (uint8_t)length;
        draft->granularity_given = true;
        return;
    }
    if (!conf_read_address(builder, node, 1, &mask))
        return;
    memcpy(&bits, mask.bytes, sizeof(bits));
    if (mask.family != AF_INET || !is_solid_mask(ntohl(bits))) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not a netmask; this persistence_granularity is ignored", node->words[1].text);
        return;
    }
    server->persistence_netmask = bits;
    draft->granularity_given = true;
}

/* ------------------------------------------------------------------ the virtual server */

/* Firewall marks have no protocol: whoever marked the packet has looked at it. That of a group's server stays
 * nevertheless: it tells the server from others of the group. */
static void finish_protocol(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    bool of_marks = !conf_has_addresses(server);

    if (draft->protocol != CONF_UNSET && of_marks)
        COMPLAIN("protocol", CONF_PROBLEM_CONFLICT,
                 "a virtual_server by firewall mark has no protocol; this one is ignored");
    if (draft->protocol == CONF_UNSET && !of_marks)
        COMPLAIN("protocol", CONF_PROBLEM_DEFAULT, "this virtual_server has no protocol; UDP is taken");
    if (server->kind != CONF_SERVER_FWMARK)
        server->protocol = (enum conf_protocol)conf_value_or(draft->protocol, of_marks ? CONF_PROTOCOL_TCP
                                                                                       : CONF_PROTOCOL_UDP);
}

static void complain_of_method(struct conf_builder *builder, const struct server_draft *draft)
{
    bool needed = draft->reals_take_method || (draft->sorry_given && !draft->sorry_method_given);

    if (!draft->method_given && needed)
        COMPLAIN("lvs_method", CONF_PROBLEM_DEFAULT, "this virtual_server has no lvs_method; NAT is taken");
}

/* Settings that keepalived requires to be written, by saying so when it takes the default. */
static void finish_basics(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;

    finish_protocol(builder, draft);
    if (draft->scheduler == NULL)
        COMPLAIN("lvs_sched", CONF_PROBLEM_DEFAULT,
                 "this virtual_server has no lvs_sched; " DEFAULT_SCHEDULER " is taken");
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
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        conf_suggestion_offer(&suggestion, known[i]);
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
    if (conf_has_setting(draft->settings, "hashed") && strcmp(draft->server->scheduler, "sh") != 0 &&
        strcmp(draft->server->scheduler, "mh") != 0)
        COMPLAIN("hashed", CONF_PROBLEM_CONFLICT, "hashed is for schedulers sh and mh only");
    if (conf_value_or(draft->ops, 0) == 0)
        return;
    if (draft->server->protocol == CONF_PROTOCOL_UDP || !conf_has_addresses(draft->server))
        draft->server->flags |= IP_VS_SVC_F_ONEPACKET;
    else
        COMPLAIN("ops", CONF_PROBLEM_CONFLICT, "ops needs protocol UDP; it is ignored");
}

/* The kernel's engines tell clients apart by more than an address, which is what persistence is for. */
static void check_engine(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;

    server->persistence_engine = draft->persistence_engine;
    if (server->persistence_engine == NULL || strcmp(server->persistence_engine, "sip") != 0)
        return;
    if (server->persistence_timeout_s == 0)
        COMPLAIN("persistence_engine", CONF_PROBLEM_CONFLICT,
                 "persistence_engine does nothing without a persistence_timeout");
    if (conf_has_addresses(server) && server->protocol != CONF_PROTOCOL_UDP)
        COMPLAIN("persistence_engine", CONF_PROBLEM_CONFLICT,
                 "persistence_engine sip does nothing but with protocol UDP");
}

static void finish_persistence(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;
    int64_t timeout =
        conf_value_or(draft->persistence_timeout_s, draft->granularity_given ? DEFAULT_PERSISTENCE_S : 0);

    if (server->persistence_netmask == 0)
        server->persistence_netmask = UINT32_MAX;
    if (server->persistence_prefix_length == 0)
        server->persistence_prefix_length = 128;
    if (timeout == 0 && conf_has_open_port(server)) {
        COMPLAIN("", CONF_PROBLEM_DEFAULT,
                 "a virtual_server for all ports needs persistence; a persistence_timeout of %d s is taken",
                 DEFAULT_PERSISTENCE_S);
        timeout = DEFAULT_PERSISTENCE_S;
    }
    server->persistence_timeout_s = (uint32_t)timeout;
    if (timeout > 0)
        server->flags |= IP_VS_SVC_F_PERSISTENT;
    check_engine(builder, draft);
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
        if (draft->quorum != CONF_UNSET)
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

/* ------------------------------------------------------------------ settle and end */

static bool is_second(struct conf_builder *builder, struct server_draft *draft)
{
    uint64_t key = draft->server->key;
    struct known_server *first, *known;

    HASH_FIND_BYHASHVALUE(by_key, builder->servers_by_key, &key, sizeof(key), (unsigned int)key, first);
    if (first == NULL) {
        known = conf_arena_alloc(builder->kept, sizeof(*known));
        known->key = key;
        known->identity = draft->node->words[1].position;
        HASH_ADD_BYHASHVALUE(by_key, builder->servers_by_key, key, sizeof(key), (unsigned int)key, known);
        draft->known = known;
        return false;
    }
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, draft->node, 1,
                                         "this virtual_server is defined twice; the second is left out"),
                           first->identity, "first defined here");
    return true;
}

static void finish_suspension(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;

    server->ha_suspend = conf_value_or(draft->ha_suspend, 0) != 0;
    if (!server->ha_suspend || !conf_has_marks(server))
        return;
    COMPLAIN("ha_suspend", CONF_PROBLEM_CONFLICT,
             "ha_suspend needs addresses, and a firewall mark has none; it is ignored");
    server->ha_suspend = false;
}

/* It is as if it had not been there. */
static void leave_out(struct conf_builder *builder, struct server_draft *draft)
{
    draft->left_out = true;
    conf_release_services(builder, draft);
    HASH_DELETE(by_key, builder->servers_by_key, draft->known);
}

/* Its own settings are all read, its real servers are still to come. */
void conf_settle_server(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;

    (void)node;
    draft->left_out = true;
    draft->has_services = conf_finish_services(builder, draft);
    if (!draft->has_services)
        return;
    finish_basics(builder, draft);
    draft->server->key = conf_key_virtual_server(draft->server);
    if (is_second(builder, draft))
        return;
    draft->left_out = false;
    if (!conf_claim_services(builder, draft)) {
        leave_out(builder, draft);
        return;
    }
    finish_flags(builder, draft);
    finish_persistence(builder, draft);
}

static void finish_server(struct conf_builder *builder, struct server_draft *draft)
{
    struct conf_virtual_server *server = draft->server;

    if (server->real_servers.count == 0) {
        COMPLAIN("", CONF_PROBLEM_MISSING, "this virtual_server has no real_server; it is left out");
        leave_out(builder, draft);
        return;
    }
    conf_finish_sorry(builder, draft);
    finish_quorum(builder, draft);
    finish_suspension(builder, draft);
    server->alpha = conf_value_or(draft->timing.alpha, 0) != 0;
    server->omega = conf_value_or(draft->omega, 0) != 0;
    server->snmp_name = draft->snmp_name;
    server->settings = draft->settings;
    server->smtp_alert =
        conf_wants_alert(builder, draft->smtp_alert, builder->global.smtp_alert_checker, false);
    server->quorum_up = conf_keep_script(builder, &draft->quorum_up);
    server->quorum_down = conf_keep_script(builder, &draft->quorum_down);
    if (builder->passing == NULL)
        conf_list_add(builder->model, &builder->model->virtual_servers, server);
    conf_use_files(builder, server);
}

void conf_end_server(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;

    (void)node;
    HASH_CLEAR(by_endpoint, draft->reals);
    if (draft->has_services)
        complain_of_method(builder, draft);
    if (!draft->left_out)
        finish_server(builder, draft);
    conf_lint_server(builder, draft);
}
