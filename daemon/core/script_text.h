/*
 * How a run of a recurring script ended, in words: for log lines of those who ask, and for status.
 */
#ifndef TANDEM_CORE_SCRIPT_TEXT_H
#define TANDEM_CORE_SCRIPT_TEXT_H

#include <stddef.h>

#include "daemon/core/messages.h"

#define SCRIPT_TEXT_BYTES 96

/* "exit status 1", "killed by signal 9 (Killed)", "timed out after 3.0 s", "cannot be executed: Permission
 * denied", "not run: Cannot allocate memory"; duration_us only matters for the third. Returns buffer. */
const char *script_text(uint32_t outcome, int32_t status, int64_t duration_us,
                        char buffer[static SCRIPT_TEXT_BYTES]);

#endif
