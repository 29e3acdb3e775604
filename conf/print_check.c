/*
 * The text of checks.
 */
#include "conf/print_rows.h"

#include <inttypes.h>
#include <string.h>

#include "conf/keyword_tables.h"
#include "conf/regex_options.h"

static void print_misc(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->type == CONF_CHECK_MISC)
        put_recurring(out, rule->keyword, checker->key);
}

static void print_connect(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;
    const struct ip_address *usual = out->real == NULL ? NULL : &out->real->endpoint.address;

    (void)field;
    if (checker->type == CONF_CHECK_MISC)
        return;
    if (usual == NULL || ip_address_compare(usual, &checker->connect.address) != 0)
        put_endpoint(out, rule->keyword, &checker->connect.address, 0);
    if (checker->connect.port != 0)
        printer_line(out, "connect_port %u", checker->connect.port);
}

static void print_bind(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    put_endpoint(out, rule->keyword, &checker->bind.address, 0);
    if (checker->bind.port != 0)
        printer_line(out, "bind_port %u", checker->bind.port);
}

static void print_connect_timeout(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (((const struct conf_checker *)object)->type != CONF_CHECK_MISC)
        print_seconds(out, rule, field, object);
}

static void print_script_timeout(printer *out, rule_row *rule, field_row *field, const void *object)
{
    if (((const struct conf_checker *)object)->type == CONF_CHECK_MISC)
        print_seconds(out, rule, field, object);
}

static void print_checker_alpha(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;
    bool usual = out->real != NULL && out->real->alpha;

    (void)field;
    if (checker->alpha != usual)
        put_bool(out, rule->keyword, checker->alpha);
}

static void print_check_file(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->type != CONF_CHECK_FILE)
        return;
    put_text(out, rule->keyword, checker->file_name);
    printer_line(out, "weight %d%s", checker->file_weight, checker->file_reverse ? " reverse" : "");
}

static void print_require_reply(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->reply != NULL)
        put_text(out, rule->keyword, checker->reply);
    else if (checker->require_reply)
        printer_line(out, "%s", rule->keyword);
}

/* A reply that begins in some way has a limit by default. */
static void print_reply_max(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->reply_max != 0 || checker->reply != NULL)
        printer_line(out, "%s %u", rule->keyword, checker->reply_max);
}

static void print_dns_type(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_checker *checker = object;

    (void)field;
    for (const struct conf_choice *type = conf_dns_types; type->word != NULL; type++) {
        if (type->value == checker->dns_type)
            printer_line(out, "%s %s", rule->keyword, type->word);
    }
}

static void print_http_version(printer *out, rule_row *rule, field_row *field, const void *object)
{
    static const char *const words[] = {
        [CONF_HTTP_1_0] = "1.0",
        [CONF_HTTP_1_0_CLOSE] = "1.0C",
        [CONF_HTTP_1_1] = "1.1",
    };
    const struct conf_checker *checker = object;

    (void)field;
    if (checker->http_version != CONF_HTTP_1_0)
        printer_line(out, "%s %s", rule->keyword, words[checker->http_version]);
}

/* One name for all urls was written as such; names that differ are those the urls are asked for by. */
static void put_server_name(printer *out, const struct conf_checker *checker)
{
    const char *first = checker->urls.count > 0 ? checker->urls.items[0]->server_name : NULL;
    bool any = false, same = true;

    for (uint32_t i = 0; i < checker->urls.count; i++) {
        const char *name = checker->urls.items[i]->server_name;

        any = any || name != NULL;
        same = same && name != NULL && first != NULL && strcmp(name, first) == 0;
    }
    if (any && same)
        put_text(out, "sni_name", first);
    else if (any)
        put_bool(out, "enable_sni", true);
}

static void print_urls(printer *out, rule_row *rule, field_row *field, const void *object)
{
    put_server_name(out, object);
    print_blocks(out, rule, field, object);
}

static void print_statuses(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;

    (void)field;
    printer_begin(out, rule->keyword);
    for (uint32_t i = 0; i < url->statuses.count; i++)
        printer_status_range(out, url->statuses.items[i]);
    printer_end(out);
}

static void print_regex(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;

    (void)field;
    if (url->regex == NULL)
        return;
    printer_begin(out, rule->keyword);
    printer_escaped(out, url->regex);
    printer_end(out);
}

static void print_regex_options(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;
    uint32_t left = url->regex_options;
    const char *word;

    (void)field;
    if (left == 0)
        return;
    printer_begin(out, rule->keyword);
    while ((word = conf_regex_option_next(&left)) != NULL)
        printer_word(out, word);
    printer_end(out);
}

