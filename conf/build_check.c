/*
 * Builder: the checks of a real server. What a check does not say comes from its real server, then from the
 * virtual server, then from the type of check.
 */
#include "conf/build.h"

#include <stdio.h>
#include <string.h>

#include "conf/key.h"
#include "conf/lint.h"

#define DEFAULT_DELAY_LOOP_US      60000000LL
#define DEFAULT_CONNECT_TIMEOUT_US 5000000LL

/* What differs between types of checks. */
struct type_default {
    int64_t retry;
    int64_t delay_before_retry_us;
};

static const struct type_default type_defaults[] = {
    [CONF_CHECK_TCP] = {.retry = 1, .delay_before_retry_us = 1000000},
    [CONF_CHECK_HTTP] = {.retry = 1, .delay_before_retry_us = 3000000},
    [CONF_CHECK_SSL] = {.retry = 1, .delay_before_retry_us = 3000000},
    [CONF_CHECK_MISC] = {.retry = 0, .delay_before_retry_us = 1000000},
    [CONF_CHECK_PING] = {.retry = 1, .delay_before_retry_us = 1000000},
    [CONF_CHECK_UDP] = {.retry = 1, .delay_before_retry_us = 1000000},
    [CONF_CHECK_DNS] = {.retry = 3, .delay_before_retry_us = CONF_UNSET}, /* delay_loop */
    [CONF_CHECK_SMTP] = {.retry = 1, .delay_before_retry_us = 1000000},
    [CONF_CHECK_BFD] = {.retry = 0, .delay_before_retry_us = 0},
    [CONF_CHECK_FILE] = {.retry = 0, .delay_before_retry_us = 0}, /* and none of both is used */
};
_Static_assert(sizeof(type_defaults) / sizeof(type_defaults[0]) == CONF_CHECK_TYPES, "a row for each type");

/* ------------------------------------------------------------------ begin and end */

/* All but alpha, which every check has. */
static void forget_timing(struct timing_draft *timing)
{
    int64_t alpha = timing->alpha;

    *timing =
        (struct timing_draft){CONF_UNSET, CONF_UNSET, CONF_UNSET, CONF_UNSET, CONF_UNSET, alpha, CONF_UNSET};
}

struct checker_draft *conf_begin_check(struct conf_builder *builder, const struct conf_node *node,
                                       void *parent, enum conf_checker_type type)
{
    struct checker_draft *draft = conf_draft_new(builder, node->opens, sizeof(*draft));

    draft->node = node;
    draft->real = parent;
    draft->type = type;
    if (conf_transport_of(type) == CONF_TRANSPORT_NONE) { /* keywords that its block does not have */
        draft->connect_port = CONF_UNSET;
        draft->timing.connect_timeout_us = CONF_UNSET;
    }
    if (type == CONF_CHECK_BFD)
        forget_timing(&draft->timing);
    return draft;
}

void *conf_begin_tcp_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_TCP);
}

void *conf_begin_http_get(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_HTTP);
}

void *conf_begin_ssl_get(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_SSL);
}

void *conf_begin_misc_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_MISC);
}

void *conf_begin_ping_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_PING);
}

void *conf_begin_udp_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_UDP);
}

void *conf_begin_dns_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_DNS);
}

void *conf_begin_smtp_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return conf_begin_check(builder, node, parent, CONF_CHECK_SMTP);
}

/* What such a check cannot be without; NULL = it has all. */
static const char *missing_part(const struct checker_draft *draft)
{
    switch (draft->type) {
    case CONF_CHECK_HTTP:
    case CONF_CHECK_SSL:
        return draft->urls.count == 0 ? "url" : NULL;
    case CONF_CHECK_MISC:
        return draft->script.words.count == 0 || draft->user_unknown ? "script that can be run" : NULL;
    case CONF_CHECK_BFD:
        return draft->bfd == NULL ? "bfd_instance to follow" : NULL;
    case CONF_CHECK_FILE:
        return draft->file == NULL ? "track_file" : NULL;
    case CONF_CHECK_TCP:
    case CONF_CHECK_PING:
    case CONF_CHECK_UDP:
    case CONF_CHECK_DNS:
    case CONF_CHECK_SMTP:
    case CONF_CHECK_TYPES:
        break;
    }
    return NULL;
}

void conf_handle_check_user(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;

    if (!conf_need_word(builder, node, 1, "a user, and a group if need be"))
        return;
    if (conf_read_user(builder, node, 1, &draft->user))
        draft->user_given = true;
    else
        draft->user_unknown = true;
}

/* keepalived leaves such a check out too. */
static bool has_program(struct conf_builder *builder, const struct conf_node *node,
                        struct checker_draft *draft)
{
    const char *lack = draft->user_given ? NULL : builder->global.script_user_lack;

