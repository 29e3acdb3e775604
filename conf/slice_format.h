/*
 * The bytes of a slice, for the two sides of it: slice_write.c and slice_read.c.
 *
 * A head, then the fields of the model in the order of their rows (layout.c), each by its kind. Whole numbers
 * are 7 bits a byte, least significant first, the top bit saying "more"; signed ones are folded so that small
 * magnitudes are short. A text is its length plus one (0 = NULL) and its bytes; a list its count and its
 * items; an address its length and its bytes; a reference the place of the instance in the model's list.
 */
#ifndef TANDEM_CONF_SLICE_FORMAT_H
#define TANDEM_CONF_SLICE_FORMAT_H

#include <fcntl.h>
#include <stdint.h>

#define SLICE_MAGIC   0x544c5331U /* "1SLT" */
#define SLICE_MAX     (256U << 20) /* far more than 100,000 servers need */
#define SLICE_SEALS   (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct slice_head {
    uint32_t magic;
    uint32_t version; /* layout_contract() */
    uint32_t slice;  /* enum conf_slice */
    uint32_t length; /* of what follows */
};

#endif
