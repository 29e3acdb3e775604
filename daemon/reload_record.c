/*
 * What became of the last reload and when the next one is due: kept on the supervisor's board, where ctl
 * reads it, and said to systemd. A refusal is told of until the next good reload. See supervisor.h.
 */
#include "daemon/supervisor_parts.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/core/board_records.h"

static int64_t wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void keep(struct supervisor *supervisor)
{
    union supervisor_board_record record;

    memset(&record, 0, sizeof(record));
    record.reload = supervisor->reload;
    board_write(supervisor->children.board, RELOAD_RECORD_KEY, &record);
}

void supervisor_reload_taken(struct supervisor *supervisor)
{
    int64_t due_wall_ns = supervisor->reload.due_wall_ns;

    supervisor->reload = (struct reload_record){.taken_wall_ns = wall_ns(), .due_wall_ns = due_wall_ns};
    keep(supervisor);
}

/* The text is for terminals and for systemd, which takes valid UTF-8 only, and comes from a reader. */
static void copy_problem(char to[static RELOAD_PROBLEM_BYTES], const char *from)
{
    snprintf(to, RELOAD_PROBLEM_BYTES, "%s", from);
    for (; *to != '\0'; to++) {
        if (*to < ' ' || *to > '~')
            *to = '?';
    }
}

void supervisor_reload_refused(struct supervisor *supervisor, uint32_t problems, const char *problem)
{
    struct reload_record *record = &supervisor->reload;

    record->refused_wall_ns = wall_ns();
    record->refused_ns = mono_now().ns;
    record->problems = problems;
    copy_problem(record->problem, problem);
    keep(supervisor);
}

void supervisor_reload_planned(int64_t due_s, void *data)
{
    struct supervisor *supervisor = data;

    supervisor->reload.due_wall_ns = due_s * NS_PER_S;
    keep(supervisor);
}
