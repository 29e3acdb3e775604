/*
 * Keeping a FIFO's reader running. See fifo_reader.h.
 */
#include "notify/fifo_reader.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/key.h"
#include "daemon/core/log.h"
#include "notify/execute.h"

#define DELAY_MAX  span_s(60)
#define KILL_DELAY span_s(2) /* between SIGTERM and SIGKILL */

struct fifo_reader {
    struct loop *loop;
    struct custody *custody;
    uint64_t key;
    char **words; /* with the path at their end */
    uint32_t uid;
    uint32_t gid;
    uint32_t *groups;
    size_t group_count;
    bool keep_links;
    bool must_be_safe;
    struct loop_timer *timer; /* to the next start; when it is to end, to the next signal */
    struct span delay;        /* before the last start */
    pid_t pid;                /* 0 = does not run */
    int pid_fd;
    int report; /* -1 = started by our predecessor */
    struct loop_watch *watch;
    struct mono started;
    int signo;                 /* of the next signal, when it is to end */
    void (*ended)(void *data); /* set = it is to end */
    void *data;
};

struct span fifo_reader_delay(struct span delay, struct span run)
{
    if (delay.ns == 0 || run.ns >= FIFO_READER_STEADY.ns)
        return FIFO_READER_DELAY;
    return delay.ns * 2 > DELAY_MAX.ns ? DELAY_MAX : span_ns(delay.ns * 2);
}

/* ------------------------------------------------------------------ processes known by a pidfd */

/* 0 if it has ended, or is none of this kind. */
static pid_t pid_behind(int pid_fd)
{
    char path[64], line[128];
    long pid = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pid_fd);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        if (strncmp(line, "Pid:", 4) == 0)
            pid = strtol(line + 4, NULL, 10);
    }
    fclose(file);
    return pid > 0 ? (pid_t)pid : 0;
}

/* With its process group: what it started goes with it. The descriptor keeps the number its own. */
static void send_signal(int pid_fd, int signo)
{
    pid_t pid = pid_behind(pid_fd);

    if (pid > 0 && kill(-pid, signo) == 0)
        return;
    if (pidfd_send_signal(pid_fd, signo, NULL, 0) != 0 && errno != ESRCH && errno != EBADF)
        log_error("the reader of a FIFO (process %d) cannot be told to end: %s", (int)pid, strerror(errno));
}

void fifo_reader_end_unwanted(int fd)
{
    if (pid_behind(fd) > 0)
        send_signal(fd, SIGTERM);
    close(fd);
}

/* ------------------------------------------------------------------ its end */

static void free_reader(struct fifo_reader *reader)
{
    loop_timer_free(reader->timer);
    for (size_t i = 0; reader->words[i] != NULL; i++)
        free(reader->words[i]);
    free(reader->words);
    free(reader->groups);
    free(reader);
}

static void forget_process(struct fifo_reader *reader)
{
    loop_watch_free(reader->watch);
    reader->watch = NULL;
    close(reader->pid_fd);
    reader->pid_fd = -1;
    if (reader->report >= 0)
        close(reader->report);
    reader->report = -1;
    reader->pid = 0;
    custody_release(reader->custody, reader->key);
}

static void describe_end(const struct fifo_reader *reader, char text[static 64])
{
    int status;

    if (waitpid(reader->pid, &status, WNOHANG) != reader->pid)
        snprintf(text, 64, "ended"); /* our predecessor's child */
    else if (WIFSIGNALED(status))
        snprintf(text, 64, "was ended by signal %d", WTERMSIG(status));
    else
        snprintf(text, 64, "ended with exit status %d", WEXITSTATUS(status));
}

static void say_ended(struct fifo_reader *reader)
{
    void (*ended)(void *data) = reader->ended;
    void *data = reader->data;

    free_reader(reader);
    ended(data);
}

