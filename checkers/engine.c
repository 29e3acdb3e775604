/*
 * The check engine. See engine.h.
 *
 * One timer for everything: it is set to the earliest of the next start (schedule) and the next deadline. Per
 * attempt there is no allocation but the loop's, and no system call but those of the attempt. Answers of
 * other processes carry the serial of the attempt that asked.
 */
#include "checkers/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "checkers/check.h"
#include "checkers/settings.h"
#include "checkers/tls.h"
#include "checkers/words.h"
#include "daemon/core/log.h"
#include "daemon/core/outgoing_socket.h"

/* The timer coming this late means that we did not run: nobody's time was up. */
#define LATE_NS (100 * NS_PER_MS)

/* A script that takes too long is ended, and reported, by the process that runs it; this is for that
 * process's own troubles. */
#define SCRIPT_PATIENCE span_s(30)

/* Checks start so that no 10 ms have many. Scripts that begin together run one after the other, which finds
 * warm caches: they have slots twice as long, where an even share of one is what 10 ms may have. */
#define CHECKS_GRAIN  ((struct schedule_grain){.slot = span_ms(10), .slack = span_ms(8)})
#define SCRIPTS_GRAIN ((struct schedule_grain){.slot = span_ms(20), .slack = span_ms(16)})

/* How long a script may wait for the end of those before it. */
#define START_PATIENCE span_ms(20)

/* How long a script's answer may lie, to be heard together with others when we are awake anyway. */
#define ANSWER_PATIENCE span_ms(20)

/* All three were much of the interval of a check more frequent than that: its script has no patience. */
#define PATIENT_INTERVAL span_s(1)

struct local_server {
    uint64_t key;
    UT_hash_handle hh;
};

/* A tracked file as it was last told. Also those no check depends on: the next configuration may. */
struct known_file {
    struct tracked_file last;
    UT_hash_handle hh;
};

struct engine {
    struct loop *loop;
    struct loop_timer *timer;
    struct mono armed; /* what the timer is set to; unset = not running */
    struct mono last_ran;
    bool in_timer;
    bool asked_patiently; /* in this round of the timer, for a script */
    struct schedule checks_schedule;
    struct schedule scripts_schedule; /* those that are patient */
    struct agenda deadlines;
    struct check *checks;               /* by key */
    struct local_server *local_servers; /* by key: those with ha_suspend that have an address here */
    struct known_file *files;           /* by key */
    struct conf_model *model;
    struct tls *tls;
    struct board *board;
    bool board_is_full; /* and that was said */
    uint64_t serial;    /* of the last attempt */
    const struct engine_callbacks *callbacks;
    void *data;
};

/* ------------------------------------------------------------------ attempts */

static struct check *find_check(const struct engine *engine, uint64_t key)
{
    struct check *check;

    HASH_FIND(by_key, engine->checks, &key, sizeof(key), check);
    return check;
}

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

static bool check_is_patient(const struct check *check)
{
    return check->conf->type == CONF_CHECK_MISC && check->rules.interval.ns >= PATIENT_INTERVAL.ns;
}

static struct span budget_of(const struct conf_checker *conf)
{
    if (conf->type == CONF_CHECK_MISC)
        return span_ns(span_us(conf->script_timeout_us).ns + SCRIPT_PATIENCE.ns);
    return span_us(conf->connect_timeout_us);
}

static int make_socket(const struct conf_checker *conf, enum conf_transport transport)
{
    const struct outgoing_settings settings = {.kind = transport == CONF_TRANSPORT_TCP ? OUTGOING_STREAM
                                                                                       : OUTGOING_DATAGRAM,
                                               .family = conf->connect.address.family,
                                               .bind = conf->bind,
                                               .interface = conf->bind_interface,
                                               .mark = conf->fwmark};

    return outgoing_socket_open(&settings);
}

static void ask_for_socket(struct check *check)
{
    struct check_socket request = {.key = check->conf->key, .serial = (uint32_t)check->serial};

    check->phase = PHASE_SOCKET;
    check->engine->callbacks->open_socket(&request, check->engine->data);
}

