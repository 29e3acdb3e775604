/*
 * TLS over OpenSSL. See tls.h.
 *
 * The system's openssl.cnf is not read, as keepalived does not: what it forbids to clients of this machine
 * says nothing about a server's health.
 */
#include "checkers/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALERT_REASONS 1000 /* OpenSSL's reason of an alert that came is this and the alert's number */

struct tls {
    SSL_CTX *context;
};

struct tls_session {
    SSL *ssl;
    bool clean_end;
    bool shaken; /* the handshake is done */
};

/* ------------------------------------------------------------------ certificates */

static int give_password(char *buffer, int size, int writing, void *data)
{
    const char *password = data;
    size_t length = password == NULL ? 0 : strlen(password);

    (void)writing;
    if (size < 0 || length > (size_t)size)
        return -1;
    if (length > 0)
        memcpy(buffer, password, length);
    return (int)length;
}

static BIO *memory_of(const char *text)
{
    BIO *memory = BIO_new_mem_buf(text, -1);

    if (memory == NULL)
        abort();
    return memory;
}

/* The first certificate is ours, the others lead to an authority. */
static bool use_certificate(SSL_CTX *context, const char *text)
{
    BIO *memory = memory_of(text);
    X509 *certificate = PEM_read_bio_X509_AUX(memory, NULL, give_password, NULL);
    bool sound = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1;

    X509_free(certificate);
    while (sound && (certificate = PEM_read_bio_X509(memory, NULL, give_password, NULL)) != NULL) {
        sound = SSL_CTX_add0_chain_cert(context, certificate) == 1;
        if (!sound)
            X509_free(certificate);
    }
    BIO_free(memory);
    return sound;
}

static bool use_key(SSL_CTX *context, const char *text, char *password)
{
    BIO *memory = memory_of(text);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(memory, NULL, give_password, password);
    bool sound = key != NULL && SSL_CTX_use_PrivateKey(context, key) == 1;

    EVP_PKEY_free(key);
    BIO_free(memory);
    return sound;
}

static bool trust(SSL_CTX *context, const char *text)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    BIO *memory = memory_of(text);
    X509 *authority;
    unsigned int count = 0;

    while ((authority = PEM_read_bio_X509_AUX(memory, NULL, give_password, NULL)) != NULL) {
        count += X509_STORE_add_cert(store, authority) == 1;
        X509_free(authority);
    }
    BIO_free(memory);
    return count > 0;
}

/* NULL, or what of the block SSL cannot be used. */
static const char *use_material(SSL_CTX *context, const struct conf_tls *conf)
{
    if (conf->certificate != NULL && !use_certificate(context, conf->certificate))
        return "the certificate of block SSL cannot be used";
    if (conf->private_key != NULL && !use_key(context, conf->private_key, conf->password))
        return "the key of block SSL cannot be used (does it belong to the certificate, is the password "
               "right?)";
    if (conf->authorities != NULL && !trust(context, conf->authorities))
        return "the ca of block SSL holds no certificate";
    return NULL;
}

struct tls *tls_new(const struct conf_tls *conf, char why[static TLS_WHY_BYTES])
{
    const char *refused;
    struct tls *tls;

    OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
    tls = calloc(1, sizeof(*tls));
    if (tls == NULL || (tls->context = SSL_CTX_new(TLS_client_method())) == NULL)
        abort();
    SSL_CTX_set_session_cache_mode(tls->context, SSL_SESS_CACHE_OFF); /* every check is a whole handshake */
    SSL_CTX_set_mode(tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                       SSL_MODE_RELEASE_BUFFERS);
    refused = use_material(tls->context, conf);
    if (refused != NULL) {
        char reason[80];

        ERR_error_string_n(ERR_peek_error(), reason, sizeof(reason));
        snprintf(why, TLS_WHY_BYTES, "%s: %s", refused, reason);
        tls_free(tls);
        tls = NULL;
    }
    ERR_clear_error();
    return tls;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

/* ------------------------------------------------------------------ sessions */

static bool demand_certificate(SSL *ssl, const struct tls_wishes *wishes)
{
    X509_VERIFY_PARAM *parameters = SSL_get0_param(ssl);

    SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
    if (wishes->name != NULL)
        return SSL_set1_host(ssl, wishes->name) == 1;
    return X509_VERIFY_PARAM_set1_ip(parameters, wishes->address.bytes,
                                     ip_address_length(&wishes->address)) == 1;
}

static bool set_up(SSL *ssl, int fd, const struct tls_wishes *wishes)
{
    if (SSL_set_fd(ssl, fd) != 1)
        return false;
    if (wishes->server_name != NULL && SSL_set_tlsext_host_name(ssl, wishes->server_name) != 1)
        return false;
    if (wishes->verify && !demand_certificate(ssl, wishes))
        return false;
    SSL_set_connect_state(ssl);
    return true;
}

struct tls_session *tls_session_new(struct tls *tls, int fd, const struct tls_wishes *wishes)
{
    struct tls_session *session = calloc(1, sizeof(*session));

