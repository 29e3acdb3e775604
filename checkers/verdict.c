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
    SENTENCE_OK,     /* by phase and detail */
    SENTENCE_WAITED, /* words, seconds, what was being waited for */
    SENTENCE_PHASE,  /* words, what was being waited for */
    SENTENCE_ERRNO,  /* words, the errno's text */
    SENTENCE_FAULT,  /* words, the HTTP fault's text */
    SENTENCE_STATUS, /* words, the number got, and those wanted */
    SENTENCE_DIGEST, /* words, its begin, and the wanted one */
    SENTENCE_TLS,    /* the TLS fault's text */
    SENTENCE_SIGNAL, /* words, the signal's name */
    SENTENCE_LENGTH, /* words, bytes */
    SENTENCE_DNS,    /* words, the response code's name */
};

static const struct {
    const char *code;
    enum outcome outcome;
    enum sentence sentence;
    const char *words;
} rows[VERDICT_REASON_COUNT] = {
    [VERDICT_NOT_RUN] = {"not_run", OUTCOME_NONE, SENTENCE_FIXED, "not checked yet"},
    [VERDICT_OK] = {"ok", OUTCOME_GOOD, SENTENCE_OK, "connected"},
    [VERDICT_TIMEOUT] = {"timeout", OUTCOME_BAD, SENTENCE_WAITED, "timeout"},
    [VERDICT_REFUSED] = {"connection_refused", OUTCOME_BAD, SENTENCE_FIXED, "connection refused"},
    [VERDICT_UNREACHABLE] = {"unreachable", OUTCOME_BAD, SENTENCE_ERRNO, "unreachable"},
    [VERDICT_RESET] = {"connection_reset", OUTCOME_BAD, SENTENCE_PHASE, "connection reset by the server"},
    [VERDICT_CLOSED] = {"connection_closed", OUTCOME_BAD, SENTENCE_PHASE, "connection closed by the server"},
    [VERDICT_SOCKET] = {"local_failure", OUTCOME_NONE, SENTENCE_ERRNO,
                        "this machine could not make the check"},
    [VERDICT_HTTP_MALFORMED] = {"http_malformed", OUTCOME_BAD, SENTENCE_FAULT, "not an HTTP answer"},
    [VERDICT_HTTP_STATUS] = {"http_status", OUTCOME_BAD, SENTENCE_STATUS, "status"},
    [VERDICT_DIGEST] = {"digest", OUTCOME_BAD, SENTENCE_DIGEST, "another body: its MD5 digest begins with"},
    [VERDICT_REGEX] = {"regex", OUTCOME_BAD, SENTENCE_FIXED, "the body does not match the regex"},
    [VERDICT_REGEX_MATCH] = {"regex_match", OUTCOME_BAD, SENTENCE_FIXED,
                             "the body matches the regex that it must not match"},
    [VERDICT_REGEX_COST] = {"regex_cost", OUTCOME_BAD, SENTENCE_FIXED,
                            "the regex needs too much time or memory with this body"},
    [VERDICT_TLS] = {"tls", OUTCOME_BAD, SENTENCE_TLS, NULL},
    [VERDICT_TLS_UNCLEAN] = {"tls_unclean", OUTCOME_BAD, SENTENCE_FIXED,
                             "connection closed by the server without the TLS close notify"},
    [VERDICT_SCRIPT_STATUS] = {"script_status", OUTCOME_BAD, SENTENCE_STATUS, "exit status"},
    [VERDICT_SCRIPT_SIGNAL] = {"script_signal", OUTCOME_BAD, SENTENCE_SIGNAL, "the script died of"},
    [VERDICT_SCRIPT_TIMEOUT] = {"script_timeout", OUTCOME_BAD, SENTENCE_WAITED, "the script was ended"},
    [VERDICT_SCRIPT_MISSING] = {"script_missing", OUTCOME_BAD, SENTENCE_ERRNO,
                                "the script cannot be executed"},
    [VERDICT_SCRIPT_NOT_RUN] = {"script_not_run", OUTCOME_NONE, SENTENCE_ERRNO,
                                "this machine could not run the script"},
    [VERDICT_UDP_REPLY] = {"udp_reply", OUTCOME_BAD, SENTENCE_LENGTH, "another reply than wanted"},
    [VERDICT_DNS] = {"dns_error", OUTCOME_BAD, SENTENCE_DNS, "answered with"},
    [VERDICT_SMTP] = {"smtp_reply", OUTCOME_BAD, SENTENCE_STATUS, "SMTP reply"},
    [VERDICT_SMTP_MALFORMED] = {"smtp_malformed", OUTCOME_BAD, SENTENCE_PHASE, "not an SMTP reply"},
    [VERDICT_FILE] = {"file", OUTCOME_BAD, SENTENCE_STATUS, "the file's number is"},
};