static void process_ended(int fd, unsigned int ready, void *data)
{
    struct fifo_reader *reader = data;
    struct span run = mono_since(mono_now(), reader->started);
    char reason[PROGRAM_REASON_BYTES], end[64];
    const char *why = reader->report < 0 ? NULL : execute_why(reader->report, reason);

    (void)fd;
    (void)ready;
    describe_end(reader, end);
    forget_process(reader);
    if (reader->ended != NULL) {
        say_ended(reader);
        return;
    }
    reader->delay = fifo_reader_delay(reader->delay, run);
    if (why != NULL)
        log_error("the reader %s of a FIFO was not run: %s", reader->words[0], why);
    log_warning("the reader %s of a FIFO %s; it is started again in %.0f s", reader->words[0], end,
                span_seconds(reader->delay));
    loop_timer_in(reader->timer, reader->delay);
}

/* ------------------------------------------------------------------ its start */

static void watch_process(struct fifo_reader *reader)
{
    reader->started = mono_now();
    reader->watch = loop_watch_new(reader->loop, reader->pid_fd, LOOP_READ, process_ended, reader);
}

static void start(struct fifo_reader *reader)
{
    struct program program = {.words = reader->words,
                              .uid = reader->uid,
                              .gid = reader->gid,
                              .groups = reader->groups,
                              .group_count = reader->group_count,
                              .keep_links = reader->keep_links,
                              .must_be_safe = reader->must_be_safe};
    int error = execute(&program, &reader->pid, &reader->report);

    if (error == 0) {
        reader->pid_fd = pidfd_open(reader->pid, 0);
        if (reader->pid_fd >= 0) {
            custody_hold(reader->custody, reader->key, reader->pid_fd);
            watch_process(reader);
            return;
        }
        error = errno;
        kill(reader->pid, SIGKILL);
        waitpid(reader->pid, NULL, 0);
        close(reader->report);
        reader->report = -1;
    }
    reader->pid = 0;
    reader->delay = fifo_reader_delay(reader->delay, span_s(0));
    log_error("the reader %s of a FIFO cannot be started: %s", reader->words[0], strerror(error));
    loop_timer_in(reader->timer, reader->delay);
}

static void timer_fired(void *data)
{
    struct fifo_reader *reader = data;

    if (reader->ended == NULL) {
        start(reader);
        return;
    }
    if (reader->signo == SIGKILL)
        log_warning("the reader %s of a FIFO does not end: killed", reader->words[0]);
    send_signal(reader->pid_fd, reader->signo);
    reader->signo = SIGKILL;
    loop_timer_in(reader->timer, KILL_DELAY);
}

static char **words_with_path(const struct conf_fifo *conf)
{
    size_t count = conf->reader.words.count;
    char **words = calloc(count + 2, sizeof(*words));

    if (words == NULL)
        abort();
    for (size_t i = 0; i <= count; i++) {
        words[i] = strdup(i < count ? conf->reader.words.items[i] : conf->path);
        if (words[i] == NULL)
            abort();
    }
    return words;
}

struct fifo_reader *fifo_reader_new(struct loop *loop, const struct conf_fifo *conf, bool must_be_safe,
                                    struct custody *custody)
{
    struct fifo_reader *reader = calloc(1, sizeof(*reader));

    if (reader == NULL)
        abort();
    reader->loop = loop;
    reader->custody = custody;
    reader->key = conf_key_fifo_reader(conf);
    reader->words = words_with_path(conf);
    reader->uid = conf->reader.uid;
    reader->gid = conf->reader.gid;
    reader->groups = program_groups(&conf->reader);
    reader->group_count = conf->reader.groups.count;
    reader->keep_links = conf->reader.keep_links;
    reader->must_be_safe = must_be_safe;
    reader->timer = loop_timer_new(loop, timer_fired, reader);
    reader->report = -1;
    reader->pid_fd = custody_take(custody, reader->key);
    if (reader->pid_fd >= 0) {
        reader->pid = pid_behind(reader->pid_fd);
        watch_process(reader);
    } else {
        start(reader);
    }
    return reader;
}

void fifo_reader_end(struct fifo_reader *reader, struct span patience, void (*ended)(void *data), void *data)
{
    reader->ended = ended;
    reader->data = data;
    reader->signo = SIGTERM;
    loop_timer_stop(reader->timer);
    if (reader->pid_fd < 0)
        say_ended(reader);
    else
        loop_timer_in(reader->timer, patience);
}
