/*
 * Looking for processes, and watching those found. See process_watch.h.
 */
#include "notify/process_watch.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include <uthash.h>

#include "daemon/core/log.h"
#include "notify/process_match.h"

#define LOOK_AGAIN    span_s(1)
#define COST          100 /* looking takes at most so small a part of the time */
#define COMMAND_BYTES 4096
#define NAME_BYTES    64

/* One that runs. */
struct found {
    UT_hash_handle by_pid;
    pid_t pid;
    int fd;
    struct loop_watch *ending;
    struct tracked *tracked;
    uint64_t round; /* in which it was seen last */
};

struct tracked {
    LIST_ENTRY(tracked) next;
    struct process_watch *watch;
    const struct conf_track_process *conf; /* the model's */
    uint64_t key;
    struct found *found;
    struct process_quorum quorum;
    bool told;
    uint32_t told_count;
};

struct process_watch {
    LIST_HEAD(, tracked) all;
    struct loop *loop;
    process_watch_news *news;
    void *data;
    struct loop_timer *look;
    struct loop_timer *delay; /* the earliest process_quorum.due */
    uint64_t round;
    bool failed; /* to read /proc, said once */
};

/* ------------------------------------------------------------------ telling */

static void tell(struct tracked *tracked)
{
    struct tracked_process news = {tracked->key, (int32_t)tracked->quorum.count, tracked->quorum.as_wanted};

    tracked->told = true;
    tracked->told_count = tracked->quorum.count;
    tracked->watch->news(&news, tracked->watch->data);
}

static void arm_delay(struct process_watch *watch)
{
    struct mono earliest = {0};
    struct tracked *tracked;

    LIST_FOREACH(tracked, &watch->all, next)
    earliest = mono_earliest(earliest, tracked->quorum.due);
    loop_timer_set(watch->delay, earliest);
}

static void count(struct tracked *tracked)
{
    uint32_t running = HASH_CNT(by_pid, tracked->found);

    if (process_quorum_count(&tracked->quorum, tracked->conf, running, mono_now()) ||
        tracked->told_count != running)
        tell(tracked);
    arm_delay(tracked->watch);
}

static void delay_is_over(void *data)
{
    struct process_watch *watch = data;
    struct tracked *tracked;

    LIST_FOREACH(tracked, &watch->all, next)
    {
        if (process_quorum_time(&tracked->quorum, mono_now()))
            tell(tracked);
    }
    arm_delay(watch);
}

/* ------------------------------------------------------------------ those found */

static void forget(struct found *found)
{
    HASH_DELETE(by_pid, found->tracked->found, found);
    loop_watch_free(found->ending);
    close(found->fd);
    free(found);
}

static void has_ended(int fd, unsigned int ready, void *data)
{
    struct found *found = data;
    struct tracked *tracked = found->tracked;

    (void)fd;
    (void)ready;
    forget(found);
    count(tracked);
}

static void note(struct tracked *tracked, pid_t pid)
{
    struct found *found;
    int fd;

    HASH_FIND(by_pid, tracked->found, &pid, sizeof(pid), found);
    if (found == NULL) {
        fd = pidfd_open(pid, 0);
        if (fd < 0)
            return; /* it is gone already */
        found = calloc(1, sizeof(*found));
        if (found == NULL)
            abort();
        found->pid = pid;
        found->fd = fd;
        found->tracked = tracked;
        found->ending = loop_watch_new(tracked->watch->loop, fd, LOOP_READ, has_ended, found);
        HASH_ADD(by_pid, tracked->found, pid, sizeof(found->pid), found);
    }
    found->round = tracked->watch->round;
}

/* Those that became another program. */
static void forget_unseen(struct tracked *tracked)
{
    struct found *found, *next;

    HASH_ITER(by_pid, tracked->found, found, next)
    {
        if (found->round != tracked->watch->round)
            forget(found);
    }
}

/* ------------------------------------------------------------------ looking */

static ssize_t read_file(int proc, const char *pid, const char *name, char *bytes, size_t size)
{
    char path[32];
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "%.10s/%s", pid, name);
    fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    length = read(fd, bytes, size);
    close(fd);
    return length;
}

