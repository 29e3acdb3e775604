/*
 * The check engine: runs all checks of this process, and is the one funnel for what they find.
 *
 * It starts attempts as schedule.h says, gives them up at their deadline, feeds outcomes to standing.h,
 * writes the board, logs changes in words, and hands verdicts to its owner. Lateness of our own is never held
 * against a server: after a pause all deadlines move, and no attempt is given up before its socket was read
 * once more.
 */
#ifndef TANDEM_CHECKERS_ENGINE_H
#define TANDEM_CHECKERS_ENGINE_H

#include "conf/model.h"
#include "daemon/core/board.h"
#include "daemon/core/loop.h"
#include "daemon/core/messages.h"

struct engine;

typedef void engine_verdict_callback(const struct verdict *verdict, void *data);

struct engine *engine_new(struct loop *loop, engine_verdict_callback *callback, void *data);
void engine_free(struct engine *engine); /* NULL allowed */

/*
 * Takes over the model, and the board to write to from now on (which stays the caller's). Checks whose key
 * and settings are those of before go on untouched; changed ones keep their state and start as at start; new
 * ones take what the board says of their predecessor, if anything.
 */
void engine_load(struct engine *engine, struct conf_model *model, struct board *board);

/* Says all that is known again: the listener is new, or may have missed something. */
void engine_tell_all(struct engine *engine);

/* How many checks there are. */
uint32_t engine_count(const struct engine *engine);

#endif
