/*
 * Pid files of children. See pid_file.h.
 */
#include "daemon/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/core/log.h"

void pid_file_write(const char *path, pid_t pid)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "%ld\n", (long)pid), fd;

    if (path == NULL)
        return;
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0 || write(fd, text, (size_t)length) != length)
        log_error("the pid file %s cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

void pid_file_remove(const char *path)
{
    if (path != NULL)
        unlink(path);
}
