/*
 * The reader's life: start, confine, load, answer, end. See reader.h.
 */
#include "daemon/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf/digest.h"
#include "conf/load.h"
#include "conf/slice.h"
#include "daemon/core/channel.h"
#include "daemon/core/log.h"
#include "daemon/core/privileges.h"
#include "daemon/keepalived.h"
#include "daemon/reader_advance.h"

#define CHECKS_A_PROCESS  5000
#define BUSY_A_PROCESS_US 200000 /* of CPU a second: answers are not kept waiting for long */
#define CHECKER_PROCESSES 8
#define FLUSH_INTERVAL    span_ms(2)

struct reader {
    struct loop *loop;
    struct channel *control;
    struct loop_timer *flush;
    const struct reader_request *request;
    struct control_identity identity;
    bool started;
    struct keepalived_process keepalived[KEEPALIVED_MAX];
    size_t keepalived_count;
    int text_fd; /* a memfd: what there is to say to the user */
    FILE *text;  /* into it */
    struct reader_report report;
    bool reported;
    int record; /* of the reader before; -1 = none */
    struct conf_secret_key secret_key;
};

/* Roughly, with the kernel's work; a TLS handshake is a class of its own. */
static uint64_t cost_us(enum conf_checker_type type)
{
    return type == CONF_CHECK_SSL ? 1000 : 80;
}

static uint64_t busy_us_of(const struct conf_real_server *server)
{
    uint64_t busy_us = 0;

    for (uint32_t i = 0; i < server->checkers.count; i++) {
        const struct conf_checker *checker = server->checkers.items[i];

        if (checker->delay_loop_us > 0)
            busy_us += cost_us(checker->type) * 1000000 / (uint64_t)checker->delay_loop_us;
    }
    return busy_us;
}

uint64_t reader_checks_busy_us(const struct conf_model *model)
{
    uint64_t busy_us = 0;

    for (uint32_t i = 0; i < model->virtual_servers.count; i++) {
        const struct conf_virtual_server *server = model->virtual_servers.items[i];

        for (uint32_t j = 0; j < server->real_servers.count; j++)
            busy_us += busy_us_of(server->real_servers.items[j]);
    }
    return busy_us;
}

static long rounded_up(uint64_t amount, uint64_t share)
{
    return (long)((amount + share - 1) / share);
}

uint16_t reader_checker_processes(uint32_t checks, uint64_t busy_us, long processors)
{
    long processes = rounded_up(checks, CHECKS_A_PROCESS), busy = rounded_up(busy_us, BUSY_A_PROCESS_US);

    if (processes < busy)
        processes = busy;
    if (processes > CHECKER_PROCESSES)
        processes = CHECKER_PROCESSES;
    if (processes > processors)
        processes = processors;
    if (processes < 1)
        processes = 1;
    return checks == 0 ? 0 : (uint16_t)processes;
}

_Static_assert(READER_GOOD == (int)CONF_OUTCOME_GOOD && READER_COMPLAINTS == (int)CONF_OUTCOME_COMPLAINTS &&
                   READER_REFUSED == (int)CONF_OUTCOME_REFUSED,
               "the message says what the loader says");

/* ------------------------------------------------------------------ start and end */

static bool is_reload(const struct reader *reader)
{
    return (reader->identity.flags & IDENTITY_RELOAD) != 0;
}

static void control_message(struct channel *channel, enum message_type type, const void *payload, int fd,
                            void *data)
{
    struct reader *reader = data;

    (void)channel;
    switch ((unsigned int)type) {
    case CONTROL_IDENTITY:
        reader->identity = *(const struct control_identity *)payload;
        return;
    case CONTROL_LOG:
        log_to_socket(fd);
        return;
    case CONTROL_RECORD:
        reader->record = fd;
        return;
    case CONTROL_SECRET_KEY:
        memcpy(reader->secret_key.bytes, payload, sizeof(reader->secret_key.bytes));
        return;
    case CONTROL_START:
        reader->started = true;
        return;
    case CONTROL_STOP:
        exit(EXIT_SUCCESS);
    }
    if (fd >= 0)
        close(fd);
}

static void control_closed(struct channel *channel, void *data)
{
    (void)channel;
    (void)data;
    exit(EXIT_FAILURE); /* nobody wants the answer */
}

static const struct channel_callbacks callbacks = {control_message, NULL, control_closed};

static void end_when_sent(void *data)
{
    struct reader *reader = data;

    if (channel_is_flushed(reader->control))
        loop_stop(reader->loop);
    else
        loop_timer_in(reader->flush, FLUSH_INTERVAL);
}

/* The files are good, and yet this cannot be taken. */
__attribute__((format(printf, 2, 3))) static void refuse(struct reader *reader, const char *format, ...)
{
    struct reader_report *report = &reader->report;
    char text[sizeof(report->problem)];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    fprintf(reader->text, "%s\n", text);
    if (report->outcome != READER_REFUSED) {
        report->problems = 0; /* those were complaints */
        strcpy(report->problem, text);
    }
    report->outcome = READER_REFUSED;
    report->problems++;
}

/* ------------------------------------------------------------------ a keepalived beside us */