static const char *const phases[PHASE_COUNT] = {
    [PHASE_NONE] = "",
    [PHASE_CONNECT] = " waiting for the connection",
    [PHASE_SEND] = " sending the request",
    [PHASE_STATUS_LINE] = " waiting for the status line",
    [PHASE_HEADERS] = " waiting for the end of the headers",
    [PHASE_BODY] = " waiting for the end of the body",
    [PHASE_SOCKET] = " waiting for the socket",
    [PHASE_TLS] = " in the TLS handshake",
    [PHASE_REPLY] = " waiting for the reply",
    [PHASE_SCRIPT] = "",
    [PHASE_GREETING] = " waiting for the greeting",
    [PHASE_HELO] = " waiting for the reply to HELO",
    [PHASE_QUIT] = " waiting for the reply to QUIT",
    [PHASE_FILE] = "",
};

static const char *const faults[HTTP_FAULT_COUNT] = {
    [HTTP_FAULT_NONE] = "no fault",
    [HTTP_FAULT_STATUS_LINE] = "no status line",
    [HTTP_FAULT_LENGTH] = "Content-Length is not one number",
    [HTTP_FAULT_CHUNK] = "damaged chunk",
    [HTTP_FAULT_TOO_LONG] = "headers longer than 64 KiB",
};

static const char *const tls_faults[TLS_FAULT_COUNT] = {
    [TLS_FAULT_NOT_TLS] = "unknown protocol, the server does not speak TLS",
    [TLS_FAULT_VERSION] = "no version in common",
    [TLS_FAULT_WEAK] = "the server's key, signature or cipher is too weak",
    [TLS_FAULT_UNTRUSTED] = "the server's certificate is of no trusted authority",
    [TLS_FAULT_EXPIRED] = "the server's certificate has expired or is not valid yet",
    [TLS_FAULT_WRONG_NAME] = "the server's certificate is for another name",
    [TLS_FAULT_DAMAGED] = "damaged messages",
};

/* RFC 8446, 6.2, those a client may see. */
static const struct {
    uint8_t number;
    const char *words;
} tls_alerts[] = {
    {10, "unexpected message"},
    {20, "bad record"},
    {40, "handshake failure: no settings in common"},
    {42, "bad certificate"},
    {43, "unsupported certificate"},
    {44, "certificate revoked"},
    {45, "certificate expired"},
    {46, "certificate unknown"},
    {47, "illegal parameter"},
    {48, "unknown authority"},
    {49, "access denied"},
    {50, "decode error"},
    {51, "decrypt error"},
    {70, "protocol version"},
    {71, "insufficient security"},
    {80, "internal error"},
    {90, "user canceled"},
    {109, "missing extension"},
    {110, "unsupported extension"},
    {112, "unrecognized name: it serves no site of that name"},
    {116, "it wants a client certificate"},
    {120, "no application protocol"},
};

const char *verdict_code(uint16_t reason)
{
    return reason < VERDICT_REASON_COUNT ? rows[reason].code : "unknown";
}

enum outcome verdict_outcome(uint16_t reason)
{
    return reason < VERDICT_REASON_COUNT ? rows[reason].outcome : OUTCOME_NONE;
}

/* ------------------------------------------------------------------ sentences */

struct facts {
    const char *words;
    const char *during;
    uint16_t phase;
    int32_t detail;
    uint32_t wait_ms;
    const char *wanted;
};

static void write_ok(const struct facts *facts, char *buffer, size_t size)
{
    if (facts->phase == PHASE_SCRIPT)
        snprintf(buffer, size, "exit status %d", facts->detail);
    else if (facts->phase == PHASE_FILE)
        snprintf(buffer, size, "the file's number is %d", facts->detail);
    else if (facts->phase == PHASE_REPLY)
        snprintf(buffer, size, "answered");
    else if (facts->phase == PHASE_SEND)
        snprintf(buffer, size, "sent, and no error came back");
    else if (facts->detail > 0)
        snprintf(buffer, size, "status %d", facts->detail);
    else
        snprintf(buffer, size, "%s", facts->words);
}

