/*
 * Words for script outcomes. See script_text.h.
 */
#include "daemon/core/script_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *why_not_run(int32_t status)
{
    switch (status) {
    case EBUSY:
        return "it still runs";
    case ENOENT:
        return "the scripts process does not know it yet";
    case ESHUTDOWN:
        return "the daemon stops";
    }
    return strerror(status);
}

const char *script_text(uint32_t outcome, int32_t status, int64_t duration_us,
                        char buffer[static SCRIPT_TEXT_BYTES])
{
    const char *text = "no result yet";

    switch ((enum script_outcome)outcome) {
    case SCRIPT_EXITED:
        snprintf(buffer, SCRIPT_TEXT_BYTES, "exit status %d", (int)status);
        return buffer;
    case SCRIPT_KILLED:
        snprintf(buffer, SCRIPT_TEXT_BYTES, "killed by signal %d (%s)", (int)status, strsignal(status));
        return buffer;
    case SCRIPT_TIMED_OUT:
        snprintf(buffer, SCRIPT_TEXT_BYTES, "timed out after %.1f s", (double)duration_us / 1e6);
        return buffer;
    case SCRIPT_NOT_EXECUTABLE:
        snprintf(buffer, SCRIPT_TEXT_BYTES, "cannot be executed: %s", strerror(status));
        return buffer;
    case SCRIPT_NOT_RUN:
        snprintf(buffer, SCRIPT_TEXT_BYTES, "not run: %s", why_not_run(status));
        return buffer;
    }
    snprintf(buffer, SCRIPT_TEXT_BYTES, "%s", text);
    return buffer;
}
