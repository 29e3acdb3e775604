/*
 * What a reload leaves in files for those who make configurations: the flag that is there while one is being
 * read (reload_file), and what there is to say of a new one (reload_check_config FILE).
 */
#ifndef TANDEM_DAEMON_RELOAD_FILES_H
#define TANDEM_DAEMON_RELOAD_FILES_H

#include <stdint.h>

#include "conf/model.h"

/* Makes the flag, or empties one that somebody else made; lower removes it. Nothing (or the failure logged)
 * if the settings do not ask for one; they may be NULL. pid_path names it where they do not. */
void reload_flag_raise(const struct conf_daemon *settings, const char *pid_path);
void reload_flag_lower(const struct conf_daemon *settings, const char *pid_path);

/* Replaces the file, if the settings ask for one. mode: its permissions. */
void reload_log_write(const struct conf_daemon *settings, const char *text, uint32_t mode);

#endif