static const char *alert_words(int32_t number)
{
    for (size_t i = 0; i < sizeof(tls_alerts) / sizeof(tls_alerts[0]); i++) {
        if (tls_alerts[i].number == number)
            return tls_alerts[i].words;
    }
    return "unknown alert";
}

static void write_tls(const struct facts *facts, char *buffer, size_t size)
{
    const char *when = facts->phase == PHASE_TLS ? "TLS handshake failed" : "TLS failed";
    int32_t fault = facts->detail;

    if (fault >= TLS_FAULT_ALERT)
        snprintf(buffer, size, "%s: the server refuses with alert %d, %s", when, fault - TLS_FAULT_ALERT,
                 alert_words(fault - TLS_FAULT_ALERT));
    else
        snprintf(buffer, size, "%s: %s", when,
                 fault >= 0 && fault < TLS_FAULT_COUNT ? tls_faults[fault] : "unknown fault");
}

/* RFC 1035, 4.1.1, and RFC 2136. */
static const char *dns_words(int32_t code)
{
    static const char *const names[] = {"",
                                        ", format error",
                                        ", server failure",
                                        ", no such name",
                                        ", not implemented",
                                        ", refused",
                                        ", name exists",
                                        ", set exists",
                                        ", no such set",
                                        ", not authoritative",
                                        ", not in zone"};

    return code >= 0 && (size_t)code < sizeof(names) / sizeof(names[0]) ? names[code] : "";
}

static void write_wanted(const char *wanted, char *buffer, size_t size)
{
    size_t used = strlen(buffer);

    if (wanted != NULL)
        snprintf(buffer + used, size - used, ", wanted %s", wanted);
}

static void write_sentence(enum sentence sentence, const struct facts *facts, char *buffer, size_t size)
{
    const char *words = facts->words;
    int32_t detail = facts->detail;

    switch (sentence) {
    case SENTENCE_FIXED:
        snprintf(buffer, size, "%s", words);
        break;
    case SENTENCE_OK:
        write_ok(facts, buffer, size);
        break;
    case SENTENCE_WAITED:
        snprintf(buffer, size, "%s after %u.%u s%s", words, facts->wait_ms / 1000,
                 facts->wait_ms % 1000 / 100, facts->during);
        break;
    case SENTENCE_PHASE:
        snprintf(buffer, size, "%s%s%s", words, *facts->during != '\0' ? "," : "", facts->during);
        break;
    case SENTENCE_ERRNO:
        snprintf(buffer, size, "%s: %s", words, strerror(detail));
        break;
    case SENTENCE_FAULT:
        snprintf(buffer, size, "%s: %s", words,
                 detail >= 0 && detail < HTTP_FAULT_COUNT ? faults[detail] : "unknown fault");
        break;
    case SENTENCE_STATUS:
        snprintf(buffer, size, "%s %d", words, detail);
        write_wanted(facts->wanted, buffer, size);
        break;
    case SENTENCE_DIGEST:
        snprintf(buffer, size, "%s %08x", words, (uint32_t)detail);
        write_wanted(facts->wanted, buffer, size);
        break;
    case SENTENCE_TLS:
        write_tls(facts, buffer, size);
        break;
    case SENTENCE_LENGTH:
        snprintf(buffer, size, "%s, of %d bytes", words, detail);
        break;
    case SENTENCE_DNS:
        snprintf(buffer, size, "%s code %d%s", words, detail, dns_words(detail));
        break;
    case SENTENCE_SIGNAL:
        snprintf(buffer, size, "%s signal %d (%s)", words, detail, strsignal(detail));
        break;
    }
}

const char *verdict_text(uint16_t reason, uint16_t phase, int32_t detail, uint32_t wait_ms,
                         const char *wanted, char *buffer, size_t size)
{
    struct facts facts = {.during = phase < PHASE_COUNT ? phases[phase] : "",
                          .phase = phase,
                          .detail = detail,
                          .wait_ms = wait_ms,
                          .wanted = wanted};

    if (reason >= VERDICT_REASON_COUNT) {
        snprintf(buffer, size, "unknown reason %u", (unsigned int)reason);
        return buffer;
    }
    facts.words = rows[reason].words;
    write_sentence(rows[reason].sentence, &facts, buffer, size);
    return buffer;
}
