/*
 * Fuzzes the reader of slices. The first byte says which slice the rest is, or is to damage: half of the
 * inputs are orders for damaging a good one.
 *
 * What is accepted must be sound: it can be written again, and what was written is accepted again and the
 * same.
 */
#include "conf/difference_text.h"
#include "conf/print.h"
#include "conf/slice.h"

#include "fuzz_target.h"
#include "sample_model.h"
#include "slice_trip.h"

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

    fuzz_require(text != NULL);
    conf_difference_tell(difference, model, nothing, count_change, &count);
    conf_difference_free(difference);
    conf_model_free(nothing);
    free(text);
}

static void decode(const uint8_t *bytes, size_t length, enum conf_slice slice)
{
    const char *why = NULL;
    struct conf_model *model = conf_slice_decode(bytes, length, slice, &why);

    fuzz_require((model == NULL) == (why != NULL));
    if (model != NULL)
        slice_trip(model, slice);
    if (model != NULL && slice == CONF_SLICE_WHOLE)
        check_shown(model);
    conf_model_free(model);
}

static void decode_damaged(const uint8_t *orders, size_t length, enum conf_slice slice)
{
    static struct slice_bytes good[CONF_SLICE_COUNT];
    struct conf_model *model;
    uint8_t *bytes;

    if (good[slice].bytes == NULL) {
        model = sample_model();
        good[slice] = slice_trip_write(model, slice);
        conf_model_free(model);
    }
    bytes = fuzz_exact(good[slice].bytes, good[slice].length);
    fuzz_damage(bytes, good[slice].length, orders, length);
    decode(bytes, good[slice].length, slice);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum conf_slice slice;
    uint8_t *exact;

    if (length < 1)
        return 0;
    slice = (enum conf_slice)(bytes[0] % CONF_SLICE_COUNT);
    if (bytes[0] & 0x80) {
        decode_damaged(bytes + 1, length - 1, slice);
        return 0;
    }
    exact = fuzz_exact(bytes + 1, length - 1);
    decode(exact, length - 1, slice);
    free(exact);
    return 0;
}
