/*
 * Makes lines of a configuration as the keyword table says they look: mostly right, now and then not.
 *
 * For line_mutator.c. A keyword's arguments are made of its row: its kind, range and choices, else the
 * pattern that the manual shows, "<IPADDR>[/<LEN>] [dev <IFNAME>]".
 */
#ifndef TANDEM_TESTS_LINE_MAKER_H
#define TANDEM_TESTS_LINE_MAKER_H

#include "conf/keywords.h"

#include "fuzz_random.h"

#define FUZZ_PIECE_BYTES_MAX 2048

/* Some lines; what does not fit is left off. */
struct fuzz_piece {
    char bytes[FUZZ_PIECE_BYTES_MAX];
    size_t length;
};

/* Adds a line that may stand in that block, and if it opens one, some lines in it and its end. Of a block
 * that is not known: of any. */
void fuzz_make_line(struct fuzz_piece *piece, enum conf_block block, struct fuzz_random *random);

/* Adds the keyword of a row of that block and arguments, without the end of the line and without the block it
 * opens. */
void fuzz_make_words(struct fuzz_piece *piece, enum conf_block block, const struct conf_keyword *row,
                     struct fuzz_random *random);

#endif
