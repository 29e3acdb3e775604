/*
 * Marks for secrets. See secret.h.
 */
#include "conf/secret.h"

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <string.h>

#include "conf/layout.h"

#define MARK_BYTES (CONF_SECRET_MARK / 4 * 3)

_Static_assert(sizeof(SECRET_BLANK) == CONF_SECRET_MARK + 1, "a mark has the length of a blank");

void conf_secret_mark(const struct conf_secret_key *key, const void *secret, size_t length,
                      char mark[static CONF_SECRET_MARK + 1])
{
    struct hmac_sha256_ctx context;
    uint8_t digest[MARK_BYTES];

    if (key == NULL) {
        strcpy(mark, SECRET_BLANK);
        return;
    }
    hmac_sha256_set_key(&context, sizeof(key->bytes), key->bytes);
    hmac_sha256_update(&context, length, secret);
    hmac_sha256_digest(&context, sizeof(digest), digest);
    base64_encode_raw(mark, sizeof(digest), digest);
    mark[CONF_SECRET_MARK] = '\0';
    explicit_bzero(&context, sizeof(context));
}
