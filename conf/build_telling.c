/*
 * Builder: whom global_defs has told of events: FIFOs with their readers, the scripts of start and stop,
 * mail.
 */
#include "conf/build.h"

#include <string.h>

#define SCRIPT_TIMEOUT_S 10

/* ------------------------------------------------------------------ FIFOs */

/* PATH [USER [GROUP]] */
static void read_fifo(struct conf_builder *builder, const struct conf_node *node, struct conf_fifo *fifo)
{
    struct user_draft owner = builder->global.script_user;

    if (!conf_need_word(builder, node, 1, "the path of a FIFO, and a user and a group if need be"))
        return;
    if (node->words[1].text[0] != '/') {
        conf_diagnostic_expect(builder->diagnostics,
                               conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                                             "'%s' is not an absolute path; this %s is ignored",
                                             node->words[1].text, node->words[0].text),
                               "a path that begins with '/'");
        return;
    }
    if (node->word_count > 2 && !conf_read_user(builder, node, 2, &owner))
        return;
    fifo->uid = owner.uid;
    fifo->gid = owner.gid;
    fifo->path = conf_model_strdup(builder->model, node->words[1].text);
}

void conf_handle_fifo(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_fifo(builder, node, &((struct global_draft *)draft)->fifo);
}

void conf_handle_vrrp_fifo(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_fifo(builder, node, &((struct global_draft *)draft)->vrrp_fifo);
}

void conf_handle_lvs_fifo(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    read_fifo(builder, node, &((struct global_draft *)draft)->lvs_fifo);
}

/* Whom it belongs to may have been said after it. */
static void settle_user(const struct global_draft *global, uint32_t *uid, uint32_t *gid)
{
    if (*uid == CONF_USER_LATER)
        *uid = global->script_user.uid;
    if (*gid == CONF_USER_LATER)
        *gid = global->script_user.gid;
}

static void settle_script(struct conf_builder *builder, struct conf_script *script)
{
    const struct global_draft *global = &builder->global;

    if (script->words.count > 0 && script->uid == CONF_USER_LATER && global->script_user_lack != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_REFERENCE, global->node, 0, "%s; %s will not run",
                      global->script_user_lack, script->words.items[0]);
        *script = (struct conf_script){0};
    }
    if (script->uid == CONF_USER_LATER)
        conf_run_as(script, &global->script_user);
}

static struct conf_fifo finish_fifo(struct conf_builder *builder, const struct conf_fifo *draft)
{
    struct conf_fifo fifo = *draft;

    if (fifo.path == NULL)
        return (struct conf_fifo){0};
    settle_user(&builder->global, &fifo.uid, &fifo.gid);
    settle_script(builder, &fifo.reader);
    return fifo;
}

static bool is_same_pipe(const struct conf_fifo *a, const struct conf_fifo *b)
{
    return a->path != NULL && b->path != NULL && strcmp(a->path, b->path) == 0;
}

/* One pipe has one reader, and no line twice. */
static void finish_fifos(struct conf_builder *builder)
{
    const struct global_draft *global = &builder->global;
    struct conf_global *model = &builder->model->global;

    model->fifo = finish_fifo(builder, &global->fifo);
    model->vrrp_fifo = finish_fifo(builder, &global->vrrp_fifo);
    model->lvs_fifo = finish_fifo(builder, &global->lvs_fifo);
    if (is_same_pipe(&model->fifo, &model->vrrp_fifo))
        model->vrrp_fifo = (struct conf_fifo){0};
    if (is_same_pipe(&model->fifo, &model->lvs_fifo))
        model->lvs_fifo = (struct conf_fifo){0};
    if (is_same_pipe(&model->vrrp_fifo, &model->lvs_fifo) && model->vrrp_fifo.reader.words.count > 0)
        model->lvs_fifo.reader = (struct conf_script){0};
    model->fifo_write_states_on_reload = conf_value_or(global->fifo_write_states_on_reload, 0) != 0;
}

/* ------------------------------------------------------------------ start and stop */

