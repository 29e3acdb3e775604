/*
 * Script security: may the program a user's script line names be trusted, and can it run at all?
 *
 * Whoever can write to a script, to a directory on the way to it, or can replace a link on that way, decides
 * what the daemon will execute. So every component of the path, links followed, must belong to root and must
 * not be writable by anybody else (semantics.md, "Script security"). Whether an unsafe script is refused or
 * only reported is the caller's decision: it depends on enable_script_security and on the user the script
 * runs as.
 *
 * Two widely used arrangements count as safe: a group-writable component of root's own group, and a directory
 * that all may write to but where only owners may rename (the sticky bit, as on /tmp), for what follows on
 * the path must belong to root.
 */
#ifndef TANDEM_CONF_SCRIPT_PATH_H
#define TANDEM_CONF_SCRIPT_PATH_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum script_path_fault {
    SCRIPT_PATH_GOOD,
    SCRIPT_PATH_UNSAFE,         /* somebody other than root could change what runs */
    SCRIPT_PATH_MISSING,        /* a component does not exist */
    SCRIPT_PATH_NOT_EXECUTABLE, /* not for that user: a directory, no x, or a directory it may not enter */
    SCRIPT_PATH_UNKNOWN,        /* it cannot be looked at */
};

#define SCRIPT_PATH_MESSAGE (PATH_MAX + 160)

/* Whom the program is to run as. */
struct script_path_user {
    uint32_t uid;
    uint32_t gid;
    const uint32_t *groups; /* supplementary ones */
    size_t group_count;
};

struct script_path_finding {
    enum script_path_fault fault;
    char program[PATH_MAX]; /* GOOD, UNSAFE: where the path leads, links followed */
    char
        message[SCRIPT_PATH_MESSAGE]; /* names the component: "/opt is writable by group staff (mode 0775)" */
};

/* The file system as this module sees it, so that tests can make one up. The calls return 0 (read_link: the
 * length of the target) or a negative errno. */
struct script_path_files {
    int (*look)(const char *path, struct stat *status, void *data); /* lstat(2) */
    ssize_t (*read_link)(const char *path, char *target, size_t size, void *data);
    void (*user_name)(uint32_t uid, char *name, size_t size, void *data);
    void (*group_name)(uint32_t gid, char *name, size_t size, void *data);
    void *data;
};

/* The real one. */
extern const struct script_path_files script_path_system;

/* Judges the program at an absolute path, to be run by that user. The worst comes first: what cannot run is
 * reported rather than what is unsafe. */
void script_path_check(const char *path, const struct script_path_user *user,
                       const struct script_path_files *files, struct script_path_finding *finding);

/* Finds a program named without a slash in the system's directories (/usr/local/sbin first). Returns buffer
 * with its absolute path, or NULL. A name with a slash is copied as it is. */
const char *script_path_find(const char *name, const struct script_path_files *files,
                             char buffer[static PATH_MAX]);

#endif
