/*
 * The FIFOs of the configuration with their readers: one for all events, one for VRRP's, one for the
 * balancer's.
 */
#ifndef TANDEM_NOTIFY_FIFOS_H
#define TANDEM_NOTIFY_FIFOS_H

#include "conf/model.h"
#include "daemon/core/loop.h"
#include "notify/custody.h"

enum fifo_topic {
    FIFO_TOPIC_VRRP,
    FIFO_TOPIC_LVS,
};

struct fifos;

struct fifos *fifos_new(struct loop *loop, struct custody *custody);

/* Opens, closes, starts and ends what the configuration changes; the rest is not touched. The first time
 * takes over what a predecessor left and ends what is not wanted of it. The model stays the caller's. */
void fifos_load(struct fifos *fifos, const struct conf_global *global);

/* A line (event_text.h) for the FIFO of that topic and the one of all. */
void fifos_write(struct fifos *fifos, enum fifo_topic topic, const char *line);

/* Closes all; readers that see the end have patience to end by themselves, then are told to. done is called
 * once, when none runs any more. */
void fifos_finish(struct fifos *fifos, struct span patience, void (*done)(void *data), void *data);

#endif
