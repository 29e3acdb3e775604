/*
 * Builder: block SSL, the certificate and key of SSL_GET checks.
 *
 * The files are read here, by the reader, which may: a checker is confined before it could. So a reload
 * brings new ones.
 */
#include "conf/build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void *conf_begin_tls(struct conf_builder *builder, const struct conf_node *node, void *parent)
{
    (void)parent;
    builder->global.tls_node = node;
    return &builder->global;
}

/* The content of the file that keyword names; NULL if it names none, or said that it cannot be read. */
static char *read_pem(struct conf_builder *builder, const char *keyword, const char *path)
{
    const struct conf_host *host = builder->host;
    const struct conf_node *node;
    size_t length = 0;
    char *bytes, *text;

    if (path == NULL)
        return NULL;
    node = conf_node_find(builder->global.tls_node, keyword);
    bytes = host->read_file(host->context, path, &length);
    if (bytes == NULL) {
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_FILE, node, 1, "'%s' cannot be read: %s", path,
                      strerror(errno));
        return NULL;
    }
    if (memchr(bytes, '\0', length) != NULL || strstr(bytes, "-----BEGIN ") == NULL) {
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_VALUE, node, 1, "'%s' holds nothing in PEM form",
                      path);
        text = NULL;
    } else {
        text = conf_model_strdup(builder->model, bytes);
    }
    explicit_bzero(bytes, length);
    free(bytes);
    return text;
}

void conf_finish_tls(struct conf_builder *builder)
{
    const struct global_draft *global = &builder->global;
    struct conf_tls *tls = &builder->model->global.tls;

    if (!builder->has_ssl_check)
        return;
    tls->certificate = read_pem(builder, "certificate", global->tls_certificate);
    tls->private_key = read_pem(builder, "key", global->tls_key);
    tls->authorities = read_pem(builder, "ca", global->tls_ca);
    tls->password = global->tls_password;
    tls->certificate_file = global->tls_certificate;
    tls->private_key_file = global->tls_key;
    tls->authorities_file = global->tls_ca;
    if ((global->tls_certificate == NULL) != (global->tls_key == NULL))
        conf_complain(builder, CONF_REFUSAL, CONF_PROBLEM_MISSING, global->tls_node, 0,
                      "certificate and key belong together: one of them is missing");
}
