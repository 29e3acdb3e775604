/*
 * The way of a model through a slice. See slice_trip.h.
 */
#include "slice_trip.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_target.h"

struct slice_bytes slice_trip_write(const struct conf_model *model, enum conf_slice slice)
{
    struct slice_bytes mapped = {0};
    struct stat status;
    uint32_t objects;
    int fd = conf_slice_write(model, slice, 0, 1, &objects);

    fuzz_require(fd >= 0 && fstat(fd, &status) == 0);
    mapped.length = (size_t)status.st_size;
    mapped.bytes = mmap(NULL, mapped.length, PROT_READ, MAP_PRIVATE, fd, 0);
    fuzz_require(mapped.bytes != MAP_FAILED);
    close(fd);
    return mapped;
}

void slice_trip_free(struct slice_bytes *mapped)
{
    munmap(mapped->bytes, mapped->length);
}

void slice_trip(const struct conf_model *model, enum conf_slice slice)
{
    struct slice_bytes first = slice_trip_write(model, slice), second;
    const char *why;
    struct conf_model *again = conf_slice_decode(first.bytes, first.length, slice, &why);

    if (again == NULL)
        fprintf(stderr, "slice %d is refused: %s\n", (int)slice, why);
    fuzz_require(again != NULL);
    if (slice != CONF_SLICE_SUPERVISOR) { /* whose counts are made when it is written */
        second = slice_trip_write(again, slice);
        fuzz_require(second.length == first.length);
        fuzz_require(memcmp(second.bytes, first.bytes, first.length) == 0);
        slice_trip_free(&second);
    }
    slice_trip_free(&first);
    conf_model_free(again);
}
