/*
 * IPVS generic netlink messages. See ipvs_message.h.
 */
#include "daemon/kernel/ipvs_message.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ writing */

/* libnl's nla_put_* fail only for lack of room, which IPVS_REQUEST_MAX excludes: a failure is a mistake of
 * ours. */
static void must(int result)
{
    if (result < 0)
        abort();
}

static struct nl_msg *new_message(uint16_t family, uint32_t sequence, int flags, uint8_t command,
                                  uint8_t version)
{
    struct nl_msg *message = nlmsg_alloc_size(IPVS_REQUEST_MAX);

    if (message == NULL || genlmsg_put(message, 0, sequence, family, 0, flags, command, version) == NULL)
        abort();
    return message;
}

static size_t finish(struct nl_msg *message, void *buffer)
{
    struct nlmsghdr *header = nlmsg_hdr(message);
    size_t length = NLMSG_ALIGN(header->nlmsg_len);

    if (length > IPVS_REQUEST_MAX)
        abort();
    memset(buffer, 0, length);
    memcpy(buffer, header, header->nlmsg_len);
    nlmsg_free(message);
    return length;
}

static struct nlattr *open_nest(struct nl_msg *message, int attribute)
{
    struct nlattr *nest = nla_nest_start(message, attribute);

    if (nest == NULL)
        abort();
    return nest;
}

static void put_service_id(struct nl_msg *message, const struct ipvs_service_id *id)
{
    must(nla_put_u16(message, IPVS_SVC_ATTR_AF, id->family));
    if (id->fwmark != 0) {
        must(nla_put_u32(message, IPVS_SVC_ATTR_FWMARK, id->fwmark));
        return;
    }
    must(nla_put_u16(message, IPVS_SVC_ATTR_PROTOCOL, id->protocol));
    must(nla_put(message, IPVS_SVC_ATTR_ADDR, sizeof(id->address), id->address));
    must(nla_put_u16(message, IPVS_SVC_ATTR_PORT, htons(id->port)));
}

static void put_service_settings(struct nl_msg *message, const struct ipvs_service *service)
{
    struct ip_vs_flags flags = {.flags = service->flags, .mask = ~0U};
    char scheduler[IPVS_SCHEDULER_BYTES + 1] = {0}, engine[IPVS_ENGINE_BYTES + 1] = {0};

    memcpy(scheduler, service->scheduler, IPVS_SCHEDULER_BYTES - 1);
    must(nla_put_string(message, IPVS_SVC_ATTR_SCHED_NAME, scheduler));
    must(nla_put(message, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags));
    must(nla_put_u32(message, IPVS_SVC_ATTR_TIMEOUT, service->timeout_s));
    must(nla_put_u32(message, IPVS_SVC_ATTR_NETMASK, service->netmask));
    if (service->engine[0] == '\0')
        return;
    memcpy(engine, service->engine, IPVS_ENGINE_BYTES - 1);
    must(nla_put_string(message, IPVS_SVC_ATTR_PE_NAME, engine));
}

static void put_service(struct nl_msg *message, const struct ipvs_service *service, bool with_settings)
{
    struct nlattr *nest = open_nest(message, IPVS_CMD_ATTR_SERVICE);

    put_service_id(message, &service->id);
    if (with_settings)
        put_service_settings(message, service);
    nla_nest_end(message, nest);
}

static void put_destination_settings(struct nl_msg *message, const struct ipvs_destination *destination)
{
    must(nla_put_u32(message, IPVS_DEST_ATTR_FWD_METHOD, destination->method));
    must(nla_put_u32(message, IPVS_DEST_ATTR_WEIGHT, destination->weight));
    must(nla_put_u32(message, IPVS_DEST_ATTR_U_THRESH, destination->upper_threshold));
    must(nla_put_u32(message, IPVS_DEST_ATTR_L_THRESH, destination->lower_threshold));
    if (destination->method != IP_VS_CONN_F_TUNNEL)
        return;
    must(nla_put_u8(message, IPVS_DEST_ATTR_TUN_TYPE, (uint8_t)destination->tunnel_type));
    must(nla_put_u16(message, IPVS_DEST_ATTR_TUN_PORT, htons(destination->tunnel_port)));
    must(nla_put_u16(message, IPVS_DEST_ATTR_TUN_FLAGS, destination->tunnel_flags));
}

