/*
 * What tests leave behind while they run: lines of the log, and files in a directory of their own.
 */
#ifndef TANDEM_TESTS_SCRATCH_H
#define TANDEM_TESTS_SCRATCH_H

#include <stddef.h>

#include "daemon/core/log.h"

/* From now on lines of that level and more urgent ones are added to text, each with a newline, as far as
 * there is room; NULL ends it. */
void scratch_log(enum log_level least_urgent, char *text, size_t size);

/* Removes the directory and what is in it. */
void scratch_remove(const char *directory);

#endif
