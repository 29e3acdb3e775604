/*
 * Builder: auth_hmac of an instance, the HMAC-SHA-256 trailer of adverts (semantics.md, "auth_hmac").
 *
 * Keys are read here, also those in files, because the reader may read them and vrrp may not; none of them
 * appears in a message. What cannot authenticate stops the start: keepalived would go on without.
 */
#include "conf/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/script_path.h"

#define KEY_BYTES_LEAST 32
#define WINDOW_LEAST_S  5
#define WINDOW_MOST_S   300

void *conf_begin_hmac(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    struct instance_draft *draft = parent;

    if (draft->hmac_node == NULL)
        conf_draft_reset(builder, CONF_BLOCK_AUTH_HMAC, draft);
    draft->hmac_node = node;
    (void)builder;
    return draft;
}

/* ------------------------------------------------------------------ keys */

static int digit_value(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = digit == '\0' ? NULL : strchr(digits, digit | ' ');

    return at == NULL ? -1 : (int)(at - digits);
}

/* How many bytes there are; 0 if it is not of hexadecimal digits in pairs, or more than room. */
static size_t read_hex(const char *text, uint8_t *bytes, size_t room)
{
    size_t count = 0;

    for (; *text != '\0'; text += 2) {
        int high = digit_value(text[0]), low = high < 0 ? -1 : digit_value(text[1]);

        if (low < 0 || count == room)
            return 0;
        bytes[count++] = (uint8_t)(high * 16 + low);
    }
    return count;
}

/* "hex:" and digits, or the bytes themselves; false if it is no key. */
static bool read_secret(const char *text, struct conf_hmac_key *key)
{
    size_t length = strlen(text);

    if (strncmp(text, "hex:", 4) == 0)
        length = read_hex(text + 4, key->secret, sizeof(key->secret));
    else if (length <= sizeof(key->secret))
        memcpy(key->secret, text, length);
    if (length < KEY_BYTES_LEAST || length > sizeof(key->secret))
        return false;
    key->length = (uint8_t)length;
    return true;
}

/* Who may read the key may sign adverts. */
static void check_privacy(struct conf_builder *builder, const struct conf_node *node, const char *path)
{
    const struct script_path_files *files = builder->host->script_files;
    struct stat status;

    if (files == NULL || files->look(path, &status, files->data) != 0)
        return;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        conf_diagnostic_advise(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 2,
                                             "'%s' holds a key, and others than its owner may read it", path),
                               "chmod 600 '%s'", path);
}

static void complain_of_key(struct conf_builder *builder, const struct conf_node *node)
{
    conf_diagnostic_expect(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 2,
                                         "this is no key of 32 to 64 bytes; it is left out"),
                           "32 to 64 characters, hex: with 64 to 128 digits, or file: with a path");
}

static bool read_key_file(struct conf_builder *builder, const struct conf_node *node, const char *path,
                          struct conf_hmac_key *key)
{
    const struct conf_host *host = builder->host;
    size_t length = 0;
    char *text = host->read_file(host->context, path, &length);
    bool good;

    if (text == NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_FILE, node, 2, "'%s' cannot be read: %s", path,
                      strerror(errno));
        return false;
    }
    check_privacy(builder, node, path);
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        text[--length] = '\0';
    good = strlen(text) == length && read_secret(text, key);
    explicit_bzero(text, length);
    free(text);
    if (!good)
        complain_of_key(builder, node);
    return good;
}

static bool has_key(const struct conf_hmac *hmac, int64_t id)
{
    for (uint32_t i = 0; i < hmac->keys.count; i++) {
        if (hmac->keys.items[i]->id == id)
            return true;
    }
    return false;
}

void conf_handle_hmac_key(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct conf_hmac *hmac = &((struct instance_draft *)data)->instance->hmac;
    struct conf_hmac_key *key;
    int64_t id;

    if (!conf_need_word(builder, node, 2, "a number from 1 to 255 and a key") ||
        !conf_read_integer(builder, node, 1, 1, UINT8_MAX, &id))
        return;
    if (has_key(hmac, id)) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_DUPLICATE, node, 1,
                      "there is a key %s already; this one is left out", node->words[1].text);
        return;
    }
    key = conf_model_alloc(builder->model, sizeof(*key));
    key->id = (uint8_t)id;
    if (strncmp(node->words[2].text, "file:", 5) == 0) {
        if (!read_key_file(builder, node, node->words[2].text + 5, key))
            return;
    } else if (!read_secret(node->words[2].text, key)) {
        complain_of_key(builder, node);
        return;
    }
    conf_list_add(builder->model, &hmac->keys, key);
}

/* ------------------------------------------------------------------ from the draft to the model */

/* Three adverts' time, in whole seconds. */
static uint32_t usual_window_s(const struct conf_instance *instance)
{
    int64_t window_s = 3 * (instance->advert_interval_us / 1000000);

    if (window_s < WINDOW_LEAST_S)
        return WINDOW_LEAST_S;
    return window_s > WINDOW_MOST_S ? WINDOW_MOST_S : (uint32_t)window_s;
}

static bool finds_active_key(struct conf_builder *builder, const struct instance_draft *draft)
{
    const struct conf_node *node = draft->hmac_node;

    if (draft->hmac_active_key == CONF_UNSET) {
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_MISSING, node, 0,
                      "auth_hmac has no active_key, so nothing could be signed");
        return false;
    }
    if (has_key(&draft->instance->hmac, draft->hmac_active_key))
        return true;
    conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_REFERENCE, conf_node_find(node, "active_key"), 1,
                  "there is no key %lld, so nothing could be signed", (long long)draft->hmac_active_key);
    return false;
}

static void settle_mode(struct conf_builder *builder, const struct instance_draft *draft,
                        struct conf_hmac *hmac)
{
    hmac->mode = (enum conf_hmac_mode)conf_value_or(draft->hmac_mode, CONF_HMAC_ENFORCE);
    if (hmac->mode == CONF_HMAC_ENFORCE || !conf_is_strict(builder, draft))
        return;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, conf_node_find(draft->hmac_node, "mode"), 1,
                  "strict VRRP wants mode enforce; that is used");
    hmac->mode = CONF_HMAC_ENFORCE;
}

void conf_finish_hmac(struct conf_builder *builder, struct instance_draft *draft)
{
    struct conf_instance *instance = draft->instance;
    struct conf_hmac *hmac = &instance->hmac;

    if (draft->hmac_node == NULL)
        return;
    if (instance->auth_type != CONF_AUTH_NONE) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT,
                      conf_node_find(draft->node, "authentication"), 0,
                      "authentication does not go with auth_hmac; it is ignored");
        instance->auth_type = CONF_AUTH_NONE;
        explicit_bzero(instance->auth_data, sizeof(instance->auth_data));
    }
    if (!finds_active_key(builder, draft))
        return;
    hmac->active_key = (uint8_t)draft->hmac_active_key;
    settle_mode(builder, draft, hmac);
    hmac->anti_replay = (enum conf_anti_replay)conf_value_or(draft->hmac_anti_replay, CONF_REPLAY_TIME);
    hmac->time_window_s = (uint32_t)conf_value_or(
        draft->hmac_time_window_s, hmac->anti_replay == CONF_REPLAY_TIME ? usual_window_s(instance) : 0);
}
