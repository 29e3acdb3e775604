/* The small protocols of checks: DNS messages, SMTP replies, hexadecimal patterns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "checkers/dns_message.h"
#include "checkers/hex_pattern.h"
#include "checkers/smtp_reply.h"

/* ------------------------------------------------------------------ DNS */

static void test_queries(void **state)
{
    static const uint8_t root[] = {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1};
    static const uint8_t name[] = {0, 1,   1,   0,   0, 1,   0, 0, 0,  0, 0, 0,
                                   3, 'w', 'w', 'w', 1, 'a', 0, 0, 28, 0, 1};
    uint8_t query[DNS_QUERY_BYTES];

    (void)state;
    assert_int_equal(dns_query_write(0x1234, ".", 6, query), sizeof(root));
    assert_memory_equal(query, root, sizeof(root));
    assert_int_equal(dns_query_write(1, "www.a", 28, query), sizeof(name));
    assert_memory_equal(query, name, sizeof(name));
    assert_int_equal(dns_query_write(1, "www.a.", 28, query), sizeof(name)); /* the same, said in full */
    assert_memory_equal(query, name, sizeof(name));
}

static void test_names_that_are_none(void **state)
{
    uint8_t query[DNS_QUERY_BYTES];
    char text[300];

    (void)state;
    assert_int_equal(dns_query_write(1, "a..b", 1, query), 0);
    assert_int_equal(dns_query_write(1, ".a", 1, query), 0);
    snprintf(text, sizeof(text), "%064d", 0);
    assert_int_equal(dns_query_write(1, text, 1, query), 0);
    assert_int_equal(dns_query_write(1, text + 1, 1, query), 12 + 65 + 4);
    for (size_t i = 0; i < 126; i++)
        memcpy(text + 2 * i, "a.", 3);
    assert_int_equal(dns_query_write(1, text, 1, query), 12 + 253 + 4);
    memcpy(text + 252, "a", 2);
    assert_int_equal(dns_query_write(1, text, 1, query), DNS_QUERY_BYTES); /* 255 bytes, the most */
    memcpy(text + 252, "aa", 3);
    assert_int_equal(dns_query_write(1, text, 1, query), 0);
}

static void test_answers(void **state)
{
    uint8_t bytes[] = {0x12, 0x34, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0};
    uint8_t code = 99;

    (void)state;
    assert_true(dns_answer_read(bytes, sizeof(bytes), 0x1234, &code));
    assert_int_equal(code, 3);
    assert_false(dns_answer_read(bytes, sizeof(bytes), 0x1235, &code));
    for (size_t length = 0; length < sizeof(bytes); length++)
        assert_false(dns_answer_read(bytes, length, 0x1234, &code));
    bytes[2] = 0x01; /* a query */
    assert_false(dns_answer_read(bytes, sizeof(bytes), 0x1234, &code));
}

/* ------------------------------------------------------------------ SMTP */

static const struct {
    const char *text;
    enum smtp_reply_state state;
    uint16_t code;
    size_t taken; /* 0 = all */
} replies[] = {
    {"220 mail.example.org ESMTP\r\n", SMTP_REPLY_WHOLE, 220, 0},
    {"220\r\n", SMTP_REPLY_WHOLE, 220, 0},
    {"250 ok\n", SMTP_REPLY_WHOLE, 250, 0},
    {"250-one\r\n250-two\r\n250 three\r\n", SMTP_REPLY_WHOLE, 250, 0},
    {"220 a\r\n554 b\r\n", SMTP_REPLY_WHOLE, 220, 7},
    {"554 no\r\n", SMTP_REPLY_WHOLE, 554, 0},
    {"250-one\r\n", SMTP_REPLY_OPEN, 0, 0},
    {"22", SMTP_REPLY_OPEN, 0, 0},
    {"SSH-2.0-x\r\n", SMTP_REPLY_FAULTY, 0, 0},
    {"\r\n", SMTP_REPLY_FAULTY, 0, 0},
    {"22\r\n", SMTP_REPLY_FAULTY, 0, 0},
    {"020 x\r\n", SMTP_REPLY_FAULTY, 0, 0},
};

static void test_smtp_replies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        size_t length = strlen(replies[i].text), taken = replies[i].taken == 0 ? length : replies[i].taken;

        for (size_t step = 1; step <= length; step++) {
            struct smtp_reply reply = {.state = SMTP_REPLY_OPEN};
            size_t at = 0;

            while (at < length && reply.state == SMTP_REPLY_OPEN)
                at += smtp_reply_take(&reply, (const uint8_t *)replies[i].text + at,
                                      length - at < step ? length - at : step);
            assert_int_equal(reply.state, replies[i].state);
            assert_int_equal(reply.code, replies[i].code);
            assert_int_equal(at, taken);
        }
    }
}

static void test_an_endless_reply_is_refused(void **state)
{
    struct smtp_reply reply = {.state = SMTP_REPLY_OPEN};
    unsigned int lines = 0;

    (void)state;
    for (; reply.state == SMTP_REPLY_OPEN; lines++)
        smtp_reply_take(&reply, (const uint8_t *)"220-and so on\r\n", 15);
    assert_int_equal(reply.state, SMTP_REPLY_FAULTY);
    assert_true(lines * 15 <= SMTP_REPLY_MAX + 15);
}

/* ------------------------------------------------------------------ hexadecimal */

static void test_hexadecimal(void **state)
{
    const uint8_t wanted[] = {0x00, 0xff, 0x1a};
    uint8_t bytes[4];

    (void)state;
    assert_int_equal(hex_bytes("00fF1a", bytes, sizeof(bytes)), 3);
    assert_memory_equal(bytes, wanted, 3);
    assert_int_equal(hex_bytes("", bytes, sizeof(bytes)), 0);
    assert_int_equal(hex_bytes("0011223344", bytes, sizeof(bytes)), 4);
    assert_int_equal(hex_bytes("00zz", bytes, sizeof(bytes)), 1);
    assert_true(hex_matches("00ff", wanted, 3));
    assert_true(hex_matches("0xxf", wanted, 3));
    assert_true(hex_matches("xxxx1A", wanted, 3));
    assert_true(hex_matches("", wanted, 3));
    assert_true(hex_matches("00ff1a77", wanted, 3)); /* the shorter counts */
    assert_false(hex_matches("01", wanted, 3));
    assert_false(hex_matches("00fe", wanted, 3));
    assert_false(hex_matches("xxxx1b", wanted, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_names_that_are_none),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_smtp_replies),
        cmocka_unit_test(test_an_endless_reply_is_refused),
        cmocka_unit_test(test_hexadecimal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
