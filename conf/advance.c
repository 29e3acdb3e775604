/*
 * The advance. See advance.h.
 */
#include "conf/advance.h"

#include <stdlib.h>
#include <string.h>

#include "conf/outline.h"

#define RECORD_MAGIC   0x31647261776e6474ULL
#define TEXT_BYTES_MAX (64U << 20)

/* A record is this, its blocks, and the text. It stays on one machine, with programs of one version. */
struct record_head {
    uint64_t magic;
    uint64_t asked;
    uint32_t count;
    uint32_t length; /* of the text */
};

/* In the order of the text. */
struct record_block {
    uint64_t key; /* of the virtual server; 0 = another block */
    uint32_t start;
    uint32_t length;
};

static void *must_alloc(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);

    if (memory == NULL)
        abort();
    return memory;
}

/* ------------------------------------------------------------------ the record */

char *conf_advance_rest(const char *text, size_t length, size_t *rest_length)
{
    struct conf_outline_block block = {0};
    char *rest = must_alloc(length + 1, 1);

    *rest_length = 0;
    while ((block = conf_outline_next(text, length, block.end)).kind != CONF_OUTLINE_END) {
        if (block.kind == CONF_OUTLINE_UNSURE) {
            free(rest);
            return NULL;
        }
        if (block.kind == CONF_OUTLINE_SERVER)
            continue;
        memcpy(rest + *rest_length, text + block.start, block.end - block.start);
        *rest_length += block.end - block.start;
    }
    return rest;
}

static bool is_from_group(const struct conf_virtual_server *server)
{
    return server->kind == CONF_SERVER_GROUP;
}

static bool has_groups(const struct conf_model *model)
{
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        if (is_from_group(model->virtual_servers.items[i]))
            return true;
    }
    return false;
}

/* The blocks of the text; false if they are not the virtual servers of the model and others. */
static bool list_blocks(const char *text, size_t length, const struct conf_model *model,
                        struct record_block *blocks, uint32_t room, uint32_t *count)
{
    struct conf_outline_block block = {0};
    uint32_t servers = 0;

    for (*count = 0; (block = conf_outline_next(text, length, block.end)).kind != CONF_OUTLINE_END;
         (*count)++) {
        bool is_server = block.kind == CONF_OUTLINE_SERVER;

        if (block.kind == CONF_OUTLINE_UNSURE || *count == room ||
            (is_server && servers == model->virtual_servers.count))
            return false;
        blocks[*count] = (struct record_block){
            .key = is_server ? model->virtual_servers.items[servers]->key : 0,
            .start = (uint32_t)block.start,
            .length = (uint32_t)(block.end - block.start),
        };
        servers += is_server;
    }
    return servers == model->virtual_servers.count;
}

#define OTHER_BLOCKS_MAX 4096

uint8_t *conf_record_make(const char *text, size_t length, const struct conf_result *result,
                          const struct conf_model *model, uint64_t asked, size_t *bytes)
{
    uint32_t room = model->virtual_servers.count + OTHER_BLOCKS_MAX;
    struct record_head head = {.magic = RECORD_MAGIC, .asked = asked, .length = (uint32_t)length};
    struct record_block *blocks;
    uint8_t *record = NULL;
    size_t blocks_bytes;

    if (conf_result_outcome(result) != CONF_OUTCOME_GOOD ||
        conf_result_size(result) > CONF_ADVANCE_SIZE_MAX || length > TEXT_BYTES_MAX || has_groups(model))
        return NULL;
    blocks = must_alloc(room, sizeof(*blocks));
    if (list_blocks(text, length, model, blocks, room, &head.count)) {
        blocks_bytes = head.count * sizeof(*blocks);
        *bytes = sizeof(head) + blocks_bytes + length;
        record = must_alloc(*bytes, 1);
        memcpy(record, &head, sizeof(head));
        memcpy(record + sizeof(head), blocks, blocks_bytes);
        memcpy(record + sizeof(head) + blocks_bytes, text, length);
    }
    free(blocks);
    return record;
}

