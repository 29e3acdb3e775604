/*
 * The check engine. See engine.h.
 *
 * One timer for everything: it is set to the earliest of the next start (schedule) and the next deadline. Per
 * attempt there is no allocation but the loop's, and no system call but those of the attempt.
 */
#include "checkers/engine.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/settings.h"
#include "daemon/core/log.h"

/* The timer coming this late means that we did not run: nobody's time was up. */
#define LATE_NS (100 * NS_PER_MS)

struct engine {
    struct loop *loop;
    struct loop_timer *timer;
    struct mono armed; /* what the timer is set to; unset = not running */
    struct mono last_ran;
    bool in_timer;
    struct schedule schedule;
    struct agenda deadlines;
    struct check *checks; /* by key */
    struct conf_model *model;
    struct board *board;
    bool board_is_full; /* and that was said */
    engine_verdict_callback *callback;
    void *data;
};

/* ------------------------------------------------------------------ words */

static void describe(const struct check *check, char *buffer, size_t size)
{
    const char *subject = check->type->subject != NULL ? check->type->subject(check) : NULL;
    char endpoint[IP_ENDPOINT_TEXT];

    snprintf(buffer, size, "check %s %s%s%s", check->type->name,
             ip_endpoint_text(&check->conf->connect, endpoint), subject != NULL ? " " : "",
             subject != NULL ? subject : "");
}

/* check->standing must still be as it was during the attempt: it names the url. */
static void explain(const struct check *check, struct finding finding, uint32_t wait_ms, char *buffer,
                    size_t size)
{
    char wanted[128];

    verdict_text(finding.reason, finding.phase, finding.detail, wait_ms,
                 check->type->wanted != NULL ? check->type->wanted(check, wanted, sizeof(wanted)) : NULL,
                 buffer, size);
}

static void log_change(const struct check *check, const char *name, const char *reason)
{
    char virtual_server[IP_ENDPOINT_TEXT];
    char attempts[48] = "";
    bool assumed = check->record.transitions == 1 && check->standing.up && !check->conf->alpha;

    if (!check->standing.up && check->standing.failures > 1)
        snprintf(attempts, sizeof(attempts), " (after %u attempts)", check->standing.failures);
    /* That a server works which was taken to work is no change of state. */
    log_line(assumed ? LOG_LEVEL_DEBUG : LOG_LEVEL_NOTICE, "%s: %s, %s%s, for virtual server %s", name,
             check->standing.up ? "up" : "down", reason, attempts,
             ip_endpoint_text(&check->virtual_server->endpoint, virtual_server));
}

static void log_attempt(const struct check *check, struct finding finding, bool news, const char *name,
                        const char *reason)
{
    if (verdict_is_good(finding.reason))
        return;
    if (finding.reason == VERDICT_SOCKET)
        log_line(news ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, "%s: not checked, %s", name, reason);
    else
        log_line(check->conf->log_all_failures ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG,
                 "%s: failed, %s (attempt %u)", name, reason, check->standing.failures);
}

/* ------------------------------------------------------------------ attempts */

static void arm(struct engine *engine, struct mono when)
{
    if (engine->in_timer || !mono_is_set(when))
        return;
    if (mono_is_set(engine->armed) && !mono_before(when, engine->armed))
        return;
    engine->armed = when;
    loop_timer_set(engine->timer, when);
}

static void put_attempt_away(struct check *check)
{
    if (!check->running)
        return;
    if (check->type->end != NULL)
        check->type->end(check);
    loop_watch_free(check->watch);
    check->watch = NULL;
    if (check->fd >= 0)
        close(check->fd);
    check->fd = -1;
    check->running = false;
    agenda_remove(&check->engine->deadlines, &check->deadline);
}

static void start_attempt(struct engine *engine, struct check *check, struct mono now)
{
    check->running = true;
    check->started = now;
    agenda_set(&engine->deadlines, &check->deadline, mono_add(now, span_us(check->conf->connect_timeout_us)));
    check->type->start(check);
}

/* After a pause every attempt gets back the time in which we could not attend to it. */
static void notice_pause(struct engine *engine, struct mono now)
{
    if (mono_is_set(engine->armed) && mono_since(now, engine->armed).ns > LATE_NS)
        agenda_shift(&engine->deadlines, mono_since(now, engine->last_ran));
    engine->last_ran = now;
}

static void ready(int fd, unsigned int what, void *data)
{
    struct check *check = data;

    (void)fd;
    notice_pause(check->engine, mono_now());
    check->type->ready(check, what);
}

void engine_watch(struct check *check)
{
    const unsigned int want = LOOP_READ | LOOP_WRITE | LOOP_EDGE;

    if (check->watch != NULL)
        loop_watch_want(check->watch, want);
    else
        check->watch = loop_watch_new(check->engine->loop, check->fd, want, ready, check);
}

