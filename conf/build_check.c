/*
 * Builder: the checks of a real server. What a check does not say comes from its real server, then from the
 * virtual server, then from the type of check.
 */
#include "conf/build.h"

#include <string.h>

#include "conf/key.h"
#include "conf/values.h"

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
};

/* ------------------------------------------------------------------ begin and end */

static void *begin_check(struct conf_builder *builder, const struct conf_node *node, void *parent,
                         enum conf_checker_type type)
{
    struct checker_draft *draft = conf_draft_new(builder, node->opens, sizeof(*draft));

    draft->node = node;
    draft->real = parent;
    draft->type = type;
    return draft;
}

void *conf_begin_tcp_check(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return begin_check(builder, node, parent, CONF_CHECK_TCP);
}

void *conf_begin_http_get(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    return begin_check(builder, node, parent, CONF_CHECK_HTTP);
}

void conf_end_check(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;
    struct real_draft *real = draft->real;

    if (draft->type == CONF_CHECK_HTTP && draft->urls.count == 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, node, 0,
                      "this check has no url; it is left out");
        return;
    }
    *real->checkers_end = draft;
    real->checkers_end = &draft->next;
}

/* ------------------------------------------------------------------ urls */

void *conf_begin_url(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct checker_draft *checker = parent;
    struct url_draft *draft = conf_draft_new(builder, node->opens, sizeof(*draft));

    draft->node = node;
    draft->checker = checker;
    draft->url = conf_model_alloc(builder->model, sizeof(*draft->url));
    return draft;
}

static bool is_path(const char *text)
{
    if (*text != '/')
        return false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= 0x20 || *text == 0x7f)
            return false;
    }
    return true;
}

static void add_status(struct conf_builder *builder, struct conf_url *url, int64_t low, int64_t high)
{
    struct conf_status_range *range = conf_model_alloc(builder->model, sizeof(*range));

    range->low = (uint16_t)low;
    range->high = (uint16_t)high;
    conf_list_add(builder->model, &url->statuses, range);
}

void conf_end_url(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct url_draft *draft = data;

    if (draft->path == NULL || !is_path(draft->path)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING,
                      draft->path == NULL ? node : conf_node_find(node, "path"), 1,
                      draft->path == NULL ? "this url has no path; it is left out"
                                          : "a path begins with '/' and has no blanks; this url is left out");
        return;
    }
    draft->url->path = draft->path;
    draft->url->virtualhost = draft->virtualhost;
    if (draft->url->statuses.count == 0)
        add_status(builder, draft->url, 200, 299);
    conf_list_add(builder->model, &draft->checker->urls, draft->url);
}

/* "200", "200-299". */
static bool read_status(const char *text, int64_t *low, int64_t *high)
{
    const char *dash = strchr(text, '-');
    size_t length = dash == NULL ? strlen(text) : (size_t)(dash - text);
    char first[8];

    if (length >= sizeof(first))
        return false;
    memcpy(first, text, length);
    first[length] = '\0';
    if (conf_parse_integer(first, 100, 599, low) != CONF_VALUE_GOOD)
        return false;
    *high = *low;
    return dash == NULL || (conf_parse_integer(dash + 1, 100, 599, high) == CONF_VALUE_GOOD && *low <= *high);
}

void conf_handle_status_code(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct url_draft *draft = data;
    int64_t low;
    int64_t high;

    if (!conf_need_word(builder, node, 1, "status codes from 100 to 599, like 200 or 200-299"))
        return;
    for (size_t i = 1; i < node->word_count; i++) {
        if (read_status(node->words[i].text, &low, &high))
            add_status(builder, draft->url, low, high);
        else
            conf_diagnostic_expect(builder->diagnostics,
                                   conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, i,
                                                 "'%s' is not a status code; it is ignored",
                                                 node->words[i].text),
                                   "a number from 100 to 599, or a range like 200-299");
    }
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

    checker->connect_timeout_us = INHERIT(connect_timeout_us, DEFAULT_CONNECT_TIMEOUT_US);
    checker->delay_loop_us = INHERIT(delay_loop_us, DEFAULT_DELAY_LOOP_US);
    checker->delay_before_retry_us = INHERIT(delay_before_retry_us, standard->delay_before_retry_us);
    checker->warmup_us = INHERIT(warmup_us, -1);
    checker->retry = (uint32_t)INHERIT(retry, standard->retry);
    checker->alpha = INHERIT(alpha, 0) != 0;
    checker->log_all_failures =
        INHERIT(log_all_failures, conf_value_or(builder->global.log_all_failures, 0)) != 0;
}

static void finish_addresses(struct conf_builder *builder, const struct checker_draft *draft,
                             struct conf_checker *checker)
{
    checker->connect = draft->real->endpoint;
    if (ip_address_is_set(&draft->connect_address))
        checker->connect.address = draft->connect_address;
    checker->connect.port = (uint16_t)conf_value_or(draft->connect_port, checker->connect.port);
    if (checker->connect.port == 0)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_MISSING, draft->node, 0,
                      "this check needs a connect_port: its server is for all ports; it is left out");
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

void conf_finish_checkers(struct conf_builder *builder, struct real_draft *real,
                          struct conf_real_server *server)
{
    unsigned int ordinals[sizeof(type_defaults) / sizeof(type_defaults[0])] = {0};

    for (const struct checker_draft *draft = real->checkers; draft != NULL; draft = draft->next) {
        struct conf_checker *checker = conf_model_alloc(builder->model, sizeof(*checker));

        checker->type = draft->type;
        finish_timing(builder, draft, checker);
        finish_addresses(builder, draft, checker);
        if (checker->connect.port == 0)
            continue;
        if (draft->type == CONF_CHECK_HTTP)
            finish_http(builder, draft, checker);
        checker->key = conf_key_checker(server->key, checker->type, ordinals[checker->type]++);
        conf_list_add(builder->model, &server->checkers, checker);
    }
}
