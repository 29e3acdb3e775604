/*
 * Builder: what concerns IPVS as a whole: lvs_sync_daemon, lvs_timeouts, lvs_flush_on_stop.
 */
#include "conf/build.h"

#include <string.h>

#define TIMEOUT_MAX_S 2678400 /* a month, the kernel's limit */
#define MAXLEN_MAX    65507   /* what fits a UDP datagram */

static void complain_of_option(struct conf_builder *builder, const struct conf_node *node, size_t word,
                               const char *expected)
{
    struct conf_diagnostic *diagnostic =
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                      "'%s' is not known here; it and what follows are ignored", node->words[word].text);

    conf_diagnostic_expect(builder->diagnostics, diagnostic, "%s", expected);
}

/* ------------------------------------------------------------------ lvs_timeouts, lvs_flush_on_stop */

void conf_handle_ipvs_timeouts(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_ipvs_timeouts *timeouts = &builder->model->global.ipvs_timeouts;
    const struct {
        const char *word;
        uint32_t *field;
    } options[] = {{"tcp", &timeouts->tcp_s}, {"tcpfin", &timeouts->tcp_fin_s}, {"udp", &timeouts->udp_s}};
    int64_t value;

    (void)data;
    if (!conf_need_word(builder, node, 1, "tcp, tcpfin or udp, each with seconds"))
        return;
    for (size_t word = 1; word < node->word_count; word += 2) {
        size_t i = 0;

        while (i < 3 && strcmp(options[i].word, node->words[word].text) != 0)
            i++;
        if (i == 3) {
            complain_of_option(builder, node, word, "tcp, tcpfin or udp, each with seconds");
            return;
        }
        if (conf_read_integer(builder, node, word + 1, 0, TIMEOUT_MAX_S, &value))
            *options[i].field = (uint32_t)value;
    }
}

void conf_handle_flush_on_stop(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_global *global = &builder->model->global;

    (void)data;
    if (node->word_count < 2) {
        global->flush_on_stop = CONF_FLUSH_ALL;
        return;
    }
    global->flush_on_stop = CONF_FLUSH_OURS; /* with VS: what tandem does anyway */
    if (strcmp(node->words[1].text, "VS") != 0)
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is not known here; only VS is", node->words[1].text);
}

/* ------------------------------------------------------------------ lvs_sync_daemon */

static void read_group(struct conf_builder *builder, const struct conf_node *node, size_t word)
{
    struct conf_sync_daemon *daemon = &builder->model->global.sync_daemon;
    struct ip_address group;

    if (!conf_read_address(builder, node, word, &group))
        return;
    if (ip_address_is_multicast(&group))
        daemon->group = group;
    else
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                      "'%s' is not a multicast address; the kernel's group is used", node->words[word].text);
}

/* An option with its value at words[word]; false if it is none. */
static bool read_option(struct conf_builder *builder, const struct conf_node *node, size_t word)
{
    struct conf_sync_daemon *daemon = &builder->model->global.sync_daemon;
    struct sync_draft *draft = &builder->global.sync;
    const char *name = node->words[word].text;
    int64_t value;

    if (strcmp(name, "inst") == 0) {
        if (conf_need_word(builder, node, word + 1, "the name of a vrrp_instance"))
            draft->instance_word = word + 1;
    } else if (strcmp(name, "id") == 0) {
        conf_read_integer(builder, node, word + 1, 0, 255, &draft->id);
    } else if (strcmp(name, "maxlen") == 0) {
        if (conf_read_integer(builder, node, word + 1, 1, MAXLEN_MAX, &value))
            daemon->maxlen = (uint16_t)value;
    } else if (strcmp(name, "port") == 0) {
        if (conf_read_integer(builder, node, word + 1, 1, 65535, &value))
            daemon->port = (uint16_t)value;
    } else if (strcmp(name, "ttl") == 0) {
        if (conf_read_integer(builder, node, word + 1, 1, 255, &value))
            daemon->ttl = (uint8_t)value;
    } else if (strcmp(name, "group") == 0) {
        read_group(builder, node, word + 1);
    } else {
        return false;
    }
    return true;
}

