/*
 * Builder: the urls of HTTP_GET and SSL_GET, and what their answers must be.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "conf/build.h"

#include <ctype.h>
#include <pcre2.h>
#include <string.h>

#include "conf/lexer.h"
#include "conf/regex_options.h"
#include "conf/values.h"

#define DIGEST_DIGITS 32

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

/* ------------------------------------------------------------------ digest */

void conf_handle_digest(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct url_draft *draft = data;
    char *digest;

    if (!conf_need_word(builder, node, 1, "an MD5 digest"))
        return;
    if (node->words[1].length != DIGEST_DIGITS ||
        strspn(node->words[1].text, "0123456789abcdefABCDEF") != DIGEST_DIGITS) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not an MD5 digest of %d hexadecimal digits; any body is taken",
                      node->words[1].text, DIGEST_DIGITS);
        return;
    }
    digest = conf_model_strdup(builder->model, node->words[1].text);
    for (size_t i = 0; i < DIGEST_DIGITS; i++)
        digest[i] = (char)tolower((unsigned char)digest[i]);
    draft->url->digest = digest;
}

/* ------------------------------------------------------------------ regular expressions */

static const struct {
    const char *word;
    uint32_t bit;
} regex_options[] = {
    {"allow_empty_class", PCRE2_ALLOW_EMPTY_CLASS},
    {"alt_bsux", PCRE2_ALT_BSUX},
    {"alt_circumflex", PCRE2_ALT_CIRCUMFLEX},
    {"alt_verbnames", PCRE2_ALT_VERBNAMES},
    {"auto_callout", PCRE2_AUTO_CALLOUT},
    {"caseless", PCRE2_CASELESS},
    {"dollar_endonly", PCRE2_DOLLAR_ENDONLY},
    {"dotall", PCRE2_DOTALL},
    {"dupnames", PCRE2_DUPNAMES},
    {"extended", PCRE2_EXTENDED},
    {"firstline", PCRE2_FIRSTLINE},
    {"match_unset_backref", PCRE2_MATCH_UNSET_BACKREF},
    {"multiline", PCRE2_MULTILINE},
    {"never_backslash_c", PCRE2_NEVER_BACKSLASH_C},
    {"never_ucp", PCRE2_NEVER_UCP},
    {"never_utf", PCRE2_NEVER_UTF},
    {"no_auto_capture", PCRE2_NO_AUTO_CAPTURE},
    {"no_auto_possess", PCRE2_NO_AUTO_POSSESS},
    {"no_dotstar_anchor", PCRE2_NO_DOTSTAR_ANCHOR},
    {"no_start_optimize", PCRE2_NO_START_OPTIMIZE},
    {"ucp", PCRE2_UCP},
    {"ungreedy", PCRE2_UNGREEDY},
    {"use_offset_limit", PCRE2_USE_OFFSET_LIMIT},
    {"utf", PCRE2_UTF},
};

const char *conf_regex_option_next(uint32_t *left)
{
    for (size_t i = 0; i < sizeof(regex_options) / sizeof(regex_options[0]); i++) {
        if ((*left & regex_options[i].bit) == 0)
            continue;
        *left &= ~regex_options[i].bit;
        return regex_options[i].word;
    }
    return NULL;
}

static void add_regex_option(struct conf_builder *builder, const struct conf_node *node, size_t word,
                             struct conf_url *url)
{
    struct conf_suggestion suggestion = {.written = node->words[word].text};

    for (size_t i = 0; i < sizeof(regex_options) / sizeof(regex_options[0]); i++) {
        conf_suggestion_offer(&suggestion, regex_options[i].word);
        if (strcmp(regex_options[i].word, node->words[word].text) == 0) {
            url->regex_options |= regex_options[i].bit;
            return;
        }
    }
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                  "'%s' is not an option of regular expressions; it is ignored", node->words[word].text)
        ->suggestion = suggestion.best;
}

void conf_handle_regex_options(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct url_draft *draft = data;

    if (!conf_need_word(builder, node, 1, "options of regular expressions, like caseless or dotall"))
        return;
    for (size_t i = 1; i < node->word_count; i++)
        add_regex_option(builder, node, i, draft->url);
}

/* The line was split as a shell would, which leaves backslashes: they are the language's before they are
 * PCRE2's, so that \\d is needed for a digit, as in keepalived. */
void conf_handle_regex(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct url_draft *draft = data;
    char *pattern;

    if (!conf_need_word(builder, node, 1, "a regular expression"))
        return;
    if (node->word_count > 2) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, 2,
                      "a regex is one word: put it in quotes; this line is ignored");
        return;
    }
    pattern = conf_model_alloc(builder->model, node->words[1].length + 1);
    conf_lexer_unescape(node->words[1].text, node->words[1].length, pattern);
    draft->regex = pattern;
}

static void finish_offsets(struct conf_builder *builder, struct url_draft *draft)
{
    struct conf_url *url = draft->url;

    url->regex_min_offset = (uint64_t)conf_value_or(draft->regex_min_offset, 0);
    if (draft->regex_max_offset != CONF_UNSET)
        url->regex_end_offset = (uint64_t)draft->regex_max_offset + 1;
    if (url->regex_end_offset != 0 && url->regex_end_offset <= url->regex_min_offset) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT,
                      conf_node_find(draft->node, "regex_max_offset"), 1,
                      "regex_max_offset is before regex_min_offset; both are ignored");
        url->regex_min_offset = 0;
        url->regex_end_offset = 0;
    }
}

/* Compiled here only to see whether it can be: what no server could pass must not take them all out. */
static void finish_regex(struct conf_builder *builder, struct url_draft *draft)
{
    struct conf_url *url = draft->url;
    PCRE2_UCHAR reason[128];
    PCRE2_SIZE at;
    pcre2_code *code;
    int error;

    code =
        pcre2_compile((PCRE2_SPTR)draft->regex, PCRE2_ZERO_TERMINATED, url->regex_options, &error, &at, NULL);
    if (code == NULL) {
        pcre2_get_error_message(error, reason, sizeof(reason));
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_VALUE, conf_node_find(draft->node, "regex"), 1,
                      "this regular expression is wrong at its character %zu: %s", (size_t)at + 1, reason);
        return;
    }
    pcre2_code_free(code);
    url->regex = draft->regex;
    url->regex_no_match = conf_value_or(draft->regex_no_match, 0) != 0;
    finish_offsets(builder, draft);
}

/* ------------------------------------------------------------------ the whole */

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
    draft->url->settings = draft->settings;
    draft->url->tls_compliant = conf_value_or(draft->tls_compliant, 0) != 0;
    if (draft->url->statuses.count == 0)
        add_status(builder, draft->url, 200, 299);
    if (draft->regex != NULL)
        finish_regex(builder, draft);
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