static void put_destination(struct nl_msg *message, const struct ipvs_destination *destination,
                            bool with_settings)
{
    struct nlattr *nest = open_nest(message, IPVS_CMD_ATTR_DEST);

    must(nla_put_u16(message, IPVS_DEST_ATTR_ADDR_FAMILY, destination->id.family));
    must(nla_put(message, IPVS_DEST_ATTR_ADDR, sizeof(destination->id.address), destination->id.address));
    must(nla_put_u16(message, IPVS_DEST_ATTR_PORT, htons(destination->id.port)));
    if (with_settings)
        put_destination_settings(message, destination);
    nla_nest_end(message, nest);
}

size_t ipvs_message_family(void *buffer, uint32_t sequence)
{
    struct nl_msg *message =
        new_message(GENL_ID_CTRL, sequence, NLM_F_REQUEST | NLM_F_ACK, CTRL_CMD_GETFAMILY, 1);

    must(nla_put_string(message, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME));
    return finish(message, buffer);
}

size_t ipvs_message_dump_services(void *buffer, uint16_t family, uint32_t sequence)
{
    return finish(
        new_message(family, sequence, NLM_F_REQUEST | NLM_F_DUMP, IPVS_CMD_GET_SERVICE, IPVS_GENL_VERSION),
        buffer);
}

size_t ipvs_message_dump_destinations(void *buffer, uint16_t family, uint32_t sequence,
                                      const struct ipvs_service_id *service)
{
    struct nl_msg *message =
        new_message(family, sequence, NLM_F_REQUEST | NLM_F_DUMP, IPVS_CMD_GET_DEST, IPVS_GENL_VERSION);

    put_service(message, &(struct ipvs_service){.id = *service}, false);
    return finish(message, buffer);
}

static const struct {
    uint8_t command;
    bool service_settings;
    bool destination;
    bool destination_settings;
} verbs[] = {
    [IPVS_ADD_SERVICE] = {IPVS_CMD_NEW_SERVICE, true, false, false},
    [IPVS_EDIT_SERVICE] = {IPVS_CMD_SET_SERVICE, true, false, false},
    [IPVS_DELETE_SERVICE] = {IPVS_CMD_DEL_SERVICE, false, false, false},
    [IPVS_ADD_DESTINATION] = {IPVS_CMD_NEW_DEST, false, true, true},
    [IPVS_EDIT_DESTINATION] = {IPVS_CMD_SET_DEST, false, true, true},
    [IPVS_DELETE_DESTINATION] = {IPVS_CMD_DEL_DEST, false, true, false},
};

size_t ipvs_message_change(void *buffer, uint16_t family, uint32_t sequence, const struct ipvs_change *change)
{
    struct nl_msg *message = new_message(family, sequence, NLM_F_REQUEST | NLM_F_ACK,
                                         verbs[change->verb].command, IPVS_GENL_VERSION);

    put_service(message, &change->service, verbs[change->verb].service_settings);
    if (verbs[change->verb].destination)
        put_destination(message, &change->destination, verbs[change->verb].destination_settings);
    return finish(message, buffer);
}

size_t ipvs_message_dump_daemons(void *buffer, uint16_t family, uint32_t sequence)
{
    return finish(
        new_message(family, sequence, NLM_F_REQUEST | NLM_F_DUMP, IPVS_CMD_GET_DAEMON, IPVS_GENL_VERSION),
        buffer);
}

/* What is 0 is left to the kernel. */
static void put_daemon_settings(struct nl_msg *message, const struct ipvs_daemon *daemon)
{
    char interface[IPVS_INTERFACE_BYTES + 1] = {0};

    memcpy(interface, daemon->interface, IPVS_INTERFACE_BYTES - 1);
    must(nla_put_string(message, IPVS_DAEMON_ATTR_MCAST_IFN, interface));
    must(nla_put_u32(message, IPVS_DAEMON_ATTR_SYNC_ID, daemon->sync_id));
    if (daemon->maxlen != 0)
        must(nla_put_u16(message, IPVS_DAEMON_ATTR_SYNC_MAXLEN, daemon->maxlen));
    if (daemon->port != 0)
        must(nla_put_u16(message, IPVS_DAEMON_ATTR_MCAST_PORT, daemon->port));
    if (daemon->ttl != 0)
        must(nla_put_u8(message, IPVS_DAEMON_ATTR_MCAST_TTL, daemon->ttl));
    if (daemon->group_family == AF_INET)
        must(nla_put(message, IPVS_DAEMON_ATTR_MCAST_GROUP, 4, daemon->group));
    if (daemon->group_family == AF_INET6)
        must(nla_put(message, IPVS_DAEMON_ATTR_MCAST_GROUP6, 16, daemon->group));
}

