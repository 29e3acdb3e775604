/*
 * SMTP replies. See smtp_reply.h.
 */
#include "checkers/smtp_reply.h"

static int is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static void end_line(struct smtp_reply *reply)
{
    const char *head = reply->head;
    size_t length = reply->line_length;

    reply->line_length = 0;
    if (length < 3 || !is_digit(head[0]) || head[0] == '0' || !is_digit(head[1]) || !is_digit(head[2])) {
        reply->state = SMTP_REPLY_FAULTY;
        return;
    }
    if (length > 3 && head[3] == '-')
        return;
    reply->code = (uint16_t)((head[0] - '0') * 100 + (head[1] - '0') * 10 + (head[2] - '0'));
    reply->state = SMTP_REPLY_WHOLE;
}

size_t smtp_reply_take(struct smtp_reply *reply, const uint8_t *bytes, size_t length)
{
    size_t at = 0;

    while (at < length && reply->state == SMTP_REPLY_OPEN) {
        char byte = (char)bytes[at++];

        if (++reply->length > SMTP_REPLY_MAX) {
            reply->state = SMTP_REPLY_FAULTY;
        } else if (byte == '\n') {
            end_line(reply);
        } else if (byte != '\r') {
            if (reply->line_length < sizeof(reply->head))
                reply->head[reply->line_length] = byte;
            reply->line_length++;
        }
    }
    return at;
}
