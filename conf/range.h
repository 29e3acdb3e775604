/*
 * Ranges of addresses as virtual_server_group writes them. Pure.
 *
 *     10.0.0.1            one address
 *     10.0.0.0/28         all addresses of a network
 *     10.0.0.1-20         up to the same address with this last octet
 *     2001:db8::1-ff      up to the same address with these last 16 bits, hexadecimal
 *     10.0.0.250-10.0.1.5 from one address to another, of either family
 */
#ifndef TANDEM_CONF_RANGE_H
#define TANDEM_CONF_RANGE_H

#include "conf/address.h"

enum conf_range_fault {
    CONF_RANGE_GOOD,
    CONF_RANGE_NO_ADDRESS, /* what stands before '-' or '/' is none */
    CONF_RANGE_BAD_END,    /* what stands behind '-' is neither an address of that family nor its last part */
    CONF_RANGE_BACKWARDS,  /* the end is before the start */
    CONF_RANGE_BAD_LENGTH, /* not a prefix length of that family, or 0 */
    CONF_RANGE_HOST_BITS,  /* the address is not the network's own */
    CONF_RANGE_TOO_MANY,   /* more than CONF_SERVICE_ADDRESSES_MAX */
};

/* first and count are untouched unless the range is good; then count is at least 1. */
enum conf_range_fault conf_parse_range(const char *text, struct ip_address *first, uint32_t *count);

/* What is wrong, as the end of a sentence: "its end is before its start". */
const char *conf_range_fault_text(enum conf_range_fault fault);

#endif
