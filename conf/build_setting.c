/*
 * Builder: keywords that tandem takes without effect. Their values are read and checked as if they counted,
 * and the lines are kept as they were understood (struct conf_settings), so that they show and compare.
 *
 * builder.c comes here for a row that is ACCEPTED and has no field of its own in the model; the row's offset
 * is that of the draft's settings.
 */
#include "conf/build.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "conf/values.h"

#define NUMBER_TEXT 24

/* ------------------------------------------------------------------ keeping */

static struct conf_setting *new_setting(struct conf_builder *builder, const struct conf_node *node)
{
    struct conf_setting *setting = conf_model_alloc(builder->model, sizeof(*setting));

    setting->keyword = conf_model_strdup(builder->model, node->keyword->name);
    return setting;
}

static void add_word(struct conf_builder *builder, struct conf_setting *setting, const char *word)
{
    conf_list_add(builder->model, &setting->words, conf_model_strdup(builder->model, word));
}

static void add_number(struct conf_builder *builder, struct conf_setting *setting, int64_t number)
{
    char text[NUMBER_TEXT];

    snprintf(text, sizeof(text), "%" PRId64, number);
    add_word(builder, setting, text);
}

/* The settings of a draft, which it has from now on. */
static struct conf_settings *settings_of(struct conf_builder *builder, const struct conf_node *node,
                                         void *draft)
{
    char *place = (char *)draft + node->keyword->offset;
    struct conf_settings *settings;

    memcpy(&settings, place, sizeof(settings));
    if (settings == NULL) {
        settings = conf_model_alloc(builder->model, sizeof(*settings));
        memcpy(place, &settings, sizeof(settings));
    }
    return settings;
}

/* By keyword, in the place of an earlier one: whatever their order in the text, they are the same. */
static void keep(struct conf_builder *builder, const struct conf_node *node, void *draft,
                 struct conf_setting *setting)
{
    struct conf_settings *settings = settings_of(builder, node, draft);
    uint32_t at = 0;
    int order = 1;

    while (at < settings->lines.count &&
           (order = strcmp(settings->lines.items[at]->keyword, setting->keyword)) < 0)
        at++;
    if (at < settings->lines.count && order == 0) {
        settings->lines.items[at] = setting;
        return;
    }
    conf_list_add(builder->model, &settings->lines, setting);
    for (uint32_t i = settings->lines.count - 1; i > at; i--)
        settings->lines.items[i] = settings->lines.items[i - 1];
    settings->lines.items[at] = setting;
}

bool conf_has_setting(const struct conf_settings *settings, const char *keyword)
{
    for (uint32_t i = 0; settings != NULL && i < settings->lines.count; i++) {
        if (strcmp(settings->lines.items[i]->keyword, keyword) == 0)
            return true;
    }
    return false;
}

/* ------------------------------------------------------------------ one value */

static bool read_number(struct conf_builder *builder, const struct conf_node *node,
                        struct conf_setting *setting)
{
    int64_t number;

    if (!conf_read_integer(builder, node, 1, node->keyword->low, node->keyword->high, &number))
        return false;
    add_number(builder, setting, number);
    return true;
}

static bool read_bool(struct conf_builder *builder, const struct conf_node *node,
                      struct conf_setting *setting)
{
    bool value;

    if (!conf_read_bool(builder, node, 1, &value))
        return false;
    add_word(builder, setting, value ? "true" : "false");
    return true;
}

static bool read_text(struct conf_builder *builder, const struct conf_node *node,
                      struct conf_setting *setting)
{
    if (!conf_check_text(builder, node, 1))
        return false;
    add_word(builder, setting, node->words[1].text);
    return true;
}

static bool read_choice(struct conf_builder *builder, const struct conf_node *node,
                        struct conf_setting *setting)
{
    int64_t value;

    if (!conf_read_choice(builder, node, &value))
        return false;
    for (const struct conf_choice *choice = node->keyword->choices; choice->word != NULL; choice++) {
        if (choice->value == value) {
            add_word(builder, setting, choice->word);
            break;
        }
    }
    return true;
}

static bool read_value(struct conf_builder *builder, const struct conf_node *node,
                       struct conf_setting *setting)
{
    switch (node->keyword->kind) {
    case CONF_VALUE_SET:
        return true;
    case CONF_VALUE_BOOL:
        return read_bool(builder, node, setting);
    case CONF_VALUE_INTEGER:
        return read_number(builder, node, setting);
    case CONF_VALUE_TEXT:
        return read_text(builder, node, setting);
    case CONF_VALUE_CHOICE:
        return read_choice(builder, node, setting);
    case CONF_VALUE_NONE: /* no row without effect has these kinds: test_conf_keywords.c */
    case CONF_VALUE_SECONDS:
    case CONF_VALUE_INTERFACE:
    case CONF_VALUE_ADDRESS:
    case CONF_VALUE_SCRIPT:
    case CONF_VALUE_HANDLER:
        break;
    }
    return false;
}

