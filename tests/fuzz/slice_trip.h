/*
 * The way of a model through a slice, as the targets of slices and of the configuration both walk it.
 */
#ifndef TANDEM_TESTS_SLICE_TRIP_H
#define TANDEM_TESTS_SLICE_TRIP_H

#include "conf/slice.h"

/* A slice in memory; the caller unmaps it. */
struct slice_bytes {
    uint8_t *bytes;
    size_t length;
};

/* Ends the program if it cannot be written. */
struct slice_bytes slice_trip_write(const struct conf_model *model, enum conf_slice slice);
void slice_trip_free(struct slice_bytes *mapped);

/* Writes the slice, reads it, writes it again: ends the program if it is refused or another one. */
void slice_trip(const struct conf_model *model, enum conf_slice slice);

#endif
