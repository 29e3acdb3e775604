/*
 * The table of verdicts. See verdict.h. No library is needed, so that whoever shows a verdict can link this.
 */
#include "checkers/verdict.h"

#include <stdio.h>
#include <string.h>

#include "checkers/http_parse.h"

/* How the sentence of a reason is made from detail, phase and time. */
enum sentence {
    SENTENCE_FIXED,  /* words */
    SENTENCE_OK,     /* words, or the status */
    SENTENCE_WAITED, /* words, seconds, what was being waited for */
    SENTENCE_PHASE,  /* words, what was being waited for */
    SENTENCE_ERRNO,  /* words, the errno's text */
    SENTENCE_FAULT,  /* words, the HTTP fault's text */
    SENTENCE_STATUS, /* the status got, and those wanted */
};

static const struct {
    const char *code;
    bool good;
    enum sentence sentence;
    const char *words;
} rows[VERDICT_REASON_COUNT] = {
    [VERDICT_NOT_RUN] = {"not_run", false, SENTENCE_FIXED, "not checked yet"},
    [VERDICT_OK] = {"ok", true, SENTENCE_OK, "connected"},
    [VERDICT_TIMEOUT] = {"timeout", false, SENTENCE_WAITED, "timeout"},
    [VERDICT_REFUSED] = {"connection_refused", false, SENTENCE_FIXED, "connection refused"},
    [VERDICT_UNREACHABLE] = {"unreachable", false, SENTENCE_ERRNO, "unreachable"},
    [VERDICT_RESET] = {"connection_reset", false, SENTENCE_PHASE, "connection reset by the server"},
    [VERDICT_CLOSED] = {"connection_closed", false, SENTENCE_PHASE, "connection closed by the server"},
    [VERDICT_SOCKET] = {"local_failure", false, SENTENCE_ERRNO, "this machine could not make the check"},
    [VERDICT_HTTP_MALFORMED] = {"http_malformed", false, SENTENCE_FAULT, "not an HTTP answer"},
    [VERDICT_HTTP_STATUS] = {"http_status", false, SENTENCE_STATUS, "status"},
};

static const char *const phases[PHASE_COUNT] = {
    [PHASE_NONE] = "",
    [PHASE_CONNECT] = " waiting for the connection",
    [PHASE_SEND] = " sending the request",
    [PHASE_STATUS_LINE] = " waiting for the status line",
    [PHASE_HEADERS] = " waiting for the end of the headers",
    [PHASE_BODY] = " waiting for the end of the body",
};

static const char *const faults[HTTP_FAULT_COUNT] = {
    [HTTP_FAULT_NONE] = "no fault",
    [HTTP_FAULT_STATUS_LINE] = "no status line",
    [HTTP_FAULT_LENGTH] = "Content-Length is not one number",
    [HTTP_FAULT_CHUNK] = "damaged chunk",
    [HTTP_FAULT_TOO_LONG] = "headers longer than 64 KiB",
};

const char *verdict_code(uint16_t reason)
{
    return reason < VERDICT_REASON_COUNT ? rows[reason].code : "unknown";
}

bool verdict_is_good(uint16_t reason)
{
    return reason < VERDICT_REASON_COUNT && rows[reason].good;
}

const char *verdict_text(uint16_t reason, uint16_t phase, int32_t detail, uint32_t wait_ms,
                         const char *wanted, char *buffer, size_t size)
{
    const char *during = phase < PHASE_COUNT ? phases[phase] : "";
    const char *words;

    if (reason >= VERDICT_REASON_COUNT) {
        snprintf(buffer, size, "unknown reason %u", (unsigned int)reason);
        return buffer;
    }
    words = rows[reason].words;
    switch (rows[reason].sentence) {
    case SENTENCE_FIXED:
        snprintf(buffer, size, "%s", words);
        break;
    case SENTENCE_OK:
        if (detail > 0)
            snprintf(buffer, size, "status %d", detail);
        else
            snprintf(buffer, size, "%s", words);
        break;
    case SENTENCE_WAITED:
        snprintf(buffer, size, "%s after %u.%u s%s", words, wait_ms / 1000, wait_ms % 1000 / 100, during);
        break;
    case SENTENCE_PHASE:
        snprintf(buffer, size, "%s%s%s", words, *during != '\0' ? "," : "", during);
        break;
    case SENTENCE_ERRNO:
        snprintf(buffer, size, "%s: %s", words, strerror(detail));
        break;
    case SENTENCE_FAULT:
        snprintf(buffer, size, "%s: %s", words,
                 detail >= 0 && detail < HTTP_FAULT_COUNT ? faults[detail] : "unknown fault");
        break;
    case SENTENCE_STATUS:
        snprintf(buffer, size, "%s %d%s%s", words, detail, wanted != NULL ? ", wanted " : "",
                 wanted != NULL ? wanted : "");
        break;
    }
    return buffer;
}