static void start_attempt(struct engine *engine, struct check *check, struct mono now)
{
    enum conf_transport transport = conf_transport_of(check->conf->type);

    check->running = true;
    check->started = now;
    check->serial = ++engine->serial;
    agenda_set(&engine->deadlines, &check->deadline, mono_add(now, budget_of(check->conf)));
    if (conf_checker_needs_links(check->conf)) {
        ask_for_socket(check);
        return;
    }
    if (transport != CONF_TRANSPORT_NONE) {
        check->fd = make_socket(check->conf, transport);
        if (check->fd < 0) {
            engine_report(check, finding_of(VERDICT_SOCKET, PHASE_SOCKET, errno));
            return;
        }
    }
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

static short events_awaited(enum verdict_phase phase)
{
    if (phase == PHASE_CONNECT || phase == PHASE_SEND)
        return POLLOUT;
    return phase == PHASE_TLS ? POLLIN | POLLOUT : POLLIN;
}

/* What was awaited of another process of ours says nothing about the server. */
static struct finding finding_of_deadline(const struct check *check)
{
    if (check->phase == PHASE_SOCKET)
        return finding_of(VERDICT_SOCKET, PHASE_SOCKET, ETIMEDOUT);
    if (check->phase == PHASE_SCRIPT)
        return finding_of(VERDICT_SCRIPT_NOT_RUN, PHASE_SCRIPT, ETIMEDOUT);
    if (check->type->out_of_time != NULL)
        return check->type->out_of_time(check);
    return finding_of(VERDICT_TIMEOUT, check->phase, 0);
}

/* Time is up: what the kernel already has for us still counts. */
static void give_up(struct check *check)
{
    struct pollfd poll_fd = {.fd = check->fd, .events = events_awaited(check->phase)};

    if (check->fd >= 0 && poll(&poll_fd, 1, 0) > 0)
        check->type->ready(check, (poll_fd.revents & POLLOUT) != 0 ? LOOP_READ | LOOP_WRITE : LOOP_READ);
    if (check->running)
        engine_report(check, finding_of_deadline(check));
}

static struct check *check_of_deadline(struct agenda_entry *deadline)
{
    return (struct check *)((char *)deadline - offsetof(struct check, deadline));
}

static struct check *check_of_schedule(struct schedule_entry *entry)
{
    return (struct check *)((char *)entry - offsetof(struct check, next));
}

static struct mono next_start(const struct engine *engine, struct mono now)
{
    return mono_earliest(schedule_wake(&engine->checks_schedule, now),
                         schedule_wake(&engine->scripts_schedule, now));
}

static void start_what_is_due(struct engine *engine, struct schedule *schedule)
{
    struct mono now = mono_now();
    struct schedule_entry *entry;

    while ((entry = schedule_take(schedule, now)) != NULL) {
        start_attempt(engine, check_of_schedule(entry), now);
        now = mono_now();
    }
}

static void timer_fired(void *data)
{
    struct engine *engine = data;
    struct mono now = mono_now();
    struct agenda_entry *deadline;

    notice_pause(engine, now);
    engine->armed = (struct mono){0};
    engine->in_timer = true;
    while ((deadline = agenda_first(&engine->deadlines)) != NULL && !mono_before(now, deadline->when))
        give_up(check_of_deadline(deadline));
    start_what_is_due(engine, &engine->checks_schedule);
    start_what_is_due(engine, &engine->scripts_schedule);
    engine->in_timer = false;
    if (engine->asked_patiently)
        engine->callbacks->let_answers_lie(ANSWER_PATIENCE, engine->data);
    engine->asked_patiently = false;
    deadline = agenda_first(&engine->deadlines);
    arm(engine,
        mono_earliest(next_start(engine, mono_now()), deadline != NULL ? deadline->when : (struct mono){0}));
}

/* ------------------------------------------------------------------ the funnel */

static int64_t wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* What the check says of the weight holds until it says something else, or fails for good. */
static bool take_weight(struct check *check, const struct finding *finding)
{
    struct checker_record *record = &check->record;
    struct checker_record before = *record;

    if (!check->standing.up) {
        record->weight_kind = VERDICT_WEIGHT_NONE;
        record->weight = 0;
    } else if (verdict_outcome((uint16_t)finding->reason) == OUTCOME_GOOD) {
        record->weight_kind = finding->weight_kind;
        record->weight = finding->weight;
    }
    return record->weight_kind != before.weight_kind || record->weight != before.weight;
}

static void write_record(struct check *check)
{
    if (board_write(check->engine->board, check->conf->key, &check->record) || check->engine->board_is_full)
        return;
    check->engine->board_is_full = true;
    log_error("the board of the checker is full: the state of some checks would not outlive a crash");
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
    write_record(check);
}

static void tell(const struct check *check)
{
    const struct checker_record *record = &check->record;
    struct verdict verdict = {.key = check->conf->key,
                              .up = record->up,
                              .reason = record->reason,
                              .phase = record->phase,
                              .detail = record->detail,
                              .wait_ms = record->wait_ms,
                              .weight_kind = record->weight_kind,
                              .weight = record->weight};

    check->engine->callbacks->verdict(&verdict, check->engine->data);
}

static void schedule_next(struct check *check, const struct standing_step *step, struct mono now)
{
    if (check->type->told != NULL)
        return;
    if (step->from_start)
        schedule_interval(check->schedule, &check->next, now, step->wait);
    else
        schedule_after(check->schedule, &check->next, now, step->wait);
    arm(check->engine, schedule_wake(check->schedule, now));
}

static void put_into_words(struct check *check, const struct standing *before, const struct finding *finding,
                           bool changed, bool news)
{
    struct standing after = check->standing;
    struct report_words words = {.name = ""};

    check->standing = *before;
    words_gather(&words, check, finding, check->record.wait_ms);
    check->standing = after;
    if (changed)
        words_say_change(&words, check);
    else
        words_say_attempt(&words, check, finding, news);
}

void engine_report(struct check *check, struct finding finding)
{
    enum outcome outcome = verdict_outcome((uint16_t)finding.reason);
    bool news = finding.reason != check->record.reason || finding.detail != check->record.detail;
    struct standing before = check->standing;
    struct mono now = mono_now();
    struct standing_step step;
    bool reweighed;

    put_attempt_away(check);
    step = standing_take(&check->standing, &check->rules, outcome);
    reweighed = take_weight(check, &finding);
    take_note(check, finding, now, step.changed);
    if (step.changed || outcome != OUTCOME_GOOD) /* words cost more than the rest */
        put_into_words(check, &before, &finding, step.changed, news);
    if (step.changed || (reweighed && check->standing.known))
        tell(check);
    schedule_next(check, &step, now);
}

/* ------------------------------------------------------------------ answers of other processes */

void engine_run_script(struct check *check)
{
    bool patient = check_is_patient(check);
    struct script_run run = {.key = check->conf->key,
                             .serial = check->serial,
                             .patience_us = patient ? START_PATIENCE.ns / NS_PER_US : 0};

    check->phase = PHASE_SCRIPT;
    check->engine->asked_patiently = check->engine->asked_patiently || patient;
    check->engine->callbacks->run_script(&run, check->engine->data);
}

/* The check whose attempt awaits this; NULL if it is over. */
static struct check *find_waiting(struct engine *engine, uint64_t key, uint64_t serial,
                                  enum verdict_phase phase)
{
    struct check *check = find_check(engine, key);

    notice_pause(engine, mono_now());
    return check != NULL && check->running && check->phase == phase && check->serial == serial ? check : NULL;
}

void engine_socket(struct engine *engine, const struct check_socket *answer, int fd)
{
    uint64_t serial = (engine->serial & ~(uint64_t)UINT32_MAX) | answer->serial;
    struct check *check = find_waiting(engine, answer->key, serial, PHASE_SOCKET);

    if (check == NULL) {
        if (fd >= 0)
            close(fd);
        return;
    }
    check->fd = fd;
    if (fd >= 0)
        check->type->start(check);
    else
        engine_report(check, finding_of(VERDICT_SOCKET, PHASE_SOCKET, answer->error));
}

void engine_script_ran(struct engine *engine, const struct script_ran *ran)
{
    struct check *check = find_waiting(engine, ran->key, ran->serial, PHASE_SCRIPT);

    if (check == NULL)
        return;
    /* What counts is what the script took, not how long its answer lay. */
    check->started = mono_add(mono_now(), span_us(-ran->duration_us));
    check->type->ran(check, ran);
}

/* Says to the check what is known of its file, if anything is. */
static void tell_of_file(struct check *check)
{
    struct known_file *file;

    HASH_FIND(hh, check->engine->files, &check->conf->file, sizeof(check->conf->file), file);
    if (file == NULL)
        return;
    check->untold = false;
    check->started = mono_now();
    check->type->told(check, &file->last);
}

void engine_tracked_file(struct engine *engine, const struct tracked_file *news)
{
    struct known_file *file;
    struct check *check, *next;

    HASH_FIND(hh, engine->files, &news->key, sizeof(news->key), file);
    if (file == NULL) {
        file = calloc(1, sizeof(*file));
        if (file == NULL)
            abort();
        file->last.key = news->key;
        HASH_ADD(hh, engine->files, last.key, sizeof(file->last.key), file);
    }
    file->last = *news;
    HASH_ITER(by_key, engine->checks, check, next)
    {
        if (check->type->told != NULL && check->conf->file == news->key)
            tell_of_file(check);
    }
}

static void end_waiting(struct engine *engine, enum verdict_phase phase, enum verdict_reason reason)
{
    struct check *check, *next;

    HASH_ITER(by_key, engine->checks, check, next)
    {
        if (check->running && check->phase == phase)
            engine_report(check, finding_of(reason, phase, ECONNABORTED));
    }
}

void engine_links_started(struct engine *engine)
{
    end_waiting(engine, PHASE_SOCKET, VERDICT_SOCKET);
}

void engine_scripts_started(struct engine *engine)
{
    end_waiting(engine, PHASE_SCRIPT, VERDICT_SCRIPT_NOT_RUN);
}

struct tls *engine_tls(const struct check *check)
{
    return check->engine->tls;
}

/* ------------------------------------------------------------------ loading */

static const struct check_type *type_of(const struct conf_checker *conf)
{
    switch (conf->type) {
    case CONF_CHECK_TCP:
    case CONF_CHECK_BFD: /* tandem does not start with one */
    case CONF_CHECK_TYPES:
        break;
    case CONF_CHECK_HTTP:
        if (conf->urls.count > 0)
            return &check_http;
        break; /* nothing is asked: it is enough that it listens */
    case CONF_CHECK_SSL:
        return &check_ssl;
    case CONF_CHECK_MISC:
        return &check_misc;
    case CONF_CHECK_PING:
        return &check_ping;
    case CONF_CHECK_UDP:
        return &check_udp;
    case CONF_CHECK_DNS:
        return &check_dns;
    case CONF_CHECK_SMTP:
        return &check_smtp;
    case CONF_CHECK_FILE:
        return &check_file;
    }
    return &check_tcp;
}

static void forget_settings(struct check *check)
{
    if (check->prepared != NULL)
        check->type->forget(check);
    check->prepared = NULL;
}

/* The same settings in another model. */
static void take_settings(struct check *check, const struct conf_checker *conf)
{
    check->conf = conf;
    check->type = type_of(conf);
    check->rules = (struct standing_rules){.retry = conf->retry,
                                           .urls = conf->urls.count,
                                           .fast_recovery = conf->fast_recovery,
                                           .interval = span_us(conf->delay_loop_us),
                                           .retry_delay = span_us(conf->delay_before_retry_us)};
}

static void choose_schedule(struct check *check)
{
    struct engine *engine = check->engine;

    if (check->schedule != NULL)
        schedule_remove(check->schedule, &check->next);
    check->schedule = check_is_patient(check) ? &engine->scripts_schedule : &engine->checks_schedule;
}

static void apply_settings(struct check *check, const struct conf_checker *conf)
{
    forget_settings(check);
    take_settings(check, conf);
    choose_schedule(check);
    check->untold = check->type->told != NULL;
    if (check->type->prepare != NULL)
        check->type->prepare(check);
}

static void schedule_as_at_start(struct check *check, struct mono now)
{
    struct span warmup = check->conf->warmup_us < 0 ? span_ns(-1) : span_us(check->conf->warmup_us);

    check->resting = false;
    if (check->type->told != NULL)
        return;
    schedule_first(check->schedule, &check->next, now, warmup, check->rules.interval);
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
    if (check->type->told != NULL)
        return true;
    schedule_resume(check->schedule, &check->next, (struct mono){check->record.last_run_ns}, now, wait);
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

    check->by_key.key = (void *)&conf->key; /* the old model goes */
    if (same) {
        take_settings(check, conf);
        return;
    }
    put_attempt_away(check);
    apply_settings(check, conf);
    standing_restart(&check->standing);
    schedule_as_at_start(check, now);
}

/* ------------------------------------------------------------------ rest */

static bool is_to_rest(const struct engine *engine, const struct conf_virtual_server *virtual_server)
{
    struct local_server *local;

    HASH_FIND(hh, engine->local_servers, &virtual_server->key, sizeof(virtual_server->key), local);
    return virtual_server->ha_suspend && local == NULL;
}

static void let_rest_or_work(struct check *check, struct mono now)
{
    bool rest = check->type->told == NULL && is_to_rest(check->engine, check->virtual_server);

    if (rest && !check->resting) {
        put_attempt_away(check);
        schedule_remove(check->schedule, &check->next);
        check->resting = true;
    } else if (!rest && check->resting) {
        schedule_as_at_start(check, now);
    }
    if (check->record.resting == rest)
        return;
    check->record.resting = rest;
    write_record(check);
}

void engine_local_server(struct engine *engine, const struct links_local_server *news)
{
    struct mono now = mono_now();
    struct local_server *local;
    struct check *check, *next;

    HASH_FIND(hh, engine->local_servers, &news->key, sizeof(news->key), local);
    if (local == NULL && news->local != 0) {
        local = calloc(1, sizeof(*local));
        if (local == NULL)
            abort();
        local->key = news->key;
        HASH_ADD(hh, engine->local_servers, key, sizeof(local->key), local);
    } else if (local != NULL && news->local == 0) {
        HASH_DEL(engine->local_servers, local);
        free(local);
    }
    HASH_ITER(by_key, engine->checks, check, next)
    {
        if (check->virtual_server->key == news->key)
            let_rest_or_work(check, now);
    }
    arm(engine, next_start(engine, now));
}

/* ------------------------------------------------------------------ a new configuration */

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
        let_rest_or_work(check, now);
        if (check->untold)
            tell_of_file(check);
    }
}

