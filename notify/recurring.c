/*
 * Runs of recurring scripts. See recurring.h.
 */
#include "notify/recurring.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/wait.h>

#include <uthash.h>

#include "daemon/core/log.h"
#include "notify/reaper.h"
#include "notify/spawn.h"

#define KILL_DELAY  span_s(2)    /* between SIGTERM and SIGKILL */
#define STOOD_STILL span_ms(500) /* a timeout served that much late says nothing about the script */

enum phase {
    PHASE_IDLE,
    PHASE_WAITS, /* for those before it */
    PHASE_RUNS,
    PHASE_TOLD_TO_END, /* SIGTERM is sent, the answer too */
    PHASE_KILLED,
};

/* One script, and its run if there is one. */
struct script {
    UT_hash_handle by_key;
    struct recurring *recurring;
    uint64_t key;
    const struct conf_recurring_script *conf; /* NULL = removed while it runs */
    char **words;                             /* NULL-terminated; the texts are the model's */
    uint32_t *groups;                         /* supplementary ones */
    bool executable;                          /* as far as the last run showed */

    enum phase phase;
    TAILQ_ENTRY(script) next_waiting;
    struct reaper_entry process;
    struct loop_timer *timer;
    struct span timeout;
    struct mono started;
    uint64_t serial;
    struct recurring_asker asker;
};

struct recurring {
    struct loop *loop;
    struct reaper *reaper;
    recurring_answer *answer;
    void *data;
    struct script *scripts;
    bool must_be_safe;
    size_t running;
    struct script *ahead;         /* runs, and those that wait begin when it has ended */
    TAILQ_HEAD(, script) waiting; /* empty if none is ahead */
    struct loop_timer *patience;  /* of those */
    bool finishing;
    void (*done)(void *data);
    void *done_data;
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static struct script *find(const struct recurring *recurring, uint64_t key)
{
    struct script *script;

    HASH_FIND(by_key, recurring->scripts, &key, sizeof(key), script);
    return script;
}

/* ------------------------------------------------------------------ the end of a run */

static void answer(const struct script *script, enum script_outcome outcome, int32_t status)
{
    struct script_ran ran = {
        .key = script->key,
        .serial = script->serial,
        .outcome = outcome,
        .status = status,
        .duration_us = mono_since(mono_now(), script->started).ns / NS_PER_US,
    };

    if (!script->recurring->finishing)
        script->recurring->answer(&script->asker, &ran, script->recurring->data);
}

static void forget(struct script *script)
{
    HASH_DELETE(by_key, script->recurring->scripts, script);
    loop_timer_free(script->timer);
    free(script->words);
    free(script->groups);
    free(script);
}

static void say_done(struct recurring *recurring)
{
    if (!recurring->finishing || recurring->running > 0 || recurring->done == NULL)
        return;
    recurring->done(recurring->done_data);
    recurring->done = NULL;
}

static void let_next_begin(struct recurring *recurring);

static void ended(int status, void *data)
{
    struct script *script = data;
    struct recurring *recurring = script->recurring;
    bool was_ahead = recurring->ahead == script;

    if (script->phase == PHASE_RUNS) {
        if (WIFSIGNALED(status))
            answer(script, SCRIPT_KILLED, WTERMSIG(status));
        else
            answer(script, SCRIPT_EXITED, WEXITSTATUS(status));
    }
    loop_timer_stop(script->timer);
    script->phase = PHASE_IDLE;
    recurring->running--;
    if (script->conf == NULL)
        forget(script);
    if (was_ahead)
        let_next_begin(recurring);
    say_done(recurring);
}

/* ------------------------------------------------------------------ runs that take too long */

static void end_group(struct script *script)
{
    bool once_more = script->phase != PHASE_RUNS;

    script->phase = once_more ? PHASE_KILLED : PHASE_TOLD_TO_END;
    if (kill(-script->process.pid, once_more ? SIGKILL : SIGTERM) != 0 && errno != ESRCH)
        log_error("a process of %s cannot be ended: %s",
                  script->conf != NULL ? script->conf->name : "a removed script", strerror(errno));
    loop_timer_in(script->timer, KILL_DELAY);
}

static void time_is_up(void *data)
{
    struct script *script = data;
    struct span late = mono_since(mono_now(), loop_timer_deadline(script->timer));

    if (reaper_look(script->recurring->reaper, &script->process))
        return;
    if (late.ns > STOOD_STILL.ns) {
        loop_timer_in(script->timer, script->timeout);
        return;
    }
    if (script->phase == PHASE_RUNS)
        answer(script, SCRIPT_TIMED_OUT, 0);
    end_group(script);
}

/* ------------------------------------------------------------------ the start of a run */

static void note_executable(struct script *script, const char *why_not)
{
    bool executable = why_not == NULL;

    if (executable == script->executable)
        return;
    script->executable = executable;
    if (executable)
        log_notice("%s: %s can be executed again", script->conf->name, script->words[0]);
    else
        log_error("%s: %s was not run: %s", script->conf->name, script->words[0], why_not);
}

static void start(struct script *script)
{
    const struct conf_script *command = &script->conf->script;
    struct recurring *recurring = script->recurring;
    struct program program = {.words = script->words,
                              .uid = command->uid,
                              .gid = command->gid,
                              .groups = script->groups,
                              .group_count = command->groups.count,
                              .keep_links = command->keep_links,
                              .must_be_safe = recurring->must_be_safe && command->uid == 0,
                              .ends_with_us = true};
    struct program_refusal refusal;
    int error;

    script->started = mono_now();
    error = spawn(&program, &script->process.pid, &refusal);
    if (program_lacks_resources(error)) {
        answer(script, SCRIPT_NOT_RUN, error);
        return;
    }
    note_executable(script, error == 0 ? NULL : refusal.reason);
    if (error != 0) {
        answer(script, SCRIPT_NOT_EXECUTABLE, error);
        return;
    }
    script->phase = PHASE_RUNS;
    script->timeout = span_us(script->conf->timeout_us);
    reaper_add(recurring->reaper, &script->process);
    loop_timer_in(script->timer, script->timeout);
    recurring->running++;
}

/* ------------------------------------------------------------------ one after the other */

static struct script *take_waiting(struct recurring *recurring)
{
    struct script *first = TAILQ_FIRST(&recurring->waiting);

