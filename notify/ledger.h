/*
 * The events that were heard and not yet passed on, kept on the board: a process that is killed leaves them
 * to its successor.
 *
 * An event has a place in the ledger from the moment it is read until everything that is to come of it (the
 * bits of left, whose meaning is the owner's) has begun. What has begun twice because of a death in between
 * is the price; what is lost is at most the event that was being read.
 */
#ifndef TANDEM_NOTIFY_LEDGER_H
#define TANDEM_NOTIFY_LEDGER_H

#include <stdint.h>

#include "daemon/core/board.h"
#include "daemon/core/board_records.h"
#include "daemon/core/messages.h"

struct ledger;

#define LEDGER_NOWHERE 0 /* the place of an event for which there was no room: it is not kept */

/* The board stays the caller's, and must not move to another address. */
struct ledger *ledger_new(struct board *board);
void ledger_free(struct ledger *ledger); /* NULL allowed; the board keeps what it has */

/* Takes an event down; its place. left must not be 0. */
uint32_t ledger_add(struct ledger *ledger, enum message_type type, const void *payload, uint32_t left);

/* These bits are done; without any left the event is struck out. */
void ledger_strike(struct ledger *ledger, uint32_t place, uint32_t bits);

/* What a predecessor left, oldest first; those that each strikes out are gone. Before the first ledger_add.
 */
void ledger_replay(struct ledger *ledger,
                   void (*each)(uint32_t place, const struct notify_record *record, void *data), void *data);

#endif
