/*
 * Images of the IPVS table and their difference. See table.h.
 */
#include "daemon/director/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ images */

void image_clear(struct image *image)
{
    free(image->destinations);
    *image = (struct image){0};
}

/* Index of the destination, or where it would have to be. */
static uint32_t place_of(const struct image *image, const struct ipvs_destination_id *id, bool *found)
{
    uint32_t low = 0, high = image->count;

    *found = false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = ipvs_destination_id_compare(&image->destinations[middle].id, id);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_room(struct image *image)
{
    if (image->count < image->room)
        return;
    image->room = image->room == 0 ? 4 : image->room * 2;
    image->destinations = realloc(image->destinations, image->room * sizeof(image->destinations[0]));
    if (image->destinations == NULL)
        abort();
}

void image_put(struct image *image, const struct ipvs_destination *destination)
{
    bool found;
    uint32_t place = place_of(image, &destination->id, &found);

    if (!found) {
        make_room(image);
        memmove(&image->destinations[place + 1], &image->destinations[place],
                (image->count - place) * sizeof(image->destinations[0]));
        image->count++;
    }
    image->destinations[place] = *destination;
}

void image_drop(struct image *image, const struct ipvs_destination_id *id)
{
    bool found;
    uint32_t place = place_of(image, id, &found);

    if (!found)
        return;
    image->count--;
    memmove(&image->destinations[place], &image->destinations[place + 1],
            (image->count - place) * sizeof(image->destinations[0]));
}

struct ipvs_destination *image_find(const struct image *image, const struct ipvs_destination_id *id)
{
    bool found;
    uint32_t place = place_of(image, id, &found);

    return found ? &image->destinations[place] : NULL;
}

void image_copy(struct image *to, const struct image *from)
{
    image_clear(to);
    *to = *from;
    to->destinations = NULL;
    to->room = from->count;
    if (from->count == 0)
        return;
    to->destinations = calloc(from->count, sizeof(from->destinations[0]));
    if (to->destinations == NULL)
        abort();
    memcpy(to->destinations, from->destinations, from->count * sizeof(from->destinations[0]));
}

bool image_equal(const struct image *a, const struct image *b)
{
    if (a->exists != b->exists || a->count != b->count)
        return false;
    if (a->exists && !ipvs_service_equal(&a->service, &b->service))
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        if (!ipvs_destination_equal(&a->destinations[i], &b->destinations[i]))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------ differences */

void changes_free(struct changes *changes)
{
    free(changes->items);
    *changes = (struct changes){0};
}

static struct ipvs_change *append(struct changes *changes, enum ipvs_verb verb)
{
    if (changes->count == changes->room) {
        changes->room = changes->room == 0 ? 8 : changes->room * 2;
        changes->items = realloc(changes->items, changes->room * sizeof(changes->items[0]));
        if (changes->items == NULL)
            abort();
    }
    changes->items[changes->count] = (struct ipvs_change){.verb = verb};
    return &changes->items[changes->count++];
}

static void append_service(struct changes *changes, enum ipvs_verb verb, const struct ipvs_service *service)
{
    append(changes, verb)->service = *service;
}

static void append_destination(struct changes *changes, enum ipvs_verb verb, const struct ipvs_service_id *id,
                               const struct ipvs_destination *destination)
{
    struct ipvs_change *change = append(changes, verb);

    change->service.id = *id;
    change->destination = *destination;
}

/* Appends verb for every destination of some that other lacks. */
static void append_missing(struct changes *changes, enum ipvs_verb verb, const struct ipvs_service_id *id,
                           const struct image *some, const struct image *other)
{
    for (uint32_t i = 0; i < some->count; i++) {
        if (image_find(other, &some->destinations[i].id) == NULL)
            append_destination(changes, verb, id, &some->destinations[i]);
    }
}

static void append_edited(struct changes *changes, const struct ipvs_service_id *id,
                          const struct image *actual, const struct image *wanted)
{
    for (uint32_t i = 0; i < wanted->count; i++) {
        const struct ipvs_destination *now = image_find(actual, &wanted->destinations[i].id);

        if (now != NULL && !ipvs_destination_equal(now, &wanted->destinations[i]))
            append_destination(changes, IPVS_EDIT_DESTINATION, id, &wanted->destinations[i]);
    }
}

void table_difference(const struct ipvs_service_id *id, const struct image *actual,
                      const struct image *wanted, struct changes *changes)
{
    if (!wanted->exists) {
        if (actual->exists) /* its destinations go with it */
            append_service(changes, IPVS_DELETE_SERVICE, &(struct ipvs_service){.id = *id});
        return;
    }
    if (!actual->exists)
        append_service(changes, IPVS_ADD_SERVICE, &wanted->service);
    else if (!ipvs_service_equal(&actual->service, &wanted->service))
        append_service(changes, IPVS_EDIT_SERVICE, &wanted->service);
    append_missing(changes, IPVS_ADD_DESTINATION, id, wanted, actual);
    append_edited(changes, id, actual, wanted);
    append_missing(changes, IPVS_DELETE_DESTINATION, id, actual, wanted);
}

void table_apply(struct image *actual, const struct ipvs_change *change)
{
    switch (change->verb) {
    case IPVS_ADD_SERVICE:
    case IPVS_EDIT_SERVICE:
        actual->exists = true;
        actual->service = change->service;
        return;
    case IPVS_DELETE_SERVICE:
        image_clear(actual);
        return;
    case IPVS_ADD_DESTINATION:
    case IPVS_EDIT_DESTINATION:
        image_put(actual, &change->destination);
        return;
    case IPVS_DELETE_DESTINATION:
        image_drop(actual, &change->destination.id);
        return;
    }
}

/* ------------------------------------------------------------------ refusals */

/* There after all, with settings we do not know: no wanted one has such a method or scheduler, so the next
 * difference edits it. */
static void there_but_unknown(struct image *actual, const struct ipvs_change *change)
{
    struct ipvs_destination *destination;

    if (!ipvs_verb_is_destination(change->verb)) {
        memset(actual->service.scheduler, 0, sizeof(actual->service.scheduler));
        return;
    }
    destination = image_find(actual, &change->destination.id);
    if (destination != NULL)
        destination->method = UINT32_MAX;
}

static enum table_refusal refuse_service(struct image *actual, const struct ipvs_change *change, int error)
{
    if (change->verb == IPVS_ADD_SERVICE && error == EEXIST) {
        there_but_unknown(actual, change);
        return TABLE_SURPRISE;
    }
    if (change->verb == IPVS_ADD_SERVICE) {
        image_clear(actual);
        return TABLE_REFUSED;
    }
    if (error != ESRCH)
        return TABLE_REFUSED;
    image_clear(actual);
    return TABLE_SURPRISE;
}

static enum table_refusal refuse_destination(struct image *actual, const struct ipvs_change *change,
                                             int error)
{
    if (!actual->exists)
        return TABLE_CONSEQUENCE;
    if (change->verb == IPVS_ADD_DESTINATION && error == EEXIST) {
        there_but_unknown(actual, change);
        return TABLE_SURPRISE;
    }
    if (error == ENOENT || error == ESRCH) {
        image_drop(actual, &change->destination.id);
        return TABLE_SURPRISE;
    }
    if (change->verb == IPVS_ADD_DESTINATION)
        image_drop(actual, &change->destination.id);
    return TABLE_REFUSED;
}

enum table_refusal table_refuse(struct image *actual, const struct ipvs_change *change, int error)
{
    if (ipvs_verb_is_destination(change->verb))
        return refuse_destination(actual, change, error);
    return refuse_service(actual, change, error);
}
