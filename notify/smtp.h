/*
 * Sending mails, one after the other, through libcurl: name resolution, connection, TLS, AUTH, envelope. The
 * session stays open from one mail to the next until smtp_quit. Nothing here waits.
 */
#ifndef TANDEM_NOTIFY_SMTP_H
#define TANDEM_NOTIFY_SMTP_H

#include "conf/model.h"
#include "daemon/core/loop.h"

enum smtp_outcome {
    SMTP_SENT,
    SMTP_REFUSED, /* this mail, for good */
    SMTP_FAILED,  /* the server cannot be used now */
};

struct smtp_callbacks {
    /* What became of a mail; why is the reason in words, for any but SMTP_SENT. */
    void (*done)(enum smtp_outcome outcome, const char *why, void *data);
    /* The session has ended as smtp_quit wanted. */
    void (*quit)(void *data);
};

struct smtp;

/* NULL if libcurl cannot be used. callbacks must stay valid. */
struct smtp *smtp_new(struct loop *loop, const struct smtp_callbacks *callbacks, void *data);

/* For the mails from now on. conf must live until the next call; host is this machine's name. */
void smtp_configure(struct smtp *smtp, const struct conf_mail *conf, const char *host);

/* Takes text over. Only when nothing is under way. */
void smtp_send(struct smtp *smtp, char *text, size_t length);

/* Ends the session politely, if there is one; false if there is none. Only when nothing is under way. */
bool smtp_quit(struct smtp *smtp);

bool smtp_is_busy(const struct smtp *smtp);

#endif
