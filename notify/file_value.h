/*
 * The number in a tracked file. Pure.
 */
#ifndef TANDEM_NOTIFY_FILE_VALUE_H
#define TANDEM_NOTIFY_FILE_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_VALUE_BYTES 127 /* more of a file is not read */

/* Decimal, 0x hexadecimal or 0 octal, as C has them, after blanks; what follows does not count, and text that
 * is no number is 0. False, and *value untouched, if the number does not fit. */
bool file_value_parse(const char *bytes, size_t length, int32_t *value);

#endif
