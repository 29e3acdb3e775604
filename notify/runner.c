/*
 * Running and watching jobs. See runner.h.
 */
#include "notify/runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "notify/execute.h"
#include "notify/queue.h"

#define KILL_DELAY span_s(2) /* between SIGTERM and SIGKILL */

struct job {
    struct queue_entry entry; /* first member */
    LIST_ENTRY(job) next_running;
    struct runner *runner;
    char **words;
    uint32_t uid;
    uint32_t gid;
    uint32_t *groups;
    size_t group_count;
    bool keep_links;
    bool must_be_safe;
    char *what;
    struct span timeout;
    void (*begun)(uint32_t ticket, void *data);
    void (*ended)(uint32_t ticket, void *data);
    uint32_t ticket;
    void *data;

    /* while it runs */
    pid_t pid;
    int pid_fd;
    int report;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct mono started;
    bool told_to_end;
};

struct runner {
    struct loop *loop;
    struct runner_settings settings;
    struct queue *queue;
    LIST_HEAD(, job) running;
    struct loop_timer *patience; /* no script begins after it */
    struct span longest;         /* for one script, when finishing; 0 = not finishing */
    void (*done)(void *data);
    void *done_data;
};

/* ------------------------------------------------------------------ jobs */

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static struct job *job_new(struct runner *runner, const struct runner_order *order)
{
    struct job *job = must(calloc(1, sizeof(*job)));
    const struct conf_script *script = order->script;
    size_t count = script->words.count;

    job->runner = runner;
    job->words = must(calloc(count + order->extra_count + 1, sizeof(char *)));
    for (size_t i = 0; i < count; i++)
        job->words[i] = must(strdup(script->words.items[i]));
    for (size_t i = 0; i < order->extra_count; i++)
        job->words[count + i] = must(strdup(order->extra[i]));
    job->uid = script->uid;
    job->gid = script->gid;
    job->groups = program_groups(script);
    job->group_count = script->groups.count;
    job->keep_links = script->keep_links;
    job->must_be_safe = order->must_be_safe;
    job->what = must(strdup(order->what));
    job->timeout = order->timeout.ns != 0 ? order->timeout : runner->settings.timeout;
    job->begun = order->begun;
    job->ended = order->ended;
    job->ticket = order->ticket;
    job->data = order->data;
    job->pid_fd = -1;
    job->report = -1;
    return job;
}

static void job_free(struct job *job)
{
    loop_watch_free(job->watch);
    loop_timer_free(job->timer);
    if (job->pid_fd >= 0)
        close(job->pid_fd);
    if (job->report >= 0)
        close(job->report);
    for (size_t i = 0; job->words[i] != NULL; i++)
        free(job->words[i]);
    free(job->words);
    free(job->groups);
    free(job->what);
    free(job);
}

/* ------------------------------------------------------------------ its end */

static void log_end(const struct job *job, int status, const char *why)
{
    double seconds = span_seconds(mono_since(mono_now(), job->started));

    if (why != NULL)
        log_error("script %s (%s) was not run: %s", job->words[0], job->what, why);
    else if (WIFSIGNALED(status))
        log_warning("script %s (%s) was ended by signal %d (%s) after %.1f s", job->words[0], job->what,
                    WTERMSIG(status), strsignal(WTERMSIG(status)), seconds);
    else if (WEXITSTATUS(status) != 0)
        log_warning("script %s (%s) failed with exit status %d after %.1f s", job->words[0], job->what,
                    WEXITSTATUS(status), seconds);
    else
        log_debug("script %s (%s) succeeded after %.1f s", job->words[0], job->what, seconds);
}

static void run_what_may(struct runner *runner);

static void job_is_over(struct job *job)
{
    struct runner *runner = job->runner;

    queue_done(runner->queue, &job->entry);
    if (job->ended != NULL)
        job->ended(job->ticket, job->data);
    job_free(job);
    run_what_may(runner);
}

static void job_ended(int fd, unsigned int ready, void *data)
{
    struct job *job = data;
    char reason[PROGRAM_REASON_BYTES];
    int status = 0;

    (void)fd;
    (void)ready;
    if (waitpid(job->pid, &status, WNOHANG) != job->pid)
        return;
    log_end(job, status, execute_why(job->report, reason));
    LIST_REMOVE(job, next_running);
    job_is_over(job);
}

/* ------------------------------------------------------------------ its start */

static void end_job(struct job *job)
{
    int signo = job->told_to_end ? SIGKILL : SIGTERM;

    job->told_to_end = true;
    if (kill(-job->pid, signo) != 0 && errno != ESRCH)
        log_error("script %s (%s) cannot be ended: %s", job->words[0], job->what, strerror(errno));
    loop_timer_in(job->timer, KILL_DELAY);
}