static void put_daemon(struct nl_msg *message, const struct ipvs_daemon *daemon, bool with_settings)
{
    struct nlattr *nest = open_nest(message, IPVS_CMD_ATTR_DAEMON);

    must(nla_put_u32(message, IPVS_DAEMON_ATTR_STATE,
                     daemon->master ? IP_VS_STATE_MASTER : IP_VS_STATE_BACKUP));
    if (with_settings)
        put_daemon_settings(message, daemon);
    nla_nest_end(message, nest);
}

static void put_timeouts(struct nl_msg *message, const struct ipvs_timeouts *timeouts)
{
    if (timeouts->tcp_s != 0)
        must(nla_put_u32(message, IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts->tcp_s));
    if (timeouts->tcp_fin_s != 0)
        must(nla_put_u32(message, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts->tcp_fin_s));
    if (timeouts->udp_s != 0)
        must(nla_put_u32(message, IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts->udp_s));
}

size_t ipvs_message_order(void *buffer, uint16_t family, uint32_t sequence, const struct ipvs_order *order)
{
    static const uint8_t commands[] = {
        [IPVS_ORDER_TIMEOUTS] = IPVS_CMD_SET_CONFIG,
        [IPVS_ORDER_START_DAEMON] = IPVS_CMD_NEW_DAEMON,
        [IPVS_ORDER_STOP_DAEMON] = IPVS_CMD_DEL_DAEMON,
        [IPVS_ORDER_FLUSH] = IPVS_CMD_FLUSH,
    };
    struct nl_msg *message =
        new_message(family, sequence, NLM_F_REQUEST | NLM_F_ACK, commands[order->kind], IPVS_GENL_VERSION);

    switch (order->kind) {
    case IPVS_ORDER_TIMEOUTS:
        put_timeouts(message, &order->timeouts);
        break;
    case IPVS_ORDER_START_DAEMON:
        put_daemon(message, &order->daemon, true);
        break;
    case IPVS_ORDER_STOP_DAEMON:
        put_daemon(message, &order->daemon, false);
        break;
    case IPVS_ORDER_FLUSH:
        break;
    }
    return finish(message, buffer);
}

/* ------------------------------------------------------------------ reading */

static const struct nla_policy family_policy[CTRL_ATTR_MAX + 1] = {
    [CTRL_ATTR_FAMILY_ID] = {.type = NLA_U16},
    [CTRL_ATTR_FAMILY_NAME] = {.type = NLA_STRING, .maxlen = GENL_NAMSIZ},
};

static const struct nla_policy command_policy[IPVS_CMD_ATTR_MAX + 1] = {
    [IPVS_CMD_ATTR_SERVICE] = {.type = NLA_NESTED},
    [IPVS_CMD_ATTR_DEST] = {.type = NLA_NESTED},
    [IPVS_CMD_ATTR_DAEMON] = {.type = NLA_NESTED},
};

static const struct nla_policy service_policy[IPVS_SVC_ATTR_MAX + 1] = {
    [IPVS_SVC_ATTR_AF] = {.type = NLA_U16},
    [IPVS_SVC_ATTR_PROTOCOL] = {.type = NLA_U16},
    [IPVS_SVC_ATTR_ADDR] = {.type = NLA_UNSPEC, .minlen = 4, .maxlen = 16},
    [IPVS_SVC_ATTR_PORT] = {.type = NLA_U16},
    [IPVS_SVC_ATTR_FWMARK] = {.type = NLA_U32},
    [IPVS_SVC_ATTR_SCHED_NAME] = {.type = NLA_STRING, .maxlen = IPVS_SCHEDULER_BYTES},
    [IPVS_SVC_ATTR_FLAGS] = {.type = NLA_UNSPEC, .minlen = sizeof(struct ip_vs_flags)},
    [IPVS_SVC_ATTR_TIMEOUT] = {.type = NLA_U32},
    [IPVS_SVC_ATTR_NETMASK] = {.type = NLA_U32},
    [IPVS_SVC_ATTR_PE_NAME] = {.type = NLA_STRING, .maxlen = IPVS_ENGINE_BYTES},
};

