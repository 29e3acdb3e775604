/*
 * Keys: the 64 bits by which processes, the board and messages name an object.
 *
 * A key is hashed from what makes the object itself and not another, never from its settings, its name or its
 * place in the file: after a reload, a restart or a crash the same object has the same key, and a renamed
 * instance stays itself (semantics.md, "Reload matching"). Only the fields count, never the padding between
 * them. A key is never 0: on the board 0 means "the whole" or "no object".
 *
 * The hash is not meant to withstand an attacker: who writes the configuration could do worse. Two objects of
 * one configuration with the same key are the validator's to refuse.
 */
#ifndef TANDEM_CONF_KEY_H
#define TANDEM_CONF_KEY_H

#include <stdint.h>

#include "conf/model.h"

/* Of vrid, family, interface, and the multicast group or, for unicast, the source address. The peers of a
 * unicast instance do not count: a third box may join without a new start of the others. */
uint64_t conf_key_instance(const struct conf_instance *instance);

/* Of its name. */
uint64_t conf_key_sync_group(const char *name);

/* Of a vrrp_script, track_file or vrrp_track_process: of its name. */
uint64_t conf_key_tracked(enum conf_tracked_kind kind, const char *name);

/* Of address, port and protocol; of firewall mark and family; or of group name and protocol. */
uint64_t conf_key_virtual_server(const struct conf_virtual_server *virtual_server);

/* virtual_server is the key of the virtual server it belongs to. */
uint64_t conf_key_real_server(uint64_t virtual_server, const struct ip_endpoint *endpoint);

/* real_server is the key of the server that is checked; ordinal counts its checks of that type, from 0. */
uint64_t conf_key_checker(uint64_t real_server, enum conf_checker_type type, unsigned int ordinal);

/* Of its path; and of the path and the command and user of its reader. */
uint64_t conf_key_fifo(const struct conf_fifo *fifo);
uint64_t conf_key_fifo_reader(const struct conf_fifo *fifo);

#endif
