/*
 * Following a reload_time_file with inotify and a timer of the real-time clock. See reload_clock.h.
 */
#include "daemon/reload_clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/reload_time.h"

#define LOOK_AGAIN   span_s(1)
#define IN_DIRECTORY (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define GONE         (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT)
#define EVENTS_BYTES (16 * (sizeof(struct inotify_event) + NAME_MAX + 1))
#define LINE_BYTES   64 /* more than the longest form has */
#define TIME_TEXT    64

struct reload_clock {
    const struct reload_clock_callbacks *callbacks;
    void *data;
    char *path; /* NULL = none is followed */
    bool repeat;
    int inotify;
    int directory; /* inotify's number of it; -1 = cannot be watched */
    int target;    /* of the file itself, which a link may have elsewhere; -1 = there is none */
    int timer;
    struct loop_watch *events;
    struct loop_watch *expiry;
    struct loop_timer *again;
    bool complained;       /* of the directory */
    char line[LINE_BYTES]; /* what the file said when this was planned */
    size_t length;
    struct reload_time time;
    int64_t due_s; /* 0 = nothing is planned */
};

/* The clock that the timer goes by: time(2) may still be in the second before. */
static int64_t wall_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static const char *time_text(int64_t moment_s, char buffer[static TIME_TEXT])
{
    time_t moment = (time_t)moment_s;
    struct tm fields;

    if (localtime_r(&moment, &fields) == NULL ||
        strftime(buffer, TIME_TEXT, "%Y-%m-%d %H:%M:%S %Z", &fields) == 0)
        snprintf(buffer, TIME_TEXT, "%lld s after 1970", (long long)moment_s);
    return buffer;
}

/* ------------------------------------------------------------------ the plan */

static void plan(struct reload_clock *clock, int64_t due_s)
{
    struct itimerspec when = {.it_value = {.tv_sec = due_s}};
    char text[TIME_TEXT];

    if (due_s != 0 && due_s != clock->due_s)
        log_notice("%s: the next reload comes at %s", clock->path, time_text(due_s, text));
    else if (due_s == 0 && clock->due_s != 0)
        log_notice("%s: there will be no reload at %s", clock->path, time_text(clock->due_s, text));
    /* Zero disarms it. Set again even to the same time: that is how a clock that was set is told of anew. */
    if (timerfd_settime(clock->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) != 0)
        log_error("the time of a reload cannot be waited for: %s", strerror(errno));
    if (due_s != clock->due_s)
        clock->callbacks->planned(due_s, clock->data);
    clock->due_s = due_s;
}

