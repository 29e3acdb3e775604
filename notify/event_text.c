/*
 * Words and lines. See event_text.h.
 */
#include "notify/event_text.h"

#include <stdio.h>
#include <string.h>

#define NAME_BYTES_MAX 512 /* of an instance's name in a line; longer ones are cut */

const char *event_state_word(uint32_t state)
{
    static const char *const words[] = {
        [NOTIFY_MASTER] = "MASTER",
        [NOTIFY_BACKUP] = "BACKUP",
        [NOTIFY_FAULT] = "FAULT",
        [NOTIFY_STOP] = "STOP",
        [NOTIFY_DELETED] = "DELETED",
        [NOTIFY_MASTER_RX_LOWER_PRI] = "MASTER_RX_LOWER_PRI",
        [NOTIFY_MASTER_PRIORITY] = "MASTER_PRIORITY",
        [NOTIFY_BACKUP_PRIORITY] = "BACKUP_PRIORITY",
    };

    return state < sizeof(words) / sizeof(words[0]) ? words[state] : NULL;
}

static const char *protocol_word(enum conf_protocol protocol)
{
    switch (protocol) {
    case CONF_PROTOCOL_TCP:
        return "tcp";
    case CONF_PROTOCOL_UDP:
        return "udp";
    case CONF_PROTOCOL_SCTP:
        return "sctp";
    }
    return "?";
}

static const char *endpoint_text(const struct ip_endpoint *endpoint, const char *protocol,
                                 char buffer[static EVENT_SERVER_TEXT])
{
    char address[IP_ADDRESS_TEXT];

    snprintf(buffer, EVENT_SERVER_TEXT, "[%s]:%s:%u", ip_address_text(&endpoint->address, address), protocol,
             endpoint->port);
    return buffer;
}

const char *event_virtual_server_text(const struct conf_virtual_server *virtual_server,
                                      char buffer[static EVENT_SERVER_TEXT])
{
    switch (virtual_server->kind) {
    case CONF_SERVER_ADDRESS:
        return endpoint_text(&virtual_server->endpoint, protocol_word(virtual_server->protocol), buffer);
    case CONF_SERVER_FWMARK:
        snprintf(buffer, EVENT_SERVER_TEXT, "FWM %u", virtual_server->fwmark);
        break;
    case CONF_SERVER_GROUP:
        snprintf(buffer, EVENT_SERVER_TEXT, "[%.300s]:0", virtual_server->group);
        break;
    }
    return buffer;
}

/* A group of firewall marks alone has no protocol. */
static bool has_protocol(const struct conf_virtual_server *virtual_server)
{
    if (virtual_server->kind != CONF_SERVER_GROUP)
        return virtual_server->kind == CONF_SERVER_ADDRESS;
    for (uint32_t i = 0; i < virtual_server->services.count; i++) {
        if (virtual_server->services.items[i]->fwmark == 0)
            return true;
    }
    return false;
}

const char *event_real_server_text(const struct conf_real_server *real_server,
                                   const struct conf_virtual_server *virtual_server,
                                   char buffer[static EVENT_SERVER_TEXT])
{
    const char *protocol = has_protocol(virtual_server) ? protocol_word(virtual_server->protocol) : "none";

    return endpoint_text(&real_server->endpoint, protocol, buffer);
}

const char *event_state_line(const char *type, const char *name, uint32_t state, uint32_t priority,
                             char buffer[static EVENT_LINE_BYTES])
{
    snprintf(buffer, EVENT_LINE_BYTES, "%s \"%.*s\" %s %u\n", type, NAME_BYTES_MAX, name,
             event_state_word(state), priority);
    return buffer;
}

const char *event_virtual_server_line(const struct conf_virtual_server *virtual_server, bool up,
                                      char buffer[static EVENT_LINE_BYTES])
{
    char text[EVENT_SERVER_TEXT];

    snprintf(buffer, EVENT_LINE_BYTES, "VS %s %s\n", event_virtual_server_text(virtual_server, text),
             up ? "UP" : "DOWN");
    return buffer;
}

const char *event_real_server_line(const struct conf_real_server *real_server,
                                   const struct conf_virtual_server *virtual_server, bool up,
                                   char buffer[static EVENT_LINE_BYTES])
{
    char real[EVENT_SERVER_TEXT], virtual[EVENT_SERVER_TEXT];

    snprintf(buffer, EVENT_LINE_BYTES, "RS %s %s %s\n",
             event_real_server_text(real_server, virtual_server, real),
             event_virtual_server_text(virtual_server, virtual), up ? "UP" : "DOWN");
    return buffer;
}