static bool is_second(struct conf_builder *builder, const struct conf_node *node)
{
    const struct conf_node *first = builder->global.sync.node;

    if (first == NULL)
        return false;
    conf_diagnostic_relate(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 0,
                                         "there is one sync daemon only; this %s is ignored",
                                         node->words[0].text),
                           first->words[0].position, "first set here");
    return true;
}

static bool read_interface(struct conf_builder *builder, const struct conf_node *node)
{
    if (!conf_need_word(builder, node, 1, "the interface to the other director") ||
        !conf_check_interface(builder, node, 1))
        return false;
    builder->model->global.sync_daemon.interface = conf_model_strdup(builder->model, node->words[1].text);
    builder->global.sync = (struct sync_draft){.node = node, .id = CONF_UNSET};
    return true;
}

static bool is_option(const char *word)
{
    static const char *const options[] = {"inst", "id", "maxlen", "port", "ttl", "group"};

    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (strcmp(options[i], word) == 0)
            return true;
    }
    return false;
}

/* INTERFACE INSTANCE [ID], as it was written once. Returns the word behind it. */
static size_t read_old_form(struct conf_builder *builder, const struct conf_node *node)
{
    if (node->word_count < 3 || is_option(node->words[2].text))
        return 2;
    builder->global.sync.instance_word = 2;
    if (node->word_count < 4 || is_option(node->words[3].text))
        return 3;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DEPRECATED, node, 3, "write 'id' before the number");
    conf_read_integer(builder, node, 3, 0, 255, &builder->global.sync.id);
    return 4;
}

void conf_handle_sync_daemon(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    (void)data;
    if (is_second(builder, node) || !read_interface(builder, node))
        return;
    for (size_t word = read_old_form(builder, node); word < node->word_count; word += 2) {
        if (read_option(builder, node, word))
            continue;
        complain_of_option(builder, node, word, "inst, id, maxlen, port, ttl or group, each with a value");
        return;
    }
}

void conf_handle_sync_interface(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    if (is_second(builder, node) || !read_interface(builder, node))
        return;
    builder->global.sync.node = conf_keep_node(builder, node);
    builder->global.sync.owner = ((struct instance_draft *)data)->known;
}

static struct known_instance *find_instance(struct conf_builder *builder)
{
    const struct sync_draft *sync = &builder->global.sync;
    const struct conf_word *name = &sync->node->words[sync->instance_word];
    struct conf_suggestion suggestion = {.written = name->text};
    struct known_instance *found;

    if (sync->owner != NULL)
        return sync->owner;
    HASH_FIND(by_name, builder->instances_by_name, name->text, name->length, found);
    if (found != NULL && !found->dropped)
        return found;
    for (size_t i = 0; i < builder->instance_count; i++)
        conf_suggestion_offer(&suggestion, builder->instances[i]->instance->name);
    conf_diagnostic_suggest(
        builder->diagnostics,
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, sync->node, sync->instance_word,
                      "there is no vrrp_instance '%s'; there will be no sync daemon", name->text),
        &suggestion);
    return NULL;
}

void conf_finish_lvs(struct conf_builder *builder)
{
    struct conf_sync_daemon *daemon = &builder->model->global.sync_daemon;
    const struct sync_draft *sync = &builder->global.sync;
    struct known_instance *instance;

    if (sync->node == NULL)
        return;
    daemon->id = (uint8_t)conf_value_or(sync->id, 0);
    if (sync->owner == NULL && sync->instance_word == 0)
        return;
    instance = find_instance(builder);
    if (instance == NULL || instance->dropped) {
        *daemon = (struct conf_sync_daemon){0};
        return;
    }
    instance->instance->leads_sync_daemon = true;
    daemon->instance = instance->instance->key;
    daemon->id = (uint8_t)conf_value_or(sync->id, instance->instance->vrid);
}
