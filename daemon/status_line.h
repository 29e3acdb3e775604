/*
 * The one line that `systemctl status` shows, from the boards.
 */
#ifndef TANDEM_DAEMON_STATUS_LINE_H
#define TANDEM_DAEMON_STATUS_LINE_H

#include <stddef.h>

#include "daemon/core/board.h"

/* "master of 2, backup of 1; 11 of 12 real servers up". Boards may be NULL. Returns buffer. */
const char *status_line(const struct board *vrrp, const struct board *director, char *buffer, size_t size);

#endif