static const struct nla_policy destination_policy[IPVS_DEST_ATTR_MAX + 1] = {
    [IPVS_DEST_ATTR_ADDR] = {.type = NLA_UNSPEC, .minlen = 4, .maxlen = 16},
    [IPVS_DEST_ATTR_PORT] = {.type = NLA_U16},
    [IPVS_DEST_ATTR_FWD_METHOD] = {.type = NLA_U32},
    [IPVS_DEST_ATTR_WEIGHT] = {.type = NLA_U32},
    [IPVS_DEST_ATTR_U_THRESH] = {.type = NLA_U32},
    [IPVS_DEST_ATTR_L_THRESH] = {.type = NLA_U32},
    [IPVS_DEST_ATTR_ADDR_FAMILY] = {.type = NLA_U16},
    [IPVS_DEST_ATTR_TUN_TYPE] = {.type = NLA_U8},
    [IPVS_DEST_ATTR_TUN_PORT] = {.type = NLA_U16},
    [IPVS_DEST_ATTR_TUN_FLAGS] = {.type = NLA_U16},
};

static const struct nla_policy daemon_policy[IPVS_DAEMON_ATTR_MAX + 1] = {
    [IPVS_DAEMON_ATTR_STATE] = {.type = NLA_U32},
    [IPVS_DAEMON_ATTR_MCAST_IFN] = {.type = NLA_STRING, .maxlen = IPVS_INTERFACE_BYTES},
    [IPVS_DAEMON_ATTR_SYNC_ID] = {.type = NLA_U32},
    [IPVS_DAEMON_ATTR_SYNC_MAXLEN] = {.type = NLA_U16},
    [IPVS_DAEMON_ATTR_MCAST_GROUP] = {.type = NLA_UNSPEC, .minlen = 4, .maxlen = 4},
    [IPVS_DAEMON_ATTR_MCAST_GROUP6] = {.type = NLA_UNSPEC, .minlen = 16, .maxlen = 16},
    [IPVS_DAEMON_ATTR_MCAST_PORT] = {.type = NLA_U16},
    [IPVS_DAEMON_ATTR_MCAST_TTL] = {.type = NLA_U8},
};

/* libnl takes these without const, and does not write through them. */
static struct nlmsghdr *unconst(const struct nlmsghdr *message)
{
    return (struct nlmsghdr *)(uintptr_t)message;
}

static bool parse_command(const struct nlmsghdr *message, uint8_t command, struct nlattr **attributes)
{
    const struct genlmsghdr *header = nlmsg_data(message);

    return message->nlmsg_len >= NLMSG_LENGTH(GENL_HDRLEN) && header->cmd == command &&
           nlmsg_parse(unconst(message), GENL_HDRLEN, attributes, IPVS_CMD_ATTR_MAX, command_policy) == 0;
}

