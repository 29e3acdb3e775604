/*
 * Refusals already told. See refusals.h.
 */
#include "daemon/director/refusals.h"

#include <stdlib.h>
#include <uthash.h>

struct object {
    struct ipvs_service_id service;
    struct ipvs_destination_id destination; /* zero for a service */
};

struct refusal {
    struct object object;
    int error;
    UT_hash_handle hh;
};

struct refusals {
    struct refusal *all;
};

struct refusals *refusals_new(void)
{
    struct refusals *refusals = calloc(1, sizeof(*refusals));

    if (refusals == NULL)
        abort();
    return refusals;
}

void refusals_free(struct refusals *refusals)
{
    struct refusal *refusal, *next;

    HASH_ITER(hh, refusals->all, refusal, next)
    {
        HASH_DEL(refusals->all, refusal);
        free(refusal);
    }
    free(refusals);
}

static struct object object_of(const struct ipvs_change *change)
{
    struct object object = {.service = change->service.id};

    if (ipvs_verb_is_destination(change->verb))
        object.destination = change->destination.id;
    return object;
}

static struct refusal *find(const struct refusals *refusals, const struct object *object)
{
    struct refusal *found;

    HASH_FIND(hh, refusals->all, object, sizeof(*object), found);
    return found;
}

bool refusals_note(struct refusals *refusals, const struct ipvs_change *change, int error)
{
    struct object object = object_of(change);
    struct refusal *refusal = find(refusals, &object);
    bool news = refusal == NULL || refusal->error != error;

    if (refusal == NULL) {
        refusal = calloc(1, sizeof(*refusal));
        if (refusal == NULL)
            abort();
        refusal->object = object;
        HASH_ADD(hh, refusals->all, object, sizeof(refusal->object), refusal);
    }
    refusal->error = error;
    return news;
}

bool refusals_clear(struct refusals *refusals, const struct ipvs_change *change)
{
    struct object object = object_of(change);
    struct refusal *refusal = refusals->all == NULL ? NULL : find(refusals, &object);

    if (refusal == NULL)
        return false;
    HASH_DEL(refusals->all, refusal);
    free(refusal);
    return true;
}
