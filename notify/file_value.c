/*
 * Parsing a tracked file. See file_value.h.
 */
#include "notify/file_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool file_value_parse(const char *bytes, size_t length, int32_t *value)
{
    char text[FILE_VALUE_BYTES + 1];
    long long number;

    if (length > FILE_VALUE_BYTES)
        length = FILE_VALUE_BYTES;
    memcpy(text, bytes, length);
    text[length] = '\0';
    errno = 0;
    number = strtoll(text, NULL, 0);
    if (errno == ERANGE || number < INT32_MIN || number > INT32_MAX)
        return false;
    *value = (int32_t)number;
    return true;
}