uint16_t ipvs_message_parse_family(const struct nlmsghdr *message)
{
    struct nlattr *attributes[CTRL_ATTR_MAX + 1];

    if (message->nlmsg_type != GENL_ID_CTRL || message->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
        return 0;
    if (nlmsg_parse(unconst(message), GENL_HDRLEN, attributes, CTRL_ATTR_MAX, family_policy) != 0)
        return 0;
    if (attributes[CTRL_ATTR_FAMILY_ID] == NULL || attributes[CTRL_ATTR_FAMILY_NAME] == NULL)
        return 0;
    if (nla_strcmp(attributes[CTRL_ATTR_FAMILY_NAME], IPVS_GENL_NAME) != 0)
        return 0;
    return nla_get_u16(attributes[CTRL_ATTR_FAMILY_ID]);
}

static bool is_ip_family(uint16_t family)
{
    return family == AF_INET || family == AF_INET6;
}

/* The union behind an address has stale bytes after an IPv4 address: they are no part of the identity. */
static bool take_address(const struct nlattr *attribute, uint8_t family, uint8_t address[static 16])
{
    size_t length = family == AF_INET ? 4 : 16;

    if (attribute == NULL || (size_t)nla_len(attribute) < length)
        return false;
    memcpy(address, nla_data(attribute), length);
    return true;
}

static bool take_service_id(struct nlattr **attributes, struct ipvs_service_id *id)
{
    if (attributes[IPVS_SVC_ATTR_AF] == NULL || !is_ip_family(nla_get_u16(attributes[IPVS_SVC_ATTR_AF])))
        return false;
    id->family = (uint8_t)nla_get_u16(attributes[IPVS_SVC_ATTR_AF]);
    if (attributes[IPVS_SVC_ATTR_FWMARK] != NULL) {
        id->fwmark = nla_get_u32(attributes[IPVS_SVC_ATTR_FWMARK]);
        return true;
    }
    if (attributes[IPVS_SVC_ATTR_PROTOCOL] == NULL || attributes[IPVS_SVC_ATTR_PORT] == NULL)
        return false;
    id->protocol = (uint8_t)nla_get_u16(attributes[IPVS_SVC_ATTR_PROTOCOL]);
    id->port = ntohs(nla_get_u16(attributes[IPVS_SVC_ATTR_PORT]));
    return take_address(attributes[IPVS_SVC_ATTR_ADDR], id->family, id->address);
}

bool ipvs_message_parse_service(const struct nlmsghdr *message, struct ipvs_service *service)
{
    struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1], *inner[IPVS_SVC_ATTR_MAX + 1];
    struct ip_vs_flags flags;

    *service = (struct ipvs_service){0};
    if (!parse_command(message, IPVS_CMD_NEW_SERVICE, outer) || outer[IPVS_CMD_ATTR_SERVICE] == NULL)
        return false;
    if (nla_parse_nested(inner, IPVS_SVC_ATTR_MAX, outer[IPVS_CMD_ATTR_SERVICE], service_policy) != 0)
        return false;
    if (!take_service_id(inner, &service->id))
        return false;
    if (inner[IPVS_SVC_ATTR_SCHED_NAME] == NULL || inner[IPVS_SVC_ATTR_FLAGS] == NULL ||
        inner[IPVS_SVC_ATTR_TIMEOUT] == NULL || inner[IPVS_SVC_ATTR_NETMASK] == NULL)
        return false;
    nla_strlcpy(service->scheduler, inner[IPVS_SVC_ATTR_SCHED_NAME], sizeof(service->scheduler));
    if (inner[IPVS_SVC_ATTR_PE_NAME] != NULL)
        nla_strlcpy(service->engine, inner[IPVS_SVC_ATTR_PE_NAME], sizeof(service->engine));
    memcpy(&flags, nla_data(inner[IPVS_SVC_ATTR_FLAGS]), sizeof(flags));
    service->flags = flags.flags & ~(uint32_t)IP_VS_SVC_F_HASHED;
    service->timeout_s = nla_get_u32(inner[IPVS_SVC_ATTR_TIMEOUT]);
    service->netmask = nla_get_u32(inner[IPVS_SVC_ATTR_NETMASK]);
    return true;
}

static bool take_destination_id(struct nlattr **attributes, uint8_t service_family,
                                struct ipvs_destination_id *id)
{
    uint16_t family = service_family;

    if (attributes[IPVS_DEST_ATTR_ADDR_FAMILY] != NULL)
        family = nla_get_u16(attributes[IPVS_DEST_ATTR_ADDR_FAMILY]);
    if (!is_ip_family(family) || attributes[IPVS_DEST_ATTR_PORT] == NULL)
        return false;
    id->family = (uint8_t)family;
    id->port = ntohs(nla_get_u16(attributes[IPVS_DEST_ATTR_PORT]));
    return take_address(attributes[IPVS_DEST_ATTR_ADDR], id->family, id->address);
}

static void take_tunnel(struct nlattr **attributes, struct ipvs_destination *destination)
{
    if (destination->method != IP_VS_CONN_F_TUNNEL)
        return;
    if (attributes[IPVS_DEST_ATTR_TUN_TYPE] != NULL)
        destination->tunnel_type = nla_get_u8(attributes[IPVS_DEST_ATTR_TUN_TYPE]);
    if (attributes[IPVS_DEST_ATTR_TUN_PORT] != NULL)
        destination->tunnel_port = ntohs(nla_get_u16(attributes[IPVS_DEST_ATTR_TUN_PORT]));
    if (attributes[IPVS_DEST_ATTR_TUN_FLAGS] != NULL)
        destination->tunnel_flags = nla_get_u16(attributes[IPVS_DEST_ATTR_TUN_FLAGS]);
}

