/*
 * The word on each interface. See interfaces.h.
 */
#include "daemon/vrrp/interfaces.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
    struct links_interface last;   /* as links told it */
    struct links_interface counts; /* with a pending change left out */
    struct link_delay delay;
    UT_hash_handle hh;
};

struct interfaces {
    struct entry *by_name;
};

struct interfaces *interfaces_new(void)
{
    struct interfaces *interfaces = calloc(1, sizeof(*interfaces));

    if (interfaces == NULL)
        abort();
    return interfaces;
}

void interfaces_free(struct interfaces *interfaces)
{
    struct entry *entry, *next;

    if (interfaces == NULL)
        return;
    HASH_ITER(hh, interfaces->by_name, entry, next)
    {
        HASH_DEL(interfaces->by_name, entry);
        free(entry);
    }
    free(interfaces);
}

static struct entry *find_entry(const struct interfaces *interfaces, const char *name)
{
    struct entry *entry;

    HASH_FIND_STR(interfaces->by_name, name, entry);
    return entry;
}

/* What counts, from the newest word and what is pending. True if it is another than before. */
static bool settle(struct entry *entry)
{
    struct links_interface before = entry->counts;
    bool pending = mono_is_set(entry->delay.due);

    if (pending && entry->delay.works)
        return false;
    entry->counts = entry->last;
    if (pending)
        entry->counts.flags &= ~(uint32_t)INTERFACE_RUNNING;
    return memcmp(&before, &entry->counts, sizeof(before)) != 0;
}

static struct entry *find_or_add(struct interfaces *interfaces, const struct links_interface *word)
{
    struct entry *entry = find_entry(interfaces, word->name);

    if (entry != NULL)
        return entry;
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        abort();
    memcpy(entry->last.name, word->name, sizeof(entry->last.name));
    HASH_ADD_STR(interfaces->by_name, last.name, entry);
    return entry;
}

bool interfaces_update(struct interfaces *interfaces, const struct links_interface *news,
                       const struct link_patience *patience, struct mono now)
{
    static const struct link_patience none;
    struct links_interface word = *news;
    struct entry *entry;

    word.name[sizeof(word.name) - 1] = '\0';
    entry = find_or_add(interfaces, &word);
    if (entry->delay.known && memcmp(&entry->last, &word, sizeof(word)) == 0)
        return false;
    if ((word.flags & INTERFACE_EXISTS) == 0 || word.ifindex != entry->last.ifindex)
        entry->delay = (struct link_delay){0}; /* it is gone, or another */
    entry->last = word;
    link_delay_take(&entry->delay, interface_works(&word), patience == NULL ? &none : patience, now);
    return settle(entry);
}

struct mono interfaces_due(const struct interfaces *interfaces)
{
    struct mono due = {0};

    for (const struct entry *entry = interfaces->by_name; entry != NULL; entry = entry->hh.next)
        due = mono_earliest(due, entry->delay.due);
    return due;
}

const struct links_interface *interfaces_pass(struct interfaces *interfaces, struct mono now)
{
    for (struct entry *entry = interfaces->by_name; entry != NULL; entry = entry->hh.next) {
        if (link_delay_pass(&entry->delay, now) && settle(entry))
            return &entry->counts;
    }
    return NULL;
}

const struct links_interface *interfaces_find(const struct interfaces *interfaces, const char *name)
{
    const struct entry *entry = find_entry(interfaces, name);

    return entry == NULL ? NULL : &entry->counts;
}

bool interface_works(const struct links_interface *interface)
{
    const uint32_t working = INTERFACE_EXISTS | INTERFACE_UP | INTERFACE_RUNNING;

    return interface != NULL && (interface->flags & working) == working;
}
