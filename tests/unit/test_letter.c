/* Alerts and letters: which events are mailed, the subjects, and mails as RFC 5322 wants them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "notify/alert.h"
#include "notify/letter.h"

static struct book *book;
static struct conf_instance *instance;
static struct conf_sync_group *group;
static struct conf_virtual_server *web;
static struct conf_real_server *one;

static int set_up(void **state)
{
    struct conf_model *model = conf_model_new();

    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    instance = conf_model_alloc(model, sizeof(*instance));
    *instance = (struct conf_instance){.key = 1, .name = (char *)"front", .smtp_alert = true};
    conf_list_add(model, &model->instances, instance);
    group = conf_model_alloc(model, sizeof(*group));
    *group = (struct conf_sync_group){.key = 2, .name = (char *)"all", .smtp_alert = true};
    conf_list_add(model, &model->sync_groups, group);
    web = conf_model_alloc(model, sizeof(*web));
    *web = (struct conf_virtual_server){.key = 3, .protocol = CONF_PROTOCOL_TCP, .smtp_alert = true};
    ip_address_parse("192.0.2.1", &web->endpoint.address);
    web->endpoint.port = 80;
    one = conf_model_alloc(model, sizeof(*one));
    *one = (struct conf_real_server){.key = 4, .smtp_alert = true};
    ip_address_parse("10.0.0.1", &one->endpoint.address);
    one->endpoint.port = 8080;
    conf_list_add(model, &web->real_servers, one);
    conf_list_add(model, &model->virtual_servers, web);
    book = book_new();
    book_add(book, model);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    book_free(book);
    return 0;
}

/* ------------------------------------------------------------------ alerts */

static const char *subject_of(enum message_type type, const void *payload)
{
    static struct alert alert;

    return alert_write(book, "lb1", false, type, payload, &alert) == ALERT_WANTED ? alert.subject : NULL;
}

static void test_subjects(void **state)
{
    struct notify_instance change = {1, NOTIFY_MASTER, 200};

    (void)state;
    assert_string_equal(subject_of(NOTIFY_INSTANCE, &change),
                        "[lb1] VRRP Instance front - Entering MASTER state");
    change.state = NOTIFY_BACKUP;
    assert_string_equal(subject_of(NOTIFY_INSTANCE, &change),
                        "[lb1] VRRP Instance front - Entering BACKUP state");
    change.state = NOTIFY_FAULT;
    assert_string_equal(subject_of(NOTIFY_INSTANCE, &change),
                        "[lb1] VRRP Instance front - Entering FAULT state");
    change.state = NOTIFY_STOP;
    assert_string_equal(subject_of(NOTIFY_INSTANCE, &change), "[lb1] VRRP Instance front - Stopping");
    change = (struct notify_instance){2, NOTIFY_MASTER, 0};
    assert_string_equal(subject_of(NOTIFY_GROUP, &change), "[lb1] VRRP Group all - Entering MASTER state");
    assert_string_equal(subject_of(NOTIFY_QUORUM, &(struct notify_quorum){3, 1, 0}),
                        "[lb1] Virtualserver [192.0.2.1]:tcp:80 - UP");
    assert_string_equal(subject_of(NOTIFY_REAL_SERVER, &(struct notify_real_server){3, 4, 0, 0}),
                        "[lb1] Realserver [10.0.0.1]:tcp:8080 of virtual server [192.0.2.1]:tcp:80 - DOWN");
}

static void test_what_is_not_mailed(void **state)
{
    struct notify_instance fault = {1, NOTIFY_FAULT, 200}, priority = {1, NOTIFY_MASTER_PRIORITY, 200};
    struct alert alert;

    (void)state;
    assert_int_equal(alert_write(book, "lb1", true, NOTIFY_INSTANCE, &fault, &alert), ALERT_NOT_WANTED);
    assert_int_equal(alert_write(book, "lb1", false, NOTIFY_INSTANCE, &fault, &alert), ALERT_WANTED);
    assert_null(subject_of(NOTIFY_INSTANCE_EVENT, &priority));
    assert_null(subject_of(NOTIFY_INSTANCE, &priority));
    instance->smtp_alert = group->smtp_alert = web->smtp_alert = one->smtp_alert = false;
    assert_null(subject_of(NOTIFY_INSTANCE, &fault));
    assert_null(subject_of(NOTIFY_GROUP, &(struct notify_instance){2, NOTIFY_MASTER, 0}));
    assert_null(subject_of(NOTIFY_QUORUM, &(struct notify_quorum){3, 1, 0}));
    assert_null(subject_of(NOTIFY_REAL_SERVER, &(struct notify_real_server){3, 4, 0, 0}));
    fault.key = 99;
    assert_int_equal(alert_write(book, "lb1", false, NOTIFY_INSTANCE, &fault, &alert), ALERT_UNKNOWN);
}

