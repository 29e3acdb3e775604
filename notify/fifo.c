/*
 * Writing to a pipe. See fifo.h.
 */
#include "notify/fifo.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include "conf/key.h"
#include "daemon/core/log.h"
#include "notify/fifo_open.h"

#define BACKLOG_MAX 4096 /* lines kept while it is being opened */

struct backlog_line {
    STAILQ_ENTRY(backlog_line) next;
    char text[];
};

struct fifo {
    struct custody *custody;
    char *path;
    uint64_t key;
    struct fifo_opening *opening;
    int fd; /* -1 = not open */
    uint64_t lost;
    STAILQ_HEAD(, backlog_line) backlog;
    size_t backlog_count;
    fifo_ready *ready;
    void *data;
};

/* ------------------------------------------------------------------ lines */

static void count_lost(struct fifo *fifo, int error)
{
    if (fifo->lost++ > 0)
        return;
    if (error == EAGAIN)
        log_warning("FIFO %s is full, because nobody reads it fast enough: lines are lost from now on",
                    fifo->path);
    else
        log_error("FIFO %s cannot be written: %s; lines are lost", fifo->path, strerror(error));
}

/* A line is shorter than PIPE_BUF, so it goes in whole or not at all. */
static void write_line(struct fifo *fifo, const char *line)
{
    ssize_t written;

    do
        written = write(fifo->fd, line, strlen(line));
    while (written < 0 && errno == EINTR);
    if (written < 0) {
        count_lost(fifo, errno);
        return;
    }
    if (fifo->lost > 0)
        log_warning("FIFO %s takes lines again; %" PRIu64 " were lost", fifo->path, fifo->lost);
    fifo->lost = 0;
}

static void keep_line(struct fifo *fifo, const char *line)
{
    size_t size = strlen(line) + 1;
    struct backlog_line *kept;

    if (fifo->backlog_count == BACKLOG_MAX) {
        count_lost(fifo, EAGAIN);
        return;
    }
    kept = malloc(sizeof(*kept) + size);
    if (kept == NULL)
        abort();
    memcpy(kept->text, line, size);
    STAILQ_INSERT_TAIL(&fifo->backlog, kept, next);
    fifo->backlog_count++;
}

static void empty_backlog(struct fifo *fifo)
{
    while (!STAILQ_EMPTY(&fifo->backlog)) {
        struct backlog_line *first = STAILQ_FIRST(&fifo->backlog);

        STAILQ_REMOVE_HEAD(&fifo->backlog, next);
        if (fifo->fd >= 0)
            write_line(fifo, first->text);
        free(first);
    }
    fifo->backlog_count = 0;
}

void fifo_write(struct fifo *fifo, const char *line)
{
    if (fifo->fd >= 0)
        write_line(fifo, line);
    else if (fifo->opening != NULL)
        keep_line(fifo, line);
}

/* ------------------------------------------------------------------ life */

static void opened(int fd, const char *why, void *data)
{
    struct fifo *fifo = data;

    fifo->opening = NULL;
    fifo->fd = fd;
    if (fd < 0)
        log_error("FIFO %s cannot be used: %s", fifo->path, why);
    else
        custody_hold(fifo->custody, fifo->key, fd);
    empty_backlog(fifo);
    if (fd >= 0)
        fifo->ready(fifo->data);
}

struct fifo *fifo_new(struct loop *loop, const struct conf_fifo *conf, struct custody *custody,
                      fifo_ready *ready, void *data)
{
    struct fifo *fifo = calloc(1, sizeof(*fifo));

    if (fifo == NULL || (fifo->path = strdup(conf->path)) == NULL)
        abort();
    STAILQ_INIT(&fifo->backlog);
    fifo->custody = custody;
    fifo->key = conf_key_fifo(conf);
    fifo->ready = ready;
    fifo->data = data;
    fifo->fd = custody_take(custody, fifo->key);
    if (fifo->fd >= 0) {
        ready(data);
        return fifo;
    }
    fifo->opening = fifo_open(loop, conf, opened, fifo);
    if (fifo->opening == NULL)
        log_error("FIFO %s cannot be used: %s", fifo->path, strerror(errno));
    return fifo;
}

void fifo_free(struct fifo *fifo)
{
    if (fifo == NULL)
        return;
    fifo_open_cancel(fifo->opening);
    if (fifo->fd >= 0) {
        custody_release(fifo->custody, fifo->key);
        close(fifo->fd);
        fifo->fd = -1;
    }
    if (fifo->lost > 0)
        log_warning("FIFO %s: %" PRIu64 " lines were lost", fifo->path, fifo->lost);
    empty_backlog(fifo);
    free(fifo->path);
    free(fifo);
}
