/*
 * SMTP replies, as they arrive: "250-first", "250 last" (RFC 5321, 4.2). Pure; bounded memory.
 */
#ifndef TANDEM_CHECKERS_SMTP_REPLY_H
#define TANDEM_CHECKERS_SMTP_REPLY_H

#include <stddef.h>
#include <stdint.h>

enum smtp_reply_state {
    SMTP_REPLY_OPEN, /* more is to come */
    SMTP_REPLY_WHOLE,
    SMTP_REPLY_FAULTY, /* no SMTP, or longer than SMTP_REPLY_MAX */
};

#define SMTP_REPLY_MAX 8192u

/* Read state and code; the rest is the parser's own. Zeroed = at the begin. */
struct smtp_reply {
    enum smtp_reply_state state;
    uint16_t code; /* 100..999 once the reply is whole */
    char head[4];  /* of the current line */
    size_t line_length;
    size_t length;
};

/* Takes bytes up to the end of the reply; how many it took. */
size_t smtp_reply_take(struct smtp_reply *reply, const uint8_t *bytes, size_t length);

#endif
