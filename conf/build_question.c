/*
 * Builder: what UDP_CHECK, DNS_CHECK and SMTP_CHECK send and want to hear.
 */
#include "conf/build.h"

#include <ctype.h>
#include <string.h>

#define REPLY_MAX   255 /* bytes, of a reply that must begin in some way */
#define LABEL_BYTES 63
#define NAME_BYTES  253 /* as text */

/* ------------------------------------------------------------------ UDP_CHECK */

static size_t length_of_words(const struct conf_node *node)
{
    size_t length = 0;

    for (size_t i = 1; i < node->word_count; i++)
        length += node->words[i].length;
    return length;
}

/* Blanks between digits mean nothing; x stands for any where it is allowed. NULL, and reported, if they are
 * none. */
static char *read_digits(struct conf_builder *builder, const struct conf_node *node, bool allows_any)
{
    char *digits = conf_model_alloc(builder->model, length_of_words(node) + 1), *place = digits;

    for (size_t i = 1; i < node->word_count; i++) {
        const struct conf_word *word = &node->words[i];

        for (size_t j = 0; j < word->length; j++) {
            char digit = (char)tolower((unsigned char)word->text[j]);

            if (isblank((unsigned char)digit))
                continue;
            if (!isxdigit((unsigned char)digit) && !(allows_any && digit == 'x')) {
                conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, i,
                              "'%s' is not of hexadecimal digits; this line is ignored", word->text);
                return NULL;
            }
            *place++ = digit;
        }
    }
    if ((place - digits) % 2 != 0) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "each byte needs two digits; this line is ignored");
        return NULL;
    }
    return digits;
}

void conf_handle_payload(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;

    if (conf_need_word(builder, node, 1, "hexadecimal digits"))
        draft->payload = read_digits(builder, node, false);
}

void conf_handle_require_reply(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;

    draft->require_reply = 1;
    if (node->word_count > 1)
        draft->reply = read_digits(builder, node, true);
}

void conf_finish_udp(struct conf_builder *builder, const struct checker_draft *draft,
                     struct conf_checker *checker)
{
    int64_t most = draft->reply != NULL ? REPLY_MAX : 0;

    checker->payload = draft->payload;
    checker->require_reply = conf_value_or(draft->require_reply, 0) != 0;
    checker->reply = draft->reply;
    checker->reply_min = (uint16_t)conf_value_or(draft->reply_min, 0);
    checker->reply_max = (uint16_t)conf_value_or(draft->reply_max, most);
    if (checker->reply_max != 0 && checker->reply_min > checker->reply_max) {
        conf_complain(
            builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->node, "min_reply_length"),
            1, "no reply is at least that long and at most as max_reply_length says; both are ignored");
        checker->reply_min = 0;
        checker->reply_max = 0;
    }
}

/* ------------------------------------------------------------------ DNS_CHECK */

#define TYPE_SOA 6

static bool is_name(const char *text)
{
    if (strcmp(text, ".") == 0)
        return true;
    if (strlen(text) > NAME_BYTES)
        return false;
    while (*text != '\0') {
        size_t length = strcspn(text, ".");

        if (length == 0 || length > LABEL_BYTES)
            return false;
        text += length;
        text += *text == '.';
    }
    return true;
}

void conf_handle_dns_name(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct checker_draft *draft = data;

    if (!conf_need_word(builder, node, 1, "a domain name"))
        return;
    if (is_name(node->words[1].text))
        draft->dns_name = conf_model_strdup(builder->model, node->words[1].text);
    else
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not a domain name; the root is asked for", node->words[1].text);
}

void conf_finish_dns(struct conf_builder *builder, const struct checker_draft *draft,
                     struct conf_checker *checker)
{
    checker->dns_name = draft->dns_name != NULL ? draft->dns_name : conf_model_strdup(builder->model, ".");
    checker->dns_type = (uint16_t)conf_value_or(draft->dns_type, TYPE_SOA);
}

/* ------------------------------------------------------------------ SMTP_CHECK */

void *conf_begin_smtp_host(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct checker_draft *check = parent;
    struct checker_draft *draft = conf_draft_new(builder, node->opens, sizeof(*draft));

    draft->node = node;
    draft->real = check->real;
    draft->type = CONF_CHECK_SMTP;
    draft->next = check->hosts;
    check->hosts = draft;
    return draft;
}

static void inherit(int64_t *value, int64_t from)
{
    *value = conf_value_or(*value, from);
}

static void inherit_timing(struct timing_draft *timing, const struct timing_draft *from)
{
    inherit(&timing->retry, from->retry);
    inherit(&timing->delay_before_retry_us, from->delay_before_retry_us);
    inherit(&timing->warmup_us, from->warmup_us);
    inherit(&timing->connect_timeout_us, from->connect_timeout_us);
    inherit(&timing->delay_loop_us, from->delay_loop_us);
    inherit(&timing->alpha, from->alpha);
    inherit(&timing->log_all_failures, from->log_all_failures);
}

void conf_finish_smtp_host(struct checker_draft *host, const struct checker_draft *check)
{
    inherit_timing(&host->timing, &check->timing);
    inherit(&host->connect_port, check->connect_port);
    inherit(&host->bind_port, check->bind_port);
    inherit(&host->fwmark, check->fwmark);
    if (!ip_address_is_set(&host->connect_address))
        host->connect_address = check->connect_address;
    if (!ip_address_is_set(&host->bind_address))
        host->bind_address = check->bind_address;
    if (host->bind_interface == NULL)
        host->bind_interface = check->bind_interface;
    host->helo_name = check->helo_name;
}
