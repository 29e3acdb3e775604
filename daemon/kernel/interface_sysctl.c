/*
 * Network settings of one interface. See interface_sysctl.h.
 */
#include "daemon/kernel/interface_sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Opens a setting; -1 with errno. No interface has such a name as is refused here. */
static int open_setting(const char *family, const char *interface, const char *setting, int flags)
{
    char path[96];

    if (strchr(interface, '/') != NULL || strcmp(interface, ".") == 0 || strcmp(interface, "..") == 0 ||
        strlen(interface) >= IFNAMSIZ) {
        errno = EINVAL;
        return -1;
    }
    snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", family, interface, setting);
    return open(path, flags | O_CLOEXEC);
}

int interface_promote_secondaries(const char *interface)
{
    int fd = open_setting("ipv4", interface, "promote_secondaries", O_RDWR);
    char now = '0';
    int error = 0;

    if (fd < 0)
        return errno;
    if (pread(fd, &now, 1, 0) != 1 || (now == '0' && pwrite(fd, "1", 1, 0) != 1))
        error = errno;
    close(fd);
    return error;
}

bool interface_forwards_ipv6(const char *interface)
{
    int fd = open_setting("ipv6", interface, "forwarding", O_RDONLY);
    char now = '0';

    if (fd < 0)
        return false;
    if (pread(fd, &now, 1, 0) != 1)
        now = '0';
    close(fd);
    return now != '0';
}