    if (first == NULL)
        return NULL;
    TAILQ_REMOVE(&recurring->waiting, first, next_waiting);
    first->phase = PHASE_IDLE;
    if (TAILQ_EMPTY(&recurring->waiting))
        loop_timer_stop(recurring->patience);
    return first;
}

static void let_next_begin(struct recurring *recurring)
{
    struct script *script;

    recurring->ahead = NULL;
    while (recurring->ahead == NULL && (script = take_waiting(recurring)) != NULL) {
        start(script);
        if (script->phase == PHASE_RUNS)
            recurring->ahead = script;
    }
}

/* The one ahead takes long: it holds up nobody any more. */
static void patience_is_over(void *data)
{
    struct recurring *recurring = data;
    struct script *script;

    recurring->ahead = NULL;
    while ((script = take_waiting(recurring)) != NULL)
        start(script);
}

/* When the first has waited long enough, all have. */
static void queue_up(struct script *script, struct span patience)
{
    struct recurring *recurring = script->recurring;
    struct mono latest = mono_add(mono_now(), patience);

    if (TAILQ_EMPTY(&recurring->waiting) || mono_before(latest, loop_timer_deadline(recurring->patience)))
        loop_timer_set(recurring->patience, latest);
    TAILQ_INSERT_TAIL(&recurring->waiting, script, next_waiting);
    script->phase = PHASE_WAITS;
    if (recurring->ahead == NULL)
        let_next_begin(recurring);
}

static void refuse(const struct recurring *recurring, const struct script_run *run,
                   const struct recurring_asker *asker, int error)
{
    struct script_ran ran = {
        .key = run->key, .serial = run->serial, .outcome = SCRIPT_NOT_RUN, .status = error};

    recurring->answer(asker, &ran, recurring->data);
}

void recurring_run(struct recurring *recurring, const struct script_run *run,
                   const struct recurring_asker *asker)
{
    struct script *script = find(recurring, run->key);

    if (script == NULL || script->conf == NULL) {
        refuse(recurring, run, asker, ENOENT);
    } else if (recurring->finishing) {
        refuse(recurring, run, asker, ESHUTDOWN);
    } else if (script->phase != PHASE_IDLE) {
        refuse(recurring, run, asker, EBUSY);
    } else {
        script->serial = run->serial;
        script->asker = *asker;
        if (run->patience_us > 0)
            queue_up(script, span_us(run->patience_us));
        else
            start(script);
    }
}

/* ------------------------------------------------------------------ life */

struct recurring *recurring_new(struct loop *loop, recurring_answer *answer_callback, void *data)
{
    struct recurring *recurring = must(calloc(1, sizeof(*recurring)));

