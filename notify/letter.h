/*
 * A mail as text (RFC 5322), and the addresses its envelope needs. Pure.
 */
#ifndef TANDEM_NOTIFY_LETTER_H
#define TANDEM_NOTIFY_LETTER_H

#include <stddef.h>
#include <stdint.h>

#include "conf/model.h"
#include "notify/outbox.h"

struct letter {
    const struct conf_mail *conf;
    const char *router; /* router_id */
    const char *host;
    uint64_t number; /* with the time it makes the Message-ID */
    int64_t wall_ns; /* now */
};

/* One alert. The caller frees the text; *length is without a terminating zero that is there too. */
char *letter_single(const struct letter *letter, const struct outbox_alert *alert, size_t *length);

/* count alerts from first on, as a list; more of them were not kept. */
char *letter_digest(const struct letter *letter, const struct outbox_alert *first, size_t count,
                    uint64_t more, size_t *length);

/* "<alice@example.org>" of "Alice <alice@example.org>" or "alice@example.org". Returns buffer. */
#define LETTER_ADDRESS_BYTES 512
const char *letter_address(const char *header, char buffer[static LETTER_ADDRESS_BYTES]);

/* notification_email_from, or root at the host. Returns it or buffer. */
const char *letter_from(const struct conf_mail *conf, const char *host,
                        char buffer[static LETTER_ADDRESS_BYTES]);

#endif
