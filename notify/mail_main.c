/*
 * tandem-mail: mails alerts. It hears of every change from tandem-scripts (scripts.h), keeps those that are
 * to be mailed (alert.h) in the outbox, which decides when what is sent (outbox.h), and sends it (smtp.h).
 *
 * It holds no capability, may open connections and read files (resolver, certificates), and writes nothing.
 * What was not sent yet is in the ledger: a successor goes on with it.
 *
 * Stop: what scripts said last is still sent, as far as that goes within FINISH_PATIENCE.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/slice.h"
#include "daemon/core/child.h"
#include "daemon/core/log.h"
#include "notify/alert.h"
#include "notify/book.h"
#include "notify/ledger.h"
#include "notify/letter.h"
#include "notify/outbox.h"
#include "notify/smtp.h"

#define FINISH_PATIENCE    span_s(5)
#define FINISH_PATIENCE_MS 8000
#define PEER_PATIENCE      span_s(60) /* for scripts to end when nobody orders the stop */
#define NOT_SENT           1U         /* the one thing that is to come of an event, in the ledger */

struct process {
    struct child *child;
    struct book *book;
    const struct conf_model *model; /* the newest; book keeps it and the one before */
    struct ledger *ledger;
    struct outbox *outbox;
    struct smtp *smtp;
    struct loop_timer *due;
    struct loop_timer *patience;
    enum outbox_step step; /* of the mail under way */
    size_t count;          /* of alerts in it */
    uint64_t number;       /* of mails */
    bool server_is_down;   /* said */
    bool full_said;
    bool awaits_peer;
    bool finishing;
    bool finished;
    char host[256];
};

/* ------------------------------------------------------------------ sending */

static int64_t wall_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static const char *router_of(const struct process *process)
{
    const char *router = process->model->global.router_id;

    return router != NULL ? router : process->host;
}

static void send_mail(struct process *process, enum outbox_step step)
{
    struct letter letter = {
        .conf = &process->model->global.mail,
        .router = router_of(process),
        .host = process->host,
        .number = ++process->number,
        .wall_ns = wall_now_ns(),
    };
    const struct outbox_alert *first = outbox_take(process->outbox, step, &process->count);
    size_t length;
    char *text = step == OUTBOX_DIGEST ? letter_digest(&letter, first, process->count,
                                                       outbox_only_counted(process->outbox), &length)
                                       : letter_single(&letter, first, &length);

    process->step = step;
    smtp_send(process->smtp, text, length);
}

static void finish_now(struct process *process)
{
    size_t waiting = outbox_waiting(process->outbox);

    if (process->finished)
        return;
    process->finished = true;
    if (waiting > 0)
        log_error("%zu alert%s could not be mailed before the stop", waiting, waiting == 1 ? "" : "s");
    child_stopped(process->child);
}

/* Nothing to do: the session ends. When stopping, so does the process. */
static void rest(struct process *process)
{
    if (!smtp_quit(process->smtp) && process->finishing)
        finish_now(process);
}

static void go_on(struct process *process)
{
    struct outbox_decision decision;

    loop_timer_stop(process->due);
    if (process->finished || smtp_is_busy(process->smtp))
        return;
    decision = outbox_decide(process->outbox, mono_now());
    switch (decision.step) {
    case OUTBOX_NOTHING:
        rest(process);
        break;
    case OUTBOX_WAIT:
        loop_timer_set(process->due, decision.when);
        smtp_quit(process->smtp);
        break;
    case OUTBOX_SINGLE:
    case OUTBOX_DIGEST:
        send_mail(process, decision.step);
        break;
    }
}

static void is_due(void *data)
{
    go_on(data);
}

static void alert_is_over(uint32_t ticket, void *data)
{
    const struct process *process = data;

    ledger_strike(process->ledger, ticket, NOT_SENT);
}

static void mail_sent(struct process *process)
{
    const struct conf_mail *mail = &process->model->global.mail;

    if (process->server_is_down)
        log_notice("mail server %s works again", mail->server);
    process->server_is_down = false;
    process->full_said = false;
    log_debug("%zu alert%s mailed", process->count, process->count == 1 ? "" : "s");
    outbox_sent(process->outbox, process->step, mono_now(), alert_is_over, process);
}

static void mail_failed(struct process *process, const char *why)
{
    const struct conf_mail *mail = &process->model->global.mail;
    size_t given_up = outbox_failed(process->outbox, mono_now(), alert_is_over, process);

    if (given_up > 0)
        log_error("%zu alert%s could not be mailed for %.0f hours and %s given up", given_up,
                  given_up == 1 ? "" : "s", span_seconds(OUTBOX_KEEP) / 3600, given_up == 1 ? "is" : "are");
    if (!process->server_is_down)
        log_error("mail server %s, port %u, cannot be used: %s; %zu alert%s until it can", mail->server,
                  mail->port, why, outbox_waiting(process->outbox),
                  outbox_waiting(process->outbox) == 1 ? " waits" : "s wait");
    else
        log_debug("mail server %s still cannot be used: %s; next try in %.0f s", mail->server, why,
                  span_seconds(outbox_retry_delay(process->outbox)));
    process->server_is_down = true;
}

