/*
 * Running the reader. See configuration.h.
 */
#include "daemon/configuration.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/process.h"

#define READER_TIME     span_s(60)  /* then it is taken to hang */
#define DIAGNOSTICS_MAX (16L << 20) /* bytes of them that are shown */
#define OBJECTS_MAX     (1U << 20)  /* of one process; 10,000 real servers are a hundredth of it */

#define STATUS_NOT_EXECUTED 127 /* the dynamic linker's */

enum load_state {
    LOAD_READING, /* the timer: until the reader is taken to hang */
    LOAD_DECIDED, /* the timer: now, to call done, when nobody is busy with the reader any more */
    LOAD_REST,    /* what tandemctl is shown is still to come, in a reload; the timer: as above */
    LOAD_OVER,    /* the timer: now, to call over */
};

struct configuration_load {
    struct process *reader;
    struct loop_timer *timer;
    enum load_state state;
    struct configuration *configuration; /* NULL = handed over */
    struct configuration rest;           /* what came after the report */
    int record;                          /* what the reader leaves; -1 = nothing yet */
    bool advanced;                       /* the callback was called */
    bool ended;                          /* the reader */
    bool hung;
    const struct configuration_callbacks *callbacks;
    void *data;
};

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void init(struct configuration *configuration)
{
    *configuration = (struct configuration){.text = -1, .settings = -1, .dump = -1, .whole = -1};
}

static void close_all(struct configuration *configuration)
{
    for (size_t i = 0; i < configuration->part_count; i++) {
        close_if_open(configuration->parts[i].slice);
        close_if_open(configuration->parts[i].whole);
    }
    close_if_open(configuration->text);
    close_if_open(configuration->settings);
    close_if_open(configuration->dump);
    close_if_open(configuration->whole);
}

void configuration_free(struct configuration *configuration)
{
    if (configuration == NULL)
        return;
    close_all(configuration);
    free(configuration);
}

/* What is in the memfd, -1 for nothing; the caller frees it. */
static char *read_text(int fd)
{
    struct stat status;
    char *text;
    ssize_t length;

    if (fd < 0 || fstat(fd, &status) != 0)
        status.st_size = 0;
    if (status.st_size > DIAGNOSTICS_MAX)
        status.st_size = DIAGNOSTICS_MAX;
    text = calloc(1, (size_t)status.st_size + 1);
    if (text == NULL)
        abort();
    length = status.st_size == 0 ? 0 : pread(fd, text, (size_t)status.st_size, 0);
    text[length < 0 ? 0 : length] = '\0';
    return text;
}

char *configuration_diagnostics(const struct configuration *configuration)
{
    return read_text(configuration->text);
}

bool configuration_is_refused(const struct configuration *configuration)
{
    return configuration->failure != NULL || configuration->report.outcome == READER_REFUSED;
}

static enum log_level level_of(const struct configuration *configuration)
{
    if (configuration_is_refused(configuration))
        return LOG_LEVEL_ERROR;
    return configuration->report.outcome == READER_GOOD ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING;
}

static void log_text(enum log_level level, int fd)
{
    char *text = read_text(fd), *rest = text, *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (line[0] != '\0')
            log_line(level, "%s", line);
    }
    free(text);
}

void configuration_log(const struct configuration *configuration)
{
    log_text(level_of(configuration), configuration->text);
    if (configuration->dump < 0)
        return;
    log_info("the configuration as understood:");
    log_text(LOG_LEVEL_INFO, configuration->dump);
}

/* The reader parses what others wrote, and is not trusted: it may ask for the processes that are started for
 * a configuration, once each, and for a board of a sane size. */
static bool is_sane(const struct configuration *configuration, const struct reader_slice *slice)
{
    if (slice->role >= ROLE_COUNT || slice->role == ROLE_SUPERVISOR || slice->role == ROLE_READER ||
        (slice->index > 0 && slice->role != ROLE_CHECKER) || slice->objects > OBJECTS_MAX ||
        configuration->part_count == CONFIGURATION_PROCESSES_MAX)
        return false;
    for (size_t i = 0; i < configuration->part_count; i++) {
        if (configuration->parts[i].role == slice->role && configuration->parts[i].index == slice->index)
            return false;
    }
    return true;
}

static void take_slice(struct configuration *configuration, const struct reader_slice *slice, int fd)
{
    struct configuration_part *part;

    if (slice->role == ROLE_SUPERVISOR && configuration->settings < 0) {
        configuration->settings = fd;
        return;
    }
    if (!is_sane(configuration, slice)) {
        configuration->failure = "the reader asked for a process that cannot be";
        close(fd);
        return;
    }
    part = &configuration->parts[configuration->part_count++];
    *part = (struct configuration_part){(enum role)slice->role, slice->index, slice->objects,
                                        slice->flags,           fd,           -1};
    if (part->role == ROLE_CTL) {
        part->whole = configuration->whole;
        configuration->whole = -1;
    }
}

static void decide(struct configuration_load *load, const char *failure)
{
    if (failure != NULL)
        load->configuration->failure = failure;
    load->state = LOAD_DECIDED;
    loop_timer_in(load->timer, span_ms(0));
}

static void take_report(struct configuration_load *load, const struct reader_report *report, int fd)
{
    struct configuration *configuration = load->configuration;

    configuration->report = *report;
    configuration->report.problem[READER_PROBLEM_BYTES - 1] = '\0';
    configuration->text = fd;
    decide(load, report->outcome > READER_REFUSED ? "the reader's report makes no sense" : NULL);
}

