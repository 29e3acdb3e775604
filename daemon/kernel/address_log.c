/*
 * Addresses that come and go, in the log. See address_log.h.
 */
#include "daemon/kernel/address_log.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "daemon/core/log.h"

/* What identifies an address to the kernel. */
struct place {
    uint32_t ifindex;
    uint32_t prefix_length;
    struct ip_address address;
};

struct known {
    struct place place;
    UT_hash_handle hh;
};

struct address_log {
    struct known *known;
};

struct address_log *address_log_new(void)
{
    struct address_log *log = calloc(1, sizeof(*log));

    if (log == NULL)
        abort();
    return log;
}

static void forget(struct address_log *log, struct known *known)
{
    HASH_DEL(log->known, known);
    free(known);
}

static void remember(struct address_log *log, const struct place *place)
{
    struct known *known = calloc(1, sizeof(*known));

    if (known == NULL)
        abort();
    known->place = *place;
    HASH_ADD(hh, log->known, place, sizeof(known->place), known);
}

void address_log_note(struct address_log *log, const struct kernel_address *address, bool exists,
                      const char *interface)
{
    char text[IP_ADDRESS_TEXT];
    struct known *known;
    struct place place;

    memset(&place, 0, sizeof(place));
    place.ifindex = address->ifindex;
    place.prefix_length = address->prefix_length;
    memcpy(&place.address, &address->address, sizeof(place.address));
    HASH_FIND(hh, log->known, &place, sizeof(place), known);
    if (exists == (known != NULL))
        return;
    if (exists)
        remember(log, &place);
    else
        forget(log, known);
    log_info("address %s/%u %s %s", ip_address_text(&address->address, text), place.prefix_length,
             exists ? "came on" : "went from", interface == NULL ? "an interface that is gone" : interface);
}