bool ipvs_message_parse_destination(const struct nlmsghdr *message, uint8_t service_family,
                                    struct ipvs_destination *destination)
{
    struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1], *inner[IPVS_DEST_ATTR_MAX + 1];

    *destination = (struct ipvs_destination){0};
    if (!parse_command(message, IPVS_CMD_NEW_DEST, outer) || outer[IPVS_CMD_ATTR_DEST] == NULL)
        return false;
    if (nla_parse_nested(inner, IPVS_DEST_ATTR_MAX, outer[IPVS_CMD_ATTR_DEST], destination_policy) != 0)
        return false;
    if (!take_destination_id(inner, service_family, &destination->id))
        return false;
    if (inner[IPVS_DEST_ATTR_FWD_METHOD] == NULL || inner[IPVS_DEST_ATTR_WEIGHT] == NULL ||
        inner[IPVS_DEST_ATTR_U_THRESH] == NULL || inner[IPVS_DEST_ATTR_L_THRESH] == NULL)
        return false;
    destination->method = nla_get_u32(inner[IPVS_DEST_ATTR_FWD_METHOD]) & IP_VS_CONN_F_FWD_MASK;
    destination->weight = nla_get_u32(inner[IPVS_DEST_ATTR_WEIGHT]);
    destination->upper_threshold = nla_get_u32(inner[IPVS_DEST_ATTR_U_THRESH]);
    destination->lower_threshold = nla_get_u32(inner[IPVS_DEST_ATTR_L_THRESH]);
    take_tunnel(inner, destination);
    return true;
}

static void take_group(struct nlattr **attributes, struct ipvs_daemon *daemon)
{
    if (attributes[IPVS_DAEMON_ATTR_MCAST_GROUP] != NULL) {
        daemon->group_family = AF_INET;
        memcpy(daemon->group, nla_data(attributes[IPVS_DAEMON_ATTR_MCAST_GROUP]), 4);
    } else if (attributes[IPVS_DAEMON_ATTR_MCAST_GROUP6] != NULL) {
        daemon->group_family = AF_INET6;
        memcpy(daemon->group, nla_data(attributes[IPVS_DAEMON_ATTR_MCAST_GROUP6]), 16);
    }
}

bool ipvs_message_parse_daemon(const struct nlmsghdr *message, struct ipvs_daemon *daemon)
{
    struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1], *inner[IPVS_DAEMON_ATTR_MAX + 1];

    *daemon = (struct ipvs_daemon){0};
    if (!parse_command(message, IPVS_CMD_NEW_DAEMON, outer) || outer[IPVS_CMD_ATTR_DAEMON] == NULL)
        return false;
    if (nla_parse_nested(inner, IPVS_DAEMON_ATTR_MAX, outer[IPVS_CMD_ATTR_DAEMON], daemon_policy) != 0)
        return false;
    if (inner[IPVS_DAEMON_ATTR_STATE] == NULL || inner[IPVS_DAEMON_ATTR_MCAST_IFN] == NULL ||
        inner[IPVS_DAEMON_ATTR_SYNC_ID] == NULL)
        return false;
    daemon->master = (nla_get_u32(inner[IPVS_DAEMON_ATTR_STATE]) & IP_VS_STATE_MASTER) != 0;
    daemon->sync_id = (uint8_t)nla_get_u32(inner[IPVS_DAEMON_ATTR_SYNC_ID]);
    nla_strlcpy(daemon->interface, inner[IPVS_DAEMON_ATTR_MCAST_IFN], sizeof(daemon->interface));
    if (inner[IPVS_DAEMON_ATTR_SYNC_MAXLEN] != NULL)
        daemon->maxlen = nla_get_u16(inner[IPVS_DAEMON_ATTR_SYNC_MAXLEN]);
    if (inner[IPVS_DAEMON_ATTR_MCAST_PORT] != NULL)
        daemon->port = nla_get_u16(inner[IPVS_DAEMON_ATTR_MCAST_PORT]);
    if (inner[IPVS_DAEMON_ATTR_MCAST_TTL] != NULL)
        daemon->ttl = nla_get_u8(inner[IPVS_DAEMON_ATTR_MCAST_TTL]);
    take_group(inner, daemon);
    return true;
}

int ipvs_message_error(const struct nlmsghdr *message)
{
    int error; /* first in both struct nlmsgerr and the body of NLMSG_DONE */

    if (message->nlmsg_len < NLMSG_LENGTH(sizeof(error)))
        return EPROTO;
    memcpy(&error, nlmsg_data(message), sizeof(error));
    return error < 0 ? -error : 0;
}
