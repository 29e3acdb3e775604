/*
 * What must hold among routers that hear each other, once the network is calm (scenario.h).
 *
 * Let D be the largest delay of an advert, I a router's advert interval, d clock drift, and R the number of
 * adverts a link may lose in a row. All bounds count from the later of the spell's beginning and the calm's.
 *
 * TWO MASTERS. Let H be the better one (higher priority, else higher address), L the other. L goes as soon as
 * it hears H; and H answers at once when it hears L (unless lower_prio_no_advert).
 *   - One has just taken over (fresh): taking over it sent an advert. Is it H, then L hears that within D. Is
 * it L, then H hears it within D and answers, which takes D again: 2 D. Without answers: H's next, I(H) + D.
 *   - Both were masters before they could hear each other: nobody knows of the reconnection, so nothing
 * happens before one of them speaks. That is the least of I(H) + D and, with answers, I(L) + 2 D. It is where
 * the interval comes in: counted from the first advert that crosses, it is 2 D again.
 *   - With losses: one of R + 1 adverts of H gets through: (R + 1) I(H) + D.
 *   preempt and nopreempt do not matter: they rule a backup's conduct, and both are masters. Skew does not
 *   either: it decides whether two backups fire together, not how long they differ.
 *
 * NO MASTER while a healthy router is connected. Its timer was last set at the latest when the last master's
 * last advert arrived, D after it was sent: D + down interval, with the largest interval the router can have
 * learned. Of several, the quickest counts. After priority 0 the skew instead of the down interval. In a sync
 * group the slowest member counts.
 *
 * WRONG MASTER. A healthy backup that may preempt and is better by priority than every master hears nothing
 * that holds it, so its down timer, set D into the spell at the latest, runs out; preempt_delay counts from
 * the first advert heard: D + (R + 1) I + D + delay + down interval.
 *
 * RESTLESS. When all three have had time one after the other, no state changes any more.
 *
 * Every bound is stretched by the drift. Members of one node's sync group have the same priority here: with
 * crossed priorities (each of two nodes better on one network) two masters both give way to each other, which
 * no machine of this kind can prevent.
 */
#ifndef TANDEM_SIM_CONVERGENCE_H
#define TANDEM_SIM_CONVERGENCE_H

#include "tests/sim/world.h"

/* The network is calm from now on; component[i] == component[j]: the two hear each other. zero_was_sent: it
 * begins with a settled master that sent priority 0. */
void sim_convergence_begin(struct sim_world *world, const unsigned int component[], bool zero_was_sent);
void sim_convergence_end(struct sim_world *world);

/* States changed: spells begin and end. */
void sim_convergence_look(struct sim_world *world);

#endif
