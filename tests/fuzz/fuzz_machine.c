/*
 * A machine made of one input. See fuzz_machine.h.
 */
#include "fuzz_machine.h"

#include <errno.h>
#include <fnmatch.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conf/keywords.h"
#include "conf/script_path.h"

static const char separator[] = "\n%%\n";

/* The printer asks the C library which name a number has; here none has one, on whatever machine this runs.
 */
struct passwd *getpwuid(uid_t uid)
{
    (void)uid;
    return NULL;
}

struct group *getgrgid(gid_t gid)
{
    (void)gid;
    return NULL;
}

/* The index of keywords is the same each time and dear to make, so the linker puts these in its place. */
struct conf_keyword_index *__real_conf_keyword_index_new(void);
struct conf_keyword_index *__wrap_conf_keyword_index_new(void);
void __wrap_conf_keyword_index_free(struct conf_keyword_index *index);

struct conf_keyword_index *__wrap_conf_keyword_index_new(void)
{
    static struct conf_keyword_index *index;

    if (index == NULL)
        index = __real_conf_keyword_index_new();
    return index;
}

void __wrap_conf_keyword_index_free(struct conf_keyword_index *index)
{
    (void)index;
}

/* ${_RANDOM} begins with the time: the same input is always the same configuration. */
time_t __wrap_time(time_t *now);

time_t __wrap_time(time_t *now)
{
    if (now != NULL)
        *now = 1;
    return 1;
}

/* Whatever iproute2 would have in a file is in the last one. */
static const struct fuzz_file *find_file(const struct fuzz_machine *machine, const char *path)
{
    if (strstr(path, "/iproute2/") != NULL)
        return &machine->files[machine->count - 1];
    for (size_t i = 0; i < machine->count; i++) {
        if (strcmp(machine->files[i].path, path) == 0)
            return &machine->files[i];
    }
    errno = strcmp(path, "/fuzz/z") == 0 ? EISDIR : ENOENT;
    return NULL;
}

static char *read_file(void *context, const char *path, size_t *length)
{
    const struct fuzz_file *file = find_file(context, path);
    char *copy;

    if (file == NULL)
        return NULL;
    copy = malloc(file->length + 1);
    if (copy == NULL)
        abort();
    if (file->length > 0)
        memcpy(copy, file->bytes, file->length);
    copy[file->length] = '\0';
    *length = file->length;
    return copy;
}

static void *open_file(void *context, const char *path, size_t *length)
{
    const struct fuzz_file *file = find_file(context, path);
    struct fuzz_file *left;

    if (file == NULL)
        return NULL;
    left = malloc(sizeof(*left));
    if (left == NULL)
        abort();
    *left = *file;
    *length = file->length;
    return left;
}

/* In pieces of 1 to 16 bytes: lines are cut anywhere. */
static ssize_t read_piece(void *file, char *bytes, size_t room)
{
    struct fuzz_file *left = file;
    size_t piece = 1 + left->length % 16;

    if (piece > left->length)
        piece = left->length;
    if (piece > room)
        piece = room;
    if (piece > 0)
        memcpy(bytes, left->bytes, piece);
    left->bytes += piece;
    left->length -= piece;
    return (ssize_t)piece;
}

static int match(void *context, const char *pattern, struct conf_paths *paths)
{
    struct fuzz_machine *machine = context;

    paths->count = 0;
    paths->items = calloc(FUZZ_FILES_MAX + 1, sizeof(*paths->items));
    if (paths->items == NULL)
        abort();
    for (size_t i = 0; i < machine->count; i++) {
        if (fnmatch(pattern, machine->files[i].path, FNM_PATHNAME) == 0)
            paths->items[paths->count++] = strdup(machine->files[i].path);
    }
    if (strcmp(pattern, "/fuzz/z") == 0 ||
        strstr(pattern, "/rt_tables.d/") != NULL) /* and that cannot be read */
        paths->items[paths->count++] = strdup(pattern);
    return strcmp(pattern, "/fuzz/y") == 0 ? EACCES : 0;
}

static void match_free(void *context, struct conf_paths *paths)
{
    (void)context;
    for (size_t i = 0; i < paths->count; i++)
        free(paths->items[i]);
    free(paths->items);
}

/* Numbers count as names, as on a real machine: what is printed has numbers. */
static bool find_user(void *context, const char *name, uint32_t *uid, uint32_t *gid)
{
    char *end;

    (void)context;
    *uid = *gid = 0;
    if (strcmp(name, "root") == 0)
        return true;
    *uid = *gid = (uint32_t)strtoul(name, &end, 10);
    return *name >= '0' && *name <= '9' && *end == '\0';
}

static bool find_group(void *context, const char *name, uint32_t *gid)
{
    uint32_t uid;

    return find_user(context, name, &uid, gid);
}