static void test_a_name_cannot_write_headers(void **state)
{
    (void)state;
    instance->name = (char *)"a\r\nBcc: everybody";
    assert_string_equal(subject_of(NOTIFY_INSTANCE, &(struct notify_instance){1, NOTIFY_STOP, 1}),
                        "[lb1] VRRP Instance a??Bcc: everybody - Stopping");
}

/* ------------------------------------------------------------------ letters */

static char *recipients[] = {(char *)"ops@example.org", (char *)"Boss <boss@example.org>"};

static const struct conf_mail conf = {
    .from = (char *)"LB <lb1@example.org>",
    .recipients = {.items = recipients, .count = 2},
};

static const struct letter letter = {
    .conf = &conf, .router = "lb1", .host = "node1", .number = 7, .wall_ns = 1000000000LL * NS_PER_S};

static void test_a_mail_is_whole(void **state)
{
    struct outbox_alert alert = {.wall_ns = 999999990LL * NS_PER_S,
                                 .subject = (char *)"[lb1] VRRP Instance front - Stopping",
                                 .text = (char *)"It stops."};
    size_t length;
    char *text = letter_single(&letter, &alert, &length);

    (void)state;
    assert_int_equal(length, strlen(text));
    assert_string_equal(text, "Date: Sun, 09 Sep 2001 01:46:40 +0000\r\n"
                              "From: LB <lb1@example.org>\r\n"
                              "To: ops@example.org,\r\n Boss <boss@example.org>\r\n"
                              "Subject: [lb1] VRRP Instance front - Stopping\r\n"
                              "Message-ID: <7.1000000000000000000.tandem@node1>\r\n"
                              "Auto-Submitted: auto-generated\r\n"
                              "X-Mailer: tandem " TANDEM_VERSION "\r\n"
                              "MIME-Version: 1.0\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: 8bit\r\n"
                              "\r\n"
                              "It stops.\r\n"
                              "\r\n"
                              "When: 2001-09-09 01:46:30 +0000\r\n"
                              "Host: node1\r\n");
    free(text);
}

static void test_a_digest_lists_all(void **state)
{
    struct outbox_alert first = {.wall_ns = 1, .subject = (char *)"the first"};
    struct outbox_alert second = {.wall_ns = 1, .subject = (char *)"the second"};
    TAILQ_HEAD(, outbox_alert) list = TAILQ_HEAD_INITIALIZER(list);
    size_t length;
    char *text;

    (void)state;
    TAILQ_INSERT_TAIL(&list, &first, next);
    TAILQ_INSERT_TAIL(&list, &second, next);
    text = letter_digest(&letter, TAILQ_FIRST(&list), 2, 0, &length);
    assert_non_null(strstr(text, "\r\nSubject: [lb1] 2 alerts\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nHost: node1\r\n\r\n"
                                                  "1970-01-01 00:00:00 +0000 the first\r\n"
                                                  "1970-01-01 00:00:00 +0000 the second\r\n");
    free(text);
    text = letter_digest(&letter, TAILQ_FIRST(&list), 1, 41, &length);
    assert_non_null(strstr(text, "\r\nSubject: [lb1] 42 alerts\r\n"));
    assert_non_null(strstr(text, "and 41 more"));
    assert_null(strstr(text, "the second"));
    free(text);
}

/* RFC 2047: encoded words of at most 75 characters, none cut within a character. */
static void test_what_is_not_ascii_is_encoded(void **state)
{
    struct outbox_alert alert = {.subject = (char *)"01234567890123456789012345678901234567890123üä",
                                 .text = (char *)""};
    size_t length;
    char *text = letter_single(&letter, &alert, &length);

    (void)state;
    assert_non_null(strstr(text, "\r\nSubject: =?UTF-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM=?=\r\n =?UTF-8?B?w7zDpA==?=\r\n"));
    free(text);
}

static void test_addresses(void **state)
{
    char buffer[LETTER_ADDRESS_BYTES];

    (void)state;
    assert_string_equal(letter_address("a@example.org", buffer), "<a@example.org>");
    assert_string_equal(letter_address("A <a@example.org>", buffer), "<a@example.org>");
    assert_string_equal(letter_address("A <a@example.org> (x)", buffer), "<a@example.org>");
    assert_string_equal(letter_address("broken <a", buffer), "<broken <a>");
    assert_string_equal(letter_from(&conf, "node1", buffer), "LB <lb1@example.org>");
    assert_string_equal(letter_from(&(struct conf_mail){0}, "node1", buffer), "root@node1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_subjects, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_mailed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_name_cannot_write_headers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_mail_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_digest_lists_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_ascii_is_encoded, set_up, tear_down),
        cmocka_unit_test(test_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
