/*
 * The journal: which virtual services of the kernel's table are ours.
 *
 * IPVS has no owner mark. So that leftovers of ours can be removed after everything of ours was killed and
 * the configuration changed meanwhile, and so that nobody else's service ever is, the identities of our
 * services are kept in a file of the run directory, written before the kernel hears of them.
 *
 * The file holds up to two lists, each behind one of two heads at its start. A new list is written where it
 * does not touch the one in force, then its head; a death at any point leaves the old list in force. Every
 * head and list carries a checksum. Lists of another boot or another network namespace say nothing about this
 * table.
 */
#ifndef TANDEM_DIRECTOR_JOURNAL_H
#define TANDEM_DIRECTOR_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/kernel/ipvs_entry.h"

struct journal;

enum journal_state {
    JOURNAL_SOUND,
    JOURNAL_EMPTY,   /* nothing is ours */
    JOURNAL_DAMAGED, /* no list in it can be trusted */
    JOURNAL_FOREIGN, /* written under another boot or in another network namespace */
};

/* Takes over fd, open for reading and writing. place names the kernel table it is about (journal_place). */
struct journal *journal_new(int fd, uint64_t place);
void journal_free(struct journal *journal); /* NULL allowed */

/* Of this boot and this network namespace; 0 if the kernel does not tell. Needs open(2). */
uint64_t journal_place(void);

/* Reads the list in force: *ids, *count of them, for the caller to free; NULL and 0 unless sound. A file that
 * cannot be read counts as damaged. */
enum journal_state journal_read(struct journal *journal, struct ipvs_service_id **ids, uint32_t *count);

/* Puts the list in force. 0, or an errno; then the old list still is. */
int journal_write(struct journal *journal, const struct ipvs_service_id *ids, uint32_t count);

#endif