/* What it runs can be told from its file, as far as tandem can read that; the same file as ours says it all.
 */
static const struct conf_instance *shared_instance(const char *their_file, const char *file, const char *id,
                                                   const struct conf_model *ours)
{
    const struct conf_load_request request = {.path = their_file, .config_id = id};
    const struct conf_instance *shared;
    struct conf_result *result;

    if (strcmp(their_file, file) == 0)
        return keepalived_conflict(ours, ours);
    result = conf_load(&request);
    if (result == NULL)
        return NULL;
    shared = keepalived_conflict(ours, conf_result_model(result));
    conf_result_free(result);
    return shared;
}

static void refuse_running_keepalived(struct reader *reader, const char *file, const char *id,
                                      const struct conf_model *model)
{
    for (size_t i = 0; i < reader->keepalived_count; i++) {
        const struct keepalived_process *process = &reader->keepalived[i];
        const struct conf_instance *shared = shared_instance(process->file, file, id, model);

        if (shared == NULL)
            continue;
        refuse(reader,
               "keepalived (pid %d) already runs virtual router %u on %s: stop it first: systemctl stop "
               "keepalived",
               (int)process->pid, (unsigned int)shared->vrid,
               shared->interface == NULL ? "any interface" : shared->interface);
    }
}

/* ------------------------------------------------------------------ the answer */

static bool send_slice(struct reader *reader, const struct conf_model *model, enum role role,
                       enum conf_slice slice, uint16_t index, uint16_t count)
{
    struct reader_slice message = {.role = (uint16_t)role, .index = index};
    bool starts_up = role == ROLE_SCRIPTS && model->global.startup_script.words.count > 0;
    int fd = conf_slice_write(model, slice, index, count, &message.objects);

    if (fd < 0) {
        log_error("the slice for %s cannot be written: %s", role_name(role), strerror(errno));
        return false;
    }
    message.flags = starts_up ? SLICE_GOES_FIRST : 0;
    channel_send_fd(reader->control, READER_SLICE, &message, fd);
    close(fd);
    return true;
}

static bool send_whole(struct reader *reader, const struct conf_model *model)
{
    int fd = conf_slice_write_whole(model, &reader->secret_key);

    if (fd < 0) {
        log_error("the configuration cannot be written down for tandemctl: %s", strerror(errno));
        return false;
    }
    channel_send_fd(reader->control, READER_WHOLE, NULL, fd);
    close(fd);
    return true;
}

/* What -P and -C leave out is left out of the model; the digest still names the whole. */
static void leave_out(const struct reader_request *request, struct conf_model *model)
{
    if (request->only_vrrp)
        model->virtual_servers.count = 0;
    if (request->only_checkers) {
        model->instances.count = 0;
        model->sync_groups.count = 0;
        model->static_addresses.count = model->static_routes.count = model->static_rules.count = 0;
    }
}

static void send_text(struct reader *reader, const struct conf_model *model)
{
    int fd = memfd_create("tandem-configuration", MFD_CLOEXEC);
    size_t length = 0;
    char *text = conf_canonical_text(model, &length);

    if (fd < 0 || text == NULL || write(fd, text, length) != (ssize_t)length)
        log_warning("the configuration cannot be logged: %s", strerror(errno));
    else
        channel_send_fd(reader->control, READER_TEXT, NULL, fd);
    if (fd >= 0)
        close(fd);
    free(text);
}

/* A slice for each process that the configuration needs, but ctl; and the supervisor's. */
static bool send_slices(struct reader *reader, const struct conf_model *model)
{
    struct conf_counts counts = conf_count(model);
    uint16_t checkers = reader_checker_processes(counts.checkers, reader_checks_busy_us(model),
                                                 sysconf(_SC_NPROCESSORS_ONLN));
    bool sent = send_slice(reader, model, ROLE_SUPERVISOR, CONF_SLICE_SUPERVISOR, 0, checkers);

    if (sent && counts.instances + counts.static_items + counts.links_checks + counts.suspended_servers > 0)
        sent = send_slice(reader, model, ROLE_LINKS, CONF_SLICE_LINKS, 0, 1);
    if (sent && counts.instances > 0)
        sent = send_slice(reader, model, ROLE_VRRP, CONF_SLICE_VRRP, 0, 1);
    if (sent && (counts.virtual_servers > 0 || model->global.sync_daemon.interface != NULL))
        sent = send_slice(reader, model, ROLE_DIRECTOR, CONF_SLICE_DIRECTOR, 0, 1);
    for (uint16_t index = 0; sent && index < checkers; index++)
        sent = send_slice(reader, model, ROLE_CHECKER, CONF_SLICE_CHECKER, index, checkers);
    if (sent && counts.alerts > 0)
        sent = send_slice(reader, model, ROLE_MAIL, CONF_SLICE_MAIL, 0, 1);
    if (sent && counts.scripts + counts.fifos + counts.watched + counts.alerts >
                    0) /* mail hears of changes from them */
        sent = send_slice(reader, model, ROLE_SCRIPTS, CONF_SLICE_SCRIPTS, 0, 1);
    return sent;
}

