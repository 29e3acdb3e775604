/*
 * What checks over TCP have in common: a socket as the check's settings say, and what errors mean.
 */
#ifndef TANDEM_CHECKERS_CONNECTION_H
#define TANDEM_CHECKERS_CONNECTION_H

#include "checkers/check.h"

/* Makes the socket and begins to connect; check->fd is then watched in PHASE_CONNECT. Reports and returns
 * false if that fails. */
bool connection_begin(struct check *check);

/* The socket's pending error, or 0. */
int connection_error(const struct check *check);

/* What an error of a socket that was handed to the network means (from SO_ERROR, send, recv). */
struct finding connection_finding(int error, enum verdict_phase phase);

#endif
