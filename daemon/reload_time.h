/*
 * When a scheduled reload comes: the line that the file of reload_time_file holds, and the next moment it
 * names. Pure but for the time zone, which is the process's.
 *
 *   HH:MM:SS  YY-MM-DD HH:MM:SS  YYYY-MM-DD HH:MM:SS   in local time, or with a Z behind it in UTC
 *
 * A time without a date comes every day. A local time that a day has twice, because the clock is put back,
 * means the first of the two; one that a day does not have, because the clock is put forward, means as long
 * after midnight as it would have been without that: 02:30 of such a day is 03:30.
 */
#ifndef TANDEM_DAEMON_RELOAD_TIME_H
#define TANDEM_DAEMON_RELOAD_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reload_time {
    bool has_date;
    bool is_utc;
    int16_t year;  /* 2000..2099, or all four digits; 0 without a date, as month and day */
    uint8_t month; /* 1..12 */
    uint8_t day;   /* 1..31, as many as the month has */
    uint8_t hour;
    uint8_t minute;
    uint8_t second; /* 0..59 */
};

/* The first line of the bytes, with its newline or without. False if it is none of the three forms, blanks
 * included, or no time or date that there is. */
bool reload_time_parse(const char *bytes, size_t length, struct reload_time *time);

/* The first moment after now_s that it names, in seconds since 1970. False if that is past. */
bool reload_time_next(const struct reload_time *time, int64_t now_s, int64_t *next_s);

#endif
