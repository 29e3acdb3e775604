/*
 * Network interfaces from rtnetlink messages. See link_codec.h.
 */
#include "daemon/kernel/link_codec.h"

#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct link_attributes {
    const struct nlattr *name;
    const struct nlattr *mtu;
    const struct nlattr *address;
};

static int collect_attribute(const struct nlattr *attribute, void *data)
{
    struct link_attributes *attributes = data;

    switch (mnl_attr_get_type(attribute)) {
    case IFLA_IFNAME:
        attributes->name = attribute;
        break;
    case IFLA_MTU:
        attributes->mtu = attribute;
        break;
    case IFLA_ADDRESS:
        attributes->address = attribute;
        break;
    default: /* not needed here */
        break;
    }
    return MNL_CB_OK;
}

bool link_decode(const struct nlmsghdr *message, struct kernel_link *out)
{
    struct link_attributes attributes = {0};
    struct kernel_link link = {0};
    const struct ifinfomsg *head;

    if (mnl_nlmsg_get_payload_len(message) < sizeof(*head))
        return false;
    head = mnl_nlmsg_get_payload(message);
    if (head->ifi_family != AF_UNSPEC || head->ifi_index <= 0)
        return false;
    if (mnl_attr_parse(message, sizeof(*head), collect_attribute, &attributes) < 0 || attributes.name == NULL)
        return false;
    link.ifindex = (uint32_t)head->ifi_index;
    link.flags = head->ifi_flags;
    link.type = head->ifi_type;
    snprintf(link.name, sizeof(link.name), "%.*s", (int)mnl_attr_get_payload_len(attributes.name),
             mnl_attr_get_str(attributes.name));
    if (attributes.mtu != NULL && mnl_attr_get_payload_len(attributes.mtu) == sizeof(uint32_t))
        link.mtu = mnl_attr_get_u32(attributes.mtu);
    if (attributes.address != NULL &&
        mnl_attr_get_payload_len(attributes.address) == ETHERNET_ADDRESS_LENGTH) {
        memcpy(link.mac, mnl_attr_get_payload(attributes.address), ETHERNET_ADDRESS_LENGTH);
        link.has_mac = true;
    }
    *out = link;
    return true;
}

bool link_can_announce(const struct kernel_link *link)
{
    return link->type == ARPHRD_ETHER && link->has_mac && (link->flags & (IFF_NOARP | IFF_LOOPBACK)) == 0;
}
