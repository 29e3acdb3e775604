/*
 * Interface addresses to and from rtnetlink messages. See address_codec.h.
 */
#include "daemon/kernel/address_codec.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "daemon/kernel/attributes.h"

/* ------------------------------------------------------------------ to the kernel */

static void put_address(struct nlmsghdr *message, uint16_t attribute, const struct ip_address *address)
{
    if (ip_address_is_set(address))
        mnl_attr_put(message, attribute, ip_address_length(address), address->bytes);
}

static void put_lifetimes(struct nlmsghdr *message, const struct kernel_address *address)
{
    struct ifa_cacheinfo lifetimes = {.ifa_prefered = address->preferred_s, .ifa_valid = address->valid_s};

    mnl_attr_put(message, IFA_CACHEINFO, sizeof(lifetimes), &lifetimes);
}

struct nlmsghdr *address_encode(void *buffer, uint16_t type, uint16_t flags,
                                const struct kernel_address *address)
{
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct ifaddrmsg *head = mnl_nlmsg_put_extra_header(message, sizeof(*head));

    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST | flags;
    head->ifa_family = address->address.family;
    head->ifa_prefixlen = address->prefix_length;
    head->ifa_flags = (uint8_t)address->flags;
    head->ifa_scope = address->scope;
    head->ifa_index = address->ifindex;
    put_address(message, IFA_LOCAL, &address->address);
    put_address(message, IFA_ADDRESS, ip_address_is_set(&address->peer) ? &address->peer : &address->address);
    if (type == RTM_DELADDR)
        return message;
    put_address(message, IFA_BROADCAST, &address->broadcast);
    if (address->label[0] != '\0')
        mnl_attr_put_strz(message, IFA_LABEL, address->label);
    mnl_attr_put_u32(message, IFA_FLAGS, address->flags);
    put_lifetimes(message, address);
    return message;
}

/* ------------------------------------------------------------------ from the kernel */

static bool get_address(const struct nlattr *attribute, uint8_t family, struct ip_address *out)
{
    struct ip_address address = {.family = family};
    size_t length = ip_address_length(&address);

    if (attribute == NULL || mnl_attr_get_payload_len(attribute) != length)
        return false;
    memcpy(address.bytes, mnl_attr_get_payload(attribute), length);
    *out = address;
    return true;
}

/* IPv4 has the own address in IFA_LOCAL and the peer's in IFA_ADDRESS; IPv6 without a peer has only
 * IFA_ADDRESS. */
static bool get_addresses(const struct nlattr *const *by_type, uint8_t family, struct kernel_address *out)
{
    struct ip_address prefix;

    if (!get_address(by_type[IFA_ADDRESS], family, &prefix))
        return get_address(by_type[IFA_LOCAL], family, &out->address);
    if (!get_address(by_type[IFA_LOCAL], family, &out->address))
        out->address = prefix;
    if (ip_address_compare(&out->address, &prefix) != 0)
        out->peer = prefix;
    return true;
}

static void get_lifetimes(const struct nlattr *attribute, struct kernel_address *out)
{
    struct ifa_cacheinfo lifetimes;

    out->valid_s = CONF_LIFETIME_FOREVER;
    out->preferred_s = CONF_LIFETIME_FOREVER;
    if (attribute == NULL || mnl_attr_get_payload_len(attribute) < sizeof(lifetimes))
        return;
    memcpy(&lifetimes, mnl_attr_get_payload(attribute), sizeof(lifetimes));
    out->valid_s = lifetimes.ifa_valid;
    out->preferred_s = lifetimes.ifa_prefered;
}

