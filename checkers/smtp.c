/*
 * SMTP_CHECK: the server is good if it greets (220), takes our HELO (250) and lets us QUIT. What it says to
 * QUIT does not matter, as in keepalived, but it must say something. connect_timeout is the budget for all of
 * it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include "checkers/check.h"
#include "checkers/connection.h"
#include "checkers/smtp_reply.h"

#define LINE_MAX_BYTES 512
#define RECEIVE_BYTES  2048

/* The phase that follows a good reply, and what is said then. */
struct turn {
    uint16_t wanted; /* 0 = any code */
    enum verdict_phase next;
};

static struct turn turn_of(enum verdict_phase phase)
{
    if (phase == PHASE_GREETING)
        return (struct turn){220, PHASE_HELO};
    return phase == PHASE_HELO ? (struct turn){250, PHASE_QUIT} : (struct turn){0, PHASE_NONE};
}

static const char *own_name(const struct conf_checker *conf)
{
    static struct utsname host;

    if (conf->helo_name != NULL)
        return conf->helo_name;
    return uname(&host) == 0 ? host.nodename : "localhost";
}

/* The lines are short and the socket's buffer empty, so that nothing is ever left over. */
static bool say(struct check *check, enum verdict_phase phase)
{
    char line[LINE_MAX_BYTES];
    int length = phase == PHASE_HELO ? snprintf(line, sizeof(line), "HELO %s\r\n", own_name(check->conf))
                                     : snprintf(line, sizeof(line), "QUIT\r\n");

    check->phase = phase;
    if (length > 0 && (size_t)length < sizeof(line) &&
        send(check->fd, line, (size_t)length, MSG_NOSIGNAL) == length)
        return true;
    engine_report(check, connection_finding(errno, phase));
    return false;
}

/* False once the attempt is over. */
static bool take_reply(struct check *check)
{
    struct smtp_reply *reply = check->attempt;
    struct turn turn = turn_of(check->phase);
    uint16_t code = reply->code;

    if (turn.wanted != 0 && code != turn.wanted) {
        engine_report(check, finding_of(VERDICT_SMTP, check->phase, code));
        return false;
    }
    *reply = (struct smtp_reply){.state = SMTP_REPLY_OPEN};
    if (turn.next != PHASE_NONE)
        return say(check, turn.next);
    engine_report(check, finding_of(VERDICT_OK, PHASE_NONE, 0));
    return false;
}

/* False once the attempt is over. */
static bool take_bytes(struct check *check, const uint8_t *bytes, size_t length)
{
    struct smtp_reply *reply = check->attempt;

    for (size_t at = 0; at < length;) {
        at += smtp_reply_take(reply, bytes + at, length - at);
        if (reply->state == SMTP_REPLY_FAULTY) {
            engine_report(check, finding_of(VERDICT_SMTP_MALFORMED, check->phase, 0));
            return false;
        }
        if (reply->state == SMTP_REPLY_WHOLE && !take_reply(check))
            return false;
    }
    return true;
}

static void receive(struct check *check)
{
    uint8_t bytes[RECEIVE_BYTES];
    ssize_t length;

    while ((length = recv(check->fd, bytes, sizeof(bytes), 0)) > 0) {
        if (!take_bytes(check, bytes, (size_t)length))
            return;
    }
    if (length == 0)
        engine_report(check, finding_of(VERDICT_CLOSED, check->phase, 0));
    else if (errno != EAGAIN)
        engine_report(check, connection_finding(errno, check->phase));
}

static void smtp_start(struct check *check)
{
    check->attempt = calloc(1, sizeof(struct smtp_reply));
    if (check->attempt == NULL)
        abort();
    connection_begin(check);
}

static void smtp_ready(struct check *check, unsigned int ready)
{
    int error;

    if (check->phase == PHASE_CONNECT) {
        if ((ready & LOOP_WRITE) == 0)
            return;
        error = connection_error(check);
        if (error != 0) {
            engine_report(check, connection_finding(error, PHASE_CONNECT));
            return;
        }
        check->phase = PHASE_GREETING;
    }
    if ((ready & LOOP_READ) != 0)
        receive(check);
}

static void smtp_end(struct check *check)
{
    free(check->attempt);
    check->attempt = NULL;
}

/* The phase is still that of the attempt. */
static const char *smtp_wanted(const struct check *check, enum verdict_reason reason, char *buffer,
                               size_t size)
{
    if (reason != VERDICT_SMTP)
        return NULL;
    snprintf(buffer, size, "%u", turn_of(check->phase).wanted);
    return buffer;
}

const struct check_type check_smtp = {
    .name = "SMTP", .start = smtp_start, .ready = smtp_ready, .end = smtp_end, .wanted = smtp_wanted};
