/*
 * Log lines: from any process to the supervisor, and from there out.
 *
 * A child writes each line as one datagram to a socket the supervisor reads, without ever waiting:
 * when the socket is full the line is lost and counted, and the next line that fits says how many
 * were lost. The supervisor prefixes and forwards them (log_output.h). Before log_to_socket is
 * called, and in programs without a supervisor (tests, tandemctl), lines go to stderr.
 *
 * Levels: error = something an operator must repair; warning = degraded or will go wrong; notice
 * = a change of state; info = what an operator acts on; debug = the rest.
 */
#ifndef TANDEM_CORE_LOG_H
#define TANDEM_CORE_LOG_H

#include <stddef.h>
#include <stdint.h>

/* The values are syslog(3)'s. */
enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7,
};

#define LOG_LINE_BYTES 1000 /* longer lines are cut */

/* One line on its way to the supervisor; text is not terminated and fills the datagram's rest. */
struct log_datagram {
    uint32_t level; /* enum log_level */
    char text[LOG_LINE_BYTES];
};
#define LOG_DATAGRAM_HEAD offsetof(struct log_datagram, text)

/* Takes over fd, a SOCK_SEQPACKET or SOCK_DGRAM socket. */
void log_to_socket(int fd);

/* Lines above this level are dropped at the source; LOG_LEVEL_INFO at first. */
void log_set_level(enum log_level level);

/* Where lines go instead, for the supervisor and for tests. */
typedef void log_sink(enum log_level level, const char *text, void *data);
void log_to_sink(log_sink *sink, void *data);

/* One line, without a newline; longer ones are cut at LOG_LINE_BYTES. Never waits. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Logs the line as an error and ends the process with status 1. */
void log_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
