/*
 * What to call a virtual server in a sentence.
 */
#ifndef TANDEM_CONF_SERVER_NAME_H
#define TANDEM_CONF_SERVER_NAME_H

#include "conf/model.h"

#define CONF_SERVER_TEXT 96

/* "192.0.2.1:80", "firewall mark 7", "group web"; without the protocol. Returns buffer. */
const char *conf_server_text(const struct conf_virtual_server *server, char buffer[static CONF_SERVER_TEXT]);

/* "TCP", "UDP", "SCTP"; "-" where there are only firewall marks, which have none. The slice must carry the
 * services. */
const char *conf_server_protocol(const struct conf_virtual_server *server);

/* conf_server_text and, where there is one, the protocol: "192.0.2.1:80 TCP". Returns buffer. */
const char *conf_server_full_text(const struct conf_virtual_server *server,
                                  char buffer[static CONF_SERVER_TEXT]);

/* "192.0.2.1:80", "192.0.2.3-192.0.2.10:80", "firewall mark 7", "firewall mark 7 (IPv6)". Returns buffer. */
const char *conf_service_text(const struct conf_service *service, char buffer[static CONF_SERVER_TEXT]);

#endif
