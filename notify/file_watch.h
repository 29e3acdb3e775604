/*
 * Tracked files: their numbers, told when they change.
 *
 * The directory is watched, for a file may come, go and be renamed into place. Where the kernel cannot tell
 * (a directory that is missing, network and other file systems without notices) the file is read every
 * second.
 *
 * This lives in the scripts process, which may become any user anyway: it reads with root's eyes (file system
 * user 0), as the files of operators' scripts may be root's alone, without a capability more for anybody.
 */
#ifndef TANDEM_NOTIFY_FILE_WATCH_H
#define TANDEM_NOTIFY_FILE_WATCH_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

struct file_watch;

typedef void file_watch_news(const struct tracked_file *file, void *data);

/* NULL with errno if the kernel gives no inotify descriptor. */
struct file_watch *file_watch_new(struct loop *loop, file_watch_news *news, void *data);
void file_watch_free(struct file_watch *watch); /* NULL allowed */

/* The model must live until the next call. initial: the daemon has just started, so init_file is obeyed. */
void file_watch_load(struct file_watch *watch, const struct conf_model *model, bool initial);

/* Tells of every file: to somebody who has just come. */
void file_watch_tell_all(const struct file_watch *watch);

#endif
