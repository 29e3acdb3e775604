/*
 * A log line for every address that comes or goes on this machine (-a), and none for those that are only
 * renewed or listed again.
 */
#ifndef TANDEM_KERNEL_ADDRESS_LOG_H
#define TANDEM_KERNEL_ADDRESS_LOG_H

#include <stdbool.h>

#include "daemon/kernel/address_codec.h"

struct address_log;

struct address_log *address_log_new(void); /* never NULL */

/* The kernel says that an address exists, or does not any more. interface is its name, NULL if that is gone.
 */
void address_log_note(struct address_log *log, const struct kernel_address *address, bool exists,
                      const char *interface);

#endif
