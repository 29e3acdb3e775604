/*
 * Which scripts an event runs, with which words (semantics.md, "Notify order and arguments").
 *
 *     instance or group:  notify_master | _backup | _fault | _stop, as written;
 *                         then notify, with INSTANCE|GROUP, the name, the state and the priority appended
 *     real server:        notify_up | notify_down, as written
 *     virtual server:     quorum_up | quorum_down, as written
 *
 * Events name objects by their keys. An event about an object that no configuration has yet is kept until the
 * next one comes: its sender may have been told of it before us.
 */
#ifndef TANDEM_NOTIFY_SCRIPTS_H
#define TANDEM_NOTIFY_SCRIPTS_H

#include "conf/model.h"
#include "daemon/core/messages.h"
#include "notify/runner.h"

struct scripts;

/* The runner stays the caller's. */
struct scripts *scripts_new(struct runner *runner);
void scripts_free(struct scripts *scripts);

/* Takes over the model. */
void scripts_load(struct scripts *scripts, struct conf_model *model);

/* One of NOTIFY_INSTANCE, _GROUP, _REAL_SERVER, _QUORUM, with its payload. */
void scripts_event(struct scripts *scripts, enum message_type type, const void *payload);

#endif
