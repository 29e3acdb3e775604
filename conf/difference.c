/*
 * Comparing two models row by row. See difference.h.
 */
#include "conf/difference.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "conf/arena.h"
#include "conf/fnv.h"

#define NOT_THERE UINT32_MAX

static void compare_fields(struct conf_difference *difference, const struct conf_pair *pair);

static void add_step(struct conf_difference *difference, struct conf_step step)
{
    difference->steps = conf_arena_room(difference->arena, difference->steps, sizeof(*difference->steps),
                                        difference->count, &difference->room);
    difference->steps[difference->count++] = step;
}

static const struct conf_pair *make_pair(struct conf_difference *difference, const struct conf_pair *parent,
                                         const struct field *field, const void *before, const void *after)
{
    struct conf_pair *pair = conf_arena_alloc(difference->arena, sizeof(*pair));

    *pair = (struct conf_pair){parent, field, field->layout, before, after};
    return pair;
}

/* ------------------------------------------------------------------ values */

static bool same_text(const void *before, const void *after)
{
    const char *const *a = before, *const *b = after;

    return *a == *b || (*a != NULL && *b != NULL && strcmp(*a, *b) == 0);
}

static bool same_words(const struct any_list *before, const struct any_list *after)
{
    if (before->count != after->count)
        return false;
    for (uint32_t i = 0; i < before->count; i++) {
        if (strcmp(before->items[i], after->items[i]) != 0)
            return false;
    }
    return true;
}

static bool same_references(const struct any_list *before, const struct any_list *after)
{
    if (before->count != after->count)
        return false;
    for (uint32_t i = 0; i < before->count; i++) {
        const struct conf_instance *a = before->items[i], *b = after->items[i];

        if (a->key != b->key)
            return false;
    }
    return true;
}

static bool same_endpoint(const struct ip_endpoint *before, const struct ip_endpoint *after)
{
    return before->port == after->port && ip_address_compare(&before->address, &after->address) == 0;
}

/* Of a field that is neither struct nor list of structs. */
static bool same_value(const struct field *field, const void *before, const void *after)
{
    const char *a = (const char *)before + field->offset, *b = (const char *)after + field->offset;
    struct any_list first, second;

    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_SECRET_TEXT:
        return same_text(a, b);
    case FIELD_CHARACTERS:
        return strncmp(a, b, field->size) == 0;
    case FIELD_ADDRESS:
        return ip_address_compare((const struct ip_address *)a, (const struct ip_address *)b) == 0;
    case FIELD_ENDPOINT:
        return same_endpoint((const struct ip_endpoint *)a, (const struct ip_endpoint *)b);
    case FIELD_WORDS:
        first = field_list(before, field);
        second = field_list(after, field);
        return same_words(&first, &second);
    case FIELD_REFERENCES:
        first = field_list(before, field);
        second = field_list(after, field);
        return same_references(&first, &second);
    case FIELD_UNSIGNED:
    case FIELD_SIGNED:
    case FIELD_BOOL:
    case FIELD_SECRET:
        return memcmp(a, b, field->size) == 0;
    case FIELD_KEY: /* these two follow from the rest; the other two are looked into */
    case FIELD_DIGEST:
    case FIELD_STRUCT:
    case FIELD_LIST:
        return true;
    }
    return true;
}

/* ------------------------------------------------------------------ identity */

static uint64_t mix_field(uint64_t hash, const struct field *field, const void *item)
{
    const char *place = (const char *)item + field->offset;
    const struct ip_address *address = (const struct ip_address *)place;
    const char *text;

    if (field->kind == FIELD_TEXT) {
        memcpy(&text, place, sizeof(text));
        return text == NULL ? hash : fnv_add(hash, text, strlen(text));
    }
    if (field->kind == FIELD_ADDRESS)
        return fnv_add(fnv_add(hash, &address->family, sizeof(address->family)), address->bytes,
                       address->family == AF_INET ? 4 : 16);
    return fnv_add(hash, place, field->size);
}

/* What an item is the same by: its key, what identifies it, or its place. */
static uint64_t identity(const struct layout *layout, const void *item, uint32_t place)
{
    uint64_t hash = FNV_BEGIN;
    bool identified = false;

    for (size_t i = 0; i < layout->count; i++) {
        const struct field *field = &layout->fields[i];

        if (field->kind == FIELD_KEY)
            return field_unsigned(item, field);
        if (!field->identity)
            continue;
        hash = mix_field(hash, field, item);
        identified = true;
    }
    return identified ? hash : place;
}

/* ------------------------------------------------------------------ lists */

/* The items of the old list by identity; equal ones stand in a queue, so that each is matched once. */
struct known {
    uint64_t identity;
    uint32_t first;
    uint32_t last;
    UT_hash_handle hh;
};

struct matching {
    const struct field *field;
    struct any_list before;
    struct any_list after;
    struct known *known;
    struct known *items; /* as many as .before has */
    uint32_t *next;      /* the next old item of the same identity */
    uint32_t *partner;   /* of each new item: the old one, or NOT_THERE */
    bool *stays;         /* of each old item */
};

