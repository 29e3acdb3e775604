/*
 * HTTP_GET: the server is good if it answers a GET of the url whose turn it is with a wanted status.
 *
 * One connection an attempt; connect_timeout is the budget for connecting, asking and the whole answer. The
 * body is read to its end, as keepalived does, for a server that stalls in the middle is not well; a body
 * that ends early is left to checks of its content, also as keepalived does. The pieces of the body that the
 * parser hands out are where a digest or a regular expression will look.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "checkers/check.h"
#include "checkers/connection.h"
#include "checkers/http_parse.h"

#define REQUEST_MAX   8192
#define RECEIVE_BYTES 16384
#define READS_A_WAKE  16 /* a server that never stops sending must not hold up the others */

struct http_attempt {
    struct http_parser parser;
    size_t sent;                /* of the request */
    struct http_attempt *spare; /* next of the list of attempts not in use */
};

/* Attempts are used again, so that a check costs no allocation. */
static struct http_attempt *spare_attempts;

static struct http_attempt *take_attempt(void)
{
    struct http_attempt *attempt = spare_attempts;

    if (attempt != NULL)
        spare_attempts = attempt->spare;
    else
        attempt = malloc(sizeof(*attempt));
    if (attempt == NULL)
        abort();
    attempt->sent = 0;
    http_parser_init(&attempt->parser);
    return attempt;
}

static const struct conf_url *url_of(const struct check *check)
{
    return check->conf->urls.items[check->standing.url];
}

/* ------------------------------------------------------------------ words */

static const char *http_subject(const struct check *check)
{
    return url_of(check)->path;
}

static const char *http_wanted(const struct check *check, char *buffer, size_t size)
{
    const struct conf_url *url = url_of(check);
    size_t used = 0;

    buffer[0] = '\0';
    for (uint32_t i = 0; i < url->statuses.count && used < size; i++) {
        const struct conf_status_range *range = url->statuses.items[i];
        const char *comma = i > 0 ? ", " : "";
        int length;

        if (range->low == range->high)
            length = snprintf(buffer + used, size - used, "%s%u", comma, range->low);
        else
            length = snprintf(buffer + used, size - used, "%s%u-%u", comma, range->low, range->high);
        used += (size_t)length;
    }
    return buffer;
}

/* ------------------------------------------------------------------ request */

/* Length of the request, or 0 if it does not fit. */
static size_t build_request(const struct check *check, char *buffer, size_t size)
{
    const struct conf_checker *conf = check->conf;
    const struct conf_url *url = url_of(check);
    const char *host = url->virtualhost != NULL ? url->virtualhost : conf->virtualhost;
    char address[IP_ENDPOINT_TEXT];
    int length;

    if (host == NULL)
        host = ip_endpoint_text(&conf->connect, address);
    length = snprintf(buffer, size, "GET %s HTTP/1.%c\r\nUser-Agent: tandem\r\n%sHost: %s\r\n\r\n", url->path,
                      conf->http_version == CONF_HTTP_1_1 ? '1' : '0',
                      conf->http_version == CONF_HTTP_1_0 ? "" : "Connection: close\r\n", host);
    return length < 0 || (size_t)length >= size ? 0 : (size_t)length;
}

/* False once the attempt is over. */
static bool send_request(struct check *check)
{
    struct http_attempt *attempt = check->attempt;
    char request[REQUEST_MAX];
    size_t length = build_request(check, request, sizeof(request));
    ssize_t sent;

    if (length == 0) {
        engine_report(check, (struct finding){VERDICT_SOCKET, PHASE_SEND, EMSGSIZE});
        return false;
    }
    sent = send(check->fd, request + attempt->sent, length - attempt->sent, MSG_NOSIGNAL);
    if (sent < 0) {
        if (errno == EAGAIN)
            return true;
        engine_report(check, connection_finding(errno, check->phase));
        return false;
    }
    attempt->sent += (size_t)sent;
    check->phase = attempt->sent < length ? PHASE_SEND : PHASE_STATUS_LINE;
    return true;
}

