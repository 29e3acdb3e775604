/*
 * A machine made of one input: its files are cut out of the input, and nothing of the real machine is asked.
 *
 * The input is cut at lines "%%". The first piece is the configuration, /fuzz/a; the others are the files
 * /fuzz/b, /fuzz/c ... that it may include. So includes, loops of them, patterns and braces are in reach.
 */
#ifndef TANDEM_TESTS_FUZZ_MACHINE_H
#define TANDEM_TESTS_FUZZ_MACHINE_H

#include "conf/load.h"

#define FUZZ_FILES_MAX 8

struct fuzz_file {
    char path[16];
    const uint8_t *bytes;
    size_t length;
};

struct fuzz_machine {
    struct fuzz_file files[FUZZ_FILES_MAX];
    size_t count;
    struct conf_host host; /* its context is the machine */
};

/* Fills in a machine whose files are pieces of bytes, which must stay. */
void fuzz_machine_make(struct fuzz_machine *machine, const uint8_t *bytes, size_t length);

#endif
