/*
 * Asking a running daemon through its control socket: connect, one line out, one line back.
 */
#ifndef TANDEM_CTL_CLIENT_H
#define TANDEM_CTL_CLIENT_H

#include <json-c/json.h>
#include <stddef.h>

#include "daemon/ctl/request.h"

#define CTL_CLIENT_WHY 512

/* The socket that lies beside a pid file: ".pid" at the end becomes ".sock". The caller frees it. */
char *ctl_socket_beside(const char *pid_file);

/* The key of the marks for secrets that lies beside a socket. The caller frees it. */
char *ctl_key_beside(const char *socket_path);

/* What came with an answer; -1 = nothing. The caller closes them. */
struct ctl_enclosed {
    int descriptors[CTL_DESCRIPTORS_MAX];
};

/* Asks and waits at most timeout_ms. The answer is an object with "ok" (for the caller to put), or NULL with
 * words for the user in why. */
struct json_object *ctl_ask(const char *socket_path, enum ctl_verb verb, int timeout_ms,
                            char why[static CTL_CLIENT_WHY]);

/* The same for answers with descriptors. */
struct json_object *ctl_ask_enclosed(const char *socket_path, enum ctl_verb verb, int timeout_ms,
                                     struct ctl_enclosed *enclosed, char why[static CTL_CLIENT_WHY]);
void ctl_enclosed_close(struct ctl_enclosed *enclosed);

/* The same for tandemctl, which explains on stderr why there is no answer, or that it is a refusal: then
 * NULL. */
struct json_object *ctl_demand(const char *socket_path, enum ctl_verb verb, int timeout_ms,
                               struct ctl_enclosed *enclosed);

#endif
