/*
 * Names of virtual servers. See server_name.h.
 */
#include "conf/server_name.h"

#include <stdio.h>
#include <string.h>

const char *conf_server_text(const struct conf_virtual_server *server, char buffer[static CONF_SERVER_TEXT])
{
    char text[IP_ENDPOINT_TEXT];

    switch (server->kind) {
    case CONF_SERVER_ADDRESS:
        snprintf(buffer, CONF_SERVER_TEXT, "%s", ip_endpoint_text(&server->endpoint, text));
        break;
    case CONF_SERVER_FWMARK:
        snprintf(buffer, CONF_SERVER_TEXT, "firewall mark %u", server->fwmark);
        break;
    case CONF_SERVER_GROUP:
        snprintf(buffer, CONF_SERVER_TEXT, "group %.80s", server->group);
        break;
    }
    return buffer;
}

static bool has_addresses(const struct conf_virtual_server *server)
{
    for (uint32_t i = 0; i < server->services.count; i++) {
        if (server->services.items[i]->fwmark == 0)
            return true;
    }
    return false;
}

const char *conf_server_protocol(const struct conf_virtual_server *server)
{
    if (!has_addresses(server))
        return "-";
    switch (server->protocol) {
    case CONF_PROTOCOL_TCP:
        return "TCP";
    case CONF_PROTOCOL_UDP:
        return "UDP";
    case CONF_PROTOCOL_SCTP:
        return "SCTP";
    }
    return "?";
}

const char *conf_server_full_text(const struct conf_virtual_server *server,
                                  char buffer[static CONF_SERVER_TEXT])
{
    size_t length;

    conf_server_text(server, buffer);
    length = strlen(buffer);
    if (has_addresses(server))
        snprintf(buffer + length, CONF_SERVER_TEXT - length, " %s", conf_server_protocol(server));
    return buffer;
}

const char *conf_service_text(const struct conf_service *service, char buffer[static CONF_SERVER_TEXT])
{
    bool six = service->first.address.family == AF_INET6;
    struct ip_address last = ip_address_plus(&service->first.address, service->count - 1);
    char first_text[IP_ADDRESS_TEXT], last_text[IP_ADDRESS_TEXT];

    if (service->fwmark != 0) {
        snprintf(buffer, CONF_SERVER_TEXT, "firewall mark %u%s", service->fwmark, six ? " (IPv6)" : "");
        return buffer;
    }
    if (service->count == 1)
        last_text[0] = '\0';
    else
        ip_address_text(&last, last_text);
    snprintf(buffer, CONF_SERVER_TEXT, "%s%s%s%s%s:%u", six ? "[" : "",
             ip_address_text(&service->first.address, first_text), service->count > 1 ? "-" : "", last_text,
             six ? "]" : "", (unsigned int)service->first.port);
    return buffer;
}
