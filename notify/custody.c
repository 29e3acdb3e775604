/*
 * A list of what a predecessor left. See custody.h.
 */
#include "notify/custody.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

struct heirloom {
    STAILQ_ENTRY(heirloom) next;
    uint64_t key;
    int fd;
};

struct custody {
    struct custody_keeper keeper; /* its functions are NULL before it is there */
    STAILQ_HEAD(, heirloom) heirlooms;
};

struct custody *custody_new(void)
{
    struct custody *custody = calloc(1, sizeof(*custody));

    if (custody == NULL)
        abort();
    STAILQ_INIT(&custody->heirlooms);
    return custody;
}

void custody_set_keeper(struct custody *custody, const struct custody_keeper *keeper)
{
    custody->keeper = *keeper;
}

void custody_inherit(struct custody *custody, uint64_t key, int fd)
{
    struct heirloom *heirloom = calloc(1, sizeof(*heirloom));

    if (heirloom == NULL)
        abort();
    heirloom->key = key;
    heirloom->fd = fd;
    STAILQ_INSERT_TAIL(&custody->heirlooms, heirloom, next);
}

static int take_out(struct custody *custody, struct heirloom *heirloom)
{
    int fd = heirloom->fd;

    STAILQ_REMOVE(&custody->heirlooms, heirloom, heirloom, next);
    free(heirloom);
    return fd;
}

int custody_take(struct custody *custody, uint64_t key)
{
    struct heirloom *heirloom;

    STAILQ_FOREACH(heirloom, &custody->heirlooms, next)
    {
        if (heirloom->key == key)
            return take_out(custody, heirloom);
    }
    return -1;
}

void custody_hold(struct custody *custody, uint64_t key, int fd)
{
    if (custody->keeper.hold != NULL)
        custody->keeper.hold(key, fd, custody->keeper.data);
}

void custody_release(struct custody *custody, uint64_t key)
{
    if (custody->keeper.release != NULL)
        custody->keeper.release(key, custody->keeper.data);
}

void custody_clear(struct custody *custody, void (*unwanted)(int fd, void *data), void *data)
{
    while (!STAILQ_EMPTY(&custody->heirlooms)) {
        struct heirloom *first = STAILQ_FIRST(&custody->heirlooms);

        custody_release(custody, first->key);
        unwanted(take_out(custody, first), data);
    }
}
