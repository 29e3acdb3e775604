/*
 * Encapsulations to and from the attributes of routes. See encap_codec.h.
 */
#include "daemon/kernel/encap_codec.h"

#include <endian.h>
#include <linux/ila.h>
#include <linux/lwtunnel.h>
#include <linux/mpls.h>
#include <linux/mpls_iptunnel.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/kernel/attributes.h"

#define ATTRIBUTES 16 /* no kind has more that count here */

/* The attributes of IPv6 have the numbers of IPv4. */
_Static_assert((int)LWTUNNEL_IP_ID == (int)LWTUNNEL_IP6_ID && (int)LWTUNNEL_IP_DST == (int)LWTUNNEL_IP6_DST &&
                   (int)LWTUNNEL_IP_SRC == (int)LWTUNNEL_IP6_SRC &&
                   (int)LWTUNNEL_IP_TTL == (int)LWTUNNEL_IP6_HOPLIMIT &&
                   (int)LWTUNNEL_IP_TOS == (int)LWTUNNEL_IP6_TC &&
                   (int)LWTUNNEL_IP_FLAGS == (int)LWTUNNEL_IP6_FLAGS,
               "one function for both");

static uint16_t type_of(enum conf_encap_kind kind)
{
    switch (kind) {
    case CONF_ENCAP_IP:
        return LWTUNNEL_ENCAP_IP;
    case CONF_ENCAP_IP6:
        return LWTUNNEL_ENCAP_IP6;
    case CONF_ENCAP_MPLS:
        return LWTUNNEL_ENCAP_MPLS;
    case CONF_ENCAP_ILA:
        return LWTUNNEL_ENCAP_ILA;
    }
    return LWTUNNEL_ENCAP_NONE;
}

/* The entry of a label stack (RFC 3032, 2.1); the last one says that it is. */
static uint32_t stack_entry(const struct conf_encap *encap, uint32_t at)
{
    uint32_t bottom = at + 1 == encap->labels.count ? 1U << MPLS_LS_S_SHIFT : 0;

    return htobe32(encap->labels.items[at]->value << MPLS_LS_LABEL_SHIFT | bottom);
}

/* ------------------------------------------------------------------ to the kernel */

/* A message under construction; full once something did not fit. */
struct builder {
    struct nlmsghdr *message;
    size_t room;
    bool full;
};

static void put(struct builder *builder, uint16_t attribute, size_t length, const void *value)
{
    builder->full =
        builder->full || !mnl_attr_put_check(builder->message, builder->room, attribute, length, value);
}

static void put_address(struct builder *builder, uint16_t attribute, const struct ip_address *address)
{
    if (ip_address_is_set(address))
        put(builder, attribute, ip_address_length(address), address->bytes);
}

static void put_tunnel(struct builder *builder, const struct conf_encap *encap)
{
    uint64_t id = htobe64(encap->tunnel_id);
    uint16_t flags = htobe16(encap->flags);

    if (id != 0)
        put(builder, LWTUNNEL_IP_ID, sizeof(id), &id);
    put_address(builder, LWTUNNEL_IP_DST, &encap->destination);
    put_address(builder, LWTUNNEL_IP_SRC, &encap->source);
    if (encap->tos != 0)
        put(builder, LWTUNNEL_IP_TOS, sizeof(encap->tos), &encap->tos);
    if (encap->ttl != 0)
        put(builder, LWTUNNEL_IP_TTL, sizeof(encap->ttl), &encap->ttl);
    if (flags != 0)
        put(builder, LWTUNNEL_IP_FLAGS, sizeof(flags), &flags);
}

static void put_labels(struct builder *builder, const struct conf_encap *encap)
{
    uint32_t stack[CONF_LABELS_MAX];

    if (encap->labels.count > CONF_LABELS_MAX) {
        builder->full = true;
        return;
    }
    for (uint32_t i = 0; i < encap->labels.count; i++)
        stack[i] = stack_entry(encap, i);
    put(builder, MPLS_IPTUNNEL_DST, encap->labels.count * sizeof(stack[0]), stack);
}

static void put_kind(struct builder *builder, const struct conf_encap *encap)
{
    uint64_t locator = htobe64(encap->locator);

    switch (encap->kind) {
    case CONF_ENCAP_IP:
    case CONF_ENCAP_IP6:
        put_tunnel(builder, encap);
        break;
    case CONF_ENCAP_MPLS:
        put_labels(builder, encap);
        break;
    case CONF_ENCAP_ILA:
        put(builder, ILA_ATTR_LOCATOR, sizeof(locator), &locator);
        break;
    }
}