static void take_advance(struct configuration_load *load, const struct advance *advance, int slice)
{
    if (load->advanced || load->callbacks->advance == NULL || advance->gone_count > ADVANCE_GONE_MAX)
        return;
    load->advanced = true;
    load->callbacks->advance(advance, slice, load->data);
}

static void reader_message(struct process *process, enum message_type type, const void *payload, int fd,
                           void *data)
{
    struct configuration_load *load = data;
    bool reading = load->state == LOAD_READING;
    struct configuration *configuration = reading ? load->configuration : &load->rest;

    (void)process;
    if (type == READER_ADVANCE && reading)
        take_advance(load, payload, fd);
    if (type == READER_SLICE)
        take_slice(configuration, payload, fd);
    else if (type == READER_REPORT && reading)
        take_report(load, payload, fd);
    else if (type == READER_TEXT && configuration->dump < 0)
        configuration->dump = fd;
    else if (type == READER_WHOLE && configuration->whole < 0)
        configuration->whole = fd;
    else if (type == READER_RECORD && load->record < 0)
        load->record = fd;
    else if (fd >= 0)
        close(fd);
}

static const char *failure_of(const struct configuration_load *load, int status)
{
    if (load->hung)
        return "the reader took too long and was killed";
    if (WIFSIGNALED(status))
        return "the reader crashed";
    if (WEXITSTATUS(status) == STATUS_NOT_EXECUTED)
        return "tandem-reader cannot be executed (ldd shows whether a library is missing)";
    return "the reader ended without a report";
}

static void reader_ended(struct process *process, int status, void *data)
{
    struct configuration_load *load = data;

    (void)process;
    load->ended = true;
    if (load->state == LOAD_READING)
        decide(load, failure_of(load, status));
    else if (load->state == LOAD_REST)
        loop_timer_in(load->timer, span_ms(0));
}

static const struct process_callbacks reader_callbacks = {reader_message, reader_ended};

/* The last thing done with the load in each case: the supervisor may free it. */
static void timer_fired(void *data)
{
    struct configuration_load *load = data;
    struct configuration *configuration = load->configuration;

    if (load->state == LOAD_DECIDED) {
        load->configuration = NULL;
        load->state = LOAD_REST;
        loop_timer_in(load->timer, load->ended ? span_ms(0) : READER_TIME);
        load->callbacks->done(configuration, load->data);
    } else if (load->state == LOAD_REST && load->ended) {
        load->state = LOAD_OVER;
        load->callbacks->over(load->data);
    } else {
        load->hung = true;
        process_kill(load->reader);
    }
}

bool configuration_load_is_under_way(const struct configuration_load *load)
{
    return load != NULL && load->configuration != NULL;
}

bool configuration_load_is_over(const struct configuration_load *load)
{
    return load->state == LOAD_OVER;
}

bool configuration_take_rest(struct configuration *configuration, struct configuration_load *load)
{
    struct configuration_part *part = &load->rest.parts[0];

    if (load->rest.failure != NULL || load->rest.part_count != 1 || part->role != ROLE_CTL ||
        configuration->part_count == CONFIGURATION_PROCESSES_MAX)
        return false;
    configuration->parts[configuration->part_count++] = *part;
    load->rest.part_count = 0;
    return true;
}

int configuration_take_record(struct configuration_load *load)
{
    int record = load->record;

    load->record = -1;
    return record;
}

static bool start_reader(struct configuration_load *load, const struct configuration_request *request)
{
    struct control_identity identity = {
        .incarnation = 1,
        .uid = request->uid,
        .gid = request->gid,
        .flags = request->replaces_running ? IDENTITY_RELOAD : 0,
        .count = 1,
    };
    struct control_secret_key key;
    char *arguments[6] = {"-f", (char *)request->file};
    struct channel *control;
    size_t count = 2;

    if (request->id != NULL) {
        arguments[count++] = "-i";
        arguments[count++] = (char *)request->id;
    }
    if (request->switches != NULL)
        arguments[count] = (char *)request->switches;
    if (!process_spawn(load->reader, request->directory, arguments))
        return false;
    control = process_control(load->reader);
    channel_send(control, CONTROL_IDENTITY, &identity);
    memcpy(key.bytes, request->secret_key->bytes, sizeof(key.bytes));
    channel_send(control, CONTROL_SECRET_KEY, &key);
    if (request->record >= 0)
        channel_send_fd(control, CONTROL_RECORD, NULL, request->record);
    channel_send(control, CONTROL_START, NULL);
    loop_timer_in(load->timer, READER_TIME);
    return true;
}

struct configuration_load *configuration_load_new(struct loop *loop,
                                                  const struct configuration_request *request,
                                                  const struct configuration_callbacks *callbacks, void *data)
{
    struct configuration_load *load = calloc(1, sizeof(*load));

    if (load == NULL || (load->configuration = calloc(1, sizeof(*load->configuration))) == NULL)
        abort();
    init(load->configuration);
    init(&load->rest);
    load->record = -1;
    load->callbacks = callbacks;
    load->data = data;
    load->reader = process_new(loop, ROLE_READER, 0, &reader_callbacks, load);
    load->timer = loop_timer_new(loop, timer_fired, load);
    if (!start_reader(load, request)) {
        configuration_load_free(load);
        return NULL;
    }
    return load;
}

void configuration_load_free(struct configuration_load *load)
{
    if (load == NULL)
        return;
    process_put_down(load->reader);
    process_free(load->reader);
    loop_timer_free(load->timer);
    configuration_free(load->configuration);
    close_all(&load->rest);
    close_if_open(load->record);
    free(load);
}

void configuration_load_reap(struct configuration_load *load)
{
    if (load != NULL)
        process_reap(load->reader);
}
