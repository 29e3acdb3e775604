/* See apply_difference.h. The test owns both models, so the consts of the steps may be taken away. */
#include "apply_difference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdint.h>
#include <string.h>

static void *own(const void *object)
{
    return (void *)(uintptr_t)object;
}

void *own_struct(struct conf_model *model, void *object, const struct field *field)
{
    char *place = (char *)object + field->offset;
    void *made;

    if (!field->optional)
        return place;
    memcpy(&made, place, sizeof(made));
    if (made == NULL) {
        made = conf_model_alloc(model, field->layout->size);
        memcpy(place, &made, sizeof(made));
    }
    return made;
}

/* The old object of a pair; what stands for a struct that was not there is not the model's, so it is made. */
static void *old_object(struct conf_model *model, const struct conf_pair *pair)
{
    if (pair->field == NULL || pair->field->kind != FIELD_STRUCT)
        return own(pair->before);
    return own_struct(model, old_object(model, pair->parent), pair->field);
}

/* A list that may grow. */
static void *room(struct conf_model *model, const struct any_list *list)
{
    void **items = conf_model_alloc(model, (list->count + 1) * sizeof(*items));

    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof(*items));
    return items;
}

static void take_out(struct conf_model *model, struct conf_step *step)
{
    void *owner = old_object(model, step->owner);
    struct any_list list = field_list(owner, step->field);
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list.count; i++) {
        if (list.items[i] != step->before)
            list.items[kept++] = list.items[i];
    }
    assert_int_equal(kept, list.count - 1);
    list.count = kept;
    field_set_list(owner, step->field, &list);
}

static void put_in(struct conf_model *model, struct conf_step *step)
{
    void *owner = old_object(model, step->owner);
    struct any_list list = field_list(owner, step->field);
    uint32_t at = step->index < list.count ? step->index : list.count;

    list.items = room(model, &list);
    memmove(list.items + at + 1, list.items + at, (list.count - at) * sizeof(*list.items));
    list.items[at] = own(step->after);
    list.count++;
    field_set_list(owner, step->field, &list);
}

static bool is_among(const void *item, void *const *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (items[i] == item)
            return true;
    }
    return false;
}

/* What the step does not name stays at the end: an item whose removal was left out. */
static void put_in_order(struct conf_model *model, struct conf_step *step)
{
    void *owner = old_object(model, step->owner);
    struct any_list list = field_list(owner, step->field), ordered = list;
    uint32_t at = step->staying;

    ordered.items = room(model, &list);
    memcpy(ordered.items, step->order, step->staying * sizeof(*step->order));
    for (uint32_t i = 0; i < list.count; i++) {
        if (!is_among(list.items[i], step->order, step->staying))
            ordered.items[at++] = list.items[i];
    }
    assert_int_equal(at, list.count);
    field_set_list(owner, step->field, &ordered);
}

static void change(struct conf_model *model, struct conf_step *step)
{
    memcpy((char *)old_object(model, step->owner) + step->field->offset,
           (const char *)step->after + step->field->offset, step->field->size);
}

void apply_difference(struct conf_model *before, const struct conf_difference *difference, size_t without)
{
    for (size_t i = 0; i < difference->count; i++) {
        struct conf_step *step = &difference->steps[i];

        if (i == without)
            continue;
        switch (step->kind) {
        case CONF_STEP_ADD:
            put_in(before, step);
            break;
        case CONF_STEP_REMOVE:
            take_out(before, step);
            break;
        case CONF_STEP_CHANGE:
            change(before, step);
            break;
        case CONF_STEP_ORDER:
            put_in_order(before, step);
            break;
        }
    }
}