bool encap_put(struct nlmsghdr *message, size_t room, const struct conf_encap *encap)
{
    struct builder builder = {.message = message, .room = room};
    uint16_t type = type_of(encap->kind);
    struct nlattr *nest;

    put(&builder, RTA_ENCAP_TYPE, sizeof(type), &type);
    nest = mnl_attr_nest_start_check(message, room, RTA_ENCAP);
    if (nest == NULL)
        return false;
    put_kind(&builder, encap);
    mnl_attr_nest_end(message, nest);
    return !builder.full;
}

/* ------------------------------------------------------------------ from the kernel */

/* The kernel reports what is not set as 0. */
static bool same_bytes(const struct nlattr *attribute, const void *wanted, size_t length)
{
    static const uint8_t zeros[16];

    if (attribute == NULL)
        return memcmp(wanted, zeros, length) == 0;
    return mnl_attr_get_payload_len(attribute) == length &&
           memcmp(mnl_attr_get_payload(attribute), wanted, length) == 0;
}

static bool same_tunnel_address(const struct nlattr *attribute, const struct conf_encap *encap,
                                const struct ip_address *address)
{
    return same_bytes(attribute, address->bytes, encap->kind == CONF_ENCAP_IP ? 4 : 16);
}

/* It drops flags that it has no use for. */
static bool same_flags(const struct nlattr *attribute, uint16_t wanted)
{
    uint16_t found = 0;

    if (attribute != NULL && mnl_attr_get_payload_len(attribute) == sizeof(found))
        memcpy(&found, mnl_attr_get_payload(attribute), sizeof(found));
    return (be16toh(found) & ~wanted) == 0;
}

static bool same_tunnel(const struct nlattr *const *by_type, const struct conf_encap *encap)
{
    uint64_t id = htobe64(encap->tunnel_id);

    return same_bytes(by_type[LWTUNNEL_IP_ID], &id, sizeof(id)) &&
           same_tunnel_address(by_type[LWTUNNEL_IP_DST], encap, &encap->destination) &&
           same_tunnel_address(by_type[LWTUNNEL_IP_SRC], encap, &encap->source) &&
           same_bytes(by_type[LWTUNNEL_IP_TOS], &encap->tos, 1) &&
           same_bytes(by_type[LWTUNNEL_IP_TTL], &encap->ttl, 1) &&
           same_flags(by_type[LWTUNNEL_IP_FLAGS], encap->flags);
}

static bool same_labels(const struct nlattr *attribute, const struct conf_encap *encap)
{
    const char *stack = attribute == NULL ? NULL : mnl_attr_get_payload(attribute);

    if (stack == NULL || mnl_attr_get_payload_len(attribute) != encap->labels.count * sizeof(uint32_t))
        return false;
    for (uint32_t i = 0; i < encap->labels.count; i++) {
        uint32_t wanted = stack_entry(encap, i);

        if (memcmp(stack + i * sizeof(wanted), &wanted, sizeof(wanted)) != 0)
            return false;
    }
    return true;
}

bool encap_is_same(const struct nlattr *const *by_type, const struct conf_encap *encap)
{
    const struct nlattr *type = by_type[RTA_ENCAP_TYPE], *nest = by_type[RTA_ENCAP];
    const struct nlattr *inside[ATTRIBUTES + 1];
    uint16_t wanted;
    uint64_t locator;

    if (encap == NULL || type == NULL || nest == NULL)
        return encap == NULL && type == NULL;
    wanted = type_of(encap->kind);
    if (!same_bytes(type, &wanted, sizeof(wanted)))
        return false;
    attributes_read_payload(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), inside, ATTRIBUTES);
    switch (encap->kind) {
    case CONF_ENCAP_IP:
    case CONF_ENCAP_IP6:
        return same_tunnel(inside, encap);
    case CONF_ENCAP_MPLS:
        return same_labels(inside[MPLS_IPTUNNEL_DST], encap);
    case CONF_ENCAP_ILA:
        locator = htobe64(encap->locator);
        return same_bytes(inside[ILA_ATTR_LOCATOR], &locator, sizeof(locator));
    }
    return false;
}
