/*
 * TCP_CHECK: the server is good if it takes a connection within connect_timeout.
 */
#include "checkers/check.h"
#include "checkers/connection.h"

static void tcp_start(struct check *check)
{
    connection_begin(check);
}

static void tcp_ready(struct check *check, unsigned int ready)
{
    int error;

    if ((ready & LOOP_WRITE) == 0)
        return;
    error = connection_error(check);
    if (error != 0)
        engine_report(check, connection_finding(error, PHASE_CONNECT));
    else
        engine_report(check, finding_of(VERDICT_OK, PHASE_NONE, 0));
}

const struct check_type check_tcp = {.name = "TCP", .start = tcp_start, .ready = tcp_ready};
