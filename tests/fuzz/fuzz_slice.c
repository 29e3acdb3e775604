/*
 * Fuzzing the reader of slices.
 *
 * With libFuzzer: clang -fsanitize=fuzzer,address,undefined -DWITH_LIBFUZZER -D_GNU_SOURCE -I. -Itests/unit \
 *     tests/fuzz/fuzz_slice.c tests/unit/sample_model.c conf/address.c conf/digest.c conf/key.c conf/layout.c
 * \ conf/model.c conf/slice_read.c conf/slice_write.c -lnettle Without it the program damages good slices by
 * a seeded generator, and is part of make check.
 *
 * What is accepted must be sound: it can be written again, and what was written is accepted again and the
 * same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/difference_text.h"
#include "conf/print.h"
#include "conf/slice.h"
#include "sample_model.h"

static void require(int condition)
{
    if (!condition)
        abort();
}

struct mapped {
    uint8_t *bytes;
    size_t length;
};

static struct mapped write_slice(const struct conf_model *model, enum conf_slice slice)
{
    struct mapped mapped = {0};
    struct stat status;
    uint32_t objects;
    int fd = conf_slice_write(model, slice, 0, 1, &objects);

    require(fd >= 0 && fstat(fd, &status) == 0);
    mapped.length = (size_t)status.st_size;
    mapped.bytes = mmap(NULL, mapped.length, PROT_READ, MAP_PRIVATE, fd, 0);
    require(mapped.bytes != MAP_FAILED);
    close(fd);
    return mapped;
}

static void check_rewritten(const struct conf_model *model, enum conf_slice slice)
{
    struct mapped first = write_slice(model, slice), second;
    const char *why;
    struct conf_model *again = conf_slice_decode(first.bytes, first.length, slice, &why);

    require(again != NULL);
    if (slice != CONF_SLICE_SUPERVISOR) { /* whose counts are made when it is written */
        second = write_slice(again, slice);
        require(second.length == first.length && memcmp(second.bytes, first.bytes, first.length) == 0);
        munmap(second.bytes, second.length);
    }
    munmap(first.bytes, first.length);
    conf_model_free(again);
}

static void count_change(const struct conf_change *change, void *data)
{
    size_t *count = data;

    *count += change->object[0] != '\0';
}

/* The only slice that is read by root, and made into text. */
static void check_shown(const struct conf_model *model)
{
    struct conf_model *nothing = conf_model_new();
    struct conf_difference *difference = conf_difference_new(model, nothing);
    char *text = conf_print(model);
    size_t count = 0;

    require(text != NULL);
    conf_difference_tell(difference, model, nothing, count_change, &count);
    conf_difference_free(difference);
    conf_model_free(nothing);
    free(text);
}

static void decode_as(const uint8_t *bytes, size_t length, enum conf_slice slice)
{
    const char *why = NULL;
    struct conf_model *model = conf_slice_decode(bytes, length, slice, &why);

    require((model == NULL) == (why != NULL));
    if (model != NULL)
        check_rewritten(model, slice);
    if (model != NULL && slice == CONF_SLICE_WHOLE)
        check_shown(model);
    conf_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT; slice++)
        decode_as(bytes, length, slice);
    return 0;
}

#ifndef WITH_LIBFUZZER
#define ROUNDS    2000
#define HEAD      16 /* left alone: damage there is found at once */
#define HITS_MOST 3

/* Overwrites a few bytes, half of them with small numbers, which lengths and counts are. */
static void damage(uint8_t *bytes, size_t length)
{
    for (long hits = 1 + random() % HITS_MOST; hits > 0; hits--) {
        size_t place = HEAD + (size_t)random() % (length - HEAD);

        bytes[place] = (uint8_t)(random() % 2 == 0 ? random() : random() % 4);
    }
}

int main(void)
{
    struct conf_model *model = sample_model();

    srandom(568);
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT; slice++) {
        struct mapped good = write_slice(model, slice);

        for (unsigned int round = 0; round < ROUNDS; round++) {
            uint8_t *bytes = malloc(good.length); /* exact, for the sanitizer to see */

            require(bytes != NULL);
            memcpy(bytes, good.bytes, good.length);
            damage(bytes, good.length);
            decode_as(bytes, good.length, slice);
            free(bytes);
        }
        munmap(good.bytes, good.length);
    }
    conf_model_free(model);
    return 0;
}
#endif
