/*
 * libcurl in our event loop. See smtp.h.
 */
#include "notify/smtp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "daemon/core/log.h"
#include "notify/letter.h"

#define RESPONSE_TIMEOUT_S 60L  /* for the answer to one command */
#define TRANSFER_TIMEOUT_S 120L /* for a whole mail, once connected */
#define QUIT_TIMEOUT_S     2L
#define RESPONSE_BYTES     200
#define WHY_BYTES          512
#define URL_BYTES          1024

enum work {
    WORK_NONE,
    WORK_MAIL,
    WORK_QUIT,
};

struct smtp {
    struct loop *loop;
    const struct smtp_callbacks *callbacks;
    void *data;
    const struct conf_mail *conf;
    const char *host;
    CURLM *multi; /* keeps the session between mails */
    CURL *easy;
    struct curl_slist *recipients;
    struct loop_timer *timer; /* libcurl's */
    enum work work;
    bool has_session;
    char *text; /* of the mail under way */
    size_t length;
    size_t given;                  /* to libcurl */
    char response[RESPONSE_BYTES]; /* the server's last line of refusal */
    char error[CURL_ERROR_SIZE];
};

static void act(struct smtp *smtp, curl_socket_t socket, int ready);

/* ------------------------------------------------------------------ libcurl's sockets and time */

static void socket_ready(int fd, unsigned int ready, void *data)
{
    int bits = 0;

    bits |= (ready & LOOP_READ) != 0 ? CURL_CSELECT_IN : 0;
    bits |= (ready & LOOP_WRITE) != 0 ? CURL_CSELECT_OUT : 0;
    act(data, fd, bits);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *data, void *known)
{
    struct smtp *smtp = data;
    struct loop_watch *watch = known;
    unsigned int want = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        loop_watch_free(watch);
        curl_multi_assign(smtp->multi, fd, NULL);
        return 0;
    }
    want |= (what & CURL_POLL_IN) != 0 ? LOOP_READ : 0;
    want |= (what & CURL_POLL_OUT) != 0 ? LOOP_WRITE : 0;
    if (watch == NULL) {
        watch = loop_watch_new(smtp->loop, fd, want, socket_ready, smtp);
        curl_multi_assign(smtp->multi, fd, watch);
    } else {
        loop_watch_want(watch, want);
    }
    return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *data)
{
    struct smtp *smtp = data;

    (void)multi;
    if (timeout_ms < 0)
        loop_timer_stop(smtp->timer);
    else
        loop_timer_in(smtp->timer, span_ms(timeout_ms));
    return 0;
}

static void timer_fired(void *data)
{
    act(data, CURL_SOCKET_TIMEOUT, 0);
}

/* ------------------------------------------------------------------ what comes and goes */

static size_t give_text(char *buffer, size_t size, size_t count, void *data)
{
    struct smtp *smtp = data;
    size_t room = size * count, left = smtp->length - smtp->given;
    size_t length = left < room ? left : room;

    memcpy(buffer, smtp->text + smtp->given, length);
    smtp->given += length;
    return length;
}

static size_t take_response(char *buffer, size_t size, size_t count, void *data)
{
    struct smtp *smtp = data;
    size_t length = size * count;

    if (length > 0 && (buffer[0] == '4' || buffer[0] == '5'))
        snprintf(smtp->response, sizeof(smtp->response), "%.*s", (int)strnlen(buffer, length), buffer);
    smtp->response[strcspn(smtp->response, "\r\n")] = '\0';
    return length;
}

/* ------------------------------------------------------------------ transfers */

static void set_url(struct smtp *smtp)
{
    const struct conf_mail *conf = smtp->conf;
    const char *scheme = conf->tls == CONF_MAIL_TLS_IMPLICIT ? "smtps" : "smtp";
    const char *helo = conf->helo_name != NULL ? conf->helo_name : smtp->host;
    bool six = strchr(conf->server, ':') != NULL;
    char *escaped = curl_easy_escape(smtp->easy, helo, 0);
    char url[URL_BYTES];

    snprintf(url, sizeof(url), "%s://%s%.256s%s:%u/%.512s", scheme, six ? "[" : "", conf->server,
             six ? "]" : "", conf->port, escaped == NULL ? "" : escaped);
    curl_free(escaped);
    curl_easy_setopt(smtp->easy, CURLOPT_URL, url);
}

/* What holds for every transfer of a session; the session goes on as long as these stay the same. */
static void set_up(struct smtp *smtp)
{
    const struct conf_mail *conf = smtp->conf;
    CURL *easy = smtp->easy;

    curl_easy_reset(easy);
    set_url(smtp);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     (long)(conf->tls == CONF_MAIL_TLS_STARTTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    if (conf->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, conf->ca_file);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    }
    if (conf->user != NULL) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, conf->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, conf->password);
    }
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)conf->connect_timeout_s);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_response);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, smtp->error);
}

