/*
 * Getting a configuration: the reader process parses the files and answers with slices and a report.
 *
 * The supervisor never parses a configuration itself. A reader that crashes, hangs or says nonsense is a
 * failed load, and the configuration in force stays.
 */
#ifndef TANDEM_DAEMON_CONFIGURATION_H
#define TANDEM_DAEMON_CONFIGURATION_H

#include "conf/secret_key.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

#define CONFIGURATION_PROCESSES_MAX 48

/* One process that the configuration needs. */
struct configuration_part {
    enum role role;
    uint16_t index;
    uint32_t objects; /* board records it wants */
    uint32_t flags;   /* enum slice_flag */
    int slice;        /* memfd */
    int whole;        /* ctl: memfd with the configuration for its clients; else -1 */
};

struct configuration {
    struct reader_report report;
    int text;     /* memfd with the diagnostics; -1 if there are none */
    int settings; /* memfd with the supervisor's own slice; -1 if there is none */
    int dump;     /* memfd with the configuration as understood; -1 if it was not asked for */
    int whole; /* memfd with all of the configuration but its secrets, until ctl's part takes it; else -1 */
    struct configuration_part parts[CONFIGURATION_PROCESSES_MAX];
    size_t part_count;
    const char *failure; /* why there is no report: static text; NULL = there is one */
};

void configuration_free(struct configuration *configuration); /* closes what was not taken; NULL allowed */

/* The diagnostics, read from the memfd; the caller frees it. Never NULL. */
char *configuration_diagnostics(const struct configuration *configuration);

/* Not to be taken: the reader refused it, or failed. */
bool configuration_is_refused(const struct configuration *configuration);

/* Logs the diagnostics line by line: as errors if it is refused, as warnings if keepalived would complain
 * too, else as notices; and the configuration as understood, if it was asked for. */
void configuration_log(const struct configuration *configuration);

struct configuration_request {
    const char *directory; /* of the programs */
    const char *file;
    const char *id;       /* NULL = the host's */
    const char *switches; /* of the reader, such as "-de"; NULL = none */
    uint32_t uid;
    uint32_t gid;
    pid_t own_pid; /* of the supervisor */
    const struct conf_secret_key *secret_key;
    int record;            /* what the reader of the configuration in force left; -1 = nothing */
    bool replaces_running; /* a reload */
};

struct configuration_load;

struct configuration_callbacks {
    /* Called at most once, before done, and only in a reload: a part for the director to go ahead with. slice
     * stays the load's. NULL = nobody goes ahead. */
    void (*advance)(const struct advance *advance, int slice, void *data);
    /* Called once, after the reader's report or its end; owns the configuration. In a reload, it lacks ctl's
     * part, which no process waits for that serves anybody. */
    void (*done)(struct configuration *configuration, void *data);
    /* Called once, after done, when the reader has ended. */
    void (*over)(void *data);
};

/* Starts a reader. NULL (logged) if it cannot be started. Both callbacks may free the load. */
struct configuration_load *configuration_load_new(struct loop *loop,
                                                  const struct configuration_request *request,
                                                  const struct configuration_callbacks *callbacks,
                                                  void *data);

/* A reader that still lives is killed. NULL allowed. */
void configuration_load_free(struct configuration_load *load);

/* done was not called yet. False for NULL. */
bool configuration_load_is_under_way(const struct configuration_load *load);

/* over was called, or is being called. */
bool configuration_load_is_over(const struct configuration_load *load);

/* Adds ctl's part to the configuration of a reload; false if the reader did not get to it. */
bool configuration_take_rest(struct configuration *configuration, struct configuration_load *load);

/* What the reader left for the next one; the caller closes it. -1 = nothing. */
int configuration_take_record(struct configuration_load *load);

/* Looks whether the reader has ended: after SIGCHLD. */
void configuration_load_reap(struct configuration_load *load);

#endif
