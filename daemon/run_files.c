/*
 * Pid file, control socket, journal, key. See run_files.h.
 */
#include "daemon/run_files.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/core/log.h"

static char *beside(const char *pid_path, const char *suffix)
{
    size_t length = strlen(pid_path);
    char *path;

    if (length > 4 && strcmp(pid_path + length - 4, ".pid") == 0)
        length -= 4;
    if (asprintf(&path, "%.*s%s", (int)length, pid_path, suffix) < 0)
        abort();
    return path;
}

static bool make_directory(const char *pid_path)
{
    char *copy = strdup(pid_path);
    const char *directory = copy == NULL ? NULL : dirname(copy);
    bool made = directory != NULL && (mkdir(directory, 0755) == 0 || errno == EEXIST);

    if (!made)
        log_error("the directory of %s cannot be made: %s", pid_path, strerror(errno));
    free(copy);
    return made;
}

static bool lock_pid_file(struct run_files *files)
{
    char holder[24] = "";

    files->pid_file = open(files->pid_path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (files->pid_file < 0) {
        log_error("the pid file %s cannot be opened: %s", files->pid_path, strerror(errno));
        return false;
    }
    if (flock(files->pid_file, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (read(files->pid_file, holder, sizeof(holder) - 1) < 0)
        holder[0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    log_error("tandemd already runs (pid %s, pid file %s): stop it first, or give this one its own with -p",
              holder, files->pid_path);
    return false;
}

static bool listen_on(struct run_files *files, uint32_t control_gid)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(files->socket_path) >= sizeof(address.sun_path)) {
        log_error("the control socket's path %s is longer than %zu bytes: choose a shorter pid file (-p)",
                  files->socket_path, sizeof(address.sun_path) - 1);
        return false;
    }
    strcpy(address.sun_path, files->socket_path);
    unlink(files->socket_path); /* ours: we hold the pid file's lock */
    files->control_socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (files->control_socket < 0 ||
        bind(files->control_socket, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        chown(files->socket_path, 0, control_gid) != 0 || chmod(files->socket_path, 0660) != 0 ||
        listen(files->control_socket, 16) != 0) {
        log_error("the control socket %s cannot be made: %s", files->socket_path, strerror(errno));
        return false;
    }
    return true;
}

static void name_files(struct run_files *files, const char *pid_path)
{
    *files = (struct run_files){.pid_file = -1, .control_socket = -1, .journal = -1};
    files->pid_path = strdup(pid_path);
    if (files->pid_path == NULL)
        abort();
    files->socket_path = beside(pid_path, ".sock");
    files->journal_path = beside(pid_path, ".ipvs");
    files->key_path = beside(pid_path, ".key");
}

/* All but tandemctl plan works without. */
static void save_key(const struct run_files *files, const struct conf_secret_key *key)
{
    if (!conf_secret_key_save(key, files->key_path))
        log_warning("%s cannot be written (%s): tandemctl plan will not work", files->key_path,
                    strerror(errno));
}

void run_files_inherit(struct run_files *files, const char *pid_path,
                       const struct inheritance_files *inherited, const struct conf_secret_key *key)
{
    name_files(files, pid_path);
    files->pid_file = inherited->pid_file;
    files->control_socket = inherited->control_socket;
    files->journal = inherited->journal;
    save_key(files, key);
}

bool run_files_open(struct run_files *files, const char *pid_path, uint32_t control_gid,
                    const struct conf_secret_key *key)
{
    name_files(files, pid_path);
    if (!make_directory(pid_path) || !lock_pid_file(files) || !listen_on(files, control_gid))
        return false;
    save_key(files, key);
    files->journal = open(files->journal_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (files->journal < 0)
        log_error("the journal %s cannot be opened: %s", files->journal_path, strerror(errno));
    return files->journal >= 0;
}

bool run_files_write_pid(struct run_files *files)
{
    char text[24];
    int length = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    if (ftruncate(files->pid_file, 0) == 0 && pwrite(files->pid_file, text, (size_t)length, 0) == length)
        return true;
    log_error("the pid file %s cannot be written: %s", files->pid_path, strerror(errno));
    return false;
}

void run_files_remove(struct run_files *files)
{
    struct stat status;

    unlink(files->socket_path);
    unlink(files->key_path);
    if (files->journal >= 0 && fstat(files->journal, &status) == 0 && status.st_size == 0)
        unlink(files->journal_path);
    unlink(files->pid_path);
}
