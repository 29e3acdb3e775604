/*
 * HTTP_GET and SSL_GET: the server is good if it answers a GET of the url whose turn it is with a wanted
 * status and a wanted body.
 *
 * One connection an attempt; connect_timeout is the budget for connecting, the TLS handshake, asking and the
 * whole answer. The body is read to its end, as keepalived does, for a server that stalls in the middle is
 * not well; a body that ends early is left to checks of its content, also as keepalived does. Nothing of it
 * is kept but what content.h needs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/check.h"
#include "checkers/connection.h"
#include "checkers/content.h"
#include "checkers/http_parse.h"
#include "checkers/stream.h"

#define REQUEST_MAX   8192
#define RECEIVE_BYTES 16384
#define READS_A_WAKE  16 /* a server that never stops sending must not hold up the others */

struct http_attempt {
    struct stream stream;
    struct http_parser parser;
    struct content content;
    size_t sent;                /* of the request */
    struct http_attempt *spare; /* next of the list of attempts not in use */
};

/* Attempts are used again, so that a check costs no allocation. */
static struct http_attempt *spare_attempts;

static const struct conf_url *url_of(const struct check *check)
{
    return check->conf->urls.items[check->standing.url];
}

static const struct pattern *pattern_of(const struct check *check)
{
    struct pattern *const *patterns = check->prepared;

    return patterns[check->standing.url];
}

static struct http_attempt *take_attempt(const struct check *check)
{
    struct http_attempt *attempt = spare_attempts;

    if (attempt != NULL)
        spare_attempts = attempt->spare;
    else
        attempt = malloc(sizeof(*attempt));
    if (attempt == NULL)
        abort();
    attempt->sent = 0;
    attempt->stream = (struct stream){.fd = check->fd};
    http_parser_init(&attempt->parser);
    content_begin(&attempt->content, url_of(check), pattern_of(check));
    return attempt;
}

/* ------------------------------------------------------------------ settings */

/* The urls' regular expressions, compiled. */
static void http_prepare(struct check *check)
{
    const struct conf_checker *conf = check->conf;
    struct pattern **patterns = calloc(conf->urls.count, sizeof(struct pattern *));

    if (patterns == NULL)
        abort();
    for (uint32_t i = 0; i < conf->urls.count; i++) {
        const struct conf_url *url = conf->urls.items[i];

        if (url->regex != NULL)
            patterns[i] = pattern_get(url->regex, url->regex_options);
    }
    check->prepared = patterns;
}

static void http_forget(struct check *check)
{
    struct pattern **patterns = check->prepared;

    for (uint32_t i = 0; i < check->conf->urls.count; i++)
        pattern_put(patterns[i]);
    free(patterns);
}

/* ------------------------------------------------------------------ words */

static const char *http_subject(const struct check *check)
{
    return url_of(check)->path;
}