/* Time is up: what the kernel already has for us still counts. */
static void give_up(struct check *check)
{
    struct pollfd poll_fd = {.fd = check->fd, .events = check->phase <= PHASE_SEND ? POLLOUT : POLLIN};

    if (check->fd >= 0 && poll(&poll_fd, 1, 0) > 0)
        check->type->ready(check, poll_fd.events == POLLOUT ? LOOP_READ | LOOP_WRITE : LOOP_READ);
    if (check->running)
        engine_report(check, (struct finding){VERDICT_TIMEOUT, check->phase, 0});
}

static struct check *check_of_deadline(struct agenda_entry *deadline)
{
    return (struct check *)((char *)deadline - offsetof(struct check, deadline));
}

static struct check *check_of_schedule(struct schedule_entry *entry)
{
    return (struct check *)((char *)entry - offsetof(struct check, schedule));
}

static void timer_fired(void *data)
{
    struct engine *engine = data;
    struct mono now = mono_now();
    struct schedule_entry *entry;
    struct agenda_entry *deadline;

    notice_pause(engine, now);
    engine->armed = (struct mono){0};
    engine->in_timer = true;
    while ((deadline = agenda_first(&engine->deadlines)) != NULL && !mono_before(now, deadline->when))
        give_up(check_of_deadline(deadline));
    while ((entry = schedule_take(&engine->schedule, now)) != NULL) {
        start_attempt(engine, check_of_schedule(entry), now);
        now = mono_now();
    }
    engine->in_timer = false;
    deadline = agenda_first(&engine->deadlines);
    arm(engine, mono_earliest(schedule_wake(&engine->schedule, now),
                              deadline != NULL ? deadline->when : (struct mono){0}));
}

/* ------------------------------------------------------------------ the funnel */

static int64_t wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static enum outcome outcome_of(struct finding finding)
{
    if (finding.reason == VERDICT_SOCKET)
        return OUTCOME_NONE;
    return verdict_is_good(finding.reason) ? OUTCOME_GOOD : OUTCOME_BAD;
}

static void take_note(struct check *check, struct finding finding, struct mono now, bool changed)
{
    struct checker_record *record = &check->record;

    record->up = check->standing.known && check->standing.up;
    record->known = check->standing.known;
    record->reason = (uint16_t)finding.reason;
    record->phase = (uint16_t)finding.phase;
    record->detail = finding.detail;
    record->wait_ms = (uint32_t)(mono_since(now, check->started).ns / NS_PER_MS);
    record->failures = check->standing.failures;
    record->last_run_ns = now.ns;
    record->runs++;
    if (changed) {
        record->transitions++;
        record->since_ns = now.ns;
        record->since_wall_ns = wall_ns();
    }
    if (board_write(check->engine->board, check->conf->key, record) || check->engine->board_is_full)
        return;
    check->engine->board_is_full = true;
    log_error("the board of the checker is full: the state of some checks would not outlive a crash");
}

static void tell(const struct check *check)
{
    const struct checker_record *record = &check->record;
    struct verdict verdict = {.key = check->conf->key,
                              .up = record->up,
                              .reason = record->reason,
                              .phase = record->phase,
                              .detail = record->detail,
                              .wait_ms = record->wait_ms};

    check->engine->callback(&verdict, check->engine->data);
}

static void schedule_next(struct check *check, const struct standing_step *step, struct mono now)
{
    struct schedule *schedule = &check->engine->schedule;

    if (step->from_start)
        schedule_interval(schedule, &check->schedule, now, step->wait);
    else
        schedule_after(schedule, &check->schedule, now, step->wait);
    arm(check->engine, schedule_wake(schedule, now));
}

/* Words cost more than the rest, and a good outcome that changes nothing needs none. */
static void put_into_words(struct check *check, const struct standing *before, struct finding finding,
                           bool changed, bool news)
{
    struct standing after = check->standing;
    char name[512], reason[256];

    check->standing = *before;
    describe(check, name, sizeof(name));
    explain(check, finding, check->record.wait_ms, reason, sizeof(reason));
    check->standing = after;
    if (changed)
        log_change(check, name, reason);
    else
        log_attempt(check, finding, news, name, reason);
}

void engine_report(struct check *check, struct finding finding)
{
    struct standing before = check->standing;
    bool news = finding.reason != check->record.reason || finding.detail != check->record.detail;
    struct mono now = mono_now();
    struct standing_step step;

    put_attempt_away(check);
    step = standing_take(&check->standing, &check->rules, outcome_of(finding));
    take_note(check, finding, now, step.changed);
    if (step.changed || !verdict_is_good(finding.reason))
        put_into_words(check, &before, finding, step.changed, news);
    if (step.changed)
        tell(check);
    schedule_next(check, &step, now);
}

/* ------------------------------------------------------------------ loading */

static const struct check_type *type_of(const struct conf_checker *conf)
{
    switch (conf->type) {
    case CONF_CHECK_TCP:
        break;
    case CONF_CHECK_HTTP:
        if (conf->urls.count > 0)
            return &check_http;
        break; /* nothing is asked: it is enough that it listens */
    }
    return &check_tcp;
}

