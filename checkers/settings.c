/*
 * Comparing the settings of two checks. See settings.h.
 */
#include "checkers/settings.h"

#include <string.h>

static bool texts_are_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

static bool endpoints_are_equal(const struct ip_endpoint *a, const struct ip_endpoint *b)
{
    return ip_address_compare(&a->address, &b->address) == 0 && a->port == b->port;
}

static bool contents_are_equal(const struct conf_url *a, const struct conf_url *b)
{
    return texts_are_equal(a->digest, b->digest) && texts_are_equal(a->regex, b->regex) &&
           a->regex_options == b->regex_options && a->regex_no_match == b->regex_no_match &&
           a->regex_min_offset == b->regex_min_offset && a->regex_end_offset == b->regex_end_offset;
}

static bool urls_are_equal(const struct conf_url *a, const struct conf_url *b)
{
    if (!texts_are_equal(a->path, b->path) || !texts_are_equal(a->virtualhost, b->virtualhost) ||
        !texts_are_equal(a->server_name, b->server_name) || a->tls_compliant != b->tls_compliant ||
        !contents_are_equal(a, b) || a->statuses.count != b->statuses.count)
        return false;
    for (uint32_t i = 0; i < a->statuses.count; i++) {
        if (a->statuses.items[i]->low != b->statuses.items[i]->low ||
            a->statuses.items[i]->high != b->statuses.items[i]->high)
            return false;
    }
    return true;
}

static bool targets_are_equal(const struct conf_checker *a, const struct conf_checker *b)
{
    return a->type == b->type && endpoints_are_equal(&a->connect, &b->connect) &&
           endpoints_are_equal(&a->bind, &b->bind) && texts_are_equal(a->bind_interface, b->bind_interface) &&
           a->fwmark == b->fwmark;
}

static bool timings_are_equal(const struct conf_checker *a, const struct conf_checker *b)
{
    return a->connect_timeout_us == b->connect_timeout_us && a->delay_loop_us == b->delay_loop_us &&
           a->delay_before_retry_us == b->delay_before_retry_us && a->warmup_us == b->warmup_us &&
           a->retry == b->retry && a->script_timeout_us == b->script_timeout_us;
}

static bool questions_are_equal(const struct conf_checker *a, const struct conf_checker *b)
{
    return texts_are_equal(a->payload, b->payload) && a->require_reply == b->require_reply &&
           texts_are_equal(a->reply, b->reply) && a->reply_min == b->reply_min &&
           a->reply_max == b->reply_max && texts_are_equal(a->dns_name, b->dns_name) &&
           a->dns_type == b->dns_type && texts_are_equal(a->helo_name, b->helo_name) && a->file == b->file &&
           a->file_weight == b->file_weight && a->file_reverse == b->file_reverse;
}

bool settings_are_equal(const struct conf_checker *a, const struct conf_checker *b)
{
    if (!targets_are_equal(a, b) || !timings_are_equal(a, b) || !questions_are_equal(a, b) ||
        a->alpha != b->alpha || a->log_all_failures != b->log_all_failures ||
        a->http_version != b->http_version || a->fast_recovery != b->fast_recovery ||
        a->tls_verify != b->tls_verify || a->dynamic != b->dynamic ||
        !texts_are_equal(a->script_name, b->script_name) ||
        !texts_are_equal(a->virtualhost, b->virtualhost) || a->urls.count != b->urls.count)
        return false;
    for (uint32_t i = 0; i < a->urls.count; i++) {
        if (!urls_are_equal(a->urls.items[i], b->urls.items[i]))
            return false;
    }
    return true;
}