/* ------------------------------------------------------------------ answer */

static bool status_is_wanted(const struct conf_url *url, uint16_t status)
{
    for (uint32_t i = 0; i < url->statuses.count; i++) {
        if (status >= url->statuses.items[i]->low && status <= url->statuses.items[i]->high)
            return true;
    }
    return false;
}

static void judge(struct check *check, uint16_t status)
{
    enum verdict_reason reason = status_is_wanted(url_of(check), status) ? VERDICT_OK : VERDICT_HTTP_STATUS;

    engine_report(check, (struct finding){reason, PHASE_NONE, status});
}

static enum verdict_phase phase_of(const struct http_parser *parser)
{
    switch (parser->state) {
    case HTTP_IN_STATUS_LINE:
        return PHASE_STATUS_LINE;
    case HTTP_IN_HEADERS:
        return PHASE_HEADERS;
    case HTTP_IN_BODY:
    case HTTP_DONE:
    case HTTP_FAULTY:
        break;
    }
    return PHASE_BODY;
}

/* False once the attempt is over. */
static bool take_bytes(struct check *check, const uint8_t *bytes, size_t length)
{
    struct http_parser *parser = &((struct http_attempt *)check->attempt)->parser;

    for (size_t at = 0; at < length && parser->state != HTTP_DONE && parser->state != HTTP_FAULTY;) {
        struct http_piece piece;

        at += http_parse(parser, bytes + at, length - at, &piece);
    }
    if (parser->state == HTTP_FAULTY)
        engine_report(check, (struct finding){VERDICT_HTTP_MALFORMED, check->phase, (int32_t)parser->fault});
    else if (parser->state == HTTP_DONE)
        judge(check, parser->status);
    else
        check->phase = phase_of(parser);
    return check->running;
}

static void take_end(struct check *check)
{
    struct http_parser *parser = &((struct http_attempt *)check->attempt)->parser;

    http_parse_end(parser);
    if (parser->state == HTTP_DONE || parser->state == HTTP_IN_BODY)
        judge(check, parser->status);
    else
        engine_report(check, (struct finding){VERDICT_CLOSED, check->phase, 0});
}

/* Reads until there is no more: readiness, and the end of the connection, are told only once. */
static void receive_answer(struct check *check)
{
    uint8_t bytes[RECEIVE_BYTES];

    for (int i = 0; i < READS_A_WAKE; i++) {
        ssize_t length = recv(check->fd, bytes, sizeof(bytes), 0);

        if (length == 0) {
            take_end(check);
            return;
        }
        if (length < 0) {
            if (errno != EAGAIN)
                engine_report(check, connection_finding(errno, check->phase));
            return;
        }
        if (!take_bytes(check, bytes, (size_t)length))
            return;
    }
    engine_watch(check); /* readiness is told anew */
}

/* ------------------------------------------------------------------ the type */

static void http_start(struct check *check)
{
    check->attempt = take_attempt();
    connection_begin(check);
}

static void http_ready(struct check *check, unsigned int ready)
{
    bool asking = check->phase == PHASE_CONNECT || check->phase == PHASE_SEND;

    if (asking && (ready & LOOP_WRITE) != 0 && !send_request(check))
        return;
    if (check->phase != PHASE_CONNECT && (ready & LOOP_READ) != 0)
        receive_answer(check);
}

static void http_end(struct check *check)
{
    struct http_attempt *attempt = check->attempt;

    attempt->spare = spare_attempts;
    spare_attempts = attempt;
    check->attempt = NULL;
}

const struct check_type check_http = {.name = "HTTP",
                                      .start = http_start,
                                      .ready = http_ready,
                                      .end = http_end,
                                      .subject = http_subject,
                                      .wanted = http_wanted};