static void apply_settings(struct check *check, const struct conf_checker *conf)
{
    check->conf = conf;
    check->type = type_of(conf);
    check->rules = (struct standing_rules){.retry = conf->retry,
                                           .urls = check->type == &check_http ? conf->urls.count : 0,
                                           .fast_recovery = conf->fast_recovery,
                                           .interval = span_us(conf->delay_loop_us),
                                           .retry_delay = span_us(conf->delay_before_retry_us)};
}

static void schedule_as_at_start(struct check *check, struct mono now)
{
    struct span warmup = check->conf->warmup_us < 0 ? span_ns(-1) : span_us(check->conf->warmup_us);

    schedule_first(&check->engine->schedule, &check->schedule, now, warmup, check->rules.interval);
}

/* Goes on where the predecessor of this process was. */
static bool resume(struct check *check, struct mono now)
{
    struct span wait = check->rules.interval;

    if (!board_read(check->engine->board, check->conf->key, &check->record))
        return false;
    check->standing = (struct standing){
        .known = check->record.known != 0, .up = check->record.up != 0, .failures = check->record.failures};
    if (check->standing.known && check->standing.up && check->standing.failures > 0)
        wait = check->rules.retry_delay;
    schedule_resume(&check->engine->schedule, &check->schedule, (struct mono){check->record.last_run_ns}, now,
                    wait);
    return true;
}

static struct check *add_check(struct engine *engine, const struct conf_checker *conf, struct mono now)
{
    struct check *check = calloc(1, sizeof(*check));

    if (check == NULL)
        abort();
    check->engine = engine;
    check->fd = -1;
    apply_settings(check, conf);
    if (!resume(check, now))
        schedule_as_at_start(check, now);
    HASH_ADD_KEYPTR(by_key, engine->checks, &conf->key, sizeof(conf->key), check);
    return check;
}

static void change_check(struct check *check, const struct conf_checker *conf, struct mono now)
{
    bool same = settings_are_equal(check->conf, conf);

    if (!same)
        put_attempt_away(check);
    apply_settings(check, conf);
    check->by_key.key = (void *)&conf->key; /* the old model goes */
    if (same)
        return;
    standing_restart(&check->standing);
    schedule_as_at_start(check, now);
}

static struct check *find_check(const struct engine *engine, uint64_t key)
{
    struct check *check;

    HASH_FIND(by_key, engine->checks, &key, sizeof(key), check);
    return check;
}

static void load_server(struct engine *engine, const struct conf_virtual_server *virtual_server,
                        const struct conf_real_server *real_server, struct mono now)
{
    for (uint32_t i = 0; i < real_server->checkers.count; i++) {
        const struct conf_checker *conf = real_server->checkers.items[i];
        struct check *check = find_check(engine, conf->key);

        if (check != NULL)
            change_check(check, conf, now);
        else
            check = add_check(engine, conf, now);
        check->virtual_server = virtual_server;
        check->kept = true;
    }
}

static void remove_check(struct engine *engine, struct check *check)
{
    put_attempt_away(check);
    schedule_remove(&engine->schedule, &check->schedule);
    HASH_DELETE(by_key, engine->checks, check);
    free(check);
}

static void remove_checks(struct engine *engine, bool all)
{
    struct check *check, *next;

    HASH_ITER(by_key, engine->checks, check, next)
    {
        if (all || !check->kept)
            remove_check(engine, check);
        else
            check->kept = false;
    }
}

static bool is_configured(uint64_t key, void *data)
{
    return find_check(data, key) != NULL;
}

void engine_load(struct engine *engine, struct conf_model *model, struct board *board)
{
    struct mono now = mono_now();

    engine->last_ran = now;
    engine->board = board;
    engine->board_is_full = false;
    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *virtual_server = model->virtual_servers.items[i];

        for (uint32_t j = 0; j < virtual_server->real_servers.count; j++)
            load_server(engine, virtual_server, virtual_server->real_servers.items[j], now);
    }
    remove_checks(engine, false);
    board_keep(board, is_configured, engine);
    conf_model_free(engine->model);
    engine->model = model;
    arm(engine, schedule_wake(&engine->schedule, now));
}

/* ------------------------------------------------------------------ life */

struct engine *engine_new(struct loop *loop, engine_verdict_callback *callback, void *data)
{
    struct engine *engine = calloc(1, sizeof(*engine));

    if (engine == NULL)
        abort();
    engine->loop = loop;
    engine->callback = callback;
    engine->data = data;
    engine->timer = loop_timer_new(loop, timer_fired, engine);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    remove_checks(engine, true);
    loop_timer_free(engine->timer);
    schedule_free(&engine->schedule);
    agenda_free(&engine->deadlines);
    conf_model_free(engine->model);
    free(engine);
}

void engine_tell_all(struct engine *engine)
{
    struct check *check, *next;

    HASH_ITER(by_key, engine->checks, check, next)
    {
        if (check->standing.known)
            tell(check);
    }
}

uint32_t engine_count(const struct engine *engine)
{
    return HASH_CNT(by_key, engine->checks);
}
