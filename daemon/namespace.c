/*
 * Network namespaces. See namespace.h.
 */
#include "daemon/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "daemon/core/log.h"

int namespace_open(const char *name)
{
    char path[PATH_MAX] = "/proc/self/ns/net";
    int fd;

    if (name != NULL)
        snprintf(path, sizeof(path), "/run/netns/%s", name);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        log_error("the network namespace %s cannot be opened: %s: %s", name == NULL ? "we are in" : name,
                  path, strerror(errno));
    return fd;
}

bool namespace_enter(int fd)
{
    if (setns(fd, CLONE_NEWNET) == 0)
        return true;
    log_error("cannot enter a network namespace: %s", strerror(errno));
    return false;
}