    if (lack != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, conf_node_find(node, "misc_path"), 1,
                      "%s; this check is left out", lack);
        return false;
    }
    if (draft->user_given)
        conf_run_as(&draft->script, &draft->user);
    return conf_check_program(builder, conf_node_find(node, "misc_path"), &draft->script, CONF_COMPLAINT,
                              "this check is left out");
}

static void add_to_server(struct checker_draft *draft)
{
    draft->next = NULL;
    *draft->real->checkers_end = draft;
    draft->real->checkers_end = &draft->next;
}

/* An SMTP_CHECK with hosts is one check for each of them. */
static void add_hosts(const struct checker_draft *draft)
{
    struct checker_draft *next;

    for (struct checker_draft *host = draft->hosts; host != NULL; host = next) {
        next = host->next;
        conf_finish_smtp_host(host, draft);
        add_to_server(host);
    }
}

void conf_end_check(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;
    const char *missing = missing_part(draft);

    if (missing != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, node, 0,
                      "this check has no %s; it is left out", missing);
        return;
    }
    if (draft->type == CONF_CHECK_MISC && !has_program(builder, node, draft))
        return;
    if (draft->hosts != NULL)
        add_hosts(draft);
    else
        add_to_server(draft);
}

/* ------------------------------------------------------------------ into the model */

static int64_t inherit(int64_t check, int64_t real, int64_t server, int64_t otherwise)
{
    return conf_value_or(check, conf_value_or(real, conf_value_or(server, otherwise)));
}

#define INHERIT(field, otherwise)                                                                            \
    inherit(draft->timing.field, draft->real->timing.field, draft->real->server->timing.field, otherwise)

static void finish_timing(const struct conf_builder *builder, const struct checker_draft *draft,
                          struct conf_checker *checker)
{
    const struct type_default *standard = &type_defaults[draft->type];

    checker->settings = draft->settings;
    checker->alpha = INHERIT(alpha, 0) != 0;
    if (draft->type == CONF_CHECK_BFD) /* which has no attempts of its own */
        return;
    checker->connect_timeout_us = INHERIT(connect_timeout_us, DEFAULT_CONNECT_TIMEOUT_US);
    checker->delay_loop_us = INHERIT(delay_loop_us, DEFAULT_DELAY_LOOP_US);
    checker->delay_before_retry_us = INHERIT(
        delay_before_retry_us, conf_value_or(standard->delay_before_retry_us, checker->delay_loop_us));
    checker->warmup_us = INHERIT(warmup_us, -1);
    checker->retry = (uint32_t)INHERIT(retry, standard->retry);
    checker->log_all_failures =
        INHERIT(log_all_failures, conf_value_or(builder->global.log_all_failures, 0)) != 0;
}

static void finish_addresses(struct conf_builder *builder, const struct checker_draft *draft,
                             struct conf_checker *checker)
{
    checker->connect = (struct ip_endpoint){draft->real->endpoint.address, draft->real->check_port};
    if (ip_address_is_set(&draft->connect_address))
        checker->connect.address = draft->connect_address;
    if (conf_transport_of(draft->type) == CONF_TRANSPORT_ICMP)
        checker->connect.port = 0; /* there are none */
    else
        checker->connect.port = (uint16_t)conf_value_or(draft->connect_port, checker->connect.port);
    checker->bind.address = draft->bind_address;
    checker->bind.port = (uint16_t)conf_value_or(draft->bind_port, 0);
    checker->bind_interface = draft->bind_interface;
    checker->fwmark = (uint32_t)conf_value_or(draft->fwmark, 0);
    if (ip_address_is_set(&checker->bind.address) &&
        checker->bind.address.family != checker->connect.address.family) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->node, "bindto"),
                      1, "bindto is of another address family than the checked server; it is ignored");
        memset(&checker->bind.address, 0, sizeof(checker->bind.address));
    }
}

static bool has_port(struct conf_builder *builder, const struct checker_draft *draft,
                     const struct conf_checker *checker)
{
    enum conf_transport transport = conf_transport_of(draft->type);

    if (checker->connect.port != 0 || transport == CONF_TRANSPORT_NONE || transport == CONF_TRANSPORT_ICMP)
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, draft->node, 0,
                  "this check needs a connect_port: its server is for all ports; it is left out");
    return false;
}

static char *inherit_host(const struct checker_draft *draft)
{
    if (draft->virtualhost != NULL)
        return draft->virtualhost;
    return draft->real->virtualhost != NULL ? draft->real->virtualhost : draft->real->server->virtualhost;
}

static void finish_http(struct conf_builder *builder, const struct checker_draft *draft,
                        struct conf_checker *checker)
{
    checker->http_version = (enum conf_http_version)conf_value_or(draft->http_version, CONF_HTTP_1_0);
    checker->fast_recovery = conf_value_or(draft->fast_recovery, 0) != 0;
    checker->virtualhost = inherit_host(draft);
    for (uint32_t i = 0; i < draft->urls.count; i++)
        conf_list_add(builder->model, &checker->urls, draft->urls.items[i]);
}

