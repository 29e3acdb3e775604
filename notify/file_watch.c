/*
 * Watching tracked files with inotify. See file_watch.h.
 */
#include "notify/file_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/queue.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "daemon/core/log.h"
#include "notify/file_value.h"

#define LOOK_AGAIN     span_s(1)
#define WATCHED        (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
#define WATCHED_ITSELF (IN_DELETE_SELF | IN_MOVE_SELF)
#define EVENTS_BYTES   (16 * (sizeof(struct inotify_event) + NAME_MAX + 1))

struct file {
    LIST_ENTRY(file) next;
    const struct conf_track_file *conf; /* the model's */
    uint64_t key;
    int directory; /* inotify's number of its directory; -1 = not watched */
    bool is_polled;
    bool exists;
    bool told;
    int32_t value;
    int error; /* of the last attempt to watch or to read, said once */
};

struct file_watch {
    LIST_HEAD(, file) files;
    struct loop *loop;
    file_watch_news *news;
    void *data;
    int inotify;
    struct loop_watch *events;
    struct loop_timer *timer;
};

/* ------------------------------------------------------------------ root's eyes */

struct eyes {
    int uid;
    int gid;
};

static struct eyes open_eyes(void)
{
    struct eyes before = {setfsuid(0), 0};

    before.gid = setfsgid(0);
    return before;
}

static void close_eyes(struct eyes before)
{
    setfsgid((gid_t)before.gid);
    setfsuid((uid_t)before.uid);
}

/* ------------------------------------------------------------------ one file */

static void complain(struct file *file, int error, const char *what)
{
    if (error == file->error)
        return;
    file->error = error;
    if (error != 0)
        log_warning("track_file %s: %s %s: %s", file->conf->name, file->conf->path, what, strerror(error));
}

/* The number; 0 where there is none. False if it cannot be known now. */
static bool read_value(struct file *file, int32_t *value, bool *exists)
{
    char bytes[FILE_VALUE_BYTES];
    ssize_t length;
    int fd = open(file->conf->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    *value = 0;
    *exists = fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
    if (fd < 0) {
        complain(file, *exists ? errno : 0, "cannot be read");
        return !*exists;
    }
    length = read(fd, bytes, sizeof(bytes));
    complain(file, length < 0 ? errno : 0, "cannot be read");
    close(fd);
    if (length < 0)
        return false;
    if (file_value_parse(bytes, (size_t)length, value))
        return true;
    complain(file, ERANGE, "holds a number that is no value");
    return false;
}

static void tell(const struct file_watch *watch, const struct file *file)
{
    struct tracked_file news = {file->key, file->value, file->exists};

    watch->news(&news, watch->data);
}

static void look(struct file_watch *watch, struct file *file)
{
    struct eyes before = open_eyes();
    int32_t value;
    bool exists, known = read_value(file, &value, &exists);

    close_eyes(before);
    if (!known || (file->told && file->value == value && file->exists == exists))
        return;
    file->value = value;
    file->exists = exists;
    file->told = true;
    tell(watch, file);
}

/* On these nobody else's changes are told, or none at all. */
static bool tells_of_changes(const char *directory)
{
    static const long mute[] = {NFS_SUPER_MAGIC,  SMB_SUPER_MAGIC,  0xff534d42,          0xfe534d42,
                                0x65735546,       PROC_SUPER_MAGIC, SYSFS_MAGIC,         CGROUP_SUPER_MAGIC,
                                CEPH_SUPER_MAGIC, AFS_SUPER_MAGIC,  CGROUP2_SUPER_MAGIC, 0x01021997 /* 9p */};
    struct statfs status;

    if (statfs(directory, &status) != 0)
        return true;
    for (size_t i = 0; i < sizeof(mute) / sizeof(mute[0]); i++) {
        if (status.f_type == mute[i])
            return false;
    }
    return true;
}

static void directory_of(const char *path, char directory[static PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    snprintf(directory, PATH_MAX, "%.*s", slash == path ? 1 : (int)(slash - path), path);
}

/* A link is followed: what is written is written where it leads. */
static void watch_directory(struct file_watch *watch, struct file *file)
{
    char real[PATH_MAX], directory[PATH_MAX];
    struct eyes before = open_eyes();

    directory_of(realpath(file->conf->path, real) != NULL ? real : file->conf->path, directory);
    file->is_polled = !tells_of_changes(directory);
    file->directory = inotify_add_watch(watch->inotify, directory, WATCHED | WATCHED_ITSELF | IN_ONLYDIR);
    if (file->directory < 0)
        complain(file, errno, "has a directory that cannot be watched");
    close_eyes(before);
}

/* ------------------------------------------------------------------ events */

static bool needs_another_look(const struct file *file)
{
    return file->is_polled || file->directory < 0;
}

static void arm(struct file_watch *watch)
{
    struct file *file;

    LIST_FOREACH(file, &watch->files, next)
    {
        if (needs_another_look(file)) {
            loop_timer_in(watch->timer, LOOK_AGAIN);
            return;
        }
    }
}

static void look_again(void *data)
{
    struct file_watch *watch = data;
    struct file *file;

    LIST_FOREACH(file, &watch->files, next)
    {
        if (!needs_another_look(file))
            continue;
        if (file->directory < 0)
            watch_directory(watch, file);
        look(watch, file);
    }
    arm(watch);
}

/* The file's name does not matter: a link's target has another one, and to read a file is cheap. */
static void something_happened(struct file_watch *watch, const struct inotify_event *event)
{
    bool gone = (event->mask & (WATCHED_ITSELF | IN_IGNORED)) != 0;
    struct file *file;

    LIST_FOREACH(file, &watch->files, next)
    {
        if ((event->mask & IN_Q_OVERFLOW) == 0 && file->directory != event->wd)
            continue;
        if (gone)
            file->directory = -1;
        look(watch, file);
    }
    if (gone) {
        inotify_rm_watch(watch->inotify, event->wd); /* of one that was moved */
        arm(watch);
    }
}

static void events_came(int fd, unsigned int ready, void *data)
{
    _Alignas(struct inotify_event) char bytes[EVENTS_BYTES];
    struct file_watch *watch = data;
    ssize_t length;

    (void)ready;
    while ((length = read(fd, bytes, sizeof(bytes))) > 0) {
        const struct inotify_event *event;

        for (char *at = bytes; at < bytes + length; at += sizeof(*event) + event->len) {
            event = (const struct inotify_event *)at;
            something_happened(watch, event);
        }
    }
}

/* ------------------------------------------------------------------ life */

struct file_watch *file_watch_new(struct loop *loop, file_watch_news *news, void *data)
{
    struct file_watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL)
        abort();
    watch->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->inotify < 0) {
        free(watch);
        return NULL;
    }
    LIST_INIT(&watch->files);
    watch->loop = loop;
    watch->news = news;
    watch->data = data;
    watch->events = loop_watch_new(loop, watch->inotify, LOOP_READ, events_came, watch);
    watch->timer = loop_timer_new(loop, look_again, watch);
    return watch;
}

