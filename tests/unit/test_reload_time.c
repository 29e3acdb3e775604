/* The line of a reload_time_file: its forms, and the next moment it names, in UTC and in local time zones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/reload_time.h"

static void in_zone(const char *rule)
{
    setenv("TZ", rule, 1);
    tzset();
}

/* Zones as rules, for a machine that has no zone files. */
#define BERLIN   "CET-1CEST,M3.5.0,M10.5.0/3"           /* put forward 02:00 -> 03:00, back 03:00 -> 02:00 */
#define NEW_YORK "EST5EDT,M3.2.0,M11.1.0"               /* likewise, behind UTC */
#define DUBLIN   "IST-1GMT0,M10.5.0,M3.5.0/1"           /* "summer time" is winter's, and negative */
#define SAO      "<-03>3<-02>,M10.3.0/0,M2.3.0/0"       /* put forward at midnight */
#define LORD     "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0" /* by half an hour */

static int64_t utc(const char *text)
{
    struct tm fields = {0};

    assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &fields));
    return timegm(&fields);
}

static struct reload_time parse(const char *text)
{
    struct reload_time time;

    if (!reload_time_parse(text, strlen(text), &time))
        fail_msg("'%s' is not understood", text);
    return time;
}

/* now and wanted are UTC; "" = it is past. */
static void assert_next(const char *text, const char *now, const char *wanted)
{
    struct reload_time time = parse(text);
    int64_t next_s = 0;
    bool comes = reload_time_next(&time, utc(now), &next_s);
    time_t moment = (time_t)next_s;
    char found[32] = "";
    struct tm fields;

    if (comes)
        strftime(found, sizeof(found), "%Y-%m-%d %H:%M:%S", gmtime_r(&moment, &fields));
    if (strcmp(found, wanted) != 0)
        fail_msg("'%s' at %s comes at '%s', not '%s'", text, now, found, wanted);
}

static void test_forms(void **state)
{
    struct reload_time time = parse("07:08:09");

    (void)state;
    assert_false(time.has_date);
    assert_false(time.is_utc);
    assert_int_equal(time.hour, 7);
    assert_int_equal(time.minute, 8);
    assert_int_equal(time.second, 9);
    time = parse("24-02-29 23:59:59Z\nthe rest does not matter");
    assert_true(time.has_date);
    assert_true(time.is_utc);
    assert_int_equal(time.year, 2024);
    assert_int_equal(time.month, 2);
    assert_int_equal(time.day, 29);
    assert_int_equal(parse("2099-12-31 00:00:00").year, 2099);
    assert_int_equal(parse("99-12-31 00:00:00").year, 2099);
    assert_true(parse("00:00:00Z\n").is_utc);
}

static void test_what_is_no_time(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        "Z",
        "7:08:09",
        "07:08",
        " 07:08:09",
        "07:08:09 ",
        "07:08:09\r",
        "24:00:00",
        "07:60:00",
        "07:08:60",
        "07.08.09",
        "07:08:09z",
        "07:08:09ZZ",
        "+7:08:09",
        "0x:08:09",
        "now",
        "24-13-01 00:00:00",
        "24-02-30 00:00:00",
        "23-02-29 00:00:00",
        "24-00-10 00:00:00",
        "24-04-00 00:00:00",
        "0000-01-01 00:00:00",
        "24-01-01  00:00:00",
        "24-01-01T00:00:00",
        "2024-1-01 00:00:00",
        "124-01-01 00:00:00",
        "2024/01/01 00:00:00",
        "07:08:0\xb9",
        "\xff\xff:\xff\xff:\xff\xff",
    };
    struct reload_time time;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (reload_time_parse(texts[i], strlen(texts[i]), &time))
            fail_msg("'%s' was taken for a time", texts[i]);
    }
    assert_false(reload_time_parse("07:08:0\0", 8, &time));
}

/* What comes from a file is cut anywhere and may hold anything: nothing behind the length is looked at. */
static void test_every_length_of_every_form(void **state)
{
    static const char whole[] = "2024-01-02 03:04:05Z";

    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        char *exact = malloc(length + 1);
        struct reload_time time;

        memcpy(exact + 1, whole, length); /* ends where the memory ends */
        assert_int_equal(reload_time_parse(exact + 1, length, &time), length == 19 || length == 20);
        free(exact);
    }
}

static void test_utc(void **state)
{
    (void)state;
    for (int zone = 0; zone < 2; zone++) {
        in_zone(zone == 0 ? "UTC0" : NEW_YORK); /* which does not matter */
        assert_next("03:00:00Z", "2026-11-21 02:59:59", "2026-11-21 03:00:00");
        assert_next("03:00:00Z", "2026-11-21 03:00:00", "2026-11-22 03:00:00");
        assert_next("00:00:00Z", "2026-12-31 00:00:00", "2027-01-01 00:00:00");
        assert_next("26-11-21 03:00:00Z", "2026-11-21 02:59:59", "2026-11-21 03:00:00");
        assert_next("26-11-21 03:00:00Z", "2026-11-21 03:00:00", "");
        assert_next("2026-03-29 02:30:00Z", "2026-01-01 00:00:00", "2026-03-29 02:30:00");
    }
}

