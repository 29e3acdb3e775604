/*
 * The environment that users' scripts get. Pure.
 */
#ifndef TANDEM_NOTIFY_ENVIRONMENT_H
#define TANDEM_NOTIFY_ENVIRONMENT_H

/* What a script gets when the daemon was started without a PATH. */
#define ENVIRONMENT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A new array for the caller to free; the strings are those of given. Left out: what changes how programs are
 * loaded or shells read (LD_*, IFS), and what systemd meant for the daemon alone. */
char **environment_for_scripts(char *const *given);

#endif
