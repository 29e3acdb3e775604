/*
 * The key that marks for secrets are made with (secret.h): the supervisor makes one, the reader is told it,
 * and tandemctl finds it in a file that only root may read.
 */
#ifndef TANDEM_CONF_SECRET_KEY_H
#define TANDEM_CONF_SECRET_KEY_H

#include <stdbool.h>
#include <stdint.h>

struct conf_secret_key {
    uint8_t bytes[32];
};

/* A random one. False with errno. */
bool conf_secret_key_make(struct conf_secret_key *key);

/* To and from a file of mode 0600; whatever was at that path before is removed. False with errno; EINVAL =
 * the file holds no key. */
bool conf_secret_key_save(const struct conf_secret_key *key, const char *path);
bool conf_secret_key_read(struct conf_secret_key *key, const char *path);

#endif
