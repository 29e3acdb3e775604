/*
 * The board: what must outlive a process, and what others may look at without interrupting it.
 *
 * A memfd per process, made and held by the supervisor; its owner maps it read-write, others read-only.
 * Fixed-size slots are found by the object's key. A slot is written under a sequence lock, so
 * that a reader never takes a half-written record and a writer never waits. If the owner dies in
 * the middle of a write, the slot stays odd: it reads as absent, and its successor starts it anew.
 *
 * The supervisor sizes a board for a configuration; growing replaces it (board_copy_larger).
 * Records are in board_records.h.
 */
#ifndef TANDEM_CORE_BOARD_H
#define TANDEM_CORE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/role.h"
#include "daemon/core/time.h"

struct board;

/* Supervisor: makes a board of slots records for that role. NULL with errno. */
struct board *board_new(enum role role, uint32_t slots);

/* Supervisor: a larger board with the same content; the old one is left as it is. */
struct board *board_copy_larger(const struct board *board, uint32_t slots);

/* Supervisor: a board of at least that many slots with what the memfd has, a board of the same role that
 * another version of the daemon made: records may have grown at their end since (or before). fd stays the
 * caller's. NULL with errno, EPROTO if it is not a board of that role. */
struct board *board_inherit(int fd, enum role role, uint32_t slots);

/* Names the form of all boards: two versions that say the same number can inherit from each other. */
uint32_t board_format(void);

/* Maps a board received from the supervisor; owner = this process writes it. Takes over fd. NULL with
 * errno, EPROTO if it is not a board of that role. */
struct board *board_open(int fd, enum role role, bool owner);

/* Owner and readers: goes over to a larger board received from the supervisor, under the same pointer; the
 * owner's records of this moment go along. Takes over fd. False with errno as board_open. */
bool board_move(struct board *board, int fd, bool owner);

void board_free(struct board *board); /* unmaps and closes; NULL allowed */

int board_fd(const struct board *board);           /* read-write */
int board_fd_read_only(const struct board *board); /* a new descriptor for others, or -1 */
uint32_t board_slots(const struct board *board);

/* Owner: writes the record of key, claiming a slot for a new key. record has the size of the role's record
 * (board_records.h). False when the board is full. */
bool board_write(struct board *board, uint64_t key, const void *record);

/* Owner: forgets the key. */
void board_remove(struct board *board, uint64_t key);

/* Copies the record of key into record; false if there is none or it was cut short by a death. */
bool board_read(const struct board *board, uint64_t key, void *record);

/* Walks all records: start with *cursor = 0; false at the end. */
bool board_next(const struct board *board, uint32_t *cursor, uint64_t *key, void *record);

/* Owner: forgets every key for which keep says false. */
void board_keep(struct board *board, bool (*keep)(uint64_t key, void *data), void *data);

/* Owner: "I am alive", from its event loop; and when it last was. Unset before the first. */
void board_beat(struct board *board, struct mono now);
struct mono board_last_beat(const struct board *board);

#endif
