/*
 * Verdicts: what an attempt of a check came to, and the words for it.
 *
 * A checker reports (reason, phase, detail, time); one table gives each reason whether the server is good,
 * a short code for JSON and metrics, and the sentence an operator reads: "connection refused",
 * "timeout after 3.0 s waiting for the status line", "status 503, wanted 200-299", "TLS handshake failed:
 * the server does not speak TLS".
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
    VERDICT_DIGEST,         /* detail: the first four bytes of the body's digest */
    VERDICT_REGEX,          /* the body does not match */
    VERDICT_REGEX_MATCH,    /* it does, and must not */
    VERDICT_REGEX_COST,     /* the regular expression needs too much time or memory with this body */
    VERDICT_TLS,            /* detail: enum tls_fault, in a phase */
    VERDICT_TLS_UNCLEAN,    /* the end came without close_notify (tls_compliant) */
    VERDICT_SCRIPT_STATUS,  /* detail: exit status */
    VERDICT_SCRIPT_SIGNAL,  /* detail: the signal it died of */
    VERDICT_SCRIPT_TIMEOUT, /* it was ended for taking too long */
    VERDICT_SCRIPT_MISSING, /* detail: errno; it cannot be executed */
    VERDICT_SCRIPT_NOT_RUN, /* detail: errno; because of this machine: no result */
    VERDICT_UDP_REPLY,      /* detail: its length; another than wanted */
    VERDICT_DNS,            /* detail: response code */
    VERDICT_SMTP,           /* detail: reply code, in a phase */
    VERDICT_SMTP_MALFORMED, /* in a phase */
    VERDICT_FILE,           /* detail: the number in the file */
    VERDICT_REASON_COUNT,
};

/* What was wrong with TLS. */
enum tls_fault {
    TLS_FAULT_NOT_TLS,    /* what the server sends is no TLS */
    TLS_FAULT_VERSION,    /* no version in common */
    TLS_FAULT_WEAK,       /* its key, signature or cipher is weaker than the library takes */
    TLS_FAULT_UNTRUSTED,  /* tls_verify: its certificate is of no authority that is trusted */
    TLS_FAULT_EXPIRED,    /* tls_verify: not valid now */
    TLS_FAULT_WRONG_NAME, /* tls_verify: for another name */
    TLS_FAULT_DAMAGED,    /* anything else */
    TLS_FAULT_COUNT,
    TLS_FAULT_ALERT = 256, /* + the number of the alert the server sent (RFC 8446, 6.2) */
};

enum verdict_phase {
    PHASE_NONE,
    PHASE_CONNECT,
    PHASE_SEND,
    PHASE_STATUS_LINE,
    PHASE_HEADERS,
    PHASE_BODY,
    PHASE_SOCKET, /* links makes it */
    PHASE_TLS,
    PHASE_REPLY,
    PHASE_SCRIPT,
    PHASE_GREETING,
    PHASE_HELO,
    PHASE_QUIT,
    PHASE_FILE, /* a file says it: detail is its number */
    PHASE_COUNT,
};

/* "connection_refused": for JSON and metrics. */
const char *verdict_code(uint16_t reason);

/* What a reason says of the server. */
enum outcome {
    OUTCOME_GOOD,
    OUTCOME_BAD,
    OUTCOME_NONE, /* nothing: this machine could not make the check */
};
enum outcome verdict_outcome(uint16_t reason);

/* The sentence. wanted = the statuses that would have been good ("200-299"), or NULL. Returns buffer. */
const char *verdict_text(uint16_t reason, uint16_t phase, int32_t detail, uint32_t wait_ms,
                         const char *wanted, char *buffer, size_t size);

#endif