static void remember(struct matching *matching, uint32_t at)
{
    uint64_t id = identity(matching->field->layout, matching->before.items[at], at);
    struct known *known;

    matching->next[at] = NOT_THERE;
    HASH_FIND(hh, matching->known, &id, sizeof(id), known);
    if (known != NULL) {
        matching->next[known->last] = at;
        known->last = at;
        return;
    }
    known = &matching->items[at];
    *known = (struct known){.identity = id, .first = at, .last = at};
    HASH_ADD(hh, matching->known, identity, sizeof(known->identity), known);
}

static uint32_t find_partner(struct matching *matching, uint32_t at)
{
    uint64_t id = identity(matching->field->layout, matching->after.items[at], at);
    struct known *known;
    uint32_t partner;

    HASH_FIND(hh, matching->known, &id, sizeof(id), known);
    if (known == NULL || known->first == NOT_THERE)
        return NOT_THERE;
    partner = known->first;
    known->first = matching->next[partner];
    matching->stays[partner] = true;
    return partner;
}

static void match(struct conf_difference *difference, struct matching *matching)
{
    uint32_t before = matching->before.count, after = matching->after.count;

    matching->items = conf_arena_alloc(difference->arena, (before + 1) * sizeof(*matching->items));
    matching->next = conf_arena_alloc(difference->arena, (before + 1) * sizeof(*matching->next));
    matching->stays = conf_arena_alloc(difference->arena, (before + 1) * sizeof(*matching->stays));
    matching->partner = conf_arena_alloc(difference->arena, (after + 1) * sizeof(*matching->partner));
    for (uint32_t i = 0; i < before; i++)
        remember(matching, i);
    for (uint32_t i = 0; i < after; i++)
        matching->partner[i] = find_partner(matching, i);
    HASH_CLEAR(hh, matching->known);
}

static bool keeps_order(const struct matching *matching)
{
    uint32_t last = 0;

    for (uint32_t i = 0; i < matching->after.count; i++) {
        if (matching->partner[i] == NOT_THERE)
            continue;
        if (matching->partner[i] < last)
            return false;
        last = matching->partner[i];
    }
    return true;
}

static void add_order(struct conf_difference *difference, const struct conf_pair *owner,
                      const struct matching *matching)
{
    void **order = conf_arena_alloc(difference->arena, matching->after.count * sizeof(*order));
    struct conf_step step = {.kind = CONF_STEP_ORDER,
                             .owner = owner,
                             .field = matching->field,
                             .before = owner->before,
                             .after = owner->after,
                             .order = order};

    for (uint32_t i = 0; i < matching->after.count; i++) {
        if (matching->partner[i] != NOT_THERE)
            order[step.staying++] = matching->before.items[matching->partner[i]];
    }
    add_step(difference, step);
}

static void compare_list(struct conf_difference *difference, const struct conf_pair *owner,
                         const struct field *field)
{
    struct matching matching = {
        .field = field, .before = field_list(owner->before, field), .after = field_list(owner->after, field)};

    match(difference, &matching);
    for (uint32_t i = 0; i < matching.before.count; i++) {
        if (!matching.stays[i])
            add_step(difference, (struct conf_step){.kind = CONF_STEP_REMOVE,
                                                    .owner = owner,
                                                    .field = field,
                                                    .before = matching.before.items[i]});
    }
    if (!keeps_order(&matching))
        add_order(difference, owner, &matching);
    for (uint32_t i = 0; i < matching.after.count; i++) {
        void *item = matching.after.items[i];

        if (matching.partner[i] == NOT_THERE)
            add_step(difference,
                     (struct conf_step){
                         .kind = CONF_STEP_ADD, .owner = owner, .field = field, .after = item, .index = i});
        else
            compare_fields(difference, make_pair(difference, owner, field,
                                                 matching.before.items[matching.partner[i]], item));
    }
}

/* ------------------------------------------------------------------ objects */

static void compare_field(struct conf_difference *difference, const struct conf_pair *pair,
                          const struct field *field)
{
    if (field->kind == FIELD_LIST)
        compare_list(difference, pair, field);
    else if (field->kind == FIELD_STRUCT)
        compare_fields(difference, make_pair(difference, pair, field, field_struct(pair->before, field),
                                             field_struct(pair->after, field)));
    else if (!same_value(field, pair->before, pair->after))
        add_step(difference, (struct conf_step){.kind = CONF_STEP_CHANGE,
                                                .owner = pair,
                                                .field = field,
                                                .before = pair->before,
                                                .after = pair->after});
}

static void compare_fields(struct conf_difference *difference, const struct conf_pair *pair)
{
    for (size_t i = 0; i < pair->layout->count; i++) {
        if (!pair->layout->fields[i].follows)
            compare_field(difference, pair, &pair->layout->fields[i]);
    }
}

struct conf_difference *conf_difference_new(const struct conf_model *before, const struct conf_model *after)
{
    struct conf_arena *arena = conf_arena_new();
    struct conf_difference *difference;
    struct conf_pair *models;

    if (arena == NULL)
        abort();
    difference = conf_arena_alloc(arena, sizeof(*difference));
    difference->arena = arena;
    models = conf_arena_alloc(arena, sizeof(*models));
    *models = (struct conf_pair){NULL, NULL, &layout_of_model, before, after};
    compare_fields(difference, models);
    return difference;
}

void conf_difference_free(struct conf_difference *difference)
{
    if (difference != NULL)
        conf_arena_free(difference->arena);
}
