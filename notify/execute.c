/*
 * Fork, and a pipe that exec closes: what goes wrong between the two is told through it. See execute.h.
 */
#include "notify/execute.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NOT_RUN 126 /* exit status, as a shell's */

static void run(const struct program *program, int report) __attribute__((noreturn));

static void run(const struct program *program, int report)
{
    struct program_refusal refusal;

    program_become(program, PROGRAM_CARE_ALL, report, &refusal);
    if (write(PROGRAM_KEPT_FD, refusal.reason, strnlen(refusal.reason, sizeof(refusal.reason))) < 0)
        _exit(NOT_RUN + 1); /* then at least the status differs */
    _exit(NOT_RUN);
}

int execute(const struct program *program, pid_t *pid, int *report)
{
    int ends[2], error;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return errno;
    *pid = fork();
    if (*pid == 0)
        run(program, ends[1]);
    error = errno;
    close(ends[1]);
    if (*pid < 0) {
        close(ends[0]);
        return error;
    }
    *report = ends[0];
    return 0;
}

const char *execute_why(int report, char buffer[static PROGRAM_REASON_BYTES])
{
    ssize_t length = read(report, buffer, PROGRAM_REASON_BYTES - 1);

    if (length <= 0)
        return NULL;
    buffer[length] = '\0';
    return buffer;
}
