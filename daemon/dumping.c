/*
 * The supervisor's answer to SIGUSR1, SIGUSR2 and their kin: a file for each, written by ctl. See dump_file.h.
 *
 * Of each kind one file is written at a time; who asks meanwhile gets one more afterwards.
 */
#include "daemon/supervisor_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/log.h"

static uint32_t file_mode(const struct supervisor *supervisor)
{
    uint32_t mask =
        supervisor->options->umask_given ? supervisor->options->umask : supervisor->settings->daemon.umask;

    return 0666 & ~mask;
}

static void send_order(struct supervisor *supervisor, struct process *ctl, enum dump_kind kind, int fd)
{
    struct dump *dump = &supervisor->dumps[kind];
    struct command_dump order = {
        .id = dump->id,
        .kind = kind,
        .json_version = supervisor->settings->daemon.json_version,
        .clear = dump->clear,
    };

    dump->wanted = dump->clear = false;
    channel_send_fd(process_control(ctl), COMMAND_DUMP, &order, fd);
}

static void begin(struct supervisor *supervisor, enum dump_kind kind)
{
    struct process *ctl = children_find(&supervisor->children, ROLE_CTL, 0);
    struct dump *dump = &supervisor->dumps[kind];
    char *path;
    int fd;

    if (!dump->wanted || dump->file != NULL || ctl == NULL || process_memory(ctl)->state != PROCESS_READY)
        return;
    path = dump_path(kind, &supervisor->settings->daemon, supervisor_namespace_name(supervisor));
    dump->file = dump_file_new(path, file_mode(supervisor), &fd);
    if (dump->file == NULL) {
        log_error("%s cannot be written: %s", path, strerror(errno));
        dump->wanted = dump->clear = false;
    } else {
        dump->id++;
        send_order(supervisor, ctl, kind, fd);
        close(fd);
    }
    free(path);
}

void supervisor_want_dump(struct supervisor *supervisor, enum dump_kind kind, bool clear)
{
    if (supervisor->phase == PHASE_STOPPING)
        return;
    supervisor->dumps[kind].wanted = true;
    supervisor->dumps[kind].clear |= clear;
    begin(supervisor, kind);
}

void supervisor_go_on_dumping(struct supervisor *supervisor)
{
    for (enum dump_kind kind = 0; kind < DUMP_KINDS; kind++)
        begin(supervisor, kind);
}

static void end(struct supervisor *supervisor, enum dump_kind kind, int error)
{
    struct dump *dump = &supervisor->dumps[kind];
    char *path = dump_path(kind, &supervisor->settings->daemon, supervisor_namespace_name(supervisor));

    if (error == 0 && !dump_file_commit(dump->file))
        error = errno;
    if (error != 0)
        log_error("%s cannot be written: %s", path, strerror(error));
    else
        log_debug("%s is written", path);
    free(path);
    dump_file_free(dump->file);
    dump->file = NULL;
    begin(supervisor, kind);
}

void supervisor_dumped(struct supervisor *supervisor, const struct command_dumped *answer)
{
    for (enum dump_kind kind = 0; kind < DUMP_KINDS; kind++) {
        if (supervisor->dumps[kind].file != NULL && supervisor->dumps[kind].id == answer->id) {
            end(supervisor, kind, answer->error);
            return;
        }
    }
}

void supervisor_give_up_dumps(struct supervisor *supervisor)
{
    for (enum dump_kind kind = 0; kind < DUMP_KINDS; kind++) {
        dump_file_free(supervisor->dumps[kind].file);
        supervisor->dumps[kind].file = NULL;
    }
}