static void mail_done(enum smtp_outcome outcome, const char *why, void *data)
{
    struct process *process = data;

    switch (outcome) {
    case SMTP_SENT:
        mail_sent(process);
        break;
    case SMTP_REFUSED:
        log_error("the mail server refuses %s for good: %s",
                  process->step == OUTBOX_DIGEST ? "a digest of alerts" : "an alert", why);
        outbox_refused(process->outbox, alert_is_over, process);
        break;
    case SMTP_FAILED:
        mail_failed(process, why);
        if (process->finishing)
            finish_now(process);
        break;
    }
    go_on(process);
}

static void session_ended(void *data)
{
    go_on(data);
}

/* ------------------------------------------------------------------ events */

static void deal_with(struct process *process, uint32_t place, enum message_type type, const void *payload,
                      int64_t wall_ns)
{
    const struct conf_global *global = &process->model->global;
    struct outbox_alert entry = {.ticket = place, .wall_ns = wall_ns};
    struct alert alert;

    if (alert_write(process->book, router_of(process), global->mail.no_faults, type, payload, &alert) !=
        ALERT_WANTED) {
        alert_is_over(place, process);
        return;
    }
    entry.subject = alert.subject;
    entry.text = alert.text;
    if (outbox_add(process->outbox, &entry, mono_now()))
        return;
    alert_is_over(place, process);
    if (!process->full_said)
        log_error("%d alerts wait to be mailed: those to come are only counted", OUTBOX_ROOM);
    process->full_said = true;
}

static void message(struct child *child, struct channel *from, enum message_type type, const void *payload,
                    int fd)
{
    struct process *process = child_data(child);

    (void)from;
    if (fd >= 0)
        close(fd);
    deal_with(process, ledger_add(process->ledger, type, payload, NOT_SENT), type, payload, wall_now_ns());
    go_on(process);
}

static void take_up(uint32_t place, const struct notify_record *record, void *data)
{
    deal_with(data, place, (enum message_type)record->type, record->payload, record->heard_wall_ns);
}

/* ------------------------------------------------------------------ stop */

static void patience_is_over(void *data)
{
    finish_now(data);
}

/* What scripts said last may still wait in the channel while the order to stop is already here. */
static void finish(struct process *process)
{
    struct child_patience patience = {.ms = FINISH_PATIENCE_MS};
    struct channel *scripts;

    if (process->finishing)
        return;
    process->awaits_peer = false;
    process->finishing = true;
    channel_send(child_control(process->child), CHILD_PATIENCE, &patience);
    while ((scripts = child_peer(process->child, ROLE_SCRIPTS, 0)) != NULL && channel_receive_now(scripts))
        continue;
    outbox_hurry(process->outbox);
    loop_timer_free(process->patience);
    process->patience = loop_timer_new(child_loop(process->child), patience_is_over, process);
    loop_timer_in(process->patience, FINISH_PATIENCE);
    go_on(process);
}

static void scripts_take_too_long(void *data)
{
    finish(data);
}

static void peer_ended(struct child *child, enum role peer)
{
    struct process *process = child_data(child);

    (void)peer;
    if (process->awaits_peer)
        finish(process);
}

static void stop(struct child *child, bool supervisor_gone)
{
    struct process *process = child_data(child);

    if (!supervisor_gone || child_peer(child, ROLE_SCRIPTS, 0) == NULL) {
        finish(process);
        return;
    }
    process->awaits_peer = true;
    process->patience = loop_timer_new(child_loop(child), scripts_take_too_long, process);
    loop_timer_in(process->patience, PEER_PATIENCE);
}

/* ------------------------------------------------------------------ life */

static bool load(struct process *process)
{
    const char *why;
    struct conf_model *model = conf_slice_take(child_take_slice(process->child), CONF_SLICE_MAIL, &why);

    if (model == NULL || model->global.mail.server == NULL) {
        log_error("the configuration for mail cannot be used: %s",
                  model == NULL ? why : "it names no server");
        conf_model_free(model);
        return false;
    }
    book_add(process->book, model);
    process->model = model;
    smtp_configure(process->smtp, &model->global.mail, process->host);
    return true;
}

static void start(struct child *child)
{
    static const struct smtp_callbacks callbacks = {mail_done, session_ended};
    static struct process process;

    process.child = child;
    child_set_data(child, &process);
    if (gethostname(process.host, sizeof(process.host) - 1) != 0 || process.host[0] == '\0')
        strcpy(process.host, "localhost");
    process.book = book_new();
    process.outbox = outbox_new();
    process.ledger = ledger_new(child_board(child));
    process.due = loop_timer_new(child_loop(child), is_due, &process);
    process.smtp = smtp_new(child_loop(child), &callbacks, &process);
    if (process.smtp == NULL)
        log_fatal("libcurl cannot be used: no mail");
    if (!load(&process))
        log_fatal("without a configuration there is nobody to mail to");
    ledger_replay(process.ledger, take_up, &process);
    go_on(&process);
    child_ready(child);
}

static void reload(struct child *child)
{
    struct process *process = child_data(child);

    child_reloaded(child, load(process));
    go_on(process);
}

int main(int argc, char **argv)
{
    static const struct child_callbacks callbacks = {.start = start,
                                                     .reload = reload,
                                                     .message = message,
                                                     .peer_ended = peer_ended,
                                                     .stop = stop,
                                                     .hears_as_heir = true};

    return child_main(ROLE_MAIL, &callbacks, argc, argv);
}