static void test_local_time(void **state)
{
    (void)state;
    in_zone(BERLIN);
    assert_next("03:00:00", "2026-01-10 01:59:59", "2026-01-10 02:00:00");
    assert_next("03:00:00", "2026-01-10 02:00:00", "2026-01-11 02:00:00");
    assert_next("03:00:00", "2026-07-10 01:00:00", "2026-07-11 01:00:00");
    assert_next("00:30:00", "2026-01-10 23:10:00", "2026-01-10 23:30:00"); /* it is the 11th here */
    assert_next("26-07-01 12:00:00", "2026-01-01 00:00:00", "2026-07-01 10:00:00");
    in_zone(NEW_YORK);
    assert_next("23:00:00", "2026-01-11 03:59:00", "2026-01-11 04:00:00"); /* it is the 10th here */
    assert_next("26-01-10 23:00:00", "2026-01-11 04:00:00", "");
    in_zone("<+0545>-5:45");
    assert_next("06:00:00", "2026-01-10 00:00:00", "2026-01-10 00:15:00");
}

static void test_a_time_that_the_day_does_not_have(void **state)
{
    (void)state;
    in_zone(BERLIN);
    assert_next("02:30:00", "2026-03-28 12:00:00", "2026-03-29 01:30:00"); /* 03:30 */
    assert_next("02:30:00", "2026-03-29 01:30:00", "2026-03-30 00:30:00");
    assert_next("26-03-29 02:30:00", "2026-01-01 00:00:00", "2026-03-29 01:30:00");
    assert_next("02:00:00", "2026-03-28 12:00:00", "2026-03-29 01:00:00"); /* 03:00 */
    assert_next("01:59:59", "2026-03-28 12:00:00", "2026-03-29 00:59:59");
    assert_next("03:00:00", "2026-03-28 12:00:00", "2026-03-29 01:00:00");
    in_zone(NEW_YORK);
    assert_next("02:30:00", "2026-03-08 00:00:00", "2026-03-08 07:30:00");
    in_zone(DUBLIN);
    assert_next("01:30:00", "2026-03-28 12:00:00", "2026-03-29 01:30:00");
    in_zone(SAO);
    assert_next("00:10:00", "2026-10-17 12:00:00", "2026-10-18 03:10:00"); /* 01:10 */
    assert_next("00:10:00", "2026-10-18 03:05:00", "2026-10-18 03:10:00");
    in_zone(LORD);
    assert_next("02:15:00", "2026-10-03 12:00:00", "2026-10-03 15:45:00"); /* 02:45 */
}

static void test_a_time_that_the_day_has_twice(void **state)
{
    (void)state;
    in_zone(BERLIN);
    assert_next("02:30:00", "2026-10-24 12:00:00", "2026-10-25 00:30:00");
    assert_next("02:30:00", "2026-10-25 00:30:00", "2026-10-26 01:30:00"); /* not once more an hour later */
    assert_next("26-10-25 02:30:00", "2026-01-01 00:00:00", "2026-10-25 00:30:00");
    assert_next("03:00:00", "2026-10-25 00:30:00", "2026-10-25 02:00:00");
    in_zone(DUBLIN);
    assert_next("01:30:00", "2026-10-24 12:00:00", "2026-10-25 00:30:00");
    in_zone(LORD);
    assert_next("01:45:00", "2026-04-04 12:00:00", "2026-04-04 14:45:00");
}

/* Whatever the zone and the moment: it comes within a day and the hour that may be missing, once each. */
static void test_daily_means_every_day(void **state)
{
    static const char *const zones[] = {"UTC0", BERLIN, NEW_YORK, DUBLIN, SAO, LORD, "<+14>-14", "<-12>12"};
    static const char *const clocks[] = {"00:00:00", "00:30:00", "01:30:00", "02:00:00",
                                         "02:30:00", "03:00:00", "12:00:00", "23:59:59"};

    (void)state;
    for (size_t zone = 0; zone < sizeof(zones) / sizeof(zones[0]); zone++) {
        in_zone(zones[zone]);
        for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
            struct reload_time time = parse(clocks[i]);
            int64_t begin_s = utc("2026-01-01 15:00:00"), at_s = begin_s;

            for (int day = 0; day < 730; day++) {
                int64_t next_s;

                assert_true(reload_time_next(&time, at_s, &next_s));
                if (next_s <= at_s || next_s - at_s > 25 * 3600)
                    fail_msg("%s in %s: %lld s after the one before", clocks[i], zones[zone],
                             (long long)(next_s - at_s));
                at_s = next_s;
            }
            assert_in_range(at_s, begin_s + 728 * 86400, begin_s + 731 * 86400);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_what_is_no_time),
        cmocka_unit_test(test_every_length_of_every_form),
        cmocka_unit_test(test_utc),
        cmocka_unit_test(test_local_time),
        cmocka_unit_test(test_a_time_that_the_day_does_not_have),
        cmocka_unit_test(test_a_time_that_the_day_has_twice),
        cmocka_unit_test(test_daily_means_every_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
