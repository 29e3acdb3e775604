/*
 * Plain and TLS connections alike. See stream.h.
 */
#include "checkers/stream.h"

#include <errno.h>
#include <sys/socket.h>

#include "checkers/connection.h"

static struct stream_result failed(struct finding finding)
{
    return (struct stream_result){.state = STREAM_FAILED, .finding = finding};
}

static struct stream_result of_socket(ssize_t length, enum verdict_phase phase)
{
    if (length > 0)
        return (struct stream_result){.state = STREAM_MOVED, .moved = (size_t)length};
    if (length == 0)
        return (struct stream_result){.state = STREAM_ENDED};
    if (errno == EAGAIN)
        return (struct stream_result){.state = STREAM_WAITS};
    return failed(connection_finding(errno, phase));
}

static struct stream_result of_tls(enum tls_result result, size_t moved, int32_t fault,
                                   enum verdict_phase phase)
{
    switch (result) {
    case TLS_DONE:
        return (struct stream_result){.state = STREAM_MOVED, .moved = moved};
    case TLS_WAIT:
        return (struct stream_result){.state = STREAM_WAITS};
    case TLS_END:
        return (struct stream_result){.state = STREAM_ENDED};
    case TLS_UNCLEAN:
        return failed((struct finding){.reason = VERDICT_TLS_UNCLEAN, .phase = phase});
    case TLS_ERRNO:
        return failed(connection_finding(errno, phase));
    case TLS_FAULTY:
        break;
    }
    return failed((struct finding){.reason = VERDICT_TLS, .phase = phase, .detail = fault});
}

struct stream_result stream_send(const struct stream *stream, const void *bytes, size_t length,
                                 enum verdict_phase phase)
{
    size_t moved = 0;
    int32_t fault = 0;
    enum tls_result result;

    if (stream->tls == NULL)
        return of_socket(send(stream->fd, bytes, length, MSG_NOSIGNAL), phase);
    result = tls_send(stream->tls, bytes, length, &moved, &fault);
    return of_tls(result, moved, fault, phase);
}

struct stream_result stream_receive(const struct stream *stream, void *bytes, size_t size,
                                    enum verdict_phase phase)
{
    size_t moved = 0;
    int32_t fault = 0;
    enum tls_result result;

    if (stream->tls == NULL)
        return of_socket(recv(stream->fd, bytes, size, 0), phase);
    result = tls_receive(stream->tls, bytes, size, &moved, &fault);
    return of_tls(result, moved, fault, phase);
}

struct stream_result stream_handshake(const struct stream *stream)
{
    int32_t fault = 0;
    enum tls_result result;

    if (stream->tls == NULL)
        return (struct stream_result){.state = STREAM_MOVED};
    result = tls_handshake(stream->tls, &fault);
    if (result == TLS_UNCLEAN || result == TLS_END) /* there is no clean end of a handshake */
        return (struct stream_result){.state = STREAM_ENDED};
    return of_tls(result, 0, fault, PHASE_TLS);
}
