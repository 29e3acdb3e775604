/*
 * The newest word on each interface. See interfaces.h.
 */
#include "daemon/vrrp/interfaces.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
    struct links_interface last;
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

bool interfaces_update(struct interfaces *interfaces, const struct links_interface *news)
{
    struct links_interface word = *news;
    struct entry *entry;

    word.name[sizeof(word.name) - 1] = '\0';
    entry = find_entry(interfaces, word.name);
    if (entry != NULL) {
        if (memcmp(&entry->last, &word, sizeof(word)) == 0)
            return false;
        entry->last = word;
        return true;
    }
    entry = calloc(1, sizeof(*entry));
    if (entry == NULL)
        abort();
    entry->last = word;
    HASH_ADD_STR(interfaces->by_name, last.name, entry);
    return true;
}

const struct links_interface *interfaces_find(const struct interfaces *interfaces, const char *name)
{
    const struct entry *entry = find_entry(interfaces, name);

    return entry == NULL ? NULL : &entry->last;
}

bool interface_works(const struct links_interface *interface)
{
    const uint32_t working = INTERFACE_EXISTS | INTERFACE_UP | INTERFACE_RUNNING;

    return interface != NULL && (interface->flags & working) == working;
}
