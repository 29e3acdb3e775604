/*
 * The line of a reload_time_file. See reload_time.h.
 */
#include "daemon/reload_time.h"

#include <string.h>
#include <time.h>

#define DAY_S        86400
#define CLOCK_LENGTH 8 /* HH:MM:SS */
#define CENTURY      2000

/* ------------------------------------------------------------------ reading it */

/* What the digits of bytes say, where the pattern has a '0'; its other characters must be there as they are.
 */
static bool follow_pattern(const char *bytes, const char *pattern, int numbers[static 3])
{
    size_t number = 0;

    memset(numbers, 0, 3 * sizeof(numbers[0]));
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] != '0' && bytes[i] != pattern[i])
            return false;
        if (pattern[i] != '0')
            number++;
        else if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        else if (number < 3)
            numbers[number] = numbers[number] * 10 + (bytes[i] - '0');
    }
    return true;
}

static bool read_clock(const char *bytes, struct reload_time *time)
{
    int numbers[3];

    if (!follow_pattern(bytes, "00:00:00", numbers) || numbers[0] > 23 || numbers[1] > 59 || numbers[2] > 59)
        return false;
    time->hour = (uint8_t)numbers[0];
    time->minute = (uint8_t)numbers[1];
    time->second = (uint8_t)numbers[2];
    return true;
}

/* As if it were UTC, in seconds since 1970. */
static int64_t flat_seconds(int year, int month, int day, const struct reload_time *clock)
{
    struct tm fields = {.tm_year = year - 1900,
                        .tm_mon = month - 1,
                        .tm_mday = day,
                        .tm_hour = clock->hour,
                        .tm_min = clock->minute,
                        .tm_sec = clock->second};

    return timegm(&fields);
}

static bool date_exists(int year, int month, int day)
{
    time_t moment = (time_t)flat_seconds(year, month, day, &(struct reload_time){0});
    struct tm fields;

    return year > 0 && gmtime_r(&moment, &fields) != NULL && fields.tm_year == year - 1900 &&
           fields.tm_mon == month - 1 && fields.tm_mday == day;
}

static bool read_date(const char *bytes, const char *pattern, struct reload_time *time)
{
    int numbers[3];

    if (!follow_pattern(bytes, pattern, numbers))
        return false;
    if (strncmp(pattern, "0000", 4) != 0)
        numbers[0] += CENTURY;
    if (!date_exists(numbers[0], numbers[1], numbers[2]))
        return false;
    time->has_date = true;
    time->year = (int16_t)numbers[0];
    time->month = (uint8_t)numbers[1];
    time->day = (uint8_t)numbers[2];
    return true;
}

bool reload_time_parse(const char *bytes, size_t length, struct reload_time *time)
{
    static const char *const dates[] = {"00-00-00 ", "0000-00-00 "};
    const char *end = memchr(bytes, '\n', length);

    *time = (struct reload_time){0};
    if (end != NULL)
        length = (size_t)(end - bytes);
    if (length > 0 && bytes[length - 1] == 'Z') {
        time->is_utc = true;
        length--;
    }
    if (length == CLOCK_LENGTH)
        return read_clock(bytes, time);
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        if (length == strlen(dates[i]) + CLOCK_LENGTH)
            return read_date(bytes, dates[i], time) && read_clock(bytes + strlen(dates[i]), time);
    }
    return false;
}

/* ------------------------------------------------------------------ its next moment */

/* Seconds that local time is ahead of UTC. */
static int64_t ahead_at(int64_t moment_s)
{
    time_t moment = (time_t)moment_s;
    struct tm fields;

    return localtime_r(&moment, &fields) == NULL ? 0 : fields.tm_gmtoff;
}

/* The moment at which clocks show what flat_s is as if it were UTC. */
static int64_t moment_of(int64_t flat_s, bool is_utc)
{
    int64_t before, after, first, second;

    if (is_utc)
        return flat_s;
    before = ahead_at(flat_s - DAY_S);
    after = ahead_at(flat_s + DAY_S);
    first = flat_s - (before > after ? before : after);
    second = flat_s - (before > after ? after : before);
    if (first + ahead_at(first) == flat_s)
        return first;
    return second + ahead_at(second) == flat_s ? second : flat_s - before;
}

bool reload_time_next(const struct reload_time *time, int64_t now_s, int64_t *next_s)
{
    int64_t today, clock = (time->hour * 60 + time->minute) * 60 + time->second;

    if (time->has_date) {
        *next_s = moment_of(flat_seconds(time->year, time->month, time->day, time), time->is_utc);
        return *next_s > now_s;
    }
    today = now_s + (time->is_utc ? 0 : ahead_at(now_s));
    today -= today % DAY_S;
    /* Yesterday's may come only after midnight, if the clock was put forward. */
    for (int64_t day = today - DAY_S;; day += DAY_S) {
        *next_s = moment_of(day + clock, time->is_utc);
        if (*next_s > now_s)
            return true;
    }
}