static struct span longest_time(const struct job *job)
{
    struct span longest = job->runner->longest;

    return longest.ns != 0 && longest.ns < job->timeout.ns ? longest : job->timeout;
}

static void job_takes_too_long(void *data)
{
    struct job *job = data;

    log_warning("script %s (%s) still runs after %.1f s%s: %s", job->words[0], job->what,
                span_seconds(mono_since(mono_now(), job->started)),
                longest_time(job).ns < job->timeout.ns ? " while the daemon stops" : "",
                job->told_to_end ? "killed" : "told to end");
    end_job(job);
}

/* 0, or an errno. */
static int start_job(struct job *job)
{
    struct program program = {.words = job->words,
                              .uid = job->uid,
                              .gid = job->gid,
                              .groups = job->groups,
                              .group_count = job->group_count,
                              .keep_links = job->keep_links,
                              .must_be_safe = job->must_be_safe};
    int error = execute(&program, &job->pid, &job->report);

    if (error != 0)
        return error;
    job->started = mono_now();
    job->pid_fd = pidfd_open(job->pid, 0);
    if (job->pid_fd < 0) {
        error = errno;
        kill(job->pid, SIGKILL);
        waitpid(job->pid, NULL, 0);
        return error;
    }
    LIST_INSERT_HEAD(&job->runner->running, job, next_running);
    job->watch = loop_watch_new(job->runner->loop, job->pid_fd, LOOP_READ, job_ended, job);
    job->timer = loop_timer_new(job->runner->loop, job_takes_too_long, job);
    loop_timer_in(job->timer, longest_time(job));
    log_debug("script %s (%s) runs as process %d", job->words[0], job->what, (int)job->pid);
    return 0;
}

static void say_done(struct runner *runner)
{
    void (*done)(void *data) = runner->done;

    if (done == NULL || !runner_is_idle(runner))
        return;
    runner->done = NULL;
    runner->longest = span_s(0);
    loop_timer_stop(runner->patience);
    done(runner->done_data);
}

static void start_or_drop(struct runner *runner, struct job *job)
{
    int error = start_job(job);

    if (error != 0)
        log_error("script %s (%s) was not run: %s", job->words[0], job->what, strerror(error));
    if (job->begun != NULL)
        job->begun(job->ticket, job->data);
    if (error == 0)
        return;
    queue_done(runner->queue, &job->entry);
    if (job->ended != NULL)
        job->ended(job->ticket, job->data);
    job_free(job);
}

static void run_what_may(struct runner *runner)
{
    struct queue_entry *entry;

    while ((entry = queue_take(runner->queue)) != NULL)
        start_or_drop(runner, (struct job *)entry);
    say_done(runner);
}

/* ------------------------------------------------------------------ the runner */

static void patience_is_over(void *data)
{
    struct runner *runner = data;
    struct queue_entry *entry;

    while ((entry = queue_drop(runner->queue)) != NULL) {
        struct job *job = (struct job *)entry;

        log_warning("script %s (%s) is not run: the daemon stops", job->words[0], job->what);
        job_free(job);
    }
    say_done(runner);
}

struct runner *runner_new(struct loop *loop, const struct runner_settings *settings)
{
    struct runner *runner = must(calloc(1, sizeof(*runner)));

    runner->loop = loop;
    runner->settings = *settings;
    runner->queue = queue_new(settings->side_by_side);
    runner->patience = loop_timer_new(loop, patience_is_over, runner);
    LIST_INIT(&runner->running);
    return runner;
}

void runner_free(struct runner *runner)
{
    struct queue_entry *entry;

    while ((entry = queue_drop(runner->queue)) != NULL)
        job_free((struct job *)entry);
    while (!LIST_EMPTY(&runner->running)) {
        struct job *job = LIST_FIRST(&runner->running);

        LIST_REMOVE(job, next_running);
        job_free(job);
    }
    loop_timer_free(runner->patience);
    queue_free(runner->queue);
    free(runner);
}

bool runner_add(struct runner *runner, const struct runner_order *order)
{
    if (order->script->words.count == 0)
        return false;
    queue_add(runner->queue, order->object, &job_new(runner, order)->entry);
    run_what_may(runner);
    return true;
}

void runner_finish(struct runner *runner, struct span one, struct span all, void (*done)(void *data),
                   void *data)
{
    struct job *job;

    runner->done = done;
    runner->done_data = data;
    runner->longest = one;
    LIST_FOREACH(job, &runner->running, next_running)
    {
        if (!job->told_to_end)
            loop_timer_in(job->timer, longest_time(job));
    }
    loop_timer_in(runner->patience, all);
    say_done(runner);
}

bool runner_is_idle(const struct runner *runner)
{
    return queue_running(runner->queue) == 0 && queue_waiting(runner->queue) == 0;
}