bool conf_record_open(const void *bytes, size_t length, struct conf_record *record)
{
    const struct record_head *head = bytes;

    if (length < sizeof(*head) || head->magic != RECORD_MAGIC ||
        length != sizeof(*head) + head->count * sizeof(struct record_block) + head->length)
        return false;
    *record = (struct conf_record){
        .blocks = (const struct record_block *)(head + 1),
        .count = head->count,
        .length = head->length,
        .asked = head->asked,
    };
    record->text = (const char *)(record->blocks + record->count);
    for (uint32_t i = 0; i < record->count; i++) {
        const struct record_block *block = &record->blocks[i];

        if (block->start > record->length || block->length > record->length - block->start)
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------ the comparison */

struct comparison {
    const struct conf_record *record;
    const char *text;
    size_t length;
    struct conf_advance *advance;
    uint32_t place;  /* of the record's block that is expected next */
    uint32_t other;  /* of the next that is no virtual server */
    uint32_t strays; /* blocks of the text that were not the expected ones */
};

static void append(struct conf_advance *advance, const char *text, size_t length)
{
    if (advance->room - advance->length < length + 1) {
        advance->room = (advance->room + length) * 2 + 1024;
        advance->text = realloc(advance->text, advance->room);
        if (advance->text == NULL)
            abort();
    }
    memcpy(advance->text + advance->length, text, length);
    advance->length += length;
    if (length > 0 && text[length - 1] != '\n') /* the text's last line */
        advance->text[advance->length++] = '\n';
}

/* Whether these bytes of the text are a block of the record that was not found yet. */
static bool is_block(const struct comparison *comparison, uint32_t place, size_t start, size_t length)
{
    const struct record_block *block = &comparison->record->blocks[place];

    return !comparison->advance->kept[place] && block->length == length &&
           memcmp(comparison->record->text + block->start, comparison->text + start, length) == 0;
}

static void find_other(struct comparison *comparison)
{
    while (comparison->other < comparison->record->count &&
           comparison->record->blocks[comparison->other].key != 0)
        comparison->other++;
}

/* A block of the text that is the one of the record at place. */
static void keep(struct comparison *comparison, uint32_t place, size_t start, size_t length)
{
    comparison->advance->kept[place] = true;
    if (comparison->record->blocks[place].key != 0)
        return;
    append(comparison->advance, comparison->text + start, length);
    comparison->other++;
    find_other(comparison);
}

/* The text goes on with the expected block: that it is one need not be looked at again. Returns its length,
 * 0 if it is not so. */
static size_t find_expected(const struct comparison *comparison, size_t at)
{
    uint32_t place = comparison->place;
    size_t length;

    if (place >= comparison->record->count)
        return 0;
    length = comparison->record->blocks[place].length;
    if (length == 0 || length > comparison->length - at || comparison->text[at + length - 1] != '\n' ||
        (comparison->record->blocks[place].key == 0 && place != comparison->other))
        return 0;
    return is_block(comparison, place, at, length) ? length : 0;
}

/* Mostly behind the place, where another was changed or removed. */
static bool find_server(const struct comparison *comparison, size_t start, size_t length, uint32_t *found)
{
    uint32_t count = comparison->record->count;

    for (uint32_t i = 0; i < count; i++) {
        *found = (comparison->place + i) % count;
        if (comparison->record->blocks[*found].key != 0 && is_block(comparison, *found, start, length))
            return true;
    }
    return false;
}

static bool take_server(struct comparison *comparison, size_t start, size_t length)
{
    uint32_t found;

    if (comparison->strays++ == CONF_ADVANCE_BLOCKS_MAX)
        return false;
    if (find_server(comparison, start, length, &found)) {
        keep(comparison, found, start, length);
        comparison->place = found + 1;
        return true;
    }
    append(comparison->advance, comparison->text + start, length);
    comparison->advance->servers++;
    return true;
}

/* It must be the next one of the record. */
static bool take_other(struct comparison *comparison, size_t start, size_t length)
{
    uint32_t other = comparison->other;

    if (other == comparison->record->count || !is_block(comparison, other, start, length))
        return false;
    keep(comparison, other, start, length);
    return true;
}

/* One block of the text; *at becomes its end. False if there is no advance. */
static bool take_block(struct comparison *comparison, size_t *at)
{
    size_t expected = find_expected(comparison, *at);
    struct conf_outline_block block;

    if (expected > 0) {
        keep(comparison, comparison->place++, *at, expected);
        *at += expected;
        return true;
    }
    block = conf_outline_next(comparison->text, comparison->length, *at);
    *at = block.end;
    switch (block.kind) {
    case CONF_OUTLINE_END:
        return true;
    case CONF_OUTLINE_SERVER:
        return take_server(comparison, block.start, block.end - block.start);
    case CONF_OUTLINE_OTHER:
        return take_other(comparison, block.start, block.end - block.start);
    case CONF_OUTLINE_UNSURE:
        break;
    }
    return false;
}

static void list_gone(const struct conf_record *record, struct conf_advance *advance)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if (!advance->kept[i] && record->blocks[i].key != 0)
            advance->gone[advance->gone_count++] = record->blocks[i].key;
    }
}

static bool compare(struct comparison *comparison)
{
    size_t at = conf_outline_skip(comparison->text, comparison->length, 0);

    find_other(comparison);
    while (at < comparison->length) {
        if (!take_block(comparison, &at))
            return false;
        at = conf_outline_skip(comparison->text, comparison->length, at);
    }
    if (comparison->other < comparison->record->count)
        return false;
    list_gone(comparison->record, comparison->advance);
    return comparison->advance->servers + comparison->advance->gone_count > 0;
}

bool conf_advance_find(const struct conf_record *record, const char *text, size_t length,
                       struct conf_advance *advance)
{
    struct comparison comparison = {.record = record, .text = text, .length = length};

    *advance = (struct conf_advance){
        .kept = must_alloc(record->count, sizeof(*advance->kept)),
        .gone = must_alloc(record->count, sizeof(*advance->gone)),
    };
    comparison.advance = advance;
    append(advance, "", 0);
    if (length <= TEXT_BYTES_MAX && compare(&comparison))
        return true;
    conf_advance_free(advance);
    return false;
}

/* ------------------------------------------------------------------ the decision */

static bool stays(const struct conf_record *record, const struct conf_advance *advance, uint64_t key)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if (advance->kept[i] && record->blocks[i].key == key)
            return true;
    }
    return false;
}

static void take_back(struct conf_advance *advance, uint64_t key)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < advance->gone_count; i++) {
        if (advance->gone[i] != key)
            advance->gone[left++] = advance->gone[i];
    }
    advance->gone_count = left;
}

bool conf_advance_settle(const struct conf_record *record, struct conf_advance *advance,
                         const struct conf_result *result, uint64_t asked)
{
    const struct conf_model *model = conf_result_model(result);

    if (conf_result_outcome(result) != CONF_OUTCOME_GOOD || asked != record->asked ||
        conf_result_size(result) > CONF_ADVANCE_SIZE_MAX || model->virtual_servers.count != advance->servers)
        return false;
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = model->virtual_servers.items[i];

        if (is_from_group(server) || stays(record, advance, server->key))
            return false;
        take_back(advance, server->key);
    }
    return true;
}

void conf_advance_free(struct conf_advance *advance)
{
    free(advance->text);
    free(advance->kept);
    free(advance->gone);
    *advance = (struct conf_advance){0};
}
