/*
 * Pid files of single child processes (-r, -c), for what watches them from outside.
 */
#ifndef TANDEM_DAEMON_PID_FILE_H
#define TANDEM_DAEMON_PID_FILE_H

#include <sys/types.h>

/* Writes the file, in place of any other of that name. A failure is logged. path NULL: does nothing. */
void pid_file_write(const char *path, pid_t pid);

/* Removes it; path NULL: does nothing. */
void pid_file_remove(const char *path);

#endif