void conf_build_setting(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct conf_setting *setting;
    bool alone = node->word_count == 1 && node->keyword->lack == CONF_LACK_GOOD;

    if (node->keyword->kind == CONF_VALUE_HANDLER) {
        node->keyword->handler(builder, node, draft);
        return;
    }
    setting = new_setting(builder, node);
    if (alone || read_value(builder, node, setting))
        keep(builder, node, draft, setting);
    conf_note_superfluous(builder, node, node->keyword->kind == CONF_VALUE_SET ? 1 : 2);
}

/* ------------------------------------------------------------------ several words */

void conf_handle_setting_names(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct conf_setting *setting = new_setting(builder, node);
    size_t most = (size_t)node->keyword->low + 1;

    for (size_t word = 1; word < node->word_count && word < most; word++) {
        if (!conf_check_text(builder, node, word))
            return;
        add_word(builder, setting, node->words[word].text);
    }
    keep(builder, node, draft, setting);
    if (node->word_count > most)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_ARGUMENT, node, most,
                      "'%s' and what follows it are ignored: %s takes at most %zu names",
                      node->words[most].text, node->words[0].text, most - 1);
}

/* MTU, ADVERT, or a number of bytes, which goes before both. */
void conf_handle_setting_buffers(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct conf_setting *setting = new_setting(builder, node);
    bool mtu = false, advert = false;
    int64_t bytes = -1;

    if (!conf_need_word(builder, node, 1, "MTU, ADVERT or a number of bytes"))
        return;
    for (size_t word = 1; word < node->word_count; word++) {
        if (strcasecmp(node->words[word].text, "MTU") == 0)
            mtu = true;
        else if (strcasecmp(node->words[word].text, "ADVERT") == 0)
            advert = true;
        else if (!conf_read_integer(builder, node, word, node->keyword->low, node->keyword->high, &bytes))
            return;
    }
    if (mtu + advert + (bytes >= 0) > 1)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, 1,
                      "only one of MTU, ADVERT and a number of bytes can hold; %s is taken",
                      bytes >= 0 ? "the number" : "MTU");
    if (bytes >= 0)
        add_number(builder, setting, bytes);
    else
        add_word(builder, setting, mtu ? "MTU" : "ADVERT");
    keep(builder, node, draft, setting);
}

/* START MAX; keepalived says of what is wrong here no more than a note. */
void conf_handle_setting_stack(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct conf_setting *setting = new_setting(builder, node);
    int64_t sizes[2] = {0, 0};

    for (size_t word = 1; word < 3; word++) {
        if (word < node->word_count && conf_parse_integer(node->words[word].text, 0, node->keyword->high,
                                                          &sizes[word - 1]) == CONF_VALUE_GOOD)
            continue;
        conf_diagnostic_expect(
            builder->diagnostics,
            conf_complain(builder, CONF_NOTE, CONF_PROBLEM_VALUE, node, word,
                          "%s takes two numbers of bytes; this one is ignored", node->words[0].text),
            "%s, from 0 to %lld", node->keyword->arguments, (long long)node->keyword->high);
        return;
    }
    if (sizes[0] > sizes[1]) {
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_VALUE, node, 1,
                      "the first size of %s is larger than the last; it is ignored", node->words[0].text);
        return;
    }
    add_number(builder, setting, sizes[0]);
    add_number(builder, setting, sizes[1]);
    keep(builder, node, draft, setting);
}

/* ------------------------------------------------------------------ linkbeat_interfaces */

/* The method a line names; AUTO if none, or one that is not known, which is complained of. */
static enum conf_linkbeat_method read_method(struct conf_builder *builder, const struct conf_node *node)
{
    if (node->word_count < 2)
        return CONF_LINKBEAT_AUTO;
    for (enum conf_linkbeat_method method = CONF_LINKBEAT_MII; method <= CONF_LINKBEAT_IOCTL; method++) {
        if (strcmp(node->words[1].text, conf_linkbeat_word(method)) == 0)
            return method;
    }
    conf_diagnostic_expect(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                         "'%s' is no way to ask for a link's state; it is ignored",
                                         node->words[1].text),
                           "MII, ETHTOOL or IOCTL");
    return CONF_LINKBEAT_AUTO;
}

/* The last line of an interface counts. */
void conf_entry_linkbeat(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct known_interface *known;

    (void)draft;
    if (!conf_check_interface(builder, node, 0))
        return;
    known = conf_know_interface(builder, node->words[0].text);
    if (known->linkbeat == NULL) {
        known->linkbeat = conf_model_alloc(builder->model, sizeof(*known->linkbeat));
        known->linkbeat->interface = conf_model_strdup(builder->model, node->words[0].text);
        conf_list_add(builder->model, &builder->model->linkbeats, known->linkbeat);
    }
    known->linkbeat->method = read_method(builder, node);
    if (node->word_count > 2)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, 2,
                      "'%s' is too much here; it is ignored", node->words[2].text);
}
