/*
 * The one line that `systemctl status` shows, from the boards.
 */
#ifndef TANDEM_DAEMON_STATUS_LINE_H
#define TANDEM_DAEMON_STATUS_LINE_H

#include <stddef.h>

#include "daemon/core/board.h"
#include "daemon/core/board_records.h"

/* "master of 2, backup of 1; 11 of 12 real servers up", and if the last reload was refused, why. Boards may
 * be NULL. Returns buffer. */
const char *status_line(const struct board *vrrp, const struct board *director,
                        const struct reload_record *reload, char *buffer, size_t size);

#endif
