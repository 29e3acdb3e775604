/*
 * How many requests go into one send: so many that the kernel is done within a millisecond. Pure arithmetic.
 *
 * The kernel works a whole send off under its RTNL lock; what it takes differs by family and grows with the
 * number of addresses, so it is learned from the sends before.
 */
#ifndef TANDEM_KERNEL_BATCH_PACE_H
#define TANDEM_KERNEL_BATCH_PACE_H

#include <stddef.h>

#include "daemon/core/time.h"

#define BATCH_MAX    256
#define BATCH_BUDGET span_us(800) /* below 1 ms, for the cost grows while we learn it */

/* Size of the next send, after one of count requests took that long; 1..BATCH_MAX, at most four times count.
 */
size_t batch_pace(size_t count, struct span took);

#endif
