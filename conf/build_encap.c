/*
 * Builder: "encap" in lines of routes and of their nexthops: what the packets are wrapped into (lightweight
 * tunnels, ip-route(8)). Called by build_route.c.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/entry_reader.h"

#define LABEL_IMPLICIT 3 /* says that there is none, so none can carry it */

struct encap_option {
    const char *name; /* NULL ends the table */
    bool (*read)(struct entry_reader *reader, struct conf_encap *encap);
};

/* ------------------------------------------------------------------ ip, ip6 */

static bool read_id(struct entry_reader *reader, struct conf_encap *encap)
{
    return entry_integer(reader, 0, UINT64_MAX, &encap->tunnel_id);
}

/* An address of the tunnel's family, which need not be the route's. */
static bool read_address(struct entry_reader *reader, const struct conf_encap *encap,
                         struct ip_address *address)
{
    struct ip_address found;

    if (!entry_address(reader, &found))
        return false;
    if (found.family != (encap->kind == CONF_ENCAP_IP ? AF_INET : AF_INET6))
        return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is no %s address, as encap %s needs",
                           entry_word(reader), encap->kind == CONF_ENCAP_IP ? "IPv4" : "IPv6",
                           encap->kind == CONF_ENCAP_IP ? "ip" : "ip6");
    *address = found;
    return true;
}

static bool read_destination(struct entry_reader *reader, struct conf_encap *encap)
{
    return read_address(reader, encap, &encap->destination);
}

static bool read_source(struct entry_reader *reader, struct conf_encap *encap)
{
    return read_address(reader, encap, &encap->source);
}

static bool read_tos(struct entry_reader *reader, struct conf_encap *encap)
{
    return entry_byte(reader, IPROUTE_DSFIELD, &encap->tos);
}

static bool read_ttl(struct entry_reader *reader, struct conf_encap *encap)
{
    uint64_t ttl;

    if (!entry_integer(reader, 0, UINT8_MAX, &ttl))
        return false;
    encap->ttl = (uint8_t)ttl;
    return true;
}

static bool read_flags(struct entry_reader *reader, struct conf_encap *encap)
{
    uint64_t flags;

    if (!entry_integer(reader, 0, UINT16_MAX, &flags))
        return false;
    encap->flags = (uint16_t)flags;
    return true;
}

static const struct encap_option ip_options[] = {
    {"id", read_id},
    {"dst", read_destination},
    {"src", read_source},
    {"tos", read_tos},
    {"ttl", read_ttl},
    {"flags", read_flags},
    {0},
};

static const struct encap_option ip6_options[] = {
    {"id", read_id},
    {"dst", read_destination},
    {"src", read_source},
    {"tc", read_tos},
    {"hoplimit", read_ttl},
    {"flags", read_flags},
    {0},
};

static const struct encap_option *next_option(const struct entry_reader *reader,
                                              const struct encap_option *options)
{
    if (!entry_has_next(reader))
        return NULL;
    for (; options->name != NULL; options++) {
        if (strcmp(options->name, reader->node->words[reader->word + 1].text) == 0)
            return options;
    }
    return NULL;
}

/* Up to the first word that is no option of a tunnel: that is the route's again. */
static bool read_tunnel(struct entry_reader *reader, struct conf_encap *encap)
{
    const struct encap_option *options = encap->kind == CONF_ENCAP_IP ? ip_options : ip6_options;
    const struct encap_option *option;

    while ((option = next_option(reader, options)) != NULL) {
        reader->word++;
        if (!option->read(reader, encap))
            return false;
    }
    if (encap->tunnel_id == 0 && !ip_address_is_set(&encap->destination))
        return entry_wrong(reader, CONF_PROBLEM_MISSING, "this encap has neither dst nor id");
    return true;
}

/* ------------------------------------------------------------------ mpls, ila */

static bool add_label(struct entry_reader *reader, struct conf_encap *encap, const char *text, char end)
{
    struct conf_label *label = conf_model_alloc(reader->builder->model, sizeof(*label));
    unsigned long value;
    char *rest;

    value = strtoul(text, &rest, 10);
    if (*text < '0' || *text > '9' || *rest != end || value > CONF_LABEL_MAX || value == LABEL_IMPLICIT)
        return entry_wrong(reader, CONF_PROBLEM_VALUE,
                           "'%s' is not LABEL[/LABEL...], each from 0 to %u and not %d", entry_word(reader),
                           CONF_LABEL_MAX, LABEL_IMPLICIT);
    if (encap->labels.count == CONF_LABELS_MAX)
        return entry_wrong(reader, CONF_PROBLEM_VALUE, "more than %d labels", CONF_LABELS_MAX);
    label->value = (uint32_t)value;
    conf_list_add(reader->builder->model, &encap->labels, label);
    return true;
}

static bool read_labels(struct entry_reader *reader, struct conf_encap *encap)
{
    const char *slash, *text;

    if (!entry_next(reader, "LABEL[/LABEL...]"))
        return false;
    for (text = entry_word(reader); (slash = strchr(text, '/')) != NULL; text = slash + 1) {
        if (!add_label(reader, encap, text, '/'))
            return false;
    }
    return add_label(reader, encap, text, '\0');
}

/* Four groups of up to four hexadecimal digits, as in an IPv6 address of which this is the first half. */
static bool read_locator(struct entry_reader *reader, struct conf_encap *encap)
{
    char whole[IP_ADDRESS_TEXT];
    struct ip_address address;
    const char *text;
    size_t colons = 0;

    if (!entry_next(reader, "a locator") || !entry_settle_family(reader, AF_INET6))
        return false;
    text = entry_word(reader);
    for (const char *at = text; *at != '\0'; at++)
        colons += *at == ':';
    snprintf(whole, sizeof(whole), "%s::", text);
    if (colons != 3 || strlen(text) > 19 || strstr(text, "::") != NULL || !ip_address_parse(whole, &address))
        return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is not a locator such as 2001:db8:0:1", text);
    for (size_t i = 0; i < 8; i++)
        encap->locator = encap->locator << 8 | address.bytes[i];
    return true;
}

/* ------------------------------------------------------------------ any */

bool conf_read_encap(struct entry_reader *reader, struct conf_encap **encap)
{
    static const struct {
        const char *name;
        enum conf_encap_kind kind;
        bool (*read)(struct entry_reader *reader, struct conf_encap *encap);
    } kinds[] = {
        {"ip", CONF_ENCAP_IP, read_tunnel},
        {"ip6", CONF_ENCAP_IP6, read_tunnel},
        {"mpls", CONF_ENCAP_MPLS, read_labels},
        {"ila", CONF_ENCAP_ILA, read_locator},
    };

    if (!entry_next(reader, "ip, ip6, mpls or ila"))
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!entry_is(reader, kinds[i].name))
            continue;
        *encap = conf_model_alloc(reader->builder->model, sizeof(**encap));
        (*encap)->kind = kinds[i].kind;
        return kinds[i].read(reader, *encap);
    }
    return entry_wrong(reader, CONF_PROBLEM_VALUE, "'%s' is no encapsulation; ip, ip6, mpls and ila are",
                       entry_word(reader));
}
