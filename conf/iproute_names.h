/*
 * Names that iproute2 has for numbers: routing tables, protocols, scopes and so on, from its files
 * (rt_tables and the like, in iproute_etc_dir and iproute_usr_dir) and those everybody knows.
 */
#ifndef TANDEM_CONF_IPROUTE_NAMES_H
#define TANDEM_CONF_IPROUTE_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/host.h"

enum iproute_names {
    IPROUTE_TABLE,
    IPROUTE_PROTOCOL,
    IPROUTE_SCOPE,
    IPROUTE_DSFIELD,
    IPROUTE_REALM,
    IPROUTE_GROUP, /* of interfaces */
};

/* Where to look: the first directory's names count before the second's. */
struct iproute_directories {
    const char *first;
    const char *second;
};

/* The number for a word, which may be a number itself (decimal, 0x hexadecimal, or 0 octal); false if it is
 * none, beyond what that kind of number can be, or no name in the files, which are read each time. */
bool iproute_number(const struct conf_host *host, const struct iproute_directories *directories,
                    enum iproute_names kind, const char *word, uint32_t *number);

/* "a routing table" */
const char *iproute_kind_text(enum iproute_names kind);

#endif
