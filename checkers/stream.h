/*
 * Bytes to and from a server over a connection, plain or in TLS.
 */
#ifndef TANDEM_CHECKERS_STREAM_H
#define TANDEM_CHECKERS_STREAM_H

#include "checkers/check.h"
#include "checkers/tls.h"

struct stream {
    int fd;                  /* the check's */
    struct tls_session *tls; /* NULL = plain */
};

enum stream_state {
    STREAM_MOVED,
    STREAM_WAITS, /* for the socket to be ready */
    STREAM_ENDED, /* by the server */
    STREAM_FAILED,
};

struct stream_result {
    enum stream_state state;
    size_t moved;           /* STREAM_MOVED: how many bytes, at least 1 */
    struct finding finding; /* STREAM_FAILED: why */
};

/* phase is for the finding. */
struct stream_result stream_send(const struct stream *stream, const void *bytes, size_t length,
                                 enum verdict_phase phase);
struct stream_result stream_receive(const struct stream *stream, void *bytes, size_t size,
                                    enum verdict_phase phase);

/* Goes on with the TLS handshake; STREAM_MOVED once it is done, and at once if the stream is plain. */
struct stream_result stream_handshake(const struct stream *stream);

#endif
