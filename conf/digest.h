/*
 * The canonical text of a configuration, and the digest that names it in status and metrics.
 *
 * Two files that mean the same have the same text: defaults are filled in, comments, order of words and file
 * names are gone. Secrets are blanked, so the digest may be shown to anybody; a changed password alone does
 * not change it, and nobody may conclude from equal digests that there is nothing to reload.
 */
#ifndef TANDEM_CONF_DIGEST_H
#define TANDEM_CONF_DIGEST_H

#include "conf/model.h"

/* 32 hexadecimal digits and the terminator. */
#define CONF_DIGEST_TEXT 33

/* The canonical text, terminated, for the caller to free. *length (may be NULL) becomes its length. */
char *conf_canonical_text(const struct conf_model *model, size_t *length);

/* The first 128 bits of the SHA-256 of the canonical text. */
void conf_digest(const struct conf_model *model, uint8_t digest[static 16]);

/* In hexadecimal; returns buffer. */
const char *conf_digest_text(const uint8_t digest[static 16], char buffer[static CONF_DIGEST_TEXT]);

#endif