/* The name for SNI: sni_name, or with enable_sni the name the url is asked for by. */
static void finish_ssl(struct conf_builder *builder, const struct checker_draft *draft,
                       struct conf_checker *checker)
{
    bool sends_name = draft->sni_name != NULL || conf_value_or(draft->enable_sni, 0) != 0;

    builder->has_ssl_check = true;
    checker->tls_verify = conf_value_or(draft->tls_verify, 0) != 0;
    for (uint32_t i = 0; i < checker->urls.count; i++) {
        struct conf_url *url = checker->urls.items[i];

        url->tls_compliant = url->tls_compliant || conf_value_or(draft->tls_compliant, 0) != 0;
        if (draft->sni_name != NULL)
            url->server_name = draft->sni_name;
        else if (sends_name)
            url->server_name = url->virtualhost != NULL ? url->virtualhost : checker->virtualhost;
    }
    if (checker->tls_verify && builder->global.tls_ca == NULL)
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_MISSING, conf_node_find(draft->node, "tls_verify"),
                      0,
                      "to verify servers, their authorities must be known: a block SSL with ca is missing");
}

/* "check MISC 192.0.2.1:80": for the log. */
static char *name_misc(struct conf_builder *builder, const struct conf_checker *checker)
{
    char endpoint[IP_ENDPOINT_TEXT], name[IP_ENDPOINT_TEXT + 16];

    snprintf(name, sizeof(name), "check MISC %s", ip_endpoint_text(&checker->connect, endpoint));
    return conf_model_strdup(builder->model, name);
}

static void finish_misc(struct conf_builder *builder, const struct checker_draft *draft,
                        struct conf_checker *checker)
{
    struct conf_recurring_script *recurring = conf_model_alloc(builder->model, sizeof(*recurring));

    checker->script_name = draft->script.words.items[0];
    checker->script_timeout_us = conf_value_or(draft->script_timeout_us, checker->delay_loop_us);
    checker->dynamic = conf_value_or(draft->dynamic, 0) != 0;
    recurring->key = checker->key;
    recurring->name = name_misc(builder, checker);
    recurring->script = draft->script;
    recurring->timeout_us = checker->script_timeout_us;
    if (builder->passing == NULL)
        conf_list_add(builder->model, &builder->model->recurring_scripts, recurring);
}

static void finish_type(struct conf_builder *builder, const struct checker_draft *draft,
                        struct conf_checker *checker)
{
    switch (draft->type) {
    case CONF_CHECK_SSL:
        finish_http(builder, draft, checker);
        finish_ssl(builder, draft, checker);
        break;
    case CONF_CHECK_HTTP:
        finish_http(builder, draft, checker);
        break;
    case CONF_CHECK_MISC:
        finish_misc(builder, draft, checker);
        break;
    case CONF_CHECK_UDP:
        conf_finish_udp(builder, draft, checker);
        break;
    case CONF_CHECK_DNS:
        conf_finish_dns(builder, draft, checker);
        break;
    case CONF_CHECK_SMTP:
        checker->helo_name = draft->helo_name;
        break;
    case CONF_CHECK_BFD:
        checker->bfd_name = draft->bfd->name;
        checker->bfd_session = draft->bfd->key;
        break;
    case CONF_CHECK_TCP:
    case CONF_CHECK_PING:
    case CONF_CHECK_FILE:
    case CONF_CHECK_TYPES:
        break;
    }
}

/* False, reported, if it cannot be made. */
static bool finish_check(struct conf_builder *builder, const struct checker_draft *draft,
                         const struct conf_real_server *server, unsigned int ordinal,
                         struct conf_checker *checker)
{
    checker->type = draft->type;
    if (draft->type == CONF_CHECK_FILE) {
        conf_finish_file_check(draft, checker);
    } else {
        finish_timing(builder, draft, checker);
        finish_addresses(builder, draft, checker);
    }
    if (!has_port(builder, draft, checker))
        return false;
    checker->key = conf_key_checker(server->key, checker->type, ordinal);
    finish_type(builder, draft, checker);
    conf_lint_check(builder, draft, checker);
    return true;
}

void conf_finish_checkers(struct conf_builder *builder, struct real_draft *real,
                          struct conf_real_server *server)
{
    unsigned int ordinals[CONF_CHECK_TYPES] = {0};

    for (const struct checker_draft *draft = real->checkers; draft != NULL; draft = draft->next) {
        struct conf_checker *checker = conf_model_alloc(builder->model, sizeof(*checker));

        if (!finish_check(builder, draft, server, ordinals[draft->type], checker))
            continue;
        ordinals[draft->type]++;
        conf_list_add(builder->model, &server->checkers, checker);
    }
}