/* Everybody is in two groups more, by whatever name one asks. */
static uint32_t *find_groups(void *context, const char *user, uint32_t gid, size_t *count)
{
    uint32_t *groups = malloc(3 * sizeof(*groups));

    (void)context;
    (void)user;
    if (groups == NULL)
        abort();
    groups[0] = gid;
    groups[1] = 7;
    groups[2] = 8;
    *count = 3;
    return groups;
}

/* Files of one letter, "/a" or "/bin/a", are of the kind that the letter stands for; all others are programs.
 */
static int look(const char *path, struct stat *status, void *data)
{
    static const char *const folders[] = {
        "/", "/bin", "/tmp", "/usr", "/usr/bin", "/usr/local", "/usr/local/sbin", "/fuzz"};
    const char *slash = strrchr(path, '/');

    (void)data;
    memset(status, 0, sizeof(*status));
    status->st_mode = S_IFREG | 0755;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (strcmp(path, folders[i]) != 0)
            continue;
        status->st_mode = S_IFDIR | (strcmp(path, "/tmp") == 0 ? 01777 : 0755);
        return 0;
    }
    switch (slash == NULL || strlen(slash) != 2 ? '\0' : slash[1]) {
    case 'c':
        status->st_mode = S_IFDIR | 0700;
        break;
    case 'd':
        status->st_mode = S_IFDIR | 0777;
        break;
    case 'g':
        status->st_mode = S_IFREG | 0775;
        status->st_gid = 7;
        break;
    case 'k':
    case 'l':
    case 'n':
    case 'r':
        status->st_mode = S_IFLNK | 0777;
        break;
    case 'm':
        return -ENOENT;
    case 't':
        return -ENOTDIR;
    case 'o':
        status->st_uid = 5;
        break;
    case 'p':
        return -EACCES;
    case 'q':
        status->st_mode = S_IFREG | 0775;
        break;
    case 's':
        status->st_mode = S_IFSOCK | 0755;
        break;
    case 'x':
        status->st_mode = S_IFREG | 0600;
        break;
    }
    return 0;
}

/* "k" leads to itself; where "n" leads cannot be read. */
static ssize_t read_link(const char *path, char *target, size_t size, void *data)
{
    (void)data;
    switch (strrchr(path, '/')[1]) {
    case 'k':
        return snprintf(target, size, "%s", path);
    case 'n':
        return -EIO;
    case 'r':
        return snprintf(target, size, "/bin/echo");
    default:
        return snprintf(target, size, "../bin/echo");
    }
}

static void name_of_number(uint32_t number, char *name, size_t size, void *data)
{
    (void)data;
    snprintf(name, size, "%u", number);
}

static const struct script_path_files script_files = {look, read_link, name_of_number, name_of_number, NULL};

static bool has_interface(void *context, const char *name)
{
    (void)context;
    return strncmp(name, "eth", 3) == 0 || strcmp(name, "lo") == 0;
}

static bool speaks_multicast(void *context, const char *name)
{
    return has_interface(context, name) && strcmp(name, "lo") != 0;
}

static const char *environment(void *context, const char *name)
{
    (void)context;
    return *name == 'P' ? "value" : NULL;
}

static void add_file(struct fuzz_machine *machine, const uint8_t *bytes, size_t length)
{
    struct fuzz_file *file = &machine->files[machine->count];

    snprintf(file->path, sizeof(file->path), "/fuzz/%c", (char)('a' + (int)machine->count));
    file->bytes = bytes;
    file->length = length;
    machine->count++;
}

void fuzz_machine_make(struct fuzz_machine *machine, const uint8_t *bytes, size_t length)
{
    const struct conf_host host = {
        .context = machine,
        .read_file = read_file,
        .open_file = open_file,
        .read_piece = read_piece,
        .close_file = free,
        .match = match,
        .match_free = match_free,
        .find_user = find_user,
        .find_group = find_group,
        .find_groups = find_groups,
        .script_files = &script_files,
        .has_interface = has_interface,
        .speaks_multicast = speaks_multicast,
        .environment = environment,
        .own_uid = 33,
        .own_gid = 34,
    };

    machine->count = 0;
    machine->host = host;
    while (machine->count + 1 < FUZZ_FILES_MAX) {
        const uint8_t *cut = length == 0 ? NULL : memmem(bytes, length, separator, sizeof(separator) - 1);
        size_t piece = cut == NULL ? length : (size_t)(cut - bytes);

        add_file(machine, bytes, piece);
        if (cut == NULL)
            return;
        bytes = cut + sizeof(separator) - 1;
        length -= piece + sizeof(separator) - 1;
    }
    add_file(machine, bytes, length);
}