static void forget(struct file *file)
{
    LIST_REMOVE(file, next);
    free(file);
}

void file_watch_free(struct file_watch *watch)
{
    if (watch == NULL)
        return;
    while (!LIST_EMPTY(&watch->files))
        forget(LIST_FIRST(&watch->files));
    loop_watch_free(watch->events);
    loop_timer_free(watch->timer);
    close(watch->inotify);
    free(watch);
}

static void initialise(struct file *file)
{
    struct eyes before = open_eyes();
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int fd = open(file->conf->path, flags | (file->conf->init_overwrite ? O_TRUNC : O_EXCL), 0644);

    if (fd >= 0) {
        if (dprintf(fd, "%d\n", file->conf->init_value) < 0)
            complain(file, errno, "cannot be written");
        close(fd);
    } else if (errno != EEXIST) {
        complain(file, errno, "cannot be made");
    }
    close_eyes(before);
}

static struct file *find_or_add(struct file_watch *watch, const struct conf_track_file *conf, bool *moved)
{
    struct file *file;

    LIST_FOREACH(file, &watch->files, next)
    {
        if (file->key == conf->key)
            break;
    }
    *moved = file == NULL || strcmp(file->conf->path, conf->path) != 0;
    if (file == NULL) {
        file = calloc(1, sizeof(*file));
        if (file == NULL)
            abort();
        file->key = conf->key;
        LIST_INSERT_HEAD(&watch->files, file, next);
    }
    file->conf = conf;
    return file;
}

static bool is_wanted(const struct conf_model *model, uint64_t key)
{
    for (uint32_t i = 0; i < model->track_files.count; i++) {
        if (model->track_files.items[i]->key == key)
            return true;
    }
    return false;
}

/* Directories nobody has a file in any more stay watched; their events concern nobody. */
void file_watch_load(struct file_watch *watch, const struct conf_model *model, bool initial)
{
    struct file *file, *next;

    for (file = LIST_FIRST(&watch->files); file != NULL; file = next) {
        next = LIST_NEXT(file, next);
        if (!is_wanted(model, file->key))
            forget(file);
    }
    for (uint32_t i = 0; i < model->track_files.count; i++) {
        bool moved;

        file = find_or_add(watch, model->track_files.items[i], &moved);
        if (!moved)
            continue;
        file->error = 0;
        if (initial && file->conf->init_create)
            initialise(file);
        watch_directory(watch, file);
        look(watch, file);
    }
    arm(watch);
}

void file_watch_tell_all(const struct file_watch *watch)
{
    const struct file *file;

    LIST_FOREACH(file, &watch->files, next)
    {
        if (file->told)
            tell(watch, file);
    }
}
