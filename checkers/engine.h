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
struct tls;

/* What the engine has to say to other processes. */
struct engine_callbacks {
    void (*verdict)(const struct verdict *verdict, void *data);          /* to the director */
    void (*open_socket)(const struct check_socket *request, void *data); /* to links */
    void (*run_script)(const struct script_run *run, void *data);        /* to scripts */
    void (*let_answers_lie)(struct span patience, void *data); /* of scripts, so long: it saves wakes */
};

struct engine *engine_new(struct loop *loop, const struct engine_callbacks *callbacks, void *data);
void engine_free(struct engine *engine); /* NULL allowed */

/*
 * Takes over the model, and the board to write to from now on (which stays the caller's). Checks whose key
 * and settings are those of before go on untouched; changed ones keep their state and start as at start; new
 * ones take what the board says of their predecessor, if anything. tls is taken over too; NULL = SSL checks
 * cannot be made.
 */
void engine_load(struct engine *engine, struct conf_model *model, struct tls *tls, struct board *board);

/* ha_suspend: an address of that virtual server is on this machine now, or none is, as before links has
 * spoken. Its checks rest meanwhile. */
void engine_local_server(struct engine *engine, const struct links_local_server *news);

/* The answers: links made a socket (fd is taken over), or could not (-1); scripts ran a script. */
void engine_socket(struct engine *engine, const struct check_socket *answer, int fd);
void engine_script_ran(struct engine *engine, const struct script_ran *ran);

/* scripts read a tracked file, be it one that a check here depends on or not. */
void engine_tracked_file(struct engine *engine, const struct tracked_file *news);

/* That process is new: what it was asked for before will not be answered, which is no result of any check. */
void engine_links_started(struct engine *engine);
void engine_scripts_started(struct engine *engine);

/* Says all that is known again: the listener is new, or may have missed something. */
void engine_tell_all(struct engine *engine);

/* How many checks there are. */
uint32_t engine_count(const struct engine *engine);

#endif
