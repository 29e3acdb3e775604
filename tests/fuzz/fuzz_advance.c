/*
 * Fuzzes the advance of a reload: of two configurations, cut at a line "%%" (fuzz_machine.h), the first is in
 * force and the second is to come.
 *
 * What must hold: the outline gets on and stays in the text; where an advance is found, the whole is good,
 * and its virtual servers are those of the advance and those that stay.
 */
#include "conf/advance.h"
#include "conf/digest.h"
#include "conf/outline.h"
#include "conf/served_host.h"

#include "fuzz_machine.h"
#include "fuzz_target.h"

#define PATH           "/fuzz/a"
#define TEXT_BYTES_MAX 40000

struct text {
    const char *bytes;
    size_t length;
};

static struct text text_of(const struct fuzz_machine *machine, size_t file)
{
    if (file >= machine->count)
        return (struct text){"", 0};
    return (struct text){(const char *)machine->files[file].bytes, machine->files[file].length};
}

static struct conf_result *load(const struct fuzz_machine *machine, struct text text, uint64_t *asked)
{
    struct conf_served_host host;
    const struct conf_load_request request = {
        .path = PATH,
        .config_id = "low",
        .text_bytes_max = TEXT_BYTES_MAX,
        .replaces_running = true,
        .host = &host.host,
    };
    struct conf_result *result;

    conf_served_host_begin(&host, &machine->host, PATH, text.bytes, text.length);
    result = conf_load(&request);
    fuzz_require(result != NULL);
    *asked = host.asked;
    return result;
}

static void try_outline(struct text text)
{
    struct conf_outline_block block = {.kind = CONF_OUTLINE_OTHER};
    size_t before = 0;

    while (block.kind == CONF_OUTLINE_OTHER || block.kind == CONF_OUTLINE_SERVER) {
        block = conf_outline_next(text.bytes, text.length, before);
        fuzz_require(block.start >= before && block.end >= block.start && block.end <= text.length);
        fuzz_require(block.end > before || block.kind == CONF_OUTLINE_END);
        before = block.end;
    }
}

/* As the reader makes it; NULL if there is none. */
static uint8_t *record_of(const struct fuzz_machine *machine, struct text text,
                          const struct conf_result *result, uint64_t asked, size_t *bytes)
{
    struct text rest = {0};
    uint64_t asked_for_rest = 0;
    char *copy = conf_advance_rest(text.bytes, text.length, &rest.length);

    if (copy == NULL)
        return NULL;
    rest.bytes = copy;
    conf_result_free(load(machine, rest, &asked_for_rest));
    free(copy);
    return asked_for_rest != asked
               ? NULL
               : conf_record_make(text.bytes, text.length, result, conf_result_model(result), asked, bytes);
}

static struct conf_virtual_server *find(const struct conf_model *model, uint64_t key)
{
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        if (model->virtual_servers.items[i]->key == key)
            return model->virtual_servers.items[i];
    }
    return NULL;
}

static bool is_gone(const struct conf_advance *advance, uint64_t key)
{
    for (uint32_t i = 0; i < advance->gone_count; i++) {
        if (advance->gone[i] == key)
            return true;
    }
    return false;
}

/* The whole with the virtual servers that there are after the advance is the whole. */
static void check_whole(const struct conf_model *old, const struct conf_model *part,
                        const struct conf_advance *advance, const struct conf_model *whole)
{
    struct conf_model merged = *whole;
    uint32_t count = whole->virtual_servers.count, known = part->virtual_servers.count;
    struct conf_virtual_server **items = calloc(count + 1, sizeof(struct conf_virtual_server *));
    uint8_t wanted[16], is[16];

    fuzz_require(items != NULL);
    for (uint32_t i = 0; i < old->virtual_servers.count; i++) {
        uint64_t key = old->virtual_servers.items[i]->key;

        known += find(part, key) == NULL && !is_gone(advance, key);
    }
    fuzz_require(known == count);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t key = whole->virtual_servers.items[i]->key;

        items[i] = find(part, key) != NULL ? find(part, key) : find(old, key);
        fuzz_require(items[i] != NULL && !is_gone(advance, key));
    }
    merged.virtual_servers.items = items;
    conf_digest(whole, wanted);
    conf_digest(&merged, is);
    fuzz_require(memcmp(wanted, is, sizeof(is)) == 0);
    free(items);
}

static void try_advance(const struct fuzz_machine *machine, const struct conf_result *old,
                        const struct conf_record *record, struct text now)
{
    struct conf_result *part, *whole;
    struct conf_advance advance;
    uint64_t asked;

    if (!conf_advance_find(record, now.bytes, now.length, &advance))
        return;
    part = load(machine, (struct text){advance.text, advance.length}, &asked);
    if (conf_advance_settle(record, &advance, part, asked)) {
        whole = load(machine, now, &asked);
        fuzz_require(conf_result_outcome(whole) == CONF_OUTCOME_GOOD);
        check_whole(conf_result_model(old), conf_result_model(part), &advance, conf_result_model(whole));
        conf_result_free(whole);
    }
    conf_result_free(part);
    conf_advance_free(&advance);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_machine machine;
    struct conf_record record;
    struct conf_result *old;
    struct text before, now;
    size_t record_bytes = 0;
    uint8_t *kept;
    uint64_t asked;

    fuzz_machine_make(&machine, bytes, length);
    before = text_of(&machine, 0);
    now = text_of(&machine, 1);
    try_outline(before);
    try_outline(now);
    old = load(&machine, before, &asked);
    kept = record_of(&machine, before, old, asked, &record_bytes);
    if (kept != NULL) {
        fuzz_require(conf_record_open(kept, record_bytes, &record));
        try_advance(&machine, old, &record, now);
    }
    free(kept);
    conf_result_free(old);
    return 0;
}