/* regex_max_offset is the last offset where a match may begin; the model has the one behind it. */
static void print_regex_end(printer *out, rule_row *rule, field_row *field, const void *object)
{
    const struct conf_url *url = object;

    (void)field;
    if (url->regex_end_offset != 0)
        printer_line(out, "%s %" PRIu64, rule->keyword, url->regex_end_offset - 1);
}

static void head_of_url(const printer *out, const void *item)
{
    (void)item;
    printer_begin(out, "url");
}

static void head_of_checker(const printer *out, const void *item)
{
    static const char *const words[] = {
        [CONF_CHECK_TCP] = "TCP_CHECK",   [CONF_CHECK_HTTP] = "HTTP_GET",   [CONF_CHECK_SSL] = "SSL_GET",
        [CONF_CHECK_MISC] = "MISC_CHECK", [CONF_CHECK_PING] = "PING_CHECK", [CONF_CHECK_UDP] = "UDP_CHECK",
        [CONF_CHECK_DNS] = "DNS_CHECK",   [CONF_CHECK_SMTP] = "SMTP_CHECK", [CONF_CHECK_BFD] = "BFD_CHECK",
        [CONF_CHECK_FILE] = "FILE_CHECK",
    };

    printer_begin(out, words[((const struct conf_checker *)item)->type]);
}

/* clang-format off */
static const struct conf_print_rule rules_of_status_range[] = {PART("low"), PART("high"), END};
static const struct conf_print_rule rules_of_url[] = {
    LINE("path", "path", print_text, 0), LINE("virtualhost", "virtualhost", print_text, 0),
    LINE("statuses", "status_code", print_statuses, 0), LINE("digest", "digest", print_text, 0),
    LINE("regex", "regex", print_regex, 0), LINE("regex_options", "regex_options", print_regex_options, 0),
    LINE("regex_no_match", "regex_no_match", print_flag, 0),
    LINE("regex_min_offset", "regex_min_offset", print_number, 0),
    LINE("regex_end_offset", "regex_max_offset", print_regex_end, 0), HIDDEN("server_name", "sni_name"),
    LINE("tls_compliant", "tls_compliant", print_bool, 0), NESTED("settings", ""), END};
static const struct conf_print_rule rules_of_checker[] = {
    LINE("key", "misc_path", print_misc, 0), PART("type"), LINE("connect", "connect_ip", print_connect, 0),
    LINE("bind", "bindto", print_bind, 0), LINE("bind_interface", "bind_if", print_text, 0),
    LINE("fwmark", "fwmark", print_number, 0),
    LINE("connect_timeout_us", "connect_timeout", print_connect_timeout, NO_USUAL),
    LINE("delay_loop_us", "delay_loop", print_seconds, NO_USUAL),
    LINE("delay_before_retry_us", "delay_before_retry", print_seconds, NO_USUAL),
    LINE("warmup_us", "warmup", print_seconds, -1), LINE("retry", "retry", print_number, NO_USUAL),
    LINE("alpha", "alpha", print_checker_alpha, 0),
    LINE("log_all_failures", "log_all_failures", print_bool, 0),
    NESTED("settings", ""), LINE("http_version", "http_protocol", print_http_version, 0),
    LINE("fast_recovery", "fast_recovery", print_bool, 0),
    LINE("virtualhost", "virtualhost", print_text, 0), LINE("urls", "url", print_urls, 0),
    LINE("tls_verify", "tls_verify", print_bool, 0), FOLLOWS("script_name"),
    LINE("script_timeout_us", "misc_timeout", print_script_timeout, NO_USUAL),
    LINE("dynamic", "misc_dynamic", print_flag, 0), LINE("payload", "payload", print_text, 0),
    LINE("require_reply", "require_reply", print_require_reply, 0), HIDDEN("reply", "require_reply"),
    LINE("reply_min", "min_reply_length", print_number, 0),
    LINE("reply_max", "max_reply_length", print_reply_max, 0), LINE("dns_name", "name", print_text, 0),
    LINE("dns_type", "type", print_dns_type, 0), LINE("helo_name", "helo_name", print_text, 0),
    LINE("bfd_name", "name", print_text, 0), FOLLOWS("bfd_session"),
    LINE("file", "track_file", print_check_file, 0), HIDDEN("file_name", "track_file"),
    HIDDEN("file_weight", "weight"), HIDDEN("file_reverse", "weight"), END};

const struct conf_print_object conf_print_check_objects[] = {
    LINES(status_range, printer_status_range), BLOCK(url), BLOCK(checker), NO_MORE};
/* clang-format on */
