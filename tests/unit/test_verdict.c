/* Verdicts: every reason has its code, its judgement and a sentence an operator understands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "checkers/http_parse.h"
#include "checkers/verdict.h"

static const struct {
    uint16_t reason;
    uint16_t phase;
    int32_t detail;
    uint32_t wait_ms;
    const char *wanted;
    const char *text;
} sentences[] = {
    {VERDICT_NOT_RUN, PHASE_NONE, 0, 0, NULL, "not checked yet"},
    {VERDICT_OK, PHASE_NONE, 0, 1, NULL, "connected"},
    {VERDICT_OK, PHASE_NONE, 204, 1, NULL, "status 204"},
    {VERDICT_TIMEOUT, PHASE_STATUS_LINE, 0, 3000, NULL, "timeout after 3.0 s waiting for the status line"},
    {VERDICT_TIMEOUT, PHASE_CONNECT, 0, 1250, NULL, "timeout after 1.2 s waiting for the connection"},
    {VERDICT_TIMEOUT, PHASE_NONE, 0, 90, NULL, "timeout after 0.0 s"},
    {VERDICT_REFUSED, PHASE_CONNECT, ECONNREFUSED, 0, NULL, "connection refused"},
    {VERDICT_UNREACHABLE, PHASE_CONNECT, EHOSTUNREACH, 0, NULL, "unreachable: No route to host"},
    {VERDICT_RESET, PHASE_BODY, 0, 0, NULL,
     "connection reset by the server, waiting for the end of the body"},
    {VERDICT_CLOSED, PHASE_HEADERS, 0, 0, NULL,
     "connection closed by the server, waiting for the end of the headers"},
    {VERDICT_CLOSED, PHASE_NONE, 0, 0, NULL, "connection closed by the server"},
    {VERDICT_SOCKET, PHASE_CONNECT, EMFILE, 0, NULL,
     "this machine could not make the check: Too many open files"},
    {VERDICT_HTTP_MALFORMED, PHASE_HEADERS, HTTP_FAULT_LENGTH, 0, NULL,
     "not an HTTP answer: Content-Length is not one number"},
    {VERDICT_HTTP_MALFORMED, PHASE_HEADERS, 99, 0, NULL, "not an HTTP answer: unknown fault"},
    {VERDICT_HTTP_STATUS, PHASE_NONE, 503, 0, "200-299", "status 503, wanted 200-299"},
    {VERDICT_HTTP_STATUS, PHASE_NONE, 503, 0, NULL, "status 503"},
    {VERDICT_OK, PHASE_REPLY, 0, 1, NULL, "answered"},
    {VERDICT_OK, PHASE_SCRIPT, 7, 1, NULL, "exit status 7"},
    {VERDICT_DIGEST, PHASE_NONE, (int32_t)0x9b3a0c85, 0, "640205b7b0fc66c1ea91c463fac6334d",
     "another body: its MD5 digest begins with 9b3a0c85, wanted 640205b7b0fc66c1ea91c463fac6334d"},
    {VERDICT_REGEX, PHASE_NONE, 0, 0, NULL, "the body does not match the regex"},
    {VERDICT_REGEX_MATCH, PHASE_NONE, 0, 0, NULL, "the body matches the regex that it must not match"},
    {VERDICT_TLS, PHASE_TLS, TLS_FAULT_NOT_TLS, 0, NULL,
     "TLS handshake failed: unknown protocol, the server does not speak TLS"},
    {VERDICT_TLS, PHASE_TLS, TLS_FAULT_ALERT + 40, 0, NULL,
     "TLS handshake failed: the server refuses with alert 40, handshake failure: no settings in common"},
    {VERDICT_TLS, PHASE_STATUS_LINE, TLS_FAULT_ALERT + 116, 0, NULL,
     "TLS failed: the server refuses with alert 116, it wants a client certificate"},
    {VERDICT_TLS, PHASE_TLS, TLS_FAULT_ALERT + 200, 0, NULL,
     "TLS handshake failed: the server refuses with alert 200, unknown alert"},
    {VERDICT_TLS, PHASE_TLS, 99, 0, NULL, "TLS handshake failed: unknown fault"},
    {VERDICT_TLS_UNCLEAN, PHASE_BODY, 0, 0, NULL,
     "connection closed by the server without the TLS close notify"},
    {VERDICT_TIMEOUT, PHASE_TLS, 0, 2000, NULL, "timeout after 2.0 s in the TLS handshake"},
    {VERDICT_SCRIPT_STATUS, PHASE_SCRIPT, 1, 0, NULL, "exit status 1"},
    {VERDICT_SCRIPT_SIGNAL, PHASE_SCRIPT, 9, 0, NULL, "the script died of signal 9 (Killed)"},
    {VERDICT_SCRIPT_TIMEOUT, PHASE_SCRIPT, 0, 2000, NULL, "the script was ended after 2.0 s"},
    {VERDICT_SCRIPT_MISSING, PHASE_SCRIPT, ENOENT, 0, NULL,
     "the script cannot be executed: No such file or directory"},
    {VERDICT_SCRIPT_NOT_RUN, PHASE_SCRIPT, EBUSY, 0, NULL,
     "this machine could not run the script: Device or resource busy"},
    {VERDICT_OK, PHASE_SEND, 0, 1, NULL, "sent, and no error came back"},
    {VERDICT_UDP_REPLY, PHASE_REPLY, 12, 0, NULL, "another reply than wanted, of 12 bytes"},
    {VERDICT_DNS, PHASE_REPLY, 2, 0, NULL, "answered with code 2, server failure"},
    {VERDICT_DNS, PHASE_REPLY, 15, 0, NULL, "answered with code 15"},
    {VERDICT_SMTP, PHASE_GREETING, 554, 0, "220", "SMTP reply 554, wanted 220"},
    {VERDICT_SMTP_MALFORMED, PHASE_GREETING, 0, 0, NULL, "not an SMTP reply, waiting for the greeting"},
    {VERDICT_FILE, PHASE_FILE, -3, 0, NULL, "the file's number is -3"},
    {VERDICT_OK, PHASE_FILE, 0, 0, NULL, "the file's number is 0"},
    {VERDICT_REASON_COUNT, PHASE_NONE, 0, 0, NULL, "unknown reason 26"},
};

static void test_sentences(void **state)
{
    char text[160];

    (void)state;
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        verdict_text(sentences[i].reason, sentences[i].phase, sentences[i].detail, sentences[i].wait_ms,
                     sentences[i].wanted, text, sizeof(text));
        assert_string_equal(text, sentences[i].text);
    }
}

static void test_a_short_buffer_is_respected(void **state)
{
    char text[8] = "xxxxxxx";

    (void)state;
    verdict_text(VERDICT_REFUSED, PHASE_CONNECT, 0, 0, NULL, text, 6);
    assert_string_equal(text, "conne");
    assert_int_equal(text[6], 'x');
}

static enum outcome expected_outcome(uint16_t reason)
{
    if (reason == VERDICT_NOT_RUN || reason == VERDICT_SOCKET || reason == VERDICT_SCRIPT_NOT_RUN)
        return OUTCOME_NONE;
    return reason == VERDICT_OK ? OUTCOME_GOOD : OUTCOME_BAD;
}

static void test_only_ok_is_good_and_codes_differ(void **state)
{
    (void)state;
    for (uint16_t reason = 0; reason < VERDICT_REASON_COUNT; reason++) {
        assert_int_equal(verdict_outcome(reason), expected_outcome(reason));
        assert_non_null(verdict_code(reason));
        for (uint16_t other = 0; other < reason; other++)
            assert_string_not_equal(verdict_code(reason), verdict_code(other));
    }
    assert_int_equal(verdict_outcome(VERDICT_REASON_COUNT), OUTCOME_NONE);
    assert_string_equal(verdict_code(VERDICT_REASON_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_a_short_buffer_is_respected),
        cmocka_unit_test(test_only_ok_is_good_and_codes_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
