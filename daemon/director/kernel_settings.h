/*
 * What the director sets in the kernel's IPVS beside services: timeouts of connections and the
 * synchronisation daemons.
 *
 * As with services, what is wanted is compared with what is there and mended: when something changes, and
 * every ten seconds where a daemon is configured. Its conversation with the kernel is its own, so that no
 * service waits for a daemon to stop.
 */
#ifndef TANDEM_DIRECTOR_KERNEL_SETTINGS_H
#define TANDEM_DIRECTOR_KERNEL_SETTINGS_H

#include "conf/model.h"
#include "daemon/core/loop.h"

struct kernel_settings;

/* NULL with errno if there is no netlink socket. */
struct kernel_settings *kernel_settings_new(struct loop *loop);

/* Puts what the configuration says in place of what it said before. */
void kernel_settings_want(struct kernel_settings *settings, const struct conf_global *global);

/* The instance that lvs_sync_daemon follows is master, or is not. */
void kernel_settings_role(struct kernel_settings *settings, bool master);

/* Stops the daemons that are ours, flushes the whole table if asked to, then calls done, perhaps at once;
 * nothing is mended any more. */
void kernel_settings_finish(struct kernel_settings *settings, bool flush, void (*done)(void *data),
                            void *data);

#endif