bool address_decode(const struct nlmsghdr *message, struct kernel_address *out)
{
    const struct nlattr *by_type[IFA_MAX + 1];
    struct kernel_address address = {0};
    const struct ifaddrmsg *head = mnl_nlmsg_get_payload(message);
    const struct nlattr *label;

    if (!attributes_read(message, sizeof(*head), by_type, IFA_MAX))
        return false;
    if (head->ifa_family != AF_INET && head->ifa_family != AF_INET6)
        return false;
    if (!get_addresses(by_type, head->ifa_family, &address))
        return false;
    address.ifindex = head->ifa_index;
    address.prefix_length = head->ifa_prefixlen;
    address.scope = head->ifa_scope;
    address.flags = attribute_u32(by_type[IFA_FLAGS], head->ifa_flags);
    get_address(by_type[IFA_BROADCAST], head->ifa_family, &address.broadcast);
    label = by_type[IFA_LABEL];
    if (label != NULL)
        snprintf(address.label, sizeof(address.label), "%.*s", (int)mnl_attr_get_payload_len(label),
                 mnl_attr_get_str(label));
    get_lifetimes(by_type[IFA_CACHEINFO], &address);
    *out = address;
    return true;
}

/* ------------------------------------------------------------------ from the configuration */

/* The network's all-ones or all-zeros address; none for networks too small to have one, as in ip-address(8).
 */
static struct ip_address network_address(const struct ip_address *address, uint8_t prefix_length, bool ones)
{
    struct ip_address network = *address;

    if (address->family != AF_INET || prefix_length > 30)
        return (struct ip_address){0};
    for (unsigned int bit = prefix_length; bit < 32; bit++) {
        uint8_t mask = (uint8_t)(0x80u >> (bit % 8));

        if (ones)
            network.bytes[bit / 8] |= mask;
        else
            network.bytes[bit / 8] &= (uint8_t)~mask;
    }
    return network;
}

static struct ip_address broadcast_of_vip(const struct conf_vip *vip)
{
    switch (vip->broadcast_kind) {
    case CONF_BROADCAST_NONE:
        break;
    case CONF_BROADCAST_GIVEN:
        return vip->broadcast;
    case CONF_BROADCAST_ONES:
        return network_address(&vip->address, vip->prefix_length, true);
    case CONF_BROADCAST_ZEROS:
        return network_address(&vip->address, vip->prefix_length, false);
    }
    return (struct ip_address){0};
}

static uint32_t flags_of_vip(const struct conf_vip *vip)
{
    static const struct {
        uint32_t configured;
        uint32_t kernel;
    } ipv6_flags[] = {
        {CONF_VIP_HOME, IFA_F_HOMEADDRESS},
        {CONF_VIP_MNGTMPADDR, IFA_F_MANAGETEMPADDR},
    };
    uint32_t flags = 0;

    if (vip->flags & CONF_VIP_NOPREFIXROUTE)
        flags |= IFA_F_NOPREFIXROUTE;
    if (vip->flags & CONF_VIP_AUTOJOIN)
        flags |= IFA_F_MCAUTOJOIN;
    if (vip->address.family != AF_INET6)
        return flags;
    for (size_t i = 0; i < sizeof(ipv6_flags) / sizeof(ipv6_flags[0]); i++) {
        if (vip->flags & ipv6_flags[i].configured)
            flags |= ipv6_flags[i].kernel;
    }
    if ((vip->flags & CONF_VIP_DAD) == 0)
        flags |= IFA_F_NODAD;
    return flags;
}

struct kernel_address address_of_vip(const struct conf_vip *vip)
{
    struct kernel_address address;

    memset(&address, 0, sizeof(address)); /* compared as bytes after a reload */
    address.prefix_length = ip_address_is_set(&vip->peer) ? vip->peer_prefix_length : vip->prefix_length;
    address.scope = vip->scope;
    address.address = vip->address;
    address.peer = vip->peer;
    address.broadcast = broadcast_of_vip(vip);
    address.flags = flags_of_vip(vip);
    address.valid_s = CONF_LIFETIME_FOREVER;
    address.preferred_s = CONF_LIFETIME_FOREVER;
    if (vip->label != NULL)
        snprintf(address.label, sizeof(address.label), "%s", vip->label);
    return address;
}
