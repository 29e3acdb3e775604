/*
 * The files that signals ask for: the supervisor opens them, ctl writes them.
 *
 * They lie in /tmp by default, where anybody may have put anything: a new file of a name nobody can guess is
 * made, owned by us, and takes the place of what bears the name when it is complete. No link is followed, and
 * a reader finds the whole old file or the whole new one.
 */
#ifndef TANDEM_DAEMON_DUMP_FILE_H
#define TANDEM_DAEMON_DUMP_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/model.h"
#include "daemon/core/messages.h"

struct dump_file;

/* Opens a new file in the directory of path. mode is what remains of 0666 after the umask. NULL with errno;
 * *fd becomes the descriptor to write to, for the caller to close. */
struct dump_file *dump_file_new(const char *path, unsigned int mode, int *fd);

/* The file takes its place under its name. False with errno. */
bool dump_file_commit(struct dump_file *file);

/* Removes it unless it was committed; NULL allowed. */
void dump_file_free(struct dump_file *file);

/* Where the file of that kind belongs: as configured, with instance and namespace (NULL = none) in its name
 * if the settings say so. The caller frees it. */
char *dump_path(enum dump_kind kind, const struct conf_daemon *settings, const char *network_namespace);

#endif
