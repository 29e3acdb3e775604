/*
 * What checks over the network have in common: connecting, and what errors mean.
 */
#ifndef TANDEM_CHECKERS_CONNECTION_H
#define TANDEM_CHECKERS_CONNECTION_H

#include <sys/socket.h>

#include "checkers/check.h"

/* Begins to connect check->fd, which is then watched in PHASE_CONNECT. Reports and returns false if that
 * fails. */
bool connection_begin(struct check *check);

/* The socket's pending error, or 0. */
int connection_error(const struct check *check);

/* What an error of a socket that was handed to the network means (from SO_ERROR, send, recv). */
struct finding connection_finding(int error, enum verdict_phase phase);

/* The same of connect(): what is not known to come from the network is our own trouble. */
struct finding connection_local_finding(int error);

/* The address that is checked, for connect(). */
socklen_t connection_address(const struct check *check, struct sockaddr_storage *address);

#endif