static void remove_check(struct engine *engine, struct check *check)
{
    put_attempt_away(check);
    forget_settings(check);
    schedule_remove(check->schedule, &check->next);
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

void engine_load(struct engine *engine, struct conf_model *model, struct tls *tls, struct board *board)
{
    struct mono now = mono_now();

    tls_free(engine->tls);
    engine->tls = tls;
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
    arm(engine, next_start(engine, now));
}

/* ------------------------------------------------------------------ life */

static void forget_local_servers(struct engine *engine)
{
    struct local_server *local, *next;

    HASH_ITER(hh, engine->local_servers, local, next)
    {
        HASH_DEL(engine->local_servers, local);
        free(local);
    }
}

static void forget_files(struct engine *engine)
{
    struct known_file *file, *next;

    HASH_ITER(hh, engine->files, file, next)
    {
        HASH_DEL(engine->files, file);
        free(file);
    }
}

struct engine *engine_new(struct loop *loop, const struct engine_callbacks *callbacks, void *data)
{
    struct engine *engine = calloc(1, sizeof(*engine));

    if (engine == NULL)
        abort();
    engine->loop = loop;
    engine->callbacks = callbacks;
    engine->data = data;
    engine->timer = loop_timer_new(loop, timer_fired, engine);
    engine->checks_schedule.grain = CHECKS_GRAIN;
    engine->scripts_schedule.grain = SCRIPTS_GRAIN;
    return engine;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    remove_checks(engine, true);
    forget_local_servers(engine);
    forget_files(engine);
    loop_timer_free(engine->timer);
    schedule_free(&engine->checks_schedule);
    schedule_free(&engine->scripts_schedule);
    agenda_free(&engine->deadlines);
    conf_model_free(engine->model);
    tls_free(engine->tls);
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
