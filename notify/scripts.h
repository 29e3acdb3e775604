/*
 * The one funnel of events: what each means for scripts, FIFOs and mail (semantics.md, "Notify order and
 * arguments").
 *
 *     instance or group:  notify_master | _backup | _fault | _stop, as written;
 *                         then notify, with INSTANCE|GROUP, the name, the state and the priority appended
 *     real server:        notify_up | notify_down, as written
 *     virtual server:     quorum_up | quorum_down, as written
 *     other master of lower priority heard:  notify_master_rx_lower_pri, as written
 *
 * then a line for the FIFOs (event_text.h), then the mail process is told.
 *
 * Events name objects by their keys. An event about an object that no configuration has yet is kept until the
 * next one comes: its sender may have been told of it before us. Until all of this has begun an event is in
 * the ledger, from where a successor takes it up.
 */
#ifndef TANDEM_NOTIFY_SCRIPTS_H
#define TANDEM_NOTIFY_SCRIPTS_H

#include "conf/model.h"
#include "daemon/core/messages.h"
#include "notify/fifos.h"
#include "notify/ledger.h"
#include "notify/runner.h"

struct scripts;

/* Where events go; all stay the caller's. */
struct scripts_outlets {
    struct runner *runner;
    struct fifos *fifos;   /* NULL = none */
    struct ledger *ledger; /* NULL = a death loses what has not begun */
    /* NULL = no mail process */
    void (*mail)(enum message_type type, const void *payload, void *data);
    void *data;
};

struct scripts *scripts_new(const struct scripts_outlets *outlets);
void scripts_free(struct scripts *scripts);

/* Takes over the model. */
void scripts_load(struct scripts *scripts, struct conf_model *model);

/* Takes up what a predecessor left in the ledger. After the first scripts_load, before the first event. */
void scripts_take_up(struct scripts *scripts);

/* One of the NOTIFY messages, with its payload. */
void scripts_event(struct scripts *scripts, enum message_type type, const void *payload);

#endif
