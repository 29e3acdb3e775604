/*
 * FNV-1a with 64 bits: for tables, keys and sums of what nobody attacks.
 */
#ifndef TANDEM_CONF_FNV_H
#define TANDEM_CONF_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BEGIN UINT64_C(0xcbf29ce484222325)

/* The hash with these bytes behind those it has. */
static inline uint64_t fnv_add(uint64_t hash, const void *bytes, size_t length)
{
    const uint8_t *byte = bytes;

    for (size_t i = 0; i < length; i++)
        hash = (hash ^ byte[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
