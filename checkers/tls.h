/*
 * TLS to the servers that are checked. The only file that knows OpenSSL.
 *
 * One struct tls a configuration: who we are (client certificate) and whom we trust; one session an attempt.
 * Nothing here waits, opens a file or makes a socket.
 */
#ifndef TANDEM_CHECKERS_TLS_H
#define TANDEM_CHECKERS_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checkers/verdict.h"
#include "conf/model.h"

struct tls;
struct tls_session;

/* NULL with a reason in words, written to why, if certificate, key or authorities cannot be used. */
#define TLS_WHY_BYTES 200
struct tls *tls_new(const struct conf_tls *conf, char why[static TLS_WHY_BYTES]);
void tls_free(struct tls *tls); /* its sessions go on; NULL allowed */

struct tls_wishes {
    const char *server_name; /* for SNI; NULL = not sent */
    bool verify;             /* the certificate must be of an authority, valid now, and for: */
    const char *name;        /* a host name; NULL: */
    struct ip_address address;
    bool clean_end; /* an end without close_notify is TLS_UNCLEAN, not TLS_END */
};

enum tls_result {
    TLS_DONE,
    TLS_WAIT,    /* call again when the socket is ready, with the same arguments */
    TLS_END,     /* the server has ended the connection */
    TLS_UNCLEAN, /* the same, without saying so */
    TLS_ERRNO,   /* the socket failed: errno */
    TLS_FAULTY,  /* TLS failed: *fault */
};

/* A session over fd, which stays the caller's; NULL if there is no memory. */
struct tls_session *tls_session_new(struct tls *tls, int fd, const struct tls_wishes *wishes);
void tls_session_free(struct tls_session *session); /* NULL allowed; says goodbye with clean_end */

enum tls_result tls_handshake(struct tls_session *session, int32_t *fault);

/* TLS_DONE with *moved > 0, or why not. */
enum tls_result tls_send(struct tls_session *session, const void *bytes, size_t length, size_t *moved,
                         int32_t *fault);
enum tls_result tls_receive(struct tls_session *session, void *bytes, size_t size, size_t *moved,
                            int32_t *fault);

#endif
