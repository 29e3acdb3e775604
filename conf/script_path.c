/*
 * Walking a path component by component, links followed, as the kernel would. See script_path.h.
 *
 * Pure over struct script_path_files.
 */
#include "conf/script_path.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX  40 /* as path_resolution(7) */
#define NAME_BYTES 64

struct walk {
    const struct script_path_files *files;
    struct script_path_finding *finding;
    const struct script_path_user *user;
    char done[PATH_MAX]; /* resolved so far: "" is the root */
    char rest[PATH_MAX]; /* still to go */
    unsigned int links;
    bool at_program; /* the last component looked at was no directory */
};

/* ------------------------------------------------------------------ findings */

/* The first finding stays, unless it was only "unsafe" and this one says that the script cannot run. */
static void found(struct walk *walk, enum script_path_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void found(struct walk *walk, enum script_path_fault fault, const char *format, ...)
{
    struct script_path_finding *finding = walk->finding;
    va_list arguments;

    if (finding->fault != SCRIPT_PATH_GOOD && finding->fault != SCRIPT_PATH_UNSAFE)
        return;
    if (finding->fault == SCRIPT_PATH_UNSAFE && fault == SCRIPT_PATH_UNSAFE)
        return;
    finding->fault = fault;
    va_start(arguments, format);
    vsnprintf(finding->message, sizeof(finding->message), format, arguments);
    va_end(arguments);
}

static const char *shown(const struct walk *walk)
{
    return walk->done[0] == '\0' ? "/" : walk->done;
}

static unsigned int mode_bits(const struct stat *status)
{
    return (unsigned int)status->st_mode & 07777U;
}

static bool is_in_group(const struct script_path_user *user, gid_t gid)
{
    for (size_t i = 0; i < user->group_count; i++) {
        if (user->groups[i] == gid)
            return true;
    }
    return user->gid == gid;
}

/* The x bit that counts for the user; root needs any (for a directory: none). */
static bool may_execute(const struct walk *walk, const struct stat *status)
{
    if (walk->user->uid == 0)
        return S_ISDIR(status->st_mode) || (status->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    if (status->st_uid == walk->user->uid)
        return (status->st_mode & S_IXUSR) != 0;
    if (is_in_group(walk->user, status->st_gid))
        return (status->st_mode & S_IXGRP) != 0;
    return (status->st_mode & S_IXOTH) != 0;
}

static void judge_use(struct walk *walk, const struct stat *status)
{
    const struct script_path_files *files = walk->files;
    char user[NAME_BYTES], owner[NAME_BYTES];
    bool directory = S_ISDIR(status->st_mode);

    if (may_execute(walk, status))
        return;
    files->user_name(walk->user->uid, user, sizeof(user), files->data);
    files->user_name(status->st_uid, owner, sizeof(owner), files->data);
    found(walk, SCRIPT_PATH_NOT_EXECUTABLE, "%s %s by user %s (mode %04o, owner %s)", shown(walk),
          directory ? "cannot be entered" : "is not executable", user, mode_bits(status), owner);
}

static void judge_safety(struct walk *walk, const struct stat *status)
{
    const struct script_path_files *files = walk->files;
    bool sticky = S_ISDIR(status->st_mode) && (status->st_mode & S_ISVTX) != 0;
    char name[NAME_BYTES];

    if (status->st_uid != 0) {
        files->user_name(status->st_uid, name, sizeof(name), files->data);
        found(walk, SCRIPT_PATH_UNSAFE, "%s is owned by %s, not by root", shown(walk), name);
        return;
    }
    if (S_ISLNK(status->st_mode) || sticky)
        return;
    if (status->st_mode & S_IWOTH) {
        found(walk, SCRIPT_PATH_UNSAFE, "%s is writable by everybody (mode %04o)", shown(walk),
              mode_bits(status));
    } else if ((status->st_mode & S_IWGRP) && status->st_gid != 0) {
        files->group_name(status->st_gid, name, sizeof(name), files->data);
        found(walk, SCRIPT_PATH_UNSAFE, "%s is writable by group %s (mode %04o)", shown(walk), name,
              mode_bits(status));
    }
}

/* ------------------------------------------------------------------ the walk */

/* Cuts the next component off the front of rest; false at the end. */
static bool next_component(struct walk *walk, char component[static NAME_MAX + 2])
{
    const char *start = walk->rest + strspn(walk->rest, "/");
    size_t length = strcspn(start, "/");

    if (length == 0)
        return false;
    if (length > NAME_MAX + 1)
        length = NAME_MAX + 1; /* too long to exist, as looking at it will show */
    memcpy(component, start, length);
    component[length] = '\0';
    memmove(walk->rest, start + length, strlen(start + length) + 1);
    return true;
}

static void go_up(struct walk *walk)
{
    char *slash = strrchr(walk->done, '/');

    if (slash != NULL)
        *slash = '\0';
}

static bool go_down(struct walk *walk, const char *component)
{
    size_t length = strlen(walk->done);

    if (length + 1 + strlen(component) >= sizeof(walk->done)) {
        found(walk, SCRIPT_PATH_UNKNOWN, "the path is longer than %d bytes", PATH_MAX);
        return false;
    }
    walk->done[length] = '/';
    strcpy(walk->done + length + 1, component);
    return true;
}

static bool follow_link(struct walk *walk)
{
    char target[PATH_MAX], rest[PATH_MAX];
    ssize_t length = walk->files->read_link(walk->done, target, sizeof(target) - 1, walk->files->data);

    if (length < 0) {
        found(walk, SCRIPT_PATH_UNKNOWN, "the link %s cannot be read: %s", walk->done,
              strerror((int)-length));
        return false;
    }
    if (++walk->links > LINKS_MAX) {
        found(walk, SCRIPT_PATH_UNKNOWN, "%s: more than %d links in a row", walk->done, LINKS_MAX);
        return false;
    }
    target[length] = '\0';
    strcpy(rest, walk->rest);
    if ((size_t)length + 1 + strlen(rest) >= sizeof(walk->rest)) {
        found(walk, SCRIPT_PATH_UNKNOWN, "the link %s leads to a path that is too long", walk->done);
        return false;
    }
    strcpy(walk->rest, target);
    strcat(walk->rest, "/");
    strcat(walk->rest, rest);
    if (target[0] == '/')
        walk->done[0] = '\0';
    else
        go_up(walk);
    return true;
}

/* Looks at .done; false ends the walk. */
static bool look_here(struct walk *walk)
{
    struct stat status;
    int error = walk->files->look(shown(walk), &status, walk->files->data);

    if (error == -ENOENT || error == -ENOTDIR) {
        found(walk, SCRIPT_PATH_MISSING, "%s does not exist", shown(walk));
        return false;
    }
    if (error != 0) {
        found(walk, SCRIPT_PATH_UNKNOWN, "%s cannot be examined: %s", shown(walk), strerror(-error));
        return false;
    }
    judge_safety(walk, &status);
    if (S_ISLNK(status.st_mode))
        return follow_link(walk);
    judge_use(walk, &status);
    walk->at_program = !S_ISDIR(status.st_mode);
    if (walk->at_program && !S_ISREG(status.st_mode)) {
        found(walk, SCRIPT_PATH_NOT_EXECUTABLE, "%s is not a regular file", shown(walk));
        return false;
    }
    return true;
}

static void walk_path(struct walk *walk)
{
    char component[NAME_MAX + 2];

    if (!look_here(walk))
        return;
    while (next_component(walk, component)) {
        if (walk->at_program) {
            found(walk, SCRIPT_PATH_MISSING, "%s is not a directory", shown(walk));
            return;
        }
        if (strcmp(component, ".") == 0)
            continue;
        if (strcmp(component, "..") == 0) {
            go_up(walk);
            continue;
        }
        if (!go_down(walk, component) || !look_here(walk))
            return;
    }
    if (!walk->at_program)
        found(walk, SCRIPT_PATH_NOT_EXECUTABLE, "%s is a directory, not a program", shown(walk));
}

void script_path_check(const char *path, const struct script_path_user *user,
                       const struct script_path_files *files, struct script_path_finding *finding)
{
    struct walk walk = {.files = files, .finding = finding, .user = user};

    finding->program[0] = '\0';
    finding->fault = SCRIPT_PATH_GOOD;
    finding->message[0] = '\0';
    if (path[0] != '/') {
        found(&walk, SCRIPT_PATH_UNSAFE, "%.200s is not an absolute path", path);
        return;
    }
    if (strlen(path) >= sizeof(walk.rest)) {
        found(&walk, SCRIPT_PATH_UNKNOWN, "the path is longer than %d bytes", PATH_MAX);
        return;
    }
    strcpy(walk.rest, path);
    walk_path(&walk);
    strcpy(finding->program, walk.done);
}

const char *script_path_find(const char *name, const struct script_path_files *files,
                             char buffer[static PATH_MAX])
{
    static const char *const directories[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                              "/usr/bin",        "/sbin",          "/bin"};
    struct stat status;

    if (strlen(name) + sizeof("/usr/local/sbin/") > PATH_MAX)
        return NULL;
    if (strchr(name, '/') != NULL)
        return strcpy(buffer, name);
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        snprintf(buffer, PATH_MAX, "%s/%s", directories[i], name);
        if (files->look(buffer, &status, files->data) == 0 && !S_ISDIR(status.st_mode))
            return buffer;
    }
    return NULL;
}

/* ------------------------------------------------------------------ the real file system */

static int look_at_file(const char *path, struct stat *status, void *data)
{
    (void)data;
    return lstat(path, status) == 0 ? 0 : -errno;
}

static ssize_t read_real_link(const char *path, char *target, size_t size, void *data)
{
    ssize_t length = readlink(path, target, size);

    (void)data;
    return length >= 0 ? length : -errno;
}

static void name_user(uint32_t uid, char *name, size_t size, void *data)
{
    const struct passwd *user = getpwuid(uid);

    (void)data;
    if (user != NULL)
        snprintf(name, size, "%s", user->pw_name);
    else
        snprintf(name, size, "%u", uid);
}

static void name_group(uint32_t gid, char *name, size_t size, void *data)
{
    const struct group *group = getgrgid(gid);

    (void)data;
    if (group != NULL)
        snprintf(name, size, "%s", group->gr_name);
    else
        snprintf(name, size, "%u", gid);
}

const struct script_path_files script_path_system = {look_at_file, read_real_link, name_user, name_group,
                                                     NULL};
