/* The outbox: when an alert is mailed alone, when many become a digest, what waits while nothing can be sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/outbox.h"

#define BEGIN ((struct mono){1000 * NS_PER_S})

struct counter {
    uint32_t over;
    uint64_t sum; /* of tickets */
};

static void count(uint32_t ticket, void *data)
{
    struct counter *counter = data;

    counter->over++;
    counter->sum += ticket;
}

static bool add(struct outbox *outbox, uint32_t ticket, struct mono now)
{
    char subject[32];
    struct outbox_alert alert = {.ticket = ticket, .subject = subject, .text = subject};

    snprintf(subject, sizeof(subject), "alert %u", ticket);
    return outbox_add(outbox, &alert, now);
}

static struct mono after(struct mono time, struct span delay)
{
    return mono_add(time, delay);
}

static void assert_step(struct outbox *outbox, struct mono now, enum outbox_step step)
{
    assert_int_equal(outbox_decide(outbox, now).step, step);
}

static void assert_wait(struct outbox *outbox, struct mono now, struct mono when)
{
    struct outbox_decision decision = outbox_decide(outbox, now);

    assert_int_equal(decision.step, OUTBOX_WAIT);
    assert_int_equal(decision.when.ns, when.ns);
}

/* What a mailer does as long as there is something to do now; how many mails, and of what kind. */
static size_t send_all(struct outbox *outbox, struct mono now, struct counter *counter,
                       enum outbox_step *last)
{
    struct outbox_decision decision;
    size_t mails = 0, in_hand;

    while ((decision = outbox_decide(outbox, now)).step == OUTBOX_SINGLE || decision.step == OUTBOX_DIGEST) {
        outbox_take(outbox, decision.step, &in_hand);
        outbox_sent(outbox, decision.step, now, count, counter);
        *last = decision.step;
        mails++;
    }
    return mails;
}

static void test_a_few_are_mails_of_their_own(void **state)
{
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    enum outbox_step last;
    size_t in_hand;

    (void)state;
    assert_step(outbox, BEGIN, OUTBOX_NOTHING);
    add(outbox, 1, BEGIN);
    assert_wait(outbox, BEGIN, after(BEGIN, OUTBOX_SETTLE));
    add(outbox, 2, after(BEGIN, span_ms(500)));
    assert_step(outbox, after(BEGIN, OUTBOX_SETTLE), OUTBOX_SINGLE);
    assert_string_equal(outbox_take(outbox, OUTBOX_SINGLE, &in_hand)->subject, "alert 1");
    assert_int_equal(in_hand, 1);
    outbox_sent(outbox, OUTBOX_SINGLE, after(BEGIN, OUTBOX_SETTLE), count, &counter);
    assert_int_equal(counter.sum, 1);
    assert_int_equal(send_all(outbox, after(BEGIN, span_s(2)), &counter, &last), 1);
    assert_int_equal(counter.sum, 3);
    assert_step(outbox, after(BEGIN, span_s(2)), OUTBOX_NOTHING);
    outbox_free(outbox);
}

static void test_thousands_at_once_are_one_digest(void **state)
{
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    enum outbox_step last;
    uint32_t kept = 0;

    (void)state;
    for (uint32_t ticket = 1; ticket <= 3000; ticket++)
        kept += add(outbox, ticket, BEGIN);
    assert_int_equal(kept, OUTBOX_ROOM);
    assert_int_equal(outbox_only_counted(outbox), 3000 - OUTBOX_ROOM);
    assert_wait(outbox, BEGIN, after(BEGIN, OUTBOX_SETTLE));
    assert_wait(outbox, after(BEGIN, OUTBOX_SETTLE), after(BEGIN, OUTBOX_QUIET));
    assert_int_equal(send_all(outbox, after(BEGIN, OUTBOX_QUIET), &counter, &last), 1);
    assert_int_equal(last, OUTBOX_DIGEST);
    assert_int_equal(counter.over, OUTBOX_ROOM);
    assert_int_equal(outbox_only_counted(outbox), 0);
    outbox_free(outbox);
}

/* An hour in which an alert comes every tenth of a second. */
static void test_a_storm_that_goes_on_floods_nobody(void **state)
{
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    enum outbox_step last = OUTBOX_NOTHING;
    struct mono now = BEGIN;
    size_t mails = 0;
    uint32_t lost = 0;

    (void)state;
    for (uint32_t ticket = 1; ticket <= 36000; ticket++) {
        now = after(now, span_ms(100));
        lost += !add(outbox, ticket, now);
        mails += send_all(outbox, now, &counter, &last);
    }
    mails += send_all(outbox, after(now, OUTBOX_RAREST), &counter, &last);
    assert_int_equal(counter.over + lost, 36000);
    assert_true(mails <= 20);
    /* it is over: the next alert is a mail of its own again, and soon */
    now = after(now, span_s(3600));
    add(outbox, 1, now);
    assert_wait(outbox, now, after(now, OUTBOX_SETTLE));
    assert_int_equal(send_all(outbox, after(now, OUTBOX_SETTLE), &counter, &last), 1);
    assert_int_equal(last, OUTBOX_SINGLE);
    outbox_free(outbox);
}