    program_settle();
    recurring->loop = loop;
    recurring->reaper = reaper_new(loop);
    if (recurring->reaper == NULL)
        log_fatal("the ends of scripts cannot be watched: %s", strerror(errno));
    recurring->answer = answer_callback;
    recurring->data = data;
    recurring->patience = loop_timer_new(loop, patience_is_over, recurring);
    TAILQ_INIT(&recurring->waiting);
    return recurring;
}

void recurring_free(struct recurring *recurring)
{
    struct script *script, *next;

    reaper_free(recurring->reaper);
    HASH_ITER(by_key, recurring->scripts, script, next)
    {
        forget(script);
    }
    loop_timer_free(recurring->patience);
    free(recurring);
}

static struct script *find_or_add(struct recurring *recurring, uint64_t key)
{
    struct script *script = find(recurring, key);

    if (script != NULL)
        return script;
    script = must(calloc(1, sizeof(*script)));
    script->recurring = recurring;
    script->key = key;
    script->executable = true;
    script->process = (struct reaper_entry){.ended = ended, .data = script};
    script->timer = loop_timer_new(recurring->loop, time_is_up, script);
    HASH_ADD(by_key, recurring->scripts, key, sizeof(script->key), script);
    return script;
}

static void configure(struct script *script, const struct conf_recurring_script *conf)
{
    uint32_t count = conf->script.words.count;

    script->conf = conf;
    free(script->groups);
    script->groups = program_groups(&conf->script);
    free(script->words);
    script->words = must(calloc(count + 1, sizeof(*script->words)));
    for (uint32_t i = 0; i < count; i++)
        script->words[i] = conf->script.words.items[i];
}

/* It was removed before it began. */
static void stop_waiting(struct script *script)
{
    const struct script_run run = {.key = script->key, .serial = script->serial};

    TAILQ_REMOVE(&script->recurring->waiting, script, next_waiting);
    script->phase = PHASE_IDLE;
    refuse(script->recurring, &run, &script->asker, ENOENT);
}

void recurring_load(struct recurring *recurring, const struct conf_model *model)
{
    struct script *script, *next;

    recurring->must_be_safe = model->global.enable_script_security;
    for (script = recurring->scripts; script != NULL; script = script->by_key.next)
        script->conf = NULL;
    for (uint32_t i = 0; i < model->recurring_scripts.count; i++) {
        const struct conf_recurring_script *conf = model->recurring_scripts.items[i];

        if (conf->script.words.count > 0)
            configure(find_or_add(recurring, conf->key), conf);
    }
    HASH_ITER(by_key, recurring->scripts, script, next)
    {
        if (script->conf == NULL && script->phase == PHASE_WAITS)
            stop_waiting(script);
        if (script->conf == NULL && script->phase == PHASE_IDLE)
            forget(script);
    }
}

void recurring_finish(struct recurring *recurring, void (*done)(void *data), void *data)
{
    recurring->finishing = true;
    recurring->done = done;
    recurring->done_data = data;
    while (take_waiting(recurring) != NULL)
        ;
    for (struct script *script = recurring->scripts; script != NULL; script = script->by_key.next) {
        if (script->phase == PHASE_RUNS)
            end_group(script);
    }
    say_done(recurring);
}