static void set_envelope(struct smtp *smtp)
{
    char from[LETTER_ADDRESS_BYTES], address[LETTER_ADDRESS_BYTES];

    curl_slist_free_all(smtp->recipients);
    smtp->recipients = NULL;
    for (uint32_t i = 0; i < smtp->conf->recipients.count; i++)
        smtp->recipients =
            curl_slist_append(smtp->recipients, letter_address(smtp->conf->recipients.items[i], address));
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_FROM,
                     letter_address(letter_from(smtp->conf, smtp->host, from), address));
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_RCPT, smtp->recipients);
    curl_easy_setopt(smtp->easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
}

static void begin(struct smtp *smtp, enum work work)
{
    smtp->work = work;
    smtp->response[0] = '\0';
    smtp->error[0] = '\0';
    curl_multi_add_handle(smtp->multi, smtp->easy);
}

void smtp_send(struct smtp *smtp, char *text, size_t length)
{
    CURL *easy = smtp->easy;

    free(smtp->text);
    smtp->text = text;
    smtp->length = length;
    smtp->given = 0;
    set_up(smtp);
    set_envelope(smtp);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_text);
    curl_easy_setopt(easy, CURLOPT_READDATA, smtp);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, RESPONSE_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, TRANSFER_TIMEOUT_S + (long)smtp->conf->connect_timeout_s);
    begin(smtp, WORK_MAIL);
}

/* As a command of its own, in the background: the QUIT that libcurl sends when it closes a connection waits
 * for the answer, and after this there is nobody left to wait for. */
bool smtp_quit(struct smtp *smtp)
{
    if (!smtp->has_session)
        return false;
    set_up(smtp);
    curl_easy_setopt(smtp->easy, CURLOPT_CUSTOMREQUEST, "QUIT");
    curl_easy_setopt(smtp->easy, CURLOPT_NOBODY, 1L);
    curl_easy_setopt(smtp->easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(smtp->easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, QUIT_TIMEOUT_S);
    curl_easy_setopt(smtp->easy, CURLOPT_TIMEOUT, QUIT_TIMEOUT_S);
    begin(smtp, WORK_QUIT);
    return true;
}

bool smtp_is_busy(const struct smtp *smtp)
{
    return smtp->work != WORK_NONE;
}

/* ------------------------------------------------------------------ results */

/* A 5xx is about this mail, unless it is about who we are, or came before there was a mail. */
static enum smtp_outcome judge(const struct smtp *smtp, CURLcode code)
{
    long response = 0;

    if (code == CURLE_OK)
        return SMTP_SENT;
    curl_easy_getinfo(smtp->easy, CURLINFO_RESPONSE_CODE, &response);
    if (response < 500 || response > 599 || response == 530 || response == 535)
        return SMTP_FAILED;
    if (code == CURLE_SEND_ERROR || (code == CURLE_WEIRD_SERVER_REPLY && smtp->given > 0))
        return SMTP_REFUSED;
    return SMTP_FAILED;
}

static void say_why(const struct smtp *smtp, CURLcode code, char why[static WHY_BYTES])
{
    const char *error = smtp->error[0] != '\0' ? smtp->error : curl_easy_strerror(code);

    if (smtp->response[0] != '\0')
        snprintf(why, WHY_BYTES, "%.250s (it says \"%s\")", error, smtp->response);
    else
        snprintf(why, WHY_BYTES, "%.250s", error);
}

static void over(struct smtp *smtp, CURLcode code)
{
    enum work work = smtp->work;
    enum smtp_outcome outcome = judge(smtp, code);
    char why[WHY_BYTES];

    say_why(smtp, code, why);
    curl_multi_remove_handle(smtp->multi, smtp->easy);
    smtp->work = WORK_NONE;
    smtp->has_session = work == WORK_MAIL && outcome == SMTP_SENT;
    if (work == WORK_MAIL)
        smtp->callbacks->done(outcome, why, smtp->data);
    else
        smtp->callbacks->quit(smtp->data);
}

static void act(struct smtp *smtp, curl_socket_t socket, int ready)
{
    int running, left;
    CURLMsg *message;

    curl_multi_socket_action(smtp->multi, socket, ready, &running);
    while ((message = curl_multi_info_read(smtp->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            over(smtp, message->data.result);
    }
}

/* ------------------------------------------------------------------ life */

struct smtp *smtp_new(struct loop *loop, const struct smtp_callbacks *callbacks, void *data)
{
    struct smtp *smtp = calloc(1, sizeof(*smtp));

    if (smtp == NULL)
        abort();
    smtp->loop = loop;
    smtp->callbacks = callbacks;
    smtp->data = data;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {
        smtp->multi = curl_multi_init();
        smtp->easy = curl_easy_init();
    }
    if (smtp->multi == NULL || smtp->easy == NULL) {
        free(smtp);
        return NULL;
    }
    smtp->timer = loop_timer_new(loop, timer_fired, smtp);
    curl_multi_setopt(smtp->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(smtp->multi, CURLMOPT_SOCKETDATA, smtp);
    curl_multi_setopt(smtp->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(smtp->multi, CURLMOPT_TIMERDATA, smtp);
    return smtp;
}

void smtp_configure(struct smtp *smtp, const struct conf_mail *conf, const char *host)
{
    smtp->conf = conf;
    smtp->host = host;
}