/* The first bytes; 0 where there is no file, or nothing in it. */
static size_t read_line(const struct reload_clock *clock, char line[static LINE_BYTES])
{
    int fd = open(clock->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    ssize_t length = fd < 0 ? -1 : read(fd, line, LINE_BYTES);

    if (length < 0 && errno != ENOENT && errno != ENOTDIR)
        log_warning("%s cannot be read: %s", clock->path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return length < 0 ? 0 : (size_t)length;
}

static void look(struct reload_clock *clock)
{
    int64_t next_s = 0;

    clock->length = read_line(clock, clock->line);
    tzset(); /* the machine may have got another time zone */
    if (clock->length > 0 && !reload_time_parse(clock->line, clock->length, &clock->time)) {
        log_warning(
            "%s: its first line is no time, which is HH:MM:SS or [YY]YY-MM-DD HH:MM:SS, with a Z behind "
            "it if it is UTC: ignored",
            clock->path);
    } else if (clock->length > 0 && !reload_time_next(&clock->time, wall_s(), &next_s)) {
        log_warning("%s: that time is past: ignored", clock->path);
        next_s = 0;
    }
    plan(clock, next_s);
}

/* The file is as it was when this was planned; otherwise what it says now counts. */
static bool is_still_so(const struct reload_clock *clock)
{
    char line[LINE_BYTES];
    size_t length = read_line(clock, line);

    return length == clock->length && memcmp(line, clock->line, length) == 0;
}

static void come_due(struct reload_clock *clock)
{
    if (!is_still_so(clock)) {
        look(clock);
        return;
    }
    log_notice("reloading: %s asked for it", clock->path);
    clock->due_s = 0;
    clock->callbacks->planned(0, clock->data);
    if ((!clock->repeat || clock->time.has_date) && unlink(clock->path) != 0)
        log_warning("%s cannot be removed: %s", clock->path, strerror(errno));
    else if (clock->repeat && !clock->time.has_date)
        look(clock);
    clock->callbacks->due(clock->data);
}

/* Expired, or the clock of the machine was set: then what was planned may be over, or a day further off. */
static void timer_expired(int fd, unsigned int ready, void *data)
{
    struct reload_clock *clock = data;
    uint64_t times;

    (void)ready;
    if (read(fd, &times, sizeof(times)) < 0 && errno != ECANCELED)
        return;
    if (clock->due_s != 0 && clock->due_s <= wall_s())
        come_due(clock);
    else if (clock->path != NULL)
        look(clock);
}

/* ------------------------------------------------------------------ the file */

/* A link's target is written where it leads. Its number changes with the file. */
static void watch_target(struct reload_clock *clock)
{
    int before = clock->target;

    clock->target = inotify_add_watch(clock->inotify, clock->path, IN_CLOSE_WRITE);
    if (before >= 0 && before != clock->target)
        inotify_rm_watch(clock->inotify, before);
}

static void watch(struct reload_clock *clock)
{
    const char *slash = strrchr(clock->path, '/');
    char directory[PATH_MAX];

    snprintf(directory, sizeof(directory), "%.*s", slash == clock->path ? 1 : (int)(slash - clock->path),
             clock->path);
    clock->directory = inotify_add_watch(clock->inotify, directory,
                                         IN_DIRECTORY | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    if (clock->directory < 0 && !clock->complained)
        log_warning("%s: its directory cannot be watched: %s", clock->path, strerror(errno));
    clock->complained = clock->directory < 0;
    if (clock->directory < 0)
        loop_timer_in(clock->again, LOOK_AGAIN);
    watch_target(clock);
    look(clock);
}

static void look_again(void *data)
{
    watch(data);
}

static bool concerns(const struct reload_clock *clock, const struct inotify_event *event)
{
    return event->wd != clock->directory || event->len == 0 ||
           strcmp(event->name, strrchr(clock->path, '/') + 1) == 0;
}

static void events_came(int fd, unsigned int ready, void *data)
{
    _Alignas(struct inotify_event) char bytes[EVENTS_BYTES];
    struct reload_clock *clock = data;
    bool lost = false, changed = false;
    ssize_t length;

    (void)ready;
    while ((length = read(fd, bytes, sizeof(bytes))) > 0) {
        const struct inotify_event *event;

        for (char *at = bytes; at < bytes + length; at += sizeof(*event) + event->len) {
            event = (const struct inotify_event *)at;
            lost |= event->wd == clock->directory && (event->mask & GONE) != 0;
            changed |= clock->path != NULL && concerns(clock, event);
        }
    }
    if (clock->path == NULL)
        return;
    if (lost) {
        inotify_rm_watch(clock->inotify, clock->directory); /* of one that was moved */
        watch(clock);
    } else if (changed) {
        watch_target(clock);
        look(clock);
    }
}

/* ------------------------------------------------------------------ life */

static void unfollow(struct reload_clock *clock)
{
    if (clock->path == NULL)
        return;
    plan(clock, 0);
    loop_timer_stop(clock->again);
    if (clock->target >= 0)
        inotify_rm_watch(clock->inotify, clock->target);
    if (clock->directory >= 0)
        inotify_rm_watch(clock->inotify, clock->directory);
    clock->target = clock->directory = -1;
    clock->complained = false;
    free(clock->path);
    clock->path = NULL;
}

struct reload_clock *reload_clock_new(struct loop *loop, const struct reload_clock_callbacks *callbacks,
                                      void *data)
{
    struct reload_clock *clock = calloc(1, sizeof(*clock));

    if (clock == NULL)
        abort();
    clock->callbacks = callbacks;
    clock->data = data;
    clock->target = clock->directory = -1;
    clock->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    clock->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (clock->inotify < 0 || clock->timer < 0)
        log_fatal("scheduled reloads need a watch and a timer: %s", strerror(errno));
    clock->events = loop_watch_new(loop, clock->inotify, LOOP_READ, events_came, clock);
    clock->expiry = loop_watch_new(loop, clock->timer, LOOP_READ, timer_expired, clock);
    clock->again = loop_timer_new(loop, look_again, clock);
    return clock;
}

void reload_clock_free(struct reload_clock *clock)
{
    if (clock == NULL)
        return;
    loop_watch_free(clock->events);
    loop_watch_free(clock->expiry);
    loop_timer_free(clock->again);
    close(clock->inotify);
    close(clock->timer);
    free(clock->path);
    free(clock);
}

void reload_clock_follow(struct reload_clock *clock, const char *path, bool repeat)
{
    clock->repeat = repeat;
    if (path != NULL && clock->path != NULL && strcmp(path, clock->path) == 0)
        return;
    unfollow(clock);
    if (path == NULL)
        return;
    clock->path = strdup(path);
    if (clock->path == NULL)
        abort();
    watch(clock);
}