    if (session == NULL)
        return NULL;
    session->clean_end = wishes->clean_end;
    session->ssl = SSL_new(tls->context);
    if (session->ssl != NULL && set_up(session->ssl, fd, wishes))
        return session;
    SSL_free(session->ssl);
    free(session);
    ERR_clear_error();
    return NULL;
}

void tls_session_free(struct tls_session *session)
{
    if (session == NULL)
        return;
    if (session->shaken && session->clean_end)
        SSL_shutdown(session->ssl);
    ERR_clear_error();
    SSL_free(session->ssl);
    free(session);
}

/* ------------------------------------------------------------------ what went wrong */

static int32_t fault_of_certificate(const SSL *ssl)
{
    switch (SSL_get_verify_result(ssl)) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return TLS_FAULT_EXPIRED;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TLS_FAULT_WRONG_NAME;
    default:
        return TLS_FAULT_UNTRUSTED;
    }
}

static int32_t fault_of(const SSL *ssl, int reason)
{
    if (reason >= ALERT_REASONS && reason < ALERT_REASONS + 256)
        return TLS_FAULT_ALERT + reason - ALERT_REASONS;
    switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_BAD_RECORD_TYPE:
        return TLS_FAULT_NOT_TLS;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_WRONG_SSL_VERSION:
        return TLS_FAULT_VERSION;
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK:
    case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
    case SSL_R_WRONG_CIPHER_RETURNED:
        return TLS_FAULT_WEAK;
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
        return fault_of_certificate(ssl);
    default:
        return TLS_FAULT_DAMAGED;
    }
}

static enum tls_result result_of(const struct tls_session *session, int returned, int32_t *fault)
{
    int error = SSL_get_error(session->ssl, returned);
    int reason = ERR_GET_REASON(ERR_peek_error());

    switch (error) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return TLS_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return TLS_END;
    case SSL_ERROR_SYSCALL:
        return errno != 0 ? TLS_ERRNO : TLS_UNCLEAN;
    }
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        return TLS_UNCLEAN;
    *fault = fault_of(session->ssl, reason);
    return TLS_FAULTY;
}

static enum tls_result conclude(const struct tls_session *session, int returned, int32_t *fault)
{
    enum tls_result result = result_of(session, returned, fault);
    int error = errno;

    if (result != TLS_WAIT)
        ERR_clear_error();
    errno = error;
    if (result == TLS_UNCLEAN && !session->clean_end)
        return TLS_END;
    return result;
}

/* ------------------------------------------------------------------ moving bytes */

enum tls_result tls_handshake(struct tls_session *session, int32_t *fault)
{
    int returned;

    errno = 0;
    returned = SSL_do_handshake(session->ssl);
    session->shaken = returned == 1;
    return session->shaken ? TLS_DONE : conclude(session, returned, fault);
}

/* A server that does not want us says why before it hangs up; with TLS 1.3 after our side of the handshake.
 */
static enum tls_result look_for_alert(const struct tls_session *session, int32_t *fault)
{
    int error = errno;
    char byte;
    size_t moved;
    int returned = SSL_read_ex(session->ssl, &byte, sizeof(byte), &moved);

    if (returned != 1 && conclude(session, returned, fault) == TLS_FAULTY)
        return TLS_FAULTY;
    errno = error;
    return TLS_ERRNO;
}

enum tls_result tls_send(struct tls_session *session, const void *bytes, size_t length, size_t *moved,
                         int32_t *fault)
{
    enum tls_result result;
    int returned;

    errno = 0;
    returned = SSL_write_ex(session->ssl, bytes, length, moved);
    if (returned == 1)
        return TLS_DONE;
    result = conclude(session, returned, fault);
    return result == TLS_ERRNO ? look_for_alert(session, fault) : result;
}

enum tls_result tls_receive(struct tls_session *session, void *bytes, size_t size, size_t *moved,
                            int32_t *fault)
{
    int returned;

    errno = 0;
    returned = SSL_read_ex(session->ssl, bytes, size, moved);
    return returned == 1 ? TLS_DONE : conclude(session, returned, fault);
}