/* Then the supervisor goes ahead. */
static void send_report(struct reader *reader)
{
    if (reader->reported)
        return;
    reader->reported = true;
    fflush(reader->text);
    channel_send_fd(reader->control, READER_REPORT, &reader->report, reader->text_fd);
}

/* Of what the files say, whatever -P and -C leave out of it: what ctl shows, and ctl's own part. */
static bool send_to_ctl(struct reader *reader, struct conf_model *model, struct conf_model *needed)
{
    conf_digest(model, model->digest);
    memcpy(needed->digest, model->digest, sizeof(needed->digest));
    return send_whole(reader, model) && send_slice(reader, needed, ROLE_CTL, CONF_SLICE_CTL, 0, 1);
}

static void hand_over(struct reader *reader, struct conf_model *model)
{
    const struct reader_request *request = reader->request;
    struct conf_model needed = *model; /* shares the lists */

    leave_out(request, &needed);
    refuse_running_keepalived(reader, request->file, request->id, &needed);
    if (request->send_text)
        send_text(reader, &needed);
    if (reader->report.outcome == READER_REFUSED)
        return;
    if (!send_slices(reader, &needed)) {
        refuse(reader, "the configuration could not be handed to the processes; see the log");
        return;
    }
    if (is_reload(reader))
        send_report(reader); /* nobody waits for ctl */
    if (!send_to_ctl(reader, model, &needed) && !reader->reported)
        refuse(reader, "the configuration could not be handed to ctl; see the log");
}

/* For supervisors, who do not look into the text. */
static void report_problems(struct reader *reader, struct conf_diagnostics *diagnostics)
{
    struct reader_report *report = &reader->report;
    size_t refusals = conf_diagnostics_total(diagnostics, CONF_REFUSAL);
    size_t complaints = conf_diagnostics_total(diagnostics, CONF_COMPLAINT);

    report->problems = (uint32_t)(refusals > 0 ? refusals : complaints);
    conf_diagnostics_first(diagnostics, refusals > 0 ? CONF_REFUSAL : CONF_COMPLAINT, report->problem,
                           sizeof(report->problem));
}

/* Where the balancer is the configuration's, and nobody but the configuration may refuse it. */
static bool may_advance(const struct reader *reader)
{
    return is_reload(reader) && !reader->request->only_vrrp && reader->keepalived_count == 0;
}

/* The model, which the caller frees; NULL if it is refused. */
static struct conf_model *take_over(struct reader *reader, struct conf_result *result)
{
    struct conf_diagnostics *diagnostics = conf_result_diagnostics(result);
    struct conf_model *model;

    conf_diagnostics_print(diagnostics, reader->text);
    reader->report.outcome = (uint32_t)conf_result_outcome(result);
    report_problems(reader, diagnostics);
    model = conf_result_take_model(result);
    if (model != NULL)
        hand_over(reader, model);
    return model;
}

static void load(struct reader *reader)
{
    struct reader_text text;
    struct conf_load_request request = {
        .path = reader->request->file,
        .config_id = reader->request->id,
        .check_all_includes = reader->request->all_includes,
        .replaces_running = is_reload(reader),
    };
    struct conf_result *result;
    struct conf_model *model;

    reader_text_read(&text, request.path);
    if (may_advance(reader))
        reader_send_advance(reader->control, &text, reader->record, &request);
    if (text.path != NULL)
        request.host = &text.host.host;
    result = conf_load(&request);
    if (result == NULL)
        log_fatal("there is no memory to load the configuration");
    model = take_over(reader, result);
    send_report(reader);
    if (reader->report.outcome == READER_GOOD && !reader->request->only_vrrp)
        reader_send_record(reader->control, &text, &request, result, model);
    conf_model_free(model);
    conf_result_free(result);
    reader_text_free(&text);
}

int reader_serve(const struct reader_request *request)
{
    static struct reader reader;

    if (!channel_control_is_given()) {
        fputs("tandem-reader -f is for tandemd; to check a file: tandem-reader --check FILE\n", stderr);
        return EXIT_FAILURE;
    }
    reader.request = request;
    reader.record = -1;
    reader.loop = loop_new();
    reader.text_fd = memfd_create("tandem-diagnostics", MFD_CLOEXEC);
    reader.text = reader.text_fd < 0 ? NULL : fdopen(reader.text_fd, "w");
    if (reader.loop == NULL || reader.text == NULL)
        log_fatal("the reader cannot start: %s", strerror(errno));
    reader.control =
        channel_new(reader.loop, CHANNEL_CONTROL_FD, ROLE_READER, ROLE_SUPERVISOR, &callbacks, &reader);
    reader.flush = loop_timer_new(reader.loop, end_when_sent, &reader);
    while (!reader.started) {
        if (!channel_receive_blocking(reader.control))
            return EXIT_FAILURE;
    }
    reader.keepalived_count = keepalived_find("/proc", reader.keepalived); /* the last use of root's rights */
    privileges_drop(ROLE_READER, &reader.identity);
    load(&reader);
    loop_timer_in(reader.flush, span_ms(0));
    loop_run(reader.loop);
    return EXIT_SUCCESS;
}
