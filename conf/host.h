/*
 * The machine as the configuration language sees it: files, users, interfaces, environment.
 *
 * The parser asks the machine only through this table, so that it has no hidden global state and a test can
 * give it any machine. conf_host_system is the real one.
 */
#ifndef TANDEM_CONF_HOST_H
#define TANDEM_CONF_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Paths that a pattern matched. A directory's name ends in '/'. */
struct conf_paths {
    char **items;
    size_t count;
};

struct script_path_files;

struct conf_host {
    void *context; /* passed to every call */

    /* The whole file as malloc()ed memory with a zero behind it, for the caller to free, or NULL with errno:
     * EISDIR for what is not a regular file, ENOEXEC for one with an executable bit (it is a program, not a
     * configuration). */
    char *(*read_file)(void *context, const char *path, size_t *length);

    /* The same piece by piece; open_file may be NULL where read_file is as good. The next bytes of the file,
     * room at most; 0 at its end, which is not behind *length, -1 with errno. */
    void *(*open_file)(void *context, const char *path, size_t *length);
    ssize_t (*read_piece)(void *file, char *bytes, size_t room);
    void (*close_file)(void *file);

    /* Files a shell pattern matches (no braces), sorted. 0, also if none matches, or an errno. */
    int (*match)(void *context, const char *pattern, struct conf_paths *paths);
    void (*match_free)(void *context, struct conf_paths *paths);

    /* False if there is no such user; *gid becomes its own group. A number counts as a name. */
    bool (*find_user)(void *context, const char *name, uint32_t *uid, uint32_t *gid);
    bool (*find_group)(void *context, const char *name, uint32_t *gid);

    /* The groups that user is in, gid among them, as malloc()ed memory for the caller to free; NULL if they
     * are not known. */
    uint32_t *(*find_groups)(void *context, const char *user, uint32_t gid, size_t *count);

    /* NULL: interfaces are not looked for. */
    bool (*has_interface)(void *context, const char *name);
    /* NULL: all do. False also for an interface that is not there. */
    bool (*speaks_multicast)(void *context, const char *name);

    /* Where the programs of scripts are looked for; NULL: they are not. */
    const struct script_path_files *script_files;

    /* NULL if unset. */
    const char *(*environment)(void *context, const char *name);

    /* The user scripts run as when the configuration names none and keepalived_script does not exist. */
    uint32_t own_uid;
    uint32_t own_gid;
};

extern const struct conf_host conf_host_system;

/* The host's name up to the first dot: the default configuration id. Returns buffer. */
const char *conf_host_name(char *buffer, size_t size);

#endif
