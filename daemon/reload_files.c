/*
 * Files of reloads. See reload_files.h.
 */
#include "daemon/reload_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "daemon/dump_file.h"

#define SUFFIX ".reload"

/* The caller frees it; NULL = there is to be none. */
static char *flag_path(const struct conf_daemon *settings, const char *pid_path)
{
    size_t length = pid_path == NULL ? 0 : strlen(pid_path);
    char *path = NULL;

    if (settings == NULL || !settings->reload_flag || (settings->reload_flag_file == NULL && length == 0))
        return NULL;
    if (settings->reload_flag_file != NULL) {
        if (asprintf(&path, "%s", settings->reload_flag_file) < 0)
            abort();
        return path;
    }
    if (length > 4 && strcmp(pid_path + length - 4, ".pid") == 0)
        length -= 4;
    if (asprintf(&path, "%.*s" SUFFIX, (int)length, pid_path) < 0)
        abort();
    return path;
}

void reload_flag_raise(const struct conf_daemon *settings, const char *pid_path)
{
    char *path = flag_path(settings, pid_path);
    int fd = path == NULL
                 ? -1
                 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);

    if (fd >= 0)
        close(fd);
    else if (path != NULL)
        log_warning("reload_file %s cannot be made: %s", path, strerror(errno));
    free(path);
}

void reload_flag_lower(const struct conf_daemon *settings, const char *pid_path)
{
    char *path = flag_path(settings, pid_path);

    if (path != NULL && unlink(path) != 0 && errno != ENOENT)
        log_warning("reload_file %s cannot be removed: %s", path, strerror(errno));
    free(path);
}

/* Another file takes its place, so that nobody reads half of it; a device or a link is left as it is. */
static bool may_be_replaced(const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return errno == ENOENT;
    errno = EEXIST;
    return S_ISREG(status.st_mode);
}

static bool write_all(int fd, const char *text)
{
    size_t length = strlen(text);

    while (length > 0) {
        ssize_t written = write(fd, text, length);

        if (written < 0)
            return false;
        text += written;
        length -= (size_t)written;
    }
    return true;
}

void reload_log_write(const struct conf_daemon *settings, const char *text, uint32_t mode)
{
    const char *path = settings == NULL || !settings->reload_check ? NULL : settings->reload_log;
    struct dump_file *file;
    int fd = -1;

    if (path == NULL)
        return;
    file = may_be_replaced(path) ? dump_file_new(path, mode, &fd) : NULL;
    if (file == NULL || !write_all(fd, text) || !dump_file_commit(file))
        log_warning("reload_check_config %s cannot be written: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    dump_file_free(file);
}
