/*
 * Into the background: daemon(7), with the parent waiting for the outcome. See daemonize.h.
 */
#include "daemon/daemonize.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/log.h"

static int outcome = -1; /* the child's end of the pipe */

static void wait_and_exit(int fd)
{
    unsigned char status = EXIT_FAILURE;

    while (read(fd, &status, 1) < 0 && errno == EINTR)
        continue;
    _exit(status);
}

void daemonize_begin(void)
{
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) != 0)
        log_fatal("cannot go into the background: %s", strerror(errno));
    pid = fork();
    if (pid < 0)
        log_fatal("cannot go into the background: %s", strerror(errno));
    if (pid > 0) {
        close(fds[1]);
        wait_and_exit(fds[0]);
    }
    close(fds[0]);
    outcome = fds[1];
    setsid();
    if (chdir("/") != 0)
        log_warning("cannot change to /: %s", strerror(errno));
}

void daemonize_finish(int status)
{
    unsigned char byte = (unsigned char)status;
    int null;

    if (outcome < 0)
        return;
    if (write(outcome, &byte, 1) != 1)
        log_warning("whoever started us does not wait any more");
    close(outcome);
    outcome = -1;
    if (status != 0)
        return;
    null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
        dup2(null, fd);
    if (null > STDERR_FILENO)
        close(null);
}
