/*
 * Telling systemd (sd_notify(3)): the documented datagram to $NOTIFY_SOCKET, without libsystemd, whose
 * compression and crypto libraries have no place in the root process.
 */
#ifndef TANDEM_DAEMON_SD_NOTIFY_H
#define TANDEM_DAEMON_SD_NOTIFY_H

#include "daemon/core/time.h"

/* Takes $NOTIFY_SOCKET and $WATCHDOG_USEC out of the environment. Without them the rest does nothing. */
void sd_notify_open(void);

/* Puts both back, for the program that this process is about to become. */
void sd_notify_give_back(void);

void sd_notify_ready(void);     /* the start, or a reload, is over */
void sd_notify_reloading(void); /* with MONOTONIC_USEC */
void sd_notify_stopping(void);
void sd_notify_watchdog(void); /* the loop still turns */

/* One line for systemctl status, cut at 500 bytes. */
void sd_notify_status(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How often sd_notify_watchdog is wanted: half of what systemd waits; 0 ns = never. */
struct span sd_notify_watchdog_interval(void);

#endif
