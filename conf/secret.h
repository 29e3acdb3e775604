/*
 * What stands for a secret where it may not be seen, but where one that changed is to be noticed: a mark made
 * with a key that only root has. Without the key nobody can try passwords out against it.
 */
#ifndef TANDEM_CONF_SECRET_H
#define TANDEM_CONF_SECRET_H

#include <stddef.h>

#include "conf/secret_key.h"

#define CONF_SECRET_MARK 8 /* characters */

/* The first 48 bits of HMAC-SHA-256 (RFC 2104) in base64; with NULL for the key, SECRET_BLANK. */
void conf_secret_mark(const struct conf_secret_key *key, const void *secret, size_t length,
                      char mark[static CONF_SECRET_MARK + 1]);

#endif
