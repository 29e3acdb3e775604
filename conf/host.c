/*
 * The real machine: see host.h.
 */
#include "conf/host.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <net/if.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/script_path.h"

/* A configuration larger than this is a mistake: the wrong file, or a device. */
#define FILE_BYTES_MAX (256U << 20)

struct open_file {
    int fd;
    size_t left; /* of what it had when it was opened */
};

static void *host_open_file(void *context, const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error = 0;
    struct open_file *file = NULL;
    struct stat status;

    (void)context;
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) < 0)
        error = errno;
    else if (!S_ISREG(status.st_mode))
        error = EISDIR;
    else if ((status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0)
        error = ENOEXEC;
    else if (status.st_size > FILE_BYTES_MAX)
        error = EFBIG;
    else if ((file = malloc(sizeof(*file))) == NULL)
        error = ENOMEM;
    if (error != 0) {
        close(fd);
        errno = error;
        return NULL;
    }
    *file = (struct open_file){fd, (size_t)status.st_size};
    *length = file->left;
    return file;
}

static ssize_t host_read_piece(void *opened, char *bytes, size_t room)
{
    struct open_file *file = opened;
    ssize_t got;

    do {
        got = read(file->fd, bytes, room < file->left ? room : file->left);
    } while (got < 0 && errno == EINTR);
    if (got > 0)
        file->left -= (size_t)got;
    return got;
}

static void host_close_file(void *opened)
{
    struct open_file *file = opened;

    close(file->fd);
    free(file);
}

static char *host_read_file(void *context, const char *path, size_t *length)
{
    struct open_file *file = host_open_file(context, path, length);
    size_t used = 0;
    ssize_t got = 0;
    char *text;
    int error;

    if (file == NULL)
        return NULL;
    text = malloc(*length + 1);
    while (text != NULL && (got = host_read_piece(file, text + used, *length - used)) > 0)
        used += (size_t)got;
    error = errno;
    host_close_file(file);
    errno = error;
    if (text == NULL || got < 0) {
        free(text);
        return NULL;
    }
    text[used] = '\0';
    *length = used;
    return text;
}

static int host_match(void *context, const char *pattern, struct conf_paths *paths)
{
    glob_t found;
    int result;

    (void)context;
    paths->items = NULL;
    paths->count = 0;
    result = glob(pattern, GLOB_MARK, NULL, &found);
    if (result == GLOB_NOMATCH)
        return 0;
    if (result != 0)
        return result == GLOB_NOSPACE ? ENOMEM : EIO;
    paths->items = calloc(found.gl_pathc, sizeof(*paths->items));
    if (paths->items != NULL) {
        for (size_t i = 0; i < found.gl_pathc; i++)
            paths->items[paths->count++] = strdup(found.gl_pathv[i]);
    }
    globfree(&found);
    return paths->items == NULL ? ENOMEM : 0;
}

static void host_match_free(void *context, struct conf_paths *paths)
{
    (void)context;
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
    paths->items = NULL;
    paths->count = 0;
}

static bool is_number(const char *text, uint32_t *number)
{
    unsigned long value;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtoul(text, &end, 10);
    if (*end != '\0' || errno != 0 || value >= UINT32_MAX)
        return false;
    *number = (uint32_t)value;
    return true;
}

static bool host_find_user(void *context, const char *name, uint32_t *uid, uint32_t *gid)
{
    const struct passwd *entry = getpwnam(name);
    uint32_t number;

    (void)context;
    if (entry == NULL && is_number(name, &number))
        entry = getpwuid(number);
    if (entry == NULL)
        return false;
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return true;
}

static bool host_find_group(void *context, const char *name, uint32_t *gid)
{
    const struct group *entry = getgrnam(name);

    (void)context;
    if (entry == NULL)
        return is_number(name, gid);
    *gid = entry->gr_gid;
    return true;
}

static uint32_t *host_find_groups(void *context, const char *user, uint32_t gid, size_t *count)
{
    uint32_t number, *groups = NULL, *longer;
    const struct passwd *entry = getpwnam(user);
    int found = 16, room = 0;

    (void)context;
    if (entry == NULL && is_number(user, &number))
        entry = getpwuid(number);
    if (entry == NULL)
        return NULL;
    while (room < found) { /* until it says no more that there are more */
        room = found;
        longer = reallocarray(groups, (size_t)room, sizeof(*groups));
        if (longer == NULL)
            abort();
        groups = longer;
        getgrouplist(entry->pw_name, gid, groups, &found);
    }
    *count = (size_t)found;
    return groups;
}

static bool host_has_interface(void *context, const char *name)
{
    (void)context;
    return if_nametoindex(name) != 0;
}

static bool host_speaks_multicast(void *context, const char *name)
{
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool multicast;

    (void)context;
    if (fd < 0)
        return true;
    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
    multicast = ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_MULTICAST) != 0;
    close(fd);
    return multicast;
}

static const char *host_environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

const struct conf_host conf_host_system = {
    .read_file = host_read_file,
    .open_file = host_open_file,
    .read_piece = host_read_piece,
    .close_file = host_close_file,
    .match = host_match,
    .match_free = host_match_free,
    .find_user = host_find_user,
    .find_group = host_find_group,
    .find_groups = host_find_groups,
    .has_interface = host_has_interface,
    .speaks_multicast = host_speaks_multicast,
    .script_files = &script_path_system,
    .environment = host_environment,
};

const char *conf_host_name(char *buffer, size_t size)
{
    if (gethostname(buffer, size) < 0)
        buffer[0] = '\0';
    buffer[size - 1] = '\0';
    buffer[strcspn(buffer, ".")] = '\0';
    return buffer;
}
