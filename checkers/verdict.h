/*
 * Verdicts: what an attempt of a check came to, and the words for it.
 *
 * A checker reports (reason, phase, detail, time); one table gives each reason whether the server is good,
 * a short code for JSON and metrics, and the sentence an operator reads: "connection refused",
 * "timeout after 3.0 s waiting for the status line", "status 503, wanted 200-299".
 */
#ifndef TANDEM_CHECKERS_VERDICT_H
#define TANDEM_CHECKERS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict_reason {
    VERDICT_NOT_RUN,        /* no result yet */
    VERDICT_OK,             /* detail: HTTP status where there is one */
    VERDICT_TIMEOUT,        /* in a phase, after wait_ms */
    VERDICT_REFUSED,        /* ECONNREFUSED */
    VERDICT_UNREACHABLE,    /* detail: errno (host, network unreachable, ...) */
    VERDICT_RESET,          /* the server reset the connection, in a phase */
    VERDICT_CLOSED,         /* the server closed before the answer was whole, in a phase */
    VERDICT_SOCKET,         /* detail: errno of a local failure (bind, mark, descriptors) */
    VERDICT_HTTP_MALFORMED, /* detail: enum http_fault (http_parse.h) */
    VERDICT_HTTP_STATUS,    /* detail: the status got */
    VERDICT_REASON_COUNT,
};

enum verdict_phase {
    PHASE_NONE,
    PHASE_CONNECT,
    PHASE_SEND,
    PHASE_STATUS_LINE,
    PHASE_HEADERS,
    PHASE_BODY,
    PHASE_COUNT,
};

/* "connection_refused": for JSON and metrics. */
const char *verdict_code(uint16_t reason);

/* True if the server is good for that reason. */
bool verdict_is_good(uint16_t reason);

/* The sentence. wanted = the statuses that would have been good ("200-299"), or NULL. Returns buffer. */
const char *verdict_text(uint16_t reason, uint16_t phase, int32_t detail, uint32_t wait_ms,
                         const char *wanted, char *buffer, size_t size);

#endif
