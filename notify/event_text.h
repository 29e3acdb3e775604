/*
 * How events are worded, for scripts, FIFOs and mail alike: keepalived's words, which users' programs and
 * filters look for (semantics.md, "Notify order and arguments"). Pure.
 */
#ifndef TANDEM_NOTIFY_EVENT_TEXT_H
#define TANDEM_NOTIFY_EVENT_TEXT_H

#include <stddef.h>

#include "conf/model.h"
#include "daemon/core/messages.h"

#define EVENT_SERVER_TEXT 320
#define EVENT_LINE_BYTES  1024 /* less than PIPE_BUF: a line is written whole or not at all */

/* "MASTER"; NULL for a number that is no state. */
const char *event_state_word(uint32_t state);

/* "[192.0.2.1]:tcp:80", "FWM 7", "[group]:0". Returns buffer. */
const char *event_virtual_server_text(const struct conf_virtual_server *virtual_server,
                                      char buffer[static EVENT_SERVER_TEXT]);

/* The same of one of its real servers; "none" stands for the protocol behind a firewall mark. */
const char *event_real_server_text(const struct conf_real_server *real_server,
                                   const struct conf_virtual_server *virtual_server,
                                   char buffer[static EVENT_SERVER_TEXT]);

/* Lines for FIFOs, with the newline and without the NUL that keepalived sends after some. Return buffer.
 *     INSTANCE "name" STATE priority      (type is INSTANCE or GROUP)
 *     VS server UP|DOWN
 *     RS server server UP|DOWN
 */
const char *event_state_line(const char *type, const char *name, uint32_t state, uint32_t priority,
                             char buffer[static EVENT_LINE_BYTES]);
const char *event_virtual_server_line(const struct conf_virtual_server *virtual_server, bool up,
                                      char buffer[static EVENT_LINE_BYTES]);
const char *event_real_server_line(const struct conf_real_server *real_server,
                                   const struct conf_virtual_server *virtual_server, bool up,
                                   char buffer[static EVENT_LINE_BYTES]);

#endif