static void test_more_than_a_window_allows_is_collected(void **state)
{
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    enum outbox_step last;
    struct mono now = BEGIN;

    (void)state;
    for (uint32_t ticket = 1; ticket <= OUTBOX_SINGLES; ticket++) {
        now = after(now, span_s(2));
        add(outbox, ticket, now);
        assert_int_equal(send_all(outbox, after(now, OUTBOX_SETTLE), &counter, &last), 1);
        assert_int_equal(last, OUTBOX_SINGLE);
    }
    now = after(now, span_s(2));
    add(outbox, 11, now);
    assert_wait(outbox, after(now, OUTBOX_SETTLE), after(now, OUTBOX_QUIET));
    add(outbox, 12, after(now, span_s(4)));
    assert_wait(outbox, after(now, OUTBOX_QUIET), after(now, span_s(9)));
    assert_int_equal(send_all(outbox, after(now, span_s(9)), &counter, &last), 1);
    assert_int_equal(last, OUTBOX_DIGEST);
    assert_int_equal(counter.over, 12);
    outbox_free(outbox);
}

static void test_failures_back_off_and_lose_nothing(void **state)
{
    static const int64_t delays[] = {5, 10, 20, 40, 80, 160, 300, 300};
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    struct mono now = after(BEGIN, OUTBOX_SETTLE);
    enum outbox_step last;
    size_t in_hand;

    (void)state;
    add(outbox, 1, BEGIN);
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        assert_step(outbox, now, OUTBOX_SINGLE);
        outbox_take(outbox, OUTBOX_SINGLE, &in_hand);
        assert_int_equal(outbox_failed(outbox, now, count, &counter), 0);
        assert_int_equal(outbox_retry_delay(outbox).ns, span_s(delays[i]).ns);
        assert_wait(outbox, now, after(now, span_s(delays[i])));
        now = after(now, span_s(delays[i]));
    }
    assert_int_equal(counter.over, 0);
    assert_int_equal(send_all(outbox, now, &counter, &last), 1);
    assert_int_equal(counter.over, 1);
    assert_int_equal(outbox_retry_delay(outbox).ns, 0);
    outbox_free(outbox);
}

static void test_what_is_too_old_is_given_up(void **state)
{
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    struct mono later = after(BEGIN, OUTBOX_KEEP);
    size_t in_hand;

    (void)state;
    add(outbox, 1, BEGIN);
    add(outbox, 2, after(BEGIN, span_s(10)));
    outbox_take(outbox, OUTBOX_SINGLE, &in_hand);
    assert_int_equal(outbox_failed(outbox, later, count, &counter), 1);
    assert_int_equal(counter.sum, 1);
    assert_int_equal(outbox_waiting(outbox), 1);
    outbox_free(outbox);
}

static void test_a_refused_one_does_not_stay(void **state)
{
    struct outbox *outbox = outbox_new();
    struct counter counter = {0};
    size_t in_hand;

    (void)state;
    add(outbox, 1, BEGIN);
    add(outbox, 2, BEGIN);
    outbox_take(outbox, OUTBOX_SINGLE, &in_hand);
    outbox_refused(outbox, count, &counter);
    assert_int_equal(counter.sum, 1);
    assert_string_equal(outbox_take(outbox, OUTBOX_SINGLE, &in_hand)->subject, "alert 2");
    outbox_free(outbox);
}

static void test_in_a_hurry_nothing_is_waited_for(void **state)
{
    struct outbox *outbox = outbox_new();

    (void)state;
    outbox_hurry(outbox);
    assert_step(outbox, BEGIN, OUTBOX_NOTHING);
    add(outbox, 1, BEGIN);
    assert_step(outbox, BEGIN, OUTBOX_SINGLE);
    for (uint32_t ticket = 2; ticket <= 50; ticket++)
        add(outbox, ticket, BEGIN);
    assert_step(outbox, BEGIN, OUTBOX_DIGEST);
    outbox_free(outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_few_are_mails_of_their_own),
        cmocka_unit_test(test_thousands_at_once_are_one_digest),
        cmocka_unit_test(test_a_storm_that_goes_on_floods_nobody),
        cmocka_unit_test(test_more_than_a_window_allows_is_collected),
        cmocka_unit_test(test_failures_back_off_and_lose_nothing),
        cmocka_unit_test(test_what_is_too_old_is_given_up),
        cmocka_unit_test(test_a_refused_one_does_not_stay),
        cmocka_unit_test(test_in_a_hurry_nothing_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
