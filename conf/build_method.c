/*
 * Builder: forwarding methods, of virtual, real and sorry servers.
 */
#include "conf/build.h"

#include <string.h>

static bool choose(const struct conf_choice *choices, const char *word, int64_t *value)
{
    for (; choices->word != NULL; choices++) {
        if (strcmp(choices->word, word) == 0) {
            *value = choices->value;
            return true;
        }
    }
    return false;
}

static bool complain_of(struct conf_builder *builder, const struct conf_node *node, size_t word,
                        const char *what, const char *expected)
{
    const char *text = node->words[word < node->word_count ? word : node->word_count - 1].text;

    conf_diagnostic_expect(builder->diagnostics,
                           conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, word,
                                         "'%s' is not %s; this %s is ignored", text, what,
                                         node->words[0].text),
                           "%s", expected);
    return false;
}

/* One option of a tunnel at words[*word], which is moved behind it. */
static bool read_tunnel_option(struct conf_builder *builder, const struct conf_node *node, size_t *word,
                               struct conf_method *method)
{
    static const struct conf_choice types[] = {
        {"ipip", CONF_TUNNEL_IPIP},
        {"gue", CONF_TUNNEL_GUE},
        {"gre", CONF_TUNNEL_GRE},
        {0},
    };
    static const struct conf_choice checksums[] = {
        {"nocsum", CONF_TUNNEL_NO_CHECKSUM},
        {"csum", CONF_TUNNEL_CHECKSUM},
        {"remcsum", CONF_TUNNEL_REMOTE_CHECKSUM},
        {0},
    };
    const char *text = node->words[*word].text;
    int64_t value;

    if (strcmp(text, "type") == 0) {
        if (*word + 1 >= node->word_count || !choose(types, node->words[*word + 1].text, &value))
            return complain_of(builder, node, *word + 1, "a type of tunnel", "ipip, gue or gre");
        method->tunnel = (enum conf_tunnel)value;
        *word += 2;
        return true;
    }
    if (strcmp(text, "port") == 0) {
        if (!conf_read_integer(builder, node, *word + 1, 1, 65535, &value))
            return false;
        method->tunnel_port = (uint16_t)value;
        *word += 2;
        return true;
    }
    if (!choose(checksums, text, &value))
        return complain_of(builder, node, *word, "an option of a tunnel",
                           "type, port, nocsum, csum or remcsum");
    method->tunnel_checksum = (enum conf_tunnel_checksum)value;
    ++*word;
    return true;
}

static bool check_tunnel(struct conf_builder *builder, const struct conf_node *node,
                         const struct conf_method *method)
{
    const char *fault = NULL;

    if (method->tunnel == CONF_TUNNEL_GUE && method->tunnel_port == 0)
        fault = "a gue tunnel needs a port";
    else if (method->tunnel != CONF_TUNNEL_GUE && method->tunnel_port != 0)
        fault = "only a gue tunnel has a port";
    else if (method->tunnel == CONF_TUNNEL_IPIP && method->tunnel_checksum != CONF_TUNNEL_NO_CHECKSUM)
        fault = "an ipip tunnel has no checksums";
    else if (method->tunnel == CONF_TUNNEL_GRE && method->tunnel_checksum == CONF_TUNNEL_REMOTE_CHECKSUM)
        fault = "a gre tunnel has no remote checksum offload";
    if (fault == NULL)
        return true;
    conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_CONFLICT, node, node->word_count - 1,
                  "%s; this %s is ignored", fault, node->words[0].text);
    return false;
}

static bool read_method(struct conf_builder *builder, const struct conf_node *node,
                        struct conf_method *method)
{
    static const struct conf_choice methods[] = {
        {"NAT", CONF_FORWARD_NAT},
        {"DR", CONF_FORWARD_DR},
        {"TUN", CONF_FORWARD_TUN},
        {0},
    };
    struct conf_method read = {0};
    int64_t value;

    if (!conf_need_word(builder, node, 1, "NAT, DR or TUN"))
        return false;
    if (!choose(methods, node->words[1].text, &value))
        return complain_of(builder, node, 1, "a forwarding method", "NAT, DR or TUN");
    read.forwarding = (enum conf_forwarding)value;
    if (read.forwarding != CONF_FORWARD_TUN) {
        if (node->word_count > 2)
            conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_ARGUMENT, node, 2,
                          "'%s' and what follows it belong to tunnels; they are ignored",
                          node->words[2].text);
        *method = read;
        return true;
    }
    for (size_t word = 2; word < node->word_count;) {
        if (!read_tunnel_option(builder, node, &word, &read))
            return false;
    }
    if (!check_tunnel(builder, node, &read))
        return false;
    *method = read;
    return true;
}

void conf_handle_server_method(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;

    if (read_method(builder, node, &draft->method))
        draft->method_given = true;
}

void conf_handle_real_method(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct real_draft *draft = data;

    if (read_method(builder, node, &draft->method))
        draft->method_given = true;
}

void conf_handle_sorry_method(struct conf_builder *builder, const struct conf_node *node, void *data)
{
    struct server_draft *draft = data;

    if (read_method(builder, node, &draft->sorry_method))
        draft->sorry_method_given = true;
}