static void finish_start_and_stop(struct conf_builder *builder)
{
    struct global_draft *global = &builder->global;
    struct conf_global *model = &builder->model->global;

    settle_script(builder, &global->startup_script);
    settle_script(builder, &global->shutdown_script);
    model->startup_script = global->startup_script;
    model->shutdown_script = global->shutdown_script;
    model->startup_script_timeout_s =
        (uint32_t)conf_value_or(global->startup_script_timeout_s, SCRIPT_TIMEOUT_S);
    model->shutdown_script_timeout_s =
        (uint32_t)conf_value_or(global->shutdown_script_timeout_s, SCRIPT_TIMEOUT_S);
}

/* ------------------------------------------------------------------ mail */

#define PORT_SMTP         25
#define PORT_SMTPS        465 /* RFC 8314 */
#define CONNECT_TIMEOUT_S 30

/* HOST [PORT]: the name is looked up when mail is sent, and again if that fails. */
void conf_handle_smtp_server(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct global_draft *global = draft;
    int64_t port = CONF_UNSET;

    if (!conf_need_word(builder, node, 1, "a mail server, and a port if need be"))
        return;
    if (strpbrk(node->words[1].text, "/@ \t") != NULL) {
        conf_complain(builder, CONF_COMPLAINT, CONF_PROBLEM_VALUE, node, 1,
                      "'%s' is neither a host's name nor an address; this smtp_server is ignored",
                      node->words[1].text);
        return;
    }
    if (node->word_count > 2 && !conf_read_integer(builder, node, 2, 1, 65535, &port))
        return;
    global->mail.server = conf_model_strdup(builder->model, node->words[1].text);
    global->smtp_port = port;
}

void conf_handle_smtp_user(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct global_draft *global = draft;

    if (!conf_need_word(builder, node, 1, "a user name of the mail server"))
        return;
    global->mail.user = conf_model_strdup(builder->model, node->words[1].text);
    global->smtp_user = node;
}

/* A line may name several. */
void conf_entry_recipient(struct conf_builder *builder, const struct conf_node *node, void *draft)
{
    struct global_draft *global = draft;

    for (size_t word = 0; word < node->word_count; word++)
        conf_list_add(builder->model, &global->mail.recipients,
                      conf_model_strdup(builder->model, node->words[word].text));
}

bool conf_wants_alert(const struct conf_builder *builder, int64_t own, int64_t kind, bool otherwise)
{
    return conf_value_or(own, conf_value_or(kind, conf_value_or(builder->global.smtp_alert, otherwise))) != 0;
}

static void finish_mail(struct conf_builder *builder)
{
    const struct global_draft *global = &builder->global;
    struct conf_mail *mail = &builder->model->global.mail;

    *mail = global->mail;
    mail->tls = (enum conf_mail_tls)conf_value_or(global->smtp_tls, CONF_MAIL_TLS_OFF);
    mail->port = (uint16_t)(global->smtp_port != CONF_UNSET && global->smtp_port != 0 ? global->smtp_port
                            : mail->tls == CONF_MAIL_TLS_IMPLICIT                     ? PORT_SMTPS
                                                                                      : PORT_SMTP);
    if (mail->user != NULL && mail->tls == CONF_MAIL_TLS_OFF)
        conf_complain(builder, CONF_NOTE, CONF_PROBLEM_CONFLICT, global->smtp_user, 0,
                      "without smtp_tls the password travels in the clear");
    if (global->smtp_password != NULL)
        strncpy(mail->password, global->smtp_password, sizeof(mail->password) - 1);
    mail->connect_timeout_s = (uint32_t)conf_value_or(global->smtp_connect_timeout_s, CONNECT_TIMEOUT_S);
    if (mail->connect_timeout_s == 0)
        mail->connect_timeout_s = 1;
    mail->no_faults = conf_value_or(global->no_email_faults, 0) != 0;
}

void conf_finish_telling(struct conf_builder *builder)
{
    finish_fifos(builder);
    finish_start_and_stop(builder);
    finish_mail(builder);
}
