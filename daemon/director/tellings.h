/*
 * What the director has to tell scripts, in order.
 *
 * In a reload the director is served first, so that the kernel has its change soonest; until scripts knows
 * the names of the new configuration too, what happens waits here.
 */
#ifndef TANDEM_DIRECTOR_TELLINGS_H
#define TANDEM_DIRECTOR_TELLINGS_H

#include <stdbool.h>

#include "daemon/core/messages.h"

struct tellings;

typedef void tellings_send(enum message_type type, const void *payload, void *data);

/* At first closed: nothing is sent. */
struct tellings *tellings_new(tellings_send *send, void *data);
void tellings_free(struct tellings *tellings); /* forgets what waits; NULL allowed */

/* What comes now waits. */
void tellings_close(struct tellings *tellings);

/* Sends what waits, in the order it came; what comes now is sent at once. */
void tellings_open(struct tellings *tellings);

void tellings_real_server(struct tellings *tellings, const struct notify_real_server *message);
void tellings_quorum(struct tellings *tellings, const struct notify_quorum *message);

#endif