static void look_at(struct process_watch *watch, int proc, const char *pid)
{
    static char command[COMMAND_BYTES];
    char name[NAME_BYTES];
    ssize_t name_length = -2, command_length = -2; /* not read yet */
    struct tracked *tracked;
    bool matches;

    LIST_FOREACH(tracked, &watch->all, next)
    {
        if (tracked->conf->full_command) {
            if (command_length == -2)
                command_length = read_file(proc, pid, "cmdline", command, sizeof(command));
            matches =
                command_length > 0 && process_match_command(tracked->conf, command, (size_t)command_length);
        } else {
            if (name_length == -2)
                name_length = read_file(proc, pid, "comm", name, sizeof(name) - 1);
            if (name_length > 0)
                name[name_length - (name[name_length - 1] == '\n')] = '\0';
            matches = name_length > 0 && process_match_name(tracked->conf, name);
        }
        if (matches)
            note(tracked, (pid_t)atoi(pid));
    }
}

static bool look_through(struct process_watch *watch)
{
    const struct dirent *entry;
    DIR *proc = opendir("/proc");

    if (proc == NULL)
        return false;
    watch->round++;
    while ((entry = readdir(proc)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0]))
            look_at(watch, dirfd(proc), entry->d_name);
    }
    closedir(proc);
    return true;
}

/* Where /proc cannot be read nothing is known, which is no process's fault. */
static void look(void *data)
{
    struct process_watch *watch = data;
    struct mono begun = mono_now();
    bool seen = look_through(watch);
    struct tracked *tracked;
    struct span cost;

    if (!seen && !watch->failed)
        log_error("/proc cannot be read (%s): tracked processes stay as they were known", strerror(errno));
    watch->failed = !seen;
    for (tracked = LIST_FIRST(&watch->all); seen && tracked != NULL; tracked = LIST_NEXT(tracked, next)) {
        forget_unseen(tracked);
        count(tracked);
    }
    cost = span_ns(mono_since(mono_now(), begun).ns * COST);
    loop_timer_in(watch->look, cost.ns > LOOK_AGAIN.ns ? cost : LOOK_AGAIN);
}

/* ------------------------------------------------------------------ life */

struct process_watch *process_watch_new(struct loop *loop, process_watch_news *news, void *data)
{
    struct process_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL)
        abort();
    LIST_INIT(&watch->all);
    watch->loop = loop;
    watch->news = news;
    watch->data = data;
    watch->look = loop_timer_new(loop, look, watch);
    watch->delay = loop_timer_new(loop, delay_is_over, watch);
    return watch;
}

static void remove_tracked(struct tracked *tracked)
{
    struct found *found, *next;

    HASH_ITER(by_pid, tracked->found, found, next)
    {
        forget(found);
    }
    LIST_REMOVE(tracked, next);
    free(tracked);
}

void process_watch_free(struct process_watch *watch)
{
    if (watch == NULL)
        return;
    while (!LIST_EMPTY(&watch->all))
        remove_tracked(LIST_FIRST(&watch->all));
    loop_timer_free(watch->look);
    loop_timer_free(watch->delay);
    free(watch);
}

static void find_or_add(struct process_watch *watch, const struct conf_track_process *conf)
{
    struct tracked *tracked;

    LIST_FOREACH(tracked, &watch->all, next)
    {
        if (tracked->key == conf->key) {
            tracked->conf = conf;
            return;
        }
    }
    tracked = calloc(1, sizeof(*tracked));
    if (tracked == NULL)
        abort();
    tracked->watch = watch;
    tracked->key = conf->key;
    tracked->conf = conf;
    LIST_INSERT_HEAD(&watch->all, tracked, next);
}

static bool is_wanted(const struct conf_model *model, uint64_t key)
{
    for (uint32_t i = 0; i < model->track_processes.count; i++) {
        if (model->track_processes.items[i]->key == key)
            return true;
    }
    return false;
}

void process_watch_load(struct process_watch *watch, const struct conf_model *model)
{
    struct tracked *tracked, *next;

    for (tracked = LIST_FIRST(&watch->all); tracked != NULL; tracked = next) {
        next = LIST_NEXT(tracked, next);
        if (!is_wanted(model, tracked->key))
            remove_tracked(tracked);
    }
    for (uint32_t i = 0; i < model->track_processes.count; i++)
        find_or_add(watch, model->track_processes.items[i]);
    loop_timer_stop(watch->look);
    arm_delay(watch);
    if (!LIST_EMPTY(&watch->all))
        look(watch);
}

void process_watch_tell_all(const struct process_watch *watch)
{
    struct tracked *tracked;

    LIST_FOREACH(tracked, &watch->all, next)
    {
        if (tracked->told)
            tell(tracked);
    }
}
