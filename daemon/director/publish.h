/*
 * What the director keeps on its board: for its successor, and for whoever asks for the status.
 */
#ifndef TANDEM_DIRECTOR_PUBLISH_H
#define TANDEM_DIRECTOR_PUBLISH_H

#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/director/reconciler.h"
#include "daemon/director/servers.h"

#define PUBLISH_TABLE_KEY 0

/* The record of the table as a whole. It is dated and counted here; so are the others. */
void publish_table(struct board *board, const struct director_record *record);

/* A virtual server with its real servers, as wanted and as the kernel has them. there = it has IPVS. */
void publish_virtual_server(struct board *board, const struct reconciler *reconciler,
                            const struct virtual_server *virtual_server, bool there);

#endif
