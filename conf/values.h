/*
 * Words to values: pure functions, no message, no state.
 */
#ifndef TANDEM_CONF_VALUES_H
#define TANDEM_CONF_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"

enum conf_value_fault {
    CONF_VALUE_GOOD,
    CONF_VALUE_MALFORMED,
    CONF_VALUE_OUT_OF_RANGE,
};

/* Decimal digits with an optional sign. */
enum conf_value_fault conf_parse_integer(const char *text, int64_t low, int64_t high, int64_t *value);

/* digits[.digits] seconds, in microseconds; digits beyond the sixth round. */
enum conf_value_fault conf_parse_seconds(const char *text, int64_t low_us, int64_t high_us,
                                         int64_t *value_us);

/* on true yes off false no */
bool conf_parse_bool(const char *text, bool *value);

/* ADDRESS or ADDRESS/LENGTH; without a length *length is that of a host. MALFORMED also for a bad address; a
 * fault changes nothing. */
enum conf_value_fault conf_parse_prefix(const char *text, struct ip_address *address, uint8_t *length,
                                        bool *length_given);

/* A name the kernel takes for an interface. */
bool conf_is_interface_name(const char *text);

#endif