static const char *wanted_statuses(const struct conf_url *url, char *buffer, size_t size)
{
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

static const char *http_wanted(const struct check *check, enum verdict_reason reason, char *buffer,
                               size_t size)
{
    const struct conf_url *url = url_of(check);

    if (reason == VERDICT_HTTP_STATUS)
        return wanted_statuses(url, buffer, size);
    if (reason != VERDICT_DIGEST)
        return NULL;
    snprintf(buffer, size, "%s", url->digest);
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
    struct stream_result result;

    if (length == 0) {
        engine_report(check, finding_of(VERDICT_SOCKET, PHASE_SEND, EMSGSIZE));
        return false;
    }
    while (attempt->sent < length) {
        result = stream_send(&attempt->stream, request + attempt->sent, length - attempt->sent, check->phase);
        if (result.state == STREAM_FAILED || result.state == STREAM_ENDED) {
            engine_report(check, result.state == STREAM_FAILED ? result.finding
                                                               : finding_of(VERDICT_CLOSED, PHASE_SEND, 0));
            return false;
        }
        if (result.state == STREAM_WAITS)
            return true;
        attempt->sent += result.moved;
        check->phase = attempt->sent < length ? PHASE_SEND : PHASE_STATUS_LINE;
    }
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

/* The status comes first, as in keepalived. */
static void judge(struct check *check)
{
    struct http_attempt *attempt = check->attempt;
    const struct conf_url *url = url_of(check);
    uint16_t status = attempt->parser.status;
    struct content_judgement judgement;

    if (!status_is_wanted(url, status)) {
        engine_report(check, finding_of(VERDICT_HTTP_STATUS, PHASE_NONE, status));
        return;
    }
    judgement = content_judge(&attempt->content, url);
    if (judgement.reason == VERDICT_OK)
        judgement.detail = status;
    engine_report(check, finding_of(judgement.reason, PHASE_NONE, judgement.detail));
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

/* An answer that is whole is judged at once, unless how the connection ends counts too. */
static bool waits_for_end(const struct check *check)
{
    return check->type == &check_ssl && url_of(check)->tls_compliant;
}

/* False once the attempt is over. */
static bool take_bytes(struct check *check, const uint8_t *bytes, size_t length)
{
    struct http_attempt *attempt = check->attempt;
    struct http_parser *parser = &attempt->parser;

    for (size_t at = 0; at < length && parser->state != HTTP_DONE && parser->state != HTTP_FAULTY;) {
        struct http_piece piece;

        at += http_parse(parser, bytes + at, length - at, &piece);
        if (piece.length > 0)
            content_piece(&attempt->content, url_of(check), piece.bytes, piece.length);
    }
    if (parser->state == HTTP_FAULTY)
        engine_report(check, finding_of(VERDICT_HTTP_MALFORMED, check->phase, (int32_t)parser->fault));
    else if (parser->state == HTTP_DONE && !waits_for_end(check))
        judge(check);
    else
        check->phase = phase_of(parser);
    return check->running;
}

static void take_end(struct check *check)
{
    struct http_parser *parser = &((struct http_attempt *)check->attempt)->parser;

    http_parse_end(parser);
    if (parser->state == HTTP_DONE || parser->state == HTTP_IN_BODY)
        judge(check);
    else
        engine_report(check, finding_of(VERDICT_CLOSED, check->phase, 0));
}

/* Reads until there is no more: readiness, and the end of the connection, are told only once. */
static void receive_answer(struct check *check)
{
    struct http_attempt *attempt = check->attempt;
    uint8_t bytes[RECEIVE_BYTES];

    for (int i = 0; i < READS_A_WAKE; i++) {
        struct stream_result result = stream_receive(&attempt->stream, bytes, sizeof(bytes), check->phase);

        switch (result.state) {
        case STREAM_WAITS:
            return;
        case STREAM_ENDED:
            take_end(check);
            return;
        case STREAM_FAILED:
            engine_report(check, result.finding);
            return;
        case STREAM_MOVED:
            break;
        }
        if (!take_bytes(check, bytes, result.moved))
            return;
    }
    engine_watch(check); /* readiness is told anew */
}

/* ------------------------------------------------------------------ TLS */

/* False once the attempt is over. */
static bool begin_tls(struct check *check)
{
    struct http_attempt *attempt = check->attempt;
    const struct conf_url *url = url_of(check);
    const char *host = url->virtualhost != NULL ? url->virtualhost : check->conf->virtualhost;
    const struct tls_wishes wishes = {.server_name = url->server_name,
                                      .verify = check->conf->tls_verify,
                                      .name = url->server_name != NULL ? url->server_name : host,
                                      .address = check->conf->connect.address,
                                      .clean_end = url->tls_compliant};

    attempt->stream.tls = tls_session_new(engine_tls(check), check->fd, &wishes);
    if (attempt->stream.tls != NULL)
        return true;
    engine_report(check, finding_of(VERDICT_SOCKET, PHASE_TLS, ENOMEM));
    return false;
}

/* False once the attempt is over. */
static bool shake_hands(struct check *check)
{
    const struct http_attempt *attempt = check->attempt;
    struct stream_result result = stream_handshake(&attempt->stream);

    switch (result.state) {
    case STREAM_MOVED:
        check->phase = PHASE_SEND;
        return true;
    case STREAM_WAITS:
        return true;
    case STREAM_ENDED:
        result.finding = finding_of(VERDICT_CLOSED, PHASE_TLS, 0);
        break;
    case STREAM_FAILED:
        break;
    }
    engine_report(check, result.finding);
    return false;
}

/* ------------------------------------------------------------------ the types */

static void http_start(struct check *check)
{
    check->attempt = take_attempt(check);
    connection_begin(check);
}

/* The connection is made, or has failed. False once the attempt is over. */
static bool connected(struct check *check)
{
    int error = connection_error(check);

    if (error != 0) {
        engine_report(check, connection_finding(error, PHASE_CONNECT));
        return false;
    }
    check->phase = PHASE_TLS;
    return begin_tls(check);
}

/* A plain connection is tried by sending, which saves asking for its error. */
static void http_ready(struct check *check, unsigned int ready)
{
    bool asking = check->phase == PHASE_CONNECT || check->phase == PHASE_SEND;

    if (asking && (ready & LOOP_WRITE) != 0 && !send_request(check))
        return;
    if (check->phase != PHASE_CONNECT && (ready & LOOP_READ) != 0)
        receive_answer(check);
}

/* TLS reads and writes as it likes: whatever the socket is ready for, everything is tried. */
static void ssl_ready(struct check *check, unsigned int ready)
{
    if (check->phase == PHASE_CONNECT && ((ready & LOOP_WRITE) == 0 || !connected(check)))
        return;
    if (check->phase == PHASE_TLS && !shake_hands(check))
        return;
    if (check->phase == PHASE_SEND && !send_request(check))
        return;
    if (check->phase > PHASE_SEND && check->phase <= PHASE_BODY)
        receive_answer(check);
}

static void ssl_start(struct check *check)
{
    if (engine_tls(check) == NULL) {
        engine_report(check, finding_of(VERDICT_SOCKET, PHASE_TLS, EKEYREJECTED));
        return;
    }
    http_start(check);
}

static void http_end(struct check *check)
{
    struct http_attempt *attempt = check->attempt;

    if (attempt == NULL) /* it never began */
        return;
    tls_session_free(attempt->stream.tls);
    content_end(&attempt->content);
    attempt->spare = spare_attempts;
    spare_attempts = attempt;
    check->attempt = NULL;
}

const struct check_type check_http = {.name = "HTTP",
                                      .prepare = http_prepare,
                                      .forget = http_forget,
                                      .start = http_start,
                                      .ready = http_ready,
                                      .end = http_end,
                                      .subject = http_subject,
                                      .wanted = http_wanted};

const struct check_type check_ssl = {.name = "SSL",
                                     .prepare = http_prepare,
                                     .forget = http_forget,
                                     .start = ssl_start,
                                     .ready = ssl_ready,
                                     .end = http_end,
                                     .subject = http_subject,
                                     .wanted = http_wanted};
