/*
 * The groups that may ping. See ping_range.h.
 *
 * A fresh network namespace admits nobody (a range whose end is before its start).
 */
#include "daemon/kernel/ping_range.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/core/log.h"

#define SETTING "/proc/sys/net/ipv4/ping_group_range"

struct range {
    unsigned long first;
    unsigned long last;
};

static int read_range(int fd, struct range *range)
{
    char text[64], *end;
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);

    if (length < 0)
        return errno;
    text[length] = '\0';
    range->first = strtoul(text, &end, 10);
    range->last = strtoul(end, NULL, 10);
    return 0;
}

static int write_range(int fd, const struct range *range)
{
    char text[64];
    int length = snprintf(text, sizeof(text), "%lu %lu\n", range->first, range->last);

    return pwrite(fd, text, (size_t)length, 0) == length ? 0 : errno;
}

static int widen(int fd, unsigned long group)
{
    struct range range = {0};
    int error = read_range(fd, &range);

    if (error != 0)
        return error;
    if (range.first > range.last)
        range = (struct range){group, group};
    else if (group < range.first)
        range.first = group;
    else if (group > range.last)
        range.last = group;
    else
        return 0;
    error = write_range(fd, &range);
    if (error == 0)
        log_notice("net.ipv4.ping_group_range is now %lu to %lu, for PING_CHECK", range.first, range.last);
    return error;
}

int ping_range_admit_us(void)
{
    int fd = open(SETTING, O_RDWR | O_CLOEXEC);
    int error;

    if (fd < 0)
        return errno;
    error = widen(fd, getegid());
    close(fd);
    return error;
}
