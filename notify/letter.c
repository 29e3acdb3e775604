/*
 * Writing mails. See letter.h.
 */
#include "notify/letter.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORD_BYTES                                                                                           \
    45 /* of text in one encoded word: with its frame it is shorter than the 75 of RFC 2047                  \
        */

/* ------------------------------------------------------------------ addresses */

const char *letter_address(const char *header, char buffer[static LETTER_ADDRESS_BYTES])
{
    const char *open = strrchr(header, '<');
    const char *close = open == NULL ? NULL : strchr(open, '>');

    if (close != NULL)
        snprintf(buffer, LETTER_ADDRESS_BYTES, "%.*s", (int)(close - open + 1), open);
    else
        snprintf(buffer, LETTER_ADDRESS_BYTES, "<%s>", header);
    return buffer;
}

const char *letter_from(const struct conf_mail *conf, const char *host,
                        char buffer[static LETTER_ADDRESS_BYTES])
{
    if (conf->from != NULL)
        return conf->from;
    snprintf(buffer, LETTER_ADDRESS_BYTES, "root@%s", host);
    return buffer;
}

/* ------------------------------------------------------------------ headers */

/* What a header must not hold, for it would begin another line. */
static void put_clean(FILE *out, const char *text)
{
    for (; *text != '\0'; text++)
        putc((unsigned char)*text < ' ' ? '?' : *text, out);
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80)
            return false;
    }
    return true;
}

static void put_base64(FILE *out, const unsigned char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16;

        three |= i + 1 < length ? (uint32_t)bytes[i + 1] << 8 : 0;
        three |= i + 2 < length ? bytes[i + 2] : 0;
        putc(digits[three >> 18], out);
        putc(digits[three >> 12 & 63], out);
        putc(i + 1 < length ? digits[three >> 6 & 63] : '=', out);
        putc(i + 2 < length ? digits[three & 63] : '=', out);
    }
}

/* The longest piece that ends between two characters of UTF-8. */
static size_t piece_length(const char *text)
{
    size_t length = strlen(text);

    if (length <= WORD_BYTES)
        return length;
    length = WORD_BYTES;
    while (length > WORD_BYTES - 4 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

/* RFC 2047: what is not ASCII goes in encoded words, folded. */
static void put_encoded(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t length = piece_length(text);

        fputs("=?UTF-8?B?", out);
        put_base64(out, (const unsigned char *)text, length);
        text += length;
        fputs(*text != '\0' ? "?=\r\n " : "?=", out);
    }
}

static void put_subject(FILE *out, const char *subject)
{
    fputs("Subject: ", out);
    if (is_plain(subject))
        put_clean(out, subject);
    else
        put_encoded(out, subject);
    fputs("\r\n", out);
}

static struct tm local_time(int64_t wall_ns)
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm when;

    localtime_r(&seconds, &when);
    return when;
}

/* As a header has it. */
static void put_date(FILE *out, int64_t wall_ns)
{
    struct tm when = local_time(wall_ns);
    char text[80];

    text[strftime(text, sizeof(text) - 1, "%a, %d %b %Y %H:%M:%S %z", &when)] = '\0';
    fputs(text, out);
}

static void put_moment(FILE *out, int64_t wall_ns)
{
    struct tm when = local_time(wall_ns);
    char text[80];

    text[strftime(text, sizeof(text) - 1, "%Y-%m-%d %H:%M:%S %z", &when)] = '\0';
    fputs(text, out);
}

static void put_headers(FILE *out, const struct letter *letter, const char *subject)
{
    const struct conf_mail *conf = letter->conf;
    char buffer[LETTER_ADDRESS_BYTES];

    fputs("Date: ", out);
    put_date(out, letter->wall_ns);
    fputs("\r\nFrom: ", out);
    put_clean(out, letter_from(conf, letter->host, buffer));
    fputs("\r\nTo: ", out);
    for (uint32_t i = 0; i < conf->recipients.count; i++) {
        fputs(i > 0 ? ",\r\n " : "", out);
        put_clean(out, conf->recipients.items[i]);
    }
    fputs("\r\n", out);
    put_subject(out, subject);
    fprintf(out, "Message-ID: <%" PRIu64 ".%" PRId64 ".tandem@", letter->number, letter->wall_ns);
    put_clean(out, letter->host);
    fputs(">\r\n"
          "Auto-Submitted: auto-generated\r\n"
          "X-Mailer: tandem " TANDEM_VERSION "\r\n"
          "MIME-Version: 1.0\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: 8bit\r\n"
          "\r\n",
          out);
}

/* ------------------------------------------------------------------ letters */

static FILE *open_text(char **text, size_t *length)
{
    FILE *out = open_memstream(text, length);

    if (out == NULL)
        abort();
    return out;
}

static char *close_text(FILE *out, char **text)
{
    if (fclose(out) != 0)
        abort(); /* no memory */
    return *text;
}

char *letter_single(const struct letter *letter, const struct outbox_alert *alert, size_t *length)
{
    char *text = NULL;
    FILE *out = open_text(&text, length);

    put_headers(out, letter, alert->subject);
    fprintf(out, "%s\r\n\r\nWhen: ", alert->text);
    put_moment(out, alert->wall_ns);
    fprintf(out, "\r\nHost: %s\r\n", letter->host);
    return close_text(out, &text);
}

char *letter_digest(const struct letter *letter, const struct outbox_alert *first, size_t count,
                    uint64_t more, size_t *length)
{
    char subject[320], *text = NULL;
    FILE *out = open_text(&text, length);

    snprintf(subject, sizeof(subject), "[%.256s] %" PRIu64 " alerts", letter->router, count + more);
    put_headers(out, letter, subject);
    fprintf(out, "Host: %s\r\n\r\n", letter->host);
    for (const struct outbox_alert *alert = first; count > 0; count--, alert = TAILQ_NEXT(alert, next)) {
        put_moment(out, alert->wall_ns);
        fprintf(out, " %s\r\n", alert->subject);
    }
    if (more > 0)
        fprintf(out, "\r\nand %" PRIu64 " more, which were not kept while mail could not be sent\r\n", more);
    return close_text(out, &text);
}
