/*
 * Fuzzes the configuration language from text to model and back: any bytes are a configuration, a bad one
 * perhaps. fuzz_machine.h says how an input becomes several files.
 *
 * What must hold: every message has a text and a place in its source. For the verdict alone, which builds the
 * virtual servers one in the place of the other, the messages are the same. A configuration that is not
 * refused, but for effects that are not built, reads back, when it was printed, as one with the same digest,
 * and goes through every slice unharmed.
 */
#include <stdio.h>

#include "conf/digest.h"
#include "conf/load.h"
#include "conf/print.h"

#include "fuzz_machine.h"
#include "fuzz_target.h"
#include "slice_trip.h"

#define TEXT_BYTES_MAX 40000 /* of expansions: the limit is reached, and soon */

/* What is dear libFuzzer does with one input in so many; which ones depends on their bytes alone. */
#ifdef FUZZ_FAST
#define MESSAGES_EVERY 4
#define PRINTED_EVERY  4
#define SLICES_EVERY   32
#else
#define MESSAGES_EVERY 1
#define PRINTED_EVERY  1
#define SLICES_EVERY   1
#endif

static ssize_t write_nowhere(void *cookie, const char *bytes, size_t length)
{
    (void)cookie;
    (void)bytes;
    return (ssize_t)length;
}

static void check_messages(struct conf_result *result)
{
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);
    static FILE *nowhere;

    if (nowhere == NULL)
        nowhere = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_nowhere});
    conf_diagnostics_print(diagnostics, nowhere);
    for (size_t i = 0; i < conf_diagnostics_count(diagnostics); i++) {
        const struct conf_diagnostic *item = conf_diagnostics_item(diagnostics, i);
        const char *text;
        size_t length;

        fuzz_require(item->text != NULL && *item->text != '\0' && item->width > 0);
        if (item->position.source == 0)
            continue;
        fuzz_require(conf_source_line(conf_result_sources(result), item->position.source, item->position.line,
                                      &text, &length));
        fuzz_require(item->position.column > 0 && item->position.column <= length + 1);
    }
}

/* What a model does not keep, so that it is not printed. */
static bool keeps_all(const struct conf_model *model)
{
    const struct conf_tls *tls = &model->global.tls;

    return tls->certificate == NULL && tls->private_key == NULL && tls->authorities == NULL;
}

static struct conf_result *load(struct fuzz_machine *machine, bool replaces_running, bool verdict_only)
{
    const struct conf_load_request request = {
        .path = "/fuzz/a",
        .config_id = "low",
        .text_bytes_max = TEXT_BYTES_MAX,
        .verdict_only = verdict_only,
        .replaces_running = replaces_running,
        .host = &machine->host,
    };
    struct conf_result *result = conf_load(&request);

    fuzz_require(result != NULL);
    return result;
}

static bool is_same_text(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static void compare_messages(const struct conf_diagnostic *one, const struct conf_diagnostic *other)
{
    fuzz_require(one->severity == other->severity && one->problem == other->problem);
    fuzz_require(memcmp(&one->position, &other->position, sizeof(one->position)) == 0);
    fuzz_require(one->width == other->width && one->related_count == other->related_count);
    fuzz_require(is_same_text(one->text, other->text) && is_same_text(one->expected, other->expected));
    fuzz_require(is_same_text(one->advice, other->advice));
    fuzz_require(is_same_text(one->suggestion, other->suggestion));
}

static void check_verdict(struct conf_result *result, struct fuzz_machine *machine, bool replaces_running)
{
    struct conf_result *verdict = load(machine, replaces_running, true);
    struct conf_diagnostics *whole = conf_result_diagnostics(result),
                            *brief = conf_result_diagnostics(verdict);

    fuzz_require(conf_result_outcome(result) == conf_result_outcome(verdict));
    fuzz_require(conf_diagnostics_count(whole) == conf_diagnostics_count(brief));
    for (size_t i = 0; i < conf_diagnostics_count(whole); i++)
        compare_messages(conf_diagnostics_item(whole, i), conf_diagnostics_item(brief, i));
    fuzz_require(conf_result_model(verdict)->virtual_servers.count == 0);
    conf_result_free(verdict);
}

static void show_difference(const struct conf_model *before, const struct conf_model *after)
{
    char *old = conf_canonical_text(before, NULL), *new = conf_canonical_text(after, NULL);
    size_t at = 0;

    while (old[at] != '\0' && old[at] == new[at])
        at++;
    while (at > 0 && old[at - 1] != '\n')
        at--;
    fprintf(stderr, "was: %.300s\nis: %.300s\n", old + at, new + at);
    free(old);
    free(new);
}

static void check_printed(const struct conf_model *model)
{
    char *text = conf_print(model);
    struct fuzz_machine machine;
    struct conf_result *second;
    uint8_t old[16], new[16];

    fuzz_require(text != NULL);
    fuzz_machine_make(&machine, (const uint8_t *)text, strlen(text));
    second = load(&machine, false, false);
    conf_digest(model, old);
    conf_digest(conf_result_model(second), new);
    if (memcmp(old, new, sizeof(old)) != 0) {
        fprintf(stderr, "printed, it is something else:\n%s\n", text);
        conf_diagnostics_print(conf_result_diagnostics(second), stderr);
        show_difference(model, conf_result_model(second));
        abort();
    }
    conf_result_free(second);
    free(text);
}

static unsigned int sum_of(const uint8_t *bytes, size_t length)
{
    unsigned int sum = 0;

    for (size_t i = 0; i < length; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

/* A good configuration's further way. */
static void check_model(const struct conf_model *model, unsigned int sum)
{
    if (sum % PRINTED_EVERY == 0 && keeps_all(model))
        check_printed(model);
    for (enum conf_slice slice = 0; slice < CONF_SLICE_COUNT && sum % SLICES_EVERY == 0; slice++)
        slice_trip(model, slice);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    unsigned int sum = sum_of(bytes, length);
    bool replaces_running = sum / 32 % 8 == 0;
    struct fuzz_machine machine;
    struct conf_result *result;

    fuzz_machine_make(&machine, bytes, length);
    result = load(&machine, replaces_running, false);
    if (sum / 4 % MESSAGES_EVERY == 0) {
        check_verdict(result, &machine, replaces_running);
        check_messages(result);
    }
    if (conf_result_outcome(result) != CONF_OUTCOME_REFUSED || conf_result_lacks_effects_only(result))
        check_model(conf_result_model(result), sum);
    conf_result_free(result);
    return 0;
}
