/*
 * The files of a running daemon: pid file, control socket, IPVS journal, the key of secrets' marks; all named
 * after the pid file, so that two daemons with different -p do not collide.
 */
#ifndef TANDEM_DAEMON_RUN_FILES_H
#define TANDEM_DAEMON_RUN_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/secret_key.h"
#include "daemon/inheritance.h"

struct run_files {
    char *pid_path;
    char *socket_path;
    char *journal_path;
    char *key_path;
    int pid_file;       /* open and locked for as long as we run */
    int control_socket; /* listening; group control_gid may connect */
    int journal;        /* the director's IPVS journal */
};

/* Makes the directory, locks the pid file and opens the rest. False after logging what is in the way: another
 * daemon that holds the lock, a path too long, a directory that cannot be written. */
bool run_files_open(struct run_files *files, const char *pid_path, uint32_t control_gid,
                    const struct conf_secret_key *key);

/* The files that the version before this one had open (an upgrade): nothing can be in the way. */
void run_files_inherit(struct run_files *files, const char *pid_path,
                       const struct inheritance_files *inherited, const struct conf_secret_key *key);

/* Writes our pid; after the daemon has forked into the background. */
bool run_files_write_pid(struct run_files *files);

/* Removes pid file, socket and key; the journal stays if it holds anything. */
void run_files_remove(struct run_files *files);

#endif
